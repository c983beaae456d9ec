/**
 * One compaction of one log: reads the dirty part to learn the last offset of each key, then writes what stays of every
 * segment up to there into new ones, which take the place of the old. Appends and reads go on meanwhile: between two small
 * pieces of work everything else runs. Memory: the map, a buffer to read into, and what stays of the piece at hand.
 */
import type { RecordBatch } from '@samsa/protocol'
import { OFFSET_INDEX_ENTRY_BYTES } from '../offset-index.js'
import type { PartitionLog } from '../partition-log.js'
import type { Segment } from '../segment.js'
import { TIME_INDEX_ENTRY_BYTES } from '../time-index.js'
import { BatchFilter, type BatchFilterTarget } from './batch-filter.js'
import type { CleanableRange } from './cleanable-range.js'
import { CleanedTransactions } from './cleaned-transactions.js'
import { CleaningAborted } from './log-cleaning.js'
import { OffsetMap, type OffsetMapLimits } from './offset-map.js'
import { batchPieces } from './segment-batches.js'
import { groupSegments } from './segment-groups.js'

export interface CleanPassOptions {
  readonly log: PartitionLog
  readonly range: CleanableRange
  readonly nowMs: number
  readonly map: OffsetMapLimits
  /** Read at once, unless a single batch is larger. */
  readonly bufferBytes: number
  readonly isStopping: () => boolean
}

export interface CleanPassResult {
  /** Everything below is compacted. Before the end of the range when the map was full. */
  readonly endOffset: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** Rejects with CleaningAborted when the log changed in a way that a pass cannot go on with, or is not to. */
export async function cleanLog(options: CleanPassOptions): Promise<CleanPassResult> {
  const pass = new CleanPass(options)
  try {
    return await pass.run()
  } catch (error) {
    // What was cut off or removed cannot be read any more; that is nothing wrong with the log.
    throw pass.isWanted ? error : new CleaningAborted()
  }
}

class CleanPass {
  readonly #options: CleanPassOptions
  readonly #config: PartitionLog['config']
  readonly #truncations: number
  readonly #map: OffsetMap
  #mappedTo: number
  /** What it works on. */
  #current: readonly Segment[] = []

  constructor(options: CleanPassOptions) {
    const { log, range, map } = options
    this.#options = options
    this.#config = log.config
    this.#truncations = log.cleaning.truncations
    this.#map = new OffsetMap(map, range.endOffset - range.firstDirtyOffset)
    this.#mappedTo = range.firstDirtyOffset
  }

  get isWanted(): boolean {
    return this.#isWanted(this.#current)
  }

  async run(): Promise<CleanPassResult> {
    const { log, range, nowMs } = this.#options
    log.cleaning.removeLeftovers()
    await this.#fillMap()
    const segments = log.cleaning.segments.filter(
      ({ baseOffset }) => baseOffset < this.#mappedTo && baseOffset < range.endOffset,
    )
    const filter = new BatchFilter({
      lastOffsetOf: key => this.#map.get(key),
      mappedTo: this.#mappedTo,
      transactions: new CleanedTransactions(),
      nowMs,
      deleteRetentionMs: this.#config.deleteRetentionMs,
      rangeEnd: range.endOffset,
    })
    let bytesBefore = 0
    let bytesAfter = 0
    for (const group of this.#groupsOf(segments)) {
      for (const segment of group) bytesBefore += segment.size
      bytesAfter += await this.#cleanGroup(group, filter)
    }
    return { endOffset: this.#mappedTo, bytesBefore, bytesAfter }
  }

  /** Reads the dirty part. Afterwards the map is right for everything below `#mappedTo`. */
  async #fillMap(): Promise<void> {
    const { log, range } = this.#options
    const { firstDirtyOffset, endOffset } = range
    const transactions = new CleanedTransactions()
    transactions.expect(log.cleaning.abortedBetween(firstDirtyOffset, endOffset))
    const segments = log.cleaning.segments.filter(({ baseOffset }) => baseOffset < endOffset)
    const first = Math.max(
      0,
      segments.findLastIndex(({ baseOffset }) => baseOffset <= firstDirtyOffset),
    )
    for (const [index, segment] of segments.slice(first).entries()) {
      this.#mustGoOn([segment])
      const position = segment.offsetIndex.lookup(firstDirtyOffset)
      for await (const batches of batchPieces(segment, position, this.#options.bufferBytes)) {
        this.#mustGoOn([segment])
        for (const batch of batches) if (!this.#mapBatch(batch, transactions)) return
      }
      this.#mappedTo = segments[first + index + 1]?.baseOffset ?? endOffset
    }
  }

  /** False when the map is full. */
  #mapBatch(batch: RecordBatch, transactions: CleanedTransactions): boolean {
    const { firstDirtyOffset } = this.#options.range
    if (batch.isControl) transactions.isMarkerUnneeded(batch)
    else if (!transactions.isAborted(batch)) {
      const cursor = batch.records()
      while (cursor.next()) {
        const key = cursor.offset < firstDirtyOffset ? null : cursor.key()
        if (key === null) continue
        if (!this.#map.put(key, cursor.offset)) return false
        this.#mappedTo = cursor.offset + 1
      }
    }
    if (batch.lastOffset >= firstDirtyOffset) this.#mappedTo = batch.nextOffset
    return true
  }

  #groupsOf(segments: readonly Segment[]): Segment[][] {
    const { segmentBytes, segmentIndexBytes } = this.#config
    return groupSegments(segments, {
      segmentBytes,
      offsetIndexEntries: Math.floor(segmentIndexBytes / OFFSET_INDEX_ENTRY_BYTES),
      timeIndexEntries: Math.floor(segmentIndexBytes / TIME_INDEX_ENTRY_BYTES),
      endOffset: this.#options.range.endOffset,
    })
  }

  /** Writes what stays of the segments into one, which takes their place. Returns its size. */
  async #cleanGroup(group: readonly Segment[], filter: BatchFilter): Promise<number> {
    const [first] = group
    const last = group.at(-1)
    if (first === undefined || last === undefined) return 0
    this.#mustGoOn(group)
    const { cleaning } = this.#options.log
    await cleaning.keepNames()
    this.#mustGoOn(group)
    const cleaned = cleaning.createCleaned(first, last)
    try {
      const target = {
        producers: cleaning.lastOfProducers(),
        keepAborted: cleaned.txnIndex.append.bind(cleaned.txnIndex),
      }
      for (const segment of group) await this.#cleanInto(segment, filter, target, cleaned)
    } catch (error) {
      cleaning.dropCleaned(cleaned)
      throw error
    }
    await cleaning.swapIn(cleaned, group, this.#endOf(last), () => this.#isWanted(group))
    return cleaned.size
  }

  async #cleanInto(segment: Segment, filter: BatchFilter, target: BatchFilterTarget, cleaned: Segment): Promise<void> {
    const { log, bufferBytes } = this.#options
    this.#mustGoOn([segment])
    filter.expectAborted(log.cleaning.abortedBetween(segment.baseOffset, this.#endOf(segment)))
    for await (const batches of batchPieces(segment, 0, bufferBytes)) {
      this.#mustGoOn([segment])
      const kept = batches.map(batch => filter.filter(batch, target)).filter(batch => batch !== undefined)
      write(cleaned, kept, segment.lastAppendMs, this.#config.indexIntervalBytes)
    }
  }

  /** Where the next segment begins. There is one: the active segment is never compacted. */
  #endOf(segment: Segment): number {
    const { segments } = this.#options.log.cleaning
    return segments[segments.indexOf(segment) + 1]?.baseOffset ?? this.#options.range.endOffset
  }

  #mustGoOn(segments: readonly Segment[]): void {
    this.#current = segments
    if (!this.#isWanted(segments)) throw new CleaningAborted()
  }

  #isWanted(segments: readonly Segment[]): boolean {
    const { log, isStopping } = this.#options
    return (
      !isStopping() &&
      !log.isClosed &&
      log.offline === undefined &&
      log.config === this.#config &&
      log.cleaning.truncations === this.#truncations &&
      (segments.length === 0 || log.cleaning.holds(segments))
    )
  }
}

function write(cleaned: Segment, batches: readonly RecordBatch[], nowMs: number, indexIntervalBytes: number): void {
  if (batches.length === 0) return
  cleaned.write(
    batches.map(batch => batch.bytes),
    nowMs,
  )
  for (const { bytes, lastOffset, maxTimestamp } of batches) {
    cleaned.noteBatch(bytes.length, lastOffset, maxTimestamp, indexIntervalBytes)
  }
}
