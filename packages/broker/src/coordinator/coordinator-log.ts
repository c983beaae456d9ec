/**
 * CoordinatorLog: the log of one partition that a coordinator leads, as records: appended as one batch, read from the
 * start. Owner of nothing but what it has appended and not seen committed.
 */
import { BatchBuilder, batchesIn, RecordBatch } from '@samsa/protocol'
import { type Partition, Partitions } from '../cluster/partitions.js'
import type { LogManager } from '../log/log-manager.js'
import type { MetadataImage } from '../metadata/image.js'
import type { CoordinatorRecord } from './shard.js'

const NO_LEADER = -1
/** The sequence is what Kafka's coordinators write. */
const NO_PRODUCER = { producerId: -1, producerEpoch: -1, baseSequence: 0 }
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

  append(records: readonly CoordinatorRecord[], nowMs: number): void {
    const builder = new BatchBuilder({ compression: this.#options.compression })
    for (const { key, value } of records) builder.append(nowMs, key, value)
    const batch = builder.close({ producer: NO_PRODUCER })
    const { committed } = this.#partitions.append(this.partition, batch, { origin: 'coordinator' })
    this.#committed = committed
  }

  /** Resolves when everything appended so far is as safe as the flush mode asks; undefined: it is. */
  committed(): Promise<void> | undefined {
    return this.#committed
  }

  /** What an earlier process left may not be on disk yet, and must be before anybody is told of it. */
  async secure(): Promise<void> {
    await this.#partitions.acknowledged(this.partition)
  }

  async *records(): AsyncGenerator<CoordinatorRecord> {
    const { log } = this.partition
    for (let at = log.logStartOffset; at < log.logEndOffset; ) {
      const read = await log.read(at, this.#options.loadBytes, { upTo: 'logEnd', atLeastOneBatch: true })
      let next = at
      for (const batch of batchesIn(read.records)) {
        next = batch.lastOffset + 1
        if (batch instanceof RecordBatch && batch.isControl) continue
        batch.checkCrc()
        for (const cursor = batch.records(); cursor.next(); ) {
          const key = cursor.key()
          const value = cursor.value()
          if (cursor.offset < at || key === null) continue
          // Out of the memory that the next read gets.
          yield { key: new Uint8Array(key), value: value === null ? null : new Uint8Array(value) }
        }
      }
      read.release?.()
      if (next === at) return
      at = next
    }
  }
}

function mostBytesOf(record: CoordinatorRecord | undefined): number {
  return RECORD_OVERHEAD_BYTES + (record?.key.length ?? 0) + (record?.value?.length ?? 0)
}
