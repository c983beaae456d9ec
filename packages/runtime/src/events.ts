/**
 * Typed events: who emits knows neither who listens nor how that ends. A listener that fails is reported and breaks
 * neither the others nor the emitter. Listeners may come and go while an event is delivered; they take part from the
 * next one on.
 */
import { KafkaError } from './errors.js'

/** One payload for each event: `{ assigned: readonly TopicPartition[], closed: undefined }`. */
export type EventMap = object

export type Listener<Payload> = (payload: Payload) => void | Promise<void>

export interface EmitterOptions<Events extends EventMap> {
  /** Receives what a listener throws or rejects with. */
  readonly onListenerError: (error: unknown, event: keyof Events) => void
  /** Most listeners of one event: more are a leak, somebody adds and never removes. Default: 100. */
  readonly maxListeners?: number | undefined
}

interface Entry {
  readonly listener: (payload: never) => void | Promise<void>
  readonly once: boolean
}

export class Emitter<Events extends EventMap> {
  readonly #onListenerError: (error: unknown, event: keyof Events) => void
  readonly #maxListeners: number
  /** The lists are never changed, only replaced, so that one being delivered to stays what it was. */
  readonly #entries = new Map<keyof Events, readonly Entry[]>()

  constructor(options: EmitterOptions<Events>) {
    this.#onListenerError = options.onListenerError
    this.#maxListeners = options.maxListeners ?? 100
  }

  /** Returns what removes the listener again. One that is added twice is called twice. */
  on<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): () => void {
    return this.#add(event, { listener, once: false })
  }

  /** As `on`, for the next event only. */
  once<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): () => void {
    return this.#add(event, { listener, once: true })
  }

  /** Removes the listener, the oldest entry of it if it was added more than once; harmless when it is not there. */
  off<Name extends keyof Events>(event: Name, listener: Listener<Events[Name]>): void {
    const entry = this.#entries.get(event)?.find(candidate => candidate.listener === listener)
    if (entry !== undefined) this.#remove(event, entry)
  }

  /** Calls the listeners in the order in which they came. Does not wait for those that are asynchronous. */
  emit<Name extends keyof Events>(event: Name, payload: Events[Name]): void {
    const entries = this.#entries.get(event)
    if (entries === undefined) return
    for (const entry of entries) {
      if (entry.once && !this.#remove(event, entry)) continue
      // `on` and `once` put a listener under its own event only, which the type of the Map cannot say.
      this.#call(entry.listener as Listener<Events[Name]>, event, payload)
    }
  }

  /** Lets who emits skip the making of a payload that nobody wants. */
  listenerCount(event: keyof Events): number {
    return this.#entries.get(event)?.length ?? 0
  }

  #add(event: keyof Events, entry: Entry): () => void {
    const entries = this.#entries.get(event) ?? []
    if (entries.length >= this.#maxListeners) {
      throw new KafkaError(
        `${String(event)}: ${entries.length} listeners are there already; ` +
          'remove those that are done, with off() or with what on() returned',
        { code: 'TOO_MANY_LISTENERS' },
      )
    }
    this.#entries.set(event, [...entries, entry])
    return () => void this.#remove(event, entry)
  }

  /** Says whether the entry was there: a `once` that an inner emit has used up must not be called again. */
  #remove(event: keyof Events, entry: Entry): boolean {
    const entries = this.#entries.get(event) ?? []
    const rest = entries.filter(candidate => candidate !== entry)
    if (rest.length === entries.length) return false
    if (rest.length === 0) this.#entries.delete(event)
    else this.#entries.set(event, rest)
    return true
  }

  #call<Name extends keyof Events>(listener: Listener<Events[Name]>, event: Name, payload: Events[Name]): void {
    try {
      const result = listener(payload)
      if (result instanceof Promise) result.catch((error: unknown) => this.#report(error, event))
    } catch (error) {
      this.#report(error, event)
    }
  }

  #report(error: unknown, event: keyof Events): void {
    try {
      this.#onListenerError(error, event)
    } catch (handlerError) {
      // The handler itself is broken. The other listeners must still be called and the failure must not be lost.
      queueMicrotask(() => {
        throw handlerError
      })
    }
  }
}
