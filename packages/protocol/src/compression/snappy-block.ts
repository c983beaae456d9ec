/**
 * Raw snappy blocks in JavaScript: no framing, no checksum. A block is its uncompressed length (varint) and then literals
 * and copies of what was written before.
 *
 * Decompressing trusts nothing: not the length, not a literal's, not an offset. Owner of the compressor's hash table.
 */
import { corrupt } from './codec.js'

const WHAT = 'snappy block'
/** A copy element of 3 bytes yields at most 64: nothing decompresses to more than 64 / 3 of itself. */
const MAX_RATIO = 22

/** A literal or a copy of at least this many bytes is moved by the engine, a shorter one byte by byte. */
const BULK_BYTES = 48

export interface SnappyLength {
  /** What the block says it becomes. */
  readonly length: number
  /** Where its elements begin. */
  readonly at: number
}

/** Reads the length of the block in `start` to `end`; refuses one that so few bytes cannot become. */
export function readSnappyLength(source: Uint8Array, start: number, end: number): SnappyLength {
  let length = 0
  let at = start
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = at < end ? source[at] : undefined
    if (byte === undefined) throw corrupt(WHAT, at, 'the bytes end inside its length')
    at++
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) {
      if (length > (end - start) * MAX_RATIO)
        throw corrupt(WHAT, start, `it claims to become ${length} bytes, which ${end - start} bytes cannot`)
      return { length, at }
    }
  }
  throw corrupt(WHAT, start, 'its length takes more than five bytes')
}

/**
 * Decompresses the elements in `at` to `end` into `target`, from `from` on, and fills exactly `length` bytes of it.
 */
export function decompressSnappyBlock(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  from: number,
  length: number,
): void {
  const limit = from + length
  let read = at
  let write = from
  while (read < end) {
    const tag = source[read] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      let count = tag >>> 2
      read++
      if (count >= 60) {
        const lengthBytes = count - 59
        if (read + lengthBytes > end) throw corrupt(WHAT, read, 'the bytes end inside the length of a literal')
        count = littleEndian(source, read, lengthBytes)
        read += lengthBytes
      }
      count++
      if (count > end - read) throw corrupt(WHAT, read, `a literal of ${count} bytes, but ${end - read} are left`)
      if (count > limit - write) throw overrun(read, count, limit - write)
      if (count < BULK_BYTES) for (const stop = read + count; read < stop; ) target[write++] = source[read++] ?? 0
      else {
        target.set(source.subarray(read, read + count), write)
        read += count
        write += count
      }
      continue
    }
    const bytes = kind === 3 ? 4 : kind
    if (read + bytes >= end) throw corrupt(WHAT, read, 'the bytes end inside a copy')
    const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const offset = kind === 1 ? ((tag & 0xe0) << 3) | (source[read + 1] ?? 0) : littleEndian(source, read + 1, bytes)
    if (offset === 0 || offset > write - from)
      throw corrupt(WHAT, read, `a copy from ${offset} bytes back, but ${write - from} bytes are written`)
    if (count > limit - write) throw overrun(read, count, limit - write)
    read += bytes + 1
    for (const stop = write + count; write < stop; write++) target[write] = target[write - offset] ?? 0
  }
  if (write !== limit) throw corrupt(WHAT, end, `it became ${write - from} bytes, but claims ${length}`)
}

function littleEndian(source: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = count - 1; index >= 0; index--) value = value * 256 + (source[at + index] ?? 0)
  return value
}

function overrun(where: number, count: number, left: number): Error {
  return corrupt(WHAT, where, `${count} more bytes where its length leaves room for ${left}`)
}

/** The input of one block: offsets in the hash table are 16 bits. */
export const SNAPPY_BLOCK_BYTES: number = 64 * 1024

const HASH_BITS = 14
const table = new Uint16Array(1 << HASH_BITS)

/** Room that any block of `length` bytes finds enough. */
export function snappyBound(length: number): number {
  return 32 + length + Math.ceil(length / 6)
}

/** Compresses `start` to `end` of `source`, at most SNAPPY_BLOCK_BYTES, into `target` from `from` on; says where it ended. */
export function compressSnappyBlock(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  from: number,
): number {
  let write = from
  for (let length = end - start; ; length >>>= 7) {
    if (length < 0x80) {
      target[write++] = length
      break
    }
    target[write++] = (length & 0x7f) | 0x80
  }
  table.fill(0)
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  // No match begins in the last 15 bytes: the four bytes it is found by are always there.
  const last = end - 15
  let literal = start
  let at = start + 1
  let misses = 32
  while (at < last) {
    const word = view.getUint32(at, true)
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS)
    const candidate = start + (table[slot] ?? 0)
    table[slot] = at - start
    if (view.getUint32(candidate, true) !== word || candidate === at) {
      // The longer nothing matches, the wider the steps.
      at += misses++ >>> 5
      continue
    }
    if (at > literal) write = writeLiteral(source, literal, at, target, write)
    let match = candidate + 4
    const offset = at - candidate
    const matched = at
    at += 4
    while (at < end && source[at] === source[match]) {
      at++
      match++
    }
    write = writeCopy(offset, at - matched, target, write)
    literal = at
    misses = 32
    if (at < last) table[Math.imul(view.getUint32(at - 1, true), 0x1e35a7bd) >>> (32 - HASH_BITS)] = at - 1 - start
  }
  return literal < end ? writeLiteral(source, literal, end, target, write) : write
}

function writeLiteral(source: Uint8Array, start: number, end: number, target: Uint8Array, from: number): number {
  const count = end - start - 1
  let write = from
  if (count < 60) target[write++] = count << 2
  else if (count < 256) {
    target[write++] = 60 << 2
    target[write++] = count
  } else {
    target[write++] = 61 << 2
    target[write++] = count & 0xff
    target[write++] = count >>> 8
  }
  if (count < BULK_BYTES) for (let read = start; read < end; ) target[write++] = source[read++] ?? 0
  else {
    target.set(source.subarray(start, end), write)
    write += count + 1
  }
  return write
}

function writeCopy(offset: number, length: number, target: Uint8Array, from: number): number {
  let write = from
  let left = length
  // Pieces of 64, but never one that leaves less than the 4 bytes that a short copy needs.
  while (left >= 68) {
    write = writeLongCopy(offset, 64, target, write)
    left -= 64
  }
  if (left > 64) {
    write = writeLongCopy(offset, 60, target, write)
    left -= 60
  }
  if (left >= 12 || offset >= 2048) return writeLongCopy(offset, left, target, write)
  target[write++] = ((offset >>> 8) << 5) | ((left - 4) << 2) | 1
  target[write++] = offset & 0xff
  return write
}

function writeLongCopy(offset: number, length: number, target: Uint8Array, from: number): number {
  target[from] = ((length - 1) << 2) | 2
  target[from + 1] = offset & 0xff
  target[from + 2] = offset >>> 8
  return from + 3
}
