/**
 * The producer against a broker: the bundled one, or any running Kafka that SAMSA_KAFKA=host:port names.
 */

import { json, Producer, type ProducerRecord, type RecordMetadata, string } from '@samsa/producer'
import { CODECS } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ReadRecord, RunningKafka } from './running-kafka.js'

let kafka: RunningKafka

beforeAll(async () => {
  kafka = await RunningKafka.start()
}, 60_000)

afterAll(() => kafka[Symbol.asyncDispose]())

const values = (records: readonly ReadRecord[]) => records.map(({ value }) => value)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Its promise settles without rejecting. */
async function codeOf(promise: Promise<RecordMetadata>): Promise<string> {
  return promise.then(
    () => 'sent',
    (error: unknown) => (error instanceof KafkaError ? error.code : String(error)),
  )
}

describe('a record', () => {
  test('arrives as it was sent, and its place is told', async () => {
    const topic = await kafka.topic(3)
    await using producer = new Producer({
      bootstrapServers: kafka.bootstrapServers,
      key: string,
      value: json<{ total: number }>(),
    })
    const headers = { trace: 'ü', bytes: new Uint8Array([0, 255]), none: null, twice: ['1', '2'] }
    const timestamp = Date.now() - 5000
    const sent = await producer.send({ topic, key: 'customer', value: { total: 42 }, timestamp, headers, partition: 1 })
    expect(sent).toMatchObject({ topic, partition: 1, timestamp, serializedKeySize: 8, serializedValueSize: 12 })
    expect(sent.offset).toBe(0n)
    const [record] = await kafka.read(topic, 1)
    expect(record).toMatchObject({ offset: 0, timestamp, key: 'customer', value: '{"total":42}' })
    expect(
      record?.headers.map(({ key, value }) => [key, value === null ? null : Buffer.from(value).toString('hex')]),
    ).toEqual([
      ['trace', 'c3bc'],
      ['bytes', '00ff'],
      ['none', null],
      ['twice', '31'],
      ['twice', '32'],
    ])
  })

  test('may have no value and no key, and is stamped by a topic that stamps', async () => {
    const topic = await kafka.topic(1, { 'message.timestamp.type': 'LogAppendTime' })
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const before = Date.now() - 1000
    const { timestamp } = await producer.send({ topic, value: null, timestamp: 1 })
    expect(timestamp).toBeGreaterThan(before)
    expect(await kafka.read(topic, 0)).toMatchObject([{ key: null, value: null, timestamp }])
  })
})

describe('many records', () => {
  test('of concurrent sends are each written once, in order, by few requests', async () => {
    const topic = await kafka.topic(6)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const places = await Promise.all(
      upTo(10_000).map(index => producer.send({ topic, key: `key-${index % 100}`, value: String(index) })),
    )
    const read = await kafka.readAll(topic, 6)
    expect(read.flat()).toHaveLength(10_000)
    places.forEach(({ partition, offset }, index) => {
      expect(read[partition]?.[Number(offset)]?.value).toBe(String(index))
    })
    for (const records of read) {
      const sequence = records.map(({ value }) => Number(value))
      expect(sequence).toEqual([...sequence].sort((left, right) => left - right))
      expect(new Set(records.map(({ producerId }) => producerId)).size).toBe(1)
      expect(records[0]?.producerId).toBeGreaterThanOrEqual(0)
    }
    expect(producer.metrics().requestsSent).toBeLessThan(200)
  })

  test('without keys are spread over all partitions', async () => {
    const topic = await kafka.topic(4)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers, batchSize: 1000 })
    await producer.sendAll(upTo(2000).map(index => ({ topic, value: `value ${index}` })))
    const counts = (await kafka.readAll(topic, 4)).map(records => records.length)
    expect(counts.reduce((sum, count) => sum + count)).toBe(2000)
    expect(Math.min(...counts)).toBeGreaterThan(100)
  })

  test('go to several topics at once, with callbacks and with enqueue', async () => {
    const topics = await Promise.all(upTo(3).map(() => kafka.topic(2)))
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers, bufferMemory: 100_000 })
    let told = 0
    for (const index of upTo(3000)) {
      const topic = topics[index % 3] ?? ''
      const room = producer.enqueue({ topic, value: String(index) }, error => {
        if (error === undefined) told++
      })
      if (room !== undefined) await room
    }
    await producer.flush()
    expect(told).toBe(3000)
    for (const topic of topics) expect((await kafka.readAll(topic, 2)).flat()).toHaveLength(1000)
  })
})

describe('options', () => {
  test.each(CODECS.filter(codec => codec.canCompress() === true).map(({ name, id }) => ({ name, id })))(
    'compression $name',
    async ({ name, id }) => {
      const topic = await kafka.topic(1)
      await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers, compression: name })
      await producer.sendAll(upTo(500).map(index => ({ topic, value: `a value that repeats itself ${index % 10}` })))
      const records = await kafka.read(topic, 0)
      expect(records).toHaveLength(500)
      expect(new Set(records.map(({ codec }) => codec))).toEqual(new Set([id]))
    },
  )

  test.each([0, 1, 'all'] as const)('acks %s', async acks => {
    const topic = await kafka.topic(1)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers, acks })
    const sent = await producer.send({ topic, value: 'v' })
    expect(sent.offset).toBe(acks === 0 ? -1n : 0n)
    await producer.send({ topic, value: 'w' })
    if (acks !== 0) expect(values(await kafka.read(topic, 0))).toEqual(['v', 'w'])
  })

  test('interceptors and a partitioner of the application', async () => {
    const topic = await kafka.topic(3)
    const acknowledged: (number | undefined)[] = []
    await using producer = new Producer({
      bootstrapServers: kafka.bootstrapServers,
      partitioner: ({ key }, { partitionCount }) => Number(key) % partitionCount,
      interceptors: [
        {
          onSend: record => ({ ...record, headers: { seen: 'yes' } }),
          onAcknowledgement: (_error, metadata) => void acknowledged.push(metadata?.partition),
        },
      ],
    })
    await producer.sendAll(upTo(6).map(index => ({ topic, key: String(index), value: 'v' })))
    expect(acknowledged.toSorted()).toEqual([0, 0, 1, 1, 2, 2])
    const [record] = await kafka.read(topic, 2)
    expect(record?.headers[0]?.key).toBe('seen')
  })
})

describe('what a broker refuses', () => {
  test('a batch that is larger than its topic takes is sent in parts, and a record alone fails', async () => {
    const topic = await kafka.topic(1, { 'max.message.bytes': '2000' })
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const large = codeOf(producer.send({ topic, value: 'x'.repeat(3000) }))
    const sent = upTo(200).map(index => producer.send({ topic, value: `${index} ${'v'.repeat(50)}` }))
    expect(await large).toBe('MESSAGE_TOO_LARGE')
    const places = await Promise.all(sent)
    expect(places.map(({ offset }) => Number(offset))).toEqual(upTo(200))
    expect(values(await kafka.read(topic, 0)).map(value => Number.parseInt(value ?? '', 10))).toEqual(upTo(200))
    expect(producer.metrics().bufferUsedBytes).toBe(0)
  })

  test('a record without a key in a compacted topic fails alone', async () => {
    const topic = await kafka.topic(1, { 'cleanup.policy': 'compact' })
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const records: ProducerRecord[] = upTo(9).map(index => ({
      topic,
      ...(index % 3 === 1 ? {} : { key: String(index) }),
      value: String(index),
    }))
    const outcomes = await Promise.all(records.map(record => codeOf(producer.send(record))))
    expect(outcomes).toEqual(upTo(9).map(index => (index % 3 === 1 ? 'INVALID_RECORD' : 'sent')))
    expect(values(await kafka.read(topic, 0))).toEqual(['0', '2', '3', '5', '6', '8'])
    // Nothing is left of it: the next records go on as if nothing had been.
    expect(await codeOf(producer.send({ topic, key: 'k', value: '9' }))).toBe('sent')
  })

  test('a partition that is not there, and a name that cannot be', async () => {
    const topic = await kafka.topic(1)
    await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    await producer.send({ topic, value: 'v' })
    expect(await codeOf(producer.send({ topic, value: 'v', partition: 5 }))).toBe('INVALID_PARTITION')
    expect(await codeOf(producer.send({ topic: 'no such/topic', value: 'v' }))).toBe('INVALID_TOPIC_EXCEPTION')
  })
})

test('a transaction is seen when it is committed', async () => {
  const topic = await kafka.topic(2)
  await using producer = new Producer({ bootstrapServers: kafka.bootstrapServers, transactionalId: topic })
  await producer.transaction(async () => {
    await producer.send({ topic, value: 'committed', partition: 0 })
    await producer.send({ topic, value: 'as well', partition: 1 })
  })
  const failure = new Error('the application changed its mind')
  const aborted = producer.transaction(async () => {
    await producer.send({ topic, value: 'aborted', partition: 0 })
    throw failure
  })
  await expect(aborted).rejects.toBe(failure)
  await producer.transaction(() => producer.send({ topic, value: 'after it', partition: 0 }))
  expect(await kafka.readSettled(topic, 0)).toEqual(['committed', 'after it'])
  expect(await kafka.readSettled(topic, 1)).toEqual(['as well'])
})

test('a broker that is not there is waited for no longer than maxBlockMs', async () => {
  await using producer = new Producer({ bootstrapServers: '127.0.0.1:1', maxBlockMs: 300 })
  expect(await codeOf(producer.send({ topic: 't', value: 'v' }))).toBe('REQUEST_TIMED_OUT')
})

test('closing sends what waits', async () => {
  const topic = await kafka.topic(2)
  const producer = new Producer({
    bootstrapServers: kafka.bootstrapServers,
    lingerMs: 60_000,
    deliveryTimeoutMs: 120_000,
  })
  const sent = Promise.all(upTo(100).map(index => producer.send({ topic, value: String(index) })))
  await producer.partitionsFor(topic)
  await producer.close()
  expect(await sent).toHaveLength(100)
  expect((await kafka.readAll(topic, 2)).flat()).toHaveLength(100)
})
