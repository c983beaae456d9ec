/**
 * What a log answers when it cannot do what it is asked for, with Kafka's codes.
 */
import { KafkaError } from '@samsa/runtime'
import type { StorageError } from '../storage/storage-error.js'

interface NamedLog {
  readonly topic: string
  readonly partition: number
}

/** The log takes part in nothing any more until the next start. */
export function offlineError({ topic, partition }: NamedLog, cause: StorageError): KafkaError {
  const message = `The log of ${topic}-${partition} is offline after a failure of its disk.`
  return new KafkaError(message, { code: 'KAFKA_STORAGE_ERROR', retriable: true, topic, partition, cause })
}

export function closedLogError({ topic, partition }: NamedLog): KafkaError {
  return new KafkaError(`The log of ${topic}-${partition} is closed.`, {
    code: 'KAFKA_STORAGE_ERROR',
    topic,
    partition,
  })
}

export function outOfRange(
  offset: number,
  { topic, partition, logStartOffset, logEndOffset }: NamedLog & { logStartOffset: number; logEndOffset: number },
): KafkaError {
  const message = `Offset ${offset} of ${topic}-${partition} is not within ${logStartOffset} to ${logEndOffset}.`
  return new KafkaError(message, { code: 'OFFSET_OUT_OF_RANGE', topic, partition })
}
