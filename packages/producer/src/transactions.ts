/**
 * Transactions: what users have of them, behind the producer's methods of the same names. Says how long a call waits and
 * runs a whole transaction around a function; what happens meanwhile is the manager's.
 */
import { type Clock, type Logger, TimeoutError, type WaitOptions } from '@samsa/runtime'
import { Deadline, settleWithin } from '@samsa/runtime/internal'
import type { ProducerCluster } from './cluster.js'
import type { ProducerConfig } from './producer-options.js'
import { TransactionManager, type TransactionManagerOptions } from './transaction-manager.js'
import type { GroupMetadata, TransactionOffsets } from './transaction-offsets.js'
import { type TransactionCall, TransactionStateError } from './transaction-states.js'

export interface TransactionsOptions {
  readonly manager: TransactionManager
  readonly clock: Clock
  readonly logger: Logger
  /** How long a call waits that says nothing else. */
  readonly maxBlockMs: number
  readonly transactionTimeoutMs: number
}

export class Transactions {
  readonly manager: TransactionManager
  readonly #options: TransactionsOptions

  constructor(options: TransactionsOptions) {
    this.#options = options
    this.manager = options.manager
  }

  async init(options: WaitOptions): Promise<void> {
    await this.#settled('initTransactions', this.manager.init(), options)
  }

  begin(): void {
    this.manager.begin()
  }

  async sendOffsets(offsets: TransactionOffsets, group: GroupMetadata, options: WaitOptions): Promise<void> {
    const { clock } = this.#options
    await settleWithin(clock, this.manager.commitOffsets(offsets, group), this.#limits(options, 'The offsets'))
  }

  async commit(options: WaitOptions): Promise<void> {
    await this.#settled('commitTransaction', this.manager.commit(), options)
  }

  async abort(options: WaitOptions): Promise<void> {
    await this.#settled('abortTransaction', this.manager.abort(), options)
  }

  /** Begins, runs, commits; aborts where anything fails. */
  async run<T>(work: () => T | Promise<T>, options: WaitOptions): Promise<T> {
    const { maxBlockMs, transactionTimeoutMs } = this.#options
    await this.#prepare(options)
    options.signal?.throwIfAborted()
    this.begin()
    try {
      const result = await work()
      options.signal?.throwIfAborted()
      // To give up earlier tells nothing: until then the broker may still commit it.
      await this.commit({ ...options, timeoutMs: options.timeoutMs ?? Math.max(maxBlockMs, transactionTimeoutMs) })
      return result
    } catch (error) {
      await this.#abandon()
      throw error
    }
  }

  /** Aborts what is open, also when the commit that is under way fails, or waits for the end that is. */
  async close(options: WaitOptions): Promise<void> {
    const { clock, maxBlockMs, logger } = this.#options
    const deadline = new Deadline(clock, options.timeoutMs ?? maxBlockMs)
    const left = (): WaitOptions => ({ ...options, timeoutMs: deadline.remainingMs })
    try {
      if (this.manager.pendingCall === 'commitTransaction') {
        await this.commit(left()).catch(error => {
          if (!this.#isOpen) throw error
        })
      }
      if (this.#isOpen || this.manager.pendingCall === 'abortTransaction') await this.abort(left())
    } catch (error) {
      logger.warn({ err: error }, 'the transaction was not ended before the producer was closed')
    }
  }

  /** The first time it initializes; after an abort that took too long, it waits for the end of that. */
  async #prepare(options: WaitOptions): Promise<void> {
    const { pendingCall, state } = this.manager
    if (pendingCall === 'abortTransaction') await this.abort(options)
    else if (pendingCall === 'initTransactions' || state === 'uninitialized') await this.init(options)
  }

  /** What it fails with is less to the point than what it was called for. */
  async #abandon(): Promise<void> {
    if (!this.#isOpen) return
    try {
      await this.abort({})
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'a transaction could not be aborted')
    }
  }

  get #isOpen(): boolean {
    const { state, pendingCall } = this.manager
    return pendingCall === undefined && (state === 'inTransaction' || state === 'abortable')
  }

  async #settled(call: TransactionCall, outcome: Promise<void>, options: WaitOptions): Promise<void> {
    let isWaiting = true
    const seen = (): void => {
      if (isWaiting) this.manager.acknowledge(call)
    }
    outcome.then(seen, seen)
    try {
      await settleWithin(this.#options.clock, outcome, this.#limits(options, `${call}()`, call))
    } finally {
      isWaiting = false
    }
  }

  #limits(options: WaitOptions, what: string, call?: TransactionCall) {
    const { maxBlockMs } = this.#options
    const again = call === undefined ? '' : ` Call ${call}() again to wait for it.`
    return {
      ...options,
      timeoutMs: options.timeoutMs ?? maxBlockMs,
      timeoutError: (timeoutMs: number) =>
        new TimeoutError(`${what} had no outcome within ${timeoutMs} ms: it is still under way.${again}`),
    }
  }
}

/** Undefined for a producer without a `transactionalId`. */
export function transactionsOf(
  config: ProducerConfig,
  cluster: ProducerCluster,
  hooks: Pick<TransactionManagerOptions, 'drained' | 'onChange'>,
): Transactions | undefined {
  const { transactionalId, transactionTimeoutMs, retryBackoffMaxMs, maxBlockMs } = config
  if (transactionalId === undefined) return undefined
  const { clock, logger } = cluster
  const manager = new TransactionManager({
    ...hooks,
    cluster,
    transactionalId,
    transactionTimeoutMs,
    retryBackoffMaxMs,
  })
  return new Transactions({ manager, clock, logger, maxBlockMs, transactionTimeoutMs })
}

export function notTransactional(call: TransactionCall | 'transaction'): TransactionStateError {
  return new TransactionStateError(`${call}() needs a producer with the option transactionalId.`)
}
