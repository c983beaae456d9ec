/**
 * RecordDeserializationError: a serde could not read a key or a value. It says which record, so that it can be set aside.
 */
import { type KafkaErrorDetail, SerializationError } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'

export class RecordDeserializationError extends SerializationError {
  /** Of the record. */
  declare readonly offset: bigint

  static {
    brandError(RecordDeserializationError, 'RecordDeserializationError')
  }

  constructor(message: string, detail: KafkaErrorDetail & { readonly offset: bigint }) {
    super(message, detail)
    this.offset = detail.offset
  }
}
