/** What no one should send: mutated payloads and payloads made to fill the memory. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { type Codec, codecByName } from './index.js'
import { createLz4 } from './lz4.js'
import { createSnappy } from './snappy.js'
import { createZstd } from './zstd.js'

function absent(): never {
  throw new Error('not here')
}

/** The decoders of each codec: that of this machine first, then those of machines with less. */
const DECODERS: Readonly<Record<'gzip' | 'snappy' | 'lz4' | 'zstd', readonly Codec[]>> = {
  gzip: [codecByName('gzip')],
  snappy: [codecByName('snappy'), createSnappy(absent)],
  lz4: [codecByName('lz4'), createLz4(absent)],
  zstd: [codecByName('zstd'), createZstd(absent, {}), createZstd(absent)],
}
const NAMES = ['gzip', 'snappy', 'lz4', 'zstd'] as const

/** The value, or the error's code; anything but a ProtocolError goes through. */
function attempt(codec: Codec, input: Uint8Array, maxBytes: number): Buffer | string {
  try {
    const output = Buffer.from(codec.decompress(input, maxBytes))
    expect(output.length).toBeLessThanOrEqual(maxBytes)
    return output
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

/** Mulberry32: whole numbers below a limit, the same for the same seed. */
function seeded(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

const EXTREMES = ['00000000', 'ffffffff', 'fffffffe', '7fffffff', '80000000', 'ffffff7f', '00000080'].map(text =>
  Buffer.from(text, 'hex'),
)

function mutated(source: Buffer, below: (limit: number) => number): Buffer {
  let bytes = Buffer.from(source)
  for (let count = 1 + below(3); count > 0 && bytes.length > 0; count--) {
    const at = below(bytes.length)
    const kind = below(8)
    if (kind < 3) bytes[at] = below(256)
    else if (kind < 4) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
    else if (kind < 5) EXTREMES[below(EXTREMES.length)]?.copy(bytes, at)
    else if (kind < 6) bytes = bytes.subarray(0, at)
    else if (kind < 7) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([below(256)]), bytes.subarray(at)])
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(below(bytes.length))])
  }
  return bytes
}

const FRAMES: readonly { readonly codec: string; readonly length: number; readonly base64: string }[] = JSON.parse(
  readFileSync(new URL('./foreign-frames.json', import.meta.url), 'utf8'),
)

describe.each(NAMES)('%s', name => {
  const frames = FRAMES.filter(({ codec }) => codec === name).map(({ base64, length }) => ({
    bytes: Buffer.from(base64, 'base64'),
    length,
  }))

  test('gives a value or a ProtocolError for 4,000 mutated payloads, and the same value from every decoder', () => {
    const below = seeded(20_260_617)
    let values = 0
    for (let round = 0; round < 4000; round++) {
      const frame = frames[below(frames.length)] ?? { bytes: Buffer.alloc(0), length: 0 }
      const input = mutated(frame.bytes, below)
      const limit = [frame.length, frame.length + 1, 100, 200_000][below(4)] ?? 0
      const outputs = DECODERS[name].map(decoder => attempt(decoder, input, limit))
      // Where one decoder is stricter than another, a payload may be refused by it; it must not become something else.
      const [first, ...others] = outputs.filter(Buffer.isBuffer)
      if (first === undefined) continue
      values++
      for (const other of others) expect([round, other.equals(first)]).toEqual([round, true])
    }
    // Enough got through to be compared; gzip has a checksum and lets next to nothing through.
    expect(values).toBeGreaterThan(name === 'gzip' ? 0 : 50)
  })

  test('gives a value or a ProtocolError for 2,000 payloads of noise behind a good start', () => {
    const below = seeded(7)
    for (let round = 0; round < 2000; round++) {
      const frame = frames[below(frames.length)] ?? { bytes: Buffer.alloc(0), length: 0 }
      const noise = Buffer.from(Array.from({ length: below(200) }, () => below(256)))
      const input = Buffer.concat([frame.bytes.subarray(0, below(24)), noise])
      for (const decoder of DECODERS[name]) attempt(decoder, input, 100_000)
    }
  })
})

/** What `action` set aside outside of the heap, buffers that are garbage by now included. */
function allocated(action: () => unknown): number {
  const before = process.memoryUsage().arrayBuffers
  action()
  return process.memoryUsage().arrayBuffers - before
}

const LIMIT = 1024 * 1024

/** 300 MB in 9 KB: 2,289 blocks of 128 KiB that each repeat one byte. */
function zstdRuns(): Buffer {
  const blocks = Array.from({ length: 2289 }, (_, index) => [
    ((1 << 20) | (1 << 1) | Number(index === 2288)) & 0xff,
    0,
    0x10,
    0x61,
  ])
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...blocks.flat()])
}

/** 10 GB in 10 MB: a thousand members of 10 MiB of zeros. */
function gzipMembers(): Buffer {
  const member = gzipSync(Buffer.alloc(10 * LIMIT), { level: 9 })
  return Buffer.concat(Array<Buffer>(1000).fill(member))
}

/** Small members first, so that only their sum is too much. */
function gzipSmallMembers(): Buffer {
  return Buffer.concat(Array<Buffer>(200).fill(gzipSync(Buffer.alloc(64 * 1024))))
}

/** A member that says it is small: the last four bytes of the input are another's. */
function gzipLie(): Buffer {
  return Buffer.concat([gzipSync(Buffer.alloc(64 * LIMIT), { level: 9 }), gzipSync('x')])
}

/** 200 blocks of 64 KiB of zeros; all of them, or none, are declared. */
function lz4Blocks(declared?: bigint): Buffer {
  const size = Buffer.alloc(declared === undefined ? 0 : 8)
  if (declared !== undefined) size.writeBigUInt64LE(declared)
  const block = Buffer.concat([
    Buffer.from([0x1f, 0, 1, 0]),
    Buffer.alloc(256, 0xff),
    Buffer.from([0xe2, 0x50, 0, 0, 0, 0, 0]),
  ])
  const head = Buffer.alloc(4)
  head.writeUInt32LE(block.length)
  const blocks = Array<Buffer>(200).fill(Buffer.concat([head, block]))
  const start = Buffer.from([0x04, 0x22, 0x4d, 0x18, declared === undefined ? 0x60 : 0x68, 0x40])
  return Buffer.concat([start, size, Buffer.from([0]), ...blocks, Buffer.alloc(4)])
}

/** Chunks of 32 KiB of zeros: a literal and copies of 64. */
function snappyChunks(): Buffer {
  const copies = Buffer.alloc(3 * 512, Buffer.from([0xfe, 1, 0]))
  const chunk = Buffer.concat([Buffer.from([0x81, 0x80, 0x02, 0, 0]), copies])
  const head = Buffer.alloc(4)
  head.writeInt32BE(chunk.length)
  const chunks = Array<Buffer>(400).fill(Buffer.concat([head, chunk]))
  return Buffer.concat([Buffer.from('82534e41505059000000000100000001', 'hex'), ...chunks])
}

const BOMBS: readonly (readonly [string, (typeof NAMES)[number], () => Buffer])[] = [
  ['9 KB of zstd that become 300 MB', 'zstd', zstdRuns],
  ['10 MB of gzip that become 10 GB', 'gzip', gzipMembers],
  ['many small members of gzip', 'gzip', gzipSmallMembers],
  ['a member of gzip that hides its size', 'gzip', gzipLie],
  ['lz4 blocks without a size', 'lz4', () => lz4Blocks()],
  ['lz4 blocks with a size', 'lz4', () => lz4Blocks(200n * 65_536n)],
  ['a frame of lz4 that claims 4 GiB', 'lz4', () => lz4Blocks(2n ** 32n)],
  ['snappy chunks that are too many', 'snappy', snappyChunks],
]

describe('a payload made to fill the memory stops at the limit', () => {
  test.each(BOMBS)('%s', (_, name, make) => {
    const input = make()
    for (const decoder of DECODERS[name]) {
      let code: Buffer | string = ''
      // Magic 0 lets the frames made here do without a header checksum.
      const bytes = allocated(() => {
        try {
          decoder.decompress(input, LIMIT, 0)
        } catch (error) {
          code = error instanceof ProtocolError ? error.code : String(error)
        }
      })
      expect(code).toBe('DECOMPRESSED_TOO_LARGE')
      expect(bytes).toBeLessThan(LIMIT + 512 * 1024)
    }
  })

  test.each([
    ['a length of snappy of 4 GiB', 'snappy', 'ffffffff0f00'],
    ['a length of snappy below the limit, from 6 bytes', 'snappy', '80a0c20100ff'],
    ['a window of zstd of 4 GiB', 'zstd', '28b52ffd00b0010000'],
    ['a size of zstd of 4 GiB', 'zstd', '28b52ffda0ffffffff010000'],
    ['a size of zstd below the limit, from an empty block', 'zstd', '28b52ffda000000004010000'],
    ['a size of lz4 below the limit, from no block', 'lz4', '04224d186840000000040000000000 00000000'.replace(' ', '')],
  ] as const)('%s sets nothing aside', (_, name, hex) => {
    for (const decoder of DECODERS[name]) {
      attempt(decoder, Buffer.alloc(0), 0)
      const bytes = allocated(() => {
        expect(() => decoder.decompress(Buffer.from(hex, 'hex'), 100 * LIMIT, 0)).toThrow(ProtocolError)
      })
      expect(bytes).toBeLessThan(512 * 1024)
    }
  })
})
