/**
 * What users give to `consumer.run()`.
 */
import type { ConsumerRecord } from '../consumer-record.js'
import type { HandlerContext } from './handler-task.js'

/** Handles one record. What it gives is waited for when it is a promise, and means nothing else. */
export type RecordHandler<Key = Uint8Array, Value = Uint8Array> = (
  record: ConsumerRecord<Key, Value>,
  context: HandlerContext,
) => unknown
