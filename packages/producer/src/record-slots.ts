/**
 * RecordSlots: what a batch keeps of each of its records until they have their outcome: who waits, and the few numbers that
 * he is told. In arrays that batches use one after the other, since objects that live as long as a request does are what
 * keeps a garbage collector busy.
 */
import type { Recipient } from './delivery.js'

const LEAST_SLOTS = 16

export class RecordSlots {
  #recipients: Recipient[] = []
  #timestamps = new Float64Array(LEAST_SLOTS)
  #keyBytes = new Int32Array(LEAST_SLOTS)
  #valueBytes = new Int32Array(LEAST_SLOTS)
  #count = 0

  get count(): number {
    return this.#count
  }

  get capacity(): number {
    return this.#timestamps.length
  }

  push(recipient: Recipient, timestamp: number, keyBytes: number, valueBytes: number): void {
    const index = this.#count
    if (index === this.#timestamps.length) this.#grow()
    this.#recipients[index] = recipient
    this.#timestamps[index] = timestamp
    this.#keyBytes[index] = keyBytes
    this.#valueBytes[index] = valueBytes
    this.#count = index + 1
  }

  recipient(index: number): Recipient {
    return this.#recipients[index]
  }

  timestamp(index: number): number {
    return this.#timestamps[index] ?? -1
  }

  keyBytes(index: number): number {
    return this.#keyBytes[index] ?? -1
  }

  valueBytes(index: number): number {
    return this.#valueBytes[index] ?? -1
  }

  /** He has been told. */
  forget(index: number): void {
    this.#recipients[index] = undefined
  }

  clear(): void {
    this.#recipients.fill(undefined, 0, this.#count)
    this.#count = 0
  }

  #grow(): void {
    const capacity = 2 * this.#timestamps.length
    const timestamps = new Float64Array(capacity)
    timestamps.set(this.#timestamps)
    this.#timestamps = timestamps
    const keyBytes = new Int32Array(capacity)
    keyBytes.set(this.#keyBytes)
    this.#keyBytes = keyBytes
    const valueBytes = new Int32Array(capacity)
    valueBytes.set(this.#valueBytes)
    this.#valueBytes = valueBytes
  }
}

/** Slots that wait for their next batch; few enough that they are no matter beside the producer's memory. */
export class RecordSlotsPool {
  readonly #free: RecordSlots[] = []

  take(): RecordSlots {
    return this.#free.pop() ?? new RecordSlots()
  }

  give(slots: RecordSlots): void {
    slots.clear()
    if (this.#free.length < MOST_KEPT && slots.capacity <= MOST_KEPT_CAPACITY) this.#free.push(slots)
  }
}

const MOST_KEPT = 128
const MOST_KEPT_CAPACITY = 8192
