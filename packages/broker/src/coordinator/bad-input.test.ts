/**
 * What groups are asked that cannot be, and what is said to it: Kafka's error. Groups that live beside, with members and
 * offsets, are as they were afterwards: their heartbeats, their offsets and what is told of them.
 */
import {
  type ConsumerGroupHeartbeatRequest,
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  deleteGroups,
  describeGroups,
  findCoordinator,
  heartbeat,
  type JoinGroupRequest,
  joinGroup,
  leaveGroup,
  listGroups,
  type OffsetCommitRequest,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
} from '@samsa/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { startBroker, type TestBroker, type TestClient } from '../handlers/test-broker.js'
import { commitOffset, committedOf, GroupMember } from './test-groups.js'

const CLASSIC = 'g'
const CONSUMER = 'c'
const CONSUMER_MEMBER = 'living-member'
const PARTITIONS = 400
const MEBIBYTE = 1024 * 1024
const MANY_TOPICS = 50_000
const MOST_METADATA = 4096
const LIVING_OFFSET = 5

let kafka: TestBroker
let hostile: TestClient
let classic: GroupMember
let consumerEpoch = 0
let asItWas: unknown

function beat(client: TestClient, more: Partial<ConsumerGroupHeartbeatRequest>) {
  return client.request(consumerGroupHeartbeat, 1, {
    groupId: CONSUMER,
    memberId: CONSUMER_MEMBER,
    memberEpoch: consumerEpoch,
    ...more,
  })
}

const joiningConsumer = {
  memberId: 'stranger',
  memberEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: ['t'],
  topicPartitions: [],
}

async function refusedBeat(more: Partial<ConsumerGroupHeartbeatRequest>): Promise<number> {
  return (await beat(hostile, more)).errorCode
}

async function refusedJoin(more: Partial<JoinGroupRequest>): Promise<number> {
  const { errorCode } = await hostile.request(joinGroup, 9, {
    groupId: CLASSIC,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    ...more,
  })
  return errorCode
}

function self() {
  return { groupId: CLASSIC, memberId: classic.memberId, generationId: classic.generationId }
}

async function refusedSync(more: object): Promise<number> {
  const request = { ...self(), protocolType: 'consumer', protocolName: 'range', assignments: [], ...more }
  return (await hostile.request(syncGroup, 5, request)).errorCode
}

async function refusedLeave(groupId: string, member: { memberId: string; groupInstanceId?: string }): Promise<number> {
  const { errorCode, members } = await hostile.request(leaveGroup, 5, { groupId, members: [member] })
  return errorCode === 0 ? (members[0]?.errorCode ?? -1) : errorCode
}

/** The one code that all partitions have. */
async function refusedCommits(request: OffsetCommitRequest): Promise<number> {
  const { topics } = await hostile.request(offsetCommit, 9, request)
  const codes = new Set(topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)))
  expect(codes.size).toBe(1)
  return [...codes][0] ?? 0
}

function partitionsOf(count: number, committedMetadata: string) {
  return Array.from({ length: count }, (_, partitionIndex) => ({
    partitionIndex,
    committedOffset: 99n,
    committedMetadata,
  }))
}

function byMember() {
  return { groupId: CLASSIC, memberId: classic.memberId, generationIdOrMemberEpoch: classic.generationId }
}

const inTopic = { topic: 't', partition: 0, offset: 99 }
const unknownTopics = Array.from({ length: MANY_TOPICS }, (_, index) => `topic-${index}`)

/** In a group of its own, which is one member more than it can write down. Returns what the leader's SyncGroup says. */
async function syncWithLargeMetadata(): Promise<number> {
  const large = {
    groupId: 'large',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(MEBIBYTE) }],
  }
  const { memberId } = await hostile.request(joinGroup, 9, { ...large, memberId: '' })
  const { errorCode, generationId } = await hostile.request(joinGroup, 9, { ...large, memberId })
  expect(errorCode).toBe(0)
  return refusedSync({ groupId: 'large', memberId, generationId })
}

async function refusedFetch(group: { groupId: string; memberId?: string; memberEpoch?: number }): Promise<number> {
  const { groups } = await hostile.request(offsetFetch, 9, { groups: [{ topics: null, ...group }] })
  return groups[0]?.errorCode ?? 0
}

async function refusedDeletion(groupId: string): Promise<number> {
  return (await hostile.request(deleteGroups, 2, { groupsNames: [groupId] })).results[0]?.errorCode ?? 0
}

async function refusedOffsetDeletion(groupId: string): Promise<number> {
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0 }] }]
  const answer = await hostile.request(offsetDelete, 0, { groupId, topics })
  return answer.errorCode === 0 ? (answer.topics[0]?.partitions[0]?.errorCode ?? 0) : answer.errorCode
}

type BadInput = readonly [what: string, code: string, ask: () => Promise<number>]

const joins: readonly BadInput[] = [
  ['no group id', 'INVALID_GROUP_ID', () => refusedJoin({ groupId: '' })],
  ['an unknown member', 'UNKNOWN_MEMBER_ID', () => refusedJoin({ memberId: 'stranger' })],
  ['an unknown member of no group', 'UNKNOWN_MEMBER_ID', () => refusedJoin({ groupId: 'none', memberId: 'stranger' })],
  ['a negative session', 'INVALID_SESSION_TIMEOUT', () => refusedJoin({ sessionTimeoutMs: -1 })],
  ['an endless session', 'INVALID_SESSION_TIMEOUT', () => refusedJoin({ sessionTimeoutMs: 0x7fffffff })],
  ['no protocols', 'INCONSISTENT_GROUP_PROTOCOL', () => refusedJoin({ protocols: [] })],
  ['another protocol type', 'INCONSISTENT_GROUP_PROTOCOL', () => refusedJoin({ protocolType: 'connect' })],
  ['a negative rebalance timeout', 'MEMBER_ID_REQUIRED', () => refusedJoin({ rebalanceTimeoutMs: -1 })],
]

const classicMembers: readonly BadInput[] = [
  ['a sync without a group', 'INVALID_GROUP_ID', () => refusedSync({ groupId: '' })],
  ['a sync of an unknown member', 'UNKNOWN_MEMBER_ID', () => refusedSync({ memberId: 'stranger' })],
  ['a sync of another generation', 'ILLEGAL_GENERATION', () => refusedSync({ generationId: 7 })],
  ['a sync of a negative generation', 'ILLEGAL_GENERATION', () => refusedSync({ generationId: -7 })],
  ['a sync of another protocol', 'INCONSISTENT_GROUP_PROTOCOL', () => refusedSync({ protocolName: 'other' })],
  ['a mebibyte of metadata', 'UNKNOWN_SERVER_ERROR', syncWithLargeMetadata],
  ['a heartbeat without a group', 'INVALID_GROUP_ID', async () => heartbeatCode({ groupId: '' })],
  ['a heartbeat of an unknown member', 'UNKNOWN_MEMBER_ID', () => heartbeatCode({ memberId: 'stranger' })],
  ['a heartbeat of another generation', 'ILLEGAL_GENERATION', () => heartbeatCode({ generationId: 0x7fffffff })],
  ['an unknown instance', 'UNKNOWN_MEMBER_ID', () => heartbeatCode({ groupInstanceId: 'stranger' })],
  ['to leave no group', 'INVALID_GROUP_ID', () => refusedLeave('', { memberId: 'x' })],
  ['an unknown member to leave', 'UNKNOWN_MEMBER_ID', () => refusedLeave(CLASSIC, { memberId: 'stranger' })],
]

async function heartbeatCode(more: object): Promise<number> {
  return (await hostile.request(heartbeat, 4, { ...self(), ...more })).errorCode
}

const consumers: readonly BadInput[] = [
  ['a consumer without a group', 'INVALID_REQUEST', () => refusedBeat({ ...joiningConsumer, groupId: '' })],
  ['a consumer without an id', 'INVALID_REQUEST', () => refusedBeat({ ...joiningConsumer, memberId: '' })],
  [
    'a consumer without a timeout',
    'INVALID_REQUEST',
    () => refusedBeat({ ...joiningConsumer, rebalanceTimeoutMs: -1 }),
  ],
  ['an unknown consumer', 'UNKNOWN_MEMBER_ID', () => refusedBeat({ memberId: 'stranger' })],
  ['an unknown consumer to leave', 'UNKNOWN_MEMBER_ID', () => refusedBeat({ memberId: 'stranger', memberEpoch: -1 })],
  ['a later epoch', 'FENCED_MEMBER_EPOCH', () => refusedBeat({ memberEpoch: consumerEpoch + 7 })],
  ['an epoch that is none', 'INVALID_REQUEST', () => refusedBeat({ memberEpoch: -3 })],
  ['a pattern that is none', 'INVALID_REGULAR_EXPRESSION', () => refusedBeat({ ...joiningConsumer, ...pattern('(') })],
  ['a pattern that is none, of a member', 'INVALID_REGULAR_EXPRESSION', () => refusedBeat(pattern('[a'))],
  ['a pattern that grows', 'INVALID_REGULAR_EXPRESSION', () => refusedBeat(pattern('((a{100}){100}){100}'))],
  ['an unknown assignor', 'UNSUPPORTED_ASSIGNOR', () => refusedBeat({ serverAssignor: 'stranger' })],
  [
    'a subscription that no record has room for',
    'UNKNOWN_SERVER_ERROR',
    () => refusedBeat({ ...joiningConsumer, subscribedTopicNames: unknownTopics.map(name => name.padEnd(100, '.')) }),
  ],
  ['to go where no group is', 'GROUP_ID_NOT_FOUND', () => refusedBeat({ groupId: 'none', memberEpoch: 1 })],
]

function pattern(subscribedTopicRegex: string): Partial<ConsumerGroupHeartbeatRequest> {
  return { subscribedTopicRegex }
}

const offsets: readonly BadInput[] = [
  [
    'metadata that is too long',
    'OFFSET_METADATA_TOO_LARGE',
    () => classicCommit({ metadata: 'x'.repeat(MOST_METADATA + 1) }),
  ],
  [
    'commits that no batch has room for',
    'UNKNOWN_SERVER_ERROR',
    () =>
      refusedCommits({
        ...byMember(),
        topics: [{ name: 't', partitions: partitionsOf(PARTITIONS, 'x'.repeat(MOST_METADATA)) }],
      }),
  ],
  [
    'commits of very many topics',
    'UNKNOWN_TOPIC_OR_PARTITION',
    () =>
      refusedCommits({ ...byMember(), topics: unknownTopics.map(name => ({ name, partitions: partitionsOf(1, '') })) }),
  ],
  ['a negative partition', 'UNKNOWN_TOPIC_OR_PARTITION', () => classicCommit({ partition: -1 })],
  ['a commit of an unknown member', 'UNKNOWN_MEMBER_ID', () => classicCommit({ memberId: 'stranger' })],
  ['a commit of nobody', 'UNKNOWN_MEMBER_ID', () => commitOffset(hostile, CLASSIC, inTopic)],
  ['a commit of another generation', 'ILLEGAL_GENERATION', () => classicCommit({ generationIdOrMemberEpoch: 7 })],
  // The empty name is a group's as any other for offsets alone, as in Kafka: there is none of that name here.
  [
    'a commit of a member of no group',
    'GROUP_ID_NOT_FOUND',
    () => refusedCommits({ ...byMember(), groupId: '', topics: [{ name: 't', partitions: partitionsOf(1, '') }] }),
  ],
  [
    'a commit of a later epoch',
    'STALE_MEMBER_EPOCH',
    () => commitOffset(hostile, CONSUMER, { ...inTopic, memberId: CONSUMER_MEMBER, generationIdOrMemberEpoch: 99 }),
  ],
  ['offsets for an unknown member', 'UNKNOWN_MEMBER_ID', () => refusedFetch({ groupId: CONSUMER, memberId: 'x' })],
  [
    'offsets for a later epoch',
    'STALE_MEMBER_EPOCH',
    () => refusedFetch({ groupId: CONSUMER, memberId: CONSUMER_MEMBER, memberEpoch: 99 }),
  ],
  ['to delete a group with members', 'NON_EMPTY_GROUP', () => refusedDeletion(CLASSIC)],
  ['to delete a consumer group with members', 'NON_EMPTY_GROUP', () => refusedDeletion(CONSUMER)],
  ['to delete no group', 'GROUP_ID_NOT_FOUND', () => refusedDeletion('')],
  ['to delete offsets that are read', 'GROUP_SUBSCRIBED_TO_TOPIC', () => refusedOffsetDeletion(CLASSIC)],
  ['to delete offsets of no group', 'INVALID_GROUP_ID', () => refusedOffsetDeletion('')],
]

function classicCommit(more: object): Promise<number> {
  return commitOffset(hostile, CLASSIC, {
    ...inTopic,
    memberId: classic.memberId,
    generationIdOrMemberEpoch: classic.generationId,
    ...more,
  })
}

/** Everything that is told of the groups that live. */
async function told(): Promise<unknown> {
  const { client } = kafka
  const { groups } = await client.request(describeGroups, 6, { groups: [CLASSIC] })
  const consumer = await client.request(consumerGroupDescribe, 1, {
    groupIds: [CONSUMER],
    includeAuthorizedOperations: false,
  })
  const listed = (await client.request(listGroups, 5, {})).groups.filter(({ groupId }) => groupId !== 'large')
  const committed = [await committedOf(client, CLASSIC), await committedOf(client, CONSUMER)]
  return { groups, consumers: consumer.groups, listed, committed }
}

beforeAll(async () => {
  kafka = await startBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
  hostile = kafka.connect()
  await kafka.client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: [CLASSIC] })
  await kafka.createTopic('t', PARTITIONS)
  classic = new GroupMember(kafka.connect(), { groupId: CLASSIC })
  expect(await classic.join()).toBe(0)
  expect(await classic.sync({ [classic.memberId]: 'all' })).toBe('all')
  expect(await classic.commit(LIVING_OFFSET)).toBe(0)
  const joined = await beat(kafka.client, { ...joiningConsumer, memberId: CONSUMER_MEMBER })
  expect(joined.errorCode).toBe(0)
  consumerEpoch = joined.memberEpoch
  const member = { memberId: CONSUMER_MEMBER, generationIdOrMemberEpoch: consumerEpoch }
  const commit = { ...inTopic, offset: LIVING_OFFSET, ...member }
  expect(await commitOffset(kafka.client, CONSUMER, commit)).toBe(0)
  asItWas = await told()
  expect(asItWas).toMatchObject({
    groups: [{ groupState: 'Stable' }],
    consumers: [{ groupState: 'Stable' }],
    committed: [[`t-0=${LIVING_OFFSET}`], [`t-0=${LIVING_OFFSET}`]],
  })
})

afterAll(() => kafka.broker.close())

test.each([...joins, ...classicMembers, ...consumers, ...offsets])(
  '%s is answered with %s, and harms no group',
  async (_, code, ask) => {
    expect(await ask()).toBe(codeOf(code))
    expect(await classic.heartbeat()).toBe(0)
    expect((await beat(kafka.client, {})).errorCode).toBe(0)
    expect(await told()).toEqual(asItWas)
  },
)
