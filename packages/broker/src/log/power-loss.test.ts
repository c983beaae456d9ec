/**
 * What a loss of power may take of logs and checkpoints, case by case: each was a promise broken once, found by the seeded
 * proof under tests/broker/durability. Where chance decides what a disk keeps, all of a hundred seeds must end well.
 */
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { FaultyFileSystem } from '../storage/faulty.js'
import type { FileSystem } from '../storage/file-system.js'
import { METADATA_TOPIC } from './data-directory.js'
import { LogManager } from './log-manager.js'
import { batchOf, CONFIG, DIRECTORY, NOW_MS, openLog, produce, TOPIC_ID, valuesOf } from './test-log.js'

const SEEDS = 100
const DATA = '/data'
const OTHER_ID = 'oL1ZnOHlS0Kj9o9zMGeMpQ'

/** Disks whose data directory is there, and so is that of the log where `withLog`. */
async function* disks(): AsyncGenerator<FaultyFileSystem> {
  for (let seed = 0; seed < SEEDS; seed++) {
    const disk = new FaultyFileSystem({ random: new SeededRandom(seed) })
    disk.makeDirectory(DATA)
    await disk.syncDirectory('/')
    yield disk
  }
}

function openManager(fileSystem: FileSystem, clock: ManualClock = new ManualClock({ startMs: NOW_MS })) {
  const random = new SeededRandom(7)
  return LogManager.open({ fileSystem, dataDir: DATA, clock, random, nodeId: 1, flush: 'os', defaultConfig: CONFIG })
}

describe('what was flushed', () => {
  test('is there with its topic, in a directory that was new', async () => {
    for await (const disk of disks()) {
      const { log } = openLog({ fileSystem: disk })
      produce(log, ['a', 'b'])
      await log.flush()
      const again = openLog({
        fileSystem: disk.survivor('loss of power', 'independent'),
        isCleanStop: false,
        topicId: OTHER_ID,
      })
      expect([again.log.topicId, await valuesOf(again.log)]).toEqual([TOPIC_ID, ['0=a', '1=b']])
    }
  })

  test('is there though another process wrote it, and was killed', async () => {
    for await (const disk of disks()) {
      const { log } = openLog({ fileSystem: disk })
      log.assignLeaderEpoch(3)
      produce(log, ['a', 'b'])
      const second = openLog({ fileSystem: disk.survivor('end of process'), isCleanStop: false })
      await second.log.flush()
      if (!(second.fileSystem instanceof FaultyFileSystem)) throw new TypeError('it is another disk')
      const third = openLog({
        fileSystem: second.fileSystem.survivor('loss of power', 'independent'),
        isCleanStop: false,
      })
      expect([await valuesOf(third.log), third.log.latestLeaderEpoch]).toEqual([['0=a', '1=b'], 3])
    }
  })

  test('does not get a damaged end back that a recovery cut off', async () => {
    for await (const disk of disks()) {
      const { log } = openLog({ fileSystem: disk })
      produce(log, ['a'])
      await log.flush()
      const path = `${DIRECTORY}/00000000000000000000.log`
      disk.open(path).append([Buffer.from('half a batch')])
      await disk.open(path).sync()
      const cut = openLog({ fileSystem: disk, isCleanStop: false, recoveryPoint: 1 })
      await cut.log.prepareClose()
      cut.log.close()
      const after = disk.survivor('loss of power', 'independent')
      expect(after.readFile(path)).toHaveLength(batchOf(['a']).length)
    }
  })
})

test('a log begins where it began, although a second segment was made', async () => {
  for await (const disk of disks()) {
    const { log } = openLog({ fileSystem: disk })
    produce(log, ['a'])
    log.roll()
    produce(log, ['b'])
    const after = disk.survivor('loss of power', 'independent')
    expect(openLog({ fileSystem: after, isCleanStop: false }).log.logStartOffset).toBe(0)
  }
})

test('a log that lost its newest snapshot of producers does not go by one from before its first segment', () => {
  const { log, fileSystem } = openLog()
  for (const [baseSequence, value] of ['a', 'b', 'c'].entries()) {
    produce(log, [value], { producer: { producerId: 7, producerEpoch: 0, baseSequence } })
    log.roll()
  }
  log.discard()
  for (const name of ['0.log', '1.log', '2.log', '3.snapshot']) {
    fileSystem.remove(`${DIRECTORY}/${name.padStart(20 + name.length - 1, '0')}`)
  }
  expect(fileSystem.exists(`${DIRECTORY}/00000000000000000002.snapshot`)).toBe(true)
  const again = openLog({ fileSystem, isCleanStop: false, recoveryPoint: 3, logStartOffset: 3 })
  expect([again.log.logEndOffset, again.log.producers.states()]).toEqual([3, []])
})

describe('a removed segment in front of the log that came back without the one behind it', () => {
  const producer = { producerId: 7, producerEpoch: 0 }

  /** Three segments of one batch, two of them of the producer. The second is gone, and so is the snapshot behind it. */
  function withoutSecond(): FileSystem {
    const { log, fileSystem } = openLog()
    for (const [baseSequence, value] of ['a', 'b'].entries()) {
      produce(log, [value], { producer: { ...producer, baseSequence } })
      log.roll()
    }
    produce(log, ['c'])
    log.discard()
    for (const suffix of ['log', 'index', 'timeindex', 'txnindex']) removeFile(fileSystem, 1, suffix)
    removeFile(fileSystem, 2, 'snapshot')
    return fileSystem
  }

  function removeFile(fileSystem: FileSystem, offset: number, suffix: string): void {
    fileSystem.remove(`${DIRECTORY}/${String(offset).padStart(20, '0')}.${suffix}`)
  }

  test.each([
    ['is replayed', [[1, 'snapshot']]],
    ['has a snapshot behind it', []],
    ['is scanned', [[0, 'index']]],
  ] as const)('holds no producer to what it wrote there, where it %s', (_, gone) => {
    for (const isCleanStop of [false, true]) {
      const fileSystem = withoutSecond()
      for (const [offset, suffix] of gone) removeFile(fileSystem, offset, suffix)
      const { log } = openLog({ fileSystem, isCleanStop, recoveryPoint: 3, logStartOffset: 2 })
      expect([log.logEndOffset, log.producers.states()]).toEqual([3, []])
      expect(produce(log, ['d'], { producer: { ...producer, baseSequence: 2 } })).toBe(3)
    }
  })

  test('is what compaction left, where the log starts in front of the room', () => {
    const { log } = openLog({ fileSystem: withoutSecond(), isCleanStop: false, recoveryPoint: 3, logStartOffset: 0 })
    expect(log.producers.states().map(({ lastSequence }) => lastSequence)).toEqual([0])
  })
})

describe('a segment behind one that lost its end', () => {
  /** Two batches in the first segment, one in the second; the first loses its second batch. */
  function withHole(): { readonly fileSystem: FileSystem } {
    const { log, fileSystem } = openLog()
    produce(log, ['a'])
    const firstBatchBytes = log.sizeBytes
    produce(log, ['b'])
    log.roll()
    produce(log, ['c'])
    log.discard()
    fileSystem.open(`${DIRECTORY}/00000000000000000000.log`).truncate(firstBatchBytes)
    return { fileSystem }
  }

  test('goes with it: there is no hole in a log', async () => {
    const { log } = openLog({ ...withHole(), isCleanStop: false })
    expect([await valuesOf(log), log.logEndOffset]).toEqual([['0=a'], 1])
    expect(produce(log, ['d'])).toBe(1)
  })

  test.each([
    ['is cut at the hole', 0, [['0=a'], 1, [0]]],
    ['starts behind the hole, and knows no producer that may have gone on in it', 2, [['2=c'], 3, []]],
  ])('leaves a log that %s', async (_, logStartOffset, expected) => {
    const { log, fileSystem } = openLog()
    const producer = { producerId: 7, producerEpoch: 0 }
    produce(log, ['a'], { producer: { ...producer, baseSequence: 0 } })
    const firstBatchBytes = log.sizeBytes
    produce(log, ['b'], { producer: { ...producer, baseSequence: 1 } })
    log.roll()
    produce(log, ['c'])
    log.discard()
    fileSystem.open(`${DIRECTORY}/00000000000000000000.log`).truncate(firstBatchBytes)
    const again = openLog({ fileSystem, isCleanStop: false, logStartOffset })
    const sequences = again.log.producers.states().map(({ lastSequence }) => lastSequence)
    expect([await valuesOf(again.log), again.log.logEndOffset, sequences]).toEqual(expected)
  })

  test('that came back after others took its offsets goes too, empty or not', async () => {
    for (const isEmpty of [true, false]) {
      const { fileSystem } = withHole()
      const path = `${DIRECTORY}/00000000000000000002.log`
      const stale = isEmpty ? Buffer.alloc(0) : fileSystem.readFile(path)
      const { log } = openLog({ fileSystem, isCleanStop: false })
      for (const value of ['d', 'e', 'f']) produce(log, [value])
      log.discard()
      fileSystem.writeFileAtomically(path, stale)
      const again = openLog({ fileSystem, isCleanStop: false })
      expect(await valuesOf(again.log)).toEqual(['0=a', '1=d', '2=e', '3=f'])
      expect([produce(again.log, ['g']), again.log.segmentCount]).toEqual([4, 1])
    }
  })

  test.each([
    ["was another program's", { isForeign: true }],
    ['is known to be on disk', { recoveryPoint: 2 }],
    ['starts behind the hole', { logStartOffset: 2 }],
  ])('stays where the log %s', (_, options) => {
    const { log } = openLog({ ...withHole(), isCleanStop: false, ...options })
    expect(log.logEndOffset).toBe(3)
  })
})

test('a segment behind one with a damaged batch goes with it, whoever wrote it', async () => {
  for (const isForeign of [false, true]) {
    const { log, fileSystem } = openLog()
    produce(log, ['a'])
    const firstBatchBytes = log.sizeBytes
    produce(log, ['b'])
    log.roll()
    produce(log, ['c'])
    log.discard()
    fileSystem.open(`${DIRECTORY}/00000000000000000000.log`).writeAt(firstBatchBytes + 70, Buffer.from('damage'))
    const again = openLog({ fileSystem, isCleanStop: false, isForeign })
    expect([await valuesOf(again.log), again.log.logEndOffset]).toEqual([['0=a'], 1])
  }
})

test('indexes of a segment that was full after the last flush are not trusted', async () => {
  for await (const disk of disks()) {
    const { log } = openLog({ fileSystem: disk, config: { indexIntervalBytes: 0 } })
    for (const value of ['a', 'b', 'c']) produce(log, [value], { timestamp: NOW_MS + value.charCodeAt(0) })
    await log.flush()
    log.roll()
    await disk.syncDirectory(DIRECTORY)
    const { recoveryPoint } = log
    const after = disk.survivor('loss of power', 'independent')
    const again = openLog({ fileSystem: after, isCleanStop: false, recoveryPoint })
    expect(again.log.maxTimestamp()).toMatchObject({ timestamp: NOW_MS + 'c'.charCodeAt(0), offset: 2 })
  }
})

test('the mark of a clean stop does not come back once something was written', async () => {
  for await (const disk of disks()) {
    const first = await openManager(disk)
    first.create('events', 0, TOPIC_ID, CONFIG)
    await first.close()
    const second = await openManager(disk)
    expect(second.wasCleanStop).toBe(true)
    const log = second.get('events', 0)
    if (log !== undefined) produce(log, ['a'])
    const third = await openManager(disk.survivor('loss of power', 'independent'))
    expect(third.wasCleanStop).toBe(false)
  }
})

test('a small file that is replaced is whole wherever the process ends', () => {
  for (let operations = 0; operations < 8; operations++) {
    const disk = new FaultyFileSystem({ random: new SeededRandom(operations) })
    const { log } = openLog({ fileSystem: disk })
    produce(log, ['a'])
    log.assignLeaderEpoch(3)
    produce(log, ['b'])
    disk.crashAfter(operations)
    try {
      log.assignLeaderEpoch(4)
      disk.crash()
    } catch {}
    const again = openLog({ fileSystem: disk.survivor('end of process'), isCleanStop: false })
    // The new content or the old one, and never none.
    expect([3, 4]).toContain(again.log.latestLeaderEpoch)
  }
})

test('a deletion whose record was lost is undone, records and all', async () => {
  const disk = new FaultyFileSystem({ random: new SeededRandom(1) })
  const manager = await openManager(disk)
  const log = manager.create('events', 0, TOPIC_ID, CONFIG)
  produce(log, ['a', 'b'])
  manager.delete('events', 0)
  const second = await openManager(disk.survivor('end of process'))
  second.settleDeletions({ topicById: id => (id === TOPIC_ID ? { name: 'events', partitions: [0] } : undefined) })
  const found = second.get('events', 0)
  expect(found && (await valuesOf(found))).toEqual(['0=a', '1=b'])
  expect(found?.topicId).toBe(TOPIC_ID)
})

/** A log of three records, two of them deleted, and metadata that says, not on disk yet, that the log is deleted too. */
async function aboutToDelete() {
  const disk = new FaultyFileSystem({ random: new SeededRandom(1) })
  const clock = new ManualClock({ startMs: NOW_MS })
  const manager = await openManager(disk, clock)
  const metadata = manager.create(METADATA_TOPIC, 0, OTHER_ID, CONFIG)
  const log = manager.create('events', 0, TOPIC_ID, { ...CONFIG, fileDeleteDelayMs: 10 })
  produce(log, ['a', 'b', 'c'])
  log.deleteRecordsBefore(2)
  produce(metadata, ['the deletion'])
  return { disk, clock, manager, metadata }
}

test('a deletion leaves the files, and what checkpoints say of them, until it is on disk itself', async () => {
  const { disk, clock, manager } = await aboutToDelete()
  disk.inject({ operation: 'sync', path: `/${METADATA_TOPIC}-0/`, times: 99, systemCode: 'EIO' })
  manager.delete('events', 0)
  await clock.advance({ minutes: 2 })
  const topics = { topicById: (id: string) => (id === TOPIC_ID ? { name: 'events', partitions: [0] } : undefined) }
  const second = await openManager(disk.survivor('end of process'))
  second.settleDeletions(topics)
  const found = second.get('events', 0)
  expect(found?.logStartOffset).toBe(2)
  expect(found && (await valuesOf(found))).toEqual(['2=c'])
})

test('a deletion that is on disk leaves nothing', async () => {
  const { disk, clock, manager, metadata } = await aboutToDelete()
  manager.delete('events', 0)
  await clock.advance({ minutes: 2 })
  expect(metadata.recoveryPoint).toBe(1)
  expect(disk.list(DATA).filter(name => name.startsWith('events'))).toEqual([])
  manager.checkpoint()
  for (const name of disk.list(DATA).filter(each => each.endsWith('-checkpoint'))) {
    expect(disk.readFile(`${DATA}/${name}`).toString(), name).not.toContain('events')
  }
})

describe('a checkpoint', () => {
  test('of a log that was deleted says nothing of a new one of its name', async () => {
    const disk = new FaultyFileSystem({ random: new SeededRandom(1) })
    const manager = await openManager(disk)
    const old = manager.create('events', 0, TOPIC_ID, CONFIG)
    produce(old, ['a', 'b', 'c'])
    old.deleteRecordsBefore(2)
    manager.checkpoint()
    manager.delete('events', 0)
    produce(manager.create('events', 0, OTHER_ID, CONFIG), ['new'])
    const log = (await openManager(disk.survivor('end of process'))).get('events', 0)
    expect(log?.topicId).toBe(OTHER_ID)
    expect(log && (await valuesOf(log))).toEqual(['0=new'])
  })

  test('goes on saying what it said of a directory that cannot be opened for a while', async () => {
    const disk = new FaultyFileSystem({ random: new SeededRandom(1) })
    const manager = await openManager(disk)
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    produce(log, ['a', 'b', 'c'])
    log.deleteRecordsBefore(2)
    await manager.keepStarts()
    const second = disk.survivor('end of process')
    second.inject({ operation: 'open', path: '/events-0/', times: 9, systemCode: 'EMFILE' })
    const failing = await openManager(second)
    expect([...failing.failures().keys()]).toEqual(['events-0'])
    await failing.close()
    second.heal()
    const third = await openManager(second)
    expect(third.wasCleanStop, 'it was never checked').toBe(false)
    expect(third.get('events', 0)?.logStartOffset).toBe(2)
  })

  test('has the starts on disk when retention removes files', async () => {
    for await (const disk of disks()) {
      const clock = new ManualClock({ startMs: NOW_MS })
      const manager = await openManager(disk, clock)
      const log = manager.create('events', 0, TOPIC_ID, { ...CONFIG, retentionMs: 1000 })
      for (const value of ['a', 'b', 'c']) {
        produce(log, [value], { timestamp: clock.now() })
        log.roll()
      }
      await log.flush()
      await clock.advance(5000)
      expect(manager.applyRetention()).toBe(3)
      const after = await openManager(disk.survivor('loss of power', 'independent'))
      const { logStartOffset, logEndOffset } = after.get('events', 0) ?? {}
      expect([logStartOffset, logEndOffset]).toEqual([3, 3])
    }
  })
})
