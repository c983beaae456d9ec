import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { Reader } from './reader.js'
import { ZERO_UUID } from './uuid.js'

function reader(hex: string): Reader {
  return new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 'sample')
}

function refusal(run: () => unknown): ProtocolError {
  try {
    run()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('numbers', () => {
  test.each<[string, string, (from: Reader) => unknown, unknown]>([
    ['bool', '00', from => from.bool(), false],
    ['bool', '01', from => from.bool(), true],
    ['bool', '02', from => from.bool(), true],
    ['int8', '80', from => from.int8(), -128],
    ['int8', '7f', from => from.int8(), 127],
    ['int16', '8000', from => from.int16(), -32_768],
    ['int16', '0102', from => from.int16(), 258],
    ['uint16', 'ffff', from => from.uint16(), 65_535],
    ['int32', '80000000', from => from.int32(), -2_147_483_648],
    ['int32', '01020304', from => from.int32(), 16_909_060],
    ['uint32', 'ffffffff', from => from.uint32(), 4_294_967_295],
    ['int64', '8000000000000000', from => from.int64(), -(2n ** 63n)],
    ['int64', '7fffffffffffffff', from => from.int64(), 2n ** 63n - 1n],
    ['int64', '0020000000000001', from => from.int64(), 2n ** 53n + 1n],
    ['float64', '3ff8000000000000', from => from.float64(), 1.5],
    ['float64', '7ff0000000000000', from => from.float64(), Number.POSITIVE_INFINITY],
  ])('%s from %s', (_, hex, read, expected) => {
    const from = reader(hex)
    expect(read(from)).toBe(expected)
    expect(from.remaining).toBe(0)
    const short = reader(hex.slice(2))
    expect(refusal(() => read(short)).where).toBe(0)
  })

  test.each([
    ['00', 0],
    ['7f', 127],
    ['8001', 128],
    ['ac02', 300],
    ['ff7f', 16_383],
    ['808001', 16_384],
    ['ffffff7f', 2 ** 28 - 1],
    ['8080808001', 2 ** 28],
    ['ffffffff07', 2 ** 31 - 1],
    ['8080808008', 2 ** 31],
    ['ffffffff0f', 2 ** 32 - 1],
    ['8000', 0],
  ])('unsigned varint from %s', (hex, expected) => {
    const from = reader(hex)
    expect(from.unsignedVarint()).toBe(expected)
    expect(from.remaining).toBe(0)
  })

  test.each(['ffffffff10', 'ffffffff1f', '808080808000', 'ffffffffffffffff7f'])('no unsigned varint from %s', hex => {
    expect(refusal(() => reader(hex).unsignedVarint()).why).toContain('longer than 32 bits')
  })

  test.each(['', '80', '8080', '808080', '80808080'])('no unsigned varint from the beginning of one: %s', hex => {
    expect(refusal(() => reader(hex).unsignedVarint()).why).toContain('only 0 are left')
  })
})

describe('uuids', () => {
  test('sixteen bytes are 22 characters of base64url', () => {
    expect(reader('000102030405060708090a0b0c0d0e0f').uuid()).toBe('AAECAwQFBgcICQoLDA0ODw')
    expect(reader('ff'.repeat(16)).uuid()).toBe('_____________________w')
  })

  test('sixteen zero bytes are the uuid that means none', () => {
    expect(reader('00'.repeat(16)).uuid()).toBe(ZERO_UUID)
    expect(reader(`${'00'.repeat(15)}01`).uuid()).not.toBe(ZERO_UUID)
  })
})

describe('text', () => {
  test.each([
    ['', false, '0000'],
    ['abc', false, '0003 616263'],
    ['größe', false, '0007 6772c3b6c39f65'],
    ['', true, '01'],
    ['abc', true, '04 616263'],
    ['\u{1f680}', true, '05 f09f9a80'],
    [
      'a text that is longer than the short way goes',
      true,
      `2e ${Buffer.from('a text that is longer than the short way goes').toString('hex')}`,
    ],
  ])('%j, flexible %s', (text, flexible, hex) => {
    expect(reader(hex).string(flexible)).toBe(text)
    expect(reader(hex).nullableString(flexible)).toBe(text)
  })

  test('is null where it may be, else refused', () => {
    expect(reader('ffff').nullableString(false)).toBeNull()
    expect(reader('00').nullableString(true)).toBeNull()
    expect(refusal(() => reader('ffff').string(false)).why).toContain('null')
    expect(refusal(() => reader('00').string(true)).why).toContain('null')
  })

  test('has no other negative length, and none above 32,767 bytes', () => {
    expect(refusal(() => reader('fffe').nullableString(false)).why).toContain('-2')
    expect(refusal(() => reader('818002').nullableString(true)).why).toContain('32768')
    expect(refusal(() => reader('7fff').string(false)).why).toContain('32767 bytes are needed')
  })

  test('with bytes that are no UTF-8 has replacement characters in their place', () => {
    expect(reader('0003 61ff62').string(false)).toBe('a\ufffdb')
  })
})

describe('bytes', () => {
  test('are views of the input', () => {
    const input = Buffer.from('00000002 0102 03'.replaceAll(' ', ''), 'hex')
    const value = new Reader(input).bytes(false)
    input[4] = 9
    expect([...value]).toEqual([9, 2])
  })

  test('are null where they may be, else refused', () => {
    expect(reader('ffffffff').nullableBytes(false)).toBeNull()
    expect(reader('00').nullableBytes(true)).toBeNull()
    expect(refusal(() => reader('ffffffff').bytes(false)).why).toContain('null')
    expect(refusal(() => reader('00').bytes(true)).why).toContain('null')
    expect(reader('00000000').bytes(false)).toHaveLength(0)
    expect(reader('01').bytes(true)).toHaveLength(0)
  })

  test('with a length that is negative or goes beyond the end are refused', () => {
    expect(refusal(() => reader('fffffffe').nullableBytes(false)).why).toContain('-2')
    expect(refusal(() => reader('00000002 01').bytes(false)).why).toContain('2 bytes are needed, but only 1 are left')
    expect(refusal(() => reader('ffffffff0f 01').bytes(true)).why).toContain('are needed')
  })
})

describe('arrays', () => {
  test('say how many elements follow', () => {
    expect(reader('00000002 0000').arrayLength(false, 1)).toBe(2)
    expect(reader('03 0000').arrayLength(true, 1)).toBe(2)
    expect(reader('00000000').arrayLength(false, 8)).toBe(0)
  })

  test('are null where they may be, else refused', () => {
    expect(reader('ffffffff').nullableArrayLength(false, 1)).toBe(-1)
    expect(reader('00').nullableArrayLength(true, 1)).toBe(-1)
    expect(refusal(() => reader('ffffffff').arrayLength(false, 1)).why).toContain('null')
    expect(refusal(() => reader('00').arrayLength(true, 1)).why).toContain('null')
  })

  test('that claim more elements than the bytes left can hold are refused', () => {
    expect(reader('00000003 000000').arrayLength(false, 1)).toBe(3)
    const error = refusal(() => reader('00000003 000000').arrayLength(false, 2))
    expect(error.why).toBe('an array claims 3 elements of at least 2 bytes, but only 3 bytes are left')
    expect(refusal(() => reader('7fffffff').arrayLength(false, 8)).why).toContain('2147483647 elements')
    expect(refusal(() => reader('ffffffff0f').arrayLength(true, 1)).why).toContain('4294967294 elements')
    expect(refusal(() => reader('fffffffe').nullableArrayLength(false, 1)).why).toContain('-2 elements')
  })
})

describe('nullable structs', () => {
  test('are there or not, by a signed byte in place and by a varint in a tagged field', () => {
    expect([reader('ff').structPresent(), reader('01').structPresent(), reader('00').structPresent()]).toEqual([
      false,
      true,
      true,
    ])
    expect([reader('00').taggedStructPresent(), reader('01').taggedStructPresent()]).toEqual([false, true])
  })
})

describe('tagged fields', () => {
  test('end where they said, and reading goes on behind them', () => {
    const from = reader('01 05 02 0007 09')
    expect(from.tagCount()).toBe(1)
    const outerEnd = from.enterTag()
    expect([from.tag, from.remaining]).toEqual([5, 2])
    expect(from.int16()).toBe(7)
    from.leaveTag(outerEnd)
    expect(from.int8()).toBe(9)
  })

  test('cannot be read beyond, nor left early', () => {
    const beyond = reader('01 05 01 0007')
    beyond.tagCount()
    beyond.enterTag()
    expect(refusal(() => beyond.int16()).why).toContain('only 1 are left')
    const early = reader('01 05 02 0007')
    early.tagCount()
    const outerEnd = early.enterTag()
    early.int8()
    expect(refusal(() => early.leaveTag(outerEnd)).why).toBe('1 bytes are left over in a tagged field')
  })

  test('claim no more bytes than there are, and no more fields than there is room for', () => {
    const tooLong = reader('01 05 03 0007')
    tooLong.tagCount()
    expect(refusal(() => tooLong.enterTag()).why).toBe('tagged field 5 claims 3 bytes, but only 2 are left')
    expect(reader('02 00000000').tagCount()).toBe(2)
    expect(refusal(() => reader('03 00000000').tagCount()).why).toBe('3 tagged fields cannot stand in 4 bytes')
    expect(refusal(() => reader('ffffffff0f').tagCount()).why).toContain('4294967295 tagged fields')
  })

  test('that are unknown are kept as they came', () => {
    expect(reader('00').unknownTags()).toBeUndefined()
    const from = reader('02 05 02 0102 8001 00 09')
    expect(from.unknownTags()).toEqual([
      { tag: 5, data: Buffer.of(1, 2) },
      { tag: 128, data: new Uint8Array(0) },
    ])
    expect(from.int8()).toBe(9)
  })

  test('beside known ones are added to the same list, since a peer may send any number of them', () => {
    const from = reader('02 05 01 07 06 00')
    from.tagCount()
    const first = from.enterTag()
    const kept = from.unknownTag(undefined)
    from.leaveTag(first)
    from.enterTag()
    expect(from.unknownTag(kept)).toBe(kept)
    expect(kept.map(({ tag, data }) => [tag, ...data])).toEqual([[5, 7], [6]])
  })
})

describe('the reader', () => {
  test('stays within its part of a buffer', () => {
    const buffer = Buffer.from('ff 0003 616263 ff'.replaceAll(' ', ''), 'hex')
    const from = new Reader(new Uint8Array(buffer.buffer, buffer.byteOffset + 1, 5), 'part')
    expect(from.string(false)).toBe('abc')
    expect([from.offset, from.remaining]).toEqual([5, 0])
    expect(refusal(() => from.bool()).where).toBe(5)
  })

  test('says what was read, where and why it cannot be', () => {
    const from = reader('0001 61 0005 61')
    from.string(false)
    const error = refusal(() => from.string(false))
    expect(error).toMatchObject({
      what: 'sample',
      where: 5,
      why: '5 bytes are needed, but only 1 are left',
      code: 'PROTOCOL_ERROR',
    })
    expect(error.message).toBe('sample at byte 5: 5 bytes are needed, but only 1 are left')
  })
})
