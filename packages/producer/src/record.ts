/**
 * What a user sends: its type, and the checks that find wrong use before anything else is done with it.
 */

import type { WritableHeader } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

/** What needs no serde. */
export type Bytes = string | Uint8Array | null

export type HeaderValue = string | Uint8Array | null

/** By name, with several values where a name comes more than once; or pairs, where their order counts. */
export type RecordHeaders =
  | Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
  | readonly (readonly [name: string, value: HeaderValue])[]

export interface ProducerRecord<Key = Bytes, Value = Bytes> {
  readonly topic: string
  /** Default: as the partitioner says. */
  readonly partition?: number | undefined
  /** Whole milliseconds since 1970. Default: now. */
  readonly timestamp?: number | undefined
  /** Records of one key come to one partition, in order. */
  readonly key?: Key | null | undefined
  /** Null deletes the key from a compacted topic. */
  readonly value: Value | null
  readonly headers?: RecordHeaders | undefined
}

const NO_HEADERS: readonly WritableHeader[] = []
const LONGEST_TOPIC = 249
const TOPIC_NAME = /^[a-zA-Z0-9._-]+$/

/** Throws when the topic, partition or timestamp cannot be. Key, value and headers are looked at when they become bytes. */
export function checkRecord(record: unknown): asserts record is ProducerRecord<unknown, unknown> {
  if (typeof record !== 'object' || record === null) throw invalid(`a record must be an object, got ${named(record)}`)
  const { topic, partition, timestamp } = record as Partial<ProducerRecord<unknown, unknown>>
  if (typeof topic !== 'string') throw invalid(`record.topic must be the name of a topic, got ${named(topic)}`)
  if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0 && partition <= 0x7fffffff)) {
    throw invalid(`record.partition must be a whole number of at least 0, got ${named(partition)}`, topic)
  }
  if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && timestamp >= 0)) {
    throw invalid(`record.timestamp must be whole milliseconds since 1970, got ${named(timestamp)}`, topic)
  }
}

/** Called while nothing is known of the topic: what a broker knows has a name that can be. */
export function checkTopicName(topic: string): void {
  if (topic.length <= LONGEST_TOPIC && TOPIC_NAME.test(topic) && topic !== '.' && topic !== '..') return
  throw new KafkaError(
    `'${topic.slice(0, LONGEST_TOPIC)}' cannot be the name of a topic: 1 to ${LONGEST_TOPIC} characters of a-z, A-Z, 0-9, '.', '_' and '-'.`,
    { code: 'INVALID_TOPIC_EXCEPTION', topic: topic.slice(0, LONGEST_TOPIC) },
  )
}

/** The headers in the form in which they are written. Throws when one of them cannot be. */
export function writableHeaders(headers: RecordHeaders | undefined): readonly WritableHeader[] {
  if (headers === undefined) return NO_HEADERS
  if (typeof headers !== 'object' || headers === null) throw invalid(`record.headers must be an object or pairs`)
  const written: WritableHeader[] = []
  if (Array.isArray(headers)) {
    for (const pair of headers as readonly unknown[]) {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw invalid('each of record.headers must be a pair [name, value]')
      written.push(writableHeader(pair[0], pair[1]))
    }
    return written
  }
  for (const [key, value] of Object.entries<unknown>(headers)) {
    if (Array.isArray(value)) for (const each of value) written.push(writableHeader(key, each))
    else written.push(writableHeader(key, value))
  }
  return written
}

function writableHeader(key: unknown, value: unknown): WritableHeader {
  if (typeof key !== 'string') throw invalid(`the name of a header must be a string, got ${named(key)}`)
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return { key, value }
  throw invalid(`the header ${key} must be a string, bytes or null, got ${named(value)}`)
}

/** What a value is, without showing it: records hold what is nobody's business. */
export function named(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`
  return Array.isArray(value) ? 'an array' : `an object of class ${value.constructor?.name ?? 'null'}`
}

function invalid(message: string, topic?: string): KafkaError {
  return new KafkaError(message, { code: 'INVALID_RECORD', topic })
}
