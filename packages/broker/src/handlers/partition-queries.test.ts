/**
 * The smaller questions about partitions and producers, in every version: FindCoordinator, DeleteRecords, InitProducerId,
 * OffsetForLeaderEpoch, DescribeLogDirs and DescribeProducers.
 */
import { fileURLToPath } from 'node:url'
import {
  deleteRecords,
  describeLogDirs,
  describeProducers,
  fetch,
  findCoordinator,
  initProducerId,
  metadata,
  offsetForLeaderEpoch,
  produce,
} from '@samsa/protocol'
import { ManualClock } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { copyDirectory, faulty, override } from '../log/test-log.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { StorageError } from '../storage/storage-error.js'
import { batchOf, NOW_MS, slowDisk, startBroker, type TestBroker, versionsOf } from './test-broker.js'

const GOLDEN = fileURLToPath(new URL('../../../../tests/golden/log-dir', import.meta.url))

/** A topic with three records, all in one batch. */
async function withRecords(options: Parameters<typeof startBroker>[0] = {}): Promise<TestBroker> {
  const started = await startBroker(options)
  await started.createTopic('events')
  const topicData = [{ name: 'events', partitionData: [{ index: 0, records: batchOf(['a', 'b', 'c']) }] }]
  const { responses } = await started.client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
  return started
}

async function withKafkasLogs(): Promise<TestBroker> {
  const fileSystem = new MemoryFileSystem()
  copyDirectory(GOLDEN, fileSystem, '/data')
  return startBroker({ dataDir: '/data', fileSystem, clock: new ManualClock({ startMs: 1_795_235_000_000 }) })
}

test.each(versionsOf(0, 6))('FindCoordinator %d names this node for groups, and makes their topic', async version => {
  const { client, broker } = await startBroker()
  const keyType = version >= 1 ? { keyType: 0 } : {}
  const request = version >= 4 ? { ...keyType, coordinatorKeys: ['g', 'h'] } : { ...keyType, key: 'g' }
  const answer = await client.request(findCoordinator, version, request)
  const found = { errorCode: 0, nodeId: 1, host: 'memory' }
  if (version < 4) expect(answer).toMatchObject(found)
  else
    expect(answer.coordinators).toMatchObject([
      { key: 'g', ...found },
      { key: 'h', ...found },
    ])
  const topics = [{ name: '__consumer_offsets' }]
  const made = await client.request(metadata, 9, { topics, allowAutoTopicCreation: false })
  expect(made.topics[0]).toMatchObject({ errorCode: 0, isInternal: true, partitions: { length: 50 } })
  await broker.close()
})

describe('DeleteRecords', () => {
  async function deleteBefore({ client }: TestBroker, version: number, offset: bigint, name = 'events', index = 0) {
    const topics = [{ name, partitions: [{ partitionIndex: index, offset }] }]
    const answer = await client.request(deleteRecords, version, { topics, timeoutMs: 1000 })
    return answer.topics[0]?.partitions[0]
  }

  test.each(versionsOf(0, 2))('%d moves the start, never back and never beyond the end', async version => {
    const started = await withRecords()
    const outOfRange = { errorCode: codeOf('OFFSET_OUT_OF_RANGE'), lowWatermark: -1n }
    expect(await deleteBefore(started, version, 1n)).toMatchObject({ errorCode: 0, lowWatermark: 1n })
    expect(await deleteBefore(started, version, 0n)).toMatchObject({ errorCode: 0, lowWatermark: 1n })
    expect(await deleteBefore(started, version, 4n)).toMatchObject(outOfRange)
    expect(await deleteBefore(started, version, -2n)).toMatchObject(outOfRange)
    expect(await deleteBefore(started, version, 2n ** 63n - 1n)).toMatchObject(outOfRange)
    expect(await deleteBefore(started, version, -1n)).toMatchObject({ errorCode: 0, lowWatermark: 3n })
    const unknown = { errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') }
    expect(await deleteBefore(started, version, 0n, 'events', 7)).toMatchObject(unknown)
    await started.broker.close()
  })

  test('outlives a restart', async () => {
    const first = await withRecords({ dataDir: '/data' })
    await deleteBefore(first, 2, 2n)
    await first.broker.close()
    const second = await startBroker({ dataDir: '/data', fileSystem: first.fileSystem })
    const partitions = [{ partition: 0, fetchOffset: 1n, partitionMaxBytes: 1000 }]
    const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic: 'events', partitions }], rackId: '' }
    const { responses } = await second.client.request(fetch, 12, request)
    expect(responses[0]?.partitions[0]?.errorCode).toBe(codeOf('OFFSET_OUT_OF_RANGE'))
    await second.broker.close()
  })

  test('is refused where records only go by compaction, and for topics of the broker itself', async () => {
    const started = await withKafkasLogs()
    const codes: (number | undefined)[] = []
    for (const name of ['compacted', '__consumer_offsets'])
      codes.push((await deleteBefore(started, 2, 0n, name))?.errorCode)
    expect(codes).toEqual([codeOf('POLICY_VIOLATION'), codeOf('INVALID_TOPIC_EXCEPTION')])
    await started.broker.close()
  })
})

describe('InitProducerId', () => {
  test('an id without an epoch is refused, and an epoch without an id', async () => {
    const { client, broker } = await startBroker()
    const ask = async (producerId: bigint, producerEpoch: number) => {
      const who = { transactionalId: null, transactionTimeoutMs: 1000, producerId, producerEpoch }
      return (await client.request(initProducerId, 5, who)).errorCode
    }
    const answers = [await ask(3n, -1), await ask(-1n, 0), await ask(3n, 0), await ask(-1n, -1)]
    expect(answers).toEqual([codeOf('INVALID_REQUEST'), codeOf('INVALID_REQUEST'), 0, 0])
    await broker.close()
  })

  test.each(versionsOf(0, 5))(
    '%d gives every producer its own id, and a transactional one where its coordinator is',
    async version => {
      const { client, broker } = await startBroker()
      const ask = (transactionalId: string | null) =>
        client.request(initProducerId, version, { transactionalId, transactionTimeoutMs: 1000 })
      const first = await ask(null)
      const second = await ask(null)
      expect([first, second]).toMatchObject([
        { errorCode: 0, producerEpoch: 0 },
        { errorCode: 0, producerEpoch: 0 },
      ])
      expect(second.producerId).not.toBe(first.producerId)
      const refused = { producerId: -1n, producerEpoch: -1 }
      expect(await ask('')).toMatchObject({ ...refused, errorCode: codeOf('INVALID_REQUEST') })
      expect(await ask('t')).toMatchObject({ ...refused, errorCode: codeOf('NOT_COORDINATOR') })
      await broker.close()
    },
  )

  test('tells an error when no id can be had, and keeps the connection', async () => {
    let isBroken = false
    const fault = (_operation: string, path: string): boolean => isBroken && path.includes('__cluster_metadata')
    const { client, broker } = await startBroker({ fileSystem: faulty(new MemoryFileSystem(), fault) })
    isBroken = true
    const answer = await client.request(initProducerId, 5, { transactionalId: null, transactionTimeoutMs: 0 })
    expect(answer.errorCode).toBe(codeOf('KAFKA_STORAGE_ERROR'))
    expect(client.isClosed).toBe(false)
    isBroken = false
    await broker.close()
  })

  test('an id is not told before what makes it unique is on disk', async () => {
    const disk = slowDisk('__cluster_metadata')
    const { client, broker, clock } = await startBroker({ fileSystem: disk.fileSystem, flush: 'always' })
    const release = disk.hold()
    const answer = client.request(initProducerId, 5, { transactionalId: null, transactionTimeoutMs: 0 })
    await clock.settle()
    expect(client.waiting).toBe(1)
    release()
    expect(await answer).toMatchObject({ errorCode: 0, producerEpoch: 0 })
    await broker.close()
  })
})

test.each(versionsOf(2, 4))('OffsetForLeaderEpoch %d knows where epochs end', async version => {
  const { client, broker } = await withRecords()
  const ask = async (leaderEpoch: number, currentLeaderEpoch = -1, topic = 'events') => {
    const partitions = [{ partition: 0, leaderEpoch, currentLeaderEpoch }]
    const replica = version >= 3 ? { replicaId: -1 } : {}
    const answer = await client.request(offsetForLeaderEpoch, version, { ...replica, topics: [{ topic, partitions }] })
    return answer.topics[0]?.partitions[0]
  }
  const none = { errorCode: 0, leaderEpoch: -1, endOffset: -1n }
  expect(await ask(0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 3n })
  expect(await ask(5)).toMatchObject(none)
  expect(await ask(-1)).toMatchObject(none)
  expect(await ask(0, 0)).toMatchObject({ errorCode: 0, endOffset: 3n })
  expect(await ask(0, 4)).toMatchObject({ ...none, errorCode: codeOf('UNKNOWN_LEADER_EPOCH') })
  expect(await ask(0, -1, 'nobody')).toMatchObject({ ...none, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') })
  await broker.close()
})

describe('DescribeLogDirs', () => {
  const sizes = (topics: readonly { name: string; partitions: readonly { partitionIndex: number }[] }[]): string[] =>
    topics.flatMap(({ name, partitions }) => partitions.map(each => `${name}-${each.partitionIndex}`)).sort()

  test.each(versionsOf(1, 5))('%d tells the sizes of the logs that are asked for', async version => {
    const { client, broker, createTopic } = await withRecords()
    await createTopic('more', 2)
    const ask = async (topics: readonly { topic: string; partitions: readonly number[] }[] | null) => {
      const { results } = await client.request(describeLogDirs, version, { topics })
      expect(results).toHaveLength(1)
      expect(results[0]?.errorCode).toBe(0)
      return results[0]?.topics ?? []
    }
    expect(sizes(await ask(null))).toEqual(['events-0', 'more-0', 'more-1'])
    expect(await ask([])).toEqual([])
    const twice = [
      { topic: 'more', partitions: [0] },
      { topic: 'more', partitions: [1, 7] },
      { topic: 'nobody', partitions: [0] },
    ]
    expect(sizes(await ask(twice))).toEqual(['more-0', 'more-1'])
    const [events] = await ask([{ topic: 'events', partitions: [0] }])
    expect(events?.partitions[0]?.partitionSize).toBe(BigInt(batchOf(['a', 'b', 'c']).length))
    await broker.close()
  })

  test('does without the room on the volume where it cannot be told', async () => {
    const fileSystem = override(new MemoryFileSystem(), {
      space: path => {
        throw new StorageError({ operation: 'inspect', path, why: 'a fault of the test' })
      },
    })
    const { client, broker } = await withRecords({ fileSystem })
    const { results } = await client.request(describeLogDirs, 5, { topics: null })
    expect(results).toMatchObject([{ errorCode: 0, totalBytes: -1n, usableBytes: -1n, topics: [{ name: 'events' }] }])
    await broker.close()
  })
})

describe('DescribeProducers', () => {
  test('tells what a log remembers, with the start of what is open', async () => {
    const { client, broker } = await withKafkasLogs()
    const { topics } = await client.request(describeProducers, 0, {
      topics: [{ name: 'pending', partitionIndexes: [0, 7] }],
    })
    expect(topics[0]?.partitions).toMatchObject([
      {
        partitionIndex: 0,
        errorCode: 0,
        activeProducers: [{ producerId: 8n, lastSequence: 1, currentTxnStartOffset: 0n }],
      },
      { partitionIndex: 7, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION'), activeProducers: [] },
    ])
    await broker.close()
  })

  test('refuses names that no topic can have', async () => {
    const { client, broker } = await startBroker()
    const { topics } = await client.request(describeProducers, 0, {
      topics: ['', 'a b', 'nowhere'].map(name => ({ name, partitionIndexes: [0] })),
    })
    expect(topics.map(topic => topic.partitions[0]?.errorCode)).toEqual([17, 17, 3])
    await broker.close()
  })

  test('tells -1 where nothing is open', async () => {
    const { client, broker } = await withRecords()
    const records = batchOf(['d'], { producer: { producerId: 5, producerEpoch: 2, baseSequence: 0 } })
    const topicData = [{ name: 'events', partitionData: [{ index: 0, records }] }]
    await client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
    const { topics } = await client.request(describeProducers, 0, {
      topics: [{ name: 'events', partitionIndexes: [0] }],
    })
    expect(topics[0]?.partitions[0]?.activeProducers).toMatchObject([
      { producerId: 5n, producerEpoch: 2, lastSequence: 0, lastTimestamp: BigInt(NOW_MS), currentTxnStartOffset: -1n },
    ])
    await broker.close()
  })
})
