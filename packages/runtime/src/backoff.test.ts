import { describe, expect, test } from 'vitest'
import { Backoff } from './backoff.js'
import { type Random, SeededRandom } from './random.js'

/** A source that always says the same, to look at the edges of the jitter. */
function always(value: number): Random {
  const random: Random = { next: () => value, integer: min => min, bytes: n => new Uint8Array(n), fork: () => random }
  return random
}

function delays(backoff: Backoff, attempts: number): number[] {
  return Array.from({ length: attempts }, (_, index) => backoff.delayMs(index + 1))
}

describe('backoff', () => {
  test('doubles from the first wait to the longest', () => {
    const backoff = new Backoff({ initialMs: 100, maxMs: 1000, random: always(0.5) })
    expect(delays(backoff, 7)).toEqual([100, 200, 400, 800, 1000, 1000, 1000])
  })

  test('is at most a fifth shorter or longer, and never above the longest', () => {
    const least = new Backoff({ initialMs: 100, maxMs: 1000, random: always(0) })
    const most = new Backoff({ initialMs: 100, maxMs: 1000, random: always(0.999) })
    expect(delays(least, 6)).toEqual([80, 160, 320, 640, 800, 800])
    expect(delays(most, 6)).toEqual([119, 239, 479, 959, 1000, 1000])
  })

  test('spreads over the whole of the jitter and repeats with the seed', () => {
    const make = (): Backoff => new Backoff({ initialMs: 1000, maxMs: 10_000, random: new SeededRandom('jitter') })
    const drawn = Array.from({ length: 500 }, () => 0)
    const backoff = make()
    const values = drawn.map(() => backoff.delayMs(1))
    expect(Math.min(...values)).toBeGreaterThanOrEqual(800)
    expect(Math.min(...values)).toBeLessThan(820)
    expect(Math.max(...values)).toBeGreaterThan(1180)
    expect(Math.max(...values)).toBeLessThan(1200)
    const again = make()
    expect(drawn.map(() => again.delayMs(1))).toEqual(values)
  })

  test('stays at the longest wait for any number of failures', () => {
    const backoff = new Backoff({ initialMs: 100, maxMs: 1000, random: always(0.5) })
    expect(backoff.delayMs(5_000_000)).toBe(1000)
  })

  test('is fixed where the first wait is not below the longest, and nothing where it is 0', () => {
    const random = always(0)
    expect(delays(new Backoff({ initialMs: 500, maxMs: 200, random }), 2)).toEqual([200, 200])
    expect(delays(new Backoff({ initialMs: 50, maxMs: 50, random }), 2)).toEqual([50, 50])
    expect(delays(new Backoff({ initialMs: 0, maxMs: 200, random }), 2)).toEqual([0, 0])
  })

  test('refuses numbers that make no sense', () => {
    const random = always(0)
    const backoff = new Backoff({ initialMs: 1, maxMs: 2, random })
    expect(() => backoff.delayMs(0)).toThrow(/counted from 1, got 0/)
    expect(() => new Backoff({ initialMs: -1, maxMs: 2, random })).toThrow(/initialMs of at least 0, got -1/)
    expect(() => new Backoff({ initialMs: 1, maxMs: Infinity, random })).toThrow(/maxMs/)
    expect(() => new Backoff({ initialMs: 1, maxMs: 2, jitter: 1.5, random })).toThrow(/jitter of at most 1/)
  })
})
