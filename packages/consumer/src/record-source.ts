/**
 * RecordSource: takes records out of the buffer for whoever hands them on. Counts them, passes over what no serde can read
 * where that is the policy, and lets interceptors see the rest.
 */
import type { Logger, TopicPartitionOffset } from '@samsa/runtime'
import type { ConsumerMetrics } from './consumer-metrics.js'
import type { ConsumerConfig } from './consumer-options.js'
import type { ConsumerRecord } from './consumer-record.js'
import { ConsumerRecords } from './consumer-records.js'
import type { FetchBuffer } from './fetch-buffer.js'
import { ConsumerInterceptors } from './interceptors.js'
import { unreadableReason } from './run/unreadable.js'

export interface RecordSourceParts {
  readonly config: ConsumerConfig
  readonly logger: Logger
  readonly buffer: FetchBuffer
  readonly metrics: ConsumerMetrics
}

export class RecordSource<Key, Value> {
  readonly #parts: RecordSourceParts
  readonly #interceptors: ConsumerInterceptors
  readonly #isSkipping: boolean

  constructor(parts: RecordSourceParts) {
    this.#parts = parts
    this.#interceptors = new ConsumerInterceptors(parts.config.interceptors, parts.logger)
    this.#isSkipping = parts.config.deserializationFailure === 'skip'
  }

  next(): ConsumerRecord<Key, Value> | undefined {
    const record = this.#readable()
    if (record === undefined) return undefined
    this.#parts.metrics.recordsConsumed++
    if (!this.#interceptors.isEmpty) this.#interceptors.onConsume(record)
    // The serdes say what keys and values are, and they were given with these types.
    return record as ConsumerRecord<Key, Value>
  }

  /** As many as a poll gives; undefined when there is none. */
  batch(): ConsumerRecords<Key, Value> | undefined {
    const records: ConsumerRecord<Key, Value>[] = []
    while (records.length < this.#parts.config.maxPollRecords) {
      const record = this.next()
      if (record === undefined) break
      records.push(record)
    }
    return records.length === 0 ? undefined : new ConsumerRecords(records)
  }

  /** The group has these. */
  committed(offsets: readonly TopicPartitionOffset[]): void {
    if (!this.#interceptors.isEmpty) this.#interceptors.onCommit(offsets)
  }

  close(): void {
    this.#interceptors.close()
  }

  #readable(): ConsumerRecord<unknown, unknown> | undefined {
    const { buffer, metrics, logger } = this.#parts
    for (let record = buffer.next(); record !== undefined; record = buffer.next()) {
      const error = this.#isSkipping ? unreadableReason(record) : undefined
      if (error === undefined) return record
      metrics.recordsSkipped++
      logger.warn({ err: error }, 'a record that cannot be read was passed over')
    }
    return undefined
  }
}
