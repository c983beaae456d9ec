/**
 * Histories of real producers and consumers: what the recorder writes down is found right where it is, and wrong where an
 * application loses, repeats or leaves open what it does.
 */
import { readFileSync } from 'node:fs'
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { type Consumer, string } from '@samsa/consumer'
import { checkHistoryFile, type HistoryRecorder, historyHeader, recordHistory } from '@samsa/eos/history'
import { type Producer, string as text } from '@samsa/producer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../interop/temporary-folder.js'

const RECORDS = 12

let kafka: TestBroker
let folder: ReturnType<typeof temporaryFolder>
let history: HistoryRecorder
let path: string

beforeEach(async () => {
  folder = temporaryFolder()
  path = `${folder.path}/history.jsonl`
  history = recordHistory({ to: path })
  kafka = await createTestBroker({
    topics: { orders: { partitions: 2 }, copies: {} },
    properties: { 'group.initial.rebalance.delay.ms': '0' },
  })
})

afterEach(async () => {
  await kafka.close()
  folder.remove()
})

type TextConsumer = Consumer<string, string>
type TextProducer = Producer<string, string>

function copier(): { consumer: TextConsumer; producer: TextProducer } {
  const { bootstrapServers } = kafka
  const consumer = history.consumer<string, string>({
    bootstrapServers,
    groupId: 'copiers',
    isolationLevel: 'readCommitted',
    enableAutoCommit: false,
    autoOffsetReset: 'earliest',
    maxPollRecords: 5,
    key: string,
    value: string,
  })
  const options = { bootstrapServers, transactionalId: 'copier', key: text, value: text }
  return { consumer, producer: history.producer<string, string>(options) }
}

/** Orders, some of them in a transaction that is aborted. */
async function order(): Promise<void> {
  const { bootstrapServers } = kafka
  const options = { bootstrapServers, transactionalId: 'orders', key: text, value: text }
  await using producer = history.producer<string, string>(options)
  const ordersOf = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ topic: 'orders', partition: index % 2, value: `order ${index}` }))
  const given = await producer.transaction(async transaction => {
    await Promise.all(ordersOf(RECORDS).map(record => transaction.send(record)))
    return 'given'
  })
  expect(given).toBe('given')
  const refused = producer.transaction(async transaction => {
    for (const record of ordersOf(2)) await transaction.send(record)
    throw new Error('not this one')
  })
  await expect(refused).rejects.toThrow('not this one')
}

type Wrong = 'nothing' | 'no outputs' | 'no offsets'

/** Copies orders as many transactions as it takes, and does one thing wrong. */
async function copyAll(wrong: Wrong): Promise<void> {
  const { consumer, producer } = copier()
  consumer.subscribe(['orders'])
  await producer.initTransactions()
  for (let copied = 0; copied < RECORDS; ) {
    const records = await consumer.poll(500)
    if (records.isEmpty) continue
    producer.beginTransaction()
    for (const record of wrong === 'no outputs' ? [] : records) {
      const headers = [[historyHeader, record.header(historyHeader) ?? null]] as const
      producer.enqueue({ topic: 'copies', value: record.value, headers })
    }
    const next = [...records].map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1n }))
    if (wrong !== 'no offsets') await producer.sendOffsetsToTransaction(next, consumer.groupMetadata())
    await producer.commitTransaction()
    copied += [...records].length
  }
  await Promise.all([consumer.close(), producer.close()])
}

async function kindsFound(): Promise<readonly string[]> {
  const consumer = { bootstrapServers: kafka.bootstrapServers }
  await history.left({ consumer, topics: ['orders', 'copies'], groups: ['copiers'], copied: ['orders'] })
  history.close()
  const { counts } = await checkHistoryFile(path)
  return Object.keys(counts)
}

test('an application that does all right has a history without a finding', async () => {
  await order()
  await copyAll('nothing')
  expect(await kindsFound()).toEqual([])
  const verdict = await checkHistoryFile(path)
  expect(verdict).toMatchObject({ records: RECORDS * 2 + 2, reads: RECORDS })
  expect(verdict.transactions).toBeGreaterThan(3)
})

test('offsets that are committed without outputs are found', async () => {
  await order()
  await copyAll('no outputs')
  expect(await kindsFound()).toEqual(['offset without output'])
})

test('outputs without their offsets are found, and so is what is made of them again', async () => {
  await order()
  await copyAll('no offsets')
  await copyAll('nothing')
  expect(await kindsFound()).toEqual(['input copied twice'])
})

test('a record that is acknowledged and then gone is found, and so is a transaction that nobody ends', async () => {
  const { bootstrapServers } = kafka
  const plain = history.producer<string, string>({ bootstrapServers, key: text, value: text })
  await plain.sendAll([1, 2, 3].map(each => ({ topic: 'orders', partition: 0, value: `plain ${each}` })))
  await plain.close()
  const open = history.producer<string, string>({ bootstrapServers, transactionalId: 'open', key: text, value: text })
  await open.initTransactions()
  open.beginTransaction()
  await open.send({ topic: 'copies', partition: 0, value: 'open' })
  const consumer = { bootstrapServers }
  await history.left({ consumer, topics: ['orders', 'copies'], settleMs: 0 })
  history.close()
  await open.close()
  expect((await checkHistoryFile(path)).counts).toEqual({ 'hanging transaction': 1 })
  const without = readFileSync(path, 'utf8').replace(/\{"topic":"orders","partition":0,"offset":1,"id":"[^"]+"\},?/, '')
  const { checkHistory } = await import('@samsa/eos/history')
  const events = without
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(checkHistory(events).counts).toEqual({ 'hanging transaction': 1, 'lost write': 1 })
})

test('what cannot be written ends the history, is told at its end, and disturbs nobody', async () => {
  const lines: string[] = []
  const full = recordHistory({
    to: line => {
      if (lines.length === 3) throw new Error('no space left')
      lines.push(line)
    },
  })
  const { bootstrapServers } = kafka
  await using producer = full.producer<string, string>({ bootstrapServers, key: text, value: text })
  const sent = await producer.sendAll([1, 2, 3, 4].map(each => ({ topic: 'orders', partition: 0, value: `${each}` })))
  expect(sent).toHaveLength(4)
  expect(lines).toHaveLength(3)
  expect(() => full.close()).toThrow('no space left')
})
