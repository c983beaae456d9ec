/**
 * FrameSplitter: cuts a stream of bytes into the frames that a four-byte length announces. A frame that lies whole in
 * one received chunk is handed out as a view of it. Otherwise its bytes are gathered in a buffer that grows with what
 * has come, so that a peer which announces much and sends little costs little. Where buffers come from can be said: frames
 * that are done with can then be used again.
 *
 * Who can choose where bytes are received asks for room first: those of a large frame then come to where they are to lie.
 *
 * One splitter per connection, fed by one caller. After an error it must not be fed again: the stream has lost its step.
 */
import { ProtocolError } from '../protocol-error.js'

const LENGTH_BYTES = 4

/** A frame up to this size gets its whole buffer at once; a larger one earns it by arriving. */
const TRUSTED_BYTES = 64 * 1024

/** What a buffer that was filled grows to at least: most large frames fit, so they are moved once. */
const GROWN_BYTES = 1024 * 1024

/** Where bytes are received that belong to no frame yet; small frames stay there, one behind the other. */
const ROOM_BYTES = 64 * 1024
/** With less than this the next piece of memory is taken. */
const LEAST_ROOM_BYTES = 4 * 1024

/** Where the buffers for large frames and batches come from. */
export interface FrameBuffers {
  take(bytes: number): Buffer
  give(buffer: Uint8Array): void
}

/** New ones each time. */
export const freshBuffers: FrameBuffers = { take: bytes => Buffer.allocUnsafe(bytes), give: () => {} }

export class FrameSplitter {
  readonly #maxBytes: number
  readonly #buffers: FrameBuffers
  readonly #growth: number
  #partial: Buffer = Buffer.allocUnsafe(LENGTH_BYTES)
  #filled = 0
  /** Length of the frame being gathered; -1 while its length field is still incomplete. */
  #frameBytes = -1
  #room: Buffer = Buffer.alloc(0)
  /** Up to where frames lie in it that were handed out. */
  #roomTaken = 0

  /**
   * Frames that announce more than `maxBytes` are refused before anything of them is kept. Beyond a mebibyte, memory is taken
   * for at most `growth` times of what has come: more for a peer that is trusted, whose large frames are then moved less.
   */
  constructor(maxBytes: number, buffers: FrameBuffers = freshBuffers, growth = 2) {
    if (!Number.isInteger(maxBytes) || maxBytes < 1)
      throw new RangeError(`maxBytes must be a positive integer, not ${maxBytes}`)
    this.#maxBytes = maxBytes
    this.#buffers = buffers
    this.#growth = growth
  }

  /** Bytes of an unfinished frame that are held; of a large one, the memory that was taken for it. */
  get pending(): number {
    const held = this.#partial.length > TRUSTED_BYTES ? this.#partial.length : this.#filled
    return held + (this.#frameBytes < 0 ? 0 : LENGTH_BYTES)
  }

  /** Where the next bytes may be put, to be pushed as the beginning of it: before anything else, and before room is asked for again. */
  room(): Buffer {
    if (this.#frameBytes >= 0) {
      if (this.#filled === this.#partial.length) this.#grow(this.#filled + 1)
      return this.#partial.subarray(this.#filled)
    }
    if (this.#room.length - this.#roomTaken < LEAST_ROOM_BYTES) {
      this.#room = Buffer.allocUnsafeSlow(ROOM_BYTES)
      this.#roomTaken = 0
    }
    return this.#room.subarray(this.#roomTaken)
  }

  /** Frames that `chunk` completes, in order, without their length. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#frameBytes < 0) {
        if (this.#filled === 0 && chunk.length - at >= LENGTH_BYTES) {
          const length = this.#checked(new DataView(chunk.buffer, chunk.byteOffset + at).getInt32(0))
          at += LENGTH_BYTES
          if (chunk.length - at >= length) {
            frames.push(chunk.subarray(at, at + length))
            at += length
            if (chunk.buffer === this.#room.buffer) this.#roomTaken = chunk.byteOffset - this.#room.byteOffset + at
          } else this.#begin(length)
          continue
        }
        at += this.#gather(chunk, at, LENGTH_BYTES)
        if (this.#filled === LENGTH_BYTES) this.#begin(this.#checked(this.#partial.readInt32BE(0)))
      } else {
        at += this.#gather(chunk, at, this.#frameBytes)
      }
      if (this.#filled === this.#frameBytes) frames.push(this.#finish())
    }
    return frames
  }

  #begin(length: number): void {
    this.#frameBytes = length
    this.#filled = 0
    this.#partial = this.#buffers.take(Math.min(length, TRUSTED_BYTES))
  }

  #finish(): Uint8Array {
    const frame = this.#partial.subarray(0, this.#frameBytes)
    this.#frameBytes = -1
    this.#filled = 0
    this.#partial = Buffer.allocUnsafe(LENGTH_BYTES)
    return frame
  }

  /** Takes what is still missing of `total` bytes, as far as the chunk reaches; returns how much that was. */
  #gather(chunk: Uint8Array, at: number, total: number): number {
    const size = Math.min(total - this.#filled, chunk.length - at)
    if (this.#filled + size > this.#partial.length) this.#grow(this.#filled + size)
    if (!this.#isInPlace(chunk, at)) this.#partial.set(chunk.subarray(at, at + size), this.#filled)
    this.#filled += size
    return size
  }

  #isInPlace(chunk: Uint8Array, at: number): boolean {
    const { buffer, byteOffset } = this.#partial
    return chunk.buffer === buffer && chunk.byteOffset + at === byteOffset + this.#filled
  }

  /** Makes room for `least` bytes of the frame. */
  #grow(least: number): void {
    const wanted = Math.max(least, this.#growth * this.#partial.length, GROWN_BYTES)
    const grown = this.#buffers.take(Math.min(this.#frameBytes, wanted))
    grown.set(this.#partial.subarray(0, this.#filled))
    this.#buffers.give(this.#partial)
    this.#partial = grown
  }

  #checked(length: number): number {
    if (length >= 0 && length <= this.#maxBytes) return length
    throw new ProtocolError({
      what: 'frame',
      where: 'length',
      why:
        length < 0
          ? `a frame of ${length} bytes`
          : `a frame of ${length} bytes, more than the ${this.#maxBytes} allowed`,
      code: 'INVALID_REQUEST',
    })
  }
}
