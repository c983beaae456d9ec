/**
 * Recovery: what a partition's directory holds becomes segments, leader epochs and producer states. After a clean stop
 * nothing is scanned: sizes of indexes and the last snapshot must fit. After an unclean one the batches from the recovery
 * point on are checked one by one, the log is cut at the first bad one, and indexes and producer states are built anew
 * from what is left: replayed, never guessed.
 *
 * Runs once, before anything else sees the log; nothing overlaps with it.
 */
import {
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AT,
  endTransactionOf,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MessageSet,
  NO_PRODUCER_ID,
  ProtocolError,
  RecordBatch,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import type { FileSystem } from '../storage/file-system.js'
import { walkBatches } from './batch-walk.js'
import { LeaderEpochs } from './leader-epochs.js'
import { clearLeftovers, segmentOffsets } from './leftovers.js'
import { loadSnapshot, type SnapshotSource, snapshotOffsets, snapshotPath } from './producer-snapshot.js'
import { ProducerStates, type TransactionMarker } from './producer-state.js'
import { Segment } from './segment.js'

const SCAN_BYTES = 1024 * 1024

export interface RecoveryOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly nowMs: number
  readonly isCleanStop: boolean
  /** Everything below is known to be on disk. */
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly indexIntervalBytes: number
  readonly producerIdExpirationMs: number
  /** Another program's recovery points: beyond them it may have compacted. Default: false. */
  readonly isForeign?: boolean | undefined
}

export interface RecoveredLog {
  /** Ascending, at least one. */
  readonly segments: Segment[]
  readonly leaderEpochs: LeaderEpochs
  readonly producers: ProducerStates
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Bytes at the end that were no whole and intact batches, later segments included. */
  readonly truncatedBytes: number
  /** Whether batches had to be scanned. */
  readonly wasScanned: boolean
}

export function recoverLog(options: RecoveryOptions): RecoveredLog {
  const { fileSystem, directory, nowMs } = options
  fileSystem.makeDirectory(directory)
  const names = new Set(clearLeftovers(fileSystem, directory))
  const leaderEpochs = new LeaderEpochs(fileSystem, directory)
  const producers = new ProducerStates(options.producerIdExpirationMs)
  const offsets = segmentOffsets([...names])
  const opened = offsets.map((baseOffset, index) => {
    const isLeftInOrder = index + 1 < offsets.length && !mustScan(options, offsets[index + 1])
    return Segment.open({ fileSystem, directory, baseOffset, nowMs, isLeftInOrder, names })
  })
  const segments = opened.map(({ segment }) => segment)
  try {
    const firstToScan = opened.findIndex(
      ({ hasIndexes }, index) => !hasIndexes || mustScan(options, offsets[index + 1]),
    )
    const scan = new Recovery(options, segments, leaderEpochs, producers)
    if (firstToScan >= 0) scan.scanFrom(firstToScan)
    const logEndOffset = firstToScan >= 0 ? scan.logEndOffset : endOffsetOfLast(segments)
    return settle(options, {
      names: [...names],
      segments,
      leaderEpochs,
      producers,
      scan,
      logEndOffset,
      wasScanned: firstToScan >= 0,
    })
  } catch (error) {
    for (const segment of segments) segment.release()
    throw error
  }
}

interface LogBounds {
  readonly logStartOffset: number
  readonly logEndOffset: number
}

/** Builds the producer states anew from the newest snapshot and the batches behind it, up to the log's end. */
export function rebuildProducers(
  source: SnapshotSource,
  producers: ProducerStates,
  segments: readonly Segment[],
  { logStartOffset, logEndOffset }: LogBounds,
): void {
  // From a snapshot before the first segment nothing leads on: what lay between is gone.
  const from = loadSnapshot(source, producers, segments[0]?.baseOffset ?? logEndOffset, logEndOffset)
  if (from >= logEndOffset) return
  let end = from
  for (const [index, segment] of segments.entries()) {
    const nextOffset = segments[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    if (segment.baseOffset >= logEndOffset || nextOffset <= from) continue
    if (isRemovedBetween(end, segment.baseOffset, logStartOffset)) producers.clear()
    end = replaySegment(segment, producers, Math.max(from, segment.baseOffset), logEndOffset)
  }
  if (isRemovedBetween(end, logEndOffset, logStartOffset)) producers.clear()
}

/** How a control batch ends its transaction; undefined when the batch is nothing of the kind. */
export function markerOf(batch: RecordBatch): TransactionMarker | undefined {
  if (!batch.isControl || batch.producerId === NO_PRODUCER_ID) return undefined
  const cursor = batch.records()
  return cursor.next() ? endTransactionOf(cursor) : undefined
}

/**
 * The segment that holds the recovery point was being written, and so were all behind it. Where it ends at that point, it
 * may have become full after the last flush, which leaves out the indexes of what is being written; Kafka's does not.
 */
function mustScan({ isCleanStop, recoveryPoint, isForeign }: RecoveryOptions, nextOffset: number | undefined): boolean {
  if (isCleanStop) return false
  return nextOffset === undefined || nextOffset > recoveryPoint || (nextOffset === recoveryPoint && isForeign !== true)
}

/**
 * Whether a segment may have been removed there for being in front of the log's start. A loss of power may bring those
 * before it back, and the producers that went on in it would be held to sequences of before. Where compaction made the
 * room, only producers are forgotten all of whose batches the log's start has passed.
 */
function isRemovedBetween(endOffset: number, nextOffset: number, logStartOffset: number): boolean {
  return nextOffset > endOffset && nextOffset <= logStartOffset
}

class Recovery {
  readonly #options: RecoveryOptions
  readonly #segments: Segment[]
  readonly #leaderEpochs: LeaderEpochs
  readonly #producers: ProducerStates
  logEndOffset = 0
  truncatedBytes = 0

  constructor(options: RecoveryOptions, segments: Segment[], epochs: LeaderEpochs, producers: ProducerStates) {
    this.#options = options
    this.#segments = segments
    this.#leaderEpochs = epochs
    this.#producers = producers
  }

  scanFrom(first: number): void {
    const start = this.#segments[first]
    if (start === undefined) return
    const { logStartOffset } = this.#options
    const inFront = { logStartOffset, logEndOffset: start.baseOffset }
    rebuildProducers(this.#options, this.#producers, this.#segments.slice(0, first), inFront)
    this.logEndOffset = start.baseOffset
    for (let index = first; index < this.#segments.length; index++) {
      const segment = this.#segments[index]
      if (segment === undefined) return
      if (index > first && this.#isOutOfPlace(segment)) {
        this.#dropSegments(index)
        return
      }
      // Producers that went on in what is missing would be held to sequences of before.
      const isRemoved = isRemovedBetween(this.logEndOffset, segment.baseOffset, logStartOffset)
      if (isRemoved || this.#isBehindLoss(segment)) this.#producers.clear()
      const isWhole = this.#scan(segment)
      segment.seal()
      if (!isWhole) this.#dropSegments(index + 1)
    }
  }

  /**
   * Behind a loss that the log has not begun after, there is nothing that may be read. A loss of power may also bring a
   * segment back that was dropped for that, when others have taken its offsets since.
   */
  #isOutOfPlace(segment: Segment): boolean {
    if (segment.baseOffset < this.logEndOffset) return true
    return this.#isBehindLoss(segment) && segment.baseOffset > this.#options.logStartOffset
  }

  /**
   * A loss of power may take the end of a full segment that was not synced yet, and leave what was written to the next one
   * after it. Room that begins below the recovery point is compaction's, or damage, which nothing explains.
   */
  #isBehindLoss({ baseOffset }: Segment): boolean {
    const { isForeign, recoveryPoint } = this.#options
    return isForeign !== true && baseOffset > this.logEndOffset && this.logEndOffset >= recoveryPoint
  }

  /** False when the segment had to be cut. */
  #scan(segment: Segment): boolean {
    const size = segment.size
    // Compaction may leave nothing of what came before the segment, or of the segment.
    this.logEndOffset = Math.max(this.logEndOffset, segment.baseOffset)
    segment.forgetBatches()
    segment.txnIndex.file.reset()
    let bytes: Buffer = Buffer.alloc(0)
    let bytesAt = 0
    while (segment.size < size) {
      let at = segment.size - bytesAt
      const needed = neededBytes(bytes, at)
      if (at + needed > bytes.length) {
        if (segment.size + needed > size) break
        bytesAt = segment.size
        bytes = segment.file.readSync(bytesAt, Math.min(Math.max(SCAN_BYTES, needed), size - bytesAt))
        at = 0
        if (bytes.length < needed) break
        if (neededBytes(bytes, 0) > needed) continue
      }
      if (!this.#take(segment, bytes.subarray(at, at + needed))) break
    }
    if (segment.size === size) return true
    this.truncatedBytes += size - segment.size
    segment.file.truncate(segment.size)
    return false
  }

  /** Takes the next batch in if it is whole, intact and behind those before it. */
  #take(segment: Segment, bytes: Buffer): boolean {
    const batch = intactBatch(bytes, segment)
    if (batch === undefined) return false
    const { baseOffset, lastOffset, lastOffsetDelta } = batch
    if (baseOffset < this.logEndOffset || lastOffsetDelta < 0 || !segment.canHold(lastOffset)) return false
    const { maxTimestamp } = batch
    const completed = understood(segment, baseOffset, () => {
      if (!Number.isSafeInteger(maxTimestamp)) throw beyond(maxTimestamp)
      return applyBatch(this.#producers, batch)
    })
    segment.noteBatch(bytes.length, lastOffset, maxTimestamp, this.#options.indexIntervalBytes)
    this.#leaderEpochs.assign(batch.leaderEpoch, baseOffset)
    if (completed?.isAborted === true) {
      const lastStableOffset = this.#producers.lastStableOffsetAfter(completed)
      segment.txnIndex.append({ ...completed, lastStableOffset })
    }
    this.logEndOffset = lastOffset + 1
    return true
  }

  #dropSegments(from: number): void {
    for (const segment of this.#segments.splice(from)) {
      this.truncatedBytes += segment.size
      segment.removeFiles()
    }
  }
}

interface Scanned {
  /** What was in the directory at first. */
  readonly names: readonly string[]
  readonly segments: Segment[]
  readonly leaderEpochs: LeaderEpochs
  readonly producers: ProducerStates
  readonly scan: Recovery
  readonly logEndOffset: number
  readonly wasScanned: boolean
}

/** Makes everything else agree with what the segments hold. */
function settle(options: RecoveryOptions, scanned: Scanned): RecoveredLog {
  const { fileSystem, directory, nowMs } = options
  const { segments, leaderEpochs, producers, scan, wasScanned } = scanned
  let { logEndOffset } = scanned
  const first = segments[0]
  // A log that ends below its start has lost what lay between: nothing of it may be read.
  if (first === undefined || logEndOffset < options.logStartOffset) {
    for (const segment of segments.splice(0)) segment.removeFiles()
    logEndOffset = Math.max(options.logStartOffset, 0)
    segments.push(Segment.create({ fileSystem, directory, baseOffset: logEndOffset, nowMs }))
    leaderEpochs.clear()
    producers.clear()
  }
  const logStartOffset = Math.max(options.logStartOffset, segments[0]?.baseOffset ?? 0)
  // An epoch that begins where the log ends is that of a leader who has written nothing yet.
  leaderEpochs.truncateFromEnd(logEndOffset + 1)
  leaderEpochs.truncateFromStart(logStartOffset)
  for (const offset of snapshotOffsets(scanned.names)) {
    if (offset > logEndOffset) fileSystem.remove(snapshotPath(directory, offset))
  }
  if (!wasScanned) {
    const source = { ...options, names: scanned.names }
    rebuildProducers(source, producers, segments, { logStartOffset, logEndOffset })
  }
  return {
    segments,
    leaderEpochs,
    producers,
    logStartOffset,
    logEndOffset,
    truncatedBytes: scan.truncatedBytes,
    wasScanned,
  }
}

function applyBatch(producers: ProducerStates, batch: RecordBatch): ReturnType<ProducerStates['apply']> {
  return batch.producerId === NO_PRODUCER_ID ? undefined : producers.apply(batch, markerOf(batch))
}

/** Returns the offset behind the last batch that it met, `from` without one. */
function replaySegment(segment: Segment, producers: ProducerStates, from: number, upTo: number): number {
  let end = from
  const start = from > segment.baseOffset ? segment.positionOf(from) : 0
  walkBatches(segment.file, start, segment.size, ({ bytes, at, position, sizeInBytes }) => {
    const header = new RecordBatch(headerOf(bytes, at))
    if (header.baseOffset >= upTo) return 'stop'
    // Only a marker's record must be read; it is small.
    applyBatch(producers, header.isControl ? new RecordBatch(segment.file.readSync(position, sizeInBytes)) : header)
    end = Math.max(end, header.nextOffset)
    return undefined
  })
  return end
}

/** A batch's header as a batch of its own: everything but the records can be asked of it. */
function headerOf(bytes: Buffer, at: number): Buffer {
  const header = Buffer.from(bytes.subarray(at, at + BATCH_HEADER_BYTES))
  header.writeInt32BE(BATCH_HEADER_BYTES - LOG_OVERHEAD_BYTES, BATCH_LENGTH_AT)
  return header
}

function endOffsetOfLast(segments: readonly Segment[]): number {
  const last = segments.at(-1)
  return last === undefined ? 0 : endOffsetOf(last)
}

/** Behind the last batch of the segment, its base offset without one. */
export function endOffsetOf(segment: Segment): number {
  let end = segment.baseOffset
  if (segment.size === 0) return end
  const from = segment.offsetIndex.lookup(segment.offsetIndex.lastOffset)
  walkBatches(segment.file, from, segment.size, ({ bytes, at }) => {
    end = new RecordBatch(headerOf(bytes, at)).nextOffset
    return undefined
  })
  return end
}

/** What must be read to judge the batch at `at`: its header while that is not there, then all of it. */
function neededBytes(bytes: Buffer, at: number): number {
  if (at + BATCH_HEADER_BYTES > bytes.length) return BATCH_HEADER_BYTES
  return Math.max(BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES + bytes.readInt32BE(at + BATCH_LENGTH_AT))
}

/** The batch that `bytes` are; undefined when they are none, or were changed. */
function intactBatch(bytes: Buffer, segment: Segment): RecordBatch | undefined {
  if (bytes.length < BATCH_HEADER_BYTES) return undefined
  try {
    refuseOldFormat(bytes, segment)
    if (bytes.readInt8(MAGIC_AT) !== 2) return undefined
    const batch = new RecordBatch(bytes)
    // The base offset is not covered by the checksum: one that no log can have is damage as well.
    return batch.isIntact && Number.isSafeInteger(batch.lastOffset) ? batch : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/** What is intact and yet not understood was written on purpose: the log is not opened, rather than cut there. */
function understood<T>(segment: Segment, baseOffset: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const message = `The batch at offset ${baseOffset} in the segment at ${segment.baseOffset} is intact, but Samsa cannot read it: ${error.message}.`
    throw new KafkaError(message, { code: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', cause: error })
  }
}

/** Cutting such a log would destroy what is intact, so it is not opened at all. */
function refuseOldFormat(bytes: Buffer, segment: Segment): void {
  const magic = bytes.readInt8(MAGIC_AT)
  if (magic !== 0 && magic !== 1) return
  if (!new MessageSet(bytes).isIntact) return
  throw new KafkaError(
    `The segment at offset ${segment.baseOffset} holds records of magic ${magic}, from before Kafka 0.11, which Samsa cannot append to. Let Kafka rewrite the topic first.`,
    { code: 'UNSUPPORTED_FOR_MESSAGE_FORMAT' },
  )
}

function beyond(timestamp: number): ProtocolError {
  return new ProtocolError({ what: 'record batch', where: 'maxTimestamp', why: `${timestamp} is beyond any timestamp` })
}
