/**
 * Which of a log's oldest segments are not needed any more. A pure decision; the log carries it out.
 */
import type { LogConfig } from './log-config.js'

/** A segment as far as retention looks at it. */
export interface RetainedSegment {
  readonly baseOffset: number
  readonly size: number
  readonly largestTimestampMs: number
}

export interface RetentionState {
  readonly config: LogConfig
  readonly nowMs: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly logEndOffset: number
}

/**
 * How many of the segments, oldest first, may go: because they lie below the log's start, and where the topic's policy is
 * to delete, because they are too old or the log is too large. Never one that reaches beyond the high watermark. The answer
 * may be all of them: then the log begins a new segment first.
 */
export function countDeletable(segments: readonly RetainedSegment[], state: RetentionState): number {
  const { config } = state
  const byStart = countInFront(segments, state)
  if (!config.cleanupPolicy.delete) return byStart
  return Math.max(byStart, countExpired(segments, state), countOversize(segments, state))
}

/** How many of the segments, oldest first, lie in front of the log's start. */
export function countInFront(segments: readonly RetainedSegment[], state: RetentionState): number {
  return countWhile(segments, state, (_, next) => next !== undefined && next.baseOffset <= state.logStartOffset)
}

function countExpired(segments: readonly RetainedSegment[], state: RetentionState): number {
  const { retentionMs } = state.config
  if (retentionMs < 0) return 0
  return countWhile(segments, state, segment => state.nowMs - segment.largestTimestampMs > retentionMs)
}

function countOversize(segments: readonly RetainedSegment[], state: RetentionState): number {
  const { retentionBytes } = state.config
  if (retentionBytes < 0) return 0
  let excess = segments.reduce((sum, segment) => sum + segment.size, 0) - retentionBytes
  return countWhile(segments, state, segment => {
    excess -= segment.size
    return excess >= 0
  })
}

function countWhile(
  segments: readonly RetainedSegment[],
  state: RetentionState,
  isDeletable: (segment: RetainedSegment, next: RetainedSegment | undefined) => boolean,
): number {
  const count = segments.findIndex((segment, index) => {
    const next = segments[index + 1]
    const endOffset = next?.baseOffset ?? state.logEndOffset
    // An empty last segment is what is left when everything has gone.
    const isEmptyLast = next === undefined && segment.size === 0
    return isEmptyLast || endOffset > state.highWatermark || !isDeletable(segment, next)
  })
  return count < 0 ? segments.length : count
}
