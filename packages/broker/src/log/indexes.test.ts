import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { MemoryFileSystem } from '../storage/memory.js'
import { OffsetIndex } from './offset-index.js'
import { TimeIndex } from './time-index.js'
import { TxnIndex } from './txn-index.js'

const PATH = '/i'

describe('offset index', () => {
  test('a lookup gives the position of the last entry that is not behind the offset', () => {
    const index = new OffsetIndex(new MemoryFileSystem(), PATH, 1000)
    index.append(1009, 5000)
    index.append(1019, 10_000)
    expect([1000, 1008, 1009, 1018, 1019, 5000].map(offset => index.lookup(offset))).toEqual([
      0, 0, 5000, 5000, 10_000, 10_000,
    ])
  })

  test('agrees with a plain list over many blocks, in memory, in the file, after truncation and after reopening', () => {
    const random = new SeededRandom('offset index')
    const fileSystem = new MemoryFileSystem()
    let index = new OffsetIndex(fileSystem, PATH, 7)
    let entries: { offset: number; position: number }[] = []
    const lookup = (offset: number): number => entries.findLast(entry => entry.offset <= offset)?.position ?? 0
    let offset = 7
    for (let round = 0; round < 40; round++) {
      for (let count = random.integer(1, 400); count > 0; count--) {
        offset += random.integer(1, 50)
        index.append(offset, entries.length * 100 + 61)
        entries.push({ offset, position: entries.length * 100 + 61 })
      }
      const action = random.integer(0, 3)
      if (action === 0) {
        offset = random.integer(offset - 3000, offset)
        index.truncateTo(offset)
        entries = entries.filter(entry => entry.offset < offset)
        offset = entries.at(-1)?.offset ?? 7
      } else if (action === 1) {
        index.file.close()
        index = new OffsetIndex(fileSystem, PATH, 7)
        expect(index.load(Number.MAX_SAFE_INTEGER)).toBe(true)
      }
      expect(index.count).toBe(entries.length)
      for (let probe = 0; probe < 50; probe++) {
        const wanted = random.integer(0, offset + 100)
        expect(index.lookup(wanted)).toBe(lookup(wanted))
      }
    }
  })

  test('zeros at the end of the file are room that was set aside, not entries', () => {
    const fileSystem = new MemoryFileSystem()
    const written = new OffsetIndex(fileSystem, PATH, 0)
    for (let entry = 1; entry <= 600; entry++) written.append(entry * 10, entry * 5000)
    written.file.close()
    const bytes = fileSystem.readFile(PATH)
    fileSystem.writeFileAtomically(PATH, Buffer.concat([bytes, Buffer.alloc(8 * 2000)]))
    const index = new OffsetIndex(fileSystem, PATH, 0)
    expect(index.load(10_000_000)).toBe(true)
    expect(index.count).toBe(600)
    index.append(6010, 3_005_000)
    index.file.close()
    expect(fileSystem.readFile(PATH).subarray(0, bytes.length)).toEqual(bytes)
    expect(fileSystem.sizeOf(PATH)).toBe(601 * 8)
  })

  test('a file that cannot belong to the segment is not taken over', () => {
    const fileSystem = new MemoryFileSystem()
    const written = new OffsetIndex(fileSystem, PATH, 0)
    written.append(10, 5000)
    written.file.close()
    expect(new OffsetIndex(fileSystem, PATH, 0).load(4000)).toBe(false)
    fileSystem.writeFileAtomically(PATH, Buffer.alloc(13, 1))
    expect(new OffsetIndex(fileSystem, PATH, 0).load(1_000_000_000)).toBe(false)
  })

  test('appending touches the file once a block', () => {
    const fileSystem = new MemoryFileSystem()
    const index = new OffsetIndex(fileSystem, PATH, 0)
    for (let entry = 1; entry <= 512; entry++) index.append(entry, entry)
    expect(fileSystem.exists(PATH)).toBe(false)
    index.append(513, 513)
    expect(fileSystem.sizeOf(PATH)).toBe(4096)
  })
})

describe('time index', () => {
  test('a lookup gives the last entry that is not later', () => {
    const index = new TimeIndex(new MemoryFileSystem(), PATH, 50)
    index.append(1000, 60)
    index.append(1000, 70)
    index.append(900, 80)
    index.append(2000, 90)
    expect(index.count).toBe(2)
    expect(index.lookup(999)).toEqual({ timestamp: -1, offset: 50 })
    expect(index.lookup(1000)).toEqual({ timestamp: 1000, offset: 60 })
    expect(index.lookup(5000)).toEqual({ timestamp: 2000, offset: 90 })
    index.truncateTo(90)
    expect(index.last).toEqual({ timestamp: 1000, offset: 60 })
  })

  test('timestamps are 64 bits wide', () => {
    const fileSystem = new MemoryFileSystem()
    const index = new TimeIndex(fileSystem, PATH, 0)
    index.append(2 ** 45 + 5, 1)
    index.file.close()
    const again = new TimeIndex(fileSystem, PATH, 0)
    expect(again.load()).toBe(true)
    expect(again.last.timestamp).toBe(2 ** 45 + 5)
  })
})

describe('index of aborted transactions', () => {
  test('tells those that overlap a range, and whether later segments can have more', () => {
    const index = new TxnIndex(new MemoryFileSystem(), PATH)
    index.append({ producerId: 1, firstOffset: 0, lastOffset: 10, lastStableOffset: 5 })
    index.append({ producerId: 2, firstOffset: 5, lastOffset: 20, lastStableOffset: 21 })
    const collect = (from: number, to: number): [number[], boolean] => {
      const into: Parameters<TxnIndex['collect']>[2] = []
      const isComplete = index.collect(from, to, into)
      return [into.map(({ producerId }) => producerId), isComplete]
    }
    expect(collect(0, 5)).toEqual([[1], true])
    expect(collect(0, 6)).toEqual([[1, 2], true])
    expect(collect(11, 12)).toEqual([[2], true])
    expect(collect(11, 30)).toEqual([[2], false])
    expect(collect(21, 22)).toEqual([[], false])
  })

  test('an abort is in the file at once', () => {
    const fileSystem = new MemoryFileSystem()
    const index = new TxnIndex(fileSystem, PATH)
    index.append({ producerId: 1, firstOffset: 0, lastOffset: 10, lastStableOffset: 5 })
    expect(fileSystem.sizeOf(PATH)).toBe(34)
  })
})
