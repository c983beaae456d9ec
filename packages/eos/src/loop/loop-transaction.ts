/**
 * One transaction of a loop: what is written and the offsets of its input are committed together, or it says why not. Knows
 * the producer alone; when it returns, no transaction is open.
 */
import type { GroupMetadata } from '@samsa/consumer'
import type { Producer, TransactionOffset } from '@samsa/producer'
import { type Clock, KafkaError, type Logger, TimeoutError } from '@samsa/runtime'
import { reach } from '../failpoint.js'
import type { Failure } from './fault.js'
import { Output } from './output.js'

export type LoopProducer<Key, Value> = Pick<
  Producer<Key, Value>,
  'transaction' | 'commitTransaction' | 'abortTransaction' | 'flush'
>

export interface LoopTransactionParts<Key, Value> {
  readonly producer: LoopProducer<Key, Value>
  readonly clock: Clock
  readonly logger: Logger
  readonly commitTimeoutMs: number
  /** A commit had no outcome in its time, and is waited for further. */
  readonly onUnknown: (records: number) => void
  /** What the group's offsets tell of such a commit; undefined when that cannot be had. */
  readonly isCommitted: (offsets: readonly TransactionOffset[]) => Promise<boolean | undefined>
}

export interface TransactionContent<Key, Value> {
  /** How many it is made of. */
  readonly records: number
  readonly offsets: readonly TransactionOffset[]
  readonly group: GroupMetadata
  readonly write: (output: Output<Key, Value>) => Promise<void>
}

export class LoopTransaction<Key, Value> {
  readonly #parts: LoopTransactionParts<Key, Value>

  constructor(parts: LoopTransactionParts<Key, Value>) {
    this.#parts = parts
  }

  /**
   * One without anything in it: the first one initializes the producer, which ends what an earlier process of the same
   * transactional id has left open, and keeps that from going on.
   */
  async prepare(): Promise<Failure | undefined> {
    try {
      await this.#parts.producer.transaction(() => {})
      return undefined
    } catch (error) {
      await this.#abort(error)
      return { error, stage: 'begin', sendError: undefined }
    }
  }

  /** Undefined when it is committed. Throws when nobody can tell. */
  async commit({ records, offsets, group, write }: TransactionContent<Key, Value>): Promise<Failure | undefined> {
    const { producer } = this.#parts
    let stage: Failure['stage'] = 'begin'
    let output: Output<Key, Value> | undefined
    let isCommitAsked = false
    try {
      await producer.transaction(async transaction => {
        stage = 'work'
        output = new Output(transaction)
        await write(output)
        reach('loop.afterSend')
        stage = 'commit'
        // One behind the other: what enters a transaction while something else does is made to wait by Kafka, for 20 ms and more.
        await producer.flush()
        await transaction.sendOffsets(offsets, group)
        reach('loop.afterSendOffsets')
        reach('loop.beforeCommit')
        isCommitAsked = true
      })
    } catch (error) {
      if (isCommitAsked && error instanceof TimeoutError) return await this.#outcome(offsets, records)
      if (stage === 'begin') await this.#abort(error)
      return { error, stage, sendError: output?.error }
    }
    reach('loop.afterCommit')
    return undefined
  }

  /** The producer asks for the same end again and again; another transaction can only begin when that has an answer. */
  async #outcome(offsets: readonly TransactionOffset[], records: number): Promise<Failure | undefined> {
    const { producer, commitTimeoutMs, logger, onUnknown, isCommitted } = this.#parts
    logger.warn({}, 'the outcome of a commit is not known yet')
    onUnknown(records)
    try {
      await producer.commitTransaction({ timeoutMs: commitTimeoutMs })
      return undefined
    } catch (error) {
      if (error instanceof TimeoutError) throw unknownOutcome(commitTimeoutMs, await isCommitted(offsets), error)
      await this.#abort(error)
      return { error, stage: 'commit', sendError: undefined }
    }
  }

  /** Of what is still open although its transaction has failed. */
  async #abort(error: unknown): Promise<void> {
    if (!(error instanceof KafkaError && error.abortable)) return
    const { producer, logger } = this.#parts
    await producer.abortTransaction().catch((cause: unknown) => {
      logger.warn({ err: cause }, 'a transaction could not be aborted')
    })
  }
}

function unknownOutcome(timeoutMs: number, isCommitted: boolean | undefined, cause: unknown): KafkaError {
  const told = {
    true: "The group's offsets tell that it was committed.",
    false: "The group's offsets tell that it is not committed so far.",
    undefined: "The group's offsets could not be had either.",
  }[`${isCommitted}`]
  return new KafkaError(
    `A commit had no outcome within commitTimeoutMs (${timeoutMs} ms). ${told} Start the loop anew with a new producer: it goes on behind what is committed, whichever that is.`,
    { code: 'COMMIT_OUTCOME_UNKNOWN', fatal: true, cause },
  )
}
