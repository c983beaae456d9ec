/**
 * lz4: the LZ4 frame format (version 1.6) around blocks.
 *
 * Written as Kafka does: independent blocks of 64 KiB, stored where they would grow, no checksums, no size. Read: blocks of
 * every size, independent or linked, with or without content size, block checksums and content checksum, all of which are
 * verified. A dictionary is refused. What lies behind the end mark is ignored, as Kafka's own reader does; a frame that ends
 * without one is corrupt.
 *
 * Of the package `lz4` only the block functions are used: its frame and stream functions cannot read linked blocks and end
 * the process on a frame that is cut short. Every level compresses the same: Kafka's default of 9 means the fast compressor
 * that is used here, and the package's other one ignores the level it is given and is reported to lose data. The levels
 * are accepted all the same, so that a configuration moves over as it is.
 */
import { xxhash32 } from '../hash/xxhash32.js'
import { type Codec, cannotCompress, codec, corrupt, missingSentence, tooLarge } from './codec.js'
import { exactly } from './destination.js'
import { decompressLz4Block, LZ4_MAX_RATIO } from './lz4-block.js'
import { hasFunctions, type LoadModule, OptionalPackage, requireModule } from './optional-package.js'

const LEVELS = { min: 1, max: 17, default: 9 } as const
const WHAT = 'lz4 frame'
const MAGIC = 0x184d2204
const BLOCK_BYTES = 64 * 1024
/** Magic, flags (version 1, independent blocks), block size 4 (64 KiB), and the checksum of those two. */
const HEADER = Buffer.from('04224d18604082', 'hex')
const STORED = 0x80000000
/** A shorter block is decompressed in JavaScript: the call into native code would cost more than it saves. */
const NATIVE_FROM_BYTES = 192

export const lz4: Codec = createLz4()

export function createLz4(load: LoadModule = requireModule): Codec {
  const native = new OptionalPackage('lz4', isLz4, load)
  return codec({
    id: 3,
    name: 'lz4',
    levels: LEVELS,
    missing: () => (native.get() === undefined ? missingSentence('lz4', native) : undefined),
    compress(input) {
      const block = native.get()
      if (block === undefined) throw cannotCompress(missingSentence('lz4', native))
      return compressFrame(block, input)
    },
    decompress(input, maxBytes, magic = 2) {
      const frame = readFrame(input, magic !== 0, maxBytes)
      return exactly(Math.min(frame.boundBytes, maxBytes), target =>
        decompressBlocks(frame, input, target, native.get()),
      )
    },
  })
}

function compressFrame(native: Lz4, input: Uint8Array): Uint8Array {
  const blockCount = Math.ceil(input.length / BLOCK_BYTES)
  return exactly(HEADER.length + input.length + blockCount * 4 + 4, target => {
    HEADER.copy(target)
    let write = HEADER.length
    for (let at = 0; at < input.length; at += BLOCK_BYTES) {
      const length = Math.min(BLOCK_BYTES, input.length - at)
      const block = length === input.length ? input : input.subarray(at, at + length)
      // Room for one byte less than it has: a block that would not shrink is refused, and stored.
      const compressed = native.encodeBlock(block, target, write + 4, write + 4 + length - 1)
      if (compressed > 0) {
        write = target.writeUInt32LE(compressed, write) + compressed
      } else {
        write = target.writeUInt32LE(STORED + length, write)
        target.set(block, write)
        write += length
      }
    }
    return target.writeUInt32LE(0, write)
  })
}

interface Frame {
  readonly blocksAt: number
  readonly blockMaxBytes: number
  readonly areLinked: boolean
  readonly haveBlockChecksums: boolean
  readonly hasChecksum: boolean
  /** What the frame declares to become. */
  readonly contentBytes: number | undefined
  /** What it becomes at most. */
  readonly boundBytes: number
}

/** Reads the header, and of the blocks as much as bounds the output. */
function readFrame(input: Uint8Array, verifiesHeader: boolean, maxBytes: number): Frame {
  if (unsigned(input, 0) !== MAGIC) throw corrupt(WHAT, 0, 'it does not begin with the magic number')
  const flags = byteAt(input, 4)
  const sizes = byteAt(input, 5)
  if (flags >>> 6 !== 1) throw corrupt(WHAT, 4, `version ${flags >>> 6} of the format, where only 1 is known`)
  if ((flags & 2) !== 0 || (sizes & 0x8f) !== 0) throw corrupt(WHAT, 4, 'reserved bits of its header are set')
  if ((flags & 1) !== 0) throw corrupt(WHAT, 4, 'it needs a dictionary, and Kafka has none')
  const sizeCode = sizes >>> 4
  if (sizeCode < 4) throw corrupt(WHAT, 5, `its blocks have the size ${sizeCode}, where 4 to 7 are known`)
  const blockMaxBytes = 1 << (8 + sizeCode * 2)
  const hasSize = (flags & 8) !== 0
  const contentBytes = hasSize ? unsigned(input, 6) + unsigned(input, 10) * 2 ** 32 : undefined
  const checksumAt = hasSize ? 14 : 6
  const checksum = byteAt(input, checksumAt)
  // The writers of magic 0 took the checksum over the wrong bytes.
  if (verifiesHeader && checksum !== ((xxhash32(input, 4, checksumAt) >>> 8) & 0xff))
    throw corrupt(WHAT, checksumAt, 'the checksum of its header is wrong')
  const haveBlockChecksums = (flags & 16) !== 0
  const blocksAt = checksumAt + 1
  if (contentBytes !== undefined && contentBytes > maxBytes) throw tooLarge(WHAT, 6, maxBytes)
  const bound = boundOf(input, blocksAt, blockMaxBytes, haveBlockChecksums)
  if (contentBytes !== undefined && contentBytes > bound)
    throw corrupt(WHAT, 6, `it claims to become ${contentBytes} bytes, its blocks can become ${bound}`)
  return {
    blocksAt,
    blockMaxBytes,
    areLinked: (flags & 32) === 0,
    haveBlockChecksums,
    hasChecksum: (flags & 4) !== 0,
    contentBytes,
    boundBytes: contentBytes ?? bound,
  }
}

function boundOf(input: Uint8Array, blocksAt: number, blockMaxBytes: number, haveChecksums: boolean): number {
  let bound = 0
  for (let at = blocksAt; ; ) {
    const head = unsigned(input, at)
    if (head === 0) return bound
    const size = head % STORED
    const end = at + 4 + size
    if (size > blockMaxBytes) throw corrupt(WHAT, at, `a block of ${size} bytes, where ${blockMaxBytes} are the most`)
    if (end > input.length) throw corrupt(WHAT, at, `a block reaches to byte ${end}, of ${input.length}`)
    bound += head >= STORED ? size : Math.min(blockMaxBytes, size * LZ4_MAX_RATIO)
    at = end + (haveChecksums ? 4 : 0)
  }
}

function decompressBlocks(frame: Frame, input: Uint8Array, target: Buffer, native: Lz4 | undefined): number {
  let write = 0
  let at = frame.blocksAt
  for (;;) {
    const head = unsigned(input, at)
    at += 4
    if (head === 0) break
    const end = at + (head % STORED)
    if (frame.haveBlockChecksums && xxhash32(input, at, end) !== unsigned(input, end))
      throw corrupt(WHAT, end, 'the checksum of a block is wrong')
    if (head < STORED) write = decompressBlock(frame, input, at, end, target, write, native)
    else if (end - at > target.length - write) throw overrun(frame, at, target)
    else {
      target.set(input.subarray(at, end), write)
      write += end - at
    }
    at = frame.haveBlockChecksums ? end + 4 : end
  }
  if (frame.contentBytes !== undefined && write !== frame.contentBytes)
    throw corrupt(WHAT, at, `it became ${write} bytes, but claims ${frame.contentBytes}`)
  if (frame.hasChecksum && xxhash32(target, 0, write) !== unsigned(input, at))
    throw corrupt(WHAT, at, 'the checksum of its content is wrong')
  return write
}

function decompressBlock(
  frame: Frame,
  input: Uint8Array,
  at: number,
  end: number,
  target: Buffer,
  from: number,
  native: Lz4 | undefined,
): number {
  const limit = Math.min(target.length, from + frame.blockMaxBytes)
  if (native !== undefined && !frame.areLinked && end - at >= NATIVE_FROM_BYTES) {
    const length = native.decodeBlock(input, target.subarray(from, limit), at, end)
    if (length > 0) return from + length
    // It says no more than no: what is wrong, and where, is found below.
  }
  const stop = decompressLz4Block(input, at, end, target, from, limit, frame.areLinked ? 0 : from)
  if (stop >= 0) return stop
  if (limit < target.length) throw corrupt(WHAT, at, `a block becomes more than ${frame.blockMaxBytes} bytes`)
  throw overrun(frame, at, target)
}

/** Running out of room is corruption where there was room for all that the frame says it can become. */
function overrun(frame: Frame, at: number, target: Buffer): Error {
  if (frame.boundBytes > target.length) return tooLarge(WHAT, at, target.length)
  return corrupt(WHAT, at, `it becomes more than ${frame.boundBytes} bytes`)
}

function byteAt(input: Uint8Array, at: number): number {
  const byte = input[at]
  if (byte === undefined) throw corrupt(WHAT, at, 'the bytes end here')
  return byte
}

function unsigned(input: Uint8Array, at: number): number {
  const high = byteAt(input, at + 3)
  return ((input[at] ?? 0) | ((input[at + 1] ?? 0) << 8) | ((input[at + 2] ?? 0) << 16) | (high << 24)) >>> 0
}

/** What is used of the package; it takes any byte array and gives 0 or less where the output does not fit. */
interface Lz4 {
  encodeBlock(input: Uint8Array, output: Uint8Array, start: number, end: number): number
  decodeBlock(input: Uint8Array, output: Uint8Array, start: number, end: number): number
}

function isLz4(module: unknown): module is Lz4 {
  return hasFunctions(module, 'encodeBlock', 'decodeBlock')
}
