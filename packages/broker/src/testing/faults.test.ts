/**
 * Faults: each effect, on requests as clients send them, and which requests are struck.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type Api,
  apiVersions,
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeCluster,
  describeConfigs,
  describeLogDirs,
  electLeaders,
  fetch,
  findCoordinator,
  initProducerId,
  listConfigResources,
  listOffsets,
  metadata,
  produce,
  ZERO_UUID,
} from '@samsa/protocol'
import { eventChannelNames } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { batchOf, type TestClient, valuesIn } from '../handlers/test-broker.js'
import { append, read, startNodes, until } from './test-nodes.js'

const topics = { events: { partitions: 2 } }
const NOT_ENOUGH = codeOf('NOT_ENOUGH_REPLICAS')

async function topicNames(client: TestClient): Promise<(string | null)[]> {
  const answer = await client.request(metadata, 12, { topics: null })
  return answer.topics.map(topic => topic.name)
}

describe('an error', () => {
  test('is answered of the partition that is meant, once, and the other is really appended', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const rule = { api: 'Produce', topic: 'events', partition: 1, error: 'NOT_ENOUGH_REPLICAS' }
    const fault = nodes.kafka.faults.add(rule)
    expect((await append(client, [0])).codes).toEqual([0])
    expect(fault.hits).toBe(0)
    expect((await append(client, [0, 1])).codes).toEqual([0, NOT_ENOUGH])
    expect(fault.hits).toBe(1)
    expect((await append(client, [0, 1])).codes).toEqual([0, 0])
    expect((await read(client, [0, 1])).values).toEqual([['0=a', '1=a', '2=a'], ['0=a']])
  })

  test('after the work is done leaves the records there', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    nodes.kafka.faults.add({ api: 'Produce', topic: 'events', partition: 0, error: 'REQUEST_TIMED_OUT', after: true })
    const answer = await append(client, [0, 1])
    expect(answer.partitions).toMatchObject([
      { index: 0, errorCode: codeOf('REQUEST_TIMED_OUT'), baseOffset: -1n },
      { index: 1, errorCode: 0, baseOffset: 0n },
    ])
    expect((await read(client, [0, 1])).values).toEqual([['0=a'], ['0=a']])
    nodes.kafka.faults.add({ api: 'DeleteRecords', error: 'REQUEST_TIMED_OUT', after: true })
    const deleted = await client.request(deleteRecords, 2, {
      topics: [{ name: 'events', partitions: [{ partitionIndex: 0, offset: 1n }] }],
      timeoutMs: 1000,
    })
    expect(deleted.topics[0]?.partitions[0]).toMatchObject({
      errorCode: codeOf('REQUEST_TIMED_OUT'),
      lowWatermark: -1n,
    })
    expect((await read(client, [0])).codes).toEqual([codeOf('OFFSET_OUT_OF_RANGE')])
  })

  test('of a produce that wants no answer is the end of the connection', async () => {
    await using nodes = await startNodes(1, { topics })
    for (const after of [false, true]) {
      const client = nodes.connect()
      nodes.kafka.faults.add({ api: 'Produce', error: 'NOT_ENOUGH_REPLICAS', after })
      const topicData = [{ name: 'events', partitionData: [{ index: 0, records: batchOf(['x']) }] }]
      client.send(produce, 12, { acks: 0, timeoutMs: 1000, topicData })
      await until(() => client.isClosed)
    }
    expect((await read(nodes.connect())).values).toEqual([['0=x']])
  })

  test('is answered to a fetch at once, of what its session has, and the session goes on', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const ask = async (sessionId: number, sessionEpoch: number, partitions: readonly number[]) => {
      const named = partitions.map(partition => ({ partition, fetchOffset: 0n, partitionMaxBytes: 1000 }))
      return client.request(fetch, 12, {
        maxWaitMs: sessionEpoch === 0 ? 0 : 60_000,
        minBytes: 1,
        sessionId,
        sessionEpoch,
        topics: named.length === 0 ? [] : [{ topic: 'events', partitions: named }],
        rackId: '',
      })
    }
    const { sessionId } = await ask(0, 0, [0, 1])
    const fault = nodes.kafka.faults.add({ topic: 'events', partition: 1, error: 'KAFKA_STORAGE_ERROR' })
    const struck = await ask(sessionId, 1, [])
    const expected = { partitionIndex: 1, errorCode: codeOf('KAFKA_STORAGE_ERROR') }
    expect(struck.responses).toMatchObject([{ partitions: [expected] }])
    expect(fault.hits).toBe(1)
    await append(nodes.connect(), [1])
    const after = await ask(sessionId, 2, [])
    expect(after.responses[0]?.partitions.map(each => valuesIn(each.records))).toEqual([['0=a']])
  })

  test('tells a client of a new leader as the real one does', async () => {
    await using nodes = await startNodes(2, { topics })
    nodes.kafka.faults.add({ api: 'Produce', error: 'NOT_LEADER_OR_FOLLOWER' })
    const answer = await append(nodes.connect(1), [0])
    expect(answer.partitions[0]).toMatchObject({ currentLeader: { leaderId: 1, leaderEpoch: 0 } })
    expect(answer.nodeEndpoints).toMatchObject([{ nodeId: 1, port: 9001 }])
  })

  test('of topics keeps them from being made or removed, and does the others', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const { faults } = nodes.kafka
    const wanted = ['a', 'b'].map(name => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }))
    const create = async () => {
      const asked = { topics: wanted, timeoutMs: 1000, validateOnly: false }
      return (await client.request(createTopics, 7, asked)).topics.map(topic => [topic.name, topic.errorCode])
    }
    const error = 'THROTTLING_QUOTA_EXCEEDED'
    faults.add({ api: 'CreateTopics', topic: 'b', error })
    expect(await create()).toEqual([
      ['a', 0],
      ['b', codeOf(error)],
    ])
    expect(await topicNames(client)).toEqual(['events', 'a'])
    faults.add({ api: 'CreateTopics', topic: 'b', error, after: true })
    expect((await create()).at(-1)).toEqual(['b', codeOf(error)])
    expect(await topicNames(client)).toEqual(['events', 'a', 'b'])

    const grow = { topics: [{ name: 'a', count: 2, assignments: null }], timeoutMs: 1000, validateOnly: false }
    faults.add({ api: 'CreatePartitions', error })
    expect((await client.request(createPartitions, 3, grow)).results).toMatchObject([{ errorCode: codeOf(error) }])
    const doomed = { topics: ['a', 'b'].map(name => ({ name, topicId: ZERO_UUID })), timeoutMs: 1000 }
    faults.add({ api: 'DeleteTopics', topic: 'a', error })
    const { responses } = await client.request(deleteTopics, 6, doomed)
    expect(responses.map(each => [each.name, each.errorCode])).toEqual([
      ['b', 0],
      ['a', codeOf(error)],
    ])
    faults.add({ api: 'DeleteTopics', error })
    const byName = await client.request(deleteTopics, 5, { topicNames: ['a'], timeoutMs: 1000 })
    expect(byName.responses).toMatchObject([{ name: 'a', errorCode: codeOf(error) }])
    expect(await topicNames(client)).toEqual(['events', 'a'])
  })

  test('of metadata is of a topic, or of a partition', async () => {
    await using nodes = await startNodes(1, { topics: { ...topics, other: { partitions: 1 } } })
    const client = nodes.connect()
    const ask = async () => (await client.request(metadata, 12, { topics: null })).topics
    const error = 'LEADER_NOT_AVAILABLE'
    const errorCode = codeOf(error)
    nodes.kafka.faults.add({ api: 'Metadata', topic: 'events', error })
    expect(await ask()).toMatchObject([
      { name: 'events', errorCode, partitions: [] },
      { name: 'other', errorCode: 0 },
    ])
    nodes.kafka.faults.add({ api: 'Metadata', topic: 'events', partition: 1, error })
    const partitions = [
      { errorCode: 0, leaderId: 1 },
      { errorCode, leaderId: -1 },
    ]
    expect(await ask()).toMatchObject([{ errorCode: 0, partitions }, { errorCode: 0 }])
    expect(await ask()).toMatchObject([{ errorCode: 0 }, { errorCode: 0 }])
  })

  const requests: readonly (readonly [Api<object, object>, number, object])[] = [
    [findCoordinator, 3, { key: 'g', keyType: 0 }],
    [findCoordinator, 6, { coordinatorKeys: ['g'], keyType: 0 }],
    [apiVersions, 4, { clientSoftwareName: 'a', clientSoftwareVersion: '1' }],
    [initProducerId, 5, { transactionalId: null, transactionTimeoutMs: 1000 }],
    [
      describeConfigs,
      4,
      { resources: [{ resourceType: 2, resourceName: 'events', configurationKeys: null }], includeSynonyms: false },
    ],
    [describeLogDirs, 1, { topics: null }],
    [describeLogDirs, 4, { topics: null }],
    [electLeaders, 0, { topicPartitions: [{ topic: 'events', partitions: [0] }], timeoutMs: 1000 }],
    [electLeaders, 2, { electionType: 0, topicPartitions: [{ topic: 'events', partitions: [0] }], timeoutMs: 1000 }],
    [describeCluster, 2, { includeClusterAuthorizedOperations: false }],
    [listConfigResources, 1, { resourceTypes: [] }],
    [
      listOffsets,
      11,
      { replicaId: -1, topics: [{ name: 'events', partitions: [{ partitionIndex: 0, timestamp: -1n }] }] },
    ],
  ] as unknown as readonly (readonly [Api<object, object>, number, object])[]

  test.each(requests.map(each => [each[0].name, each[1], each] as const))(
    'has the form of %s %d',
    async (name, _version, [api, version, request]) => {
      await using nodes = await startNodes(1, { topics })
      const client = nodes.connect()
      nodes.kafka.faults.add({ api: name, error: 'CLUSTER_AUTHORIZATION_FAILED' })
      const code = codeOf('CLUSTER_AUTHORIZATION_FAILED')
      const struck = JSON.stringify(await client.request(api, version, request), (_key, value) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      expect(struck).toContain(`"errorCode":${code}`)
      expect(JSON.stringify(await client.request(api, version, request), (_key, value) => String(value))).not.toContain(
        `"errorCode":${code}`,
      )
    },
  )
})

describe('a disconnect', () => {
  test('before the request leaves nothing, after it what was asked for', async () => {
    await using nodes = await startNodes(1, { topics })
    nodes.kafka.faults.add({ api: 'Produce', disconnect: 'before' })
    await expect(append(nodes.connect(), [0], { value: 'before' })).rejects.toThrow('closed the connection')
    nodes.kafka.faults.add({ api: 'Produce', disconnect: 'after' })
    await expect(append(nodes.connect(), [0], { value: 'after' })).rejects.toThrow('closed the connection')
    expect((await read(nodes.connect())).values).toEqual([['0=after']])
  })

  test('lets what was asked before have its answers', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    nodes.kafka.faults.add({ api: 'Produce', disconnect: 'before' })
    const names = topicNames(client)
    await expect(append(client)).rejects.toThrow('closed the connection')
    expect(await names).toEqual(['events'])
  })
})

describe('a delay', () => {
  test("is by the broker's clock, and keeps the order of a connection", async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const fault = nodes.kafka.faults.add({ api: 'Produce', delayMs: 5000 })
    const first = append(client, [0], { value: 'first' })
    const second = append(client, [0], { value: 'second' })
    await fault.wait()
    await nodes.clock.advance(4999)
    expect((await read(nodes.connect())).values).toEqual([[]])
    await nodes.clock.advance(1)
    expect([(await first).codes, (await second).codes]).toEqual([[0], [0]])
    expect((await read(nodes.connect())).values).toEqual([['0=first', '1=second']])
  })

  test('ends with the connection, and nothing is done', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const timers = nodes.clock.pendingTimers
    const fault = nodes.kafka.faults.add({ api: 'Produce', delayMs: 5000 })
    append(client).catch(() => undefined)
    await fault.wait()
    client.close()
    await until(() => nodes.clock.pendingTimers < timers)
    await nodes.clock.advance(10_000)
    expect((await read(nodes.connect())).values).toEqual([[]])
  })
})

describe('a drop', () => {
  test('does the work, and the connection is silent from then on', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const fault = nodes.kafka.faults.add({ api: 'Produce', drop: true })
    const answers = [append(client), topicNames(client)]
    for (const each of answers) each.catch(() => undefined)
    await fault.wait()
    expect((await read(nodes.connect())).values).toEqual([['0=a']])
    expect(client.waiting).toBe(2)
    client.close()
    expect((await Promise.allSettled(answers)).map(each => each.status)).toEqual(['rejected', 'rejected'])
  })
})

describe('a duplicate', () => {
  test('is handled twice and answered once', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    nodes.kafka.faults.add({ api: 'Produce', duplicate: true })
    expect((await append(client)).partitions).toMatchObject([{ errorCode: 0, baseOffset: 0n }])
    expect((await read(client)).values).toEqual([['0=a', '1=a']])
    expect(client.waiting).toBe(0)
  })

  test('of an idempotent producer is known again', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    nodes.kafka.faults.add({ api: 'Produce', duplicate: true })
    const records = batchOf(['once'], { producer: { producerId: 5, producerEpoch: 0, baseSequence: 0 } })
    const topicData = [{ name: 'events', partitionData: [{ index: 0, records }] }]
    await client.request(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
    expect((await read(client)).values).toEqual([['0=once']])
  })
})

describe('a hold', () => {
  test('lasts until it is let go, and then holds the next', async () => {
    await using nodes = await startNodes(1, { topics })
    const fault = nodes.kafka.faults.add({ api: 'Produce', hold: true, times: 2 })
    const first = append(nodes.connect(), [0], { value: 'first' })
    await fault.wait()
    await until(() => fault.held === 1)
    expect((await read(nodes.connect())).values).toEqual([[]])
    fault.release()
    expect((await first).codes).toEqual([0])
    const second = append(nodes.connect(), [0], { value: 'second' })
    await fault.wait(2)
    await until(() => fault.held === 1)
    expect((await append(nodes.connect(), [0], { value: 'third' })).codes).toEqual([0])
    fault.remove()
    expect((await second).codes).toEqual([0])
    expect((await read(nodes.connect())).values).toEqual([['0=first', '1=third', '2=second']])
  })

  test('ends with its connection, and with the broker', async () => {
    const nodes = await startNodes(1, { topics })
    const clients = [nodes.connect(), nodes.connect()] as const
    const fault = nodes.kafka.faults.add({ hold: true, times: Number.POSITIVE_INFINITY })
    const outcomes = clients.map(client =>
      append(client).then(
        answer => answer.codes,
        error => error.message,
      ),
    )
    await until(() => fault.held === 2)
    clients[0].close()
    await until(() => fault.held === 1)
    await nodes.kafka.broker.close()
    expect(fault.held).toBe(0)
    expect(await Promise.all(outcomes)).toEqual([
      'the broker closed the connection',
      'the broker closed the connection',
    ])
    expect(nodes.clock.pendingTimers).toBe(0)
    await nodes.kafka.close()
  })
})

describe('rules', () => {
  test('strike in the order in which they were added, one a request', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const { faults } = nodes.kafka
    faults.add({ api: 'Produce', error: 'NOT_ENOUGH_REPLICAS', times: 2 })
    faults.add({ api: 'Produce', error: 'KAFKA_STORAGE_ERROR' })
    const codes: (number | undefined)[] = []
    for (let turn = 0; turn < 4; turn++) codes.push(...(await append(client)).codes)
    expect(codes).toEqual([NOT_ENOUGH, NOT_ENOUGH, codeOf('KAFKA_STORAGE_ERROR'), 0])
  })

  test('strike until they are removed, and a wait for more ends then', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const fault = nodes.kafka.faults.add({
      api: 'Produce',
      error: 'NOT_ENOUGH_REPLICAS',
      times: Number.POSITIVE_INFINITY,
    })
    for (let turn = 0; turn < 3; turn++) expect((await append(client)).codes).toEqual([NOT_ENOUGH])
    await fault.wait(3)
    const more = fault.wait(4)
    fault.remove()
    fault.remove()
    await expect(more).rejects.toThrow('the fault was removed after 3 hits')
    await expect(fault.wait(4)).rejects.toThrow('the fault was removed after 3 hits')
    expect((await append(client)).codes).toEqual([0])
  })

  test('mean a node, a client, an API or a topic, and all that is given', async () => {
    await using nodes = await startNodes(2, { topics })
    const { faults } = nodes.kafka
    const others = [
      faults.add({ nodeId: 2, error: 'NOT_ENOUGH_REPLICAS' }),
      faults.add({ clientId: 'another', error: 'NOT_ENOUGH_REPLICAS' }),
      faults.add({ topic: 'others', error: 'NOT_ENOUGH_REPLICAS' }),
      faults.add({ topic: 'events', partition: 1, error: 'NOT_ENOUGH_REPLICAS' }),
      faults.add({ api: 'Fetch', clientId: 'test', error: 'NOT_ENOUGH_REPLICAS' }),
    ]
    expect((await append(nodes.connect(1), [0])).codes).toEqual([0])
    expect(others.map(each => each.hits)).toEqual([0, 0, 0, 0, 0])
    faults.add({
      api: 'Produce',
      nodeId: 1,
      clientId: 'test',
      topic: 'events',
      partition: 0,
      error: 'NOT_ENOUGH_REPLICAS',
    })
    expect((await append(nodes.connect(1), [0])).codes).toEqual([NOT_ENOUGH])
    expect((await append(nodes.connect(2), [1])).codes).toEqual([NOT_ENOUGH])
    faults.clear()
    expect((await read(nodes.connect(1))).codes).toEqual([0])
  })

  test('mean topics that a request names by id', async () => {
    await using nodes = await startNodes(1, { topics })
    const client = nodes.connect()
    const topicId = (await client.request(metadata, 12, { topics: null })).topics[0]?.topicId
    nodes.kafka.faults.add({ topic: 'events', partition: 0, error: 'NOT_ENOUGH_REPLICAS' })
    const topicData = [{ topicId, partitionData: [{ index: 0, records: batchOf(['x']) }] }]
    const answer = await client.request(produce, 13, { acks: -1, timeoutMs: 1000, topicData } as never)
    expect(answer).toMatchObject({ responses: [{ topicId, partitionResponses: [{ errorCode: NOT_ENOUGH }] }] })
  })

  test('are told to diagnostics', async () => {
    await using nodes = await startNodes(1, { topics })
    const told: unknown[] = []
    const listener = (message: unknown): void => void told.push(message)
    subscribe(eventChannelNames.fault, listener)
    try {
      nodes.kafka.faults.add({ api: 'Produce', error: 'NOT_ENOUGH_REPLICAS', after: true })
      await append(nodes.connect())
    } finally {
      unsubscribe(eventChannelNames.fault, listener)
    }
    expect(told).toEqual([{ nodeId: 1, api: 'Produce', clientId: 'test', fault: 'error NOT_ENOUGH_REPLICAS after' }])
  })

  test.each([
    [{ api: 'Prodcue', drop: true }, "api: 'Prodcue' is no API of Kafka's, did you mean Produce?"],
    [{ api: 'Vote', drop: true }, 'does not serve Vote'],
    [{ error: 'NOT_LEADER' }, "error: 'NOT_LEADER' is no error of Kafka's"],
    [{ error: 'NONE' }, "error: 'NONE' is no error"],
    [{ partition: 1, drop: true }, 'partition: needs a topic'],
    [{ topic: 't', partition: -1, drop: true }, 'partition: must be a whole number'],
    [{ api: 'Produce' }, 'and none is given'],
    [{ drop: true, hold: true }, 'and drop and hold are given'],
    [{ drop: true, after: true }, 'after: goes with error only'],
    [{ disconnect: 'now' }, "disconnect: must be 'before' or 'after'"],
    [{ delayMs: -1 }, 'delayMs: must be a whole number from 0 on'],
    [{ drop: false }, 'drop: must be true'],
    [{ drop: true, times: 0 }, 'times: must be a whole number from 1 on'],
    [{ drop: true, nodeId: 4 }, 'there is no node 4'],
    [{ drop: true, clientid: 'a' }, 'clientid: unknown, did you mean clientId?'],
    [{ drop: true, topic: 5 }, 'topic: must be a string'],
  ])('that can never strike are refused: %j', async (rule, message) => {
    await using nodes = await startNodes(1)
    expect(() => nodes.kafka.faults.add(rule as never)).toThrow(message)
  })

  test('that exclude each other do not compile', async () => {
    await using nodes = await startNodes(1)
    const { faults } = nodes.kafka
    // @ts-expect-error one effect only
    expect(() => faults.add({ drop: true, hold: true })).toThrow()
    // @ts-expect-error no effect
    expect(() => faults.add({ api: 'Produce' })).toThrow()
    // @ts-expect-error a partition of no topic
    expect(() => faults.add({ partition: 1, drop: true })).toThrow()
    // @ts-expect-error after goes with an error
    expect(() => faults.add({ drop: true, after: true })).toThrow()
    expect(faults.add({ hold: true }).held).toBe(0)
    const { wait } = { wait: faults.add({ drop: true }).wait(2) }
    await expect(wait).rejects.toThrow('2 hits never come from a fault that strikes 1 times')
  })

  test('are a thousand at most', async () => {
    await using nodes = await startNodes(1)
    for (let count = 0; count < 1000; count++) nodes.kafka.faults.add({ drop: true })
    expect(() => nodes.kafka.faults.add({ drop: true })).toThrow('there are 1000 faults already')
  })
})
