/**
 * What a handler is, and what it is told of the request it handles: by whom, over which connection, in which version.
 */
import type { Api, ApiInfo, Decoded, RequestHeader } from '@samsa/protocol'

/** Given back in place of a response where the protocol has none: Produce with `acks` 0. */
export const NO_RESPONSE: unique symbol = Symbol('no response')

/** Who asks. Without authentication everyone is the same user. */
export interface Principal {
  readonly type: string
  readonly name: string
}

export const anonymous: Principal = { type: 'User', name: 'ANONYMOUS' }

/** What a client calls itself, from version 3 of its ApiVersions request; before that it is unknown. */
export interface ClientSoftware {
  readonly name: string
  readonly version: string
}

/** A connection as handlers see it. */
export interface ConnectionInfo {
  /** Unique while the process runs: listener, peer and a counter. */
  readonly id: string
  /** `host:port` of the other end. */
  readonly peer: string
  readonly peerHost: string
  readonly listenerName: string
  /** Set by ApiVersions. */
  clientSoftware: ClientSoftware
  /** What the newest request names as its client; null before the first. */
  clientId: string | null
  readonly isClosed: boolean
  /**
   * A request under way keeps so many bytes more, until it is answered: they count as the connection's, which may be
   * closed upon it. Not for handlers that overlap.
   */
  hold(bytes: number): void
  /** Calls back once, when the connection is gone. For state that lives as long as a connection does. */
  onClose(callback: () => void): void
}

export interface RequestContext {
  readonly header: RequestHeader
  readonly api: ApiInfo
  readonly version: number
  readonly connection: ConnectionInfo
  readonly principal: Principal
  /**
   * Calls back when the answer's bytes have left the process, so that their memory can be used for others. Never, when
   * the connection ends before: nobody knows then who still reads them.
   */
  onSent(callback: () => void): void
  /** Aborted when the connection is gone or the broker closes: a waiting request then answers with what it has. */
  readonly signal: AbortSignal
}

type Outcome<Response> = Response | typeof NO_RESPONSE

export interface Handler<Request = unknown, Response = unknown> {
  readonly api: Api<Request, Response>
  /** The versions that are served; a request in another one closes the connection. */
  readonly versions: { readonly min: number; readonly max: number }
  /**
   * The next requests of the connection need not wait until this one is answered; their answers still do. Only where
   * `handle` has done its work, but for waiting, when it returns.
   */
  readonly overlaps?: boolean
  /** When `handle` returns, nothing looks at the request's bytes any more: their memory can be used for another one. */
  readonly keepsNothing?: boolean
  handle(context: RequestContext, request: Decoded<Request>): Outcome<Response> | Promise<Outcome<Response>>
  /** The API's answer when `handle` threw. Without it, or when it gives undefined, the connection is closed. */
  failure?(context: RequestContext, request: Decoded<Request>, error: unknown): Outcome<Response> | undefined
}
