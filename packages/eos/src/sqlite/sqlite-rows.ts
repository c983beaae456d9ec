/**
 * Statements on the application's own tables, for `ledger` and `versionCheck`. Names are quoted, values are bound.
 */
import type { Row } from '../store/row-store.js'
import { noUniqueConstraint, rowNotWritten } from '../store/store-error.js'
import type { SqliteTx } from './sqlite-tx.js'
import type { SqliteRow } from './sqlite-value.js'

export function insertRow(tx: SqliteTx, table: string, key: Row, row: Row): SqliteRow | undefined {
  const all = { ...key, ...row }
  const columns = Object.keys(all).map(quoted).join(', ')
  const places = Object.keys(all)
    .map(() => '?')
    .join(', ')
  // The conflict is named by its columns: another unique constraint that is violated is an error and no duplicate.
  const target = Object.keys(key).map(quoted).join(', ')
  const sql = `INSERT INTO ${quoted(table)} (${columns}) VALUES (${places}) ON CONFLICT (${target}) DO NOTHING`
  try {
    if (tx.run(sql, ...Object.values(all)) > 0) return undefined
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.includes('ON CONFLICT clause does not match')) throw cause
    throw noUniqueConstraint(table, Object.keys(key), cause)
  }
  const known = readRow(tx, table, key)
  if (known === undefined) throw rowNotWritten(table)
  return known
}

export function readRow(tx: SqliteTx, table: string, key: Row): SqliteRow | undefined {
  return tx.get(`SELECT * FROM ${quoted(table)} WHERE ${conditions(key)}`, ...Object.values(key))
}

export function updateRow(
  tx: SqliteTx,
  table: string,
  key: Row,
  { expected, set }: { readonly expected: Row; readonly set: Row },
): boolean {
  const assignments = Object.keys(set)
    .map(column => `${quoted(column)} = ?`)
    .join(', ')
  const sql = `UPDATE ${quoted(table)} SET ${assignments} WHERE ${conditions({ ...key, ...expected })}`
  return tx.run(sql, ...Object.values(set), ...Object.values({ ...key, ...expected })) > 0
}

/** `IS`, which finds null too. */
function conditions(row: Row): string {
  return Object.keys(row)
    .map(column => `${quoted(column)} IS ?`)
    .join(' AND ')
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
