/**
 * BatchError: records of a batch that could not be handled, each alone.
 */
import type { ConsumerRecord } from '@samsa/consumer'
import { KafkaError } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'
import { placeOf } from './record-id.js'

export interface RecordFailure {
  readonly record: ConsumerRecord<unknown, unknown>
  readonly error: unknown
}

/**
 * Some records of a batch failed; those behind them in their partitions were held back, all others are handled. The same batch
 * may be handed over again: what is handled is left out. Look at `failures`; retriable when each of them is.
 */
export class BatchError extends KafkaError {
  /** The first of each partition. */
  declare readonly failures: readonly RecordFailure[]
  /** How many records wait behind them. */
  declare readonly held: number

  static {
    brandError(BatchError, 'BatchError')
  }

  constructor(
    failures: readonly RecordFailure[],
    { records, held }: { readonly records: number; readonly held: number },
  ) {
    const places = failures.map(({ record, error }) => `${placeOf(record)} (${messageOf(error)})`).join(', ')
    const message = `Of ${records} records, the handler failed for those at ${places}, and ${held} behind them were held back; the others are handled. Mend what failed, or give dedupBatch an alone with a deadLetter, and hand the batch over again.`
    const retriable = failures.every(({ error }) => error instanceof KafkaError && error.retriable)
    super(message, { code: 'BATCH_FAILED', retriable, cause: failures[0]?.error })
    // Records would fill the log that an error is printed to.
    Object.defineProperty(this, 'failures', { value: failures, enumerable: false })
    this.held = held
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error
}
