/**
 * What a start costs, counted and not timed: how often the file system is asked, and how many bytes are read.
 */
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { LogManager } from './log-manager.js'
import { CONFIG, NOW_MS, override, produce, TOPIC_ID } from './test-log.js'

const PARTITIONS = 5
const RECORDS_PER_SEGMENT = 10
const SEGMENT_CONFIG = { ...CONFIG, indexIntervalBytes: 1 }

class Costs {
  calls = 0
  bytesRead = 0
  /** Logs and indexes that were read from, by path. */
  readonly filesRead = new Set<string>()
}

/** Counts what is asked of a file system. */
function counting(disk: FileSystem, costs: Costs): FileSystem {
  const read = (path: string, bytes: Buffer): Buffer => {
    costs.calls++
    costs.bytesRead += bytes.length
    if (bytes.length > 0 && /\d{20}\./.test(path)) costs.filesRead.add(path.slice('/data/'.length))
    return bytes
  }
  const counted = <Args extends unknown[], Result>(call: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      costs.calls++
      return call(...args)
    }
  }
  return override<FileSystem>(disk, {
    exists: counted(path => disk.exists(path)),
    list: counted(path => disk.list(path)),
    isDirectory: counted(path => disk.isDirectory(path)),
    sizeOf: counted(path => disk.sizeOf(path)),
    makeDirectory: counted(path => disk.makeDirectory(path)),
    rename: counted((from, to) => disk.rename(from, to)),
    remove: counted(path => disk.remove(path)),
    writeFileAtomically: counted((path, content) => disk.writeFileAtomically(path, content)),
    readFile: path => read(path, disk.readFile(path)),
    open: counted((path, options) => {
      const handle = disk.open(path, options)
      return override(handle, {
        readSync: (position, length) => read(path, handle.readSync(position, length)),
        read: async (position, length) => read(path, await handle.read(position, length)),
        append: counted(chunks => handle.append(chunks)),
        writeAt: counted((position, bytes) => handle.writeAt(position, bytes)),
        truncate: counted(size => handle.truncate(size)),
      })
    }),
  })
}

function open(fileSystem: FileSystem): Promise<LogManager> {
  return LogManager.open({
    fileSystem,
    dataDir: '/data',
    clock: new ManualClock({ startMs: NOW_MS }),
    random: new SeededRandom(7),
    nodeId: 1,
    flush: 'os',
    defaultConfig: SEGMENT_CONFIG,
  })
}

/** Logs of so many segments each, all with their last one equally full. */
async function write(fileSystem: FileSystem, segments: number): Promise<LogManager> {
  const manager = await open(fileSystem)
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const log = manager.create('events', partition, TOPIC_ID, SEGMENT_CONFIG)
    for (let record = 0; record < segments * RECORDS_PER_SEGMENT; record++) {
      if (record % RECORDS_PER_SEGMENT === 0) log.roll()
      produce(log, ['.'.repeat(30)], { producer: { producerId: 7, producerEpoch: 0, baseSequence: record } })
    }
    expect(log.segmentCount).toBe(segments)
  }
  return manager
}

async function costsOfStart(disk: FileSystem): Promise<Costs> {
  const costs = new Costs()
  const manager = await open(counting(disk, costs))
  const { calls, bytesRead, filesRead } = costs
  await manager.close()
  return Object.assign(new Costs(), { calls, bytesRead, filesRead: new Set(filesRead) })
}

describe('a start after a clean stop', () => {
  test('reads as many bytes as if there were no data, and asks for each segment a few times', async () => {
    const [few, many] = await Promise.all(
      [3, 60].map(async segments => {
        const disk = new MemoryFileSystem()
        await (await write(disk, segments)).close()
        return costsOfStart(disk)
      }),
    )
    // But for digits: offsets in checkpoints have more of them.
    expect(Math.abs((many?.bytesRead ?? 0) - (few?.bytesRead ?? 0))).toBeLessThan(PARTITIONS * 20)
    const callsPerSegment = ((many?.calls ?? 0) - (few?.calls ?? 0)) / (57 * PARTITIONS)
    expect(callsPerSegment).toBeLessThanOrEqual(3)
    expect((few?.calls ?? 0) / PARTITIONS).toBeLessThan(60)
    const last = `${String((60 - 1) * RECORDS_PER_SEGMENT).padStart(20, '0')}`
    expect(
      [...(many?.filesRead ?? [])].filter(path => !path.includes(`/${last}.`) && !path.endsWith('.snapshot')),
    ).toEqual([])
  })

  test('lists every directory once and writes nothing into it', async () => {
    const disk = new MemoryFileSystem()
    await (await write(disk, 3)).close()
    const lists = new Map<string, number>()
    const written: string[] = []
    const note = (path: string): void => void (path.includes('/events-') && written.push(path))
    const fileSystem = override<FileSystem>(disk, {
      list(path) {
        lists.set(path, (lists.get(path) ?? 0) + 1)
        return disk.list(path)
      },
      open(path, options) {
        const handle = disk.open(path, options)
        return override(handle, {
          append(chunks) {
            note(path)
            handle.append(chunks)
          },
          writeAt(position, bytes) {
            note(path)
            handle.writeAt(position, bytes)
          },
        })
      },
      rename(from, to) {
        note(to)
        disk.rename(from, to)
      },
    })
    const manager = await open(fileSystem)
    expect([...lists.values()]).toEqual(Array.from(lists, () => 1))
    expect([lists.size, written]).toEqual([PARTITIONS + 1, []])
    await manager.close()
  })
})

describe('a start after a crash', () => {
  test('reads the segments from the recovery point on, and no other', async () => {
    const disk = new MemoryFileSystem()
    const manager = await write(disk, 60)
    const flushed = manager.get('events', 0)
    await flushed?.flush()
    expect(flushed?.recoveryPoint).toBe(60 * RECORDS_PER_SEGMENT)
    manager.checkpoint()
    for (const log of manager.all()) {
      for (let record = 0; record < 2 * RECORDS_PER_SEGMENT; record++) produce(log, ['.'.repeat(30)])
      log.roll()
      produce(log, ['.'])
    }
    // No close: that is the crash.
    const { filesRead } = await costsOfStart(disk)
    const logsRead = [...filesRead].filter(path => path.startsWith('events-0/') && path.endsWith('.log')).sort()
    const at = (offset: number): string => `events-0/${String(offset).padStart(20, '0')}.log`
    expect(logsRead).toEqual([at(590), at(620)])
  })
})
