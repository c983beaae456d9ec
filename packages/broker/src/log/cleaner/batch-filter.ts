/**
 * BatchFilter: what a compaction leaves of one batch after the other. Decides by record: only the last of its key stays,
 * a tombstone until its delete horizon, nothing of an aborted transaction. Decides by batch: a marker stays until all of
 * its transaction is gone and its horizon has passed; some batches stay without records, since their header says what
 * the log must not forget. Base offset, last offset and sequences of a batch never change. Works on bytes; touches no file.
 */
import { assignMaxTimestamp, BatchBuilder, type BatchClosing, codecById, RecordBatch } from '@samsa/protocol'
import type { AbortedTransaction } from '../txn-index.js'
import type { CleanedTransactions } from './cleaned-transactions.js'

const UNCOMPRESSED = 0

/** The last thing that a producer wrote to the log, as long as the log remembers the producer. */
export interface LastOfProducer {
  readonly producerEpoch: number
  /** -1 when it wrote no data in its epoch. */
  readonly lastDataOffset: number
}

export interface BatchFilterOptions {
  /** Offset of a key's last record, as far as `mappedTo`; -1 for a key that has none there. */
  readonly lastOffsetOf: (key: Uint8Array) => number
  /** Records from here on are kept as they are. */
  readonly mappedTo: number
  readonly transactions: CleanedTransactions
  readonly nowMs: number
  readonly deleteRetentionMs: number
  /** Where the range ends that may be compacted: the batch that ends there is kept. */
  readonly rangeEnd: number
}

/** What one group of segments is compacted with. */
export interface BatchFilterTarget {
  readonly producers: ReadonlyMap<number, LastOfProducer>
  /** Takes in what the index of aborted transactions of the new segment must hold. */
  readonly keepAborted: (transaction: AbortedTransaction) => void
}

export class BatchFilter {
  readonly #options: BatchFilterOptions
  /** One entry a record: 1 where it stays. Grows to the largest batch. */
  #stays = new Uint8Array(1024)

  constructor(options: BatchFilterOptions) {
    this.#options = options
  }

  /** Aborted transactions that have batches among those to come. */
  expectAborted(transactions: readonly AbortedTransaction[]): void {
    this.#options.transactions.expect(transactions)
  }

  /** The batch as it stays: its own bytes where nothing changes; undefined where nothing of it stays. */
  filter(batch: RecordBatch, target: BatchFilterTarget): RecordBatch | undefined {
    const { transactions, nowMs, rangeEnd } = this.#options
    const { isControl, deleteHorizonMs } = batch
    const isUnneeded = isControl
      ? transactions.isMarkerUnneeded(batch, target.keepAborted)
      : transactions.isAborted(batch)
    const isDiscarded = isUnneeded && (!isControl || (deleteHorizonMs !== undefined && deleteHorizonMs <= nowMs))
    const mustStay = batch.nextOffset === rangeEnd || isLastOfProducer(batch, target.producers)
    if (isDiscarded) return mustStay ? emptied(batch) : undefined
    const { kept, hasTombstones } = this.#chooseRecords(batch)
    if (kept === 0) return mustStay ? emptied(batch) : undefined
    const getsHorizon = (hasTombstones || (isControl && isUnneeded)) && deleteHorizonMs === undefined
    if (kept === batch.recordCount && !getsHorizon) return batch
    return this.#rebuilt(batch, getsHorizon ? nowMs + this.#options.deleteRetentionMs : deleteHorizonMs)
  }

  #chooseRecords(batch: RecordBatch): { readonly kept: number; readonly hasTombstones: boolean } {
    const { recordCount, isControl, deleteHorizonMs } = batch
    const { nowMs } = this.#options
    const areTombstonesOver = deleteHorizonMs !== undefined && deleteHorizonMs <= nowMs
    const cursor = batch.records()
    if (this.#stays.length < recordCount) this.#stays = new Uint8Array(recordCount)
    let kept = 0
    let hasTombstones = false
    for (let index = 0; cursor.next(); index++) {
      const isTombstone = cursor.valueBytes < 0
      const stays =
        isControl ||
        cursor.offset >= this.#options.mappedTo ||
        (!(isTombstone && areTombstonesOver) && this.#isLastOfKey(cursor.key(), cursor.offset))
      this.#stays[index] = stays ? 1 : 0
      if (!stays) continue
      kept++
      if (isTombstone) hasTombstones = true
    }
    return { kept, hasTombstones }
  }

  /** A record without a key, from before the topic was compacted, is the last of nothing. */
  #isLastOfKey(key: Uint8Array | null, offset: number): boolean {
    return key !== null && offset >= this.#options.lastOffsetOf(key)
  }

  /** The batch with the chosen records alone. */
  #rebuilt(batch: RecordBatch, deleteHorizonMs: number | undefined): RecordBatch {
    const builder = new BatchBuilder({
      compression: writableCodec(batch.compression),
      capacity: batch.bytes.length,
      ...(deleteHorizonMs === undefined ? {} : { deleteHorizonMs }),
    })
    const cursor = batch.records()
    for (let index = 0; cursor.next(); index++) {
      if (this.#stays[index] === 0) continue
      const { offsetDelta, timestamp } = cursor
      builder.appendAt(offsetDelta, timestamp, cursor.key(), cursor.value(), cursor.headers())
    }
    return new RecordBatch(builder.close(headerOf(batch)))
  }
}

/**
 * The batch whose offset or epoch is the last that the log knows of an active producer: without it, a restart could
 * neither tell a batch sent twice nor fence an old producer.
 */
function isLastOfProducer(batch: RecordBatch, producers: ReadonlyMap<number, LastOfProducer>): boolean {
  const last = batch.producerId < 0 ? undefined : producers.get(batch.producerId)
  if (last === undefined) return false
  if (last.lastDataOffset >= 0) return batch.lastOffset === last.lastDataOffset
  return batch.isControl && batch.producerEpoch === last.producerEpoch
}

/** The header of the batch and no record, as Kafka writes it: without codec and delete horizon. */
function emptied(batch: RecordBatch): RecordBatch {
  const bytes = new BatchBuilder({ capacity: 0 }).close(headerOf(batch))
  assignMaxTimestamp(bytes, batch.maxTimestamp)
  return new RecordBatch(bytes)
}

function headerOf(batch: RecordBatch): BatchClosing {
  const { baseOffset, lastOffsetDelta, leaderEpoch, isTransactional, isControl } = batch
  const { producerId, producerEpoch, baseSequence } = batch
  const producer = { producerId, producerEpoch, baseSequence }
  const header = { baseOffset, lastOffsetDelta, leaderEpoch, isTransactional, isControl, producer }
  return batch.isLogAppendTime ? { ...header, appendTimeMs: batch.maxTimestamp } : header
}

/** Where a codec cannot write on this machine, records stay readable uncompressed. */
function writableCodec(compression: number): number {
  return codecById(compression).canCompress() === true ? compression : UNCOMPRESSED
}
