import { describe, expect, test } from 'vitest'
import { difference } from './difference.js'

describe('difference', () => {
  test.each([
    ['a number', { a: 1 }, { a: 2 }, 'x.a: expected 1, found 2'],
    ['a number and a bigint', { a: 1 }, { a: 1n }, 'x.a: expected 1, found 1'],
    ['null and nothing', { a: null }, {}, 'x.a: expected null, found undefined'],
    ['what is too much', {}, { a: 0 }, 'x.a: found 0 where nothing was expected'],
    ['lengths', { a: [1] }, { a: [1, 2] }, 'x.a: expected 1 elements, found 2 elements'],
    ['elements', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, 'x.a[1].b: expected 2, found 3'],
    ['bytes', { a: Uint8Array.of(1) }, { a: Uint8Array.of(2) }, 'x.a: expected 1 bytes 01, found 1 bytes 02'],
    ['bytes and a list', { a: Uint8Array.of(1) }, { a: [1] }, 'x.a: expected 1 bytes 01, found 1 elements'],
  ])('names %s', (_, expected, found, text) => {
    expect(difference(expected, found, 'x')).toBe(text)
  })

  test('takes for equal what only looks different', () => {
    const expected = { a: Buffer.of(1, 2), b: undefined, c: [Number.NaN], d: { e: 5n } }
    expect(difference(expected, { d: { e: 5n }, c: [Number.NaN], a: Uint8Array.of(1, 2) }, 'x')).toBeUndefined()
  })
})
