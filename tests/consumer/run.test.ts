/**
 * `consumer.run()` as one of a group, against the bundled broker: what is committed is what was handled, through ends,
 * rebalances, failures and dead letters.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { Consumer, type ConsumerOptions, nodeReadable, string, webReadable } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { afterEach, beforeEach, expect, test } from 'vitest'

const PARTITIONS = 4

let kafka: TestBroker

beforeEach(async () => {
  const topics = { orders: { partitions: PARTITIONS }, dead: { partitions: 1 } }
  kafka = await createTestBroker({ topics, properties: { 'group.initial.rebalance.delay.ms': '0' } })
})

afterEach(() => kafka.close())

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

function member(options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> {
  const { bootstrapServers } = kafka
  const quick = { fetchMaxWaitMs: 20, heartbeatIntervalMs: 100, autoCommitIntervalMs: 100, retryBackoffMs: 20 }
  const start = { groupId: 'billing', autoOffsetReset: 'earliest', key: string, value: string } as const
  return new Consumer({ bootstrapServers, ...start, ...quick, ...options })
}

async function write(count: number): Promise<void> {
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await producer.sendAll(
    upTo(count).map(n => ({ topic: 'orders', partition: n % PARTITIONS, key: `k${n % 7}`, value: String(n) })),
  )
}

/** Of all partitions together. */
async function committed(): Promise<number> {
  await using reader = member()
  const places = upTo(PARTITIONS).map(partition => ({ topic: 'orders', partition }))
  const offsets = await reader.committed(places)
  return offsets.reduce((sum, each) => sum + Number(each?.offset ?? 0n), 0)
}

test.each(['partition', 'key', 'none'] as const)('every record is handled and committed, by %s', async orderBy => {
  await write(2000)
  await using consumer = member()
  consumer.subscribe(['orders'])
  const seen: number[] = []
  const end = new AbortController()
  const handler = async ({ value }: { value: string | null }): Promise<void> => {
    if (Number(value) % 50 === 0) await new Promise(resolve => setTimeout(resolve, 1))
    seen.push(Number(value))
    if (seen.length === 2000) end.abort()
  }
  await consumer.run(handler, { concurrency: 8, orderBy, signal: end.signal })
  expect(seen.toSorted((a, b) => a - b)).toEqual(upTo(2000))
  expect(await committed()).toBe(2000)
})

test('a failure stops at its record: what is before is committed, and the next run begins with it', async () => {
  await write(400)
  await using consumer = member()
  consumer.subscribe(['orders'])
  const seen: string[] = []
  const failing = consumer.run(({ value }) => {
    if (value === '201') throw new Error('no stock')
    seen.push(value ?? '')
  })
  await expect(failing).rejects.toMatchObject({ code: 'HANDLER_FAILED', topic: 'orders', partition: 1, offset: 50n })
  expect(await committed()).toBe(seen.length)
  const end = new AbortController()
  const signal = end.signal
  await consumer.run(
    ({ value }) => {
      seen.push(value ?? '')
      if (seen.length === 400) end.abort()
    },
    { signal },
  )
  expect(seen.map(Number).toSorted((a, b) => a - b)).toEqual(upTo(400))
})

test('what cannot be handled goes to the dead letters, and the rest goes on', async () => {
  await write(100)
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await using consumer = member()
  consumer.subscribe(['orders'])
  const end = new AbortController()
  let handled = 0
  const handler = ({ value }: { value: string | null }): void => {
    if (Number(value) % 10 === 0) throw new Error('bad')
    if (++handled === 90) setTimeout(() => end.abort(), 50)
  }
  const retry = { attempts: 2, initialMs: 5 }
  await consumer.run(handler, {
    orderBy: 'key',
    concurrency: 4,
    retry,
    deadLetter: { producer, topic: 'dead' },
    signal: end.signal,
  })
  expect(consumer.metrics()).toMatchObject({ deadLetters: 10, handlerFailures: 20, handlerRetries: 10 })
  await using reader = member({ groupId: 'undertaker' })
  reader.assign([{ topic: 'dead', partition: 0 }])
  const letters: string[] = []
  for await (const record of reader) {
    letters.push(`${record.header('dead-letter-topic')} ${record.value}`)
    if (letters.length === 10) break
  }
  expect(letters.toSorted()).toEqual(
    upTo(10)
      .map(n => `orders ${n * 10}`)
      .toSorted(),
  )
  expect(await committed()).toBe(100)
})

test('a member that joins takes partitions over without a gap, and nothing is handled twice while handlers finish', async () => {
  await write(1200)
  await using first = member()
  await using second = member()
  const seen: number[] = []
  const end = new AbortController()
  const handler = async ({ value }: { value: string | null }): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve, 1))
    seen.push(Number(value))
    if (seen.length === 1200) end.abort()
  }
  const options = { concurrency: 4, signal: end.signal }
  first.subscribe(['orders'])
  const running = first.run(handler, options)
  while (seen.length < 100) await new Promise(resolve => setTimeout(resolve, 5))
  second.subscribe(['orders'])
  await Promise.all([running, second.run(handler, options)])
  expect(second.metrics().recordsHandled).toBeGreaterThan(0)
  expect(seen.toSorted((a, b) => a - b)).toEqual(upTo(1200))
})

test('a handler may use its consumer, others may not, and close() ends the run when handlers have finished', async () => {
  await write(40)
  const consumer = member()
  consumer.subscribe(['orders'])
  const paused: number[] = []
  let isFinished = false
  const handler = async ({ partition }: { partition: number }): Promise<void> => {
    if (partition !== 0) return
    consumer.pause([{ topic: 'orders', partition: 0 }])
    paused.push(consumer.paused().length)
    await new Promise(resolve => setTimeout(resolve, 20))
    isFinished = true
  }
  const running = consumer.run(handler, { concurrency: 2 })
  while (consumer.metrics().recordsHandled < 31) await new Promise(resolve => setTimeout(resolve, 5))
  expect(() => consumer.pause([])).toThrow(/run\(\) is under way/)
  expect(consumer.health().partitions).toHaveLength(PARTITIONS)
  await consumer.close()
  await running
  expect([paused, isFinished]).toEqual([[1], true])
  expect(await committed()).toBe(31)
})

test('close() waits for the last commit of a run no longer than it is told to, although nobody answers', async () => {
  await write(40)
  const consumer = member({ autoCommitIntervalMs: 60_000 })
  consumer.subscribe(['orders'])
  const running = consumer.run(() => {})
  const failed = expect(running).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT', message: /consumer was closed/ })
  while (consumer.metrics().recordsHandled < 40) await new Promise(resolve => setTimeout(resolve, 5))
  kafka.faults.add({ drop: true, times: 1_000 })
  await consumer.close({ timeoutMs: 10 })
  await failed
})

test('streams read no faster than they are read, and leave the consumer usable', async () => {
  await write(40)
  await using consumer = member()
  consumer.subscribe(['orders'])
  const seen: string[] = []
  for await (const record of webReadable(consumer)) {
    seen.push(String(record.value))
    if (seen.length === 10) break
  }
  for await (const record of nodeReadable(consumer)) {
    seen.push(String(record.value))
    if (seen.length === 40) break
  }
  expect(seen.map(Number).toSorted((a, b) => a - b)).toEqual(upTo(40))
})
