/**
 * What coordinators of transactions and logs are asked that cannot be, and what is said to it: Kafka's error. A transaction
 * that is open beside, with records and offsets, is as it was afterwards, and so is an id without one; at the end it commits.
 */
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeProducers,
  describeTransactions,
  endTransactionBatch,
  endTxn,
  initProducerId,
  listTransactions,
  produce,
  type TxnOffsetCommitRequest,
  txnOffsetCommit,
  writeTxnMarkers,
} from '@samsa/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from '../../cluster/partitions.js'
import { batchOf, startBroker, type TestBroker, type TestClient } from '../../handlers/test-broker.js'
import { committedIn, FEW_PARTITIONS, findCoordinators, offsetOf, TransactionalClient } from './test-transactions.js'

const PARTITIONS = 2
const MANY_TOPICS = 50_000
const MAX_TIMEOUT_MS = 900_000
const UNKNOWN_ID = 987_654n

let kafka: TestBroker
let hostile: TestClient
/** Of the second generation, in the middle of a transaction. */
let living: TransactionalClient
/** Of the first, without one. */
let idle: TransactionalClient
let asItWas: unknown

type BadInput = readonly [what: string, code: string, ask: () => Promise<number>]

interface Identity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

function identityOf({ producerId, producerEpoch }: Identity): Identity {
  return { producerId, producerEpoch }
}

function older({ producerId, producerEpoch }: Identity): Identity {
  return { producerId, producerEpoch: producerEpoch - 1 }
}

function newer({ producerId, producerEpoch }: Identity): Identity {
  return { producerId, producerEpoch: producerEpoch + 1 }
}

function stranger({ producerEpoch }: Identity): Identity {
  return { producerId: UNKNOWN_ID, producerEpoch }
}

// Producers that start

async function init(transactionalId: string, more: object = {}): Promise<number> {
  const request = { transactionalId, transactionTimeoutMs: 5000, ...more }
  return (await hostile.request(initProducerId, 5, request)).errorCode
}

const starts: readonly BadInput[] = [
  ['an empty id', 'INVALID_REQUEST', () => init('')],
  ['a timeout of zero', 'INVALID_TRANSACTION_TIMEOUT', () => init('x', { transactionTimeoutMs: 0 })],
  ['a negative timeout', 'INVALID_TRANSACTION_TIMEOUT', () => init('x', { transactionTimeoutMs: -1 })],
  [
    'a timeout above the limit',
    'INVALID_TRANSACTION_TIMEOUT',
    () => init('new', { transactionTimeoutMs: MAX_TIMEOUT_MS + 1 }),
  ],
  ['an id without an epoch', 'INVALID_REQUEST', () => init('x', { producerId: 1n, producerEpoch: -1 })],
  ['an epoch without an id', 'INVALID_REQUEST', () => init('x', { producerId: -1n, producerEpoch: 1 })],
  ['to go on as another producer', 'PRODUCER_FENCED', () => init('x', stranger(living))],
  ['to go on as another producer, where none is open', 'PRODUCER_FENCED', () => init('idle', stranger(idle))],
  ['to go on in an epoch that was never given', 'PRODUCER_FENCED', () => init('idle', { ...newer(idle) })],
  ['to go on in an epoch of long ago', 'PRODUCER_FENCED', () => init('idle', older(older(idle)))],
]

// What joins a transaction

async function add(
  transactionalId: string,
  identity: Identity,
  topics: object[] = inTopic(),
  version = 3,
): Promise<number> {
  const { resultsByTopicV3AndBelow: results } = await hostile.request(addPartitionsToTxn, version, {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: identity.producerId,
    v3AndBelowProducerEpoch: identity.producerEpoch,
    v3AndBelowTopics: topics as { name: string; partitions: number[] }[],
  })
  return results.at(-1)?.resultsByPartition.at(-1)?.partitionErrorCode ?? -1
}

function inTopic(...partitions: number[]): { name: string; partitions: number[] }[] {
  return [{ name: 't', partitions: partitions.length === 0 ? [1] : partitions }]
}

async function verify(transactionalId: string, identity: Identity, partition: number): Promise<number> {
  const { resultsByTransaction } = await hostile.request(addPartitionsToTxn, 4, {
    transactions: [{ transactionalId, ...identity, verifyOnly: true, topics: inTopic(partition) }],
  })
  return resultsByTransaction[0]?.topicResults[0]?.resultsByPartition[0]?.partitionErrorCode ?? -1
}

async function addGroup(transactionalId: string, identity: Identity, version = 4): Promise<number> {
  const request = { transactionalId, ...identity, groupId: 'g' }
  return (await hostile.request(addOffsetsToTxn, version, request)).errorCode
}

const joins: readonly BadInput[] = [
  ['partitions for no id', 'INVALID_REQUEST', () => add('', living)],
  ['partitions for an unknown id', 'INVALID_PRODUCER_ID_MAPPING', () => add('none', living)],
  ['partitions for another producer', 'INVALID_PRODUCER_ID_MAPPING', () => add('x', stranger(living))],
  ['partitions in an older epoch', 'PRODUCER_FENCED', () => add('x', older(living))],
  ['partitions in an older epoch, of old', 'INVALID_PRODUCER_EPOCH', () => add('x', older(living), inTopic(), 1)],
  ['partitions in a later epoch', 'PRODUCER_FENCED', () => add('x', newer(living))],
  ['a partition that does not exist', 'UNKNOWN_TOPIC_OR_PARTITION', () => add('x', living, inTopic(1, PARTITIONS))],
  ['a negative partition', 'UNKNOWN_TOPIC_OR_PARTITION', () => add('x', living, inTopic(-1))],
  ['a partition beside one that does not exist', 'OPERATION_NOT_ATTEMPTED', () => add('x', living, inTopic(7, 1))],
  [
    'very many topics that do not exist',
    'UNKNOWN_TOPIC_OR_PARTITION',
    () =>
      add(
        'x',
        living,
        Array.from({ length: MANY_TOPICS }, (_, at) => ({ name: `none-${at}`, partitions: [0] })),
      ),
  ],
  ['to look for a partition of an unknown id', 'INVALID_PRODUCER_ID_MAPPING', () => verify('none', living, 0)],
  ['to look for a partition that was not added', 'TRANSACTION_ABORTABLE', () => verify('x', living, 1)],
  ['to look for a partition in an older epoch', 'PRODUCER_FENCED', () => verify('x', older(living), 0)],
  ['a group for no id', 'INVALID_REQUEST', () => addGroup('', living)],
  ['a group for an unknown id', 'INVALID_PRODUCER_ID_MAPPING', () => addGroup('none', living)],
  ['a group for another producer', 'INVALID_PRODUCER_ID_MAPPING', () => addGroup('x', stranger(living))],
  ['a group in an older epoch', 'PRODUCER_FENCED', () => addGroup('x', older(living))],
  ['a group in an older epoch, of old', 'INVALID_PRODUCER_EPOCH', () => addGroup('x', older(living), 1)],
]

// Ends

async function end(transactionalId: string, identity: Identity, committed: boolean, version = 5): Promise<number> {
  const request = { transactionalId, ...identityOf(identity), committed }
  return (await hostile.request(endTxn, version, request)).errorCode
}

async function mark(
  identity: Identity,
  partition: number,
  coordinatorEpoch = 0,
  transactionVersion = 2,
): Promise<number> {
  const topics = [{ name: 't', partitionIndexes: [partition] }]
  const marker = { ...identityOf(identity), transactionResult: true, topics, coordinatorEpoch, transactionVersion }
  const { markers } = await hostile.request(writeTxnMarkers, 2, { markers: [marker] })
  return markers[0]?.topics[0]?.partitions[0]?.errorCode ?? -1
}

const ends: readonly BadInput[] = [
  ['the end of no id', 'INVALID_REQUEST', () => end('', living, true)],
  ['the end of an unknown id', 'INVALID_PRODUCER_ID_MAPPING', () => end('none', living, true)],
  ['the end of another producer', 'INVALID_PRODUCER_ID_MAPPING', () => end('x', stranger(living), true)],
  ['the end of another producer, of old', 'INVALID_PRODUCER_ID_MAPPING', () => end('x', stranger(living), true, 4)],
  ['the end in an older epoch', 'PRODUCER_FENCED', () => end('x', older(living), false)],
  ['the end in an older epoch, of old', 'INVALID_PRODUCER_EPOCH', () => end('x', older(living), false, 1)],
  ['the end in a later epoch', 'PRODUCER_FENCED', () => end('x', newer(living), true)],
  ['a commit of nothing', 'INVALID_TXN_STATE', () => end('idle', idle, true, 4)],
  ['an abort of nothing', 'INVALID_TXN_STATE', () => end('idle', idle, false, 4)],
  ['a commit of nothing, of the second generation', 'INVALID_TXN_STATE', () => end('idle', idle, true)],
  ['a marker in a partition that does not exist', 'UNKNOWN_TOPIC_OR_PARTITION', () => mark(newer(living), PARTITIONS)],
  ['a marker in an older epoch', 'INVALID_PRODUCER_EPOCH', () => mark(older(living), 0)],
  ['a marker in the epoch of what is open', 'INVALID_PRODUCER_EPOCH', () => mark(living, 0)],
  ['a marker of an older coordinator', 'TRANSACTION_COORDINATOR_FENCED', () => mark(newer(living), 0, -5)],
]

// What is written

interface Batch {
  readonly transactionalId?: string | null
  readonly partition?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly version?: number
}

async function send(identity: Identity, batch: Batch = {}): Promise<number> {
  const { transactionalId = 'x', partition = 0, baseSequence = 1, isTransactional = true, version = 12 } = batch
  const producer = { producerId: Number(identity.producerId), producerEpoch: identity.producerEpoch, baseSequence }
  return sendBytes(transactionalId, partition, batchOf(['hostile'], { producer, isTransactional }), version)
}

async function sendMarker(): Promise<number> {
  const { producerId, producerEpoch } = living
  const marker = { producerId: Number(producerId), producerEpoch, coordinatorEpoch: 0, isCommit: true }
  const records = endTransactionBatch({ ...marker, timestamp: kafka.clock.now() })
  return sendBytes('x', 0, records, 12)
}

async function sendBytes(
  transactionalId: string | null,
  index: number,
  records: Uint8Array,
  version: number,
): Promise<number> {
  const topicData = [{ name: 't', partitionData: [{ index, records }] }]
  const { responses } = await hostile.request(produce, version, {
    transactionalId,
    acks: -1,
    timeoutMs: 1000,
    topicData,
  })
  return responses[0]?.partitionResponses[0]?.errorCode ?? -1
}

const batches: readonly BadInput[] = [
  [
    'a batch of a transaction without an id',
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    () => send(living, { transactionalId: null }),
  ],
  ['a batch of an empty id', 'INVALID_REQUEST', () => send(living, { transactionalId: '', partition: 1 })],
  [
    'a batch of an unknown id',
    'INVALID_PRODUCER_ID_MAPPING',
    () => send(living, { transactionalId: 'none', partition: 1 }),
  ],
  ['a batch of another producer', 'INVALID_PRODUCER_ID_MAPPING', () => send(stranger(living), { partition: 1 })],
  ['a batch in an older epoch', 'INVALID_PRODUCER_EPOCH', () => send(older(living))],
  ['a batch in a later epoch', 'INVALID_PRODUCER_EPOCH', () => send(newer(living), { baseSequence: 0 })],
  ['a batch that leaves out one', 'OUT_OF_ORDER_SEQUENCE_NUMBER', () => send(living, { baseSequence: 9 })],
  ['a batch outside of the open transaction', 'INVALID_TXN_STATE', () => send(living, { isTransactional: false })],
  ['a marker that a client writes', 'INVALID_RECORD', sendMarker],
  ['a batch in a partition that does not exist', 'UNKNOWN_TOPIC_OR_PARTITION', () => send(living, { partition: 7 })],
  [
    'a batch without a transaction',
    'TRANSACTION_ABORTABLE',
    () => send(idle, { transactionalId: 'idle', baseSequence: 0, version: 11 }),
  ],
  [
    'a batch without a transaction, of old',
    'INVALID_TXN_STATE',
    () => send(idle, { transactionalId: 'idle', baseSequence: 0, version: 10 }),
  ],
]

async function commitOffsets(
  more: Partial<TxnOffsetCommitRequest> & { readonly partition?: number },
  version = 5,
): Promise<number> {
  const { partition = 0, ...rest } = more
  const { topics } = await hostile.request(txnOffsetCommit, version, {
    transactionalId: 'x',
    groupId: 'g',
    ...identityOf(living),
    topics: [{ name: 't', partitions: [{ partitionIndex: partition, committedOffset: 99n, committedMetadata: '' }] }],
    ...rest,
  })
  return topics[0]?.partitions[0]?.errorCode ?? -1
}

const long = [
  { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: 'x'.repeat(5000) }] },
]
const ofIdle = (): object => ({ transactionalId: 'idle', ...identityOf(idle) })

const offsets: readonly BadInput[] = [
  ['offsets of no group', 'INVALID_GROUP_ID', () => commitOffsets({ groupId: '' })],
  ['offsets of no id', 'INVALID_REQUEST', () => commitOffsets({ transactionalId: '', ...stranger(living) })],
  [
    'offsets of an unknown id',
    'INVALID_PRODUCER_ID_MAPPING',
    () => commitOffsets({ transactionalId: 'none', ...stranger(living) }),
  ],
  ['offsets of another producer', 'INVALID_PRODUCER_ID_MAPPING', () => commitOffsets(stranger(living))],
  ['offsets in an older epoch', 'INVALID_PRODUCER_EPOCH', () => commitOffsets(older(living))],
  ['offsets of a partition that does not exist', 'UNKNOWN_TOPIC_OR_PARTITION', () => commitOffsets({ partition: 7 })],
  ['offsets with too much beside them', 'OFFSET_METADATA_TOO_LARGE', () => commitOffsets({ topics: long })],
  ['offsets of an unknown member', 'UNKNOWN_MEMBER_ID', () => commitOffsets({ memberId: 'stranger', generationId: 7 })],
  [
    'offsets of a member of no group',
    'ILLEGAL_GENERATION',
    () => commitOffsets({ groupId: 'none', memberId: 'stranger', generationId: 7 }),
  ],
  ['offsets without a transaction', 'TRANSACTION_ABORTABLE', () => commitOffsets(ofIdle(), 4)],
  ['offsets without a transaction, of old', 'INVALID_TXN_STATE', () => commitOffsets(ofIdle(), 3)],
]

// What administrators ask

async function describe(transactionalId: string): Promise<number> {
  const { transactionStates } = await hostile.request(describeTransactions, 0, { transactionalIds: [transactionalId] })
  return transactionStates[0]?.errorCode ?? -1
}

async function list(transactionalIdPattern: string): Promise<number> {
  const request = { stateFilters: [], producerIdFilters: [], durationFilter: -1n, transactionalIdPattern }
  return (await hostile.request(listTransactions, 2, request)).errorCode
}

async function producersOf(partition: number): Promise<number> {
  const topics = [{ name: 't', partitionIndexes: [partition] }]
  const answer = await hostile.request(describeProducers, 0, { topics })
  return answer.topics[0]?.partitions[0]?.errorCode ?? -1
}

const questions: readonly BadInput[] = [
  ['what is told of no id', 'INVALID_REQUEST', () => describe('')],
  ['what is told of an unknown id', 'TRANSACTIONAL_ID_NOT_FOUND', () => describe('none')],
  ['ids by a pattern that is none', 'INVALID_REGULAR_EXPRESSION', () => list('(')],
  ['ids by a pattern that grows', 'INVALID_REGULAR_EXPRESSION', () => list('((a{100}){100}){100}')],
  ['producers of a partition that does not exist', 'UNKNOWN_TOPIC_OR_PARTITION', () => producersOf(7)],
]

/** Everything that is told of the transaction that lives, and of the id without one. */
async function told(): Promise<unknown> {
  const { client } = kafka
  const described = await client.request(describeTransactions, 0, { transactionalIds: ['x', 'idle'] })
  const listed = await client.request(listTransactions, 1, { stateFilters: [], producerIdFilters: [] })
  const topics = [{ name: 't', partitionIndexes: [0, 1] }]
  const producers = await client.request(describeProducers, 0, { topics })
  const seen = [await committedIn(client, 0), await committedIn(client, 1)]
  const committed = [await offsetOf(client, 0), await offsetOf(client, 0, false)]
  return { states: described.transactionStates, listed: listed.transactionStates, producers, seen, committed }
}

beforeAll(async () => {
  kafka = await startBroker({ properties: FEW_PARTITIONS })
  hostile = kafka.connect()
  await findCoordinators(kafka.client)
  await kafka.createTopic('t', PARTITIONS)
  living = new TransactionalClient(kafka, 2)
  await living.init()
  // So that it has had other epochs.
  for (const value of ['before', 'and again']) {
    await living.send(0, value)
    await living.commitOffset(0, 4)
    await living.end(true)
  }
  await living.send(0, 'living')
  await living.commitOffset(0, 5)
  idle = new TransactionalClient(kafka, 1, 'idle')
  for (let epoch = 0; epoch < 4; epoch++) await idle.init()
  asItWas = await told()
  expect(asItWas).toMatchObject({
    states: [{ transactionState: 'Ongoing' }, { transactionState: 'Empty' }],
    committed: ['unstable', 4],
  })
})

afterAll(() => kafka.broker.close())

test.each([...starts, ...joins, ...ends, ...batches, ...offsets, ...questions])(
  '%s is answered with %s, and harms no transaction',
  async (_, code, ask) => {
    expect(await ask()).toBe(codeOf(code))
    expect(await told()).toEqual(asItWas)
  },
)

test('the transaction that lived through all that is committed as a whole', async () => {
  expect(await living.send(0, 'to the end')).toBe(0)
  expect(await living.end(true)).toBe(0)
  expect((await committedIn(kafka.client, 0)).values).toEqual(['before', 'and again', 'living', 'to the end'])
  expect(await offsetOf(kafka.client, 0)).toBe(5)
})
