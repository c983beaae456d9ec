/**
 * From an address to a stream of bytes: TCP, or TLS over it. In one process a listener in memory gives the stream itself.
 * A stream that these give says in plain words why it ended, where a port without TLS was taken for one with it or the
 * other way round.
 */
import { connect, isIP, type Socket } from 'node:net'
import {
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  type ConnectionOptions as TlsOptions,
} from 'node:tls'
import {
  type ByteStream,
  type ByteStreamSink,
  type Clock,
  ConfigError,
  DirectReads,
  KafkaError,
  NetworkError,
  socketStream,
  systemClock,
} from '@samsa/runtime/internal'
import { endedDuringHandshake, tlsFailure } from './tls-failure.js'

export interface Address {
  readonly host: string
  readonly port: number
  /** Which of the host's addresses to use; left out, whichever answers. The host stays what certificates are held against. */
  readonly ip?: string | undefined
}

export interface TcpOptions {
  /** Default: 10 s. */
  readonly connectTimeoutMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/** What makes a stream to a broker; TLS and tunnels are other ways than TCP alone. */
export type Transport = (address: Address, options: TcpOptions) => Promise<ByteStream>

/** `host:port`; an IPv6 address stands in brackets. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw new KafkaError(`'${text}' is no address of a broker: write host:port, like localhost:9092 or [::1]:9092`, {
      code: 'INVALID_ADDRESS',
    })
  }
  return { host, port: Number(port) }
}

export const tcpTransport: Transport = (address, options) => connectTcp(address, options)

/** Resolves when the connection stands. The socket does not outlive a wait that ended early. */
export async function connectTcp(address: Address, options: TcpOptions = {}): Promise<ByteStream> {
  const { host, port, ip = host } = address
  const broker = nameOf(address)
  const reads = new DirectReads()
  const socket = await standing(broker, options, {
    open: () => connect({ host: ip, port, allowHalfOpen: true, onread: reads.onread }),
    event: 'connect',
    failure: () => undefined,
  })
  return new ExplainedStream(socketStream(socket, reads), explainTcp(broker))
}

/**
 * TLS with the options of node:tls. A host name is checked against the certificate and told to the broker (SNI); an
 * address is checked only. Certificates and keys are read here and now, once for all connections.
 */
export function tlsTransport(options: TlsOptions): Transport {
  const secureContext = options.secureContext ?? contextOf(options)
  return async (address, connectOptions) => {
    const broker = nameOf(address)
    const { host, port, ip = host } = address
    // Where to is not for the options to say.
    const { path: _path, socket: _socket, servername = isIP(host) === 0 ? host : undefined, ...rest } = options
    const name = servername === undefined ? {} : { servername }
    const reads = new DirectReads()
    const whole = { ...rest, ...name, secureContext, host: ip, port, allowHalfOpen: true, onread: reads.onread }
    const socket = await standing(broker, connectOptions, {
      open: () => connectTls(whole),
      event: 'secureConnect',
      failure: error => tlsFailure(broker, error) ?? (isReset(error) ? endedDuringHandshake(broker, error) : undefined),
    })
    return new ExplainedStream(socketStream(socket, reads), explainTls(broker))
  }
}

function contextOf(options: TlsOptions): SecureContext {
  try {
    return createSecureContext(options)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`the certificates or keys for TLS cannot be used: ${why}`, { cause })
  }
}

interface Opening<S extends Socket> {
  readonly open: () => S
  /** After which it stands. */
  readonly event: 'connect' | 'secureConnect'
  /** What an error before that means, where there is more to say than that no connection came about. */
  readonly failure: (error: Error) => KafkaError | undefined
}

function standing<S extends Socket>(broker: string, options: TcpOptions, opening: Opening<S>): Promise<S> {
  const { connectTimeoutMs = 10_000, clock = systemClock, signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const socket = opening.open()
    const giveUp = (error: unknown): void => {
      end()
      // What the socket has to say from here on is of no interest, but without a listener it would end the process.
      socket.on('error', () => {})
      socket.destroy()
      reject(error)
    }
    const onAbort = (): void => giveUp(signal?.reason)
    const onError = (cause: Error): void => {
      const plain = new NetworkError(`cannot connect to ${broker}: ${reasonOf(cause)}`, { broker, cause })
      giveUp(opening.failure(cause) ?? plain)
    }
    const timer = clock.timer(
      connectTimeoutMs,
      () => giveUp(new NetworkError(`cannot connect to ${broker} within ${connectTimeoutMs} ms`, { broker })),
      { name: 'connect' },
    )
    const end = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', onAbort)
      socket.removeListener('error', onError)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError)
    socket.once(opening.event, () => {
      end()
      resolve(socket)
    })
  })
}

/** What is to be said of how a stream begins and ends. */
interface Explanation {
  /** Why a broker cannot have sent this as its first bytes. */
  readonly beginning: (chunk: Uint8Array) => Error | undefined
  /** It ended after we had asked, before it answered anything. */
  readonly silence: (cause: Error | undefined) => Error
  /** It ended by this error. */
  readonly end: (error: Error) => Error
}

const TLS_ALERT = 0x15
const TLS_MAJOR_VERSION = 0x03

function explainTcp(broker: string): Explanation {
  return {
    // As the length of an answer this would be 352 MB.
    beginning: chunk =>
      chunk[0] === TLS_ALERT && chunk[1] === TLS_MAJOR_VERSION
        ? new NetworkError(`${broker} speaks TLS on this port; connect with TLS, or to a port without it`, { broker })
        : undefined,
    silence: cause => {
      const hint = 'a broker that expects TLS on this port does that'
      return new NetworkError(`${broker} closed the connection before it answered anything; ${hint}`, { broker, cause })
    },
    end: error => error,
  }
}

/** Where TLS 1.3 stands for us, the broker may still refuse our certificate: its alert ends the stream. */
function explainTls(broker: string): Explanation {
  const explain = (error: Error): Error => tlsFailure(broker, error) ?? error
  return {
    beginning: () => undefined,
    silence: cause =>
      cause === undefined
        ? new NetworkError(`${broker} closed the connection before it answered anything`, { broker })
        : explain(cause),
    end: explain,
  }
}

/** A stream that says in plain words why it ended. Once it has answered anything, it is in nobody's way. */
class ExplainedStream implements ByteStream {
  readonly peer: string
  readonly peerHost: string
  readonly local: ByteStream['local']
  readonly #stream: ByteStream
  readonly #explain: Explanation
  #asked = false
  #answered = false

  constructor(stream: ByteStream, explain: Explanation) {
    this.peer = stream.peer
    this.peerHost = stream.peerHost
    this.local = stream.local
    this.#stream = stream
    this.#explain = explain
  }

  start(sink: ByteStreamSink): void {
    const { room } = sink
    this.#stream.start({
      onData: chunk => {
        const wrong = this.#answered ? undefined : this.#explain.beginning(chunk)
        this.#answered = true
        if (wrong === undefined) sink.onData(chunk)
        else this.#stream.destroy(wrong)
      },
      ...(room === undefined ? {} : { room: () => room.call(sink) }),
      onDrain: () => sink.onDrain(),
      onEnd: () => {
        if (this.#answered || !this.#asked) sink.onEnd()
        else this.#stream.destroy(this.#explain.silence(undefined))
      },
      onClose: error => sink.onClose(error === undefined ? undefined : this.#reasonOf(error)),
    })
  }

  #reasonOf(error: Error): Error {
    if (error instanceof KafkaError) return error
    return this.#asked && !this.#answered && isReset(error) ? this.#explain.silence(error) : this.#explain.end(error)
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes
  }

  write(chunks: readonly Uint8Array[]): void {
    this.#asked = true
    this.#stream.write(chunks)
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  end(): void {
    this.#stream.end()
  }

  destroy(error?: Error): void {
    this.#stream.destroy(error)
  }
}

function nameOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** The other side, or the network, ended it without an alert. */
function isReset(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNRESET'
}

/** A name with several addresses fails with one error for each; the first says enough. */
function reasonOf(error: Error): string {
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message
  const [first] = error.errors
  return first instanceof Error ? first.message : 'no address answers'
}
