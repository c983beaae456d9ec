/**
 * Callers that wait for something of which there is not enough, in the order in which they came: room in a queue,
 * memory for a batch. Owns one timer for each that waits under a time limit, gone when it leaves. Who owns the
 * thing waited for decides when the first is admitted; nobody can be admitted before the first.
 */
import { unwatchAbort, watchAbort } from './abort-watch.js'
import type { Clock, Timer } from './clock.js'
import type { WaitOptions } from './deadline.js'
import { KafkaError, TimeoutError } from './errors.js'
import { invariant } from './invariant.js'

export interface WaitingLineOptions {
  readonly clock: Clock
  /** What is waited for, as it is called in errors: `room in the fetch queue`. */
  readonly name: string
  /** Most callers that may wait at once; one more is refused. */
  readonly limit: number
  /** The error for a caller whose time is over. Default: a TimeoutError that names what was waited for. */
  readonly timeoutError?: ((waitedMs: number) => Error) | undefined
  /**
   * The first in line has given up, by its time limit or signal. The one behind it may want less, so the owner looks
   * again whether it can be admitted.
   */
  readonly onFirstGone?: (() => void) | undefined
}

/** A `Want` is what a caller came for; a `Grant` is what it gets when it is admitted. */
export class WaitingLine<Want extends NonNullable<unknown>, Grant> {
  readonly #options: WaitingLineOptions
  #first: Place<Want, Grant> | undefined
  #last: Place<Want, Grant> | undefined
  #size = 0

  constructor(options: WaitingLineOptions) {
    invariant(options.limit >= 1, () => `a waiting line for ${options.name} with a limit of ${options.limit}`)
    this.#options = options
  }

  get size(): number {
    return this.#size
  }

  /** What the first in line wants; undefined when nobody waits. */
  get firstWant(): Want | undefined {
    return this.#first?.want
  }

  /** Waits behind everybody who is in line. A time limit of 0 or less is over before it begins. */
  join(want: Want, { signal, timeoutMs }: WaitOptions = {}): Promise<Grant> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (timeoutMs !== undefined && timeoutMs <= 0) return Promise.reject(this.#timeoutError(0))
    if (this.#size >= this.#options.limit) return Promise.reject(this.#fullError())
    return new Promise((resolve, reject) => {
      const place = new Place(want, resolve, reject)
      if (timeoutMs !== undefined && timeoutMs !== Infinity) {
        const giveUp = (): void => this.#giveUp(place, this.#timeoutError(timeoutMs))
        place.timer = this.#options.clock.timer(timeoutMs, giveUp, { name: this.#options.name })
      }
      if (signal !== undefined) {
        place.signal = signal
        place.onAbort = () => this.#giveUp(place, signal.reason)
        watchAbort(signal, place.onAbort)
      }
      // Last: a time limit that the clock refuses must not leave somebody in line who has been told so.
      this.#append(place)
    })
  }

  /** Lets the first in line go with what it wanted. */
  admitFirst(grant: Grant): void {
    const place = this.#first
    invariant(place !== undefined, () => `nobody waits for ${this.#options.name}`)
    this.#remove(place)
    place.resolve(grant)
  }

  /** Sends everybody away. Those who join while it goes on are not among them. */
  failAll(error: Error): void {
    for (let left = this.#size; left > 0; left--) {
      const place = this.#first
      if (place === undefined) return
      this.#remove(place)
      place.reject(error)
    }
  }

  #append(place: Place<Want, Grant>): void {
    place.previous = this.#last
    if (this.#last === undefined) this.#first = place
    else this.#last.next = place
    this.#last = place
    this.#size++
  }

  #remove(place: Place<Want, Grant>): void {
    if (place.previous === undefined) this.#first = place.next
    else place.previous.next = place.next
    if (place.next === undefined) this.#last = place.previous
    else place.next.previous = place.previous
    place.previous = undefined
    place.next = undefined
    this.#size--
    place.timer?.cancel()
    if (place.signal !== undefined && place.onAbort !== undefined) unwatchAbort(place.signal, place.onAbort)
  }

  #giveUp(place: Place<Want, Grant>, error: unknown): void {
    const wasFirst = place === this.#first
    this.#remove(place)
    place.reject(error)
    if (wasFirst) this.#options.onFirstGone?.()
  }

  #timeoutError(waitedMs: number): Error {
    const { name, timeoutError } = this.#options
    return timeoutError?.(waitedMs) ?? new TimeoutError(`no ${name} within ${waitedMs} ms`)
  }

  #fullError(): KafkaError {
    const { name, limit } = this.#options
    return new KafkaError(`${limit} callers wait for ${name} already; await some of them before the next`, {
      code: 'TOO_MANY_WAITING',
      retriable: true,
    })
  }
}

/** One that waits. Neighbours are linked both ways, so that it can leave from the middle at once. */
class Place<Want, Grant> {
  readonly want: Want
  readonly resolve: (grant: Grant) => void
  readonly reject: (error: unknown) => void
  previous: Place<Want, Grant> | undefined
  next: Place<Want, Grant> | undefined
  timer: Timer | undefined
  signal: AbortSignal | undefined
  onAbort: (() => void) | undefined

  constructor(want: Want, resolve: (grant: Grant) => void, reject: (error: unknown) => void) {
    this.want = want
    this.resolve = resolve
    this.reject = reject
  }
}
