/**
 * Transactions of a whole broker: what readers see, what is refused, and what many ids cost.
 */
import {
  deleteTopics,
  describeProducers,
  endTxn,
  fetch,
  incrementalAlterConfigs,
  initProducerId,
  listTransactions,
} from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../cluster/partitions.js'
import { slowDisk, startBroker, type TestBroker } from '../../handlers/test-broker.js'
import { FaultyFileSystem } from '../../storage/faulty.js'
import { GroupMember } from '../test-groups.js'
import {
  committedIn,
  FEW_PARTITIONS,
  findCoordinators,
  type Generation,
  offsetOf,
  TransactionalClient,
} from './test-transactions.js'

const GENERATIONS: readonly Generation[] = [1, 2]

async function start(options: Parameters<typeof startBroker>[0] = {}): Promise<TestBroker> {
  const kafka = await startBroker({ ...options, properties: { ...FEW_PARTITIONS, ...options.properties } })
  await findCoordinators(kafka.client)
  await kafka.createTopic('t', 2)
  return kafka
}

function turns(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

describe.each(GENERATIONS)('generation %d', generation => {
  test.each([
    { isCommitted: true, seen: ['a'] },
    { isCommitted: false, seen: [] },
  ])('a reader that waits is woken by the end of a transaction: $isCommitted', async ({ isCommitted, seen }) => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    expect(await producer.send(0, 'a')).toBe(0)
    const waiting = kafka.connect().request(fetch, 12, {
      maxWaitMs: 60_000,
      minBytes: 1,
      isolationLevel: 1,
      topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }] }],
    })
    let isAnswered = false
    void waiting.then(() => {
      isAnswered = true
    })
    for (let turn = 0; turn < 20; turn++) await turns()
    expect(isAnswered).toBe(false)
    expect(await producer.end(isCommitted)).toBe(0)
    const { responses } = await waiting
    const partition = responses[0]?.partitions[0]
    expect([partition?.lastStableOffset, partition?.highWatermark]).toEqual([2n, 2n])
    expect(partition?.abortedTransactions).toHaveLength(isCommitted ? 0 : 1)
    expect((await committedIn(kafka.client, 0)).values).toEqual(seen)
    await kafka.broker.close()
  })

  test('offsets are there when they are committed, not before, and never when they are aborted', async () => {
    const kafka = await start()
    const { client } = kafka
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    expect(await producer.commitOffset(0, 5)).toBe(0)
    expect([await offsetOf(client, 0), await offsetOf(client, 0, false), await offsetOf(client, 1)]).toEqual([
      'unstable',
      -1,
      -1,
    ])
    await producer.end(true)
    expect(await offsetOf(client, 0)).toBe(5)
    await producer.commitOffset(0, 9)
    expect([await offsetOf(client, 0), await offsetOf(client, 0, false)]).toEqual(['unstable', 5])
    await producer.end(false)
    expect(await offsetOf(client, 0)).toBe(5)
    await kafka.broker.close()
  })

  test('offsets of a topic that was deleted before they were committed are none of its successor', async () => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    expect(await producer.commitOffset(0, 5)).toBe(0)
    await kafka.client.request(deleteTopics, 5, { topicNames: ['t'], timeoutMs: 1000 })
    await kafka.createTopic('t', 2)
    await producer.end(true)
    expect(await offsetOf(kafka.client, 0)).toBe(-1)
    await kafka.broker.close()
  })

  test('a topic that takes no batch of any size any more does not keep its transactions open', async () => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    await producer.send(0, 'a')
    const configs = [{ name: 'max.message.bytes', configOperation: 0, value: '10' }]
    const resources = [{ resourceType: 2, resourceName: 't', configs }]
    await kafka.client.request(incrementalAlterConfigs, 1, { resources, validateOnly: false })
    expect(await producer.produce(0, 'b')).toBe(codeOf('MESSAGE_TOO_LARGE'))
    await producer.end(true)
    expect(await committedIn(kafka.client, 0)).toEqual({ values: ['a'], lastStableOffset: 2n, highWatermark: 2n })
    expect(await producer.state()).toBe('CompleteCommit')
    await kafka.broker.close()
  })

  test('a restart finds offsets of an open transaction as they were, and the older ones readable', async () => {
    const kafka = await start({ dataDir: '/data' })
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    await producer.commitOffset(0, 5)
    await producer.end(true)
    await producer.commitOffset(0, 9)
    await kafka.broker.close()
    const next = await startBroker({ dataDir: '/data', fileSystem: kafka.fileSystem, properties: FEW_PARTITIONS })
    expect([await offsetOf(next.client, 0), await offsetOf(next.client, 0, false)]).toEqual(['unstable', 5])
    const again = new TransactionalClient(next, generation)
    await again.init()
    expect(await offsetOf(next.client, 0)).toBe(5)
    await next.broker.close()
  })

  test('a member that the group does not know commits nothing', async () => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    const code = await producer.commitOffset(0, 5, { generationId: 3, memberId: 'gone' })
    expect(code).toBe(codeOf('ILLEGAL_GENERATION'))
    await producer.end(false)
    expect(await offsetOf(kafka.client, 0)).toBe(-1)
    await kafka.broker.close()
  })

  test('a member that the group knows commits in its generation, and in none before', async () => {
    const kafka = await start({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
    const member = new GroupMember(kafka.connect())
    expect(await member.join()).toBe(0)
    const { memberId, generationId } = member
    await member.sync()
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    expect(await producer.commitOffset(0, 5, { memberId, generationId })).toBe(0)
    await producer.end(true)
    await member.join()
    await member.sync()
    expect(member.generationId).toBeGreaterThan(generationId)
    expect(await producer.commitOffset(0, 6, { memberId, generationId })).toBe(codeOf('ILLEGAL_GENERATION'))
    expect(await producer.commitOffset(0, 6, { memberId: 'gone', generationId })).toBe(codeOf('UNKNOWN_MEMBER_ID'))
    await producer.end(false)
    expect(await offsetOf(kafka.client, 0)).toBe(5)
    await kafka.broker.close()
  })

  test('a transaction that is open for too long is aborted, and its producer shut out', async () => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, generation)
    await producer.init(5000)
    await producer.send(0, 'too slow')
    await kafka.clock.advance(20_000)
    expect(await producer.state()).toBe('CompleteAbort')
    expect((await committedIn(kafka.client, 0)).lastStableOffset).toBe(2n)
    expect(await producer.produce(0, 'late')).toBe(codeOf('INVALID_PRODUCER_EPOCH'))
    await kafka.broker.close()
  })

  test('a marker that the disk has no room for is written when there is room', async () => {
    const disk = new FaultyFileSystem({ random: new SeededRandom('full') })
    const kafka = await start({ dataDir: '/data', fileSystem: disk })
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    await producer.send(0, 'a')
    await producer.send(1, 'a')
    disk.inject({ operation: 'append', path: '/t-0/', systemCode: 'ENOSPC', times: 3 })
    expect(await producer.end(true)).toBe(0)
    expect((await committedIn(kafka.client, 1)).values).toEqual(['a'])
    expect((await committedIn(kafka.client, 0)).values).toEqual([])
    await kafka.clock.advance(5000)
    expect((await committedIn(kafka.client, 0)).values).toEqual(['a'])
    expect(await producer.state()).toBe('CompleteCommit')
    await kafka.broker.close()
  })

  test('markers wait until the outcome is on disk', async () => {
    const { fileSystem, hold } = slowDisk('__transaction_state')
    const kafka = await start({ dataDir: '/data', fileSystem, flush: 'always' })
    const producer = new TransactionalClient(kafka, generation)
    await producer.init()
    await producer.send(0, 'a')
    const release = hold()
    const ended = producer.end(true)
    for (let turn = 0; turn < 50; turn++) await turns()
    const reader = kafka.connect()
    expect(await committedIn(reader, 0)).toEqual({ values: [], lastStableOffset: 0n, highWatermark: 1n })
    release()
    expect(await ended).toBe(0)
    for (let turn = 0; turn < 50; turn++) await turns()
    expect((await committedIn(reader, 0)).values).toEqual(['a'])
    await kafka.broker.close()
  })
})

describe('what is refused', () => {
  test('a batch of the first generation whose partition is not in the transaction leaves nothing', async () => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, 1)
    await producer.init()
    expect(await producer.produce(0, 'a')).toBe(codeOf('TRANSACTION_ABORTABLE'))
    await producer.addPartition(1)
    expect(await producer.produce(0, 'a')).toBe(codeOf('TRANSACTION_ABORTABLE'))
    const { highWatermark } = await committedIn(kafka.client, 0)
    expect(highWatermark).toBe(0n)
    await kafka.broker.close()
  })

  test('a delayed EndTxn of the second generation does not end the transaction after', async () => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, 2)
    await producer.init()
    const before = { transactionalId: 'x', producerId: producer.producerId, producerEpoch: producer.producerEpoch }
    await producer.send(0, 'first')
    await producer.end(true)
    await producer.send(0, 'second')
    const delayed = await kafka.client.request(endTxn, 5, { ...before, committed: false })
    expect(delayed.errorCode).toBe(codeOf('PRODUCER_FENCED'))
    await producer.end(true)
    expect((await committedIn(kafka.client, 0)).values).toEqual(['first', 'second'])
    await kafka.broker.close()
  })

  test('what a producer sends again after the end of its transaction is not written into the next one', async () => {
    const kafka = await start()
    const producer = new TransactionalClient(kafka, 2)
    await producer.init()
    await producer.send(0, 'a')
    const zombie = new TransactionalClient(kafka, 2)
    zombie.producerId = producer.producerId
    zombie.producerEpoch = producer.producerEpoch
    await producer.end(true)
    expect(await zombie.produce(0, 'a')).toBe(codeOf('INVALID_PRODUCER_EPOCH'))
    await producer.end(false)
    expect((await committedIn(kafka.client, 0)).values).toEqual(['a'])
    await kafka.broker.close()
  })
})

describe('more than one batch of the log takes', () => {
  const ids = Array.from({ length: 60 }, (_, index) => `${index}`.padEnd(30_000, 'x'))

  test('transactions that time out together are ended', async () => {
    const kafka = await start()
    for (const id of ids) {
      const producer = new TransactionalClient(kafka, 2, id)
      expect([await producer.init(5000), await producer.produce(0, 'x')]).toEqual([0, 0])
    }
    await kafka.clock.advance(20_000)
    const { lastStableOffset, highWatermark } = await committedIn(kafka.client, 0)
    expect([lastStableOffset, highWatermark]).toEqual([120n, 120n])
    await kafka.broker.close()
  })

  test('ids that nobody uses any more are forgotten', async () => {
    const properties = {
      'transactional.id.expiration.ms': '60000',
      'transaction.remove.expired.transaction.cleanup.interval.ms': '10000',
    }
    const kafka = await start({ properties })
    for (const id of ids) expect(await new TransactionalClient(kafka, 2, id).init()).toBe(0)
    await kafka.clock.advance(80_000)
    const { transactionStates } = await kafka.client.request(listTransactions, 0, {
      stateFilters: [],
      producerIdFilters: [],
    })
    expect(transactionStates).toEqual([])
    await kafka.broker.close()
  })
})

test('ten thousand open transactions are kept, and each is ended', { timeout: 120_000 }, async () => {
  const kafka = await start()
  const { client } = kafka
  const producers = Array.from({ length: 10_000 }, (_, index) => new TransactionalClient(kafka, 2, `id-${index}`))
  for (const producer of producers) {
    if ((await producer.init(5000)) !== 0 || (await producer.produce(0, 'x')) !== 0) throw new Error('refused')
  }
  expect((await committedIn(client, 0)).lastStableOffset).toBe(0n)
  await kafka.clock.advance(20_000)
  for (let round = 0; round < 20; round++) await kafka.clock.advance(10_000)
  const { lastStableOffset, highWatermark } = await committedIn(client, 0)
  expect([lastStableOffset, highWatermark]).toEqual([20_000n, 20_000n])
  const { topics } = await client.request(describeProducers, 0, { topics: [{ name: 't', partitionIndexes: [0] }] })
  const open = topics[0]?.partitions[0]?.activeProducers.filter(each => each.currentTxnStartOffset !== -1n)
  expect(open).toEqual([])
  const { errorCode } = await client.request(initProducerId, 5, { transactionalId: 'id-0', transactionTimeoutMs: 5000 })
  expect(errorCode).toBe(0)
  await kafka.broker.close()
})
