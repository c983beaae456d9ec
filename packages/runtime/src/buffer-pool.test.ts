import { describe, expect, test } from 'vitest'
import { BufferPool } from './buffer-pool.js'

const KIB = 1024

describe('a buffer pool', () => {
  test('gives memory out again that was given back, whichever view of it came', () => {
    const pool = new BufferPool()
    const first = pool.take(100 * KIB)
    const { buffer } = first
    expect(first).toHaveLength(100 * KIB)
    pool.give(first.subarray(10, 20))
    const second = pool.take(120 * KIB)
    expect(second.buffer).toBe(buffer)
    expect(second).toHaveLength(120 * KIB)
  })

  test('never has the same memory out twice', () => {
    const pool = new BufferPool()
    const first = pool.take(100 * KIB)
    pool.give(first)
    pool.give(first)
    const second = pool.take(100 * KIB)
    expect(pool.take(100 * KIB).buffer).not.toBe(second.buffer)
    // The view of the first owner does not give away what the second has.
    pool.give(second)
    pool.give(first)
    expect(pool.keptBytes).toBe(128 * KIB)
  })

  test('gives nothing out that is more than twice as large as what was asked for', () => {
    const pool = new BufferPool()
    pool.give(pool.take(1024 * KIB))
    expect(pool.take(100 * KIB).buffer.byteLength).toBe(128 * KIB)
    expect(pool.take(600 * KIB).buffer.byteLength).toBe(1024 * KIB)
  })

  test('takes nothing that it has not given out', () => {
    const pool = new BufferPool()
    pool.give(Buffer.allocUnsafeSlow(100 * KIB))
    pool.give(pool.take(10))
    expect(pool.keptBytes).toBe(0)
  })

  test('keeps no more than its limit: what was given back longest ago goes first', () => {
    const pool = new BufferPool({ keptBytes: 256 * KIB })
    const taken = [128, 128, 64, 512].map(size => pool.take(size * KIB))
    const [first, second] = taken
    for (const buffer of taken) pool.give(buffer)
    expect(pool.keptBytes).toBe(192 * KIB)
    expect(pool.take(128 * KIB).buffer).toBe(second?.buffer)
    expect(pool.take(128 * KIB).buffer).not.toBe(first?.buffer)
  })
})
