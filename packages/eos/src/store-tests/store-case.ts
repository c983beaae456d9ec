/**
 * What a case of the store tests is, and what it asks of a store under test. A case throws when the store breaks its contract;
 * it belongs to no test runner.
 */
import type { LeaseStore } from '../store/lease-store.js'
import type { OffsetStore } from '../store/offset-store.js'
import type { OutboxStore } from '../store/outbox-store.js'
import type { RowStore } from '../store/row-store.js'
import type { TxStore } from '../store/tx-store.js'

/** The contracts, for stores that keep only some of them. */
export type Contract = 'transactions' | 'leases' | 'offsets' | 'rows' | 'outbox'

export interface ContractStores<Tx = unknown> {
  readonly transactions: TxStore<Tx>
  readonly leases: LeaseStore
  readonly offsets: OffsetStore<Tx>
  readonly rows: RowStore<Tx>
  readonly outbox: OutboxStore<Tx>
}

/** A store with nothing in it, new for every case. */
export interface StoreUnderTest<Name extends Contract = Contract> {
  readonly store: ContractStores[Name]
  /** Lets time pass for the store: by its clock when it takes one, else by waiting. */
  passMs(ms: number): Promise<void> | void
  /**
   * The name of an empty table for the cases of `rows`: columns `id` (unique, text), `amount` (integer, may be null) and `note`
   * (text, may be null).
   */
  readonly table?: string
  /** Ids whose time is over are gone without `prune`, which then has nothing to count. */
  readonly forgetsByItself?: boolean
}

export interface StoreCase<Name extends Contract = Contract> {
  /** A sentence that says what holds. */
  readonly name: string
  readonly contract: Name
  run(subject: StoreUnderTest<Name>): Promise<void>
}

export function caseOf<Name extends Contract>(
  contract: Name,
  name: string,
  run: (subject: StoreUnderTest<Name>) => Promise<void>,
): StoreCase<Name> {
  return { contract, name, run }
}
