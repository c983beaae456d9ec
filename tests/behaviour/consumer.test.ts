/**
 * The consumer against a broker: the bundled one, or any running Kafka that SAMSA_KAFKA=host:port names.
 */
import { randomUUID } from 'node:crypto'
import { Consumer, type ConsumerOptions, json, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { CODECS } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunningKafka } from './running-kafka.js'

let kafka: RunningKafka

beforeAll(async () => {
  kafka = await RunningKafka.start()
}, 60_000)

afterAll(() => kafka[Symbol.asyncDispose]())

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const placesOf = (topic: string, count: number) => upTo(count).map(partition => ({ topic, partition }))

function consumer(options: Partial<ConsumerOptions<string, string>> = {}): Consumer<string, string> {
  return new Consumer({
    bootstrapServers: kafka.bootstrapServers,
    key: string,
    value: string,
    autoOffsetReset: 'earliest',
    ...options,
  })
}

/** A topic with `count` records `0`, `1`, … spread over its partitions by number. */
async function filled(partitions: number, count: number): Promise<string> {
  const topic = await kafka.topic(partitions)
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
  await producer.sendAll(upTo(count).map(n => ({ topic, partition: n % partitions, key: `k${n}`, value: String(n) })))
  return topic
}

/** Polls until there were that many records. */
async function values(reader: Consumer<string, string>, count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const records = await reader.poll(10_000)
    if (records.isEmpty) throw new Error(`${found.length} records of ${count} came`)
    for (const { value } of records) found.push(Number(value))
  }
  return found
}

describe('reading', () => {
  test('brings every record once, those of a partition in order', async () => {
    const topic = await filled(4, 20_000)
    await using reader = consumer()
    reader.assign(placesOf(topic, 4))
    const found = await values(reader, 20_000)
    expect(found.toSorted((a, b) => a - b)).toEqual(upTo(20_000))
    for (const partition of upTo(4)) {
      const own = found.filter(n => n % 4 === partition)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
    expect(reader.lag().map(({ lag }) => lag)).toEqual([0, 0, 0, 0])
    expect((await reader.poll(0)).isEmpty).toBe(true)
  })

  test('brings a record as it was sent', async () => {
    const topic = await kafka.topic(2)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const timestamp = Date.now() - 5000
    const headers = { trace: 'ü', none: null, twice: ['1', '2'] }
    await producer.send({ topic, partition: 1, key: 'k', value: '{"n":1}', headers, timestamp })
    await producer.send({ topic, partition: 1, value: null })
    await using reader = new Consumer({
      bootstrapServers: kafka.bootstrapServers,
      value: json<{ n: number }>(),
      autoOffsetReset: 'earliest',
    })
    reader.assign([{ topic, partition: 1 }])
    const records = [...(await reader.poll(10_000)), ...(await reader.poll(0))]
    const [first, second] = records
    expect(first).toMatchObject({ topic, partition: 1, offset: 0n, timestamp, value: { n: 1 } })
    expect(Buffer.from(first?.key ?? []).toString()).toBe('k')
    expect(first?.headers.map(({ key }) => [key, first.header(key)])).toEqual([
      ['trace', 'ü'],
      ['none', undefined],
      ['twice', '2'],
      ['twice', '2'],
    ])
    expect([second?.key, second?.value, second?.offset]).toEqual([null, null, 1n])
  })

  test.each(CODECS.filter(codec => codec.canCompress() === true).map(({ name }) => ({ name })))(
    'brings what was compressed with $name',
    async ({ name }) => {
      const topic = await kafka.topic(1)
      await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers, compression: name })
      await producer.sendAll(upTo(1000).map(n => ({ topic, value: String(n) })))
      await using reader = consumer()
      reader.assign(placesOf(topic, 1))
      expect(await values(reader, 1000)).toEqual(upTo(1000))
    },
  )

  test('waits for what is not there yet, and has it soon', async () => {
    const topic = await kafka.topic(1)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    await producer.partitionsFor(topic)
    await using reader = consumer({ fetchMaxWaitMs: 20_000 })
    reader.assign(placesOf(topic, 1))
    expect(await reader.position({ topic, partition: 0 })).toBe(0n)
    const polling = reader.poll()
    await producer.send({ topic, value: '7' })
    expect([...(await polling)].map(({ value }) => value)).toEqual(['7'])
  })

  test('goes record by record in a loop, and in batches', async () => {
    const topic = await filled(2, 3000)
    await using reader = consumer()
    reader.assign(placesOf(topic, 2))
    const found: number[] = []
    for await (const { value } of reader) if (found.push(Number(value)) === 1000) break
    for await (const records of reader.batches()) {
      for (const { value } of records) found.push(Number(value))
      if (found.length === 3000) break
    }
    expect(found.toSorted((a, b) => a - b)).toEqual(upTo(3000))
  })
})

describe('positions', () => {
  test('are where one seeks to, or at either end', async () => {
    const topic = await filled(1, 100)
    const place = { topic, partition: 0 }
    await using reader = consumer({ maxPollRecords: 1 })
    reader.assign([place])
    const next = async (): Promise<string | null | undefined> => [...(await reader.poll(10_000))][0]?.value
    expect(await next()).toBe('0')
    reader.seek(place, 42n)
    expect(await next()).toBe('42')
    expect(await reader.position(place)).toBe(43n)
    reader.seekToBeginning()
    expect(await next()).toBe('0')
    reader.seekToEnd([place])
    expect(await reader.position(place)).toBe(100n)
    reader.seek(place, 98n)
    expect([await next(), await next()]).toEqual(['98', '99'])
  })

  test('out of range are reset, or thrown with what there is', async () => {
    const topic = await filled(1, 10)
    const place = { topic, partition: 0 }
    await using reset = consumer()
    reset.assign([place])
    reset.seek(place, 5000n)
    expect(await values(reset, 10)).toEqual(upTo(10))
    await using none = consumer({ autoOffsetReset: 'none' })
    none.assign([place])
    await expect(none.poll(1000)).rejects.toMatchObject({ code: 'NO_OFFSET_FOR_PARTITION' })
    none.seek(place, 5000n)
    await expect(none.poll(10_000)).rejects.toThrow('has no offset 5000: it holds 0 up to 10')
    none.seek(place, 9n)
    expect(await values(none, 1)).toEqual([9])
  })

  test('by time, and ends, are told without moving', async () => {
    const topic = await kafka.topic(2)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const start = Date.now() - 100_000
    for (const n of upTo(5)) {
      await producer.send({ topic, partition: 0, value: String(n), timestamp: start + n * 1000 })
    }
    await using reader = consumer()
    const [full, empty] = placesOf(topic, 2)
    if (full === undefined || empty === undefined) throw new Error('two partitions')
    expect(
      await reader.offsetsForTimes([
        { ...empty, timestamp: start },
        { ...full, timestamp: start + 2500 },
      ]),
    ).toEqual([null, { ...full, offset: 3n, timestamp: start + 3000 }])
    expect((await reader.beginningOffsets([full, empty])).map(({ offset }) => offset)).toEqual([0n, 0n])
    expect((await reader.endOffsets([full, empty])).map(({ offset }) => offset)).toEqual([5n, 0n])
    await using recent = consumer({ autoOffsetReset: { byDurationMs: Date.now() - start - 1500 } })
    recent.assign([full])
    expect(await values(recent, 3)).toEqual([2, 3, 4])
  })
})

describe('partitions', () => {
  test('that are paused give nothing until they are resumed, and lose nothing', async () => {
    const topic = await filled(2, 2000)
    const [first, second] = placesOf(topic, 2)
    if (first === undefined || second === undefined) throw new Error('two partitions')
    await using reader = consumer()
    reader.assign([first, second])
    reader.pause([first])
    const odd = await values(reader, 1000)
    expect(odd.every(n => n % 2 === 1)).toBe(true)
    expect((await reader.poll(50)).isEmpty).toBe(true)
    reader.resume([first])
    expect(await values(reader, 1000)).toEqual(upTo(1000).map(n => 2 * n))
  })

  test('are known, and topics too', async () => {
    const topic = await kafka.topic(3)
    await using reader = consumer()
    expect((await reader.partitionsFor(topic)).map(({ partition }) => partition)).toEqual([0, 1, 2])
    expect((await reader.listTopics()).map(({ name }) => name)).toContain(topic)
  })

  test('of a topic that is not there are waited for, no longer than the caller says', async () => {
    const topic = `samsa-behaviour-missing-${randomUUID()}`
    await using reader = consumer({ allowAutoCreateTopics: false })
    reader.assign([{ topic, partition: 0 }])
    expect((await reader.poll(300)).isEmpty).toBe(true)
    const error = await reader.partitionsFor(topic, { timeoutMs: 200 }).catch((reason: unknown) => reason)
    expect(error instanceof KafkaError ? error.code : error).toBe('REQUEST_TIMED_OUT')
  })
})

test('readCommitted shows what was committed, in order, and stops before what is open', async context => {
  if (process.env['SAMSA_KAFKA'] === undefined) context.skip('the bundled broker has no transactions yet')
  const topic = await kafka.topic(1)
  const { bootstrapServers } = kafka
  await using plain = new Producer({ bootstrapServers })
  await using committing = new Producer({ bootstrapServers, transactionalId: `${topic}-a` })
  await using aborting = new Producer({ bootstrapServers, transactionalId: `${topic}-b` })
  await Promise.all([committing.initTransactions(), aborting.initTransactions()])
  for (const round of upTo(3)) {
    committing.beginTransaction()
    aborting.beginTransaction()
    for (const n of upTo(2)) {
      await committing.send({ topic, value: `committed ${round}.${n}` })
      await aborting.send({ topic, value: `aborted ${round}.${n}` })
      await plain.send({ topic, value: `plain ${round}.${n}` })
    }
    await aborting.abortTransaction()
    await committing.commitTransaction()
  }
  committing.beginTransaction()
  await committing.send({ topic, value: 'open' })
  const expected = upTo(3).flatMap(round => upTo(2).flatMap(n => [`committed ${round}.${n}`, `plain ${round}.${n}`]))
  const read = async (options: Partial<ConsumerOptions<string, string>>): Promise<(string | null)[]> => {
    await using reader = consumer(options)
    reader.assign(placesOf(topic, 1))
    const found: (string | null)[] = []
    for (let records = await reader.poll(10_000); !records.isEmpty; records = await reader.poll(300)) {
      for (const { value } of records) found.push(value)
    }
    return found
  }
  expect(await read({ isolationLevel: 'readCommitted' })).toEqual(expected)
  // Also in answers that begin within a transaction.
  expect(await read({ isolationLevel: 'readCommitted', maxPartitionFetchBytes: 1, maxPollRecords: 1 })).toEqual(
    expected,
  )
  const all = await read({})
  expect(all).toHaveLength(19)
  expect(all.at(-1)).toBe('open')
  await committing.commitTransaction()
  expect((await read({ isolationLevel: 'readCommitted' })).at(-1)).toBe('open')
})

test('a consumer that does not poll holds no more than its bound', async () => {
  const topic = await kafka.topic(8)
  // A batch that is larger than what is asked for comes whole.
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers, maxBatchSize: 20_000 })
  const value = 'v'.repeat(1000)
  await producer.sendAll(upTo(8000).map(n => ({ topic, partition: n % 8, value })))
  await using reader = consumer({ fetchBufferBytes: 1_000_000, maxPartitionFetchBytes: 200_000 })
  reader.assign(placesOf(topic, 8))
  expect((await reader.poll(10_000)).count).toBeGreaterThan(0)
  let fetches = -1
  // Until nothing more is asked for: other calls give it the time.
  for (let calm = 0; calm < 5; calm++) {
    await reader.endOffsets(placesOf(topic, 8))
    const { fetchesSent, bufferedBytes } = reader.metrics()
    expect(bufferedBytes).toBeLessThanOrEqual(1_000_000)
    if (fetchesSent !== fetches) calm = 0
    fetches = fetchesSent
  }
  expect(reader.metrics().bufferedBytes).toBeGreaterThan(500_000)
})
