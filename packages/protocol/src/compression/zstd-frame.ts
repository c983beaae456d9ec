/**
 * The outer shape of Zstandard data (RFC 8878): frames, and the headers of the blocks in them, read without decompressing
 * anything.
 *
 * Every block says how much it is or can be at most, so the walk over the headers bounds the output before a byte of it is
 * set aside, also where a frame does not declare its size; Kafka's own writer never does.
 */
import { ProtocolError } from '../protocol-error.js'
import { corrupt } from './codec.js'

export const ZSTD_FRAME = 'zstd frame'

const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const BLOCK_MAX_BYTES = 128 * 1024
/** As much as Java's reader, and the zstd library by default, will set aside for a window. */
const WINDOW_MAX_BYTES = 2 ** 27

export const RAW_BLOCK = 0
export const RLE_BLOCK = 1
export const COMPRESSED_BLOCK = 2

export interface ZstdFrame {
  /** Where the first block's header is; `end` for a skippable frame, which has none. */
  readonly blocksAt: number
  /** Behind the last block and the checksum. */
  readonly end: number
  /** What the frame declares to become. */
  readonly contentBytes: number | undefined
  /** How far back a match may reach; a streaming decoder sets as much aside. */
  readonly windowBytes: number
  /** What any one block may become. */
  readonly blockMaxBytes: number
  /** What the frame becomes at most. */
  readonly boundBytes: number
}

export interface ZstdBlock {
  readonly isLast: boolean
  readonly type: number
  /** Bytes of content for a raw or RLE block, bytes of input for a compressed one. */
  readonly size: number
  /** Where the block's bytes are. */
  readonly at: number
  /** Behind them. */
  readonly end: number
}

/** Reads the frame that begins at `at`, headers only. */
export function readZstdFrame(input: Uint8Array, at: number): ZstdFrame {
  const magic = littleEndian(input, at, 4)
  if (magic - (magic % 16) === SKIPPABLE_MAGIC) {
    const end = at + 8 + littleEndian(input, at + 4, 4)
    if (end > input.length)
      throw corrupt(ZSTD_FRAME, at, `a skippable frame reaches to byte ${end}, of ${input.length}`)
    return { blocksAt: end, end, contentBytes: undefined, windowBytes: 0, blockMaxBytes: 0, boundBytes: 0 }
  }
  if (magic !== MAGIC) throw corrupt(ZSTD_FRAME, at, 'it does not begin with the magic number')
  const { blocksAt, windowBytes, contentBytes, checksumBytes } = readHeader(input, at + 4)
  const blockMaxBytes = Math.min(windowBytes, BLOCK_MAX_BYTES)
  let bound = 0
  let blockAt = blocksAt
  for (;;) {
    const block = readZstdBlock(input, blockAt, blockMaxBytes)
    bound += block.type === COMPRESSED_BLOCK ? blockMaxBytes : block.size
    blockAt = block.end
    if (block.isLast) break
  }
  if (contentBytes !== undefined && contentBytes > bound)
    throw corrupt(ZSTD_FRAME, at, `it claims to become ${contentBytes} bytes, its blocks can become ${bound}`)
  const end = blockAt + checksumBytes
  if (end > input.length) throw corrupt(ZSTD_FRAME, blockAt, 'the bytes end inside its checksum')
  return { blocksAt, end, contentBytes, windowBytes, blockMaxBytes, boundBytes: contentBytes ?? bound }
}

/** Reads the header of the block at `at`. */
export function readZstdBlock(input: Uint8Array, at: number, blockMaxBytes: number): ZstdBlock {
  const header = littleEndian(input, at, 3)
  const type = (header >>> 1) & 3
  const size = header >>> 3
  if (type > COMPRESSED_BLOCK) throw corrupt(ZSTD_FRAME, at, 'a block of the reserved type 3')
  if (size > blockMaxBytes)
    throw corrupt(ZSTD_FRAME, at, `a block of ${size} bytes, where ${blockMaxBytes} are the most`)
  const end = at + 3 + (type === RLE_BLOCK ? 1 : size)
  if (end > input.length) throw corrupt(ZSTD_FRAME, at, `a block reaches to byte ${end}, of ${input.length}`)
  return { isLast: (header & 1) === 1, type, size, at: at + 3, end }
}

interface FrameHeader {
  readonly blocksAt: number
  readonly windowBytes: number
  readonly contentBytes: number | undefined
  readonly checksumBytes: number
}

function readHeader(input: Uint8Array, start: number): FrameHeader {
  const descriptor = littleEndian(input, start, 1)
  const isSingleSegment = (descriptor & 0x20) !== 0
  if ((descriptor & 8) !== 0) throw corrupt(ZSTD_FRAME, start, 'the reserved bit of its header is set')
  let at = start + 1
  let windowBytes = 0
  if (!isSingleSegment) {
    const window = littleEndian(input, at, 1)
    const base = 2 ** (10 + (window >>> 3))
    windowBytes = base + (base / 8) * (window & 7)
    if (windowBytes > WINDOW_MAX_BYTES) throw windowTooLarge(at, windowBytes)
    at++
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const dictionary = littleEndian(input, at, dictionaryBytes)
  if (dictionary !== 0) throw corrupt(ZSTD_FRAME, at, `it needs the dictionary ${dictionary}, and Kafka has none`)
  at += dictionaryBytes
  const sizeFlag = descriptor >>> 6
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag
  // Two bytes cannot say less than 256: one would have done.
  const contentBytes = sizeBytes === 0 ? undefined : littleEndian(input, at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  at += sizeBytes
  const checksumBytes = (descriptor & 4) === 0 ? 0 : 4
  return { blocksAt: at, windowBytes: isSingleSegment ? (contentBytes ?? 0) : windowBytes, contentBytes, checksumBytes }
}

function windowTooLarge(where: number, windowBytes: number): ProtocolError {
  const why = `it wants a window of ${windowBytes} bytes, where ${WINDOW_MAX_BYTES} are the most`
  return new ProtocolError({ what: ZSTD_FRAME, where, why, code: 'DECOMPRESSED_TOO_LARGE' })
}

function littleEndian(input: Uint8Array, at: number, count: number): number {
  if (at + count > input.length) throw corrupt(ZSTD_FRAME, at, `${count} bytes wanted, ${input.length - at} left`)
  let value = 0
  for (let index = count - 1; index >= 0; index--) value = value * 256 + (input[at + index] ?? 0)
  return value
}
