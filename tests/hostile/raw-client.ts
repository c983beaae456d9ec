/**
 * A client that is nothing but a socket: writes whatever bytes it is told, reads or does not, and ends in any way that a
 * socket can. Owner of the socket.
 */
import { connect, type Socket } from 'node:net'
import { type Api, encodeRequest, FrameSplitter } from '@samsa/protocol'

const MAX_FRAME_BYTES = 256 * 1024 * 1024

export interface Target {
  readonly host: string
  readonly port: number
}

export class RawClient {
  /** What came and was asked for: nothing is kept of it where `keep` is false. */
  readonly frames: Uint8Array[] = []
  /** As the broker names it. */
  readonly peer: string
  readonly closed: Promise<void>
  bytesRead = 0
  /** The broker ended its half, or broke the connection, before this side did. */
  wasClosed = false
  readonly #socket: Socket
  #isEnding = false
  #waiting: (() => void)[] = []

  private constructor(socket: Socket, keep: boolean) {
    this.#socket = socket
    this.peer = `${socket.localAddress}:${socket.localPort}`
    const splitter = new FrameSplitter(MAX_FRAME_BYTES)
    socket.on('data', chunk => {
      this.bytesRead += chunk.length
      if (keep) this.frames.push(...splitter.push(chunk))
      this.#look()
    })
    const over = (): void => {
      if (!this.#isEnding) this.wasClosed = true
      this.#isEnding = true
      this.#look()
    }
    socket.on('end', () => {
      over()
      socket.end()
    })
    socket.on('error', over)
    this.closed = new Promise(resolve => {
      socket.on('close', () => {
        over()
        resolve()
      })
    })
  }

  /** `paused`: it does not read until told to. `localHost`: an address of this machine to come from. */
  static open(
    { host, port }: Target,
    { paused = false, keep = true, localHost }: { paused?: boolean; keep?: boolean; localHost?: string } = {},
  ): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const from = localHost === undefined ? {} : { localAddress: localHost }
      const socket = connect({ host, port, allowHalfOpen: true, ...from })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        socket.setNoDelay(true)
        const client = new RawClient(socket, keep)
        if (paused) socket.pause()
        resolve(client)
      })
    })
  }

  /** Resolves when the system has taken the bytes, or the connection is over. */
  write(bytes: Uint8Array): Promise<void> {
    if (!this.#socket.writable) return Promise.resolve()
    return new Promise(resolve => {
      this.#socket.once('close', resolve)
      this.#socket.write(bytes, () => {
        this.#socket.off('close', resolve)
        resolve()
      })
    })
  }

  send<Request>(api: Api<Request>, version: number, request: Request, correlationId = 1): Promise<void> {
    return this.write(Buffer.concat(encodeRequest(api, request, { version, correlationId, clientId: 'raw' })))
  }

  /** Resolves when the condition holds, or the connection is over; looked at when something came. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#isEnding) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  resume(): void {
    this.#socket.resume()
  }

  pause(): void {
    this.#socket.pause()
  }

  /** Closes this side's half; the other may still come. */
  end(): void {
    this.#isEnding = true
    this.#socket.end()
  }

  /** Vanishes: the broker is told by a reset, or not before it writes. */
  reset(): void {
    // A socket that is half closed cannot be reset any more.
    if (this.#isEnding) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
    this.#isEnding = true
  }

  #look(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
