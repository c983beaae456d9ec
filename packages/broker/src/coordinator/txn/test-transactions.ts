/**
 * Transactions of a whole broker for tests: what a producer says in either generation, in a few words, and what is seen of
 * it. Whoever is told to ask again because markers are being written does, and lets time pass meanwhile.
 */
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  batchesIn,
  describeTransactions,
  endTxn,
  fetch,
  findCoordinator,
  initProducerId,
  offsetFetch,
  produce,
  RecordBatch,
  txnOffsetCommit,
} from '@samsa/protocol'
import type { ManualClock } from '@samsa/runtime'
import { codeOf } from '../../cluster/partitions.js'
import { batchOf, type TestBroker, type TestClient } from '../../handlers/test-broker.js'

export type Generation = 1 | 2

const READ_COMMITTED = 1
const PAUSE_MS = 100
const MOST_TRIES = 200
const WAIT: ReadonlySet<number> = new Set(
  ['CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_ENOUGH_REPLICAS'].map(codeOf),
)

export const FEW_PARTITIONS = { 'transaction.state.log.num.partitions': '1', 'offsets.topic.num.partitions': '1' }

/** Makes the topics that keep groups and transactions. */
export async function findCoordinators(client: TestClient): Promise<void> {
  await client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] })
  await client.request(findCoordinator, 6, { keyType: 1, coordinatorKeys: ['x'] })
}

/** Partitions of the topic `t`; offsets of the group `g`. Methods return the error's code. */
export class TransactionalClient {
  producerId = -1n
  producerEpoch = -1
  readonly #client: TestClient
  readonly #clock: ManualClock
  readonly #generation: Generation
  readonly #transactionalId: string
  readonly #sequences = new Map<number, number>()

  constructor({ client, clock }: Pick<TestBroker, 'client' | 'clock'>, generation: Generation, transactionalId = 'x') {
    this.#client = client
    this.#clock = clock
    this.#generation = generation
    this.#transactionalId = transactionalId
  }

  init(timeoutMs: number = 60_000): Promise<number> {
    return this.#patiently(async () => {
      const answer = await this.#client.request(initProducerId, 5, {
        transactionalId: this.#transactionalId,
        transactionTimeoutMs: timeoutMs,
      })
      if (answer.errorCode === 0) this.#is(answer.producerId, answer.producerEpoch)
      return answer.errorCode
    })
  }

  async send(partition: number, ...values: string[]): Promise<number> {
    if (this.#generation === 1) {
      const added = await this.addPartition(partition)
      if (added !== 0) return added
    }
    return this.#patiently(() => this.produce(partition, ...values))
  }

  addPartition(partition: number): Promise<number> {
    return this.#patiently(async () => {
      const { resultsByTopicV3AndBelow: topics } = await this.#client.request(addPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: this.#transactionalId,
        v3AndBelowProducerId: this.producerId,
        v3AndBelowProducerEpoch: this.producerEpoch,
        v3AndBelowTopics: [{ name: 't', partitions: [partition] }],
      })
      return topics[0]?.resultsByPartition[0]?.partitionErrorCode ?? -1
    })
  }

  /** Without asking for the partition first. */
  async produce(partition: number, ...values: string[]): Promise<number> {
    const baseSequence = this.#sequences.get(partition) ?? 0
    const producer = { producerId: Number(this.producerId), producerEpoch: this.producerEpoch, baseSequence }
    const records = batchOf(values, { producer, isTransactional: true })
    const { responses } = await this.#client.request(produce, this.#generation === 1 ? 11 : 12, {
      transactionalId: this.#transactionalId,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [{ index: partition, records }] }],
    })
    const code = responses[0]?.partitionResponses[0]?.errorCode ?? -1
    if (code === 0) this.#sequences.set(partition, baseSequence + values.length)
    return code
  }

  async commitOffset(partition: number, offset: number, member: object = {}): Promise<number> {
    const added = this.#generation === 1 ? await this.addOffsets() : 0
    return added === 0 ? this.commitOffsetAlone(partition, offset, member) : added
  }

  addOffsets(): Promise<number> {
    return this.#patiently(async () => (await this.#client.request(addOffsetsToTxn, 4, this.#self)).errorCode)
  }

  /** Without asking for the group first. */
  commitOffsetAlone(partition: number, offset: number, member: object = {}): Promise<number> {
    const partitions = [{ partitionIndex: partition, committedOffset: BigInt(offset), committedMetadata: '' }]
    return this.#patiently(async () => {
      const request = { ...this.#self, topics: [{ name: 't', partitions }], ...member }
      const { topics } = await this.#client.request(txnOffsetCommit, this.#generation === 1 ? 4 : 5, request)
      return topics[0]?.partitions[0]?.errorCode ?? -1
    })
  }

  end(committed: boolean): Promise<number> {
    return this.#patiently(async () => {
      const { producerId, producerEpoch } = this
      const self = { transactionalId: this.#transactionalId, producerId, producerEpoch }
      const answer = await this.#client.request(endTxn, this.#generation === 1 ? 4 : 5, { ...self, committed })
      if (answer.errorCode === 0 && this.#generation === 2) this.#is(answer.producerId, answer.producerEpoch)
      return answer.errorCode
    })
  }

  async state(): Promise<string | undefined> {
    const transactionalIds = [this.#transactionalId]
    const { transactionStates } = await this.#client.request(describeTransactions, 0, { transactionalIds })
    return transactionStates[0]?.transactionState
  }

  get #self() {
    const { producerId, producerEpoch } = this
    return { transactionalId: this.#transactionalId, producerId, producerEpoch, groupId: 'g' }
  }

  #is(producerId: bigint, producerEpoch: number): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    this.#sequences.clear()
  }

  async #patiently(ask: () => Promise<number>): Promise<number> {
    for (let tries = 0; ; tries++) {
      const code = await ask()
      if (!WAIT.has(code) || tries >= MOST_TRIES) return code
      await this.#clock.advance(PAUSE_MS)
    }
  }
}

export interface Seen {
  readonly values: readonly string[]
  readonly lastStableOffset: bigint
  readonly highWatermark: bigint
}

/** What a reader of committed records gets of a partition of `t`. */
export async function committedIn(client: TestClient, partition: number): Promise<Seen> {
  const partitions = [{ partition, fetchOffset: 0n, partitionMaxBytes: 10_000_000 }]
  const { responses } = await client.request(fetch, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic: 't', partitions }],
  })
  const found = responses[0]?.partitions[0]
  if (found === undefined || found.errorCode !== 0) throw new Error(`there is no answer, but ${found?.errorCode}`)
  const open = new Set<number>()
  const aborted = found.abortedTransactions ?? []
  const starts = new Map(aborted.map(each => [Number(each.firstOffset), Number(each.producerId)]))
  const values: string[] = []
  for (const batch of batchesIn(found.records ?? new Uint8Array(0))) {
    if (!(batch instanceof RecordBatch)) throw new Error('a batch of a format before transactions')
    const producerId = starts.get(batch.baseOffset)
    if (producerId !== undefined) open.add(producerId)
    if (batch.isControl) open.delete(batch.producerId)
    else if (!(batch.isTransactional && open.has(batch.producerId))) {
      for (const cursor = batch.records(); cursor.next(); ) values.push(cursor.valueText() ?? '')
    }
  }
  return { values, lastStableOffset: found.lastStableOffset, highWatermark: found.highWatermark }
}

/** What `g` has committed of a partition of `t`: -1 for nothing, or the error's name where that is not stable. */
export async function offsetOf(
  client: TestClient,
  partition: number,
  requireStable = true,
): Promise<number | 'unstable'> {
  const groups = [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [partition] }] }]
  const { groups: found } = await client.request(offsetFetch, 9, { groups, requireStable })
  const told = found[0]?.topics[0]?.partitions[0]
  if (told?.errorCode === codeOf('UNSTABLE_OFFSET_COMMIT')) return 'unstable'
  return Number(told?.committedOffset ?? -1n)
}
