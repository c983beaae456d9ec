/**
 * OffsetStore: offsets in the database of the results, moved by the same commit. The compare-and-set of `advance` gives the
 * safety; the fence makes an owner that was replaced fail early.
 */
import type { TxStore } from './tx-store.js'

export interface OffsetPlace {
  readonly group: string
  readonly topic: string
  readonly partition: number
}

export interface AcquiredOffset {
  /** Greater than that of every earlier owner. */
  readonly fence: bigint
  /** Where to read on; null when nothing was stored yet. */
  readonly next: bigint | null
}

export interface OffsetMove extends OffsetPlace {
  readonly fence: bigint
  /** What is stored, as this owner knows it. */
  readonly from: bigint | null
  readonly to: bigint
}

export interface OffsetStore<Tx> extends TxStore<Tx> {
  /**
   * Makes the caller the owner. Rejects with INCONSISTENT_TOPIC_ID when the offset was stored for a topic of the same name
   * and another id: its offsets mean nothing any more.
   */
  acquire(place: OffsetPlace, topicId?: string): Promise<AcquiredOffset>
  /** False when the owner or the offset is another: roll back. */
  advance(tx: Tx, move: OffsetMove): Promise<boolean>
}
