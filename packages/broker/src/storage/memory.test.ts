import { describe, expect, test } from 'vitest'
import { MemoryFileSystem } from './memory.js'
import { StorageError } from './storage-error.js'

const MIB = 1024 * 1024

describe('a file system in memory', () => {
  test('a full one refuses an append whole, and goes on when there is room again', () => {
    const files = new MemoryFileSystem({ capacityBytes: MIB })
    const first = files.open('/first', { create: true })
    const second = files.open('/second', { create: true })
    first.append([Buffer.alloc(700_000, 'a')])
    second.append([Buffer.from('kept')])
    expect(() => second.append([Buffer.alloc(100_000), Buffer.alloc(400_000)])).toThrow(StorageError)
    expect(second.readSync(0, 100).toString()).toBe('kept')
    first.truncate(0)
    second.append([Buffer.alloc(500_000)])
    expect(second.size).toBe(500_004)
  })

  test('what is taken up is told, and given back when neither a name nor a handle is left', () => {
    const files = new MemoryFileSystem({ capacityBytes: 8 * MIB })
    const usable = (): number => files.space('/').usable
    files.makeDirectory('/topic-0')
    const file = files.open('/topic-0/0.log', { create: true })
    file.append([Buffer.alloc(3 * MIB)])
    expect(usable()).toBe(5 * MIB)
    file.truncate(MIB)
    expect(usable()).toBe(7 * MIB)
    files.removeDirectory('/topic-0')
    expect(usable()).toBe(7 * MIB)
    file.close()
    expect(usable()).toBe(8 * MIB)
    files.writeFileAtomically('/checkpoint', Buffer.alloc(1000))
    files.writeFileAtomically('/checkpoint', Buffer.alloc(1000))
    expect(usable()).toBe(8 * MIB - 1024)
    files.remove('/checkpoint')
    expect(usable()).toBe(8 * MIB)
  })

  test('an empty file takes up nothing and a small one little', () => {
    const files = new MemoryFileSystem({ capacityBytes: MIB })
    for (let index = 0; index < 1000; index++) files.open(`/${index}`, { create: true })
    expect(files.space('/').usable).toBe(MIB)
    files.open('/0').append([Buffer.alloc(12)])
    expect(files.space('/').usable).toBe(MIB - 512)
  })

  test('two handles of one file see each other', () => {
    const files = new MemoryFileSystem()
    const one = files.open('/a', { create: true })
    const other = files.open('/a')
    one.append([Buffer.from('1')])
    other.append([Buffer.from('2')])
    expect(one.readSync(0, 10).toString()).toBe('12')
  })

  test('paths are joined in either way and cannot leave the root', () => {
    const files = new MemoryFileSystem()
    files.makeDirectory('C:\\data\\logs')
    expect(files.list('C:/data')).toEqual(['logs'])
    files.writeFileAtomically('../../a', Buffer.from('a'))
    expect(files.list('/').sort()).toEqual(['C:', 'a'])
  })
})
