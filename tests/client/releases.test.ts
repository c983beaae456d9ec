/**
 * Versions are negotiated with each broker: the same calls against what older releases of Kafka serve.
 */
import { createBroker } from '@samsa/broker'
import { createTestBroker } from '@samsa/broker/testing'
import { Admin, Client } from '@samsa/client'
import { findCoordinator, produce } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'

const releases = ['2.1', '2.4', '2.8', '3.0', '3.9', '4.0'] as const

describe.each(releases)('a broker that serves what Kafka %s does', release => {
  test('is administered', async () => {
    await using broker = await createBroker({ port: 0, release })
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers, clientId: 'tests' })
    const [made] = await admin.createTopics([{ name: 'orders', partitions: 3, replicationFactor: 1 }])
    expect(made?.name).toBe('orders')
    const [topic] = await admin.describeTopics(['orders'])
    expect(topic?.partitions.map(({ leader }) => leader)).toEqual([1, 1, 1])
    expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['orders'])
    const { clusterId, nodes } = await admin.describeCluster()
    expect(clusterId).toBe(broker.clusterId)
    expect(nodes.map(({ id, port }) => [id, port])).toEqual([[1, broker.port]])
    await admin.deleteTopics(['orders'])
    expect(await admin.listTopics()).toEqual([])
  })

  test('is written to in its own version, and gives coordinators', async () => {
    await using broker = await createTestBroker({ release, topics: { orders: { partitions: 1 } } })
    await using client = new Client({ bootstrapServers: broker.bootstrapServers, clientId: 'tests' })
    await client.metadata.topicOf('orders')
    const versions: number[] = []
    const request = (version: number) => {
      versions.push(version)
      return { acks: -1, timeoutMs: 1000, topicData: [{ name: 'orders', partitionData: [] }] }
    }
    await client.call(produce, request, { to: 1, maxVersion: 12 })
    const newest = { '2.1': 7, '2.4': 8, '2.8': 9, '3.0': 9, '3.9': 11, '4.0': 12 }
    expect(versions).toEqual([newest[release]])
    broker.moveCoordinator('group', 'g', 1)
    const asked = (version: number) => (version >= 4 ? { coordinatorKeys: ['g'] } : { key: 'g' })
    const found = await client.call(findCoordinator, asked)
    expect((found.coordinators[0] ?? found).nodeId).toBe(1)
  })
})
