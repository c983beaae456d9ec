/**
 * TxStore: a database in which the record's id and its effects are written by one commit. What a handler does through `tx`
 * happens once for each id, for as long as the row of the id lives; whatever it does past `tx` may happen again.
 */
import type { Store } from './store.js'

/** An id that is to be there once. */
export interface OnceRow {
  /** Whose ids these are: the same key under another scope is another id. */
  readonly scope: string
  readonly key: string
  /** After this time the id counts as new again. */
  readonly ttlMs: number
  /** Kept beside the id, so that another payload under the same id is noticed. */
  readonly fingerprint?: Uint8Array | undefined
}

export type OnceOutcome =
  | { readonly isFresh: true }
  | { readonly isFresh: false; readonly fingerprint: Uint8Array | undefined }

export interface TxStore<Tx> extends Store {
  /**
   * Begins, calls `work`, commits, and gives what `work` gave; rolls back and rejects when it throws. The database's own
   * conflicts are tried again, so `work` may be called more than once. Not to be called inside another transaction of the
   * same store.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Writes the rows that are not there, and tells of each, in their order, whether it was new. */
  insertOnce(tx: Tx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]>
}
