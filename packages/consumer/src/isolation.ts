/**
 * AbortedTransactions: which batches a consumer with `readCommitted` leaves out. A fetch lists the transactions that were
 * aborted, each by its producer and its first offset; the records of one end at the abort marker of that producer. Pure.
 */
import { endTransactionOf, type RecordBatch } from '@samsa/protocol'

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export class AbortedTransactions {
  /** By first offset: not every broker sorts them. */
  readonly #ahead: { readonly producerId: number; readonly firstOffset: number }[]
  /** Producers whose transaction, as far as the batches have come, is one that was aborted. */
  readonly #open = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = aborted
      .map(({ producerId, firstOffset }) => ({ producerId: Number(producerId), firstOffset: Number(firstOffset) }))
      .sort((one, other) => one.firstOffset - other.firstOffset)
  }

  /** Whether the batch is part of an aborted transaction. To be asked of every batch, markers too, in their order. */
  includes(batch: RecordBatch): boolean {
    if (batch.producerId < 0) return false
    for (let next = this.#ahead[0]; next !== undefined && next.firstOffset <= batch.lastOffset; next = this.#ahead[0]) {
      this.#open.add(next.producerId)
      this.#ahead.shift()
    }
    if (!batch.isTransactional || !this.#open.has(batch.producerId)) return false
    if (batch.isControl && isAbort(batch)) this.#open.delete(batch.producerId)
    return true
  }
}

function isAbort(batch: RecordBatch): boolean {
  const records = batch.records()
  return records.next() && endTransactionOf(records)?.isCommit === false
}
