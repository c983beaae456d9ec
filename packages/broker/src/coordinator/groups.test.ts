import {
  batchesIn,
  coordinatorPartition,
  deleteGroups,
  deleteTopics,
  describeGroups,
  fetch,
  findCoordinator,
  listGroups,
  offsetCommit,
  offsetDelete,
  ZERO_UUID,
} from '@samsa/protocol'
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { NOW_MS, slowDisk, startBroker, type TestClient } from '../handlers/test-broker.js'
import type { BrokerOptions } from '../options.js'
import { FaultyFileSystem } from '../storage/faulty.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { startNodes, until } from '../testing/test-nodes.js'
import { commitOffset, committedOf, GroupMember } from './test-groups.js'

const MINUTE_MS = 60_000
const SEEDS = 20
const SHORT_RETENTION = {
  'offsets.retention.minutes': '3',
  'offsets.retention.check.interval.ms': '10000',
}

async function start(options: Parameters<typeof startBroker>[0] = {}) {
  const properties = { 'group.initial.rebalance.delay.ms': '0', ...options.properties }
  const kafka = await startBroker({ ...options, properties })
  await find(kafka.client)
  await kafka.createTopic('t', 3)
  return kafka
}

function find(client: TestClient) {
  return client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] })
}

async function loaded(client: TestClient): Promise<void> {
  for (let tries = 0; (await committedOf(client, 'g')) === codeOf('COORDINATOR_LOAD_IN_PROGRESS'); tries++) {
    if (tries > 1000) throw new Error('the group is not loaded')
  }
}

async function stateOf(client: TestClient, groupId = 'g') {
  const { groups } = await client.request(describeGroups, 5, { groups: [groupId] })
  return groups[0]?.groupState
}

describe('offsets', () => {
  test('are what was committed last, with text and leader epoch', async () => {
    const { client, broker } = await start()
    expect(await commitOffset(client, 'g', { topic: 't', partition: 0, offset: 5, metadata: 'first' })).toBe(0)
    expect(await commitOffset(client, 'g', { topic: 't', partition: 0, offset: 7 })).toBe(0)
    expect(await commitOffset(client, 'g', { topic: 't', partition: 2, offset: 1 })).toBe(0)
    expect(await committedOf(client, 'g')).toEqual(['t-0=7', 't-2=1'])
    expect(await committedOf(client, 'other')).toEqual([])
    await broker.close()
  })

  test('are there again after a restart, and so is the group', async () => {
    const fileSystem = new MemoryFileSystem()
    const before = await start({ fileSystem, dataDir: '/data' })
    const member = new GroupMember(before.client)
    expect(await member.join()).toBe(0)
    expect(await member.sync({ [member.memberId]: 'all' })).toBe('all')
    expect(await member.commit(42)).toBe(0)
    await before.broker.close()
    const after = await startBroker({ fileSystem, dataDir: '/data' })
    const again = new GroupMember(after.client)
    again.memberId = member.memberId
    again.generationId = member.generationId
    for (let tries = 0; (await again.heartbeat()) === codeOf('COORDINATOR_LOAD_IN_PROGRESS'); tries++) {
      if (tries > 1000) throw new Error('the group is not loaded')
    }
    expect(await committedOf(after.client, 'g')).toEqual(['t-0=42'])
    expect(await stateOf(after.client)).toBe('Stable')
    expect(await again.commit(43)).toBe(0)
    await after.clock.advance({ seconds: 11 })
    expect(await again.heartbeat()).toBe(codeOf('UNKNOWN_MEMBER_ID'))
    await after.broker.close()
  })

  test('of a group that nobody is in expire, and the group with them', async () => {
    const { client, broker, clock } = await start({ properties: SHORT_RETENTION })
    await commitOffset(client, 'g', { topic: 't', partition: 0, offset: 5 })
    await clock.advance(2 * MINUTE_MS)
    expect(await committedOf(client, 'g')).toEqual(['t-0=5'])
    await commitOffset(client, 'g', { topic: 't', partition: 1, offset: 6 })
    await clock.advance(2 * MINUTE_MS)
    expect(await committedOf(client, 'g')).toEqual(['t-1=6'])
    await clock.advance(2 * MINUTE_MS)
    expect(await committedOf(client, 'g')).toEqual([])
    expect((await client.request(listGroups, 5, {})).groups).toEqual([])
    await broker.close()
  })

  test('of topics that members read do not expire while they are there', async () => {
    const { client, broker, clock, createTopic } = await start({ properties: SHORT_RETENTION })
    await createTopic('u')
    const member = new GroupMember(client, { sessionTimeoutMs: 8 * MINUTE_MS })
    await member.join()
    await member.sync({ [member.memberId]: 'all' })
    await member.commit(9)
    await member.commit(9, 'u')
    await clock.advance(4 * MINUTE_MS)
    expect(await committedOf(client, 'g')).toEqual(['t-0=9'])
    await member.leave()
    await clock.advance(2 * MINUTE_MS)
    expect(await committedOf(client, 'g')).toEqual(['t-0=9'])
    await clock.advance(2 * MINUTE_MS)
    expect(await committedOf(client, 'g')).toEqual([])
    await broker.close()
  })

  test('that are kept for ever by an old client are, and one that is kept for a while goes', async () => {
    const { client, broker, clock } = await start({ properties: SHORT_RETENTION })
    const keep = async (groupId: string, retentionTimeMs: bigint): Promise<number | undefined> => {
      const partitions = [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: '' }]
      const request = { groupId, generationIdOrMemberEpoch: -1, memberId: '', retentionTimeMs }
      const answer = await client.request(offsetCommit, 2, { ...request, topics: [{ name: 't', partitions }] })
      return answer.topics[0]?.partitions[0]?.errorCode
    }
    expect([await keep('for-ever', 2n ** 63n - 1n), await keep('for-a-while', 60_000n)]).toEqual([0, 0])
    await clock.advance(4 * MINUTE_MS)
    expect([await committedOf(client, 'for-ever'), await committedOf(client, 'for-a-while')]).toEqual([['t-0=5'], []])
    await broker.close()
  })

  test('go with their topic, and by request unless someone reads it', async () => {
    const { client, broker, createTopic } = await start()
    await createTopic('u')
    for (const topic of ['t', 'u']) await commitOffset(client, 'g', { topic, partition: 0, offset: 5 })
    const topics = [{ name: 'u', topicId: ZERO_UUID }]
    await client.request(deleteTopics, 6, { topics, timeoutMs: 1000 })
    expect(await committedOf(client, 'g')).toEqual(['t-0=5'])
    const named = [{ name: 't', partitions: [{ partitionIndex: 0 }] }]
    const member = new GroupMember(client)
    await member.join()
    await member.sync({})
    const refused = await client.request(offsetDelete, 0, { groupId: 'g', topics: named })
    expect(refused.topics[0]?.partitions[0]?.errorCode).toBe(codeOf('GROUP_SUBSCRIBED_TO_TOPIC'))
    await member.leave()
    const deleted = await client.request(offsetDelete, 0, { groupId: 'g', topics: named })
    expect(deleted.topics[0]?.partitions[0]?.errorCode).toBe(0)
    expect(await committedOf(client, 'g')).toEqual([])
    await broker.close()
  })

  test('are acknowledged and shown only when they are on disk, where the flush mode says so', async () => {
    const { fileSystem, hold } = slowDisk('__consumer_offsets')
    const { client, broker, connect } = await start({ fileSystem, dataDir: '/data', flush: 'always' })
    const release = hold()
    let isAcknowledged = false
    const commit = commitOffset(client, 'g', { topic: 't', partition: 0, offset: 5 }).then(code => {
      isAcknowledged = true
      return code
    })
    let isShown = false
    const shown = committedOf(connect(), 'g').then(offsets => {
      isShown = true
      return offsets
    })
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
    expect([isAcknowledged, isShown]).toEqual([false, false])
    release()
    expect(await commit).toBe(0)
    expect(await shown).toEqual(['t-0=5'])
    await broker.close()
  })

  test('that the end of a process left are shown only when they are on disk, where the flush mode says so', async () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const disk = new FaultyFileSystem({ random: new SeededRandom(seed) })
      const before = await start({ fileSystem: disk, dataDir: '/data', flush: 'os' })
      expect(await commitOffset(before.client, 'g', { topic: 't', partition: 0, offset: 5 })).toBe(0)
      disk.crash()
      const left = disk.survivor('end of process')
      const again = await startBroker({ fileSystem: left, dataDir: '/data', flush: 'always' })
      await loaded(again.client)
      expect(await committedOf(again.client, 'g')).toEqual(['t-0=5'])
      const after = await startBroker({ fileSystem: left.survivor('loss of power'), dataDir: '/data' })
      await loaded(after.client)
      expect(await committedOf(after.client, 'g')).toEqual(['t-0=5'])
    }
  })

  test('of a deleted group leave tombstones in the log, and so does the group', async () => {
    const { client, broker } = await start()
    await commitOffset(client, 'g', { topic: 't', partition: 0, offset: 5 })
    const { results } = await client.request(deleteGroups, 2, { groupsNames: ['g', 'none'] })
    expect(results.map(({ errorCode }) => errorCode)).toEqual([0, codeOf('GROUP_ID_NOT_FOUND')])
    const partitions = Array.from({ length: 50 }, (_, partition) => ({
      partition,
      fetchOffset: 0n,
      partitionMaxBytes: 1_000_000,
    }))
    const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: '__consumer_offsets', partitions }], rackId: '' }
    const { responses } = await client.request(fetch, 12, request)
    const values = (responses[0]?.partitions ?? []).flatMap(({ records }) => {
      const sizes: (number | undefined)[] = []
      for (const batch of batchesIn(records ?? new Uint8Array(0))) {
        // A batch of Kafka's coordinators has no producer, and the sequence of one.
        expect(batch).toMatchObject({ producerId: -1, producerEpoch: -1, baseSequence: 0 })
        for (const cursor = batch.records(); cursor.next(); ) sizes.push(cursor.value()?.length)
      }
      return sizes
    })
    expect(values).toEqual([expect.any(Number), undefined, undefined])
    await broker.close()
  })
})

describe('a coordinator', () => {
  test('answers those who wait when the broker closes', async () => {
    const { client, broker } = await start({ properties: { 'group.initial.rebalance.delay.ms': '60000' } })
    const join = new GroupMember(client).join()
    await until(() => client.waiting === 1)
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    await broker.close()
    expect(await join.catch(() => 'closed')).toBe(codeOf('NOT_COORDINATOR'))
  })

  test('leaves no timer behind', async () => {
    const clock = new ManualClock({ startMs: NOW_MS })
    const idle = await startBroker({ clock })
    await idle.broker.close()
    const left = clock.pendingTimers
    const { client, broker } = await start({ clock })
    const member = new GroupMember(client)
    await member.join()
    await member.sync({})
    await broker.close()
    expect(clock.pendingTimers).toBe(left)
  })

  test('is the leader of the partition: others refuse, and the next one loads what was written', async () => {
    await using nodes = await startNodes(2, options())
    const { groupId, leader } = await ready(nodes)
    const other = leader === 1 ? 2 : 1
    const at = nodes.connect(leader)
    expect(await commitOffset(at, groupId, { topic: 't', partition: 0, offset: 5 })).toBe(0)
    const elsewhere = nodes.connect(other)
    expect(await commitOffset(elsewhere, groupId, { topic: 't', partition: 0, offset: 6 })).toBe(
      codeOf('NOT_COORDINATOR'),
    )
    nodes.kafka.moveLeader('__consumer_offsets', coordinatorPartition(groupId, 50), other)
    expect(await committedOf(at, groupId)).toBe(codeOf('NOT_COORDINATOR'))
    let found = await committedOf(elsewhere, groupId)
    for (let tries = 0; found === codeOf('COORDINATOR_LOAD_IN_PROGRESS') && tries < 1000; tries++) {
      found = await committedOf(elsewhere, groupId)
    }
    expect(found).toEqual(['t-0=5'])
  })

  test('is where the test kit has put it', async () => {
    await using nodes = await startNodes(2, options())
    const { groupId, leader } = await ready(nodes)
    const other = leader === 1 ? 2 : 1
    nodes.kafka.moveCoordinator('group', groupId, other)
    const [here, there] = [nodes.connect(leader), nodes.connect(other)]
    const commit = { topic: 't', partition: 0, offset: 5 }
    expect(await commitOffset(here, groupId, commit)).toBe(codeOf('NOT_COORDINATOR'))
    expect(await commitOffset(there, groupId, commit)).toBe(0)
    expect(await committedOf(there, groupId)).toEqual(['t-0=5'])
  })
})

function options(): BrokerOptions {
  return { topics: { t: { partitions: 1 } } }
}

async function ready(nodes: Awaited<ReturnType<typeof startNodes>>) {
  const groupId = 'g'
  const answer = await nodes.connect(1).request(findCoordinator, 6, { keyType: 0, coordinatorKeys: [groupId] })
  return { groupId, leader: answer.coordinators[0]?.nodeId ?? 0 }
}
