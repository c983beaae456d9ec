import { ftruncateSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeSync, writevSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DiskFileSystem } from './disk.js'
import type { DiskCalls } from './disk-calls.js'
import type { FileHandle } from './file-system.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samsa-disk-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function openWith(calls: Partial<DiskCalls>, content = ''): FileHandle {
  const file = new DiskFileSystem({ calls }).open(join(folder, 'file'), { create: true })
  if (content !== '') file.append([Buffer.from(content)])
  return file
}

const onDisk = (): string => readFileSync(join(folder, 'file')).toString()

/** Writes a few bytes of what it is given, as a system may. */
const shortWrites: Partial<DiskCalls> = {
  write: (descriptor, bytes, position) => writeSync(descriptor, bytes.subarray(0, 3), 0, 3, position),
  writev: (descriptor, chunks, position) => {
    const all = Buffer.concat(chunks)
    return writeSync(descriptor, all.subarray(0, 5), 0, Math.min(5, all.length), position)
  },
}

/** Writes half and then fails, as a disk that is filling up does. */
function fillsUp(): Partial<DiskCalls> {
  let calls = 0
  return {
    writev: (descriptor, chunks, position) => {
      if (calls++ > 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      return writeSync(descriptor, chunks[0] ?? Buffer.alloc(0), 0, undefined, position)
    },
  }
}

describe('files on disk', () => {
  test('an append of many chunks is one system call', () => {
    const counts: number[] = []
    const file = openWith({
      writev: (descriptor, chunks, position) => {
        counts.push(chunks.length)
        return writevSync(descriptor, chunks, position)
      },
    })
    file.append(Array.from({ length: 3000 }, (_, index) => Buffer.from(`${index},`)))
    expect(counts).toEqual([3000])
    expect(onDisk()).toBe(Array.from({ length: 3000 }, (_, index) => `${index},`).join(''))
    file.close()
  })

  test('writes that the system cuts short are carried on', () => {
    const file = openWith({
      ...shortWrites,
      write: (descriptor, bytes, position) => writeSync(descriptor, bytes, 0, Math.min(3, bytes.length), position),
    })
    file.append([Buffer.from('a long'), Buffer.from(''), Buffer.from(' sentence'), Buffer.from(' in parts')])
    file.append([Buffer.from(', and more')])
    expect(onDisk()).toBe('a long sentence in parts, and more')
    file.close()
  })

  test('a failed append leaves the file as it was, and the handle usable', () => {
    const file = openWith(fillsUp(), 'before')
    expect(() => file.append([Buffer.from('some'), Buffer.from('of'), Buffer.from('it')])).toThrow(
      expect.objectContaining({ systemCode: 'ENOSPC', message: expect.stringMatching(/^cannot append to .*device$/) }),
    )
    expect(file.size).toBe(6)
    expect(onDisk()).toBe('before')
    file.append([Buffer.from(' after')])
    expect(onDisk()).toBe('before after')
    file.close()
  })

  test('when the file cannot even be cut back, nothing more is written or synced through the handle', async () => {
    const file = openWith(
      {
        ...fillsUp(),
        truncate: () => {
          throw new Error('EIO: i/o error, ftruncate')
        },
      },
      'before',
    )
    expect(() => file.append([Buffer.from('some'), Buffer.from('of'), Buffer.from('it')])).toThrow('no space left')
    expect(() => file.append([Buffer.from('x')])).toThrow('an earlier write or sync failed')
    expect(() => file.writeAt(0, Buffer.from('x'))).toThrow('an earlier write or sync failed')
    await expect(file.sync()).rejects.toThrow('an earlier write or sync failed')
    expect(file.size).toBe(6)
    expect(file.readSync(0, 100).toString()).toBe('before')
    file.close()
  })

  test('a failed overwrite makes the handle unusable for writing', () => {
    const file = openWith({}, 'before')
    file.close()
    const failing = openWith({
      write: () => {
        throw new Error('EIO: i/o error, write')
      },
    })
    expect(() => failing.writeAt(2, Buffer.from('x'))).toThrow('cannot write to')
    expect(() => failing.truncate(0)).toThrow('an earlier write or sync failed')
    failing.close()
  })

  test('after a failed sync no later one claims success', async () => {
    let calls = 0
    const file = openWith({
      sync: (_descriptor, done) => done(calls++ === 0 ? new Error('EIO: i/o error, fdatasync') : null),
    })
    await expect(file.sync()).rejects.toThrow('i/o error')
    await expect(file.sync()).rejects.toThrow('an earlier write or sync failed')
    expect(calls).toBe(1)
    file.close()
  })

  test('of two syncs at the same time neither claims success when the other fails', async () => {
    const waiting: ((error: Error | null) => void)[] = []
    const file = openWith({ sync: (_descriptor, done) => waiting.push(done) })
    const both = Promise.allSettled([file.sync(), file.sync()])
    waiting[0]?.(new Error('EIO: i/o error, fdatasync'))
    waiting[1]?.(null)
    expect((await both).map(result => result.status)).toEqual(['rejected', 'rejected'])
    file.close()
  })

  test('a failed replacement leaves the old file and nothing beside it', () => {
    const path = join(folder, 'checkpoint')
    new DiskFileSystem().writeFileAtomically(path, Buffer.from('old'))
    const failing = new DiskFileSystem({
      calls: {
        write: (descriptor, bytes, position) => {
          writeSync(descriptor, bytes, 0, 1, position)
          ftruncateSync(descriptor, 1)
          throw new Error('EIO: i/o error, write')
        },
      },
    })
    expect(() => failing.writeFileAtomically(path, Buffer.from('new'))).toThrow('cannot replace')
    expect(readFileSync(path).toString()).toBe('old')
    expect(readdirSync(folder)).toEqual(['checkpoint'])
  })
})
