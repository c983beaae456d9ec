/**
 * The producer's transactions in both generations of their protocol: on the bundled broker, and, where SAMSA_KAFKA_BIN
 * names a launcher, on a real Kafka, with `transaction.version` 2, as a new cluster has it, and with 1, as one that was
 * upgraded may.
 */
import { randomUUID } from 'node:crypto'
import { tracingChannel } from 'node:diagnostics_channel'
import { type BrokerOptions, createBroker } from '@samsa/broker'
import { Connection, connectTcp, parseAddress, type Transport } from '@samsa/client'
import { Producer, type ProducerOptions, TransactionStateError } from '@samsa/producer'
import { createTopics, describeTransactions, findCoordinator, offsetFetch } from '@samsa/protocol'
import { operationChannelNames, ProducerFencedError, type RequestPayload } from '@samsa/runtime'
import type { ByteStream } from '@samsa/runtime/internal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { committedRecords } from '../behaviour/committed-records.js'
import { eventually } from '../behaviour/eventually.js'
import { KafkaProcess } from '../differential/kafka-process.js'
import { mustRun } from './program.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const TIMEOUT_MS = 120_000
const PARTITIONS = 3
const GROUP = 0

const PROPERTIES = [
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=100',
  'transaction.state.log.num.partitions=1',
  'offsets.topic.num.partitions=1',
]

/** A transport whose connections can be cut: all at once, or each time that so many writes were made on any of them. */
class CutTransport {
  readonly #streams = new Set<ByteStream>()
  #writes = 0
  isDown = false
  cutEvery = Number.POSITIVE_INFINITY

  readonly connect: Transport = async (address, options) => {
    if (this.isDown) throw new Error('the network is down')
    const stream = await connectTcp(address, options)
    this.#streams.add(stream)
    const write = stream.write.bind(stream)
    stream.write = chunks => {
      write(chunks)
      if (++this.#writes % this.cutEvery === 0) stream.destroy(new Error('the connection was cut'))
    }
    return stream
  }

  cut(): void {
    for (const stream of this.#streams) stream.destroy(new Error('the connection was cut'))
    this.#streams.clear()
  }
}

/** A broker for a whole test file. */
interface Subject {
  readonly address: string
  stop(): Promise<void>
}

const SUBJECTS = [
  { level: 2, name: 'a Kafka with transaction.version 2', needs: 'SAMSA_KAFKA_BIN', start: () => realKafka(2) },
  { level: 1, name: 'a Kafka with transaction.version 1', needs: 'SAMSA_KAFKA_BIN', start: () => realKafka(1) },
  { level: 2, name: 'the bundled broker', needs: '', start: () => bundled([]) },
  { level: 1, name: 'the bundled broker as Kafka 3.9', needs: '', start: () => bundled(['3.9']) },
].filter(({ needs }) => needs === '' || LAUNCHER !== '')

async function realKafka(level: number): Promise<Subject> {
  const kafka = await KafkaProcess.start(LAUNCHER, PROPERTIES)
  if (level === 1) {
    const feature = ['downgrade', '--feature', 'transaction.version=1']
    await mustRun(LAUNCHER, ['tool', 'kafka-features', '--bootstrap-server', kafka.address, ...feature])
  }
  return kafka
}

async function bundled(releases: readonly NonNullable<BrokerOptions['release']>[]): Promise<Subject> {
  const properties = Object.fromEntries(PROPERTIES.map(property => property.split('=')))
  const [release] = releases
  const broker = await createBroker({ port: 0, properties, ...(release !== undefined && { release }) })
  return { address: broker.bootstrapServers, stop: () => broker.close() }
}

describe.each(SUBJECTS)('transactions of $name', { timeout: TIMEOUT_MS }, ({ level, start }) => {
  let kafka: Subject
  let connection: Connection
  let topic: string

  const newTopic = async (): Promise<string> => {
    const name = `txn-${randomUUID()}`
    const wanted = { name, numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] }
    const created = await connection.request(createTopics, 7, {
      topics: [wanted],
      timeoutMs: 10_000,
      validateOnly: false,
    })
    expect(created.topics.map(({ errorCode }) => errorCode)).toEqual([0])
    // Its leader takes a moment to know that it is one.
    await eventually(() => seen(name).catch(() => undefined))
    return name
  }

  const producerOf = (transactionalId: string, options: Partial<ProducerOptions> = {}): Producer =>
    new Producer({ bootstrapServers: kafka.address, clientId: 'transactions', transactionalId, ...options })

  const seen = async (of: string = topic): Promise<(string | null)[][]> => {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => committedRecords(connection, of, partition))
    return (await Promise.all(partitions)).map(({ values }) => [...values])
  }

  const committedOffset = async (group: string): Promise<bigint | undefined> => {
    const found = await connection.request(findCoordinator, 4, { keyType: GROUP, coordinatorKeys: [group] })
    if (found.coordinators[0]?.errorCode !== 0) return undefined
    const answer = await connection.request(offsetFetch, 8, {
      groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: [0] }] }],
      requireStable: true,
    })
    const partition = answer.groups[0]?.topics[0]?.partitions[0]
    return partition?.errorCode === 0 ? partition.committedOffset : undefined
  }

  const stateOf = async (transactionalId: string): Promise<string | undefined> => {
    const answer = await connection.request(describeTransactions, 0, { transactionalIds: [transactionalId] })
    return answer.transactionStates[0]?.transactionState
  }

  beforeAll(async () => {
    kafka = await start()
    connection = new Connection(await connectTcp(parseAddress(kafka.address)), { clientId: 'transactions-eye' })
  }, TIMEOUT_MS)

  afterAll(async () => {
    connection?.close()
    await kafka?.stop()
  }, TIMEOUT_MS)

  test('the requests are those of its generation', async () => {
    topic = await newTopic()
    const group = `group-${randomUUID()}`
    const versions = new Map<string, number>()
    const onStart = (message: unknown): void => {
      const { clientId, api, apiVersion } = message as RequestPayload
      if (clientId === 'transactions') versions.set(api, apiVersion)
    }
    const channel = tracingChannel(operationChannelNames.request)
    channel.start.subscribe(onStart)
    try {
      await using producer = producerOf(randomUUID())
      await producer.transaction(async tx => {
        await tx.send({ topic, value: 'one' })
        await tx.sendOffsets([{ topic, partition: 0, offset: 1n }], { groupId: group })
      })
    } finally {
      channel.start.unsubscribe(onStart)
    }
    const { AddPartitionsToTxn, AddOffsetsToTxn, Produce, TxnOffsetCommit, EndTxn } = Object.fromEntries(versions)
    expect({ AddPartitionsToTxn, AddOffsetsToTxn, Produce, TxnOffsetCommit, EndTxn }).toEqual(
      level === 1
        ? { AddPartitionsToTxn: 3, AddOffsetsToTxn: 4, Produce: 11, TxnOffsetCommit: 4, EndTxn: 4 }
        : { AddPartitionsToTxn: undefined, AddOffsetsToTxn: undefined, Produce: 13, TxnOffsetCommit: 5, EndTxn: 5 },
    )
  })

  test('what is committed is seen, and not before', async () => {
    topic = await newTopic()
    await using producer = producerOf(randomUUID())
    await producer.initTransactions()
    producer.beginTransaction()
    await Promise.all([0, 1, 2].map(partition => producer.send({ topic, partition, value: `in ${partition}` })))
    expect(await seen()).toEqual([[], [], []])
    await producer.commitTransaction()
    await eventually(async () => ((await seen()).flat().length === 3 ? true : undefined))
    expect(await seen()).toEqual([['in 0'], ['in 1'], ['in 2']])
    if (LAUNCHER === '') return
    const reader = ['--bootstrap-server', kafka.address, '--topic', topic, '--from-beginning', '--max-messages', '3']
    const isolation = ['--isolation-level', 'read_committed']
    const output = await mustRun(LAUNCHER, ['tool', 'kafka-console-consumer', ...reader, ...isolation])
    expect(String(output).trim().split('\n').toSorted()).toEqual(['in 0', 'in 1', 'in 2'])
  })

  test('what is aborted is never seen, and the producer goes on', async () => {
    topic = await newTopic()
    await using producer = producerOf(randomUUID())
    await producer.initTransactions()
    for (const [round, isKept] of [true, false, false, true].entries()) {
      producer.beginTransaction()
      for (let index = 0; index < 20; index++) await producer.send({ topic, partition: 0, value: `${round}-${index}` })
      await (isKept ? producer.commitTransaction() : producer.abortTransaction())
    }
    const expected = [0, 3].flatMap(round => Array.from({ length: 20 }, (_, index) => `${round}-${index}`))
    await eventually(async () => ((await seen()).flat().length === 40 ? true : undefined))
    expect((await seen())[0]).toEqual(expected)
  })

  test('records that were not sent yet when the transaction is aborted fail, and are not seen', async () => {
    topic = await newTopic()
    await using producer = producerOf(randomUUID(), { lingerMs: 60_000 })
    await producer.initTransactions()
    producer.beginTransaction()
    const unsent = producer.send({ topic, partition: 0, value: 'unsent' })
    await producer.abortTransaction()
    await expect(unsent).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' })
    await producer.transaction(tx => void tx.send({ topic, partition: 0, value: 'next' }))
    await eventually(async () => ((await seen()).flat().length === 1 ? true : undefined))
    expect((await seen())[0]).toEqual(['next'])
  })

  test('a second producer of the same id fences the first', async () => {
    topic = await newTopic()
    const id = randomUUID()
    await using first = producerOf(id)
    await first.initTransactions()
    first.beginTransaction()
    await first.send({ topic, partition: 0, value: 'of the first' })
    await using second = producerOf(id)
    await second.initTransactions()
    const refusal = await first.commitTransaction().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ProducerFencedError)
    expect(refusal).toMatchObject({ fatal: true, abortable: false, code: 'PRODUCER_FENCED' })
    await expect(first.abortTransaction()).rejects.toBe(refusal)
    expect(() => first.beginTransaction()).toThrow(ProducerFencedError)
    await expect(first.send({ topic, value: 'late' })).rejects.toBe(refusal)
    await second.transaction(tx => void tx.send({ topic, partition: 0, value: 'of the second' }))
    await eventually(async () => ((await seen()).flat().length === 1 ? true : undefined))
    expect((await seen())[0]).toEqual(['of the second'])
  })

  test('a fenced producer learns it from a record too, and then by its abort', async () => {
    topic = await newTopic()
    const id = randomUUID()
    await using first = producerOf(id)
    await first.transaction(tx => void tx.send({ topic, partition: 0, value: 'one' }))
    first.beginTransaction()
    await first.send({ topic, partition: 0, value: 'two' })
    await using second = producerOf(id)
    await second.initTransactions()
    await expect(first.send({ topic, partition: 0, value: 'three' })).rejects.toMatchObject({ retriable: false })
    await expect(first.abortTransaction()).rejects.toBeInstanceOf(ProducerFencedError)
  })

  test('offsets are committed with the transaction, or not at all', async () => {
    topic = await newTopic()
    const group = `group-${randomUUID()}`
    await using producer = producerOf(randomUUID())
    await producer.transaction(async tx => {
      void tx.send({ topic, partition: 0, value: 'result' })
      await tx.sendOffsets([{ topic, partition: 0, offset: 42n, metadata: 'so far' }], { groupId: group })
    })
    expect(await eventually(async () => committedOffset(group))).toBe(42n)
    producer.beginTransaction()
    await producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 77n }], { groupId: group })
    await producer.abortTransaction()
    expect(await eventually(async () => committedOffset(group))).toBe(42n)
    producer.beginTransaction()
    await producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 78n }], { groupId: group })
    await producer.commitTransaction()
    expect(await eventually(async () => ((await committedOffset(group)) === 78n ? 78n : undefined))).toBe(78n)
  })

  test('offsets of a member that the group does not know make the transaction abortable', async () => {
    topic = await newTopic()
    const groupId = `group-${randomUUID()}`
    await using producer = producerOf(randomUUID())
    await producer.initTransactions()
    producer.beginTransaction()
    await producer.send({ topic, partition: 0, value: 'of a zombie' })
    const stale = producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 1n }], {
      groupId,
      generationId: 3,
      memberId: 'gone',
    })
    await expect(stale).rejects.toMatchObject({ code: 'COMMIT_FAILED', abortable: true })
    await expect(producer.commitTransaction()).rejects.toMatchObject({ code: 'COMMIT_FAILED' })
    await producer.abortTransaction()
    await producer.transaction(tx => void tx.send({ topic, partition: 0, value: 'next' }))
    await eventually(async () => ((await seen()).flat().length === 1 ? true : undefined))
    expect((await seen())[0]).toEqual(['next'])
  })

  test('many transactions in a row, each with batches in flight to all partitions, keep order and lose nothing', async () => {
    topic = await newTopic()
    await using producer = producerOf(randomUUID(), { batchSize: 200, maxBatchSize: 200 })
    await producer.initTransactions()
    const expected: string[][] = [[], [], []]
    for (let round = 0; round < 40; round++) {
      const isKept = round % 4 !== 3
      producer.beginTransaction()
      for (let index = 0; index < 60; index++) {
        const partition = index % PARTITIONS
        const value = `${round}-${index}-${'x'.repeat(20)}`
        void producer.send({ topic, partition, value })
        if (isKept) expected[partition]?.push(value)
      }
      await (isKept ? producer.commitTransaction() : producer.abortTransaction())
    }
    const total = expected.flat().length
    await eventually(async () => ((await seen()).flat().length >= total ? true : undefined))
    expect(await seen()).toEqual(expected)
  })

  test('a record that fails makes the transaction abortable, and the next one is whole', async () => {
    topic = await newTopic()
    await using producer = producerOf(randomUUID(), { maxRequestSize: 5_000_000 })
    await producer.initTransactions()
    producer.beginTransaction()
    void producer.send({ topic, partition: 0, value: 'small' })
    const tooLarge = producer.send({ topic, partition: 0, value: 'x'.repeat(2_000_000) })
    const behind = producer.send({ topic, partition: 0, value: 'behind' })
    await expect(tooLarge).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
    await expect(producer.send({ topic, partition: 0, value: 'late' })).rejects.toMatchObject({
      code: 'TRANSACTION_ABORTABLE',
      abortable: true,
    })
    await behind.catch(() => {})
    await expect(producer.commitTransaction()).rejects.toMatchObject({ abortable: true })
    await producer.abortTransaction()
    await producer.transaction(tx => void tx.send({ topic, partition: 0, value: 'next' }))
    await eventually(async () => ((await seen()).flat().length === 1 ? true : undefined))
    expect((await seen())[0]).toEqual(['next'])
  })

  test('a transaction that was open for too long is aborted by the broker, and its producer is told', async () => {
    topic = await newTopic()
    const id = randomUUID()
    await using producer = producerOf(id, { transactionTimeoutMs: 300 })
    await producer.initTransactions()
    producer.beginTransaction()
    await producer.send({ topic, partition: 0, value: 'too slow' })
    await eventually(async () => ((await stateOf(id)) === 'CompleteAbort' ? true : undefined))
    const refusal: unknown = await producer.commitTransaction().catch((error: unknown) => error)
    expect(refusal).toMatchObject({ fatal: true })
    await using next = producerOf(id)
    await next.transaction(tx => void tx.send({ topic, partition: 0, value: 'in time' }))
    await eventually(async () => ((await seen()).flat().length === 1 ? true : undefined))
    expect((await seen())[0]).toEqual(['in time'])
  })

  test('after a crash in the middle, a new producer of the same id aborts what was open and goes on', async () => {
    topic = await newTopic()
    const id = randomUUID()
    const network = new CutTransport()
    const crashed = producerOf(id, { transport: network.connect })
    await crashed.transaction(tx => void tx.send({ topic, partition: 0, value: 'before' }))
    crashed.beginTransaction()
    await crashed.send({ topic, partition: 0, value: 'half done' })
    network.isDown = true
    network.cut()
    expect(await stateOf(id)).toBe('Ongoing')
    await using next = producerOf(id)
    await next.initTransactions()
    expect(await stateOf(id)).not.toBe('Ongoing')
    await next.transaction(tx => void tx.send({ topic, partition: 0, value: 'after' }))
    await eventually(async () => ((await seen()).flat().length === 2 ? true : undefined))
    expect((await seen())[0]).toEqual(['before', 'after'])
    await crashed.close({ timeoutMs: 0 })
  })

  test('cut connections in the middle of transactions cost neither records nor doubles', async () => {
    topic = await newTopic()
    const network = new CutTransport()
    await using producer = producerOf(randomUUID(), {
      transport: network.connect,
      batchSize: 200,
      maxBatchSize: 200,
      retryBackoffMs: 10,
      reconnectBackoffMs: 10,
    })
    await producer.initTransactions()
    network.cutEvery = 7
    const expected: string[][] = [[], [], []]
    for (let round = 0; round < 10; round++) {
      producer.beginTransaction()
      for (let index = 0; index < 60; index++) {
        const partition = index % PARTITIONS
        const value = `${round}-${index}-${'x'.repeat(20)}`
        void producer.send({ topic, partition, value })
        expected[partition]?.push(value)
      }
      await producer.commitTransaction()
    }
    expect(producer.metrics().batchRetries).toBeGreaterThan(0)
    const total = expected.flat().length
    await eventually(async () => ((await seen()).flat().length >= total ? true : undefined))
    expect(await seen()).toEqual(expected)
  })

  test('closing aborts an open transaction', async () => {
    topic = await newTopic()
    const id = randomUUID()
    const producer = producerOf(id)
    await producer.initTransactions()
    producer.beginTransaction()
    await producer.send({ topic, partition: 0, value: 'left open' })
    await producer.close()
    expect(await stateOf(id)).toMatch(/Abort$/)
  })

  test('a transaction around a function is aborted with its error, and what leaks out of it is refused', async () => {
    topic = await newTopic()
    await using producer = producerOf(randomUUID())
    const failure = new Error('the application has failed')
    await expect(
      producer.transaction(async tx => {
        await tx.send({ topic, partition: 0, value: 'not to be seen' })
        throw failure
      }),
    ).rejects.toBe(failure)
    const leaked = await producer.transaction(async tx => {
      await tx.send({ topic, partition: 0, value: 'to be seen' })
      return tx
    })
    await expect(leaked.send({ topic, value: 'late' })).rejects.toBeInstanceOf(TransactionStateError)
    await expect(producer.send({ topic, value: 'outside' })).rejects.toBeInstanceOf(TransactionStateError)
    await eventually(async () => ((await seen()).flat().length === 1 ? true : undefined))
    expect((await seen())[0]).toEqual(['to be seen'])
  })
})
