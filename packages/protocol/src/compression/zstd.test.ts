import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createZstd, zstd } from './zstd.js'
import { BackwardBits } from './zstd-entropy.js'
import { readZstdFrame } from './zstd-frame.js'

function absent(): never {
  throw new Error('not here')
}

const READERS = [
  ['as it is here', zstd],
  ['in JavaScript', createZstd(absent, {})],
  ['without zstd-napi', createZstd(absent)],
] as const

const MAGIC = '28b52ffd'
/** No checksum, no size, a window of 1 MiB. */
const HEADER = `${MAGIC}0050`

const RAW = 0
const RLE = 1
const COMPRESSED = 2

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** A block; `size` is what its header says, its own length when left out. */
function block(type: number, content: string, isLast: boolean, size?: number): Buffer {
  const bytes = hex(content)
  const head = Buffer.alloc(3)
  head.writeUIntLE(((size ?? bytes.length) << 3) | (type << 1) | Number(isLast), 0, 3)
  return Buffer.concat([head, bytes])
}

function frame(...blocks: readonly Buffer[]): Buffer {
  return Buffer.concat([hex(HEADER), ...blocks])
}

const HELLO = frame(block(RAW, '68656c6c6f', true))

describe.each(READERS)('reading %s', (_, reader) => {
  const read = (bytes: Buffer, maxBytes = 1_000_000): string =>
    Buffer.from(reader.decompress(bytes, maxBytes)).toString()

  test('takes raw blocks and runs of one byte', () => {
    expect(read(HELLO)).toBe('hello')
    expect(read(frame(block(RAW, '6161', false), block(RLE, '62', false, 5), block(RAW, '', true)))).toBe('aabbbbb')
  })

  test('takes compressed blocks without sequences', () => {
    // Literals as they are, with their length in 5 and in 12 bits, and then as one byte that is repeated.
    expect(read(frame(block(COMPRESSED, '18 616263 00', true)))).toBe('abc')
    expect(read(frame(block(COMPRESSED, '3400 616263 00', true)))).toBe('abc')
    expect(read(frame(block(COMPRESSED, '51 7a 00', true)))).toBe('zzzzzzzzzz')
    expect(read(frame(block(COMPRESSED, `0d0100 7a 00`, true)))).toHaveLength(16)
  })

  test('takes frames one after the other, and skips the skippable', () => {
    const skipped = hex('5f2a4d18 03000000 010203')
    expect(read(Buffer.concat([HELLO, skipped, HELLO]))).toBe('hellohello')
    expect(read(skipped)).toBe('')
    expect(() => read(Buffer.concat([HELLO, HELLO]), 9)).toThrow('it decompresses to more than the 9 bytes allowed')
  })

  test('takes a size of every width', () => {
    const content = block(RAW, '68656c6c6f', true)
    expect(read(Buffer.concat([hex(`${MAGIC}20 05`), content]))).toBe('hello')
    expect(read(Buffer.concat([hex(`${MAGIC}a0 05000000`), content]))).toBe('hello')
    expect(read(Buffer.concat([hex(`${MAGIC}e0 0500000000000000`), content]))).toBe('hello')
    expect(read(Buffer.concat([hex(`${MAGIC}60 2c00`), block(RLE, '61', true, 300)]))).toHaveLength(300)
  })

  test('holds a frame to the size that it declares', () => {
    const content = block(RAW, '68656c6c6f', true)
    expect(() => read(Buffer.concat([hex(`${MAGIC}a0 06000000`), content]))).toThrow('it claims to become 6 bytes')
    expect(() => read(Buffer.concat([hex(`${MAGIC}80 50 04000000`), content]))).toThrow(/zstd frame(?!.*allowed)/)
    expect(() => read(Buffer.concat([hex(`${MAGIC}80 50 ffffff7f`), content]))).toThrow(
      'it claims to become 2147483647',
    )
    expect(() => read(Buffer.concat([hex(`${MAGIC}c0 50 ffffffffffffffff`), content]))).toThrow('it claims to become')
  })

  test.each([
    ['another magic number', hex('27b52ffd 20 00 010000'), 'it does not begin with the magic number'],
    [
      'a frame behind it that is none',
      Buffer.concat([HELLO, Buffer.from('more')]),
      'zstd frame at byte 14: it does not begin',
    ],
    ['a reserved bit', hex(`${MAGIC}2800 010000`), 'the reserved bit of its header is set'],
    ['a dictionary', hex(`${MAGIC}2107 00 010000`), 'it needs the dictionary 7'],
    ['a reserved block type', frame(block(3, '61', true)), 'a block of the reserved type 3'],
    ['a block behind the end', frame(block(RAW, '61', true, 100)), 'a block reaches to byte 109, of 10'],
    [
      'a block above the block size',
      hex(`${MAGIC}0000 ${'0d4000'} ${'61'.repeat(2049)}`),
      'a block of 2049 bytes, where 1024 are the most',
    ],
    ['no last block', frame(block(RAW, '61', false)), '3 bytes wanted, 0 left'],
    [
      'a checksum that is cut',
      Buffer.concat([hex(`${MAGIC}0450`), block(RAW, '61', true), hex('1234')]),
      'the bytes end inside its checksum',
    ],
    ['a skippable frame behind the end', hex('502a4d18 ff000000'), 'a skippable frame reaches to byte 263, of 8'],
    [
      'a window of 4 GiB',
      hex(`${MAGIC}00b0 010000`),
      'it wants a window of 4294967296 bytes, where 134217728 are the most',
    ],
    ['more literals than bytes', frame(block(COMPRESSED, 'f8 6162 00', true)), 'zstd frame'],
    ['no sequences where they should be', frame(block(COMPRESSED, '18 616263', true)), 'zstd frame'],
    ['bytes behind no sequences', frame(block(COMPRESSED, '18 616263 00 00', true)), 'zstd frame'],
    ['a table of the block before the first', frame(block(COMPRESSED, '18 616263 01 fc 01', true)), 'zstd frame'],
    ['literals with the table of no block', frame(block(COMPRESSED, '43 4001 010203040506 00', true)), 'zstd frame'],
    ['a match before the start', frame(block(COMPRESSED, '00 01 00 08', true)), 'zstd frame'],
  ])('refuses %s', (_case, bytes, why) => {
    expect(() => read(bytes)).toThrow(why)
  })

  test('is through at once with a block of 98,000 sequences that each want 65,539 bytes', () => {
    expect(() => read(frame(block(COMPRESSED, '00 ffd07f 54 00 00 34 01', true)))).toThrow('zstd frame')
  })
})

test('a frame is bounded by its blocks, where it does not say what it becomes', () => {
  const bytes = frame(
    block(RAW, '6162', false),
    block(RLE, '63', false, 100_000),
    block(COMPRESSED, '18 616263 00', true),
  )
  expect(readZstdFrame(bytes, 0)).toMatchObject({
    contentBytes: undefined,
    boundBytes: 2 + 100_000 + 131_072,
    end: bytes.length,
  })
})

test('bits are read backwards, up to 31 at a time', () => {
  const bytes = hex('00000000 78563412 efcdab89 01')
  const bits = new BackwardBits()
  bits.attach(bytes)
  bits.open(4, 13)
  expect(bits.left).toBe(64)
  expect(bits.readLong(31)).toBe(0x89abcdef >>> 1)
  expect(bits.read(1)).toBe(1)
  expect(bits.read(0)).toBe(0)
  expect(bits.readLong(28)).toBe(0x1234567)
  expect(bits.read(4)).toBe(8)
  expect(() => bits.read(1)).toThrow('a stream of bits ends too early')
})

describe("Node's own decoder", () => {
  const noise = Buffer.from(Array.from({ length: 6000 }, (_, index) => (Math.imul(index, 2654435761) >>> 16) & 0xff))
  const long = frame(block(RAW, noise.toString('hex'), true))
  const fake = (output: () => Buffer): { zstdDecompressSync: (input: Uint8Array, options: object) => Buffer } => ({
    zstdDecompressSync: () => output(),
  })

  test('is asked for long frames only, and for no more than the limit', () => {
    const asked: object[] = []
    const node = {
      zstdDecompressSync(_input: Uint8Array, options: object): Buffer {
        asked.push(options)
        return noise
      },
    }
    const reader = createZstd(absent, node)
    expect(reader.decompress(HELLO, 100)).toHaveLength(5)
    expect(reader.decompress(Buffer.concat([long, long]), 100_000)).toHaveLength(12_000)
    expect(asked).toEqual([])
    expect(Buffer.from(reader.decompress(long, 100_000)).equals(noise)).toBe(true)
    expect(asked).toEqual([{ chunkSize: 6001, maxOutputLength: 6000 }])
  })

  test('is not believed: what it gives is held to the size declared, what it throws is told as corrupt or too large', () => {
    const declared = Buffer.concat([hex(`${MAGIC}80 50 70170000`), block(RAW, noise.toString('hex'), true)])
    expect(() =>
      createZstd(
        absent,
        fake(() => noise.subarray(1)),
      ).decompress(declared, 10_000),
    ).toThrow('it became 5999 bytes, but claims 6000')
    const large = fake(() => {
      throw Object.assign(new Error('Cannot create'), { code: 'ERR_BUFFER_TOO_LARGE' })
    })
    expect(() => createZstd(absent, large).decompress(long, 5000)).toThrow('more than the 5000 bytes allowed')
    expect(() => createZstd(absent, large).decompress(long, 7000)).toThrow('zstd frame at byte 0: Cannot create')
  })
})

test('JavaScript reads the text of the fixtures byte by byte as written by zstd at every level', () => {
  const frames: readonly { codec: string; length: number; base64: string }[] = JSON.parse(
    readFileSync(new URL('./foreign-frames.json', import.meta.url), 'utf8'),
  )
  const texts = frames
    .filter(({ codec, length }) => codec === 'zstd' && length === 6002)
    .map(({ base64 }) => Buffer.from(createZstd(absent, {}).decompress(Buffer.from(base64, 'base64'), 6002)).toString())
  expect(texts).toHaveLength(4)
  expect(new Set(texts).size).toBe(1)
  expect(texts[0]).toMatch(/order|paid|shipped/)
})
