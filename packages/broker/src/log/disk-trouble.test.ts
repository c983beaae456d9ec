/**
 * What logs do on a disk that is full, read-only or out of descriptors for a while: nothing goes offline for that.
 */
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { StorageError, type StorageOperation } from '../storage/storage-error.js'
import { LeaderEpochs } from './leader-epochs.js'
import { LogManager, type LogManagerOptions } from './log-manager.js'
import { OffsetIndex } from './offset-index.js'
import { CONFIG, DIRECTORY, NOW_MS, openLog, override, produce, TOPIC_ID, valuesOf } from './test-log.js'

const OTHER_ID = 'rEqUvBGnxIVLUOeQCNRtPA'

/** Over a disk in memory that is in trouble at the moment, or not. */
interface Troubled {
  readonly fileSystem: FileSystem
  trouble: 'ENOSPC' | 'EROFS' | 'EMFILE' | undefined
  /** How many syncs of segments went well. */
  synced: number
}

function troubledDisk(): Troubled {
  const disk = new MemoryFileSystem()
  const state: Omit<Troubled, 'fileSystem'> = { trouble: undefined, synced: 0 }
  const refuse = (codes: readonly Troubled['trouble'][], operation: StorageOperation, path: string): void => {
    const { trouble: systemCode } = state
    if (systemCode === undefined || !codes.includes(systemCode)) return
    throw new StorageError({ operation, path, why: 'a fault of the test', systemCode })
  }
  const anyWrite = ['ENOSPC', 'EROFS'] as const
  const anyOpening = ['EMFILE'] as const
  const fileSystem = override<FileSystem>(disk, {
    open(path, options) {
      refuse(anyOpening, 'open', path)
      if (options?.create === true && !disk.exists(path)) refuse(anyWrite, 'open', path)
      const handle = disk.open(path, options)
      return override(handle, {
        append(chunks) {
          refuse(['ENOSPC', 'EROFS', 'EMFILE'], 'append to', path)
          handle.append(chunks)
        },
        writeAt(position, bytes) {
          refuse(['ENOSPC', 'EROFS', 'EMFILE'], 'write to', path)
          handle.writeAt(position, bytes)
        },
        sync() {
          refuse(anyOpening, 'open', path)
          if (path.endsWith('.log')) state.synced++
          return handle.sync()
        },
      })
    },
    writeFileAtomically(path, content) {
      refuse(anyWrite, 'replace', path)
      disk.writeFileAtomically(path, content)
    },
    makeDirectory(path) {
      if (!disk.exists(path)) refuse(anyWrite, 'make directory', path)
      disk.makeDirectory(path)
    },
    rename(from, to) {
      refuse(['EROFS'], 'rename', from)
      disk.rename(from, to)
    },
    remove(path) {
      refuse(['EROFS'], 'remove', path)
      disk.remove(path)
    },
    async syncDirectory(path) {
      refuse(anyOpening, 'sync', path)
      await disk.syncDirectory(path)
    },
  })
  return Object.assign(state, { fileSystem })
}

describe('an index on a disk that takes nothing for a while', () => {
  test('agrees with a plain list all the time, and with its file in the end', () => {
    const random = new SeededRandom('full')
    const disk = troubledDisk()
    const index = new OffsetIndex(disk.fileSystem, '/i', 0)
    const entries: { offset: number; position: number }[] = []
    for (let offset = 1; entries.length < 6000; offset += random.integer(1, 9)) {
      if (random.integer(0, 300) === 0) disk.trouble = disk.trouble === undefined ? 'ENOSPC' : undefined
      index.append(offset, entries.length * 100)
      entries.push({ offset, position: entries.length * 100 })
      const wanted = random.integer(0, offset + 10)
      expect(index.lookup(wanted)).toBe(entries.findLast(entry => entry.offset <= wanted)?.position ?? 0)
    }
    disk.trouble = undefined
    index.file.close()
    const reopened = new OffsetIndex(disk.fileSystem, '/i', 0)
    expect([reopened.load(Number.MAX_SAFE_INTEGER), reopened.count]).toEqual([true, entries.length])
    for (const { offset, position } of entries) expect(reopened.lookup(offset)).toBe(position)
  })
})

describe('leader epochs on a disk that takes nothing', () => {
  test('are forgotten at once and written later; a new one waits for the disk', async () => {
    const disk = troubledDisk()
    const epochs = new LeaderEpochs(disk.fileSystem, '')
    for (const [epoch, start] of [
      [0, 0],
      [1, 10],
      [2, 20],
    ] as const)
      epochs.assign(epoch, start)
    disk.trouble = 'ENOSPC'
    epochs.truncateFromStart(15)
    expect([epochs.epochOf(14), epochs.epochOf(15)]).toEqual([-1, 1])
    expect(() => epochs.assign(3, 30)).toThrow('a fault of the test')
    expect(epochs.latest).toBe(2)
    disk.trouble = undefined
    await epochs.sync()
    expect(new LeaderEpochs(disk.fileSystem, '').entries).toEqual(epochs.entries)
  })
})

describe('a log', () => {
  const small = { segmentBytes: 400, indexIntervalBytes: 1 }

  test.each(['ENOSPC', 'EROFS', 'EMFILE'] as const)(
    'refuses appends while the disk says %s, says so once, and goes on as if nothing had been',
    async code => {
      const disk = troubledDisk()
      const told: (string | undefined)[] = []
      const onAppendsRefused = (error: StorageError | undefined): void => void told.push(error?.systemCode)
      const { log } = openLog({ fileSystem: disk.fileSystem, config: small, onAppendsRefused })
      const values: string[] = []
      for (let round = 0; round < 5; round++) {
        for (let index = 0; index < 4; index++) values.push(`${produce(log, ['kept'])}=kept`)
        disk.trouble = code
        for (let index = 0; index < 3; index++) expect(() => produce(log, ['refused'])).toThrow('a fault of the test')
        expect(await valuesOf(log)).toEqual(values)
        disk.trouble = undefined
      }
      produce(log, ['last'])
      expect(log.offline).toBeUndefined()
      expect(told).toEqual(Array.from({ length: 5 }, () => [code, undefined]).flat())
      await log.prepareClose()
      log.close()
      const reopened = openLog({ fileSystem: disk.fileSystem })
      expect(reopened.log.wasScanned).toBe(false)
      expect(await valuesOf(reopened.log)).toEqual([...values, `${values.length}=last`])
    },
  )

  test('gets room by retention on a full disk, also where all of it is due', async () => {
    const disk = troubledDisk()
    const { log, clock } = openLog({
      fileSystem: disk.fileSystem,
      config: { ...small, retentionMs: 1000, fileDeleteDelayMs: 0 },
    })
    for (let index = 0; index < 20; index++) produce(log, ['old'])
    const { segmentCount } = log
    expect(segmentCount).toBeGreaterThan(3)
    disk.trouble = 'ENOSPC'
    await clock.advance({ seconds: 10 })
    // The last one would need a successor, for which there is no room.
    expect(log.applyRetention()).toBe(segmentCount - 1)
    expect([log.offline, log.segmentCount]).toEqual([undefined, 1])
    await clock.advance({ ms: 0 })
    expect(disk.fileSystem.list(DIRECTORY).filter(name => name.endsWith('.deleted'))).toEqual([])
    disk.trouble = undefined
    expect(log.applyRetention()).toBe(1)
    expect(log.logStartOffset).toBe(20)
    produce(log, ['new'])
    expect(await valuesOf(log)).toEqual(['20=new'])
  })

  test('keeps what retention cannot remove from a read-only disk, and removes it later', async () => {
    const disk = troubledDisk()
    const failed: string[] = []
    const { log, clock } = openLog({
      fileSystem: disk.fileSystem,
      config: { ...small, retentionBytes: 500 },
      onWorkFailed: work => failed.push(work),
    })
    for (let index = 0; index < 20; index++) produce(log, ['kept'])
    const { segmentCount } = log
    disk.trouble = 'EROFS'
    expect(log.applyRetention()).toBe(0)
    expect([log.offline, failed, log.segmentCount]).toEqual([undefined, ['remove segments'], segmentCount])
    // They are not given out any more: a reader would be told of what is about to go.
    expect((await valuesOf(log)).length).toBeLessThan(20)
    disk.trouble = undefined
    expect(log.applyRetention()).toBeGreaterThan(0)
    disk.trouble = 'EROFS'
    await clock.advance({ minutes: 1 })
    expect(failed).toHaveLength(2)
    disk.trouble = undefined
    await clock.advance({ minutes: 1 })
    expect(disk.fileSystem.list(DIRECTORY).filter(name => name.endsWith('.deleted'))).toEqual([])
    expect(log.offline).toBeUndefined()
  })

  test('a flush that has no descriptors is due again, and the recovery point waits for it', async () => {
    const disk = troubledDisk()
    const { log } = openLog({ fileSystem: disk.fileSystem, config: small })
    for (let index = 0; index < 10; index++) produce(log, ['a'])
    disk.trouble = 'EMFILE'
    await expect(log.flush()).rejects.toMatchObject({ systemCode: 'EMFILE' })
    expect([log.offline, log.recoveryPoint]).toEqual([undefined, 0])
    disk.trouble = undefined
    await log.flush()
    expect([log.recoveryPoint, disk.synced]).toEqual([10, log.segmentCount])
  })
})

describe('a directory of the name of a new log', () => {
  const open = (fileSystem: FileSystem, options: Partial<LogManagerOptions> = {}): Promise<LogManager> =>
    LogManager.open({
      fileSystem,
      dataDir: '/data',
      clock: new ManualClock({ startMs: NOW_MS }),
      random: new SeededRandom(7),
      nodeId: 1,
      flush: 'os',
      defaultConfig: CONFIG,
      ...options,
    })
  const namesIn = (fileSystem: FileSystem): string[] =>
    fileSystem
      .list('/data')
      .filter(name => name.startsWith('events-0'))
      .map(name => name.replace(/[0-9a-f]{32}/, 'X'))
      .sort()

  /** Data as a directory that came from somewhere: it is there, and no log manager knows it. */
  async function foreignDirectory(fileSystem: FileSystem, manager: LogManager): Promise<void> {
    fileSystem.makeDirectory('/elsewhere')
    const { log } = openLog({ fileSystem, directory: '/elsewhere/events-0', topicId: OTHER_ID })
    produce(log, ['foreign'])
    await log.prepareClose()
    log.close()
    fileSystem.rename('/elsewhere/events-0', '/data/events-0')
    expect(manager.get('events', 0)).toBeUndefined()
  }

  test('is set aside when it is another topic’s', async () => {
    const fileSystem = new MemoryFileSystem()
    const manager = await open(fileSystem)
    await foreignDirectory(fileSystem, manager)
    const log = manager.create('events', 0, TOPIC_ID, CONFIG)
    expect([log.topicId, log.logEndOffset]).toEqual([TOPIC_ID, 0])
    expect(namesIn(fileSystem)).toEqual(['events-0', 'events-0.X-stray'])
    await manager.close()
  })

  test('is set aside when it has records and does not say whose', async () => {
    const fileSystem = new MemoryFileSystem()
    const manager = await open(fileSystem)
    await foreignDirectory(fileSystem, manager)
    fileSystem.remove('/data/events-0/partition.metadata')
    expect(manager.create('events', 0, TOPIC_ID, CONFIG).logEndOffset).toBe(0)
    expect(namesIn(fileSystem)).toEqual(['events-0', 'events-0.X-stray'])
    await manager.close()
  })

  test('is not touched when it cannot be set aside', async () => {
    const disk = troubledDisk()
    const manager = await open(disk.fileSystem)
    await foreignDirectory(disk.fileSystem, manager)
    disk.trouble = 'EROFS'
    expect(() => manager.create('events', 0, TOPIC_ID, CONFIG)).toThrow('a fault of the test')
    disk.trouble = undefined
    expect(namesIn(disk.fileSystem)).toEqual(['events-0'])
    expect(disk.fileSystem.sizeOf('/data/events-0/00000000000000000000.log')).toBeGreaterThan(0)
    await manager.close()
  })

  test('is gone on with when it was begun before', async () => {
    const disk = troubledDisk()
    const manager = await open(disk.fileSystem)
    disk.fileSystem.makeDirectory('/data/events-0')
    disk.trouble = 'ENOSPC'
    expect(() => manager.create('events', 0, TOPIC_ID, CONFIG)).toThrow('a fault of the test')
    disk.trouble = undefined
    produce(manager.create('events', 0, TOPIC_ID, CONFIG), ['a'])
    expect(namesIn(disk.fileSystem)).toEqual(['events-0'])
    await manager.close()
  })

  test('is removed when it is that of a topic whose deletion did not come to that', async () => {
    const disk = troubledDisk()
    const manager = await open(disk.fileSystem)
    produce(manager.create('events', 0, OTHER_ID, CONFIG), ['old'])
    disk.trouble = 'EROFS'
    expect(() => manager.delete('events', 0)).toThrow('a fault of the test')
    disk.trouble = undefined
    expect(manager.create('events', 0, TOPIC_ID, CONFIG).logEndOffset).toBe(0)
    expect(namesIn(disk.fileSystem)).toEqual(['events-0'])
    await manager.close()
  })

  test('that could not be opened at the start for want of room is opened with all it has', async () => {
    const disk = troubledDisk()
    const first = await open(disk.fileSystem)
    const config = { ...CONFIG, indexIntervalBytes: 1 }
    const before = first.create('events', 0, TOPIC_ID, config)
    for (let index = 0; index < 10; index++) produce(before, [`value ${index}`])
    const isFull = (path: string): boolean => path.startsWith('/data/events-0/')
    let isInTrouble = true
    const fileSystem = override<FileSystem>(disk.fileSystem, {
      open(path, options) {
        const mustFail = isInTrouble && isFull(path) && options?.create === true
        if (mustFail) throw new StorageError({ operation: 'open', path, why: 'a fault', systemCode: 'ENOSPC' })
        return disk.fileSystem.open(path, options)
      },
    })
    // The first one was not stopped: the log is scanned, and what is found has to be written down.
    const manager = await open(fileSystem)
    expect([...manager.failures().keys()]).toEqual(['events-0'])
    expect(() => manager.create('events', 0, TOPIC_ID, config)).toThrow('a fault')
    isInTrouble = false
    const log = manager.create('events', 0, TOPIC_ID, config)
    expect([log.logEndOffset, log.wasScanned, manager.failures().size]).toEqual([10, true, 0])
    await manager.close()
  })
})
