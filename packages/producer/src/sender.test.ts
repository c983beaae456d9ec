import { KafkaError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { RecordMetadata } from './delivery.js'
import type { Producer } from './producer.js'
import type { ProducerOptions } from './producer-options.js'
import { TestCluster } from './test-cluster.js'

interface Setup {
  readonly cluster: TestCluster
  readonly producer: Producer
  /** Sends a value to a partition, and keeps its outcome: a place or an error code. */
  readonly send: (value: string, partition?: number) => void
  readonly outcomes: Map<string, string>
}

/** Where every partition has a batch already, numbers begin at 1. */
async function setUpInUse(options: Partial<ProducerOptions> = {}, leaders: readonly number[] = [1]): Promise<Setup> {
  const setup = await setUp(options, leaders)
  for (const partition of leaders.keys()) await establish(setup, partition)
  setup.outcomes.clear()
  return setup
}

async function setUp(options: Partial<ProducerOptions> = {}, leaders: readonly number[] = [1]): Promise<Setup> {
  const cluster = new TestCluster()
  cluster.topic('t', leaders)
  const producer = cluster.producer(options)
  const outcomes = new Map<string, string>()
  const send = (value: string, partition = 0): void => {
    producer.send({ topic: 't', partition, value }).then(
      (metadata: RecordMetadata) => outcomes.set(value, `${metadata.partition}@${metadata.offset}`),
      (error: KafkaError) => outcomes.set(value, error.code),
    )
  }
  await producer.partitionsFor('t')
  return { cluster, producer, send, outcomes }
}

/** The broker has a batch of the partition: from then on five may be in flight. */
async function establish({ cluster, send }: Setup, partition = 0): Promise<void> {
  send('first', partition)
  await cluster.settle()
  cluster.next().answer()
  await cluster.settle()
}

/** `a,b 0:0` for a part with two records under that stamp. */
function inFlight(cluster: TestCluster, node = 1): string[] {
  return cluster
    .sent(node)
    .map(({ parts }) =>
      parts.map(({ partition, values, stamp }) => `p${partition} ${values.join(',')} ${stamp}`).join(' | '),
    )
}

const refusedForNumber = { error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }

describe('batches', () => {
  test('what is sent in one turn of the event loop goes in one request, one batch a partition', async () => {
    const { cluster, send, outcomes } = await setUp({}, [1, 1, 2])
    for (const value of ['a', 'b', 'c']) send(value, 0)
    send('d', 1)
    send('e', 2)
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 a,b,c 0:0 | p1 d 0:0'])
    expect(inFlight(cluster, 2)).toEqual(['p2 e 0:0'])
    cluster.next().answer(({ partition }) => ({ baseOffset: partition === 0 ? 7n : 30n }))
    cluster.next(2).answer({ baseOffset: 0n })
    await cluster.settle()
    expect([...outcomes]).toEqual([
      ['a', '0@7'],
      ['b', '0@8'],
      ['c', '0@9'],
      ['d', '1@30'],
      ['e', '2@0'],
    ])
  })

  test('with lingerMs a batch waits for more, until it is full or its time is over', async () => {
    const { cluster, send } = await setUp({ lingerMs: 50, batchSize: 200 })
    send('a')
    await cluster.advance(30)
    send('b')
    await cluster.advance(19)
    expect(inFlight(cluster)).toEqual([])
    await cluster.advance(1)
    expect(inFlight(cluster)).toEqual(['p0 a,b 0:0'])
    cluster.next().answer()
    send('x'.repeat(150))
    await cluster.settle()
    expect(cluster.sent()).toHaveLength(1)
  })

  test('flush waits for no linger, and for every outcome', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ lingerMs: 1000 })
    send('a')
    const flushed = producer.flush().then(() => outcomes.size)
    await cluster.settle()
    cluster.next().answer()
    await expect(flushed).resolves.toBe(1)
  })

  test('a batch grows while another one waits before it', async () => {
    const { cluster, send } = await setUp({ batchSize: 200, maxBatchSize: 1000, maxInFlightRequests: 1 })
    const value = 'v'.repeat(50)
    for (let index = 0; index < 20; index++) send(value)
    await cluster.settle()
    const sizes: number[] = []
    for (let index = 0; index < 3; index++) {
      const request = cluster.next()
      sizes.push(request.parts[0]?.values.length ?? 0)
      request.answer()
      await cluster.settle()
    }
    expect(sizes).toEqual([2, 16, 2])
  })

  test('a request has no more than maxRequestSize, and partitions take turns', async () => {
    const { cluster, send } = await setUp({ maxRequestSize: 1000, maxInFlightRequests: 1 }, [1, 1, 1])
    for (const partition of [0, 1, 2]) send('v'.repeat(400), partition)
    await cluster.settle()
    const first = cluster.next()
    expect(first.parts).toHaveLength(2)
    first.answer()
    await cluster.settle()
    expect(cluster.next().parts).toHaveLength(1)
  })
})

describe('in flight', () => {
  test('five requests are under way, with numbers that follow each other; the sixth waits', async () => {
    const { cluster, send } = await setUpInUse()
    for (const value of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      send(value)
      await cluster.settle()
    }
    expect(inFlight(cluster)).toEqual(['p0 a 0:1', 'p0 b 0:2', 'p0 c 0:3', 'p0 d 0:4', 'p0 e 0:5'])
    cluster.next().answer()
    await cluster.settle()
    expect(inFlight(cluster).at(-1)).toBe('p0 f,g 0:6')
  })

  test('without idempotence and with one in flight, nothing overtakes a batch that goes again', async () => {
    const { cluster, send, outcomes } = await setUp({ enableIdempotence: false, maxInFlightRequests: 1 })
    send('a')
    await cluster.settle()
    send('b')
    cluster.next().lose()
    await cluster.advance(1000)
    expect(inFlight(cluster)).toEqual(['p0 a -'])
    cluster.next().answer()
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 b -'])
    expect([...outcomes]).toEqual([['a', '0@100']])
  })

  test('nothing is sent over a link that is not ready, and it is woken', async () => {
    const { cluster, send } = await setUp()
    cluster.link(1).isReady = false
    send('a')
    await cluster.settle()
    expect(cluster.sent()).toEqual([])
    expect(cluster.link(1).wakes).toBeGreaterThan(0)
    cluster.link(1).isReady = true
    cluster.changed()
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 a 0:0'])
  })

  test('with acks 0 a record is done when it is written, and its offset is unknown', async () => {
    const { cluster, send, outcomes } = await setUp({ acks: 0 })
    send('a')
    await cluster.settle()
    expect(outcomes.get('a')).toBe('0@-1')
    cluster.link(1).bufferedBytes = 2_000_000
    send('b')
    await cluster.settle()
    expect(outcomes.has('b')).toBe(false)
  })
})

describe('trouble that passes', () => {
  test('batches whose answers are lost go again as they were, in order, one at a time', async () => {
    const { cluster, send, outcomes } = await setUpInUse()
    for (const value of ['a', 'b', 'c']) {
      send(value)
      await cluster.settle()
    }
    for (const request of [cluster.next(), cluster.next(), cluster.next()].toReversed()) request.lose()
    send('d')
    await cluster.advance(2000)
    // What was not sent before may follow the last that goes again.
    for (const expected of [['p0 a 0:1'], ['p0 b 0:2'], ['p0 c 0:3', 'p0 d 0:4'], ['p0 d 0:4']]) {
      expect(inFlight(cluster)).toEqual(expected)
      cluster.next().answer()
      await cluster.advance(2000)
    }
    expect([...outcomes.keys()]).toEqual(['a', 'b', 'c', 'd'])
  })

  test('an answer that the broker has the batch already is a success', async () => {
    const { cluster, send, outcomes } = await setUp()
    send('a')
    await cluster.settle()
    cluster.next().lose()
    await cluster.advance(1000)
    cluster.next().answer({ error: 'DUPLICATE_SEQUENCE_NUMBER' })
    await cluster.settle()
    expect(outcomes.get('a')).toBe('0@-1')
  })

  test('another leader, named in the answer, is tried without a pause', async () => {
    const { cluster, send } = await setUp()
    send('a')
    await cluster.settle()
    cluster.next().answer({ error: 'NOT_LEADER_OR_FOLLOWER', currentLeader: { leaderId: 2, leaderEpoch: 5 } })
    await cluster.settle()
    expect(inFlight(cluster, 2)).toEqual(['p0 a 0:0'])
    expect(cluster.refreshes).not.toEqual([])
  })

  test('nothing goes to a new leader while the old one has not answered', async () => {
    const { cluster, send } = await setUp()
    send('a')
    await cluster.settle()
    cluster.lead('t', 0, 2, 1)
    send('b')
    await cluster.settle()
    expect(cluster.sent(2)).toEqual([])
    cluster.next().answer()
    await cluster.settle()
    expect(inFlight(cluster, 2)).toEqual(['p0 b 0:1'])
  })

  test('retries has an end where one is set', async () => {
    const { cluster, send, outcomes } = await setUp({ retries: 2 })
    send('a')
    for (let attempt = 0; attempt < 3; attempt++) {
      await cluster.advance(2000)
      cluster.next().answer({ error: 'NOT_ENOUGH_REPLICAS' })
    }
    await cluster.settle()
    expect(outcomes.get('a')).toBe('NOT_ENOUGH_REPLICAS')
  })
})

describe('deliveryTimeoutMs', () => {
  const options = { deliveryTimeoutMs: 1000, requestTimeoutMs: 500 }

  test('ends what waits and what is in flight; a late answer changes nothing', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ ...options, maxInFlightRequests: 1 })
    send('a')
    await cluster.settle()
    send('b')
    await cluster.advance(1000)
    expect([...outcomes]).toEqual([
      ['a', 'REQUEST_TIMED_OUT'],
      ['b', 'REQUEST_TIMED_OUT'],
    ])
    cluster.next().answer()
    await cluster.settle()
    expect(outcomes.get('a')).toBe('REQUEST_TIMED_OUT')
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, incompleteBatches: 0 })
  })

  test('what comes after one that nobody knows about goes on with the next number', async () => {
    const { cluster, send, outcomes } = await setUp(options)
    send('a')
    await cluster.advance(1000)
    cluster.next().lose()
    send('b')
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 b 0:1'])
    // The broker never got the first: numbers begin anew, and no record is there twice.
    cluster.next().answer(refusedForNumber)
    await cluster.advance(500)
    expect(inFlight(cluster)).toEqual(['p0 b 1:0'])
    cluster.next().answer()
    await cluster.settle()
    expect(outcomes.get('b')).toBe('0@100')
  })
})

describe('sequence numbers', () => {
  test('while a broker has nothing of us, which would take any number for the first, one batch is in flight', async () => {
    const { cluster, send } = await setUp()
    send('a')
    await cluster.settle()
    send('b')
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 a 0:0'])
    cluster.next().answer({ error: 'NOT_ENOUGH_REPLICAS' })
    await cluster.advance(500)
    expect(inFlight(cluster)).toEqual(['p0 a 0:0'])
    cluster.next().answer()
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 b 0:1'])
  })

  test('refused behind one that has no outcome, a batch just goes again', async () => {
    const { cluster, send } = await setUpInUse()
    send('a')
    await cluster.settle()
    send('b')
    await cluster.settle()
    const [first, second] = [cluster.next(), cluster.next()]
    second.answer(refusedForNumber)
    await cluster.advance(500)
    expect(inFlight(cluster)).toEqual([])
    first.lose()
    await cluster.advance(1000)
    expect(inFlight(cluster)).toEqual(['p0 a 0:1'])
    cluster.next().answer()
    await cluster.advance(1000)
    expect(inFlight(cluster)).toEqual(['p0 b 0:2'])
  })

  test('refused as the first, it and those behind it are numbered anew when nothing is in flight', async () => {
    const { cluster, send, outcomes } = await setUpInUse({}, [1, 1])
    for (const value of ['a', 'b']) {
      send(value)
      await cluster.settle()
    }
    const [first, second] = [cluster.next(), cluster.next()]
    first.answer(refusedForNumber)
    await cluster.advance(500)
    expect(inFlight(cluster)).toEqual([])
    second.answer(refusedForNumber)
    await cluster.advance(500)
    expect(inFlight(cluster)).toEqual(['p0 a 1:0'])
    // Nothing of it is uncertain, so that the second need not wait for the first.
    send('other again', 1)
    cluster.next().answer()
    await cluster.advance(500)
    expect(inFlight(cluster)).toEqual(['p0 b 1:1 | p1 other again 1:0'])
    cluster.next().answer()
    await cluster.settle()
    expect(outcomes.size).toBe(3)
  })

  test('a batch whose answer was lost, and whose number is refused then, is not sent under another one', async () => {
    const { cluster, send, outcomes } = await setUpInUse()
    for (const value of ['a', 'b']) {
      send(value)
      await cluster.settle()
    }
    for (const request of [cluster.next(), cluster.next()]) request.lose()
    await cluster.advance(2000)
    // A broker that restarted has both, and knows of the second only.
    cluster.next().answer(refusedForNumber)
    await cluster.advance(2000)
    expect(inFlight(cluster)).toEqual(['p0 b 0:2'])
    cluster.next().answer({ baseOffset: 8n })
    send('c')
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 c 0:3'])
    expect(Object.fromEntries(outcomes)).toEqual({ a: 'OUT_OF_ORDER_SEQUENCE_NUMBER', b: '0@8' })
  })

  test('the numbers of a last batch that was refused for good are free again', async () => {
    const { cluster, send, outcomes } = await setUp()
    send('a')
    await cluster.settle()
    cluster.next().answer({ error: 'INVALID_TIMESTAMP' })
    await cluster.settle()
    send('b')
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 b 0:0'])
    expect(outcomes.get('a')).toBe('INVALID_TIMESTAMP')
  })

  test.each(['NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_SERVER_ERROR', 'lost'])(
    'the numbers of a batch that was given up behind %s are not free: the next one would pass for it',
    async error => {
      const { cluster, send, outcomes } = await setUp({ retries: 1 })
      send('a')
      await cluster.settle()
      for (let attempt = 0; attempt < 2 && !outcomes.has('a'); attempt++) {
        if (error === 'lost') cluster.next().lose()
        else cluster.next().answer({ error })
        await cluster.advance(1000)
      }
      expect(outcomes.get('a')).toBe(error === 'lost' ? 'NETWORK_EXCEPTION' : error)
      send('b')
      await cluster.settle()
      expect(inFlight(cluster)).toEqual(['p0 b 0:1'])
    },
  )

  test('an epoch that the broker does not accept gets another producer id', async () => {
    const { cluster, send } = await setUp()
    send('a')
    await cluster.settle()
    cluster.next().answer({ error: 'INVALID_PRODUCER_EPOCH' })
    await cluster.advance(500)
    expect(cluster.identities).toEqual([1000, 1001])
    expect(inFlight(cluster)).toEqual(['p0 a 0:0'])
  })

  test('without an identity nothing is sent; what may not have one fails, and a later send asks again', async () => {
    const cluster = new TestCluster()
    cluster.topic('t', [1])
    cluster.identityError = new KafkaError('no', { code: 'CLUSTER_AUTHORIZATION_FAILED' })
    const producer = cluster.producer()
    await expect(producer.send({ topic: 't', value: 'a' })).rejects.toMatchObject({
      code: 'CLUSTER_AUTHORIZATION_FAILED',
    })
    cluster.identityError = undefined
    void producer.send({ topic: 't', value: 'b' })
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 b 0:0'])
  })
})

describe('a batch that is refused', () => {
  test('for its size, is sent in parts with the numbers of the whole', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ maxInFlightRequests: 1 })
    for (const value of ['a', 'b', 'c', 'd']) send(value)
    await cluster.settle()
    cluster.next().answer({ error: 'MESSAGE_TOO_LARGE' })
    const parts: string[] = []
    for (let index = 0; index < 4; index++) {
      await cluster.settle()
      if (cluster.sent().length === 0) break
      parts.push(...inFlight(cluster))
      cluster.next().answer({ baseOffset: BigInt(index * 10) })
    }
    expect(parts).toEqual(['p0 a,b 0:0', 'p0 c,d 0:2'])
    await cluster.settle()
    expect([...outcomes.values()]).toEqual(['0@0', '0@1', '0@10', '0@11'])
    expect(producer.metrics().bufferUsedBytes).toBe(0)
  })

  test('for its size, with one record, fails', async () => {
    const { cluster, send, outcomes } = await setUp()
    send('a')
    await cluster.settle()
    cluster.next().answer({ error: 'MESSAGE_TOO_LARGE' })
    await cluster.settle()
    expect(outcomes.get('a')).toBe('MESSAGE_TOO_LARGE')
  })

  test('for records that it has not got, fails', async () => {
    const { cluster, send, outcomes } = await setUp()
    for (const value of ['a', 'b']) send(value)
    await cluster.settle()
    const recordErrors = [{ batchIndex: 7, batchIndexErrorMessage: 'no key' }]
    cluster.next().answer({ error: 'INVALID_RECORD', recordErrors })
    await cluster.settle()
    expect([...outcomes.values()]).toEqual(['INVALID_RECORD', 'INVALID_RECORD'])
    expect(cluster.sent()).toEqual([])
  })

  test('for single records, is sent without them', async () => {
    const { cluster, producer, send, outcomes } = await setUp()
    for (const value of ['a', 'bad', 'c']) send(value)
    await cluster.settle()
    const recordErrors = [{ batchIndex: 1, batchIndexErrorMessage: 'no key' }]
    cluster.next().answer({ error: 'INVALID_RECORD', recordErrors })
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 a,c 0:0'])
    cluster.next().answer()
    await cluster.settle()
    expect(Object.fromEntries(outcomes)).toEqual({ bad: 'INVALID_RECORD', a: '0@100', c: '0@101' })
    expect(producer.metrics()).toMatchObject({ bufferUsedBytes: 0, recordsFailed: 1, recordsSent: 2 })
  })

  test('for good, fails all of its records and no others', async () => {
    const { cluster, send, outcomes } = await setUp({}, [1, 1])
    send('a', 0)
    send('b', 1)
    await cluster.settle()
    cluster.next().answer(({ partition }) => ({ error: partition === 0 ? 'TOPIC_AUTHORIZATION_FAILED' : 'NONE' }))
    await cluster.settle()
    expect(Object.fromEntries(outcomes)).toEqual({ a: 'TOPIC_AUTHORIZATION_FAILED', b: '1@100' })
  })
})
