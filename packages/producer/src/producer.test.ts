import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { json, string } from '@samsa/client'
import { KafkaError } from '@samsa/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fromProperties } from './producer-properties.js'
import type { ProducerRecord } from './record.js'
import { AsIs } from './serialized-record.js'
import { nodeWritable, webWritable } from './streams.js'
import { TestCluster } from './test-cluster.js'

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeEach(() => void process.on('unhandledRejection', note))
afterEach(() => {
  process.off('unhandledRejection', note)
  expect(unhandled.splice(0)).toEqual([])
})

/** What a program without types may write. */
function anything(record: unknown): ProducerRecord {
  return record as ProducerRecord
}

async function known(leaders: readonly number[] = [1]): Promise<TestCluster> {
  const cluster = new TestCluster()
  cluster.topic('t', leaders)
  return cluster
}

async function answerAll(cluster: TestCluster, node = 1): Promise<void> {
  await cluster.settle()
  while (cluster.sent(node).length > 0) {
    cluster.next(node).answer()
    await cluster.settle()
  }
}

test('a partition that was added since is refused once at most', async () => {
  const cluster = await known()
  const producer = cluster.producer()
  await producer.partitionsFor('t')
  const send = (): Promise<unknown> => producer.send({ topic: 't', partition: 1, value: 'v' })
  await expect(send()).rejects.toMatchObject({ code: 'INVALID_PARTITION' })
  expect(cluster.refreshes.at(-1)).toBe('t-1 is not known')
  cluster.topic('t', [1, 1])
  const sent = send()
  await answerAll(cluster)
  await expect(sent).resolves.toMatchObject({ partition: 1 })
  await producer.close()
})

describe('bad input', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['no record', null, 'INVALID_RECORD'],
    ['no topic', { value: 'v' }, 'INVALID_RECORD'],
    ['a topic of null', { topic: null, value: 'v' }, 'INVALID_RECORD'],
    ['an empty topic', { topic: '', value: 'v' }, 'INVALID_TOPIC_EXCEPTION'],
    ['a topic that cannot be', { topic: 'a b', value: 'v' }, 'INVALID_TOPIC_EXCEPTION'],
    ['a negative partition', { topic: 't', partition: -1, value: 'v' }, 'INVALID_RECORD'],
    ['half a partition', { topic: 't', partition: 0.5, value: 'v' }, 'INVALID_RECORD'],
    ['a partition that is not there', { topic: 't', partition: 7, value: 'v' }, 'INVALID_PARTITION'],
    ['a value of the wrong type', { topic: 't', value: 42 }, 'SERIALIZATION_FAILED'],
    ['no value', { topic: 't' }, 'SERIALIZATION_FAILED'],
    ['a key of the wrong type', { topic: 't', key: {}, value: 'v' }, 'SERIALIZATION_FAILED'],
    ['a timestamp that is none', { topic: 't', timestamp: Number.NaN, value: 'v' }, 'INVALID_RECORD'],
    ['a header of the wrong type', { topic: 't', value: 'v', headers: { h: 1 } }, 'INVALID_RECORD'],
    ['a record that is too large', { topic: 't', value: 'v'.repeat(1_048_576) }, 'MESSAGE_TOO_LARGE'],
  ]

  test.each(cases)('%s: an error with a name, and everything else goes on', async (_name, record, code) => {
    const cluster = await known()
    const producer = cluster.producer()
    await producer.partitionsFor('t')
    const before = producer.send({ topic: 't', value: 'before' })
    await expect(producer.send(anything(record))).rejects.toMatchObject({ code })
    // Whoever sends and forgets loses no process by it.
    void producer.send(anything(record))
    const told: unknown[] = []
    producer.send(anything(record), error => told.push(error?.code))
    expect(told).toEqual([code])
    const after = producer.send({ topic: 't', value: 'after' })
    await answerAll(cluster)
    expect((await before).offset).toBe(100n)
    expect((await after).offset).toBe(101n)
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, incompleteBatches: 0, waitingSends: 0 })
  })

  test('functions of the application that throw fail their record, or nothing', async () => {
    const cluster = await known()
    const failing = (): never => {
      throw new Error('mine')
    }
    const value = { serialize: (text: string) => (text === 'bad' ? failing() : text), deserialize: failing }
    const producer = cluster.producer({
      value,
      partitioner: record => (record.value === 'lost' ? failing() : record.value === 'far' ? 9 : 0),
      interceptors: [{ onSend: failing, onAcknowledgement: failing }],
    })
    await producer.partitionsFor('t')
    await expect(producer.send({ topic: 't', value: 'bad' })).rejects.toMatchObject({ code: 'SERIALIZATION_FAILED' })
    await expect(producer.send({ topic: 't', value: 'lost' })).rejects.toMatchObject({ code: 'PARTITIONER_FAILED' })
    await expect(producer.send({ topic: 't', value: 'far' })).rejects.toMatchObject({ code: 'PARTITIONER_FAILED' })
    producer.send({ topic: 't', value: 'callback' }, failing)
    const good = producer.send({ topic: 't', value: 'good' })
    await answerAll(cluster)
    expect((await good).offset).toBe(101n)
    expect(producer.metrics().bufferUsedBytes).toBe(0)
  })

  test('options are checked at once, with a sentence that helps', () => {
    const cluster = new TestCluster()
    const make = (options: object) => () => cluster.producer(options)
    expect(make({ lingerms: 5 })).toThrow('did you mean lingerMs?')
    expect(make({ compression: 'brotli' })).toThrow("must be 'none', 'gzip', 'snappy', 'lz4' or 'zstd'")
    expect(make({ enableIdempotence: true, acks: 1 })).toThrow("needs acks: 'all'")
    expect(make({ enableIdempotence: true, maxInFlightRequests: 6 })).toThrow('at most 5')
    expect(make({ deliveryTimeoutMs: 10 })).toThrow('must be at least lingerMs + requestTimeoutMs')
    expect(make({ transactionalId: 'x', enableIdempotence: false })).toThrow('transactionalId needs')
  })

  test("Kafka's own configuration can be pasted", async () => {
    const cluster = await known()
    const options = fromProperties(
      'linger.ms=5\nbatch.size = 100\nrequest.required.acks=-1\ncompression.type=GZIP\npartitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner\nkey.serializer=org.apache.kafka.common.serialization.LongSerializer',
    )
    expect(options).toMatchObject({
      lingerMs: 5,
      batchSize: 100,
      acks: 'all',
      compression: 'gzip',
      partitioner: 'roundRobin',
    })
    const sent = cluster.producer<unknown, unknown>(options).send({ topic: 't', key: 7n, value: 'v' })
    await cluster.advance(5)
    cluster.next().answer()
    expect(await sent).toMatchObject({ serializedKeySize: 8 })
    expect(() => fromProperties({ 'liger.ms': '5' })).toThrow('did you mean lingerMs?')
  })

  test('a closed producer says so', async () => {
    const cluster = await known()
    const producer = cluster.producer()
    await producer.close()
    await producer.close()
    expect(cluster.isClosed).toBe(true)
    await expect(producer.send({ topic: 't', value: 'v' })).rejects.toMatchObject({ code: 'PRODUCER_CLOSED' })
    await expect(producer.partitionsFor('t')).rejects.toMatchObject({ code: 'PRODUCER_CLOSED' })
  })
})

describe('a topic that is not known yet', () => {
  test('records wait for it in order, and later ones do not overtake them', async () => {
    const cluster = new TestCluster()
    const producer = cluster.producer()
    for (const value of ['a', 'b', 'c']) void producer.send({ topic: 't', value, partition: 0 })
    await cluster.settle()
    cluster.topic('t', [1])
    void producer.send({ topic: 't', value: 'd', partition: 0 })
    await cluster.settle()
    expect(cluster.sent().flatMap(({ parts }) => parts.flatMap(({ values }) => values))).toEqual(['a', 'b', 'c', 'd'])
  })

  test('is waited for by as many as the memory has room for, however many that are', async () => {
    const cluster = new TestCluster()
    const producer = cluster.producer()
    const outcomes: (string | undefined)[] = []
    const note = (error: KafkaError | undefined): void => void outcomes.push(error?.code)
    for (let index = 0; index < 15_000; index++) producer.send({ topic: 't', value: 'v'.repeat(1000) }, note)
    expect(outcomes).toEqual([])
    expect(producer.metrics().bufferUsedBytes).toBeGreaterThan(15_000_000)
    cluster.topic('t', [1])
    await answerAll(cluster)
    expect(outcomes).toHaveLength(15_000)
    expect(new Set(outcomes)).toEqual(new Set([undefined]))
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, waitingSends: 0 })
    // And no more than that.
    for (let index = 0; index < 60_000; index++) producer.send({ topic: 'other', value: 'v'.repeat(1000) }, note)
    const refused = outcomes.slice(15_000)
    expect(new Set(refused)).toEqual(new Set(['BUFFER_EXHAUSTED']))
    expect(refused.length).toBeGreaterThan(30_000)
    expect(producer.metrics().bufferUsedBytes).toBeLessThanOrEqual(32 * 1024 * 1024)
    const closed = producer.close({ timeoutMs: 1 })
    await cluster.advance(1)
    await closed
    expect(producer.metrics().bufferUsedBytes).toBe(0)
  })

  test('is waited for no longer than maxBlockMs, each record for its own', async () => {
    const cluster = new TestCluster()
    const producer = cluster.producer({ maxBlockMs: 1000 })
    const codes: string[] = []
    const send = (value: string): void => {
      producer.send({ topic: 't', value }).catch((error: KafkaError) => codes.push(`${value} ${error.code}`))
    }
    send('a')
    await cluster.advance(600)
    send('b')
    await cluster.advance(400)
    expect(codes).toEqual(['a REQUEST_TIMED_OUT'])
    await cluster.advance(600)
    expect(codes).toEqual(['a REQUEST_TIMED_OUT', 'b REQUEST_TIMED_OUT'])
  })

  test('that cannot be had fails its records at once', async () => {
    const cluster = new TestCluster()
    cluster.refuseTopic('t', new KafkaError('no', { code: 'TOPIC_AUTHORIZATION_FAILED', topic: 't' }))
    const producer = cluster.producer()
    await expect(producer.send({ topic: 't', value: 'v' })).rejects.toMatchObject({
      code: 'TOPIC_AUTHORIZATION_FAILED',
    })
  })
})

describe('memory', () => {
  const small = { bufferMemory: 10_000, batchSize: 1000, maxRequestSize: 10_000, maxBlockMs: 1000 }

  test('when it is full, sends wait in order, and go on as it is given back', async () => {
    const cluster = await known()
    const producer = cluster.producer({ ...small, maxBlockMs: 60_000 })
    await producer.partitionsFor('t')
    const order: number[] = []
    for (let index = 0; index < 100; index++) {
      void producer.send({ topic: 't', key: String(index), value: 'v'.repeat(100) }).then(() => order.push(index))
    }
    expect(producer.metrics().waitingSends).toBeGreaterThan(50)
    expect(producer.metrics().bufferUsedBytes).toBeLessThanOrEqual(10_000)
    await answerAll(cluster)
    expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, waitingSends: 0 })
  })

  test('that stays full fails those who wait after maxBlockMs, and nothing else', async () => {
    const cluster = await known()
    const producer = cluster.producer(small)
    await producer.partitionsFor('t')
    const outcomes: string[] = []
    for (let index = 0; index < 40; index++) {
      producer.send({ topic: 't', value: 'v'.repeat(200) }).then(
        () => outcomes.push('sent'),
        (error: KafkaError) => outcomes.push(error.code),
      )
    }
    await cluster.advance(1000)
    expect(new Set(outcomes)).toEqual(new Set(['BUFFER_EXHAUSTED']))
    const exhausted = outcomes.length
    await answerAll(cluster)
    expect(outcomes.filter(each => each === 'sent')).toHaveLength(40 - exhausted)
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, waitingSends: 0 })
  })

  test('no more than 10,000 sends wait: one more fails at once', async () => {
    const cluster = await known()
    const producer = cluster.producer({ ...small, maxBlockMs: 60_000 })
    await producer.partitionsFor('t')
    let refused = 0
    for (let index = 0; index < 11_000; index++) {
      producer.send({ topic: 't', value: 'v'.repeat(200) }, error => {
        if (error?.code === 'BUFFER_EXHAUSTED') refused++
      })
    }
    expect(producer.metrics().waitingSends).toBe(10_000)
    expect(refused).toBeGreaterThan(900)
    const closed = producer.close({ timeoutMs: 0 })
    await cluster.advance(1)
    await closed
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, waitingSends: 0 })
  })

  test('enqueue gives a promise of room only when there is none', async () => {
    const cluster = await known()
    const producer = cluster.producer({ ...small, maxBlockMs: 60_000 })
    await producer.partitionsFor('t')
    let room: Promise<void> | undefined
    let count = 0
    while (room === undefined) {
      room = producer.enqueue({ topic: 't', value: 'v'.repeat(200) })
      count++
    }
    expect(count).toBeGreaterThan(10)
    await answerAll(cluster)
    await room
  })

  test('a send that has left the line is not taken out of it again when its own time is over', async () => {
    const cluster = await known()
    const producer = cluster.producer({ ...small, maxBlockMs: 60_000 })
    await producer.partitionsFor('t')
    while (producer.metrics().waitingSends === 0) void producer.send({ topic: 't', value: 'v'.repeat(200) })
    const late = producer.send({ topic: 't', value: 'late' }, { timeoutMs: 100 }).catch(({ code }) => code)
    await cluster.settle()
    while (producer.metrics().waitingSends > 0) {
      cluster.next().answer()
      await cluster.settle()
    }
    await cluster.advance(100)
    expect(await late).toBe('REQUEST_TIMED_OUT')
    await answerAll(cluster)
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, waitingSends: 0 })
    expect(producer.enqueue({ topic: 't', value: 'next' })).toBeUndefined()
  })

  test('flush waits for those in line, also when the last one of them has given up', async () => {
    const cluster = await known()
    const producer = cluster.producer({ ...small, maxBlockMs: 60_000 })
    await producer.partitionsFor('t')
    while (producer.metrics().waitingSends < 3) void producer.send({ topic: 't', value: 'v'.repeat(200) })
    const last = producer.send({ topic: 't', value: 'last' }, { timeoutMs: 100 }).catch(({ code }) => code)
    await cluster.advance(100)
    expect(await last).toBe('REQUEST_TIMED_OUT')
    expect(producer.metrics().waitingSends).toBe(3)
    let isFlushed = false
    const flushed = producer.flush().then(() => {
      isFlushed = true
    })
    await cluster.settle()
    expect(isFlushed).toBe(false)
    await answerAll(cluster)
    expect(isFlushed).toBe(true)
    await flushed
  })

  test('a send that is aborted while it waits is not sent', async () => {
    const cluster = await known()
    const producer = cluster.producer({ ...small, maxBlockMs: 60_000 })
    await producer.partitionsFor('t')
    while (producer.metrics().waitingSends === 0) void producer.send({ topic: 't', value: 'v'.repeat(200) })
    const abort = new AbortController()
    const aborted = producer.send({ topic: 't', value: 'aborted' }, { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const values: (string | null)[] = []
    await cluster.settle()
    while (cluster.sent().length > 0) {
      const request = cluster.next()
      values.push(...request.parts.flatMap(part => part.values))
      request.answer()
      await cluster.settle()
    }
    expect(values.length).toBeGreaterThan(5)
    expect(values).not.toContain('aborted')
  })
})

describe('close', () => {
  test('sends what waits, and answers what it still can', async () => {
    const cluster = await known()
    const producer = cluster.producer({ lingerMs: 10_000 })
    const sent = producer.send({ topic: 't', value: 'v' })
    await cluster.settle()
    const closed = producer.close()
    await answerAll(cluster)
    await closed
    expect((await sent).offset).toBe(100n)
    expect(cluster.clock.pendingTimers).toBe(0)
  })

  test('fails what is left when its time is over, and leaves nothing behind', async () => {
    const cluster = await known()
    const producer = cluster.producer()
    const sent = producer.send({ topic: 't', value: 'v' })
    const unknown = producer.send({ topic: 'unknown', value: 'v' })
    await cluster.settle()
    const closed = producer.close({ timeoutMs: 500 })
    await cluster.advance(500)
    await closed
    await expect(sent).rejects.toMatchObject({ code: 'PRODUCER_CLOSED' })
    await expect(unknown).rejects.toMatchObject({ code: 'PRODUCER_CLOSED' })
    expect(producer.metrics().bufferUsedBytes).toBe(0)
  })
})

describe('what a record may bring', () => {
  test('serdes, headers and timestamps arrive as they were given', async () => {
    const cluster = await known()
    const producer = cluster.producer({ key: string, value: json<{ total: number }>() })
    const sent = producer.send({
      topic: 't',
      key: 'kü',
      value: { total: 1 },
      timestamp: 1234,
      headers: { a: 'x', many: ['1', '2'], none: null },
    })
    await answerAll(cluster)
    expect(await sent).toMatchObject({ timestamp: 1234, serializedKeySize: 3, serializedValueSize: 11, partition: 0 })
    expect(JSON.parse(JSON.stringify(await sent))).toMatchObject({ offset: '100' })
  })

  test('what is marked as final passes the serdes by', async () => {
    const cluster = await known()
    const producer = cluster.producer({ key: json<object>(), value: json<object>() })
    const sent = producer.send({ topic: 't', key: new AsIs('k'), value: new AsIs(Buffer.from('bytes')) })
    await cluster.settle()
    const request = cluster.next()
    expect(request.parts[0]?.values).toEqual(['bytes'])
    request.answer()
    expect(await sent).toMatchObject({ serializedKeySize: 1, serializedValueSize: 5 })
  })

  test('interceptors change records in order, and see outcomes before the sender does', async () => {
    const cluster = await known()
    const seen: string[] = []
    const tag = (name: string) => ({
      onSend: (record: ProducerRecord<unknown, unknown>) => ({ ...record, value: `${record.value}${name}` }),
      onAcknowledgement: (error: KafkaError | undefined) => void seen.push(`${name} ${error?.code ?? 'sent'}`),
    })
    const producer = cluster.producer({ interceptors: [tag('1'), tag('2')] })
    const sent = producer.send({ topic: 't', value: 'v' }).then(() => seen.push('promise'))
    await cluster.settle()
    const request = cluster.next()
    expect(request.parts[0]?.values).toEqual(['v12'])
    request.answer()
    await sent
    expect(seen).toEqual(['1 sent', '2 sent', 'promise'])
  })

  test('observers of samsa:send add headers and are told the outcome', async () => {
    const cluster = await known()
    const seen: unknown[] = []
    const onStart = (message: unknown): void => {
      const { headers } = message as { headers: { add(name: string, value: string): void } }
      headers.add('trace', 'abc')
    }
    const onEnd = (message: unknown): void => {
      const { topic, partition, offset } = message as Record<string, unknown>
      seen.push({ topic, partition, offset })
    }
    subscribe('tracing:samsa:send:start', onStart)
    subscribe('tracing:samsa:send:asyncEnd', onEnd)
    try {
      const producer = cluster.producer()
      const sent = producer.send({ topic: 't', value: 'v', headers: { own: '1' } })
      await cluster.settle()
      const request = cluster.next()
      expect(request.parts[0]?.bytes.toString('latin1')).toContain('trace')
      request.answer({ baseOffset: 5n })
      await sent
    } finally {
      unsubscribe('tracing:samsa:send:start', onStart)
      unsubscribe('tracing:samsa:send:asyncEnd', onEnd)
    }
    expect(seen).toEqual([{ topic: 't', partition: 0, offset: 5n }])
  })
})

describe('partitions', () => {
  test('a key goes where the Java client sends it', async () => {
    const cluster = await known([1, 1, 1])
    const producer = cluster.producer()
    const keys = ['a', 'ab', 'abc', '21', 'foobar', 'ключ', '']
    const sent = Promise.all(keys.map(key => producer.send({ topic: 't', key, value: 'v' })))
    await answerAll(cluster)
    expect((await sent).map(({ partition }) => partition)).toEqual([1, 2, 0, 0, 0, 2, 0])
  })

  test('round-robin and a partitioner with a memory, which is told of full batches', async () => {
    const cluster = await known([1, 1, 1])
    const turns = cluster.producer({ partitioner: 'roundRobin' })
    const sent = Promise.all(['a', 'b', 'c', 'd'].map(value => turns.send({ topic: 't', key: 'same', value })))
    await answerAll(cluster)
    expect((await sent).map(({ partition }) => partition)).toEqual([0, 1, 2, 0])
    let current = 0
    const told: number[] = []
    const sticky = cluster.producer({
      batchSize: 200,
      partitioner: {
        partition: () => current,
        onNewBatch: (_topic, partition) => {
          told.push(partition)
          current = (partition + 1) % 3
        },
      },
    })
    await sticky.partitionsFor('t')
    const places = Promise.all(['a', 'b', 'c'].map(letter => sticky.send({ topic: 't', value: letter.repeat(150) })))
    await answerAll(cluster)
    expect((await places).map(({ partition }) => partition)).toEqual([0, 1, 2])
    expect(told).toEqual([0, 1, 2])
  })

  test('without a key, a partition without a leader is avoided', async () => {
    const cluster = await known([1, -1, 1])
    const producer = cluster.producer({ batchSize: 1 })
    const sent = Promise.all(Array.from({ length: 60 }, () => producer.send({ topic: 't', value: 'v' })))
    await answerAll(cluster)
    expect(new Set((await sent).map(({ partition }) => partition))).toEqual(new Set([0, 2]))
  })
})

describe('many records', () => {
  test('sendAll resolves with places in order, from an iterable or an async one', async () => {
    const cluster = await known()
    const producer = cluster.producer({ bufferMemory: 5000, maxRequestSize: 5000, batchSize: 1000 })
    function* records(): Generator<ProducerRecord> {
      for (let index = 0; index < 200; index++) yield { topic: 't', value: String(index) }
    }
    let answered = false
    const all = producer.sendAll(records()).finally(() => {
      answered = true
    })
    let offset = 0n
    while (!answered) {
      await cluster.settle()
      for (const request of cluster.link(1).sent.splice(0)) {
        request.answer({ baseOffset: offset })
        offset += BigInt(request.parts[0]?.values.length ?? 0)
      }
    }
    expect((await all).map(metadata => Number(metadata.offset))).toEqual(
      Array.from({ length: 200 }, (_, index) => index),
    )
  })

  test('sendAll rejects with the first failure, when all have their outcome', async () => {
    const cluster = await known()
    const producer = cluster.producer()
    const records = [{ topic: 't', value: 'a' }, anything({ topic: 't', value: 1 }), { topic: 't', value: 'c' }]
    const all = producer.sendAll(records)
    const failed = expect(all).rejects.toMatchObject({ code: 'SERIALIZATION_FAILED' })
    await answerAll(cluster)
    await failed
  })

  test.each(['web', 'node'] as const)(
    'a %s stream sends what is written, and ends when it is acknowledged',
    async kind => {
      const cluster = await known()
      const producer = cluster.producer()
      await producer.partitionsFor('t')
      let ended: Promise<void>
      if (kind === 'web') {
        const writer = webWritable(producer).getWriter()
        for (const value of ['a', 'b']) void writer.write({ topic: 't', value })
        ended = writer.close()
      } else {
        const stream = nodeWritable(producer)
        for (const value of ['a', 'b']) stream.write({ topic: 't', value })
        ended = new Promise(resolve => stream.end(resolve))
      }
      await cluster.settle()
      const values: (string | null)[] = []
      while (cluster.sent().length > 0) {
        const request = cluster.next()
        values.push(...request.parts.flatMap(part => part.values))
        request.answer()
        await cluster.settle()
      }
      await ended
      expect(values).toEqual(['a', 'b'])
    },
  )
})
