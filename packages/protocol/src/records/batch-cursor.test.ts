import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { BatchCursor, headersIn } from './batch-cursor.js'

/** A cursor in front of `recordCount` records, which stand in the middle of other bytes, as in a response. */
function cursor(hex: string, recordCount = 1): BatchCursor {
  const records = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const around = Buffer.alloc(16, 0)
  const bytes = Buffer.concat([around, records, around])
  const source = { baseOffset: 1000, baseTimestamp: 5, appendTime: undefined, recordCount }
  return new BatchCursor(bytes, around.length, around.length + records.length, source)
}

/** Reads one record to its end, headers included. */
function read(hex: string): unknown[] {
  const records = cursor(hex)
  expect(records.next()).toBe(true)
  const { offset, timestamp } = records
  const headers = records
    .headers()
    .map(({ key, value }) => [key, value === null ? null : Buffer.from(value).toString()])
  const found = [offset, timestamp, records.keyText(), records.valueText(), headers]
  expect(records.next()).toBe(false)
  return found
}

describe('a record', () => {
  test('has deltas, key, value and headers', () => {
    // length 16, attributes, timestamp +1, offset +2, key k, value v, 2 headers: a=b and c=null
    expect(read('1e 00 02 04 02 6b 02 76 04 02 61 02 62 02 63 01')).toEqual([
      1002,
      6,
      'k',
      'v',
      [
        ['a', 'b'],
        ['c', null],
      ],
    ])
  })

  test('may say its numbers in more bytes than they need, up to what their type has', () => {
    expect(read('14 00 00 8080808000 01 01 00')).toEqual([1000, 5, null, null, []])
    expect(read('1e 00 80808080808080808000 00 01 01 00')).toEqual([1000, 5, null, null, []])
  })

  test('can be cut out when the cursor has moved on, by the places that were kept', () => {
    const records = cursor('1e 00 02 04 02 6b 02 76 04 02 61 02 62 02 63 01 0c 00 00 06 01 01 00', 2)
    records.next()
    const { bytes, keyAt, keyBytes, valueAt, valueBytes, end } = records
    expect(records.next()).toBe(true)
    expect(bytes.toString('latin1', keyAt, keyAt + keyBytes)).toBe('k')
    expect(bytes.toString('latin1', valueAt, valueAt + valueBytes)).toBe('v')
    const headers = headersIn(bytes, valueAt + valueBytes, end)
    expect(headers.map(({ key, value }) => [key, value?.toString()])).toEqual([
      ['a', 'b'],
      ['c', undefined],
    ])
    // The second record is null all over: its headers begin where its value would.
    expect(headersIn(bytes, records.valueAt, records.end)).toEqual([])
  })

  test('counts its timestamp exactly beyond 32 bits', () => {
    // 2^40 and -2^40 in zigzag
    expect(read('16 00 808080808040 00 01 01 00')[1]).toBe(5 + 2 ** 40)
    expect(read('16 00 ffffffffff3f 00 01 01 00')[1]).toBe(5 - 2 ** 40)
  })

  test.each([
    ['is longer than the bytes left', '0e 00 00 00 01 01 00', 'a record of 7 bytes where 6 are left'],
    ['is shorter than any record', '0a 00 00 00 01 01 00', 'a record of 5 bytes'],
    ['has a length below nothing', '0b 00 00 00 01 01 00', 'a record of -6 bytes'],
    ['ends before its fields', '0c 00 8000 00 01 01 00', 'the bytes end inside a varint'],
    ['has a key longer than itself', '0e 00 00 00 0a 6b 01 00', 'a length of 5 bytes where 3 are left'],
    ['has a key of -2 bytes', '0c 00 00 00 03 01 00', 'a length of -2 bytes'],
    ['has a value longer than itself', '0e 00 00 00 01 06 76 00', 'a length of 3 bytes where 2 are left'],
    ['has bytes behind its last field', '0e 00 00 00 01 01 00 00', '0 record headers in 1 bytes'],
    ['has less than no headers', '0c 00 00 00 01 01 01', '-1 record headers'],
    ['has more headers than it has room for', '0e 00 00 00 01 01 02 00', '1 record headers in 1 bytes'],
    ['has an offset in more than 32 bits', '14 00 00 8080808010 01 01 00', 'a varint is longer than 32 bits'],
    [
      'has a timestamp in more than 64 bits',
      '1e 00 80808080808080808002 00 01 01 00',
      'a varlong is longer than 64 bits',
    ],
  ])('that %s is refused', (_, hex, why) => {
    const next = (): boolean => cursor(hex).next()
    expect(next).toThrow(ProtocolError)
    expect(next).toThrow(why)
  })

  test.each([
    ['a header without a key', '10 00 00 00 01 01 02 01 00', 'a record header without a key'],
    [
      'a header that is longer than the record',
      '12 00 00 00 01 01 02 02 61 08',
      'a length of 4 bytes where 0 are left',
    ],
    ['bytes behind its headers', '12 00 00 00 01 01 02 00 01 00', '1 bytes are left over behind the record headers'],
  ])('with %s is refused when they are asked for', (_, hex, why) => {
    const records = cursor(hex)
    expect(records.next()).toBe(true)
    expect(() => records.headers()).toThrow(ProtocolError)
    expect(() => records.headers()).toThrow(why)
  })

  test('with headers that are refused does not keep the next one from being read', () => {
    const records = cursor('10 00 00 00 01 01 02 01 00 0c 00 00 02 01 01 00', 2)
    records.next()
    expect(() => records.headers()).toThrow(ProtocolError)
    expect(records.next()).toBe(true)
    expect(records.offset).toBe(1001)
    expect(records.next()).toBe(false)
  })
})

describe('records', () => {
  test.each([-1, 2, 0x7fff_ffff])('of which %i are claimed in the bytes of one are refused at once', count => {
    expect(() => cursor('0c 00 00 00 01 01 00', count)).toThrow(ProtocolError)
  })

  test('of which fewer are claimed than there are bytes for are refused at the end', () => {
    const records = cursor('0c 00 00 00 01 01 00 0c 00 00 02 01 01 00', 1)
    expect(records.next()).toBe(true)
    expect(() => records.next()).toThrow('7 bytes are left over behind the last record')
  })
})
