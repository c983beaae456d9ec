/**
 * What an error of a driver says of the database, the same over all drivers: another process has it, or memory, disk or file are in
 * trouble. For none of these is the statement to blame.
 */
import type { KafkaError } from '@samsa/runtime'
import { storeFailed, storeReadOnly } from '../store/store-error.js'

/** SQLite's plain codes. */
const CODES = { BUSY: 5, NOMEM: 7, READONLY: 8, IOERR: 10, FULL: 13, CANTOPEN: 14, CONSTRAINT: 19 } as const

export function isBusy(error: unknown): boolean {
  return is('BUSY', error)
}

/** What somebody has written is to blame, also when it shows only at the commit. */
export function isConstraint(error: unknown): boolean {
  return is('CONSTRAINT', error)
}

/** Undefined where the statement may be to blame. */
export function troubleOf(what: string, error: unknown): KafkaError | undefined {
  if (is('READONLY', error)) return storeReadOnly('SQLite', error)
  const isTrouble = (['NOMEM', 'IOERR', 'FULL', 'CANTOPEN'] as const).some(name => is(name, error))
  return isTrouble ? storeFailed(what, error) : undefined
}

function is(name: keyof typeof CODES, error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  // The extended codes of node:sqlite have the plain one in their last byte.
  return (typeof code === 'string' && code.startsWith(`SQLITE_${name}`)) || (Number(errcode) & 0xff) === CODES[name]
}
