/**
 * What a partition's log is made of, asked for and answers: the types of `partition-log.ts`.
 */
import type { Uuid } from '@samsa/protocol'
import type { Clock, Random } from '@samsa/runtime'
import type { BufferPool } from '@samsa/runtime/internal'
import type { FileSystem } from '../storage/file-system.js'
import type { StorageError } from '../storage/storage-error.js'
import type { LogConfig } from './log-config.js'
import type { AppendOrigin } from './producer-state.js'
import type { RecentBatches } from './recent-batches.js'

export type ReadBound = 'highWatermark' | 'lastStableOffset' | 'logEnd'

export interface PartitionLogOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly topic: string
  readonly partition: number
  readonly topicId: Uuid
  readonly config: LogConfig
  readonly clock: Clock
  readonly random: Random
  readonly recentBatches: RecentBatches
  /** Memory for what is read from files. */
  readonly buffers: BufferPool
  readonly isCleanStop: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
  /** The recovery point is another program's, which may have compacted the log beyond it. Default: false. */
  readonly isForeign?: boolean | undefined
  /** As a checkpoint has it; brought within the log's bounds. */
  readonly highWatermark?: number | undefined
  /** Up to where the log was compacted, as a checkpoint has it; undefined when it never was. */
  readonly cleanedTo?: number | undefined
  readonly producerIdExpirationMs: number
  /** Walk over the records of every batch that a client sends, as Kafka does. Default: false. */
  readonly checkRecords?: boolean | undefined
  /** The log has gone offline: what its files hold is not known any more. Called once. */
  readonly onStorageError?: ((error: StorageError) => void) | undefined
  /** The disk refuses appends, and why; then, without an error, that it takes them again. Each told once. */
  readonly onAppendsRefused?: ((error: StorageError | undefined) => void) | undefined
  /** Work that nobody waits for did not succeed; it is tried again. */
  readonly onWorkFailed?: ((work: string, error: unknown) => void) | undefined
  /** A segment is full. What it holds should be flushed soon, so that a restart has less to scan. */
  readonly onRoll?: (() => void) | undefined
  /** The log starts later than before, which a checkpoint should say soon. */
  readonly onStartMoved?: (() => void) | undefined
}

export interface AppendOptions {
  readonly leaderEpoch: number
  readonly origin: AppendOrigin
  /** Version of the Produce request that brought the batch. */
  readonly produceVersion?: number | undefined
  /**
   * The generation of the transaction that the batch is part of, or ends. From 2 on the marker's epoch is above that of the
   * records, and a producer that is not known here begins with sequence 0.
   */
  readonly transactionVersion?: number | undefined
}

export interface AppendResult {
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 unless the log stamped the records. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** The batch was in the log already; the offsets are those it got then. */
  readonly isDuplicate: boolean
}

export interface ReadOptions {
  readonly upTo: ReadBound
  /** The first batch is given even when it is larger than `maxBytes`. */
  readonly atLeastOneBatch: boolean
}

export interface ReadResult {
  /** Whole batches, from the one that holds the offset asked for. */
  readonly records: Buffer
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** For readers up to the last stable offset: those that have records among the ones read. */
  readonly abortedTransactions?: readonly { readonly producerId: number; readonly firstOffset: number }[]
  /** To be called at most once, when nobody looks at `records` any more; their memory is used again then. */
  readonly release?: (() => void) | undefined
}
