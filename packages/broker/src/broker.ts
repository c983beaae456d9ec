/**
 * The broker: puts file system, logs, metadata, handlers and server together, in the order in which they need each other,
 * and takes them apart again. Owner of all of them; a directory has one broker (`storage/directory-lock.ts`).
 *
 * Start: lock → logs → metadata log and image → listen → register this node → logs follow the metadata → topics asked for.
 * Listening comes before registering because the metadata tells clients the port; no request is handled in between, since
 * everything from the registration on happens in one turn of the event loop.
 */
import { dirname } from 'node:path'
import {
  type Clock,
  ConfigError,
  KafkaError,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@samsa/runtime'
import { BufferPool, type ConfigOf, childLogger, parseOptions } from '@samsa/runtime/internal'
import { BrokerNodes, type NodeParts } from './cluster/broker-nodes.js'
import { Coordinators } from './cluster/coordinators.js'
import { LogApplier } from './cluster/log-applier.js'
import { Partitions } from './cluster/partitions.js'
import { checkBrokerProperties } from './config/broker-configs.js'
import { Configs } from './config/dynamic-config.js'
import { CoordinatorRuntimes } from './coordinator/coordinator-runtimes.js'
import { GroupCoordinator } from './coordinator/group/group-coordinator.js'
import { groupLimits } from './coordinator/group/group-runtime.js'
import { TransactionCoordinator } from './coordinator/txn/transaction-coordinator.js'
import { FetchSessions } from './fetch/fetch-sessions.js'
import { brokerHandlers, type HandlerDeps } from './handlers/index.js'
import type { CleanerSettings } from './log/cleaner/log-cleaner.js'
import { METADATA_TOPIC } from './log/data-directory.js'
import type { LogConfig } from './log/log-config.js'
import { LogManager } from './log/log-manager.js'
import { Controller } from './metadata/controller.js'
import { type EndpointImage, MetadataImage } from './metadata/image.js'
import { MetadataLog } from './metadata/metadata-log.js'
import { MetadataSnapshots } from './metadata/metadata-snapshots.js'
import { partitionMetadataStorage } from './metadata/metadata-storage.js'
import { ProducerIds } from './metadata/producer-ids.js'
import { registerNeighbour, registerNode } from './metadata/registration.js'
import { type BrokerOptions, type brokerOptionRows, brokerOptions } from './options.js'
import { defaultHeldMaxBytes, defaultServerLimits, type ServerLimits } from './server/broker-server.js'
import type { Handler } from './server/context.js'
import { type Endpoint, type Listener, TcpListener } from './server/listener.js'
import { Router } from './server/router.js'
import { ServedVersions } from './server/served-versions.js'
import { DirectoryLock } from './storage/directory-lock.js'
import { DiskFileSystem } from './storage/disk.js'
import type { FileSystem } from './storage/file-system.js'
import { MemoryFileSystem } from './storage/memory.js'

/** Kafka's own id of the topic that the metadata log is. */
const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const MEMORY_DIRECTORY = '/samsa'
const FETCH_SESSION_EVICTION_MS = 120_000
const PLAINTEXT = 0
const HIGHEST_PORT = 65_535

/** Settings that follow from options, or that this broker has only one way to have. */
const SETTINGS_BY_OPTION: Readonly<Record<string, string>> = {
  listeners: 'host and port',
  'advertised.listeners': 'advertisedHost and advertisedPort',
  'log.dirs': 'dataDir',
  'log.dir': 'dataDir',
}

type Options = ConfigOf<typeof brokerOptionRows>

/** Starts a broker. It serves when the promise resolves. */
export async function createBroker(options: BrokerOptions = {}): Promise<Broker> {
  return Broker.start(parseOptions(brokerOptions, options))
}

/** What a broker is made of, for `testing`: it is no part of what users see. */
export let partsOf: (broker: Broker) => Parts

export class Broker implements AsyncDisposable {
  /** What clients are told to start from: `host:port`, of each node. */
  readonly bootstrapServers: string
  readonly host: string
  readonly port: number
  readonly clusterId: string
  /** Undefined where everything is kept in memory. */
  readonly dataDir: string | undefined
  readonly #parts: Parts
  readonly #closeTimeoutMs: number
  #closing: Promise<void> | undefined

  static {
    partsOf = broker => broker.#parts
  }

  private constructor(parts: Parts, endpoint: Endpoint, options: Options) {
    this.#parts = parts
    this.#closeTimeoutMs = options.closeTimeoutMs
    this.host = endpoint.host
    this.port = endpoint.port
    this.bootstrapServers = Array.from(parts.nodes, node => addressOf(node.endpoint)).join()
    this.clusterId = parts.logs.clusterId
    this.dataDir = options.dataDir
  }

  static async start(options: Options): Promise<Broker> {
    const properties = checkedProperties(options)
    checkNodes(options)
    const served = new ServedVersions(options)
    const { dataDir: onDisk, maxOpenFiles } = options
    const fileSystem =
      options.fileSystem ?? (onDisk === undefined ? new MemoryFileSystem() : new DiskFileSystem({ maxOpenFiles }))
    const dataDir = options.dataDir ?? MEMORY_DIRECTORY
    await makeDataDirectory(fileSystem, dataDir)
    const isOnDisk = options.dataDir !== undefined && options.fileSystem === undefined
    const lock = isOnDisk ? await DirectoryLock.acquire(dataDir) : undefined
    let parts: Parts | undefined
    try {
      parts = await assemble(options, { properties, fileSystem, dataDir, lock, served })
      return new Broker(parts, await serve(parts, options), options)
    } catch (error) {
      // Why the broker does not start is what is told, whatever happens to its logs because of that.
      parts?.applier.stop()
      parts?.runtimes.close()
      await parts?.logs.close().catch(() => undefined)
      await lock?.release()
      throw error
    }
  }

  /** Answers what is under way, brings everything to disk, and leaves the mark of a clean stop. Twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { nodes, logs, lock, metadata, snapshots, nodeId, applier, runtimes } = this.#parts
    applier.stop()
    // Whoever waits for a rebalance is sent away: it has all the time in the world, and the broker has not.
    runtimes.close()
    try {
      await nodes.close({ deadlineMs: this.#closeTimeoutMs })
      await snapshots.stop()
      await logs.close(Number(metadata.image.broker(nodeId)?.epoch ?? -1))
    } finally {
      await lock?.release()
    }
  }
}

interface Place {
  readonly properties: ReadonlyMap<string, string>
  readonly fileSystem: FileSystem
  readonly dataDir: string
  readonly lock: DirectoryLock | undefined
  readonly served: ServedVersions
}

export interface Parts extends Place {
  readonly nodeId: number
  readonly logger: Logger
  readonly logs: LogManager
  readonly metadata: MetadataLog
  readonly snapshots: MetadataSnapshots
  readonly configs: Configs
  readonly controller: Controller
  readonly coordinators: Coordinators
  readonly runtimes: CoordinatorRuntimes
  readonly applier: LogApplier
  readonly nodes: BrokerNodes
  readonly clock: Clock
}

/** Opens everything that is on disk, and makes the rest. Nothing listens yet. */
async function assemble(options: Options, place: Place): Promise<Parts> {
  const { properties, fileSystem, dataDir, served } = place
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = options
  const nodeId = Number(properties.get('node.id') ?? 1)
  // Before the metadata is read, what logs do follows from the static settings alone.
  let settings = new Configs({ image: new MetadataImage(), nodeId, properties })
  const buffers = new BufferPool()
  const logs = await openLogs(options, place, { settings: () => settings, nodeId, buffers })
  try {
    const metadata = openMetadata(logs, fileSystem, settings, clock)
    mustKnowTopics(metadata, logs, dataDir)
    // What a crash left is in the image now, and may not be on disk yet.
    await metadata.sync()
    const configs = new Configs({ image: metadata.image, nodeId, properties })
    const snapshots = new MetadataSnapshots({
      log: metadata,
      fileSystem,
      directory: metadata.directory,
      clock,
      logger: childLogger(logger, { part: 'metadata' }),
      maxBytesBetween: configs.number('metadata.log.max.record.bytes.between.snapshots'),
      maxIntervalMs: configs.number('metadata.log.max.snapshot.interval.ms'),
      retentionBytes: configs.number('metadata.max.retention.bytes'),
    })
    settings = configs
    const controller = new Controller(metadata, { configs, random, nodeId, directoryId: logs.directoryId })
    const applier = new LogApplier({ image: metadata.image, logs, configs, logger, clock })
    const coordinators = new Coordinators(controller)
    const producerIds = new ProducerIds(controller)
    const about = { image: metadata.image, logs, configs, clock, random, logger }
    const { rebalanceHeartbeatMs } = options
    const runtimes = new CoordinatorRuntimes({ ...about, rebalanceHeartbeatMs, producerIds, coordinators })
    const shared = {
      clock,
      coordinators,
      runtimes,
      served,
      logs,
      producerIds,
      directory: dataDir,
      space: () => fileSystem.space(dataDir),
    }
    const parts = Array.from({ length: options.nodes }, (_, index) => {
      const own = index === 0 ? controller : neighbourOf(controller, metadata, nodeId + index, properties)
      return assembleNode(own, listenerOf(options, nodeId, index), shared, { random, logger })
    })
    const nodes = new BrokerNodes(parts, controller, { clock, logger, buffers, limits: serverLimits(configs) })
    return {
      ...place,
      nodeId,
      logger,
      logs,
      metadata,
      snapshots,
      configs,
      controller,
      coordinators,
      runtimes,
      applier,
      nodes,
      clock,
    }
  } catch (error) {
    await logs.close().catch(() => undefined)
    throw error
  }
}

/** `settings` may be others later, when the metadata is there. */
function openLogs(
  options: Options,
  { fileSystem, dataDir }: Place,
  {
    settings,
    nodeId,
    buffers,
  }: { readonly settings: () => Configs; readonly nodeId: number; readonly buffers: BufferPool },
): Promise<LogManager> {
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = options
  return LogManager.open({
    fileSystem,
    dataDir,
    clock,
    random,
    nodeId,
    flush: options.flush,
    defaultConfig: settings().defaultLogConfig(),
    logger: childLogger(logger, { part: 'log' }),
    recentBytes: options.recentBytes,
    buffers,
    checkRecords: options.checkRecords,
    producerIdExpirationMs: settings().number('producer.id.expiration.ms'),
    retentionCheckMs: settings().number('log.retention.check.interval.ms'),
    checkpointMs: settings().number('log.flush.offset.checkpoint.interval.ms'),
    cleaner: settings().boolean('log.cleaner.enable') ? () => cleanerSettings(settings()) : undefined,
  })
}

/** The controller as another node has it: the same log, and the settings of that node. */
function neighbourOf(
  { view }: Controller,
  metadata: MetadataLog,
  nodeId: number,
  properties: ReadonlyMap<string, string>,
): Controller {
  const own = new Map(properties).set('node.id', String(nodeId))
  const configs = new Configs({ image: view.image, nodeId, properties: own })
  return new Controller(metadata, { configs, random: view.random, nodeId, directoryId: view.directoryId })
}

/** What each node has of its own. */
type NodeDeps = 'controller' | 'partitions' | 'sessions' | 'groups' | 'transactions' | 'admission' | 'markers'

interface SharedDeps extends Omit<HandlerDeps, NodeDeps> {
  readonly runtimes: CoordinatorRuntimes
}

function assembleNode(
  controller: Controller,
  listener: Listener,
  shared: SharedDeps,
  { random, logger }: { readonly random: Random; readonly logger: Logger },
): NodeParts {
  const { configs, image, nodeId } = controller.view
  const sessions = new FetchSessions({
    maxSessions: configs.number('max.incremental.fetch.session.cache.slots'),
    evictionMs: FETCH_SESSION_EVICTION_MS,
    random,
  })
  const { coordinators, runtimes } = shared
  const { admission, markers } = runtimes
  const groups = new GroupCoordinator({ nodeId, runtime: runtimes.groups, coordinators, limits: groupLimits(configs) })
  const transactions = new TransactionCoordinator({
    nodeId,
    runtime: runtimes.transactions,
    coordinators,
    maxTimeoutMs: configs.number('transaction.max.timeout.ms'),
  })
  const handlersOver = (partitions: Partitions): Handler[] =>
    brokerHandlers({ ...shared, controller, partitions, sessions, groups, transactions, admission, markers })
  const router = new Router(handlersOver(new Partitions(() => image, shared.logs, nodeId)), logger)
  return { nodeId, listener, router, sessions, handlersOver }
}

function serverLimits(configs: Configs): ServerLimits {
  const requestMaxBytes = configs.number('socket.request.max.bytes')
  const heldMaxBytes = configs.number('queued.max.request.bytes')
  return {
    ...defaultServerLimits,
    requestMaxBytes,
    maxIdleMs: configs.number('connections.max.idle.ms'),
    maxConnections: configs.number('max.connections'),
    maxConnectionsPerIp: configs.number('max.connections.per.ip'),
    heldMaxBytes: heldMaxBytes > 0 ? heldMaxBytes : defaultHeldMaxBytes(requestMaxBytes),
  }
}

function cleanerSettings(configs: Configs): CleanerSettings {
  return {
    backoffMs: configs.number('log.cleaner.backoff.ms'),
    dedupeBufferBytes: configs.number('log.cleaner.dedupe.buffer.size'),
    dedupeLoadFactor: configs.number('log.cleaner.io.buffer.load.factor'),
    ioBufferBytes: configs.number('log.cleaner.io.buffer.size'),
  }
}

function openMetadata(
  logs: LogManager,
  fileSystem: FileSystem,
  settings: Configs,
  clock: typeof systemClock,
): MetadataLog {
  const config: LogConfig = {
    ...settings.defaultLogConfig(),
    // Snapshots are what shortens the metadata log; retention must never.
    cleanupPolicy: { delete: false, compact: false },
    retentionMs: -1,
    retentionBytes: -1,
    segmentBytes: settings.number('metadata.log.segment.bytes'),
    segmentMs: settings.number('metadata.log.segment.ms'),
  }
  const log = logs.get(METADATA_TOPIC, 0) ?? logs.create(METADATA_TOPIC, 0, METADATA_TOPIC_ID, config)
  log.updateConfig(config)
  const { directory } = log
  return MetadataLog.open({
    storage: partitionMetadataStorage(log, fileSystem, directory),
    fileSystem,
    directory,
    clock,
  })
}

/** The directory, and all that had to be made above it, are on disk afterwards. */
async function makeDataDirectory(fileSystem: FileSystem, dataDir: string): Promise<void> {
  const parents: string[] = []
  for (let path = dataDir; !fileSystem.exists(path) && dirname(path) !== path; path = dirname(path)) {
    parents.push(dirname(path))
  }
  fileSystem.makeDirectory(dataDir)
  for (const parent of parents.reverse()) await fileSystem.syncDirectory(parent)
}

/**
 * Logs of topics that the metadata does not know are set aside; where it knows nothing at all, it is what got lost. Unless
 * a first term began there: then power was lost before any topic was acknowledged.
 */
function mustKnowTopics(metadata: MetadataLog, logs: LogManager, dataDir: string): void {
  const { length } = Array.from(logs.all())
  if (!metadata.isEmpty || metadata.leaderEpoch > 0 || length === 0) return
  const message = `${dataDir} has ${length} logs, but no metadata that says to which topics they belong. Put ${METADATA_TOPIC}-0 back, or move the logs elsewhere.`
  throw new KafkaError(message, { code: 'METADATA_LOST' })
}

/** Listens, tells the metadata where, and brings logs and topics in line. Returns where clients connect. */
async function serve(parts: Parts, options: Options): Promise<Endpoint> {
  const { nodes, metadata, snapshots, logs, nodeId, applier, controller, runtimes } = parts
  await nodes.listen()
  try {
    const { endpoint } = nodes.node(nodeId)
    registerNodes(parts, options.random ?? systemRandom)
    applier.applyAll()
    logs.startCleanup()
    runtimes.follow()
    metadata.onChange(delta => {
      applier.apply(delta)
      runtimes.followMetadata(delta)
    })
    snapshots.start()
    createInitialTopics(controller, options)
    await metadata.sync()
    return endpoint
  } catch (error) {
    await snapshots.stop()
    await nodes.close({ deadlineMs: 0 })
    throw error
  }
}

function registerNodes({ nodes, metadata, logs, nodeId }: Parts, random: Random): void {
  const { directoryId } = logs
  for (const { nodeId: id, endpoint, parts } of nodes) {
    const local = (name: string): EndpointImage => ({ name, ...endpoint, securityProtocol: PLAINTEXT })
    const node = { nodeId: id, directoryId, listeners: [local(parts.listener.name)], rack: null }
    if (id !== nodeId) registerNeighbour(metadata, node, random)
    else registerNode(metadata, { ...node, controllerListener: local('CONTROLLER') }, random, logs.wasCleanStop)
  }
}

function createInitialTopics(controller: Controller, options: Options): void {
  const topics = Object.entries(options.topics).map(([name, { partitions, configs = {} }]) => ({
    name,
    numPartitions: partitions ?? -1,
    replicationFactor: -1,
    assignments: [],
    unknownTags: undefined,
    configs: Object.entries(configs).map(([config, value]) => ({ name: config, value, unknownTags: undefined })),
  }))
  for (const { name, errorCode, errorMessage } of controller.createTopics(topics, false)) {
    // A topic that is there is what was asked for.
    if (errorCode === 0 || errorCode === 36) continue
    throw new ConfigError(`topics: '${name}' cannot be created: ${errorMessage}`)
  }
}

/** Of the node with that index, the first being 0. Ports follow each other, unless the system chooses them. */
function listenerOf(options: Options, firstNodeId: number, index: number): Listener {
  const { listener, host, port, advertisedHost, advertisedPort } = options
  if (typeof listener === 'function') return listener(firstNodeId + index)
  if (listener !== undefined) return listener
  return new TcpListener({
    host,
    port: port === 0 ? 0 : port + index,
    advertisedHost,
    advertisedPort: advertisedPort === undefined ? undefined : advertisedPort + index,
  })
}

/** What options cannot say for themselves: which of them do not go together. */
function checkNodes({ nodes, dataDir, listener, port, advertisedPort = 0 }: Options): void {
  if (nodes === 1) return
  if (dataDir !== undefined) {
    throw new ConfigError('nodes: more than one is for tests and in memory only; leave out dataDir, or have one node')
  }
  if (typeof listener === 'object') {
    throw new ConfigError('listener: with more than one node it must be a function that makes the listener of a node')
  }
  if (Math.max(port, advertisedPort) + nodes - 1 > HIGHEST_PORT) {
    throw new ConfigError(`nodes: ${nodes} of them have no room above the port that the first one has`)
  }
}

function addressOf({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function checkedProperties(options: Options): Map<string, string> {
  for (const [name, instead] of Object.entries(SETTINGS_BY_OPTION)) {
    if (Object.hasOwn(options.properties, name)) throw new ConfigError(`properties: '${name}' is set with ${instead}`)
  }
  const properties = checkBrokerProperties(options.properties)
  const { host, port, advertisedHost = host, advertisedPort = port, dataDir = MEMORY_DIRECTORY } = options
  properties.set('listeners', `PLAINTEXT://${host}:${port}`)
  properties.set('advertised.listeners', `PLAINTEXT://${advertisedHost}:${advertisedPort}`)
  properties.set('log.dirs', dataDir)
  if (!properties.has('node.id')) properties.set('node.id', properties.get('broker.id') ?? '1')
  return properties
}
