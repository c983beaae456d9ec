import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { Reader } from './reader.js'
import { ZERO_UUID } from './uuid.js'
import { Writer } from './writer.js'

function written(write: (to: Writer) => void, capacity?: number): string {
  const writer = new Writer('sample', capacity)
  write(writer)
  return Buffer.from(writer.toBytes()).toString('hex')
}

function refusal(run: (to: Writer) => void): ProtocolError {
  try {
    run(new Writer('sample'))
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('numbers', () => {
  test.each<[string, (to: Writer) => void, string]>([
    ['bool', to => to.bool(true), '01'],
    ['bool', to => to.bool(false), '00'],
    ['int8', to => to.int8(-128), '80'],
    ['int16', to => to.int16(-32_768), '8000'],
    ['uint16', to => to.uint16(65_535), 'ffff'],
    ['int32', to => to.int32(16_909_060), '01020304'],
    ['int32', to => to.int32(-1), 'ffffffff'],
    ['uint32', to => to.uint32(4_294_967_295), 'ffffffff'],
    ['int64', to => to.int64(2n ** 63n - 1n), '7fffffffffffffff'],
    ['int64', to => to.int64(-(2n ** 63n)), '8000000000000000'],
    ['float64', to => to.float64(1.5), '3ff8000000000000'],
    ['float64', to => to.float64(Number.NaN), '7ff8000000000000'],
  ])('%s %#', (_, write, expected) => {
    expect(written(write)).toBe(expected)
    expect(written(write, 0)).toBe(expected)
  })

  test.each<[string, (to: Writer) => void]>([
    ['128 is not an int8', to => to.int8(128)],
    ['-129 is not an int8', to => to.int8(-129)],
    ['1.5 is not an int8', to => to.int8(1.5)],
    ['32768 is not an int16', to => to.int16(32_768)],
    ['-1 is not a uint16', to => to.uint16(-1)],
    ['65536 is not a uint16', to => to.uint16(65_536)],
    ['2147483648 is not an int32', to => to.int32(2 ** 31)],
    ['NaN is not an int32', to => to.int32(Number.NaN)],
    ['Infinity is not an int32', to => to.int32(Number.POSITIVE_INFINITY)],
    ['-1 is not a uint32', to => to.uint32(-1)],
    ['4294967296 is not a uint32', to => to.uint32(2 ** 32)],
    ['9223372036854775808 is not an int64', to => to.int64(2n ** 63n)],
    ['-9223372036854775809 is not an int64', to => to.int64(-(2n ** 63n) - 1n)],
    ['-1 is not an unsigned varint', to => to.unsignedVarint(-1)],
    ['4294967296 is not an unsigned varint', to => to.unsignedVarint(2 ** 32)],
  ])('%s', (why, write) => {
    expect(refusal(write)).toMatchObject({ what: 'sample', why, code: 'INVALID_VALUE' })
  })

  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [2 ** 28 - 1, 'ffffff7f'],
    [2 ** 28, '8080808001'],
    [2 ** 31 - 1, 'ffffffff07'],
    [2 ** 32 - 1, 'ffffffff0f'],
  ])('unsigned varint %d', (value, expected) => {
    expect(written(to => to.unsignedVarint(value))).toBe(expected)
  })
})

describe('uuids', () => {
  test('are written from their text', () => {
    expect(written(to => to.uuid('AAECAwQFBgcICQoLDA0ODw'))).toBe('000102030405060708090a0b0c0d0e0f')
    expect(written(to => to.uuid('_____________________w'))).toBe('ff'.repeat(16))
  })

  test('that mean none overwrite what the buffer held before', () => {
    expect(written(to => to.uuid(ZERO_UUID), 1)).toBe('00'.repeat(16))
  })

  test.each([
    '',
    'AAECAwQFBgcICQoLDA0OD',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    'AAECAwQFBgcICQoLDA0ODx',
    'AAECAwQFBgcICQoLDA0O+w',
  ])('%j is none', text => {
    expect(refusal(to => to.uuid(text)).why).toContain(`'${text}'`)
  })
})

describe('text', () => {
  test.each([
    ['', false, '0000'],
    ['abc', false, '0003616263'],
    ['größe', false, '00076772c3b6c39f65'],
    ['', true, '01'],
    ['abc', true, '04616263'],
    ['\u{1f680}', true, '05f09f9a80'],
    ['x'.repeat(24), true, `19${'78'.repeat(24)}`],
    ['x'.repeat(25), true, `1a${'78'.repeat(25)}`],
    ['x'.repeat(126), true, `7f${'78'.repeat(126)}`],
    ['x'.repeat(127), true, `8001${'78'.repeat(127)}`],
    ['x'.repeat(127), false, `007f${'78'.repeat(127)}`],
    // Their length takes one byte more than that of as many ASCII characters.
    ['ö'.repeat(63), true, `7f${'c3b6'.repeat(63)}`],
    ['ö'.repeat(64), true, `8101${'c3b6'.repeat(64)}`],
    ['ö'.repeat(8192), true, `818001${'c3b6'.repeat(8192)}`],
    ['ö'.repeat(64), false, `0080${'c3b6'.repeat(64)}`],
    ['\u{1f680}'.repeat(40), true, `a101${'f09f9a80'.repeat(40)}`],
    ['\ud83d'.repeat(30), true, `5b${'efbfbd'.repeat(30)}`],
  ])('%j, flexible %s', (text, flexible, expected) => {
    expect(written(to => to.string(text, flexible))).toBe(expected)
    expect(written(to => to.nullableString(text, flexible), 1)).toBe(expected)
  })

  test('null has a length of its own', () => {
    expect(written(to => to.nullableString(null, false))).toBe('ffff')
    expect(written(to => to.nullableString(null, true))).toBe('00')
  })

  test('of more than 32,767 bytes is refused in either form', () => {
    expect(written(to => to.string('x'.repeat(32_767), false))).toHaveLength(2 * (2 + 32_767))
    for (const flexible of [false, true]) {
      expect(refusal(to => to.string('x'.repeat(32_768), flexible)).why).toContain('32768 bytes')
      expect(refusal(to => to.string('ö'.repeat(16_384), flexible)).why).toContain('32768 bytes')
    }
  })
})

describe('bytes and arrays', () => {
  test('have a length of four bytes, or a varint of one more', () => {
    expect(written(to => to.bytes(Uint8Array.of(1, 2), false))).toBe('000000020102')
    expect(written(to => to.bytes(Uint8Array.of(1, 2), true))).toBe('030102')
    expect(written(to => to.arrayLength(2, false))).toBe('00000002')
    expect(written(to => to.arrayLength(127, true))).toBe('8001')
  })

  test('null has a length of its own', () => {
    expect(written(to => to.nullableBytes(null, false))).toBe('ffffffff')
    expect(written(to => to.nullableBytes(null, true))).toBe('00')
    expect(written(to => to.nullLength(false))).toBe('ffffffff')
    expect(written(to => to.nullLength(true))).toBe('00')
  })

  test('of a kilobyte or more are not copied, and stand in their place among the chunks', () => {
    const large = new Uint8Array(1024).fill(1)
    const writer = new Writer('sample')
    writer.int8(7)
    writer.bytes(large, false)
    writer.int8(8)
    writer.raw(large)
    expect(writer.size).toBe(1 + 4 + 1024 + 1 + 1024)
    const chunks = writer.chunks()
    expect(chunks.map(chunk => chunk.length)).toEqual([5, 1024, 1, 1024])
    expect(chunks[1]).toBe(large)
    expect(chunks[3]).toBe(large)
  })

  test('below that are copied at once', () => {
    const small = new Uint8Array(1023).fill(1)
    const writer = new Writer('sample')
    writer.raw(small)
    small.fill(2)
    const chunks = writer.chunks()
    expect(chunks).toHaveLength(1)
    expect(chunks[0]?.every(byte => byte === 1)).toBe(true)
  })
})

describe('nullable structs', () => {
  test('are marked by a signed byte in place and by a varint in a tagged field', () => {
    expect(written(to => to.structPresent(false))).toBe('ff')
    expect(written(to => to.structPresent(true))).toBe('01')
    expect(written(to => to.taggedStructPresent(false))).toBe('00')
    expect(written(to => to.taggedStructPresent(true))).toBe('01')
  })
})

describe('tagged fields', () => {
  test.each([0, 1, 127, 128, 16_383, 16_384, 3_000_000])('of %i bytes have their size in front', size => {
    const writer = new Writer('sample')
    writer.tagCount(1, undefined)
    const sizeAt = writer.enterTag(300)
    writer.raw(new Uint8Array(size).fill(7))
    writer.leaveTag(sizeAt)
    writer.int8(9)
    const reader = new Reader(writer.toBytes())
    const [tag] = reader.unknownTags() ?? []
    expect([tag?.tag, tag?.data.length, tag?.data.every(byte => byte === 7)]).toEqual([300, size, true])
    expect([reader.int8(), reader.remaining]).toEqual([9, 0])
  })

  test('may hold tagged fields themselves', () => {
    const hex = written(to => {
      to.tagCount(1, undefined)
      const outer = to.enterTag(1)
      to.tagCount(1, undefined)
      const inner = to.enterTag(2)
      to.raw(new Uint8Array(200).fill(5))
      to.leaveTag(inner)
      to.int8(6)
      to.leaveTag(outer)
    })
    // The inner size takes two bytes, which the outer one counts: 1 + 1 + 2 + 200 + 1.
    expect(hex).toBe(`0101cd010102c801${'05'.repeat(200)}06`)
  })

  test('that are unknown stand behind the known ones and count with them', () => {
    const unknown = [
      { tag: 5, data: Uint8Array.of(1, 2) },
      { tag: 128, data: new Uint8Array(0) },
    ]
    expect(written(to => to.tagCount(2, undefined))).toBe('02')
    expect(written(to => to.tagCount(2, unknown))).toBe('04')
    expect(written(to => to.unknownTags(unknown))).toBe('05020102800100')
    expect(written(to => to.unknownTags(undefined))).toBe('')
  })
})

describe('the writer', () => {
  test('gives one range of bytes without copying where there is one chunk, and all of it where there are more', () => {
    const one = new Writer('sample')
    one.int32(1)
    expect([...one.toBytes()]).toEqual([0, 0, 0, 1])
    const more = new Writer('sample')
    more.int8(1)
    more.raw(new Uint8Array(2000))
    more.int8(2)
    const bytes = more.toBytes()
    expect([bytes.length, bytes[0], bytes[2001]]).toEqual([2002, 1, 2])
    expect(new Writer('sample').toBytes()).toHaveLength(0)
    expect(new Writer('sample').chunks()).toEqual([])
  })

  test('fills in the length in front when all is written, whatever came between', () => {
    for (const size of [10, 5000]) {
      const writer = new Writer('sample')
      writer.int32(0)
      writer.raw(new Uint8Array(size))
      writer.patchFirstInt32(writer.size - 4)
      expect(Buffer.concat(writer.chunks()).readInt32BE(0)).toBe(size)
    }
  })

  test('refuses what a version cannot carry, by field and version', () => {
    expect(new Writer('FetchRequest').unsupported('rackId', 4)).toMatchObject({
      what: 'FetchRequest',
      where: 'rackId',
      code: 'UNSUPPORTED_VERSION',
      message: 'FetchRequest at rackId: version 4 cannot carry a value other than the default',
    })
    expect(new Writer('MetadataRequest').notNullable('topics', 0).message).toBe(
      'MetadataRequest at topics: version 0 cannot carry null',
    )
  })
})
