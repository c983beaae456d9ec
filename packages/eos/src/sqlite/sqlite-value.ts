/**
 * What goes into SQLite and what comes out, the same over all drivers: whole numbers are stored as integers, and come back as
 * numbers, or as bigints beyond 2^53.
 */
import type { Value } from '../store/row-store.js'
import { invalidParameter } from '../store/store-error.js'

export type SqliteValue = Value

/** As the drivers take it. */
export type BoundValue = string | number | bigint | null | Uint8Array

/** By column. */
export type SqliteRow = Record<string, string | number | bigint | null | Uint8Array>

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

/** Throws here what a driver may answer by ending the process. */
export function boundValues(values: readonly SqliteValue[]): readonly BoundValue[] {
  return values.map((value: unknown, index) => {
    if (value === null || typeof value === 'string' || value instanceof Uint8Array) return value
    if (typeof value === 'boolean') return value ? 1n : 0n
    if (typeof value === 'bigint' && value >= LEAST && value <= MOST) return value
    if (typeof value === 'number' && Number.isFinite(value)) return Number.isSafeInteger(value) ? BigInt(value) : value
    throw invalidParameter(index, value)
  })
}

export function readRow(row: unknown): SqliteRow {
  return Object.fromEntries(Object.entries(row as object).map(([column, value]) => [column, readValue(value)]))
}

function readValue(value: string | number | bigint | null | Uint8Array | ArrayBuffer): SqliteRow[string] {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  // What libsql makes of a blob.
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value
}
