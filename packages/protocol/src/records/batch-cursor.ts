/**
 * BatchCursor: walks over the records of a batch (magic 2) whose bytes lie uncompressed before it. Moving on parses the
 * fixed parts of one record and skips the rest; keys, values and headers are cut out when they are asked for, by the
 * cursor or, later, by whoever has kept their places.
 */
import { ProtocolError } from '../protocol-error.js'
import { textIn } from '../wire/ascii.js'
import { bufferView } from '../wire/buffer-view.js'
import type { RecordCursor, RecordHeader } from './record.js'

/** What the smallest record takes: length, attributes, two deltas, key, value and header count. */
export const LEAST_RECORD_BYTES = 7

export interface BatchCursorSource {
  readonly baseOffset: number
  readonly baseTimestamp: number
  /** Set when the log stamped the records: they all have this timestamp. */
  readonly appendTime: number | undefined
  readonly recordCount: number
}

export class BatchCursor implements RecordCursor {
  readonly bytes: Buffer
  /** Where the bytes lie. */
  readonly #memory: ArrayBufferLike
  readonly #memoryOffset: number
  readonly #source: BatchCursorSource
  readonly #end: number
  #at: number
  #left: number
  #headersAt = 0

  offset = -1
  timestamp = -1
  offsetDelta = -1
  keyAt = 0
  keyBytes = -1
  valueAt = 0
  valueBytes = -1
  headerCount = 0
  end = 0

  /** Reads `recordCount` records that must fill `bytes` from `start` to `end`. */
  constructor(bytes: Buffer, start: number, end: number, source: BatchCursorSource) {
    this.bytes = bytes
    this.#memory = bytes.buffer
    this.#memoryOffset = bytes.byteOffset
    this.#source = source
    this.#at = start
    this.#end = end
    this.#left = source.recordCount
    if (source.recordCount < 0 || source.recordCount * LEAST_RECORD_BYTES > end - start) {
      throw corrupt(start, `${source.recordCount} records cannot stand in ${end - start} bytes`)
    }
  }

  next(): boolean {
    if (this.#left === 0) {
      if (this.#at !== this.#end)
        throw corrupt(this.#at, `${this.#end - this.#at} bytes are left over behind the last record`)
      return false
    }
    this.#left--
    const bodyBytes = this.#varint(this.#end)
    const start = this.#at
    const end = start + bodyBytes
    if (bodyBytes < LEAST_RECORD_BYTES - 1 || end > this.#end) {
      throw corrupt(start, `a record of ${bodyBytes} bytes where ${this.#end - start} are left`)
    }
    this.end = end
    // Record attributes carry no meaning so far.
    this.#at = start + 1
    const timestampDelta = this.#varlong(end)
    const offsetDelta = this.#varint(end)
    this.keyBytes = this.#varint(end)
    this.keyAt = this.#at
    this.#skip(this.keyBytes, end)
    this.valueBytes = this.#varint(end)
    this.valueAt = this.#at
    this.#skip(this.valueBytes, end)
    const headerCount = this.#varint(end)
    this.#headersAt = this.#at
    // A header takes two bytes at the least; a record without headers ends here.
    if (headerCount < 0 || headerCount * 2 > end - this.#at || (headerCount === 0 && this.#at !== end)) {
      throw corrupt(this.#at, `${headerCount} record headers in ${end - this.#at} bytes`)
    }
    this.headerCount = headerCount
    this.offsetDelta = offsetDelta
    this.offset = this.#source.baseOffset + offsetDelta
    this.timestamp = this.#source.appendTime ?? this.#source.baseTimestamp + timestampDelta
    this.#at = end
    return true
  }

  key(): Uint8Array | null {
    return this.keyBytes < 0 ? null : this.#view(this.keyAt, this.keyBytes)
  }

  value(): Uint8Array | null {
    return this.valueBytes < 0 ? null : this.#view(this.valueAt, this.valueBytes)
  }

  keyText(): string | null {
    return this.keyBytes < 0 ? null : textIn(this.bytes, this.keyAt, this.keyAt + this.keyBytes)
  }

  valueText(): string | null {
    return this.valueBytes < 0 ? null : textIn(this.bytes, this.valueAt, this.valueAt + this.valueBytes)
  }

  /** Of whichever record has its header count at `start` and ends at `end`. */
  headersFrom(start: number, end: number): RecordHeader[] {
    this.#at = start
    this.headerCount = this.#varint(end)
    return this.#readHeaders(end)
  }

  headers(): RecordHeader[] {
    const resume = this.#at
    this.#at = this.#headersAt
    try {
      return this.#readHeaders(this.end)
    } finally {
      this.#at = resume
    }
  }

  #readHeaders(end: number): RecordHeader[] {
    const headers: RecordHeader[] = []
    for (let left = this.headerCount; left > 0; left--) {
      const keyBytes = this.#varint(end)
      if (keyBytes < 0) throw corrupt(this.#at, 'a record header without a key')
      const keyAt = this.#at
      this.#skip(keyBytes, end)
      const valueBytes = this.#varint(end)
      const valueAt = this.#at
      this.#skip(valueBytes, end)
      const key = textIn(this.bytes, keyAt, keyAt + keyBytes)
      headers.push({ key, value: valueBytes < 0 ? null : this.#view(valueAt, valueBytes) })
    }
    if (this.#at !== end) throw corrupt(this.#at, `${end - this.#at} bytes are left over behind the record headers`)
    return headers
  }

  #view(at: number, length: number): Buffer {
    return bufferView(this.#memory, this.#memoryOffset + at, length)
  }

  #skip(length: number, end: number): void {
    if (length < -1 || length > end - this.#at)
      throw corrupt(this.#at, `a length of ${length} bytes where ${end - this.#at} are left`)
    if (length > 0) this.#at += length
  }

  #byte(end: number): number {
    const byte = this.bytes[this.#at]
    if (byte === undefined || this.#at >= end) throw corrupt(this.#at, 'the bytes end inside a varint')
    this.#at++
    return byte
  }

  /** Nearly all are of one byte or two: those are read here, in a function small enough to be inlined. */
  #varint(end: number): number {
    const at = this.#at
    const first = this.bytes[at] ?? 0x80
    if (first < 0x80 && at < end) {
      this.#at = at + 1
      return (first >>> 1) ^ -(first & 1)
    }
    const second = this.bytes[at + 1] ?? 0x80
    if (second < 0x80 && at + 1 < end) {
      this.#at = at + 2
      const value = (first & 0x7f) | (second << 7)
      return (value >>> 1) ^ -(value & 1)
    }
    return this.#longVarint(end)
  }

  #longVarint(end: number): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte(end)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    const last = this.#byte(end)
    if (last > 0x0f) throw corrupt(this.#at, 'a varint is longer than 32 bits')
    value |= last << 28
    return (value >>> 1) ^ -(value & 1)
  }

  #varlong(end: number): number {
    const start = this.#at
    const first = this.#byte(end)
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.#byte(end)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    this.#at = start
    return this.#longVarlong(end)
  }

  /** Exact for every int64; the number is the nearest one beyond 2^53. */
  #longVarlong(end: number): number {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte(end)
      if (shift === 63n && byte > 1) break
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n))
    }
    throw corrupt(this.#at, 'a varlong is longer than 64 bits')
  }
}

const NO_RECORDS: BatchCursorSource = { baseOffset: 0, baseTimestamp: 0, appendTime: undefined, recordCount: 0 }

/** The headers of a record of a batch (magic 2) that ends at `end` and whose value, or its absence, at `valueEnd`. */
export function headersIn(bytes: Buffer, valueEnd: number, end: number): RecordHeader[] {
  return new BatchCursor(bytes, valueEnd, end, NO_RECORDS).headersFrom(valueEnd, end)
}

function corrupt(where: number, why: string): ProtocolError {
  return new ProtocolError({ what: 'records', where, why, code: 'CORRUPT_MESSAGE' })
}
