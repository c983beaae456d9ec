/**
 * How batches are found in a log's segments: by offset for readers, by timestamp for those who look for a place to begin,
 * and the aborted transactions that a reader of committed records must know. Keeps no state.
 */
import {
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AT,
  LAST_OFFSET_DELTA_AT,
  LOG_OVERHEAD_BYTES,
  MAX_TIMESTAMP_AT,
  RecordBatch,
  readInt64,
} from '@samsa/protocol'
import type { BufferPool } from '@samsa/runtime/internal'
import { walkBatches } from './batch-walk.js'
import type { Segment } from './segment.js'
import type { SegmentList } from './segment-list.js'
import type { AbortedTransaction } from './txn-index.js'

/** Most that one read takes from a file, unless a single batch is larger. */
const MAX_READ_BYTES = 4 * 1024 * 1024

/** Read on top of what was asked for: the index leads to a place somewhat in front of the batch. */
const READ_AHEAD_BYTES = 8 * 1024

export interface ReadRange {
  readonly offset: number
  /** No batch that reaches this offset is read. */
  readonly bound: number
  readonly maxBytes: number
  readonly atLeastOneBatch: boolean
  /** Where the memory comes from that is read into; what came of it goes back with `release`. */
  readonly buffers: BufferPool
}

export interface ReadBatches {
  readonly records: Buffer
  /** Behind the last batch; the offset asked for when there is none. */
  readonly nextOffset: number
  /** To be called at most once, when nobody looks at `records` any more. */
  readonly release?: () => void
}

export interface TimestampAndEpoch {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** Whole batches from the one that holds `offset`, or the next one where compaction left none. Of one segment. */
export async function readBatches(segments: SegmentList, range: ReadRange): Promise<ReadBatches> {
  let segment: Segment | undefined = segments.at(segments.indexOf(range.offset))
  while (segment !== undefined && segment.baseOffset < range.bound) {
    const found = await readSegment(segment, range)
    if (found !== undefined) return found
    segment = nextOf(segments, segment)
  }
  return { records: EMPTY, nextOffset: range.offset }
}

/** How many bytes lie between two offsets, give or take the distance of two index entries. Reads no batch. */
export function bytesBetween(segments: SegmentList, from: number, to: number): number {
  return placeOf(segments, to) - placeOf(segments, from)
}

/** The first record at or behind `startOffset` that is not earlier than `timestamp`. */
export function findByTimestamp(
  segments: SegmentList,
  timestamp: number,
  startOffset: number,
): TimestampAndEpoch | undefined {
  for (const segment of segments.all()) {
    if (segment.greatestTimestamp.timestamp < timestamp) continue
    const entry = segment.timeIndex.lookup(timestamp)
    const from = segment.offsetIndex.lookup(Math.max(entry.offset, startOffset))
    const isWanted = (record: Position): boolean => record.timestamp >= timestamp && record.offset >= startOffset
    const found = searchBatches(segment, from, timestamp, startOffset, isWanted)
    if (found !== undefined) return found
  }
  return undefined
}

/** The first record that has the greatest timestamp of all. */
export function findMaxTimestamp(segments: SegmentList): TimestampAndEpoch | undefined {
  let latest = segments.first
  for (const segment of segments.all()) {
    if (segment.greatestTimestamp.timestamp > latest.greatestTimestamp.timestamp) latest = segment
  }
  const { timestamp, offset } = latest.greatestTimestamp
  if (timestamp < 0) return undefined
  return searchBatches(latest, latest.positionOf(offset), timestamp, 0, record => record.timestamp >= timestamp)
}

/** The aborted transactions that have records in `[from, to)`. */
export function abortedBetween(segments: SegmentList, from: number, to: number): AbortedTransaction[] {
  const aborted: AbortedTransaction[] = []
  for (let index = segments.indexOf(from); index < segments.count; index++) {
    if (segments.at(index).txnIndex.collect(from, to, aborted)) break
  }
  return aborted
}

/** Undefined when the segment holds no batch at or behind the offset. */
async function readSegment(segment: Segment, range: ReadRange): Promise<ReadBatches | undefined> {
  const { offset, bound, buffers } = range
  const budget = Math.min(range.maxBytes, MAX_READ_BYTES)
  let position = segment.offsetIndex.lookup(offset)
  let wanted = budget + READ_AHEAD_BYTES
  for (;;) {
    const memory = buffers.take(Math.max(0, Math.min(wanted, segment.size - position)))
    const bytes = await segment.read(position, memory)
    const start = firstBatchAt(bytes, offset)
    const found = judge(bytes, start, bound, { budget, atLeastOneBatch: range.atLeastOneBatch })
    if (found === 'whole') {
      return keptOf(cut(bytes, start, bound, Math.max(budget, sizeAt(bytes, start))), memory, buffers)
    }
    const firstBytes = found === 'in part' ? sizeAt(bytes, start) : 0
    buffers.give(memory)
    if (found === 'not wanted') return { records: EMPTY, nextOffset: offset }
    // The bytes ended in front of the batch, or inside of it. So did the segment, or the file is shorter than it was.
    if (found === 'none' && (start === 0 || position + start + BATCH_HEADER_BYTES > segment.size)) return undefined
    if (found === 'in part' && start === 0 && wanted >= firstBytes) return undefined
    position += start
    wanted = Math.max(firstBytes, found === 'none' ? wanted : 0)
  }
}

/** Of much memory for few records, only as much is held as they need. */
function keptOf(found: ReadBatches, memory: Buffer, buffers: BufferPool): ReadBatches {
  const { length } = found.records
  if (length * 4 >= memory.length) return { ...found, release: () => buffers.give(memory) }
  const records = buffers.take(length)
  found.records.copy(records)
  buffers.give(memory)
  return { ...found, records, release: () => buffers.give(records) }
}

/** What `bytes` hold of the batch at `start`. */
function judge(
  bytes: Buffer,
  start: number,
  bound: number,
  { budget, atLeastOneBatch }: { readonly budget: number; readonly atLeastOneBatch: boolean },
): 'none' | 'not wanted' | 'in part' | 'whole' {
  if (bytes.length - start < BATCH_HEADER_BYTES) return 'none'
  const size = sizeAt(bytes, start)
  if (readInt64(bytes, start) >= bound || (size > budget && !atLeastOneBatch)) return 'not wanted'
  return size > bytes.length - start ? 'in part' : 'whole'
}

/** Where in `bytes`, which begin with a batch, the first one begins that reaches `offset`; may be behind their end. */
function firstBatchAt(bytes: Buffer, offset: number): number {
  let at = 0
  while (at + BATCH_HEADER_BYTES <= bytes.length && lastOffsetAt(bytes, at) < offset) at += sizeAt(bytes, at)
  return at
}

function cut(bytes: Buffer, start: number, bound: number, budget: number): ReadBatches {
  let end = start
  let nextOffset = readInt64(bytes, start)
  while (end + BATCH_HEADER_BYTES <= bytes.length) {
    const size = sizeAt(bytes, end)
    const lastOffset = lastOffsetAt(bytes, end)
    if (end + size > bytes.length || end + size - start > budget || lastOffset >= bound) break
    end += size
    nextOffset = lastOffset + 1
  }
  return { records: bytes.subarray(start, end), nextOffset }
}

/** Never 0, so that a damaged file ends a search instead of holding it up. */
function sizeAt(bytes: Buffer, at: number): number {
  return Math.max(BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES + bytes.readInt32BE(at + BATCH_LENGTH_AT))
}

function lastOffsetAt(bytes: Buffer, at: number): number {
  return readInt64(bytes, at) + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT)
}

function nextOf(segments: SegmentList, segment: Segment): Segment | undefined {
  return segments.all()[segments.all().indexOf(segment) + 1]
}

/** Bytes of the log in front of the batch that holds `offset`, as far as the index tells. */
function placeOf(segments: SegmentList, offset: number): number {
  const index = segments.indexOf(offset)
  let bytes = 0
  for (let before = 0; before < index; before++) bytes += segments.at(before).size
  return bytes + segments.at(index).offsetIndex.lookup(offset)
}

interface Position {
  readonly offset: number
  readonly timestamp: number
}

/** Reads only batches whose header says that they reach the timestamp and the offset. */
function searchBatches(
  segment: Segment,
  from: number,
  timestamp: number,
  offset: number,
  isWanted: (record: Position) => boolean,
): TimestampAndEpoch | undefined {
  let found: TimestampAndEpoch | undefined
  walkBatches(segment.file, from, segment.size, ({ bytes, at, position, sizeInBytes }) => {
    if (readInt64(bytes, at + MAX_TIMESTAMP_AT) < timestamp || lastOffsetAt(bytes, at) < offset) return undefined
    const batch = new RecordBatch(segment.file.readSync(position, sizeInBytes))
    const cursor = batch.records()
    while (found === undefined && cursor.next()) {
      if (!isWanted(cursor)) continue
      found = { offset: cursor.offset, timestamp: cursor.timestamp, leaderEpoch: batch.leaderEpoch }
    }
    return found === undefined ? undefined : 'stop'
  })
  return found
}

const EMPTY: Buffer = Buffer.alloc(0)
