/**
 * Requests of transactions to the bundled broker and to a real Kafka, one after the other, and every answer compared, in
 * both generations. Producer ids are each broker's own, and stand for the order in which they were given out; times are
 * left out. An answer that has the client ask again because markers are being written is not an answer: Kafka writes them
 * later than we do. The Kafka is started through the launcher that SAMSA_KAFKA_BIN names.
 */
import {
  type Api,
  addOffsetsToTxn,
  addPartitionsToTxn,
  BatchBuilder,
  createTopics,
  type Decoded,
  describeProducers,
  describeTransactions,
  endTransactionBatch,
  endTxn,
  fetch,
  findCoordinator,
  initProducerId,
  listOffsets,
  listTransactions,
  offsetFetch,
  produce,
  txnOffsetCommit,
  writeTxnMarkers,
} from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { BrokerProcess } from '../interop/broker-process.js'
import { KafkaProcess } from './kafka-process.js'
import { Peer } from './peer.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const TEST_TIMEOUT_MS = 120_000
const PROPERTIES = [
  'node.id=1',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=100',
  'group.initial.rebalance.delay.ms=0',
]
const CONCURRENT = 51
const UNSTABLE = 88
const PAUSE_MS = 20
const MOST_TRIES = 500
const LEFT_OUT = new Set(['throttleTimeMs', 'transactionStartTimeMs', 'lastTimestamp', 'logAppendTimeMs', 'sessionId'])
const READ_COMMITTED = 1
const RECORDS_AT = 'records'

type Ask = <Request extends object, Response extends object>(
  api: Api<Request, Response>,
  version: number,
  request: Request,
) => Promise<Decoded<Response>>

interface Identity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** Everything that was asked, as it was answered. */
class Transcript {
  readonly lines: string[] = []
  readonly #peer: Peer
  readonly #producers = new Map<bigint, string>()

  constructor(peer: Peer) {
    this.#peer = peer
  }

  /** Asks until nobody is in the way any more. */
  readonly ask: Ask = async (api, version, request) => {
    for (let tries = 0; ; tries++) {
      const answer = await this.#peer.ask(api, version, request)
      if (isInTheWay(answer) && tries < MOST_TRIES) {
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
        continue
      }
      this.lines.push(`${this.lines.length} ${api.name} ${version} ${JSON.stringify(this.#normalised(answer))}`)
      return answer
    }
  }

  #normalised(value: unknown, name = ''): unknown {
    if (typeof value === 'bigint') return name === 'producerId' ? this.#nameOf(value) : `${value}n`
    if (value instanceof Uint8Array) return name === RECORDS_AT ? value.length : Buffer.from(value).toString('hex')
    if (Array.isArray(value)) {
      const items = value.map(each => this.#normalised(each, name))
      return items.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
    }
    if (typeof value !== 'object' || value === null) return name.endsWith('Message') ? undefined : value
    const fields = Object.entries(value).filter(([field]) => !LEFT_OUT.has(field))
    return Object.fromEntries(fields.map(([field, each]) => [field, this.#normalised(each, field)]))
  }

  #nameOf(producerId: bigint): string {
    if (producerId <= 0n) return `${producerId}`
    const name = this.#producers.get(producerId) ?? `#${this.#producers.size + 1}`
    this.#producers.set(producerId, name)
    return name
  }
}

function isInTheWay(answer: unknown): boolean {
  return new RegExp(`"[a-zA-Z]*[eE]rrorCode":(${CONCURRENT}|${UNSTABLE})\\b|"transactionState":"Prepare`).test(
    JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  )
}

function batchOf({ producerId, producerEpoch }: Identity, baseSequence: number, values: readonly string[]): Buffer {
  const builder = new BatchBuilder()
  for (const value of values) builder.append(Date.now(), 'key', value)
  return builder.close({
    producer: { producerId: Number(producerId), producerEpoch, baseSequence },
    isTransactional: true,
  })
}

function producing(
  transactionalId: string | null,
  identity: Identity,
  sequence = 0,
  partitions: readonly number[] = [0],
) {
  const partitionData = partitions.map(index => ({ index, records: batchOf(identity, sequence, ['a', 'b']) }))
  return { transactionalId, acks: -1, timeoutMs: 5000, topicData: [{ name: 't', partitionData }] }
}

function adding(
  transactionalId: string,
  { producerId, producerEpoch }: Identity,
  partitions: readonly number[],
  name = 't',
) {
  return {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [{ name, partitions }],
  }
}

function committing(transactionalId: string, identity: Identity, more: object = {}) {
  const partitions = [
    { partitionIndex: 0, committedOffset: 5n, committedMetadata: 'text' },
    { partitionIndex: 9, committedOffset: 5n, committedMetadata: null },
  ]
  const { producerId, producerEpoch } = identity
  const topics = [{ name: 't', partitions }]
  return { transactionalId, groupId: 'g', producerId, producerEpoch, topics, ...more }
}

async function init(ask: Ask, transactionalId: string, version = 5, more: object = {}): Promise<Identity> {
  const { producerId, producerEpoch } = await ask(initProducerId, version, {
    transactionalId,
    transactionTimeoutMs: 60_000,
    ...more,
  })
  return { producerId, producerEpoch }
}

async function prepare(peer: Peer): Promise<void> {
  const topic = { name: 't', numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }
  await peer.ask(createTopics, 7, { topics: [topic], timeoutMs: 5000, validateOnly: false })
  const isThere = async (): Promise<boolean> => {
    for (const [keyType, key] of [[0, 'g'] as const, [1, 'x'] as const]) {
      const { coordinators } = await peer.ask(findCoordinator, 6, { keyType, coordinatorKeys: [key] })
      if (coordinators[0]?.errorCode !== 0) return false
    }
    const { errorCode } = await peer.ask(initProducerId, 5, { transactionalId: 'x0', transactionTimeoutMs: 1000 })
    const groups = [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] }]
    const { groups: found } = await peer.ask(offsetFetch, 8, { groups })
    return errorCode === 0 && found[0]?.errorCode === 0
  }
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (await isThere()) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('there is no coordinator')
}

async function look(ask: Ask, transactionalId: string): Promise<void> {
  await ask(describeTransactions, 0, { transactionalIds: [transactionalId] })
  await ask(describeProducers, 0, { topics: [{ name: 't', partitionIndexes: [0, 1] }] })
  const partitions = [0, 1].map(partition => ({
    partition,
    fetchOffset: 0n,
    partitionMaxBytes: 1_000_000,
  }))
  await ask(fetch, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1_000_000,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic: 't', partitions }],
  })
  for (const isolationLevel of [0, READ_COMMITTED]) {
    const latest = [0, 1].map(partitionIndex => ({ partitionIndex, timestamp: -1n }))
    await ask(listOffsets, 7, { replicaId: -1, isolationLevel, topics: [{ name: 't', partitions: latest }] })
  }
  const groups = [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] }]
  await ask(offsetFetch, 8, { groups })
}

async function strangers(ask: Ask): Promise<void> {
  const nobody = { producerId: 7_000_000n, producerEpoch: 0 }
  for (const version of [0, 1, 3, 4, 5]) {
    await init(ask, '', version)
    await ask(initProducerId, version, { transactionalId: 'odd', transactionTimeoutMs: 0 })
    await ask(initProducerId, version, { transactionalId: 'odd', transactionTimeoutMs: 900_001 })
  }
  await init(ask, 'odd', 5, { producerId: 5n })
  await init(ask, 'odd2', 5, { producerId: 5n, producerEpoch: 3 })
  for (const version of [0, 1, 2, 3]) {
    await ask(addPartitionsToTxn, version, adding('none', nobody, [0]))
    await ask(addPartitionsToTxn, version, adding('', nobody, [0]))
    await ask(addPartitionsToTxn, version, adding('none', nobody, [0, 17]))
    await ask(addPartitionsToTxn, version, adding('none', nobody, [0], 'nowhere'))
  }
  for (const version of [0, 3, 4]) {
    await ask(addOffsetsToTxn, version, { transactionalId: 'none', ...nobody, groupId: 'g' })
    await ask(addOffsetsToTxn, version, { transactionalId: '', ...nobody, groupId: 'g' })
  }
  for (const version of [0, 1, 2, 4, 5]) {
    await ask(endTxn, version, { transactionalId: 'none', ...nobody, committed: true })
    await ask(endTxn, version, { transactionalId: '', ...nobody, committed: true })
  }
  for (const version of [0, 2, 3, 4, 5]) {
    await ask(txnOffsetCommit, version, committing('none', nobody))
    await ask(txnOffsetCommit, version, committing('none', nobody, { groupId: '' }))
  }
  for (const version of [7, 10, 11, 12]) await ask(produce, version, producing('none', nobody))
  await ask(produce, 12, producing('', nobody))
  await ask(produce, 12, producing(null, nobody))
  await ask(describeTransactions, 0, { transactionalIds: ['none', '', 'odd'] })
}

async function firstGeneration(ask: Ask): Promise<void> {
  const id = 'old'
  const producer = await init(ask, id, 4)
  for (const version of [7, 10, 11]) await ask(produce, version, producing(id, producer))
  await ask(endTxn, 4, { transactionalId: id, ...producer, committed: true })
  await ask(addPartitionsToTxn, 3, adding(id, producer, [0, 1]))
  await ask(produce, 11, producing(id, producer))
  await ask(produce, 11, producing(id, producer))
  await ask(produce, 11, producing(id, producer, 2, [0, 2]))
  await ask(produce, 11, producing(id, producer, 7))
  await look(ask, id)
  await ask(endTxn, 4, { transactionalId: id, ...producer, committed: false })
  await ask(endTxn, 4, { transactionalId: id, ...producer, committed: false })
  await ask(endTxn, 4, { transactionalId: id, ...producer, committed: true })
  await ask(addOffsetsToTxn, 4, { transactionalId: id, ...producer, groupId: 'g' })
  await look(ask, id)
  await ask(txnOffsetCommit, 4, committing(id, producer))
  await ask(txnOffsetCommit, 3, committing(id, producer, { generationId: 3, memberId: 'm' }))
  await ask(txnOffsetCommit, 3, committing(id, producer, { generationId: -1, memberId: 'm' }))
  await ask(txnOffsetCommit, 3, committing(id, producer, { generationId: -1, groupInstanceId: 'i' }))
  await ask(endTxn, 1, { transactionalId: id, ...producer, committed: true })
  await look(ask, id)
  await ask(offsetFetch, 8, { groups: [{ groupId: 'g', topics: null }], requireStable: true })
  const next = await init(ask, id, 3)
  await ask(endTxn, 1, { transactionalId: id, ...producer, committed: true })
  await ask(addPartitionsToTxn, 1, adding(id, producer, [0]))
  await ask(addPartitionsToTxn, 2, adding(id, producer, [0]))
  await ask(produce, 11, producing(id, producer))
  await ask(txnOffsetCommit, 4, committing(id, producer))
  await ask(addPartitionsToTxn, 3, adding(id, next, [0]))
  await ask(produce, 11, producing(id, next))
  await ask(endTxn, 3, { transactionalId: id, ...next, committed: true })
  await look(ask, id)
  const again = await init(ask, id, 4, next)
  await init(ask, id, 4, next)
  await init(ask, id, 4, { ...producer })
  await init(ask, id, 3, { producerId: again.producerId, producerEpoch: again.producerEpoch + 7 })
}

async function secondGeneration(ask: Ask): Promise<void> {
  const id = 'new'
  let producer = await init(ask, id)
  const end = async (committed: boolean, of: Identity = producer): Promise<Identity> => {
    const { errorCode, producerId, producerEpoch } = await ask(endTxn, 5, { transactionalId: id, ...of, committed })
    return errorCode === 0 ? { producerId, producerEpoch } : of
  }
  await end(true)
  producer = await end(false)
  await ask(produce, 12, producing(id, producer, 3))
  await ask(produce, 12, producing(id, producer, 0, [0, 1]))
  await ask(produce, 12, producing(id, producer, 2))
  await look(ask, id)
  const before = producer
  producer = await end(true)
  await end(true, before)
  await end(false, before)
  await ask(produce, 12, producing(id, before, 4))
  await look(ask, id)
  await ask(txnOffsetCommit, 5, committing(id, producer))
  await ask(txnOffsetCommit, 5, committing(id, before))
  await ask(txnOffsetCommit, 5, committing(id, producer, { generationId: 3, memberId: 'm' }))
  producer = await end(false)
  await look(ask, id)
  await ask(offsetFetch, 8, { groups: [{ groupId: 'g', topics: null }], requireStable: true })
  await ask(produce, 12, producing(id, producer))
  const next = await init(ask, id)
  await end(true)
  await ask(produce, 12, producing(id, producer, 2))
  await ask(produce, 12, producing(id, next))
  await ask(endTxn, 4, { transactionalId: id, ...next, committed: false })
  await look(ask, id)
  const { producerId, producerEpoch } = next
  const topics = [{ name: 't', partitions: [0] }]
  for (const verifyOnly of [true, false, true]) {
    const transactions = [{ transactionalId: id, producerId, producerEpoch, verifyOnly, topics }]
    await ask(addPartitionsToTxn, 5, { transactions })
  }
  const elsewhere = [{ name: 't', partitions: [1, 2] }]
  const transactions = [
    { transactionalId: id, producerId, producerEpoch, verifyOnly: true, topics: [...topics, ...elsewhere] },
    { transactionalId: 'none', producerId, producerEpoch, verifyOnly: true, topics },
  ]
  await ask(addPartitionsToTxn, 4, { transactions })
  await end(false, next)
}

async function administration(ask: Ask): Promise<void> {
  for (const version of [0, 1, 2]) {
    await ask(listTransactions, version, { stateFilters: ['CompleteCommit', 'Nonsense'], producerIdFilters: [] })
  }
  await ask(listTransactions, 2, { stateFilters: [], producerIdFilters: [], transactionalIdPattern: 'n.*' })
  await ask(listTransactions, 2, { stateFilters: [], producerIdFilters: [], transactionalIdPattern: '(' })
  await ask(listTransactions, 1, { stateFilters: [], producerIdFilters: [4_242_424n], durationFilter: 0n })
  const marker = (more: object) => ({
    producerId: 8_000_000n,
    producerEpoch: 0,
    transactionResult: false,
    coordinatorEpoch: 3,
    topics: [
      { name: 't', partitionIndexes: [2, 9] },
      { name: 'nowhere', partitionIndexes: [0] },
    ],
    ...more,
  })
  await ask(writeTxnMarkers, 1, { markers: [marker({})] })
  await ask(writeTxnMarkers, 1, { markers: [marker({ coordinatorEpoch: 2 })] })
  await ask(writeTxnMarkers, 2, { markers: [marker({ transactionVersion: 2 })] })
  await ask(writeTxnMarkers, 2, { markers: [marker({ producerEpoch: 2 })] })
  await ask(writeTxnMarkers, 2, { markers: [marker({ producerEpoch: 1 })] })
  // Of one producer and of another, in one request.
  const elsewhere = [{ name: 't', partitionIndexes: [0, 8] }]
  const several = [marker({ producerEpoch: 2 }), marker({ producerId: 8_000_001n }), marker({ topics: elsewhere })]
  await ask(writeTxnMarkers, 1, { markers: several })
  await ask(describeProducers, 0, { topics: [{ name: 't', partitionIndexes: [2] }] })
}

/** What cannot be, beside a transaction that is open and is committed in the end. */
async function badInput(ask: Ask): Promise<void> {
  const id = 'bad'
  const { producerId, producerEpoch } = await init(ask, id)
  await ask(produce, 12, producing(id, { producerId, producerEpoch }))
  await ask(txnOffsetCommit, 5, committing(id, { producerId, producerEpoch }))
  const at = (epochs: number, more: object = {}) => ({ producerId, producerEpoch: producerEpoch + epochs, ...more })
  for (const timeoutMs of [0, -1, 900_001]) await init(ask, id, 5, { transactionTimeoutMs: timeoutMs })
  await init(ask, id, 5, { producerId, producerEpoch: -1 })
  await init(ask, id, 5, { producerId: -1n, producerEpoch: 1 })
  await init(ask, id, 5, { producerId: 7_000_000n, producerEpoch: 0 })
  await ask(addPartitionsToTxn, 3, adding(id, at(1), [0]))
  await ask(addPartitionsToTxn, 3, adding(id, at(0), [-1]))
  await ask(addPartitionsToTxn, 1, adding(id, at(1), [0]))
  await ask(addOffsetsToTxn, 1, { transactionalId: id, ...at(1), groupId: 'g' })
  await ask(endTxn, 5, { transactionalId: id, ...at(1), committed: true })
  await ask(endTxn, 1, { transactionalId: id, ...at(1), committed: true })
  await ask(produce, 12, producing(id, at(1), 0))
  await ask(produce, 12, producing(id, at(0), 9))
  await ask(produce, 12, producing(null, at(0), 2))
  await ask(produce, 12, producing('', at(0), 0, [1]))
  const marker = { producerId: Number(producerId), producerEpoch, coordinatorEpoch: 0, isCommit: true }
  const records = endTransactionBatch({ ...marker, timestamp: Date.now() })
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
  await ask(produce, 12, { transactionalId: id, acks: -1, timeoutMs: 5000, topicData })
  const stranger = { memberId: 'stranger', generationId: 7 }
  await ask(txnOffsetCommit, 5, committing(id, at(0), stranger))
  await ask(txnOffsetCommit, 5, committing(id, at(0), { ...stranger, groupId: 'none' }))
  await ask(txnOffsetCommit, 5, committing(id, at(0), { groupId: '' }))
  await ask(txnOffsetCommit, 5, committing('', at(1)))
  await ask(txnOffsetCommit, 5, committing(id, at(1)))
  await ask(describeTransactions, 0, { transactionalIds: ['', 'none', id] })
  await ask(endTxn, 5, { transactionalId: id, ...at(0), committed: true })
  await look(ask, id)
  // Where none is open.
  const idle = await init(ask, 'idle')
  const later = { ...idle, producerEpoch: idle.producerEpoch + 1 }
  await init(ask, 'idle', 5, later)
  await ask(endTxn, 5, { transactionalId: 'idle', ...idle, committed: true })
  for (const committed of [true, false]) await ask(endTxn, 4, { transactionalId: 'idle', ...idle, committed })
  for (const version of [10, 11]) await ask(produce, version, producing('idle', idle))
  for (const version of [3, 4]) await ask(txnOffsetCommit, version, committing('idle', idle))
}

async function timeouts(ask: Ask, peer: Peer): Promise<void> {
  const id = 'slow'
  const producer = await init(ask, id, 5, { transactionTimeoutMs: 200 })
  await ask(produce, 12, producing(id, producer, 0, [1]))
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { transactionStates } = await peer.ask(describeTransactions, 0, { transactionalIds: [id] })
    if (transactionStates[0]?.transactionState === 'CompleteAbort') break
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
  await look(ask, id)
  await ask(produce, 12, producing(id, producer, 2, [1]))
  await ask(endTxn, 5, { transactionalId: id, ...producer, committed: true })
  await ask(endTxn, 5, { transactionalId: id, ...producer, committed: false })
  await ask(endTxn, 4, { transactionalId: id, ...producer, committed: false })
}

async function transcriptOf(address: string): Promise<string[]> {
  const peer = await Peer.connect(address)
  try {
    await prepare(peer)
    const transcript = new Transcript(peer)
    await strangers(transcript.ask)
    await firstGeneration(transcript.ask)
    await secondGeneration(transcript.ask)
    await badInput(transcript.ask)
    await timeouts(transcript.ask, peer)
    await administration(transcript.ask)
    return transcript.lines
  } finally {
    peer.close()
  }
}

describe.skipIf(LAUNCHER === '')('transactions beside a real Kafka (needs SAMSA_KAFKA_BIN)', () => {
  test('every request is answered as Kafka answers it', { timeout: TEST_TIMEOUT_MS }, async () => {
    const kafka = await KafkaProcess.start(LAUNCHER, PROPERTIES)
    const samsa = await BrokerProcess.start({ properties: PROPERTIES })
    try {
      const expected = await transcriptOf(kafka.address)
      expect(await transcriptOf(samsa.address)).toEqual(expected)
      expect(expected.length).toBeGreaterThan(150)
    } finally {
      await samsa.stop()
      await kafka.stop()
    }
  })
})
