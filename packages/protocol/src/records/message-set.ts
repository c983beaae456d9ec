/**
 * MessageSet: the old formats (magic 0 and 1), which logs written before Kafka 0.11 may still hold. They are read, never
 * written. One entry of a set is either one message or, compressed, a wrapper whose value is a set of its own.
 *
 *     0 offset int64 │ 8 size int32 │ 12 crc uint32 (CRC-32 from the magic on) │ 16 magic int8 │ 17 attributes int8
 *     18 timestamp int64 (magic 1 only) │ key: int32 length, bytes │ value: int32 length, bytes
 */
import { codecById, NO_COMPRESSION } from '../compression/index.js'
import { crc32 } from '../hash/crc32.js'
import { ProtocolError } from '../protocol-error.js'
import { COMPRESSION_MASK, LOG_APPEND_TIME_BIT, LOG_OVERHEAD_BYTES, NO_TIMESTAMP, readInt64 } from './batch-layout.js'
import type { RecordCursor, RecordHeader } from './record.js'
import { DEFAULT_MAX_DECOMPRESSED_BYTES, type RecordsOptions } from './record-batch.js'

const CRC_AT = 12
const MAGIC_AT = 16
const ATTRIBUTES_AT = 17
const TIMESTAMP_AT = 18
const ZSTD = 4

interface Message {
  offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** One entry of an old log: a message, or a wrapper with the messages inside it. */
export class MessageSet {
  readonly magic: 0 | 1
  readonly bytes: Buffer

  constructor(bytes: Uint8Array) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.bytes = buffer.subarray(0, entryBytes(buffer, 0))
    this.magic = this.bytes[MAGIC_AT] === 0 ? 0 : 1
  }

  /** The offset of the last message inside, which is what a wrapper carries. */
  get lastOffset(): number {
    return safeOffset(this.bytes, 0)
  }

  get nextOffset(): number {
    return this.lastOffset + 1
  }

  get compression(): number {
    return attributesOf(this.bytes, 0) & COMPRESSION_MASK
  }

  get isIntact(): boolean {
    return crc32(this.bytes, MAGIC_AT) === this.bytes.readUInt32BE(CRC_AT)
  }

  checkCrc(): void {
    if (!this.isIntact)
      throw corrupt(CRC_AT, `the checksum of the message at offset ${this.lastOffset} does not match its bytes`)
  }

  records(options: RecordsOptions = {}): RecordCursor {
    const outer = messageAt(this.bytes, 0)
    if (this.compression === NO_COMPRESSION) return new MessageCursor([outer])
    if (this.compression >= ZSTD)
      throw corrupt(ATTRIBUTES_AT, `compression ${this.compression} in a message format that is older than it`)
    if (outer.value === null) throw corrupt(ATTRIBUTES_AT, 'a compressed message without a value')
    const limit = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES
    const inner = codecById(this.compression).decompress(outer.value, limit, this.magic)
    return new MessageCursor(this.#unwrap(Buffer.from(inner.buffer, inner.byteOffset, inner.length), outer))
  }

  /** Messages in a wrapper are not wrapped again, so there is no nesting to bound. */
  #unwrap(set: Buffer, outer: Message): Message[] {
    const messages: Message[] = []
    const isStamped = this.magic === 1 && (attributesOf(this.bytes, 0) & LOG_APPEND_TIME_BIT) !== 0
    for (let at = 0; at < set.length; ) {
      const size = entryBytes(set, at)
      if ((attributesOf(set, at) & COMPRESSION_MASK) !== NO_COMPRESSION)
        throw corrupt(at, 'a compressed message inside a compressed message')
      const message = messageAt(set.subarray(at, at + size), 0)
      messages.push(isStamped ? { ...message, timestamp: outer.timestamp } : message)
      at += size
    }
    const last = messages.at(-1)
    if (last === undefined) throw corrupt(0, 'a compressed message with nothing inside')
    // Magic 1 counts inside from 0 and puts the last absolute offset outside; brokers before it wrote absolute ones.
    const shift = this.magic === 1 ? outer.offset - last.offset : 0
    for (const message of messages) message.offset += shift
    return messages
  }
}

class MessageCursor implements RecordCursor {
  readonly #messages: readonly Message[]
  #index = -1

  constructor(messages: readonly Message[]) {
    this.#messages = messages
  }

  next(): boolean {
    this.#index++
    return this.#index < this.#messages.length
  }

  get offset(): number {
    return this.#current.offset
  }

  get timestamp(): number {
    return this.#current.timestamp
  }

  get offsetDelta(): number {
    return this.#index
  }

  get keyBytes(): number {
    return this.#current.key?.length ?? -1
  }

  get valueBytes(): number {
    return this.#current.value?.length ?? -1
  }

  readonly headerCount = 0

  key(): Uint8Array | null {
    return this.#current.key
  }

  value(): Uint8Array | null {
    return this.#current.value
  }

  keyText(): string | null {
    return this.#current.key?.toString('utf8') ?? null
  }

  valueText(): string | null {
    return this.#current.value?.toString('utf8') ?? null
  }

  headers(): RecordHeader[] {
    return []
  }

  get #current(): Message {
    const message = this.#messages[this.#index]
    if (message === undefined) throw new RangeError('the cursor does not stand on a record')
    return message
  }
}

/** The size of the entry at `at`, checked against the bytes that are there. */
function entryBytes(set: Buffer, at: number): number {
  const left = set.length - at
  if (left < TIMESTAMP_AT) throw corrupt(at, `a message in ${left} bytes`)
  const size = LOG_OVERHEAD_BYTES + set.readInt32BE(at + 8)
  const magic = set[at + MAGIC_AT]
  if (magic !== 0 && magic !== 1) throw corrupt(at + MAGIC_AT, `magic ${magic} in a set of old messages`)
  const least = (magic === 1 ? TIMESTAMP_AT + 8 : TIMESTAMP_AT) + 8
  if (size < least || size > left) throw corrupt(at + 8, `a message that claims ${size} bytes in ${left}`)
  return size
}

function attributesOf(set: Buffer, at: number): number {
  return set.readInt8(at + ATTRIBUTES_AT)
}

function messageAt(entry: Buffer, at: number): Message {
  const hasTimestamp = entry[at + MAGIC_AT] === 1
  const keyAt = at + (hasTimestamp ? TIMESTAMP_AT + 8 : TIMESTAMP_AT)
  const key = bytesAt(entry, keyAt)
  const value = bytesAt(entry, keyAt + 4 + (key?.length ?? 0))
  return {
    offset: safeOffset(entry, at),
    timestamp: hasTimestamp ? readInt64(entry, at + TIMESTAMP_AT) : NO_TIMESTAMP,
    key,
    value,
  }
}

function bytesAt(entry: Buffer, at: number): Buffer | null {
  if (entry.length - at < 4) throw corrupt(at, 'the message ends inside a length')
  const length = entry.readInt32BE(at)
  if (length === -1) return null
  if (length < 0 || length > entry.length - at - 4)
    throw corrupt(at, `a length of ${length} bytes where ${entry.length - at - 4} are left`)
  return entry.subarray(at + 4, at + 4 + length)
}

function safeOffset(bytes: Buffer, at: number): number {
  const offset = readInt64(bytes, at)
  if (!Number.isSafeInteger(offset)) throw corrupt(at, `${bytes.readBigInt64BE(at)} is beyond what an offset can be`)
  return offset
}

function corrupt(where: number, why: string): ProtocolError {
  return new ProtocolError({ what: 'message set', where, why, code: 'CORRUPT_MESSAGE' })
}
