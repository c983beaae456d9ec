import { BufferPool } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { RecentBatches, type RecentTail } from './recent-batches.js'

/** What a batch counts beside its bytes. */
const ENTRY = 160

const bytes = (size: number, fill = 0): Buffer => Buffer.alloc(size, fill)

function recentBatches(budget: number): RecentBatches {
  return new RecentBatches(new BufferPool(), budget)
}

function sizeOf(tail: RecentTail, offset: number, bound: number, maxBytes = 1_000_000): number | undefined {
  return tail.read(offset, bound, maxBytes, true)?.records.length
}

describe('recent batches', () => {
  test('are given from the one that holds the offset, as far as the limits go', () => {
    const tail = recentBatches(100_000).tail()
    for (const index of [0, 1, 2]) tail.push(bytes(100, index), index * 10, index * 10 + 10)
    expect(tail.read(15, 30, 1000, false)?.records).toEqual(Buffer.concat([bytes(100, 1), bytes(100, 2)]))
    expect(sizeOf(tail, 15, 29)).toBe(100)
    expect(sizeOf(tail, 0, 30, 250)).toBe(200)
    expect(tail.read(0, 30, 50, false)?.records).toHaveLength(0)
    expect(sizeOf(tail, 0, 30, 50)).toBe(100)
    expect(sizeOf(tail, 30, 40)).toBeUndefined()
    expect(tail.bytesBetween(10, 30)).toBe(200)
  })

  test('are whole and in order where those of other logs lie between them', () => {
    const recent = recentBatches(100_000)
    const [first, second] = [recent.tail(), recent.tail()]
    for (const index of [0, 1, 2]) {
      first.push(bytes(50, index), index, index + 1)
      second.push(bytes(70, index + 100), index, index + 1)
    }
    expect(first.read(0, 3, 1000, true)?.records).toEqual(Buffer.concat([0, 1, 2].map(index => bytes(50, index))))
    expect(second.read(1, 3, 1000, true)?.records).toEqual(Buffer.concat([101, 102].map(index => bytes(70, index))))
  })

  test('never hold more than the budget; the oldest go first, whichever log they are of', () => {
    const budget = 16 * (200 + ENTRY)
    const recent = recentBatches(budget)
    const [first, second] = [recent.tail(), recent.tail()]
    for (let offset = 0; offset < 8; offset++) {
      first.push(bytes(200), offset, offset + 1)
      second.push(bytes(200), offset, offset + 1)
    }
    expect([sizeOf(first, 0, 1), sizeOf(second, 0, 1), recent.bytes]).toEqual([200, 200, budget])
    second.push(bytes(200), 8, 9)
    expect([sizeOf(first, 0, 1), sizeOf(second, 0, 1)]).toEqual([undefined, 200])
    for (let offset = 9; offset < 500; offset++) {
      second.push(bytes(offset), offset, offset + 1)
      expect(recent.bytes).toBeLessThanOrEqual(budget)
    }
    expect(sizeOf(first, 7, 8)).toBeUndefined()
    expect(sizeOf(second, 499, 500)).toBe(499)
  })

  test('are forgotten up to the one that reaches an offset, of one log alone', () => {
    const recent = recentBatches(100_000)
    const [tail, other] = [recent.tail(), recent.tail()]
    for (const offset of [0, 10, 20, 30]) {
      tail.push(bytes(100), offset, offset + 10)
      other.push(bytes(100), offset, offset + 10)
    }
    tail.dropBefore(15)
    expect([sizeOf(tail, 10, 40), sizeOf(tail, 20, 40)]).toEqual([undefined, 200])
    expect(sizeOf(other, 0, 40)).toBe(400)
    tail.dropBefore(1000)
    tail.push(bytes(100), 40, 50)
    expect([sizeOf(tail, 30, 50), sizeOf(tail, 40, 50)]).toEqual([undefined, 100])
  })

  test('a batch above the budget is not kept, nor what would leave a gap in front of it', () => {
    const recent = recentBatches(5000)
    const tail = recent.tail()
    tail.push(bytes(100), 0, 1)
    tail.push(bytes(6000), 1, 2)
    expect([sizeOf(tail, 0, 2), sizeOf(tail, 1, 2)]).toEqual([undefined, undefined])
    tail.push(bytes(100), 2, 3)
    expect(sizeOf(tail, 2, 3)).toBe(100)
  })

  test('what a reader has stays as it is until the reader is done with it', () => {
    const recent = recentBatches(16 * (100 + ENTRY))
    const tail = recent.tail()
    tail.push(bytes(100, 1), 0, 1)
    const read = tail.read(0, 1, 1000, true)
    for (let offset = 1; offset < 100; offset++) tail.push(bytes(100, 2), offset, offset + 1)
    expect(read?.records).toEqual(bytes(100, 1))
  })

  test('memory that no reader has is used again', () => {
    const recent = recentBatches(16 * (100 + ENTRY))
    const tail = recent.tail()
    tail.push(bytes(100, 1), 0, 1)
    const read = tail.read(0, 1, 1000, true)
    read?.release()
    for (let offset = 1; offset < 17; offset++) tail.push(bytes(100, 2), offset, offset + 1)
    expect(tail.read(16, 17, 1000, true)?.records.buffer).toBe(read?.records.buffer)
  })

  test('a log that was cut goes on with what comes next, also while its old batches are still held', () => {
    const recent = recentBatches(16 * (100 + ENTRY))
    const tail = recent.tail()
    for (let offset = 0; offset < 8; offset++) tail.push(bytes(100, 1), offset, offset + 1)
    tail.clear()
    expect(sizeOf(tail, 7, 8)).toBeUndefined()
    for (let offset = 4; offset < 30; offset++) {
      tail.push(bytes(100, 2), offset, offset + 1)
      expect(tail.read(offset, offset + 1, 1000, true)?.records).toEqual(bytes(100, 2))
    }
  })
})
