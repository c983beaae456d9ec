import { describe, expect, test } from 'vitest'
import { createSnappy, snappy } from './snappy.js'
import {
  compressSnappyBlock,
  decompressSnappyBlock,
  readSnappyLength,
  SNAPPY_BLOCK_BYTES,
  snappyBound,
} from './snappy-block.js'

const script = createSnappy(() => {
  throw new Error('not here')
})
const HEADER = '82534e41505059000000000100000001'

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** One raw block made by hand. */
function raw(text: string): Buffer {
  const block = hex(text)
  const { length, at } = readSnappyLength(block, 0, block.length)
  const target = Buffer.alloc(length)
  decompressSnappyBlock(block, at, block.length, target, 0, length)
  return target
}

describe('framing', () => {
  test('is a header of 16 bytes and a chunk for every 32 KiB', () => {
    const bytes = Buffer.from(snappy.compress(Buffer.alloc(70_000)))
    expect(bytes.toString('hex', 0, 16)).toBe(HEADER)
    const lengths: number[] = []
    for (let at = 16; at < bytes.length; at += 4 + bytes.readInt32BE(at))
      lengths.push(readSnappyLength(bytes, at + 4, at + 4 + bytes.readInt32BE(at)).length)
    expect(lengths).toEqual([32_768, 32_768, 4464])
    expect(Buffer.from(snappy.compress(new Uint8Array(0))).toString('hex')).toBe(HEADER)
  })

  test('may be missing: then all of it is one block', () => {
    expect(Buffer.from(snappy.decompress(hex('04 0c 61626364'), 10)).toString()).toBe('abcd')
  })

  test('may have begun again: streams were joined', () => {
    const twice = hex(`${HEADER} 00000006 040c61626364 ${HEADER} 00000004 02046566`)
    expect(Buffer.from(snappy.decompress(twice, 10)).toString()).toBe('abcdef')
  })

  test.each([
    ['82534e4150505900', 'the bytes end inside a header'],
    ['82534e415050590000000000 00000001', 'version 0 of the framing'],
    [`${HEADER} 000000`, 'the bytes end inside the length of a chunk'],
    [`${HEADER} 00000000`, 'a chunk of 0 bytes, but 0 are left'],
    [`${HEADER} ffffffff 00`, 'a chunk of -1 bytes, but 1 are left'],
    [`${HEADER} 7fffffff 00`, 'a chunk of 2147483647 bytes, but 1 are left'],
  ])('%s is refused', (bytes, why) => {
    expect(() => snappy.decompress(hex(bytes), 100)).toThrow(why)
  })

  test('counts all chunks against the limit before the first is read', () => {
    const bytes = hex(`${HEADER} 00000006 040c61626364 00000004 02046566`)
    expect(() => snappy.decompress(bytes, 5)).toThrow('it decompresses to more than the 5 bytes allowed')
  })
})

describe('blocks', () => {
  test('are read in every form that the format has', () => {
    expect(raw('00')).toHaveLength(0)
    // Literals whose length is in the tag and in one to four bytes behind it.
    for (const head of ['0c', 'f003', 'f40300', 'f8030000', 'fc03000000'])
      expect(raw(`04${head}61626364`).toString()).toBe('abcd')
    // Copies with one, two and four bytes of offset, the first longer than its offset.
    expect(raw('08 04 6162 09 02').toString()).toBe('abababab')
    expect(raw('0a 04 6162 1e 0200').toString()).toBe('ababababab')
    expect(raw('0a 04 6162 1f 02000000').toString()).toBe('ababababab')
    expect(raw('8802 04 6162 fe0200 fe0200 fe0200 fe0200 160200')).toHaveLength(264)
  })

  test.each([
    ['80', 'the bytes end inside its length'],
    ['8080808080 01', 'its length takes more than five bytes'],
    ['ffffffff0f', 'it claims to become 4294967295 bytes, which 5 bytes cannot'],
    ['04 0c 6162', 'a literal of 4 bytes, but 2 are left'],
    ['04 fc 0300', 'the bytes end inside the length of a literal'],
    ['04 fc ffffffff 61626364', 'a literal of 4294967296 bytes'],
    ['02 0c 61626364', '4 more bytes where its length leaves room for 2'],
    ['08 04 6162 09', 'the bytes end inside a copy'],
    ['08 04 6162 09 00', 'a copy from 0 bytes back'],
    ['08 04 6162 09 03', 'a copy from 3 bytes back, but 2 bytes are written'],
    ['08 04 6162 0f 020000ff', 'a copy from 4278190082 bytes back'],
    ['05 04 6162 09 02', '6 more bytes where its length leaves room for 3'],
    ['09 04 6162 09 02', 'it became 8 bytes, but claims 9'],
  ])('%s is refused', (block, why) => {
    expect(() => script.decompress(hex(block), 1000)).toThrow(why)
    expect(() => snappy.decompress(hex(block), 1000)).toThrow(why)
  })

  test('compressed in JavaScript and by the package are read by either', () => {
    const input = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index % 251) ^ ((index >>> 8) & 7)))
    for (const writer of [script, snappy])
      for (const reader of [script, snappy])
        expect(Buffer.from(reader.decompress(writer.compress(input), input.length)).equals(input)).toBe(true)
    expect(script.compress(input).length).toBeLessThan(input.length / 3)
  })

  test('fit into their bound, also where nothing repeats', () => {
    let state = 1
    for (const length of [0, 1, 14, 15, 16, 17, 60, 61, 256, 257, 5000, SNAPPY_BLOCK_BYTES]) {
      for (const noise of [255, 3, 0]) {
        const input = Buffer.alloc(length)
        for (let index = 0; index < length; index++) {
          state = (Math.imul(state, 1103515245) + 12345) | 0
          input[index] = (state >>> 20) & noise
        }
        const target = new Uint8Array(snappyBound(length) + 1)
        const end = compressSnappyBlock(input, 0, length, target, 0)
        expect(end).toBeLessThanOrEqual(snappyBound(length))
        const head = readSnappyLength(target, 0, end)
        const output = Buffer.alloc(length)
        decompressSnappyBlock(target, head.at, end, output, 0, head.length)
        expect(output.equals(input)).toBe(true)
      }
    }
  })
})
