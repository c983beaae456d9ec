/**
 * RawProducer: what a transactional producer says in either generation of the protocol, request by request, with nothing
 * done by itself: for requests that come late, twice or from who should be silent. Partitions of the topic `t`, offsets of
 * the group `g`, one node. Methods return the error's name, `NONE` for none.
 */
import { Connection } from '@samsa/client'
import {
  type Api,
  addOffsetsToTxn,
  addPartitionsToTxn,
  BatchBuilder,
  type Decoded,
  endTxn,
  errorByCode,
  findCoordinator,
  initProducerId,
  produce,
  txnOffsetCommit,
} from '@samsa/protocol'
import type { TestKafka } from '../producer-faults/test-kafka.js'

export type Generation = 1 | 2

const [GROUP_KEY, TRANSACTION_KEY] = [0, 1]
const PAUSE_MS = 20
const MOST_TRIES = 100
/** What passes by itself. */
const PASSING = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
])

export interface Identity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

export interface Produced {
  readonly error: string
  readonly offset: number
}

export class RawProducer {
  identity: Identity = { producerId: -1n, producerEpoch: -1 }
  readonly #kafka: TestKafka
  readonly #generation: Generation
  readonly #transactionalId: string
  readonly #sequences = new Map<number, number>()
  #connection: Connection | undefined

  constructor(kafka: TestKafka, generation: Generation, transactionalId = 'x') {
    this.#kafka = kafka
    this.#generation = generation
    this.#transactionalId = transactionalId
  }

  get sequences(): ReadonlyMap<number, number> {
    return this.#sequences
  }

  /** Another with the same identity, who knows nothing of what this one does from now on. */
  ghost(): RawProducer {
    const ghost = new RawProducer(this.#kafka, this.#generation, this.#transactionalId)
    ghost.identity = this.identity
    for (const [partition, sequence] of this.#sequences) ghost.#sequences.set(partition, sequence)
    return ghost
  }

  async init(transactionTimeoutMs = 60_000): Promise<string> {
    // Makes the topics that coordinators need.
    for (const keyType of [GROUP_KEY, TRANSACTION_KEY]) {
      await this.#ask(findCoordinator, 6, { keyType, coordinatorKeys: ['any'] })
    }
    return this.#patiently(async () => {
      const request = { transactionalId: this.#transactionalId, transactionTimeoutMs }
      const answer = await this.#ask(initProducerId, 5, request)
      if (answer.errorCode === 0) this.#is(answer)
      return answer.errorCode
    })
  }

  /** Into the transaction, as the generation does it. */
  async send(partition: number, ...values: string[]): Promise<Produced> {
    const error = await this.add(partition)
    return error === 'NONE' ? this.produce(partition, ...values) : { error, offset: -1 }
  }

  /** The second generation has no such request. */
  async add(partition: number): Promise<string> {
    if (this.#generation === 2) return 'NONE'
    const { producerId, producerEpoch } = this.identity
    return this.#patiently(async () => {
      const { resultsByTopicV3AndBelow: topics } = await this.#ask(addPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: this.#transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: 't', partitions: [partition] }],
      })
      return topics[0]?.resultsByPartition[0]?.partitionErrorCode ?? -1
    })
  }

  /** The batch alone. */
  async produce(partition: number, ...values: string[]): Promise<Produced> {
    const baseSequence = this.#sequences.get(partition) ?? 0
    const { producerId, producerEpoch } = this.identity
    const builder = new BatchBuilder()
    for (const value of values) builder.append(this.#kafka.clock.now(), null, Buffer.from(value))
    const producer = { producerId: Number(producerId), producerEpoch, baseSequence }
    const records = builder.close({ producer, isTransactional: true })
    let offset = -1
    const error = await this.#patiently(async () => {
      const { responses } = await this.#ask(produce, this.#generation === 1 ? 11 : 12, {
        transactionalId: this.#transactionalId,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: 't', partitionData: [{ index: partition, records: Buffer.from(records) }] }],
      })
      const answer = responses[0]?.partitionResponses[0]
      offset = Number(answer?.baseOffset ?? -1n)
      return answer?.errorCode ?? -1
    })
    if (error === 'NONE') this.#sequences.set(partition, baseSequence + values.length)
    return { error, offset }
  }

  addOffsets(): Promise<string> {
    if (this.#generation === 2) return Promise.resolve('NONE')
    const request = { transactionalId: this.#transactionalId, ...this.identity, groupId: 'g' }
    return this.#patiently(async () => (await this.#ask(addOffsetsToTxn, 4, request)).errorCode)
  }

  /** The offset alone. */
  commitOffset(partition: number, offset: number): Promise<string> {
    const partitions = [{ partitionIndex: partition, committedOffset: BigInt(offset), committedMetadata: '' }]
    const self = { transactionalId: this.#transactionalId, ...this.identity, groupId: 'g' }
    return this.#patiently(async () => {
      const request = { ...self, topics: [{ name: 't', partitions }] }
      const { topics } = await this.#ask(txnOffsetCommit, this.#generation === 1 ? 4 : 5, request)
      return topics[0]?.partitions[0]?.errorCode ?? -1
    })
  }

  end(outcome: 'commit' | 'abort'): Promise<string> {
    const self = { transactionalId: this.#transactionalId, ...this.identity }
    return this.#patiently(async () => {
      const committed = outcome === 'commit'
      const answer = await this.#ask(endTxn, this.#generation === 1 ? 4 : 5, { ...self, committed })
      if (answer.errorCode === 0 && this.#generation === 2) this.#is(answer)
      return answer.errorCode
    })
  }

  /** Sequence numbers begin anew with an epoch. */
  #is({ producerId, producerEpoch }: Identity): void {
    this.identity = { producerId, producerEpoch }
    this.#sequences.clear()
  }

  async #ask<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    if (this.#connection === undefined || this.#connection.closed !== undefined) {
      const [host = '', port = ''] = this.#kafka.bootstrapServers.split(':')
      const stream = await this.#kafka.transport({ host, port: Number(port) })
      this.#connection = new Connection(stream, { clientId: 'raw', clock: this.#kafka.clock, nodeId: 1 })
    }
    return this.#connection.request(api, version, request)
  }

  async #patiently(ask: () => Promise<number>): Promise<string> {
    for (let tries = 0; ; tries++) {
      const { name } = errorByCode(await ask())
      if (!PASSING.has(name) || tries >= MOST_TRIES) return name
      await this.#kafka.clock.sleep(PAUSE_MS)
    }
  }
}
