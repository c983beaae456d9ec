/**
 * Sequences of requests of consumer groups (KIP-848), for one broker as for the other. What Kafka does in the background
 * (patterns, metadata that reaches the coordinator) is waited for without being written down.
 */
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  type Decoded,
  deleteGroups,
  deleteTopics,
  describeGroups,
  encodeAssignment,
  encodeSubscription,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
} from '@samsa/protocol'
import { type Ask, UNKNOWN_ID } from './group-transcript.js'
import type { Peer } from './peer.js'

const MOST_TRIES = 200
const PAUSE_MS = 50

type Heartbeat = Partial<ConsumerGroupHeartbeatRequest>

function joining(groupId: string, memberId: string, more: Heartbeat = {}): ConsumerGroupHeartbeatRequest {
  return {
    groupId,
    memberId,
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: ['t'],
    topicPartitions: [],
    ...more,
  }
}

function owning(topicId: string, ...partitions: readonly number[]) {
  return partitions.length === 0 ? [] : [{ topicId, partitions }]
}

async function describe(ask: Ask, ...groupIds: readonly string[]): Promise<void> {
  for (const version of [0, 1]) {
    await ask(consumerGroupDescribe, version, { groupIds, includeAuthorizedOperations: version === 1 })
  }
}

async function whatCannotBe(ask: Ask): Promise<void> {
  await describe(ask, 'none', '', 'simple')
  const odd: readonly Heartbeat[] = [
    { memberId: '' },
    { groupId: '' },
    { instanceId: '' },
    { rackId: ' ' },
    { rebalanceTimeoutMs: -1 },
    { topicPartitions: null },
    { topicPartitions: [{ topicId: UNKNOWN_ID, partitions: [1] }] },
    { subscribedTopicNames: null },
    { memberEpoch: -2 },
    { memberEpoch: -3 },
    { memberEpoch: 1 },
    { memberEpoch: -1 },
    { memberEpoch: -2, instanceId: 'i' },
    { serverAssignor: 'nonsense' },
    { memberEpoch: 1, memberId: '' },
    { memberEpoch: -1, memberId: '' },
  ]
  for (const more of odd) {
    // A member without id is given one at random in version 0.
    const versions = more.memberId === '' && more.memberEpoch === undefined ? [1] : [0, 1]
    for (const version of versions) await ask(consumerGroupHeartbeat, version, joining('none', 'a', more))
  }
  await ask(consumerGroupHeartbeat, 1, joining('none', 'a', { subscribedTopicRegex: '(' }))
  await ask(listGroups, 5, { typesFilter: ['consumer'] })
}

async function twoMembers(ask: Ask, topicId: string): Promise<void> {
  const groupId = 'two'
  const beat = (memberId: string, memberEpoch: number, more: Heartbeat = {}) =>
    ask(consumerGroupHeartbeat, 1, { groupId, memberId, memberEpoch, ...more })
  const full = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ['t'] }
  await ask(consumerGroupHeartbeat, 1, joining(groupId, 'a'))
  await beat('a', 2)
  await beat('a', 2, { ...full, topicPartitions: owning(topicId, 0, 1) })
  await describe(ask, groupId)
  await beat('a', 3)
  await beat('b', 2)
  await ask(consumerGroupHeartbeat, 0, joining(groupId, 'b', { serverAssignor: 'range' }))
  await describe(ask, groupId)
  await beat('a', 2)
  await beat('a', 2, { topicPartitions: owning(topicId, 0, 1) })
  await beat('b', 3)
  await describe(ask, groupId)
  await commits(ask, groupId, topicId, { memberId: 'a', epoch: 2 })
  await beat('a', 2, { topicPartitions: owning(topicId, 0) })
  await describe(ask, groupId)
  await beat('b', 3)
  await beat('b', 3, { topicPartitions: owning(topicId, 1) })
  // The answer with the new epoch may have been lost.
  await beat('a', 2, { topicPartitions: owning(topicId, 0) })
  await beat('a', 2)
  await beat('a', 2, { topicPartitions: owning(topicId, 0, 1) })
  await commits(ask, groupId, topicId, { memberId: 'a', epoch: 2 })
  await commits(ask, groupId, topicId, { memberId: 'a', epoch: 3 })
  await describe(ask, groupId)
  await admin(ask, groupId)
  await beat('a', 3, { subscribedTopicNames: [] })
  await beat('a', 3, { topicPartitions: [] })
  await describe(ask, groupId)
  await beat('b', 3)
  await beat('b', -1)
  await beat('b', -1)
  await describe(ask, groupId)
  await beat('a', 4, full)
  await beat('a', 9)
  await beat('a', -1)
  await describe(ask, groupId)
  await admin(ask, groupId)
  await describe(ask, groupId)
}

async function commits(
  ask: Ask,
  groupId: string,
  topicId: string,
  { memberId, epoch }: { readonly memberId: string; readonly epoch: number },
): Promise<void> {
  const member = { groupId, memberId, generationIdOrMemberEpoch: epoch }
  for (const partition of [0, 1]) {
    const partitions = [{ partitionIndex: partition, committedOffset: 5n, committedMetadata: '' }]
    await ask(offsetCommit, 8, { ...member, topics: [{ name: 't', partitions }] })
    await ask(offsetCommit, 9, { ...member, topics: [{ name: 't', partitions }] })
    await ask(offsetCommit, 10, { ...member, topics: [{ topicId, partitions }] })
  }
  const reader = { groupId, memberId, memberEpoch: epoch }
  await ask(offsetFetch, 9, { groups: [{ ...reader, topics: null }] })
  await ask(offsetFetch, 10, { groups: [{ ...reader, topics: [{ topicId, partitionIndexes: [0, 1] }] }] })
  await ask(offsetFetch, 9, { groups: [{ groupId, memberId: 'x', memberEpoch: epoch, topics: null }] })
  await ask(offsetFetch, 7, { groupId, topics: null })
}

async function admin(ask: Ask, groupId: string): Promise<void> {
  for (const version of [5, 6]) await ask(describeGroups, version, { groups: [groupId] })
  for (const typesFilter of [['Consumer'], ['classic'], []]) await ask(listGroups, 5, { typesFilter })
  await ask(listGroups, 5, { statesFilter: ['Stable', 'Assigning', 'reconciling'] })
  await ask(offsetDelete, 0, { groupId, topics: [{ name: 't', partitions: [{ partitionIndex: 0 }] }] })
  const partitions = [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: '' }]
  await ask(offsetCommit, 9, { groupId, topics: [{ name: 't', partitions }] })
  await ask(deleteGroups, 2, { groupsNames: [groupId] })
}

async function staticMembers(ask: Ask, topicId: string): Promise<void> {
  const groupId = 'fixed'
  const instanceId = 'i'
  const beat = (memberId: string, memberEpoch: number, more: Heartbeat = {}) =>
    ask(consumerGroupHeartbeat, 1, { groupId, memberId, memberEpoch, instanceId, ...more })
  await ask(consumerGroupHeartbeat, 1, joining(groupId, 'a', { instanceId, rackId: 'r' }))
  await ask(consumerGroupHeartbeat, 1, joining(groupId, 'b', { instanceId }))
  await beat('a', -2)
  await describe(ask, groupId)
  await commits(ask, groupId, topicId, { memberId: 'a', epoch: 2 })
  await ask(consumerGroupHeartbeat, 1, joining(groupId, 'b', { instanceId }))
  await describe(ask, groupId)
  await beat('a', 2)
  await beat('a', -1)
  await beat('b', 2, { topicPartitions: owning(topicId, 0, 1) })
  await ask(consumerGroupHeartbeat, 1, joining(groupId, 'b', { instanceId }))
  await beat('b', -1)
  await beat('b', -1, { instanceId: 'j' })
  await describe(ask, groupId)
  await ask(deleteGroups, 2, { groupsNames: [groupId] })
}

async function topicsAndPatterns(ask: Ask, peer: Peer): Promise<void> {
  const groupId = 'topics'
  const topic = { name: 'growing', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  const join = joining(groupId, 'a', { subscribedTopicNames: ['growing'] })
  const first = await ask(consumerGroupHeartbeat, 1, join)
  await peer.ask(createTopics, 7, { topics: [topic], timeoutMs: 5000, validateOnly: false })
  const second = await newEpoch(peer, { groupId, memberId: 'a', memberEpoch: first.memberEpoch })
  await describe(ask, groupId)
  const count = { name: 'growing', count: 3, assignments: null }
  await peer.ask(createPartitions, 3, { topics: [count], timeoutMs: 5000, validateOnly: false })
  const third = await newEpoch(peer, { groupId, memberId: 'a', memberEpoch: second.memberEpoch })
  await describe(ask, groupId)
  await peer.ask(deleteTopics, 5, { topicNames: ['growing'], timeoutMs: 5000 })
  const told = await newAssignment(peer, { groupId, memberId: 'a', memberEpoch: third.memberEpoch })
  await ask(consumerGroupHeartbeat, 1, { groupId, memberId: 'a', memberEpoch: told.memberEpoch, topicPartitions: [] })
  await describe(ask, groupId)
  const matching = { subscribedTopicNames: null, subscribedTopicRegex: 't|x.*' }
  const joined = await peer.ask(consumerGroupHeartbeat, 1, joining('patterns', 'a', matching))
  if ((joined.assignment?.topicPartitions.length ?? 0) === 0) {
    await newEpoch(peer, { groupId: 'patterns', memberId: 'a', memberEpoch: joined.memberEpoch })
  }
  await describe(ask, 'patterns')
}

/** The next heartbeat that brings another epoch. */
function newEpoch(peer: Peer, request: Pick<ConsumerGroupHeartbeatRequest, 'groupId' | 'memberId' | 'memberEpoch'>) {
  return beatUntil(peer, request, ({ memberEpoch }) => memberEpoch !== request.memberEpoch)
}

function newAssignment(
  peer: Peer,
  request: Pick<ConsumerGroupHeartbeatRequest, 'groupId' | 'memberId' | 'memberEpoch'>,
) {
  return beatUntil(peer, request, ({ assignment }) => assignment !== null)
}

async function beatUntil(
  peer: Peer,
  request: Pick<ConsumerGroupHeartbeatRequest, 'groupId' | 'memberId' | 'memberEpoch'>,
  isIt: (answer: Decoded<ConsumerGroupHeartbeatResponse>) => boolean,
): Promise<Decoded<ConsumerGroupHeartbeatResponse>> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await peer.ask(consumerGroupHeartbeat, 1, request)
    if (answer.errorCode !== 0) throw new Error(`a heartbeat is refused: ${answer.errorCode} ${answer.errorMessage}`)
    if (isIt(answer)) return answer
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
  throw new Error('the group stays as it is')
}

function classicJoin(groupId: string, memberId: string, more: object = {}) {
  const subscription = { topics: ['t'], userData: null, ownedPartitions: [], generationId: -1, rackId: null, ...more }
  return {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: encodeSubscription(subscription, 1) }],
  }
}

async function migration(ask: Ask, topicId: string): Promise<void> {
  const groupId = 'moving'
  const { memberId } = await ask(joinGroup, 9, classicJoin(groupId, ''))
  await ask(joinGroup, 9, classicJoin(groupId, memberId))
  const protocol = { protocolType: 'consumer', protocolName: 'range' }
  const sync = (generationId: number, more: object = {}) =>
    ask(syncGroup, 5, { groupId, memberId, generationId, ...protocol, assignments: [], ...more })
  const beat = (generationId: number) => ask(heartbeat, 4, { groupId, memberId, generationId })
  // It has all partitions, so that it is not for chance to say which of them it keeps.
  const assignment = encodeAssignment({ partitions: [{ topic: 't', partitions: [0, 1] }], userData: null }, 1)
  await sync(1, { assignments: [{ memberId, assignment }] })
  await ask(consumerGroupHeartbeat, 1, joining(groupId, 'b'))
  await describe(ask, groupId)
  await beat(1)
  await beat(2)
  await sync(1)
  await ask(joinGroup, 9, classicJoin(groupId, memberId))
  await sync(2, { protocolName: 'other' })
  await sync(2)
  await beat(2)
  await ask(consumerGroupHeartbeat, 1, { groupId, memberId: 'b', memberEpoch: 2 })
  await describe(ask, groupId)
  await commits(ask, groupId, topicId, { memberId, epoch: 2 })
  await ask(joinGroup, 9, { ...classicJoin(groupId, 'x'), protocols: [{ name: 'other', metadata: Buffer.alloc(0) }] })
  await ask(heartbeat, 4, { groupId, memberId: 'b', generationId: 2 })
  await ask(leaveGroup, 5, { groupId, members: [{ memberId: 'nobody' }] })
  await ask(consumerGroupHeartbeat, 1, { groupId, memberId: 'b', memberEpoch: -1 })
  await describe(ask, groupId)
  await beat(2)
  await ask(describeGroups, 6, { groups: [groupId] })
  await ask(leaveGroup, 5, { groupId, members: [{ memberId }] })
  // Nobody is in it: the next one may speak either protocol.
  await ask(consumerGroupHeartbeat, 1, joining(groupId, 'b'))
  await describe(ask, groupId)
  await ask(leaveGroup, 5, { groupId, members: [{ memberId: 'b' }] })
  await describe(ask, groupId)
  await ask(joinGroup, 3, classicJoin(groupId, ''))
  await ask(describeGroups, 6, { groups: [groupId] })
}

/** All of them. */
export async function consumerGroups(ask: Ask, peer: Peer, topicId: string): Promise<void> {
  await whatCannotBe(ask)
  await twoMembers(ask, topicId)
  await staticMembers(ask, topicId)
  await topicsAndPatterns(ask, peer)
  await migration(ask, topicId)
}
