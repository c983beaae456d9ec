/**
 * Brokers that do what a test says, over streams in memory: which addresses answer, which versions they speak, what they
 * say to which request. Keeps what it was asked. What a test does not say, a peer answers as a broker would that has
 * nothing.
 */
import {
  type Api,
  type ApiInfo,
  apiByKey,
  apiVersions,
  type Decoded,
  decodeRequest,
  encodeResponse,
  FrameSplitter,
  type IncomingRequest,
  metadata,
  openRequest,
} from '@samsa/protocol'
import { ManualClock, NetworkError, SeededRandom } from '@samsa/runtime'
import { type ByteStream, memoryStreamPair } from '@samsa/runtime/internal'
import type { ClientOptions } from './client-options.js'
import type { Resolver } from './name-resolution.js'
import type { Transport } from './transport.js'

export interface Asked {
  /** `host:port` of the peer. */
  readonly at: string
  /** The how-manieth connection of all it came on, from 1. */
  readonly connection: number
  readonly api: string
  readonly version: number
}

type Answer = (request: never, asked: Asked) => object | undefined

export class TestPeers {
  /** A call may take a connection, a negotiation and several questions before time goes on. */
  readonly clock: ManualClock = new ManualClock({ settleTurns: 30 })
  /** Addresses that were connected to, `host:port`, with the address of DNS behind it where that is another. */
  readonly connects: string[] = []
  readonly asked: Asked[] = []
  /** Addresses that nobody listens on. */
  readonly refusing: Set<string> = new Set()
  /** Addresses that never say whether somebody listens. */
  readonly silent: Set<string> = new Set()
  /** Every address of a name; names that are not here have themselves. */
  readonly names: Map<string, readonly string[]> = new Map()
  /** The peers' ends of all connections, in order; those that were destroyed too. */
  readonly streams: ByteStream[] = []
  readonly resolved: string[] = []
  /** What peers speak where it is not what we speak. */
  readonly ranges: Map<number, readonly [min: number, max: number]> = new Map()
  /** Highest version of ApiVersions that is understood. */
  newestApiVersions = 4
  readonly #answers = new Map<number, Answer>()

  readonly transport: Transport = async ({ host, port, ip }, { connectTimeoutMs = Infinity, signal }) => {
    const at = `${host}:${port}`
    this.connects.push(ip === undefined || ip === host ? at : `${at} ${ip}`)
    if (this.silent.has(at)) {
      await this.clock.sleep(connectTimeoutMs, { signal })
      throw new NetworkError(`cannot connect to ${at} within ${connectTimeoutMs} ms`)
    }
    if (this.refusing.has(at)) throw new NetworkError(`cannot connect to ${at}: nobody listens`)
    return this.#accept(host, port)
  }

  readonly resolver: Resolver = {
    addresses: async host => {
      this.resolved.push(host)
      return this.names.get(host) ?? [host]
    },
    canonicalName: async address => `canonical-${address}`,
  }

  get options(): ClientOptions {
    const { clock, transport, resolver } = this
    return { bootstrapServers: ['boot:1'], clock, transport, resolver, random: new SeededRandom(1), clientId: 'tests' }
  }

  /** What to answer to an API; undefined for nothing. */
  on<Request, Response extends object>(
    api: Api<Request, Response>,
    answer: (request: Decoded<Request>, asked: Asked) => Response | undefined,
  ): void {
    this.#answers.set(api.key, answer)
  }

  /** Metadata with these brokers, `n1:9092` for id 1 and so on, and topics that each of them leads in turn. */
  serve(nodeIds: readonly number[], topics: Readonly<Record<string, number>> = {}): void {
    this.on(metadata, ({ topics: names }) => ({
      brokers: nodeIds.map(nodeId => ({ nodeId, host: `n${nodeId}`, port: 9092 })),
      controllerId: nodeIds.at(-1) ?? -1,
      topics: (names ?? []).map(({ name }) => ({
        name,
        errorCode: topics[name ?? ''] === undefined ? 3 : 0,
        partitions: Array.from({ length: topics[name ?? ''] ?? 0 }, (_, partitionIndex) => ({
          partitionIndex,
          errorCode: 0,
          leaderId: nodeIds[partitionIndex % nodeIds.length] ?? -1,
          replicaNodes: nodeIds,
          isrNodes: nodeIds,
        })),
      })),
    }))
  }

  /** Requests other than for versions, as `api@host:port`. */
  get calls(): readonly string[] {
    return this.asked.filter(({ api }) => api !== 'ApiVersions').map(({ api, at }) => `${api}@${at}`)
  }

  #accept(host: string, port: number): ByteStream {
    const [client, server] = memoryStreamPair({ host: 'client', port: 1 }, { host, port })
    const connection = this.streams.push(server)
    const splitter = new FrameSplitter(1_000_000)
    server.start({
      onData: chunk => {
        for (const frame of splitter.push(chunk)) this.#serve(server, openRequest(frame), `${host}:${port}`, connection)
      },
      onDrain: () => {},
      onEnd: () => server.destroy(),
      onClose: () => {},
    })
    return client
  }

  #serve(server: ByteStream, { api, header, body }: IncomingRequest, at: string, connection: number): void {
    const { apiVersion: version, correlationId } = header
    const asked = { at, connection, api: api.name, version }
    this.asked.push(asked)
    const isTooNew = api.key === apiVersions.key && version > this.newestApiVersions
    if (isTooNew) {
      server.write(encodeResponse(apiVersions, this.#refusal(), { version: 0, correlationId }))
      return
    }
    const answer = this.#answers.get(api.key) ?? (api.key === apiVersions.key ? () => this.#versions() : undefined)
    const request = decodeRequest(api, version, body)
    // The answer was registered with the API whose request this is.
    const response = answer?.(request as never, asked)
    if (response !== undefined) server.write(encodeResponse(api, response, { version, correlationId }))
  }

  #versions(): object {
    const apis = Array.from({ length: 93 }, (_, key) => apiByKey(key)).filter(api => api !== undefined)
    return { errorCode: 0, apiKeys: apis.map(api => this.#rangeOf(api)) }
  }

  #refusal() {
    return { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: this.newestApiVersions }] }
  }

  #rangeOf({ key, versions }: ApiInfo) {
    const [minVersion, maxVersion] = this.ranges.get(key) ?? [versions.min, versions.latestStable]
    return { apiKey: key, minVersion, maxVersion }
  }
}
