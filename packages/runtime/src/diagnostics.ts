/**
 * Where observers look in: the channels of node:diagnostics_channel that Samsa publishes to, one for each operation,
 * with names that never change. While nobody is subscribed an operation costs one test of a flag, and no payload is
 * made. The channels belong to the process: all clients and brokers in it publish to the same ones.
 */
import { type Channel, channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import type { EventPayloads, OperationPayloads } from './diagnostics-payloads.js'

/**
 * For `tracingChannel(name)` of node:diagnostics_channel: `samsa:send` is published to `tracing:samsa:send:start`,
 * `:end`, `:asyncStart`, `:asyncEnd` and `:error`.
 */
export const operationChannelNames = {
  send: 'samsa:send',
  flush: 'samsa:flush',
  fetch: 'samsa:fetch',
  process: 'samsa:process',
  commit: 'samsa:commit',
  rebalance: 'samsa:rebalance',
  transaction: 'samsa:transaction',
  request: 'samsa:request',
  connect: 'samsa:connect',
} as const

/** For `channel(name)` of node:diagnostics_channel. */
export const eventChannelNames = {
  lag: 'samsa:lag',
  throttle: 'samsa:throttle',
  pollOverdue: 'samsa:poll-overdue',
  fault: 'samsa:fault',
  exactlyOnce: 'samsa:exactly-once',
} as const

/** What Node adds to a payload by the end. */
interface Outcome {
  result?: unknown
  error?: unknown
}

export class ObservedOperation<Payload extends object> {
  readonly #channel: TracingChannel<unknown, Payload & Outcome>

  constructor(name: string) {
    this.#channel = tracingChannel(name)
  }

  /** Somebody looks in: only then is a payload worth making. */
  get observed(): boolean {
    return this.#channel.hasSubscribers
  }

  /** For an operation that is one asynchronous function. What it does runs in the context that observers set up. */
  run<T>(payload: () => Payload, work: () => Promise<T>): Promise<T> {
    return this.observed ? this.#channel.tracePromise(work, payload()) : work()
  }

  /**
   * For an operation that begins in one place and ends in another, such as a record that travels in a batch. Call it
   * when `observed`, keep the payload, and give it to `finish` or `fail`, whoever has subscribed meanwhile.
   */
  begin<T>(payload: Payload, work: () => T): T {
    return this.#channel.start.runStores(payload, () => {
      try {
        return work()
      } catch (error) {
        this.#channel.error.publish(Object.assign(payload, { error }))
        throw error
      } finally {
        this.#channel.end.publish(payload)
      }
    })
  }

  finish(payload: Payload, result?: unknown): void {
    this.#publishEnd(Object.assign(payload, { result }))
  }

  fail(payload: Payload, error: unknown): void {
    const message = Object.assign(payload, { error })
    this.#channel.error.publish(message)
    this.#publishEnd(message)
  }

  #publishEnd(message: Payload & Outcome): void {
    this.#channel.asyncStart.publish(message)
    this.#channel.asyncEnd.publish(message)
  }
}

export class ObservedEvent<Payload extends object> {
  readonly #channel: Channel

  constructor(name: string) {
    this.#channel = channel(name)
  }

  get observed(): boolean {
    return this.#channel.hasSubscribers
  }

  publish(payload: () => Payload): void {
    if (this.observed) this.#channel.publish(payload())
  }
}

export const observedOperations: {
  readonly [Name in keyof OperationPayloads]: ObservedOperation<OperationPayloads[Name]>
} = {
  send: new ObservedOperation(operationChannelNames.send),
  flush: new ObservedOperation(operationChannelNames.flush),
  fetch: new ObservedOperation(operationChannelNames.fetch),
  process: new ObservedOperation(operationChannelNames.process),
  commit: new ObservedOperation(operationChannelNames.commit),
  rebalance: new ObservedOperation(operationChannelNames.rebalance),
  transaction: new ObservedOperation(operationChannelNames.transaction),
  request: new ObservedOperation(operationChannelNames.request),
  connect: new ObservedOperation(operationChannelNames.connect),
}

export const observedEvents: { readonly [Name in keyof EventPayloads]: ObservedEvent<EventPayloads[Name]> } = {
  lag: new ObservedEvent(eventChannelNames.lag),
  throttle: new ObservedEvent(eventChannelNames.throttle),
  pollOverdue: new ObservedEvent(eventChannelNames.pollOverdue),
  fault: new ObservedEvent(eventChannelNames.fault),
  exactlyOnce: new ObservedEvent(eventChannelNames.exactlyOnce),
}
