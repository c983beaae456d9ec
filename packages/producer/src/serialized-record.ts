/**
 * A record after its serdes: what goes into a batch. Text is left as it is; it becomes UTF-8 inside the batch.
 */
import type { Serde } from '@samsa/client'
import type { WritableBytes, WritableHeader } from '@samsa/protocol'
import { SerializationError } from '@samsa/runtime'
import { named } from './record.js'

export interface SerializedRecord {
  topic: string
  /** -1: the partitioner chooses. Becomes final when the topic is known. */
  partition: number
  /** -1: the moment at which it comes into a batch. */
  timestamp: number
  key: WritableBytes
  value: WritableBytes
  headers: readonly WritableHeader[]
  /** As `likelyBytes` has it: asked for more than once. */
  bytes: number
}

/** Bytes or text that no serde is to touch: for siblings that send what they have in its final form. */
export class AsIs {
  readonly content: Uint8Array | string

  constructor(content: Uint8Array | string) {
    this.content = content
  }
}

/** The most that the fixed parts of a record take, and of one header of it. */
const RECORD_OVERHEAD_BYTES = 21
const HEADER_OVERHEAD_BYTES = 10

/** What the record takes in a batch if its text is ASCII: up to three times as much if it is not. Cheap. */
export function likelyBytes(key: WritableBytes, value: WritableBytes, headers: readonly WritableHeader[]): number {
  let bytes = RECORD_OVERHEAD_BYTES + (key === null ? 0 : key.length) + (value === null ? 0 : value.length)
  for (const header of headers) bytes += HEADER_OVERHEAD_BYTES + header.key.length + (header.value?.length ?? 0)
  return bytes
}

/** What the record takes in a batch, at most, whatever its text is. */
export function exactBytes({ key, value, headers }: SerializedRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + bytesOf(key) + bytesOf(value)
  for (const header of headers) bytes += HEADER_OVERHEAD_BYTES + bytesOf(header.key) + bytesOf(header.value)
  return bytes
}

function bytesOf(value: WritableBytes): number {
  if (value === null) return 0
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length
}

export function emptyRecord(): SerializedRecord {
  return { topic: '', partition: -1, timestamp: -1, key: null, value: null, headers: [], bytes: 0 }
}

/** The bytes, or the text, of a key or value. Throws a SerializationError where there are none. */
export function serialized(
  serde: Serde<unknown> | undefined,
  value: unknown,
  topic: string,
  isKey: boolean,
): WritableBytes {
  if (value instanceof AsIs) return value.content
  if (serde === undefined) {
    if (typeof value === 'string' || value instanceof Uint8Array) return value
    const what = isKey ? 'key' : 'value'
    throw new SerializationError(
      `record.${what} must be a string, bytes or null, got ${named(value)}; for anything else give the producer a serde, such as ${what}: json().`,
      { topic },
    )
  }
  try {
    const bytes: unknown = serde.serialize(value, { topic, isKey })
    if (typeof bytes === 'string' || bytes instanceof Uint8Array) return bytes
    throw new SerializationError(`The serde gave ${named(bytes)} in place of a string or bytes.`)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new SerializationError(`The ${isKey ? 'key' : 'value'} could not be serialized: ${message}`, {
      topic,
      cause,
    })
  }
}
