/**
 * A cluster for tests of the consumer: its links keep the fetches that were sent until the test answers them, lookups are
 * answered at once from what the test has set, and time stands still until the test moves it.
 */
import type { BrokerLink, CallOptions, LinkUse, TopicInfo } from '@samsa/client/internal'
import {
  type Api,
  type ApiInfo,
  BatchBuilder,
  type BatchClosing,
  type Decoded,
  errorByName,
  type FetchRequest,
  type FetchResponse,
  type FetchResponsePartition,
  fetch,
  type ListOffsetsRequest,
  listOffsets,
  type OffsetForLeaderEpochRequest,
  offsetForLeaderEpoch,
  type Uuid,
} from '@samsa/protocol'
import {
  type Clock,
  KafkaError,
  ManualClock,
  NetworkError,
  SeededRandom,
  silentLogger,
  TimeoutError,
} from '@samsa/runtime'
import type { ConsumerCluster } from './cluster.js'
import { Consumer } from './consumer.js'
import type { ConsumerOptions } from './consumer-options.js'

export interface PartAnswer extends Partial<FetchResponsePartition> {
  readonly error?: string
}

/** `t-0@5` for a partition of topic t from offset 5 on. */
type Asked = string

/** A fetch that was sent and is not answered. */
export class SentFetch {
  readonly body: FetchRequest
  readonly version: number
  readonly #nameOf: (id: Uuid | undefined) => string
  readonly #resolve: (response: Decoded<FetchResponse>) => void
  readonly #reject: (error: unknown) => void

  constructor(
    body: FetchRequest,
    version: number,
    parts: {
      nameOf: (id: Uuid | undefined) => string
      resolve: (response: Decoded<FetchResponse>) => void
      reject: (error: unknown) => void
    },
  ) {
    this.body = body
    this.version = version
    this.#nameOf = parts.nameOf
    this.#resolve = parts.resolve
    this.#reject = parts.reject
  }

  /** What is new in the request, as `t-0@5`. */
  get asked(): Asked[] {
    return this.body.topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map(({ partition, fetchOffset }) => `${topic ?? this.#nameOf(topicId)}-${partition}@${fetchOffset}`),
    )
  }

  /** What is taken out of the session. */
  get forgotten(): string[] {
    return (this.body.forgottenTopicsData ?? []).flatMap(({ topic, topicId, partitions }) =>
      partitions.map(partition => `${topic ?? this.#nameOf(topicId)}-${partition}`),
    )
  }

  /** Answers these partitions of topic t, and makes or keeps a session. */
  answer(parts: Readonly<Record<number, PartAnswer>> = {}, top: Partial<FetchResponse> = {}): void {
    const partitions = Object.entries(parts).map(([index, part]) => partitionAnswer(Number(index), part))
    const responses =
      partitions.length === 0 ? [] : [{ topic: 't', topicId: TOPIC_ID, partitions, unknownTags: undefined }]
    // What the fetcher reads of a decoded response is here.
    this.#resolve({
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 77,
      nodeEndpoints: [],
      responses,
      ...top,
    } as unknown as Decoded<FetchResponse>)
  }

  lose(): void {
    this.#reject(new NetworkError('the connection broke'))
  }
}

const FINAL_EPOCH = -1
const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

function partitionAnswer(partitionIndex: number, { error = 'NONE', ...rest }: PartAnswer): object {
  const errorCode = errorByName(error)?.code
  if (errorCode === undefined) throw new Error(`${error} is no error of Kafka's`)
  return {
    partitionIndex,
    errorCode,
    highWatermark: 1000n,
    lastStableOffset: 1000n,
    logStartOffset: 0n,
    abortedTransactions: [],
    preferredReadReplica: -1,
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    divergingEpoch: { epoch: -1, endOffset: -1n },
    records: null,
    ...rest,
  }
}

/** A batch with those values, from `baseOffset` on. */
export function batchOf(baseOffset: number, values: readonly string[], close: BatchClosing = {}): Buffer {
  const builder = new BatchBuilder({})
  for (const [index, value] of values.entries()) builder.append(1000 + index, `k${index}`, value, [])
  return builder.close({ baseOffset, leaderEpoch: 0, ...close })
}

export class TestLink implements BrokerLink {
  readonly nodeId: number
  readonly broker: string
  isReady = true
  failure: KafkaError | undefined
  readonly bufferedBytes = 0
  wakes = 0
  /** The newest version of Fetch that the broker has. */
  newest = 16
  readonly sent: SentFetch[] = []
  /** Ids of sessions that were closed; that is answered at once unless it is to be held. */
  readonly closedSessions: number[] = []
  holdsFarewell = false
  readonly #nameOf: (id: Uuid | undefined) => string
  readonly #clock: Clock

  constructor(nodeId: number, nameOf: (id: Uuid | undefined) => string, clock: Clock) {
    this.nodeId = nodeId
    this.#clock = clock
    this.broker = `broker-${nodeId}:9092`
    this.#nameOf = nameOf
  }

  get inFlight(): number {
    return this.sent.length
  }

  wake(): void {
    this.wakes++
  }

  version(_api: ApiInfo, atMost = Number.POSITIVE_INFINITY): number {
    return Math.min(this.newest, atMost)
  }

  request<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    body: Request,
    options: { readonly timeoutMs?: number | undefined } = {},
  ): Promise<Decoded<Response>> {
    if (api.key !== fetch.key) throw new Error(`${api.name} is not answered here`)
    // Only Fetch goes over this link.
    const { sessionId = 0, sessionEpoch } = body as unknown as FetchRequest
    // Without a session it is a fetch that wants none.
    if (sessionId !== 0 && sessionEpoch === FINAL_EPOCH) {
      this.closedSessions.push(sessionId)
      return this.#farewell(options) as Promise<Decoded<Response>>
    }
    const answered = new Promise<Decoded<FetchResponse>>((resolve, reject) => {
      const parts = { nameOf: this.#nameOf, resolve, reject }
      this.sent.push(new SentFetch(body as unknown as FetchRequest, version, parts))
    })
    return answered as unknown as Promise<Decoded<Response>>
  }

  async #farewell({ timeoutMs = 0 }: { readonly timeoutMs?: number | undefined }): Promise<unknown> {
    if (!this.holdsFarewell) return {}
    await this.#clock.sleep(timeoutMs)
    throw new TimeoutError('no answer')
  }

  send(): void {
    throw new Error('a consumer sends nothing without an answer')
  }

  feature(): number {
    return 0
  }
}

export class TestCluster implements ConsumerCluster {
  readonly clientId = 'test'
  readonly clock = new ManualClock()
  readonly random = new SeededRandom(1)
  readonly logger = silentLogger
  readonly refreshes: string[] = []
  /** Of ListOffsets, by `t-0@timestamp`; without one, earliest is 0 and latest 1000. */
  readonly offsets = new Map<string, number | string>()
  /** Of OffsetForLeaderEpoch, by `t-0`: the epoch found and its end, or an error. */
  readonly epochEnds = new Map<string, readonly [epoch: number, endOffset: number] | string>()
  /** What was asked of which node: `ListOffsets 1 t-0@-2`. */
  readonly lookups: string[] = []
  nodes: readonly { id: number; host: string; port: number; rack: string | undefined }[] = [1, 2, 3].map(id => ({
    id,
    host: 'test',
    port: id,
    rack: undefined,
  }))
  topicId: Uuid = TOPIC_ID
  /** Lookups are answered when it has resolved. */
  gate: Promise<void> = Promise.resolve()
  isClosed = false
  readonly #topics = new Map<string, TopicInfo>()
  readonly #refused = new Map<string, KafkaError>()
  readonly #links = new Map<number, TestLink>()
  /** Those for fetches beside the one that waits. */
  readonly #linksBeside = new Map<number, TestLink>()
  /** Those for what is neither. */
  readonly #otherLinks = new Map<number, TestLink>()
  readonly #callbacks = new Set<() => void>()

  readonly metadata: ConsumerCluster['metadata']

  constructor(leaders: readonly number[] = [1]) {
    const cluster = this
    this.metadata = {
      get nodes() {
        return cluster.nodes
      },
      topic: name => this.#topics.get(name),
      topicOf: (name, options) => this.#topicOf(name, options?.timeoutMs ?? 60_000),
      refresh: reason => void this.refreshes.push(reason),
      applyLeader: (topic, partition, { leaderId, leaderEpoch }) => this.lead(partition, leaderId, leaderEpoch, topic),
    }
    this.topic(leaders)
  }

  /** Makes the topic t known. Partition p is led by the node `leaders[p]`, under epoch 0. */
  topic(leaders: readonly number[]): void {
    const partitions = leaders.map((leader, partition) => ({
      partition,
      leader,
      leaderEpoch: 0,
      replicas: [leader],
      isr: [leader],
      offlineReplicas: [],
    }))
    this.#topics.set('t', { name: 't', id: this.topicId, isInternal: false, partitions })
    this.changed()
  }

  refuseTopic(name: string, error: KafkaError): void {
    this.#refused.set(name, error)
  }

  lead(partition: number, leader: number, leaderEpoch: number, name = 't'): void {
    const topic = this.#topics.get(name)
    if (topic === undefined) return
    const partitions = topic.partitions.map(each =>
      each.partition === partition ? { ...each, leader, leaderEpoch } : each,
    )
    this.#topics.set(name, { ...topic, partitions })
    this.changed()
  }

  changed(): void {
    for (const callback of this.#callbacks) callback()
  }

  link(nodeId: number, use: LinkUse = 'fetch'): TestLink {
    const others = use === 'fetch beside' ? this.#linksBeside : this.#otherLinks
    const links = use === 'fetch' ? this.#links : others
    const link = links.get(nodeId) ?? new TestLink(nodeId, () => 't', this.clock)
    links.set(nodeId, link)
    return link
  }

  onChange(callback: () => void): () => void {
    this.#callbacks.add(callback)
    return () => this.#callbacks.delete(callback)
  }

  async call<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    request: Request | ((version: number, link: BrokerLink) => Request),
    options: CallOptions<Response> = {},
  ): Promise<Decoded<Response>> {
    const to = Number(options.to)
    const link = this.link(to)
    const body: unknown = typeof request === 'function' ? request(4, link) : request
    await this.gate
    if (!link.isReady) throw new NetworkError('not connected')
    // Which of the two it is, the key says.
    if (api.key === listOffsets.key) return this.#listOffsets(body as ListOffsetsRequest, to) as Decoded<Response>
    if (api.key === offsetForLeaderEpoch.key) {
      return this.#epochEnds(body as OffsetForLeaderEpochRequest, to) as Decoded<Response>
    }
    throw new Error(`${api.name} is not answered here`)
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  consumer<Key, Value>(options: Partial<ConsumerOptions<Key, Value>> = {}): Consumer<Key, Value> {
    return new Consumer({ bootstrapServers: 'test:1', ...options } as ConsumerOptions<Key, Value>, { cluster: this })
  }

  /** Everything that can happen without time passing has happened. */
  settle(): Promise<void> {
    return this.clock.settle()
  }

  advance(durationMs: number): Promise<void> {
    return this.clock.advance(durationMs)
  }

  /** Takes the unanswered fetch of the node out; fails where there is none. */
  next(node = 1, use: LinkUse = 'fetch'): SentFetch {
    const request = this.link(node, use).sent.shift()
    if (request === undefined) throw new Error(`nothing was sent to node ${node}`)
    return request
  }

  /** How many fetches wait at the node. */
  waiting(node = 1, use: LinkUse = 'fetch'): number {
    return this.link(node, use).sent.length
  }

  #topicOf(name: string, timeoutMs: number): Promise<TopicInfo> {
    const known = this.#topics.get(name)
    if (known !== undefined) return Promise.resolve(known)
    const refused = this.#refused.get(name)
    if (refused !== undefined) return Promise.reject(refused)
    return new Promise((_, reject) => {
      this.clock.timer(timeoutMs, () => reject(new TimeoutError('the topic is not there')))
    })
  }

  #listOffsets({ topics }: ListOffsetsRequest, node: number): object {
    return {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => {
          const question = `${name}-${partitionIndex}@${timestamp}`
          this.lookups.push(`ListOffsets ${node} ${question}`)
          const found = this.offsets.get(question) ?? (timestamp === -2n ? 0 : 1000)
          const errorCode = typeof found === 'string' ? errorByName(found)?.code : 0
          const offset = typeof found === 'string' ? -1 : found
          return { partitionIndex, errorCode, offset: BigInt(offset), timestamp: -1n, leaderEpoch: -1 }
        }),
      })),
    }
  }

  #epochEnds({ topics }: OffsetForLeaderEpochRequest, node: number): object {
    return {
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, leaderEpoch: asked }) => {
          this.lookups.push(`OffsetForLeaderEpoch ${node} ${topic}-${partition}@${asked}`)
          const found = this.epochEnds.get(`${topic}-${partition}`) ?? [asked, 1000]
          if (typeof found === 'string')
            return { partition, errorCode: errorByName(found)?.code, leaderEpoch: -1, endOffset: -1n }
          return { partition, errorCode: 0, leaderEpoch: found[0], endOffset: BigInt(found[1]) }
        }),
      })),
    }
  }
}

/** For what is thrown to be looked at. */
export async function errorOfPromise(promise: Promise<unknown>): Promise<KafkaError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (outcome instanceof KafkaError) return outcome
  throw new Error(`a KafkaError was expected, not ${String(outcome)}`)
}
