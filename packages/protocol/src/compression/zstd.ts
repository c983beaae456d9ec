/**
 * zstd: ordinary Zstandard frames, no dictionary.
 *
 * What a payload becomes at most is known from the headers of its blocks, whether its frames declare their size or not, so
 * the room for it is set aside once, no larger than the limit, and decoded into in one go. That also makes the frames of
 * Kafka's own writer, which streams them without a size, as fast to read as any. Three decoders, in this order:
 *
 * - `zstd-napi`, where it is installed: it writes into the room, needs no window, and says when the room is too short.
 * - Node's own (22.15 and later), for one frame that is long enough to be worth the context it makes for every call and has
 *   an ordinary window, which it sets aside. It stops silently behind the first frame, hence only one.
 * - JavaScript of our own, for everything else and on any machine.
 *
 * Compressing is by `zstd-napi`, else by Node. As in Java's reader, frames may follow one another and skippable frames are
 * skipped; anything else behind a frame is corrupt.
 */
import * as zlib from 'node:zlib'
import { type Codec, cannotCompress, codec, corrupt, missingSentence, tooLarge } from './codec.js'
import { exactly, fitted } from './destination.js'
import { hasFunctions, type LoadModule, OptionalPackage, requireModule } from './optional-package.js'
import { decompressZstdFrame } from './zstd-block.js'
import { readZstdFrame, ZSTD_FRAME, type ZstdFrame } from './zstd-frame.js'

const LEVELS = { min: -131072, max: 22, default: 3 } as const

/** Node's decoder takes 15 to 80 microseconds a call before the first byte; ours does 350 MB/s from the start. */
const NODE_FROM_BYTES = 4096
/** The window of every level up to 19; a longer one is read without setting it aside. */
const NODE_WINDOW_MAX_BYTES = 2 ** 23

export const zstd: Codec = createZstd()

/** `node` stands for `node:zlib`, whose zstd functions depend on the version of Node. */
export function createZstd(load: LoadModule = requireModule, node: object = zlib): Codec {
  const native = new OptionalPackage('zstd-napi', isBinding, load, 'zstd-napi/binding')
  // Used again from call to call: making one costs more than a small batch.
  let compressor: Compressor | undefined
  let decompressor: Decompressor | undefined
  return codec({
    id: 4,
    name: 'zstd',
    levels: LEVELS,
    missing: () => (native.get() === undefined && !canNodeCompress(node) ? missingSentence('zstd', native) : undefined),
    compress(input, level) {
      const binding = native.get()
      if (binding !== undefined) {
        compressor ??= new binding.CCtx()
        const context = compressor
        return exactly(binding.compressBound(input.length), target => context.compress(target, input, level))
      }
      if (canNodeCompress(node))
        return node.zstdCompressSync(input, { params: { [node.constants.ZSTD_c_compressionLevel]: level } })
      throw cannotCompress(missingSentence('zstd', native))
    },
    decompress(input, maxBytes) {
      const { bound, onlyFrame } = outline(input, maxBytes)
      const room = Math.min(bound, maxBytes)
      const binding = native.get()
      if (binding !== undefined) {
        decompressor ??= new binding.DCtx()
        const context = decompressor
        return exactly(room, target => decompressNatively(context, input, target, bound))
      }
      if (isForNode(onlyFrame, input) && canNodeDecompress(node))
        return decompressByNode(node, onlyFrame, input, maxBytes)
      return exactly(room, target => decompressFrames(input, target, bound > maxBytes))
    },
  })
}

interface Outline {
  /** What all frames together become at most. */
  readonly bound: number
  /** The frame, where there is one and no more. */
  readonly onlyFrame: ZstdFrame | undefined
}

/** Walks the headers; refuses at once what declares more than the limit. */
function outline(input: Uint8Array, maxBytes: number): Outline {
  if (input.length === 0) throw corrupt(ZSTD_FRAME, 0, 'there are no bytes')
  const first = readZstdFrame(input, 0)
  let bound = 0
  let declared = 0
  for (let at = 0; at < input.length; ) {
    const frame = at === 0 ? first : readZstdFrame(input, at)
    bound += frame.boundBytes
    declared += frame.contentBytes ?? 0
    if (declared > maxBytes) throw tooLarge(ZSTD_FRAME, at, maxBytes)
    at = frame.end
  }
  return { bound, onlyFrame: first.end === input.length ? first : undefined }
}

function decompressNatively(context: Decompressor, input: Uint8Array, target: Uint8Array, bound: number): number {
  try {
    return context.decompress(target, input)
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    if (bound > target.length && /destination buffer/i.test(text)) throw tooLarge(ZSTD_FRAME, 0, target.length)
    throw corrupt(ZSTD_FRAME, 0, text, cause)
  }
}

function isForNode(frame: ZstdFrame | undefined, input: Uint8Array): frame is ZstdFrame {
  return frame !== undefined && input.length >= NODE_FROM_BYTES && frame.windowBytes <= NODE_WINDOW_MAX_BYTES
}

function decompressByNode(node: NodeDecompress, frame: ZstdFrame, input: Uint8Array, maxBytes: number): Uint8Array {
  const room = Math.min(frame.boundBytes, maxBytes)
  let output: Buffer
  try {
    // One chunk with a byte to spare: a chunk that is full makes Node set aside another one of the same size.
    output = node.zstdDecompressSync(input, { chunkSize: Math.max(room + 1, 64), maxOutputLength: Math.max(room, 1) })
  } catch (cause) {
    if (
      cause instanceof Error &&
      'code' in cause &&
      cause.code === 'ERR_BUFFER_TOO_LARGE' &&
      frame.boundBytes > maxBytes
    )
      throw tooLarge(ZSTD_FRAME, 0, maxBytes)
    throw corrupt(ZSTD_FRAME, 0, cause instanceof Error ? cause.message : String(cause), cause)
  }
  if (frame.contentBytes !== undefined && output.length !== frame.contentBytes)
    throw corrupt(ZSTD_FRAME, 0, `it became ${output.length} bytes, but claims ${frame.contentBytes}`)
  return fitted(output, room)
}

function decompressFrames(input: Uint8Array, target: Uint8Array, isCut: boolean): number {
  let write = 0
  for (let at = 0; at < input.length; ) {
    const frame = readZstdFrame(input, at)
    write = decompressZstdFrame(input, frame, target, write, isCut)
    at = frame.end
  }
  return write
}

interface Compressor {
  compress(target: Uint8Array, source: Uint8Array, level: number): number
}

interface Decompressor {
  decompress(target: Uint8Array, source: Uint8Array): number
}

/** What is used of `zstd-napi/binding`. */
interface Binding {
  readonly CCtx: new () => Compressor
  readonly DCtx: new () => Decompressor
  compressBound(length: number): number
}

function isBinding(module: unknown): module is Binding {
  return hasFunctions(module, 'CCtx', 'DCtx', 'compressBound')
}

/** What is used of `node:zlib`, from the versions on that have it. */
interface NodeCompress {
  readonly constants: { readonly ZSTD_c_compressionLevel: number }
  zstdCompressSync(input: Uint8Array, options: object): Buffer
}

interface NodeDecompress {
  zstdDecompressSync(input: Uint8Array, options: object): Buffer
}

function canNodeCompress(module: object): module is NodeCompress {
  return hasFunctions(module, 'zstdCompressSync')
}

function canNodeDecompress(module: object): module is NodeDecompress {
  return hasFunctions(module, 'zstdDecompressSync')
}
