/**
 * The cases of RowStore, on a table of the store under test.
 */
import { deepEqual, equal, rejects } from 'node:assert/strict'
import { matches, type Row, type RowStore } from '../store/row-store.js'
import { caseOf, type StoreCase, type StoreUnderTest } from './store-case.js'

function tableOf({ table }: StoreUnderTest<'rows'>): string {
  if (table !== undefined) return table
  throw new Error('the cases of rows need a table')
}

function insert(store: RowStore<unknown>, table: string, id: string, row: Row): Promise<Row | undefined> {
  return store.transaction(tx => store.insertRow(tx, table, { id }, row))
}

export const rowCases: readonly StoreCase<'rows'>[] = [
  caseOf('rows', 'a row is inserted once, and the one that is there is told', async subject => {
    const { store } = subject
    equal(await insert(store, tableOf(subject), 'a', { amount: 5 }), undefined)
    const known = await insert(store, tableOf(subject), 'a', { amount: 6 })
    equal(known !== undefined && matches(known, { id: 'a', amount: 5 }), true)
  }),
  caseOf('rows', 'an insertion is undone with its transaction', async subject => {
    const { store } = subject
    const attempt = store.transaction(async tx => {
      await store.insertRow(tx, tableOf(subject), { id: 'a' }, { amount: 5 })
      throw new Error('on purpose')
    })
    await rejects(attempt)
    equal(await store.transaction(tx => store.readRow(tx, tableOf(subject), { id: 'a' })), undefined)
  }),
  caseOf('rows', 'a row is changed only while it is as expected', async subject => {
    const { store } = subject
    const table = tableOf(subject)
    await insert(store, table, 'a', { amount: 5 })
    const change = (expected: Row, set: Row): Promise<boolean> =>
      store.transaction(tx => store.updateRow(tx, table, { id: 'a' }, { expected, set }))
    deepEqual([await change({ amount: 5n }, { amount: 7 }), await change({ amount: 5 }, { amount: 8 })], [true, false])
    const row = await store.transaction(tx => store.readRow(tx, table, { id: 'a' }))
    equal(row !== undefined && matches(row, { amount: 7 }), true)
  }),
  caseOf('rows', 'null is a value that can be expected', async subject => {
    const { store } = subject
    const table = tableOf(subject)
    await insert(store, table, 'a', { amount: 5, note: null })
    const change = { expected: { note: null }, set: { note: 'seen' } }
    const update = (): Promise<boolean> => store.transaction(tx => store.updateRow(tx, table, { id: 'a' }, change))
    deepEqual([await update(), await update()], [true, false])
  }),
  caseOf('rows', 'a row that is not there is not changed', async subject => {
    const { store } = subject
    const change = { expected: {}, set: { amount: 1 } }
    equal(await store.transaction(tx => store.updateRow(tx, tableOf(subject), { id: 'a' }, change)), false)
  }),
]
