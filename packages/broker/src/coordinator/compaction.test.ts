/**
 * The groups' log is compacted under groups that live: what is told of offsets and members is the same before, after, and
 * after a start from what compaction left.
 */
import {
  batchesIn,
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  deleteGroups,
  describeGroups,
  fetch,
  findCoordinator,
  listGroups,
  offsetDelete,
} from '@samsa/protocol'
import { expect, test } from 'vitest'
import { startBroker, type TestClient } from '../handlers/test-broker.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { commitOffset, committedOf, GroupMember } from './test-groups.js'

const ROUNDS = 70
const ROUND_SECONDS = 2
const CLEANER_SECONDS = 15
const CONSUMER = { groupId: 'consumers', memberId: 'one' }
const properties = {
  'offsets.topic.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  'offsets.retention.minutes': '2',
  'offsets.retention.check.interval.ms': '10000',
  'log.roll.ms': '1000',
  'log.cleaner.backoff.ms': String(CLEANER_SECONDS * 1000),
  'log.cleaner.min.cleanable.ratio': '0.01',
  // Tombstones go as well, and must not bring back what they took away.
  'log.cleaner.delete.retention.ms': '0',
}

/** How many records the groups' log has, and where it ends. An answer may end with a segment. */
async function logOf(client: TestClient) {
  let records = 0
  for (let next = 0; ; ) {
    const partitions = [{ partition: 0, fetchOffset: BigInt(next), partitionMaxBytes: 50_000_000 }]
    const topics = [{ topic: '__consumer_offsets', partitions }]
    const { responses } = await client.request(fetch, 12, { maxWaitMs: 0, minBytes: 0, topics, rackId: '' })
    const found = responses[0]?.partitions[0]
    expect(found?.errorCode).toBe(0)
    const end = Number(found?.highWatermark)
    const from = next
    for (const batch of batchesIn(found?.records ?? new Uint8Array(0))) {
      next = batch.lastOffset + 1
      for (const cursor = batch.records(); cursor.next(); ) records++
    }
    if (next >= end || next === from) return { records, end }
  }
}

/** Everything that is told of groups. */
async function told(client: TestClient) {
  const groupIds = [CONSUMER.groupId]
  const consumers = await client.request(consumerGroupDescribe, 1, { groupIds, includeAuthorizedOperations: false })
  const classic = await client.request(describeGroups, 6, { groups: ['classic'] })
  const { groups } = await client.request(listGroups, 5, {})
  const listed = groups.map(({ groupId }) => groupId).sort()
  const committed: Record<string, string[] | number> = {}
  for (const groupId of ['classic', 'consumers', 'kept', 'deleted', 'expired']) {
    committed[groupId] = await committedOf(client, groupId)
  }
  return { consumers: consumers.groups, classic: classic.groups, listed, committed }
}

async function beat(client: TestClient, memberEpoch: number): Promise<number> {
  const joining = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ['t'], topicPartitions: [] }
  const request = { ...CONSUMER, memberEpoch, ...(memberEpoch === 0 && joining) }
  const answer = await client.request(consumerGroupHeartbeat, 1, request)
  expect(answer.errorCode).toBe(0)
  return answer.memberEpoch
}

async function deleteGroup(client: TestClient, groupId: string): Promise<void> {
  const { results } = await client.request(deleteGroups, 2, { groupsNames: [groupId] })
  expect(results).toMatchObject([{ errorCode: 0 }])
}

/** Commits many times over, deletes, and lets expire; the clock goes on meanwhile. */
async function live({ client, clock }: Awaited<ReturnType<typeof startBroker>>, member: GroupMember): Promise<number> {
  const epoch = await beat(client, 0)
  const commit = async (groupId: string, offset: number, partition = 0, memberId = '', generation = -1) => {
    const who = { memberId, generationIdOrMemberEpoch: generation }
    expect(await commitOffset(client, groupId, { topic: 't', partition, offset, ...who })).toBe(0)
  }
  await commit('expired', 1)
  await commit('expired', 2, 1)
  for (let round = 1; round <= ROUNDS; round++) {
    await beat(client, epoch)
    expect(await member.heartbeat()).toBe(0)
    expect(await member.commit(round)).toBe(0)
    await commit(CONSUMER.groupId, round, round % 4, CONSUMER.memberId, epoch)
    await commit('kept', round)
    await commit('kept', round, 3)
    await commit('deleted', round)
    // It comes and goes: what is told at the end is what was said last.
    if (round % 10 === 0) await deleteGroup(client, 'deleted')
    await clock.advance({ seconds: ROUND_SECONDS })
  }
  const topics = [{ name: 't', partitions: [{ partitionIndex: 3 }] }]
  expect(await client.request(offsetDelete, 0, { groupId: 'kept', topics })).toMatchObject({ errorCode: 0 })
  // Compaction leaves the last segment alone.
  await clock.advance({ seconds: ROUND_SECONDS })
  await commit('kept', ROUNDS + 1)
  return epoch
}

test('what is told of groups is the same before compaction, after it, and after a start from what it left', async () => {
  const at = { fileSystem: new MemoryFileSystem(), dataDir: '/data', properties }
  const kafka = await startBroker({ ...at, properties: { ...properties, 'log.cleaner.enable': 'false' } })
  await kafka.client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['classic'] })
  await kafka.createTopic('t', 4)
  const member = new GroupMember(kafka.connect(), { groupId: 'classic', sessionTimeoutMs: 600_000 })
  expect(await member.join()).toBe(0)
  expect(await member.sync({ [member.memberId]: 'all' })).toBe('all')
  const epoch = await live(kafka, member)
  const before = await told(kafka.client)
  expect(before.listed).toEqual(['classic', 'consumers', 'kept'])
  expect(before.committed).toEqual({
    classic: [`t-0=${ROUNDS}`],
    consumers: ['t-0=68', 't-1=69', 't-2=70', 't-3=67'],
    kept: [`t-0=${ROUNDS + 1}`],
    deleted: [],
    expired: [],
  })
  const written = await logOf(kafka.client)
  expect(written.records).toBe(written.end)
  await kafka.broker.close()

  const { clock } = kafka
  const cleaning = await startBroker({ ...at, clock })
  await expect.poll(() => told(cleaning.client), { interval: 0 }).toEqual(before)
  await clock.advance({ seconds: CLEANER_SECONDS })
  await expect
    .poll(async () => (await logOf(cleaning.client)).records, { interval: 0 })
    .toBeLessThan(written.records / 5)
  expect(await told(cleaning.client)).toEqual(before)
  await cleaning.broker.close()

  const after = await startBroker({ ...at, clock })
  await expect.poll(() => told(after.client), { interval: 0 }).toEqual(before)
  await beat(after.client, epoch)
  const again = new GroupMember(after.client, { groupId: 'classic' })
  Object.assign(again, { memberId: member.memberId, generationId: member.generationId })
  expect(await again.heartbeat()).toBe(0)
  expect(await again.commit(ROUNDS + 1)).toBe(0)
  await after.broker.close()
})
