/**
 * From an address to a stream of bytes: TCP. In one process a listener in memory gives the stream itself.
 */
import { connect } from 'node:net'
import { KafkaError } from '@samsa/runtime'
import { type ByteStream, type Clock, NetworkError, socketStream, systemClock } from '@samsa/runtime/internal'

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
export function connectTcp({ host, port, ip }: Address, options: TcpOptions = {}): Promise<ByteStream> {
  const { connectTimeoutMs = 10_000, clock = systemClock, signal } = options
  const broker = `${host}:${port}`
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const socket = connect({ host: ip ?? host, port, allowHalfOpen: true })
    const giveUp = (error: unknown): void => {
      end()
      // What the socket has to say from here on is of no interest, but without a listener it would end the process.
      socket.on('error', () => {})
      socket.destroy()
      reject(error)
    }
    const onAbort = (): void => giveUp(signal?.reason)
    const onError = (cause: Error): void => {
      giveUp(new NetworkError(`cannot connect to ${broker}: ${reasonOf(cause)}`, { broker, cause }))
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
    socket.once('connect', () => {
      end()
      resolve(socketStream(socket))
    })
  })
}

/** A name with several addresses fails with one error for each; the first says enough. */
function reasonOf(error: Error): string {
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message
  const [first] = error.errors
  return first instanceof Error ? first.message : 'no address answers'
}
