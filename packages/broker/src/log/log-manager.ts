/**
 * LogManager: all logs of one data directory. Opens them after a stop of any kind, makes and deletes them, brings them to
 * disk as the flush mode says, and does what must be done from time to time: retention, compaction, checkpoints, expiry of
 * producers.
 * Owns the directory; one broker holds its lock.
 *
 * Background work runs on timers of the clock, one run of a job at a time. A log whose disk failed goes offline and is left
 * out of everything; the others go on.
 */
import { type Uuid, ZERO_UUID } from '@samsa/protocol'
import { type Clock, KafkaError, type Logger, type Random, silentLogger, type Timer } from '@samsa/runtime'
import { repeatEvery } from '@samsa/runtime/internal'
import type { FileSystem } from '../storage/file-system.js'
import { StorageError } from '../storage/storage-error.js'
import {
  CLEANER_CHECKPOINT,
  HIGH_WATERMARK_CHECKPOINT,
  LOG_START_CHECKPOINT,
  offsetCheckpoint,
  RECOVERY_POINT_CHECKPOINT,
  readOffsetCheckpoint,
} from './checkpoints.js'
import { type CleanerSettings, LogCleaner } from './cleaner/log-cleaner.js'
import {
  claimDirectory,
  type DirectoryIdentity,
  isDeletedDirectory,
  METADATA_TOPIC,
  type PartitionName,
  parsePartitionName,
  retiredDirectoryName,
  takeCleanShutdownMark,
  writeCleanShutdownMark,
} from './data-directory.js'
import { Flusher, type FlushMode } from './flusher.js'
import type { LogConfig } from './log-config.js'
import { PartitionLog, type PartitionLogOptions } from './partition-log.js'
import { RecentBatches } from './recent-batches.js'

const CHECKPOINT_EVERY_MS = 60_000
const RETENTION_CHECK_EVERY_MS = 300_000
const PRODUCER_EXPIRY_CHECK_EVERY_MS = 600_000
const FLUSH_CHECK_EVERY_MS = 1000
const PRODUCER_ID_EXPIRATION_MS = 86_400_000
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
  readonly #recentBatches: RecentBatches
  readonly #flusher = new Flusher()
  readonly #logs = new Map<string, PartitionLog>()
  /** Directories that could not be opened. Nothing may be made in their place. */
  readonly #failed = new Map<string, unknown>()
  readonly #timers = new Set<Timer>()
  readonly #checkpointed = new Map<string, Buffer>()
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
    this.#recentBatches = new RecentBatches(options.recentBytes)
    const { clock, cleaner: settings } = options
    this.#cleaner =
      settings &&
      new LogCleaner({
        clock,
        logger: this.#logger,
        logs: () => this.all(),
        settings,
        onCleaned: () => void this.#attempt('write checkpoints', () => this.#checkpointCleaned()),
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
    manager.#startJobs()
    return manager
  }

  create(topic: string, partition: number, topicId: Uuid, config: LogConfig): PartitionLog {
    const name = `${topic}-${partition}`
    if (this.#closing !== undefined) throw closedError()
    if (this.#logs.has(name)) {
      throw new KafkaError(`There is a log of ${name} already.`, { code: 'TOPIC_ALREADY_EXISTS', topic, partition })
    }
    if (this.#failed.has(name)) {
      const message = `The directory of ${name} could not be opened, and nothing is made in its place.`
      throw new KafkaError(message, { code: 'KAFKA_STORAGE_ERROR', topic, partition, cause: this.#failed.get(name) })
    }
    return this.#open({ topic, partition }, topicId, config, { isCleanStop: true, recoveryPoint: 0, logStartOffset: 0 })
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(`${topic}-${partition}`)
  }

  /** Takes the log out of use at once; its files go later. */
  delete(topic: string, partition: number): void {
    const log = this.get(topic, partition)
    if (log === undefined) return
    const { fileSystem, clock } = this.#options
    const path = this.#retire(log, 'delete')
    const timer = clock.timer(
      log.config.fileDeleteDelayMs,
      () => {
        this.#timers.delete(timer)
        this.#attempt(`delete ${path}`, () => fileSystem.removeDirectory(path))
      },
      { name: 'delete partition', unref: true },
    )
    this.#timers.add(timer)
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

  /** Directories that could not be opened, with the reason. */
  failures(): ReadonlyMap<string, unknown> {
    return this.#failed
  }

  /**
   * What an acknowledgement must wait for, by the flush mode: nothing, or that everything in the log is on disk. Batches
   * that wait together share a sync.
   */
  acknowledged(log: PartitionLog): Promise<void> | undefined {
    const unflushed = log.logEndOffset - log.recoveryPoint
    if (unflushed === 0) return undefined
    if (this.#options.flush !== 'always' && unflushed < log.config.flushMessages) return undefined
    return this.#flusher.flush(log)
  }

  /** Removes what retention says, in all logs. Returns how many segments. */
  applyRetention(): number {
    let removed = 0
    this.#forEach('apply retention', log => {
      removed += log.applyRetention()
    })
    return removed
  }

  /** Compacts from now on what is worth it: every log has its topic's configuration. */
  startCompaction(): void {
    this.#cleaner?.start()
  }

  /** Compacts what is worth it, without waiting for the timer. Returns how many passes that took. */
  async compact(): Promise<number> {
    return (await this.#cleaner?.run()) ?? 0
  }

  /** Writes recovery points, log starts, high watermarks and how far logs are compacted. */
  checkpoint(): void {
    this.#writeCheckpoint(RECOVERY_POINT_CHECKPOINT, log => log.recoveryPoint)
    this.#checkpointLogStarts()
    this.#checkpointCleaned()
    this.#writeCheckpoint(HIGH_WATERMARK_CHECKPOINT, log => log.highWatermark)
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
    await this.#flusher.settled()
    let isClean = true
    for (const log of this.#logs.values()) {
      try {
        await log.prepareClose()
      } catch (error) {
        isClean = false
        this.#report(`close ${log.topic}-${log.partition}`, error)
      }
    }
    isClean = this.#attempt('write checkpoints', () => this.checkpoint()) && isClean
    for (const log of this.#logs.values()) {
      isClean = this.#attempt(`close ${log.topic}-${log.partition}`, () => log.close()) && isClean
    }
    const { fileSystem, dataDir } = this.#options
    if (isClean) writeCleanShutdownMark(fileSystem, dataDir, brokerEpoch)
  }

  #openAll(): void {
    const { fileSystem, dataDir, defaultConfig } = this.#options
    const recoveryPoints = readOffsetCheckpoint(fileSystem, `${dataDir}/${RECOVERY_POINT_CHECKPOINT}`)
    const logStarts = readOffsetCheckpoint(fileSystem, `${dataDir}/${LOG_START_CHECKPOINT}`)
    const highWatermarks = readOffsetCheckpoint(fileSystem, `${dataDir}/${HIGH_WATERMARK_CHECKPOINT}`)
    const cleaned = readOffsetCheckpoint(fileSystem, `${dataDir}/${CLEANER_CHECKPOINT}`)
    for (const name of fileSystem.list(dataDir)) {
      const path = `${dataDir}/${name}`
      if (isDeletedDirectory(name)) this.#attempt(`delete ${path}`, () => fileSystem.removeDirectory(path))
      const parsed = parsePartitionName(name)
      if (parsed === undefined || !fileSystem.isDirectory(path)) continue
      try {
        const log = this.#open(parsed, ZERO_UUID, defaultConfig, {
          isCleanStop: this.wasCleanStop,
          recoveryPoint: recoveryPoints.get(name) ?? 0,
          logStartOffset: logStarts.get(name) ?? 0,
          highWatermark: highWatermarks.get(name),
          cleanedTo: cleaned.get(name),
        })
        this.#reportRecovery(log)
      } catch (error) {
        this.#failed.set(name, error)
        this.#report(`open ${path}`, error)
      }
    }
  }

  #open(
    name: PartitionName,
    topicId: Uuid,
    config: LogConfig,
    state: Pick<
      PartitionLogOptions,
      'isCleanStop' | 'recoveryPoint' | 'logStartOffset' | 'highWatermark' | 'cleanedTo'
    >,
  ): PartitionLog {
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
      producerIdExpirationMs: producerIdExpirationMs ?? PRODUCER_ID_EXPIRATION_MS,
      checkRecords,
      onStorageError: error => this.#report(`use ${key}`, error),
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
    const { fileSystem, dataDir, random } = this.#options
    this.#logs.delete(`${log.topic}-${log.partition}`)
    log.discard()
    const path = `${dataDir}/${retiredDirectoryName(log, random, why)}`
    fileSystem.rename(log.directory, path)
    // A log that is made anew under the name is not compacted.
    if (log.cleaning.cleanedTo !== undefined) this.#checkpointSoon()
    return path
  }

  #startJobs(): void {
    const { clock, flush, retentionCheckMs, checkpointMs } = this.#options
    const start = (name: string, everyMs: number, run: () => void | Promise<void>): void => {
      const onError = (error: unknown): void => this.#report(name, error)
      this.#timers.add(repeatEvery(clock, everyMs, run, { name, unref: true, onError }))
    }
    start('apply retention', retentionCheckMs ?? RETENTION_CHECK_EVERY_MS, () => void this.applyRetention())
    start('write checkpoints', checkpointMs ?? CHECKPOINT_EVERY_MS, () => this.checkpoint())
    start('expire producers', PRODUCER_EXPIRY_CHECK_EVERY_MS, () =>
      this.#forEach('expire producers', log => log.expireProducers()),
    )
    if (typeof flush === 'object') start('flush', flush.everyMs, () => this.#flushWhere(() => true))
    else if (flush === 'os') start('flush', FLUSH_CHECK_EVERY_MS, () => this.#flushWhere(log => this.#isFlushDue(log)))
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
      this.#checkpointLogStarts()
      this.#checkpointCleaned()
    }
    this.#checkpointTimer = this.#options.clock.timer(
      CHECKPOINT_SOON_MS,
      () => void this.#attempt('write checkpoints', write),
      { name: 'checkpoint log starts', unref: true },
    )
  }

  /** The file is there only once a log was compacted. */
  #checkpointCleaned(): void {
    const { fileSystem, dataDir } = this.#options
    const isThere = fileSystem.exists(`${dataDir}/${CLEANER_CHECKPOINT}`)
    if (isThere || [...this.#logs.values()].some(isCompacted))
      this.#writeCheckpoint(CLEANER_CHECKPOINT, log => log.cleaning.cleanedTo)
  }

  /** Only starts that the first segment's name does not tell. */
  #checkpointLogStarts(): void {
    this.#writeCheckpoint(LOG_START_CHECKPOINT, log =>
      log.logStartOffset > log.firstSegmentOffset ? log.logStartOffset : undefined,
    )
  }

  #writeCheckpoint(file: string, offsetOf: (log: PartitionLog) => number | undefined): void {
    const offsets = []
    for (const log of this.#logs.values()) {
      const offset = offsetOf(log)
      if (offset !== undefined) offsets.push({ topic: log.topic, partition: log.partition, offset })
    }
    const content = offsetCheckpoint(offsets)
    if (this.#checkpointed.get(file)?.equals(content) === true) return
    this.#options.fileSystem.writeFileAtomically(`${this.#options.dataDir}/${file}`, content)
    this.#checkpointed.set(file, content)
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
    const kind = error instanceof StorageError ? 'the disk failed' : 'work on a log failed'
    this.#logger.error({ err: error, work }, kind)
  }

  #reportRecovery(log: PartitionLog): void {
    if (log.truncatedBytes === 0) return
    const { topic, partition, truncatedBytes, logEndOffset } = log
    this.#logger.warn({ topic, partition, truncatedBytes, logEndOffset }, 'the end of a log was damaged and is cut off')
  }
}

function isCompacted(log: PartitionLog): boolean {
  return log.cleaning.cleanedTo !== undefined
}

/** What the metadata log holds is everyone's metadata: only its owner removes any of it. */
const KEPT_WHOLE = { cleanupPolicy: { delete: false, compact: false }, retentionMs: -1, retentionBytes: -1 }

function closedError(): KafkaError {
  return new KafkaError('The broker is closing and makes no new logs.', { code: 'BROKER_NOT_AVAILABLE' })
}
