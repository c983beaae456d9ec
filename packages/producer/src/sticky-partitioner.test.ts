import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { type PartitionLoad, StickyPartitioner } from './sticky-partitioner.js'

const BATCH = 1000

function partitioner(isAdaptive = true): StickyPartitioner {
  return new StickyPartitioner({ random: new SeededRandom(7), batchSize: BATCH, isAdaptive })
}

function loads(...depths: readonly (number | 'no leader' | 'stalled')[]): () => PartitionLoad[] {
  return () =>
    depths.map(depth => ({
      hasLeader: depth !== 'no leader',
      isStalled: depth === 'stalled',
      depth: typeof depth === 'number' ? depth : 0,
    }))
}

/** How often each partition is chosen in 8,000 choices. */
function counts(sticky: StickyPartitioner, load: () => readonly PartitionLoad[]): number[] {
  const found = load().map(() => 0)
  for (let round = 0; round < 8000; round++) {
    const partition = sticky.partition(found.length, load)
    found[partition] = (found[partition] ?? 0) + 1
    sticky.appended(2 * BATCH, true)
  }
  return found
}

describe('records without a key', () => {
  test('stay on a partition until a batch is full there', () => {
    const sticky = partitioner()
    const first = sticky.partition(6, loads(0, 0, 0, 0, 0, 0))
    sticky.appended(BATCH - 1, true)
    expect(sticky.partition(6, loads())).toBe(first)
    // It is about to be full, and yet takes more: the next partition comes when it is done.
    sticky.appended(1, false)
    expect(sticky.partition(6, loads())).toBe(first)
    const next = new Set<number>()
    for (let round = 0; round < 50; round++) {
      sticky.appended(BATCH, true)
      next.add(sticky.partition(6, loads(0, 0, 0, 0, 0, 0)))
    }
    expect(next.size).toBe(6)
  })

  test('leave it at twice that, however small its batches are sent', () => {
    const sticky = partitioner()
    const first = sticky.partition(2, loads(0, 0))
    const seen = new Set([first])
    for (let round = 0; round < 40; round++) {
      sticky.appended(BATCH, false)
      sticky.appended(BATCH, false)
      seen.add(sticky.partition(2, loads(0, 0)))
    }
    expect(seen.size).toBe(2)
  })

  test('go rather where few batches wait: with 0, 3 and 1 of them, in the ratio 4 to 1 to 3', () => {
    const [idle = 0, busy = 0, middle = 0] = counts(partitioner(), loads(0, 3, 1))
    expect(idle / busy).toBeGreaterThan(3.4)
    expect(idle / busy).toBeLessThan(4.6)
    expect(middle / busy).toBeGreaterThan(2.5)
    expect(middle / busy).toBeLessThan(3.5)
  })

  test('are spread alike where that is turned off, or where all are alike', () => {
    for (const found of [counts(partitioner(false), loads(0, 3, 1)), counts(partitioner(), loads(2, 2, 2))]) {
      for (const count of found) expect(Math.abs(count - 8000 / 3)).toBeLessThan(250)
    }
  })

  test('avoid what has no leader or takes nothing, unless there is nothing else', () => {
    expect(counts(partitioner(), loads('no leader', 0, 'stalled', 0)).map(count => count > 0)).toEqual([
      false,
      true,
      false,
      true,
    ])
    expect(counts(partitioner(), loads('no leader', 'no leader')).every(count => count > 3000)).toBe(true)
  })

  test('choose again when the topic has become smaller', () => {
    const sticky = partitioner()
    const four = loads(0, 0, 0, 0)
    let partition = sticky.partition(4, four)
    while (partition < 2) {
      sticky.appended(2 * BATCH, true)
      partition = sticky.partition(4, four)
    }
    expect(sticky.partition(2, loads(0, 0))).toBeLessThan(2)
  })
})
