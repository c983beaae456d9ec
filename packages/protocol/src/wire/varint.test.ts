import { describe, expect, test } from 'vitest'
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.js'

function written(write: (bytes: Uint8Array) => number): string {
  const bytes = Buffer.alloc(12, 0xee)
  return bytes.toString('hex', 0, write(bytes))
}

describe('zigzag varints', () => {
  test.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [-65, '8101'],
    [300, 'd804'],
    [8191, 'fe7f'],
    [8192, '808001'],
    [1_048_575, 'feff7f'],
    [1_048_576, '80808001'],
    [134_217_727, 'feffff7f'],
    [134_217_728, '8080808001'],
    [2 ** 31 - 1, 'feffffff0f'],
    [-(2 ** 31), 'ffffffff0f'],
  ])('%d', (value, expected) => {
    expect(written(bytes => writeVarint(bytes, 0, value))).toBe(expected)
    expect(varintSize(value)).toBe(expected.length / 2)
    expect(written(bytes => writeVarlong(bytes, 0, value))).toBe(expected)
    expect(varlongSize(value)).toBe(expected.length / 2)
  })

  test.each([
    [2 ** 31, '8080808010'],
    [-(2 ** 31) - 1, '8180808010'],
    [2 ** 34 - 1, 'feffffff7f'],
    [2 ** 34, '808080808001'],
    [1_700_000_000_000, '80a0abfef962'],
    [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
    [Number.MIN_SAFE_INTEGER, 'fdffffffffffff1f'],
  ])('long %d', (value, expected) => {
    expect(written(bytes => writeVarlong(bytes, 0, value))).toBe(expected)
    expect(varlongSize(value)).toBe(expected.length / 2)
  })

  test('are written where they were told to, and nowhere else', () => {
    const bytes = Buffer.alloc(6, 0xee)
    expect(writeVarint(bytes, 2, 300)).toBe(4)
    expect(bytes.toString('hex')).toBe('eeeed804eeee')
  })
})
