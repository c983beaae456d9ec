/**
 * RecordDeserializationError: a serde could not read a key or a value. It says which record, so that it can be set aside.
 */
import { type KafkaErrorDetail, SerializationError } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'

interface UnreadableRecord {
  readonly offset: bigint
  readonly keyBytes: Uint8Array | null
  readonly valueBytes: Uint8Array | null
}

export class RecordDeserializationError extends SerializationError {
  /** Of the record. */
  declare readonly offset: bigint
  /** As they came. */
  declare readonly keyBytes: Uint8Array | null
  declare readonly valueBytes: Uint8Array | null

  static {
    brandError(RecordDeserializationError, 'RecordDeserializationError')
  }

  constructor(message: string, detail: KafkaErrorDetail & UnreadableRecord) {
    super(message, detail)
    this.offset = detail.offset
    // A record's bytes would fill the log that an error is printed to.
    Object.defineProperties(this, {
      keyBytes: { value: detail.keyBytes, enumerable: false },
      valueBytes: { value: detail.valueBytes, enumerable: false },
    })
  }
}
