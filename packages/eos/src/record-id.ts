/**
 * By what a record is known: the id that the application gives it, whose ids these are, and a fingerprint that tells another
 * payload under the same id.
 */
import { createHash } from 'node:crypto'
import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
import { ConfigError, KafkaError, type KafkaErrorDetail, PayloadMismatchError } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'
import type { HelperName } from './observation.js'

export type Id = string | number | bigint

/** Of a record; nothing is an error and not an id. */
export type IdOf<Key, Value> = (record: ConsumerRecord<Key, Value>) => Id | null | undefined

/** What must be the same when an id comes again. */
export type FingerprintOf<Key, Value> = (record: ConsumerRecord<Key, Value>) => string | Uint8Array | null | undefined

/** A record without an id cannot be told from a duplicate. Let its sender give it one, or send it to the dead letters. */
export class MissingIdError extends KafkaError {
  static {
    brandError(MissingIdError, 'MissingIdError')
  }

  constructor(message: string, detail: KafkaErrorDetail = {}) {
    super(message, { ...detail, code: 'MISSING_ID' })
  }
}

export function idOf<Key, Value>(record: ConsumerRecord<Key, Value>, key: IdOf<Key, Value>): string {
  const id: unknown = key(record)
  const isUsable = typeof id === 'string' ? id !== '' : typeof id === 'bigint' || Number.isSafeInteger(id)
  if (isUsable) return String(id)
  const shown = id === '' ? 'an empty text' : typeof id === 'number' ? String(id) : id === null ? 'null' : typeof id
  const { topic, partition } = record
  throw new MissingIdError(
    `The record at ${placeOf(record)} has no id: key gave ${shown}, and needs to give a text, a whole number or a bigint.`,
    { topic, partition },
  )
}

export function scopeOf(
  scope: string | undefined,
  { groupId }: Pick<HandlerContext, 'groupId'>,
  helper: HelperName = 'dedup',
): string {
  const found = scope ?? groupId
  if (found !== undefined) return found
  throw new ConfigError(`${helper}: the consumer has no groupId, so scope must say whose ids these are.`)
}

/** The function gives what to compare, `false` nothing; without either it is the value's bytes. */
export function fingerprintOf<Key, Value>(
  record: ConsumerRecord<Key, Value>,
  of: FingerprintOf<Key, Value> | false | undefined,
): Uint8Array | undefined {
  if (of === false) return undefined
  const content = of === undefined ? record.valueBytes : of(record)
  // A value that is not there and an empty one are two things.
  const hash = createHash('sha256').update(content === null || content === undefined ? 'null:' : 'value:')
  return new Uint8Array(hash.update(content ?? '').digest())
}

/** What was not fingerprinted then or is not now is taken for the same. */
export function isSamePayload(known: Uint8Array | undefined, now: Uint8Array | undefined): boolean {
  return known === undefined || now === undefined || Buffer.compare(known, now) === 0
}

export function payloadMismatch<Key, Value>(record: ConsumerRecord<Key, Value>, id: string): PayloadMismatchError {
  const { topic, partition } = record
  return new PayloadMismatchError(
    `The record at ${placeOf(record)} has the id ${id} of an earlier one and another content: it is no duplicate, and was not handled.`,
    { topic, partition },
  )
}

export function placeOf({ topic, partition, offset }: ConsumerRecord<unknown, unknown>): string {
  return `offset ${offset} of ${topic}-${partition}`
}
