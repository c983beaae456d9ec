/**
 * Requests of groups to the bundled broker and to a real Kafka, one after the other, and every answer compared. Member ids
 * are each broker's own, and stand for the order in which they were given out; lists without an order are sorted. The
 * Kafka is started through the launcher that SAMSA_KAFKA_BIN names.
 */
import {
  createTopics,
  deleteGroups,
  describeGroups,
  findCoordinator,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  metadata,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
} from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { BrokerProcess } from '../interop/broker-process.js'
import { consumerGroups } from './consumer-group-sequences.js'
import { groupRecordsOf } from './group-records.js'
import { type Ask, Transcript, UNKNOWN_ID } from './group-transcript.js'
import { KafkaProcess } from './kafka-process.js'
import { Peer } from './peer.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const TEST_TIMEOUT_MS = 120_000
const properties = [
  'group.initial.rebalance.delay.ms=0',
  'group.min.session.timeout.ms=100',
  'group.consumer.assignment.interval.ms=0',
  'node.id=1',
]
const SUBSCRIPTION = Buffer.from('000000000001000174ffffffff', 'hex')
const MOST_TRIES = 200

function joining(groupId: string, more: object = {}) {
  return {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [
      { name: 'range', metadata: SUBSCRIPTION },
      { name: 'sticky', metadata: SUBSCRIPTION },
    ],
    ...more,
  }
}

const PARTITIONS = [
  { partitionIndex: 0, committedOffset: 5n, committedMetadata: 'text' },
  { partitionIndex: 9, committedOffset: 5n, committedMetadata: null },
  { partitionIndex: 1, committedOffset: 5n, committedMetadata: 'x'.repeat(4097) },
]

function committing(groupId: string, member: object = {}) {
  const nowhere = { name: 'nowhere', partitions: PARTITIONS.slice(0, 1) }
  return { groupId, topics: [{ name: 't', partitions: PARTITIONS }, nowhere], ...member }
}

/** The coordinator is there, and so is the topic. */
async function prepare(peer: Peer): Promise<string> {
  const topic = { name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }
  await peer.ask(createTopics, 7, { topics: [topic], timeoutMs: 5000, validateOnly: false })
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { coordinators } = await peer.ask(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] })
    const { errorCode } = await peer.ask(heartbeat, 4, { groupId: 'g', generationId: 1, memberId: 'x' })
    const { topics } = await peer.ask(metadata, 12, { topics: [{ name: 't' }], allowAutoTopicCreation: false })
    const isThere = coordinators[0]?.errorCode === 0 && errorCode === 25 && topics[0]?.errorCode === 0
    if (isThere) return topics[0]?.topicId ?? ''
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('there is no coordinator')
}

async function unknownThings(ask: Ask): Promise<void> {
  for (const version of [0, 3, 5, 6]) await ask(describeGroups, version, { groups: ['none', ''] })
  await ask(joinGroup, 9, joining(''))
  await ask(joinGroup, 9, joining('none', { memberId: 'x' }))
  for (const version of [1, 4, 6, 7, 9]) await ask(joinGroup, version, joining('none', { sessionTimeoutMs: 5 }))
  await ask(joinGroup, 5, joining('odd', { protocols: [] }))
  await ask(joinGroup, 9, joining('odd', { protocolType: '' }))
  const sync = { generationId: 1, memberId: 'x', assignments: [] }
  await ask(syncGroup, 3, { groupId: 'none', ...sync })
  await ask(syncGroup, 5, { groupId: '', ...sync, protocolType: 'consumer', protocolName: 'range' })
  await ask(syncGroup, 5, { groupId: 'none', ...sync })
  for (const groupId of ['none', '']) {
    await ask(heartbeat, 4, { groupId, generationId: 1, memberId: 'x' })
    for (const version of [0, 2]) await ask(leaveGroup, version, { groupId, memberId: 'x' })
    for (const version of [3, 5]) await ask(leaveGroup, version, { groupId, members: [{ memberId: 'x' }] })
    await ask(offsetDelete, 0, { groupId, topics: [{ name: 't', partitions: [{ partitionIndex: 0 }] }] })
    const member = { generationIdOrMemberEpoch: 1, memberId: 'x' }
    for (const version of [2, 8, 9]) await ask(offsetCommit, version, committing(groupId, member))
  }
  await ask(deleteGroups, 2, { groupsNames: ['none', '', 'none'] })
}

async function lifeOfAGroup(ask: Ask): Promise<void> {
  const groupId = 'life'
  const { memberId } = await ask(joinGroup, 9, joining(groupId))
  // Whether such a group can be described yet depends, in Kafka, on what its coordinator has written meanwhile.
  const { generationId = -1 } = await ask(joinGroup, 9, joining(groupId, { memberId }))
  const member = { groupId, memberId, generationId }
  const committer = { memberId, generationIdOrMemberEpoch: generationId }
  await ask(describeGroups, 5, { groups: [groupId], includeAuthorizedOperations: true })
  await ask(heartbeat, 4, member)
  await ask(heartbeat, 3, { ...member, generationId: 7 })
  await ask(offsetCommit, 9, committing(groupId, committer))
  await ask(joinGroup, 9, joining(groupId, { memberId }))
  const assignments = [{ memberId, assignment: Buffer.from('abc') }]
  await ask(syncGroup, 5, { ...member, assignments, protocolType: 'consumer', protocolName: 'sticky' })
  await ask(syncGroup, 5, { ...member, assignments, protocolType: 'consumer', protocolName: 'range' })
  await ask(syncGroup, 3, { ...member, assignments: [] })
  for (const version of [0, 4, 6]) await ask(describeGroups, version, { groups: [groupId] })
  for (const version of [2, 5, 7, 9]) await ask(offsetCommit, version, committing(groupId, committer))
  await ask(offsetCommit, 9, committing(groupId))
  await ask(offsetCommit, 9, committing(groupId, { ...committer, generationIdOrMemberEpoch: 0 }))
  const named = [{ name: 't', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] }]
  await ask(offsetDelete, 0, { groupId, topics: named })
  await ask(deleteGroups, 2, { groupsNames: [groupId] })
  for (const version of [0, 3, 4, 5]) await ask(listGroups, version, {})
  await ask(listGroups, 5, { statesFilter: ['stable', 'nonsense'], typesFilter: ['Classic'] })
  await ask(listGroups, 5, { typesFilter: ['nonsense'] })
  await ask(joinGroup, 9, joining(groupId, { protocolType: 'connect' }))
  await ask(joinGroup, 9, joining(groupId, { protocols: [{ name: 'other', metadata: SUBSCRIPTION }] }))
  await ask(leaveGroup, 4, {
    groupId,
    members: [{ memberId }, { memberId: 'x' }, { memberId: '', groupInstanceId: 'i' }],
  })
  await ask(describeGroups, 6, { groups: [groupId] })
  await ask(offsetDelete, 0, { groupId, topics: named })
  await ask(offsetFetch, 7, { groupId, topics: null })
  await ask(deleteGroups, 1, { groupsNames: [groupId] })
  await ask(listGroups, 5, {})
}

async function staticMembers(ask: Ask): Promise<void> {
  const groupId = 'static'
  const instance = { groupInstanceId: 'i1' }
  const { memberId: first } = await ask(joinGroup, 9, joining(groupId, instance))
  const assignments = [{ memberId: first, assignment: Buffer.from('abc') }]
  const member = { groupId, generationId: 1, ...instance }
  await ask(syncGroup, 4, { ...member, memberId: first, assignments })
  const { memberId: second } = await ask(joinGroup, 9, joining(groupId, instance))
  await ask(heartbeat, 4, { ...member, memberId: first })
  await ask(syncGroup, 4, { ...member, memberId: first, assignments })
  await ask(joinGroup, 7, joining(groupId, { ...instance, memberId: first }))
  await ask(heartbeat, 4, { ...member, memberId: second })
  await ask(joinGroup, 8, joining(groupId, instance))
  await ask(syncGroup, 4, { ...member, memberId: second, assignments })
  await ask(describeGroups, 6, { groups: [groupId] })
  const leaving = [
    { memberId: '', ...instance },
    { memberId: 'x', groupInstanceId: 'i9' },
  ]
  await ask(leaveGroup, 5, { groupId, members: leaving })
  await ask(describeGroups, 6, { groups: [groupId] })
}

async function offsetsAlone(ask: Ask, topicId: string): Promise<void> {
  const groupId = 'simple'
  for (const version of [2, 6, 9]) await ask(offsetCommit, version, committing(groupId))
  await ask(offsetCommit, 4, { ...committing(groupId), retentionTimeMs: 60_000n })
  await ask(offsetCommit, 9, committing(''))
  const byId = [
    { topicId, partitions: PARTITIONS },
    { topicId: UNKNOWN_ID, partitions: PARTITIONS },
  ]
  await ask(offsetCommit, 10, { groupId, topics: byId })
  const topics = [
    { name: 't', partitionIndexes: [0, 1, 7] },
    { name: 'nowhere', partitionIndexes: [0] },
  ]
  for (const version of [1, 2, 5, 7]) await ask(offsetFetch, version, { groupId, topics })
  const groups = [
    { groupId, topics: null },
    { groupId: 'none', topics: null },
    { groupId, topics },
    { groupId: '', topics },
  ]
  for (const version of [8, 9]) await ask(offsetFetch, version, { groups })
  const idTopics = [topicId, UNKNOWN_ID].map(id => ({ topicId: id, partitionIndexes: [0] }))
  await ask(offsetFetch, 10, {
    groups: [
      { groupId, topics: idTopics },
      { groupId, topics: null },
    ],
  })
  await ask(describeGroups, 6, { groups: [groupId] })
  await ask(listGroups, 5, { statesFilter: ['Empty'] })
  const named = [0, 1, 9].map(partitionIndex => ({ partitionIndex }))
  await ask(offsetDelete, 0, {
    groupId,
    topics: [
      { name: 't', partitions: named },
      { name: 'nowhere', partitions: named },
    ],
  })
  await ask(offsetFetch, 9, { groups: [{ groupId, topics: null }] })
  await ask(deleteGroups, 2, { groupsNames: [groupId] })
}

interface Answers {
  readonly transcript: readonly string[]
  /** What the broker wrote of groups that have ended or rest by then. */
  readonly records: readonly string[]
}

async function answersOf(address: string): Promise<Answers> {
  const peer = await Peer.connect(address)
  try {
    const topicId = await prepare(peer)
    const transcript = new Transcript(peer)
    await unknownThings(transcript.ask)
    await lifeOfAGroup(transcript.ask)
    await staticMembers(transcript.ask)
    await offsetsAlone(transcript.ask, topicId)
    await consumerGroups(transcript.ask, peer, topicId)
    const records: string[] = []
    for (const groupId of ['two', 'fixed', 'moving']) {
      records.push(...(await groupRecordsOf(peer, groupId, { name: 't', id: topicId, partitionCount: 2 })))
    }
    return { transcript: transcript.lines, records }
  } finally {
    peer.close()
  }
}

describe.skipIf(LAUNCHER === '')('groups beside a real Kafka (needs SAMSA_KAFKA_BIN)', () => {
  test('every request is answered as Kafka answers it, and what is written of groups is what Kafka writes', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const kafka = await KafkaProcess.start(LAUNCHER, properties)
    const samsa = await BrokerProcess.start({ properties })
    try {
      const expected = await answersOf(kafka.address)
      const found = await answersOf(samsa.address)
      expect(found.transcript).toEqual(expected.transcript)
      expect(found.records).toEqual(expected.records)
      expect(expected.transcript.length).toBeGreaterThan(250)
      expect(expected.records.length).toBeGreaterThan(90)
    } finally {
      await samsa.stop()
      await kafka.stop()
    }
  })
})
