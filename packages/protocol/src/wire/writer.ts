/**
 * Writer: puts Kafka's primitive types into a growing buffer. Large byte values are kept by reference, so the result is a
 * list of chunks for one vectored write; whoever gives such bytes must not change them until that write is done.
 * A value that its type cannot hold is refused, never cut.
 */
import { ProtocolError } from '../protocol-error.js'
import type { UnknownTags } from './tagged.js'
import { type Uuid, writeUuid, ZERO_UUID } from './uuid.js'

/** Bytes from this length on are kept by reference: below it the copy is cheaper than one more chunk. */
const REFERENCE_BYTES = 1024

/** Up to this length ASCII text is written character by character, which beats the call into the runtime. */
const SHORT_TEXT = 24

const MAX_TEXT_BYTES = 0x7fff
/** As a varint. */
const MAX_TEXT_LENGTH_BYTES = 3

/** A buffer shorter than this grows to four times its size, a longer one to twice: most messages end up below it. */
const SMALL_BUFFER = 16 * 1024

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

export class Writer {
  readonly #what: string
  readonly #finished: Uint8Array[] = []
  #finishedBytes = 0
  #buffer: Buffer
  #view: DataView
  #start = 0
  #offset = 0
  #tagDepth = 0

  /** `what` names the thing being written, for errors; `capacity` is the first guess at its size. */
  constructor(what = 'message', capacity = 256) {
    this.#what = what
    this.#buffer = Buffer.allocUnsafe(capacity)
    this.#view = viewOf(this.#buffer)
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#finishedBytes + this.#offset - this.#start
  }

  bool(value: boolean): void {
    const at = this.#take(1)
    this.#view.setUint8(at, value ? 1 : 0)
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) throw this.#range(value, 'an int8')
    const at = this.#take(1)
    this.#view.setInt8(at, value)
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) throw this.#range(value, 'an int16')
    const at = this.#take(2)
    this.#view.setInt16(at, value)
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw this.#range(value, 'a uint16')
    const at = this.#take(2)
    this.#view.setUint16(at, value)
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw this.#range(value, 'an int32')
    const at = this.#take(4)
    this.#view.setInt32(at, value)
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw this.#range(value, 'a uint32')
    const at = this.#take(4)
    this.#view.setUint32(at, value)
  }

  int64(value: bigint): void {
    if (value < INT64_MIN || value > INT64_MAX) throw this.#range(value, 'an int64')
    const at = this.#take(8)
    this.#view.setBigInt64(at, value)
  }

  float64(value: number): void {
    const at = this.#take(8)
    this.#view.setFloat64(at, value)
  }

  uuid(value: Uuid): void {
    this.#reserve(16)
    if (value === ZERO_UUID) this.#buffer.fill(0, this.#offset, this.#offset + 16)
    else if (!writeUuid(this.#buffer, this.#offset, value)) throw this.#error(`not a uuid in Kafka's form: '${value}'`)
    this.#offset += 16
  }

  unsignedVarint(value: number): void {
    if (value >>> 0 !== value) throw this.#range(value, 'an unsigned varint')
    this.#reserve(5)
    let rest = value
    while (rest > 0x7f) {
      this.#view.setUint8(this.#offset++, (rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.#view.setUint8(this.#offset++, rest)
  }

  string(value: string, flexible: boolean): void {
    const length = value.length
    if (length <= SHORT_TEXT && this.#shortAscii(value, flexible)) return
    if (length > MAX_TEXT_BYTES) throw this.#tooLong(Buffer.byteLength(value))
    // The bytes go where they belong if the text is ASCII; else their length may take another byte.
    this.#reserve(3 * length + MAX_TEXT_LENGTH_BYTES)
    const start = this.#offset
    const guess = start + (flexible ? unsignedVarintSize(length + 1) : 2)
    const size = this.#buffer.write(value, guess)
    if (size > MAX_TEXT_BYTES) throw this.#tooLong(size)
    const at = start + (flexible ? unsignedVarintSize(size + 1) : 2)
    if (at !== guess) this.#buffer.copyWithin(at, guess, guess + size)
    if (flexible) this.unsignedVarint(size + 1)
    else this.int16(size)
    this.#offset = at + size
  }

  nullableString(value: string | null, flexible: boolean): void {
    if (value !== null) this.string(value, flexible)
    else if (flexible) this.unsignedVarint(0)
    else this.int16(-1)
  }

  bytes(value: Uint8Array, flexible: boolean): void {
    const size = value.length
    if (flexible) this.unsignedVarint(size + 1)
    else this.int32(size)
    this.raw(value)
  }

  nullableBytes(value: Uint8Array | null, flexible: boolean): void {
    if (value !== null) this.bytes(value, flexible)
    else this.nullLength(flexible)
  }

  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): void {
    const size = value.length
    // Inside a tagged field bytes are copied: its size is patched in front of it, which needs one buffer.
    if (size >= REFERENCE_BYTES && this.#tagDepth === 0) this.#reference(value)
    else {
      const at = this.#take(size)
      this.#buffer.set(value, at)
    }
  }

  arrayLength(count: number, flexible: boolean): void {
    if (flexible) this.unsignedVarint(count + 1)
    else this.int32(count)
  }

  /** Null in place of an array or of bytes. */
  nullLength(flexible: boolean): void {
    if (flexible) this.unsignedVarint(0)
    else this.int32(-1)
  }

  structPresent(present: boolean): void {
    this.int8(present ? 1 : -1)
  }

  taggedStructPresent(present: boolean): void {
    this.unsignedVarint(present ? 1 : 0)
  }

  /** Opens a tagged field; what is written until `leaveTag` is its value. Returns what `leaveTag` needs. */
  enterTag(tag: number): number {
    this.unsignedVarint(tag)
    this.#tagDepth++
    return this.#take(1)
  }

  leaveTag(sizeAt: number): void {
    this.#tagDepth--
    const size = this.#offset - sizeAt - 1
    const extra = unsignedVarintSize(size) - 1
    if (extra > 0) {
      this.#take(extra)
      this.#buffer.copyWithin(sizeAt + 1 + extra, sizeAt + 1, sizeAt + 1 + size)
    }
    const end = this.#offset
    this.#offset = sizeAt
    this.unsignedVarint(size)
    this.#offset = end
  }

  /** The tagged section: how many known fields follow, by the caller's count, and how many unknown ones. */
  tagCount(known: number, unknown: UnknownTags): void {
    this.unsignedVarint(unknown === undefined ? known : known + unknown.length)
  }

  /** The unknown fields of a tagged section. Peers number new fields upwards, so they stand behind the known ones. */
  unknownTags(unknown: UnknownTags): void {
    if (unknown === undefined) return
    for (const { tag, data } of unknown) {
      this.unsignedVarint(tag)
      this.unsignedVarint(data.length)
      this.raw(data)
    }
  }

  /** Overwrites the first four bytes: the length of a frame, known only at its end. */
  patchFirstInt32(value: number): void {
    const first = this.#finished[0]
    const view = first === undefined ? this.#view : viewOf(first)
    view.setInt32(0, value)
  }

  /** Everything written, in order, as chunks for one vectored write. The writer must not be used after this. */
  chunks(): Uint8Array[] {
    this.#finishCurrent()
    return this.#finished
  }

  /** Everything written, as one range of bytes: a view where there is one chunk, else a copy. */
  toBytes(): Uint8Array {
    const [first, ...rest] = this.chunks()
    if (first === undefined) return new Uint8Array(0)
    return rest.length === 0 ? first : Buffer.concat([first, ...rest])
  }

  /** Refuses a value that only other versions carry. */
  unsupported(field: string, version: number): ProtocolError {
    return new ProtocolError({
      what: this.#what,
      where: field,
      why: `version ${version} cannot carry a value other than the default`,
      code: 'UNSUPPORTED_VERSION',
    })
  }

  /** Refuses null in a version that has no null for the field. */
  notNullable(field: string, version: number): ProtocolError {
    return new ProtocolError({
      what: this.#what,
      where: field,
      why: `version ${version} cannot carry null`,
      code: 'UNSUPPORTED_VERSION',
    })
  }

  /** May replace the buffer and its view: callers take first, then touch them. */
  #take(size: number): number {
    this.#reserve(size)
    const at = this.#offset
    this.#offset = at + size
    return at
  }

  #reserve(size: number): void {
    const needed = this.#offset + size
    if (needed <= this.#buffer.length) return
    // Positions stay what they are, since an open tagged field holds one; what is finished keeps the old buffer.
    const growth = this.#buffer.length < SMALL_BUFFER ? 4 : 2
    const grown = Buffer.allocUnsafe(Math.max(needed, growth * this.#buffer.length, 64))
    grown.set(this.#buffer.subarray(0, this.#offset))
    this.#buffer = grown
    this.#view = viewOf(this.#buffer)
  }

  #reference(value: Uint8Array): void {
    this.#finishCurrent()
    this.#finished.push(value)
    this.#finishedBytes += value.length
  }

  #finishCurrent(): void {
    if (this.#offset === this.#start) return
    this.#finished.push(this.#buffer.subarray(this.#start, this.#offset))
    this.#finishedBytes += this.#offset - this.#start
    this.#start = this.#offset
  }

  #shortAscii(value: string, flexible: boolean): boolean {
    const length = value.length
    this.#reserve(length + 2)
    const view = this.#view
    const start = flexible ? this.#offset + 1 : this.#offset + 2
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code >= 0x80) return false
      view.setUint8(start + index, code)
    }
    if (flexible) view.setUint8(this.#offset, length + 1)
    else view.setInt16(this.#offset, length)
    this.#offset = start + length
    return true
  }

  #tooLong(size: number): ProtocolError {
    return this.#error(`text of ${size} bytes, more than the ${MAX_TEXT_BYTES} that Kafka allows`)
  }

  #range(value: number | bigint, type: string): ProtocolError {
    return this.#error(`${value} is not ${type}`)
  }

  #error(why: string): ProtocolError {
    return new ProtocolError({ what: this.#what, where: this.size, why, code: 'INVALID_VALUE' })
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function unsignedVarintSize(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest !== 0; rest >>>= 7) size++
  return size
}
