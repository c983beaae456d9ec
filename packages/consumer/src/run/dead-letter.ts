/**
 * Dead letters: where records go that no attempt could handle, as they came, with headers that say where from and why.
 */
import type { ConsumerRecord } from '../consumer-record.js'

/**
 * The record that is sent, in the shape of a producer without serdes: bytes as they came. Its time is its own: by that of an old
 * record, retention might remove it at once.
 */
export interface DeadLetterRecord {
  readonly topic: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: string | Uint8Array | null])[]
}

/** Any object with a `send` that resolves when the record is safe; a producer without serdes is one. */
export interface DeadLetterProducer {
  send(record: DeadLetterRecord): Promise<unknown>
}

export interface DeadLetterOptions {
  readonly producer: DeadLetterProducer
  /** Its name, or what gives the name for a record. */
  readonly topic: string | ((record: ConsumerRecord<unknown, unknown>, error: unknown) => string)
}

/** What is known of a record that goes to the dead letters. */
export interface Burial {
  readonly record: ConsumerRecord<unknown, unknown>
  readonly error: unknown
  readonly attempts: number
  readonly groupId: string | undefined
}

/** Names of headers, behind those that the record had. A record that dies twice has each of them twice, the first time first. */
export const deadLetterHeaders = {
  topic: 'dead-letter-topic',
  partition: 'dead-letter-partition',
  offset: 'dead-letter-offset',
  timestamp: 'dead-letter-timestamp',
  groupId: 'dead-letter-group-id',
  errorName: 'dead-letter-error-name',
  errorMessage: 'dead-letter-error-message',
  attempts: 'dead-letter-attempts',
} as const

/** A message may hold anything, and a record has a limit. */
const LONGEST_MESSAGE = 4096

export function deadLetterOf({ topic: target }: Pick<DeadLetterOptions, 'topic'>, burial: Burial): DeadLetterRecord {
  const { record, error, attempts, groupId } = burial
  const { topic, partition, offset, timestamp } = record
  const why = errorIn(error)
  const added: [string, string][] = [
    [deadLetterHeaders.topic, topic],
    [deadLetterHeaders.partition, String(partition)],
    [deadLetterHeaders.offset, String(offset)],
    [deadLetterHeaders.timestamp, String(timestamp)],
    [deadLetterHeaders.errorName, why.name],
    [deadLetterHeaders.errorMessage, why.message],
    [deadLetterHeaders.attempts, String(attempts)],
  ]
  if (groupId !== undefined) added.push([deadLetterHeaders.groupId, groupId])
  return {
    topic: typeof target === 'function' ? target(record, error) : target,
    key: record.keyBytes,
    value: record.valueBytes,
    headers: [...record.headers.map(({ key, value }) => [key, value] as const), ...added],
  }
}

/** Anything can be thrown, its parts can be anything, and of any length. */
export function errorIn(error: unknown): { readonly name: string; readonly message: string } {
  const [name, message] =
    error instanceof Error ? [String(error.name), String(error.message)] : [typeof error, safeText(error)]
  return { name, message: message.slice(0, LONGEST_MESSAGE) }
}

export function safeText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return 'something that cannot be written as text'
  }
}

export function isDeadLetterOptions(value: unknown): value is DeadLetterOptions {
  if (typeof value !== 'object' || value === null) return false
  const { producer, topic } = value as Partial<DeadLetterOptions>
  const hasTopic = typeof topic === 'function' || (typeof topic === 'string' && topic !== '')
  return hasTopic && typeof producer === 'object' && producer !== null && typeof producer.send === 'function'
}
