/**
 * Listener: where connections come from. TCP for everyone, memory for clients in the same process. A listener owns what
 * it accepts with, not what it has accepted.
 */
import { createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { KafkaError } from '@samsa/runtime'
import { type ByteStream, memoryStreamPair, socketStream } from '@samsa/runtime/internal'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface Listener {
  readonly name: string
  /**
   * Begins to accept; after `close`, once more at the same address. Resolves with the address that clients are told in Metadata. What goes wrong after that, such as
   * too many open files, is told to `onError`; the listener goes on.
   */
  listen(accept: (stream: ByteStream) => void, onError: (error: Error) => void): Promise<Endpoint>
  /** Accepts no more; connections that were accepted live on. Harmless when it is not listening. */
  close(): Promise<void>
}

export interface TcpListenerOptions {
  /** Kafka's listener name. Default: `PLAINTEXT`. */
  readonly name?: string | undefined
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** What clients are told. Default: `host`, or this machine's name when the host stands for all addresses. */
  readonly advertisedHost?: string | undefined
  /** Default: the port that is listened on. */
  readonly advertisedPort?: number | undefined
  /** Connections that the system keeps waiting for us (`socket.listen.backlog.size`). Default: 511. */
  readonly backlog?: number | undefined
}

export class TcpListener implements Listener {
  readonly name: string
  readonly #options: TcpListenerOptions
  #server: Server | undefined
  /** The one that the system chose is kept, so that who knows the address finds it again. */
  #port: number

  constructor(options: TcpListenerOptions) {
    this.name = options.name ?? 'PLAINTEXT'
    this.#options = options
    this.#port = options.port
  }

  listen(accept: (stream: ByteStream) => void, onError: (error: Error) => void): Promise<Endpoint> {
    const { host, backlog = 511 } = this.#options
    const port = this.#port
    // Kept alive, as with Kafka: it is how a peer that is gone without a word is found while a request of it waits.
    const options = { allowHalfOpen: true, pauseOnConnect: true, keepAlive: true }
    const server = createServer(options, socket => accept(socketStream(socket)))
    this.#server = server
    return new Promise((resolve, reject) => {
      const refused = (error: Error): void => reject(listenError(error, host, port))
      server.once('error', refused)
      // Exclusive, since workers of node:cluster would else share a port whose connections then come to any of them.
      server.listen({ host, port, backlog, exclusive: true }, () => {
        server.removeListener('error', refused)
        server.on('error', onError)
        const address = server.address()
        const boundPort = typeof address === 'object' && address !== null ? address.port : port
        this.#port = boundPort
        resolve(this.#advertised(boundPort))
      })
    })
  }

  close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    // The callback would wait for every connection; that is done by who owns them.
    server?.close()
    return Promise.resolve()
  }

  #advertised(boundPort: number): Endpoint {
    const { host, advertisedHost, advertisedPort } = this.#options
    const standsForAll = host === '' || host === '0.0.0.0' || host === '::'
    return { host: advertisedHost ?? (standsForAll ? hostname() : host), port: advertisedPort ?? boundPort }
  }
}

export interface MemoryListenerOptions {
  /** Default: `MEMORY`. */
  readonly name?: string | undefined
  /** What clients are told. Default: `memory` and port 1. */
  readonly advertised?: Endpoint | undefined
}

export class MemoryListener implements Listener {
  readonly name: string
  readonly #advertised: Endpoint
  #accept: ((stream: ByteStream) => void) | undefined
  #lastPort = 0

  constructor(options: MemoryListenerOptions = {}) {
    this.name = options.name ?? 'MEMORY'
    this.#advertised = options.advertised ?? { host: 'memory', port: 1 }
  }

  listen(accept: (stream: ByteStream) => void): Promise<Endpoint> {
    this.#accept = accept
    return Promise.resolve(this.#advertised)
  }

  close(): Promise<void> {
    this.#accept = undefined
    return Promise.resolve()
  }

  /** The client's half of a new connection. `host` is who the server takes it for. */
  connect(host: string = 'memory'): ByteStream {
    if (this.#accept === undefined) {
      throw new KafkaError('nothing listens in memory: start the broker before connecting to it', {
        code: 'CONNECTION_REFUSED',
        retriable: true,
      })
    }
    this.#lastPort++
    const [client, server] = memoryStreamPair({ host, port: this.#lastPort }, this.#advertised)
    this.#accept(server)
    return client
  }
}

const reasons: Readonly<Record<string, { readonly code: string; readonly why: string }>> = {
  EADDRINUSE: { code: 'ADDRESS_IN_USE', why: 'another program uses that port; stop it, or choose another port' },
  EACCES: { code: 'ADDRESS_NOT_ALLOWED', why: 'the system does not allow it; choose a port above 1023' },
  EADDRNOTAVAIL: { code: 'ADDRESS_NOT_AVAILABLE', why: 'this machine does not have that address' },
  ENOTFOUND: { code: 'ADDRESS_NOT_AVAILABLE', why: 'no address is known for that name' },
}

function listenError(error: Error, host: string, port: number): KafkaError {
  const systemCode = 'code' in error ? String(error.code) : ''
  const { code, why } = reasons[systemCode] ?? { code: 'CANNOT_LISTEN', why: error.message }
  return new KafkaError(`cannot listen on ${host}:${port}: ${why}`, { code, fatal: true, cause: error })
}
