/**
 * ConsumerRecord: one record in the hands of the application. It keeps where its parts lie in its batch, and cuts out
 * key, value and headers, and makes a bigint of its offset, when they are first asked for: most applications look at few
 * of them, and each costs more than finding the record did.
 */
import { inspect } from 'node:util'
import { type Serde, string } from '@samsa/client/internal'
import { headersIn, type RecordCursor, type RecordHeader } from '@samsa/protocol'
import { bufferView, textIn } from '@samsa/protocol/internal'
import { RecordDeserializationError } from './record-deserialization-error.js'
import type { TopicPartition } from './topic-partition.js'

export type TimestampType = 'createTime' | 'logAppendTime' | 'none'

/** What the records of one batch have in common. */
export interface RecordSource {
  readonly place: TopicPartition
  /** In which they lie, and where that lies itself: a view that is asked for its memory at each record takes as long as a record. */
  readonly bytes: Buffer
  readonly memory: ArrayBufferLike
  readonly memoryOffset: number
  readonly baseOffset: number
  readonly leaderEpoch: number
  readonly timestampType: TimestampType
  /** Without one, the bytes themselves. */
  readonly keySerde: Serde<unknown> | undefined
  readonly valueSerde: Serde<unknown> | undefined
}

/** It was not asked for yet; a serde may give anything, undefined too. */
const UNTOUCHED: unique symbol = Symbol('untouched')

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([])

/** Where a record lies, and when it was written. */
export interface RecordOrigin extends TopicPartition {
  readonly offset: bigint
  readonly timestamp: number
}

type RecordSpan = Pick<RecordCursor, 'timestamp' | 'offset' | 'keyAt' | 'keyBytes' | 'valueAt' | 'valueBytes' | 'end'>

let withOrigin: <Key, Value>(record: ConsumerRecord<Key, Value>, origin: RecordOrigin) => ConsumerRecord<Key, Value>

/** The same record as it was where it came from, for what has read a copy of it: serdes are told that topic too. */
export const recordFrom = <Key, Value>(
  record: ConsumerRecord<Key, Value>,
  origin: RecordOrigin,
): ConsumerRecord<Key, Value> => withOrigin(record, origin)

export class ConsumerRecord<Key = Uint8Array, Value = Uint8Array> {
  /** Milliseconds since 1970; -1 in logs that are too old to have any. */
  readonly timestamp: number
  readonly #source: RecordSource
  readonly #offsetDelta: number
  readonly #keyAt: number
  readonly #keyBytes: number
  readonly #valueAt: number
  readonly #valueBytes: number
  readonly #end: number
  #offset: bigint | undefined
  #key: Key | null | typeof UNTOUCHED = UNTOUCHED
  #value: Value | null | typeof UNTOUCHED = UNTOUCHED
  #headers: readonly RecordHeader[] | undefined

  static {
    // What `console.log` shows: everything is computed, and would not be seen.
    Object.defineProperty(ConsumerRecord.prototype, inspect.custom, {
      value(this: ConsumerRecord<unknown, unknown>) {
        const { topic, partition, offset, timestamp, key, value, headers } = this
        return { topic, partition, offset, timestamp, key, value, headers }
      },
    })
    withOrigin = (record, { topic, partition, offset, timestamp }) => {
      const { serializedKeySize: keyBytes, serializedValueSize: valueBytes } = record
      const span = { keyAt: record.#keyAt, keyBytes, valueAt: record.#valueAt, valueBytes, end: record.#end }
      const source = { ...record.#source, place: { topic, partition }, baseOffset: Number(offset) }
      return new ConsumerRecord(source, { ...span, offset: Number(offset), timestamp })
    }
  }

  /** The record that the cursor stands on. */
  constructor(source: RecordSource, cursor: RecordSpan) {
    this.timestamp = cursor.timestamp
    this.#source = source
    this.#offsetDelta = cursor.offset - source.baseOffset
    this.#keyAt = cursor.keyAt
    this.#keyBytes = cursor.keyBytes
    this.#valueAt = cursor.valueAt
    this.#valueBytes = cursor.valueBytes
    this.#end = cursor.end
  }

  get topic(): string {
    return this.#source.place.topic
  }

  get partition(): number {
    return this.#source.place.partition
  }

  get offset(): bigint {
    this.#offset ??= BigInt(this.#source.baseOffset + this.#offsetDelta)
    return this.#offset
  }

  /** Whether the timestamp is the sender's or the log's. */
  get timestampType(): TimestampType {
    return this.#source.timestampType
  }

  /** Of the leader that wrote the record; undefined in logs that are too old to say. */
  get leaderEpoch(): number | undefined {
    const { leaderEpoch } = this.#source
    return leaderEpoch < 0 ? undefined : leaderEpoch
  }

  /** Bytes; -1 for null. */
  get serializedKeySize(): number {
    return this.#keyBytes
  }

  /** Bytes; -1 for null. */
  get serializedValueSize(): number {
    return this.#valueBytes
  }

  /** Throws a RecordDeserializationError when the serde cannot read it. Bytes are a view of the batch: copy to keep them. */
  get key(): Key | null {
    if (this.#key === UNTOUCHED) this.#key = this.#read(this.#keyAt, this.#keyBytes, true) as Key | null
    return this.#key
  }

  /** Null: the key was deleted. Throws and views as `key` does. */
  get value(): Value | null {
    if (this.#value === UNTOUCHED) this.#value = this.#read(this.#valueAt, this.#valueBytes, false) as Value | null
    return this.#value
  }

  /** As they came, whatever the serde makes of them: a view of the batch. */
  get keyBytes(): Buffer | null {
    return this.#bytesAt(this.#keyAt, this.#keyBytes)
  }

  /** As `keyBytes`. */
  get valueBytes(): Buffer | null {
    return this.#bytesAt(this.#valueAt, this.#valueBytes)
  }

  /** In their order; a name may come more than once. */
  get headers(): readonly RecordHeader[] {
    this.#headers ??= this.#readHeaders()
    return this.#headers
  }

  /** The last value of that name, as text. */
  header(name: string): string | undefined {
    const value = this.headers.findLast(({ key }) => key === name)?.value
    return value === undefined || value === null ? undefined : Buffer.from(value).toString()
  }

  toJSON(): Record<string, unknown> {
    const { topic, partition, offset, timestamp, key, value, headers } = this
    return { topic, partition, offset: offset.toString(), timestamp, key, value, headers }
  }

  #read(at: number, length: number, isKey: boolean): unknown {
    if (length < 0) return null
    const { keySerde, valueSerde, place, bytes: batch } = this.#source
    const serde = isKey ? keySerde : valueSerde
    if (serde === string) {
      const text = textIn(batch, at, at + length)
      // What is not UTF-8 comes out as this; the serde tells that from the character itself.
      if (!text.includes('\ufffd')) return text
    }
    const bytes = this.#bytesAt(at, length)
    if (bytes === null) return null
    if (serde === undefined) return bytes
    try {
      return serde.deserialize(bytes, { topic: place.topic, isKey })
    } catch (cause) {
      throw this.#unreadable(isKey ? 'key' : 'value', cause)
    }
  }

  #bytesAt(at: number, length: number): Buffer | null {
    if (length < 0) return null
    const { memory, memoryOffset } = this.#source
    return bufferView(memory, memoryOffset + at, length)
  }

  #readHeaders(): readonly RecordHeader[] {
    const valueEnd = this.#valueAt + Math.max(this.#valueBytes, 0)
    // The count alone, which is 0; old formats have not even that.
    if (this.#end - valueEnd < 2) return NO_HEADERS
    return headersIn(this.#source.bytes, valueEnd, this.#end)
  }

  #unreadable(what: string, cause: unknown): RecordDeserializationError {
    const { topic, partition } = this.#source.place
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `The ${what} of the record at offset ${this.offset} of ${topic}-${partition} cannot be read: ${reason}`
    const { offset, keyBytes, valueBytes } = this
    return new RecordDeserializationError(message, { topic, partition, offset, keyBytes, valueBytes, cause })
  }
}
