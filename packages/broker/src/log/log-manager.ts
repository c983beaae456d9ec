/**
 * LogManager: all logs of one data directory. Opens them after a stop of any kind, makes and deletes them, brings them to
 * disk as the flush mode says, and does what must be done from time to time: retention, compaction, checkpoints, expiry of
 * producers.
 * Owns the directory; one broker holds its lock.
 *
 * Background work runs on timers of the clock, one run of a job at a time. A log whose disk failed goes offline and is left
 * out of everything; so is a directory that cannot be opened; the others go on. What a full or read-only disk refused is
 * done when it no longer does: nothing goes offline for that.
 */
import { type Uuid, ZERO_UUID } from '@samsa/protocol'
import { type Clock, KafkaError, type Logger, type Random, silentLogger, type Timer } from '@samsa/runtime'
import { BufferPool, repeatEvery } from '@samsa/runtime/internal'
import type { FileSystem } from '../storage/file-system.js'
import { isPassing, StorageError } from '../storage/storage-error.js'
import { readPartitionMetadata } from './checkpoints.js'
import { type CleanerSettings, LogCleaner } from './cleaner/log-cleaner.js'
import {
  claimDirectory,
  type DirectoryIdentity,
  isDeletedDirectory,
  METADATA_TOPIC,
  type PartitionName,
  parsePartitionName,
  partitionOfDeleted,
  retiredDirectoryName,
  takeCleanShutdownMark,
  writeCleanShutdownMark,
} from './data-directory.js'
import { Flusher, type FlushMode } from './flusher.js'
import { segmentOffsets } from './leftovers.js'
import type { LogConfig } from './log-config.js'
import { type CheckpointedState, OffsetCheckpoints } from './offset-checkpoints.js'
import { PartitionLog } from './partition-log.js'
import { RecentBatches } from './recent-batches.js'
import { fileNameOf, LOG_SUFFIX } from './segment.js'

const CHECKPOINT_EVERY_MS = 60_000
const RETENTION_CHECK_EVERY_MS = 300_000
const PRODUCER_EXPIRY_CHECK_EVERY_MS = 600_000
const FLUSH_CHECK_EVERY_MS = 1000
const PRODUCER_ID_EXPIRATION_MS = 86_400_000
/** Most of a stop is waiting for the disk, which waits for several logs as long as for one. */
const CLOSED_AT_ONCE = 16
/** After records or logs were deleted, their offsets must not come back with a crash much later. */
const CHECKPOINT_SOON_MS = 100

export interface LogManagerOptions {
  readonly fileSystem: FileSystem
  readonly dataDir: string
  readonly clock: Clock
  readonly random: Random
  readonly nodeId: number
  /** For a directory that is new; one that is not must have it. Default: drawn. */
  readonly clusterId?: string | undefined
  readonly flush: FlushMode
  /** What logs do until their topic's configuration is known. */
  readonly defaultConfig: LogConfig
  readonly logger?: Logger | undefined
  /** Budget of recently appended batches, of all logs together. */
  readonly recentBytes?: number | undefined
  /** Memory for reads; whoever shares it lends and takes. Default: a pool of its own. */
  readonly buffers?: BufferPool | undefined
  readonly checkRecords?: boolean | undefined
  readonly producerIdExpirationMs?: number | undefined
  readonly retentionCheckMs?: number | undefined
  readonly checkpointMs?: number | undefined
  /** Settings of compaction, as they are now. Without them nothing is compacted. */
  readonly cleaner?: (() => CleanerSettings) | undefined
}

/** As much of a metadata image as tells which logs belong to a topic. */
export interface KnownTopics {
  topicById(id: Uuid): { readonly name: string; readonly partitions: readonly unknown[] } | undefined
}

export class LogManager {
  readonly clusterId: string
  readonly nodeId: number
  readonly directoryId: Uuid
  /** Whether the last owner of the directory stopped cleanly. */
  readonly wasCleanStop: boolean
  readonly #options: LogManagerOptions
  readonly #logger: Logger
  readonly #buffers: BufferPool
  readonly #recentBatches: RecentBatches
  readonly #flusher = new Flusher()
  readonly #logs = new Map<string, PartitionLog>()
  /** Directories that could not be opened. Nothing may be made in their place. */
  readonly #failed = new Map<string, FailedDirectory>()
  /** Partitions that are deleted, whose directories the disk did not let be renamed. */
  readonly #undeleted = new Set<string>()
  /** Where the metadata ended when a log was made: its topic is on disk when the metadata up to there is. */
  readonly #madeAt = new WeakMap<PartitionLog, number>()
  /** Directories that an earlier process took out of use. */
  readonly #deleted: string[] = []
  readonly #timers = new Set<Timer>()
  readonly #checkpoints: OffsetCheckpoints
  #claiming: Promise<void> | undefined
  #keepingStarts: Promise<void> | undefined
  readonly #cleaner: LogCleaner | undefined
  #checkpointTimer: Timer | undefined
  #closing: Promise<void> | undefined

  private constructor(options: LogManagerOptions, identity: DirectoryIdentity, wasCleanStop: boolean) {
    this.clusterId = identity.clusterId
    this.nodeId = identity.nodeId
    this.directoryId = identity.directoryId
    this.wasCleanStop = wasCleanStop
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#checkpoints = new OffsetCheckpoints({ ...options, logs: () => this.#logs.values(), logger: this.#logger })
    this.#buffers = options.buffers ?? new BufferPool()
    this.#recentBatches = new RecentBatches(this.#buffers, options.recentBytes)
    const { clock, cleaner: settings } = options
    this.#cleaner =
      settings &&
      new LogCleaner({
        clock,
        logger: this.#logger,
        logs: () => this.all(),
        settings,
        checkpoint: () => this.#attempt('write checkpoints', () => this.#checkpoints.writeBeforePass()),
      })
  }

  /** Opens all logs of the directory. After a clean stop that reads no data, however much there is. */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const { fileSystem, dataDir } = options
    const identity = claimDirectory(fileSystem, dataDir, options)
    const wasCleanStop = takeCleanShutdownMark(fileSystem, dataDir)
    const manager = new LogManager(options, identity, wasCleanStop)
    // The mark must be gone from the disk before anything is appended, or a loss of power brings it back.
    if (wasCleanStop) await fileSystem.syncDirectory(dataDir)
    manager.#openAll()
    // What is appended below a recovery point that is not true any more would not be checked after a crash.
    if (manager.#checkpoints.areAhead) manager.#attempt('write checkpoints', () => manager.checkpoint())
    // Of a new directory nothing is another program's.
    if (manager.#logs.size + manager.#failed.size + manager.#deleted.length === 0) await manager.#claim()
    // Read from now on, be it that a killed process left it: a loss of power must not take it back.
    if (options.flush === 'always') await manager.#flushWhere(() => true)
    manager.#startJobs()
    return manager
  }

  /**
   * Makes a log, or opens what an earlier attempt has made. Never one of another topic: that is set aside. What could not be
   * opened at the start is opened if the disk allows it now, and refused if there is more wrong with it.
   */
  create(topic: string, partition: number, topicId: Uuid, config: LogConfig): PartitionLog {
    const name = `${topic}-${partition}`
    if (this.#closing !== undefined) throw closedError()
    if (this.#logs.has(name)) {
      throw new KafkaError(`There is a log of ${name} already.`, { code: 'TOPIC_ALREADY_EXISTS', topic, partition })
    }
    const failed = this.#failed.get(name)
    if (failed !== undefined) return this.#reopen({ topic, partition }, topicId, config, failed)
    this.#clearTheWay({ topic, partition }, topicId)
    return this.#make({ topic, partition }, topicId, config)
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(`${topic}-${partition}`)
  }

  /** Takes the log out of use at once; its files go later. So does a directory that could not be opened. */
  delete(topic: string, partition: number): void {
    const log = this.get(topic, partition)
    const key = `${topic}-${partition}`
    if (log === undefined && !this.#failed.has(key)) return
    const { clock, dataDir, defaultConfig } = this.#options
    if (log !== undefined) this.#checkpoints.keep(key, log)
    const path =
      log === undefined
        ? this.#rename(`${dataDir}/${key}`, { topic, partition }, 'delete')
        : this.#retire(log, 'delete')
    this.#failed.delete(key)
    const deletedAt = this.get(METADATA_TOPIC, 0)?.logEndOffset ?? 0
    const timer = clock.timer(
      (log?.config ?? defaultConfig).fileDeleteDelayMs,
      () => {
        this.#timers.delete(timer)
        void this.#removeDeleted(path, key, deletedAt)
      },
      { name: 'delete partition', unref: true },
    )
    this.#timers.add(timer)
  }

  /**
   * Removes the files of a deleted log, once the deletion itself is on disk: until then a loss of power undoes it, and the
   * log is put back as it was. Where that fails, the next start decides.
   */
  async #removeDeleted(path: string, key: string, deletedAt: number): Promise<void> {
    try {
      const metadata = this.get(METADATA_TOPIC, 0)
      if (metadata !== undefined && metadata.recoveryPoint < deletedAt) await this.#flusher.flush(metadata)
      this.#options.fileSystem.removeDirectory(path)
      if (!this.#logs.has(key) && !this.#failed.has(key)) this.#checkpoints.forget(key)
    } catch (error) {
      this.#report(`delete ${path}`, error)
    }
  }

  /** Takes a log out of use that belongs to nothing. Its files are kept under another name, for a person to look at. */
  setAside(topic: string, partition: number): void {
    const log = this.get(topic, partition)
    if (log !== undefined) this.#retire(log, 'stray')
  }

  /** All logs but the metadata log's. */
  *all(): Iterable<PartitionLog> {
    for (const log of this.#logs.values()) if (log.topic !== METADATA_TOPIC) yield log
  }

  /** Logs that belong to no topic: left by a deletion that was not finished, or by someone's copying. */
  strays(topics: KnownTopics): PartitionLog[] {
    return [...this.all()].filter(log => {
      const topic = topics.topicById(log.topicId)
      return topic === undefined || topic.name !== log.topic || log.partition >= topic.partitions.length
    })
  }

  /**
   * Removes what was deleted, now that it is known whether the metadata says so too: a loss of power may keep the renaming
   * of a directory and take the record of the deletion, which nobody was told of. Such a log is put back.
   */
  settleDeletions(topics: KnownTopics): void {
    const { fileSystem, dataDir } = this.#options
    for (const name of this.#deleted.splice(0)) {
      this.#attempt(`delete ${dataDir}/${name}`, () => {
        const place = this.#placeOfDeleted(name, topics)
        if (place === undefined) {
          fileSystem.removeDirectory(`${dataDir}/${name}`)
          return
        }
        fileSystem.rename(`${dataDir}/${name}`, `${dataDir}/${place}`)
        this.#openFound(place)
      })
    }
    this.#checkpoints.keepOnly(this.#failed)
  }

  /** Directories that could not be opened, with the reason. */
  failures(): ReadonlyMap<string, unknown> {
    return new Map(Array.from(this.#failed, ([name, { error }]) => [name, error]))
  }

  /** Why the directory of a partition could not be opened, which was reported then. */
  failureOf(topic: string, partition: number): unknown {
    return this.#failed.get(`${topic}-${partition}`)?.error
  }

  /**
   * What an acknowledgement must wait for: by the flush mode nothing, or that everything in the log is on disk, and that
   * its topic exists there. Metadata is brought to disk in every mode, as by Kafka. Batches that wait together share a sync.
   */
  acknowledged(log: PartitionLog): Promise<void> | undefined {
    const unflushed = log.logEndOffset - log.recoveryPoint
    const isAlways = this.#options.flush === 'always' || log.topic === METADATA_TOPIC
    if (!isAlways && unflushed < log.config.flushMessages) return undefined
    const flushed = unflushed === 0 ? undefined : this.#flusher.flush(log)
    const metadata = this.get(METADATA_TOPIC, 0)
    const madeAt = this.#madeAt.get(log) ?? 0
    if (metadata === undefined || metadata.recoveryPoint >= madeAt) return flushed
    return Promise.all([flushed, this.#flusher.flush(metadata)]).then(() => undefined)
  }

  /**
   * Removes what retention says. Returns how many segments. The starts go to disk first: of files whose removal a loss of
   * power undoes in part, nothing is read, and offsets go on.
   */
  applyRetention(): number {
    let removed = 0
    this.#forEach('apply retention', log => log.expireRecords())
    this.#attempt('write checkpoints', () => this.#checkpoints.writeStarts())
    this.#forEach('apply retention', log => {
      removed += log.removeExpired()
    })
    return removed
  }

  /** Retention and compaction begin, now that every log has its topic's configuration: under another, records would be lost. */
  startCleanup(): void {
    const everyMs = this.#options.retentionCheckMs ?? RETENTION_CHECK_EVERY_MS
    this.#repeat('apply retention', everyMs, () => void this.applyRetention())
    this.#cleaner?.start()
    this.#claiming = this.#claim()
  }

  /** Compacts what is worth it, without waiting for the timer. Returns how many passes that took. */
  async compact(): Promise<number> {
    return (await this.#cleaner?.run()) ?? 0
  }

  /** Writes recovery points, log starts, high watermarks and how far logs are compacted. */
  checkpoint(): void {
    this.#checkpoints.writeAll()
  }

  /** Resolves when the logs' starts are on disk: records that were deleted do not come back. Calls of one turn share it. */
  keepStarts(): Promise<void> {
    this.#keepingStarts ??= Promise.resolve().then(() => {
      this.#keepingStarts = undefined
      this.#checkpoints.writeStarts()
    })
    return this.#keepingStarts
  }

  /** Stops all work, brings everything to disk and leaves the mark of a clean stop, unless a log could not be closed. */
  close(brokerEpoch: number = -1): Promise<void> {
    this.#closing ??= this.#close(brokerEpoch)
    return this.#closing
  }

  async #close(brokerEpoch: number): Promise<void> {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    this.#checkpointTimer?.cancel()
    await this.#cleaner?.stop()
    await this.#claiming
    await this.#flusher.settled()
    // What a crash left unchecked because it could not be opened must be checked when it can.
    let isClean = this.wasCleanStop || this.#failed.size === 0
    const logs = this.#logs.values()
    const closeOneByOne = async (): Promise<void> => {
      for (const log of logs) {
        try {
          await log.prepareClose()
        } catch (error) {
          isClean = false
          this.#report(`close ${log.topic}-${log.partition}`, error)
        }
      }
    }
    await Promise.all(Array.from({ length: CLOSED_AT_ONCE }, closeOneByOne))
    isClean = this.#attempt('write checkpoints', () => this.checkpoint()) && isClean
    for (const log of this.#logs.values()) {
      isClean = this.#attempt(`close ${log.topic}-${log.partition}`, () => log.close()) && isClean
    }
    const { fileSystem, dataDir } = this.#options
    if (isClean) writeCleanShutdownMark(fileSystem, dataDir, brokerEpoch)
  }

  /** Takes recovery points over that another program wrote, unless a log of its could not be opened. */
  async #claim(): Promise<void> {
    if (this.#failed.size > 0) return
    try {
      await this.#checkpoints.claim()
    } catch (error) {
      this.#report('write checkpoints', error)
    }
  }

  #openAll(): void {
    const { fileSystem, dataDir } = this.#options
    for (const name of fileSystem.list(dataDir)) {
      if (isDeletedDirectory(name)) this.#deleted.push(name)
      else if (fileSystem.isDirectory(`${dataDir}/${name}`)) this.#openFound(name)
    }
  }

  /** Opens what lies in a directory that is there, if it is a partition's. */
  #openFound(name: string): void {
    const parsed = parsePartitionName(name)
    if (parsed === undefined) return
    const state = { isCleanStop: this.wasCleanStop, ...this.#checkpoints.stateOf(name) }
    try {
      this.#reportRecovery(this.#open(parsed, ZERO_UUID, this.#options.defaultConfig, state))
      this.#checkpoints.forget(name)
    } catch (error) {
      this.#failed.set(name, { error, state })
      this.#report(`open ${this.#options.dataDir}/${name}`, error)
    }
  }

  /** Where the log of a deleted directory belongs, if its topic is there after all. */
  #placeOfDeleted(name: string, topics: KnownTopics): string | undefined {
    const { fileSystem, dataDir } = this.#options
    const topicId = readPartitionMetadata(fileSystem, `${dataDir}/${name}`)
    const topic = topicId === undefined ? undefined : topics.topicById(topicId)
    const partition = partitionOfDeleted(name)
    if (topic === undefined || partition >= topic.partitions.length) return undefined
    const place = `${topic.name}-${partition}`
    return fileSystem.exists(`${dataDir}/${place}`) ? undefined : place
  }

  #reopen(name: PartitionName, topicId: Uuid, config: LogConfig, failed: FailedDirectory): PartitionLog {
    const { topic, partition } = name
    const key = `${topic}-${partition}`
    if (!isPassing(failed.error)) {
      const message = `The directory of ${key} could not be opened, and nothing is made in its place.`
      throw new KafkaError(message, { code: 'KAFKA_STORAGE_ERROR', topic, partition, cause: failed.error })
    }
    if (this.#clearTheWay(name, topicId)) return this.#make(name, topicId, config)
    try {
      const log = this.#open(name, topicId, config, failed.state)
      this.#forgetFailed(key)
      this.#reportRecovery(log)
      return log
    } catch (error) {
      this.#failed.set(key, { ...failed, error })
      throw error
    }
  }

  /**
   * Takes a directory of the name out of the way that is not the topic's: it says so, or it has records and does not say
   * whose they are. One that was to be deleted is; any other is kept, for a person to look at. True when there was one.
   */
  #clearTheWay(name: PartitionName, topicId: Uuid): boolean {
    const { fileSystem, dataDir } = this.#options
    const key = `${name.topic}-${name.partition}`
    const directory = `${dataDir}/${key}`
    if (!fileSystem.isDirectory(directory)) return false
    const owner = readPartitionMetadata(fileSystem, directory)
    if (owner === topicId || (owner === undefined && !holdsRecords(fileSystem, directory))) return false
    const why = this.#undeleted.has(key) ? 'delete' : 'stray'
    const path = this.#rename(directory, name, why)
    this.#logger.warn({ ...name, topicId, owner, path }, 'a directory of another topic is set aside')
    if (why === 'delete') this.#attempt(`delete ${path}`, () => fileSystem.removeDirectory(path))
    this.#forgetFailed(key)
    return true
  }

  /** Nothing is known of a log that has never been: not what checkpoints say of another one that had its name. */
  #make(name: PartitionName, topicId: Uuid, config: LogConfig): PartitionLog {
    const key = `${name.topic}-${name.partition}`
    this.#checkpoints.forget(key)
    if (this.#checkpoints.knows(key)) this.#checkpoints.writeAll()
    const log = this.#open(name, topicId, config, NEW_LOG)
    this.#madeAt.set(log, this.get(METADATA_TOPIC, 0)?.logEndOffset ?? 0)
    return log
  }

  #forgetFailed(key: string): void {
    this.#failed.delete(key)
    this.#checkpoints.forget(key)
  }

  #open(name: PartitionName, topicId: Uuid, config: LogConfig, state: OpeningState): PartitionLog {
    const { fileSystem, dataDir, clock, random, producerIdExpirationMs, checkRecords } = this.#options
    const key = `${name.topic}-${name.partition}`
    const log = PartitionLog.open({
      ...name,
      ...state,
      fileSystem,
      directory: `${dataDir}/${key}`,
      topicId,
      config: name.topic === METADATA_TOPIC ? { ...config, ...KEPT_WHOLE } : config,
      clock,
      random,
      recentBatches: this.#recentBatches,
      buffers: this.#buffers,
      producerIdExpirationMs: producerIdExpirationMs ?? PRODUCER_ID_EXPIRATION_MS,
      checkRecords,
      onStorageError: error => this.#report(`use ${key}`, error),
      onAppendsRefused: error => this.#reportRefusal(name, error),
      onWorkFailed: (work, error) => this.#report(`${work} of ${key}`, error),
      onRoll: () => this.#flushSoon(key),
      onStartMoved: () => this.#checkpointSoon(),
    })
    this.#logs.set(key, log)
    return log
  }

  /** A full segment goes to disk, so that a restart has less to scan. Nobody waits for it. */
  #flushSoon(key: string): void {
    const log = this.#logs.get(key)
    if (log !== undefined && this.#closing === undefined) {
      this.#flusher.flush(log).catch(error => this.#report(`flush ${key}`, error))
    }
  }

  #retire(log: PartitionLog, why: 'delete' | 'stray'): string {
    const key = `${log.topic}-${log.partition}`
    this.#logs.delete(key)
    log.discard()
    return this.#rename(log.directory, log, why)
  }

  #rename(directory: string, name: PartitionName, why: 'delete' | 'stray'): string {
    const { fileSystem, dataDir, random } = this.#options
    const path = `${dataDir}/${retiredDirectoryName(name, random, why)}`
    if (why === 'delete') this.#undeleted.add(`${name.topic}-${name.partition}`)
    fileSystem.rename(directory, path)
    this.#undeleted.delete(`${name.topic}-${name.partition}`)
    return path
  }

  #startJobs(): void {
    const { flush, checkpointMs = CHECKPOINT_EVERY_MS } = this.#options
    this.#repeat('write checkpoints', checkpointMs, () => this.checkpoint())
    this.#repeat('expire producers', PRODUCER_EXPIRY_CHECK_EVERY_MS, () =>
      this.#forEach('expire producers', log => log.expireProducers()),
    )
    if (typeof flush === 'object') this.#repeat('flush', flush.everyMs, () => this.#flushWhere(() => true))
    if (flush === 'os') {
      this.#repeat('flush', FLUSH_CHECK_EVERY_MS, () => this.#flushWhere(log => this.#isFlushDue(log)))
    }
  }

  #repeat(name: string, everyMs: number, run: () => void | Promise<void>): void {
    const onError = (error: unknown): void => this.#report(name, error)
    this.#timers.add(repeatEvery(this.#options.clock, everyMs, run, { name, unref: true, onError }))
  }

  /** By the topic's `flush.ms`; without it, the system writes when it wants to. */
  #isFlushDue(log: PartitionLog): boolean {
    return this.#options.clock.now() - log.lastFlushMs >= log.config.flushMs
  }

  async #flushWhere(isDue: (log: PartitionLog) => boolean): Promise<void> {
    for (const log of [...this.#logs.values()]) {
      if (log.offline !== undefined || log.isClosed) continue
      if (log.recoveryPoint === log.logEndOffset || !isDue(log)) continue
      try {
        await this.#flusher.flush(log)
      } catch (error) {
        this.#report(`flush ${log.topic}-${log.partition}`, error)
      }
    }
  }

  #checkpointSoon(): void {
    if (this.#closing !== undefined || this.#checkpointTimer?.active === true) return
    const write = (): void => {
      this.#checkpoints.writeStarts()
      this.#checkpoints.writeCleaned()
    }
    this.#checkpointTimer = this.#options.clock.timer(
      CHECKPOINT_SOON_MS,
      () => void this.#attempt('write checkpoints', write),
      { name: 'checkpoint log starts', unref: true },
    )
  }

  #forEach(work: string, run: (log: PartitionLog) => void): void {
    for (const log of [...this.#logs.values()]) {
      if (log.offline === undefined) this.#attempt(`${work} of ${log.topic}-${log.partition}`, () => run(log))
    }
  }

  #attempt(work: string, run: () => void): boolean {
    try {
      run()
      return true
    } catch (error) {
      this.#report(work, error)
      return false
    }
  }

  #report(work: string, error: unknown): void {
    this.#logger.error({ err: error, work }, error instanceof StorageError ? 'the disk failed' : 'work on a log failed')
  }

  #reportRefusal({ topic, partition }: PartitionName, err: StorageError | undefined): void {
    if (err === undefined) this.#logger.info({ topic, partition }, 'the disk takes records of a log again')
    else this.#logger.error({ topic, partition, err }, 'the disk takes no records of a log')
  }

  #reportRecovery({ topic, partition, truncatedBytes, logEndOffset }: PartitionLog): void {
    if (truncatedBytes === 0) return
    this.#logger.warn({ topic, partition, truncatedBytes, logEndOffset }, 'the end of a log was damaged and is cut off')
  }
}

/** How a log is found. */
interface OpeningState extends CheckpointedState {
  readonly isCleanStop: boolean
}

interface FailedDirectory {
  readonly error: unknown
  /** For another attempt. */
  readonly state: OpeningState
}

const NEW_LOG: OpeningState = {
  isCleanStop: true,
  recoveryPoint: 0,
  logStartOffset: 0,
  highWatermark: undefined,
  cleanedTo: undefined,
  isForeign: false,
}

function holdsRecords(fileSystem: FileSystem, directory: string): boolean {
  return segmentOffsets(fileSystem.list(directory)).some(
    baseOffset => baseOffset > 0 || fileSystem.sizeOf(`${directory}/${fileNameOf(baseOffset)}${LOG_SUFFIX}`) > 0,
  )
}

/** What the metadata log holds is everyone's metadata: only its owner removes any of it. */
const KEPT_WHOLE = { cleanupPolicy: { delete: false, compact: false }, retentionMs: -1, retentionBytes: -1 }

function closedError(): KafkaError {
  return new KafkaError('The broker is closing and makes no new logs.', { code: 'BROKER_NOT_AVAILABLE' })
}
