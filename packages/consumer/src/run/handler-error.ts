/**
 * HandlerError: what ends a run. It says which record could not be handled, and `cause` why.
 */
import { KafkaError, type KafkaErrorOptions } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'
import { nameOf } from '../topic-partition.js'
import { safeText } from './dead-letter.js'
import type { HandlerTask } from './handler-task.js'

/**
 * A record could not be handled. What was finished before it is committed; it and what follows come again in the next run.
 * Look at `cause`, then mend the handler or the record, seek behind the record, or give the run a `deadLetter`.
 */
export class HandlerError extends KafkaError {
  /** Of the record. */
  declare readonly offset: bigint
  /** How often it was tried. */
  declare readonly attempts: number

  static {
    brandError(HandlerError, 'HandlerError')
  }

  constructor(message: string, detail: KafkaErrorOptions & { readonly offset: bigint; readonly attempts: number }) {
    super(message, detail)
    this.offset = detail.offset
    this.attempts = detail.attempts
  }
}

export function handlerFailed(task: HandlerTask, cause: unknown): HandlerError {
  const times = task.attempt === 1 ? 'once' : `${task.attempt} times`
  const message = `The handler failed for ${whichOf(task)}, ${times}: ${reasonOf(cause)}. Nothing from that record on is committed: mend what failed and run again, seek behind it, or give run() a deadLetter.`
  return new HandlerError(message, { code: 'HANDLER_FAILED', ...detailOf(task), cause })
}

export function deadLetterFailed(task: HandlerTask, cause: unknown): HandlerError {
  const message = `The dead letter of ${whichOf(task)} could not be sent: ${reasonOf(cause)}. The record is not committed, so nothing is lost: see to the producer and the topic of dead letters, and run again.`
  return new HandlerError(message, { code: 'DEAD_LETTER_FAILED', ...detailOf(task), cause })
}

function whichOf({ record: { topic, partition, offset } }: HandlerTask): string {
  return `the record at offset ${offset} of ${nameOf({ topic, partition })}`
}

function detailOf({ record: { topic, partition, offset }, attempt }: HandlerTask) {
  return { topic, partition, offset, attempts: attempt }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : safeText(cause)
}
