/**
 * A cluster for tests of the producer: its links keep what was sent until the test answers it, and time stands still until
 * the test moves it.
 */
import type { BrokerLink, TopicInfo } from '@samsa/client/internal'
import {
  type Api,
  type ApiInfo,
  type Decoded,
  errorByName,
  initProducerId,
  type ProduceRequest,
  type ProduceResponse,
  type ProduceResponsePartitionResponse,
  RecordBatch,
  ZERO_UUID,
} from '@samsa/protocol'
import { type KafkaError, ManualClock, NetworkError, SeededRandom, silentLogger, TimeoutError } from '@samsa/runtime'
import type { ProducerCluster } from './cluster.js'
import { Producer } from './producer.js'
import type { ProducerOptions } from './producer-options.js'

export interface SentPart {
  readonly topic: string
  readonly partition: number
  readonly values: readonly (string | null)[]
  /** `epoch:sequence`, or `-` without idempotence. */
  readonly stamp: string
  readonly bytes: Buffer
}

type PartAnswer = Partial<ProduceResponsePartitionResponse> & { readonly error?: string }

/** A Produce request that was sent and is not answered. */
export class SentRequest {
  readonly node: number
  readonly body: ProduceRequest
  readonly parts: readonly SentPart[]
  readonly #resolve: (response: Decoded<ProduceResponse>) => void
  readonly #reject: (error: unknown) => void

  constructor(
    node: number,
    body: ProduceRequest,
    settle: { resolve: (response: Decoded<ProduceResponse>) => void; reject: (error: unknown) => void },
  ) {
    this.node = node
    this.body = body
    this.parts = partsOf(body)
    this.#resolve = settle.resolve
    this.#reject = settle.reject
  }

  /** Answers every partition alike, or each as the function says. */
  answer(how: PartAnswer | ((part: SentPart) => PartAnswer) = {}): void {
    const responses = this.body.topicData.map(({ name = '', topicId = ZERO_UUID, partitionData }) => ({
      name,
      topicId,
      unknownTags: undefined,
      partitionResponses: partitionData.map(({ index }) => {
        const part = this.parts.find(each => each.topic === name && each.partition === index)
        if (part === undefined) throw new Error('no such part')
        return partitionResponse(index, typeof how === 'function' ? how(part) : how)
      }),
    }))
    // What the sender reads of a decoded response is here.
    this.#resolve({
      responses,
      throttleTimeMs: 0,
      nodeEndpoints: [],
      unknownTags: undefined,
    } as unknown as Decoded<ProduceResponse>)
  }

  lose(error: KafkaError = new NetworkError('the connection broke')): void {
    this.#reject(error)
  }
}

export class TestLink implements BrokerLink {
  readonly nodeId: number
  readonly broker: string
  isReady = true
  failure: KafkaError | undefined
  bufferedBytes = 0
  wakes = 0
  produceVersion = 12
  readonly sent: SentRequest[] = []
  inFlight = 0

  constructor(nodeId: number) {
    this.nodeId = nodeId
    this.broker = `broker-${nodeId}:9092`
  }

  wake(): void {
    this.wakes++
  }

  version(_api: ApiInfo, _atMost?: number): number {
    return this.produceVersion
  }

  request<Request extends object, Response extends object>(
    _api: Api<Request, Response>,
    _version: number,
    body: Request,
  ): Promise<Decoded<Response>> {
    this.inFlight++
    const answered = new Promise<Decoded<ProduceResponse>>((resolve, reject) => {
      // Only Produce goes over this link.
      this.sent.push(new SentRequest(this.nodeId, body as unknown as ProduceRequest, { resolve, reject }))
    }).finally(() => {
      this.inFlight--
    })
    return answered as unknown as Promise<Decoded<Response>>
  }

  send<Request extends object>(_api: Api<Request>, _version: number, body: Request): void {
    const settle = { resolve: () => {}, reject: () => {} }
    this.sent.push(new SentRequest(this.nodeId, body as unknown as ProduceRequest, settle))
  }

  feature(): number {
    return 0
  }
}

export class TestCluster implements ProducerCluster {
  readonly clientId = 'test'
  readonly clock = new ManualClock()
  readonly random = new SeededRandom(1)
  readonly logger = silentLogger
  readonly refreshes: string[] = []
  /** Topics that were asked for because nothing was known of them. */
  readonly lookUps: string[] = []
  readonly identities: number[] = []
  /** Set it to refuse a producer id. */
  identityError: KafkaError | undefined
  isClosed = false
  readonly #topics = new Map<string, TopicInfo>()
  readonly #wanted = new Map<string, ((topic: TopicInfo) => void)[]>()
  readonly #refused = new Map<string, KafkaError>()
  readonly #links = new Map<number, TestLink>()
  readonly #callbacks = new Set<() => void>()

  readonly metadata: ProducerCluster['metadata'] = {
    topic: name => this.#topics.get(name),
    topicOf: (name, options) => this.#topicOf(name, options?.timeoutMs ?? 60_000),
    refresh: reason => void this.refreshes.push(reason),
    applyLeader: (topic, partition, { leaderId, leaderEpoch }) => this.lead(topic, partition, leaderId, leaderEpoch),
  }

  /** Makes a topic known. Partition p is led by the node `leaders[p]`. */
  topic(name: string, leaders: readonly number[], id: string = ZERO_UUID): void {
    const partitions = leaders.map((leader, partition) => ({
      partition,
      leader,
      leaderEpoch: 0,
      replicas: [leader],
      isr: [leader],
      offlineReplicas: [],
    }))
    const topic: TopicInfo = { name, id, isInternal: false, partitions }
    this.#topics.set(name, topic)
    for (const resolve of this.#wanted.get(name) ?? []) resolve(topic)
    this.#wanted.delete(name)
    this.changed()
  }

  /** Nothing is known of the topic any more: it was not used for long, or a broker has denied it. */
  forgetTopic(name: string): void {
    this.#topics.delete(name)
  }

  refuseTopic(name: string, error: KafkaError): void {
    this.#refused.set(name, error)
  }

  lead(name: string, partition: number, leader: number, leaderEpoch: number): void {
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

  link(nodeId: number): TestLink {
    const link = this.#links.get(nodeId) ?? new TestLink(nodeId)
    this.#links.set(nodeId, link)
    return link
  }

  onChange(callback: () => void): () => void {
    this.#callbacks.add(callback)
    return () => this.#callbacks.delete(callback)
  }

  async call<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    _request?: unknown,
    { timeoutMs = 60_000 }: { readonly timeoutMs?: number | undefined } = {},
  ): Promise<Decoded<Response>> {
    if (api.key !== initProducerId.key) throw new Error(`${api.name} is not answered here`)
    if (timeoutMs <= 0) throw new TimeoutError('there was no time to ask')
    if (this.identityError !== undefined) throw this.identityError
    const producerId = 1000 + this.identities.length
    this.identities.push(producerId)
    return { producerId: BigInt(producerId), producerEpoch: 0, errorCode: 0 } as unknown as Decoded<Response>
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  producer<Key, Value>(options: Partial<ProducerOptions<Key, Value>> = {}): Producer<Key, Value> {
    return new Producer({ bootstrapServers: 'test:1', ...options } as ProducerOptions<Key, Value>, { cluster: this })
  }

  /** Everything that can happen without time passing has happened. */
  async settle(): Promise<void> {
    await this.clock.settle()
  }

  async advance(durationMs: number): Promise<void> {
    await this.clock.advance(durationMs)
  }

  /** Takes the oldest unanswered request of the node out; fails where there is none. */
  next(node = 1): SentRequest {
    const request = this.link(node).sent.shift()
    if (request === undefined) throw new Error(`nothing was sent to node ${node}`)
    return request
  }

  /** What is under way to the node, unanswered. */
  sent(node = 1): readonly SentRequest[] {
    return this.link(node).sent
  }

  #topicOf(name: string, timeoutMs: number): Promise<TopicInfo> {
    const known = this.#topics.get(name)
    if (known !== undefined) return Promise.resolve(known)
    this.lookUps.push(name)
    const refused = this.#refused.get(name)
    if (refused !== undefined) return Promise.reject(refused)
    return new Promise((resolve, reject) => {
      this.#wanted.set(name, [...(this.#wanted.get(name) ?? []), resolve])
      this.clock.timer(timeoutMs, () => reject(new TimeoutError('the topic is not there')))
    })
  }
}

function partsOf(body: ProduceRequest): SentPart[] {
  return body.topicData.flatMap(({ name = '', partitionData }) =>
    partitionData.map(({ index, records }) => {
      const bytes = Buffer.from(records ?? [])
      const batch = new RecordBatch(bytes)
      batch.checkCrc()
      const values: (string | null)[] = []
      for (const cursor = batch.records(); cursor.next(); ) values.push(cursor.valueText())
      const stamp = batch.producerId < 0 ? '-' : `${batch.producerEpoch}:${batch.baseSequence}`
      return { topic: name, partition: index, values, stamp, bytes }
    }),
  )
}

function partitionResponse(index: number, { error = 'NONE', ...rest }: PartAnswer): object {
  const errorCode = errorByName(error)?.code
  if (errorCode === undefined) throw new Error(`${error} is no error of Kafka's`)
  return {
    index,
    errorCode,
    baseOffset: errorCode === 0 ? 100n : -1n,
    logAppendTimeMs: -1n,
    logStartOffset: 0n,
    recordErrors: [],
    errorMessage: null,
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    ...rest,
  }
}
