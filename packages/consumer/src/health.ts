/**
 * Health: of each partition what it is doing, how far behind it is, and since when nothing has moved, so that whatever
 * stands still has a name. Owns what was seen of each partition's progress, at most once a second unless somebody asks.
 */
import type { Clock } from '@samsa/runtime'
import { endOffsetOf } from './fetch-reports.js'
import type { PartitionState } from './subscription-state.js'
import type { TopicPartition } from './topic-partition.js'

/**
 * - `fetching`: records are on their way, or handed out
 * - `handling`: a handler of `run()` is at it, or its records wait for one
 * - `retrying`: a handler has failed and pauses before the next attempt
 * - `resting`: a handler waits by its own wish, as for a record that is not due yet
 * - `paused`: by the application
 * - `waitingForPosition`: where to read is looked up
 * - `waitingForLeader`: no broker is known to lead it
 * - `failing`: fetches or lookups of it fail, and are tried again
 */
export type PartitionActivity =
  | 'fetching'
  | 'handling'
  | 'retrying'
  | 'resting'
  | 'paused'
  | 'waitingForPosition'
  | 'waitingForLeader'
  | 'failing'

/** The handler that has been at a partition for longest. Times are milliseconds since 1970. */
export interface BusyHandler {
  readonly offset: bigint
  readonly attempt: number
  readonly busySince: number
}

export interface PartitionHealth extends TopicPartition {
  readonly state: PartitionActivity
  /** Undefined while there is none. */
  readonly position: bigint | undefined
  /** As `lag()` has it; undefined until a fetch has told. */
  readonly lag: number | undefined
  /** When its records were last handed out, or with `run()` finished; milliseconds since 1970. */
  readonly lastProgressAt: number
  /**
   * There is something to do, it is not paused, and nothing has moved for longer than `maxPollIntervalMs`. A handler that rests for
   * longer than that by its own wish stands still on purpose.
   */
  readonly isStalled: boolean
  /** With `run()`: records that are taken and not finished, or wait for one before them that is not. */
  readonly pendingRecords: number
  readonly handler: BusyHandler | undefined
}

/** How the consumer stands with its group. */
export interface GroupHealth {
  /** `rebalancing`: on its way back in; `out`: not one of the group, until a poll joins it. */
  readonly state: 'member' | 'rebalancing' | 'out'
  /** Why it left by itself or was put out, and is not back. */
  readonly whyOut: string | undefined
}

export interface ConsumerHealth {
  /** Undefined where nothing is subscribed to. */
  readonly group: GroupHealth | undefined
  readonly partitions: readonly PartitionHealth[]
  /** Those that stand still. */
  readonly stalled: readonly PartitionHealth[]
}

/** What a run knows of a partition. Times are by the clock's `monotonic`. */
export interface HandlingView {
  readonly finishedUpTo: number
  readonly pendingRecords: number
  readonly isRetrying: boolean
  /** How long its handlers wait by their own wish, at most; undefined where none does. */
  readonly restMs: number | undefined
  readonly busy: { readonly offset: bigint; readonly attempt: number; readonly busySince: number } | undefined
}

export interface HealthParts {
  readonly clock: Clock
  readonly isolationLevel: string
  readonly maxPollIntervalMs: number
  readonly partitions: () => readonly PartitionState[]
  readonly group: () => GroupHealth | undefined
  readonly handling: (state: PartitionState) => HandlingView | undefined
  readonly hasLeader: (state: PartitionState) => boolean
}

interface Seen {
  upTo: number
  at: number
}

const MS_BETWEEN_LOOKS = 1000

export class Health {
  readonly #parts: HealthParts
  readonly #seen = new WeakMap<PartitionState, Seen>()
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(parts: HealthParts) {
    this.#parts = parts
  }

  /** Notes what has moved, unless that was done a moment ago. */
  watch(): void {
    const now = this.#parts.clock.monotonic()
    if (now - this.#lookedAt >= MS_BETWEEN_LOOKS) this.#look(now)
  }

  report(): ConsumerHealth {
    const now = this.#parts.clock.monotonic()
    this.#look(now)
    const partitions = this.#parts.partitions().map(state => this.#of(state, now))
    return { group: this.#parts.group(), partitions, stalled: partitions.filter(({ isStalled }) => isStalled) }
  }

  #look(now: number): void {
    this.#lookedAt = now
    for (const state of this.#parts.partitions()) {
      const upTo = this.#parts.handling(state)?.finishedUpTo ?? state.position
      const seen = this.#seen.get(state)
      if (seen === undefined) this.#seen.set(state, { upTo, at: now })
      else if (seen.upTo !== upTo) {
        seen.upTo = upTo
        seen.at = now
      }
    }
  }

  #of(state: PartitionState, now: number): PartitionHealth {
    const { clock, isolationLevel, maxPollIntervalMs } = this.#parts
    const handling = this.#parts.handling(state)
    const activity = this.#activityOf(state, handling, now)
    const endOffset = endOffsetOf(state, isolationLevel)
    const lag = endOffset === undefined || !state.hasPosition ? undefined : Math.max(0, endOffset - state.position)
    const progressAt = this.#seen.get(state)?.at ?? now
    const hasWork = lag !== 0 || (handling?.pendingRecords ?? 0) > 0
    const busy = handling?.busy
    const isHanging = busy !== undefined && now - busy.busySince > maxPollIntervalMs
    const isOnPurpose = activity === 'paused' || (!isHanging && (handling?.restMs ?? 0) > maxPollIntervalMs)
    const wallClock = (at: number): number => Math.round(clock.now() - (now - at))
    return {
      ...state.place,
      state: activity,
      position: state.hasPosition ? BigInt(state.position) : undefined,
      lag,
      lastProgressAt: wallClock(progressAt),
      isStalled: hasWork && !isOnPurpose && now - progressAt > maxPollIntervalMs,
      pendingRecords: handling?.pendingRecords ?? 0,
      handler: busy === undefined ? undefined : { ...busy, busySince: wallClock(busy.busySince) },
    }
  }

  #activityOf(state: PartitionState, handling: HandlingView | undefined, now: number): PartitionActivity {
    if (handling?.busy !== undefined) return 'handling'
    if (state.isPaused) return 'paused'
    if (handling?.isRetrying === true) return 'retrying'
    if (handling?.restMs !== undefined) return 'resting'
    if (handling !== undefined && handling.pendingRecords > 0) return 'handling'
    if (!this.#parts.hasLeader(state)) return 'waitingForLeader'
    if (state.failures > 0 || state.retryAt > now) return 'failing'
    return state.hasPosition && !state.needsLookup ? 'fetching' : 'waitingForPosition'
  }
}
