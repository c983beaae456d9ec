/**
 * Records whose key or value no serde can read: found before the application has them, where it asks for that.
 */
import type { ConsumerRecord } from '../consumer-record.js'
import { RecordDeserializationError } from '../record-deserialization-error.js'

/** Reads key and value, which are kept; undefined when both can be read. */
export function unreadableReason(record: ConsumerRecord<unknown, unknown>): RecordDeserializationError | undefined {
  try {
    void record.key
    void record.value
    return undefined
  } catch (error) {
    if (error instanceof RecordDeserializationError) return error
    throw error
  }
}
