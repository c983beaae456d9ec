/**
 * What a broker's answer means for one batch: the one place where an error code of Produce becomes what happens next. Pure.
 */
import { type Decoded, errorByCode, errorOf, type ProduceResponsePartitionResponse } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

export type ProduceOutcome =
  | { readonly kind: 'written'; readonly baseOffset: number; readonly logAppendTimeMs: number }
  /** Not written, or nobody knows: the same batch again. */
  | { readonly kind: 'again'; readonly error: KafkaError; readonly mayBeWritten: boolean; readonly refresh: boolean }
  /** Not written: in smaller batches. */
  | { readonly kind: 'split'; readonly error: KafkaError }
  /** Not written, for the sake of some of its records: the others again. */
  | { readonly kind: 'without'; readonly records: ReadonlyMap<number, KafkaError> }
  /** Not written, because of its sequence number. */
  | { readonly kind: 'renumber'; readonly error: KafkaError; readonly mustHaveNewId: boolean }
  /** Will not be written any more. */
  | { readonly kind: 'failed'; readonly error: KafkaError; readonly mayBeWritten: boolean }

export interface BatchContext {
  readonly topic: string
  readonly partition: number
  readonly broker: string
  readonly recordCount: number
  readonly isIdempotent: boolean
}

type PartitionResponse = Decoded<ProduceResponsePartitionResponse>

/**
 * What passes, and a broker says before it writes anything. Behind any other such error the batch may be in the log: one
 * that wrote it and then stopped leading before its followers had it answers NOT_LEADER_OR_FOLLOWER, or, when it lost the
 * partition, UNKNOWN_TOPIC_OR_PARTITION.
 */
const NOT_WRITTEN = new Set([
  'CORRUPT_MESSAGE',
  'UNKNOWN_TOPIC_ID',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'NOT_ENOUGH_REPLICAS',
  'THROTTLING_QUOTA_EXCEEDED',
])

export function produceOutcome(response: PartitionResponse, batch: BatchContext): ProduceOutcome {
  const { name, reaction } = errorByCode(response.errorCode)
  const { topic, partition, broker } = batch
  if (name === 'NONE') {
    const { baseOffset, logAppendTimeMs } = response
    return { kind: 'written', baseOffset: Number(baseOffset), logAppendTimeMs: Number(logAppendTimeMs) }
  }
  // It was written the first time, so long ago that its place is forgotten.
  if (name === 'DUPLICATE_SEQUENCE_NUMBER') return { kind: 'written', baseOffset: -1, logAppendTimeMs: -1 }
  const error = errorOf(response.errorCode, {
    topic,
    partition,
    broker,
    api: 'Produce',
    message: response.errorMessage,
  })
  if (name === 'MESSAGE_TOO_LARGE' && batch.recordCount > 1) return { kind: 'split', error }
  // Some of them, or there is nothing to be gained by sending the others.
  const records = recordErrorsOf(response, batch.recordCount, error)
  if (records.size > 0 && records.size < batch.recordCount) return { kind: 'without', records }
  if (batch.isIdempotent) {
    if (name === 'OUT_OF_ORDER_SEQUENCE_NUMBER' || name === 'UNKNOWN_PRODUCER_ID') {
      return { kind: 'renumber', error, mustHaveNewId: false }
    }
    if (name === 'INVALID_PRODUCER_EPOCH') return { kind: 'renumber', error, mustHaveNewId: true }
  }
  if (reaction === 'retry' || reaction === 'refresh') {
    return { kind: 'again', error, mayBeWritten: !NOT_WRITTEN.has(name), refresh: reaction === 'refresh' }
  }
  return { kind: 'failed', error, mayBeWritten: name === 'UNKNOWN_SERVER_ERROR' }
}

/** Of records that the batch has: what a broker says of others is left out. */
function recordErrorsOf(
  response: PartitionResponse,
  recordCount: number,
  error: KafkaError,
): ReadonlyMap<number, KafkaError> {
  const known = response.recordErrors.filter(({ batchIndex }) => batchIndex >= 0 && batchIndex < recordCount)
  return new Map(
    known.map(({ batchIndex, batchIndexErrorMessage }) => [
      batchIndex,
      batchIndexErrorMessage === null || batchIndexErrorMessage === ''
        ? error
        : new KafkaError(`${error.message} Of this record it says: ${batchIndexErrorMessage}`, {
            code: error.code,
            topic: error.topic,
            partition: error.partition,
            broker: error.broker,
            api: error.api,
          }),
    ]),
  )
}
