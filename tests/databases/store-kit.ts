/**
 * The store kit on a store whose clock is a server's: time passes by making everything that is stored older.
 */
import type { SqlStore } from '@samsa/eos/postgres'
import { type Contract, type StoreUnderTest, storeCases } from '@samsa/eos/store-tests'
import { stretched } from './stretched-store.js'

/** A table for the cases of rows. */
export const TABLE = 'entries'

const TABLES = ['eos_once', 'eos_leases', 'eos_offsets', 'eos_outbox', TABLE]

/** `store` with nothing in it. */
export async function emptied(store: SqlStore): Promise<StoreUnderTest<Contract>> {
  await store.transaction(async tx => {
    for (const table of TABLES) await tx.run(`DELETE FROM ${table}`)
  })
  return { ...stretched(store, ms => makeOlder(store, ms)), table: TABLE }
}

export async function makeOlder(store: SqlStore, ms: number): Promise<void> {
  await store.transaction(async tx => {
    await tx.run(`UPDATE eos_once SET expires_at = expires_at - ${ms}`)
    await tx.run(`UPDATE eos_leases SET expires_at = expires_at - ${ms}, lease_until = lease_until - ${ms}`)
    await tx.run(`UPDATE eos_outbox SET put_at = put_at - ${ms}`)
  })
}

export { storeCases }
