/**
 * Logs that a real Kafka wrote are opened as it would open them, and files that are built anew have its bytes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ManualClock } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { MemoryFileSystem } from '../storage/memory.js'
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot.js'
import { ProducerStates } from './producer-state.js'
import { copyDirectory, DIRECTORY, filesOf, openLog, type TestLog, valuesOf } from './test-log.js'

const GOLDEN = fileURLToPath(new URL('../../../../tests/golden/log-dir', import.meta.url))
/** An hour after the recording; the broker's producers have not expired by then. */
const RECORDED_MS = 1_795_235_000_000
const PARTITIONS = readdirSync(GOLDEN, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)

function openGolden(
  name: string,
  isCleanStop: boolean,
  change: (fileSystem: MemoryFileSystem) => void = () => {},
): TestLog {
  const fileSystem = new MemoryFileSystem()
  copyDirectory(`${GOLDEN}/${name}`, fileSystem, DIRECTORY)
  change(fileSystem)
  return openLog({ fileSystem, isCleanStop, clock: new ManualClock({ startMs: RECORDED_MS }) })
}

/** Offsets of all batches in the recording's own list. */
function batchesListed(name: string): { base: number; last: number; records: number }[] {
  const lines = readFileSync(`${GOLDEN}-batches.txt`, 'utf8').split('\n')
  return lines
    .filter(line => line.startsWith(`${name}/`))
    .map(line => line.split('\t'))
    .map(columns => ({ base: Number(columns[3]), last: Number(columns[4]), records: Number(columns[5]) }))
}

describe.each(PARTITIONS)('%s', name => {
  test.each([true, false])('opens after a stop that was clean: %s, and gives every record back', async isCleanStop => {
    const { log } = openGolden(name, isCleanStop)
    const listed = batchesListed(name)
    expect(log.wasScanned).toBe(!isCleanStop)
    expect(log.truncatedBytes).toBe(0)
    expect(log.logEndOffset).toBe(Math.max(...listed.map(({ last }) => last)) + 1)
    const expected = listed.reduce((sum, { records }) => sum + records, 0)
    expect(await valuesOf(log)).toHaveLength(expected)
  })

  test('has its indexes and snapshot built anew with the same bytes', async () => {
    const { log, fileSystem } = openGolden(name, false, files => {
      for (const file of files.list(DIRECTORY)) if (/index$|snapshot$/.test(file)) files.remove(`${DIRECTORY}/${file}`)
    })
    await log.prepareClose()
    const written = filesOf(fileSystem, DIRECTORY)
    const lastSnapshot = readdirSync(`${GOLDEN}/${name}`)
      .filter(file => file.endsWith('.snapshot'))
      .sort()
      .at(-1)
    for (const file of readdirSync(`${GOLDEN}/${name}`)) {
      if (/index$/.test(file) || file === lastSnapshot) {
        expect(written.get(file)?.toString('hex'), file).toBe(readFileSync(`${GOLDEN}/${name}/${file}`).toString('hex'))
      }
    }
  })

  test('is left as it was by being opened and closed', async () => {
    const { log, fileSystem } = openGolden(name, true)
    await log.prepareClose()
    log.close()
    for (const [file, bytes] of filesOf(fileSystem, DIRECTORY)) {
      expect(bytes.equals(readFileSync(`${GOLDEN}/${name}/${file}`)), file).toBe(true)
    }
  })
})

test('a transaction that is open holds back the last stable offset', () => {
  for (const isCleanStop of [true, false]) {
    const { log } = openGolden('pending-0', isCleanStop)
    expect(log.logEndOffset).toBe(2)
    expect(log.highWatermark).toBe(2)
    expect(log.lastStableOffset).toBe(0)
    expect(log.producers.states()).toMatchObject([{ producerId: 8, currentTxnFirstOffset: 0, lastSequence: 1 }])
  }
})

test('aborted transactions are told to readers of committed records, and to no others', async () => {
  for (const isCleanStop of [true, false]) {
    const { log } = openGolden('events-0', isCleanStop)
    const committed = await log.read(28, 1_000_000, { upTo: 'lastStableOffset', atLeastOneBatch: true })
    expect(committed.abortedTransactions).toMatchObject([{ producerId: 6, firstOffset: 32 }])
    const earlier = await log.read(0, 1_000_000, { upTo: 'lastStableOffset', atLeastOneBatch: true })
    expect(earlier.abortedTransactions).toEqual([])
    const all = await log.read(28, 1_000_000, { upTo: 'highWatermark', atLeastOneBatch: true })
    expect(all.abortedTransactions).toBeUndefined()
  }
})

test('every snapshot is read and written again with the same bytes', () => {
  for (const name of PARTITIONS) {
    for (const file of readdirSync(`${GOLDEN}/${name}`).filter(entry => entry.endsWith('.snapshot'))) {
      const bytes = readFileSync(`${GOLDEN}/${name}/${file}`)
      const entries = decodeSnapshot(bytes)
      expect(entries, `${name}/${file}`).toBeDefined()
      const producers = new ProducerStates(86_400_000)
      producers.restore(entries ?? [], RECORDED_MS)
      expect(encodeSnapshot(producers).toString('hex')).toBe(bytes.toString('hex'))
    }
  }
})
