/**
 * WaitingSends: records that could not be put into a batch at once, in the order in which they came: their topic is not
 * known yet, or the producer's memory is full. Owns one timer, for the first whose time is over. The owner of what they
 * wait for takes them out, from the front.
 */
import type { Clock, KafkaError } from '@samsa/runtime'
import { RingBuffer, type Timer } from '@samsa/runtime/internal'
import { type Recipient, tellFailure } from './delivery.js'
import type { ProducerRecord } from './record.js'
import type { SerializedRecord } from './serialized-record.js'

/** A record on hold. */
export interface WaitingSend {
  readonly record: SerializedRecord
  /** As the user gave it: for the partitioner. */
  readonly source: ProducerRecord<unknown, unknown>
  readonly recipient: Recipient
  /** On the monotonic clock: `maxBlockMs` after the call. */
  readonly deadline: number
  /** What the record counts for while it waits. */
  readonly bytes: number
  /** Given up: by its deadline or its signal. It is passed over when its turn comes. */
  isGone: boolean
  /** Told when it has left the line, for whatever reason. */
  onLeave: (() => void) | undefined
  /** The line it is in; undefined when it has left. */
  line: WaitingSends | undefined
  /** Its place there: who came later has a higher one. */
  place: number
}

export interface WaitingSendsOptions {
  readonly clock: Clock
  readonly budget: WaitingBudget
  readonly timeoutError: (send: WaitingSend) => KafkaError
  /** A callback that was told threw. */
  readonly onCallbackError: (error: unknown) => void
}

/** Most sends of a producer that may wait, and the most bytes of their records and of what waits with them. */
const MOST_WAITING = 10_000
const MOST_WAITING_BYTES = 8 * 1024 * 1024

/** How much waits in all lines of a producer together. One record may wait however large it is. */
export class WaitingBudget {
  #count = 0
  #bytes = 0
  #isFull = false

  /** Somebody was turned away, and nobody has left since. */
  get isFull(): boolean {
    return this.#isFull
  }

  hasRoomFor(bytes: number): boolean {
    const hasRoom = this.#count === 0 || (this.#count < MOST_WAITING && this.#bytes + bytes <= MOST_WAITING_BYTES)
    if (!hasRoom) this.#isFull = true
    return hasRoom
  }

  take(bytes: number): void {
    this.#count++
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#isFull = false
    this.#count--
    this.#bytes -= bytes
  }
}

export class WaitingSends {
  readonly #options: WaitingSendsOptions
  readonly #line = new RingBuffer<WaitingSend>()
  /** Who waits until all have left that came before a place. In the order of the places. */
  readonly #watchers = new RingBuffer<{ readonly before: number; readonly tell: () => void }>()
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #waiting = 0
  #nextPlace = 0

  constructor(options: WaitingSendsOptions) {
    this.#options = options
  }

  /** Those who have given up are not counted. */
  get size(): number {
    return this.#waiting
  }

  hasRoomFor(bytes: number): boolean {
    return this.#options.budget.hasRoomFor(bytes)
  }

  /** The first in line; undefined when nobody waits. */
  first(): WaitingSend | undefined {
    for (;;) {
      const first = this.#line.peek()
      if (first === undefined || !first.isGone) return first
      this.#line.shift()
    }
  }

  /** Resolves when all who are in line now have left it, for whatever reason and in whatever order. */
  async leftByAll(): Promise<void> {
    if (this.#waiting === 0) return
    await new Promise<void>(tell => this.#watchers.push({ before: this.#nextPlace, tell }))
  }

  push(send: WaitingSend): void {
    // Those who gave up keep their places; where they are the most, the others move up.
    if (this.#line.size > 2 * this.#waiting + MOST_WAITING) this.#sweep()
    send.line = this
    send.place = this.#nextPlace++
    this.#line.push(send)
    this.#waiting++
    this.#options.budget.take(send.bytes)
    if (send.deadline < this.#timerAt) this.#arm(send.deadline)
  }

  /** Takes out the first in line. */
  shift(): WaitingSend | undefined {
    const first = this.first()
    if (first === undefined) return undefined
    this.#line.shift()
    this.#left(first)
    this.#tellWatchers()
    return first
  }

  /** One of them gives up. Its place stays until its turn. */
  abandon(send: WaitingSend, error: KafkaError): void {
    if (send.isGone) return
    send.isGone = true
    this.#left(send)
    this.#tellWatchers()
    this.#fail(send, error)
    send.onLeave?.()
  }

  /** Sends everybody away. Those who join while it goes on are not among them. */
  failAll(errorOf: (send: WaitingSend) => KafkaError): void {
    for (let left = this.#waiting; left > 0; left--) {
      const send = this.shift()
      if (send === undefined) return
      send.isGone = true
      this.#fail(send, errorOf(send))
      send.onLeave?.()
    }
  }

  #left(send: WaitingSend): void {
    send.line = undefined
    this.#waiting--
    this.#options.budget.give(send.bytes)
    if (this.#waiting === 0) this.#disarm()
  }

  #tellWatchers(): void {
    for (let watcher = this.#watchers.peek(); watcher !== undefined; watcher = this.#watchers.peek()) {
      const first = this.first()
      if (first !== undefined && first.place < watcher.before) return
      this.#watchers.shift()
      watcher.tell()
    }
  }

  #fail(send: WaitingSend, error: KafkaError): void {
    try {
      tellFailure(send.recipient, error)
    } catch (thrown) {
      this.#options.onCallbackError(thrown)
    }
  }

  #arm(deadline: number): void {
    this.#timer?.cancel()
    const { clock } = this.#options
    this.#timerAt = deadline
    this.#timer = clock.timer(deadline - clock.monotonic(), () => this.#sweep(), { name: 'sends that wait for room' })
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #sweep(): void {
    this.#disarm()
    const now = this.#options.clock.monotonic()
    const expired: WaitingSend[] = []
    let next = Number.POSITIVE_INFINITY
    for (let left = this.#line.size; left > 0; left--) {
      const send = this.#line.shift()
      if (send === undefined || send.isGone) continue
      if (send.deadline > now) {
        next = Math.min(next, send.deadline)
        this.#line.push(send)
        continue
      }
      this.#left(send)
      send.isGone = true
      expired.push(send)
    }
    if (next < Number.POSITIVE_INFINITY) this.#arm(next)
    this.#tellWatchers()
    // Last, since whoever is told may send again: that must come behind all who wait.
    for (const send of expired) {
      this.#fail(send, this.#options.timeoutError(send))
      send.onLeave?.()
    }
  }
}
