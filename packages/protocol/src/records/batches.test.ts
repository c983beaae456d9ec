import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { BatchBuilder } from './batch-builder.js'
import { batchesIn } from './batches.js'
import { RecordBatch } from './record-batch.js'

function batch(baseOffset: number, ...values: string[]): Buffer {
  const builder = new BatchBuilder()
  for (const value of values) builder.append(0, null, value)
  return builder.close({ baseOffset })
}

describe('the batches of a fetch', () => {
  const bytes = Buffer.concat([batch(0, 'a', 'b'), batch(2, 'c'), batch(3, 'd', 'e', 'f')])
  const sizes = [batch(0, 'a', 'b').length, batch(2, 'c').length, batch(3, 'd', 'e', 'f').length]

  test('come in order, each with its own bytes', () => {
    const batches = [...batchesIn(bytes)]
    expect(batches.map(each => [each.lastOffset, each.nextOffset])).toEqual([
      [1, 2],
      [2, 3],
      [5, 6],
    ])
    expect(batches.map(each => each.bytes.length)).toEqual(sizes)
  })

  test('leave out a tail that was cut anywhere', () => {
    const ends = [sizes[0] ?? 0, (sizes[0] ?? 0) + (sizes[1] ?? 0), bytes.length]
    for (let end = 0; end <= bytes.length; end++) {
      const whole = ends.filter(each => each <= end).length
      expect([...batchesIn(bytes.subarray(0, end))].length).toBe(whole)
    }
  })

  test('are found in a view that does not start at the buffer', () => {
    const shifted = Buffer.concat([Buffer.alloc(13, 0xff), bytes]).subarray(13)
    expect([...batchesIn(shifted)].length).toBe(3)
  })

  test.each([
    ['a length below what a batch can be', 8, 3],
    ['a negative length', 8, -1],
    ['the least length', 8, -2147483648],
  ])('refuse %s', (_, at, length) => {
    const broken = Buffer.from(bytes)
    broken.writeInt32BE(length, at)
    expect(() => [...batchesIn(broken)]).toThrow(ProtocolError)
  })

  test('are refused as a batch of magic 2 when they are of another', () => {
    for (const magic of [0, 1, 3]) {
      const other = Buffer.from(new BatchBuilder().close({ lastOffsetDelta: 0 }))
      other.writeInt8(magic, 16)
      expect(() => new RecordBatch(other)).toThrow(`magic ${magic}`)
    }
  })

  test('refuse a magic that nobody writes', () => {
    for (const magic of [3, 127, -1]) {
      const broken = Buffer.from(bytes)
      broken.writeInt8(magic, 16)
      expect(() => [...batchesIn(broken)]).toThrow('magic')
    }
  })
})
