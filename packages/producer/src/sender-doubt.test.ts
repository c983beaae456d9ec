import { AuthenticationError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { ProducerOptions } from './producer-options.js'
import { TestCluster } from './test-cluster.js'

const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAABw'

async function setUp(options: Partial<ProducerOptions> = {}, leaders: readonly number[] = [1]) {
  const cluster = new TestCluster()
  cluster.topic('t', leaders)
  const producer = cluster.producer(options)
  await producer.partitionsFor('t')
  return { cluster, producer }
}

describe('a topic that metadata has forgotten', () => {
  test('is asked for again, so that its next leader is found', async () => {
    const { cluster, producer } = await setUp()
    void producer.send({ topic: 't', value: 'a' })
    await cluster.settle()
    cluster.next().answer()
    await cluster.settle()
    cluster.forgetTopic('t')
    const sent = producer.send({ topic: 't', value: 'b' })
    await cluster.settle()
    expect(cluster.lookUps).toEqual(['t'])
    cluster.topic('t', [2])
    cluster.next(1).answer({ error: 'NOT_LEADER_OR_FOLLOWER' })
    await cluster.settle()
    cluster.next(2).answer()
    expect(await sent).toMatchObject({ partition: 0 })
  })

  test('and cannot be had is not asked for at every turn', async () => {
    const { cluster, producer } = await setUp()
    void producer.send({ topic: 't', value: 'first' })
    await cluster.settle()
    cluster.next().answer()
    await cluster.settle()
    cluster.forgetTopic('t')
    cluster.refuseTopic('t', new AuthenticationError('not yours'))
    for (const value of ['a', 'b', 'c', 'd']) {
      void producer.send({ topic: 't', value })
      await cluster.settle()
    }
    expect(cluster.lookUps).toEqual(['t'])
    await cluster.advance(1000)
    void producer.send({ topic: 't', value: 'e' })
    await cluster.settle()
    expect(cluster.lookUps).toEqual(['t', 't'])
  })
})

describe('an answer', () => {
  test('is read by the topic ids of its request, whatever metadata says meanwhile', async () => {
    const { cluster, producer } = await setUp({ acks: 1 })
    cluster.topic('t', [1], OTHER_ID)
    cluster.link(1).produceVersion = 13
    const sent = producer.send({ topic: 't', value: 'a' })
    await cluster.settle()
    const request = cluster.next()
    cluster.forgetTopic('t')
    request.answer()
    await cluster.advance(1000)
    expect(cluster.sent()).toHaveLength(0)
    expect(await sent).toMatchObject({ offset: 100n })
  })

  test('that never comes leaves the numbers of its batch taken, though it is not sent again', async () => {
    const { cluster, producer } = await setUp()
    const lost = producer.send({ topic: 't', value: 'a' })
    await cluster.settle()
    cluster.next().lose(new AuthenticationError('the token has ended'))
    await expect(lost).rejects.toThrow('the token has ended')
    void producer.send({ topic: 't', value: 'b' })
    await cluster.settle()
    // Under the number of the lost one, a broker that has it would take the new one for the same.
    expect(cluster.next().parts.map(({ stamp }) => stamp)).toEqual(['0:1'])
  })
})

test('with maxBlockMs 0 a producer id is had all the same', async () => {
  const { cluster, producer } = await setUp({ maxBlockMs: 0 })
  const sent = producer.send({ topic: 't', value: 'a' })
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
  expect(cluster.identities).toHaveLength(1)
  await cluster.settle()
  cluster.next().answer()
  expect(await sent).toMatchObject({ partition: 0 })
})

test('a node that was full once is not avoided for ever', async () => {
  const { cluster, producer } = await setUp(
    { partitionerAvailabilityTimeoutMs: 100, maxInFlightRequests: 1, batchSize: 1 },
    [1, 2],
  )
  void producer.send({ topic: 't', partition: 0, value: 'a' })
  await cluster.settle()
  cluster.next(1).answer()
  await cluster.settle()
  await cluster.advance(200)
  for (let left = 20; left > 0; left--) void producer.send({ topic: 't', value: 'b' })
  await cluster.settle()
  expect(cluster.sent(1)).toHaveLength(1)
})
