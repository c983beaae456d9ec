/**
 * NodeLink: the one connection to one broker for one use, made anew when it breaks. Owns the connection, the attempt to
 * make one, and the timers that decide when the next attempt, the end of a throttle, an idle close or another
 * authentication is due.
 *
 * idle → connecting → ready → (broken) backing off → connecting … ; any → closed, for good. While it is ready it may be
 * throttled or authenticating again: connected, but `isReady` is false.
 */
import type { Api, ApiInfo, Decoded } from '@samsa/protocol'
import { AuthenticationError, type Clock, KafkaError, NetworkError, type Random } from '@samsa/runtime'
import {
  type Backoff,
  type ByteStream,
  Deadline,
  observedEvents,
  observedOperations,
  settleWithin,
  type Timer,
  WaitingLine,
  type WaitOptions,
} from '@samsa/runtime/internal'
import { BrokerEndpoints } from './broker-endpoints.js'
import { Connection, type RequestOptions } from './connection.js'
import { type Handshake, type Identity, shakeHands } from './handshake.js'
import type { Resolver } from './name-resolution.js'
import type { Address, Transport } from './transport.js'

/** Requests that wait for different things do not share a connection: a broker answers in order. */
export type LinkUse = 'produce' | 'fetch' | 'fetch beside' | 'group' | 'other'

export interface BrokerLink {
  readonly nodeId: number
  /** `host:port`. */
  readonly broker: string
  /** Connected, negotiated, authenticated, not throttled, not authenticating again: `request` may be called now. */
  readonly isReady: boolean
  /** Why the last attempt to connect, or the last connection, failed; undefined while it is ready or was never tried. */
  readonly failure: KafkaError | undefined
  readonly inFlight: number
  /** Bytes that were written and that the socket has not taken. */
  readonly bufferedBytes: number
  /** Begins to connect, unless it is connected or connecting; while it is backing off, as soon as that is over. */
  wake(): void
  /** The highest common version; throws a KafkaError UNSUPPORTED_VERSION that names both ranges. */
  version(api: ApiInfo, atMost?: number): number
  /** Sends now, in the order of the calls. Rejects when the connection ends. */
  request<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    body: Request,
    options?: RequestOptions,
  ): Promise<Decoded<Response>>
  /** Sends what has no answer: Produce with `acks` 0. */
  send<Request extends object>(api: Api<Request>, version: number, body: Request): void
  /** The level of a feature that the cluster has switched on, as this broker told; 0 when unknown. */
  feature(name: string): number
}

/** What all links of a client share. */
export interface LinkSettings {
  readonly clientId: string
  readonly clock: Clock
  readonly random: Random
  readonly transport: Transport
  readonly resolver: Resolver
  readonly isTls: boolean
  readonly identity: Identity | undefined
  readonly canonicalBootstrapNames: boolean
  readonly requestTimeoutMs: number
  readonly connectionsMaxIdleMs: number
  readonly maxResponseBytes: number
  readonly reconnectBackoff: Backoff
  readonly setupTimeout: Backoff
}

/** Whoever keeps the links. */
export interface LinkKeeper {
  /** Where the broker is; undefined when no such broker is known. */
  addressOf(nodeId: number): Address | undefined
  /** Something about what may be sent has changed. */
  changed(): void
  /** An attempt to connect failed, or a connection that stood was lost. */
  failed(link: NodeLink, error: KafkaError): void
}

export type LinkState = 'idle' | 'connecting' | 'ready' | 'backing-off' | 'closed'

/** Most callers that may wait for one link to become ready. */
const MOST_WAITING = 10_000

export class NodeLink implements BrokerLink {
  readonly nodeId: number
  readonly use: LinkUse
  readonly #settings: LinkSettings
  readonly #keeper: LinkKeeper
  readonly #endpoints: BrokerEndpoints
  readonly #line: WaitingLine<true, void>
  #state: LinkState = 'idle'
  #broker: string
  #failure: KafkaError | undefined
  /** Failures in a row: of anything since it was last ready, and of sockets that did not stand. */
  #failures = 0
  #setupFailures = 0
  #lastAttemptAt = -Infinity
  #attempt: AbortController | undefined
  #connection: Connection | undefined
  #handshake: Handshake | undefined
  #isAuthenticatingAgain = false
  #throttledUntil = -Infinity
  /** Somebody wanted it while it was backing off. */
  #isWanted = false
  #isRetired = false
  #backoffTimer: Timer | undefined
  #throttleTimer: Timer | undefined
  #idleTimer: Timer | undefined
  #sessionTimer: Timer | undefined

  constructor(nodeId: number, use: LinkUse, settings: LinkSettings, keeper: LinkKeeper) {
    this.nodeId = nodeId
    this.use = use
    this.#settings = settings
    this.#keeper = keeper
    this.#endpoints = new BrokerEndpoints(settings.resolver, settings.canonicalBootstrapNames && nodeId < 0)
    this.#broker = textOf(keeper.addressOf(nodeId)) ?? `node ${nodeId}`
    this.#line = new WaitingLine({ clock: settings.clock, name: `connection to ${this.#broker}`, limit: MOST_WAITING })
  }

  get broker(): string {
    return this.#broker
  }

  get state(): LinkState {
    return this.#state
  }

  get isReady(): boolean {
    return this.#state === 'ready' && !this.#isAuthenticatingAgain && !this.#isThrottled
  }

  get failure(): KafkaError | undefined {
    return this.#failure
  }

  get inFlight(): number {
    return this.#connection?.inFlight ?? 0
  }

  get bufferedBytes(): number {
    return this.#connection?.bufferedBytes ?? 0
  }

  /** By the clock's `monotonic`; for whoever chooses among links that were not tried for a while. */
  get lastAttemptAt(): number {
    return this.#lastAttemptAt
  }

  wake(): void {
    if (this.#state === 'backing-off') this.#isWanted = true
    else if (this.#state === 'idle') void this.#connect()
  }

  /** Resolves once it is ready. Rejects when an attempt to connect fails meanwhile, with why. */
  ready(options: WaitOptions = {}): Promise<void> {
    if (this.isReady) return Promise.resolve()
    if (this.#state === 'closed') return Promise.reject(this.#goneError())
    const waiting = this.#line.join(true, options)
    this.wake()
    return waiting
  }

  version(api: ApiInfo, atMost?: number): number {
    if (this.#handshake === undefined) throw this.#notConnected()
    return this.#handshake.versions.version(api, atMost)
  }

  feature(name: string): number {
    return this.#handshake?.versions.feature(name) ?? 0
  }

  request<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    body: Request,
    options?: RequestOptions,
  ): Promise<Decoded<Response>> {
    const connection = this.#usable
    return connection === undefined
      ? Promise.reject(this.#notConnected())
      : connection.request(api, version, body, options)
  }

  send<Request extends object>(api: Api<Request>, version: number, body: Request): void {
    const connection = this.#usable
    if (connection === undefined) throw this.#notConnected()
    connection.send(api, version, body)
  }

  /** The broker has another address now: what is under way may still be answered by whoever has the old one. */
  moved(): void {
    const address = textOf(this.#keeper.addressOf(this.nodeId))
    if (address === undefined || address === this.#broker) return
    this.#broker = address
    this.#endpoints.forget()
    if (this.#state === 'connecting' || this.#state === 'ready') {
      this.#broken(new NetworkError(`node ${this.nodeId} has moved to ${address}`, { broker: address }))
    }
  }

  /** The broker is no longer one of the cluster: it is closed as soon as nothing waits for its answer. */
  retire(): void {
    this.#isRetired = true
    if (this.inFlight === 0) void this.close()
  }

  /** For good. What is under way fails; what was sent without an answer goes out first, for which there is that long. */
  close(withinMs?: number): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve()
    const error = this.#goneError()
    this.#state = 'closed'
    const ended = this.#drop()?.end(error, withinMs)
    this.#line.failAll(error)
    this.#keeper.changed()
    return ended ?? Promise.resolve()
  }

  async #connect(): Promise<void> {
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#state = 'connecting'
    this.#lastAttemptAt = this.#settings.clock.monotonic()
    try {
      const address = this.#keeper.addressOf(this.nodeId)
      if (address === undefined) throw new NetworkError(`no broker with the id ${this.nodeId} is known`)
      this.#broker = textOf(address) ?? this.#broker
      const handshake = await observedOperations.connect.run(
        () => this.#connectPayload(address),
        () => this.#open(address, attempt.signal),
      )
      if (!attempt.signal.aborted) this.#stands(handshake)
    } catch (error) {
      if (!attempt.signal.aborted) this.#broken(this.#asKafkaError(error))
    }
  }

  async #open(address: Address, signal: AbortSignal): Promise<Handshake> {
    const { clock, random, identity, transport, setupTimeout } = this.#settings
    const deadline = new Deadline(clock, setupTimeout.delayMs(this.#setupFailures + 1))
    this.#setupFailures++
    const timeoutError = (): Error =>
      new NetworkError(`cannot connect to ${this.#broker} within ${deadline.timeoutMs} ms`, { broker: this.#broker })
    const endpoint = await settleWithin(clock, this.#endpoints.next(address), {
      signal,
      timeoutMs: deadline.remainingMs,
      timeoutError,
    })
    const stream = await transport(endpoint, { connectTimeoutMs: deadline.remainingMs, clock, signal })
    this.#setupFailures = 0
    const connection = this.#connectionOn(stream, signal)
    return await shakeHands(connection, { identity, clock, random })
  }

  #connectionOn(stream: ByteStream, signal: AbortSignal): Connection {
    const { clientId, clock, requestTimeoutMs, maxResponseBytes } = this.#settings
    const connection = new Connection(stream, {
      clientId,
      clock,
      requestTimeoutMs,
      maxResponseBytes,
      broker: this.#broker,
      nodeId: this.nodeId < 0 ? undefined : this.nodeId,
      onThrottle: (throttleTimeMs, api) => this.#throttle(throttleTimeMs, api),
      onIdle: () => {
        if (this.#isRetired && this.#state === 'ready') void this.close()
      },
      onDrain: () => this.#keeper.changed(),
    })
    if (signal.aborted) connection.close()
    else this.#connection = connection
    return connection
  }

  #stands(handshake: Handshake): void {
    const connection = this.#connection
    if (connection === undefined) return
    this.#handshake = handshake
    this.#state = 'ready'
    this.#failures = 0
    this.#failure = undefined
    connection.onClose(error => {
      if (this.#connection === connection) this.#broken(error)
    })
    if (this.#connection !== connection) return
    if (this.#isRetired) {
      void this.close()
      return
    }
    this.#watchIdle(this.#settings.connectionsMaxIdleMs)
    this.#watchSession(handshake.sessionLifetimeMs)
    this.#readyAgain()
  }

  /** An attempt failed, or the connection ended: the next attempt has to wait. */
  #broken(error: KafkaError): void {
    const wasReady = this.#state === 'ready'
    this.#state = 'backing-off'
    this.#failure = error
    this.#isWanted = false
    this.#drop()?.close(error)
    if (wasReady) this.#endpoints.forget()
    const delayMs = this.#settings.reconnectBackoff.delayMs(++this.#failures)
    this.#backoffTimer = this.#settings.clock.timer(delayMs, () => this.#mayConnect(), {
      name: 'reconnect',
      unref: true,
    })
    this.#line.failAll(error)
    this.#keeper.failed(this, error)
    this.#keeper.changed()
  }

  #mayConnect(): void {
    if (this.#state !== 'backing-off') return
    this.#state = 'idle'
    if (this.#isWanted || this.#line.size > 0) void this.#connect()
    else this.#keeper.changed()
  }

  #throttle(throttleTimeMs: number, api: ApiInfo): void {
    const { clock, clientId } = this.#settings
    observedEvents.throttle.publish(() => ({ clientId, broker: this.#broker, api: api.name, throttleTimeMs }))
    const until = clock.monotonic() + throttleTimeMs
    if (until <= this.#throttledUntil) return
    this.#throttledUntil = until
    this.#throttleTimer?.cancel()
    this.#throttleTimer = clock.timer(throttleTimeMs, () => this.#throttleEnded(), { name: 'throttle', unref: true })
  }

  #throttleEnded(): void {
    const leftMs = this.#throttledUntil - this.#settings.clock.monotonic()
    if (leftMs > 0) {
      this.#throttleTimer = this.#settings.clock.timer(leftMs, () => this.#throttleEnded(), { unref: true })
    } else this.#readyAgain()
  }

  #readyAgain(): void {
    if (!this.isReady) return
    for (let left = this.#line.size; left > 0; left--) this.#line.admitFirst()
    this.#keeper.changed()
  }

  #watchIdle(delayMs: number): void {
    const { clock, connectionsMaxIdleMs } = this.#settings
    if (connectionsMaxIdleMs < 0) return
    const look = (): void => {
      const connection = this.#connection
      if (connection === undefined) return
      const idleMs = clock.monotonic() - connection.lastActiveAt
      if (connection.inFlight > 0) this.#watchIdle(connectionsMaxIdleMs)
      else if (idleMs < connectionsMaxIdleMs) this.#watchIdle(connectionsMaxIdleMs - idleMs)
      else this.#closeIdle()
    }
    this.#idleTimer = clock.timer(delayMs, look, { name: 'idle connection', unref: true })
  }

  #closeIdle(): void {
    this.#state = 'idle'
    void this.#drop()?.end()
    this.#keeper.changed()
  }

  /** At 85 to 95 % of the session, so that not all clients do it at once (KIP-368). */
  #watchSession(sessionLifetimeMs: number): void {
    if (sessionLifetimeMs <= 0) return
    const { clock, random } = this.#settings
    const delayMs = sessionLifetimeMs * (0.85 + 0.1 * random.next())
    const again = (): void => void this.#authenticateAgain()
    this.#sessionTimer = clock.timer(delayMs, again, { name: 'authentication', unref: true })
  }

  async #authenticateAgain(): Promise<void> {
    const connection = this.#connection
    const handshake = this.#handshake
    if (connection === undefined || handshake === undefined) return
    this.#isAuthenticatingAgain = true
    this.#keeper.changed()
    try {
      const sessionLifetimeMs = await handshake.authenticateAgain()
      if (this.#connection !== connection) return
      this.#isAuthenticatingAgain = false
      this.#watchSession(sessionLifetimeMs)
      this.#readyAgain()
    } catch (error) {
      if (this.#connection === connection) this.#broken(this.#asKafkaError(error))
    }
  }

  /** Lets go of the connection and of everything that belongs to it, and gives it to be ended. */
  #drop(): Connection | undefined {
    const connection = this.#connection
    this.#connection = undefined
    this.#handshake = undefined
    this.#isAuthenticatingAgain = false
    this.#throttledUntil = -Infinity
    this.#attempt?.abort()
    this.#attempt = undefined
    for (const timer of [this.#backoffTimer, this.#throttleTimer, this.#idleTimer, this.#sessionTimer]) timer?.cancel()
    return connection
  }

  get #usable(): Connection | undefined {
    return this.#state === 'ready' && !this.#isAuthenticatingAgain ? this.#connection : undefined
  }

  get #isThrottled(): boolean {
    return this.#settings.clock.monotonic() < this.#throttledUntil
  }

  #connectPayload({ host, port }: Address) {
    const { clientId, isTls, identity } = this.#settings
    return { clientId, host, port, tls: isTls, saslMechanism: identity?.sasl.mechanism }
  }

  #asKafkaError(error: unknown): KafkaError {
    if (error instanceof AuthenticationError || error instanceof KafkaError) return error
    const reason = error instanceof Error ? error.message : String(error)
    return new NetworkError(`cannot connect to ${this.#broker}: ${reason}`, { broker: this.#broker, cause: error })
  }

  #notConnected(): KafkaError {
    if (this.#state === 'closed') return this.#goneError()
    return new NetworkError(`not connected to ${this.#broker}`, { broker: this.#broker, cause: this.#failure })
  }

  #goneError(): KafkaError {
    const message = `the connection to ${this.#broker} was given up: the client is closed, or the broker left the cluster`
    return new NetworkError(message, { broker: this.#broker })
  }
}

function textOf(address: Address | undefined): string | undefined {
  if (address === undefined) return undefined
  const { host, port } = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
