/**
 * What of a log may be compacted now, how much of it is dirty, and whether it must be compacted however little that is.
 * Pure decisions; whoever keeps the logs carries them out.
 */
import type { LogConfig } from '../log-config.js'

/** A segment as far as these decisions look at it. */
export interface DirtySegment {
  readonly baseOffset: number
  readonly size: number
  readonly largestTimestampMs: number
  /** Of its first batch, -1 without one. May read the file. */
  readonly firstTimestampMs: number
}

export interface DirtyLog {
  /** The last one is active and never compacted. */
  readonly segments: readonly DirtySegment[]
  readonly config: LogConfig
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly lastStableOffset: number
  /** Up to where it was compacted before; undefined when it never was. */
  readonly cleanedTo: number | undefined
}

export interface CleanableRange {
  /** Everything below was compacted before. */
  readonly firstDirtyOffset: number
  /** Where a segment begins of which nothing may be compacted yet. */
  readonly endOffset: number
  readonly cleanableBytes: number
  /** Of what was compacted before and what can be now, the part that is dirty; 0 for an empty log. */
  readonly dirtyRatio: number
  /** Its oldest dirty record waits for longer than max.compaction.lag.ms. */
  readonly isOverdue: boolean
}

export function cleanableRange(log: DirtyLog, nowMs: number): CleanableRange {
  const { segments } = log
  const firstDirtyOffset = firstDirty(log)
  const endOffset = segmentHolding(segments, Math.max(firstDirtyOffset, firstUncleanable(log, firstDirtyOffset, nowMs)))
  const dirtyFrom = segmentHolding(segments, Math.min(firstDirtyOffset, endOffset))
  const cleanBytes = bytesOf(segments, 0, firstDirtyOffset)
  const cleanableBytes = bytesOf(segments, dirtyFrom, endOffset)
  const total = cleanBytes + cleanableBytes
  return {
    firstDirtyOffset,
    endOffset,
    cleanableBytes,
    dirtyRatio: total === 0 ? 0 : cleanableBytes / total,
    isOverdue: isOverdue(log, firstDirtyOffset, nowMs),
  }
}

/** Whether a log with this range is worth a pass. */
export function isWorthCleaning(range: CleanableRange, config: LogConfig): boolean {
  if (range.isOverdue && range.cleanableBytes > 0) return true
  return range.dirtyRatio > config.minCleanableDirtyRatio
}

/** A place outside of the log tells nothing: all of it counts as dirty then. */
function firstDirty({ cleanedTo, logStartOffset, logEndOffset }: DirtyLog): number {
  if (cleanedTo === undefined || cleanedTo < logStartOffset || cleanedTo > logEndOffset) return logStartOffset
  return cleanedTo
}

function firstUncleanable(log: DirtyLog, firstDirtyOffset: number, nowMs: number): number {
  const activeOffset = log.segments.at(-1)?.baseOffset ?? 0
  const end = Math.min(log.lastStableOffset, activeOffset)
  const { minCompactionLagMs } = log.config
  if (minCompactionLagMs <= 0) return end
  const young = dirtySegments(log, firstDirtyOffset).find(
    segment => segment.largestTimestampMs > nowMs - minCompactionLagMs,
  )
  return young === undefined ? end : Math.min(end, young.baseOffset)
}

function isOverdue(log: DirtyLog, firstDirtyOffset: number, nowMs: number): boolean {
  const { maxCompactionLagMs } = log.config
  // Without the limit no file is looked into.
  if (maxCompactionLagMs >= nowMs) return false
  return dirtySegments(log, firstDirtyOffset).some(
    ({ firstTimestampMs }) => firstTimestampMs > 0 && firstTimestampMs < nowMs - maxCompactionLagMs,
  )
}

/** Those in front of the active one that hold dirty offsets. */
function dirtySegments({ segments }: DirtyLog, firstDirtyOffset: number): readonly DirtySegment[] {
  const from = segmentHolding(segments, firstDirtyOffset)
  return segments.slice(0, -1).filter(segment => segment.baseOffset >= from)
}

/** The base offset of the segment whose offsets `offset` is among. */
function segmentHolding(segments: readonly DirtySegment[], offset: number): number {
  return segments.findLast(segment => segment.baseOffset <= offset)?.baseOffset ?? segments[0]?.baseOffset ?? 0
}

/** Of the segments that begin in `[from, to)`. */
function bytesOf(segments: readonly DirtySegment[], from: number, to: number): number {
  let bytes = 0
  for (const { baseOffset, size } of segments) if (baseOffset >= from && baseOffset < to) bytes += size
  return bytes
}
