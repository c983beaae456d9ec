import { silentLogger } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../../storage/file-system.js'
import { MemoryFileSystem } from '../../storage/memory.js'
import { StorageError } from '../../storage/storage-error.js'
import type { PartitionLog } from '../partition-log.js'
import { copyFiles, faulty, override } from '../test-log.js'
import { type CleanerSettings, LogCleaner } from './log-cleaner.js'
import { cleanerOf, compact, contentOf, fill, names, openCompacted, pausing, put, SETTINGS } from './test-cleaning.js'

describe('a pass that cannot go on', () => {
  test('does not begin before it is on disk that the log is compacted', async () => {
    const { log, clock } = openCompacted()
    fill(log)
    const content = await contentOf(log)
    const { segmentCount } = log
    let isFull = true
    const asked: unknown[] = []
    const checkpoint = (): boolean => {
      asked.push([log.cleaning.cleanedTo, log.segmentCount])
      return !isFull
    }
    const settings = (): CleanerSettings => SETTINGS
    const cleaner = new LogCleaner({ clock, logger: silentLogger, logs: () => [log], settings, checkpoint })
    await cleaner.run()
    expect([await contentOf(log), asked]).toEqual([content, [[0, segmentCount]]])
    isFull = false
    await cleaner.run()
    expect(asked[1]).toEqual([0, segmentCount])
    expect(log.cleaning.cleanedTo).toBeGreaterThan(0)
  })

  test('never begins a segment while the names that the one before got are not on disk', async () => {
    const inner = new MemoryFileSystem()
    let hasNewNames = false
    const begun: boolean[] = []
    const fileSystem = override<FileSystem>(inner, {
      open(path, options) {
        if (path.endsWith('.log.cleaned')) begun.push(hasNewNames)
        return inner.open(path, options)
      },
      rename(from, to) {
        if (from.endsWith('.swap')) hasNewNames = true
        inner.rename(from, to)
      },
      async syncDirectory(path) {
        await inner.syncDirectory(path)
        hasNewNames = false
      },
    })
    const { log, clock } = openCompacted({ fileSystem, config: { segmentBytes: 400 } })
    for (let pass = 0; pass < 2; pass++) {
      fill(log)
      await compact(log, clock)
    }
    expect(begun.length).toBeGreaterThan(2)
    expect(begun).not.toContain(true)
  })

  type Interruption = (log: PartitionLog) => unknown

  const interruptions: [string, Interruption][] = [
    ['a cut', log => log.truncateTo(15)],
    ['another configuration', log => log.updateConfig({ ...log.config, deleteRetentionMs: 1 })],
    [
      'retention',
      log => {
        log.deleteRecordsBefore(9)
        log.applyRetention()
      },
    ],
    ['the end of the log', log => log.discard()],
    ['a stop', log => log.close()],
  ]

  test.each(interruptions)('ends without a trace: %s, at any wait for the disk', async (_, interrupt) => {
    for (let wait = 0; wait < 4; wait++) {
      const inner = new MemoryFileSystem()
      const paused = pausing(inner)
      const { log, clock } = openCompacted({ fileSystem: paused.fileSystem, config: { fileDeleteDelayMs: 0 } })
      fill(log)
      await log.flush()
      const { cleaner, failures } = cleanerOf([log], clock)
      let reached = paused.reached()
      const running = cleaner.run()
      for (let skip = 0; skip < wait && (log.cleaning.cleanedTo ?? 0) === 0; skip++) {
        const resume = await Promise.race([reached, running])
        reached = paused.reached()
        if (typeof resume === 'function') resume()
      }
      const held = await Promise.race([reached, running])
      const before = log.isClosed ? [] : log.cleaning.segments.map(({ baseOffset }) => baseOffset)
      await interrupt(log)
      const { logEndOffset } = log
      // A crash now must not bring back what was cut off or removed.
      const crashed = openCompacted({ fileSystem: copyFiles(inner), clock, isCleanStop: false }).log
      expect([crashed.firstSegmentOffset, crashed.logEndOffset]).toEqual([log.firstSegmentOffset, logEndOffset])
      if (typeof held === 'function') held()
      await running
      expect([failures, log.offline]).toEqual([[], undefined])
      if (!log.isClosed) {
        await clock.advance(10)
        expect(names(inner).filter(name => /cleaned|swap|deleted|replaces/.test(name))).toEqual([])
        log.discard()
      }
      const again = openCompacted({ fileSystem: copyFiles(inner), clock, isCleanStop: false }).log
      expect(again.logEndOffset, `${before}`).toBe(logEndOffset)
      await compact(again, clock)
      const content = (await contentOf(again)).join(' ')
      // A log that was compacted before it was cut has none.
      expect(content.match(/ a@\d+/g) ?? []).toHaveLength(logEndOffset <= 15 && before.length < 5 ? 0 : 1)
    }
  })

  test('does not go on with what it learned of records that were cut off', async () => {
    const paused = pausing(new MemoryFileSystem())
    const { log, clock } = openCompacted({ fileSystem: paused.fileSystem, config: { segmentBytes: 150 } })
    fill(log)
    await log.flush()
    const reached = paused.reached()
    const { cleaner } = cleanerOf([log], clock)
    const running = cleaner.run()
    const resume = await reached
    log.truncateTo(17)
    resume()
    await running
    expect(await contentOf(log)).toContain('14-15 a@14=7 b7@15=7')
  })

  test.each([
    ['was cut', (log: PartitionLog) => log.truncateTo(1)],
    [
      'was removed',
      (log: PartitionLog) => {
        log.deleteRecordsBefore(log.highWatermark)
        log.applyRetention()
      },
    ],
  ])('finds nothing wrong with a file that %s while it was to be read', async (_, interrupt) => {
    for (let skip = 0; skip < 12; skip++) {
      const inner = new MemoryFileSystem()
      let reads = 0
      let log: PartitionLog | undefined
      const fileSystem = override<FileSystem>(inner, {
        open(path, options) {
          const handle = inner.open(path, options)
          return override(handle, {
            async read(position, length) {
              if (reads++ === skip && log !== undefined) interrupt(log)
              await new Promise(resolve => setImmediate(resolve))
              return handle.read(position, length)
            },
          })
        },
      })
      const opened = openCompacted({ fileSystem, config: { segmentBytes: 400, fileDeleteDelayMs: 0 } })
      log = opened.log
      put(log, 'a=1')
      fill(log)
      // A read for each header and one for each batch.
      const { cleaner, failures } = cleanerOf([log], opened.clock, { ioBufferBytes: 2 })
      await cleaner.run()
      expect([failures, log.offline], `${skip}`).toEqual([[], undefined])
    }
  })

  test('ends when the topic ceases to be compacted', async () => {
    for (const isFlushed of [true, false]) {
      const paused = pausing(new MemoryFileSystem())
      const { log, clock } = openCompacted({ fileSystem: paused.fileSystem })
      fill(log)
      const content = await contentOf(log)
      if (isFlushed) await log.flush()
      const reached = paused.reached()
      const { cleaner } = cleanerOf([log], clock)
      const running = cleaner.run()
      const resume = await reached
      log.updateConfig({ ...log.config, cleanupPolicy: { delete: true, compact: false } })
      resume()
      expect(await running).toBe(1)
      expect([await contentOf(log), log.cleaning.cleanedTo]).toEqual([content, isFlushed ? 0 : undefined])
    }
  })

  test('a disk that is full leaves the log as it is, and in use', async () => {
    for (const full of ['.log.cleaned', '.index.cleaned', '.replaces.cleaned']) {
      const inner = new MemoryFileSystem()
      const fileSystem = faulty(inner, (operation, path) => operation !== 'sync' && path.endsWith(full))
      const { log, clock } = openCompacted({ fileSystem })
      fill(log)
      const content = await contentOf(log)
      const { cleaner, failures } = cleanerOf([log], clock)
      await cleaner.run()
      await cleaner.run()
      expect(failures, full).toEqual([expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR' })])
      expect(await contentOf(log)).toEqual(content)
      expect(names(inner).filter(name => /cleaned|swap|deleted/.test(name))).toEqual([])
      expect(put(log, 'a=more')).toBe(21)
    }
  })

  test('is tried again where there was no room, once there is', async () => {
    const inner = new MemoryFileSystem()
    let isFull = true
    const fileSystem = override<FileSystem>(inner, {
      open(path, options) {
        if (isFull && path.endsWith('.log.cleaned')) {
          throw new StorageError({ operation: 'open', path, why: 'a fault of the test', systemCode: 'ENOSPC' })
        }
        return inner.open(path, options)
      },
    })
    const { log, clock } = openCompacted({ fileSystem })
    fill(log)
    const content = await contentOf(log)
    const { cleaner, failures } = cleanerOf([log], clock)
    for (let run = 0; run < 3; run++) await cleaner.run()
    expect([await contentOf(log), failures]).toEqual([content, []])
    isFull = false
    await cleaner.run()
    expect(log.cleaning.cleanedTo).toBe(20)
    expect(await contentOf(log)).not.toEqual(content)
  })

  test('a log that cannot be compacted is told of once, and the others go on', async () => {
    const clockAndLogs = [1, 2].map(index => openCompacted({ directory: `/data/events-${index}`, partition: index }))
    const [broken, whole] = clockAndLogs.map(({ log }) => log)
    const [{ fileSystem, clock } = openCompacted()] = clockAndLogs
    if (broken === undefined || whole === undefined) throw new Error('two logs were opened')
    for (const log of [broken, whole]) fill(log)
    const file = fileSystem.open('/data/events-1/00000000000000000006.log')
    file.writeAt(70, Buffer.from([255]))
    const { cleaner, failures } = cleanerOf([broken, whole], clock)
    for (let run = 0; run < 3; run++) await cleaner.run()
    expect(failures).toEqual([expect.objectContaining({ code: 'CORRUPT_MESSAGE' })])
    expect([whole.cleaning.cleanedTo, whole.segmentCount]).toEqual([20, 2])
    expect([broken.cleaning.cleanedTo, broken.offline]).toEqual([0, undefined])
    broken.updateConfig({ ...broken.config })
    await cleaner.run()
    expect(failures).toHaveLength(2)
  })
})
