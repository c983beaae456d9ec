/**
 * Errors of the APIs of groups and transactions: in every version that is served, of what the rule means, and before or after
 * the work is done.
 */
import {
  type Api,
  addOffsetsToTxn,
  addPartitionsToTxn,
  apiVersions,
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  deleteGroups,
  describeGroups,
  describeTransactions,
  endTxn,
  findCoordinator,
  heartbeat,
  initProducerId,
  joinGroup,
  leaveGroup,
  listGroups,
  listTransactions,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
  txnOffsetCommit,
  type Uuid,
} from '@samsa/protocol'
import { expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import type { TestClient } from '../handlers/test-broker.js'
import { startNodes, type TestNodes } from './test-nodes.js'

const topics = { events: { partitions: 2 }, others: { partitions: 1 } }
const properties = {
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.num.partitions': '1',
}
const ERROR = 'COORDINATOR_LOAD_IN_PROGRESS'
const CODE = codeOf(ERROR)
const NONE = new Uint8Array(0)
const coordinated = [
  ['g', 0],
  ['tx', 1],
] as const
const member = { memberId: '', groupInstanceId: null }
const inTransaction = { transactionalId: 'tx', producerId: 5n, producerEpoch: 0 }

/** The coordinators' topics are there. */
async function start(): Promise<TestNodes> {
  const nodes = await startNodes(1, { topics, properties })
  for (const [key, keyType] of coordinated) await nodes.connect().request(findCoordinator, 3, { key, keyType })
  return nodes
}

function join(memberId: string) {
  return {
    groupId: 'g',
    memberId,
    groupInstanceId: null,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: NONE }],
  }
}

function commit(version: number, topicId?: Uuid) {
  const partitions = [0, 1].map(partitionIndex => ({ partitionIndex, committedOffset: 7n, committedMetadata: '' }))
  const name = version < 10 ? { name: 'events' } : { topicId }
  return { groupId: 'g', generationIdOrMemberEpoch: -1, memberId: '', topics: [{ ...name, partitions }] }
}

function asked(version: number) {
  const partitions = [{ name: 'events', partitionIndexes: [0, 1] }]
  if (version < 8) return { groupId: 'g', topics: partitions }
  return { groups: [{ groupId: 'g', topics: version < 10 ? partitions : [{ partitionIndexes: [0, 1] }] }] }
}

function added(version: number) {
  const named = [{ name: 'events', partitions: [0, 1] }]
  if (version > 3) return { transactions: [{ ...inTransaction, verifyOnly: false, topics: named }] }
  return {
    v3AndBelowTransactionalId: 'tx',
    v3AndBelowProducerId: 5n,
    v3AndBelowProducerEpoch: 0,
    v3AndBelowTopics: named,
  }
}

const requests = [
  ['JoinGroup', joinGroup, () => join('m')],
  ['SyncGroup', syncGroup, () => ({ groupId: 'g', generationId: 1, ...member, assignments: [] })],
  ['Heartbeat', heartbeat, () => ({ groupId: 'g', generationId: 1, ...member })],
  [
    'LeaveGroup',
    leaveGroup,
    (version: number) => ({ groupId: 'g', ...(version < 3 ? { memberId: 'm' } : { members: [member] }) }),
  ],
  [
    'ConsumerGroupHeartbeat',
    consumerGroupHeartbeat,
    () => ({ groupId: 'g', memberId: 'm', memberEpoch: 3, rebalanceTimeoutMs: -1 }),
  ],
  ['OffsetCommit', offsetCommit, commit],
  ['OffsetFetch', offsetFetch, asked],
  ['OffsetDelete', offsetDelete, () => ({ groupId: 'g', topics: [] })],
  ['DescribeGroups', describeGroups, () => ({ groups: ['g'] })],
  ['ConsumerGroupDescribe', consumerGroupDescribe, () => ({ groupIds: ['g'], includeAuthorizedOperations: false })],
  ['ListGroups', listGroups, () => ({})],
  ['DeleteGroups', deleteGroups, () => ({ groupsNames: ['g'] })],
  ['InitProducerId', initProducerId, () => ({ transactionalId: 'tx', transactionTimeoutMs: 1000 })],
  ['AddPartitionsToTxn', addPartitionsToTxn, added],
  ['AddOffsetsToTxn', addOffsetsToTxn, () => ({ ...inTransaction, groupId: 'g' })],
  [
    'TxnOffsetCommit',
    txnOffsetCommit,
    () => ({ ...inTransaction, groupId: 'g', topics: commit(0).topics as readonly object[] }),
  ],
  ['EndTxn', endTxn, () => ({ ...inTransaction, committed: true })],
  ['DescribeTransactions', describeTransactions, () => ({ transactionalIds: ['tx'] })],
  ['ListTransactions', listTransactions, () => ({ stateFilters: [], producerIdFilters: [] })],
] as unknown as readonly (readonly [string, Api<object, object>, (version: number) => object])[]

async function servedVersions(client: TestClient, key: number): Promise<readonly number[]> {
  const { apiKeys } = await client.request(apiVersions, 4, { clientSoftwareName: 'a', clientSoftwareVersion: '1' })
  const found = apiKeys.find(({ apiKey }) => apiKey === key)
  if (found === undefined) throw new Error(`${key} is not served`)
  const { minVersion, maxVersion } = found
  return Array.from({ length: maxVersion - minVersion + 1 }, (_, index) => minVersion + index)
}

/** All error codes in an answer. */
function codesIn(answer: unknown): number[] {
  if (typeof answer !== 'object' || answer === null) return []
  return Object.entries(answer).flatMap(([name, value]) =>
    /errorCode$/i.test(name) && typeof value === 'number' ? [value] : codesIn(value),
  )
}

test.each(requests)('%s is answered with an error in every version', async (name, api, request) => {
  await using nodes = await start()
  const client = nodes.connect()
  for (const version of await servedVersions(client, api.key)) {
    for (const after of [false, true]) {
      // What waits for others is not done.
      if (after && name === 'JoinGroup') continue
      nodes.kafka.faults.add({ api: name, error: ERROR, after })
      const answer = await client.request(api, version, request(version))
      expect([version, codesIn(answer)]).toEqual([version, codesIn(answer).map(code => (code === 0 ? 0 : CODE))])
      expect(codesIn(answer)).toContain(CODE)
    }
  }
})

test('a commit is refused of the partition that is meant, and the other is committed', async () => {
  await using nodes = await start()
  const client = nodes.connect()
  const committed = async () => {
    const { groups } = await client.request(offsetFetch, 9, { groups: [{ groupId: 'g', topics: null }] } as never)
    return groups[0]?.topics.flatMap(topic => topic.partitions.map(each => each.partitionIndex))
  }
  nodes.kafka.faults.add({ api: 'OffsetCommit', topic: 'events', partition: 0, error: ERROR })
  const partly = await client.request(offsetCommit, 9, commit(9) as never)
  expect(partly.topics).toMatchObject([
    { name: 'events', partitions: [{ errorCode: CODE }, { partitionIndex: 1, errorCode: 0 }] },
  ])
  expect(await committed()).toEqual([1])
  nodes.kafka.faults.add({ api: 'OffsetCommit', error: ERROR, after: true })
  expect(codesIn(await client.request(offsetCommit, 9, commit(9) as never))).toEqual([CODE, CODE])
  expect((await committed())?.sort()).toEqual([0, 1])
})

test('an OffsetFetch is refused as a whole, or of the partition that is meant', async () => {
  await using nodes = await start()
  const client = nodes.connect()
  await client.request(offsetCommit, 9, commit(9) as never)
  const ask = (version: number) => client.request(offsetFetch, version, asked(version) as never)
  for (const version of [7, 9]) {
    nodes.kafka.faults.add({ api: 'OffsetFetch', error: ERROR })
    const whole = await ask(version)
    expect(version < 8 ? whole : whole.groups[0]).toMatchObject({ errorCode: CODE, topics: [] })
    nodes.kafka.faults.add({ api: 'OffsetFetch', topic: 'events', partition: 1, error: ERROR })
    const partly = await ask(version)
    expect(version < 8 ? partly : partly.groups[0]).toMatchObject({
      errorCode: 0,
      topics: [{ partitions: [{ committedOffset: 7n }, { partitionIndex: 1, committedOffset: -1n, errorCode: CODE }] }],
    })
    nodes.kafka.faults.add({ api: 'OffsetFetch', error: 'UNSTABLE_OFFSET_COMMIT' })
    expect(codesIn(await ask(version))).toContain(codeOf('UNSTABLE_OFFSET_COMMIT'))
  }
})

test('what a member did before it was refused is done', async () => {
  await using nodes = await start()
  const client = nodes.connect()
  const members = async () => (await client.request(describeGroups, 5, { groups: ['g'] })).groups[0]?.members.length
  nodes.kafka.faults.add({ api: 'JoinGroup', error: ERROR })
  expect(await client.request(joinGroup, 3, join(''))).toMatchObject({ errorCode: CODE, memberId: '', members: [] })
  expect(await members()).toBe(0)
  nodes.kafka.faults.add({ api: 'JoinGroup', error: ERROR, after: true })
  const refused = client.request(joinGroup, 3, join(''))
  await nodes.clock.advance(0)
  expect(await refused).toMatchObject({ errorCode: CODE })
  expect(await members()).toBe(1)
})

test('a member that is not known is told so by itself, where LeaveGroup names members', async () => {
  await using nodes = await start()
  nodes.kafka.faults.add({ api: 'LeaveGroup', error: 'UNKNOWN_MEMBER_ID', times: 2 })
  const leave = { groupId: 'g', members: [{ memberId: 'm', groupInstanceId: null }] }
  const unknown = codeOf('UNKNOWN_MEMBER_ID')
  expect(await nodes.connect().request(leaveGroup, 5, leave)).toMatchObject({
    errorCode: 0,
    members: [{ memberId: 'm', errorCode: unknown }],
  })
  expect(await nodes.connect().request(leaveGroup, 2, { groupId: 'g', memberId: 'm' })).toMatchObject({
    errorCode: unknown,
  })
})

test('beside a partition that a transaction does not get, the others are not attempted', async () => {
  await using nodes = await start()
  const client = nodes.connect()
  const { producerId, producerEpoch } = await client.request(initProducerId, 4, {
    transactionalId: 'tx',
    transactionTimeoutMs: 10_000,
  })
  const add = async (version: number) => {
    const identity = { transactionalId: 'tx', producerId, producerEpoch }
    const named = [{ name: 'events', partitions: [0, 1] }]
    const request =
      version > 3
        ? { transactions: [{ ...identity, verifyOnly: false, topics: named }] }
        : {
            v3AndBelowTransactionalId: 'tx',
            v3AndBelowProducerId: producerId,
            v3AndBelowProducerEpoch: producerEpoch,
            v3AndBelowTopics: named,
          }
    const { resultsByTopicV3AndBelow, resultsByTransaction } = await client.request(
      addPartitionsToTxn,
      version,
      request,
    )
    const results = version > 3 ? resultsByTransaction[0]?.topicResults : resultsByTopicV3AndBelow
    return results?.flatMap(topic => topic.resultsByPartition.map(each => each.partitionErrorCode))
  }
  const isInTransaction = async () => {
    const { transactionStates } = await client.request(describeTransactions, 0, { transactionalIds: ['tx'] })
    return transactionStates[0]?.topics.length
  }
  for (const version of [3, 4]) {
    nodes.kafka.faults.add({ api: 'AddPartitionsToTxn', topic: 'events', partition: 1, error: ERROR })
    expect(await add(version)).toEqual([codeOf('OPERATION_NOT_ATTEMPTED'), CODE])
    expect(await isInTransaction()).toBe(0)
  }
  nodes.kafka.faults.add({ api: 'AddPartitionsToTxn', topic: 'events', partition: 1, error: ERROR, after: true })
  expect(await add(3)).toEqual([0, CODE])
  expect(await isInTransaction()).toBe(1)
})
