/**
 * OutboxStore: records that are to be sent, kept in the database of the results and written by the same commit. A relay reads
 * them, sends them, and removes what was sent; nothing is ever skipped, because nobody remembers a place to read on from.
 */
import type { TxStore } from './tx-store.js'

/** A record as it will be sent. */
export interface OutboxRecord {
  readonly topic: string
  /** Undefined leaves it to the producer. */
  readonly partition?: number | undefined
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[]
}

/** Records of one lane are sent in the order of their sequences. */
export interface OutboxLane {
  readonly box: string
  readonly lane: number
}

export interface WaitingRecord extends OutboxRecord {
  /** Given by the database when the record was put; never given twice. */
  readonly sequence: bigint
  /** When it was put, in milliseconds since 1970, by the clock of the store. */
  readonly putAt: number
}

export interface OutboxStore<Tx> extends TxStore<Tx> {
  /** In the order of the array. */
  putInOutbox(tx: Tx, lane: OutboxLane, records: readonly OutboxRecord[]): Promise<void>
  /** Those of the lane that are committed, the smallest sequences first, at most `limit`. */
  readOutbox(lane: OutboxLane, limit: number): Promise<readonly WaitingRecord[]>
  /** In one transaction; those that are gone already are no error. How many there were. */
  removeFromOutbox(lane: OutboxLane, sequences: readonly bigint[]): Promise<number>
}
