import { Client } from '@samsa/client'
import { createTopics, describeCluster, errorByCode, listOffsets, metadata, produce } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { startCluster } from './test-cluster.js'

describe.each(['memory', 'tcp'] as const)('a client of a broker (%s)', way => {
  test('opens nothing until it is asked for something', async () => {
    await using client = new Client({ bootstrapServers: 'localhost:1' })
    expect(client.metadata.nodes).toEqual([])
    expect(client.metadata.updates).toBe(0)
  })

  test('calls any broker, and the controller', async () => {
    await using cluster = await startCluster(way)
    await using client = new Client(cluster.options)
    const answer = await client.call(describeCluster, { includeClusterAuthorizedOperations: false })
    expect(answer.clusterId).toBe(cluster.broker.clusterId)
    const topic = { name: 'orders', numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }
    const created = await client.call(createTopics, { topics: [topic], timeoutMs: 1000, validateOnly: false })
    expect(created.topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([['orders', 0]])
    expect(client.metadata.clusterId).toBe(cluster.broker.clusterId)
  })

  test('knows a topic and writes to its leader on a link of its own', async () => {
    await using cluster = await startCluster(way, { topics: { orders: { partitions: 2 } } })
    await using client = new Client(cluster.options)
    const topic = await client.metadata.topicOf('orders')
    expect(topic.partitions.map(({ partition, leader }) => [partition, leader])).toEqual([
      [0, 1],
      [1, 1],
    ])
    expect(await client.metadata.topicOf('orders')).toBe(topic)
    const link = client.link(1, 'produce')
    expect(client.link(1, 'produce')).toBe(link)
    expect(client.link(1, 'fetch')).not.toBe(link)
    expect(link.isReady).toBe(false)
    const ready = new Promise<void>(resolve => {
      client.onChange(() => link.isReady && resolve())
    })
    link.wake()
    await ready
    expect(link.broker).toBe(cluster.broker.bootstrapServers)
    const version = link.version(produce, 12)
    const request = { acks: -1, timeoutMs: 1000, topicData: [{ name: 'orders', partitionData: [] }] }
    expect((await link.request(produce, version, request)).responses).toHaveLength(1)
  })

  test('a topic that no topic can be called is refused at once, one that is missing after its time', async () => {
    await using cluster = await startCluster(way, { properties: { 'auto.create.topics.enable': 'false' } })
    await using client = new Client({ ...cluster.options, retryBackoffMs: 1, retryBackoffMaxMs: 1 })
    await expect(client.metadata.topicOf('no/such')).rejects.toMatchObject({ code: 'INVALID_TOPIC_EXCEPTION' })
    const missing = client.metadata.topicOf('missing', { timeoutMs: 1_000 })
    await expect(missing).rejects.toMatchObject({
      code: 'REQUEST_TIMED_OUT',
      topic: 'missing',
      cause: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
  })

  test('an error in the response decides whether the call is tried again', async () => {
    await using cluster = await startCluster(way)
    await using client = new Client({ ...cluster.options, retryBackoffMs: 1, retryBackoffMaxMs: 1 })
    let asked = 0
    const errorCode = (): number => (++asked < 3 ? 14 : 0)
    await client.call(metadata, { topics: [] }, { errorCode })
    expect(asked).toBe(3)
    const fatal = client.call(metadata, { topics: [] }, { errorCode: () => 42 })
    await expect(fatal).rejects.toMatchObject({ code: errorByCode(42).name, api: 'Metadata' })
    await expect(client.call(listOffsets, { replicaId: -1, topics: [] })).rejects.toThrow('needs `to`')
  })

  test('ends what waits when it is closed, twice without harm', async () => {
    await using cluster = await startCluster(way)
    const client = new Client({ ...cluster.options, retryBackoffMs: 1 })
    await client.call(describeCluster, { includeClusterAuthorizedOperations: false })
    const waiting = client.metadata.topicOf('not-there')
    const refused = expect(waiting).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
    await client.close()
    await client.close()
    await refused
    const late = client.call(describeCluster, { includeClusterAuthorizedOperations: false })
    await expect(late).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
  })
})
