/**
 * Courier: brings records of one lane to the cluster, and says which of them may be removed. A courier has one way to begin and
 * none to go on after it has thrown: then it is closed, and another one begins.
 */
import type { ProducerRecord, RecordMetadata } from '@samsa/producer'
import type { OutboxPlace, WaitingRecord } from '../store/outbox-store.js'

export interface Courier {
  /** Which records an earlier courier of the lane has delivered and may not have removed. */
  begin(): Promise<readonly OutboxPlace[]>
  /** Resolves with those that were delivered; those are not to be delivered again. */
  deliver(records: readonly WaitingRecord[]): Promise<Delivery>
  close(): Promise<void>
}

export interface Delivery {
  readonly delivered: readonly WaitingRecord[]
  /** Of the first one that was not delivered. */
  readonly error?: unknown
}

/** Under this name the id of the record is in its headers: the same however often it is sent. */
export const ID_HEADER = 'outbox-id'

export function recordToSend({ id, topic, partition, key, value, headers }: WaitingRecord): ProducerRecord {
  return { topic, partition, key, value, headers: [...headers, [ID_HEADER, id]] }
}

export interface Sends {
  send(record: ProducerRecord): Promise<RecordMetadata>
}
