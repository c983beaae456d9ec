/**
 * A queue that holds so much and no more, by count or by weight, with a waiting line for those who bring and one for
 * those who fetch. Nobody overtakes: while anybody waits to put, a newcomer waits behind, even with an item that would
 * fit. Every call may overlap any other.
 *
 * Invariants: the first putter in line does not fit; while a taker waits the queue is empty and no putter waits.
 */
import type { Clock } from './clock.js'
import type { WaitOptions } from './deadline.js'
import { KafkaError, TimeoutError } from './errors.js'
import { invariant } from './invariant.js'
import { RingBuffer } from './ring-buffer.js'
import { WaitingLine } from './waiting-line.js'

export interface BoundedQueueOptions<T> {
  readonly clock: Clock
  /** As it is called in errors: `the fetch queue`. */
  readonly name: string
  /** The most it holds: items, or their weight together. */
  readonly limit: number
  /** What an item weighs, 1 or more; asked once, when it comes. Default: 1. */
  readonly weigh?: ((item: T) => number) | undefined
  /** Most callers that may wait in either line. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /** The error for one who waited in vain for room. Default: a TimeoutError that says how full the queue was. */
  readonly putTimeoutError?: ((waitedMs: number) => Error) | undefined
}

interface Offer<T> {
  readonly item: T
  readonly weight: number
}

export class BoundedQueue<T extends NonNullable<unknown>> {
  readonly #name: string
  readonly #limit: number
  readonly #weigh: ((item: T) => number) | undefined
  readonly #items = new RingBuffer<T>()
  /** The weight of each item, in the same order; not kept when all weigh 1. */
  readonly #weights = new RingBuffer<number>()
  readonly #putters: WaitingLine<Offer<T>, void>
  readonly #takers: WaitingLine<true, T>
  #weight = 0
  #closed: { readonly error: Error } | undefined

  constructor(options: BoundedQueueOptions<T>) {
    const { clock, name, limit, weigh, maxWaiting = 10_000 } = options
    invariant(limit >= 1, () => `${name} with a limit of ${limit}`)
    this.#name = name
    this.#limit = limit
    this.#weigh = weigh
    this.#putters = new WaitingLine({
      clock,
      name: `room in ${name}`,
      limit: maxWaiting,
      timeoutError: options.putTimeoutError ?? (waitedMs => this.#noRoom(waitedMs)),
      onFirstGone: () => this.#admitPutters(),
    })
    this.#takers = new WaitingLine({ clock, name: `item in ${name}`, limit: maxWaiting })
  }

  /** Items that are in it; those in the waiting line are not. */
  get size(): number {
    return this.#items.size
  }

  /** What the items in it weigh together. */
  get weight(): number {
    return this.#weight
  }

  /** Callers that wait to put. */
  get waiting(): number {
    return this.#putters.size
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** Puts the item in if there is room and nobody waits for it; says whether. Throws when the queue is closed. */
  offer(item: T): boolean {
    return this.#offer(item, this.#weightOf(item))
  }

  /** Puts the item in, now or when its turn has come. Not taken back when the wait ends early: it was never in. */
  put(item: T, options?: WaitOptions): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed.error)
    const weight = this.#weightOf(item)
    return this.#offer(item, weight) ? Promise.resolve() : this.#putters.join({ item, weight }, options)
  }

  /** The oldest item, or undefined when there is none just now. */
  poll(): T | undefined {
    const item = this.#items.shift()
    if (item === undefined) return undefined
    this.#weight -= this.#weigh === undefined ? 1 : (this.#weights.shift() ?? 0)
    this.#admitPutters()
    return item
  }

  /** The oldest item, now or when one has come; whoever asked first gets the first. */
  take(options?: WaitOptions): Promise<T> {
    const item = this.poll()
    if (item !== undefined) return Promise.resolve(item)
    if (this.#closed !== undefined) return Promise.reject(this.#closed.error)
    return this.#takers.join(true, options)
  }

  /**
   * Lets nothing more in. Whoever waits gets the error, as does every later put; what is in it can still be taken,
   * after which `take` gives the error too. The first close counts, later ones are harmless.
   */
  close(error: Error): void {
    if (this.#closed !== undefined) return
    this.#closed = { error }
    this.#putters.failAll(error)
    this.#takers.failAll(error)
  }

  #offer(item: T, weight: number): boolean {
    if (this.#closed !== undefined) throw this.#closed.error
    if (this.#takers.size > 0) {
      this.#takers.admitFirst(item)
      return true
    }
    if (this.#putters.size > 0 || this.#weight + weight > this.#limit) return false
    this.#push(item, weight)
    return true
  }

  #push(item: T, weight: number): void {
    this.#items.push(item)
    if (this.#weigh !== undefined) this.#weights.push(weight)
    this.#weight += weight
  }

  #admitPutters(): void {
    for (;;) {
      const first = this.#putters.firstWant
      if (first === undefined || this.#weight + first.weight > this.#limit) return
      this.#push(first.item, first.weight)
      this.#putters.admitFirst()
    }
  }

  #weightOf(item: T): number {
    if (this.#weigh === undefined) return 1
    const weight = this.#weigh(item)
    invariant(weight >= 1, () => `an item of ${this.#name} weighs ${weight}`)
    if (weight <= this.#limit) return weight
    throw new KafkaError(`an item of ${weight} can never fit into ${this.#name}, which holds ${this.#limit}`, {
      code: 'ITEM_TOO_LARGE',
    })
  }

  #noRoom(waitedMs: number): TimeoutError {
    const line = `${this.#weight} of ${this.#limit} in use, ${this.#putters.size} waiting`
    return new TimeoutError(`no room in ${this.#name} within ${waitedMs} ms (${line})`)
  }
}
