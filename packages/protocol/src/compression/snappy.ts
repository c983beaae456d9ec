/**
 * snappy: raw blocks in the framing of the Java library (xerial), which Kafka's clients write; both that and one bare block
 * are read.
 *
 * The framing is a header of 16 bytes and then chunks: the length of a block (int32, big-endian) and the block, made of
 * 32 KiB at most. Where a length should be, another header may stand: somebody joined two streams.
 *
 * Blocks are short work, so the package `snappy` is called for those where the call pays; without it everything is done in
 * JavaScript. Its calls copy their output: a buffer that it owns costs more than the copy.
 */
import { type Codec, codec, corrupt, tooLarge } from './codec.js'
import { exactly } from './destination.js'
import { hasFunctions, type LoadModule, OptionalPackage, requireModule } from './optional-package.js'
import { compressSnappyBlock, decompressSnappyBlock, readSnappyLength, snappyBound } from './snappy-block.js'

const WHAT = 'snappy data'
const CHUNK_BYTES = 32 * 1024
/** Magic, version 1, readable from version 1 on. */
const HEADER = Buffer.from('82534e41505059000000000100000001', 'hex')
const MAGIC_START = HEADER.readInt32BE(0)
/** From these sizes of the uncompressed block on, the call into native code pays. */
const NATIVE_COMPRESS_FROM_BYTES = 1024
const NATIVE_DECOMPRESS_FROM_BYTES = 2048

export const snappy: Codec = createSnappy()

export function createSnappy(load: LoadModule = requireModule): Codec {
  const native = new OptionalPackage('snappy', isSnappy, load)
  return codec({
    id: 2,
    name: 'snappy',
    levels: undefined,
    compress(input) {
      const chunkCount = Math.ceil(input.length / CHUNK_BYTES)
      return exactly(HEADER.length + chunkCount * (4 + snappyBound(CHUNK_BYTES)), target => {
        HEADER.copy(target)
        let write = HEADER.length
        for (let at = 0; at < input.length; at += CHUNK_BYTES) {
          const end = Math.min(at + CHUNK_BYTES, input.length)
          const stop = compressBlock(native, input, at, end, target, write + 4)
          target.writeInt32BE(stop - write - 4, write)
          write = stop
        }
        return write
      })
    },
    decompress(input, maxBytes) {
      const blocks = readBlocks(input, maxBytes)
      return exactly(blocks.length, target => {
        let write = 0
        eachBlock(input, (start, end) => {
          write = decompressBlock(native, input, start, end, target, write)
        })
        return write
      })
    },
  })
}

interface Blocks {
  /** What all blocks together say they become. */
  readonly length: number
}

function readBlocks(input: Uint8Array, maxBytes: number): Blocks {
  let length = 0
  eachBlock(input, (start, end) => {
    length += readSnappyLength(input, start, end).length
    if (length > maxBytes) throw tooLarge(WHAT, start, maxBytes)
  })
  return { length }
}

/** Calls `visit` with where each block begins and ends. */
function eachBlock(input: Uint8Array, visit: (start: number, end: number) => void): void {
  if (!isFramed(input)) {
    visit(0, input.length)
    return
  }
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  for (let at = 0; at < input.length; ) {
    if (at + 4 > input.length) throw corrupt(WHAT, at, 'the bytes end inside the length of a chunk')
    const length = view.getInt32(at)
    if (length === MAGIC_START) {
      if (at + HEADER.length > input.length) throw corrupt(WHAT, at, 'the bytes end inside a header')
      const version = view.getInt32(at + 8)
      if (version < 1) throw corrupt(WHAT, at + 8, `version ${version} of the framing, where 1 is the first`)
      at += HEADER.length
      continue
    }
    const end = at + 4 + length
    if (length <= 0 || end > input.length)
      throw corrupt(WHAT, at, `a chunk of ${length} bytes, but ${input.length - at - 4} are left`)
    visit(at + 4, end)
    at = end
  }
}

function isFramed(input: Uint8Array): boolean {
  return HEADER.compare(input, 0, Math.min(8, input.length), 0, 8) === 0
}

function compressBlock(
  native: OptionalPackage<Snappy>,
  input: Uint8Array,
  start: number,
  end: number,
  target: Buffer,
  from: number,
): number {
  const module = end - start >= NATIVE_COMPRESS_FROM_BYTES ? native.get() : undefined
  if (module === undefined) return compressSnappyBlock(input, start, end, target, from)
  const block = module.compressSync(input.subarray(start, end), { copyOutputData: true })
  target.set(block, from)
  return from + block.length
}

function decompressBlock(
  native: OptionalPackage<Snappy>,
  input: Uint8Array,
  start: number,
  end: number,
  target: Buffer,
  from: number,
): number {
  const { length, at } = readSnappyLength(input, start, end)
  const module = length >= NATIVE_DECOMPRESS_FROM_BYTES ? native.get() : undefined
  if (module !== undefined) {
    const block = uncompress(module, input.subarray(start, end))
    if (block !== undefined && block.length === length) {
      target.set(block, from)
      return from + length
    }
  }
  decompressSnappyBlock(input, at, end, target, from, length)
  return from + length
}

/** Undefined where the block is corrupt: the JavaScript decoder then says what is wrong, and where. */
function uncompress(module: Snappy, block: Uint8Array): Uint8Array | undefined {
  try {
    const output = module.uncompressSync(block, { copyOutputData: true, asBuffer: true })
    return typeof output === 'string' ? undefined : output
  } catch {
    return undefined
  }
}

/** What is used of the package. */
interface Snappy {
  compressSync(input: Uint8Array, options: { copyOutputData: boolean }): Uint8Array
  uncompressSync(input: Uint8Array, options: { copyOutputData: boolean; asBuffer: boolean }): Uint8Array | string
}

function isSnappy(module: unknown): module is Snappy {
  return hasFunctions(module, 'compressSync', 'uncompressSync')
}
