/**
 * Peer: one connection to a broker that takes any bytes and gives back frames, one answer at a time, or tells that the
 * broker closed. Unlike the client's connection it does not mind what it sends.
 */
import { connect, type Socket } from 'node:net'
import { type Api, type Decoded, decodeResponse, encodeRequest, FrameSplitter } from '@samsa/protocol'

const LARGEST_ANSWER = 64 * 1024 * 1024
const ANSWER_DEADLINE_MS = 30_000

export const CLOSED: unique symbol = Symbol('the broker closed the connection')

export type Outcome = Uint8Array | typeof CLOSED

export class Peer {
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(LARGEST_ANSWER)
  readonly #frames: Uint8Array[] = []
  #isClosed = false
  #wake: (() => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', chunk => {
      this.#frames.push(...this.#splitter.push(chunk))
      this.#wake?.()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isClosed = true
      this.#wake?.()
    })
  }

  static connect(address: string): Promise<Peer> {
    const [host = '', port = ''] = address.split(':')
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(port) })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Peer(socket)))
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  send(frame: Uint8Array): void {
    this.#socket.write(frame)
  }

  /** The next frame. Rejects when none comes for so long that none will. */
  async next(): Promise<Outcome> {
    const frame = this.#frames.shift()
    if (frame !== undefined) return frame
    if (this.#isClosed) return CLOSED
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('there is no answer')), ANSWER_DEADLINE_MS)
      this.#wake = () => {
        clearTimeout(deadline)
        resolve()
      }
    })
    this.#wake = undefined
    return this.next()
  }

  /** A request whose answer is needed. */
  async ask<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    this.send(Buffer.concat(encodeRequest(api, request, { version, correlationId: 1, clientId: null })))
    const outcome = await this.next()
    if (outcome === CLOSED) throw new Error(`the broker closed the connection upon ${api.name}`)
    return decodeResponse(api, version, outcome).body
  }

  close(): void {
    this.#socket.destroy()
  }
}
