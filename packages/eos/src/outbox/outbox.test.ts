import { json } from '@samsa/producer'
import { ConfigError, KafkaError } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { memoryStore } from '../memory/memory-store.js'
import type { MemoryTx } from '../memory/memory-tx.js'
import type { WaitingRecord } from '../store/outbox-store.js'
import { outbox } from './outbox.js'

const bootstrapServers = 'localhost:1'

async function inLanes(store: ReturnType<typeof memoryStore>, lanes: number): Promise<readonly WaitingRecord[][]> {
  const read = Array.from({ length: lanes }, (_, lane) => store.readOutbox({ box: 'outbox', lane }, 100))
  return (await Promise.all(read)).map(records => [...records])
}

test('the records of a key are in one lane, in their order, and keys are spread', async () => {
  const store = memoryStore()
  const box = outbox(store, { name: 'outbox' })
  const numbers = Array.from({ length: 60 }, (_, n) => n)
  await store.transaction(tx =>
    box.put(
      tx,
      numbers.map(n => ({ topic: 'orders', key: `k${n % 12}`, value: String(n) })),
    ),
  )
  const lanes = await inLanes(store, 4)
  expect(lanes.filter(lane => lane.length > 0).length).toBeGreaterThan(2)
  for (let key = 0; key < 12; key++) {
    const found = lanes.map(lane =>
      lane
        .filter(record => Buffer.from(record.key ?? []).toString() === `k${key}`)
        .map(({ value }) => Number(Buffer.from(value ?? []).toString())),
    )
    expect(found.filter(ofLane => ofLane.length > 0)).toEqual([numbers.filter(n => n % 12 === key)])
  }
})

test('records without a key are spread too, and ids are their own', async () => {
  const store = memoryStore()
  const box = outbox(store, { name: 'outbox' })
  await store.transaction(tx =>
    box.put(
      tx,
      Array.from({ length: 40 }, () => ({ topic: 'orders', value: 'x' })),
    ),
  )
  const lanes = await inLanes(store, 4)
  expect(lanes.filter(lane => lane.length > 0).length).toBeGreaterThan(1)
  expect(new Set(lanes.flat().map(({ id }) => id)).size).toBe(40)
})

test('keys and values go through serdes, headers may be an object or pairs', async () => {
  const store = memoryStore()
  const box = outbox<MemoryTx, number, { created: string }>(store, {
    name: 'outbox',
    lanes: 1,
    key: json(),
    value: json(),
  })
  const headers = { source: ['web', null], raw: Uint8Array.of(1) }
  await store.transaction(tx => box.put(tx, { topic: 'orders', key: 7, value: { created: 'o1' }, headers }))
  const [record] = await store.readOutbox({ box: 'outbox', lane: 0 }, 1)
  expect(Buffer.from(record?.key ?? []).toString()).toBe('7')
  expect(Buffer.from(record?.value ?? []).toString()).toBe('{"created":"o1"}')
  expect(record?.headers.map(([name, value]) => [name, value && [...value]])).toEqual([
    ['source', [...Buffer.from('web')]],
    ['source', null],
    ['raw', [1]],
  ])
})

test.each([
  ['a name that cannot be', { topic: 'no/topic', value: 'x' }],
  ['a partition that cannot be', { topic: 'orders', value: 'x', partition: -1 }],
  ['a value without a serde', { topic: 'orders', value: { a: 1 } as never }],
  ['a value that is left out', { topic: 'orders' } as never],
  ['a header that cannot be', { topic: 'orders', value: 'x', headers: { a: 1 as never } }],
])('%s is refused when it is put, and nothing is', async (_, record) => {
  const store = memoryStore()
  const box = outbox(store, { name: 'outbox' })
  await expect(store.transaction(tx => box.put(tx, [{ topic: 'orders', value: 'good' }, record]))).rejects.toThrow(
    KafkaError,
  )
  expect(await box.waiting()).toEqual({ records: 0, oldestAgeMs: 0, lanes: [] })
})

test('wrong options are refused at once, with what to do', () => {
  const store = memoryStore()
  expect(() => outbox(store, { name: 'a b' })).toThrow(ConfigError)
  expect(() => outbox(store, {} as never)).toThrow('name')
  expect(() => outbox({} as never, { name: 'outbox' })).toThrow('the store needs putInOutbox')
  const box = outbox(store, { name: 'outbox', lanes: 2 })
  const mode = 'exactly-once'
  expect(() => box.relay({ mode, producer: { bootstrapServers }, lanes: [2] })).toThrow('there is no lane 2')
  expect(() => box.relay({ mode, producer: { bootstrapServers, value: json() } as never })).toThrow('leave value out')
  expect(() => box.relay({ mode, producer: {} as never })).toThrow('bootstrapServers')
  const lossy = { bootstrapServers, acks: 1 } as const
  expect(() => box.relay({ mode: 'at-least-once', producer: lossy })).toThrow('with acks: 1 a broker that fails')
  expect(() => box.relay({ mode, producer: lossy })).toThrow(ConfigError)
  expect(() => box.relay({ mode: 'once' as never, producer: { bootstrapServers } })).toThrow('mode')
  const noLeases = { transaction: 1, putInOutbox: 1, readOutbox: 1, removeFromOutbox: 1, waitingInOutbox: 1 }
  const plain = Object.fromEntries(Object.keys(noLeases).map(name => [name, async () => []]))
  const relay = () => outbox(plain as never, { name: 'outbox' }).relay({ mode, producer: { bootstrapServers } })
  expect(relay).toThrow('this store cannot claim lanes')
})

test('records in a lane that is no more are not left behind in silence', async () => {
  const store = memoryStore()
  await store.transaction(tx =>
    outbox(store, { name: 'outbox', lanes: 64 }).put(
      tx,
      Array.from({ length: 50 }, () => ({ topic: 'orders', value: 'x' })),
    ),
  )
  const relay = outbox(store, { name: 'outbox', lanes: 2 }).relay({
    mode: 'at-least-once',
    producer: { bootstrapServers },
  })
  await expect(relay.run()).rejects.toThrow(/records wait in lane \d+ of outbox, which has 2 lanes now/)
})

test('a store that is down is waited for, and the end too', async () => {
  const store = memoryStore()
  const end = new AbortController()
  let asked = 0
  store.waitingInOutbox = async () => {
    if (++asked === 3) end.abort()
    throw new KafkaError('down', { code: 'STORE_FAILED', retriable: true })
  }
  const producer = { bootstrapServers }
  const relay = outbox(store, { name: 'outbox' }).relay({ mode: 'at-least-once', producer, retryBackoffMs: 1 })
  await relay.run({ signal: end.signal })
  expect(asked).toBe(3)
})
