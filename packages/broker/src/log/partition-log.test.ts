import { batchesIn, endTransactionBatch, RecordBatch } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { BufferPool } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { MemoryFileSystem } from '../storage/memory.js'
import type { ReadResult } from './log-contract.js'
import type { PartitionLog } from './partition-log.js'
import { RecentBatches } from './recent-batches.js'
import { batchOf, DIRECTORY, faulty, NOW_MS, openLog, override, produce, spansOf, valuesOf } from './test-log.js'

const READ = { upTo: 'highWatermark', atLeastOneBatch: true } as const
/** A cache that keeps nothing: every read goes to the file. */
const noCache = (): { recentBatches: RecentBatches } => ({ recentBatches: new RecentBatches(new BufferPool(), 0) })

function endTransaction(log: PartitionLog, producerId: number, isCommit: boolean): void {
  const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 0, isCommit, timestamp: NOW_MS }
  log.append(endTransactionBatch(marker), { leaderEpoch: 0, origin: 'coordinator' })
  log.advanceHighWatermark(log.logEndOffset)
}

function produceInTransaction(log: PartitionLog, producerId: number, sequence: number, values: string[]): number {
  const producer = { producerId, producerEpoch: 0, baseSequence: sequence }
  return produce(log, values, { producer, isTransactional: true })
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
  return 'none'
}

describe('append', () => {
  test('gives offsets and the leader epoch, outside of the checksum, in the bytes that came', () => {
    const { log } = openLog()
    const records = batchOf(['a', 'b', 'c'])
    expect(log.append(records, { leaderEpoch: 4, origin: 'client' })).toEqual({
      baseOffset: 0,
      lastOffset: 2,
      logAppendTimeMs: -1,
      logStartOffset: 0,
      isDuplicate: false,
    })
    const second = log.append(batchOf(['d']), { leaderEpoch: 4, origin: 'client' })
    expect([second.baseOffset, second.lastOffset, log.logEndOffset]).toEqual([3, 3, 4])
    const batch = new RecordBatch(records)
    expect([batch.baseOffset, batch.leaderEpoch, batch.isIntact]).toEqual([0, 4, true])
    expect(log.leaderEpochOf(2)).toBe(4)
  })

  test('is not visible to readers before the high watermark has passed it', () => {
    const { log } = openLog()
    log.append(batchOf(['a']), { leaderEpoch: 0, origin: 'client' })
    expect([log.highWatermark, log.availableBytes(0, 'highWatermark')]).toEqual([0, 0])
    expect(log.read(0, 1000, READ)).toMatchObject({ records: Buffer.alloc(0), highWatermark: 0 })
    log.advanceHighWatermark(1)
    expect(log.availableBytes(0, 'highWatermark')).toBeGreaterThan(0)
  })

  test('a duplicate is answered with the offsets of the first time, also after a restart', async () => {
    const { log, fileSystem, clock } = openLog()
    const producer = { producerId: 9, producerEpoch: 0, baseSequence: 0 }
    const sent = (): Buffer => batchOf(['a', 'b'], { producer })
    produce(log, ['x'])
    log.append(sent(), { leaderEpoch: 0, origin: 'client' })
    const again = log.append(sent(), { leaderEpoch: 0, origin: 'client' })
    expect(again).toMatchObject({ baseOffset: 1, lastOffset: 2, isDuplicate: true })
    expect(log.logEndOffset).toBe(3)
    await log.prepareClose()
    log.close()
    const { log: reopened } = openLog({ fileSystem, clock })
    expect(reopened.append(sent(), { leaderEpoch: 0, origin: 'client' })).toMatchObject({
      baseOffset: 1,
      isDuplicate: true,
    })
  })

  test('the log stamps records where the topic says so', async () => {
    const { log } = openLog({ config: { messageTimestampType: 'LogAppendTime' } })
    const result = log.append(batchOf(['a', 'b'], { timestamp: 5 }), { leaderEpoch: 0, origin: 'client' })
    expect(result.logAppendTimeMs).toBe(NOW_MS)
    const { records } = await log.read(0, 1000, { upTo: 'logEnd', atLeastOneBatch: true })
    const batch = new RecordBatch(records)
    expect([batch.isLogAppendTime, batch.maxTimestamp, batch.isIntact]).toEqual([true, NOW_MS, true])
  })

  test('a replica takes offsets and epochs as the leader gave them', async () => {
    const { log } = openLog()
    const replicated = Buffer.concat([
      batchOf(['a', 'b'], { baseOffset: 0, leaderEpoch: 3 }),
      batchOf(['c'], { baseOffset: 5, leaderEpoch: 6 }),
    ])
    log.append(replicated, { leaderEpoch: 9, origin: 'replication' })
    expect(await valuesOf(log)).toEqual(['0=a', '1=b', '5=c'])
    expect(log.epochEndOffset(3)).toEqual({ epoch: 3, endOffset: 5 })
    const earlier = batchOf(['d'], { baseOffset: 4 })
    expect(codeOf(() => log.append(earlier, { leaderEpoch: 9, origin: 'replication' }))).toBe('OFFSET_OUT_OF_RANGE')
  })
})

describe.each([
  { title: 'from recent batches', options: () => ({}) },
  { title: 'from files', options: noCache },
])('read $title', ({ options }) => {
  test('gives whole batches within the limit, from the one that holds the offset', async () => {
    const { log } = openLog(options())
    for (const values of [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ])
      produce(log, values)
    const size = batchOf(['a', 'b']).length
    const read = async (offset: number, maxBytes: number, atLeastOneBatch = true): Promise<string[]> =>
      spansOf((await log.read(offset, maxBytes, { upTo: 'highWatermark', atLeastOneBatch })).records)
    expect(await read(0, 10_000)).toEqual(['0-1', '2-3', '4-5'])
    expect(await read(3, 10_000)).toEqual(['2-3', '4-5'])
    expect(await read(2, size * 2 - 1)).toEqual(['2-3'])
    expect(await read(2, 1)).toEqual(['2-3'])
    expect(await read(2, 1, false)).toEqual([])
    expect(await read(2, size, false)).toEqual(['2-3'])
    expect(await read(6, 10_000)).toEqual([])
  })

  test('outside of the log is refused', () => {
    const { log } = openLog(options())
    produce(log, ['a', 'b'])
    expect(codeOf(() => log.read(3, 100, READ))).toBe('OFFSET_OUT_OF_RANGE')
    expect(codeOf(() => log.read(-1, 100, READ))).toBe('OFFSET_OUT_OF_RANGE')
  })

  test('up to the last stable offset leaves open transactions out and tells the aborted ones', async () => {
    const { log } = openLog(options())
    produce(log, ['a'])
    produceInTransaction(log, 1, 0, ['b'])
    produceInTransaction(log, 2, 0, ['c'])
    expect(log.lastStableOffset).toBe(1)
    endTransaction(log, 1, false)
    expect(log.lastStableOffset).toBe(2)
    const read = async (offset: number): Promise<ReadResult> =>
      log.read(offset, 10_000, { upTo: 'lastStableOffset', atLeastOneBatch: true })
    expect(spansOf((await read(0)).records)).toEqual(['0-0', '1-1'])
    expect((await read(0)).abortedTransactions).toMatchObject([{ producerId: 1, firstOffset: 1 }])
    endTransaction(log, 2, true)
    expect(log.lastStableOffset).toBe(5)
    expect(spansOf((await read(0)).records)).toEqual(['0-0', '1-1', '2-2', '3-3', '4-4'])
    expect((await read(4)).abortedTransactions).toEqual([])
  })

  test('goes on in the next segment', async () => {
    const { log } = openLog({ ...options(), config: { segmentBytes: 200 } })
    for (let index = 0; index < 20; index++) produce(log, [`value ${index}`])
    expect(log.segmentCount).toBeGreaterThan(5)
    expect(await valuesOf(log)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}=value ${index}`))
  })

  test('one batch that is larger than a piece of the file is read whole', async () => {
    const { log } = openLog(options())
    produce(log, ['small'])
    produce(log, ['x'.repeat(300_000)])
    const { records } = await log.read(1, 1, READ)
    expect(spansOf(records)).toEqual(['1-1'])
    for (const batch of batchesIn(records)) batch.checkCrc()
  })
})

test('a read that was under way when the log was cut sees nothing of what is gone', async () => {
  const { log } = openLog(noCache())
  produce(log, ['a'])
  produce(log, ['gone'])
  const reading = log.read(0, 10_000, { upTo: 'logEnd', atLeastOneBatch: true })
  log.truncateTo(1)
  produce(log, ['new'])
  expect(spansOf((await reading).records)).toEqual(['0-0', '1-1'])
  expect(await valuesOf(log)).toEqual(['0=a', '1=new'])
})

test('a read that was under way when its segment was removed still ends', async () => {
  const { log, clock } = openLog({ ...noCache(), config: { segmentBytes: 200, fileDeleteDelayMs: 0 } })
  for (let index = 0; index < 6; index++) produce(log, [`value ${index}`])
  const reading = expect(log.read(0, 10_000, READ)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
  log.deleteRecordsBefore(6)
  log.applyRetention()
  await clock.advance({ seconds: 1 })
  await reading
})

describe('timestamps', () => {
  const minute = 60_000

  test('the first record that is not earlier is found, in whichever segment it is', () => {
    const { log } = openLog({ config: { segmentBytes: 400, indexIntervalBytes: 100 } })
    for (let index = 0; index < 30; index++) {
      produce(log, ['a', 'b'], { timestamp: NOW_MS - 100 * minute + index * minute })
    }
    expect(log.segmentCount).toBeGreaterThan(5)
    for (let index = 0; index < 30; index++) {
      const timestamp = NOW_MS - 100 * minute + index * minute
      expect(log.offsetForTimestamp(timestamp - 5, 'highWatermark')).toEqual({
        offset: index * 2,
        timestamp,
        leaderEpoch: 0,
      })
      expect(log.offsetForTimestamp(timestamp + 1, 'highWatermark')).toMatchObject({ offset: index * 2 + 1 })
    }
    expect(log.offsetForTimestamp(NOW_MS, 'highWatermark')).toBeUndefined()
    expect(log.maxTimestamp()).toEqual({ offset: 59, timestamp: NOW_MS - 71 * minute + 1, leaderEpoch: 0 })
  })

  test('records below the start and above the bound are not found', () => {
    const { log } = openLog()
    produce(log, ['a', 'b'])
    log.append(batchOf(['c'], { timestamp: NOW_MS + 50 }), { leaderEpoch: 0, origin: 'client' })
    log.deleteRecordsBefore(1)
    expect(log.offsetForTimestamp(0, 'highWatermark')).toMatchObject({ offset: 1 })
    expect(log.offsetForTimestamp(NOW_MS + 50, 'highWatermark')).toBeUndefined()
    expect(log.offsetForTimestamp(NOW_MS + 50, 'logEnd')).toMatchObject({ offset: 2 })
  })
})

describe('roll', () => {
  const cases: { title: string; config: object; timestamps: number[]; segments: number }[] = [
    { title: 'by size', config: { segmentBytes: 100 }, timestamps: [0, 0, 0], segments: 3 },
    {
      title: 'by the time between first and newest record',
      config: { segmentMs: 1000 },
      timestamps: [0, 1000, 1001, 2002, 2003],
      segments: 3,
    },
    {
      title: 'when the index is full',
      config: { indexIntervalBytes: 0, segmentIndexBytes: 40 },
      timestamps: [1, 2, 3, 4],
      segments: 2,
    },
  ]
  test.each(cases)('$title', ({ config, timestamps, segments }) => {
    const { log } = openLog({ config })
    for (const timestamp of timestamps) produce(log, ['v'], { timestamp: NOW_MS - 10_000 + timestamp })
    expect(log.segmentCount).toBe(segments)
  })

  test('when offsets do not fit into the index any more', async () => {
    const { log } = openLog()
    log.append(batchOf(['a'], { baseOffset: 10 }), { leaderEpoch: 0, origin: 'replication' })
    log.append(batchOf(['b'], { baseOffset: 2 ** 31 - 1 }), { leaderEpoch: 0, origin: 'replication' })
    expect(log.segmentCount).toBe(1)
    log.append(batchOf(['c'], { baseOffset: 2 ** 31 }), { leaderEpoch: 0, origin: 'replication' })
    expect(log.segmentCount).toBe(2)
    expect(await valuesOf(log, 5)).toEqual(['10=a', '2147483647=b', '2147483648=c'])
  })

  test('jitter spreads the time, the same for the same seed', () => {
    const rolledAt = (seed: number): number => {
      const config = { segmentMs: 1000, segmentJitterMs: 900 }
      const { log } = openLog({ config, random: new SeededRandom(seed) })
      for (let step = 0; ; step += 10) {
        produce(log, ['v'], { timestamp: NOW_MS - 10_000 + step })
        if (log.segmentCount > 1) return step
      }
    }
    const times = [1, 2, 3, 4].map(rolledAt)
    expect(times).toEqual([1, 2, 3, 4].map(rolledAt))
    expect(new Set(times).size).toBeGreaterThan(1)
    expect(Math.max(...times)).toBeLessThanOrEqual(1010)
  })
})

describe('retention', () => {
  test('by time removes old segments, the active one too when it is old, and the log goes on at its end', async () => {
    const { log, clock, fileSystem } = openLog({ config: { segmentBytes: 100, retentionMs: 10_000 } })
    for (let index = 0; index < 4; index++) produce(log, ['v'], { timestamp: NOW_MS + index * 5000 })
    expect(log.segmentCount).toBe(4)
    expect(log.applyRetention()).toBe(0)
    await clock.advance({ ms: 15_001 })
    expect(log.applyRetention()).toBe(2)
    expect(log.logStartOffset).toBe(2)
    await clock.advance({ ms: 60_000 })
    expect(log.applyRetention()).toBe(2)
    expect([log.logStartOffset, log.logEndOffset, log.segmentCount, log.sizeBytes]).toEqual([4, 4, 1, 0])
    expect(log.applyRetention()).toBe(0)
    expect(produce(log, ['v'])).toBe(4)
    await clock.advance({ ms: 60_000 })
    const logs = fileSystem.list(DIRECTORY).filter(name => name.includes('.log'))
    expect(logs).toEqual(['00000000000000000004.log'])
  })

  test('files go under another name first and are removed later', async () => {
    const { log, clock, fileSystem } = openLog({ config: { segmentBytes: 100, retentionBytes: 200 } })
    for (let index = 0; index < 4; index++) produce(log, ['v'])
    expect(log.applyRetention()).toBeGreaterThan(0)
    expect(fileSystem.exists(`${DIRECTORY}/00000000000000000000.log.deleted`)).toBe(true)
    await clock.advance({ ms: 59_999 })
    expect(fileSystem.exists(`${DIRECTORY}/00000000000000000000.log.deleted`)).toBe(true)
    await clock.advance({ ms: 1 })
    expect(fileSystem.list(DIRECTORY).filter(name => name.endsWith('.deleted'))).toEqual([])
  })

  test('never passes the high watermark', () => {
    const { log } = openLog({ config: { segmentBytes: 100, retentionBytes: 0 } })
    produce(log, ['v'])
    for (let index = 0; index < 3; index++) log.append(batchOf(['w']), { leaderEpoch: 0, origin: 'client' })
    expect(log.applyRetention()).toBe(1)
    expect(log.logStartOffset).toBe(1)
  })

  test('deleted records are below the start at once, their segments go even where the policy is to compact', async () => {
    const cleanupPolicy = { delete: false, compact: true }
    const { log } = openLog({ config: { segmentBytes: 100, cleanupPolicy } })
    for (let index = 0; index < 4; index++) produce(log, ['v'])
    let advances = 0
    log.onAdvance(() => advances++)
    log.deleteRecordsBefore(3)
    expect(advances).toBe(1)
    expect(log.logStartOffset).toBe(3)
    expect(codeOf(() => log.read(2, 100, READ))).toBe('OFFSET_OUT_OF_RANGE')
    expect(log.applyRetention()).toBe(3)
    expect(await valuesOf(log)).toEqual(['3=v'])
    expect(codeOf(() => log.deleteRecordsBefore(5))).toBe('OFFSET_OUT_OF_RANGE')
    log.deleteRecordsBefore(1)
    expect(log.logStartOffset).toBe(3)
  })
})

describe('truncation', () => {
  test.each([9, 7, 6, 4, 3, 1, 0])('to %i leaves what is below, and what it says of producers', async offset => {
    const { log, fileSystem, clock } = openLog({ config: { segmentBytes: 300, indexIntervalBytes: 50 } })
    for (let index = 0; index < 10; index++) {
      log.assignLeaderEpoch(Math.floor(index / 3))
      const producer = { producerId: 1, producerEpoch: 0, baseSequence: index }
      log.append(batchOf([`v${index}`], { producer }), { leaderEpoch: Math.floor(index / 3), origin: 'client' })
    }
    log.truncateTo(offset)
    const left = Array.from({ length: offset }, (_, index) => `${index}=v${index}`)
    expect(await valuesOf(log)).toEqual(left)
    expect(log.producers.states().map(({ lastSequence }) => lastSequence)).toEqual(offset === 0 ? [] : [offset - 1])
    expect(log.latestLeaderEpoch).toBe(offset === 0 ? -1 : Math.floor((offset - 1) / 3))
    produce(log, ['next'])
    const { log: reopened } = openLog({ fileSystem, clock, isCleanStop: false })
    expect(await valuesOf(reopened)).toEqual([...left, `${offset}=next`])
  })
})

describe('a disk that fails', () => {
  test('on append leaves nothing of the batch, and the log goes on when it works again', async () => {
    let isBroken = false
    const fileSystem = faulty(new MemoryFileSystem(), operation => isBroken && operation === 'append')
    const { log } = openLog({ fileSystem })
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: 0 }
    produce(log, ['a'])
    isBroken = true
    expect(codeOf(() => produce(log, ['b'], { producer }))).toBe('KAFKA_STORAGE_ERROR')
    expect([log.logEndOffset, log.offline, log.producers.states()]).toEqual([1, undefined, []])
    isBroken = false
    expect(produce(log, ['c'], { producer })).toBe(1)
    expect(await valuesOf(log)).toEqual(['0=a', '1=c'])
  })

  test('when a segment is to begin leaves the log in the one before', async () => {
    let isBroken = false
    const fileSystem = faulty(new MemoryFileSystem(), operation => isBroken && operation === 'create')
    const { log } = openLog({ fileSystem, config: { segmentBytes: 100 } })
    produce(log, ['a'])
    isBroken = true
    expect(codeOf(() => produce(log, ['b']))).toBe('KAFKA_STORAGE_ERROR')
    expect([log.logEndOffset, log.segmentCount, log.offline]).toEqual([1, 1, undefined])
    isBroken = false
    expect(produce(log, ['c'])).toBe(1)
    expect(await valuesOf(log)).toEqual(['0=a', '1=c'])
  })

  test('and leaves an unknown part of a batch behind takes the log offline', () => {
    const inner = new MemoryFileSystem()
    let isBroken = false
    const fileSystem = override<MemoryFileSystem>(inner, {
      open(path, options) {
        const handle = inner.open(path, options)
        return override(handle, {
          append(chunks) {
            if (isBroken) handle.append([Buffer.alloc(7)])
            if (isBroken) throw inner.open('/missing')
            handle.append(chunks)
          },
        })
      },
    })
    const errors: Error[] = []
    const { log } = openLog({ fileSystem, onStorageError: error => errors.push(error) })
    produce(log, ['a'])
    isBroken = true
    expect(codeOf(() => produce(log, ['b']))).toBe('KAFKA_STORAGE_ERROR')
    expect([log.offline, errors.length]).toEqual([errors[0], 1])
    isBroken = false
    expect(codeOf(() => produce(log, ['c']))).toBe('KAFKA_STORAGE_ERROR')
    expect(codeOf(() => log.read(0, 100, READ))).toBe('KAFKA_STORAGE_ERROR')
  })

  test('on sync takes the log offline, since what is on disk is not known any more', async () => {
    const fileSystem = faulty(
      new MemoryFileSystem(),
      (operation, path) => operation === 'sync' && path.endsWith('.log'),
    )
    const { log } = openLog({ fileSystem })
    produce(log, ['a'])
    await expect(log.flush()).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' })
    expect([log.recoveryPoint, log.offline?.code]).toEqual([0, 'KAFKA_STORAGE_ERROR'])
  })
})

test('flush moves the recovery point to what was there when it was called', async () => {
  const { log } = openLog()
  produce(log, ['a'])
  const flushing = log.flush()
  produce(log, ['b'])
  await flushing
  expect(log.recoveryPoint).toBeGreaterThanOrEqual(1)
  await log.flush()
  expect(log.recoveryPoint).toBe(2)
})

test('listeners hear of the high watermark, of the end of a transaction, and no more after they left', () => {
  const { log } = openLog()
  let calls = 0
  const leave = log.onAdvance(() => calls++)
  produce(log, ['a'])
  expect(calls).toBe(1)
  log.advanceHighWatermark(1)
  expect(calls).toBe(1)
  produceInTransaction(log, 1, 0, ['b'])
  endTransaction(log, 1, true)
  expect(calls).toBe(3)
  leave()
  produce(log, ['c'])
  expect(calls).toBe(3)
})
