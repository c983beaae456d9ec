/**
 * Writes of transactions that wait for a disk, and what comes meanwhile: nothing overtakes, and nothing is written into a
 * transaction that has ended.
 */
import { addOffsetsToTxn, endTxn, produce, txnOffsetCommit } from '@samsa/protocol'
import { expect, test } from 'vitest'
import { batchOf, slowDisk, startBroker, type TestBroker, type TestClient } from '../../handlers/test-broker.js'
import { committedIn, FEW_PARTITIONS, findCoordinators, offsetOf, TransactionalClient } from './test-transactions.js'

const SLOW = '__transaction_state'

async function start(): Promise<TestBroker & { readonly hold: () => () => void }> {
  const { fileSystem, hold } = slowDisk(SLOW)
  const kafka = await startBroker({ dataDir: '/data', fileSystem, flush: 'always', properties: FEW_PARTITIONS })
  await findCoordinators(kafka.client)
  await kafka.createTopic('t', 2)
  return { ...kafka, hold }
}

async function produceTo(client: TestClient, producer: TransactionalClient, partitions: number[]): Promise<unknown> {
  const partitionData = partitions.map(index => {
    const own = { producerId: Number(producer.producerId), producerEpoch: producer.producerEpoch }
    const baseSequence = index === 0 ? 1 : 0
    return { index, records: batchOf(['late'], { producer: { ...own, baseSequence }, isTransactional: true }) }
  })
  const topicData = [{ name: 't', partitionData }]
  return await client.request(produce, 11, { transactionalId: 'x', acks: -1, timeoutMs: 1000, topicData })
}

async function addOffsets(client: TestClient, { producerId, producerEpoch }: TransactionalClient): Promise<void> {
  const request = { transactionalId: 'x', producerId, producerEpoch, groupId: 'g' }
  expect((await client.request(addOffsetsToTxn, 4, request)).errorCode).toBe(0)
}

async function commitOffset(client: TestClient, { producerId, producerEpoch }: TransactionalClient): Promise<unknown> {
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: '' }] }]
  const request = { transactionalId: 'x', producerId, producerEpoch, groupId: 'g', topics }
  return await client.request(txnOffsetCommit, 4, request)
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
}

interface Late {
  readonly what: string
  readonly send: (producer: TransactionalClient, client: TestClient) => Promise<unknown>
}

const LATE: readonly Late[] = [
  { what: 'a batch', send: producer => producer.produce(0, 'late') },
  { what: 'a batch beside one that waited', send: (producer, client) => produceTo(client, producer, [0, 1]) },
  { what: 'an offset', send: (producer, client) => commitOffset(client, producer) },
]

test.each(LATE)('$what is not written when its transaction has ended while it waited', async ({ what, send }) => {
  const kafka = await start()
  const producer = new TransactionalClient(kafka, 1)
  await producer.init()
  await producer.addPartition(0)
  if (what.includes('beside')) {
    await producer.produce(0, 'in time')
    await producer.addPartition(1)
  }
  if (what.includes('offset')) await addOffsets(kafka.client, producer)
  const release = kafka.hold()
  const others = ['one', 'two'].map(
    id => new TransactionalClient({ client: kafka.connect(), clock: kafka.clock }, 1, id),
  )
  // The first keeps the disk busy, and what comes from the second on is written by the next sync, all at once.
  const begun: Promise<number>[] = []
  for (const other of others) {
    begun.push(other.init())
    await turns()
  }
  const sent = send(producer, kafka.client)
  await turns()
  const { producerId, producerEpoch } = producer
  const ended = kafka
    .connect()
    .request(endTxn, 4, { transactionalId: 'x', producerId, producerEpoch, committed: false })
  await turns()
  release()
  expect((await ended).errorCode).toBe(0)
  await Promise.all([sent, ...begun])
  await turns()
  for (const partition of [0, 1]) {
    const { lastStableOffset, highWatermark } = await committedIn(kafka.client, partition)
    expect(lastStableOffset).toBe(highWatermark)
  }
  expect(await offsetOf(kafka.client, 0)).toBe(-1)
  await kafka.broker.close()
})

test('batches of a partition stay in order while the first of them waits', async () => {
  const kafka = await start()
  const producer = new TransactionalClient(kafka, 2)
  await producer.init()
  const client = kafka.connect()
  const send = (value: string, baseSequence: number) => {
    const own = { producerId: Number(producer.producerId), producerEpoch: producer.producerEpoch, baseSequence }
    const records = batchOf([value], { producer: own, isTransactional: true })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    return client
      .request(produce, 12, { transactionalId: 'x', acks: -1, timeoutMs: 1000, topicData })
      .then(({ responses }) => responses[0]?.partitionResponses[0]?.errorCode)
  }
  const releaseFirst = kafka.hold()
  const sent = [send('a', 0)]
  await turns()
  const other = new TransactionalClient({ client: kafka.connect(), clock: kafka.clock }, 1, 'other')
  const releaseSecond = kafka.hold()
  const begun = other.init()
  await turns()
  sent.push(send('b', 1))
  await turns()
  releaseFirst()
  await turns()
  sent.push(send('c', 2))
  await turns()
  releaseSecond()
  expect(await Promise.all(sent)).toEqual([0, 0, 0])
  await begun
  await kafka.broker.close()
})
