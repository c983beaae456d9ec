import type { ConsumerRecord } from '@samsa/consumer'
import { describe, expect, test } from 'vitest'
import { Backlog } from './backlog.js'
import { Batch } from './batch.js'

const record = (partition: number, offset: number): ConsumerRecord<unknown, unknown> =>
  ({ topic: 'in', partition, offset: BigInt(offset), leaderEpoch: 3 }) as ConsumerRecord<unknown, unknown>

const places = (batch: Batch | undefined): string | undefined =>
  batch?.records.map(({ partition, offset }) => `${partition}/${offset}`).join(' ')

function backlogOf(...records: readonly ConsumerRecord<unknown, unknown>[]): Backlog {
  const backlog = new Backlog()
  backlog.add(records)
  return backlog
}

describe('a batch', () => {
  test('goes back to the first record of each partition, and on behind the last', () => {
    const batch = new Batch([record(0, 5), record(1, 9), record(1, 12), record(0, 6)])
    expect(batch.stretches).toEqual([
      { topic: 'in', partition: 0, start: 5n, offset: 7n, leaderEpoch: 3 },
      { topic: 'in', partition: 1, start: 9n, offset: 13n, leaderEpoch: 3 },
    ])
  })
})

describe('a backlog', () => {
  test('gives at most so many, in order', () => {
    const backlog = backlogOf(record(0, 0), record(0, 1), record(0, 2))
    expect(places(backlog.take(2))).toBe('0/0 0/1')
    expect(places(backlog.take(2))).toBe('0/2')
    expect(backlog.take(2)).toBeUndefined()
  })

  test('gives the records of a stretch that was isolated alone, and those behind it together', () => {
    const backlog = backlogOf()
    backlog.isolate(new Batch([record(0, 4), record(0, 5)]))
    backlog.add([record(1, 0), record(1, 1), record(0, 4), record(0, 5), record(0, 6), record(0, 7)])
    const taken: (string | undefined)[] = []
    for (let batch = backlog.take(9); batch !== undefined; batch = backlog.take(9)) {
      taken.push(places(batch))
      backlog.done(batch)
    }
    expect(taken).toEqual(['1/0 1/1', '0/4', '0/5', '0/6 0/7'])
  })

  test('drops what comes again, and of a partition that is gone what is known of it too', () => {
    const backlog = backlogOf(record(0, 0), record(1, 0), record(0, 1))
    backlog.isolate(new Batch([record(1, 0), record(1, 1)]))
    backlog.drop([{ topic: 'in', partition: 0 }])
    expect(backlog.size).toBe(1)
    backlog.forget([{ topic: 'in', partition: 1 }])
    expect(backlog.size).toBe(0)
    backlog.add([record(1, 0), record(1, 1)])
    expect(places(backlog.take(9))).toBe('1/0 1/1')
  })
})
