import { describe, expect, test } from 'vitest'
import type { Segment } from '../segment.js'
import { openLog, produce, type TestLog } from '../test-log.js'
import { batchPieces } from './segment-batches.js'

const PIECE_BYTES = 64 * 1024

interface Read {
  readonly pieces: { readonly offsets: number[]; readonly bytes: number }[]
  /** How much was asked for at once, each time. */
  readonly reads: number[]
}

async function read(segment: Segment, bufferBytes: number, from = 0): Promise<Read> {
  const reads: number[] = []
  const watched = new Proxy(segment, {
    get(target, name) {
      if (name === 'read') {
        return (position: number, memory: Buffer) => {
          reads.push(memory.length)
          return target.read(position, memory)
        }
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const pieces: Read['pieces'] = []
  for await (const batches of batchPieces(watched, from, bufferBytes)) {
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0)
    pieces.push({ offsets: batches.map(batch => batch.baseOffset), bytes })
  }
  return { pieces, reads }
}

/** One segment with batches of about so many bytes. */
function segmentOf(sizes: readonly number[]): TestLog & { readonly segment: Segment } {
  const opened = openLog()
  for (const size of sizes) produce(opened.log, ['x'.repeat(size)])
  const [segment] = opened.log.cleaning.segments
  if (segment === undefined) throw new Error('a log has a segment')
  return { ...opened, segment }
}

describe('the batches of a segment', () => {
  const sizes = [10, 70_000, 10, ...Array.from({ length: 300 }, () => 1000), 500_000, 20]

  test.each([1, 61, 100, 5000, 256 * 1024, 10_000_000])(
    'come all, and in order, with a buffer of %i bytes',
    async bufferBytes => {
      const { segment } = segmentOf(sizes)
      const { pieces, reads } = await read(segment, bufferBytes)
      expect(pieces.flatMap(({ offsets }) => offsets)).toEqual(sizes.map((_, index) => index))
      // Not more than the buffer, unless one batch is larger.
      expect(Math.max(...reads)).toBeLessThanOrEqual(Math.max(bufferBytes, 500_200))
      expect(reads.filter(length => length > Math.max(bufferBytes, 1200)).length).toBeLessThan(4)
    },
  )

  test('come in pieces of a bounded size, however large the buffer is', async () => {
    const { segment } = segmentOf(sizes)
    const { pieces } = await read(segment, 10_000_000)
    expect(pieces.length).toBeGreaterThan(5)
    for (const { bytes, offsets } of pieces) {
      if (offsets.length > 1) expect(bytes).toBeLessThan(PIECE_BYTES + 500_200)
      if (!offsets.some(offset => (sizes[offset] ?? 0) > PIECE_BYTES)) expect(bytes).toBeLessThan(PIECE_BYTES + 1200)
    }
  })

  test('come in pieces of few records, however small those are', async () => {
    const opened = openLog()
    for (let batch = 0; batch < 20; batch++)
      produce(
        opened.log,
        Array.from({ length: 500 }, () => ''),
        { compression: 1 },
      )
    const [segment] = opened.log.cleaning.segments
    const { pieces } = segment === undefined ? { pieces: [] } : await read(segment, 10_000_000)
    expect(pieces.map(({ offsets }) => offsets.length)).toEqual([4, 4, 4, 4, 4])
  })

  test('come from the middle on', async () => {
    const { segment } = segmentOf([10, 20, 30])
    const { pieces } = await read(segment, 1000, segment.positionOf(1))
    expect(pieces).toEqual([expect.objectContaining({ offsets: [1, 2] })])
  })

  test('let everything else run between two pieces', async () => {
    const { segment } = segmentOf(Array.from({ length: 300 }, () => 1000))
    let turns = 0
    let isOver = false
    const others = (async () => {
      for (; !isOver; turns++) await new Promise(resolve => setImmediate(resolve))
    })()
    const { pieces } = await read(segment, 1_000_000)
    isOver = true
    await others
    expect(turns).toBeGreaterThanOrEqual(pieces.length)
  })

  test.each([
    ['a changed byte', (bytes: Buffer) => bytes.writeInt8(bytes.readInt8(80) ^ 1, 80)],
    ['a length that is too large', (bytes: Buffer) => bytes.writeInt32BE(1_000_000, 8)],
    ['a length that is too small', (bytes: Buffer) => bytes.writeInt32BE(3, 8)],
    ['an older format', (bytes: Buffer) => bytes.writeInt8(1, 16)],
  ])('that are none any more are not passed over: %s', async (_, damage) => {
    for (const bufferBytes of [10, 100_000]) {
      const { segment } = segmentOf([100, 100])
      const at = segment.positionOf(1)
      const bytes = segment.file.readSync(at, segment.size - at)
      damage(bytes)
      segment.file.writeAt(at, bytes)
      await expect(read(segment, bufferBytes)).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE' })
    }
  })
})
