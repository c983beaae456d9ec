import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededRandom } from '@samsa/runtime/internal'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DiskFileSystem } from './disk.js'
import { FaultyFileSystem } from './faulty.js'
import type { FileSystem } from './file-system.js'
import { MemoryFileSystem } from './memory.js'
import { StorageError } from './storage-error.js'

const bytes = (text: string): Buffer => Buffer.from(text)

function failure(work: () => unknown): StorageError {
  try {
    work()
  } catch (error) {
    if (error instanceof StorageError) return error
    throw error
  }
  throw new Error('it did not fail')
}

const implementations = [
  {
    name: 'disk',
    make: () => {
      const folder = mkdtempSync(join(tmpdir(), 'samsa-files-'))
      return { files: new DiskFileSystem(), folder, end: () => rmSync(folder, { recursive: true }) }
    },
  },
  {
    name: 'disk that keeps one file open',
    make: () => {
      const folder = mkdtempSync(join(tmpdir(), 'samsa-files-'))
      return { files: new DiskFileSystem({ maxOpenFiles: 1 }), folder, end: () => rmSync(folder, { recursive: true }) }
    },
  },
  {
    name: 'memory',
    make: () => {
      const files = new MemoryFileSystem()
      files.makeDirectory('/data')
      return { files, folder: '/data', end: () => {} }
    },
  },
  {
    name: 'faulty, without a fault',
    make: () => {
      const files = new FaultyFileSystem({ random: new SeededRandom('files') })
      files.makeDirectory('/data')
      return { files, folder: '/data', end: () => {} }
    },
  },
]

describe.each(implementations)('a file system ($name)', ({ make }) => {
  let files: FileSystem
  let folder: string
  let end: () => void

  beforeEach(() => {
    ;({ files, folder, end } = make())
  })

  afterEach(() => end())

  const path = (name: string): string => join(folder, name)

  test('what is appended in chunks is read back as one, by every way of reading', async () => {
    const file = files.open(path('a.log'), { create: true })
    file.append([bytes('one '), bytes(''), bytes('two '), bytes('three')])
    file.append([bytes('!')])
    expect(file.size).toBe(14)
    expect(file.readSync(0, 100).toString()).toBe('one two three!')
    expect((await file.read(4, Buffer.alloc(3))).toString()).toBe('two')
    expect(files.readFile(path('a.log')).toString()).toBe('one two three!')
    expect(files.sizeOf(path('a.log'))).toBe(14)
    file.close()
  })

  test('a read at or behind the end gives what is there', async () => {
    const file = files.open(path('a'), { create: true })
    file.append([bytes('abc')])
    expect(file.readSync(1, 10).toString()).toBe('bc')
    expect(file.readSync(3, 10)).toHaveLength(0)
    expect(await file.read(99, Buffer.alloc(10))).toHaveLength(0)
    file.close()
  })

  test('appending takes no reference: bytes changed after it stay as they were in the file, and the other way round', () => {
    const file = files.open(path('a'), { create: true })
    const mine = bytes('mine')
    file.append([mine])
    mine.fill(0)
    const read = file.readSync(0, 4)
    expect(read.toString()).toBe('mine')
    read.fill(0)
    expect(file.readSync(0, 4).toString()).toBe('mine')
    file.close()
  })

  test('seeded random writes and cuts leave the bytes that a plain buffer would have', () => {
    const random = new SeededRandom(7)
    const file = files.open(path('a'), { create: true })
    let model = Buffer.alloc(0)
    for (let step = 0; step < 150; step++) {
      const size = random.integer(0, 40_000)
      const content = Buffer.alloc(size, step)
      const kind = random.integer(0, 10)
      if (kind < 6) {
        const cut = random.integer(0, size + 1)
        file.append([content.subarray(0, cut), content.subarray(cut)])
        model = Buffer.concat([model, content])
      } else if (kind < 8) {
        const position = random.integer(0, model.length + 1)
        file.writeAt(position, content)
        model = Buffer.concat([model.subarray(0, position), content, model.subarray(position + size)])
      } else {
        const cut = random.integer(0, model.length + 20_000)
        file.truncate(cut)
        model = Buffer.concat([model.subarray(0, cut), Buffer.alloc(Math.max(0, cut - model.length))])
      }
      const position = random.integer(0, model.length + 1)
      expect(file.readSync(position, 5000).equals(model.subarray(position, position + 5000))).toBe(true)
    }
    expect(file.size).toBe(model.length)
    expect(file.readSync(0, model.length).equals(model)).toBe(true)
    expect(files.readFile(path('a')).equals(model)).toBe(true)
    file.close()
  })

  test('a cut file grows again from where it was cut', () => {
    const file = files.open(path('a'), { create: true })
    file.append([bytes('keep this, not that')])
    file.truncate(9)
    file.append([bytes('!')])
    expect(file.readSync(0, 100).toString()).toBe('keep this!')
    file.close()
  })

  test('a write beyond the end is refused, since it would leave a hole', () => {
    const file = files.open(path('a'), { create: true })
    expect(failure(() => file.writeAt(1, bytes('x'))).systemCode).toBe('EINVAL')
    expect(file.size).toBe(0)
    file.close()
  })

  test('opening needs the file unless it may be new, and finds what was written before', () => {
    expect(failure(() => files.open(path('none'))).systemCode).toBe('ENOENT')
    const first = files.open(path('a'), { create: true })
    first.append([bytes('before')])
    first.close()
    const second = files.open(path('a'), { create: true })
    expect(second.size).toBe(6)
    second.append([bytes(' and after')])
    second.close()
    expect(files.readFile(path('a')).toString()).toBe('before and after')
  })

  test('an error says what was tried, where, and why', () => {
    const error = failure(() => files.open(path('none')))
    expect(error.operation).toBe('open')
    expect(error.path).toBe(path('none'))
    expect(error.code).toBe('KAFKA_STORAGE_ERROR')
    expect(error.message).toMatch(/^cannot open .*none: .*no such file or directory$/)
  })

  test('a directory is no file, and a file no directory', () => {
    files.makeDirectory(path('directory'))
    files.open(path('file'), { create: true }).close()
    expect(failure(() => files.open(path('directory'))).systemCode).toBe('EISDIR')
    expect(failure(() => files.readFile(path('directory'))).systemCode).toBe('EISDIR')
    expect(failure(() => files.list(path('file'))).systemCode).toBe('ENOTDIR')
    expect(failure(() => files.open(path('file/below'), { create: true })).systemCode).toBe('ENOTDIR')
    expect(failure(() => files.open(path('nowhere/below'), { create: true })).systemCode).toBe('ENOENT')
    expect(files.isDirectory(path('directory'))).toBe(true)
    expect(files.isDirectory(path('file'))).toBe(false)
    expect(files.isDirectory(path('none'))).toBe(false)
    expect(files.exists(path('file/below'))).toBe(false)
  })

  test('directories are made with those above them, and listed by name', () => {
    files.makeDirectory(path('one/two/three'))
    files.makeDirectory(path('one/two'))
    files.open(path('one/file'), { create: true }).close()
    expect(files.list(path('one')).sort()).toEqual(['file', 'two'])
    expect(failure(() => files.makeDirectory(path('one/file'))).systemCode).toBe('EEXIST')
  })

  test('a rename moves a directory with all that is in it; open files go with it', () => {
    files.makeDirectory(path('topic-0'))
    const file = files.open(path('topic-0/0.log'), { create: true })
    file.append([bytes('a')])
    files.rename(path('topic-0'), path('topic-0.gone-delete'))
    file.append([bytes('b')])
    expect(files.exists(path('topic-0'))).toBe(false)
    expect(files.readFile(path('topic-0.gone-delete/0.log')).toString()).toBe('ab')
    file.close()
  })

  test('a rename replaces a file, whose open handles keep what it held', () => {
    const old = files.open(path('a'), { create: true })
    old.append([bytes('old')])
    const fresh = files.open(path('b'), { create: true })
    fresh.append([bytes('fresh')])
    files.rename(path('b'), path('a'))
    expect(files.readFile(path('a')).toString()).toBe('fresh')
    expect(old.readSync(0, 10).toString()).toBe('old')
    old.close()
    fresh.close()
  })

  test('a rename that would lose something is refused', () => {
    files.makeDirectory(path('full/inside'))
    files.makeDirectory(path('other'))
    files.open(path('file'), { create: true }).close()
    expect(failure(() => files.rename(path('other'), path('full'))).systemCode).toBe('ENOTEMPTY')
    expect(failure(() => files.rename(path('other'), path('file'))).systemCode).toBe('ENOTDIR')
    expect(failure(() => files.rename(path('file'), path('full'))).systemCode).toBe('EISDIR')
    expect(failure(() => files.rename(path('full'), path('full/inside/deeper'))).systemCode).toBe('EINVAL')
    expect(failure(() => files.rename(path('none'), path('new'))).systemCode).toBe('ENOENT')
    expect(files.list(folder).sort()).toEqual(['file', 'full', 'other'])
  })

  test('a removed file is gone by name and lives on in its open handle', async () => {
    const file = files.open(path('a'), { create: true })
    file.append([bytes('still ')])
    files.remove(path('a'))
    expect(files.exists(path('a'))).toBe(false)
    file.append([bytes('here')])
    expect((await file.read(0, Buffer.alloc(100))).toString()).toBe('still here')
    file.close()
    files.remove(path('a'))
    expect(files.list(folder)).toEqual([])
  })

  test('a directory is removed with all that is in it, or not there already', () => {
    files.makeDirectory(path('one/two'))
    files.open(path('one/two/file'), { create: true }).close()
    files.removeDirectory(path('one'))
    files.removeDirectory(path('one'))
    expect(files.list(folder)).toEqual([])
  })

  test('a small file is replaced whole and leaves nothing beside it', () => {
    files.writeFileAtomically(path('checkpoint'), bytes('0\n1\n'))
    files.writeFileAtomically(path('checkpoint'), bytes('0\n'))
    expect(files.readFile(path('checkpoint')).toString()).toBe('0\n')
    expect(files.list(folder)).toEqual(['checkpoint'])
    expect(failure(() => files.writeFileAtomically(path('none/checkpoint'), bytes(''))).operation).toBe('replace')
  })

  test('files and directories are synced, and one that is not there says so', async () => {
    const file = files.open(path('a'), { create: true })
    file.append([bytes('a')])
    await file.sync()
    await files.syncDirectory(folder)
    files.syncDirectoryNow(folder)
    await expect(files.syncDirectory(path('none'))).rejects.toMatchObject({ operation: 'sync', systemCode: 'ENOENT' })
    expect(failure(() => files.syncDirectoryNow(path('none')))).toMatchObject({
      operation: 'sync',
      systemCode: 'ENOENT',
    })
    file.close()
  })

  test('a closed handle is of no use, and closing it again is harmless', async () => {
    const file = files.open(path('a'), { create: true })
    file.close()
    file.close()
    expect(failure(() => file.append([bytes('a')])).systemCode).toBe('EBADF')
    expect(failure(() => file.readSync(0, 1)).systemCode).toBe('EBADF')
    expect(failure(() => file.truncate(0)).systemCode).toBe('EBADF')
    await expect(file.read(0, Buffer.alloc(1))).rejects.toMatchObject({ systemCode: 'EBADF' })
    await expect(file.sync()).rejects.toMatchObject({ systemCode: 'EBADF' })
  })

  test('reads and syncs under way when a handle is closed still end well', async () => {
    const file = files.open(path('a'), { create: true })
    const content = Buffer.alloc(3_000_000, 'x')
    file.append([content])
    const reads = [file.read(0, Buffer.alloc(3_000_000)), file.read(1000, Buffer.alloc(1000)), file.sync()]
    file.close()
    // Would take over the descriptor's number if closing had given it back at once.
    const other = files.open(path('b'), { create: true })
    other.append([Buffer.alloc(3_000_000, 'y')])
    const [first, second] = await Promise.all(reads)
    expect(first?.equals(content)).toBe(true)
    expect(second?.equals(content.subarray(0, 1000))).toBe(true)
    other.close()
  })

  test('space is told in bytes, and no more is usable than there is', () => {
    const { total, usable } = files.space(folder)
    expect(usable).toBeGreaterThan(0)
    expect(usable).toBeLessThanOrEqual(total)
  })
})
