/**
 * TransactionSettling: whether the end of the last transaction has reached all of its partitions. Kafka answers EndTxn when
 * that end is decided and writes markers behind it. Records that come before the last marker are held back by the broker,
 * 20 ms at a time (KIP-890), and no answer tells; asking the coordinator first takes one millisecond or two.
 *
 * It is asked when the next transaction begins, and rarely where it has nothing to tell: a broker that is always done by
 * then, or one that refuses to say. What it does not say in time is taken as done, for the broker waits by itself.
 */
import { describeTransactions } from '@samsa/protocol'
import type { ProducerCluster } from './cluster.js'
import { soonBackoff } from './soon-backoff.js'

export interface TransactionSettlingOptions {
  readonly cluster: Pick<ProducerCluster, 'call' | 'clock' | 'random'>
  readonly transactionalId: string
  readonly closing: AbortSignal
  readonly onSettled: () => void
}

const UNSETTLED = new Set(['PrepareCommit', 'PrepareAbort'])
const MOST_PAUSE_MS = 5
const LIMIT_MS = 200
/** After so many ends in a row that were settled when it asked first, it asks after one of so many. */
const ENOUGH_SETTLED = 8
const ENDS_FOR_ONE_QUESTION = 16

export class TransactionSettling {
  readonly #options: TransactionSettlingOptions
  readonly #pauses
  #state: 'settled' | 'unknown' | 'asking' = 'settled'
  #ends = 0
  #settledInARow = 0

  constructor(options: TransactionSettlingOptions) {
    this.#options = options
    this.#pauses = soonBackoff(options.cluster.random, MOST_PAUSE_MS)
  }

  /** A transaction that the broker knew of has ended. */
  begin(): void {
    const asks = this.#settledInARow < ENOUGH_SETTLED || ++this.#ends % ENDS_FOR_ONE_QUESTION === 0
    if (asks && this.#state === 'settled') this.#state = 'unknown'
  }

  /** The next transaction begins: by the time that it has records, much of the wait may be over. */
  ask(): void {
    if (this.#state !== 'unknown') return
    this.#state = 'asking'
    void this.#ask()
  }

  /** Whether records of the next may go; where they may not, `onSettled` is called when they may. */
  get isOver(): boolean {
    return this.#state === 'settled'
  }

  async #ask(): Promise<void> {
    const { cluster, closing, onSettled } = this.#options
    const { clock } = cluster
    const startedAt = clock.monotonic()
    let pauses = 0
    try {
      while (!(await this.#isSettled()) && clock.monotonic() - startedAt < LIMIT_MS) {
        pauses++
        await clock.sleep(this.#pauses.delayMs(pauses), { signal: closing })
      }
    } catch {
      // Refused, too late or closed: the broker waits by itself.
    }
    this.#settledInARow = pauses === 0 ? this.#settledInARow + 1 : 0
    this.#state = 'settled'
    if (!closing.aborted) onSettled()
  }

  async #isSettled(): Promise<boolean> {
    const { cluster, transactionalId, closing: signal } = this.#options
    const to = { transaction: transactionalId }
    const request = { transactionalIds: [transactionalId] }
    const answer = await cluster.call(describeTransactions, request, { to, timeoutMs: LIMIT_MS, signal })
    return !answer.transactionStates.some(({ transactionState }) => UNSETTLED.has(transactionState))
  }
}
