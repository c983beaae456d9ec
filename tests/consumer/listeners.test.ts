/**
 * Rebalance listeners of a consumer against the bundled broker: nothing goes on beside them, they may close the consumer
 * that they belong to, and what they commit is told.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { Consumer, type ConsumerOptions, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { afterEach, beforeEach, expect, test } from 'vitest'

const PARTITIONS = 4

let kafka: TestBroker

beforeEach(async () => {
  const topics = { orders: { partitions: PARTITIONS } }
  kafka = await createTestBroker({ topics, properties: { 'group.initial.rebalance.delay.ms': '0' } })
})

afterEach(() => kafka.close())

const place = (partition: number) => ({ topic: 'orders', partition })

function member(options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> {
  const { bootstrapServers } = kafka
  const quick = { fetchMaxWaitMs: 20, heartbeatIntervalMs: 100, autoCommitIntervalMs: 100, retryBackoffMs: 20 }
  const start = { groupId: 'billing', autoOffsetReset: 'earliest', key: string, value: string } as const
  return new Consumer({ bootstrapServers, ...start, ...quick, ...options })
}

async function write(counts: readonly number[]): Promise<void> {
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  const records = counts.flatMap((count, partition) =>
    Array.from({ length: count }, (_, index) => ({ ...place(partition), value: String(index) })),
  )
  await producer.sendAll(records)
}

/** Polls on beside the test, until the consumer is closed. */
async function pollOn(consumer: Consumer<string, string>): Promise<void> {
  for await (const _ of consumer.batches()) {
    // What there is to see is the listener's.
  }
}

test('no handler of run() is under way while a listener hears that partitions go', async () => {
  await write([60, 60, 60, 60])
  await using first = member()
  await using second = member()
  const end = new AbortController()
  let [running, handled, revocations] = [0, 0, 0]
  let isTelling = false
  const beside: string[] = []
  const handler = async ({ partition, offset }: { partition: number; offset: bigint }): Promise<void> => {
    if (isTelling) beside.push(`${partition}@${offset} begins`)
    running++
    await new Promise(resolve => setTimeout(resolve, 2))
    running--
    if (++handled >= 240) end.abort()
  }
  first.subscribe(['orders'], {
    onPartitionsRevoked: async partitions => {
      if (partitions.length === 0) return
      isTelling = true
      revocations++
      if (running > 0) beside.push(`${running} are running`)
      // Long enough for a handler to begin and end.
      await first.commitSync()
      await first.committed([place(0), place(1)])
      await new Promise(resolve => setTimeout(resolve, 20))
      isTelling = false
    },
  })
  const runs = [first.run(handler, { signal: end.signal })]
  while (handled < 3) await new Promise(resolve => setTimeout(resolve, 1))
  second.subscribe(['orders'])
  const others = async (): Promise<void> => {
    if (++handled >= 240) end.abort()
  }
  runs.push(second.run(others, { signal: end.signal }))
  await Promise.all(runs)
  expect(beside).toEqual([])
  expect(revocations).toBeGreaterThan(0)
})

test('a listener that hears of partitions going may close the consumer, and hears of them once', async () => {
  const first = member()
  const told: number[] = []
  first.subscribe(['orders'], {
    onPartitionsRevoked: async partitions => {
      if (partitions.length === 0) return
      told.push(partitions.length)
      await first.close()
    },
  })
  const ended = pollOn(first)
  while (first.metrics().assignedPartitions < PARTITIONS) await new Promise(resolve => setTimeout(resolve, 5))
  await using second = member()
  second.subscribe(['orders'])
  while (second.metrics().assignedPartitions < PARTITIONS) await second.poll(50)
  await ended
  expect(told).toEqual([PARTITIONS])
})

test('a listener of close() may close the consumer too', async () => {
  const consumer = member()
  consumer.subscribe(['orders'], { onPartitionsRevoked: () => consumer.close() })
  while (consumer.assignment().length < PARTITIONS) await consumer.poll(50)
  await consumer.close()
  await expect(consumer.poll(0)).rejects.toMatchObject({ code: 'CONSUMER_CLOSED' })
})

test('a listener may close the consumer whose run() it belongs to', async () => {
  const consumer = member()
  consumer.subscribe(['orders'], { onPartitionsAssigned: () => consumer.close() })
  await consumer.run(() => {})
  await expect(consumer.poll(0)).rejects.toMatchObject({ code: 'CONSUMER_CLOSED' })
})

test('a commit that a listener makes while the consumer is closed is told', async () => {
  await write([5])
  const consumer = member({ enableAutoCommit: false })
  const told: unknown[] = []
  consumer.subscribe(['orders'], {
    onPartitionsRevoked: async () => consumer.commitAsync(null, (_, error) => void told.push(error)),
  })
  for (let seen = 0; seen < 5; ) seen += (await consumer.poll(50)).count
  await consumer.close()
  expect(told).toEqual([undefined])
  await using reader = member()
  expect((await reader.committed([place(0)]))[0]).toMatchObject({ offset: 5n })
})

test('a position that is out of range is looked up while another partition always has records', async () => {
  await write([3000, 10])
  await using consumer = member({ groupId: undefined, maxPollRecords: 10 })
  consumer.assign([place(0), place(1)])
  consumer.seek(place(0), 0n)
  consumer.seek(place(1), 500n)
  const before = { first: 0, second: 0 }
  while (before.second === 0 && before.first < 3000) {
    for (const { partition } of await consumer.poll(1000)) before[partition === 0 ? 'first' : 'second']++
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  expect(before.second).toBeGreaterThan(0)
  expect(before.first).toBeLessThan(3000)
})
