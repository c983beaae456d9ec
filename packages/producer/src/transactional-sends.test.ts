import { RecordBatch } from '@samsa/protocol'
import type { KafkaError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { RecordMetadata } from './delivery.js'
import type { Producer } from './producer.js'
import type { ProducerOptions } from './producer-options.js'
import { TransactionalCluster } from './test-coordinator.js'

interface Setup {
  readonly cluster: TransactionalCluster
  readonly producer: Producer
  readonly send: (value: string, partition?: number) => void
  readonly outcomes: Map<string, string>
}

async function setUp(options: Partial<ProducerOptions> = {}, level = 2): Promise<Setup> {
  const cluster = new TransactionalCluster()
  cluster.coordinator.level = level
  cluster.topic('t', [1, 1, 2])
  const producer = cluster.producer({ transactionalId: 'id', ...options })
  const outcomes = new Map<string, string>()
  const send = (value: string, partition = 0): void => {
    producer.send({ topic: 't', partition, value }).then(
      ({ offset }: RecordMetadata) => outcomes.set(value, String(offset)),
      (error: KafkaError) => outcomes.set(value, error.code),
    )
  }
  await producer.partitionsFor('t')
  await producer.initTransactions()
  cluster.coordinator.heard()
  return { cluster, producer, send, outcomes }
}

/** `p0 a,b 0:0` for a part with two records under that stamp. */
function inFlight(cluster: TransactionalCluster, node = 1): string[] {
  return cluster
    .sent(node)
    .map(({ parts }) =>
      parts.map(({ partition, values, stamp }) => `p${partition} ${values.join(',')} ${stamp}`).join(' | '),
    )
}

const outcomeOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

describe('records of a transaction', () => {
  test('say which they belong to, and are numbered through all transactions of an epoch', async () => {
    const { cluster, producer, send } = await setUp({}, 1)
    for (const round of [0, 1]) {
      producer.beginTransaction()
      send(`a${round}`)
      send(`b${round}`)
      await cluster.settle()
      expect(inFlight(cluster)).toEqual([`p0 a${round},b${round} 0:${round * 2}`])
      const request = cluster.next()
      expect(request.body.transactionalId).toBe('id')
      expect(new RecordBatch(request.parts[0]?.bytes ?? new Uint8Array()).isTransactional).toBe(true)
      request.answer()
      await producer.commitTransaction()
    }
  })

  test('are not sent before their partition is in the transaction, where that takes a request', async () => {
    const { cluster, producer, send } = await setUp({}, 1)
    let added: (value: unknown) => void = () => {}
    cluster.coordinator.will(
      'AddPartitionsToTxn',
      new Promise(resolve => {
        added = resolve
      }),
    )
    producer.beginTransaction()
    send('a', 0)
    send('b', 1)
    await cluster.settle()
    expect(cluster.coordinator.heard()).toEqual(['AddPartitionsToTxn'])
    expect(inFlight(cluster)).toEqual([])
    added(undefined)
    await cluster.settle()
    expect(
      cluster
        .next()
        .parts.map(({ values }) => values.join())
        .toSorted(),
    ).toEqual(['a', 'b'])
  })

  test('begin anew with their numbers after every end that gives another epoch', async () => {
    const { cluster, producer, send } = await setUp()
    for (const epoch of [0, 1, 2]) {
      producer.beginTransaction()
      send(`in ${epoch}`)
      await cluster.settle()
      expect(inFlight(cluster)).toEqual([`p0 in ${epoch} ${epoch}:0`])
      cluster.next().answer()
      await (epoch === 1 ? producer.abortTransaction() : producer.commitTransaction())
    }
  })

  test.each([
    [2, 3, 0],
    [1, 0, 1],
  ])(
    'of generation %d ask %d times whether the end before is settled, where that is not told anyhow',
    async (level, questions, sent) => {
      const { cluster, producer, send } = await setUp({}, level)
      const { coordinator } = cluster
      producer.beginTransaction()
      send('first')
      await cluster.settle()
      cluster.next().answer()
      await producer.commitTransaction()
      coordinator.will('DescribeTransactions', 'PrepareCommit', 'PrepareCommit')
      producer.beginTransaction()
      send('second')
      await cluster.settle()
      expect(inFlight(cluster)).toHaveLength(sent)
      await cluster.clock.advance(10)
      await cluster.settle()
      expect(inFlight(cluster)).toHaveLength(1)
      expect(coordinator.questions).toBe(questions)
      cluster.next().answer()
      await producer.commitTransaction()
    },
  )

  test('offsets wait until the end before is settled, as records do: the broker would hold them back for longer', async () => {
    const { cluster, producer, send } = await setUp({}, 2)
    const { coordinator } = cluster
    const offsets = [{ topic: 't', partition: 0, offset: 7n }]
    producer.beginTransaction()
    send('first')
    await cluster.settle()
    cluster.next().answer()
    await producer.commitTransaction()
    coordinator.heard()
    coordinator.will('DescribeTransactions', 'PrepareCommit')
    producer.beginTransaction()
    const sent = producer.sendOffsetsToTransaction(offsets, { groupId: 'g' })
    const committed = producer.commitTransaction()
    await cluster.settle()
    expect(coordinator.heard()).toEqual([])
    await cluster.clock.advance(10)
    await Promise.all([sent, committed])
    expect(coordinator.heard().map(name => name.split(' ')[0])).toEqual(['TxnOffsetCommit', 'EndTxn'])
  })

  test('are refused one by one outside of a transaction, which harms none', async () => {
    const { producer, send, outcomes } = await setUp()
    send('early')
    producer.beginTransaction()
    await producer.abortTransaction()
    send('late')
    await producer.initTransactions().catch(() => {})
    expect([...outcomes.values()]).toEqual(['INVALID_TXN_STATE', 'INVALID_TXN_STATE'])
    producer.beginTransaction()
    await producer.commitTransaction()
  })

  test('that cannot be sent at all make it abortable', async () => {
    const { producer } = await setUp({ maxRequestSize: 1000 })
    const wrong: object[] = [
      { topic: 't', value: 7 },
      { topic: 't', value: 'x'.repeat(2000) },
      { topic: 't', partition: 9, value: '' },
    ]
    for (const record of wrong) {
      producer.beginTransaction()
      await expect(producer.send(record as never)).rejects.toThrow()
      await expect(producer.commitTransaction()).rejects.toMatchObject({ abortable: true })
      await producer.abortTransaction()
    }
  })
})

describe('a commit', () => {
  test('waits for no linger, and for records whose topic is not known yet', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ lingerMs: 5000 })
    producer.beginTransaction()
    send('a')
    const unknown = producer.send({ topic: 'later', partition: 0, value: 'b' })
    const committed = producer.commitTransaction()
    await cluster.settle()
    cluster.topic('later', [1])
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 a 0:0', 'p0 b 0:0'])
    cluster.next().answer()
    await cluster.settle()
    expect(cluster.coordinator.heard()).toEqual([])
    cluster.next().answer()
    await committed
    expect((await unknown).offset).toBe(100n)
    expect(outcomes.get('a')).toBe('100')
    expect(cluster.coordinator.heard()).toEqual(['EndTxn commit'])
  })

  test('takes no records any more, and those that come too late do not spoil it', async () => {
    const { cluster, producer, send, outcomes } = await setUp()
    producer.beginTransaction()
    send('a')
    const committed = producer.commitTransaction()
    send('late')
    await cluster.settle()
    cluster.next().answer()
    await committed
    expect([...outcomes]).toEqual([
      ['late', 'INVALID_TXN_STATE'],
      ['a', '100'],
    ])
  })

  test('of a batch that had to be split goes through', async () => {
    const { cluster, producer, send, outcomes } = await setUp()
    producer.beginTransaction()
    for (const value of ['a', 'b', 'c', 'd']) send(value)
    const committed = producer.commitTransaction()
    await cluster.settle()
    cluster.next().answer({ error: 'MESSAGE_TOO_LARGE' })
    await cluster.settle()
    while (cluster.sent().length > 0) {
      cluster.next().answer()
      await cluster.settle()
    }
    await committed
    expect([...outcomes.keys()]).toEqual(['a', 'b', 'c', 'd'])
    expect([...outcomes.values()].every(offset => /^\d+$/.test(offset))).toBe(true)
  })
})

describe('an abort', () => {
  test('fails what was not numbered, and waits for what was', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ lingerMs: 5000, batchSize: 100 })
    producer.beginTransaction()
    send('x'.repeat(120))
    await cluster.settle()
    send('b')
    const inLine = outcomeOf(producer.send({ topic: 'unknown', value: 'c' }))
    const aborted = producer.abortTransaction()
    await cluster.settle()
    expect(outcomes.get('b')).toBe('TRANSACTION_ABORTED')
    expect(await inLine).toMatchObject({ code: 'TRANSACTION_ABORTED' })
    expect(cluster.coordinator.heard()).toEqual([])
    cluster.next().answer()
    await aborted
    expect(cluster.coordinator.heard()).toEqual(['EndTxn abort'])
  })

  test('that gives up what is in flight keeps it out of the next transaction (generation 1)', async () => {
    const { cluster, producer, send, outcomes } = await setUp(
      { deliveryTimeoutMs: 31_000, requestTimeoutMs: 31_000 },
      1,
    )
    producer.beginTransaction()
    send('a')
    await cluster.settle()
    cluster.coordinator.heard()
    const aborted = producer.abortTransaction()
    await cluster.advance(31_000)
    await aborted
    expect(outcomes.get('a')).toBe('REQUEST_TIMED_OUT')
    expect(cluster.coordinator.heard()).toEqual(['EndTxn abort', 'InitProducerId again'])
    producer.beginTransaction()
    send('b')
    await cluster.settle()
    cluster.next().lose()
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 b 1:0'])
  })

  test('of what was never numbered needs no other epoch (generation 1)', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ lingerMs: 5000, batchSize: 100 }, 1)
    producer.beginTransaction()
    send('x'.repeat(120))
    await cluster.settle()
    cluster.next().answer()
    await cluster.settle()
    send('b')
    await producer.abortTransaction()
    expect(outcomes.get('b')).toBe('TRANSACTION_ABORTED')
    expect(cluster.coordinator.heard()).toEqual(['AddPartitionsToTxn', 'EndTxn abort'])
  })
})

describe.each([1, 2])('a record that is lost (generation %i)', level => {
  test('for its number ends what can be committed; what is behind it fails, and the next transaction is whole', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ batchSize: 1 }, level)
    producer.beginTransaction()
    // Once the broker has a batch of ours, several may be in flight.
    send('z')
    await cluster.settle()
    cluster.next().answer()
    await cluster.settle()
    send('a')
    await cluster.settle()
    send('b')
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 a 0:1', 'p0 b 0:2'])
    const [first, second] = [cluster.next(), cluster.next()]
    // Behind a batch without an outcome, a wrong number means only that the other is missing.
    second.answer({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
    await cluster.settle()
    expect([...outcomes.keys()]).toEqual(['z'])
    first.answer({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
    await cluster.settle()
    send('c')
    await cluster.advance(1000)
    cluster.next().answer({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
    await cluster.settle()
    expect([...outcomes].slice(1)).toEqual([
      ['a', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
      ['c', 'TRANSACTION_ABORTABLE'],
      ['b', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ])
    await producer.abortTransaction()
    producer.beginTransaction()
    send('d')
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 d 1:0'])
  })

  test('because its time was over, in flight, makes it abortable too', async () => {
    const { cluster, producer, send, outcomes } = await setUp(
      { deliveryTimeoutMs: 31_000, requestTimeoutMs: 31_000 },
      level,
    )
    producer.beginTransaction()
    send('a')
    await cluster.settle()
    await cluster.advance(31_000)
    expect(outcomes.get('a')).toBe('REQUEST_TIMED_OUT')
    await expect(producer.commitTransaction()).rejects.toMatchObject({ code: 'TRANSACTION_ABORTABLE' })
    await producer.abortTransaction()
    producer.beginTransaction()
    send('b')
    await cluster.settle()
    // Under another epoch nothing goes while something of the old one may still arrive.
    expect(inFlight(cluster)).toEqual(['p0 a 0:0'])
    cluster.next().answer()
    await cluster.settle()
    expect(inFlight(cluster)).toEqual(['p0 b 1:0'])
  })

  test('by an error of the whole producer fails everything, and nothing is sent any more', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ lingerMs: 10, batchSize: 100 }, level)
    producer.beginTransaction()
    send('a'.repeat(120), 0)
    send('b'.repeat(120), 2)
    await cluster.settle()
    send('c')
    cluster.next(1).answer({ error: 'PRODUCER_FENCED' })
    await cluster.settle()
    send('d')
    await cluster.settle()
    expect([...outcomes.values()]).toEqual(Array(4).fill('PRODUCER_FENCED'))
    await cluster.advance(60_000)
    expect(inFlight(cluster)).toEqual([])
    expect(producer.metrics().incompleteBatches).toBe(0)
    await expect(producer.abortTransaction()).rejects.toMatchObject({ code: 'PRODUCER_FENCED', fatal: true })
    await producer.close()
  })
})

describe('closing', () => {
  test('aborts an open transaction, and refuses what comes behind', async () => {
    const { cluster, producer, send, outcomes } = await setUp({ lingerMs: 5000 })
    producer.beginTransaction()
    send('a')
    await producer.close()
    expect(outcomes.get('a')).toBe('TRANSACTION_ABORTED')
    expect(cluster.coordinator.heard()).toEqual([])
    expect(() => producer.beginTransaction()).toThrow('closed')
    await expect(producer.initTransactions()).rejects.toMatchObject({ code: 'PRODUCER_CLOSED' })
  })

  test('aborts a transaction whose commit fails meanwhile', async () => {
    const { cluster, producer, send, outcomes } = await setUp()
    producer.beginTransaction()
    send('a')
    await cluster.settle()
    const committed = outcomeOf(producer.commitTransaction())
    const closed = producer.close()
    cluster.next().answer({ error: 'INVALID_RECORD' })
    await cluster.settle()
    expect(await committed).toMatchObject({ abortable: true })
    await closed
    expect(outcomes.get('a')).toBe('INVALID_RECORD')
    expect(cluster.coordinator.heard()).toEqual(['EndTxn abort'])
  })

  test('takes no longer than it may, whatever the coordinator does', async () => {
    const { cluster, producer, send } = await setUp()
    producer.beginTransaction()
    send('a')
    await cluster.settle()
    cluster.next().answer()
    cluster.coordinator.will('EndTxn', new Promise(() => {}))
    const closed = producer.close({ timeoutMs: 100 })
    await cluster.advance(100)
    await closed
    expect(cluster.isClosed).toBe(true)
  })
})

test('a producer without a transactionalId has no transactions', async () => {
  const producer = new TransactionalCluster().producer()
  const refused = { code: 'INVALID_TXN_STATE', message: expect.stringContaining('transactionalId') }
  expect(() => producer.beginTransaction()).toThrow(expect.objectContaining(refused))
  await expect(producer.initTransactions()).rejects.toMatchObject(refused)
  await expect(producer.sendOffsetsToTransaction([], { groupId: 'g' })).rejects.toMatchObject(refused)
  await expect(producer.commitTransaction()).rejects.toMatchObject(refused)
  await expect(producer.abortTransaction()).rejects.toMatchObject(refused)
  await expect(producer.transaction(() => {})).rejects.toMatchObject(refused)
})

test('what a transaction gave to its function is refused when the function has ended', async () => {
  const { cluster, producer } = await setUp()
  const leaked = await producer.transaction(transaction => transaction)
  const refused = { code: 'INVALID_TXN_STATE' }
  const told: unknown[] = []
  await expect(leaked.send({ topic: 't', value: 'a' })).rejects.toMatchObject(refused)
  leaked.send({ topic: 't', value: 'b' }, error => told.push(error?.code))
  expect(leaked.enqueue({ topic: 't', value: 'c' }, error => told.push(error?.code))).toBeUndefined()
  await expect(leaked.sendOffsets([], { groupId: 'g' })).rejects.toMatchObject(refused)
  expect(told).toEqual(['INVALID_TXN_STATE', 'INVALID_TXN_STATE'])
  producer.beginTransaction()
  await expect(leaked.send({ topic: 't', value: 'd' })).rejects.toMatchObject(refused)
  await cluster.settle()
  expect(inFlight(cluster)).toEqual([])
  await producer.commitTransaction()
})

test('interceptors see the outcome of transactional records', async () => {
  const seen: string[] = []
  const { cluster, producer, send } = await setUp({
    interceptors: [{ onAcknowledgement: error => void seen.push(error?.code ?? 'written') }],
  })
  producer.beginTransaction()
  send('a')
  await cluster.settle()
  cluster.next().answer()
  await cluster.settle()
  send('b')
  await producer.abortTransaction()
  expect(seen).toEqual(['written', 'TRANSACTION_ABORTED'])
})
