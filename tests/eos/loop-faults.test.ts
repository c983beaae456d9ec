/**
 * A transactional loop whose broker does what it is asked and whose answers are lost, come twice or late, or that refuses for a
 * while: what was read still comes out once.
 */
import { createTestBroker, type FaultRule, type TestBroker } from '@samsa/broker/testing'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import { Consumer, string } from '@samsa/consumer'
import { kafkaStore, transactionalLoop } from '@samsa/eos'
import { Producer } from '@samsa/producer'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { committedRecords } from '../behaviour/committed-records.js'
import { eventually } from '../behaviour/eventually.js'

let kafka: TestBroker
let connection: Connection

beforeAll(async () => {
  kafka = await createTestBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
  connection = new Connection(await connectTcp(parseAddress(kafka.bootstrapServers)), { clientId: 'reader' })
})

afterAll(async () => {
  connection.close()
  await kafka.close()
})

afterEach(() => kafka.faults.clear())

const RECORDS = 60
const CLIENT = 'copier'

/** The committed output, in order, of a loop that has copied everything under these faults. */
async function copied(name: string, rules: readonly FaultRule[]): Promise<number[]> {
  const { bootstrapServers } = kafka
  const [input, output] = [name, `${name}-copied`]
  const numbers = Array.from({ length: RECORDS }, (_, n) => n)
  await using writer = new Producer({ bootstrapServers })
  await writer.sendAll(numbers.map(n => ({ topic: input, partition: 0, value: String(n) })))
  await using consumer = new Consumer({
    ...{ bootstrapServers, clientId: CLIENT, groupId: name, autoOffsetReset: 'earliest', value: string },
    ...{ isolationLevel: 'readCommitted', enableAutoCommit: false, fetchMaxWaitMs: 50, retryBackoffMs: 5 },
  })
  await using producer = new Producer({
    ...{ bootstrapServers, clientId: CLIENT, transactionalId: name, value: string },
    ...{
      retryBackoffMs: 5,
      requestTimeoutMs: 2000,
      deliveryTimeoutMs: 5000,
      maxBlockMs: 300,
      transactionTimeoutMs: 1000,
    },
  })
  const faults = rules.map(rule => kafka.faults.add({ ...rule, clientId: CLIENT }))
  const end = new AbortController()
  const dedup = { store: kafkaStore({ topic: `${name}-ids` }), key: ({ value }: { value: string | null }) => value }
  const options = { consumer, producer, topics: [input], maxBatch: 10, maxDelayMs: 0, poison: { initialMs: 5 }, dedup }
  const running = transactionalLoop(options, (records, out) => {
    for (const { value } of records) void out.send({ topic: output, partition: 0, value })
  }).run({ signal: end.signal })
  const place = { topic: input, partition: 0 }
  await using reader = new Consumer({ bootstrapServers, groupId: name })
  const isDone = async (): Promise<true | undefined> => {
    const [committed] = await reader.committed([place])
    return committed?.offset === BigInt(RECORDS) || undefined
  }
  try {
    await Promise.race([Promise.all([...faults.map(fault => fault.wait()), eventually(isDone)]), running])
  } finally {
    end.abort()
    await running
  }
  return (await committedRecords(connection, output, 0)).values.map(Number)
}

test.each<[string, readonly FaultRule[]]>([
  ['the answer to a commit is lost, and the connection stands still', [{ api: 'EndTxn', drop: true, times: 1 }]],
  ['the connection ends behind a commit', [{ api: 'EndTxn', disconnect: 'after', times: 3 }]],
  ['a commit is handled twice', [{ api: 'EndTxn', duplicate: true, times: 3 }]],
  ['a commit comes late', [{ api: 'EndTxn', delayMs: 400, times: 2 }]],
  ['the coordinator is not to be had', [{ api: 'EndTxn', error: 'COORDINATOR_NOT_AVAILABLE', times: 4 }]],
  ['the connection ends behind what was written', [{ api: 'Produce', disconnect: 'after', times: 3 }]],
  ['the connection ends behind offsets', [{ api: 'TxnOffsetCommit', disconnect: 'after', times: 3 }]],
  ['offsets are handled twice', [{ api: 'TxnOffsetCommit', duplicate: true, times: 3 }]],
  ['the group has moved on', [{ api: 'TxnOffsetCommit', error: 'ILLEGAL_GENERATION', times: 3 }]],
  ['a transaction is refused', [{ api: 'Produce', error: 'TRANSACTION_ABORTABLE', times: 3 }]],
])('once and in order when %s', { timeout: 30_000 }, async (name, rules) => {
  expect(await copied(name.replaceAll(/[^a-z]/g, '-'), rules)).toEqual(Array.from({ length: RECORDS }, (_, n) => n))
})
