/**
 * A broker of handlers of administration alone, over a metadata log in memory: for tests that ask one handler after
 * another. Requests and answers go through the codec of the version, as they would over a socket.
 */
import { type Api, type Decoded, decodeResponse, encodeRequest, type MessageCodec } from '@samsa/protocol'
import { ManualClock, SeededRandom, silentLogger } from '@samsa/runtime'
import { checkBrokerProperties } from '../config/broker-configs.js'
import { Configs } from '../config/dynamic-config.js'
import { Controller } from '../metadata/controller.js'
import { MetadataLog } from '../metadata/metadata-log.js'
import { arrayMetadataStorage } from '../metadata/metadata-storage.js'
import { registerNode } from '../metadata/registration.js'
import type { ConnectionInfo, Handler } from '../server/context.js'
import { Router } from '../server/router.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { metadataHandler } from './03-metadata.js'
import { createTopicsHandler } from './19-create-topics.js'
import { deleteTopicsHandler } from './20-delete-topics.js'
import { describeConfigsHandler } from './32-describe-configs.js'
import { alterConfigsHandler } from './33-alter-configs.js'
import { createPartitionsHandler } from './37-create-partitions.js'
import { electLeadersHandler } from './43-elect-leaders.js'
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs.js'
import { alterPartitionReassignmentsHandler } from './45-alter-partition-reassignments.js'
import { listPartitionReassignmentsHandler } from './46-list-partition-reassignments.js'
import { describeClusterHandler } from './60-describe-cluster.js'
import { listConfigResourcesHandler } from './74-list-config-resources.js'
import { describeTopicPartitionsHandler } from './75-describe-topic-partitions.js'
import type { AdminDeps } from './admin.js'

export const CLUSTER_ID = 'y84vtczRihet6DKGeXOUtA'
const DIRECTORY = '/data/__cluster_metadata-0'
const listener = { name: 'PLAINTEXT', host: '127.0.0.1', port: 9092, securityProtocol: 0 }

export interface TestAdmin {
  readonly log: MetadataLog
  readonly controller: Controller
  readonly configs: Configs
  readonly handlers: readonly Handler[]
  /** Asks as a client would. */
  ask<Request, Response>(api: Api<Request, Response>, request: Request, version: number): Promise<Decoded<Response>>
}

export function testAdmin(
  properties: Readonly<Record<string, string>> = {},
  acknowledged: AdminDeps['acknowledged'] = () => undefined,
): TestAdmin {
  const fileSystem = new MemoryFileSystem()
  fileSystem.makeDirectory(DIRECTORY)
  const random = new SeededRandom('admin')
  const clock = new ManualClock()
  const log = MetadataLog.open({ storage: arrayMetadataStorage(), fileSystem, directory: DIRECTORY, clock })
  const node = { nodeId: 1, directoryId: '9LxQPCF2tfGINvzERJDEQA' }
  const addresses = { listeners: [listener], controllerListener: { ...listener, name: 'CONTROLLER', port: 9093 } }
  registerNode(log, { ...node, ...addresses, rack: null }, random, true)
  const configs = new Configs({ image: log.image, nodeId: 1, properties: checkBrokerProperties(properties) })
  const controller = new Controller(log, { configs, random, ...node })
  const handlers = handlersOf({ controller, acknowledged, clusterId: CLUSTER_ID })
  const router = new Router(handlers, silentLogger)
  return {
    log,
    controller,
    configs,
    handlers,
    ask: (api, request, version) => ask(router, api, request, version),
  }
}

function handlersOf(deps: AdminDeps & { readonly clusterId: string }): Handler[] {
  return [
    metadataHandler(deps),
    createTopicsHandler(deps),
    deleteTopicsHandler(deps),
    describeConfigsHandler(deps),
    alterConfigsHandler(deps),
    createPartitionsHandler(deps),
    electLeadersHandler(deps),
    incrementalAlterConfigsHandler(deps),
    alterPartitionReassignmentsHandler(deps),
    listPartitionReassignmentsHandler(),
    describeClusterHandler(deps),
    listConfigResourcesHandler(deps),
    describeTopicPartitionsHandler(deps),
  ]
}

const LENGTH_BYTES = 4

async function ask<Request, Response>(
  router: Router,
  api: Api<Request, Response>,
  request: Request,
  version: number,
): Promise<Decoded<Response>> {
  const frame = Buffer.concat(
    encodeRequest({ ...api, response: nothing }, request, { version, correlationId: 1, clientId: null }),
  )
  const { signal } = new AbortController()
  const answer = await router.dispatch(connection, frame.subarray(LENGTH_BYTES), signal).answer
  return decodeResponse({ ...api, request: nothing }, version, Buffer.concat(answer).subarray(LENGTH_BYTES)).body
}

const connection: ConnectionInfo = {
  id: '1',
  peer: 'memory:1',
  peerHost: 'memory',
  listenerName: 'PLAINTEXT',
  clientSoftware: { name: 'unknown', version: 'unknown' },
  clientId: null,
  isClosed: false,
  hold: () => {},
  onClose: () => {},
}

/** In place of the half of an API that a call has no use for. */
const nothing: MessageCodec<unknown> = { name: 'nothing', encode: () => {}, decode: () => ({}) }
