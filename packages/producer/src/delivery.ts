/**
 * What becomes of one record, and how its sender is told: by a promise, by a callback, or not at all. Told once. What a
 * callback throws is the callback's: whoever calls it here catches that.
 *
 * Millions of these wait at a time, so a record without a promise costs no object of its own.
 */
import { inspect } from 'node:util'
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

  static {
    // What `console.log` shows: the offset is computed, and would not be seen.
    Object.defineProperty(RecordMetadata.prototype, inspect.custom, {
      value(this: RecordMetadata) {
        return { ...this.toJSON(), offset: this.offset }
      },
    })
  }

  constructor(place: BatchPlace, index: number, timestamp: number, keyBytes: number, valueBytes: number) {
    this.topic = place.topic
    this.partition = place.partition
    this.timestamp = place.logAppendTimeMs < 0 ? timestamp : place.logAppendTimeMs
    this.serializedKeySize = keyBytes
    this.serializedValueSize = valueBytes
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

/** A promise of `send`. */
export class SentPromise {
  readonly promise: Promise<RecordMetadata>
  readonly #resolve: (metadata: RecordMetadata) => void
  readonly #reject: (error: unknown) => void

  constructor() {
    this.promise = new Promise(executor)
    this.#resolve = resolveOfNew
    this.#reject = rejectOfNew
  }

  succeed(metadata: RecordMetadata): void {
    this.#resolve(metadata)
  }

  fail(error: KafkaError): void {
    // Who sends and forgets has said that the outcome is of no interest: it must not end the process.
    this.promise.catch(ignore)
    this.#reject(error)
  }
}

/** Somebody is told before the sender is: interceptors and diagnostics. They do not throw. */
export class ObservedRecipient {
  readonly #observer: DeliveryCallback
  readonly #recipient: Recipient

  constructor(observer: DeliveryCallback, recipient: Recipient) {
    this.#observer = observer
    this.#recipient = recipient
  }

  succeed(metadata: RecordMetadata): void {
    this.#observer(undefined, metadata)
    tellSuccess(this.#recipient, metadata)
  }

  fail(error: KafkaError): void {
    this.#observer(error, undefined)
    tellFailure(this.#recipient, error)
  }
}

/** Who waits for the outcome of a record. Nobody, often: then nothing is made for it. */
export type Recipient = DeliveryCallback | SentPromise | ObservedRecipient | undefined

export function tellSuccess(recipient: Recipient, metadata: RecordMetadata): void {
  if (typeof recipient === 'function') recipient(undefined, metadata)
  else recipient?.succeed(metadata)
}

export function tellFailure(recipient: Recipient, error: KafkaError): void {
  if (typeof recipient === 'function') recipient(error, undefined)
  else recipient?.fail(error)
}
