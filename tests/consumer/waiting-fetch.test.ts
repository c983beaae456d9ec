/**
 * Partitions that come to be wanted while a fetch waits at the bundled broker for records that nobody writes: their records
 * come all the same.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { afterEach, beforeEach, expect, test } from 'vitest'

let kafka: TestBroker

beforeEach(async () => {
  kafka = await createTestBroker({ topics: { orders: { partitions: 2 } } })
})

afterEach(() => kafka.close())

const place = (partition: number) => ({ topic: 'orders', partition })
const LONG_MS = 60_000

test('a partition that is resumed, or sought, is read long before the fetch under way is answered', async () => {
  const { bootstrapServers } = kafka
  await using producer = new Producer({ bootstrapServers })
  await producer.sendAll(['a', 'b', 'c'].map(value => ({ ...place(0), value })))
  await using consumer = new Consumer({ bootstrapServers, value: string, fetchMaxWaitMs: LONG_MS })
  const values = async (timeoutMs = LONG_MS / 6) => [...(await consumer.poll(timeoutMs))].map(({ value }) => value)
  consumer.assign([place(0), place(1)])
  consumer.seek(place(0), 0n)
  consumer.seek(place(1), 0n)
  consumer.pause([place(0)])
  expect(await values(100)).toEqual([])
  expect(consumer.metrics().fetchesSent).toBe(1)
  consumer.resume([place(0)])
  expect(await values()).toEqual(['a', 'b', 'c'])
  // What is written then comes too, of the one as of the other.
  await producer.send({ ...place(0), value: 'd' })
  expect(await values()).toEqual(['d'])
  await producer.send({ ...place(1), value: 'x' })
  expect(await values()).toEqual(['x'])
  consumer.seek(place(0), 2n)
  expect(await values()).toEqual(['c', 'd'])
})
