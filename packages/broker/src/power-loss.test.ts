/**
 * What a loss of power may take of a whole broker's metadata, case by case; the seeded proof of everything together is
 * tests/broker/durability. Every case must end well for all of fifty seeds.
 */
import {
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  fetch,
  incrementalAlterConfigs,
  metadata,
  produce,
  ZERO_UUID,
} from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { batchOf, startBroker, type TestBroker, type TestClient } from './handlers/test-broker.js'
import type { FlushMode } from './log/flusher.js'
import { FaultyFileSystem } from './storage/faulty.js'

const SEEDS = 50
const DATA = '/var/lib/samsa'
const MODES: readonly FlushMode[] = ['os', { everyMs: 100 }, 'always']

function start(disk: FaultyFileSystem, options: Parameters<typeof startBroker>[0] = {}): Promise<TestBroker> {
  return startBroker({ dataDir: DATA, fileSystem: disk, ...options })
}

async function topicsAfter(disk: FaultyFileSystem, flush: FlushMode): Promise<(string | null)[]> {
  const { client } = await start(disk.survivor('loss of power', 'independent'), { flush })
  const { topics } = await client.request(metadata, 12, { topics: null, allowAutoTopicCreation: false })
  return topics.map(({ name }) => name)
}

async function send(client: TestClient, name: string): Promise<number | undefined> {
  const topicData = [{ name, partitionData: [{ index: 0, records: batchOf(['a', 'b', 'c']) }] }]
  const { responses } = await client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
  return responses[0]?.partitionResponses[0]?.errorCode
}

async function endOf(client: TestClient, topic: string): Promise<number> {
  const answer = await client.request(fetch, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 }] }],
    rackId: '',
  })
  return Number(answer.responses[0]?.partitions[0]?.highWatermark)
}

test.each(MODES)('a topic that was created is there (flush: %j)', async flush => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const disk = new FaultyFileSystem({ random: new SeededRandom(seed) })
    const { createTopic } = await start(disk, { flush, topics: { first: {} } })
    await createTopic('events')
    expect((await topicsAfter(disk, flush)).sort()).toEqual(['events', 'first'])
  }
})

test("what the end of a process left is read only when it is on disk (flush: 'always')", async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const disk = new FaultyFileSystem({ random: new SeededRandom(seed) })
    const before = await start(disk, { flush: 'os', topics: { events: {} } })
    expect(await send(before.client, 'events')).toBe(0)
    disk.crash()
    const left = disk.survivor('end of process')
    const { client } = await start(left, { flush: 'always' })
    expect(await endOf(client, 'events')).toBe(3)
    const after = await start(left.survivor('loss of power'))
    expect(await endOf(after.client, 'events')).toBe(3)
  }
})

test('a broker starts wherever its first start was interrupted', async () => {
  for (let operations = 0; operations < 120; operations++) {
    const disk = new FaultyFileSystem({ random: new SeededRandom(operations) })
    disk.crashAfter(operations)
    await Promise.race([start(disk, { topics: { first: {} } }).catch(() => undefined), disk.crashed])
    const { broker } = await start(disk.survivor('loss of power', 'independent'))
    await broker.close()
  }
})

test('records are not acknowledged as on disk before their topic is', async () => {
  let release = (): void => undefined
  let isHeld = false
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const disk = new FaultyFileSystem({ random: new SeededRandom(1), syncing: () => (isHeld ? held : Promise.resolve()) })
  const { connect, client, clock } = await start(disk, { flush: 'always' })
  const other = connect()
  isHeld = true
  const topics = [{ name: 'events', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  const created = client.request(createTopics, 7, { topics, timeoutMs: 1000, validateOnly: false })
  await clock.settle()
  isHeld = false
  const sent = send(other, 'events')
  await clock.settle()
  await clock.settle()
  expect([client.waiting, other.waiting]).toEqual([1, 1])
  release()
  expect([(await created).topics[0]?.errorCode, await sent]).toEqual([0, 0])
})

test.each([
  ['always', {}],
  ['os', { 'flush.messages': '1' }],
] as const)('nobody reads what is not on disk yet (flush: %j, %j)', async (flush, configs) => {
  let release = (): void => undefined
  let isHeld = false
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const disk = new FaultyFileSystem({ random: new SeededRandom(1), syncing: () => (isHeld ? held : Promise.resolve()) })
  const { connect, createTopic, clock } = await start(disk, { flush })
  await createTopic('events', 1, configs)
  isHeld = true
  const producer = connect()
  const sent = send(producer, 'events')
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
  const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: 'events', partitions }], rackId: '' }
  const lookAt = async (): Promise<[bigint | undefined, number | undefined]> => {
    const found = (await connect().request(fetch, 12, request)).responses[0]?.partitions[0]
    return [found?.highWatermark, found?.records?.length]
  }
  await clock.settle()
  expect([await lookAt(), producer.waiting]).toEqual([[0n, 0], 1])
  release()
  expect(await sent).toBe(0)
  const [highWatermark, bytes = 0] = await lookAt()
  expect([highWatermark, bytes > 0]).toEqual([3n, true])
})

test.each(MODES)('records that were deleted stay deleted (flush: %j)', async flush => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const disk = new FaultyFileSystem({ random: new SeededRandom(seed) })
    const { client, createTopic } = await start(disk, { flush })
    await createTopic('events', 1, { 'flush.messages': '1' })
    await send(client, 'events')
    const answer = await client.request(deleteRecords, 2, {
      topics: [{ name: 'events', partitions: [{ partitionIndex: 0, offset: 2n }] }],
      timeoutMs: 1000,
    })
    expect(answer.topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 2n })
    const kind = seed % 2 === 0 ? 'loss of power' : 'end of process'
    const again = await start(disk.survivor(kind, 'independent'), { flush })
    const { topics } = await again.client.request(deleteRecords, 2, {
      topics: [{ name: 'events', partitions: [{ partitionIndex: 0, offset: 0n }] }],
      timeoutMs: 1000,
    })
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 2n })
  }
})

test.each(['append', 'sync'] as const)('metadata whose %s fails is answered with a storage error', async operation => {
  const disk = new FaultyFileSystem({ random: new SeededRandom(1) })
  const { client, createTopic } = await start(disk)
  await createTopic('events')
  disk.inject({ operation, path: '/__cluster_metadata-0/', times: 9, systemCode: 'EIO' })
  const request = { timeoutMs: 1000, validateOnly: false }
  const topics = [{ name: 'more', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  const created = await client.request(createTopics, 7, { topics, ...request })
  const grown = await client.request(createPartitions, 3, {
    topics: [{ name: 'events', count: 2, assignments: null }],
    ...request,
  })
  const configs = [{ name: 'retention.ms', configOperation: 0, value: '1' }]
  const resources = [{ resourceType: 2, resourceName: 'events', configs }]
  const altered = await client.request(incrementalAlterConfigs, 1, { resources, ...request })
  const deleted = await client.request(deleteTopics, 6, {
    topics: [{ name: 'events', topicId: ZERO_UUID }],
    ...request,
  })
  const codes = [created.topics[0], grown.results[0], altered.responses[0], deleted.responses[0]].map(
    each => each?.errorCode,
  )
  expect(codes).toEqual([56, 56, 56, 56])
  expect(await send(client, 'events'), 'records are taken as before').toBe(0)
})

test('a start that cannot be written down is not acknowledged', async () => {
  const disk = new FaultyFileSystem({ random: new SeededRandom(1) })
  const { client, createTopic } = await start(disk)
  await createTopic('events')
  await send(client, 'events')
  disk.inject({ operation: 'create', path: 'log-start-offset-checkpoint', systemCode: 'ENOSPC' })
  const { topics } = await client.request(deleteRecords, 2, {
    topics: [{ name: 'events', partitions: [{ partitionIndex: 0, offset: 2n }] }],
    timeoutMs: 1000,
  })
  expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 56, lowWatermark: -1n })
})
