/**
 * Several nodes as clients see them: who leads, what the others answer, and what moves.
 */
import { connect as connectSocket } from 'node:net'
import {
  alterPartitionReassignments,
  coordinatorPartition,
  createPartitions,
  createTopics,
  deleteRecords,
  describeCluster,
  describeConfigs,
  describeLogDirs,
  describeTopicPartitions,
  electLeaders,
  fetch,
  findCoordinator,
  listOffsets,
  metadata,
  offsetForLeaderEpoch,
} from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { createBroker } from '../broker.js'
import { codeOf } from '../cluster/partitions.js'
import { committedIn, offsetOf, TransactionalClient } from '../coordinator/txn/test-transactions.js'
import type { TestClient } from '../handlers/test-broker.js'
import { createTestBroker } from './broker-harness.js'
import { append, read, startNodes, until } from './test-nodes.js'

const NOT_LEADER = codeOf('NOT_LEADER_OR_FOLLOWER')
const topics = { events: { partitions: 6 } }

async function partitionsOf(client: TestClient, name = 'events') {
  const answer = await client.request(metadata, 12, { topics: [{ name }], allowAutoTopicCreation: false })
  return { ...answer, partitions: answer.topics[0]?.partitions ?? [] }
}

async function create(client: TestClient, name: string, replicationFactor: number, brokerIds?: readonly number[]) {
  const assignments = brokerIds === undefined ? [] : [{ partitionIndex: 0, brokerIds }]
  const topic = { name, numPartitions: brokerIds ? -1 : 3, replicationFactor, assignments, configs: [] }
  const answer = await client.request(createTopics, 7, { topics: [topic], timeoutMs: 1000, validateOnly: false })
  return answer.topics[0]?.errorCode
}

function refused(port: number): Promise<string> {
  return new Promise(resolve => {
    const socket = connectSocket(port, '127.0.0.1', () => {
      socket.destroy()
      resolve('connected')
    })
    socket.on('error', error => resolve('code' in error ? String(error.code) : error.message))
  })
}

describe('nodes', () => {
  test('are all in the metadata, each with its own address, whichever is asked', async () => {
    await using nodes = await startNodes(3, { topics, properties: { 'node.id': '7' } })
    const expected = [7, 8, 9].map(nodeId => ({ nodeId, host: 'memory', port: 9000 + nodeId }))
    for (const id of [7, 8, 9]) {
      const client = nodes.connect(id)
      const answer = await partitionsOf(client)
      expect(answer.brokers).toMatchObject(expected)
      expect(answer.controllerId).toBe(id)
      const { brokers } = await client.request(describeCluster, 2, { includeClusterAuthorizedOperations: false })
      expect(brokers.map(each => each.brokerId)).toEqual([7, 8, 9])
    }
    expect(nodes.kafka.nodes).toEqual(expected.map(node => ({ ...node, isRunning: true })))
    expect(nodes.kafka.bootstrapServers).toBe('memory:9007,memory:9008,memory:9009')
  })

  test('lead partitions by turns, and grown topics go on where they were', async () => {
    await using nodes = await startNodes(3, { topics: { events: { partitions: 4 } } })
    const client = nodes.connect()
    const grow = { topics: [{ name: 'events', count: 6, assignments: null }], timeoutMs: 1000, validateOnly: false }
    expect((await client.request(createPartitions, 3, grow)).results[0]?.errorCode).toBe(0)
    const { partitions } = await partitionsOf(client)
    expect(partitions.map(each => each.leaderId)).toEqual([1, 2, 3, 1, 2, 3])
  })

  test('hold as many replicas as a topic asks for, and no more than there are', async () => {
    await using nodes = await startNodes(3)
    const client = nodes.connect()
    expect(await create(client, 'three', 3)).toBe(0)
    expect(await create(client, 'four', 4)).toBe(codeOf('INVALID_REPLICATION_FACTOR'))
    expect(await create(client, 'placed', -1, [3, 1])).toBe(0)
    const { partitions } = await partitionsOf(client, 'three')
    expect(partitions.map(each => each.replicaNodes)).toEqual([
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
    ])
    expect(partitions.map(each => each.isrNodes)).toEqual(partitions.map(each => each.replicaNodes))
    expect((await partitionsOf(client, 'placed')).partitions).toMatchObject([{ leaderId: 3, replicaNodes: [3, 1] }])
  })

  test('have settings of their own', async () => {
    await using nodes = await startNodes(2)
    const ask = async (nodeId: number, resourceName: string) => {
      const resources = [{ resourceType: 4, resourceName, configurationKeys: ['node.id'] }]
      return (await nodes.connect(nodeId).request(describeConfigs, 4, { resources, includeSynonyms: false })).results[0]
    }
    expect(await ask(2, '2')).toMatchObject({ errorCode: 0, configs: [{ name: 'node.id', value: '2' }] })
    expect(await ask(2, '1')).toMatchObject({ errorCode: codeOf('INVALID_REQUEST') })
  })

  test.each([
    [{ nodes: 2, dataDir: '/tmp/never-made' }, 'in memory only'],
    [{ nodes: 17 }, 'nodes'],
    [{ nodes: 0 }, 'nodes'],
    [{ nodes: 3, port: 65_534 }, 'no room'],
  ])('are refused as %j', async (options, message) => {
    await expect(createBroker(options)).rejects.toThrow(message)
  })
})

describe('a node that does not lead', () => {
  test('says who does, in every API that needs it', async () => {
    await using nodes = await startNodes(3, { topics })
    const [one, two] = [nodes.connect(1), nodes.connect(2)]
    expect(await append(two, [1])).toMatchObject({ codes: [0], nodeEndpoints: [] })
    const currentLeader = { leaderId: 2, leaderEpoch: 0 }
    const endpoint = { nodeId: 2, host: 'memory', port: 9002 }
    const refusedProduce = await append(one, [0, 1])
    expect(refusedProduce.codes).toEqual([0, NOT_LEADER])
    expect(refusedProduce.partitions[1]).toMatchObject({ currentLeader })
    expect(refusedProduce.nodeEndpoints).toMatchObject([endpoint])
    expect((await append(one, [1], { version: 9 })).codes).toEqual([NOT_LEADER])

    const partitions = [{ partition: 1, fetchOffset: 0n, partitionMaxBytes: 1000 }]
    const { id: topicId } = await idOf(one)
    const fetched = await one.request(fetch, 16, { maxWaitMs: 60_000, minBytes: 1, topics: [{ topicId, partitions }] })
    expect(fetched.responses[0]?.partitions).toMatchObject([{ errorCode: NOT_LEADER, currentLeader }])
    expect(fetched.nodeEndpoints).toMatchObject([endpoint])

    const listed = await one.request(listOffsets, 7, {
      replicaId: -1,
      topics: [{ name: 'events', partitions: [{ partitionIndex: 1, timestamp: -1n }] }],
    })
    expect(listed.topics[0]?.partitions[0]?.errorCode).toBe(NOT_LEADER)
    const epochs = await one.request(offsetForLeaderEpoch, 4, {
      replicaId: -1,
      topics: [{ topic: 'events', partitions: [{ partition: 1, leaderEpoch: 0 }] }],
    })
    expect(epochs.topics[0]?.partitions[0]?.errorCode).toBe(NOT_LEADER)
    const deleted = await one.request(deleteRecords, 2, {
      topics: [{ name: 'events', partitions: [{ partitionIndex: 1, offset: -1n }] }],
      timeoutMs: 1000,
    })
    expect(deleted.topics[0]?.partitions[0]?.errorCode).toBe(NOT_LEADER)
    expect((await read(two, [1])).values).toEqual([['0=a']])
  })
})

async function idOf(client: TestClient) {
  const { topics: found } = await client.request(metadata, 12, { topics: [{ name: 'events' }] })
  return { id: found[0]?.topicId ?? '' }
}

describe('a leader that moves', () => {
  test('takes the records along, under a new epoch that fences who knows only the old one', async () => {
    await using nodes = await startNodes(3, { topics })
    const [one, three] = [nodes.connect(1), nodes.connect(3)]
    await append(one, [0])
    nodes.kafka.moveLeader('events', 0, 3)
    expect(nodes.kafka.leaderOf('events', 0)).toEqual({ nodeId: 3, leaderEpoch: 1 })
    expect((await append(one, [0])).codes).toEqual([NOT_LEADER])
    expect(await append(three, [0], { value: 'b' })).toMatchObject({ codes: [0] })
    expect((await read(three, [0])).values).toEqual([['0=a', '1=b']])
    expect((await read(three, [0], { currentLeaderEpoch: 0 })).codes).toEqual([codeOf('FENCED_LEADER_EPOCH')])
    expect((await read(three, [0], { currentLeaderEpoch: 2 })).codes).toEqual([codeOf('UNKNOWN_LEADER_EPOCH')])
    const { partitions } = await partitionsOf(one)
    expect(partitions[0]).toMatchObject({ leaderId: 3, leaderEpoch: 1, replicaNodes: [3], isrNodes: [3] })
    const epochs = await three.request(offsetForLeaderEpoch, 4, {
      replicaId: -1,
      topics: [{ topic: 'events', partitions: [{ partition: 0, leaderEpoch: 0 }] }],
    })
    expect(epochs.topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 1n })
  })

  test('is told at once to a fetch that waits', async () => {
    await using nodes = await startNodes(2, { topics })
    const waiting = read(nodes.connect(1), [0], { maxWaitMs: 60_000 })
    const other = nodes.connect(2)
    await partitionsOf(other)
    nodes.kafka.moveLeader('events', 0, 2)
    expect((await waiting).codes).toEqual([NOT_LEADER])
  })

  test('can be none', async () => {
    await using nodes = await startNodes(2, { topics })
    const client = nodes.connect(1)
    nodes.kafka.setLeaderless('events', 0)
    expect((await append(client, [0])).codes).toEqual([NOT_LEADER])
    const expected = { errorCode: codeOf('LEADER_NOT_AVAILABLE'), leaderId: -1, leaderEpoch: 1, isrNodes: [1] }
    expect((await partitionsOf(client)).partitions[0]).toMatchObject(expected)
    const described = await client.request(describeTopicPartitions, 0, {
      topics: [{ name: 'events' }],
      responsePartitionLimit: 10,
      cursor: null,
    })
    expect(described.topics[0]?.partitions[0]).toMatchObject(expected)
    nodes.kafka.moveLeader('events', 0, 1)
    expect((await append(client, [0])).codes).toEqual([0])
  })

  test('must be a node, and of a partition that is there', async () => {
    await using nodes = await startNodes(2, { topics })
    const { kafka } = nodes
    expect(() => kafka.moveLeader('events', 0, 3)).toThrow('there is no node 3: this broker has 1, 2')
    expect(() => kafka.moveLeader('events', 6, 2)).toThrow('there is no partition events-6')
    expect(() => kafka.setLeaderless('others', 0)).toThrow('there is no partition others-0')
    await kafka.stopNode(2)
    expect(() => kafka.moveLeader('events', 0, 2)).toThrow('node 2 is stopped')
    await expect(kafka.stopNode(3)).rejects.toThrow('there is no node 3')
    await expect(kafka.startNode(3)).rejects.toThrow('there is no node 3')
  })
})

describe('a node that stops', () => {
  test('is gone from the metadata, and its partitions are led by their other replicas, or by none', async () => {
    await using nodes = await startNodes(3, { topics })
    const client = nodes.connect(1)
    const lost = nodes.connect(2)
    await partitionsOf(lost)
    await create(client, 'three', 3)
    await nodes.kafka.stopNode(2)
    await nodes.kafka.stopNode(2)
    await until(() => lost.isClosed)
    expect(() => nodes.connect(2)).toThrow('nothing listens')
    const { brokers, partitions } = await partitionsOf(client)
    expect(brokers.map(each => each.nodeId)).toEqual([1, 3])
    expect(partitions[1]).toMatchObject({ leaderId: -1, replicaNodes: [2], isrNodes: [2], offlineReplicas: [2] })
    const three = (await partitionsOf(client, 'three')).partitions
    expect(three.map(each => each.leaderId)).toEqual([1, 3, 3])
    expect(three.map(each => each.isrNodes)).toEqual([
      [1, 3],
      [3, 1],
      [3, 1],
    ])
    expect(three.map(each => each.offlineReplicas)).toEqual([[2], [2], [2]])
    expect(await create(client, 'placed', -1, [2])).toBe(codeOf('INVALID_REPLICA_ASSIGNMENT'))
    expect(await create(client, 'later', 1)).toBe(0)
    expect((await partitionsOf(client, 'later')).partitions.map(each => each.leaderId)).toEqual([1, 3, 1])
  })

  test('comes back, leads what nobody led, and leaves the others their leaders', async () => {
    await using nodes = await startNodes(3, { topics })
    const client = nodes.connect(1)
    await create(client, 'three', 3)
    await nodes.kafka.stopNode(2)
    await nodes.kafka.startNode(2)
    await nodes.kafka.startNode(2)
    const { brokers, partitions } = await partitionsOf(client)
    expect(brokers.map(each => each.nodeId)).toEqual([1, 2, 3])
    expect(partitions[1]).toMatchObject({ leaderId: 2, leaderEpoch: 2, offlineReplicas: [] })
    expect((await append(nodes.connect(2), [1])).codes).toEqual([0])
    const three = (await partitionsOf(client, 'three')).partitions
    expect(three.map(each => each.leaderId)).toEqual([1, 3, 3])
    expect(three.map(each => each.isrNodes)).toEqual(three.map(each => each.replicaNodes))
  })

  test('keeps a transaction from being complete that has written to what it led, until it is back', async () => {
    const properties = { 'transaction.state.log.num.partitions': '1' }
    await using nodes = await startNodes(2, { topics: { t: { partitions: 2 } }, properties })
    const client = nodes.connect(1)
    await client.request(findCoordinator, 6, { keyType: 1, coordinatorKeys: ['x'] })
    const producer = new TransactionalClient({ client, clock: nodes.clock }, 2)
    await producer.init()
    const there = new TransactionalClient({ client: nodes.connect(2), clock: nodes.clock }, 2)
    Object.assign(there, { producerId: producer.producerId, producerEpoch: producer.producerEpoch })
    expect([await producer.send(0, 'a'), await there.send(1, 'b')]).toEqual([0, 0])
    await nodes.kafka.stopNode(2)
    expect(await producer.end(true)).toBe(0)
    await nodes.clock.advance(60_000)
    expect(await producer.state()).toBe('PrepareCommit')
    await nodes.kafka.startNode(2)
    await nodes.clock.advance(10_000)
    expect(await producer.state()).toBe('CompleteCommit')
    const seen = [await committedIn(client, 0), await committedIn(nodes.connect(2), 1)]
    expect(seen.map(({ values }) => values)).toEqual([['a'], ['b']])
  })

  test('stops and starts in the order of the calls, and no more when the broker is closed', async () => {
    await using kafka = await createTestBroker({ nodes: 2 })
    const port = kafka.nodes[1]?.port ?? 0
    await Promise.all([kafka.stopNode(2), kafka.startNode(2), kafka.startNode(2), kafka.stopNode(2)])
    expect(await refused(port)).toBe('ECONNREFUSED')
    const starting = kafka.startNode(2)
    const closing = kafka.close()
    await Promise.allSettled([starting])
    await closing
    await expect(kafka.startNode(2)).rejects.toThrow('the broker is closed')
    expect(await refused(port)).toBe('ECONNREFUSED')
  })

  test('refuses connections at its port, and takes them there again', async () => {
    await using kafka = await createTestBroker({ nodes: 2 })
    const port = kafka.nodes[1]?.port ?? 0
    expect(new Set(kafka.nodes.map(node => node.port)).size).toBe(2)
    expect(await refused(port)).toBe('connected')
    await kafka.stopNode(2)
    expect(await refused(port)).toBe('ECONNREFUSED')
    expect(kafka.nodes[1]?.isRunning).toBe(false)
    await kafka.startNode(2)
    expect(await refused(port)).toBe('connected')
    expect(kafka.nodes[1]?.port).toBe(port)
  })
})

describe('administration', () => {
  test('moves replicas to other nodes, and elects the preferred leader', async () => {
    await using nodes = await startNodes(3, { topics })
    const client = nodes.connect(1)
    const reassigned = await client.request(alterPartitionReassignments, 1, {
      timeoutMs: 1000,
      topics: [{ name: 'events', partitions: [{ partitionIndex: 0, replicas: [2, 3] }] }],
    })
    expect(reassigned.responses[0]?.partitions).toMatchObject([{ errorCode: 0 }])
    const placed = { leaderId: 2, leaderEpoch: 1, replicaNodes: [2, 3], isrNodes: [2, 3] }
    expect((await partitionsOf(client)).partitions[0]).toMatchObject(placed)
    const elect = async (electionType: number) => {
      const answer = await client.request(electLeaders, 2, { electionType, topicPartitions: null, timeoutMs: 1000 })
      return answer.replicaElectionResults[0]?.partitionResult.map(each => [each.partitionId, each.errorCode])
    }
    expect(await elect(0)).toEqual([])
    nodes.kafka.moveLeader('events', 0, 3)
    expect(await elect(0)).toEqual([[0, 0]])
    expect(nodes.kafka.leaderOf('events', 0)).toEqual({ nodeId: 2, leaderEpoch: 3 })
    await nodes.kafka.stopNode(2)
    const unavailable = codeOf('PREFERRED_LEADER_NOT_AVAILABLE')
    expect(await elect(0)).toEqual([0, 1, 4].map(partition => [partition, unavailable]))
    expect(await elect(1)).toEqual([1, 4].map(partition => [partition, codeOf('ELIGIBLE_LEADERS_NOT_AVAILABLE')]))
    nodes.kafka.setLeaderless('events', 0)
    expect((await elect(1))?.[0]).toEqual([0, 0])
    expect(nodes.kafka.leaderOf('events', 0).nodeId).toBe(3)
  })

  test('describes the logs of the node that is asked', async () => {
    await using nodes = await startNodes(3, { topics })
    const { results } = await nodes.connect(2).request(describeLogDirs, 4, { topics: null })
    const found = results[0]?.topics.find(topic => topic.name === 'events')?.partitions
    expect(found?.map(each => each.partitionIndex)).toEqual([1, 4])
  })
})

describe('disconnect', () => {
  test('ends the connections that are meant', async () => {
    await using nodes = await startNodes(2, { topics })
    const clients = [nodes.connect(1), nodes.connect(1), nodes.connect(2)] as const
    for (const client of clients) await partitionsOf(client)
    expect(nodes.kafka.disconnect({ clientId: 'another' })).toBe(0)
    expect(nodes.kafka.disconnect({ nodeId: 2, clientId: 'test' })).toBe(1)
    await until(() => clients[2].isClosed)
    expect(clients.map(client => client.isClosed)).toEqual([false, false, true])
    expect(nodes.kafka.disconnect()).toBe(2)
    expect(() => nodes.kafka.disconnect({ nodeId: 5 })).toThrow('there is no node 5')
    await partitionsOf(nodes.connect(2))
  })
})

describe('moveCoordinator', () => {
  test('is what FindCoordinator answers, of that group and no other', async () => {
    await using nodes = await startNodes(2)
    const client = nodes.connect(1)
    nodes.kafka.moveCoordinator('group', 'billing', 2)
    const ask = async (keyType: number) =>
      (await client.request(findCoordinator, 6, { keyType, coordinatorKeys: ['billing', 'other'] })).coordinators
    const none = { errorCode: codeOf('COORDINATOR_NOT_AVAILABLE'), nodeId: -1 }
    const [placed, other] = await ask(0)
    expect(placed).toMatchObject({ errorCode: 0, nodeId: 2, host: 'memory', port: 9002 })
    const { nodeId } = nodes.kafka.leaderOf('__consumer_offsets', coordinatorPartition('other', 50))
    expect(other).toMatchObject({ errorCode: 0, nodeId, host: 'memory', port: 9000 + nodeId })
    const of = (id: string) => nodes.kafka.leaderOf('__transaction_state', coordinatorPartition(id, 50)).nodeId
    expect(await ask(1)).toMatchObject([{ nodeId: of('billing') }, { nodeId: of('other') }])
    expect(await client.request(findCoordinator, 1, { keyType: 0, key: 'billing' })).toMatchObject({ nodeId: 2 })
    await nodes.kafka.stopNode(2)
    expect(await ask(0)).toMatchObject([none, { errorCode: 0, nodeId: 1 }])
    expect(() => nodes.kafka.moveCoordinator('group', 'billing', 3)).toThrow('there is no node 3')
  })

  test('takes the offsets of a transaction too', async () => {
    const properties = { 'transaction.state.log.num.partitions': '1', 'offsets.topic.num.partitions': '1' }
    await using nodes = await startNodes(2, { topics: { t: { partitions: 1 } }, properties })
    const client = nodes.connect(1)
    for (const keyType of [0, 1]) await client.request(findCoordinator, 6, { keyType, coordinatorKeys: ['g'] })
    nodes.kafka.moveCoordinator('group', 'g', 2)
    const producer = new TransactionalClient({ client, clock: nodes.clock }, 2)
    await producer.init()
    const there = new TransactionalClient({ client: nodes.connect(2), clock: nodes.clock }, 2)
    Object.assign(there, { producerId: producer.producerId, producerEpoch: producer.producerEpoch })
    expect(await there.commitOffset(0, 5)).toBe(0)
    expect(await producer.end(true)).toBe(0)
    expect(await offsetOf(nodes.connect(2), 0)).toBe(5)
  })
})
