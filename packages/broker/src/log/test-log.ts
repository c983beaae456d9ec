/**
 * Logs and batches for tests of this folder: small, in memory, on a clock that stands still.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { BatchBuilder, type BatchClosing, batchesIn, RecordBatch } from '@samsa/protocol'
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { BufferPool } from '@samsa/runtime/internal'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { StorageError } from '../storage/storage-error.js'
import type { LogConfig } from './log-config.js'
import type { PartitionLogOptions } from './log-contract.js'
import { PartitionLog } from './partition-log.js'
import { RecentBatches } from './recent-batches.js'

export const DIRECTORY = '/data/events-0'
export const NOW_MS: number = Date.UTC(2030, 0, 1)
export const TOPIC_ID = 'Tn6lmnAJQO2QrQuqVKJNeQ'
export const UNLIMITED: number = Number.MAX_SAFE_INTEGER

/** Kafka's defaults, but for sizes that a test wants to reach. */
export const CONFIG: LogConfig = {
  cleanupPolicy: { delete: true, compact: false },
  compressionType: 'producer',
  compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
  maxMessageBytes: 1_048_588,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: UNLIMITED,
  messageTimestampAfterMaxMs: 3_600_000,
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10_485_760,
  indexIntervalBytes: 4096,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  deleteRetentionMs: 86_400_000,
  fileDeleteDelayMs: 60_000,
  flushMessages: UNLIMITED,
  flushMs: UNLIMITED,
  minCompactionLagMs: 0,
  maxCompactionLagMs: UNLIMITED,
  minCleanableDirtyRatio: 0.5,
  minInsyncReplicas: 1,
  preallocate: false,
}

export interface TestLog {
  readonly log: PartitionLog
  readonly fileSystem: FileSystem
  readonly clock: ManualClock
}

export type TestLogOptions = Partial<Omit<PartitionLogOptions, 'config' | 'clock'>> & {
  readonly config?: Partial<LogConfig>
  readonly clock?: ManualClock
}

export function openLog(options: TestLogOptions = {}): TestLog {
  const fileSystem = options.fileSystem ?? new MemoryFileSystem()
  const clock = options.clock ?? new ManualClock({ startMs: NOW_MS })
  const buffers = new BufferPool()
  const log = PartitionLog.open({
    directory: DIRECTORY,
    topic: 'events',
    partition: 0,
    topicId: TOPIC_ID,
    random: new SeededRandom(1),
    recentBatches: new RecentBatches(buffers, 1024 * 1024),
    buffers,
    isCleanStop: true,
    recoveryPoint: 0,
    logStartOffset: 0,
    producerIdExpirationMs: 86_400_000,
    ...options,
    fileSystem,
    clock,
    config: { ...CONFIG, ...options.config },
  })
  return { log, fileSystem, clock }
}

export interface TestBatch extends BatchClosing {
  readonly timestamp?: number
  readonly compression?: number
  readonly keys?: readonly (string | null)[]
}

/** A batch with the given values; each record a millisecond later than the one before. */
export function batchOf(values: readonly (string | null)[], options: TestBatch = {}): Buffer {
  const { timestamp = NOW_MS, compression = 0, keys, ...closing } = options
  const builder = new BatchBuilder({ compression })
  values.forEach((value, index) => {
    builder.append(timestamp + index, keys === undefined ? `k${index}` : (keys[index] ?? null), value)
  })
  return builder.close(closing)
}

export function produce(log: PartitionLog, values: readonly string[], options: TestBatch = {}): number {
  const { baseOffset } = log.append(batchOf(values, options), { leaderEpoch: 0, origin: 'client' })
  log.advanceHighWatermark(log.logEndOffset)
  return baseOffset
}

/** All values that can be read, as `offset=value`. */
export async function valuesOf(log: PartitionLog, from: number = log.logStartOffset): Promise<string[]> {
  const values: string[] = []
  for (let offset = from; offset < log.logEndOffset; ) {
    const { records } = await log.read(offset, 1024 * 1024, { upTo: 'logEnd', atLeastOneBatch: true })
    const before = offset
    for (const batch of batchesIn(records)) {
      batch.checkCrc()
      const cursor = batch.records()
      while (cursor.next()) if (cursor.offset >= from) values.push(`${cursor.offset}=${cursor.valueText()}`)
      offset = batch.nextOffset
    }
    if (offset === before) break
  }
  return values
}

/** Base and last offsets of the batches in what was read. */
export function spansOf(records: Buffer): string[] {
  return Array.from(batchesIn(records), batch => {
    const { baseOffset, lastOffset } = new RecordBatch(batch.bytes)
    return `${baseOffset}-${lastOffset}`
  })
}

/** Copies a directory of the machine into a file system for tests. */
export function copyDirectory(from: string, fileSystem: FileSystem, to: string): void {
  fileSystem.makeDirectory(to)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyDirectory(`${from}/${entry.name}`, fileSystem, `${to}/${entry.name}`)
    else fileSystem.writeFileAtomically(`${to}/${entry.name}`, readFileSync(`${from}/${entry.name}`))
  }
}

/** Every file of a directory. */
export function filesOf(fileSystem: FileSystem, directory: string): Map<string, Buffer> {
  const names = fileSystem.list(directory).sort()
  return new Map(names.map(name => [name, fileSystem.readFile(`${directory}/${name}`)]))
}

/** A log's files as a crash at this moment leaves them. */
export function copyFiles(fileSystem: FileSystem, directory: string = DIRECTORY): MemoryFileSystem {
  const copy = new MemoryFileSystem()
  copy.makeDirectory(directory)
  for (const name of fileSystem.list(directory)) {
    copy.writeFileAtomically(`${directory}/${name}`, fileSystem.readFile(`${directory}/${name}`))
  }
  return copy
}

/** `append`, `write`, `sync` or `create` on a path. */
export type Fault = (operation: 'append' | 'write' | 'sync' | 'create', path: string) => boolean

/** A file system that fails where `fault` says so, as a disk does: nothing is written. */
export function faulty(fileSystem: FileSystem, fault: Fault): FileSystem {
  const fail = (operation: Parameters<Fault>[0], path: string): void => {
    if (!fault(operation, path)) return
    throw new StorageError({ operation: 'write to', path, why: 'a fault of the test', systemCode: 'EIO' })
  }
  return override(fileSystem, {
    open(path, options) {
      if (options?.create === true) fail('create', path)
      const handle = fileSystem.open(path, options)
      return override(handle, {
        append(chunks) {
          fail('append', path)
          handle.append(chunks)
        },
        writeAt(position, bytes) {
          fail('write', path)
          handle.writeAt(position, bytes)
        },
        async sync() {
          fail('sync', path)
          await handle.sync()
        },
      })
    },
  })
}

/** The object with some of its methods replaced; all others work on the object itself. */
export function override<T extends object>(target: T, replacements: Partial<T>): T {
  return new Proxy(target, {
    get(from, key) {
      if (Object.hasOwn(replacements, key)) return Reflect.get(replacements, key)
      const value: unknown = Reflect.get(from, key, from)
      return typeof value === 'function' ? value.bind(from) : value
    },
  })
}
