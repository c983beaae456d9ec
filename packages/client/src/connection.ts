/**
 * Connection: one stream to one broker, raw. Sends requests in the version that the caller chooses, as many at once as
 * it likes up to a limit, and gives each its decoded answer. Owns the stream and the table of what is not answered yet.
 * Every call may overlap any other; requests go out in the order of the calls.
 *
 * A broker answers in order, so that a request which is not answered in time, or an answer that fits no request, means
 * that nothing behind it can be trusted: either ends the connection, and with it every request under way. There are no
 * retries here and no negotiation: those are the business of who uses it.
 */
import {
  type Api,
  type ApiInfo,
  apiVersions,
  type Decoded,
  decodeResponse,
  encodeRequest,
  FrameSplitter,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import {
  type ByteStream,
  type Clock,
  NetworkError,
  systemClock,
  TimeoutError,
  type Timer,
} from '@samsa/runtime/internal'

export interface ConnectionOptions {
  readonly clientId?: string | null | undefined
  readonly clock?: Clock | undefined
  /** For requests that bring no limit of their own. Default: 30 s. */
  readonly requestTimeoutMs?: number | undefined
  /** The largest answer that is taken. Default: 100 MiB. */
  readonly maxResponseBytes?: number | undefined
  /** Most requests that may be under way. Default: 1,000. */
  readonly maxInFlight?: number | undefined
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined
}

interface Pending {
  readonly api: ApiInfo
  readonly timer: Timer
  /** Decodes the answer; throws when it cannot be read. */
  readonly answer: (frame: Uint8Array) => void
  readonly reject: (error: Error) => void
}

export class Connection {
  /** `host:port` of the broker. */
  readonly broker: string
  readonly #stream: ByteStream
  readonly #splitter: FrameSplitter
  readonly #clock: Clock
  readonly #clientId: string | null
  readonly #requestTimeoutMs: number
  readonly #maxInFlight: number
  /** By correlation id, in the order in which they were sent. */
  readonly #inFlight = new Map<number, Pending>()
  readonly #closeCallbacks = new Set<(error: KafkaError) => void>()
  #lastCorrelationId = 0
  #closed: KafkaError | undefined

  /** Takes over a stream that stands, from `connectTcp` or a listener in memory. */
  constructor(stream: ByteStream, options: ConnectionOptions = {}) {
    this.broker = stream.peer
    this.#stream = stream
    this.#splitter = new FrameSplitter(options.maxResponseBytes ?? 100 * 1024 * 1024)
    this.#clock = options.clock ?? systemClock
    this.#clientId = options.clientId ?? null
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 30_000
    this.#maxInFlight = options.maxInFlight ?? 1_000
    stream.start({
      onData: chunk => this.#received(chunk),
      onDrain: () => {},
      onEnd: () => this.#end(new NetworkError('the broker closed the connection', { broker: this.broker })),
      onClose: cause => {
        const why = cause === undefined ? 'the connection was closed' : `the connection broke: ${cause.message}`
        this.#end(new NetworkError(why, { broker: this.broker, cause }))
      },
    })
  }

  /** Why it is closed; undefined while it is open. */
  get closed(): KafkaError | undefined {
    return this.#closed
  }

  /** Requests that wait for their answer. */
  get inFlight(): number {
    return this.#inFlight.size
  }

  /** Sends a request and gives its answer. Rejects when the connection ends first, which a timeout makes happen. */
  request<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
    options: RequestOptions = {},
  ): Promise<Decoded<Response>> {
    return new Promise((resolve, reject) => {
      this.#mustTakeMore()
      const correlationId = this.#nextCorrelationId()
      const chunks = encodeRequest(api, request, { version, correlationId, clientId: this.#clientId })
      const timeoutMs = options.timeoutMs ?? this.#requestTimeoutMs
      const timer = this.#clock.timer(timeoutMs, () => this.#timedOut(api, timeoutMs), { name: api.name })
      const answer = (frame: Uint8Array): void => resolve(decodeAnswer(api, version, frame))
      this.#inFlight.set(correlationId, { api, timer, answer, reject })
      this.#stream.write(chunks)
    })
  }

  /** Sends a request that has no answer: Produce with `acks` 0. Whether it arrives, nobody tells. */
  send<Request extends object>(api: Api<Request>, version: number, request: Request): void {
    this.#mustTakeMore()
    const correlationId = this.#nextCorrelationId()
    this.#stream.write(encodeRequest(api, request, { version, correlationId, clientId: this.#clientId }))
  }

  /** Calls back when the connection is over, with the reason; at once if it is. */
  onClose(callback: (error: KafkaError) => void): void {
    if (this.#closed === undefined) this.#closeCallbacks.add(callback)
    else callback(this.#closed)
  }

  /** Ends it at once: what is under way fails, and what is not sent stays unsent. Harmless when it is closed. */
  close(): void {
    this.#end(
      new KafkaError('the connection was closed by its owner', { code: 'CONNECTION_CLOSED', broker: this.broker }),
    )
  }

  #received(chunk: Uint8Array): void {
    if (this.#closed !== undefined) return
    try {
      for (const frame of this.#splitter.push(chunk)) this.#answered(frame)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      this.#end(new NetworkError(`the broker sent what cannot be read: ${reason}`, { broker: this.broker, cause }))
    }
  }

  #answered(frame: Uint8Array): void {
    const first = this.#inFlight.entries().next().value
    if (first === undefined) throw new Error('an answer to no request')
    const [correlationId, pending] = first
    const answeredId = frame.length < 4 ? undefined : new DataView(frame.buffer, frame.byteOffset).getInt32(0)
    if (answeredId !== correlationId) {
      throw new Error(`answer ${answeredId} in place of ${correlationId} (${pending.api.name})`)
    }
    pending.answer(frame)
    pending.timer.cancel()
    this.#inFlight.delete(correlationId)
  }

  #timedOut(api: ApiInfo, timeoutMs: number): void {
    const message = `${this.broker} did not answer ${api.name} within ${timeoutMs} ms`
    this.#end(new TimeoutError(message, { broker: this.broker, api: api.name }))
  }

  #end(error: KafkaError): void {
    if (this.#closed !== undefined) return
    this.#closed = error
    this.#stream.destroy()
    for (const { reject, timer } of this.#inFlight.values()) {
      timer.cancel()
      reject(error)
    }
    this.#inFlight.clear()
    for (const callback of this.#closeCallbacks) callback(error)
    this.#closeCallbacks.clear()
  }

  #mustTakeMore(): void {
    if (this.#closed !== undefined) throw this.#closed
    if (this.#inFlight.size < this.#maxInFlight) return
    throw new KafkaError(`${this.#maxInFlight} requests wait for ${this.broker} already; await some of them first`, {
      code: 'TOO_MANY_IN_FLIGHT',
      retriable: true,
      broker: this.broker,
    })
  }

  #nextCorrelationId(): number {
    this.#lastCorrelationId = (this.#lastCorrelationId + 1) & 0x7fffffff
    return this.#lastCorrelationId
  }
}

const UNSUPPORTED_VERSION = 35

/** A broker that does not serve the version of ApiVersions asked for answers in the oldest form, which has no other use. */
function decodeAnswer<Response extends object>(
  api: Api<unknown, Response>,
  version: number,
  frame: Uint8Array,
): Decoded<Response> {
  const isRefusal =
    api.key === apiVersions.key &&
    frame.length >= 6 &&
    new DataView(frame.buffer, frame.byteOffset).getInt16(4) === UNSUPPORTED_VERSION
  return decodeResponse(api, isRefusal ? 0 : version, frame).body
}
