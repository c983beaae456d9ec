import { ATTRIBUTES_AT, CRC_AT, crc32c, endTransactionBatch, PRODUCER_ID_AT } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { MemoryFileSystem } from '../storage/memory.js'
import { batchOf, copyFiles, DIRECTORY, filesOf, NOW_MS, openLog, produce, type TestLog, valuesOf } from './test-log.js'

const FIRST_LOG = `${DIRECTORY}/00000000000000000000.log`

/** A log with idempotent and transactional batches, an aborted transaction among them. */
function writtenLog(config: Parameters<typeof openLog>[0] = {}): TestLog {
  const opened = openLog(config)
  const { log } = opened
  for (let index = 0; index < 8; index++) {
    const producer = { producerId: index % 2, producerEpoch: 0, baseSequence: Math.floor(index / 2) * 2 }
    produce(log, [`a${index}`, `b${index}`], { producer, isTransactional: index % 2 === 1, timestamp: NOW_MS + index })
    log.assignLeaderEpoch(Math.floor(index / 3))
  }
  const marker = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, isCommit: false, timestamp: NOW_MS }
  log.append(endTransactionBatch(marker), { leaderEpoch: 2, origin: 'coordinator' })
  log.advanceHighWatermark(log.logEndOffset)
  return opened
}

function reopened(fileSystem: MemoryFileSystem, options: Parameters<typeof openLog>[0] = {}): TestLog {
  return openLog({ fileSystem, isCleanStop: false, ...options })
}

test('a segment cut at any byte keeps every whole batch before the cut, and what it says of producers', async () => {
  const { fileSystem } = writtenLog({ config: { indexIntervalBytes: 100 } })
  const bytes = fileSystem.readFile(FIRST_LOG)
  const ends: { end: number; offset: number }[] = []
  for (let at = 0, offset = 0; at < bytes.length; ) {
    at += 12 + bytes.readInt32BE(at + 8)
    offset = offset === 16 ? 17 : offset + 2
    ends.push({ end: at, offset })
  }
  expect(ends.at(-1)).toEqual({ end: bytes.length, offset: 17 })
  for (let size = 0; size <= bytes.length; size++) {
    const files = copyFiles(fileSystem)
    files.writeFileAtomically(FIRST_LOG, bytes.subarray(0, size))
    const { log } = reopened(files, { config: { indexIntervalBytes: 100 } })
    const last = ends.findLast(({ end }) => end <= size) ?? { end: 0, offset: 0 }
    expect([log.logEndOffset, log.sizeBytes, log.truncatedBytes]).toEqual([last.offset, last.end, size - last.end])
    expect(files.sizeOf(FIRST_LOG)).toBe(last.end)
    const transactionIsOpen = last.offset >= 4 && last.offset < 17
    expect(log.lastStableOffset).toBe(transactionIsOpen ? 2 : last.offset)
    const sequences = log.producers.states().map(({ lastSequence }) => lastSequence)
    const batches = Math.min(last.offset / 2, 8)
    expect(sequences).toEqual(
      [batches + (batches % 2) - 1, batches - (batches % 2) - 1].filter(sequence => sequence > 0),
    )
    if (size % 50 === 0) {
      expect((await valuesOf(log)).length).toBe(last.offset)
      expect(produce(log, ['next'])).toBe(last.offset)
    }
  }
})

test('a segment with any byte of a batch changed is cut in front of that batch', () => {
  const { fileSystem } = writtenLog()
  const bytes = fileSystem.readFile(FIRST_LOG)
  const random = new SeededRandom('flipped bytes')
  for (let round = 0; round < 300; round++) {
    const batchBytes = 12 + bytes.readInt32BE(8)
    const at = random.integer(0, batchBytes * 8)
    // Base offset and leader epoch stand outside of what the checksum covers.
    const inBatch = at % batchBytes
    if (inBatch < 8 || (inBatch >= 12 && inBatch < 16)) continue
    const damaged = Buffer.from(bytes)
    damaged.writeUInt8(damaged.readUInt8(at) ^ random.integer(1, 256), at)
    const files = copyFiles(fileSystem)
    files.writeFileAtomically(FIRST_LOG, damaged)
    const { log } = reopened(files)
    expect(log.logEndOffset, `byte ${at}`).toBeLessThanOrEqual(Math.floor(at / batchBytes) * 2)
    expect(log.truncatedBytes).toBeGreaterThan(0)
  }
})

test('segments behind the one that is cut are dropped', async () => {
  const { fileSystem } = writtenLog({ config: { segmentBytes: 200 } })
  const files = copyFiles(fileSystem)
  const second = '00000000000000000004.log'
  expect(files.exists(`${DIRECTORY}/${second}`)).toBe(true)
  const bytes = files.readFile(`${DIRECTORY}/${second}`)
  files.writeFileAtomically(`${DIRECTORY}/${second}`, bytes.subarray(0, bytes.length - 1))
  const { log } = reopened(files)
  expect(log.logEndOffset).toBe(6)
  expect(files.list(DIRECTORY).filter(name => name.endsWith('.log'))).toHaveLength(2)
  expect(files.list(DIRECTORY).filter(name => name.endsWith('.snapshot') && Number(name.slice(0, 20)) > 6)).toEqual([])
  expect(await valuesOf(log)).toHaveLength(6)
})

test('zeros behind the last batch, as a file system may leave after a loss of power, are cut off', () => {
  const { fileSystem } = writtenLog()
  const files = copyFiles(fileSystem)
  files.writeFileAtomically(FIRST_LOG, Buffer.concat([files.readFile(FIRST_LOG), Buffer.alloc(5000)]))
  const { log } = reopened(files)
  expect([log.logEndOffset, log.truncatedBytes]).toEqual([17, 5000])
})

test('only segments from the recovery point on are scanned', async () => {
  const { log, fileSystem } = writtenLog({ config: { segmentBytes: 200 } })
  await log.flush()
  const files = copyFiles(fileSystem)
  // Damage below the recovery point stays unseen: what is there was on disk.
  const bytes = files.readFile(FIRST_LOG)
  bytes.writeUInt8(bytes.readUInt8(70) ^ 1, 70)
  files.writeFileAtomically(FIRST_LOG, bytes)
  const { log: again } = reopened(files, { recoveryPoint: log.recoveryPoint })
  expect([again.logEndOffset, again.truncatedBytes]).toEqual([17, 0])
  const { log: fromStart } = reopened(copyFiles(files), { recoveryPoint: 0 })
  expect(fromStart.logEndOffset).toBe(0)
})

test('a restart without a clean stop ends in the same files as a clean one', async () => {
  const config = { config: { segmentBytes: 300, indexIntervalBytes: 80 } }
  const { log, fileSystem } = writtenLog(config)
  const crashed = copyFiles(fileSystem)
  await log.prepareClose()
  log.close()
  const { log: recovered } = reopened(crashed, config)
  await recovered.prepareClose()
  recovered.close()
  const hex = (files: MemoryFileSystem): [string, string][] =>
    [...filesOf(files, DIRECTORY)].map(([name, bytes]) => [name, bytes.toString('hex')])
  expect(hex(crashed)).toEqual(hex(copyFiles(fileSystem)))
})

test('a batch that is intact and cannot be understood is no reason to cut: the log is not opened', () => {
  const { log, fileSystem } = openLog()
  produce(log, ['a'])
  const foreign = batchOf(['b'], { baseOffset: 1 })
  foreign.writeBigInt64BE(2n ** 60n, PRODUCER_ID_AT)
  foreign.writeUInt32BE(crc32c(foreign, ATTRIBUTES_AT), CRC_AT)
  const bytes = Buffer.concat([fileSystem.readFile(FIRST_LOG), foreign, batchOf(['c'], { baseOffset: 2 })])
  const files = copyFiles(fileSystem)
  files.writeFileAtomically(FIRST_LOG, bytes)
  expect(() => reopened(files)).toThrowError(/offset 1 .* is intact/)
  expect(files.readFile(FIRST_LOG)).toEqual(bytes)
})

describe('after a clean stop', () => {
  test('no batch is read, but indexes that are missing or do not fit are built anew', async () => {
    const { log, fileSystem } = writtenLog({ config: { indexIntervalBytes: 80 } })
    await log.prepareClose()
    log.close()
    const index = `${DIRECTORY}/00000000000000000000.index`
    const whole = fileSystem.readFile(index)
    expect(whole.length).toBeGreaterThan(0)
    for (const damage of [undefined, whole.subarray(1), Buffer.alloc(8, 0x7f)]) {
      const files = copyFiles(fileSystem)
      if (damage === undefined) files.remove(index)
      else files.writeFileAtomically(index, damage)
      const { log: again } = reopened(files, { isCleanStop: true, config: { indexIntervalBytes: 80 } })
      expect([again.wasScanned, again.logEndOffset]).toEqual([true, 17])
      again.close()
      expect(files.readFile(index)).toEqual(whole)
    }
    expect(reopened(copyFiles(fileSystem), { isCleanStop: true }).log.wasScanned).toBe(false)
  })

  test('a missing or damaged snapshot is made up for by the batches', async () => {
    const { log, fileSystem } = writtenLog()
    const before = log.producers.states()
    await log.prepareClose()
    log.close()
    const snapshot = `${DIRECTORY}/00000000000000000017.snapshot`
    for (const damage of [undefined, Buffer.alloc(10)]) {
      const files = copyFiles(fileSystem)
      if (damage === undefined) files.remove(snapshot)
      else files.writeFileAtomically(snapshot, damage)
      const { log: again } = reopened(files, { isCleanStop: true })
      expect([again.wasScanned, again.producers.states()]).toEqual([false, before])
    }
  })
})

describe('leftovers', () => {
  test('of deletions and of unfinished work go, and so do indexes without a segment', async () => {
    const { fileSystem } = writtenLog()
    const files = copyFiles(fileSystem)
    const leftovers = [
      '00000000000000000000.log.deleted',
      '00000000000000000005.log.cleaned',
      '00000000000000000005.index.swap',
      '00000000000000000099.timeindex',
      'leader-epoch-checkpoint.tmp',
    ]
    for (const name of leftovers) files.writeFileAtomically(`${DIRECTORY}/${name}`, Buffer.from('x'))
    const { log } = reopened(files)
    expect(log.logEndOffset).toBe(17)
    expect(files.list(DIRECTORY).filter(name => leftovers.includes(name))).toEqual([])
  })

  test('of a replacement that Kafka completed go as well', () => {
    const { fileSystem } = writtenLog()
    const files = copyFiles(fileSystem)
    files.writeFileAtomically(`${DIRECTORY}/00000000000000000000.replaces`, Buffer.from('5\n'))
    expect(reopened(files).log.logEndOffset).toBe(17)
    expect(files.list(DIRECTORY).filter(name => name.endsWith('.replaces'))).toEqual([])
  })

  test('a finished replacement takes the place of the segments that it covers', async () => {
    const { fileSystem } = writtenLog({ config: { segmentBytes: 200 } })
    const files = copyFiles(fileSystem)
    const compacted = Buffer.concat([
      batchOf(['kept'], { baseOffset: 2, lastOffsetDelta: 1 }),
      batchOf(['kept too'], { baseOffset: 6, lastOffsetDelta: 1 }),
    ])
    files.writeFileAtomically(`${FIRST_LOG}.swap`, compacted)
    const { log } = reopened(files)
    const values = await valuesOf(log)
    expect(values.slice(0, 3)).toEqual(['2=kept', '6=kept too', '8=a4'])
    expect(log.logEndOffset).toBe(17)
  })
})

test('a compacted log ends where its last segment begins, when nothing is left in front of that', () => {
  const { log, fileSystem } = writtenLog()
  log.roll()
  const files = copyFiles(fileSystem)
  for (const { baseOffset, size } of log.cleaning.segments) {
    const path = `${DIRECTORY}/${String(baseOffset).padStart(20, '0')}.log`
    if (size > 0) files.writeFileAtomically(path, Buffer.alloc(0))
  }
  for (const isCleanStop of [true, false]) {
    expect(reopened(copyFiles(files), { isCleanStop, recoveryPoint: 17 }).log.logEndOffset).toBe(17)
  }
})

test('a log whose start lies behind its end begins anew at its start', () => {
  const { fileSystem } = writtenLog()
  const { log } = reopened(copyFiles(fileSystem), { logStartOffset: 40 })
  expect([log.logStartOffset, log.logEndOffset, log.sizeBytes, log.highWatermark]).toEqual([40, 40, 0, 40])
  expect(produce(log, ['v'])).toBe(40)
})
