/**
 * gzip: the streams of RFC 1952. Deflate is Node's own; header and trailer of the members are read here, because Node takes
 * anything behind the last member for a broken one, where Java's reader ignores it.
 *
 * Members may follow one another. Several are joined at the end, which for a moment takes their size twice.
 */
import { gzipSync, inflateRawSync } from 'node:zlib'
import { crc32 } from '../hash/crc32.js'
import { type Codec, codec, corrupt, tooLarge } from './codec.js'
import { fitted } from './destination.js'

const LEVELS = { min: 1, max: 9, default: -1 } as const
const WHAT = 'gzip data'
/** Deflate tells at most 258 bytes with two bits: nothing becomes more than this many times its own length. */
const MAX_RATIO = 1032
const TRAILER_BYTES = 8
/** The least that Node takes for a chunk. */
const CHUNK_MIN_BYTES = 64
/** What a member behind the first gets at a time, with a byte to spare: there may be one for every 20 bytes of input. */
const LATER_CHUNK_BYTES = 64 * 1024 + 1

const HEADER_CHECKSUM = 2
const EXTRA = 4
const NAME = 8
const COMMENT = 16
const RESERVED = 0xe0

export const gzip: Codec = codec({
  id: 1,
  name: 'gzip',
  levels: LEVELS,
  compress(input, level) {
    const chunkSize = Math.max(CHUNK_MIN_BYTES, input.length)
    return fitted(gzipSync(input, { level, chunkSize }), chunkSize)
  },
  decompress(input, maxBytes) {
    const first = readMember(input, 0, readHeader(input, 0), maxBytes, maxBytes)
    let { end } = first
    let length = first.output.length
    const outputs = [first.output]
    while (end < input.length) {
      const dataAt = isHeader(input, end)
      if (dataAt === undefined) break
      const member = readMember(input, end, dataAt, maxBytes - length, maxBytes)
      outputs.push(member.output)
      length += member.output.length
      end = member.end
    }
    return outputs.length === 1 ? first.output : Buffer.concat(outputs, length)
  },
})

interface Member {
  readonly output: Buffer
  /** Behind the trailer. */
  readonly end: number
}

/** Inflates what begins at `dataAt`, of the member at `start`, to no more than `leftBytes`. */
function readMember(input: Uint8Array, start: number, dataAt: number, leftBytes: number, maxBytes: number): Member {
  const data = input.subarray(dataAt)
  const room = Math.min(leftBytes, data.length * MAX_RATIO)
  const inflated =
    start === 0 ? inflateFirst(data, room, dataAt) : inflate(data, room, dataAt, Math.min(room + 1, LATER_CHUNK_BYTES))
  if (inflated === undefined) throw tooLarge(WHAT, start, maxBytes)
  const { output, consumed } = inflated
  if (consumed + TRAILER_BYTES > data.length) throw corrupt(WHAT, input.length, 'the bytes end inside a trailer')
  if (crc32(output) !== unsigned(data, consumed)) throw corrupt(WHAT, dataAt + consumed, 'the checksum is wrong')
  const length = unsigned(data, consumed + 4)
  if (length !== output.length % 2 ** 32)
    throw corrupt(WHAT, dataAt + consumed + 4, `it became ${output.length} bytes, but claims ${length}`)
  return { output, end: dataAt + consumed + TRAILER_BYTES }
}

interface Inflated {
  readonly output: Buffer
  /** How many bytes the deflate stream has. */
  readonly consumed: number
}

/**
 * Inflates into one chunk. The last four bytes say what the last member became, and as a rule it is the only one. Where
 * they are wrong, and only there, it is done again with all the room that there may be.
 */
function inflateFirst(data: Uint8Array, room: number, dataAt: number): Inflated | undefined {
  // A byte to spare: a chunk that is full makes Node set aside another one of the same size.
  const hint = data.length < 4 ? room : unsigned(data, data.length - 4)
  return (hint < room ? inflate(data, hint, dataAt, hint + 1) : undefined) ?? inflate(data, room, dataAt, room + 1)
}

/** Undefined where the output would be more than `room`. */
function inflate(data: Uint8Array, room: number, dataAt: number, chunkBytes: number): Inflated | undefined {
  try {
    const chunkSize = Math.max(CHUNK_MIN_BYTES, chunkBytes)
    const result: unknown = inflateRawSync(data, { chunkSize, maxOutputLength: Math.max(1, room), info: true })
    if (!isInfo(result)) throw new Error('node:zlib told nothing of the bytes it has read')
    if (result.buffer.length > room) return undefined
    return { output: fitted(result.buffer, chunkSize), consumed: result.engine.bytesWritten }
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    if ('code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw corrupt(WHAT, dataAt, cause.message, cause)
  }
}

/** Where the data of the member begins whose header is at `at`. */
function readHeader(input: Uint8Array, at: number): number {
  if (at + 10 > input.length) throw corrupt(WHAT, at, 'the bytes end inside a header')
  if (input[at] !== 0x1f || input[at + 1] !== 0x8b) throw corrupt(WHAT, at, 'it does not begin with the magic number')
  const flags = input[at + 3] ?? 0
  if (input[at + 2] !== 8 || (flags & RESERVED) !== 0)
    throw corrupt(WHAT, at + 2, 'a method or a flag that is not known')
  let dataAt = at + 10
  if ((flags & EXTRA) !== 0) dataAt += 2 + (input[dataAt] ?? 0) + (input[dataAt + 1] ?? 0) * 256
  for (const flag of [NAME, COMMENT]) {
    if ((flags & flag) === 0) continue
    const zero = input.indexOf(0, dataAt)
    if (zero < 0) throw corrupt(WHAT, dataAt, 'the bytes end inside a header')
    dataAt = zero + 1
  }
  if ((flags & HEADER_CHECKSUM) !== 0) dataAt += 2
  if (dataAt > input.length) throw corrupt(WHAT, at, 'the bytes end inside a header')
  if ((flags & HEADER_CHECKSUM) !== 0) {
    const expected = (input[dataAt - 2] ?? 0) + (input[dataAt - 1] ?? 0) * 256
    if ((crc32(input, at, dataAt - 2) & 0xffff) !== expected)
      throw corrupt(WHAT, dataAt - 2, 'the checksum of a header is wrong')
  }
  return dataAt
}

/** As `readHeader`, for bytes that need not be a header. */
function isHeader(input: Uint8Array, at: number): number | undefined {
  try {
    return readHeader(input, at)
  } catch {
    return undefined
  }
}

function unsigned(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
}

interface InflateInfo {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/** What a synchronous function of node:zlib returns when it is asked for `info`. */
function isInfo(result: unknown): result is InflateInfo {
  if (result === null || typeof result !== 'object' || !('buffer' in result) || !('engine' in result)) return false
  const { buffer, engine } = result
  if (engine === null || typeof engine !== 'object' || !('bytesWritten' in engine)) return false
  return Buffer.isBuffer(buffer) && typeof engine.bytesWritten === 'number'
}
