import { expect, test } from 'vitest'
import { durationFrom } from './iso-duration.js'

test.each([
  ['PT1H', 3_600_000],
  ['P2DT3H4M', 183_840_000],
  ['PT0.5S', 500],
  ['pt90s', 90_000],
  ['P1D', 86_400_000],
  ['PT0S', 0],
])('%s is %i ms', (text, durationMs) => {
  expect(durationFrom(text)).toBe(durationMs)
})

test.each(['', 'P', 'PT', '1H', 'PT-1H', '-PT1H', 'P1M', 'P1DT', 'PT1H2'])('%s is no duration', text => {
  expect(durationFrom(text)).toBeUndefined()
})
