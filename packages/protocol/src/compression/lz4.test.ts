import { describe, expect, test } from 'vitest'
import { xxhash32 } from '../hash/xxhash32.js'
import { createLz4, lz4 } from './lz4.js'

const script = createLz4(() => {
  throw new Error('not here')
})
const READERS = [
  ['as it is here', lz4],
  ['in JavaScript', script],
] as const

interface FrameParts {
  /** Version 1 and independent blocks when left out. */
  readonly flags?: number
  readonly sizes?: number
  readonly contentBytes?: bigint
  /** Each with its head, and its checksum where the flags say so. */
  readonly blocks: readonly Buffer[]
  /** Behind the blocks. */
  readonly tail?: string
}

function frame({ flags = 0x60, sizes = 0x40, contentBytes, blocks, tail = '00000000' }: FrameParts): Buffer {
  const size = Buffer.alloc(contentBytes === undefined ? 0 : 8)
  if (contentBytes !== undefined) size.writeBigUInt64LE(contentBytes)
  const descriptor = Buffer.concat([Buffer.from([flags, sizes]), size])
  const checksum = Buffer.from([(xxhash32(descriptor) >>> 8) & 0xff])
  return Buffer.concat([Buffer.from('04224d18', 'hex'), descriptor, checksum, ...blocks, Buffer.from(tail, 'hex')])
}

function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function block(hex: string, isChecked = false): Buffer {
  const data = Buffer.from(hex, 'hex')
  return Buffer.concat([unsigned(data.length), data, ...(isChecked ? [unsigned(xxhash32(data))] : [])])
}

function stored(text: string): Buffer {
  return Buffer.concat([unsigned(0x80000000 + text.length), Buffer.from(text)])
}

/** "abcdefgh", and then the same again, as one block with a match 8 bytes back, and as one that reaches back before itself. */
const FIRST = block('8461626364656667680800 50 7172737475'.replaceAll(' ', ''))
const LINKED = block('04 0d00 50 6162636465'.replaceAll(' ', ''))
const FIRST_TEXT = 'abcdefghabcdefghqrstu'

const able = lz4.canCompress()

describe.skipIf(able !== true)(`a frame${able === true ? '' : ` (${able})`}`, () => {
  test('is the one that Kafka writes: its header, blocks of 64 KiB, an end mark, and no checksum', () => {
    const bytes = Buffer.from(lz4.compress(Buffer.alloc(150_000, 'abcd')))
    expect(bytes.toString('hex', 0, 7)).toBe('04224d18604082')
    let count = 0
    let at = 7
    for (; bytes.readUInt32LE(at) !== 0; at += 4 + bytes.readUInt32LE(at)) count++
    expect(count).toBe(3)
    expect(at + 4).toBe(bytes.length)
    expect(Buffer.from(lz4.compress(new Uint8Array(0))).toString('hex')).toBe('04224d1860408200000000')
  })

  test('stores a block that would not become shorter', () => {
    const noise = Buffer.from(Array.from({ length: 300 }, (_, index) => (Math.imul(index, 2654435761) >>> 16) & 0xff))
    const bytes = Buffer.from(lz4.compress(noise))
    expect(bytes.readUInt32LE(7)).toBe(0x80000000 + 300)
    expect(bytes.subarray(11, 311).equals(noise)).toBe(true)
  })

  test('is the same at every level', () => {
    const input = Buffer.alloc(5000, 'one level or another')
    expect(Buffer.from(lz4.compress(input, 1))).toEqual(Buffer.from(lz4.compress(input, 17)))
  })
})

describe.each(READERS)('reading %s', (_, reader) => {
  const read = (bytes: Buffer, maxBytes = 100_000, magic = 2): string =>
    Buffer.from(reader.decompress(bytes, maxBytes, magic)).toString()

  test('takes blocks that are compressed, stored and linked', () => {
    expect(read(frame({ blocks: [FIRST] }))).toBe(FIRST_TEXT)
    expect(read(frame({ blocks: [stored('as it is'), FIRST] }))).toBe(`as it is${FIRST_TEXT}`)
    expect(read(frame({ flags: 0x40, blocks: [FIRST, LINKED] }))).toBe(`${FIRST_TEXT}${FIRST_TEXT.slice(8, 16)}abcde`)
    expect(read(frame({ flags: 0x40, blocks: [stored('0123456789abc'), LINKED] }))).toBe('0123456789abc01234567abcde')
  })

  test('lets independent blocks reach back no further than themselves', () => {
    expect(() => read(frame({ blocks: [FIRST, LINKED] }))).toThrow('a match 13 bytes back, but 0 bytes are written')
  })

  test('verifies the checksum of the header, but not in batches of magic 0, whose writers had it wrong', () => {
    const bytes = frame({ blocks: [FIRST] })
    bytes[6] = 0x55
    expect(() => read(bytes)).toThrow('the checksum of its header is wrong')
    expect(() => read(bytes, 100_000, 1)).toThrow('the checksum of its header is wrong')
    expect(read(bytes, 100_000, 0)).toBe(FIRST_TEXT)
  })

  test('verifies the checksums of blocks', () => {
    const good = frame({
      flags: 0x70,
      blocks: [block('40 61626364'.replace(' ', ''), true), block('4065666768', true)],
    })
    expect(read(good)).toBe('abcdefgh')
    const wrong = Buffer.from(good)
    wrong[13] = 0x7a
    expect(() => read(wrong)).toThrow('lz4 frame at byte 16: the checksum of a block is wrong')
  })

  test('verifies the checksum of the content', () => {
    const tail = Buffer.concat([unsigned(0), unsigned(xxhash32(Buffer.from(FIRST_TEXT)))]).toString('hex')
    expect(read(frame({ flags: 0x64, blocks: [FIRST], tail }))).toBe(FIRST_TEXT)
    expect(() => read(frame({ flags: 0x64, blocks: [stored('other')], tail }))).toThrow(
      'the checksum of its content is wrong',
    )
    expect(() => read(frame({ flags: 0x64, blocks: [FIRST], tail: '00000000ffff' }))).toThrow('the bytes end here')
  })

  test('holds a frame to the size that it declares', () => {
    expect(read(frame({ flags: 0x68, contentBytes: 21n, blocks: [FIRST] }))).toBe(FIRST_TEXT)
    expect(() => read(frame({ flags: 0x68, contentBytes: 20n, blocks: [FIRST] }))).toThrow(
      'it becomes more than 20 bytes',
    )
    expect(() => read(frame({ flags: 0x68, contentBytes: 22n, blocks: [FIRST] }))).toThrow(
      'it became 21 bytes, but claims 22',
    )
    expect(() => read(frame({ flags: 0x68, contentBytes: 99_999n, blocks: [FIRST] }))).toThrow(
      'it claims to become 99999 bytes',
    )
    expect(() => read(frame({ flags: 0x68, contentBytes: 2n ** 63n, blocks: [FIRST] }))).toThrow(
      'more than the 100000 bytes allowed',
    )
  })

  test('ignores what lies behind the end mark, as Kafka does', () => {
    expect(read(Buffer.concat([frame({ blocks: [FIRST] }), frame({ blocks: [FIRST] }), Buffer.from('rest')]))).toBe(
      FIRST_TEXT,
    )
  })

  test.each([
    ['another magic number', Buffer.from('02214c1860408200000000', 'hex'), 'it does not begin with the magic number'],
    ['a skippable frame', Buffer.from('502a4d180400000061626364', 'hex'), 'it does not begin with the magic number'],
    ['version 2', frame({ flags: 0xa0, blocks: [FIRST] }), 'version 2 of the format'],
    ['a reserved flag', frame({ flags: 0x62, blocks: [FIRST] }), 'reserved bits of its header are set'],
    ['a reserved bit of the sizes', frame({ sizes: 0x41, blocks: [FIRST] }), 'reserved bits of its header are set'],
    ['a dictionary', frame({ flags: 0x61, blocks: [FIRST] }), 'it needs a dictionary'],
    ['a block size of 16 KiB', frame({ sizes: 0x30, blocks: [FIRST] }), 'its blocks have the size 3'],
    ['no end mark', frame({ blocks: [FIRST], tail: '' }), 'the bytes end here'],
    ['a block behind the end', frame({ blocks: [unsigned(1000), FIRST] }), 'a block reaches to byte 1011'],
    [
      'a block above the block size',
      frame({ blocks: [unsigned(65_537), Buffer.alloc(70_000)] }),
      'a block of 65537 bytes, where 65536 are the most',
    ],
    ['too many literals', frame({ blocks: [block('f0ff0161')] }), '271 literals, but 1 bytes are left'],
    ['a block that ends inside a match', frame({ blocks: [block('106100')] }), 'it ends inside a match'],
    ['a block that ends with a match', frame({ blocks: [block('10610100')] }), 'it ends with a match'],
    [
      'a match zero bytes back',
      frame({ blocks: [block('1061000050 7172737475'.replace(' ', ''))] }),
      'a match 0 bytes back',
    ],
    [
      'a match before the start',
      frame({ blocks: [block('1061020050 7172737475'.replace(' ', ''))] }),
      'a match 2 bytes back, but 1 bytes are written',
    ],
    [
      'a block that becomes too long',
      frame({ blocks: [block(`1f610100${'ff'.repeat(300)}00507172737475`)] }),
      'becomes more than 65536 bytes',
    ],
  ])('refuses %s', (_case, bytes, why) => {
    expect(() => read(bytes)).toThrow(why)
  })

  test('never shows what was in memory before', () => {
    const secret = Buffer.alloc(60_000, 'secret')
    const filled = frame({ blocks: [stored(secret.toString())] })
    // 300 literals, so that it is long enough for native code, and then a match of 5,000 bytes, zero bytes back.
    const leak = frame({ blocks: [block(`ffff1e${'61'.repeat(300)}0000${'ff'.repeat(19)}64507172737475`)] })
    read(filled)
    let output = ''
    try {
      output = read(leak)
    } catch {
      // To refuse it is as good.
    }
    expect(output).not.toContain('secret')
  })
})
