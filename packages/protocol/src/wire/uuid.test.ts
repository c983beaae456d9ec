import { describe, expect, test } from 'vitest'
import { compareUuids, isUuid, uuidFromBytes, uuidToBytes, writeUuid, ZERO_UUID } from './uuid.js'

describe('uuids', () => {
  test.each([
    ['00'.repeat(16), ZERO_UUID],
    ['000102030405060708090a0b0c0d0e0f', 'AAECAwQFBgcICQoLDA0ODw'],
    ['ff'.repeat(16), '_____________________w'],
    ['6ba7b8109dad11d180b400c04fd430c8', 'a6e4EJ2tEdGAtADAT9QwyA'],
  ])('%s is %s', (hex, text) => {
    const bytes = Buffer.from(hex, 'hex')
    expect(uuidFromBytes(bytes)).toBe(text)
    expect(Buffer.from(uuidToBytes(text)).toString('hex')).toBe(hex)
    expect(isUuid(text)).toBe(true)
  })

  test.each([
    '',
    'AAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAAAB',
    'AAAAAAAAAAAAAAAAAAAA+A',
    ' AAAAAAAAAAAAAAAAAAAAA',
  ])('%j is no uuid', text => {
    expect(isUuid(text)).toBe(false)
    expect(() => uuidToBytes(text)).toThrow(RangeError)
  })

  test('has sixteen bytes, no fewer and no more', () => {
    expect(() => uuidFromBytes(new Uint8Array(15))).toThrow('a uuid has 16 bytes, not 15')
    expect(() => uuidFromBytes(new Uint8Array(17))).toThrow(RangeError)
  })

  test('is read from its part of a buffer', () => {
    const buffer = new Uint8Array(20).fill(0xff, 2, 18)
    expect(uuidFromBytes(buffer.subarray(2, 18))).toBe('_____________________w')
  })

  test('is written as it is decoded, and refused as the rule says, whatever character stands wherever', () => {
    const target = new Uint8Array(20)
    const uuid = 'a6e4EJ2tEdGAtADAT9QwyA'
    let accepted = 0
    for (let at = 0; at < uuid.length; at++) {
      for (const code of [...Array(300).keys(), 0x2028, 0xd83d, 0xffff]) {
        const text = uuid.slice(0, at) + String.fromCharCode(code) + uuid.slice(at + 1)
        const isWritten = writeUuid(target, 2, text)
        expect(isWritten).toBe(isUuid(text))
        if (!isWritten) continue
        accepted++
        expect(uuidFromBytes(target.subarray(2, 18))).toBe(text)
      }
    }
    expect(accepted).toBe(21 * 64 + 4)
    expect([target[0], target[1], target[18], target[19]]).toEqual([0, 0, 0, 0])
    for (const text of ['', uuid.slice(1), `${uuid}A`]) expect(writeUuid(target, 2, text)).toBe(false)
  })
})

test('compares uuids as Kafka does: as two signed numbers', () => {
  const halves: readonly (readonly [bigint, bigint])[] = [
    [-1n, 5n],
    [0n, -2n],
    [0n, -1n],
    [0n, 0n],
    [0n, 1n],
    [1n, -1n],
  ]
  const inOrder = halves.map(([high, low]) => {
    const bytes = Buffer.alloc(16)
    bytes.writeBigInt64BE(high, 0)
    bytes.writeBigInt64BE(low, 8)
    return uuidFromBytes(bytes)
  })
  expect([...inOrder].reverse().sort(compareUuids)).toEqual(inOrder)
})
