/**
 * A ByteStream over a socket of node:net or node:tls. Owns the socket from the moment it is made: no one else may listen to
 * it or write to it.
 */
import type { OnReadOpts, Socket } from 'node:net'
import type { ByteStream, ByteStreamSink } from './byte-stream.js'
import { invariant } from './invariant.js'

/** Idle connections are asked after this time whether the other end is still there. */
const KEEP_ALIVE_DELAY_MS = 60_000
/** A read goes into so much where a sink does not say. */
const READ_BYTES = 64 * 1024

/**
 * Lets a socket that is yet to be made read right into memory of the sink's choice, in place of making a chunk for each
 * read: what comes is then nowhere copied.
 */
export class DirectReads {
  #sink: ByteStreamSink | undefined
  /** What came before there was a sink. */
  #early: Uint8Array[] = []

  /** For the options that the socket is made with. */
  readonly onread: OnReadOpts = {
    buffer: () => this.#sink?.room?.() ?? Buffer.allocUnsafe(READ_BYTES),
    callback: (bytes, memory) => {
      const chunk = memory.subarray(0, bytes)
      if (this.#sink === undefined) this.#early.push(chunk)
      else this.#sink.onData(chunk)
      return true
    },
  }

  begin(sink: ByteStreamSink): void {
    for (const chunk of this.#early) sink.onData(chunk)
    this.#early = []
    this.#sink = sink
  }
}

/**
 * Wraps a connected socket that was made with `allowHalfOpen`, and with `pauseOnConnect` where `start` comes later; one of
 * TLS is connected when its handshake is done. Small writes go out at once: what belongs together is written together.
 */
export function socketStream(socket: Socket, reads?: DirectReads): ByteStream {
  return new SocketStream(socket, reads)
}

class SocketStream implements ByteStream {
  readonly peer: string
  readonly peerHost: string
  readonly local: { readonly host: string; readonly port: number }
  readonly #socket: Socket
  readonly #reads: DirectReads | undefined
  #sink: ByteStreamSink | undefined
  #error: Error | undefined
  #closedEarly = false

  constructor(socket: Socket, reads: DirectReads | undefined) {
    this.#socket = socket
    this.#reads = reads
    this.peerHost = socket.remoteAddress ?? 'unknown'
    this.peer = hostAndPort(this.peerHost, socket.remotePort ?? 0)
    this.local = { host: socket.localAddress ?? 'unknown', port: socket.localPort ?? 0 }
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
    // From here on, since a socket without a listener for its errors ends the process.
    socket.on('error', error => {
      this.#error ??= error
    })
    socket.on('close', () => {
      if (this.#sink === undefined) this.#closedEarly = true
      else this.#sink.onClose(this.#error)
    })
  }

  start(sink: ByteStreamSink): void {
    invariant(this.#sink === undefined, 'a stream is started once')
    this.#sink = sink
    if (this.#closedEarly) {
      setImmediate(() => sink.onClose(this.#error))
      return
    }
    if (this.#reads === undefined) this.#socket.on('data', chunk => sink.onData(chunk))
    else this.#reads.begin(sink)
    this.#socket.on('end', () => sink.onEnd())
    // A socket that a server accepted with `pauseOnConnect` has kept what came until now.
    this.#socket.resume()
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  write(chunks: readonly Uint8Array[]): void {
    const socket = this.#socket
    if (!socket.writable || chunks.length === 0) return
    const last = chunks.length - 1
    // Corked, the socket hands all chunks to one vectored system call.
    socket.cork()
    chunks.forEach((chunk, index) => {
      if (index === last) socket.write(chunk, this.#written)
      else socket.write(chunk)
    })
    socket.uncork()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(error?: Error): void {
    this.#error ??= error
    this.#socket.destroy()
  }

  readonly #written = (error: Error | null | undefined): void => {
    if (!error && this.#socket.writableLength === 0 && !this.#socket.destroyed) this.#sink?.onDrain()
  }
}

/** An IPv6 address is put in brackets, so that its colons are not the port's. */
function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
