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

export function transactionIsOver(): KafkaError {
  return new KafkaError(
    'This transaction is over, so nothing can be done through it: await everything that a handler does with tx before it returns.',
    { code: 'TRANSACTION_OVER' },
  )
}
