/**
 * BatchBuilder: appends records straight into the bytes of a batch (magic 2), and closes it with header, compression and
 * CRC. No object or Buffer is made per record. A builder makes one batch; it is fed by one caller.
 *
 * Invariant: the records stand uncompressed from byte 61 to #offset of #buffer until `close`.
 */
import { type Codec, codecById, NO_COMPRESSION } from '../compression/index.js'
import { crc32c } from '../hash/crc32c.js'
import { type FrameBuffers, freshBuffers } from '../wire/frame.js'
import { varintSize, varlongSize, writeVarint, writeVarlong } from '../wire/varint.js'
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AT,
  CONTROL_BIT,
  CRC_AT,
  DELETE_HORIZON_BIT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LOG_APPEND_TIME_BIT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  NO_LEADER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  type ProducerStamp,
  RECORD_COUNT_AT,
  TRANSACTIONAL_BIT,
  writeInt64,
} from './batch-layout.js'
import type { WritableBytes, WritableHeader } from './record.js'

export interface BatchBuilderOptions {
  /** Codec number, 0 to 4. */
  readonly compression?: number
  readonly compressionLevel?: number | undefined
  /** First guess at the batch's size before compression; the buffer grows as it must. */
  readonly capacity?: number
  /**
   * Where memory for the batch comes from, and goes to when the builder needs it no more. What `close` gives is the
   * caller's: it may be given back as well.
   */
  readonly buffers?: FrameBuffers | undefined
  /** When tombstones and markers in the batch may go; stands in the header in place of the first timestamp. */
  readonly deleteHorizonMs?: number
}

export interface BatchClosing {
  readonly producer?: ProducerStamp
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** Written by a log or a compactor; a producer leaves them out. */
  readonly baseOffset?: number
  readonly leaderEpoch?: number
  /** Set when the log stamps the records; else the greatest timestamp appended. */
  readonly appendTimeMs?: number
  /** Greater than that of the last record when compaction has removed the records behind it. */
  readonly lastOffsetDelta?: number
}

const NO_HEADERS: readonly WritableHeader[] = []
const MAX_BATCH_BYTES = 0x7fff_ffff

/** Up to this length text is written character by character while it is ASCII; beyond it the runtime's call is faster. */
const SHORT_TEXT = 24

/** Text beyond this length is measured before room is made for it; up to it room is made for the worst case. */
const MEASURED_TEXT = 4096

/** The most that the fixed parts of one record take: length, attributes, and five more varints. */
const RECORD_OVERHEAD_BYTES = 36

export class BatchBuilder {
  readonly #codec: Codec | undefined
  readonly #compressionLevel: number | undefined
  readonly #hasDeleteHorizon: boolean
  readonly #buffers: FrameBuffers
  #buffer: Buffer
  #offset = BATCH_HEADER_BYTES
  #recordCount = 0
  #lastOffsetDelta = -1
  #baseTimestamp = NO_TIMESTAMP
  #maxTimestamp = NO_TIMESTAMP
  #isClosed = false
  #lastKeyBytes = -1
  #lastValueBytes = -1

  constructor(options: BatchBuilderOptions = {}) {
    const compression = options.compression ?? NO_COMPRESSION
    this.#codec = compression === NO_COMPRESSION ? undefined : codecById(compression)
    this.#codec?.requireCompress()
    this.#compressionLevel = options.compressionLevel
    this.#hasDeleteHorizon = options.deleteHorizonMs !== undefined
    this.#baseTimestamp = options.deleteHorizonMs ?? NO_TIMESTAMP
    this.#buffers = options.buffers ?? freshBuffers
    this.#buffer = this.#buffers.take(Math.max(options.capacity ?? 1024, BATCH_HEADER_BYTES))
  }

  get recordCount(): number {
    return this.#recordCount
  }

  /** Bytes of the batch so far, header included, before compression. */
  get uncompressedBytes(): number {
    return this.#offset
  }

  /** Of the record that was appended last; -1 for null. */
  get lastKeyBytes(): number {
    return this.#lastKeyBytes
  }

  /** Of the record that was appended last; -1 for null. */
  get lastValueBytes(): number {
    return this.#lastValueBytes
  }

  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  /** Appends a record behind the last one. */
  append(
    timestamp: number,
    key: WritableBytes,
    value: WritableBytes,
    headers: readonly WritableHeader[] = NO_HEADERS,
  ): void {
    this.appendAt(this.#lastOffsetDelta + 1, timestamp, key, value, headers)
  }

  /** Appends a record at an offset of its own, greater than the last: compaction leaves gaps. */
  appendAt(
    offsetDelta: number,
    timestamp: number,
    key: WritableBytes,
    value: WritableBytes,
    headers: readonly WritableHeader[] = NO_HEADERS,
  ): void {
    if (this.#isClosed) throw new Error('the batch is closed')
    if (!(offsetDelta > this.#lastOffsetDelta && offsetDelta <= 0x7fff_ffff)) {
      throw new RangeError(`offset delta ${offsetDelta} does not follow ${this.#lastOffsetDelta}`)
    }
    if (!Number.isSafeInteger(timestamp))
      throw new RangeError(`timestamp ${timestamp} is not a whole number of milliseconds`)
    const isFirst = this.#recordCount === 0
    const baseTimestamp = isFirst && !this.#hasDeleteHorizon ? timestamp : this.#baseTimestamp
    this.#reserve(RECORD_OVERHEAD_BYTES + mostBytes(key) + mostBytes(value))

    // The length in front is guessed from the text lengths, which is right for ASCII; if the guess has the wrong size
    // the record moves by the difference.
    const timestampDelta = timestamp - baseTimestamp
    const guess = guessBody(timestampDelta, offsetDelta, key, value)
    const start = this.#offset
    const lengthBytes = headers.length === 0 ? varintSize(guess) : 2
    this.#offset = start + lengthBytes
    this.#buffer[this.#offset++] = 0
    this.#offset = writeVarlong(this.#buffer, this.#offset, timestampDelta)
    this.#offset = writeVarint(this.#buffer, this.#offset, offsetDelta)
    this.#lastKeyBytes = this.#bytes(key)
    this.#lastValueBytes = this.#bytes(value)
    if (headers.length === 0) this.#buffer[this.#offset++] = 0
    else this.#headers(headers)
    this.#patchLength(start, lengthBytes)

    if (isFirst) this.#baseTimestamp = baseTimestamp
    if (timestamp > this.#maxTimestamp || isFirst) this.#maxTimestamp = timestamp
    this.#lastOffsetDelta = offsetDelta
    this.#recordCount++
  }

  /** The finished batch. The builder cannot be used after this. */
  close(closing: BatchClosing = {}): Buffer {
    if (this.#isClosed) throw new Error('the batch is closed')
    this.#isClosed = true
    const batch = this.#codec === undefined ? this.#buffer.subarray(0, this.#offset) : this.#compressed(this.#codec)
    const { producer, appendTimeMs } = closing
    const lastOffsetDelta = closing.lastOffsetDelta ?? this.#lastOffsetDelta
    if (lastOffsetDelta < this.#lastOffsetDelta)
      throw new RangeError(`last offset delta ${lastOffsetDelta} is before ${this.#lastOffsetDelta}`)
    if (lastOffsetDelta < 0) throw new RangeError('a batch without records must say which offsets it stands for')
    writeInt64(batch, BASE_OFFSET_AT, closing.baseOffset ?? 0)
    batch.writeInt32BE(batch.length - LOG_OVERHEAD_BYTES, BATCH_LENGTH_AT)
    batch.writeInt32BE(closing.leaderEpoch ?? NO_LEADER_EPOCH, LEADER_EPOCH_AT)
    batch[MAGIC_AT] = 2
    batch.writeInt16BE(this.#attributes(closing), ATTRIBUTES_AT)
    batch.writeInt32BE(lastOffsetDelta, LAST_OFFSET_DELTA_AT)
    writeInt64(batch, BASE_TIMESTAMP_AT, this.#baseTimestamp)
    writeInt64(batch, MAX_TIMESTAMP_AT, appendTimeMs ?? this.#maxTimestamp)
    writeInt64(batch, PRODUCER_ID_AT, producer?.producerId ?? NO_PRODUCER_ID)
    batch.writeInt16BE(producer?.producerEpoch ?? NO_PRODUCER_EPOCH, PRODUCER_EPOCH_AT)
    batch.writeInt32BE(producer?.baseSequence ?? NO_SEQUENCE, BASE_SEQUENCE_AT)
    batch.writeInt32BE(this.#recordCount, RECORD_COUNT_AT)
    batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT)
    return batch
  }

  #attributes(closing: BatchClosing): number {
    return (
      (this.#codec?.id ?? NO_COMPRESSION) |
      (closing.appendTimeMs === undefined ? 0 : LOG_APPEND_TIME_BIT) |
      (closing.isTransactional ? TRANSACTIONAL_BIT : 0) |
      (closing.isControl ? CONTROL_BIT : 0) |
      (this.#hasDeleteHorizon ? DELETE_HORIZON_BIT : 0)
    )
  }

  #compressed(codec: Codec): Buffer {
    const records = codec.compress(this.#buffer.subarray(BATCH_HEADER_BYTES, this.#offset), this.#compressionLevel)
    const batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + records.length)
    batch.set(records, BATCH_HEADER_BYTES)
    this.#buffers.give(this.#buffer)
    return batch
  }

  #reserve(size: number): void {
    const needed = this.#offset + size
    if (needed <= this.#buffer.length) return
    if (needed > MAX_BATCH_BYTES)
      throw new RangeError(`a batch of ${needed} bytes is more than Kafka's format can hold`)
    const grown = this.#buffers.take(Math.min(Math.max(needed, 2 * this.#buffer.length), MAX_BATCH_BYTES))
    grown.set(this.#buffer.subarray(0, this.#offset))
    this.#buffers.give(this.#buffer)
    this.#buffer = grown
  }

  /** Writes length and bytes, for which room was made, and returns the length: -1 for null. */
  #bytes(value: WritableBytes): number {
    if (value === null) {
      this.#buffer[this.#offset++] = 1
      return -1
    }
    if (typeof value === 'string') return this.#text(value)
    this.#offset = writeVarint(this.#buffer, this.#offset, value.length)
    this.#buffer.set(value, this.#offset)
    this.#offset += value.length
    return value.length
  }

  /** Returns the length in UTF-8. */
  #text(text: string): number {
    const length = text.length
    const buffer = this.#buffer
    const start = this.#offset
    let at = writeVarint(buffer, start, length)
    if (length <= SHORT_TEXT) {
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code >= 0x80) break
        buffer[at++] = code
      }
      if (index === length) {
        this.#offset = at
        return length
      }
      at = writeVarint(buffer, start, length)
    }
    // The bytes go where they belong if the text is ASCII; else the length may need more room than was left for it.
    const size = buffer.write(text, at)
    const moved = start + varintSize(size)
    if (moved !== at) buffer.copyWithin(moved, at, at + size)
    writeVarint(buffer, start, size)
    this.#offset = moved + size
    return size
  }

  #headers(headers: readonly WritableHeader[]): void {
    this.#reserve(5)
    this.#offset = writeVarint(this.#buffer, this.#offset, headers.length)
    for (const { key, value } of headers) {
      this.#reserve(10 + mostBytes(key) + mostBytes(value))
      this.#text(key)
      this.#bytes(value)
    }
  }

  #patchLength(start: number, guessedBytes: number): void {
    const body = this.#offset - start - guessedBytes
    const lengthBytes = varintSize(body)
    if (lengthBytes !== guessedBytes) {
      this.#reserve(Math.max(lengthBytes - guessedBytes, 0))
      this.#buffer.copyWithin(start + lengthBytes, start + guessedBytes, this.#offset)
      this.#offset += lengthBytes - guessedBytes
    }
    writeVarint(this.#buffer, start, body)
  }
}

/**
 * The most that a record adds to a batch: what a producer counts with before it decides in which batch a record goes.
 */
export function recordBytesAtMost(
  key: WritableBytes,
  value: WritableBytes,
  headers: readonly WritableHeader[] = NO_HEADERS,
): number {
  let size = RECORD_OVERHEAD_BYTES + mostBytes(key) + mostBytes(value)
  for (const header of headers) size += 10 + mostBytes(header.key) + mostBytes(header.value)
  return size
}

function mostBytes(value: WritableBytes): number {
  if (value === null) return 0
  if (typeof value !== 'string') return value.length
  return value.length <= MEASURED_TEXT ? 3 * value.length : Buffer.byteLength(value)
}

function guessBody(timestampDelta: number, offsetDelta: number, key: WritableBytes, value: WritableBytes): number {
  const keyBytes = key === null ? -1 : key.length
  const valueBytes = value === null ? -1 : value.length
  return (
    2 +
    varlongSize(timestampDelta) +
    varintSize(offsetDelta) +
    varintSize(keyBytes) +
    varintSize(valueBytes) +
    Math.max(keyBytes, 0) +
    Math.max(valueBytes, 0)
  )
}
