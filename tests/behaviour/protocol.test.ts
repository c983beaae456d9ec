/**
 * The protocol package against a broker: the bundled one, or any running Kafka that SAMSA_KAFKA=host:port names. What we
 * encode a broker must take, and what it answers we must read, in the oldest and the newest version and with every codec.
 */
import { randomUUID } from 'node:crypto'
import { type Broker, createBroker } from '@samsa/broker'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import {
  apis,
  apiVersions,
  BatchBuilder,
  batchesIn,
  codecById,
  createTopics,
  deleteTopics,
  describeCluster,
  errorByCode,
  fetch,
  findCoordinator,
  highestCommonVersion,
  initProducerId,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  produce,
  type Uuid,
  ZERO_UUID,
} from '@samsa/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './eventually.js'

const ADDRESS = process.env['SAMSA_KAFKA']
const TOPIC = `samsa-protocol-${randomUUID()}`
const RECOMPRESSED = `${TOPIC}-zstd`
const CODECS = [0, 1, 2, 3, 4].map(codecById)

let connection: Connection
let broker: Broker | undefined
const topicIds = new Map<string, Uuid>()

function must(errorCode: number, what: string): void {
  expect(errorByCode(errorCode).name, what).toBe('NONE')
}

function batch(compression: number, texts: readonly string[]): Buffer {
  const builder = new BatchBuilder({ compression })
  texts.forEach((text, index) => {
    builder.append(1_700_000_000_000 + index, `key-${index}`, text, [
      { key: 'codec', value: codecById(compression).name },
    ])
  })
  return builder.close()
}

async function fetchAll(
  topic: string,
  version: number,
  offset: bigint,
): Promise<{ texts: (string | null)[]; codecs: Set<number> }> {
  const by = version >= 13 ? { topicId: topicIds.get(topic) ?? '' } : { topic }
  const answer = await connection.request(fetch, version, {
    maxWaitMs: 500,
    minBytes: 1,
    topics: [{ ...by, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 8 * 1024 * 1024 }] }],
    rackId: '',
  })
  must(answer.errorCode, 'fetch')
  const partition = answer.responses[0]?.partitions[0]
  if (partition === undefined) throw new Error('the answer lacks the partition')
  must(partition.errorCode, 'fetched partition')
  const texts: (string | null)[] = []
  const codecs = new Set<number>()
  for (const each of batchesIn(partition.records ?? new Uint8Array(0))) {
    each.checkCrc()
    codecs.add(each.compression)
    for (const cursor = each.records(); cursor.next(); )
      if (cursor.offset >= Number(offset)) texts.push(cursor.valueText())
  }
  return { texts, codecs }
}

describe(`the protocol, spoken with ${ADDRESS ?? 'the bundled broker'}`, () => {
  beforeAll(async () => {
    if (ADDRESS === undefined) broker = await createBroker({ port: 0 })
    const address = ADDRESS ?? broker?.bootstrapServers ?? ''
    connection = new Connection(await connectTcp(parseAddress(address)), { clientId: 'samsa-tests' })
    const topic = { numPartitions: 1, replicationFactor: 1, assignments: [] }
    const created = await connection.request(createTopics, 7, {
      topics: [
        { ...topic, name: TOPIC, configs: [] },
        { ...topic, name: RECOMPRESSED, configs: [{ name: 'compression.type', value: 'zstd' }] },
      ],
      timeoutMs: 10_000,
      validateOnly: false,
    })
    for (const each of created.topics) {
      must(each.errorCode, each.errorMessage ?? each.name)
      topicIds.set(each.name, each.topicId)
    }
    await eventually(async () => {
      const answer = await connection.request(metadata, 12, {
        topics: [{ name: TOPIC }, { name: RECOMPRESSED }],
        allowAutoTopicCreation: false,
      })
      return answer.topics.every(
        each => each.errorCode === 0 && each.partitions.every(partition => partition.leaderId >= 0),
      )
        ? answer
        : undefined
    })
  })

  afterAll(async () => {
    await connection.request(deleteTopics, 6, {
      topics: [TOPIC, RECOMPRESSED].map(name => ({ name, topicId: ZERO_UUID })),
      timeoutMs: 10_000,
    })
    connection.close()
    await broker?.close()
  })

  test('what it speaks and what we speak meet in every API that it serves', async () => {
    const answer = await connection.request(apiVersions, 4, {
      clientSoftwareName: 'samsa-tests',
      clientSoftwareVersion: '0.0.0',
    })
    must(answer.errorCode, 'ApiVersions')
    for (const served of answer.apiKeys) {
      const api = apis.find(each => each.key === served.apiKey)
      // A newer Kafka may serve what this table does not know yet.
      if (api !== undefined) expect(highestCommonVersion(api.versions, served), api.name).toBeDefined()
    }
    expect(answer.apiKeys.length).toBeGreaterThan(10)
  })

  test.each([0, 1, 2, 3, 4])('ApiVersions %d is answered', async version => {
    const answer = await connection.request(
      apiVersions,
      version,
      version >= 3 ? { clientSoftwareName: 'samsa-tests', clientSoftwareVersion: '0.0.0' } : {},
    )
    must(answer.errorCode, 'ApiVersions')
  })

  test.each([0, 1, 4, 8, 9, 12, 13])('Metadata %d lists the broker and the topic', async version => {
    const answer = await connection.request(metadata, version, { topics: [{ name: TOPIC }] })
    expect(answer.brokers.length).toBeGreaterThan(0)
    expect(answer.topics[0]).toMatchObject({ errorCode: 0, name: TOPIC })
    if (version >= 10) expect(answer.topics[0]?.topicId).toBe(topicIds.get(TOPIC))
  })

  test('DescribeCluster tells the same brokers as Metadata', async () => {
    const cluster = await connection.request(describeCluster, 2, { includeClusterAuthorizedOperations: false })
    const { brokers } = await connection.request(metadata, 12, { topics: [] })
    expect(cluster.brokers.map(broker => broker.brokerId)).toEqual(brokers.map(broker => broker.nodeId))
  })

  for (const codec of CODECS) {
    const missing = codec.canCompress()
    test.skipIf(missing !== true)(
      `${codec.name}: a batch of ours is taken, kept as it is, and read back${missing === true ? '' : ` (${missing})`}`,
      async () => {
        const texts = Array.from(
          { length: 300 },
          (_, index) => `${codec.name}-${index}-${'payload '.repeat(index % 40)}`,
        )
        let offset = 0n
        for (const version of [codec.name === 'zstd' ? 7 : 3, 12, 13]) {
          const by = version >= 13 ? { topicId: topicIds.get(TOPIC) ?? '' } : { name: TOPIC }
          const answer = await connection.request(produce, version, {
            acks: -1,
            timeoutMs: 10_000,
            topicData: [{ ...by, partitionData: [{ index: 0, records: batch(codec.id, texts) }] }],
          })
          const partition = answer.responses[0]?.partitionResponses[0]
          must(partition?.errorCode ?? -1, partition?.errorMessage ?? 'produce')
          offset = partition?.baseOffset ?? -1n
        }
        for (const version of [12, 18]) {
          const fetched = await fetchAll(TOPIC, version, offset)
          expect(fetched.texts).toEqual(texts)
          expect([...fetched.codecs]).toEqual([codec.id])
        }
      },
    )
  }

  test('a batch that the broker compressed anew is read back', async () => {
    const texts = Array.from({ length: 500 }, (_, index) => `recompressed-${index}`)
    await connection.request(produce, 12, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name: RECOMPRESSED, partitionData: [{ index: 0, records: batch(1, texts) }] }],
    })
    const fetched = await fetchAll(RECOMPRESSED, 16, 0n)
    expect(fetched.texts).toEqual(texts)
    expect([...fetched.codecs]).toEqual([4])
  })

  test('an idempotent batch sent twice is kept once', async () => {
    const { producerId, producerEpoch, errorCode } = await eventually(async () => {
      const answer = await connection.request(initProducerId, 5, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      })
      return answer.errorCode === 14 || answer.errorCode === 15 ? undefined : answer
    })
    must(errorCode, 'InitProducerId')
    const builder = new BatchBuilder()
    builder.append(1, 'once', 'only')
    const records = builder.close({ producer: { producerId: Number(producerId), producerEpoch, baseSequence: 0 } })
    const send = async (): Promise<bigint | undefined> => {
      const answer = await connection.request(produce, 12, {
        acks: -1,
        timeoutMs: 10_000,
        topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }],
      })
      const partition = answer.responses[0]?.partitionResponses[0]
      must(partition?.errorCode ?? -1, 'produce')
      return partition?.baseOffset
    }
    expect(await send()).toBe(await send())
  })

  test.each([1, 5, 9, 11])('ListOffsets %d knows first and last', async version => {
    const ask = async (timestamp: bigint): Promise<bigint | undefined> => {
      const answer = await connection.request(listOffsets, version, {
        replicaId: -1,
        topics: [{ name: RECOMPRESSED, partitions: [{ partitionIndex: 0, timestamp }] }],
      })
      return answer.topics[0]?.partitions[0]?.offset
    }
    expect(await ask(-2n)).toBe(0n)
    expect(await ask(-1n)).toBe(500n)
  })

  test('offsets are committed and fetched, by name and in batches of groups', async () => {
    const groupId = `group-${randomUUID()}`
    await eventually(async () => {
      const answer = await connection.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: [groupId] })
      return answer.coordinators[0]?.errorCode === 0 ? answer : undefined
    })
    const committed = await eventually(async () => {
      const answer = await connection.request(offsetCommit, 9, {
        groupId,
        topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 7n, committedMetadata: 'here' }] }],
      })
      const code = answer.topics[0]?.partitions[0]?.errorCode
      return code === 14 || code === 15 || code === 16 ? undefined : answer
    })
    must(committed.topics[0]?.partitions[0]?.errorCode ?? -1, 'OffsetCommit')
    const fetched = await connection.request(offsetFetch, 9, {
      groups: [{ groupId, topics: [{ name: TOPIC, partitionIndexes: [0] }] }],
    })
    expect(fetched.groups[0]?.topics[0]?.partitions[0]).toMatchObject({
      committedOffset: 7n,
      metadata: 'here',
      errorCode: 0,
    })
  })
})
