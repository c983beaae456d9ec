/**
 * Accumulator: puts records into batches (Kafka's RecordAccumulator). Owns the queues of all topics, the producer's
 * memory, and the line of those who wait for room in it. Knows nothing of connections: the sender takes batches out of the
 * queues that have some, and is woken when there is something new for it to look at.
 *
 * Order: a record that has to wait, be it for its topic or for memory, is overtaken by no later record of its topic.
 */
import { codecByName } from '@samsa/protocol'
import type { Clock, KafkaError, Random } from '@samsa/runtime'
import { BufferPool, invariant } from '@samsa/runtime/internal'
import { BufferMemory, RECIPIENT_BYTES } from './buffer-memory.js'
import type { Recipient } from './delivery.js'
import type { PartitionQueue } from './partition-queue.js'
import { ProducerBatch } from './producer-batch.js'
import type { ProducerConfig } from './producer-options.js'
import { RecordSlotsPool } from './record-slots.js'
import type { SerializedRecord } from './serialized-record.js'
import { TopicQueues } from './topic-queues.js'
import { WaitingBudget, type WaitingSend, WaitingSends } from './waiting-sends.js'

export interface AccumulatorOptions {
  readonly config: ProducerConfig
  readonly clock: Clock
  readonly random: Random
  /** There is a new batch, or a full one. */
  readonly onWork: () => void
  readonly isStalled: (node: number) => boolean
  /** A batch takes no more records; the next one of its partition begins another. */
  readonly onBatchFull: ((topic: TopicQueues, partition: number) => void) | undefined
  readonly onCallbackError: (error: unknown) => void
  readonly timeoutError: (send: WaitingSend, waitsFor: 'memory' | 'topic') => KafkaError
}

/** A batch begins with room for a little more than the one before it had. */
const LEAST_CAPACITY = 1024
const CAPACITY_MARGIN = 1.25

/** Memory of batches is used again: from this size on, and no more of it is kept than that. */
const LEAST_POOLED_BYTES = 8 * 1024
const MOST_KEPT_BYTES = 8 * 1024 * 1024

export class Accumulator {
  readonly memory: BufferMemory
  /** Queues with batches that wait to be sent. */
  readonly ready: Set<PartitionQueue> = new Set()
  /** Batches that are not settled. */
  readonly incomplete: Set<ProducerBatch> = new Set()
  /** Sends that wait for room. */
  readonly waitingForMemory: WaitingSends
  readonly #options: AccumulatorOptions
  readonly #topics = new Map<string, TopicQueues>()
  readonly #compression: number
  readonly #compressionLevel: number | undefined
  readonly #budget = new WaitingBudget()
  readonly #buffers: BufferPool
  readonly #slots = new RecordSlotsPool()
  #lastTopic: TopicQueues | undefined
  #isTransactional = false

  constructor(options: AccumulatorOptions) {
    this.#options = options
    const { config, clock, timeoutError, onCallbackError } = options
    this.memory = new BufferMemory(config.bufferMemory, () => this.#admit())
    this.waitingForMemory = new WaitingSends({
      clock,
      budget: this.#budget,
      timeoutError: send => timeoutError(send, 'memory'),
      onCallbackError,
    })
    this.#buffers = new BufferPool({
      keptBytes: Math.min(config.bufferMemory / 4, MOST_KEPT_BYTES),
      leastBytes: LEAST_POOLED_BYTES,
      stepBytes: LEAST_POOLED_BYTES,
    })
    this.#compression = codecByName(config.compression).id
    this.#compressionLevel = config.compressionLevel
    this.#isTransactional = config.transactionalId !== undefined
  }

  /** Records in batches that are not settled. */
  get recordCount(): number {
    let count = 0
    for (const batch of this.incomplete) count += batch.recordCount
    return count
  }

  get topics(): Iterable<TopicQueues> {
    return this.#topics.values()
  }

  topic(name: string): TopicQueues {
    const last = this.#lastTopic
    if (last !== undefined && last.name === name) return last
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      const { config, clock, random, isStalled, timeoutError, onCallbackError } = this.#options
      const waiting = new WaitingSends({
        clock,
        budget: this.#budget,
        timeoutError: send => timeoutError(send, 'topic'),
        onCallbackError,
      })
      topic = new TopicQueues(name, {
        random,
        batchSize: Math.max(config.batchSize, 1),
        isAdaptive: config.partitionerAdaptive,
        isStalled,
        waiting,
      })
      this.#topics.set(name, topic)
    }
    this.#lastTopic = topic
    return topic
  }

  /** Nothing is known of the topic, and nothing waits for it. */
  forget(topic: TopicQueues): void {
    this.#topics.delete(topic.name)
    if (this.#lastTopic === topic) this.#lastTopic = undefined
  }

  /** Whatever is sent next, it will be refused: others wait for memory, and no more may wait. */
  get refusesAll(): boolean {
    return this.#budget.isFull && this.waitingForMemory.size > 0
  }

  /** False where there is no room: the record has to wait in line. */
  hasRoomFor(record: SerializedRecord): boolean {
    return this.waitingForMemory.size === 0 && this.memory.hasRoomFor(record.bytes + RECIPIENT_BYTES)
  }

  /** Puts the record into its batch. The topic is known, and there is room. */
  append(topic: TopicQueues, record: SerializedRecord, recipient: Recipient): void {
    const { config, clock, onWork, onBatchFull } = this.#options
    const isSticky = record.partition < 0
    const partition = isSticky ? topic.stickyPartition() : record.partition
    const queue = topic.queue(partition)
    let batch = queue.open
    // What waits behind a full batch costs no time by waiting: it may become larger.
    const limit = queue.waiting.length > 1 ? config.maxBatchSize : config.batchSize
    if (batch !== undefined && batch.size + record.bytes > limit) {
      batch.isFull = true
      batch = undefined
      onBatchFull?.(topic, partition)
    }
    const isNew = batch === undefined
    batch ??= this.#newBatch(queue)
    const before = batch.size
    const timestamp = record.timestamp < 0 ? clock.now() : record.timestamp
    batch.append(timestamp, record.key, record.value, record.headers, recipient)
    const bytes = batch.size - before
    batch.chargedBytes += bytes + RECIPIENT_BYTES
    this.memory.take(bytes + RECIPIENT_BYTES)
    if (batch.size >= limit) {
      batch.isFull = true
      onBatchFull?.(topic, partition)
    }
    if (isSticky) topic.sticky.appended(bytes, batch.isFull)
    if (isNew || batch.isFull) onWork()
  }

  /** The batch has its outcome: what it held is free. */
  release(batch: ProducerBatch): void {
    invariant(this.incomplete.delete(batch), 'a batch is released once')
    const { chargedBytes } = batch
    batch.chargedBytes = 0
    this.memory.give(chargedBytes)
  }

  /** A batch that takes the place of another one, whose charge it takes over in part. */
  adopt(batch: ProducerBatch, chargedBytes: number): void {
    batch.chargedBytes = chargedBytes
    this.memory.take(chargedBytes)
    this.incomplete.add(batch)
  }

  emptyBatch(queue: PartitionQueue, createdAt: number, capacity: number, splits: number): ProducerBatch {
    return new ProducerBatch({
      topic: queue.topic,
      partition: queue.partition,
      compression: this.#compression,
      compressionLevel: this.#compressionLevel,
      capacity,
      buffers: this.#buffers,
      slots: this.#slots,
      createdAt,
      isTransactional: this.#isTransactional,
      splits,
    })
  }

  #newBatch(queue: PartitionQueue): ProducerBatch {
    const { clock } = this.#options
    const capacity = Math.max(LEAST_CAPACITY, Math.ceil(queue.lastBytes * CAPACITY_MARGIN))
    const batch = this.emptyBatch(queue, clock.monotonic(), capacity, 0)
    queue.add(batch)
    this.ready.add(queue)
    this.incomplete.add(batch)
    return batch
  }

  /** Lets in those who wait for room, as far as there is some. */
  #admit(): void {
    const line = this.waitingForMemory
    for (;;) {
      const send = line.first()
      if (send === undefined || !this.memory.hasRoomFor(send.record.bytes + RECIPIENT_BYTES)) return
      line.shift()
      this.append(this.topic(send.record.topic), send.record, send.recipient)
      send.onLeave?.()
    }
  }
}
