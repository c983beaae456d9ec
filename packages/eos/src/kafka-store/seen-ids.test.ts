import { describe, expect, test } from 'vitest'
import { SeenIds } from './seen-ids.js'

function idsOf(options: { readonly maxIds?: number; readonly ttlMs?: number }, ...ids: readonly string[]): SeenIds {
  const seen = new SeenIds({ maxIds: 1000, ttlMs: 1000, ...options })
  for (const [at, id] of ids.entries()) seen.add(id, at, '')
  return seen
}

describe('the ids of a partition', () => {
  test('are known until their time is over', () => {
    const seen = idsOf({ ttlMs: 100 }, 'a')
    expect(seen.fingerprint('a', 99)).toBe('')
    expect(seen.fingerprint('a', 100)).toBeUndefined()
    expect(seen.fingerprint('b', 0)).toBeUndefined()
  })

  test('go when there are too many, the oldest first', () => {
    const seen = idsOf({ maxIds: 3 }, 'a', 'b', 'c')
    expect(seen.outgoing(new Set(['d', 'e']), 5)).toEqual(['a', 'b'])
  })

  test('go when their time is over, a few at a time', () => {
    const seen = idsOf({ ttlMs: 10 }, ...Array.from({ length: 150 }, (_, index) => `id ${index}`))
    expect(seen.outgoing(new Set(), 1000)).toHaveLength(100)
    expect(seen.outgoing(new Set(), 12)).toEqual(['id 0', 'id 1', 'id 2'])
  })

  test('stay when they come anew, under their new time', () => {
    const seen = idsOf({ ttlMs: 10 }, 'a', 'b')
    expect(seen.outgoing(new Set(['a']), 100)).toEqual(['b'])
    seen.add('a', 100, '')
    expect(seen.outgoing(new Set(), 105)).toEqual(['b'])
    expect(seen.fingerprint('a', 105)).toBe('')
  })

  test('are no more than there may be, however many come', () => {
    const seen = idsOf({ maxIds: 50 })
    for (let round = 0; round < 40; round++) {
      const fresh = new Set(Array.from({ length: 30 }, (_, index) => `${round}/${index}`))
      const outgoing = seen.outgoing(fresh, round)
      for (const id of fresh) seen.add(id, round, '')
      for (const id of outgoing) seen.remove(id)
      expect(seen.size).toBeLessThanOrEqual(50)
    }
  })
})
