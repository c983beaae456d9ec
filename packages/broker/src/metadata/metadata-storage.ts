/**
 * MetadataStorage: the log under the metadata log, as little of it as that needs. One over a partition's log, and one
 * over an array, for tests and for brokers that keep nothing.
 */
import { assignOffset, batchesIn, RecordBatch } from '@samsa/protocol'
import type { PartitionLog } from '../log/partition-log.js'
import type { FileSystem } from '../storage/file-system.js'

export interface MetadataStorage {
  /** The first offset that is kept. */
  readonly startOffset: number
  /** The offset that the next record gets. */
  readonly endOffset: number
  readonly sizeBytes: number
  /** Offsets and epoch are assigned in place. */
  append(batch: Buffer, leaderEpoch: number): void
  /** Everything kept, in order. Read once, at start. */
  batches(): Iterable<RecordBatch>
  /** What lies below `offset` is not needed any more. */
  startAt(offset: number): void
  /** Everything appended before is on disk. */
  sync(): Promise<void>
}

export function arrayMetadataStorage(batches: RecordBatch[] = []): MetadataStorage {
  let start = 0
  return {
    get startOffset() {
      return batches[0]?.baseOffset ?? start
    },
    get endOffset() {
      return batches.at(-1)?.nextOffset ?? start
    },
    get sizeBytes() {
      return batches.reduce((sum, batch) => sum + batch.bytes.length, 0)
    },
    append(batch, leaderEpoch) {
      assignOffset(batch, this.endOffset, leaderEpoch)
      batches.push(new RecordBatch(batch))
    },
    batches: () => batches,
    startAt(offset) {
      start = offset
      batches.splice(0, batches.filter(batch => batch.nextOffset <= offset).length)
    },
    sync: () => Promise.resolve(),
  }
}

/** `log` is that of `__cluster_metadata-0`, in `directory`; it has been recovered, so whole segments can be read. */
export function partitionMetadataStorage(
  log: PartitionLog,
  fileSystem: FileSystem,
  directory: string,
): MetadataStorage {
  return {
    get startOffset() {
      return log.logStartOffset
    },
    get endOffset() {
      return log.logEndOffset
    },
    get sizeBytes() {
      return log.sizeBytes
    },
    append(batch, leaderEpoch) {
      log.append(batch, { leaderEpoch, origin: 'coordinator' })
      log.advanceHighWatermark(log.logEndOffset)
    },
    batches: () => batchesOfSegments(fileSystem, directory),
    startAt(offset) {
      if (offset > log.logStartOffset) log.deleteRecordsBefore(offset)
      log.applyRetention()
    },
    sync: () => log.flush(),
  }
}

function* batchesOfSegments(fileSystem: FileSystem, directory: string): Generator<RecordBatch, void, undefined> {
  const segments = fileSystem.list(directory).filter(name => /^\d{20}\.log$/.test(name))
  for (const segment of segments.sort()) {
    for (const batch of batchesIn(fileSystem.readFile(`${directory}/${segment}`))) {
      if (batch instanceof RecordBatch) yield batch
    }
  }
}
