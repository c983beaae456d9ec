import { batchesIn, RecordBatch } from '@samsa/protocol'
import { type ManualClock, SeededRandom, silentLogger } from '@samsa/runtime'
import { BufferPool } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../../storage/file-system.js'
import { MemoryFileSystem } from '../../storage/memory.js'
import { LogManager } from '../log-manager.js'
import { RecentBatches } from '../recent-batches.js'

import { CONFIG, copyFiles, DIRECTORY, NOW_MS, override, TOPIC_ID } from '../test-log.js'

import {
  COMPACTED,
  cleanerOf,
  compact,
  contentOf,
  endTransaction,
  fill,
  names,
  openCompacted,
  producerOf,
  put,
  putBy,
  SETTINGS,
  textOf,
} from './test-cleaning.js'

const FILLED = [
  ...Array.from({ length: 9 }, (_, index) => `${2 * index}-${2 * index + 1} b${index}@${2 * index + 1}=${index}`),
  '18-19 a@18=9 b9@19=9',
  '20-20 z@20=1',
]

describe('a compacted log', () => {
  test('keeps the last record of each key, at its offset', async () => {
    const { log, clock } = openCompacted()
    fill(log)
    expect(await compact(log, clock)).toBe(1)
    expect(await contentOf(log)).toEqual(FILLED)
    expect([log.logStartOffset, log.logEndOffset, log.highWatermark, log.segmentCount]).toEqual([0, 21, 21, 2])
    expect(log.cleaning.cleanedTo).toBe(20)
    expect(await compact(log, clock)).toBe(0)
  })

  test('is read at every offset, also where there is none any more', async () => {
    const { log, clock } = openCompacted()
    for (let index = 0; index < 30; index++) {
      put(log, 'a=1')
      if (index % 7 === 0) put(log, `b${index}=1`)
      if (index % 5 === 0) log.roll()
    }
    await compact(log, clock)
    const all = await contentOf(log)
    expect(all.length).toBeLessThan(20)
    for (let offset = 0; offset < log.logEndOffset; offset++) {
      const from = all.filter(batch => Number(/-(\d+)/.exec(batch)?.[1]) >= offset)
      expect(await contentOf(log, offset)).toEqual(from)
    }
  })

  test('gets on with what is new, and with what the pass before left', async () => {
    const { log, clock } = openCompacted()
    fill(log)
    await compact(log, clock)
    put(log, 'b3=new a=new')
    log.roll()
    put(log, 'y=1')
    await compact(log, clock)
    const content = await contentOf(log)
    expect(content).not.toContainEqual(expect.stringContaining(' b3@7'))
    expect(content.filter(batch => batch.includes(' a@'))).toEqual(['21-22 b3@21=new a@22=new'])
    expect(content).toHaveLength(12)
  })

  test('loses records without a key that it had before it was compacted', async () => {
    const { log, clock } = openCompacted()
    log.updateConfig({ ...log.config, cleanupPolicy: { delete: true, compact: false } })
    put(log, '=1 a=2 =3')
    log.updateConfig({ ...log.config, cleanupPolicy: { delete: false, compact: true } })
    expect(() => put(log, '=4')).toThrow('cannot be taken')
    log.roll()
    put(log, 'b=1')
    await compact(log, clock)
    expect(await contentOf(log)).toEqual(['0-2 a@1=2', '3-3 b@3=1'])
  })

  test('keeps a tombstone for delete.retention.ms after the first pass that sees it', async () => {
    const { log, clock } = openCompacted({ config: { deleteRetentionMs: 5000 } })
    const round = async (): Promise<string[]> => {
      put(log, 'x=1')
      log.roll()
      await compact(log, clock)
      return (await contentOf(log)).filter(batch => batch.includes(' a@'))
    }
    put(log, 'a=1 c=1')
    log.roll()
    put(log, 'a c=2')
    await clock.advance(60_000)
    expect(await round()).toEqual([`2-3 horizon=${NOW_MS + 65_000} a@2 c@3=2`])
    await clock.advance(4999)
    expect(await round()).toEqual([`2-3 horizon=${NOW_MS + 65_000} a@2 c@3=2`])
    await clock.advance(1)
    expect(await round()).toEqual([])
    expect(await contentOf(log)).toContain(`2-3 horizon=${NOW_MS + 65_000} c@3=2`)
  })

  test('is also searched by time and by epoch', async () => {
    const { log, clock } = openCompacted()
    for (let index = 0; index < 10; index++) {
      put(log, `a=${index} b${index % 3}=1`, { timestamp: NOW_MS + index * 1000 })
      log.roll()
      if (index === 4) log.assignLeaderEpoch(3)
    }
    put(log, 'z=1', { timestamp: NOW_MS + 60_000 })
    const epochs = [0, 1, 3].map(epoch => log.epochEndOffset(epoch))
    await compact(log, clock)
    expect(await contentOf(log)).toHaveLength(4)
    expect(log.offsetForTimestamp(NOW_MS, 'logEnd')).toEqual({ offset: 15, timestamp: NOW_MS + 7001, leaderEpoch: 0 })
    expect(log.offsetForTimestamp(NOW_MS + 8000, 'logEnd')?.offset).toBe(17)
    expect(log.offsetForTimestamp(NOW_MS + 9001, 'logEnd')?.offset).toBe(19)
    expect(log.offsetForTimestamp(NOW_MS + 9002, 'logEnd')?.offset).toBe(20)
    expect(log.maxTimestamp()?.offset).toBe(20)
    expect([0, 1, 3].map(epoch => log.epochEndOffset(epoch))).toEqual(epochs)
  })

  test('is the same after a restart of any kind, with what its producers wrote last', async () => {
    const { log, clock, fileSystem } = openCompacted()
    const producers = [producerOf(1), producerOf(2)]
    for (let index = 0; index < 20; index++) {
      for (const producer of producers) putBy(log, producer, `a=${index} b=${index}`)
      if (index % 4 === 0) log.roll()
    }
    await clock.advance(1)
    log.roll()
    put(log, 'a=last b=last')
    log.roll()
    put(log, 'c=1')
    await compact(log, clock)
    const content = await contentOf(log)
    expect(content).toEqual(['76-77 p1:0/38', '78-79 p2:0/38', '80-81 a@80=last b@81=last', '82-82 c@82=1'])
    const states = log.producers.states()
    for (const isCleanStop of [true, false]) {
      const copy = copyFiles(fileSystem)
      if (isCleanStop) {
        await log.prepareClose()
        log.close()
      }
      const snapshots = names(copy).filter(name => name.endsWith('.snapshot'))
      for (const without of isCleanStop ? [[]] : [[], snapshots]) {
        for (const name of without) copy.remove(`${DIRECTORY}/${name}`)
        const again = openCompacted({ fileSystem: isCleanStop ? fileSystem : copy, clock, isCleanStop }).log
        expect(await contentOf(again)).toEqual(content)
        expect(again.producers.states()).toEqual(states)
        expect(again.logEndOffset).toBe(83)
        expect(() => putBy(again, { ...producerOf(1), nextSequence: 41 }, 'x=1')).toThrow('where 40 is next')
        again.discard()
      }
    }
  })

  test('drops what was aborted at once, and the marker later', async () => {
    const { log, clock } = openCompacted({ config: { deleteRetentionMs: 1000 } })
    const producer = producerOf(7)
    put(log, 'a=0')
    putBy(log, producer, 'a=1 b=1', { isTransactional: true })
    endTransaction(log, producer, false, NOW_MS)
    putBy(log, producer, 'c=1', { isTransactional: true })
    endTransaction(log, producer, true, NOW_MS)
    const kept: string[][] = []
    for (let round = 0; round < 4; round++) {
      log.roll()
      put(log, `z=${round}`)
      await compact(log, clock)
      kept.push((await contentOf(log)).filter(batch => !batch.includes('z@')))
      await clock.advance(1000)
    }
    const [committed, commit] = ['4-4 p7:0/2 txn c@4=1', '5-5 p7:0/-1 marker @5']
    expect(kept).toEqual([
      ['0-0 a@0=0', '3-3 p7:0/-1 marker @3', committed, commit],
      ['0-0 a@0=0', `3-3 p7:0/-1 marker horizon=${NOW_MS + 2000} @3`, committed, commit],
      ['0-0 a@0=0', committed, commit],
      ['0-0 a@0=0', committed, commit],
    ])
  })

  test('never gives readers what was aborted, from memory either', async () => {
    const { log, clock } = openCompacted({ config: { deleteRetentionMs: 0 } })
    const producer = producerOf(7)
    putBy(log, producer, 'a=1', { isTransactional: true })
    endTransaction(log, producer, false, NOW_MS)
    putBy(log, producer, 'b=1', { isTransactional: true })
    endTransaction(log, producer, true, NOW_MS)
    const isTold: boolean[] = []
    for (let round = 0; round < 3; round++) {
      const options = { upTo: 'lastStableOffset', atLeastOneBatch: true } as const
      const { records, abortedTransactions } = await log.read(0, 10_000, options)
      const hasAborted = Array.from(batchesIn(records), each => textOf(new RecordBatch(each.bytes))).includes(
        '0-0 p7:0/0 txn a@0=1',
      )
      isTold.push(abortedTransactions?.length === 1)
      expect(hasAborted && !isTold.at(-1), `round ${round}`).toBe(false)
      log.roll()
      put(log, `z=${round}`)
      await compact(log, clock)
    }
    expect(isTold).toEqual([true, true, false])
  })

  test('is not compacted beyond an open transaction', async () => {
    const { log, clock } = openCompacted()
    fill(log)
    const producer = producerOf(7)
    putBy(log, producer, 'a=open', { isTransactional: true })
    log.roll()
    put(log, 'a=after')
    log.roll()
    put(log, 'y=1')
    await compact(log, clock)
    expect(log.cleaning.cleanedTo).toBe(20)
    endTransaction(log, producer, true, NOW_MS)
    await compact(log, clock)
    expect(log.cleaning.cleanedTo).toBe(23)
    expect((await contentOf(log)).filter(batch => batch.includes(' a@'))).toEqual(['22-22 a@22=after'])
  })

  test('that is retained as well loses old segments, compacted or not', async () => {
    const { log, clock } = openCompacted({
      config: { cleanupPolicy: { delete: true, compact: true }, retentionMs: 9000 },
    })
    fill(log)
    await compact(log, clock)
    await clock.advance(5000)
    put(log, 'late=1', { timestamp: NOW_MS + 5000 })
    expect(log.applyRetention()).toBe(0)
    await clock.advance(5000)
    expect(log.applyRetention()).toBe(1)
    expect(await contentOf(log)).toEqual(['20-20 z@20=1', '21-21 late@21=1'])
    log.deleteRecordsBefore(21)
    log.roll()
    put(log, 'z=2')
    await compact(log, clock)
    expect([log.logStartOffset, log.cleaning.cleanedTo]).toEqual([21, 22])
    expect(await contentOf(log)).toEqual(['21-21 late@21=1', '22-22 z@22=2'])
  })

  test('rolls early enough for max.compaction.lag.ms', async () => {
    const { log, clock } = openCompacted({ config: { maxCompactionLagMs: 1000, minCleanableDirtyRatio: 0.9 } })
    fill(log)
    await compact(log, clock)
    put(log, 'a=1', { timestamp: NOW_MS + 1000 })
    expect(log.segmentCount).toBe(2)
    put(log, 'a=2', { timestamp: NOW_MS + 1001 })
    expect(log.segmentCount).toBe(3)
    expect(await compact(log, clock)).toBe(0)
    await clock.advance(1001)
    expect(await compact(log, clock)).toBe(1)
  })

  test('is compacted in several passes when the keys are more than fit into memory', async () => {
    const { log, clock } = openCompacted()
    fill(log)
    expect(await compact(log, clock, { dedupeBufferBytes: 5 * 24, dedupeLoadFactor: 0.8 })).toBeGreaterThan(3)
    expect(await contentOf(log)).toEqual(FILLED)
  })

  test('is compacted with a buffer that is smaller than its batches', async () => {
    const { log, clock } = openCompacted()
    fill(log)
    expect(await compact(log, clock, { ioBufferBytes: 2 })).toBe(1)
    expect(await contentOf(log)).toEqual(FILLED)
  })
})

describe('files', () => {
  test('nothing of the old segments is left after the delay, and no snapshot that belonged to them', async () => {
    const { log, clock, fileSystem } = openCompacted({ config: { fileDeleteDelayMs: 1000 } })
    fill(log)
    await compact(log, clock)
    const stems = (): string[] => [...new Set(names(fileSystem).map(name => name.replace(/^0+(?=\d)/, '')))]
    expect(stems().filter(name => name.endsWith('.log.deleted'))).toHaveLength(10)
    await clock.advance(1000)
    expect(stems()).toEqual([
      ...['0.index', '0.log', '0.timeindex', '20.log', '20.snapshot'],
      ...['leader-epoch-checkpoint', 'partition.metadata'],
    ])
  })

  /** Holds up the first read of a file from now on, until it is told to go on. */
  function holding(inner: FileSystem): { fileSystem: FileSystem; hold: () => Promise<() => void> } {
    let held: ((resume: () => void) => void) | undefined
    const fileSystem = override<FileSystem>(inner, {
      open(path, options) {
        const handle = inner.open(path, options)
        return override(handle, {
          async read(position, length) {
            const tell = held
            held = undefined
            const bytes = await handle.read(position, length)
            if (tell !== undefined) await new Promise<void>(resolve => tell(resolve))
            return bytes
          },
        })
      },
    })
    const hold = (): Promise<() => void> =>
      new Promise(resolve => {
        held = resolve
      })
    return { fileSystem, hold }
  }

  test('a reader that began before is given what is there now', async () => {
    const { fileSystem, hold } = holding(new MemoryFileSystem())
    const { log, clock } = openCompacted({ fileSystem, recentBatches: new RecentBatches(new BufferPool(), 0) })
    const producer = producerOf(7)
    putBy(log, producer, 'a=1 b=1', { isTransactional: true })
    endTransaction(log, producer, false, NOW_MS)
    putBy(log, producer, 'c=1')
    log.roll()
    put(log, 'd=1')
    const held = hold()
    const reading = Promise.resolve(log.read(0, 10_000, { upTo: 'lastStableOffset', atLeastOneBatch: true }))
    const resume = await held
    for (let pass = 0; pass < 2; pass++) {
      await compact(log, clock)
      log.roll()
      put(log, 'd=2')
    }
    resume()
    const { records, abortedTransactions } = await reading
    const batches = Array.from(batchesIn(records), each => textOf(new RecordBatch(each.bytes)))
    expect([batches[0], abortedTransactions]).toEqual([expect.stringMatching(/^2-2 p7:0\/-1 marker/), []])
  })

  test('a reader that finds its file gone begins anew', async () => {
    const { fileSystem, hold } = holding(new MemoryFileSystem())
    const config = { fileDeleteDelayMs: 0 }
    const { log, clock } = openCompacted({ fileSystem, recentBatches: new RecentBatches(new BufferPool(), 0), config })
    // Too large for what is read at first, so that the file is needed twice.
    put(log, `a=${'x'.repeat(20_000)} b=1`)
    put(log, 'b=2')
    log.roll()
    put(log, 'c=1')
    const held = hold()
    const reading = Promise.resolve(log.read(0, 1, { upTo: 'logEnd', atLeastOneBatch: true }))
    const resume = await held
    await compact(log, clock)
    await clock.advance(1)
    resume()
    const { lastOffset, recordCount } = new RecordBatch((await reading).records)
    expect([lastOffset, recordCount]).toEqual([1, 1])
  })

  test('batches that are appended meanwhile are all there', async () => {
    const { log, clock } = openCompacted()
    fill(log)
    const { cleaner } = cleanerOf([log], clock, { ioBufferBytes: 2 })
    const running = cleaner.run()
    let isOver = false
    void running.then(() => {
      isOver = true
    })
    let appended = 0
    while (!isOver && appended < 200) {
      put(log, `new${appended}=1`)
      if (++appended % 3 === 0) log.roll()
      await new Promise(resolve => setImmediate(resolve))
    }
    await running
    expect(appended).toBeGreaterThan(10)
    const content = (await contentOf(log)).join(' ')
    for (let index = 0; index < appended; index++) expect(content).toContain(` new${index}@`)
  })
})

describe('the cleaner of a broker', () => {
  async function openManager(fileSystem: FileSystem, clock: ManualClock, logger = silentLogger): Promise<LogManager> {
    return LogManager.open({
      fileSystem,
      dataDir: '/data',
      clock,
      random: new SeededRandom(7),
      nodeId: 1,
      flush: 'os',
      defaultConfig: CONFIG,
      logger,
      cleaner: () => SETTINGS,
    })
  }

  test('looks every log.cleaner.backoff.ms, remembers how far it came, and goes on from there', async () => {
    const { clock, fileSystem } = openCompacted({ directory: '/elsewhere' })
    const manager = await openManager(fileSystem, clock)
    const log = manager.create('events', 0, TOPIC_ID, { ...CONFIG, ...COMPACTED })
    const plain = manager.create('plain', 0, TOPIC_ID, CONFIG)
    fill(log)
    fill(plain)
    await clock.advance(SETTINGS.backoffMs)
    expect(log.segmentCount).toBe(11)
    manager.startCleanup()
    await clock.advance(SETTINGS.backoffMs - 1)
    expect(log.segmentCount).toBe(11)
    await clock.advance(1)
    await manager.compact()
    expect([log.segmentCount, plain.segmentCount]).toEqual([2, 11])
    const checkpoint = '/data/cleaner-offset-checkpoint'
    expect(fileSystem.readFile(checkpoint).toString()).toBe('0\n1\nevents 0 20\n')
    await manager.close()
    const again = await openManager(fileSystem, clock)
    again.get('events', 0)?.updateConfig({ ...CONFIG, ...COMPACTED })
    expect(again.get('events', 0)?.cleaning.cleanedTo).toBe(20)
    expect(await again.compact()).toBe(0)
    again.delete('events', 0)
    // As long as the deletion may be undone by a loss of power, it is still said.
    await clock.advance({ minutes: 3 })
    expect(fileSystem.readFile(checkpoint).toString()).toBe('0\n0\n')
    await again.close()
  })

  test('takes the dirtiest log first', async () => {
    const { clock, fileSystem } = openCompacted({ directory: '/elsewhere' })
    const order: unknown[] = []
    const info = (fields: object): void => void order.push(Reflect.get(fields, 'topic'))
    const manager = await openManager(fileSystem, clock, { ...silentLogger, info })
    const logs = ['half', 'all'].map(topic => manager.create(topic, 0, TOPIC_ID, { ...CONFIG, ...COMPACTED }))
    const [half] = logs
    if (half === undefined) throw new Error('a log was made')
    fill(half)
    await manager.compact()
    logs.forEach(fill)
    await manager.compact()
    expect(order).toEqual(['half', 'all', 'half'])
    await manager.close()
  })

  test('stops in the middle of a pass when the broker stops', async () => {
    const { clock, fileSystem } = openCompacted({ directory: '/elsewhere' })
    const manager = await openManager(fileSystem, clock)
    const log = manager.create('events', 0, TOPIC_ID, { ...CONFIG, ...COMPACTED })
    fill(log)
    const passes = manager.compact()
    await manager.close()
    expect(await passes).toBe(1)
    const again = await openManager(fileSystem, clock)
    expect(again.wasCleanStop).toBe(true)
    expect(again.get('events', 0)?.segmentCount).toBe(11)
    again.get('events', 0)?.updateConfig({ ...CONFIG, ...COMPACTED })
    await again.compact()
    expect(again.get('events', 0)?.segmentCount).toBe(2)
    await again.close()
  })
})
