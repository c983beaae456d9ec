import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { type Candidate, leastLoaded } from './least-loaded.js'

const random = new SeededRandom(3)
const ready = (inFlight: number): Candidate => ({ state: 'ready', isReady: true, inFlight, lastAttemptAt: 0 })
const throttled: Candidate = { state: 'ready', isReady: false, inFlight: 0, lastAttemptAt: 0 }
const connecting: Candidate = { state: 'connecting', isReady: false, inFlight: 1, lastAttemptAt: 0 }
const idle = (lastAttemptAt: number): Candidate => ({ state: 'idle', isReady: false, inFlight: 0, lastAttemptAt })
const backingOff: Candidate = { state: 'backing-off', isReady: false, inFlight: 0, lastAttemptAt: 0 }

describe('the least loaded of some brokers', () => {
  test.each([
    ['ready and at rest', [backingOff, idle(0), ready(2), ready(0), connecting], 3],
    ['ready with least to do', [ready(5), ready(2), connecting, ready(3)], 1],
    ['being connected to', [backingOff, idle(0), connecting], 2],
    ['connected and throttled rather than idle', [idle(0), throttled], 1],
    ['idle and not tried for longest', [idle(20), idle(10), idle(30), backingOff], 1],
    ['idle and never tried', [idle(20), idle(-Infinity)], 1],
  ])('is the one that is %s', (_which, candidates, best) => {
    for (let round = 0; round < 20; round++) expect(leastLoaded(candidates, random)).toBe(candidates[best])
  })

  test('is none when all have to wait, or there are none', () => {
    expect(leastLoaded([backingOff, backingOff], random)).toBeUndefined()
    expect(leastLoaded([], random)).toBeUndefined()
  })

  test('is any of those that are equal', () => {
    const equals = [ready(0), ready(0), ready(0)]
    const chosen = new Set(Array.from({ length: 100 }, () => leastLoaded(equals, random)))
    expect(chosen.size).toBe(3)
  })
})
