/**
 * HandlerTask: one record on its way through a handler, and what the handler is told beside it. One object for both: it is
 * the only thing that a run makes for a record.
 */
import type { Timer } from '@samsa/runtime'
import type { ConsumerRecord } from '../consumer-record.js'
import { eventLoopTurn } from '../progress.js'
import type { CommitFrontier } from './commit-frontier.js'
import type { Lane, PartitionWork } from './partition-work.js'

/** What a handler is given beside its record. */
export interface HandlerContext {
  /** How often this record has been tried with this time: 1 at first. */
  readonly attempt: number
  /** Aborted when the partition is another consumer's now, or the time for finishing is over: what is done then is done twice. */
  readonly signal: AbortSignal
  /** Of the consumer, when it has one. */
  readonly groupId: string | undefined
  /**
   * Says that the handler is alive, and lets everything else in the process have its turn. Not needed for staying in the
   * group, which goes on beside handlers; for loops that compute for long.
   */
  heartbeat(): Promise<void>
  /**
   * Waits, and leaves the place among the handlers to another one meanwhile; what comes behind in order waits too. Rejects at
   * once when the partition goes or the run ends: let that through, the record comes again.
   */
  rest(delayMs: number): Promise<void>
}

export class HandlerTask implements HandlerContext {
  readonly record: ConsumerRecord<unknown, unknown>
  readonly work: PartitionWork
  /** Without one, the order does not matter. */
  readonly lane: Lane | undefined
  readonly frontier: CommitFrontier
  /** By which the frontier knows it. */
  readonly number: number
  attempt = 1
  /** By the clock's `monotonic`: since when its handler, or its way to the dead letters, is waited for. */
  busySince = 0
  isReportedAsStalled = false
  /** Until the next attempt. */
  timer: Timer | undefined

  constructor(
    record: ConsumerRecord<unknown, unknown>,
    work: PartitionWork,
    lane: Lane | undefined,
    { frontier, number }: { readonly frontier: CommitFrontier; readonly number: number },
  ) {
    this.record = record
    this.work = work
    this.lane = lane
    this.frontier = frontier
    this.number = number
  }

  /** False when its partition is gone, or reading was moved elsewhere after it was taken. */
  get isWanted(): boolean {
    const { isOpen, state, frontier } = this.work
    return isOpen && state.isAssigned && this.frontier === frontier
  }

  get signal(): AbortSignal {
    return this.work.signal
  }

  get groupId(): string | undefined {
    return this.work.groupId
  }

  /** Handlers may take it out of the context, so it is bound; made when somebody asks, since most never do. */
  get heartbeat(): () => Promise<void> {
    return () => {
      this.work.onHeartbeat(this)
      return eventLoopTurn()
    }
  }

  /** As `heartbeat`. */
  get rest(): (delayMs: number) => Promise<void> {
    return delayMs => this.work.onRest(this, delayMs)
  }
}
