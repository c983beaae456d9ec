import { describe, expect, test } from 'vitest'
import { fetch, initProducerId, produce } from './messages/index.js'
import { highestCommonVersion } from './versions.js'

describe('the highest common version', () => {
  const ours = { min: 3, max: 9, latestStable: 9 }

  test.each([
    ['the same range', 3, 9, 9],
    ['an older peer', 0, 5, 5],
    ['a newer peer', 6, 20, 9],
    ['a peer whose newest is our oldest', 0, 3, 3],
    ['a peer whose oldest is our newest', 9, 12, 9],
    ['a peer that is too old', 0, 2, undefined],
    ['a peer that is too new', 10, 12, undefined],
    ['a peer that offers nothing', 0, -1, undefined],
  ])('with %s', (_, minVersion, maxVersion, expected) => {
    expect(highestCommonVersion(ours, { minVersion, maxVersion })).toBe(expected)
  })

  test('is none of ours that is not final', () => {
    expect(initProducerId.versions.latestStable).toBe(initProducerId.versions.max - 1)
    expect(highestCommonVersion(initProducerId.versions, { minVersion: 0, maxVersion: 99 })).toBe(5)
  })

  test('is not misled by a broker that claims Produce from version 0', () => {
    expect(highestCommonVersion(produce.versions, { minVersion: 0, maxVersion: 13 })).toBe(13)
    expect(highestCommonVersion(produce.versions, { minVersion: 0, maxVersion: 2 })).toBeUndefined()
    expect(highestCommonVersion(fetch.versions, { minVersion: 4, maxVersion: 18 })).toBe(18)
  })
})
