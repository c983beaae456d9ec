/**
 * Connection: one stream to one broker, raw. Sends requests in the version that the caller chooses, as many at once as
 * it likes up to a limit, and gives each its decoded answer. Owns the stream, the table of what is not answered yet and
 * one timer. Every call may overlap any other; requests go out in the order of the calls, those of one turn in one write.
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
import { KafkaError, type RequestPayload } from '@samsa/runtime'
import {
  type ByteStream,
  type Clock,
  NetworkError,
  observedOperations,
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
  /** What the broker is called in errors. Default: the address at the other end of the stream. */
  readonly broker?: string | undefined
  /** The number of the broker, for observers. */
  readonly nodeId?: number | undefined
  /** The broker asks for a pause of this length. Called before the answer that says so is given to who waits for it. */
  readonly onThrottle?: ((throttleTimeMs: number, api: ApiInfo) => void) | undefined
  /** Nothing waits for an answer any more. */
  readonly onIdle?: (() => void) | undefined
  /** `bufferedBytes` has come down to 0. */
  readonly onDrain?: (() => void) | undefined
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined
}

interface Pending {
  readonly api: ApiInfo
  readonly timeoutMs: number
  dueAt: number
  /** Reads the answer and returns what gives it to the caller; throws when it cannot be read. */
  readonly answer: (frame: Uint8Array) => () => void
  readonly reject: (error: Error) => void
  readonly observed: RequestPayload | undefined
}

export class Connection {
  /** `host:port` of the broker. */
  readonly broker: string
  readonly #stream: ByteStream
  readonly #splitter: FrameSplitter
  readonly #clock: Clock
  readonly #clientId: string | null
  readonly #options: ConnectionOptions
  readonly #requestTimeoutMs: number
  readonly #maxInFlight: number
  /** By correlation id, in the order in which they were sent. */
  readonly #inFlight = new Map<number, Pending>()
  readonly #closeCallbacks = new Set<(error: KafkaError) => void>()
  #lastCorrelationId = 0
  #closed: KafkaError | undefined
  /** What this turn has to send. */
  #outgoing: Uint8Array[] = []
  #outgoingBytes = 0
  /** A request without an answer is the last thing sent: nothing tells whether it has arrived. */
  #unconfirmed = false
  #lastActiveAt: number
  /**
   * Armed for the first request to become due, and left alone when that is answered: it then looks for the next one.
   * So a request costs no timer. It keeps no process alive, which the open stream does.
   */
  #timer: Timer | undefined
  #timerDueAt = Infinity

  /** Takes over a stream that stands, from `connectTcp` or a listener in memory. */
  constructor(stream: ByteStream, options: ConnectionOptions = {}) {
    this.broker = options.broker ?? stream.peer
    this.#stream = stream
    this.#options = options
    this.#splitter = new FrameSplitter(options.maxResponseBytes ?? 100 * 1024 * 1024, undefined, ANSWER_GROWTH)
    this.#clock = options.clock ?? systemClock
    this.#clientId = options.clientId ?? null
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 30_000
    this.#maxInFlight = options.maxInFlight ?? 1_000
    this.#lastActiveAt = this.#clock.monotonic()
    stream.start({
      onData: chunk => this.#received(chunk),
      room: () => this.#splitter.room(),
      onDrain: () => options.onDrain?.(),
      onEnd: () => this.#end(new NetworkError('the broker closed the connection', { broker: this.broker })),
      onClose: cause => {
        // A stream that knows why it ended says it better, and whether another attempt may help.
        if (cause instanceof KafkaError) {
          this.#end(cause)
          return
        }
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

  /** Bytes that were sent and that the other side has not taken yet. */
  get bufferedBytes(): number {
    return this.#closed === undefined ? this.#outgoingBytes + this.#stream.bufferedBytes : 0
  }

  /** When the last bytes went or came, by the clock's `monotonic`. */
  get lastActiveAt(): number {
    return this.#lastActiveAt
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
      const answer = (frame: Uint8Array): (() => void) => {
        const body = decodeAnswer(api, version, frame)
        const throttleTimeMs = throttleOf(body)
        if (throttleTimeMs > 0) this.#throttled(throttleTimeMs, api)
        if (observed !== undefined) Object.assign(observed, { responseBytes: frame.length, throttleTimeMs })
        return () => resolve(body)
      }
      const observed = this.#observed(api, version, correlationId, chunks)
      const dueAt = this.#clock.monotonic() + timeoutMs
      this.#inFlight.set(correlationId, { api, timeoutMs, dueAt, answer, reject, observed })
      this.#unconfirmed = false
      this.#expectBy(dueAt)
      if (observed === undefined) this.#write(chunks)
      else observedOperations.request.begin(observed, () => this.#write(chunks))
    })
  }

  /** Sends a request that has no answer: Produce with `acks` 0. Whether it arrives, nobody tells. */
  send<Request extends object>(api: Api<Request>, version: number, request: Request): void {
    this.#mustTakeMore()
    const correlationId = this.#nextCorrelationId()
    this.#write(encodeRequest(api, request, { version, correlationId, clientId: this.#clientId }))
    this.#unconfirmed = true
  }

  /** Calls back when the connection is over, with the reason; at once if it is. */
  onClose(callback: (error: KafkaError) => void): void {
    if (this.#closed === undefined) this.#closeCallbacks.add(callback)
    else callback(this.#closed)
  }

  /** Ends it at once: what is under way fails, and what is not sent stays unsent. Harmless when it is closed. */
  close(why?: KafkaError): void {
    this.#end(
      why ??
        new KafkaError('the connection was closed by its owner', { code: 'CONNECTION_CLOSED', broker: this.broker }),
    )
  }

  /**
   * As `close`, but what was sent without an answer goes out first, for which the broker has that long. Resolves when it
   * is over.
   */
  end(why?: KafkaError, withinMs: number = 1000): Promise<void> {
    if (!this.#unconfirmed || this.#closed !== undefined) {
      this.close(why)
      return Promise.resolve()
    }
    this.#flush()
    this.#stream.end()
    return new Promise(resolve => {
      const timer = this.#clock.timer(withinMs, () => this.close(why), { name: 'end of a connection' })
      this.onClose(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  #received(chunk: Uint8Array): void {
    if (this.#closed !== undefined) return
    this.#lastActiveAt = this.#clock.monotonic()
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
    const deliver = pending.answer(frame)
    this.#inFlight.delete(correlationId)
    if (pending.observed !== undefined) observedOperations.request.finish(pending.observed)
    deliver()
    if (this.#inFlight.size === 0) this.#options.onIdle?.()
  }

  /** The broker takes nothing more from this connection for a while, so what is under way may take longer by as much. */
  #throttled(throttleTimeMs: number, api: ApiInfo): void {
    for (const pending of this.#inFlight.values()) pending.dueAt += throttleTimeMs
    this.#options.onThrottle?.(throttleTimeMs, api)
  }

  #write(chunks: readonly Uint8Array[]): void {
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    for (const chunk of chunks) {
      this.#outgoing.push(chunk)
      this.#outgoingBytes += chunk.length
    }
  }

  #flush(): void {
    if (this.#outgoing.length === 0 || this.#closed !== undefined) return
    const chunks = this.#outgoing
    this.#outgoing = []
    this.#outgoingBytes = 0
    this.#lastActiveAt = this.#clock.monotonic()
    this.#stream.write(chunks)
  }

  #expectBy(dueAt: number): void {
    if (dueAt >= this.#timerDueAt) return
    this.#timer?.cancel()
    this.#timerDueAt = dueAt
    const delayMs = dueAt - this.#clock.monotonic()
    this.#timer = this.#clock.timer(delayMs, this.#lookForLate, { name: 'request timeout', unref: true })
  }

  readonly #lookForLate = (): void => {
    this.#timerDueAt = Infinity
    const now = this.#clock.monotonic()
    let next = Infinity
    for (const { api, dueAt, timeoutMs } of this.#inFlight.values()) {
      if (dueAt <= now) {
        const message = `${this.broker} did not answer ${api.name} within ${timeoutMs} ms`
        this.#end(new TimeoutError(message, { broker: this.broker, api: api.name }))
        return
      }
      next = Math.min(next, dueAt)
    }
    if (next < Infinity) this.#expectBy(next)
  }

  #observed(
    api: ApiInfo,
    apiVersion: number,
    correlationId: number,
    chunks: readonly Uint8Array[],
  ): RequestPayload | undefined {
    if (!observedOperations.request.observed) return undefined
    return {
      clientId: this.#clientId ?? '',
      broker: this.broker,
      nodeId: this.#options.nodeId,
      api: api.name,
      apiKey: api.key,
      apiVersion,
      correlationId,
      requestBytes: chunks.reduce((total, chunk) => total + chunk.length, 0),
    }
  }

  #end(error: KafkaError): void {
    if (this.#closed !== undefined) return
    this.#closed = error
    this.#timer?.cancel()
    this.#outgoing = []
    this.#stream.destroy()
    for (const { reject, observed } of this.#inFlight.values()) {
      if (observed !== undefined) observedOperations.request.fail(observed, error)
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
/** An answer to a fetch has some mebibytes: of these only the first 64 KiB are moved. */
const ANSWER_GROWTH = 128

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

/** How long a broker asks to be left alone, where an answer says it at all. */
function throttleOf(body: object): number {
  return 'throttleTimeMs' in body && typeof body.throttleTimeMs === 'number' ? body.throttleTimeMs : 0
}
