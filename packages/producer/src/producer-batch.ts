/**
 * ProducerBatch: records of one partition on their way together, with those who wait for them. Owns the bytes, and
 * who waits for the records. Its life: open (records come in) → closed (bytes are final, but for the producer's stamp) → in flight, maybe
 * several times → settled, once.
 */
import {
  assignProducer,
  BatchBuilder,
  type ProducerStamp,
  type WritableBytes,
  type WritableHeader,
} from '@samsa/protocol'
import type { KafkaError, Logger } from '@samsa/runtime'
import { type BufferPool, invariant } from '@samsa/runtime/internal'
import { type BatchPlace, type Recipient, RecordMetadata, tellFailure } from './delivery.js'
import type { RecordSlots, RecordSlotsPool } from './record-slots.js'

export interface BatchOptions {
  readonly topic: string
  readonly partition: number
  /** Codec number. */
  readonly compression: number
  readonly compressionLevel: number | undefined
  readonly capacity: number
  readonly buffers: BufferPool
  readonly slots: RecordSlotsPool
  /** On the monotonic clock. */
  readonly createdAt: number
  readonly isTransactional: boolean
  /** Which number a split has reached: its parts are split further, into less each time. */
  readonly splits?: number
}

export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly createdAt: number
  readonly splits: number
  /** Its place among the batches of its partition, as its queue numbers them; its parts share the span up to the next. */
  order = 0
  orderSpan = 1
  /** How often it was sent. */
  attempts = 0
  /** The node that it was sent to last. */
  sentTo = -1
  /** Not before this moment, after a failure. */
  retryAt = 0
  /** What the last attempt failed with. */
  lastError: KafkaError | undefined
  /** A broker may have it: it was sent, and nothing has said that it was refused. */
  mayBeWritten = false
  /** Taken from the memory of the producer, to be given back when the batch is settled. */
  chargedBytes = 0
  /** No more records: it was full, or there was no room in it for the next one. */
  isFull = false
  readonly #options: BatchOptions
  readonly #builder: BatchBuilder
  /** Another batch's as soon as this one is settled. */
  readonly #slots: RecordSlots
  #recordCount = 0
  #bytes: Buffer | undefined
  #stamp: ProducerStamp | undefined
  #stampInBytes: ProducerStamp | undefined
  #isSettled = false
  #whenSettled: (() => void)[] | undefined

  constructor(options: BatchOptions) {
    this.topic = options.topic
    this.partition = options.partition
    this.createdAt = options.createdAt
    this.splits = options.splits ?? 0
    this.#options = options
    this.#builder = new BatchBuilder(options)
    this.#slots = options.slots.take()
  }

  get recordCount(): number {
    return this.#recordCount
  }

  /** Before compression while it is open, on the wire afterwards. */
  get size(): number {
    return this.#bytes?.length ?? this.#builder.uncompressedBytes
  }

  /** What its records take before compression. */
  get uncompressedBytes(): number {
    return this.#builder.uncompressedBytes
  }

  get isClosed(): boolean {
    return this.#bytes !== undefined
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** What makes the broker recognise it; undefined until it is sent for the first time, and without idempotence. */
  get stamp(): ProducerStamp | undefined {
    return this.#stamp
  }

  /** Who waits for a record. */
  recipient(index: number): Recipient {
    return this.#slots.recipient(index)
  }

  append(
    timestamp: number,
    key: WritableBytes,
    value: WritableBytes,
    headers: readonly WritableHeader[],
    recipient: Recipient,
  ): void {
    this.#builder.append(timestamp, key, value, headers)
    this.#slots.push(recipient, timestamp, this.#builder.lastKeyBytes, this.#builder.lastValueBytes)
    this.#recordCount++
  }

  /** A new stamp is only for a batch of which it is certain that no broker has it, and that is not in flight. */
  assignStamp(stamp: ProducerStamp | undefined): void {
    invariant(stamp === undefined || !this.#isSettled, 'a settled batch is not sent again')
    this.#stamp = stamp
  }

  /** The bytes to send, made at the first call. They do not change while the batch is in flight. */
  close(): Buffer {
    const stamp = this.#stamp
    if (this.#bytes === undefined) {
      const { isTransactional } = this.#options
      this.#bytes = this.#builder.close({ isTransactional, ...(stamp === undefined ? {} : { producer: stamp }) })
      this.#stampInBytes = stamp
    } else if (stamp !== this.#stampInBytes && stamp !== undefined) {
      assignProducer(this.#bytes, stamp)
      this.#stampInBytes = stamp
    }
    return this.#bytes
  }

  /** It is settled, and its last request was answered: its memory can be another batch's. */
  recycle(): void {
    invariant(this.#isSettled, 'a batch is needed until it is settled')
    if (this.#bytes !== undefined) this.#options.buffers.give(this.#bytes)
    this.#bytes = undefined
  }

  succeed(place: BatchPlace, logger: Logger): void {
    this.#settle()
    const slots = this.#slots
    for (let index = 0; index < slots.count; index++) {
      const recipient = slots.recipient(index)
      if (recipient === undefined) continue
      const metadata = new RecordMetadata(
        place,
        index,
        slots.timestamp(index),
        slots.keyBytes(index),
        slots.valueBytes(index),
      )
      try {
        if (typeof recipient === 'function') recipient(undefined, metadata)
        else recipient.succeed(metadata)
      } catch (error) {
        this.#callbackThrew(error, logger)
      }
    }
    this.#options.slots.give(slots)
  }

  fail(error: KafkaError, logger: Logger): void {
    this.#settle()
    const slots = this.#slots
    for (let index = 0; index < slots.count; index++) this.#failOne(slots.recipient(index), error, logger)
    this.#options.slots.give(slots)
  }

  /** One record is refused, and the batch will go without it. */
  failRecord(index: number, error: KafkaError, logger: Logger): void {
    this.#failOne(this.#slots.recipient(index), error, logger)
    this.#slots.forget(index)
  }

  /** Its records go on in other batches, which those who wait for this one wait for as well. */
  replaceBy(parts: readonly ProducerBatch[]): void {
    const waiting = this.#whenSettled ?? []
    this.#whenSettled = undefined
    this.#settle()
    this.#options.slots.give(this.#slots)
    let left = parts.length
    if (left === 0) callAll(waiting)
    for (const part of parts) {
      part.onSettled(() => {
        left--
        if (left === 0) callAll(waiting)
      })
    }
  }

  /** Calls back when every record of it has its outcome; at once if that is so. */
  onSettled(callback: () => void): void {
    if (this.#isSettled) callback()
    else this.#whenSettled = [...(this.#whenSettled ?? []), callback]
  }

  #failOne(recipient: Recipient, error: KafkaError, logger: Logger): void {
    try {
      tellFailure(recipient, error)
    } catch (thrown) {
      this.#callbackThrew(thrown, logger)
    }
  }

  #callbackThrew(error: unknown, logger: Logger): void {
    logger.warn({ topic: this.topic, partition: this.partition, err: error }, 'a delivery callback threw')
  }

  #settle(): void {
    invariant(!this.#isSettled, 'a batch is settled once')
    this.#isSettled = true
    const waiting = this.#whenSettled
    this.#whenSettled = undefined
    // Behind the recipients, whose promises are resolved first.
    if (waiting !== undefined) queueMicrotask(() => callAll(waiting))
  }
}

function callAll(callbacks: readonly (() => void)[]): void {
  for (const callback of callbacks) callback()
}
