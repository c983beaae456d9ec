/**
 * A cluster of several nodes in which things move and break, and a client that goes on.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { type BrokerLink, Client, type ClientOptions } from '@samsa/client'
import { describeCluster, metadata, produce } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'

const topics = { events: { partitions: 3 } }
const quick = { retryBackoffMs: 5, retryBackoffMaxMs: 20, reconnectBackoffMs: 5, reconnectBackoffMaxMs: 20 }
const NOT_COORDINATOR = 16
const ask = { includeClusterAuthorizedOperations: false }

function clientOf(broker: TestBroker, options: Partial<ClientOptions> = {}): Client {
  return new Client({ bootstrapServers: broker.bootstrapServers, clientId: 'tests', ...quick, ...options })
}

/** Until it is true, looking again whenever something about the client changes. */
function until(client: Client, isTrue: () => boolean): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      if (!isTrue()) return
      stop()
      resolve()
    }
    const stop = client.onChange(look)
    look()
  })
}

async function readyLink(client: Client, nodeId: number): Promise<BrokerLink> {
  const link = client.link(nodeId, 'produce')
  link.wake()
  await until(client, () => link.isReady)
  return link
}

describe('a client of several nodes', () => {
  test('learns of a leader that moved', async () => {
    await using broker = await createTestBroker({ nodes: 3, topics })
    await using client = clientOf(broker)
    const before = await client.metadata.topicOf('events')
    const leader = before.partitions[0]?.leader ?? -1
    const next = broker.nodes.find(({ nodeId }) => nodeId !== leader)?.nodeId ?? -1
    broker.moveLeader('events', 0, next)
    client.metadata.refresh('a test')
    await until(client, () => client.metadata.topic('events')?.partitions[0]?.leader === next)
    const after = await client.metadata.topicOf('events')
    expect(after).not.toBe(before)
    expect(after.partitions[1]).toBe(before.partitions[1])
    expect(after.partitions[0]?.leaderEpoch).toBe(broker.leaderOf('events', 0).leaderEpoch)
  })

  test('has links to each of them, which break alone and come back', async () => {
    await using broker = await createTestBroker({ nodes: 3, topics })
    await using client = clientOf(broker)
    await client.metadata.topicOf('events')
    const [one, two] = [await readyLink(client, 1), await readyLink(client, 2)]
    await broker.stopNode(2)
    await until(client, () => !two.isReady)
    expect(one.isReady).toBe(true)
    expect(two.failure).toMatchObject({ code: 'NETWORK_EXCEPTION', retriable: true })
    await broker.startNode(2)
    expect((await readyLink(client, 2)).isReady).toBe(true)
  })

  test('asks another when the one it asked ends the connection', async () => {
    await using broker = await createTestBroker({ nodes: 3, topics })
    await using client = clientOf(broker)
    await client.call(describeCluster, ask)
    const fault = broker.faults.add({ api: 'DescribeCluster', disconnect: 'before', times: 3 })
    expect((await client.call(describeCluster, ask)).brokers).toHaveLength(3)
    expect(fault.hits).toBe(3)
  })

  test('goes on when all but one of the bootstrap servers are gone', async () => {
    await using broker = await createTestBroker({ nodes: 3, topics })
    const servers = ['127.0.0.1:1', '127.0.0.1:2', ...broker.bootstrapServers.split(',')]
    await broker.stopNode(1)
    await broker.stopNode(2)
    await using client = clientOf(broker, { bootstrapServers: servers })
    expect((await client.call(describeCluster, ask)).brokers.map(({ brokerId }) => brokerId)).toEqual([3])
  })

  test('starts again from the bootstrap servers when every node it knew has gone', async () => {
    await using first = await createTestBroker({ topics })
    const port = Number(first.bootstrapServers.split(':').at(-1))
    await using client = clientOf(first)
    await client.metadata.topicOf('events')
    await client.call(describeCluster, ask)
    await first.close()
    await using second = await createTestBroker({ port, topics, properties: { 'node.id': '7' } })
    expect(second.nodes.map(({ nodeId }) => nodeId)).toEqual([7])
    expect((await client.call(describeCluster, ask)).brokers.map(({ brokerId }) => brokerId)).toEqual([7])
    await until(client, () => client.metadata.nodes.some(({ id }) => id === 7))
  })

  test('sends what is for a coordinator to it, and finds it again when it moved', async () => {
    await using broker = await createTestBroker({ nodes: 3, topics })
    await using client = clientOf(broker)
    let former = -1
    // Every node names itself as the controller, and so says who has been asked.
    const askCoordinator = async (): Promise<number> => {
      const errorCode = ({ controllerId }: { controllerId: number }) => (controllerId === former ? NOT_COORDINATOR : 0)
      const answer = await client.call(metadata, { topics: [] }, { to: { group: 'g' }, errorCode })
      return answer.controllerId
    }
    broker.moveCoordinator('group', 'g', 2)
    expect(await askCoordinator()).toBe(2)
    broker.moveCoordinator('group', 'g', 3)
    expect(await askCoordinator()).toBe(2)
    former = 2
    expect(await askCoordinator()).toBe(3)
    broker.moveCoordinator('group', 'g', 1)
    await broker.stopNode(3)
    expect(await askCoordinator()).toBe(1)
  })

  test('a request for one node waits until that node is back', async () => {
    await using broker = await createTestBroker({ nodes: 2, topics })
    await using client = clientOf(broker)
    await client.metadata.topicOf('events')
    await broker.stopNode(2)
    const request = { acks: -1, timeoutMs: 1000, topicData: [] }
    const call = client.call(produce, request, { to: 2, maxVersion: 12 })
    await until(client, () => client.link(2, 'other').failure !== undefined)
    await broker.startNode(2)
    expect((await call).responses).toEqual([])
  })
})
