/**
 * The store kit on a store whose clock is a server's: time passes by making everything that is stored older.
 */
import type { SqlStore } from '@samsa/eos/postgres'
import { type Contract, checkAgainstModel, type StoreUnderTest, storeCases } from '@samsa/eos/store-tests'
import { proofSize } from '../proof-size.js'
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

/** How far the server's clock may go on during a schedule. */
const SLACK_MS = 8_000

/** For as many as a soak asks for. */
export const MODEL_TIMEOUT_MS = 600_000

/** Seeds are drawn as many as SAMSA_MODEL_SEEDS says. */
export async function asTheModel(open: () => Promise<StoreUnderTest>, contracts?: readonly Contract[]): Promise<void> {
  for (let seed = 1; seed <= proofSize('SAMSA_MODEL_SEEDS', 2); seed++) {
    await checkAgainstModel(open, { seed: `server ${seed}`, contracts, slackMs: SLACK_MS })
  }
}

export { storeCases }
