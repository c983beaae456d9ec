/**
 * How many groups, members and offsets a coordinator has room for, and what is said beyond that: Kafka's error, and nothing
 * that was there is harmed.
 */
import {
  batchesIn,
  deleteGroups,
  describeGroups,
  fetch,
  findCoordinator,
  incrementalAlterConfigs,
  joinGroup,
  listGroups,
  offsetCommit,
} from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { startBroker, type TestClient } from '../handlers/test-broker.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { commitOffset, committedOf, GroupMember } from './test-groups.js'

const GROUPS = 10_000
const MOST_GROUPS = 100_000
const MEMBERS = 1000
const MOST_PENDING = 10_000
const PARTITIONS_OF_LARGE_TOPIC = 4000
const AT_ONCE = 500
const TEST_TIMEOUT_MS = 120_000

async function start(properties: Readonly<Record<string, string>> = {}, more: Parameters<typeof startBroker>[0] = {}) {
  const kafka = await startBroker({ ...more, properties: { 'group.initial.rebalance.delay.ms': '0', ...properties } })
  await kafka.client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] })
  await kafka.createTopic('t')
  return kafka
}

/** As many at a time as a connection takes. */
async function forEach(count: number, act: (index: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => act(from + index)))
  }
}

async function groupCount(client: TestClient): Promise<number> {
  return (await client.request(listGroups, 5, {})).groups.length
}

/** A JoinGroup without an id. */
function newcomer(client: TestClient, groupId: string) {
  return client.request(joinGroup, 9, {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  })
}

describe('groups', () => {
  test(
    `${GROUPS} of them have members, lose them, and leave nothing behind`,
    async () => {
      const { client, broker, clock } = await start({
        'offsets.retention.minutes': '1',
        'offsets.retention.check.interval.ms': '10000',
      })
      const timers = clock.pendingTimers
      const members = Array.from({ length: GROUPS }, (_, index) => new GroupMember(client, { groupId: `g${index}` }))
      await forEach(GROUPS, async index => {
        const member = members[index] ?? expect.fail('no member')
        expect(await member.join()).toBe(0)
        expect(await member.sync({ [member.memberId]: 'all' })).toBe('all')
        expect(await member.commit(index)).toBe(0)
      })
      expect(await groupCount(client)).toBe(GROUPS)
      expect(await committedOf(client, 'g77')).toEqual(['t-0=77'])
      await clock.advance({ seconds: 11 })
      expect(await members[77]?.heartbeat()).toBe(codeOf('UNKNOWN_MEMBER_ID'))
      await clock.advance({ seconds: 100 })
      expect(await groupCount(client)).toBe(0)
      expect(clock.pendingTimers).toBe(timers)
      await broker.close()
    },
    TEST_TIMEOUT_MS,
  )

  test(
    `${MOST_GROUPS} are all that a broker keeps: another one is refused, those that are there go on`,
    async () => {
      const { client, broker } = await start()
      const commit = (groupId: string) => commitOffset(client, groupId, { topic: 't', partition: 0, offset: 1 })
      await forEach(MOST_GROUPS, async index => {
        expect(await commit(`g${index}`)).toBe(0)
      })
      expect(await commit('one more')).toBe(codeOf('COORDINATOR_NOT_AVAILABLE'))
      expect((await newcomer(client, 'one more')).errorCode).toBe(codeOf('COORDINATOR_NOT_AVAILABLE'))
      expect(await committedOf(client, 'one more')).toEqual([])
      expect(await commit('g5')).toBe(0)
      expect((await newcomer(client, 'g6')).errorCode).toBe(codeOf('MEMBER_ID_REQUIRED'))
      await client.request(deleteGroups, 2, { groupsNames: ['g7'] })
      expect(await commit('one more')).toBe(0)
      expect(await commit('and another')).toBe(codeOf('COORDINATOR_NOT_AVAILABLE'))
      expect(await groupCount(client)).toBe(MOST_GROUPS)
      await broker.close()
    },
    TEST_TIMEOUT_MS,
  )
})

describe('members', () => {
  test(
    `${MEMBERS} of them join one group in one generation, and each gets what is its own`,
    async () => {
      const { client, connect, broker, clock } = await start({ 'group.initial.rebalance.delay.ms': '3000' })
      const members = Array.from({ length: MEMBERS }, () => new GroupMember(connect()))
      const joins = members.map(member => member.join())
      // Each is given its id, and waits with it; whoever came later made the group wait on.
      const everyone = Promise.all(joins)
      let hasJoined = false
      void everyone.then(() => {
        hasJoined = true
      })
      for (let seconds = 0; !hasJoined; seconds++) {
        if (seconds > 30) expect.fail('not all have joined')
        for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
        await clock.advance({ seconds: 1 })
      }
      expect(await everyone).toEqual(members.map(() => 0))
      expect(new Set(members.map(({ generationId }) => generationId))).toEqual(new Set([1]))
      const leader = members.find(each => each.members.length > 0) ?? expect.fail('nobody leads')
      expect(leader.members).toHaveLength(MEMBERS)
      const shares = Object.fromEntries(leader.members.map(memberId => [memberId, `share of ${memberId}`]))
      const assigned = await Promise.all(members.map(each => each.sync(each === leader ? shares : {})))
      expect(assigned).toEqual(members.map(({ memberId }) => `share of ${memberId}`))
      expect(await Promise.all(members.map(each => each.heartbeat()))).toEqual(members.map(() => 0))
      const { groups } = await client.request(describeGroups, 5, { groups: ['g'] })
      expect([groups[0]?.groupState, groups[0]?.members.length]).toEqual(['Stable', MEMBERS])
      await broker.close()
    },
    TEST_TIMEOUT_MS,
  )

  test(
    `${MOST_PENDING} ids wait to be used: another is refused, until one was used or forgotten`,
    async () => {
      const { client, connect, broker, clock } = await start()
      const given: string[] = []
      await forEach(MOST_PENDING, async () => {
        const { errorCode, memberId } = await newcomer(client, 'g')
        expect(errorCode).toBe(codeOf('MEMBER_ID_REQUIRED'))
        given.push(memberId)
      })
      expect((await newcomer(client, 'g')).errorCode).toBe(codeOf('GROUP_MAX_SIZE_REACHED'))
      const member = new GroupMember(connect())
      member.memberId = given[0] ?? ''
      expect(await member.join()).toBe(0)
      expect(await member.sync({ [member.memberId]: 'all' })).toBe('all')
      expect((await newcomer(client, 'g')).errorCode).toBe(codeOf('MEMBER_ID_REQUIRED'))
      expect((await newcomer(client, 'g')).errorCode).toBe(codeOf('GROUP_MAX_SIZE_REACHED'))
      await clock.advance({ seconds: 6 })
      expect(await member.heartbeat()).toBe(0)
      await clock.advance({ seconds: 6 })
      expect(await member.heartbeat()).toBe(0)
      expect((await newcomer(client, 'g')).errorCode).toBe(codeOf('MEMBER_ID_REQUIRED'))
      await broker.close()
    },
    TEST_TIMEOUT_MS,
  )
})

describe('a group with more offsets than a batch has room for', () => {
  test('is deleted whole, in several batches, and is not there after a restart', async () => {
    const fileSystem = new MemoryFileSystem()
    const at = { fileSystem, dataDir: '/data' }
    const { client, broker, createTopic } = await start({}, at)
    await createTopic('large', PARTITIONS_OF_LARGE_TOPIC)
    const configs = [{ name: 'max.message.bytes', configOperation: 0, value: '20000' }]
    const resources = [{ resourceType: 2, resourceName: '__consumer_offsets', configs }]
    await client.request(incrementalAlterConfigs, 1, { resources, validateOnly: false })
    for (let from = 0; from < PARTITIONS_OF_LARGE_TOPIC; from += 100) {
      const partitions = Array.from({ length: 100 }, (_, index) => ({
        partitionIndex: from + index,
        committedOffset: BigInt(index),
        committedMetadata: '',
      }))
      await client.request(offsetCommit, 9, { groupId: 'g', topics: [{ name: 'large', partitions }] })
    }
    expect(await committedOf(client, 'g')).toHaveLength(PARTITIONS_OF_LARGE_TOPIC)
    const { results } = await client.request(deleteGroups, 2, { groupsNames: ['g'] })
    expect(results).toMatchObject([{ groupId: 'g', errorCode: 0 }])
    const tombstones = await tombstonesIn(client)
    expect(tombstones.reduce((sum, count) => sum + count, 0)).toBe(PARTITIONS_OF_LARGE_TOPIC + 1)
    expect(tombstones.length).toBeGreaterThan(5)
    expect(await groupCount(client)).toBe(0)
    await broker.close()
    const again = await startBroker(at)
    await expect.poll(() => committedOf(again.client, 'g'), { interval: 0 }).toEqual([])
    expect(await groupCount(again.client)).toBe(0)
    await again.broker.close()
  })
})

/** How many each batch of the groups' log has, of those that have any. */
async function tombstonesIn(client: TestClient): Promise<number[]> {
  const partitions = Array.from({ length: 50 }, (_, partition) => ({
    partition,
    fetchOffset: 0n,
    partitionMaxBytes: 10_000_000,
  }))
  const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: '__consumer_offsets', partitions }], rackId: '' }
  const { responses } = await client.request(fetch, 12, request)
  const counts: number[] = []
  for (const { records } of responses[0]?.partitions ?? []) {
    for (const batch of batchesIn(records ?? new Uint8Array(0))) {
      let count = 0
      for (const cursor = batch.records(); cursor.next(); ) if (cursor.value() === null) count++
      if (count > 0) counts.push(count)
    }
  }
  return counts
}
