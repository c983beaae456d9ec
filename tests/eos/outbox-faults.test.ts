/**
 * Relays of an outbox whose broker does what it is asked and whose answers are lost, or that refuses for a while: exactly once is
 * still once, and at least once is still in order.
 */
import { createTestBroker, type FaultRule, type TestBroker } from '@samsa/broker/testing'
import { Admin, Connection, connectTcp, parseAddress } from '@samsa/client'
import { memoryStore, outbox, type RelayOptions } from '@samsa/eos'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { alteredStore } from '../behaviour/altered-store.js'
import { committedRecords } from '../behaviour/committed-records.js'
import { eventually } from '../behaviour/eventually.js'

let kafka: TestBroker
let connection: Connection

beforeAll(async () => {
  kafka = await createTestBroker()
  connection = new Connection(await connectTcp(parseAddress(kafka.bootstrapServers)), { clientId: 'reader' })
})

afterAll(async () => {
  connection.close()
  await kafka.close()
})

afterEach(() => kafka.faults.clear())

const RECORDS = 60

/** The values that a reader of committed records sees when the relay has emptied the box under these faults. */
async function relayed(topic: string, mode: RelayOptions['mode'], rules: readonly FaultRule[]): Promise<number[]> {
  const store = memoryStore()
  const box = outbox(store, { name: topic, lanes: 2 })
  const numbers = Array.from({ length: RECORDS }, (_, n) => n)
  await store.transaction(tx =>
    box.put(
      tx,
      numbers.map(n => ({ topic, key: `k${n % 3}`, value: String(n) })),
    ),
  )
  const producer = {
    bootstrapServers: kafka.bootstrapServers,
    clientId: 'relay',
    retryBackoffMs: 5,
    requestTimeoutMs: 5_000,
    maxBlockMs: 300,
  }
  const end = new AbortController()
  const options = { producer, mode, batch: 10, pollIntervalMs: 5, retryBackoffMs: 5, retryBackoffMaxMs: 50 }
  const running = box.relay(options).run({ signal: end.signal })
  const faults = rules.map(rule => kafka.faults.add({ ...rule, clientId: 'relay' }))
  await Promise.all(faults.map(fault => fault.wait()))
  await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
  end.abort()
  await running
  return (await committedRecords(connection, topic, 0)).values.map(Number)
}

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((one, other) => one - other)

test.each<[string, readonly FaultRule[]]>([
  ['the answer to a commit is lost, and the connection stands still', [{ api: 'EndTxn', drop: true, times: 2 }]],
  ['the connection ends behind a commit', [{ api: 'EndTxn', disconnect: 'after', times: 3 }]],
  ['a commit is handled twice', [{ api: 'EndTxn', duplicate: true, times: 3 }]],
  ['a commit comes late', [{ api: 'EndTxn', delayMs: 500 }]],
  ['the connection ends behind what was written', [{ api: 'Produce', disconnect: 'after', times: 3 }]],
  ['the coordinator is not to be had', [{ api: 'EndTxn', error: 'COORDINATOR_NOT_AVAILABLE', times: 4 }]],
  ['a transaction is refused', [{ api: 'Produce', error: 'TRANSACTION_ABORTABLE', times: 2 }]],
  ['the end of the progress cannot be asked for', [{ api: 'ListOffsets', error: 'NOT_LEADER_OR_FOLLOWER', times: 3 }]],
])('exactly once when %s', { timeout: 30_000 }, async (name, rules) => {
  expect(sorted(await relayed(name.replaceAll(/[^a-z]/g, '-'), 'exactly-once', rules))).toEqual(
    Array.from({ length: RECORDS }, (_, n) => n),
  )
})

test.each<[string, readonly FaultRule[]]>([
  ['the connection ends behind what was written', [{ api: 'Produce', disconnect: 'after', times: 3 }]],
  ['records are refused for a while', [{ api: 'Produce', error: 'TOPIC_AUTHORIZATION_FAILED', times: 3 }]],
])('at least once, and each key in order, when %s', { timeout: 30_000 }, async (name, rules) => {
  const values = await relayed(`at-least-${name.replaceAll(/[^a-z]/g, '-')}`, 'at-least-once', rules)
  const firsts = [...new Set(values)]
  expect(sorted(firsts)).toEqual(Array.from({ length: RECORDS }, (_, n) => n))
  for (const key of [0, 1, 2]) {
    const ofKey = firsts.filter(n => n % 3 === key)
    expect(ofKey).toEqual(sorted(ofKey))
  }
})

test('what a predecessor commits while it is being fenced is learned too', { timeout: 30_000 }, async () => {
  const topic = 'committed-while-fenced'
  const store = memoryStore()
  const box = outbox(store, { name: topic, lanes: 1 })
  const optionsOf = (clientId: string): RelayOptions => ({
    producer: { bootstrapServers: kafka.bootstrapServers, clientId },
    mode: 'exactly-once',
    leases: false,
    pollIntervalMs: 5,
  })
  const held = kafka.faults.add({ api: 'InitProducerId', clientId: 'second', hold: true })
  const end = new AbortController()
  const { signal } = end
  const second = box.relay(optionsOf('second')).run({ signal })
  await held.wait()
  // The first one commits a batch, and stands still before it can remove it.
  let isRemoving = false
  let letGo = (): void => {}
  const gone = new Promise<void>(resolve => {
    letGo = resolve
  })
  const removeFromOutbox = async (): Promise<number> => {
    isRemoving = true
    await gone
    return 0
  }
  await store.transaction(tx => box.put(tx, { topic, key: 'a', value: '1' }))
  const first = outbox(alteredStore(store, { removeFromOutbox }), { name: topic, lanes: 1 })
    .relay(optionsOf('first'))
    .run({ signal })
  await eventually(async () => (isRemoving ? true : undefined))
  held.release()
  await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
  letGo()
  end.abort()
  await Promise.all([first, second])
  expect((await committedRecords(connection, topic, 0)).values).toEqual(['1'])
})

test('a progress topic that is deleted while its relay runs is made anew', { timeout: 30_000 }, async () => {
  const topic = 'behind-a-deletion'
  const properties = { 'auto.create.topics.enable': 'false' }
  await using strict = await createTestBroker({ topics: { [topic]: { partitions: 1 } }, properties })
  const { bootstrapServers } = strict
  await using admin = new Admin({ bootstrapServers })
  const store = memoryStore()
  const box = outbox(store, { name: topic, lanes: 2 })
  const producer = { bootstrapServers, maxBlockMs: 100, defaultApiTimeoutMs: 300, metadataMaxAgeMs: 100 }
  const end = new AbortController()
  const options = {
    producer,
    mode: 'exactly-once',
    pollIntervalMs: 5,
    retryBackoffMs: 5,
    retryBackoffMaxMs: 50,
  } as const
  const running = box.relay(options).run({ signal: end.signal })
  const sent = async (value: string): Promise<void> => {
    await store.transaction(tx => box.put(tx, { topic, key: 'k', value }))
    await eventually(async () => ((await box.waiting()).records === 0 ? true : undefined))
  }
  await sent('1')
  await admin.deleteTopics([`outbox-progress.${topic}`])
  await sent('2')
  end.abort()
  await running
  const reader = new Connection(await connectTcp(parseAddress(bootstrapServers)), { clientId: 'reader' })
  expect((await committedRecords(reader, topic, 0)).values).toEqual(['1', '2'])
  reader.close()
})
