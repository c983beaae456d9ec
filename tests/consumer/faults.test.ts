/**
 * The consumer while a cluster is in trouble: the bundled broker with several nodes, leaders that move, connections that
 * end, fetches that are slow or refused. Every record comes once, in order, and partitions that have no part in it go on.
 */

import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { Consumer, type ConsumerOptions, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const PARTITIONS = 6

let kafka: TestBroker

beforeEach(async () => {
  kafka = await createTestBroker({ nodes: 3, topics: { orders: { partitions: PARTITIONS } } })
})

afterEach(() => kafka.close())

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const all = upTo(PARTITIONS).map(partition => ({ topic: 'orders', partition }))

function consumer(options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> {
  const { bootstrapServers } = kafka
  const quick = { retryBackoffMs: 20, reconnectBackoffMs: 20, fetchMaxWaitMs: 50 }
  return new Consumer({
    bootstrapServers,
    key: string,
    value: string,
    autoOffsetReset: 'earliest',
    ...quick,
    ...options,
  })
}

/** Record n goes to partition n % PARTITIONS. */
async function write(from: number, count: number): Promise<void> {
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await producer.sendAll(
    upTo(count).map(n => ({ topic: 'orders', partition: (from + n) % PARTITIONS, value: String(from + n) })),
  )
}

/** What comes until there were so many records; `between` is called after each poll. */
async function read(
  reader: Consumer<string, string>,
  count: number,
  between: (found: number) => void | Promise<void> = () => {},
): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const records = await reader.poll(10_000)
    if (records.isEmpty) throw new Error(`${found.length} records of ${count} came`)
    for (const { value } of records) found.push(Number(value))
    await between(found.length)
  }
  return found
}

function onceAndInOrder(found: readonly number[], count: number): void {
  expect(found.toSorted((a, b) => a - b)).toEqual(upTo(count))
  for (const partition of upTo(PARTITIONS)) {
    const own = found.filter(n => n % PARTITIONS === partition)
    expect(own).toEqual(own.toSorted((a, b) => a - b))
  }
}

describe('every record comes once and in order', () => {
  test('while leaders move', async () => {
    await write(0, 6000)
    await using reader = consumer({ maxPollRecords: 100, maxPartitionFetchBytes: 5000 })
    reader.assign(all)
    let moves = 0
    const found = await read(reader, 6000, () => {
      const partition = moves++ % PARTITIONS
      const { nodeId } = kafka.leaderOf('orders', partition)
      kafka.moveLeader('orders', partition, (nodeId % 3) + 1)
    })
    onceAndInOrder(found, 6000)
    expect(moves).toBeGreaterThan(20)
  })

  test('while connections end', async () => {
    await write(0, 6000)
    await using reader = consumer({ maxPollRecords: 100, maxPartitionFetchBytes: 5000 })
    reader.assign(all)
    let polls = 0
    const found = await read(reader, 6000, () => {
      if (polls++ % 5 === 0) kafka.disconnect({ nodeId: (polls % 3) + 1 })
    })
    onceAndInOrder(found, 6000)
  })

  test('while a node is away', async () => {
    await write(0, 600)
    await using reader = consumer({ maxPollRecords: 50, maxPartitionFetchBytes: 500 })
    reader.assign(all)
    const first = await read(reader, 100)
    await kafka.stopNode(2)
    for (const partition of upTo(PARTITIONS)) {
      if (kafka.leaderOf('orders', partition).nodeId < 0) kafka.moveLeader('orders', partition, 1)
    }
    const second = await read(reader, 600 - first.length)
    await kafka.startNode(2)
    onceAndInOrder([...first, ...second], 600)
  })

  test.each([
    'NOT_LEADER_OR_FOLLOWER',
    'UNKNOWN_LEADER_EPOCH',
    'KAFKA_STORAGE_ERROR',
    'UNKNOWN_SERVER_ERROR',
    'OFFSET_NOT_AVAILABLE',
  ])('while fetches are answered with %s', async error => {
    await write(0, 1200)
    const fault = kafka.faults.add({ api: 'Fetch', topic: 'orders', partition: 1, error, times: 3 })
    await using reader = consumer()
    reader.assign(all)
    onceAndInOrder(await read(reader, 1200), 1200)
    expect(fault.hits).toBe(3)
  })

  test('while answers are lost and lookups refused', async () => {
    await write(0, 1200)
    kafka.faults.add({ api: 'Fetch', disconnect: 'after', times: 4 })
    kafka.faults.add({ api: 'ListOffsets', error: 'NOT_LEADER_OR_FOLLOWER', times: 3 })
    await using reader = consumer()
    reader.assign(all)
    onceAndInOrder(await read(reader, 1200), 1200)
  })
})

describe('others go on', () => {
  test('while a broker does not answer its fetches', async () => {
    await write(0, 1200)
    const held = kafka.faults.add({ api: 'Fetch', nodeId: 2, hold: true })
    await using reader = consumer()
    reader.assign(all)
    const elsewhere = upTo(1200).filter(n => kafka.leaderOf('orders', n % PARTITIONS).nodeId !== 2)
    const first = await read(reader, elsewhere.length)
    expect(first.toSorted((a, b) => a - b)).toEqual(elsewhere)
    held.release()
    held.remove()
    const second = await read(reader, 1200 - first.length)
    onceAndInOrder([...first, ...second], 1200)
  })

  test('while a partition has no leader, and it does when it has one', async () => {
    await write(0, 1200)
    kafka.setLeaderless('orders', 3)
    await using reader = consumer()
    reader.assign(all)
    const first = await read(reader, 1000)
    expect((await reader.poll(100)).isEmpty).toBe(true)
    kafka.moveLeader('orders', 3, 1)
    const second = await read(reader, 200)
    expect(second.every(n => n % PARTITIONS === 3)).toBe(true)
    onceAndInOrder([...first, ...second], 1200)
  })

  test('while one partition is refused, of which poll tells', async () => {
    await write(0, 1200)
    kafka.faults.add({
      api: 'Fetch',
      topic: 'orders',
      partition: 2,
      error: 'TOPIC_AUTHORIZATION_FAILED',
      times: Infinity,
    })
    await using reader = consumer()
    reader.assign(all)
    const found: number[] = []
    let refusals = 0
    while (found.length < 1000 || refusals === 0) {
      try {
        for (const { value } of await reader.poll(10_000)) found.push(Number(value))
      } catch (error) {
        expect(error).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'orders', partition: 2 })
        refusals++
      }
    }
    expect(found).toHaveLength(1000)
  })
})

test('a broker that is there again after all were away is read from', async () => {
  await write(0, 60)
  await using reader = consumer()
  reader.assign(all)
  const first = await read(reader, 60)
  for (const node of [1, 2, 3]) await kafka.stopNode(node)
  expect((await reader.poll(100)).isEmpty).toBe(true)
  for (const node of [1, 2, 3]) await kafka.startNode(node)
  await write(60, 60)
  onceAndInOrder([...first, ...(await read(reader, 60))], 120)
})
