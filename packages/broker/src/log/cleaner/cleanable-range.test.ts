import { describe, expect, test } from 'vitest'
import { CONFIG, NOW_MS } from '../test-log.js'
import { cleanableRange, type DirtyLog, type DirtySegment, isWorthCleaning } from './cleanable-range.js'
import { groupSegments } from './segment-groups.js'

function segment(baseOffset: number, size = 100, largestTimestampMs = 0, firstTimestampMs = 0): DirtySegment {
  return { baseOffset, size, largestTimestampMs, firstTimestampMs }
}

/** Five segments of ten offsets, the last one active. */
function log(change: Partial<DirtyLog> = {}): DirtyLog {
  return {
    segments: [0, 10, 20, 30, 40].map(base => segment(base)),
    config: CONFIG,
    logStartOffset: 0,
    logEndOffset: 50,
    lastStableOffset: 50,
    cleanedTo: undefined,
    ...change,
  }
}

function rangeOf(change: Partial<DirtyLog> = {}, nowMs: number = NOW_MS): string {
  const { firstDirtyOffset, endOffset, cleanableBytes, dirtyRatio } = cleanableRange(log(change), nowMs)
  return `${firstDirtyOffset}-${endOffset} ${cleanableBytes} ${dirtyRatio}`
}

describe('what may be compacted', () => {
  test.each([
    ['all but the active segment', {}, '0-40 400 1'],
    ['from where it was compacted to', { cleanedTo: 20 }, '20-40 200 0.5'],
    ['a segment that was compacted in part counts on both sides', { cleanedTo: 25 }, '25-40 200 0.4'],
    ['nothing, when all was', { cleanedTo: 40 }, '40-40 0 0'],
    ['nothing, when that reaches into the active segment', { cleanedTo: 45 }, '45-40 0 0'],
    ['no segment with something that is not stable', { lastStableOffset: 25 }, '0-20 200 1'],
    ['up to a stable offset where a segment begins', { lastStableOffset: 30 }, '0-30 300 1'],
    ['nothing that is stable at all', { lastStableOffset: 5 }, '0-0 0 0'],
    ['not below where it was compacted to', { cleanedTo: 30, lastStableOffset: 12 }, '30-30 0 0'],
    ['from the start of the log', { logStartOffset: 13 }, '13-40 300 0.6'],
    ['from the start, when that moved on', { logStartOffset: 13, cleanedTo: 5 }, '13-40 300 0.6'],
    ['all, when the place is beyond the end', { cleanedTo: 51 }, '0-40 400 1'],
  ] as const)('%s', (_, change, expected) => {
    expect(rangeOf(change)).toBe(expected)
  })

  test('nothing of an empty log', () => {
    expect(rangeOf({ segments: [segment(0, 0)], logEndOffset: 0, lastStableOffset: 0 })).toBe('0-0 0 0')
  })

  test('only segments whose newest record is as old as min.compaction.lag.ms', () => {
    const config = { ...CONFIG, minCompactionLagMs: 1000 }
    const ages = [5000, 1000, 999, 5000, 0]
    const segments = ages.map((age, index) => segment(index * 10, 100, NOW_MS - age))
    expect(rangeOf({ config, segments })).toBe('0-20 200 1')
    expect(rangeOf({ config, segments }, NOW_MS + 1)).toBe('0-40 400 1')
    expect(rangeOf({ config, segments, cleanedTo: 30 })).toBe('30-40 100 0.25')
  })
})

describe('whether it is worth it', () => {
  const isWorth = (change: Partial<DirtyLog>): boolean => {
    const state = log(change)
    return isWorthCleaning(cleanableRange(state, NOW_MS), state.config)
  }

  test('more of it must be dirty than min.cleanable.dirty.ratio', () => {
    expect(isWorth({ cleanedTo: 20 })).toBe(false)
    expect(isWorth({ cleanedTo: 10 })).toBe(true)
    expect(isWorth({ cleanedTo: 20, config: { ...CONFIG, minCleanableDirtyRatio: 0.49 } })).toBe(true)
    expect(isWorth({ cleanedTo: 40, config: { ...CONFIG, minCleanableDirtyRatio: 0 } })).toBe(false)
  })

  test('or its oldest dirty record must wait for longer than max.compaction.lag.ms', () => {
    const config = { ...CONFIG, maxCompactionLagMs: 1000 }
    const aged = (age: number, cleanedTo = 30): Partial<DirtyLog> => ({
      config,
      cleanedTo,
      segments: [5000, 5000, 5000, age, 5000].map((each, index) => segment(index * 10, 100, 0, NOW_MS - each)),
    })
    expect(isWorth(aged(1000))).toBe(false)
    expect(isWorth(aged(1001))).toBe(true)
    expect(isWorth(aged(1001, 40))).toBe(false)
    expect(isWorth({ ...aged(1001), lastStableOffset: 30 })).toBe(false)
  })

  test('no file is looked into where max.compaction.lag.ms is for ever', () => {
    const segments = [0, 10].map(base => ({
      ...segment(base),
      get firstTimestampMs(): number {
        throw new Error('a file was read')
      },
    }))
    expect(isWorth({ segments })).toBe(true)
  })
})

describe('segments that become one', () => {
  const grouped = (sizes: readonly number[], limits: Partial<Parameters<typeof groupSegments>[1]> = {}): string => {
    const segments = sizes.map((size, index) => ({
      baseOffset: index * 1_000_000_000,
      size,
      offsetIndex: { count: size / 10 },
      timeIndex: { count: size / 20 },
    }))
    const all = { segmentBytes: 100, offsetIndexEntries: 100, timeIndexEntries: 100, endOffset: 5_000_000_000 }
    const groups = groupSegments(segments, { ...all, ...limits })
    expect(groups.flat()).toEqual(segments)
    return groups.map(group => group.map(each => each.size).join('+')).join(' ')
  }

  test('are together not larger than a segment', () => {
    expect(grouped([40, 40, 20, 100, 60, 41])).toBe('40+40 20 100 60 41')
    expect(grouped([40, 60, 200, 1], { endOffset: 4_000_000_000 })).toBe('40+60 200 1')
    expect(grouped([])).toBe('')
  })

  test('have together not more index entries', () => {
    expect(grouped([20, 20, 20], { offsetIndexEntries: 4 })).toBe('20+20 20')
    expect(grouped([20, 20, 20], { timeIndexEntries: 1 })).toBe('20 20 20')
  })

  test('hold together only offsets that fit into 31 bits, behind the first one', () => {
    expect(grouped([1, 1, 1, 1, 1])).toBe('1+1 1+1 1')
    expect(grouped([1, 1, 0, 0, 1])).toBe('1+1+0+0 1')
    expect(grouped([1, 1], { endOffset: 2_147_483_648 })).toBe('1+1')
    expect(grouped([1, 1], { endOffset: 2_147_483_649 })).toBe('1 1')
  })
})
