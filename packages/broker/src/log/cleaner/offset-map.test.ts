import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { OFFSET_MAP_ENTRY_BYTES, OffsetMap } from './offset-map.js'

const ROOM = { memoryBytes: 1024 * 1024, loadFactor: 0.9 }

describe('the map from keys to offsets', () => {
  test('knows the last offset of every key, and none of a key it was not given', () => {
    const random = new SeededRandom(1)
    const map = new OffsetMap(ROOM, 1_000_000)
    const expected = new Map<string, number>()
    for (let offset = 0; offset < 20_000; offset++) {
      const key = `key-${random.integer(0, 8000)}`
      expect(map.put(Buffer.from(key), offset)).toBe(true)
      expected.set(key, offset)
    }
    expect(map.size).toBe(expected.size)
    for (let index = 0; index < 9000; index++) {
      expect(map.get(Buffer.from(`key-${index}`))).toBe(expected.get(`key-${index}`) ?? -1)
    }
  })

  test('finds keys also when it is as full as it gets', () => {
    const map = new OffsetMap({ memoryBytes: 100 * OFFSET_MAP_ENTRY_BYTES, loadFactor: 1 }, 1000)
    let taken = 0
    while (map.put(Buffer.from(`k${taken}`), taken)) taken++
    expect(taken).toBe(99)
    for (let index = 0; index < taken; index++) expect(map.get(Buffer.from(`k${index}`))).toBe(index)
    expect(map.get(Buffer.from('another'))).toBe(-1)
  })

  test('is full at its load factor, also for a key that it knows', () => {
    const map = new OffsetMap({ memoryBytes: 10 * OFFSET_MAP_ENTRY_BYTES, loadFactor: 0.5 }, 1000)
    for (let index = 0; index < 5; index++) expect(map.put(Buffer.from(`k${index}`), index)).toBe(true)
    expect(map.isFull).toBe(true)
    expect(map.put(Buffer.from('k0'), 9)).toBe(false)
    expect(map.get(Buffer.from('k0'))).toBe(0)
  })

  test.each([
    { memoryBytes: 0, loadFactor: 0.9 },
    { memoryBytes: 1000, loadFactor: 0.0001 },
    { memoryBytes: 1000, loadFactor: 0 },
  ])('takes one key at least, however little room it has: $memoryBytes bytes, $loadFactor', limits => {
    const map = new OffsetMap(limits, 1000)
    expect(map.put(Buffer.from('k'), 7)).toBe(true)
    expect([map.get(Buffer.from('k')), map.get(Buffer.from('l'))]).toEqual([7, -1])
  })

  test('has room for as many keys as can come, and not for more', () => {
    for (const count of [1, 2, 9, 10, 1000]) {
      const map = new OffsetMap(ROOM, count)
      for (let index = 0; index < count; index++) expect(map.put(Buffer.from(`k${index}`), index)).toBe(true)
      expect(map.capacity).toBeLessThan(count + 3)
    }
  })

  test('tells keys apart that differ in a byte, or in length alone', () => {
    const map = new OffsetMap(ROOM, 100)
    const keys = ['', '\0', '\0\0', 'a', 'b', 'ab', 'ba', 'a'.repeat(1000), `${'a'.repeat(999)}b`]
    keys.forEach((key, index) => void map.put(Buffer.from(key), index))
    expect(keys.map(key => map.get(Buffer.from(key)))).toEqual(keys.map((_, index) => index))
  })
})
