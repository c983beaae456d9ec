/**
 * ListOffsets as clients see it, in every version.
 */
import { fileURLToPath } from 'node:url'
import { type ListOffsetsRequest, listOffsets, produce } from '@samsa/protocol'
import { ManualClock } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { copyDirectory } from '../log/test-log.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { batchOf, NOW_MS, startBroker, type TestBroker, type TestClient, versionsOf } from './test-broker.js'

const GOLDEN = fileURLToPath(new URL('../../../../tests/golden/log-dir', import.meta.url))

type Asked = Partial<ListOffsetsRequest['topics'][number]['partitions'][number]>

async function ask(client: TestClient, version: number, asked: Asked, name = 'events', isolationLevel = 0) {
  const partitions = [{ partitionIndex: 0, timestamp: -1n, ...asked }]
  const request = { replicaId: -1, isolationLevel, topics: [{ name, partitions }] }
  const { topics } = await client.request(listOffsets, version, request)
  return topics[0]?.partitions[0]
}

/** Three records, a millisecond apart, in two batches. */
async function withRecords(): Promise<TestBroker> {
  const started = await startBroker()
  await started.createTopic('events')
  for (const records of [batchOf(['a', 'b']), batchOf(['c'], { timestamp: NOW_MS + 2 })]) {
    const topicData = [{ name: 'events', partitionData: [{ index: 0, records }] }]
    await started.client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
  }
  return started
}

describe('list offsets', () => {
  test('a partition that is asked for twice is answered once, with an error', async () => {
    const { client, broker } = await withRecords()
    const partitions = [0, 7, 0].map(partitionIndex => ({ partitionIndex, timestamp: -1n }))
    const request = { replicaId: -1, topics: [{ name: 'events', partitions }] }
    const { topics } = await client.request(listOffsets, 5, request)
    expect(topics[0]?.partitions.map(each => [each.partitionIndex, each.errorCode])).toEqual([
      [0, codeOf('INVALID_REQUEST')],
      [7, codeOf('UNKNOWN_TOPIC_OR_PARTITION')],
    ])
    await broker.close()
  })

  test('a special time that the version does not know is refused before anyone looks for the partition', async () => {
    const { client, broker } = await withRecords()
    const refused = { errorCode: codeOf('UNSUPPORTED_VERSION') }
    expect(await ask(client, 6, { timestamp: -3n, partitionIndex: 7 })).toMatchObject(refused)
    expect(await ask(client, 6, { timestamp: -3n, currentLeaderEpoch: 9 })).toMatchObject(refused)
    await broker.close()
  })

  test.each(versionsOf(1, 11))('version %d: the start, the end, times and errors', async version => {
    const { client, broker } = await withRecords()
    const leaderEpoch = version >= 4 ? 0 : -1
    const offsetOf = (timestamp: bigint) => ask(client, version, { timestamp })
    expect(await offsetOf(-1n)).toMatchObject({ errorCode: 0, offset: 3n, timestamp: -1n, leaderEpoch })
    expect(await offsetOf(-2n)).toMatchObject({ errorCode: 0, offset: 0n, timestamp: -1n, leaderEpoch })
    const second = BigInt(NOW_MS + 1)
    expect(await offsetOf(second)).toMatchObject({ errorCode: 0, offset: 1n, timestamp: second, leaderEpoch })
    expect(await offsetOf(0n)).toMatchObject({ offset: 0n, timestamp: BigInt(NOW_MS) })
    const nothing = { errorCode: 0, offset: -1n, timestamp: -1n }
    for (const late of [BigInt(NOW_MS + 3), 2n ** 53n + 1n, 2n ** 63n - 1n])
      expect(await offsetOf(late)).toMatchObject(nothing)
    expect(await ask(client, version, { partitionIndex: 7 })).toMatchObject({
      errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
      offset: -1n,
    })
    await broker.close()
  })

  test.each([
    [-3n, 7, 2n],
    [-4n, 8, 0n],
    [-5n, 9, -1n],
    [-6n, 11, -1n],
  ])('the special time %d is known from version %d on', async (timestamp, from, offset) => {
    const { client, broker } = await withRecords()
    for (const version of versionsOf(1, 11)) {
      const expected =
        version < from ? { errorCode: codeOf('UNSUPPORTED_VERSION'), offset: -1n } : { errorCode: 0, offset }
      expect(await ask(client, version, { timestamp })).toMatchObject(expected)
    }
    expect(await ask(client, 11, { timestamp: -7n })).toMatchObject({ errorCode: codeOf('UNSUPPORTED_VERSION') })
    await broker.close()
  })

  test('an empty log has an end and nothing else', async () => {
    const { client, broker, createTopic } = await startBroker()
    await createTopic('events')
    const offsets: (bigint | undefined)[] = []
    for (const timestamp of [-1n, -2n, -3n, 0n]) offsets.push((await ask(client, 11, { timestamp }))?.offset)
    expect(offsets).toEqual([0n, 0n, -1n, -1n])
    await broker.close()
  })

  test('a partition that is asked for twice is refused, wherever it is named, and the others are answered', async () => {
    const { client, broker, createTopic } = await startBroker()
    await createTopic('events', 2)
    const asked = (partitionIndex: number) => ({ partitionIndex, timestamp: -1n })
    const { topics } = await client.request(listOffsets, 11, {
      replicaId: -1,
      topics: [
        { name: 'events', partitions: [asked(0), asked(1)] },
        { name: 'events', partitions: [asked(0)] },
      ],
    })
    const codes = topics.map(topic => topic.partitions.map(each => each.errorCode))
    expect(codes).toEqual([[codeOf('INVALID_REQUEST'), 0], [codeOf('INVALID_REQUEST')]])
    await broker.close()
  })

  test('a client that knows a later leader is refused', async () => {
    const { client, broker } = await withRecords()
    const answer = await ask(client, 11, { currentLeaderEpoch: 4 })
    expect(answer?.errorCode).toBe(codeOf('UNKNOWN_LEADER_EPOCH'))
    await broker.close()
  })

  test('readers of committed records are told of none behind the first open transaction', async () => {
    const fileSystem = new MemoryFileSystem()
    copyDirectory(GOLDEN, fileSystem, '/data')
    const clock = new ManualClock({ startMs: 1_795_235_000_000 })
    const { client, broker } = await startBroker({ dataDir: '/data', fileSystem, clock })
    for (const [timestamp, uncommitted, committed] of [
      [-1n, 2n, 0n],
      [-3n, 1n, -1n],
      [0n, 0n, -1n],
    ] as const) {
      expect(await ask(client, 11, { timestamp }, 'pending', 0)).toMatchObject({ errorCode: 0, offset: uncommitted })
      expect(await ask(client, 11, { timestamp }, 'pending', 1)).toMatchObject({ errorCode: 0, offset: committed })
    }
    await broker.close()
  })
})
