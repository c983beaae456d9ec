/**
 * TransactionTurns: one after the other on a connection that can have one transaction. Owns who is in and who waits, and for
 * how long at most: a transaction that is begun inside another of the same store would wait for itself.
 */
import { type Clock, TimeoutError } from '@samsa/runtime'
import { WaitingLine } from '@samsa/runtime/internal'
import { storeClosed } from './store-error.js'

export interface TurnLimits {
  /** The most that may wait. */
  readonly maxWaiting: number
  /** The longest that one may wait. */
  readonly waitTimeoutMs: number
}

export class TransactionTurns {
  readonly #line: WaitingLine<true, void>
  readonly #waitTimeoutMs: number
  #isTaken = false
  #isClosed = false

  constructor(clock: Clock, { maxWaiting, waitTimeoutMs }: TurnLimits) {
    this.#waitTimeoutMs = waitTimeoutMs
    this.#line = new WaitingLine({
      clock,
      name: 'a turn at the store',
      limit: maxWaiting,
      timeoutError: waitedMs =>
        new TimeoutError(
          `The store had no turn within ${waitedMs} ms: the transactions before this one are slow, or this one was begun inside another, which then waits for itself.`,
        ),
    })
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw storeClosed()
    if (this.#isTaken) await this.#line.join(true, { timeoutMs: this.#waitTimeoutMs })
    this.#isTaken = true
    try {
      return await work()
    } finally {
      // The turn is handed on, never free in between: nobody can come first who came later.
      if (this.#line.size > 0) this.#line.admitFirst()
      else this.#isTaken = false
    }
  }

  /** Sends away those who wait and all later ones, and calls `end` when the one that is in has finished. */
  async close(end: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#line.failAll(storeClosed())
    if (this.#isTaken) await this.#line.join(true, {})
    this.#isTaken = true
    await end()
  }
}
