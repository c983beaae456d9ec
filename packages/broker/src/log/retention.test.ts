import { describe, expect, test } from 'vitest'
import { countDeletable, type RetentionState } from './retention.js'
import { CONFIG, NOW_MS } from './test-log.js'

/** Segments of 10 offsets and 100 bytes each, one a minute, the last one just now. */
function segments(count: number): { baseOffset: number; size: number; largestTimestampMs: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    baseOffset: index * 10,
    size: 100,
    largestTimestampMs: NOW_MS - (count - 1 - index) * 60_000,
  }))
}

describe('of five segments', () => {
  const cases: { title: string; config: object; state?: Partial<RetentionState>; count: number }[] = [
    { title: 'none goes without limits', config: { retentionMs: -1 }, count: 0 },
    { title: 'those older than the limit go', config: { retentionMs: 120_000 }, count: 2 },
    { title: 'all go when all are old', config: { retentionMs: 0 }, state: { nowMs: NOW_MS + 1 }, count: 5 },
    {
      title: 'the excess goes, but never more than the excess',
      config: { retentionMs: -1, retentionBytes: 250 },
      count: 2,
    },
    {
      title: 'all but the active one go for a limit of one segment',
      config: { retentionMs: -1, retentionBytes: 100 },
      count: 4,
    },
    { title: 'those below the start go', config: { retentionMs: -1 }, state: { logStartOffset: 29 }, count: 2 },
    {
      title: 'the one that ends at the start goes',
      config: { retentionMs: -1 },
      state: { logStartOffset: 30 },
      count: 3,
    },
    {
      title: 'none goes that reaches beyond the high watermark',
      config: { retentionMs: 0 },
      state: { highWatermark: 25 },
      count: 2,
    },
    {
      title: 'a policy without delete leaves all but those below the start',
      config: { retentionMs: 0, retentionBytes: 0, cleanupPolicy: { delete: false, compact: true } },
      state: { logStartOffset: 10 },
      count: 1,
    },
  ]
  test.each(cases)('$title', ({ config, state, count }) => {
    const given = { nowMs: NOW_MS, highWatermark: 50, logStartOffset: 0, logEndOffset: 50, ...state }
    expect(countDeletable(segments(5), { ...given, config: { ...CONFIG, ...config } })).toBe(count)
  })
})

test('an empty last segment stays, whatever its age', () => {
  const empty = [{ baseOffset: 0, size: 0, largestTimestampMs: 0 }]
  const config = { ...CONFIG, retentionMs: 0 }
  const state = { config, nowMs: NOW_MS, highWatermark: 0, logStartOffset: 0, logEndOffset: 0 }
  expect(countDeletable(empty, state)).toBe(0)
})
