/**
 * One socket to a broker for tests: sends a request, waits for its answer. One request at a time, no retries: tests of
 * the protocol want to see what came.
 */
import { connect, type Socket } from 'node:net'
import { type Api, type Decoded, decodeResponse, encodeRequest, FrameSplitter } from '@samsa/protocol'

const MAX_FRAME_BYTES = 64 * 1024 * 1024
const ANSWER_TIMEOUT_MS = 20_000

export class RawConnection {
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(MAX_FRAME_BYTES)
  #correlationId = 0
  #waiting: { resolve(frame: Uint8Array): void; reject(error: Error): void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', chunk => {
      for (const frame of this.#splitter.push(chunk)) this.#waiting?.resolve(frame)
    })
    const fail = (error: Error): void => this.#waiting?.reject(error)
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the broker closed the connection')))
    socket.on('timeout', () => socket.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)))
  }

  static open(address: string): Promise<RawConnection> {
    const separator = address.lastIndexOf(':')
    const socket = connect({
      host: address.slice(0, separator),
      port: Number(address.slice(separator + 1)),
      timeout: ANSWER_TIMEOUT_MS,
    })
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(new RawConnection(socket)))
      socket.once('error', reject)
    })
  }

  async request<Request, Response>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    const correlationId = this.#correlationId++
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
    for (const chunk of encodeRequest(api, request, { version, correlationId, clientId: 'samsa-tests' }))
      this.#socket.write(chunk)
    const { header, body } = decodeResponse(api, version, await answer)
    if (header.correlationId !== correlationId)
      throw new Error(`answer ${header.correlationId} to request ${correlationId}`)
    return body
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }
}
