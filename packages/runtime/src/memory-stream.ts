/**
 * Two ByteStreams joined in one process: what goes into one comes out of the other, in the same order, after the call
 * that wrote it. Each half owns the bytes on their way to it. A half that is paused lets them lie, and the other half
 * sees that in `bufferedBytes`; as long as the writer heeds it, memory is bounded as it is with a socket.
 *
 * As with a socket, what is received is a copy: the two sides share no byte. Small chunks that wait together are copied
 * into one, so that a request that was written in pieces is received in one piece.
 */
import type { ByteStream, ByteStreamSink } from './byte-stream.js'
import { invariant } from './invariant.js'
import { RingBuffer } from './ring-buffer.js'

/** Chunks are gathered until they have this many bytes. */
const DELIVERY_BYTES = 256 * 1024

export interface MemoryStreamEnd {
  readonly host: string
  readonly port: number
}

/** The two halves. What is given are the addresses by which each end is known to the other. */
export function memoryStreamPair(left: MemoryStreamEnd, right: MemoryStreamEnd): [ByteStream, ByteStream] {
  const first = new MemoryStream(left, right)
  const second = new MemoryStream(right, left)
  first.join(second)
  second.join(first)
  return [first, second]
}

class MemoryStream implements ByteStream {
  readonly local: MemoryStreamEnd
  readonly peer: string
  readonly peerHost: string
  readonly #arriving = new RingBuffer<Uint8Array>()
  #arrivingBytes = 0
  #other: MemoryStream | undefined
  #sink: ByteStreamSink | undefined
  #paused = false
  #deliveryPlanned = false
  /** A write left something with the peer, whose taking it is to be told. */
  #drainOwed = false
  #endWritten = false
  #endArrived = false
  #endTold = false
  #closed = false
  #closeTold = false
  #error: Error | undefined

  constructor(local: MemoryStreamEnd, other: MemoryStreamEnd) {
    this.local = local
    this.peer = `${other.host}:${other.port}`
    this.peerHost = other.host
  }

  join(other: MemoryStream): void {
    this.#other = other
  }

  start(sink: ByteStreamSink): void {
    invariant(this.#sink === undefined, 'a stream is started once')
    this.#sink = sink
    this.#plan()
  }

  get bufferedBytes(): number {
    return this.#other === undefined ? 0 : this.#other.#arrivingBytes
  }

  write(chunks: readonly Uint8Array[]): void {
    const other = this.#other
    if (this.#closed || this.#endWritten || other === undefined || other.#closed) return
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      other.#arriving.push(chunk)
      other.#arrivingBytes += chunk.length
    }
    if (other.#arrivingBytes > 0) this.#drainOwed = true
    other.#plan()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#plan()
  }

  end(): void {
    if (this.#closed || this.#endWritten) return
    this.#endWritten = true
    const other = this.#other
    if (other === undefined) return
    other.#endArrived = true
    other.#plan()
    this.#plan()
  }

  destroy(error?: Error): void {
    if (this.#closed) return
    this.#error = error
    this.#close()
    // The peer still gets what arrived before, as it would from a socket, and then the end.
    const other = this.#other
    if (other === undefined || other.#closed) return
    other.#endArrived = true
    other.#plan()
  }

  #close(): void {
    this.#closed = true
    while (this.#arriving.shift() !== undefined);
    this.#arrivingBytes = 0
    this.#plan()
  }

  /** One delivery per turn of the event loop and half, however much was written. */
  #plan(): void {
    if (this.#deliveryPlanned || this.#sink === undefined || this.#closeTold) return
    this.#deliveryPlanned = true
    setImmediate(() => {
      this.#deliveryPlanned = false
      this.#deliver()
    })
  }

  #deliver(): void {
    const sink = this.#sink
    if (sink === undefined || this.#closeTold) return
    if (this.bufferedBytes === 0) this.#tellDrain()
    // Only what lies here now: a peer that answers each chunk at once does not keep the event loop.
    for (let left = this.#arrivingBytes; left > 0 && !this.#paused && !this.#closed; ) {
      const bytes = this.#take()
      left -= bytes.length
      sink.onData(bytes)
    }
    const other = this.#other
    if (this.#arrivingBytes === 0 && other !== undefined) other.#tellDrain()
    if (this.#arriving.size > 0 && !this.#paused) this.#plan()
    if (this.#endArrived && !this.#endTold && this.#arriving.size === 0 && !this.#closed && !this.#paused) {
      this.#endTold = true
      sink.onEnd()
    }
    const peerGone = other === undefined || other.#closed
    if (this.#endTold && (peerGone || (this.#endWritten && this.bufferedBytes === 0))) this.#closed = true
    if (!this.#closed) return
    this.#closeTold = true
    sink.onClose(this.#error)
  }

  /** A copy of the next chunk or chunks. */
  #take(): Uint8Array {
    const chunks: Uint8Array[] = []
    let size = 0
    while (size < DELIVERY_BYTES) {
      const chunk = this.#arriving.shift()
      if (chunk === undefined) break
      chunks.push(chunk)
      size += chunk.length
    }
    this.#arrivingBytes -= size
    return Buffer.concat(chunks, size)
  }

  #tellDrain(): void {
    if (!this.#drainOwed || this.#closed) return
    this.#drainOwed = false
    this.#sink?.onDrain()
    if (this.#endTold && this.#endWritten) this.#plan()
  }
}
