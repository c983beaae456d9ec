/**
 * Delivery: what becomes of one record, from `send` to the broker's answer, and how its sender is told: by a promise, a
 * callback, or not at all. Settled once; what a callback throws is the callback's, and never reaches the producer.
 */
import type { KafkaError } from '@samsa/runtime'

/** Where a record went. */
export class RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** Milliseconds since 1970: the record's own, or the log's where the topic is stamped by the broker. */
  readonly timestamp: number
  /** Bytes; -1 for null. */
  readonly serializedKeySize: number
  /** Bytes; -1 for null. */
  readonly serializedValueSize: number
  readonly #offset: number

  constructor(place: BatchPlace, index: number, delivery: Delivery) {
    this.topic = place.topic
    this.partition = place.partition
    this.timestamp = place.logAppendTimeMs < 0 ? delivery.timestamp : place.logAppendTimeMs
    this.serializedKeySize = delivery.keyBytes
    this.serializedValueSize = delivery.valueBytes
    this.#offset = place.baseOffset < 0 ? -1 : place.baseOffset + index
  }

  /** -1 where the broker does not tell: with `acks` 0, and for a record that it had already. */
  get offset(): bigint {
    return BigInt(this.#offset)
  }

  toJSON(): Record<string, unknown> {
    const { topic, partition, timestamp, serializedKeySize, serializedValueSize } = this
    return { topic, partition, offset: String(this.#offset), timestamp, serializedKeySize, serializedValueSize }
  }
}

/** Where a whole batch went. */
export interface BatchPlace {
  readonly topic: string
  readonly partition: number
  /** -1 when unknown. */
  readonly baseOffset: number
  /** -1 when the records keep their own timestamps. */
  readonly logAppendTimeMs: number
}

/** Told exactly one of the two. */
export type DeliveryCallback = (error: KafkaError | undefined, metadata: RecordMetadata | undefined) => void

const ignore = (): void => {}

let resolveOfNew: (metadata: RecordMetadata) => void = ignore
let rejectOfNew: (error: unknown) => void = ignore
/** One for all promises, so that none is made for each record. */
const executor = (resolve: (metadata: RecordMetadata) => void, reject: (error: unknown) => void): void => {
  resolveOfNew = resolve
  rejectOfNew = reject
}

export class Delivery {
  /** Set when the record is in a batch. */
  timestamp = -1
  keyBytes = -1
  valueBytes = -1
  /** Told first: interceptors and diagnostics. It must not throw. */
  observer: DeliveryCallback | undefined
  readonly promise: Promise<RecordMetadata> | undefined
  readonly #resolve: (metadata: RecordMetadata) => void
  readonly #reject: (error: unknown) => void
  readonly #callback: DeliveryCallback | undefined

  private constructor(callback: DeliveryCallback | undefined, promise: Promise<RecordMetadata> | undefined) {
    this.#callback = callback
    this.promise = promise
    this.#resolve = resolveOfNew
    this.#reject = rejectOfNew
  }

  static ofPromise(): Delivery {
    const promise = new Promise<RecordMetadata>(executor)
    const delivery = new Delivery(undefined, promise)
    resolveOfNew = ignore
    rejectOfNew = ignore
    return delivery
  }

  static ofCallback(callback: DeliveryCallback | undefined): Delivery {
    return new Delivery(callback, undefined)
  }

  succeed(place: BatchPlace, index: number): void {
    if (this.promise === undefined && this.#callback === undefined && this.observer === undefined) return
    const metadata = new RecordMetadata(place, index, this)
    this.observer?.(undefined, metadata)
    if (this.#callback === undefined) this.#resolve(metadata)
    else this.#callback(undefined, metadata)
  }

  fail(error: KafkaError): void {
    this.observer?.(error, undefined)
    if (this.#callback !== undefined) {
      this.#callback(error, undefined)
      return
    }
    // Who sends and forgets has said that the outcome is of no interest: it must not end the process.
    this.promise?.catch(ignore)
    this.#reject(error)
  }
}
