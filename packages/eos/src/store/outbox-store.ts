/**
 * OutboxStore: records that are to be sent, kept in the database of the results and written by the same commit. A relay reads
 * them, sends them, and removes what was sent; nothing is ever skipped, because nobody remembers a place to read on from.
 */
import type { TxStore } from './tx-store.js'

/** A record as it will be sent. */
export interface OutboxRecord {
  /**
   * Chosen at random by who puts it, at most 64 characters, and its own for ever: a sequence may come again when a database
   * was made anew or brought back from a copy, an id does not.
   */
  readonly id: string
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

/** Which record is meant: both must fit. */
export interface OutboxPlace {
  /** Given by the database when the record was put; never given twice while the database lives. */
  readonly sequence: bigint
  readonly id: string
}

export interface WaitingRecord extends OutboxRecord, OutboxPlace {
  /** When it was put, in milliseconds since 1970, by the clock of the store. */
  readonly putAt: number
}

/** What waits in a lane that is not empty. */
export interface WaitingInLane {
  readonly lane: number
  readonly records: number
  /** How long the oldest of them has waited, by the clock of the store. */
  readonly oldestAgeMs: number
}

export interface OutboxStore<Tx> extends TxStore<Tx> {
  /** In the order of the array. */
  putInOutbox(tx: Tx, lane: OutboxLane, records: readonly OutboxRecord[]): Promise<void>
  /**
   * Those of the lane that are committed, the smallest sequences first, at most `limit`. A record that is committed later with
   * a smaller sequence is found by a later call. What was removed before the call is not among them: no replica may answer.
   */
  readOutbox(lane: OutboxLane, limit: number): Promise<readonly WaitingRecord[]>
  /** In one transaction; those that are gone already are no error. How many there were. */
  removeFromOutbox(lane: OutboxLane, records: readonly OutboxPlace[]): Promise<number>
  /** Of each lane of the box in which something waits, in the order of lanes. */
  waitingInOutbox(box: string): Promise<readonly WaitingInLane[]>
}
