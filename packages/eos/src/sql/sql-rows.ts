/**
 * Statements on tables by column: names are quoted, values are bound. Null is looked for as null; anything else by `=`, which
 * finds its way by an index.
 */
import type { Row, Value } from '../store/row-store.js'
import type { SqlRow } from './sql-connection.js'

interface Naming {
  quoted(name: string): string
  /** A `?`, or an expression with one. */
  place(value: Value): string
}

export interface BoundStatement {
  readonly sql: string
  readonly values: readonly Value[]
}

/** A table may be named with its schema: `shop.entries`. */
export function quotedTable(naming: Naming, table: string): string {
  return table
    .split('.')
    .map(part => naming.quoted(part))
    .join('.')
}

export function conditions(naming: Naming, row: Row): BoundStatement {
  const entries = Object.entries(row)
  const tests = entries.map(
    ([column, value]) => `${naming.quoted(column)} ${value === null ? 'IS NULL' : `= ${naming.place(value)}`}`,
  )
  return { sql: tests.join(' AND '), values: entries.map(([, value]) => value).filter(value => value !== null) }
}

export function insertion(naming: Naming, table: string, row: Row): BoundStatement {
  const columns = Object.keys(row)
  const names = columns.map(column => naming.quoted(column)).join(', ')
  const places = Object.values(row)
    .map(value => naming.place(value))
    .join(', ')
  return { sql: `INSERT INTO ${quotedTable(naming, table)} (${names}) VALUES (${places})`, values: Object.values(row) }
}

export function selection(naming: Naming, table: string, key: Row): BoundStatement {
  const where = conditions(naming, key)
  return { sql: `SELECT * FROM ${quotedTable(naming, table)} WHERE ${where.sql}`, values: where.values }
}

export function update(
  naming: Naming,
  table: string,
  key: Row,
  { expected, set }: { readonly expected: Row; readonly set: Row },
): BoundStatement {
  const assignments = Object.entries(set)
    .map(([column, value]) => `${naming.quoted(column)} = ${naming.place(value)}`)
    .join(', ')
  const [byKey, byExpected] = [conditions(naming, key), conditions(naming, expected)]
  const where = [byKey.sql, byExpected.sql].filter(test => test !== '').join(' AND ')
  return {
    sql: `UPDATE ${quotedTable(naming, table)} SET ${assignments} WHERE ${where}`,
    values: [...Object.values(set), ...byKey.values, ...byExpected.values],
  }
}

/** What a driver gives as a date, or as parsed JSON, is compared as text. */
export function rowOf(row: SqlRow): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, comparableOf(value)]))
}

function comparableOf(value: unknown): Value {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return value
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : (value as Value)
}

export function bytesOf(row: SqlRow | undefined, column: string): Uint8Array | undefined {
  const value = row?.[column]
  return value instanceof Uint8Array ? value : undefined
}
