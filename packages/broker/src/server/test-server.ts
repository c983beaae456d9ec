/**
 * A server with handlers whose answers the test gives, and clients of nothing but bytes.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import {
  type Api,
  type Decoded,
  decodeResponse,
  encodeRequest,
  FrameSplitter,
  heartbeat,
  produce,
  syncGroup,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import {
  type ByteStream,
  type ByteStreamSink,
  type Logger,
  ManualClock,
  silentLogger,
  socketStream,
} from '@samsa/runtime/internal'
import { apiVersionsHandler } from '../handlers/18-api-versions.js'
import { BrokerServer, defaultServerLimits, type ServerLimits } from './broker-server.js'
import { type Handler, NO_RESPONSE, type RequestContext } from './context.js'
import { type Listener, MemoryListener, TcpListener } from './listener.js'
import { Router } from './router.js'

/** A client of nothing but bytes: writes frames, keeps what comes. */
export class Peer {
  readonly stream: ByteStream
  readonly frames: Uint8Array[] = []
  closed = false
  bytes = 0
  #ended = false
  #splitter = new FrameSplitter(64 * 1024 * 1024)
  #waiting: { condition: () => boolean; resolve: () => void }[] = []
  #lastCorrelation = 0

  constructor(stream: ByteStream) {
    this.stream = stream
    stream.start({
      onData: chunk => {
        this.bytes += chunk.length
        this.frames.push(...this.#splitter.push(chunk))
        this.#look()
      },
      onDrain: () => {},
      onEnd: () => {
        this.#ended = true
        this.#look()
        stream.end()
      },
      onClose: () => {
        this.closed = true
        this.#look()
      },
    })
  }

  send<Request>(api: Api<Request>, version: number, request: Request): number {
    const correlationId = ++this.#lastCorrelation
    this.stream.write(encodeRequest(api, request, { version, correlationId, clientId: 'peer' }))
    return correlationId
  }

  async answer<Response>(api: Api<unknown, Response>, version: number, index: number) {
    await this.until(() => this.frames.length > index)
    return decodeResponse(api, version, this.frames[index] ?? new Uint8Array(0))
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ condition, resolve }))
  }

  /** The server has ended or closed. */
  over(): Promise<void> {
    return this.until(() => this.#ended || this.closed)
  }

  #look(): void {
    for (const each of this.#waiting) if (each.condition()) each.resolve()
  }
}

/** A client that is always behind by the same number of bytes. */
export class LaggingStream implements ByteStream {
  readonly peer = 'lagging:1'
  readonly peerHost = 'lagging'
  readonly local = { host: 'server', port: 1 }
  readonly #lagBytes: number
  #sink: ByteStreamSink | undefined
  #written = 0
  writes = 0

  constructor(lagBytes: number) {
    this.#lagBytes = lagBytes
  }

  get bufferedBytes(): number {
    return Math.min(this.#written, this.#lagBytes)
  }

  start(sink: ByteStreamSink): void {
    this.#sink = sink
  }

  request<Request>(api: Api<Request>, version: number, request: Request): void {
    const options = { version, correlationId: 1, clientId: null }
    this.#sink?.onData(Buffer.concat(encodeRequest(api, request, options)))
  }

  write(chunks: readonly Uint8Array[]): void {
    for (const { length } of chunks) this.#written += length
    this.writes++
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

/** A handler whose answers the test gives, by group id. */
export class Controlled {
  readonly begun: string[] = []
  readonly contexts: RequestContext[] = []
  /** Whose answers have left. */
  readonly sent: string[] = []
  readonly #resolves = new Map<string, (outcome: never) => void>()
  readonly #rejects = new Map<string, (error: unknown) => void>()

  wait<T>(name: string, context: RequestContext): Promise<T> {
    this.begun.push(name)
    this.contexts.push(context)
    return new Promise<T>((resolve, reject) => {
      this.#resolves.set(name, resolve as (outcome: never) => void)
      this.#rejects.set(name, reject)
    })
  }

  resolve(name: string, outcome: unknown): void {
    this.#resolves.get(name)?.(outcome as never)
  }

  reject(name: string, error: unknown): void {
    this.#rejects.get(name)?.(error)
  }
}

export type Line = { level: string; fields: Record<string, unknown>; message: string }

function linesOf(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = []
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields: { ...fields }, message })
    }
  return { logger: { ...silentLogger, warn: at('warn'), error: at('error') }, lines }
}

/** Heartbeat echoes its generation at once, or fails as its group says; Produce and SyncGroup wait for the test. */
function handlersOf(controlled: Controlled): Handler[] {
  const echo: Handler<Decoded<object>, { errorCode: number }> = {
    api: heartbeat as Api<unknown, { errorCode: number }>,
    versions: { min: 0, max: 4 },
    handle: (_context, request) => {
      const { groupId, generationId } = request as unknown as { groupId: string; generationId: number }
      if (groupId === 'bug') throw new TypeError('a bug')
      if (groupId === 'refused') throw new KafkaError('no such group', { code: 'GROUP_ID_NOT_FOUND' })
      if (groupId === 'unencodable') return { errorCode: 1e6 }
      return { errorCode: generationId & 0x7fff }
    },
    failure: (_context, _request, error) => (error instanceof KafkaError ? { errorCode: 69 } : undefined),
  }
  const slow: Handler = {
    api: syncGroup,
    versions: { min: 0, max: 5 },
    handle: (context, request) => controlled.wait((request as { groupId: string }).groupId, context),
  }
  const overlapping: Handler = {
    api: produce,
    versions: { min: 3, max: 13 },
    overlaps: true,
    handle: (context, request) => {
      const { transactionalId, acks } = request as { transactionalId: string; acks: number }
      context.onSent(() => controlled.sent.push(transactionalId))
      if (acks === 0) {
        controlled.begun.push(transactionalId)
        return NO_RESPONSE
      }
      return controlled.wait(transactionalId, context)
    },
  }
  return [echo, slow, overlapping]
}

const servers: BrokerServer[] = []

/** For the end of every test. */
export async function stopServers(): Promise<void> {
  for (const server of servers.splice(0)) await server.stop({ deadlineMs: 0 })
}

export async function serve(limits: Partial<ServerLimits> = {}, clock = new ManualClock()) {
  const controlled = new Controlled()
  const { logger, lines } = linesOf()
  const memory = new MemoryListener()
  const tcp = new TcpListener({ host: '127.0.0.1', port: 0 })
  let accept = (_stream: ByteStream): void => {}
  const byHand: Listener = {
    name: 'BY_HAND',
    listen: async take => {
      accept = take
      return { host: 'byhand', port: 1 }
    },
    close: async () => {},
  }
  const others = handlersOf(controlled)
  const versions = apiVersionsHandler({
    handlers: others,
    supportedFeatures: [],
    finalizedFeatures: () => ({ epoch: 0n, levels: new Map() }),
  })
  const server = new BrokerServer({
    listeners: [memory, tcp, byHand],
    router: new Router([...others, versions], logger),
    clock,
    logger,
    limits: { ...defaultServerLimits, ...limits },
  })
  await server.start()
  servers.push(server)
  const transports = {
    memory: async (host?: string) => new Peer(memory.connect(host)),
    tcp: async () => {
      const socket = connect({
        host: '127.0.0.1',
        port: server.endpoints.get('PLAINTEXT')?.port ?? 0,
        allowHalfOpen: true,
      })
      await once(socket, 'connect')
      return new Peer(socketStream(socket))
    },
  }
  const settled = async (condition: () => boolean): Promise<void> => {
    for (let turn = 0; turn < 100_000 && !condition(); turn++) await new Promise(resolve => setImmediate(resolve))
    if (!condition()) throw new Error('what was waited for has not come')
  }
  return { server, controlled, lines, clock, open: transports.memory, transports, settled, accept }
}

export const beat = (generationId: number, groupId = 'g') => ({ groupId, generationId, memberId: 'm' })
export const sync = (groupId: string) => ({ groupId, generationId: 1, memberId: 'm', assignments: [] })
export const batch = (transactionalId: string, acks = -1) => ({ transactionalId, acks, timeoutMs: 1000, topicData: [] })
export const produced = { responses: [] }
