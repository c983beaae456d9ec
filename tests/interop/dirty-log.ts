/**
 * Logs to be compacted, made from seeds by our own log: records with and without keys, tombstones, every codec that can
 * write here, idempotent producers, and transactions that were committed and aborted, across segments. Kafka takes them as
 * they are, so that both compact the same bytes.
 */
import {
  type FileSystem,
  LogCleaner,
  type LogConfig,
  logConfigOf,
  PartitionLog,
  RecentBatches,
  topicConfigs,
} from '@samsa/broker/internal'
import { BatchBuilder, CODECS, endTransactionBatch } from '@samsa/protocol'
import { type ManualClock, type Random, SeededRandom, silentLogger } from '@samsa/runtime'
import { BufferPool } from '@samsa/runtime/internal'

const BUFFERS = new BufferPool()

const KEYS = 40
const IDEMPOTENT_IDS = [11, 12, 13]
const TRANSACTIONAL_IDS = [101, 102, 103]
/** Little more than the least that Kafka takes. */
export const DEDUPE_BUFFER_BYTES = 1_100_000
const SETTINGS = { backoffMs: 1, dedupeBufferBytes: DEDUPE_BUFFER_BYTES, dedupeLoadFactor: 0.9, ioBufferBytes: 1 << 19 }

/** Topic configs under which both brokers compact. */
export const COMPACTION: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'delete.retention.ms': '60000',
  'min.cleanable.dirty.ratio': '0.0',
  'segment.bytes': '1048576',
}

export function compactedConfig(): LogConfig {
  return logConfigOf(name => COMPACTION[name] ?? topicConfigs.get(name)?.default ?? '')
}

export interface LogPlace {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly clock: ManualClock
  readonly cleanedTo?: number | undefined
}

/** The log of a partition whose files lie in a directory, after a clean stop. */
export function openLog(place: LogPlace): PartitionLog {
  return PartitionLog.open({
    ...place,
    topic: 'dirty',
    partition: 0,
    topicId: 'Tn6lmnAJQO2QrQuqVKJNeQ',
    config: compactedConfig(),
    random: new SeededRandom(1),
    recentBatches: new RecentBatches(BUFFERS, 0),
    isCleanStop: true,
    recoveryPoint: 0,
    logStartOffset: 0,
    buffers: BUFFERS,
    producerIdExpirationMs: 86_400_000,
  })
}

/** Compacts what can be; throws what stands in the way. */
export async function compact(log: PartitionLog, clock: ManualClock): Promise<void> {
  const failures: unknown[] = []
  const logger = { ...silentLogger, error: (fields: object) => void failures.push(fields) }
  await new LogCleaner({ clock, logger, logs: () => [log], settings: () => SETTINGS, checkpoint: () => true }).run()
  if (failures.length > 0) throw new Error('the log could not be compacted', { cause: failures[0] })
}

interface Producer {
  readonly id: number
  epoch: number
  nextSequence: number
  isOpen: boolean
}

export class DirtyLogWriter {
  readonly #log: PartitionLog
  readonly #clock: ManualClock
  readonly #random: Random
  readonly #codecs: readonly number[]
  readonly #idempotent = IDEMPOTENT_IDS.map(producer)
  readonly #transactional = TRANSACTIONAL_IDS.map(producer)
  #count = 0

  constructor(log: PartitionLog, clock: ManualClock, seed: string, isCompressed: boolean) {
    this.#log = log
    this.#clock = clock
    this.#random = new SeededRandom(seed)
    this.#codecs = isCompressed ? CODECS.filter(codec => codec.canCompress() === true).map(codec => codec.id) : [0]
  }

  /** Writes batches of all kinds, and leaves the last of them in an active segment that is not compacted. */
  async write(batches: number): Promise<void> {
    for (let batch = 0; batch < batches; batch++) {
      await this.#clock.advance(this.#random.integer(1, 200))
      this.#step()
    }
    this.#log.roll()
    this.#append({ producer: undefined, isTransactional: false })
  }

  /** As from a topic that was not compacted then: some records have no key. */
  writeWithoutKeys(batches: number): void {
    const config = this.#log.config
    this.#log.updateConfig({ ...config, cleanupPolicy: { delete: true, compact: false } })
    for (let batch = 0; batch < batches; batch++) this.#append({ producer: undefined, isTransactional: false }, 0.4)
    this.#log.updateConfig(config)
  }

  /** More keys than the cleaner remembers in one pass. */
  writeManyKeys(batches: number): void {
    for (let batch = 0; batch < batches; batch++) {
      const builder = new BatchBuilder()
      for (let index = 0; index < 1000; index++)
        builder.append(this.#clock.now(), `${this.#random.integer(0, 90_000)}`, 'v')
      this.#log.append(builder.close(), { leaderEpoch: 0, origin: 'client' })
    }
    this.#log.advanceHighWatermark(this.#log.logEndOffset)
  }

  endTransactions(): void {
    for (const producer of this.#transactional) if (producer.isOpen) this.#end(producer)
  }

  #step(): void {
    const draw = this.#random.integer(0, 100)
    if (draw < 35) this.#append({ producer: undefined, isTransactional: false })
    else if (draw < 55) this.#append({ producer: this.#oneOf(this.#idempotent), isTransactional: false })
    else if (draw < 75) this.#append({ producer: this.#oneOf(this.#transactional), isTransactional: true })
    else if (draw < 90) this.#end(this.#oneOf(this.#transactional))
    else if (draw < 94) this.#stamp()
    else if (draw < 97) this.#bump(this.#oneOf(this.#idempotent))
    else this.#log.roll()
  }

  #append(kind: { producer: Producer | undefined; isTransactional: boolean }, keyless = 0): void {
    const { producer, isTransactional } = kind
    const builder = new BatchBuilder({ compression: this.#oneOf(this.#codecs) })
    const count = this.#random.integer(1, 6)
    for (let index = 0; index < count; index++) {
      const key = this.#random.next() < keyless ? null : `key-${this.#random.integer(0, KEYS)}`
      const value = this.#random.next() < 0.2 ? null : `${this.#count} `.padEnd(this.#random.integer(5, 5000), 'value ')
      const headers = this.#random.next() < 0.2 ? [{ key: 'trace', value: `t${this.#count}` }] : []
      builder.append(this.#clock.now() - this.#random.integer(0, 5000), key, value, headers)
      this.#count++
    }
    const stamp = producer && {
      producerId: producer.id,
      producerEpoch: producer.epoch,
      baseSequence: producer.nextSequence,
    }
    const records = builder.close({ isTransactional, ...(stamp === undefined ? {} : { producer: stamp }) })
    this.#log.append(records, { leaderEpoch: 0, origin: 'client' })
    this.#log.advanceHighWatermark(this.#log.logEndOffset)
    if (producer === undefined) return
    producer.nextSequence += count
    producer.isOpen = isTransactional
  }

  /** A marker also where nothing was written in between, as coordinators do write. */
  #end(producer: Producer): void {
    const marker = endTransactionBatch({
      producerId: producer.id,
      producerEpoch: producer.epoch,
      coordinatorEpoch: 1,
      isCommit: this.#random.next() < 0.5,
      timestamp: this.#clock.now(),
    })
    this.#log.append(marker, { leaderEpoch: 0, origin: 'coordinator' })
    this.#log.advanceHighWatermark(this.#log.logEndOffset)
    producer.isOpen = false
    if (this.#random.next() < 0.2) this.#bump(producer)
  }

  /** A batch that the log stamps. */
  #stamp(): void {
    const config = this.#log.config
    this.#log.updateConfig({ ...config, messageTimestampType: 'LogAppendTime' })
    this.#append({ producer: this.#oneOf(this.#idempotent), isTransactional: false })
    this.#log.updateConfig(config)
  }

  #bump(producer: Producer): void {
    producer.epoch++
    producer.nextSequence = 0
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.#random.integer(0, items.length)]
    if (item === undefined) throw new RangeError('there is nothing to choose from')
    return item
  }
}

function producer(id: number): Producer {
  return { id, epoch: 0, nextSequence: 0, isOpen: false }
}
