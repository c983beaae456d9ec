/**
 * Router: from a request frame to the handler that answers it, and from what the handler does to the bytes of the
 * answer. It holds the table of handlers and nothing of any connection.
 *
 * What has no answer in Kafka's protocol, such as an unknown key or a body that cannot be read, is thrown as a
 * RefusedRequest, upon which the connection is closed.
 */
import { type Api, type Decoded, encodeResponse, openRequest } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { invariant, type Logger } from '@samsa/runtime/internal'
import { API_VERSIONS_KEY, unsupportedVersionFrame } from '../handlers/18-api-versions.js'
import { anonymous, type ConnectionInfo, type Handler, NO_RESPONSE, type RequestContext } from './context.js'

/** The bytes of an answer; none where there is no answer. */
export type Answer = readonly Uint8Array[]

export interface Dispatched {
  readonly answer: Answer | Promise<Answer>
  /** The connection's next request need not wait for the answer. */
  readonly overlaps: boolean
  /** Nothing looks at the frame any more. */
  readonly isFrameFree: boolean
  /** To be called when the answer's bytes have left the process; complete once there is an answer. */
  readonly onSent: readonly (() => void)[]
  /** What the request has in its arrays and tagged sections: each costs memory, however few bytes it has in the frame. */
  readonly elements: number
}

/**
 * Most that a request may have of them: 100 MiB of the smallest would become gigabytes of objects, and handling them would
 * hold up every other client. Kafka (from 4.4 on) allows 1,000,000 in one array.
 */
export const MAX_REQUEST_ELEMENTS = 250_000

/** Why a connection is closed upon a request; said in the log together with the peer. */
export class RefusedRequest extends KafkaError {
  readonly apiKey: number | undefined
  readonly apiVersion: number | undefined

  constructor(
    reason: string,
    detail: { apiKey?: number | undefined; apiVersion?: number | undefined; cause?: unknown },
  ) {
    super(reason, { code: 'INVALID_REQUEST', cause: detail.cause })
    this.apiKey = detail.apiKey
    this.apiVersion = detail.apiVersion
  }
}

/** A request on its way to its handler. */
export interface Exchange {
  readonly handler: Handler
  readonly context: RequestContext
  readonly request: Decoded<unknown>
}

/** Steps between a request and its handler, and answers in its place; undefined lets the request go its way. */
export type Interceptor = (exchange: Exchange) => Promise<unknown> | undefined

export class Router {
  /** For tests of clients. */
  interceptor: Interceptor | undefined
  readonly #handlers: (Handler | undefined)[] = []
  readonly #logger: Logger

  constructor(handlers: Iterable<Handler>, logger: Logger) {
    this.#logger = logger
    for (const handler of handlers) {
      const { key, name, versions } = handler.api
      const { min, max } = handler.versions
      invariant(this.#handlers[key] === undefined, () => `two handlers for ${name}`)
      invariant(
        min >= versions.min && min <= max && max <= versions.max,
        () => `${name} ${min}-${max} is served, but ${versions.min}-${versions.max} is what can be encoded`,
      )
      this.#handlers[key] = handler
    }
  }

  /** What answers an API; undefined where it is not served. */
  handlerOf(apiKey: number): Handler | undefined {
    return this.#handlers[apiKey]
  }

  /** Never rejects or throws with anything but a RefusedRequest. */
  dispatch(connection: ConnectionInfo, frame: Uint8Array, signal: AbortSignal): Dispatched {
    const { header, body } = openOrRefuse(frame)
    const { apiKey, apiVersion } = header
    connection.clientId = header.clientId
    const handler = this.#handlers[apiKey]
    if (handler === undefined) throw new RefusedRequest('the API is not served', { apiKey, apiVersion })
    if (apiVersion < handler.versions.min || apiVersion > handler.versions.max) {
      if (apiKey !== API_VERSIONS_KEY) throw new RefusedRequest('the version is not served', { apiKey, apiVersion })
      const answer = unsupportedVersionFrame(header.correlationId, handler.versions)
      return { answer, overlaps: false, isFrameFree: true, onSent: [], elements: 0 }
    }
    const request = decodeOrRefuse(handler.api, apiVersion, body)
    const onSent: (() => void)[] = []
    const context: RequestContext = {
      header,
      api: handler.api,
      version: apiVersion,
      connection,
      principal: anonymous,
      signal,
      onSent: callback => void onSent.push(callback),
    }
    const intercepted = this.interceptor?.({ handler, context, request })
    if (intercepted !== undefined) {
      const answer = this.#settled(handler, context, request, intercepted)
      return { answer, overlaps: false, isFrameFree: false, onSent, elements: body.elements }
    }
    const { overlaps = false, keepsNothing: isFrameFree = false } = handler
    const answer = this.#handle(handler, context, request)
    return { answer, overlaps, isFrameFree, onSent, elements: body.elements }
  }

  #handle(handler: Handler, context: RequestContext, request: Decoded<unknown>): Answer | Promise<Answer> {
    let outcome: unknown
    try {
      outcome = handler.handle(context, request)
    } catch (error) {
      return this.#failed(handler, context, request, error)
    }
    if (!(outcome instanceof Promise)) return this.#encode(handler, context, outcome)
    return this.#settled(handler, context, request, outcome)
  }

  #settled(
    handler: Handler,
    context: RequestContext,
    request: Decoded<unknown>,
    outcome: Promise<unknown>,
  ): Promise<Answer> {
    return outcome.then(
      value => this.#encode(handler, context, value),
      error => this.#failed(handler, context, request, error),
    )
  }

  /** The API's own error answer, or the end of the connection: a client that gets neither would wait for ever. */
  #failed(handler: Handler, context: RequestContext, request: Decoded<unknown>, error: unknown): Answer {
    if (error instanceof RefusedRequest) throw error
    // Errors on purpose are told to the client; any other one is a bug, and its place is the log.
    this.#log(error instanceof KafkaError ? 'debug' : 'error', handler, context, error)
    let outcome: unknown
    try {
      outcome = handler.failure?.(context, request, error)
    } catch (second) {
      throw refused(context, second)
    }
    if (outcome === undefined) throw refused(context, error)
    return this.#encode(handler, context, outcome)
  }

  /** An answer that cannot be encoded is a bug, whatever kind of error says so. */
  #encode(handler: Handler, context: RequestContext, outcome: unknown): Answer {
    if (outcome === NO_RESPONSE) return []
    const { header, version } = context
    try {
      return encodeResponse(handler.api, outcome, { version, correlationId: header.correlationId })
    } catch (error) {
      this.#log('error', handler, context, error)
      throw refused(context, error)
    }
  }

  #log(level: 'debug' | 'error', handler: Handler, { header, connection }: RequestContext, error: unknown): void {
    const { apiVersion, clientId } = header
    this.#logger[level](
      { peer: connection.peer, api: handler.api.name, apiVersion, clientId, err: error },
      'a request failed',
    )
  }
}

function refused({ header }: RequestContext, cause: unknown): RefusedRequest {
  const { apiKey, apiVersion } = header
  return new RefusedRequest(`the request failed: ${messageOf(cause)}`, { apiKey, apiVersion, cause })
}

function openOrRefuse(frame: Uint8Array): ReturnType<typeof openRequest> {
  try {
    return openRequest(frame, { maxElements: MAX_REQUEST_ELEMENTS })
  } catch (cause) {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const apiKey = frame.length >= 2 ? view.getInt16(0) : undefined
    const apiVersion = frame.length >= 4 ? view.getInt16(2) : undefined
    throw new RefusedRequest(messageOf(cause), { apiKey, apiVersion, cause })
  }
}

/** As in Kafka, bytes behind a body that is complete are no mistake: there are clients that send some. */
function decodeOrRefuse(api: Api, apiVersion: number, body: ReturnType<typeof openRequest>['body']): Decoded<unknown> {
  try {
    return api.request.decode(body, apiVersion)
  } catch (cause) {
    throw new RefusedRequest(messageOf(cause), { apiKey: api.key, apiVersion, cause })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
