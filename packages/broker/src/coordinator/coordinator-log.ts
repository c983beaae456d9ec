/**
 * CoordinatorLog: the log of one partition that a coordinator leads, as records: appended as one batch, read from the
 * start. Owner of nothing but what it has appended and not seen committed.
 */
import {
  BatchBuilder,
  batchesIn,
  endTransactionBatch,
  type MessageSet,
  NO_PRODUCER_ID,
  RecordBatch,
} from '@samsa/protocol'
import { type Partition, Partitions } from '../cluster/partitions.js'
import type { LogManager } from '../log/log-manager.js'
import { markerOf } from '../log/recovery.js'
import type { MetadataImage } from '../metadata/image.js'
import type { CoordinatorRecord, CoordinatorShard, TransactionEnd, TransactionOf } from './shard.js'

const NO_LEADER = -1
const NO_PRODUCER: TransactionOf = { producerId: NO_PRODUCER_ID, producerEpoch: -1 }
/** What Kafka's coordinators write, who do not count. */
const FIRST_SEQUENCE = 0
const BATCH_OVERHEAD_BYTES = 61
/** Lengths, deltas and flags of a record, at most. */
const RECORD_OVERHEAD_BYTES = 32

/** Where coordinators find their logs. */
export class CoordinatorLogs {
  readonly #image: MetadataImage
  readonly #logs: LogManager
  readonly #compression: number
  readonly #loadBytes: number

  constructor(options: {
    readonly image: MetadataImage
    readonly logs: LogManager
    /** Codec number. */
    readonly compression: number
    /** How much is read at once. */
    readonly loadBytes: number
  }) {
    this.#image = options.image
    this.#logs = options.logs
    this.#compression = options.compression
    this.#loadBytes = options.loadBytes
  }

  /** The partitions of a topic that have a leader and a usable log, by number. */
  led(topic: string): Map<number, CoordinatorLog> {
    const led = new Map<number, CoordinatorLog>()
    for (const { index, leader } of this.#image.topicByName(topic)?.partitions ?? []) {
      if (leader === NO_LEADER) continue
      const partitions = new Partitions(() => this.#image, this.#logs, leader)
      const partition = partitions.find({ name: topic }, index)
      if (typeof partition === 'number') continue
      const options = { compression: this.#compression, loadBytes: this.#loadBytes }
      led.set(index, new CoordinatorLog(partitions, partition, options))
    }
    return led
  }
}

export class CoordinatorLog {
  readonly partition: Partition
  readonly #partitions: Partitions
  readonly #options: { readonly compression: number; readonly loadBytes: number }
  #committed: Promise<void> | undefined

  constructor(
    partitions: Partitions,
    partition: Partition,
    options: { readonly compression: number; readonly loadBytes: number },
  ) {
    this.#partitions = partitions
    this.partition = partition
    this.#options = options
  }

  get isEmpty(): boolean {
    const { log } = this.partition
    return log.logEndOffset === log.logStartOffset
  }

  /** The same files, in the same leader's time. */
  isSameAs({ partition }: CoordinatorLog): boolean {
    return partition.log === this.partition.log && partition.leaderEpoch === this.partition.leaderEpoch
  }

  /** The records in portions that one batch holds each. A record that is larger than that is alone. */
  *portions(records: readonly CoordinatorRecord[]): Generator<readonly CoordinatorRecord[]> {
    const mostBytes = this.partition.log.config.maxMessageBytes - BATCH_OVERHEAD_BYTES
    for (let from = 0; from < records.length; ) {
      let to = from
      for (let bytes = 0; to < records.length; to++) {
        bytes += mostBytesOf(records[to])
        if (bytes > mostBytes && to > from) break
      }
      yield records.slice(from, to)
      from = to
    }
  }

  /** Returns the offset of the first. */
  append(records: readonly CoordinatorRecord[], nowMs: number, transaction?: TransactionOf): number {
    const builder = new BatchBuilder({ compression: this.#options.compression })
    for (const { key, value } of records) builder.append(nowMs, key, value)
    const producer = { ...(transaction ?? NO_PRODUCER), baseSequence: FIRST_SEQUENCE }
    return this.#append(builder.close({ producer, isTransactional: transaction !== undefined }))
  }

  /** Returns the marker's offset. */
  appendEnd({ transactionVersion, ...end }: TransactionEnd, nowMs: number): number {
    return this.#append(endTransactionBatch({ ...end, timestamp: nowMs }), transactionVersion)
  }

  /** Resolves when everything appended so far is as safe as the flush mode asks; undefined: it is. */
  committed(): Promise<void> | undefined {
    return this.#committed
  }

  /** What an earlier process left may not be on disk yet, and must be before anybody is told of it. */
  async secure(): Promise<void> {
    await this.#partitions.acknowledged(this.partition)
  }

  /** Has a shard replay everything, from the start. */
  async replayTo(shard: CoordinatorShard): Promise<void> {
    const { log } = this.partition
    for (let at = log.logStartOffset; at < log.logEndOffset; ) {
      const read = await log.read(at, this.#options.loadBytes, { upTo: 'logEnd', atLeastOneBatch: true })
      let next = at
      for (const batch of batchesIn(read.records)) {
        next = batch.lastOffset + 1
        replayBatch(batch, at, shard)
      }
      read.release?.()
      if (next === at) return
      at = next
    }
  }

  #append(batch: Buffer, transactionVersion?: number): number {
    const options = { origin: 'coordinator', transactionVersion } as const
    const { committed, result } = this.#partitions.append(this.partition, batch, options)
    this.#committed = committed
    return result.baseOffset
  }
}

function replayBatch(batch: RecordBatch | MessageSet, from: number, shard: CoordinatorShard): void {
  batch.checkCrc()
  if (batch instanceof RecordBatch && batch.isControl) {
    const marker = markerOf(batch)
    if (marker !== undefined) shard.replayEnd?.(batch.producerId, marker.isCommit)
    return
  }
  const producerId = batch instanceof RecordBatch && batch.isTransactional ? batch.producerId : NO_PRODUCER_ID
  for (const cursor = batch.records(); cursor.next(); ) {
    const { offset } = cursor
    const key = cursor.key()
    const value = cursor.value()
    if (offset < from || key === null) continue
    // Out of the memory that the next read gets.
    const record = { key: new Uint8Array(key), value: value === null ? null : new Uint8Array(value) }
    shard.replay(record, { offset, producerId })
  }
}

function mostBytesOf(record: CoordinatorRecord | undefined): number {
  return RECORD_OVERHEAD_BYTES + (record?.key.length ?? 0) + (record?.value?.length ?? 0)
}
