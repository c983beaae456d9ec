/**
 * What tests of compaction need beside `test-log.ts`: batches of producers and transactions, a run of the cleaner, and a
 * log's content as text.
 */
import { batchesIn, endTransactionBatch, RecordBatch } from '@samsa/protocol'
import { type ManualClock, silentLogger } from '@samsa/runtime'
import type { FileSystem } from '../../storage/file-system.js'
import type { LogConfig } from '../log-config.js'
import type { PartitionLog } from '../partition-log.js'
import {
  batchOf,
  DIRECTORY,
  openLog,
  override,
  type TestBatch,
  type TestLog,
  type TestLogOptions,
} from '../test-log.js'
import { type CleanerSettings, LogCleaner } from './log-cleaner.js'

export const SETTINGS: CleanerSettings = {
  backoffMs: 15_000,
  dedupeBufferBytes: 1024 * 1024,
  dedupeLoadFactor: 0.9,
  ioBufferBytes: 512 * 1024,
}

/** Everything in full segments is compacted as soon as it can be. */
export const COMPACTED: Partial<LogConfig> = {
  cleanupPolicy: { delete: false, compact: true },
  minCleanableDirtyRatio: 0,
}

export function openCompacted(options: TestLogOptions = {}): TestLog {
  return openLog({ ...options, config: { ...COMPACTED, ...options.config } })
}

export interface TestCleaner {
  readonly cleaner: LogCleaner
  /** What was logged as an error, the field `err` of each. */
  readonly failures: unknown[]
}

export function cleanerOf(
  logs: readonly PartitionLog[],
  clock: ManualClock,
  settings: Partial<CleanerSettings> = {},
): TestCleaner {
  const failures: unknown[] = []
  const logger = { ...silentLogger, error: (fields: object) => void failures.push(Reflect.get(fields, 'err')) }
  const all = { ...SETTINGS, ...settings }
  const cleaner = new LogCleaner({ clock, logger, logs: () => logs, settings: () => all, checkpoint: () => true })
  return { cleaner, failures }
}

/** Compacts what can be, and throws what stands in the way. Returns how many passes that took. */
export async function compact(
  log: PartitionLog,
  clock: ManualClock,
  settings: Partial<CleanerSettings> = {},
): Promise<number> {
  const { cleaner, failures } = cleanerOf([log], clock, settings)
  const passes = await cleaner.run()
  if (failures.length > 0) throw failures[0]
  return passes
}

/** Appends records given as `key=value`; `key` alone is a tombstone, `=value` has no key. Returns the first offset. */
export function put(log: PartitionLog, records: string, options: TestBatch = {}): number {
  const parsed = records.split(' ').map(record => /^([^=]*)(?:=(.*))?$/.exec(record) ?? [])
  const keys = parsed.map(match => match[1] || null)
  const values = parsed.map(match => match[2] ?? null)
  const { baseOffset } = log.append(batchOf(values, { ...options, keys }), { leaderEpoch: 0, origin: 'client' })
  log.advanceHighWatermark(log.logEndOffset)
  return baseOffset
}

export interface TestProducer {
  readonly producerId: number
  producerEpoch: number
  nextSequence: number
}

export function producerOf(producerId: number): TestProducer {
  return { producerId, producerEpoch: 0, nextSequence: 0 }
}

/** As `put`, by a producer with sequences. */
export function putBy(log: PartitionLog, producer: TestProducer, records: string, options: TestBatch = {}): number {
  const { producerId, producerEpoch, nextSequence } = producer
  producer.nextSequence += records.split(' ').length
  return put(log, records, { ...options, producer: { producerId, producerEpoch, baseSequence: nextSequence } })
}

export function endTransaction(
  log: PartitionLog,
  producer: TestProducer,
  isCommit: boolean,
  timestamp: number,
): number {
  const { producerId, producerEpoch } = producer
  const marker = endTransactionBatch({ producerId, producerEpoch, coordinatorEpoch: 1, isCommit, timestamp })
  const { baseOffset } = log.append(marker, { leaderEpoch: 0, origin: 'coordinator' })
  log.advanceHighWatermark(log.logEndOffset)
  return baseOffset
}

/** Every batch that can be read from the file, in full: `2-4 p7:0/3 txn a@2=1 b@4`. */
export async function contentOf(log: PartitionLog, from: number = log.logStartOffset): Promise<string[]> {
  const batches: string[] = []
  for (let offset = from; offset < log.logEndOffset; ) {
    const { records } = await log.read(offset, 1024 * 1024, { upTo: 'logEnd', atLeastOneBatch: true })
    const before = offset
    for (const each of batchesIn(records)) {
      const batch = new RecordBatch(each.bytes)
      batches.push(textOf(batch))
      offset = batch.nextOffset
    }
    if (offset === before) throw new Error(`nothing can be read at ${offset}, in front of ${log.logEndOffset}`)
  }
  return batches
}

/** What a batch says of itself, and its records. */
export function textOf(batch: RecordBatch): string {
  batch.checkCrc()
  const { producerId, producerEpoch, baseSequence, deleteHorizonMs } = batch
  const words = [`${batch.baseOffset}-${batch.lastOffset}`]
  if (producerId >= 0) words.push(`p${producerId}:${producerEpoch}/${baseSequence}`)
  if (batch.isTransactional && !batch.isControl) words.push('txn')
  if (batch.isControl) words.push('marker')
  if (deleteHorizonMs !== undefined) words.push(`horizon=${deleteHorizonMs}`)
  const cursor = batch.records()
  while (cursor.next()) {
    const value = cursor.valueText()
    if (!batch.isControl) words.push(`${cursor.keyText() ?? ''}@${cursor.offset}${value === null ? '' : `=${value}`}`)
    else words.push(`@${cursor.offset}`)
  }
  return words.join(' ')
}

/** Ten batches of two keys in a segment each, and an active segment. */
export function fill(log: PartitionLog): void {
  for (let index = 0; index < 10; index++) {
    put(log, `a=${index} b${index}=${index}`)
    log.roll()
  }
  put(log, 'z=1')
}

/** Of all files of the log, sorted. */
export function names(fileSystem: FileSystem): string[] {
  return fileSystem.list(DIRECTORY).sort()
}

/** Pauses whoever waits for the directory to be on disk, until it is told to go on. */
export function pausing(inner: FileSystem): { fileSystem: FileSystem; reached: () => Promise<() => void> } {
  let waiting: ((resume: () => void) => void) | undefined
  const fileSystem = override(inner, {
    async syncDirectory(path) {
      const tell = waiting
      waiting = undefined
      if (tell !== undefined) await new Promise<void>(resolve => tell(resolve))
      await inner.syncDirectory(path)
    },
  })
  const reached = (): Promise<() => void> =>
    new Promise(resolve => {
      waiting = resolve
    })
  return { fileSystem, reached }
}
