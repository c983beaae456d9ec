/**
 * What a loop rejects with: which records, why, and what to do about it.
 */
import { type ConsumerRecord, HandlerError } from '@samsa/consumer'
import { FencedError, KafkaError, ProducerFencedError } from '@samsa/runtime'
import { found } from '../observation.js'
import { placeOf } from '../record-id.js'
import type { Batch } from './batch.js'
import type { Failure } from './fault.js'

/** Records could not be handled, however often it was tried, and there are no dead letters. */
export function workFailed(batch: Batch, attempts: number, cause: unknown): HandlerError {
  const [first] = batch.stretches
  const { topic = '', partition = -1, start: offset = -1n } = first ?? {}
  const which = batch.single === undefined ? `${batch.records.length} records, the first` : 'the record'
  const message = `The work failed for ${which} at offset ${offset} of ${topic}-${partition}, in ${attempts} attempts: ${reasonOf(cause)}. Nothing from there on is committed: mend what failed and run the loop again, or give it poison.deadLetter.`
  return new HandlerError(message, { code: 'HANDLER_FAILED', topic, partition, offset, attempts, cause })
}

export function buryFailed(record: ConsumerRecord<unknown, unknown>, attempts: number, cause: unknown): HandlerError {
  const { topic, partition, offset } = record
  const message = `The dead letter of the record at ${placeOf(record)} could not be sent: ${reasonOf(cause)}. The record is not committed, so nothing is lost: see to the topic of dead letters, and run the loop again.`
  return new HandlerError(message, { code: 'DEAD_LETTER_FAILED', topic, partition, offset, attempts, cause })
}

/** What it ends with: that another has taken its place, which is counted, or else what went wrong first. */
export function loopEnd({ error, sendError }: Failure, records: number): unknown {
  const fenced = error instanceof FencedError ? error : fencedBy(sendError)
  if (fenced === undefined) return sendError ?? error
  found('transactionalLoop', 'fenced', { records })
  return fenced
}

/** Who is replaced hears it from the first broker that it writes to, which only knows that the epoch is an old one. */
function fencedBy(sendError: unknown): ProducerFencedError | undefined {
  if (!(sendError instanceof KafkaError && sendError.code === 'INVALID_PRODUCER_EPOCH')) return undefined
  const message =
    'A record was refused for its epoch: another producer has started with this transactionalId, or the broker has given the transaction up.'
  return new ProducerFencedError(message, { cause: sendError })
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
