import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { LogManager, type LogManagerOptions } from './log-manager.js'
import { batchOf, CONFIG, copyDirectory, faulty, NOW_MS, override, produce, TOPIC_ID, valuesOf } from './test-log.js'

const DATA = '/data'
const GOLDEN = fileURLToPath(new URL('../../../../tests/golden/log-dir', import.meta.url))

interface Setup {
  readonly fileSystem: FileSystem
  readonly clock: ManualClock
  readonly open: (options?: Partial<LogManagerOptions>) => Promise<LogManager>
}

function setup(fileSystem: FileSystem = new MemoryFileSystem()): Setup {
  const clock = new ManualClock({ startMs: NOW_MS })
  const open = (options: Partial<LogManagerOptions> = {}): Promise<LogManager> =>
    LogManager.open({
      fileSystem,
      dataDir: DATA,
      clock,
      random: new SeededRandom(7),
      nodeId: 1,
      flush: 'os',
      defaultConfig: CONFIG,
      ...options,
    })
  return { fileSystem, clock, open }
}

const textOf = (fileSystem: FileSystem, name: string): string => fileSystem.readFile(`${DATA}/${name}`).toString()

/** Everything as it is now, as a process that is killed leaves it. */
function copyTree(fileSystem: FileSystem): MemoryFileSystem {
  const copy = new MemoryFileSystem()
  const visit = (path: string): void => {
    copy.makeDirectory(path)
    for (const name of fileSystem.list(path)) {
      const inside = `${path}/${name}`
      if (fileSystem.isDirectory(inside)) visit(inside)
      else copy.writeFileAtomically(inside, fileSystem.readFile(inside))
    }
  }
  visit(DATA)
  return copy
}

describe('a data directory', () => {
  test('is made with ids of its own, and known by them later', async () => {
    const { fileSystem, open } = setup()
    const first = await open()
    expect(textOf(fileSystem, 'meta.properties')).toContain(`cluster.id=${first.clusterId}\n`)
    await first.close()
    const second = await open()
    expect([second.clusterId, second.directoryId, second.nodeId]).toEqual([first.clusterId, first.directoryId, 1])
    await second.close()
  })

  test('of another node, another cluster or an older layout is refused', async () => {
    const { fileSystem, open } = setup()
    await (await open()).close()
    await expect(open({ nodeId: 2 })).rejects.toMatchObject({ code: 'INCONSISTENT_DATA_DIRECTORY' })
    await expect(open({ clusterId: 'other' })).rejects.toMatchObject({ code: 'INCONSISTENT_DATA_DIRECTORY' })
    fileSystem.writeFileAtomically(`${DATA}/meta.properties`, Buffer.from('version=0\nbroker.id=1\n'))
    await expect(open()).rejects.toMatchObject({ code: 'INCONSISTENT_DATA_DIRECTORY' })
  })

  test('that a real Kafka wrote opens with all its logs, cleanly or not', async () => {
    const partitions = readdirSync(GOLDEN, { withFileTypes: true }).filter(entry => entry.isDirectory()).length
    for (const isCleanStop of [true, false]) {
      const fileSystem = new MemoryFileSystem()
      copyDirectory(GOLDEN, fileSystem, DATA)
      if (!isCleanStop) fileSystem.remove(`${DATA}/.kafka_cleanshutdown`)
      const manager = await setup(fileSystem).open()
      expect([...manager.all()]).toHaveLength(partitions - 1)
      expect(manager.clusterId).toBe('rEqUvBGnxIVLUOeQCNRtPA')
      const events = manager.get('events', 0)
      expect([events?.logEndOffset, events?.topicId, events?.wasScanned]).toEqual([
        38,
        'Tn6lmnAJQO2QrQuqVKJNeQ',
        !isCleanStop,
      ])
      expect(manager.get('__cluster_metadata', 0)?.logEndOffset).toBe(77)
      await manager.close()
      expect(textOf(fileSystem, 'recovery-point-offset-checkpoint')).toContain('\nevents 0 38\n')
    }
  })
})

test('a recovery point that lies behind the end which a crash left is taken back before anything is appended', async () => {
  const { fileSystem, open } = setup()
  produce((await open()).create('events', 0, TOPIC_ID, CONFIG), ['a'])
  const crashed = copyTree(fileSystem)
  const path = `${DATA}/recovery-point-offset-checkpoint`
  crashed.writeFileAtomically(path, Buffer.from('0\n2\n@samsa 0 0\nevents 0 9\n'))
  await setup(crashed).open()
  expect(crashed.readFile(path).toString()).toBe('0\n2\n@samsa 0 0\nevents 0 1\n')
})

describe('a gap between segments', () => {
  /** Three records in two segments, of which the second is lost, after a crash; checkpoints say what is given. */
  async function withGap(checkpoints: Readonly<Record<string, string>>) {
    const { fileSystem, open } = setup()
    const log = (await open()).create('events', 0, TOPIC_ID, CONFIG)
    produce(log, ['a'])
    const firstBatchBytes = log.sizeBytes
    produce(log, ['b'])
    log.roll()
    produce(log, ['c'])
    const crashed = copyTree(fileSystem)
    crashed.open(`${DATA}/events-0/00000000000000000000.log`).truncate(firstBatchBytes)
    for (const file of ['recovery-point-offset-checkpoint', 'cleaner-offset-checkpoint']) {
      const content = checkpoints[file.slice(0, file.indexOf('-'))]
      if (content === undefined) crashed.remove(`${DATA}/${file}`)
      else crashed.writeFileAtomically(`${DATA}/${file}`, Buffer.from(content))
    }
    return { fileSystem: crashed, open: setup(crashed).open }
  }

  test.each([
    ['is a loss beyond a recovery point of ours', { recovery: '0\n2\n@samsa 0 0\nevents 0 1\n' }, 1],
    ['is a loss in a log that is new', { recovery: '0\n1\n@samsa 0 0\n' }, 1],
    ["is compaction's below a recovery point", { recovery: '0\n2\n@samsa 0 0\nevents 0 2\n' }, 3],
    ["is taken for compaction's where Kafka wrote last", { recovery: '0\n1\nevents 0 1\n' }, 3],
    ["is taken for compaction's where nobody knows who wrote last", {}, 3],
    [
      "is taken for compaction's where a line of the file is gone",
      { recovery: '0\n1\n@samsa 0 0\n', cleaner: '0\n1\nevents 0 2\n' },
      3,
    ],
  ])('%s', async (_, checkpoints, endOffset) => {
    const { open } = await withGap(checkpoints)
    expect((await open()).get('events', 0)?.logEndOffset).toBe(endOffset)
  })

  test('that Kafka left lies below a recovery point of ours, once everything is on disk', async () => {
    const { fileSystem, open } = await withGap({ recovery: '0\n1\nevents 0 1\n' })
    const recoveryPoints = (): string => textOf(fileSystem, 'recovery-point-offset-checkpoint')
    const manager = await open()
    manager.checkpoint()
    expect(recoveryPoints()).toBe('0\n1\nevents 0 1\n')
    manager.startCleanup()
    while (!recoveryPoints().includes('@samsa')) await new Promise(resolve => setImmediate(resolve))
    expect(recoveryPoints()).toBe('0\n2\n@samsa 0 0\nevents 0 3\n')
    const again = await setup(copyTree(fileSystem)).open()
    expect([again.wasCleanStop, again.get('events', 0)?.logEndOffset]).toEqual([false, 3])
    await manager.close()
  })
})

describe('stop and start', () => {
  test('a clean stop leaves its mark, checkpoints and logs that need no scan', async () => {
    const { fileSystem, open } = setup()
    const manager = await open()
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    produce(log, ['a', 'b', 'c'])
    log.deleteRecordsBefore(1)
    await manager.close(15)
    expect(textOf(fileSystem, '.kafka_cleanshutdown')).toBe('{"version":0,"brokerEpoch":15}')
    expect(textOf(fileSystem, 'recovery-point-offset-checkpoint')).toBe('0\n2\n@samsa 0 0\nevents 0 3\n')
    expect(textOf(fileSystem, 'log-start-offset-checkpoint')).toBe('0\n1\nevents 0 1\n')
    expect(textOf(fileSystem, 'replication-offset-checkpoint')).toBe('0\n1\nevents 0 3\n')
    const again = await open()
    expect([again.wasCleanStop, fileSystem.exists(`${DATA}/.kafka_cleanshutdown`)]).toEqual([true, false])
    const reopened = again.get('events', 0)
    expect([reopened?.wasScanned, reopened?.logStartOffset, reopened?.highWatermark]).toEqual([false, 1, 3])
    await again.close()
  })

  test('opening after a clean stop reads no log file, however many there are', async () => {
    const { fileSystem, open } = setup()
    const manager = await open()
    for (let partition = 0; partition < 20; partition++) {
      const log = manager.create('events', partition, TOPIC_ID, { ...CONFIG, segmentBytes: 1000 })
      for (let index = 0; index < 30; index++) produce(log, [`value ${index}`])
    }
    await manager.close()
    let readBytes = 0
    const counting = override<FileSystem>(fileSystem, {
      open(path, options) {
        const handle = fileSystem.open(path, options)
        return override(handle, {
          readSync(position, length) {
            const bytes = handle.readSync(position, length)
            if (path.endsWith('.log')) readBytes += bytes.length
            return bytes
          },
        })
      },
    })
    const again = await setup(counting).open()
    expect([...again.all()].every(log => log.logEndOffset === 30 && !log.wasScanned)).toBe(true)
    // To find a log's end, its headers behind the last index entry are read: one index interval at the most.
    expect(readBytes).toBeLessThan(20 * 1100)
    await again.close()
  })

  test('what was acknowledged is there when the process is killed, at any moment', async () => {
    const { fileSystem, open } = setup()
    const manager = await open()
    const log = manager.create('events', 0, TOPIC_ID, { ...CONFIG, segmentBytes: 300 })
    for (let index = 0; index < 12; index++) {
      produce(log, [`v${index}`])
      if (index === 5) await log.flush()
      if (index === 8) manager.checkpoint()
      const killed = await setup(copyTree(fileSystem)).open()
      const reopened = killed.get('events', 0)
      expect(killed.wasCleanStop).toBe(false)
      expect(reopened === undefined ? [] : await valuesOf(reopened)).toHaveLength(index + 1)
      await killed.close()
    }
    await manager.close()
  })

  test('a log that cannot be opened leaves the others alone, and nothing is made in its place', async () => {
    const { fileSystem, open } = setup()
    const manager = await open()
    produce(manager.create('good', 0, TOPIC_ID, CONFIG), ['a'])
    produce(manager.create('bad', 0, TOPIC_ID, CONFIG), ['a'])
    await manager.close()
    const broken = override<FileSystem>(fileSystem, {
      list(path) {
        return path.endsWith('/bad-0') ? fileSystem.list('/missing') : fileSystem.list(path)
      },
    })
    const again = await setup(broken).open()
    expect([again.get('good', 0)?.logEndOffset, again.get('bad', 0)]).toEqual([1, undefined])
    expect([...again.failures().keys()]).toEqual(['bad-0'])
    expect(() => again.create('bad', 0, TOPIC_ID, CONFIG)).toThrowError(/could not be opened/)
    await again.close()
  })
})

describe('deletion', () => {
  test('takes the log away at once and its files later, also over a restart', async () => {
    const { fileSystem, clock, open } = setup()
    const manager = await open()
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    produce(log, ['a'])
    let wakes = 0
    log.onAdvance(() => wakes++)
    manager.delete('events', 0)
    expect([manager.get('events', 0), wakes, log.isClosed]).toEqual([undefined, 1, true])
    const deleted = (): string[] => fileSystem.list(DATA).filter(name => /^events-0\.[0-9a-f]{32}-delete$/.test(name))
    expect(deleted()).toHaveLength(1)
    const anew = manager.create('events', 0, 'AAAAAAAAAAAAAAAAAAAAAQ', CONFIG)
    expect(anew.logEndOffset).toBe(0)
    const killed = copyTree(fileSystem)
    await clock.advance({ ms: 60_000 })
    expect(deleted()).toEqual([])
    const restarted = await setup(killed).open()
    restarted.settleDeletions({ topicById: () => undefined })
    await restarted.close()
    expect(killed.list(DATA).filter(name => name.endsWith('-delete'))).toEqual([])
    await manager.close()
  })

  test('logs of no topic are told', async () => {
    const manager = await setup().open()
    manager.create('kept', 0, TOPIC_ID, CONFIG)
    manager.create('kept', 1, TOPIC_ID, CONFIG)
    manager.create('gone', 0, 'AAAAAAAAAAAAAAAAAAAAAQ', CONFIG)
    manager.create('__cluster_metadata', 0, 'AAAAAAAAAAAAAAAAAAAAAg', CONFIG)
    const topics = { topicById: (id: string) => (id === TOPIC_ID ? { name: 'kept', partitions: [{}] } : undefined) }
    expect(manager.strays(topics).map(log => `${log.topic}-${log.partition}`)).toEqual(['kept-1', 'gone-0'])
    await manager.close()
  })
})

describe('a log that belongs to nothing', () => {
  test('is set aside under another name, and its files are kept', async () => {
    const { fileSystem, clock, open } = setup()
    const manager = await open()
    manager.create('gone', 0, TOPIC_ID, CONFIG)
    manager.setAside('gone', 0)
    expect(manager.get('gone', 0)).toBeUndefined()
    const aside = (): string[] => fileSystem.list(DATA).filter(name => /^gone-0\.[0-9a-f]{32}-stray$/.test(name))
    await clock.advance({ days: 1 })
    await manager.close()
    const again = await open()
    expect(again.get('gone', 0)).toBeUndefined()
    expect(aside()).toHaveLength(1)
    await again.close()
  })
})

describe('durability', () => {
  function counted(): { fileSystem: FileSystem; syncs: () => number; release: () => void } {
    const waiting: (() => void)[] = []
    let syncs = 0
    const inner = new MemoryFileSystem()
    const fileSystem = override<FileSystem>(inner, {
      open(path, options) {
        const handle = inner.open(path, options)
        return override(handle, {
          sync: async () => {
            if (!path.endsWith('.log')) return
            syncs++
            await new Promise<void>(resolve => waiting.push(resolve))
          },
        })
      },
    })
    return { fileSystem, syncs: () => syncs, release: () => waiting.shift()?.() }
  }

  test('always: an acknowledgement waits for a sync that began after the batch, and all that wait share one', async () => {
    const { fileSystem, syncs, release } = counted()
    const { open, clock } = setup(fileSystem)
    const manager = await open({ flush: 'always' })
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    const done: string[] = []
    const append = (value: string): void => {
      log.append(batchOf([value]), { leaderEpoch: 0, origin: 'client' })
      void manager.acknowledged(log)?.then(() => done.push(value))
    }
    append('a')
    await clock.advance({ ms: 0 })
    append('b')
    append('c')
    await clock.advance({ ms: 0 })
    expect([done, syncs()]).toEqual([[], 1])
    release()
    await clock.advance({ ms: 0 })
    expect([done, syncs()]).toEqual([['a'], 2])
    release()
    await clock.advance({ ms: 0 })
    expect([done, syncs()]).toEqual([['a', 'b', 'c'], 2])
    expect(manager.acknowledged(log)).toBeUndefined()
    await manager.close()
  })

  test('os: nothing waits, unless the topic counts messages', async () => {
    const manager = await setup().open()
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    produce(log, ['a'])
    expect(manager.acknowledged(log)).toBeUndefined()
    const counting = manager.create('counting', 0, TOPIC_ID, { ...CONFIG, flushMessages: 2 })
    produce(counting, ['a'])
    expect(manager.acknowledged(counting)).toBeUndefined()
    produce(counting, ['b'])
    await manager.acknowledged(counting)
    expect(counting.recoveryPoint).toBe(2)
    await manager.close()
  })

  test('interval: everything is on disk after the interval', async () => {
    const { clock, open } = setup()
    const manager = await open({ flush: { everyMs: 200 } })
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    produce(log, ['a'])
    expect(manager.acknowledged(log)).toBeUndefined()
    await clock.advance({ ms: 199 })
    expect(log.recoveryPoint).toBe(0)
    await clock.advance({ ms: 1 })
    expect(log.recoveryPoint).toBe(1)
    await manager.close()
  })

  test('a full segment goes to disk by itself, so that a restart scans less', async () => {
    const { clock, open } = setup()
    const manager = await open()
    const log = manager.create('events', 0, TOPIC_ID, { ...CONFIG, segmentBytes: 100 })
    produce(log, ['a'])
    produce(log, ['b'])
    await clock.advance({ ms: 0 })
    expect(log.recoveryPoint).toBeGreaterThanOrEqual(1)
    await manager.close()
  })

  test('a disk that fails one log takes that one offline, the others go on, and the stop is not clean', async () => {
    let isBroken = false
    const inner = new MemoryFileSystem()
    const disk = faulty(inner, (operation, path) => isBroken && operation === 'sync' && path.includes('/bad-0/'))
    const manager = await setup(disk).open({ flush: 'always' })
    const [good, bad] = [manager.create('good', 0, TOPIC_ID, CONFIG), manager.create('bad', 0, TOPIC_ID, CONFIG)]
    isBroken = true
    produce(good, ['a'])
    produce(bad, ['a'])
    await expect(manager.acknowledged(bad)).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' })
    await manager.acknowledged(good)
    expect(() => produce(bad, ['b'])).toThrowError(/offline/)
    expect([good.recoveryPoint, produce(good, ['b'])]).toEqual([1, 1])
    expect(manager.applyRetention()).toBe(0)
    await manager.close()
    expect(inner.exists(`${DATA}/.kafka_cleanshutdown`)).toBe(false)
  })
})

describe('from time to time', () => {
  test('retention, checkpoints and expiry of producers happen, and not after close', async () => {
    const { clock, fileSystem, open } = setup()
    const manager = await open()
    const log = manager.create('events', 0, TOPIC_ID, { ...CONFIG, retentionMs: 1000, segmentBytes: 100 })
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: 0 }
    produce(log, ['a'], { producer })
    produce(log, ['b'])
    await clock.advance({ seconds: 60 })
    expect(textOf(fileSystem, 'replication-offset-checkpoint')).toContain('events 0 2')
    await clock.advance({ minutes: 10 })
    // Not before it is known what each topic wants.
    expect(log.logStartOffset).toBe(0)
    manager.startCleanup()
    await clock.advance({ minutes: 5 })
    expect(log.logStartOffset).toBe(2)
    expect(log.producers.states()).toHaveLength(1)
    await clock.advance({ days: 1, minutes: 10 })
    expect(log.producers.states()).toHaveLength(0)
    await manager.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('a start that was moved is in its checkpoint soon', async () => {
    const { clock, fileSystem, open } = setup()
    const manager = await open()
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    produce(log, ['a', 'b'])
    log.deleteRecordsBefore(1)
    await clock.advance({ ms: 100 })
    expect(textOf(fileSystem, 'log-start-offset-checkpoint')).toBe('0\n1\nevents 0 1\n')
    await manager.close()
  })
})
