/**
 * PartitionLog: the log of one partition. Takes batches in, gives them out, knows where it starts, ends and is stable.
 * Owns the segments, leader epochs and producer states of its directory; nothing else writes there.
 *
 * Everything that changes the log is synchronous, so no two changes overlap. What is asynchronous waits only: reads from
 * files, and `flush`. A batch becomes visible after its bytes were written, never before and never in part.
 *
 * Invariants: logStartOffset and lastStableOffset <= highWatermark <= logEndOffset; recoveryPoint <= logEndOffset.
 */
import { NO_PRODUCER_ID, type RecordBatch, type Uuid, ZERO_UUID } from '@samsa/protocol'
import { isOutOfDescriptors, isPassing, StorageError } from '../storage/storage-error.js'
import { type AppendPlan, planAppend } from './append-plan.js'
import { AppendRefusals } from './append-refusals.js'
import { PARTITION_METADATA, partitionMetadata, readPartitionMetadata, replaceFile } from './checkpoints.js'
import { LogCleaning } from './cleaner/log-cleaning.js'
import type { EpochEndOffset, LeaderEpochs } from './leader-epochs.js'
import { type LogConfig, longestSegmentMs } from './log-config.js'
import type {
  AppendOptions,
  AppendResult,
  PartitionLogOptions,
  ReadBound,
  ReadOptions,
  ReadResult,
} from './log-contract.js'
import { closedLogError, offlineError, outOfRange } from './log-errors.js'
import { LogFiles } from './log-files.js'
import {
  abortedBetween,
  bytesBetween,
  findByTimestamp,
  findMaxTimestamp,
  readBatches,
  type TimestampAndEpoch,
} from './log-reader.js'
import type { KnownProducers, ProducerBatch, ProducerStates, TransactionMarker } from './producer-state.js'
import type { RecentTail } from './recent-batches.js'
import { endOffsetOf, rebuildProducers, recoverLog } from './recovery.js'
import { countDeletable, countInFront, type RetentionState } from './retention.js'
import type { SegmentList } from './segment-list.js'

export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly topicId: Uuid
  readonly directory: string
  /** Bytes that opening had to cut off; for a line in the log. */
  readonly truncatedBytes: number
  /** Whether opening had to scan batches. */
  readonly wasScanned: boolean
  /** What compaction knows of the log and does to it. */
  readonly cleaning: LogCleaning
  readonly #options: PartitionLogOptions
  readonly #files: LogFiles
  readonly #segments: SegmentList
  readonly #leaderEpochs: LeaderEpochs
  readonly #producers: ProducerStates
  readonly #tail: RecentTail
  readonly #refusals: AppendRefusals
  readonly #listeners = new Set<() => void>()
  #config: LogConfig
  #logStartOffset: number
  #logEndOffset: number
  #highWatermark: number
  #recoveryPoint: number
  #flushing: Promise<void> = Promise.resolve()
  #lastFlushMs: number
  #rollJitterMs = 0
  /** Counts cuts and compactions: a read that began before one may have seen what is gone. */
  #cuts = 0
  #offline: StorageError | undefined
  #isClosed = false

  private constructor(options: PartitionLogOptions) {
    const { fileSystem, directory, clock, config } = options
    const isPlaceOnDisk = options.isCleanStop && fileSystem.exists(directory)
    const recovered = recoverLog({
      ...options,
      nowMs: clock.now(),
      indexIntervalBytes: config.indexIntervalBytes,
    })
    this.topic = options.topic
    this.partition = options.partition
    this.directory = directory
    this.topicId = readPartitionMetadata(fileSystem, directory) ?? options.topicId
    this.truncatedBytes = recovered.truncatedBytes
    this.wasScanned = recovered.wasScanned
    this.#options = options
    this.#config = config
    this.#files = new LogFiles({ ...options, isPlaceOnDisk }, recovered)
    this.#segments = this.#files.segments
    this.#leaderEpochs = recovered.leaderEpochs
    this.#producers = recovered.producers
    this.#tail = options.recentBatches.tail()
    this.#refusals = new AppendRefusals(options.onAppendsRefused)
    this.#logStartOffset = recovered.logStartOffset
    this.#logEndOffset = recovered.logEndOffset
    this.#highWatermark = this.#withinLog(options.highWatermark ?? recovered.logEndOffset)
    this.#producers.onHighWatermark(this.#highWatermark)
    this.#recoveryPoint = Math.min(
      options.isCleanStop ? recovered.logEndOffset : options.recoveryPoint,
      recovered.logEndOffset,
    )
    this.cleaning = new LogCleaning(this, {
      source: this.#options,
      files: this.#files,
      producers: this.#producers,
      cleanedTo: options.cleanedTo,
      onReplaced: endOffset => this.#forgetBefore(endOffset),
      orOffline: work => this.#orOffline(work),
      onFailure: error => this.#failedFor(error),
    })
    this.#lastFlushMs = clock.now()
    this.#drawJitter()
  }

  /** Opens the log in the directory, recovering it where it must, or makes a new one. */
  static open(options: PartitionLogOptions): PartitionLog {
    const { fileSystem, directory, topicId } = options
    const log = new PartitionLog(options)
    try {
      if (topicId !== ZERO_UUID && readPartitionMetadata(fileSystem, directory) === undefined) {
        replaceFile(fileSystem, `${directory}/${PARTITION_METADATA}`, partitionMetadata(topicId))
      }
      return log
    } catch (error) {
      log.discard()
      throw error
    }
  }

  get config(): LogConfig {
    return this.#config
  }

  updateConfig(config: LogConfig): void {
    this.#config = config
    this.#drawJitter()
  }

  get logStartOffset(): number {
    return this.#logStartOffset
  }

  /** The offset that the next record gets. */
  get logEndOffset(): number {
    return this.#logEndOffset
  }

  /** Everything below is on all replicas that count, and may be read. */
  get highWatermark(): number {
    return this.#highWatermark
  }

  /** Everything below belongs to no open transaction. */
  get lastStableOffset(): number {
    const unstable = this.#producers.firstUnstableOffset
    if (unstable === undefined || unstable >= this.#highWatermark) return this.#highWatermark
    return Math.max(unstable, this.#logStartOffset)
  }

  /** Everything below is on disk, indexes of full segments included. */
  get recoveryPoint(): number {
    return this.#recoveryPoint
  }

  get sizeBytes(): number {
    return this.#segments.sizeBytes
  }

  get segmentCount(): number {
    return this.#segments.count
  }

  /** Where the first segment begins; at or below the log's start. */
  get firstSegmentOffset(): number {
    return this.#segments.first.baseOffset
  }

  /** When the log was last known to be on disk as a whole; at first, when it was opened. */
  get lastFlushMs(): number {
    return this.#lastFlushMs
  }

  get offline(): StorageError | undefined {
    return this.#offline
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Checks batches and writes them at the end. `records` are exactly the bytes of the request: they are patched in place,
   * and not kept. An AppendError says why a batch is refused; after a StorageError nothing of it is in the log either.
   */
  append(records: Buffer, append: AppendOptions): AppendResult {
    this.#mustBeOnline()
    const { origin } = append
    const nowMs = this.#options.clock.now()
    const { checkRecords = false } = this.#options
    const rules = { ...append, config: this.#config, nowMs, checkRecords, nextOffset: this.#logEndOffset }
    const plan = planAppend(records, rules, this.#producers)
    if ('duplicate' in plan) return this.#duplicateResult(plan.duplicate)
    const { baseOffset, lastOffset, batches } = plan
    this.#refusals.watch(() => {
      this.#rollIfDue(plan, nowMs)
      this.#assignEpochs(batches)
      this.#write(batches, nowMs)
    })
    this.#take(batches, plan.markers)
    const isStamped = this.#config.messageTimestampType === 'LogAppendTime' && origin !== 'replication'
    return {
      baseOffset,
      lastOffset,
      logAppendTimeMs: isStamped ? nowMs : -1,
      logStartOffset: this.#logStartOffset,
      isDuplicate: false,
    }
  }

  /**
   * Batches from the one that holds `offset` on, none of which reaches the bound. At once where the batches are recent,
   * else from the file. Throws OFFSET_OUT_OF_RANGE outside of the log.
   */
  read(offset: number, maxBytes: number, options: ReadOptions): ReadResult | Promise<ReadResult> {
    this.#mustBeOnline()
    this.#mustBeInside(offset)
    const bound = this.#boundOf(options.upTo)
    if (offset >= bound) return this.#result({ records: EMPTY }, offset, offset, options.upTo)
    const recent = this.#tail.read(offset, bound, maxBytes, options.atLeastOneBatch)
    if (recent === undefined) return this.#readCold({ offset, bound, maxBytes, ...options })
    return this.#result(recent, offset, bound, options.upTo)
  }

  /** Bytes between the offset and the bound, about; 0 only where there is nothing to read. */
  availableBytes(offset: number, upTo: ReadBound): number {
    const bound = this.#boundOf(upTo)
    if (offset >= bound) return 0
    const recent = this.#tail.bytesBetween(offset, bound)
    if (recent !== undefined) return Math.max(1, recent)
    const end = bound === this.#logEndOffset ? this.sizeBytes : bytesBetween(this.#segments, 0, bound)
    return Math.max(1, end - bytesBetween(this.#segments, 0, offset))
  }

  /** The first record that is not earlier than `timestamp`, if it lies below the bound. */
  offsetForTimestamp(timestamp: number, upTo: ReadBound): TimestampAndEpoch | undefined {
    this.#mustBeOnline()
    const found = findByTimestamp(this.#segments, timestamp, this.#logStartOffset)
    return found === undefined || found.offset >= this.#boundOf(upTo) ? undefined : found
  }

  /** The first record that has the greatest timestamp of the log. */
  maxTimestamp(): TimestampAndEpoch | undefined {
    this.#mustBeOnline()
    return findMaxTimestamp(this.#segments)
  }

  /** Where the epoch, or the last one before it that is known, ended. */
  epochEndOffset(epoch: number): EpochEndOffset {
    return this.#leaderEpochs.endOffsetOf(epoch, this.#logEndOffset)
  }

  /** The leader epoch of the record at `offset`, -1 when that is not known. */
  leaderEpochOf(offset: number): number {
    return this.#leaderEpochs.epochOf(offset)
  }

  get latestLeaderEpoch(): number {
    return this.#leaderEpochs.latest
  }

  /** A new leader's time begins at the log's end. */
  assignLeaderEpoch(epoch: number): void {
    this.#mustBeOnline()
    this.#leaderEpochs.assign(epoch, this.#logEndOffset)
    this.#announce()
  }

  advanceHighWatermark(offset: number): void {
    const next = this.#withinLog(offset)
    if (next <= this.#highWatermark) return
    this.#highWatermark = next
    this.#producers.onHighWatermark(next)
    this.#announce()
  }

  /** Calls back when the high watermark, the last stable offset or the log's start moved, or a leader began. Returns how to stop that. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Moves the log's start: records below it are not given out any more, and their segments go with the next retention. */
  deleteRecordsBefore(offset: number): void {
    this.#mustBeOnline()
    if (offset > this.#highWatermark || offset < 0) throw outOfRange(offset, this)
    this.#moveStart(offset)
  }

  /**
   * Cuts off every batch that reaches `offset` or beyond, as a follower does that has something else than its leader. The
   * log ends behind the last batch that is left, which may be in front of `offset`. A checkpoint of the recovery point must
   * follow before anything is appended: what lies below it is not checked after a crash.
   */
  truncateTo(offset: number): void {
    this.#mustBeOnline()
    if (offset >= this.#logEndOffset) return
    this.#cuts++
    this.#tail.clear()
    this.#orOffline(() => this.#files.cut(offset))
    const endOffset = endOffsetOf(this.#segments.active)
    this.#logEndOffset = offset < this.#logStartOffset ? endOffset : Math.max(endOffset, this.#logStartOffset)
    this.#logStartOffset = Math.min(this.#logStartOffset, this.#logEndOffset)
    this.#highWatermark = Math.min(this.#highWatermark, this.#logEndOffset)
    this.#recoveryPoint = Math.min(this.#recoveryPoint, this.#logEndOffset)
    this.cleaning.onTruncated(this.#logEndOffset)
    this.#orOffline(() => {
      this.#leaderEpochs.truncateFromEnd(this.#logEndOffset)
      rebuildProducers(this.#files.source, this.#producers, this.#segments.all(), this)
    })
    this.#producers.onHighWatermark(this.#highWatermark)
    this.#announce()
  }

  /** Goes on in a new segment, unless the active one is empty. */
  roll(): void {
    this.#mustBeOnline()
    if (this.#segments.active.size === 0) return
    this.#files.roll(this.#logEndOffset)
    this.#drawJitter()
    this.#options.onRoll?.()
  }

  /** Removes segments that are not needed any more. Returns how many. */
  applyRetention(): number {
    this.expireRecords()
    return this.removeExpired()
  }

  /** Moves the log's start behind what retention lets go. Where the log starts should be on disk before more happens. */
  expireRecords(): void {
    this.#mustBeOnline()
    const count = countDeletable(this.#segments.all(), this.#retentionState())
    if (count === 0) return
    // A disk that has no room for a new segment gets room by the removal of those in front of the last one.
    const removable = count < this.#segments.count || this.#rolled() ? count : count - 1
    if (removable > 0) this.#moveStart(this.#segments.at(removable).baseOffset)
  }

  /** Removes segments in front of the log's start. Returns how many. */
  removeExpired(): number {
    this.#mustBeOnline()
    const count = countInFront(this.#segments.all(), this.#retentionState())
    return count === 0 ? 0 : this.#files.removeFirst(count, this.#config.fileDeleteDelayMs, this.#removalFailed)
  }

  /** Producers known here, for those who look at a log from outside. */
  get producers(): KnownProducers {
    return this.#producers
  }

  expireProducers(): void {
    this.#producers.expire(this.#options.clock.now())
  }

  /** Resolves when everything appended before is on disk. Calls run one after the other. */
  flush(): Promise<void> {
    const run = this.#flushing.then(() => this.#flushNow(false))
    // A failed flush is told to who asked for it; the next one begins anew.
    this.#flushing = run.catch(() => undefined)
    return run
  }

  /** What a clean stop needs, on disk: batches, complete indexes, a snapshot at the end. `close` is to follow. */
  async prepareClose(): Promise<void> {
    this.#mustBeOnline()
    await this.#flushing
    this.#orOffline(() => this.#files.seal(this.#logEndOffset))
    await this.#flushNow(true)
  }

  /** Lets go of the files. Without `prepareClose` they hold all batches, but not safe from a loss of power. */
  close(): void {
    if (this.#isClosed) return
    if (this.#offline === undefined) this.#orOffline(() => this.#files.seal(this.#logEndOffset))
    this.discard()
  }

  /** Lets go of the files and writes nothing: the log is deleted, or a crash is played. */
  discard(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#tail.clear()
    this.#files.release()
    this.#announce()
    this.#listeners.clear()
  }

  /** Takes the log out of use: it refuses everything from now on. */
  markOffline(error: StorageError): void {
    if (this.#offline !== undefined) return
    this.#offline = error
    this.#tail.clear()
    this.#options.onStorageError?.(error)
    this.#announce()
  }

  #retentionState(): RetentionState {
    return {
      config: this.#config,
      nowMs: this.#options.clock.now(),
      highWatermark: this.#highWatermark,
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.#logEndOffset,
    }
  }

  #duplicateResult(duplicate: ProducerBatch): AppendResult {
    return {
      baseOffset: duplicate.lastOffset - duplicate.offsetDelta,
      lastOffset: duplicate.lastOffset,
      logAppendTimeMs: duplicate.timestamp,
      logStartOffset: this.#logStartOffset,
      isDuplicate: true,
    }
  }

  #rollIfDue({ sizeInBytes, lastOffset, maxTimestamp }: AppendPlan, nowMs: number): void {
    const { segmentBytes, segmentIndexBytes } = this.#config
    const limits = { segmentBytes, segmentMs: longestSegmentMs(this.#config) - this.#rollJitterMs, segmentIndexBytes }
    if (this.#segments.active.mustRoll(limits, sizeInBytes, lastOffset, maxTimestamp, nowMs)) this.roll()
  }

  #rolled(): boolean {
    try {
      this.roll()
      return true
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.#removalFailed(error)
      return false
    }
  }

  readonly #removalFailed = (error: unknown): void => this.#options.onWorkFailed?.('remove segments', error)

  #assignEpochs(batches: readonly RecordBatch[]): void {
    for (const batch of batches) {
      if (batch.leaderEpoch > this.#leaderEpochs.latest) this.#leaderEpochs.assign(batch.leaderEpoch, batch.baseOffset)
    }
  }

  #write(batches: readonly RecordBatch[], nowMs: number): void {
    const active = this.#files.beginWrite()
    const only = batches.length === 1 ? batches[0] : undefined
    try {
      active.write(only === undefined ? batches.map(batch => batch.bytes) : [only.bytes], nowMs)
    } catch (error) {
      // The file was cut to what it was, or what it holds is not known.
      if (error instanceof StorageError && active.file.size !== active.size) this.markOffline(error)
      throw error
    }
  }

  #take(batches: readonly RecordBatch[], markers: ReadonlyMap<RecordBatch, TransactionMarker> | undefined): void {
    const { active } = this.#segments
    const { indexIntervalBytes } = this.#config
    this.#orOffline(() => {
      for (const batch of batches) {
        const { bytes, lastOffset } = batch
        active.noteBatch(bytes.length, lastOffset, batch.maxTimestamp, indexIntervalBytes)
        if (batch.producerId !== NO_PRODUCER_ID) this.#takeProducer(batch, markers?.get(batch))
        this.#tail.push(bytes, batch.baseOffset, lastOffset + 1)
        this.#logEndOffset = lastOffset + 1
      }
    })
  }

  #takeProducer(batch: RecordBatch, marker: TransactionMarker | undefined): void {
    const completed = this.#producers.apply(batch, marker)
    if (completed?.isAborted !== true) return
    const lastStableOffset = this.#producers.lastStableOffsetAfter(completed)
    this.#segments.active.txnIndex.append({ ...completed, lastStableOffset })
  }

  async #readCold(range: ReadOptions & { offset: number; bound: number; maxBytes: number }): Promise<ReadResult> {
    const cuts = this.#cuts
    try {
      const found = await readBatches(this.#segments, { ...range, buffers: this.#options.buffers })
      // What was read may have been cut off, or removed, while the file was read.
      this.#mustBeOnline()
      this.#mustBeInside(range.offset)
      if (cuts !== this.#cuts) return await this.read(range.offset, range.maxBytes, range)
      return this.#result(found, range.offset, found.nextOffset, range.upTo)
    } catch (error) {
      // Its segment may have been removed while it was being opened.
      if (error instanceof StorageError) this.#mustBeInside(range.offset)
      if (cuts !== this.#cuts) return await this.read(range.offset, range.maxBytes, range)
      throw error
    }
  }

  /** Below `endOffset` the log is compacted now. */
  #forgetBefore(endOffset: number): void {
    this.#cuts++
    // Batches of aborted transactions must not be read any more when the index has ceased to say that they are.
    this.#tail.dropBefore(endOffset)
  }

  #result(
    { records, release }: Pick<ReadResult, 'records' | 'release'>,
    offset: number,
    endOffset: number,
    upTo: ReadBound,
  ): ReadResult {
    const { highWatermark, lastStableOffset, logStartOffset } = this
    const result = { records, release, highWatermark, lastStableOffset, logStartOffset }
    if (upTo !== 'lastStableOffset') return result
    const abortedTransactions = records.length === 0 ? [] : abortedBetween(this.#segments, offset, endOffset)
    return { ...result, abortedTransactions }
  }

  async #flushNow(isLast: boolean): Promise<void> {
    this.#mustBeOnline()
    const endOffset = this.#logEndOffset
    try {
      await this.#files.sync(isLast)
    } catch (error) {
      // What an operating system does with pages that it could not write is not known: they may count as written. A flush
      // that did not come to that, for want of room or descriptors, is due again.
      if (!isDueAgain(error)) this.#failedFor(error)
      throw error
    }
    this.#recoveryPoint = Math.max(this.#recoveryPoint, Math.min(endOffset, this.#logEndOffset))
    this.#lastFlushMs = this.#options.clock.now()
  }

  #moveStart(offset: number): void {
    if (offset <= this.#logStartOffset) return
    this.#logStartOffset = offset
    this.#highWatermark = Math.max(this.#highWatermark, offset)
    this.#leaderEpochs.truncateFromStart(offset)
    this.#options.onStartMoved?.()
    this.#announce()
  }

  /** For work in the middle of which files and memory disagree: when it fails, the log goes offline. */
  #orOffline(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#failedFor(error)
      throw error
    }
  }

  #failedFor(error: unknown): void {
    if (error instanceof StorageError) this.markOffline(error)
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #boundOf(upTo: ReadBound): number {
    if (upTo === 'logEnd') return this.#logEndOffset
    return upTo === 'highWatermark' ? this.#highWatermark : this.lastStableOffset
  }

  #withinLog(offset: number): number {
    return Math.min(Math.max(offset, this.#logStartOffset), this.#logEndOffset)
  }

  #drawJitter(): void {
    const limit = Math.min(this.#config.segmentJitterMs, longestSegmentMs(this.#config))
    this.#rollJitterMs = limit > 0 ? this.#options.random.integer(0, limit) : 0
  }

  #mustBeOnline(): void {
    if (this.#offline !== undefined) throw offlineError(this, this.#offline)
    if (this.#isClosed) throw closedLogError(this)
  }

  #mustBeInside(offset: number): void {
    if (offset < this.#logStartOffset || offset > this.#logEndOffset) throw outOfRange(offset, this)
  }
}

function isDueAgain(error: unknown): boolean {
  return isOutOfDescriptors(error) || (error instanceof StorageError && error.operation !== 'sync' && isPassing(error))
}

const EMPTY: Buffer = Buffer.alloc(0)
