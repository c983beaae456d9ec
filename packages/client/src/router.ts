/**
 * Router: one request to whichever broker it belongs to, negotiated, and tried again by what its error says until it is
 * answered or the time is over. Owns the pauses between attempts; every call is on its own, and any number may be under
 * way.
 */
import { type Api, type ApiInfo, type Decoded, errorOf } from '@samsa/protocol'
import { type Clock, KafkaError, TimeoutError } from '@samsa/runtime'
import { type Backoff, Deadline, settleWithin, unwatchAbort, watchAbort } from '@samsa/runtime/internal'
import type { BrokerLink, LinkUse, NodeLink } from './broker-link.js'
import type { Coordinated, Coordinators } from './coordinators.js'
import { closedError, type LinkPool } from './link-pool.js'
import { type ClusterMetadata, noBrokerError } from './metadata.js'
import { type Addressee, nextStep } from './retry.js'

/** A broker by its id, or what it has to be. */
export type Destination = number | 'any' | 'controller' | Coordinated

/** What a response says that went wrong: a code of Kafka's, with the broker's own words where it has some. */
export type ResponseError = number | { readonly code: number; readonly message?: string | null | undefined }

/** Made anew for each attempt, for the version and the broker that it goes to. */
export type RequestMaker<Request> = (version: number, link: BrokerLink) => Request

export interface CallOptions<Response> {
  /** Default: what the message table says. Needed where that is a leader or a broker that only the caller knows. */
  readonly to?: Destination | undefined
  /** Default: `group` for what goes to a group's coordinator, else `other`. */
  readonly use?: LinkUse | undefined
  /** Default: `defaultApiTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** For requests that a broker may keep for longer than `requestTimeoutMs`, which is the default, before it answers. */
  readonly requestTimeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Default: as many as there is time for. 1 for who looks for another broker by itself. */
  readonly attempts?: number | undefined
  /** The highest version that the caller can use. */
  readonly maxVersion?: number | undefined
  /** Digs the error out of a response; without it, every response is a success. */
  readonly errorCode?: ((response: Decoded<Response>) => ResponseError) | undefined
}

export interface RouterOptions {
  readonly clock: Clock
  readonly pool: LinkPool
  readonly metadata: ClusterMetadata
  readonly coordinators: Coordinators
  readonly retryBackoff: Backoff
  readonly defaultTimeoutMs: number
}

export class Router {
  readonly #options: RouterOptions
  readonly #pauses = new Set<AbortController>()
  #isClosed = false

  constructor(options: RouterOptions) {
    this.#options = options
  }

  /** Calls between two attempts end now; those that wait for an answer or a connection end with it. */
  close(): void {
    this.#isClosed = true
    for (const pause of this.#pauses) pause.abort(closedError())
  }

  async call<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    request: Request | RequestMaker<Request>,
    options: CallOptions<Response> = {},
  ): Promise<Decoded<Response>> {
    const { clock, retryBackoff, defaultTimeoutMs } = this.#options
    const { signal } = options
    const to = options.to ?? destinationOf(api)
    const deadline = new Deadline(clock, options.timeoutMs ?? defaultTimeoutMs)
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(api, request, { ...options, to }, deadline)
      if ('response' in outcome) return outcome.response
      const { error, nodeId } = outcome
      if (signal?.aborted) throw signal.reason
      if (this.#isClosed) throw closedError()
      const step = nextStep(error, addresseeOf(to))
      if (step === 'give-up') throw error
      if (step === 'refresh') this.#options.metadata.refresh(`${api.name} failed`)
      if (typeof to === 'object' && step !== 'retry') this.#options.coordinators.forget(to, nodeId)
      if (attempt >= (options.attempts ?? Number.POSITIVE_INFINITY)) throw error
      const delayMs = retryBackoff.delayMs(attempt)
      if (deadline.passed || deadline.remainingMs <= delayMs) throw timeoutOf(api.name, deadline, error)
      await this.#pause(delayMs, signal)
    }
  }

  async #pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const pause = new AbortController()
    const onAbort = (): void => pause.abort(signal?.reason)
    this.#pauses.add(pause)
    if (signal !== undefined) watchAbort(signal, onAbort)
    try {
      await this.#options.clock.sleep(delayMs, { signal: pause.signal })
    } finally {
      this.#pauses.delete(pause)
      if (signal !== undefined) unwatchAbort(signal, onAbort)
    }
  }

  async #attempt<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    request: Request | RequestMaker<Request>,
    options: CallOptions<Response> & { readonly to: Destination },
    deadline: Deadline,
  ): Promise<{ readonly response: Decoded<Response> } | { readonly error: unknown; readonly nodeId?: number }> {
    const { clock } = this.#options
    const { signal, to, use = useOf(to), requestTimeoutMs } = options
    const limit = requestTimeoutMs === undefined ? {} : { timeoutMs: requestTimeoutMs }
    let link: NodeLink | undefined
    try {
      if (this.#isClosed) throw closedError()
      signal?.throwIfAborted()
      link = await this.#linkTo(to, use, deadline, signal)
      await link.ready({ signal, timeoutMs: deadline.remainingMs })
      const version = link.version(api, options.maxVersion)
      const body = typeof request === 'function' ? request(version, link) : request
      // The connection has a limit of its own: that this caller goes does not mean that it is broken.
      const response = await settleWithin(clock, link.request(api, version, body, limit), {
        signal,
        timeoutMs: deadline.remainingMs,
      })
      const found = options.errorCode?.(response) ?? 0
      const { code, message } = typeof found === 'number' ? { code: found, message: undefined } : found
      if (code === 0) return { response }
      throw errorOf(code, { api: api.name, broker: link.broker, message: message ?? null })
    } catch (error) {
      return link === undefined ? { error } : { error, nodeId: link.nodeId }
    }
  }

  async #linkTo(to: Destination, use: LinkUse, deadline: Deadline, signal: AbortSignal | undefined): Promise<NodeLink> {
    const { clock, pool, metadata, coordinators } = this.#options
    const wait = { signal, timeoutMs: deadline.remainingMs }
    if (typeof to === 'object') return pool.link(await settleWithin(clock, coordinators.find(to), wait), use)
    if (to !== 'any') await metadata.known(wait)
    if (typeof to === 'number') return pool.link(to, use)
    if (to === 'controller' && metadata.controllerId >= 0) return pool.link(metadata.controllerId, use)
    const link = pool.leastLoaded(use)
    if (link === undefined) throw noBrokerError(pool.lastFailure)
    return link
  }
}

function destinationOf(api: ApiInfo): Destination {
  if (api.sentTo === 'any' || api.sentTo === 'controller') return api.sentTo
  throw new KafkaError(`${api.name} needs \`to\`: only the caller knows which ${api.sentTo} it is for`, {
    code: 'INVALID_REQUEST',
    api: api.name,
  })
}

function useOf(to: Destination): LinkUse {
  return typeof to === 'object' && 'group' in to ? 'group' : 'other'
}

function addresseeOf(to: Destination): Addressee {
  if (typeof to === 'number') return 'node'
  return typeof to === 'object' ? 'coordinator' : to
}

function timeoutOf(api: string, deadline: Deadline, cause: unknown): KafkaError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TimeoutError(`${api} did not succeed within ${deadline.timeoutMs} ms: ${why}`, { api, cause })
}
