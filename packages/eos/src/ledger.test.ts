import { PayloadMismatchError } from '@samsa/runtime'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { armFailpoint, disarmFailpoint, type FailpointName } from './failpoint.js'
import { type LedgerEntry, ledger } from './ledger.js'
import { memoryStore } from './memory/memory-store.js'
import { MissingIdError } from './record-id.js'
import { sqliteStore } from './sqlite/sqlite-store.js'
import { removeTemporaryFiles, temporaryPath } from './test-files.js'
import { contextOf, recordOf } from './test-records.js'

afterAll(removeTemporaryFiles)

afterEach(disarmFailpoint)

/** The entries of every record are those that the test says. */
function scene(store = memoryStore()) {
  const onDuplicate = vi.fn()
  const handler = vi.fn()
  const handle = (...entries: LedgerEntry[]) =>
    ledger({ store, entries: () => entries, onDuplicate, invariant }, handler)(recordOf({ id: 'a' }), contextOf())
  return { store, onDuplicate, handler, handle }
}

const invariant = (entries: readonly LedgerEntry[]): boolean =>
  entries.reduce((sum, { row }) => sum + Number(row['amount']), 0) === 0
const leg = (account: string, amount: number, transfer = 't1'): LedgerEntry => ({
  table: 'ledger',
  key: { transfer, account },
  row: { amount },
})

test('all legs are written once, and the handler is called once', async () => {
  const { handle, handler, onDuplicate } = scene()
  for (let time = 0; time < 3; time++) await handle(leg('ann', -5), leg('bob', 5))
  expect([handler.mock.calls.length, onDuplicate.mock.calls.length]).toEqual([1, 2])
})

test('the order of the columns of a key means nothing', async () => {
  const { handle, onDuplicate } = scene()
  await handle({ table: 'ledger', key: { a: 1, b: 2 }, row: { amount: 0 } })
  await handle({ table: 'ledger', key: { b: 2, a: 1 }, row: { amount: 0 } })
  expect(onDuplicate).toHaveBeenCalledTimes(1)
})

test.each([
  ['another amount', [leg('ann', -6), leg('bob', 6)]],
  ['a leg that is new behind one that is known', [leg('ann', -5), leg('cem', 5)]],
  ['a leg that is known behind one that is new', [leg('cem', 5), leg('ann', -5)]],
])('%s under a known key is no duplicate, and changes nothing', async (_, entries) => {
  const { handle, handler, store } = scene()
  await handle(leg('ann', -5), leg('bob', 5))
  await expect(handle(...entries)).rejects.toThrow(PayloadMismatchError)
  expect(handler).toHaveBeenCalledTimes(1)
  const cem = store.transaction(tx => store.readRow(tx, 'ledger', { transfer: 't1', account: 'cem' }))
  expect(await cem).toBeUndefined()
})

test('an entry that the database leaves out is not taken for written', async () => {
  const store = sqliteStore(temporaryPath('left-out.db'))
  await store.transaction(async tx => {
    tx.run('CREATE TABLE ledger (id TEXT PRIMARY KEY, amount INTEGER)')
    tx.run('CREATE TRIGGER picky BEFORE INSERT ON ledger BEGIN SELECT raise(IGNORE); END')
  })
  const handler = vi.fn()
  const entries = (): LedgerEntry[] => [{ table: 'ledger', key: { id: 'a' }, row: { amount: 5 } }]
  const handled = ledger({ store, entries }, handler)(recordOf({ id: 'a' }), contextOf())
  await expect(handled).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
  expect(handler).not.toHaveBeenCalled()
  await store.close()
})

test('a handler that throws leaves no leg', async () => {
  const { handle, handler, onDuplicate } = scene()
  handler.mockImplementationOnce(() => {
    throw new Error('on purpose')
  })
  await expect(handle(leg('ann', -5), leg('bob', 5))).rejects.toThrow('on purpose')
  await handle(leg('ann', -5), leg('bob', 5))
  expect([handler.mock.calls.length, onDuplicate.mock.calls.length]).toEqual([2, 0])
})

test.each<[FailpointName, number]>([
  ['ledger.afterInsert', 1],
  ['ledger.afterHandler', 2],
  ['tx.beforeCommit', 2],
  ['tx.afterCommit', 1],
])('a crash at %s neither loses nor doubles', async (name, calls) => {
  const { handle, handler, store } = scene()
  armFailpoint(name, 1, () => {
    throw new Error('crash')
  })
  await expect(handle(leg('ann', -5), leg('bob', 5))).rejects.toThrow('crash')
  await handle(leg('ann', -5), leg('bob', 5))
  expect(handler).toHaveBeenCalledTimes(calls)
  const ann = store.transaction(tx => store.readRow(tx, 'ledger', { transfer: 't1', account: 'ann' }))
  expect(await ann).toMatchObject({ amount: -5 })
})

test('entries that are none, break the invariant or have no key are refused', async () => {
  const { handle, handler } = scene()
  await expect(handle()).rejects.toMatchObject({ code: 'INVALID_ENTRIES' })
  await expect(handle(leg('ann', -5), leg('bob', 6))).rejects.toThrow('break the invariant')
  await expect(handle(leg('', 0))).rejects.toThrow(MissingIdError)
  await expect(handle({ table: 'ledger', key: {}, row: { amount: 0 } })).rejects.toThrow(MissingIdError)
  expect(handler).not.toHaveBeenCalled()
})

test('in SQLite, only a violation of the named key is a duplicate', async () => {
  await using store = sqliteStore(temporaryPath('ledger.db'))
  await store.transaction(async tx => {
    tx.run('CREATE TABLE entries (id TEXT, number INTEGER UNIQUE, amount INTEGER)')
    tx.run('CREATE TABLE keyed (id TEXT PRIMARY KEY, number INTEGER UNIQUE)')
  })
  const handle = (table: string, id: string, row: LedgerEntry['row']) =>
    ledger({ store, entries: () => [{ table, key: { id }, row }] }, () => {})(recordOf({ id }), contextOf())
  await expect(handle('entries', 'a', { amount: 0 })).rejects.toMatchObject({ code: 'NO_UNIQUE_CONSTRAINT' })
  await handle('keyed', 'a', { number: 1 })
  await handle('keyed', 'a', { number: 1 })
  await expect(handle('keyed', 'b', { number: 1 })).rejects.toThrow('UNIQUE constraint failed: keyed.number')
})
