/**
 * What is not covered, as the documentation's table says it: each hole is there. A helper that closes one changes the table.
 */
import { deadLetterHeaders } from '@samsa/consumer'
import { ManualClock } from '@samsa/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import { deadLetter } from './dead-letter.js'
import { dedup } from './dedup.js'
import { dedupBatch } from './dedup-batch.js'
import { armFailpoint, disarmFailpoint, type FailpointName } from './failpoint.js'
import { ledger } from './ledger.js'
import { memoryStore } from './memory/memory-store.js'
import type { MemoryTx } from './memory/memory-tx.js'
import { retry } from './retry.js'
import { contextOf, KeptRecords, readRecord, recordOf, type TestRecord, type TestValue } from './test-records.js'
import { type VersionOutcome, versionCheck } from './version-check.js'

const key = (record: TestRecord): string | undefined => record.value?.id
const crash = new Error('crash')

function crashAt(name: FailpointName): void {
  armFailpoint(name, 1, () => {
    throw crash
  })
}

afterEach(disarmFailpoint)

const order = (offset = 0, id = 'a'): TestRecord =>
  readRecord({ topic: 'orders', offset, value: JSON.stringify({ id }) })

test('what a handler does past tx may happen again, whatever the helper', async () => {
  const mails = vi.fn()
  const entries = () => [{ table: 'ledger', key: { id: 'a' }, row: { amount: 0 } }]
  const change = { table: 't', row: () => ({ id: 1 }), expected: () => 0n, set: () => ({}), key }
  const batch = dedupBatch<MemoryTx, string, TestValue>({ store: memoryStore(), key, scope: 's' }, mails)
  const helpers = [
    dedup<MemoryTx, string, TestValue>({ store: memoryStore(), key }, mails),
    ledger<MemoryTx, string, TestValue>({ store: memoryStore(), entries }, mails),
    versionCheck<MemoryTx, string, TestValue>({ store: memoryStore(), ...change }, mails),
    (record: TestRecord) => batch([record]),
  ]
  for (const handle of helpers) {
    mails.mockClear()
    crashAt('tx.beforeCommit')
    await expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toThrow('crash')
    await handle(recordOf({ id: 'a' }), contextOf())
    expect(mails).toHaveBeenCalledTimes(2)
  }
})

test('an id is handled again when it comes behind ttlMs, leased too', async () => {
  const clock = new ManualClock()
  const store = memoryStore({ clock })
  const handler = vi.fn()
  for (const handle of [
    dedup({ store, key, ttlMs: 1_000 }, handler),
    dedup({ store, key, ttlMs: 1_000, leaseMs: 100, clock }, handler),
  ]) {
    handler.mockClear()
    for (const passMs of [999, 2, 0]) {
      await handle(recordOf({ id: 'a' }), contextOf())
      await clock.advance(passMs)
    }
    expect(handler).toHaveBeenCalledTimes(2)
  }
})

test('under a lease, a worker that dies between effect and completion has the effect repeated, under the same key', async () => {
  const clock = new ManualClock()
  const charge = vi.fn()
  const handle = dedup({ store: memoryStore({ clock }), key, leaseMs: 100, clock }, (_: TestRecord, context) =>
    charge(context.idempotencyKey, context.attempts),
  )
  crashAt('dedup.beforeComplete')
  await expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toBe(crash)
  await handle(recordOf({ id: 'a' }), contextOf())
  expect(charge.mock.calls).toEqual([
    ['["billing","a"]', 1],
    ['["billing","a"]', 2],
  ])
})

test('a ledger whose rows somebody has removed takes a repetition for new', async () => {
  const store = memoryStore()
  const handler = vi.fn()
  let table = 'ledger'
  const handle = ledger<MemoryTx, string, TestValue>(
    { store, entries: () => [{ table, key: { id: 'a' }, row: { amount: 0 } }] },
    handler,
  )
  await handle(recordOf({ id: 'a' }), contextOf())
  table = 'a table without its rows'
  await handle(recordOf({ id: 'a' }), contextOf())
  expect(handler).toHaveBeenCalledTimes(2)
})

test('a conflict found only after the row went on by more than one version looks stale', async () => {
  const outcomes: VersionOutcome[] = []
  const store = memoryStore()
  const apply = (id: string, expected: bigint) =>
    versionCheck<MemoryTx, string, TestValue>({
      ...{ store, table: 't', row: () => ({ id: 1 }), set: () => ({}), key, onConflict: 'ack' },
      expected: () => expected,
      onOutcome: outcome => outcomes.push(outcome),
    })(recordOf({ id }), contextOf())
  await apply('first', 0n)
  await apply('rival of first', 0n)
  await apply('second', 1n)
  await apply('late rival of first', 0n)
  expect(outcomes).toEqual(['applied', 'conflict', 'applied', 'stale'])
})

test('with a precondition, a state that comes back to what it was fits again', async () => {
  const store = memoryStore()
  await store.transaction(tx => store.insertRow(tx, 'accounts', { id: 1 }, { balance: 100 }))
  const outcomes: VersionOutcome[] = []
  const apply = (id: string, before: number, after: number) =>
    versionCheck<MemoryTx, string, TestValue>({
      ...{ store, table: 'accounts', row: () => ({ id: 1 }), key },
      ...{ when: () => ({ balance: before }), set: () => ({ balance: after }) },
      onOutcome: outcome => outcomes.push(outcome),
    })(recordOf({ id }), contextOf())
  await apply('withdrawal', 100, 70)
  await apply('deposit', 70, 100)
  await apply('withdrawal', 100, 70)
  expect(outcomes).toEqual(['applied', 'applied', 'applied'])
})

test('a record that was moved is handled behind what came after it', async () => {
  const clock = new ManualClock()
  const producer = new KeptRecords()
  const context = contextOf(undefined, clock)
  const handled: bigint[] = []
  let isBroken = true
  const handle = retry<string, TestValue>(
    { attempts: 1, topics: [{ topic: 'orders.soon', delayMs: 0 }], producer, clock },
    ({ offset }) => {
      if (isBroken) throw crash
      handled.push(offset)
    },
  )
  await handle(order(0), context)
  isBroken = false
  await handle(order(1), context)
  await handle(producer.last(), context)
  expect(handled).toEqual([1n, 0n])
})

test('a process that dies behind a copy or a letter, and before its commit, sends it again', async () => {
  const producer = new KeptRecords()
  const fail = (): never => {
    throw new Error('on purpose')
  }
  const moved = retry({ attempts: 1, topics: [{ topic: 'orders.soon', delayMs: 0 }], producer }, fail)
  const buried = deadLetter({ producer, topic: 'orders.dead' }, fail)
  for (const [handle, step] of [
    [moved, 'retry.afterSend'],
    [buried, 'deadLetter.afterSend'],
  ] as const) {
    producer.records.length = 0
    crashAt(step)
    await expect(handle(order(), contextOf())).rejects.toBe(crash)
    await handle(order(), contextOf())
    expect(producer.records).toHaveLength(2)
  }
})

test('records that are handled beside one that ends the process are counted with it', async () => {
  const clock = new ManualClock()
  const producer = new KeptRecords()
  const handler = vi.fn()
  const options = { producer, topic: 'orders.dead', store: memoryStore({ clock }), maxDeliveries: 2, clock }
  const handle = deadLetter<string, TestValue>(options, handler)
  for (let time = 0; time < 2; time++) {
    crashAt('deadLetter.afterCount')
    await expect(handle(order(7, 'innocent'), contextOf())).rejects.toBe(crash)
    await clock.advance(2)
  }
  await handle(order(7, 'innocent'), contextOf())
  expect(handler).not.toHaveBeenCalled()
  expect(producer.last().header(deadLetterHeaders.offset)).toBe('7')
})
