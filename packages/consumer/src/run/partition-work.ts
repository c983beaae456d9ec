/**
 * PartitionWork: what a run has in hand of one partition: records that wait for their lane, how many handlers are at it,
 * and up to where everything is finished. Owned by the schedule.
 *
 * A lane is what keeps an order: one for the partition, or one for each key that has records in hand, or none at all. It is
 * busy from the start of a handler until nothing of it waits any more, pauses between two attempts included.
 */
import { RingBuffer } from '@samsa/runtime/internal'
import type { PartitionState } from '../subscription-state.js'
import type { CommitFrontier } from './commit-frontier.js'
import type { HandlerTask } from './handler-task.js'

export class Lane {
  /** By which its partition knows it; undefined for that of the whole partition. */
  readonly key: string | undefined
  readonly queue: RingBuffer<HandlerTask> = new RingBuffer<HandlerTask>()
  isBusy = false

  constructor(key: string | undefined) {
    this.key = key
  }
}

export class PartitionWork {
  readonly state: PartitionState
  readonly groupId: string | undefined
  readonly onHeartbeat: (task: HandlerTask) => void
  readonly onRest: (task: HandlerTask, delayMs: number) => Promise<void>
  frontier: CommitFrontier
  /** Of the state, when the frontier was made: another one means that reading was moved. */
  moves: number
  /** Its records may be handled. */
  isOpen = true
  readonly ownLane: Lane = new Lane(undefined)
  readonly laneByKey: Map<string, Lane> = new Map<string, Lane>()
  /** Waiting in lanes. */
  queued = 0
  queuedBytes = 0
  /** Handlers, and ways to the dead letters, that are under way. */
  active = 0
  #abort: AbortController | undefined

  constructor(state: PartitionState, parts: Pick<PartitionWork, 'frontier' | 'groupId' | 'onHeartbeat' | 'onRest'>) {
    this.state = state
    this.frontier = parts.frontier
    this.groupId = parts.groupId
    this.onHeartbeat = parts.onHeartbeat
    this.onRest = parts.onRest
    this.moves = state.moves
  }

  /** For all handlers of the partition. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  get isAborted(): boolean {
    return this.#abort?.signal.aborted === true
  }

  abort(reason: unknown): void {
    this.#abort ??= new AbortController()
    this.#abort.abort(reason)
  }
}
