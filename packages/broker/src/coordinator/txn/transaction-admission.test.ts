/**
 * What lets transactional writes in: those that come early, and the settings. Those that come late are in
 * `transaction-waits.test.ts`.
 */
import { addPartitionsToTxn, produce, writeTxnMarkers } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../cluster/partitions.js'
import { batchOf, slowDisk, startBroker, type TestBroker } from '../../handlers/test-broker.js'
import { committedIn, FEW_PARTITIONS, findCoordinators, TransactionalClient } from './test-transactions.js'

async function start(options: Parameters<typeof startBroker>[0] = {}): Promise<TestBroker> {
  const kafka = await startBroker({ ...options, properties: { ...FEW_PARTITIONS, ...options.properties } })
  await findCoordinators(kafka.client)
  await kafka.createTopic('t', 2)
  return kafka
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
}

describe('a batch of the second generation that comes while the transaction before it ends', () => {
  /** The transaction before it is decided, and its markers wait for the disk. */
  async function early(properties: Record<string, string> = {}) {
    const { fileSystem, hold } = slowDisk('/t-1')
    const kafka = await start({ dataDir: '/data', fileSystem, flush: 'always', properties })
    const producer = new TransactionalClient(kafka, 2)
    await producer.init()
    await producer.send(1, 'first')
    const release = hold()
    expect(await producer.end(true)).toBe(0)
    const codes: number[] = []
    const connection = kafka.connect()
    const send = async (index: number): Promise<void> => {
      const { producerId, producerEpoch } = producer
      const identity = { producerId: Number(producerId), producerEpoch, baseSequence: index }
      const { responses } = await connection.request(produce, 12, {
        transactionalId: 'x',
        acks: -1,
        timeoutMs: 1000,
        topicData: [
          {
            name: 't',
            partitionData: [
              { index: 0, records: batchOf([`second ${index}`], { producer: identity, isTransactional: true }) },
            ],
          },
        ],
      })
      codes.push(responses[0]?.partitionResponses[0]?.errorCode ?? -1)
    }
    const first = send(0)
    await kafka.clock.advance(10)
    const sent = [first, send(1)]
    await settle()
    return { kafka, producer, codes, sent, release }
  }

  test('waits for that, and those behind it wait in line', async () => {
    const { kafka, producer, codes, sent, release } = await early()
    await kafka.clock.advance(15)
    release()
    await settle()
    // By itself the second one would ask again now, before the first.
    await kafka.clock.advance(10)
    await settle()
    expect(codes).toEqual([])
    await kafka.clock.advance(10)
    await settle()
    await Promise.all(sent)
    expect(codes).toEqual([0, 0])
    await producer.end(true)
    expect((await committedIn(kafka.client, 0)).values).toEqual(['second 0', 'second 1'])
    await kafka.broker.close()
  })

  test('is refused when that takes too long', async () => {
    const { kafka, codes, sent, release } = await early()
    await kafka.clock.advance(200)
    await settle()
    await Promise.all(sent)
    expect(codes).toEqual([codeOf('CONCURRENT_TRANSACTIONS'), codeOf('CONCURRENT_TRANSACTIONS')])
    release()
    await settle()
    await kafka.broker.close()
  })

  test('is refused at once where the settings say so', async () => {
    const { kafka, codes, release } = await early({ 'add.partitions.to.txn.retry.backoff.max.ms': '0' })
    await settle()
    expect(codes).toEqual([codeOf('CONCURRENT_TRANSACTIONS'), codeOf('CONCURRENT_TRANSACTIONS')])
    release()
    await settle()
    await kafka.broker.close()
  })
})

test('without transaction.partition.verification.enable a partition need not have been added', async () => {
  const kafka = await start({ properties: { 'transaction.partition.verification.enable': 'false' } })
  const producer = new TransactionalClient(kafka, 1)
  await producer.init()
  expect(await producer.produce(0, 'unverified')).toBe(0)
  const newer = new TransactionalClient(kafka, 2, 'y')
  await newer.init()
  expect(await newer.produce(1, 'joins all the same')).toBe(0)
  await newer.end(true)
  expect((await committedIn(kafka.client, 1)).values).toEqual(['joins all the same'])
  await kafka.broker.close()
})

test('several markers of one producer have one answer', async () => {
  const kafka = await start()
  const { client } = kafka
  const producer = new TransactionalClient(kafka, 1)
  await producer.init()
  const { producerId, producerEpoch } = producer
  await client.request(addPartitionsToTxn, 3, {
    v3AndBelowTransactionalId: 'x',
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [{ name: 't', partitions: [0, 1] }],
  })
  const marker = { producerId, producerEpoch, transactionResult: false, coordinatorEpoch: 0 }
  const { markers } = await client.request(writeTxnMarkers, 1, {
    markers: [
      { ...marker, topics: [{ name: 't', partitionIndexes: [0] }] },
      { ...marker, producerId: producerId + 1n, topics: [{ name: 't', partitionIndexes: [0] }] },
      { ...marker, topics: [{ name: 't', partitionIndexes: [0, 1, 7] }] },
    ],
  })
  expect(markers).toMatchObject([
    {
      producerId,
      topics: [
        {
          name: 't',
          partitions: [
            { partitionIndex: 0, errorCode: 0 },
            { partitionIndex: 1, errorCode: 0 },
            { partitionIndex: 7, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') },
          ],
        },
      ],
    },
    { producerId: producerId + 1n, topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 0 }] }] },
  ])
  await kafka.broker.close()
})
