/**
 * AppendError: a batch that a log refuses. `code` is Kafka's name of the error that the producer is told.
 */
import { KafkaError, type KafkaErrorOptions } from '@samsa/runtime'

/** What is wrong with one record of the batch. */
export interface RecordError {
  /** Position of the record in the batch. */
  readonly batchIndex: number
  readonly message: string
}

export class AppendError extends KafkaError {
  /** Empty where the batch as a whole is refused. */
  readonly recordErrors: readonly RecordError[]
  /** What was sent is nothing that a log could look at: one batch, whole, in a form that the request allows. */
  readonly isOfRequest: boolean

  constructor(
    message: string,
    options: KafkaErrorOptions & { readonly recordErrors?: readonly RecordError[]; readonly isOfRequest?: boolean },
  ) {
    super(message, options)
    this.recordErrors = options.recordErrors ?? []
    this.isOfRequest = options.isOfRequest ?? false
  }
}
