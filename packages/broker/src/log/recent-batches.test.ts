import { describe, expect, test } from 'vitest'
import { RecentBatches } from './recent-batches.js'

/** A buffer of its own memory, as a large request's is. */
const bytes = (size: number): Buffer => Buffer.allocUnsafeSlow(size)

describe('recent batches', () => {
  test('are given by reference, from the one that holds the offset', () => {
    const tail = new RecentBatches(10_000).tail()
    const batches = [bytes(100), bytes(100), bytes(100)]
    for (const [index, batch] of batches.entries()) tail.push(batch, index * 10, index * 10 + 10)
    expect(tail.read(15, 30, 1000, false)?.map(chunk => chunk === batches[1] || chunk === batches[2])).toEqual([
      true,
      true,
    ])
    expect(tail.read(15, 29, 1000, false)).toHaveLength(1)
    expect(tail.read(0, 30, 250, false)).toHaveLength(2)
    expect(tail.read(0, 30, 50, false)).toEqual([])
    expect(tail.read(0, 30, 50, true)).toHaveLength(1)
    expect(tail.read(30, 40, 50, true)).toBeUndefined()
    expect(tail.bytesBetween(10, 30)).toBe(200)
  })

  test('never hold more than the budget; the oldest goes first, whichever log it is of', () => {
    const recent = new RecentBatches(1100)
    const [first, second] = [recent.tail(), recent.tail()]
    first.push(bytes(200), 0, 1)
    second.push(bytes(200), 0, 1)
    first.push(bytes(200), 1, 2)
    expect(first.read(0, 2, 1000, true)).toBeDefined()
    second.push(bytes(200), 1, 2)
    expect(recent.bytes).toBeLessThanOrEqual(1100)
    expect(first.read(0, 2, 1000, true)).toBeUndefined()
    expect(first.read(1, 2, 1000, true)).toHaveLength(1)
    for (let offset = 2; offset < 500; offset++) second.push(bytes(offset), offset, offset + 1)
    expect(recent.bytes).toBeLessThanOrEqual(1100)
    expect(first.read(1, 2, 1000, true)).toBeUndefined()
  })

  test('are forgotten up to the one that reaches an offset, of one log alone', () => {
    const recent = new RecentBatches(10_000)
    const [tail, other] = [recent.tail(), recent.tail()]
    for (const offset of [0, 10, 20, 30]) {
      tail.push(bytes(100), offset, offset + 10)
      other.push(bytes(100), offset, offset + 10)
    }
    const before = recent.bytes
    tail.dropBefore(15)
    expect([tail.read(10, 40, 1000, true), tail.read(20, 40, 1000, true)?.length]).toEqual([undefined, 2])
    expect(other.read(0, 40, 1000, true)).toHaveLength(4)
    expect(recent.bytes).toBe((before / 8) * 6)
    tail.dropBefore(1000)
    tail.push(bytes(100), 40, 50)
    expect([tail.read(30, 50, 1000, true), tail.read(40, 50, 1000, true)?.length]).toEqual([undefined, 1])
  })

  test('a small part of a large buffer is copied, so that the rest can go', () => {
    const recent = new RecentBatches(10_000)
    const tail = recent.tail()
    const request = bytes(1_000_000)
    tail.push(request.subarray(10, 60), 0, 1)
    expect(recent.bytes).toBeLessThan(1000)
    expect(tail.read(0, 1, 100, true)?.[0]?.buffer.byteLength).toBe(50)
  })

  test('a batch above the budget is not kept, nor what would leave a gap in front of it', () => {
    const recent = new RecentBatches(500)
    const tail = recent.tail()
    tail.push(bytes(100), 0, 1)
    tail.push(bytes(600), 1, 2)
    expect([recent.bytes, tail.read(0, 2, 1000, true), tail.read(1, 2, 1000, true)]).toEqual([0, undefined, undefined])
    tail.push(bytes(100), 2, 3)
    expect(tail.read(2, 3, 1000, true)).toHaveLength(1)
    tail.clear()
    expect(recent.bytes).toBe(0)
  })
})
