/**
 * Errors that every store has in common.
 */
import { KafkaError } from '@samsa/runtime'

export function inconsistentTopicId(topic: string, partition: number): KafkaError {
  return new KafkaError(
    `The offset that is stored for ${topic}-${partition} belongs to an earlier topic of that name. Decide where to begin in the new one, and remove the stored offset.`,
    { code: 'INCONSISTENT_TOPIC_ID', topic, partition },
  )
}

/** The database itself would not; what a handler's own statements threw is left as it is. */
export function storeFailed(what: string, cause: unknown): KafkaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KafkaError(`The store could not ${what}: ${reason}.`, { code: 'STORE_FAILED', retriable: true, cause })
}

export function transactionIsOver(): KafkaError {
  return new KafkaError(
    'This transaction is over, so nothing can be done through it: await everything that a handler does with tx before it returns.',
    { code: 'TRANSACTION_OVER' },
  )
}
