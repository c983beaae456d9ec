import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { descriptorLimit } from './descriptor-limit.js'
import { DiskFileSystem, type DiskOptions } from './disk.js'
import { nodeCalls } from './disk-calls.js'
import type { FileHandle } from './file-system.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samsa-descriptors-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)

function systemFailure(code: string): Error {
  return Object.assign(new Error(`${code}: it failed, call`), { code })
}

/** A disk that says which of its files have a descriptor. */
function watchedDisk(
  maxOpenFiles: number,
  calls: DiskOptions['calls'] = {},
): { disk: DiskFileSystem; open: () => string[] } {
  const names = new Map<number, string>()
  const disk = new DiskFileSystem({
    maxOpenFiles,
    calls: {
      open: (path, flags) => {
        const descriptor = nodeCalls.open(path, flags)
        names.set(descriptor, path.slice(folder.length + 1))
        return descriptor
      },
      close: descriptor => {
        names.delete(descriptor)
        nodeCalls.close(descriptor)
      },
      ...calls,
    },
  })
  return { disk, open: () => [...names.values()].sort() }
}

function make(disk: DiskFileSystem, name: string): FileHandle {
  const file = disk.open(at(name), { create: true })
  file.append([Buffer.from(name)])
  return file
}

describe('descriptors of files', () => {
  test('no more than the limit stay open, and those used longest ago go first', async () => {
    const { disk, open } = watchedDisk(2)
    const [a, b, c] = ['a', 'b', 'c'].map(name => make(disk, name))
    expect(open()).toEqual(['b', 'c'])
    await Promise.all([b?.sync(), c?.sync()])
    b?.readSync(0, 1)
    expect(a?.readSync(0, 9).toString()).toBe('a')
    expect(open()).toEqual(['a', 'b'])
    expect(disk.openFileCount).toBe(2)
    for (const file of [a, b, c]) file?.close()
    expect(open()).toEqual([])
    expect(disk.openFileCount).toBe(0)
  })

  test('one that was not synced goes only when there is no other', async () => {
    const { disk, open } = watchedDisk(3)
    make(disk, 'dirty')
    await make(disk, 'synced').sync()
    await make(disk, 'later').sync()
    make(disk, 'new')
    expect(open()).toEqual(['dirty', 'later', 'new'])
    make(disk, 'newer')
    expect(open()).toEqual(['dirty', 'new', 'newer'])
    make(disk, 'newest')
    expect(open()).toEqual(['new', 'newer', 'newest'])
  })

  test('a write during a sync is not covered by it', async () => {
    const waiting: ((error: Error | null) => void)[] = []
    const { disk, open } = watchedDisk(2, { sync: (_descriptor, done) => waiting.push(done) })
    const file = make(disk, 'written-during-sync')
    const other = make(disk, 'synced')
    const syncs = [file.sync(), other.sync()]
    file.append([Buffer.from('more')])
    for (const done of waiting) done(null)
    await Promise.all(syncs)
    make(disk, 'new')
    expect(open()).toEqual(['new', 'written-during-sync'])
  })

  test('files without a descriptor are found again under the name that they were given', async () => {
    const { disk, open } = watchedDisk(1)
    disk.makeDirectory(at('topic-0'))
    const file = make(disk, 'topic-0/a')
    make(disk, 'other')
    expect(open()).toEqual(['other'])
    disk.rename(at('topic-0/a'), at('topic-0/a.deleted'))
    expect(file.readSync(0, 99).toString()).toBe('topic-0/a')
    make(disk, 'another')
    disk.rename(at('topic-0'), at('topic-0.gone-delete'))
    expect((await file.read(0, Buffer.alloc(99))).toString()).toBe('topic-0/a')
    expect(file.path).toBe(at('topic-0.gone-delete/a.deleted'))
    expect(open()).toEqual(['topic-0.gone-delete/a.deleted'])
  })

  test.each<[string, (disk: DiskFileSystem) => void]>([
    ['removed', disk => disk.remove(at('topic-0/a'))],
    ['removed with its directory', disk => disk.removeDirectory(at('topic-0'))],
    [
      'replaced by another',
      disk => {
        make(disk, 'fresh').close()
        disk.rename(at('fresh'), at('topic-0/a'))
      },
    ],
    ['replaced as a small file', disk => disk.writeFileAtomically(at('topic-0/a'), Buffer.from('fresh'))],
  ])('a file without a descriptor that is %s gets one first, and keeps it', (_, lose) => {
    const { disk } = watchedDisk(1)
    disk.makeDirectory(at('topic-0'))
    const file = make(disk, 'topic-0/a')
    make(disk, 'other')
    lose(disk)
    make(disk, 'another')
    expect(file.readSync(0, 99).toString()).toBe('topic-0/a')
    expect(disk.openFileCount).toBe(2)
    file.close()
    expect(disk.openFileCount).toBe(1)
  })

  test('a removal that fails leaves files as they were', () => {
    const { disk, open } = watchedDisk(1)
    disk.makeDirectory(at('full/inside'))
    const file = make(disk, 'a')
    expect(() => disk.rename(at('full'), at('a'))).toThrow('cannot rename')
    make(disk, 'other')
    expect(open()).toEqual(['other'])
    expect(file.readSync(0, 9).toString()).toBe('a')
  })

  test('a failed sync is remembered when the descriptor that was told of it is gone', async () => {
    let calls = 0
    const { disk, open } = watchedDisk(1, {
      sync: (_descriptor, done) => done(calls++ === 0 ? systemFailure('EIO') : null),
    })
    const file = make(disk, 'a')
    await expect(file.sync()).rejects.toMatchObject({ operation: 'sync', systemCode: 'EIO' })
    make(disk, 'b')
    expect(open()).toEqual(['b'])
    await expect(file.sync()).rejects.toThrow('an earlier write or sync failed')
    expect(() => file.append([Buffer.from('x')])).toThrow('an earlier write or sync failed')
    expect(file.readSync(0, 9).toString()).toBe('a')
    expect(calls).toBe(1)
  })

  test('what a network disk says when an unsynced file is closed is not lost', async () => {
    let mustFail = false
    const { disk } = watchedDisk(1, {
      close: descriptor => {
        nodeCalls.close(descriptor)
        if (mustFail) throw systemFailure('EDQUOT')
      },
    })
    const file = make(disk, 'a')
    mustFail = true
    const other = make(disk, 'b')
    mustFail = false
    await other.sync()
    await expect(file.sync()).rejects.toMatchObject({ operation: 'sync', systemCode: 'EDQUOT' })
  })

  test('reads and syncs under way keep their descriptors, and only so many begin at a time', async () => {
    const reads: (() => void)[] = []
    const { disk, open } = watchedDisk(1, {
      read: async (descriptor, target, filled, position) => {
        await new Promise<void>(resolve => reads.push(resolve))
        return nodeCalls.readSync(descriptor, target, filled, position)
      },
    })
    const names = Array.from({ length: 9 }, (_, index) => `file-${index}`)
    const files = names.map(name => make(disk, name))
    const results = files.map((file, index) => file.read(0, Buffer.alloc(names[index]?.length ?? 0)))
    expect(reads).toHaveLength(4)
    expect(open()).toEqual(names.slice(0, 4))
    make(disk, 'other')
    expect(open()).toEqual([...names.slice(0, 4), 'other'].sort())
    const texts = Promise.all(results)
    let isOver = false
    void texts.finally(() => {
      isOver = true
    })
    while (!isOver) {
      for (const release of reads.splice(0)) release()
      expect(disk.openFileCount).toBeLessThanOrEqual(5)
      await new Promise(setImmediate)
    }
    expect((await texts).map(String)).toEqual(names)
    expect(disk.openFileCount).toBe(1)
  })

  test('a file that is closed while it waits for its turn is read all the same, then let go of', async () => {
    const reads: (() => void)[] = []
    const { disk, open } = watchedDisk(1, {
      read: async (descriptor, target, filled, position) => {
        await new Promise<void>(resolve => reads.push(resolve))
        return nodeCalls.readSync(descriptor, target, filled, position)
      },
    })
    const files = ['a', 'b', 'c', 'd', 'last'].map(name => make(disk, name))
    const results = files.map(file => file.read(0, Buffer.alloc(1)))
    for (const file of files) file.close()
    disk.remove(at('last'))
    for (const release of reads.splice(0)) release()
    await Promise.all(results.slice(0, 4))
    for (const release of reads.splice(0)) release()
    expect(String(await results[4])).toBe('l')
    expect(open()).toEqual([])
  })

  test('where the process has no descriptor left, files here give theirs', async () => {
    let left = 3
    const { disk, open } = watchedDisk(100, {
      open: (path, flags) => {
        if (left === 0) throw systemFailure('EMFILE')
        left--
        return nodeCalls.open(path, flags)
      },
      close: descriptor => {
        left++
        nodeCalls.close(descriptor)
      },
    })
    const files = Array.from({ length: 20 }, (_, index) => make(disk, `file-${index}`))
    for (const [index, file] of files.entries()) expect(file.readSync(0, 99).toString()).toBe(`file-${index}`)
    for (const file of files) await file.sync()
    expect(open()).toEqual([])
    left = 0
    for (const file of files) file.close()
    left = 0
    expect(() => disk.open(at('file-1'))).toThrow(expect.objectContaining({ systemCode: 'EMFILE' }))
  })

  test('a failed reopening fails what needed it and nothing after it', async () => {
    let isFailing = false
    const { disk } = watchedDisk(1, {
      open: (path, flags) => {
        if (isFailing) throw systemFailure('EIO')
        return nodeCalls.open(path, flags)
      },
    })
    const file = make(disk, 'a')
    make(disk, 'b')
    isFailing = true
    await expect(file.sync()).rejects.toMatchObject({ operation: 'open' })
    await expect(file.read(0, Buffer.alloc(1))).rejects.toMatchObject({ operation: 'open' })
    expect(() => file.append([Buffer.from('x')])).toThrow(expect.objectContaining({ operation: 'open' }))
    isFailing = false
    file.append([Buffer.from('!')])
    await file.sync()
    expect((await file.read(0, Buffer.alloc(9))).toString()).toBe('a!')
  })

  test('another file in the place of one without a descriptor is not taken for it', () => {
    const { disk } = watchedDisk(1)
    const file = make(disk, 'a')
    make(disk, 'b')
    writeFileSync(at('foreign'), 'foreign')
    renameSync(at('foreign'), at('a'))
    expect(() => file.append([Buffer.from('x')])).toThrow('another file is in its place')
    expect(readFileSync(at('a')).toString()).toBe('foreign')
  })

  test('on a volume that has become read-only files are read, and written again when it no longer is', async () => {
    let isReadOnly = false
    const { disk } = watchedDisk(2, {
      open: (path, flags) => {
        if (isReadOnly && flags !== 0) throw systemFailure('EROFS')
        return nodeCalls.open(path, flags)
      },
    })
    const file = make(disk, 'a')
    make(disk, 'b')
    make(disk, 'c')
    isReadOnly = true
    expect(file.readSync(0, 9).toString()).toBe('a')
    expect(() => file.append([Buffer.from('x')])).toThrow(expect.objectContaining({ systemCode: 'EROFS' }))
    expect(() => disk.open(at('new'), { create: true })).toThrow(expect.objectContaining({ systemCode: 'EROFS' }))
    const reading = file.read(0, Buffer.alloc(9))
    isReadOnly = false
    file.append([Buffer.from('!')])
    expect((await reading).toString()).toBe('a')
    expect(file.readSync(0, 9).toString()).toBe('a!')
    expect(disk.openFileCount).toBeLessThanOrEqual(2)
    file.close()
    expect(disk.openFileCount).toBeLessThanOrEqual(1)
  })

  test('a tail that could not be cut off is cut off before anything else is written', async () => {
    let isBroken = true
    const { disk } = watchedDisk(1, {
      write: (descriptor, bytes, position) => {
        if (!isBroken || position === 0) return nodeCalls.write(descriptor, bytes, position)
        nodeCalls.write(descriptor, bytes, position)
        throw systemFailure('EIO')
      },
      truncate: (descriptor, size) => {
        if (isBroken) throw systemFailure('EIO')
        nodeCalls.truncate(descriptor, size)
      },
    })
    const file = make(disk, 'a')
    expect(() => file.append([Buffer.from('half of it')])).toThrow('cannot append to')
    expect(() => file.append([Buffer.from('x')])).toThrow('an earlier write or sync failed')
    expect(readFileSync(at('a')).toString()).toBe('ahalf of it')
    isBroken = false
    await file.sync()
    expect(readFileSync(at('a')).toString()).toBe('a')
    file.append([Buffer.from('!')])
    expect(readFileSync(at('a')).toString()).toBe('a!')
  })

  test('a file that takes no bytes and cannot be cut either is as it was', () => {
    let isReadOnly = false
    const refusing = (): never => {
      throw systemFailure('EROFS')
    }
    const { disk } = watchedDisk(1, {
      write: (...call) => (isReadOnly ? refusing() : nodeCalls.write(...call)),
      truncate: refusing,
    })
    const file = make(disk, 'a')
    isReadOnly = true
    expect(() => file.append([Buffer.from('x')])).toThrow(expect.objectContaining({ systemCode: 'EROFS' }))
    isReadOnly = false
    file.append([Buffer.from('!')])
    expect(readFileSync(at('a')).toString()).toBe('a!')
  })

  test('the limit is half of what the system lets the process open', () => {
    const limits = (soft: string): string =>
      `Limit   Soft Limit   Hard Limit   Units\nMax open files            ${soft}                 4096                 files     \n`
    expect(descriptorLimit(limits('1024'))).toBe(512)
    expect(descriptorLimit(limits('20'))).toBe(16)
    expect(descriptorLimit(limits('unlimited'))).toBe(50_000)
    expect(descriptorLimit('')).toBe(100)
    const probe = openSync('/dev/null', 'r')
    closeSync(probe)
    expect(descriptorLimit()).toBeGreaterThanOrEqual(16)
  })
})
