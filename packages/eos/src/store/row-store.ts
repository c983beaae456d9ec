/**
 * RowStore: a database whose tables `ledger` and `versionCheck` write for the application. Tables are the application's own,
 * with a unique constraint on the columns of the key; here they are only named.
 */
import type { TxStore } from './tx-store.js'

export type Value = string | number | bigint | boolean | null | Uint8Array

/** Columns and what is in them. */
export type Row = Readonly<Record<string, Value>>

export interface RowStore<Tx> extends TxStore<Tx> {
  /** Writes key and row together and gives undefined; gives the row that is there when there is one with this key. */
  insertRow(tx: Tx, table: string, key: Row, row: Row): Promise<Row | undefined>
  readRow(tx: Tx, table: string, key: Row): Promise<Row | undefined>
  /** Changes the row with this key if its columns are as `expected` says; false if not, or if there is none. */
  updateRow(tx: Tx, table: string, key: Row, change: { readonly expected: Row; readonly set: Row }): Promise<boolean>
}

/** Whether two values are one to a database: whole numbers count by their value, booleans as 1 and 0, bytes by their bytes. */
export function isSameValue(one: Value | undefined, other: Value | undefined): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0
  return comparable(one) === comparable(other)
}

/** Of the columns that `wanted` names, whether `row` has the same in each. */
export function matches(row: Row, wanted: Row): boolean {
  return Object.entries(wanted).every(([column, value]) => isSameValue(row[column], value))
}

function comparable(value: Value | undefined): Value | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}
