/**
 * ServerConnection: one client. Cuts its bytes into requests, has them answered, and sends the answers in the order of
 * the requests. Owns the stream and everything that waits on it.
 *
 * What may overlap. One request is handled at a time, except that behind one whose handler says so (Produce) the next
 * begins while it waits; at most `maxUnderWay` are unanswered. Reading stops while a request cannot begin, and none
 * begins while `highWaterBytes` of answers wait to be sent: a slow reader costs that much and one answer more. What a
 * connection holds of requests and answers counts against what all of them may hold together (`held-memory.ts`).
 */
import { FrameSplitter } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import {
  type BufferPool,
  type ByteStream,
  type Clock,
  type Logger,
  RingBuffer,
  type Timer,
} from '@samsa/runtime/internal'
import type { ClientSoftware, ConnectionInfo } from './context.js'
import type { HeldMemory } from './held-memory.js'
import { type Answer, RefusedRequest, type Router } from './router.js'

/** What an element of a request's arrays costs: 60 to 160 bytes as an object, and what a handler makes of it. */
const ELEMENT_BYTES = 256

export interface ConnectionLimits {
  /** The largest request (`socket.request.max.bytes`). */
  readonly requestMaxBytes: number
  /** A connection on which nothing moves for so long is closed (`connections.max.idle.ms`). */
  readonly maxIdleMs: number
  /** Most requests that are begun and not yet answered. */
  readonly maxUnderWay: number
  /** Answers that wait to be sent before no more is asked for. */
  readonly highWaterBytes: number
}

export interface ConnectionOptions {
  readonly id: string
  readonly listenerName: string
  readonly stream: ByteStream
  readonly router: Router
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: ConnectionLimits
  /** Memory for large requests. */
  readonly buffers: BufferPool
  readonly memory: HeldMemory<ServerConnection>
  readonly onClosed: (connection: ServerConnection) => void
}

/** A request that has begun; its answer is undefined until it is ready. */
interface Slot {
  readonly overlaps: boolean
  readonly onSent: readonly (() => void)[]
  /** What the request costs until its answer is ready. */
  readonly heldBytes: number
  answer: Answer | undefined
}

export class ServerConnection implements ConnectionInfo {
  readonly id: string
  readonly peer: string
  readonly peerHost: string
  readonly listenerName: string
  clientSoftware: ClientSoftware = { name: 'unknown', version: 'unknown' }
  clientId: string | null = null
  readonly #options: ConnectionOptions
  readonly #stream: ByteStream
  readonly #splitter: FrameSplitter
  readonly #idleTimer: Timer
  readonly #abort = new AbortController()
  readonly #closeCallbacks = new Set<() => void>()
  /** Requests that have come and not begun: no more than what lay in the socket when reading stopped. */
  readonly #frames = new RingBuffer<Uint8Array>()
  /** Requests that have begun and are not sent, in order. */
  readonly #slots: Slot[] = []
  /** Bytes that the stream was given, ever. */
  #writtenBytes = 0
  /** What is to be called when so many bytes have left, in order. */
  readonly #unsent = new RingBuffer<{ readonly endsAt: number; readonly callback: () => void }>()
  /** Begun requests behind which no other may begin. */
  #blocking = 0
  /** Bytes of answers that are ready and wait for one before them. */
  #readyBytes = 0
  /** Bytes of requests that have come and not begun. */
  #queuedBytes = 0
  /** What requests cost that have begun and have no answer yet, with what the handler of one has gathered for it. */
  #underWayBytes = 0
  #gatheredBytes = 0
  /** A request came across, or an answer was read, since memory was last accounted for. */
  #completed = false
  #bufferedAtLastTick = 0
  #reading = true
  #pumping = false
  /** The peer sends no more. */
  #ended = false
  #draining = false
  /** Something came that has no answer: what was asked before it is answered, then the connection is closed. */
  #refused = false
  /** All that was to be sent is sent and the peer was told so; it closes its half when it has read to the end. */
  #lingering = false
  #closed = false

  constructor(options: ConnectionOptions) {
    const { id, listenerName, stream, limits, clock, buffers } = options
    this.id = id
    this.peer = stream.peer
    this.peerHost = stream.peerHost
    this.listenerName = listenerName
    this.#options = options
    this.#stream = stream
    this.#splitter = new FrameSplitter(limits.requestMaxBytes, buffers)
    this.#idleTimer = clock.timer(limits.maxIdleMs, () => this.#idle(), { name: 'connection idle', unref: true })
  }

  start(): void {
    this.#stream.start({
      onData: chunk => this.#received(chunk),
      onDrain: () => this.#drained(),
      onEnd: () => this.#peerEnded(),
      onClose: () => this.#gone(),
    })
  }

  get isClosed(): boolean {
    return this.#closed
  }

  onClose(callback: () => void): void {
    if (this.#closed) callback()
    else this.#closeCallbacks.add(callback)
  }

  hold(bytes: number): void {
    this.#gatheredBytes += bytes
    this.#account()
  }

  /** Ends it because all connections together hold too much, and this one its part for the longest time. */
  giveBack(): void {
    if (this.#closed) return
    this.#logEnd(new Error(`its ${this.#heldBytes} bytes are needed for others (queued.max.request.bytes)`))
    this.close()
  }

  /**
   * Begins no further request, tells those under way that they should not wait, and closes when their answers are
   * sent and the peer has closed too. What the peer has sent and was not begun it must send again, elsewhere.
   */
  drain(): void {
    if (this.#draining || this.#closed) return
    this.#draining = true
    this.#dropFrames()
    this.#stopReading()
    this.#abort.abort(closing('the broker is closing'))
    this.#closeWhenDone()
  }

  /** Closes at once; what is under way is told so, and its answers are dropped. */
  close(): void {
    this.#stream.destroy()
    this.#gone()
  }

  #received(chunk: Uint8Array): void {
    if (this.#closed || this.#draining || this.#refused) return
    this.#idleTimer.restart()
    try {
      for (const frame of this.#splitter.push(chunk)) {
        this.#frames.push(frame)
        this.#queuedBytes += frame.length
      }
    } catch (error) {
      this.#refuse(error)
      return
    }
    this.#pump()
  }

  /** Begins whatever may begin and sends whatever is ready. Handlers that answer at once call back into neither. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    do {
      while (this.#mayBegin()) {
        const frame = this.#frames.shift()
        if (frame === undefined) break
        this.#queuedBytes -= frame.length
        this.#completed = true
        this.#begin(frame)
      }
      this.#send()
    } while (this.#frames.size > 0 && this.#mayBegin())
    this.#pumping = false
    this.#account()
    if (this.#frames.size > 0 || !this.#hasRoom()) this.#stopReading()
    else this.#resumeReading()
    this.#closeWhenDone()
  }

  #mayBegin(): boolean {
    return !this.#closed && !this.#refused && this.#blocking === 0 && this.#hasRoom()
  }

  #hasRoom(): boolean {
    const { limits, memory } = this.#options
    const { maxUnderWay, highWaterBytes } = limits
    // One at a time needs no other connection to make room, so that none waits for another.
    return (
      this.#slots.length < (memory.isTight ? 1 : maxUnderWay) &&
      this.#stream.bufferedBytes + this.#readyBytes < highWaterBytes
    )
  }

  #begin(frame: Uint8Array): void {
    try {
      const { router, buffers } = this.#options
      const { answer, overlaps, elements, isFrameFree, onSent } = router.dispatch(this, frame, this.#abort.signal)
      const slot: Slot = { overlaps, onSent, heldBytes: frame.length + elements * ELEMENT_BYTES, answer: undefined }
      if (isFrameFree) buffers.give(frame)
      this.#slots.push(slot)
      this.#underWayBytes += slot.heldBytes
      if (!(answer instanceof Promise)) {
        this.#ready(slot, answer)
        return
      }
      if (!overlaps) this.#blocking++
      answer.then(
        chunks => {
          if (!overlaps) {
            this.#blocking--
            this.#gatheredBytes = 0
          }
          this.#ready(slot, chunks)
          this.#pump()
        },
        error => {
          const at = this.#slots.indexOf(slot)
          this.#refuse(error, at < 0 ? undefined : at)
          this.#pump()
        },
      )
    } catch (error) {
      this.#refuse(error)
    }
  }

  #ready(slot: Slot, answer: Answer): void {
    if (this.#refused && !this.#slots.includes(slot)) return
    slot.answer = answer
    this.#underWayBytes -= slot.heldBytes
    this.#readyBytes += sizeOf(answer)
  }

  /** One write for all answers that are next in order. */
  #send(): void {
    const chunks: Uint8Array[] = []
    let sent = 0
    for (const slot of this.#slots) {
      if (slot.answer === undefined) break
      for (const chunk of slot.answer) chunks.push(chunk)
      const size = sizeOf(slot.answer)
      this.#readyBytes -= size
      this.#writtenBytes += size
      for (const callback of slot.onSent) this.#unsent.push({ endsAt: this.#writtenBytes, callback })
      sent++
    }
    if (sent > 0) this.#slots.splice(0, sent)
    if (chunks.length === 0 || this.#closed) return
    this.#stream.write(chunks)
    this.#idleTimer.restart()
    this.#tellSent()
  }

  /** What a stream still buffers, it reads from the memory that it was given: a chunk counts until it is taken whole. */
  #tellSent(): void {
    if (this.#closed) return
    const left = this.#writtenBytes - this.#stream.bufferedBytes
    while ((this.#unsent.peek()?.endsAt ?? Number.POSITIVE_INFINITY) <= left) this.#unsent.shift()?.callback()
  }

  #drained(): void {
    if (this.#closed) return
    this.#completed = true
    this.#idleTimer.restart()
    this.#tellSent()
    this.#pump()
  }

  /** The peer may have closed only its half: what it has asked is answered first. */
  #peerEnded(): void {
    this.#ended = true
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (this.#closed || !(this.#ended || this.#draining || this.#refused)) return
    if (this.#slots.length > 0 || this.#frames.size > 0 || this.#stream.bufferedBytes > 0) return
    if (this.#ended || this.#refused) {
      this.#stream.end()
      this.close()
    } else if (!this.#lingering) {
      // Closing a socket with bytes unread resets it, and what the system has not yet sent would be lost.
      this.#lingering = true
      this.#stream.end()
      this.#stream.resume()
    }
  }

  /** Requests under way keep a connection, and so does a reader that is slow but not dead. */
  #idle(): void {
    const buffered = this.#stream.bufferedBytes
    const isWorking = this.#slots.some(slot => slot.answer === undefined)
    if (isWorking || (buffered > 0 && buffered !== this.#bufferedAtLastTick)) {
      this.#bufferedAtLastTick = buffered
      this.#idleTimer.restart()
      return
    }
    this.#options.logger.debug({ peer: this.peer, listener: this.listenerName }, 'an idle connection is closed')
    this.close()
  }

  /** Nothing is begun any more, and of what has begun only the requests in front of the one at `from` are answered. */
  #refuse(error: unknown, from: number = this.#slots.length): void {
    if (this.#closed) return
    if (!this.#refused) this.#logEnd(error)
    this.#refused = true
    for (const { answer, heldBytes } of this.#slots.splice(from)) {
      if (answer === undefined) this.#underWayBytes -= heldBytes
      else this.#readyBytes -= sizeOf(answer)
    }
    this.#dropFrames()
    this.#stopReading()
    this.#abort.abort(closing('the connection is closed'))
    this.#closeWhenDone()
  }

  /** The one line that a log has of a connection which we end because of what came over it. */
  #logEnd(error: unknown): void {
    const { logger, listenerName } = this.#options
    const request = error instanceof RefusedRequest ? { apiKey: error.apiKey, apiVersion: error.apiVersion } : {}
    const reason = error instanceof Error ? error.message : String(error)
    logger.warn({ peer: this.peer, listener: listenerName, ...request, reason }, 'a connection is closed')
  }

  #gone(): void {
    if (this.#closed) return
    this.#closed = true
    this.#idleTimer.cancel()
    this.#options.memory.release(this)
    this.#dropFrames()
    this.#abort.abort(closing('the connection is closed'))
    for (const callback of this.#closeCallbacks) this.#call(callback)
    this.#closeCallbacks.clear()
    this.#options.onClosed(this)
  }

  #call(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#options.logger.error({ peer: this.peer, err: error }, 'a listener to the end of a connection failed')
    }
  }

  get #heldBytes(): number {
    const ofRequests = this.#splitter.pending + this.#queuedBytes + this.#underWayBytes
    return ofRequests + this.#gatheredBytes + this.#readyBytes + this.#stream.bufferedBytes
  }

  #account(): void {
    if (this.#closed) return
    this.#options.memory.set(this, this.#heldBytes, this.#completed)
    this.#completed = false
  }

  #dropFrames(): void {
    while (this.#frames.shift() !== undefined);
    this.#queuedBytes = 0
  }

  #stopReading(): void {
    if (!this.#reading) return
    this.#reading = false
    this.#stream.pause()
  }

  #resumeReading(): void {
    if (this.#reading || this.#closed || this.#draining || this.#refused) return
    this.#reading = true
    this.#stream.resume()
  }
}

function closing(message: string): KafkaError {
  return new KafkaError(message, { code: 'CONNECTION_CLOSED', retriable: true })
}

function sizeOf(answer: Answer): number {
  let size = 0
  for (const chunk of answer) size += chunk.length
  return size
}
