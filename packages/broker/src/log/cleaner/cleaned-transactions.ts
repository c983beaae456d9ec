/**
 * CleanedTransactions: which transaction each batch belongs to, while a compaction walks over a log from its start. Says
 * which batches were aborted and which markers are still needed. One walk owns it; batches come in the order of the log.
 */
import { ControlType, controlTypeOf, type RecordBatch } from '@samsa/protocol'
import type { AbortedTransaction } from '../txn-index.js'

interface OpenAbort {
  readonly transaction: AbortedTransaction
  /** A batch of it is still in the log, with or without records. */
  hasBatches: boolean
}

export class CleanedTransactions {
  /** Not begun yet, by first offset. */
  #coming: AbortedTransaction[] = []
  readonly #aborted = new Map<number, OpenAbort>()
  /** Producers with batches of a transaction that was not aborted, since their last marker. */
  readonly #committed = new Set<number>()

  /** Aborted transactions that have batches further on. One that was told before does no harm. */
  expect(transactions: readonly AbortedTransaction[]): void {
    if (transactions.length === 0) return
    this.#coming = [...this.#coming, ...transactions].sort((left, right) => left.firstOffset - right.firstOffset)
  }

  /** Whether the batch, which holds data, is part of a transaction that was aborted. */
  isAborted(batch: RecordBatch): boolean {
    this.#beginUpTo(batch.lastOffset)
    if (!batch.isTransactional) return false
    const aborted = this.#aborted.get(batch.producerId)
    if (aborted === undefined) {
      this.#committed.add(batch.producerId)
      return false
    }
    aborted.hasBatches = true
    return true
  }

  /**
   * Whether nothing is left of the transaction that the control batch ends, so that the batch may go. Else, where the
   * transaction was aborted, `keep` is given what the index of the marker's new segment must say of it.
   */
  isMarkerUnneeded(batch: RecordBatch, keep: (transaction: AbortedTransaction) => void = () => {}): boolean {
    this.#beginUpTo(batch.lastOffset)
    const cursor = batch.records()
    // A compaction took its record before.
    if (!cursor.next()) return true
    switch (controlTypeOf(cursor)) {
      case ControlType.abort: {
        const aborted = this.#aborted.get(batch.producerId)
        this.#aborted.delete(batch.producerId)
        if (aborted?.hasBatches !== true) return true
        keep(aborted.transaction)
        return false
      }
      case ControlType.commit:
        return !this.#committed.delete(batch.producerId)
      default:
        return false
    }
  }

  #beginUpTo(offset: number): void {
    let begun = 0
    for (const transaction of this.#coming) {
      if (transaction.firstOffset > offset) break
      begun++
      const { producerId } = transaction
      if (!this.#aborted.has(producerId)) this.#aborted.set(producerId, { transaction, hasBatches: false })
    }
    if (begun > 0) this.#coming = this.#coming.slice(begun)
  }
}
