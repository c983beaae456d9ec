/**
 * What each helper finds is counted and told, once, and of the right record.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { KafkaError, ManualClock } from '@samsa/runtime'
import type { ExactlyOncePayload } from '@samsa/runtime/internal'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { dedup } from './dedup.js'
import { ledger } from './ledger.js'
import { memoryStore } from './memory/memory-store.js'
import type { Middleware } from './middleware.js'
import { eosMetrics } from './observation.js'
import { contextOf, recordOf, type TestRecord, type TestValue } from './test-records.js'
import { versionCheck } from './version-check.js'

let told: string[] = []
const listen = (message: unknown): void => {
  const { helper, what, offset } = message as ExactlyOncePayload
  told.push(`${helper} ${what} ${offset}`)
}

beforeEach(() => {
  told = []
  subscribe('samsa:exactly-once', listen)
})

afterEach(() => {
  unsubscribe('samsa:exactly-once', listen)
})

const key = (record: TestRecord) => record.value?.id

/** Hands over a record with each offset in turn; whatever it leads to. */
async function feed(handle: Middleware<string, TestValue>, ...values: readonly TestValue[]): Promise<void> {
  for (const [offset, value] of values.entries())
    await handle(recordOf(value, BigInt(offset)), contextOf()).catch(() => {})
}

test('dedup in a transaction', async () => {
  const before = { ...eosMetrics().dedup }
  const handle = dedup({ store: memoryStore(), key }, ({ value }) => {
    if (value?.text === 'broken') throw new Error('broken')
  })
  await feed(handle, { id: 'a' }, { id: 'a' }, { id: 'a', text: 'other' }, { id: 'b', text: 'broken' }, {})
  expect(told).toEqual(['dedup processed 0', 'dedup duplicate 1', 'dedup mismatch 2'])
  const { processed = 0, duplicate = 0, mismatch = 0 } = eosMetrics().dedup ?? {}
  expect([
    processed - (before.processed ?? 0),
    duplicate - (before.duplicate ?? 0),
    mismatch - (before.mismatch ?? 0),
  ]).toEqual([1, 1, 1])
})

test('dedup under a lease', async () => {
  const clock = new ManualClock()
  const store = memoryStore({ clock })
  const options = { store, key, leaseMs: 900, clock, onBusy: 'fail' } as const
  let finish: () => void = () => {}
  const slow = dedup(options, () => new Promise<void>(resolve => (finish = resolve)))
  const quick = dedup(options, () => {})
  vi.spyOn(store, 'renew').mockRejectedValue(new Error('down'))
  const first = slow(recordOf({ id: 'a' }, 1n), contextOf()).catch(() => {})
  await clock.advance({ ms: 500 })
  await quick(recordOf({ id: 'a' }, 2n), contextOf()).catch(() => {})
  await clock.advance({ ms: 500 })
  await quick(recordOf({ id: 'a' }, 3n), contextOf())
  await quick(recordOf({ id: 'a' }, 4n), contextOf())
  finish()
  await first
  expect(told).toEqual([
    'dedup busy 2',
    'dedup takeover 3',
    'dedup processed 3',
    'dedup duplicate 4',
    'dedup leaseLost 1',
  ])
})

test('ledger', async () => {
  const handle = ledger<never, string, TestValue>(
    {
      store: memoryStore() as never,
      entries: ({ value }) => [{ table: 'ledger', key: { id: value?.id ?? '' }, row: { text: value?.text ?? '' } }],
    },
    () => {},
  )
  await feed(handle, { id: 'a' }, { id: 'a' }, { id: 'a', text: 'other' }, {})
  expect(told).toEqual(['ledger processed 0', 'ledger duplicate 1', 'ledger mismatch 2'])
})

test('versionCheck', async () => {
  const handle = versionCheck<never, string, TestValue>({
    store: memoryStore() as never,
    table: 'profiles',
    row: () => ({ id: 1 }),
    expected: ({ value }) => BigInt(value?.text ?? 0),
    set: () => ({}),
    key,
  })
  const values = [{ id: 'a' }, { id: 'a' }, { id: 'b' }, { id: 'c', text: '4' }, { id: 'd', text: '1' }]
  await feed(handle, ...values)
  expect(told).toEqual([
    'versionCheck processed 0',
    'versionCheck stale 1',
    'versionCheck conflict 2',
    'versionCheck gap 3',
    'versionCheck processed 4',
  ])
})

test('a store that fails is no finding', async () => {
  const store = memoryStore()
  vi.spyOn(store, 'transaction').mockRejectedValue(new KafkaError('down', { code: 'STORE_FAILED', retriable: true }))
  await feed(
    dedup({ store, key }, () => {}),
    { id: 'a' },
  )
  expect(told).toEqual([])
})
