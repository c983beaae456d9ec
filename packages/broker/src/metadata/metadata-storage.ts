/**
 * MetadataStorage: the log under the metadata log, as little of it as that needs. One over a partition's log, and one
 * over an array, for tests and for brokers that keep nothing.
 */
import { assignOffset, batchesIn, RecordBatch } from '@samsa/protocol'
import { segmentOffsets } from '../log/leftovers.js'
import type { PartitionLog } from '../log/partition-log.js'
import { fileNameOf, LOG_SUFFIX } from '../log/segment.js'
import type { FileSystem } from '../storage/file-system.js'

export interface MetadataStorage {
  /** The first offset that is kept. */
  readonly startOffset: number
  /** The offset that the next record gets. */
  readonly endOffset: number
  readonly sizeBytes: number
  /** Offsets and epoch are assigned in place. */
  append(batch: Buffer, leaderEpoch: number): void
  /** What is kept from about `offset` on, in order: some of what lies before may come too. Read once, at start. */
  batches(offset: number): Iterable<RecordBatch>
  /** What is appended from now on can be read without what came before. */
  roll(): void
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
    roll: () => {},
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
    batches: offset => batchesOfSegments(fileSystem, directory, offset),
    startAt(offset) {
      // The files go with the next retention, which has the new start on disk first.
      if (offset > log.logStartOffset) log.deleteRecordsBefore(offset)
    },
    roll: () => log.roll(),
    sync: () => log.flush(),
  }
}

function* batchesOfSegments(
  fileSystem: FileSystem,
  directory: string,
  from: number,
): Generator<RecordBatch, void, undefined> {
  const offsets = segmentOffsets(fileSystem.list(directory))
  for (const [index, offset] of offsets.entries()) {
    if ((offsets[index + 1] ?? Number.POSITIVE_INFINITY) <= from) continue
    for (const batch of batchesIn(fileSystem.readFile(`${directory}/${fileNameOf(offset)}${LOG_SUFFIX}`))) {
      if (batch instanceof RecordBatch) yield batch
    }
  }
}
