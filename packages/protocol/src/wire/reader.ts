/**
 * Reader: takes Kafka's primitive types off a range of bytes. Every read is checked against the end of the range, and
 * every length and count against the bytes that are left, so that hostile input costs no more than its own size.
 * Byte ranges come back as views of the input: nothing is copied.
 */
import { ProtocolError } from '../protocol-error.js'
import { asciiText, SHORT_TEXT } from './ascii.js'
import type { UnknownTag, UnknownTags } from './tagged.js'
import { type Uuid, ZERO_UUID } from './uuid.js'

export const NO_BYTES: Uint8Array = new Uint8Array(0)

export class Reader {
  readonly #what: string
  readonly #buffer: Buffer
  readonly #view: DataView
  readonly #maxElements: number
  #offset = 0
  #end: number
  #elements = 0

  /** The number of the tagged field that `enterTag` entered last. */
  tag = -1

  /** `what` names the thing being read, for errors. Bytes that announce more than `maxElements` in all are refused. */
  constructor(bytes: Uint8Array, what = 'message', maxElements: number = Number.POSITIVE_INFINITY) {
    this.#what = what
    this.#maxElements = maxElements
    // Frames off a socket are Buffers already, and making one costs a third of reading a small response.
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#end = bytes.length
  }

  get offset(): number {
    return this.#offset
  }

  get remaining(): number {
    return this.#end - this.#offset
  }

  /** Elements of arrays and tagged fields announced so far: an object each, however few bytes it has on the wire. */
  get elements(): number {
    return this.#elements
  }

  bool(): boolean {
    return this.#view.getUint8(this.#take(1)) !== 0
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  uuid(): Uuid {
    const at = this.#take(16)
    const view = this.#view
    if ((view.getInt32(at) | view.getInt32(at + 4) | view.getInt32(at + 8) | view.getInt32(at + 12)) === 0)
      return ZERO_UUID
    return this.#buffer.toString('base64url', at, at + 16)
  }

  /** At most five bytes, of which the last carries four bits. */
  unsignedVarint(): number {
    const first = this.#view.getUint8(this.#take(1))
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.#view.getUint8(this.#take(1))
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.#view.getUint8(this.#take(1))
    if (last > 0x0f) throw this.error('an unsigned varint is longer than 32 bits', this.#offset - 1)
    return (value | (last << 28)) >>> 0
  }

  string(flexible: boolean): string {
    const length = this.#stringLength(flexible)
    if (length < 0) throw this.error('null where text must be')
    return this.#text(length)
  }

  nullableString(flexible: boolean): string | null {
    const length = this.#stringLength(flexible)
    return length < 0 ? null : this.#text(length)
  }

  bytes(flexible: boolean): Uint8Array {
    const value = this.nullableBytes(flexible)
    if (value === null) throw this.error('null where bytes must be')
    return value
  }

  nullableBytes(flexible: boolean): Uint8Array | null {
    const length = flexible ? this.unsignedVarint() - 1 : this.int32()
    if (length === -1) return null
    if (length < 0) throw this.error(`a length of ${length} bytes`)
    if (length === 0) return NO_BYTES
    const at = this.#take(length)
    return this.#buffer.subarray(at, at + length)
  }

  /** The count of an array whose elements take `elementSize` bytes at the least. */
  arrayLength(flexible: boolean, elementSize: number): number {
    const count = this.nullableArrayLength(flexible, elementSize)
    if (count < 0) throw this.error('null where an array must be')
    return count
  }

  /** As `arrayLength`; -1 for null. */
  nullableArrayLength(flexible: boolean, elementSize: number): number {
    const count = flexible ? this.unsignedVarint() - 1 : this.int32()
    if (count < -1) throw this.error(`an array of ${count} elements`)
    if (count * elementSize > this.remaining) {
      throw this.error(
        `an array claims ${count} elements of at least ${elementSize} bytes, but only ${this.remaining} bytes are left`,
      )
    }
    if (count > 0) this.#announced(count)
    return count
  }

  /** Whether a nullable struct is there: a signed byte, -1 for null. */
  structPresent(): boolean {
    return this.int8() >= 0
  }

  /** Whether a nullable struct in a tagged field is there: an unsigned varint, 0 for null. */
  taggedStructPresent(): boolean {
    return this.unsignedVarint() !== 0
  }

  tagCount(): number {
    const count = this.unsignedVarint()
    if (count * 2 > this.remaining) throw this.error(`${count} tagged fields cannot stand in ${this.remaining} bytes`)
    if (count > 0) this.#announced(count)
    return count
  }

  /** Enters a tagged field: its number is in `tag`, reads end at its end. Returns what `leaveTag` needs. */
  enterTag(): number {
    this.tag = this.unsignedVarint()
    const size = this.unsignedVarint()
    if (size > this.remaining)
      throw this.error(`tagged field ${this.tag} claims ${size} bytes, but only ${this.remaining} are left`)
    const outerEnd = this.#end
    this.#end = this.#offset + size
    return outerEnd
  }

  leaveTag(outerEnd: number): void {
    if (this.#offset !== this.#end) throw this.error(`${this.remaining} bytes are left over in a tagged field`)
    this.#end = outerEnd
  }

  /**
   * Takes the whole of the tagged field that was entered and adds it to those kept. The list grows in place, and empty
   * ones share their bytes: a peer may send as many as it has room for.
   */
  unknownTag(kept: UnknownTag[] | undefined): UnknownTag[] {
    const size = this.remaining
    const at = this.#take(size)
    const unknown = { tag: this.tag, data: size === 0 ? NO_BYTES : this.#buffer.subarray(at, at + size) }
    if (kept === undefined) return [unknown]
    kept.push(unknown)
    return kept
  }

  /** A tagged section in which the schema knows no field. */
  unknownTags(): UnknownTags {
    let unknown: UnknownTag[] | undefined
    for (let count = this.tagCount(); count > 0; count--) {
      const outerEnd = this.enterTag()
      unknown = this.unknownTag(unknown)
      this.leaveTag(outerEnd)
    }
    return unknown
  }

  error(why: string, where: number = this.#offset): ProtocolError {
    return new ProtocolError({ what: this.#what, where, why })
  }

  #announced(count: number): void {
    this.#elements += count
    if (this.#elements > this.#maxElements)
      throw this.error(`${this.#elements} elements, more than the ${this.#maxElements} allowed`)
  }

  #take(size: number): number {
    const at = this.#offset
    if (size > this.#end - at) throw this.error(`${size} bytes are needed, but only ${this.#end - at} are left`)
    this.#offset = at + size
    return at
  }

  #stringLength(flexible: boolean): number {
    const length = flexible ? this.unsignedVarint() - 1 : this.int16()
    if (length < -1 || length > 0x7fff) throw this.error(`text of ${length} bytes`)
    return length
  }

  #text(length: number): string {
    const at = this.#take(length)
    if (length <= SHORT_TEXT) {
      const text = asciiText(this.#buffer, at, at + length)
      if (text !== undefined) return text
    }
    return this.#buffer.toString('utf8', at, at + length)
  }
}
