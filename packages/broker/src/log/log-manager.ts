/**
 * LogManager: all logs of one data directory. Opens them after a stop of any kind, makes and deletes them, brings them to
 * disk as the flush mode says, and does what must be done from time to time: retention, checkpoints, expiry of producers.
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
  readPartitionMetadata,
} from './checkpoints.js'
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
import type { LogConfig } from './log-config.js'
import { PartitionLog, type PartitionLogOptions } from './partition-log.js'
import { RecentBatches } from './recent-batches.js'

const CHECKPOINT_EVERY_MS = 60_000
const RETENTION_CHECK_EVERY_MS = 300_000
const PRODUCER_EXPIRY_CHECK_EVERY_MS = 600_000
const FLUSH_CHECK_EVERY_MS = 1000
const PRODUCER_ID_EXPIRATION_MS = 86_400_000
/** After records were deleted, their offsets must not come back with a crash much later. */
const LOG_START_CHECKPOINT_DELAY_MS = 100

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
  /** Where the metadata ended when a log was made: its topic is on disk when the metadata up to there is. */
  readonly #madeAt = new WeakMap<PartitionLog, number>()
  /** Directories that an earlier process took out of use. */
  readonly #deleted: string[] = []
  readonly #timers = new Set<Timer>()
  readonly #checkpointed = new Map<string, Buffer>()
  /** What checkpoints say of directories that could not be opened: it stays true of them. */
  readonly #ofFailed = new Map<string, Map<string, number>>()
  /** Names that a checkpoint has an offset of. A new log of such a name must not be taken for the old one. */
  readonly #inCheckpoints = new Set<string>()
  #keepingStarts: Promise<void> | undefined
  #logStartTimer: Timer | undefined
  #closing: Promise<void> | undefined

  private constructor(options: LogManagerOptions, identity: DirectoryIdentity, wasCleanStop: boolean) {
    this.clusterId = identity.clusterId
    this.nodeId = identity.nodeId
    this.directoryId = identity.directoryId
    this.wasCleanStop = wasCleanStop
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#recentBatches = new RecentBatches(options.recentBytes)
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
    if (this.#inCheckpoints.has(name)) this.checkpoint()
    const state = { isCleanStop: true, recoveryPoint: 0, logStartOffset: 0 }
    const log = this.#open({ topic, partition }, topicId, config, state)
    this.#madeAt.set(log, this.get(METADATA_TOPIC, 0)?.logEndOffset ?? 0)
    return log
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
        this.#openFound(place, this.#readCheckpoints())
      })
    }
  }

  /** Directories that could not be opened, with the reason. */
  failures(): ReadonlyMap<string, unknown> {
    return this.#failed
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
   * Removes what retention says, in all logs. Returns how many segments. The starts go to disk first: of files whose removal
   * a loss of power undoes in part, nothing is read then, and the offsets of a log that lost all of them go on.
   */
  applyRetention(): number {
    let removed = 0
    this.#forEach('apply retention', log => log.expireRecords())
    this.#attempt('write checkpoints', () => this.#checkpointLogStarts())
    this.#forEach('apply retention', log => {
      removed += log.removeExpired()
    })
    return removed
  }

  /** Writes recovery points, log starts and high watermarks. */
  checkpoint(): void {
    this.#inCheckpoints.clear()
    this.#writeCheckpoint(RECOVERY_POINT_CHECKPOINT, log => log.recoveryPoint)
    this.#checkpointLogStarts()
    this.#writeCheckpoint(HIGH_WATERMARK_CHECKPOINT, log => log.highWatermark)
  }

  /** Resolves when the logs' starts are on disk: records that were deleted do not come back. Calls of one turn share it. */
  keepStarts(): Promise<void> {
    this.#keepingStarts ??= Promise.resolve().then(() => {
      this.#keepingStarts = undefined
      this.#checkpointLogStarts()
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
    this.#logStartTimer?.cancel()
    await this.#flusher.settled()
    // What a crash left unchecked because it could not be opened must be checked when it can.
    let isClean = this.wasCleanStop || this.#failed.size === 0
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
    const { fileSystem, dataDir } = this.#options
    const checkpoints = this.#readCheckpoints()
    for (const offsets of [checkpoints.recoveryPoints, checkpoints.logStarts, checkpoints.highWatermarks]) {
      for (const name of offsets.keys()) this.#inCheckpoints.add(name)
    }
    for (const name of fileSystem.list(dataDir)) {
      if (isDeletedDirectory(name)) this.#deleted.push(name)
      else if (fileSystem.isDirectory(`${dataDir}/${name}`)) this.#openFound(name, checkpoints)
    }
  }

  #readCheckpoints(): Checkpoints {
    const { fileSystem, dataDir } = this.#options
    const read = (file: string): Map<string, number> => readOffsetCheckpoint(fileSystem, `${dataDir}/${file}`)
    return {
      recoveryPoints: read(RECOVERY_POINT_CHECKPOINT),
      logStarts: read(LOG_START_CHECKPOINT),
      highWatermarks: read(HIGH_WATERMARK_CHECKPOINT),
      cleaned: read(CLEANER_CHECKPOINT),
    }
  }

  /** Opens what lies in a directory that is there, if it is a partition's. */
  #openFound(name: string, { recoveryPoints, logStarts, highWatermarks, cleaned }: Checkpoints): void {
    const parsed = parsePartitionName(name)
    if (parsed === undefined) return
    try {
      const log = this.#open(parsed, ZERO_UUID, this.#options.defaultConfig, {
        isCleanStop: this.wasCleanStop,
        recoveryPoint: recoveryPoints.get(name) ?? 0,
        logStartOffset: logStarts.get(name) ?? 0,
        highWatermark: highWatermarks.get(name),
        cleanedTo: cleaned.get(name),
      })
      this.#reportRecovery(log)
    } catch (error) {
      this.#failed.set(name, error)
      this.#keepOffset(RECOVERY_POINT_CHECKPOINT, name, recoveryPoints)
      this.#keepOffset(LOG_START_CHECKPOINT, name, logStarts)
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
      onStartMoved: () => this.#checkpointLogStartsSoon(),
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

  #checkpointLogStartsSoon(): void {
    if (this.#closing !== undefined || this.#logStartTimer?.active === true) return
    this.#logStartTimer = this.#options.clock.timer(
      LOG_START_CHECKPOINT_DELAY_MS,
      () => void this.#attempt('write checkpoints', () => this.#checkpointLogStarts()),
      { name: 'checkpoint log starts', unref: true },
    )
  }

  /** Also starts that the first segment's name tells: the removal of those before it may not be on disk yet. */
  #checkpointLogStarts(): void {
    this.#writeCheckpoint(LOG_START_CHECKPOINT, log => (log.logStartOffset > 0 ? log.logStartOffset : undefined))
  }

  #keepOffset(file: string, name: string, offsets: ReadonlyMap<string, number>): void {
    const offset = offsets.get(name)
    const kept = this.#ofFailed.get(file) ?? new Map<string, number>()
    if (offset !== undefined) this.#ofFailed.set(file, kept.set(name, offset))
  }

  #writeCheckpoint(file: string, offsetOf: (log: PartitionLog) => number | undefined): void {
    const offsets = []
    for (const log of this.#logs.values()) {
      const offset = offsetOf(log)
      if (offset !== undefined) offsets.push({ topic: log.topic, partition: log.partition, offset })
    }
    for (const [name, offset] of this.#ofFailed.get(file) ?? []) {
      const parsed = parsePartitionName(name)
      if (parsed !== undefined && this.#failed.has(name)) offsets.push({ ...parsed, offset })
    }
    for (const { topic, partition } of offsets) this.#inCheckpoints.add(`${topic}-${partition}`)
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

/** By names of partitions. */
interface Checkpoints {
  readonly recoveryPoints: ReadonlyMap<string, number>
  readonly logStarts: ReadonlyMap<string, number>
  readonly highWatermarks: ReadonlyMap<string, number>
  readonly cleaned: ReadonlyMap<string, number>
}

/** What the metadata log holds is everyone's metadata: only its owner removes any of it. */
const KEPT_WHOLE = { cleanupPolicy: { delete: false, compact: false }, retentionMs: -1, retentionBytes: -1 }

function closedError(): KafkaError {
  return new KafkaError('The broker is closing and makes no new logs.', { code: 'BROKER_NOT_AVAILABLE' })
}
