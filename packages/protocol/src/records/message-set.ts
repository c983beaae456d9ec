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

  get isLogAppendTime(): boolean {
    return this.magic === 1 && (attributesOf(this.bytes, 0) & LOG_APPEND_TIME_BIT) !== 0
  }

  get isIntact(): boolean {
    return crc32(this.bytes, MAGIC_AT) === this.bytes.readUInt32BE(CRC_AT)
  }

  checkCrc(): void {
    if (!this.isIntact)
      throw corrupt(CRC_AT, `the checksum of the message at offset ${this.lastOffset} does not match its bytes`)
  }

  /** A cursor in front of the first message. Messages are parsed one at a time: a set holds many for its size. */
  records(options: RecordsOptions = {}): RecordCursor {
    if (this.compression === NO_COMPRESSION) return new MessageCursor(this.bytes, 0, undefined)
    if (this.compression >= ZSTD)
      throw corrupt(ATTRIBUTES_AT, `compression ${this.compression} in a message format that is older than it`)
    const wrapper = new MessageCursor(this.bytes, 0, undefined)
    wrapper.next()
    const value = wrapper.value()
    if (value === null) throw corrupt(ATTRIBUTES_AT, 'a compressed message without a value')
    const limit = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES
    const inner = codecById(this.compression).decompress(value, limit, this.magic)
    const set = Buffer.from(inner.buffer, inner.byteOffset, inner.length)
    const lastInside = safeOffset(set, lastEntryOf(set))
    // Magic 1 counts inside from 0 and puts the last absolute offset outside; brokers before it wrote absolute ones.
    const shift = this.magic === 1 ? wrapper.offset - lastInside : 0
    return new MessageCursor(set, shift, this.isLogAppendTime ? wrapper.timestamp : undefined)
  }
}

/** Walks over messages that stand one behind the other and fill `set`. */
class MessageCursor implements RecordCursor {
  readonly bytes: Buffer
  readonly #shift: number
  readonly #appendTime: number | undefined
  #at = 0

  offset = -1
  timestamp = -1
  offsetDelta = -1
  keyAt = 0
  keyBytes = -1
  valueAt = 0
  valueBytes = -1
  readonly headerCount = 0
  end = 0

  /** `shift` is added to the offsets inside; `appendTime`, where the log stamped the wrapper, is every message's timestamp. */
  constructor(set: Buffer, shift: number, appendTime: number | undefined) {
    this.bytes = set
    this.#shift = shift
    this.#appendTime = appendTime
  }

  next(): boolean {
    const set = this.bytes
    const at = this.#at
    if (at === set.length) return false
    const end = at + entryBytes(set, at)
    const hasTimestamp = set[at + MAGIC_AT] === 1
    this.keyAt = at + (hasTimestamp ? TIMESTAMP_AT + 8 : TIMESTAMP_AT) + 4
    this.keyBytes = lengthAt(set, this.keyAt - 4, end)
    this.valueAt = this.keyAt + Math.max(this.keyBytes, 0) + 4
    this.valueBytes = lengthAt(set, this.valueAt - 4, end)
    this.offset = safeOffset(set, at) + this.#shift
    this.timestamp = this.#appendTime ?? (hasTimestamp ? readInt64(set, at + TIMESTAMP_AT) : NO_TIMESTAMP)
    this.offsetDelta++
    this.#at = end
    this.end = end
    return true
  }

  key(): Uint8Array | null {
    return this.keyBytes < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyBytes)
  }

  value(): Uint8Array | null {
    return this.valueBytes < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueBytes)
  }

  keyText(): string | null {
    return this.keyBytes < 0 ? null : this.bytes.toString('utf8', this.keyAt, this.keyAt + this.keyBytes)
  }

  valueText(): string | null {
    return this.valueBytes < 0 ? null : this.bytes.toString('utf8', this.valueAt, this.valueAt + this.valueBytes)
  }

  headers(): RecordHeader[] {
    return []
  }
}

/**
 * Where the last message of a decompressed set is. Messages in a wrapper are not wrapped again, so there is no nesting to
 * bound.
 */
function lastEntryOf(set: Buffer): number {
  if (set.length === 0) throw corrupt(0, 'a compressed message with nothing inside')
  for (let at = 0; ; ) {
    const end = at + entryBytes(set, at)
    if ((attributesOf(set, at) & COMPRESSION_MASK) !== NO_COMPRESSION)
      throw corrupt(at, 'a compressed message inside a compressed message')
    if (end === set.length) return at
    at = end
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

/** The length at `at` of bytes that end at `end` or before; -1 for null. */
function lengthAt(set: Buffer, at: number, end: number): number {
  if (end - at < 4) throw corrupt(at, 'the message ends inside a length')
  const length = set.readInt32BE(at)
  if (length < -1 || length > end - at - 4)
    throw corrupt(at, `a length of ${length} bytes where ${end - at - 4} are left`)
  return length
}

function safeOffset(bytes: Buffer, at: number): number {
  const offset = readInt64(bytes, at)
  if (!Number.isSafeInteger(offset)) throw corrupt(at, `${bytes.readBigInt64BE(at)} is beyond what an offset can be`)
  return offset
}

function corrupt(where: number, why: string): ProtocolError {
  return new ProtocolError({ what: 'message set', where, why, code: 'CORRUPT_MESSAGE' })
}
