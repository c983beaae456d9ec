/**
 * BrokerServer: all listeners and all connections. Decides who is let in, and ends everything in order. Owns the
 * connections from being accepted to being gone.
 */
import { getHeapStatistics } from 'node:v8'
import { KafkaError } from '@samsa/runtime'
import { BufferPool, type ByteStream, type Clock, type Logger } from '@samsa/runtime/internal'
import { type ConnectionLimits, ServerConnection } from './connection.js'
import type { ConnectionInfo } from './context.js'
import { HeldMemory } from './held-memory.js'
import type { Endpoint, Listener } from './listener.js'
import type { Router } from './router.js'

/** Looked at anew for every connection, so that an owner may change them: the configuration can. */
export interface ServerLimits extends ConnectionLimits {
  /** Most connections at once (`max.connections`). */
  readonly maxConnections: number
  /** Most connections of one address (`max.connections.per.ip`). */
  readonly maxConnectionsPerIp: number
  /** Most that requests and answers of all connections hold (`queued.max.request.bytes`). Read once, at the start. */
  readonly heldMaxBytes: number
}

/**
 * As much as requests and answers may hold where nobody says: half of the memory that objects may have, since that is what
 * requests become, and at least two of the largest requests, since their bytes lie outside of it.
 */
export function defaultHeldMaxBytes(requestMaxBytes: number): number {
  return Math.max(Math.floor(getHeapStatistics().heap_size_limit / 2), 2 * requestMaxBytes)
}

/** Kafka's defaults, and ours for what Kafka has not. */
export const defaultServerLimits: ServerLimits = {
  requestMaxBytes: 104_857_600,
  maxIdleMs: 600_000,
  maxUnderWay: 16,
  highWaterBytes: 256 * 1024,
  maxConnections: 2_147_483_647,
  maxConnectionsPerIp: 2_147_483_647,
  heldMaxBytes: defaultHeldMaxBytes(104_857_600),
}

export interface BrokerServerOptions {
  readonly listeners: readonly Listener[]
  readonly router: Router
  readonly clock: Clock
  readonly logger: Logger
  readonly limits?: ServerLimits | undefined
  /** Memory for large requests; whoever shares it lends and takes. Default: a pool of its own. */
  readonly buffers?: BufferPool | undefined
}

export class BrokerServer {
  readonly #options: BrokerServerOptions
  readonly #limits: ServerLimits
  readonly #buffers: BufferPool
  readonly #connections = new Set<ServerConnection>()
  readonly #memory: HeldMemory<ServerConnection>
  readonly #connectionsByHost = new Map<string, number>()
  readonly #endpoints = new Map<string, Endpoint>()
  #lastConnection = 0
  #stopping: Promise<void> | undefined
  #allGone: (() => void) | undefined

  constructor(options: BrokerServerOptions) {
    this.#options = options
    this.#limits = options.limits ?? defaultServerLimits
    this.#buffers = options.buffers ?? new BufferPool()
    this.#memory = new HeldMemory(this.#limits.heldMaxBytes, connection => connection.giveBack())
  }

  /** Listens everywhere, or, when one listener cannot, nowhere. */
  async start(): Promise<void> {
    try {
      for (const listener of this.#options.listeners) {
        const { name } = listener
        const onError = (err: Error): void => this.#options.logger.error({ listener: name, err }, 'cannot accept')
        this.#endpoints.set(name, await listener.listen(stream => this.#accept(name, stream), onError))
      }
    } catch (error) {
      await this.stop({ deadlineMs: 0 })
      throw error
    }
  }

  /** Where clients of a listener are told to connect, by the listener's name; known once the server has started. */
  get endpoints(): ReadonlyMap<string, Endpoint> {
    return this.#endpoints
  }

  /** Connections that are open. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /** Cuts off the connections that it is true of. Returns how many. */
  disconnect(isMeant: (connection: ConnectionInfo) => boolean): number {
    const meant = [...this.#connections].filter(isMeant)
    for (const connection of meant) connection.close()
    return meant.length
  }

  /**
   * Accepts no more, lets requests under way end and their answers go out, and closes. What is not done when the
   * deadline passes is cut off. Every call waits for the same end.
   */
  stop(options: { readonly deadlineMs: number }): Promise<void> {
    this.#stopping ??= this.#stop(options.deadlineMs)
    return this.#stopping
  }

  async #stop(deadlineMs: number): Promise<void> {
    for (const listener of this.#options.listeners) await listener.close()
    for (const connection of this.#connections) connection.drain()
    if (this.#connections.size === 0) return
    const gone = new Promise<void>(resolve => {
      this.#allGone = resolve
    })
    const cutOff = (): void => {
      for (const connection of this.#connections) connection.close()
    }
    if (deadlineMs <= 0) {
      cutOff()
      return
    }
    const deadline = this.#options.clock.timer(deadlineMs, cutOff, { name: 'server stop' })
    await gone
    deadline.cancel()
  }

  #accept(listenerName: string, stream: ByteStream): void {
    const refusal = this.#refusalOf(stream.peerHost)
    if (refusal !== undefined) {
      const fields = { peer: stream.peer, listener: listenerName, reason: refusal }
      this.#options.logger.warn(fields, 'a connection is refused')
      stream.destroy(new KafkaError(refusal, { code: 'CONNECTION_REFUSED' }))
      return
    }
    const { router, clock, logger } = this.#options
    const id = `${listenerName}-${stream.peer}-${++this.#lastConnection}`
    const onClosed = (closed: ServerConnection): void => this.#forget(closed)
    const connection = new ServerConnection({
      id,
      listenerName,
      stream,
      router,
      clock,
      logger,
      limits: this.#limits,
      buffers: this.#buffers,
      memory: this.#memory,
      onClosed,
    })
    this.#connections.add(connection)
    this.#connectionsByHost.set(stream.peerHost, this.#countOf(stream.peerHost) + 1)
    connection.start()
  }

  #refusalOf(host: string): string | undefined {
    const { maxConnections, maxConnectionsPerIp } = this.#limits
    if (this.#stopping !== undefined) return 'the broker is closing'
    if (this.#connections.size >= maxConnections) return `${maxConnections} connections are open (max.connections)`
    if (this.#countOf(host) >= maxConnectionsPerIp) {
      return `${maxConnectionsPerIp} connections of ${host} are open (max.connections.per.ip)`
    }
    return undefined
  }

  #countOf(host: string): number {
    return this.#connectionsByHost.get(host) ?? 0
  }

  #forget(connection: ServerConnection): void {
    this.#connections.delete(connection)
    const left = this.#countOf(connection.peerHost) - 1
    if (left > 0) this.#connectionsByHost.set(connection.peerHost, left)
    else this.#connectionsByHost.delete(connection.peerHost)
    if (this.#connections.size === 0) this.#allGone?.()
  }
}
