/**
 * ProducerStates: what one log knows of the producers that write to it: the last batches of each, by which a batch sent
 * twice or out of order is told, and open transactions, which hold back the last stable offset. Owned by the log; goes
 * into snapshots (`producer-snapshot.ts`) and is rebuilt by replaying batch headers. Works on headers alone.
 *
 * `check` decides and changes nothing; `apply` changes and cannot fail. Between the two the batch is written.
 */
import { addSequence, NO_PRODUCER_EPOCH, NO_SEQUENCE, type RecordBatch, subtractSequence } from '@samsa/protocol'
import { AppendError } from './append-error.js'

/** How many batches a producer may have on their way at once, and so how far back a duplicate is known. */
export const KEPT_BATCHES = 5

const NO_OFFSET = -1
const MAX_EPOCH = 0x7fff
/** The generation of transactions that ends each under an epoch of its own (KIP-890). */
const BUMPING_VERSION = 2
const MAX_SEQUENCE = 0x7fff_ffff

export type AppendOrigin = 'client' | 'coordinator' | 'replication'

export interface ProducerBatch {
  readonly lastSequence: number
  readonly lastOffset: number
  readonly offsetDelta: number
  readonly timestamp: number
}

/** One producer as others may see it. */
export interface ProducerState {
  readonly producerId: number
  readonly producerEpoch: number
  /** -1 while it has written no data in its epoch. */
  readonly lastSequence: number
  readonly lastTimestamp: number
  /** -1 before its first transaction ended. */
  readonly coordinatorEpoch: number
  /** First offset of its open transaction, or -1. */
  readonly currentTxnFirstOffset: number
}

export interface ProducerEntry {
  readonly producerId: number
  producerEpoch: number
  coordinatorEpoch: number
  lastTimestamp: number
  currentTxnFirstOffset: number
  /** Oldest first, at most `KEPT_BATCHES`. */
  readonly batches: ProducerBatch[]
}

/** Producers as a log shows them to others. */
export interface KnownProducers {
  states(): readonly ProducerState[]
  /** Whether the producer has a transaction open in the log, under that epoch. */
  hasOpenTransaction(producerId: number, producerEpoch: number): boolean
}

export interface ProducerCheck {
  readonly origin: AppendOrigin
  /** For a batch that ends a transaction. */
  readonly marker?: TransactionMarker | undefined
  readonly transactionVersion?: number | undefined
}

/** The end of a transaction, read from its marker. */
export interface TransactionMarker {
  readonly isCommit: boolean
  readonly coordinatorEpoch: number
}

export interface CompletedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Where its marker stands. */
  readonly lastOffset: number
  readonly isAborted: boolean
}

/** Of one log. Offsets in the batches that are given must be the log's. */
export class ProducerStates implements KnownProducers {
  readonly #expirationMs: number
  readonly #entries = new Map<number, ProducerEntry>()
  /** First offset → producer, ascending: offsets are only ever added at the end. */
  readonly #open = new Map<number, number>()
  /** Ended behind the high watermark: their records are not stable before the marker is below it. */
  #unstable: CompletedTransaction[] = []

  constructor(expirationMs: number) {
    this.#expirationMs = expirationMs
  }

  get size(): number {
    return this.#entries.size
  }

  /** First offset of the earliest transaction that is open or whose end lies behind the high watermark. */
  get firstUnstableOffset(): number | undefined {
    const open = this.#open.keys().next()
    const ended = this.#unstable[0]?.firstOffset
    if (open.done === true) return ended
    return ended === undefined ? open.value : Math.min(open.value, ended)
  }

  entries(): IterableIterator<ProducerEntry> {
    return this.#entries.values()
  }

  /** For a client's batch: the batch that it repeats, or undefined. */
  findDuplicate(batch: RecordBatch): ProducerBatch | undefined {
    const entry = this.#entries.get(batch.producerId)
    if (entry === undefined || entry.producerEpoch !== batch.producerEpoch) return undefined
    const { baseSequence, lastSequence } = batch
    return entry.batches.find(kept => kept.lastSequence === lastSequence && firstSequenceOf(kept) === baseSequence)
  }

  /** Throws when the batch must not be written. */
  check(batch: RecordBatch, { origin, marker, transactionVersion = 0 }: ProducerCheck): void {
    if (origin === 'replication') return
    const entry = this.#entries.get(batch.producerId)
    if (entry === undefined) {
      if (origin === 'client' && transactionVersion >= BUMPING_VERSION) checkBegin(batch)
      return
    }
    if (marker !== undefined) {
      checkMarkerEpoch(entry, batch, transactionVersion)
      checkCoordinator(entry, marker)
      return
    }
    checkEpoch(entry, batch)
    if (origin === 'client') checkSequence(entry, batch)
    if (entry.currentTxnFirstOffset !== NO_OFFSET && !batch.isTransactional) {
      throw refusal(
        'INVALID_TXN_STATE',
        `producer ${entry.producerId} has an open transaction and sent a batch that is not part of it`,
      )
    }
  }

  hasOpenTransaction(producerId: number, producerEpoch: number): boolean {
    const entry = this.#entries.get(producerId)
    return entry?.producerEpoch === producerEpoch && entry.currentTxnFirstOffset !== NO_OFFSET
  }

  /** Takes in a batch that is in the log now. Returns the transaction that it ended, if there was one open. */
  apply(batch: RecordBatch, marker?: TransactionMarker): CompletedTransaction | undefined {
    const entry = this.#entryFor(batch)
    if (marker !== undefined) return this.#applyMarker(entry, batch, marker)
    if (batch.isControl) return undefined
    if (entry.batches.length === KEPT_BATCHES) entry.batches.shift()
    const { lastOffset, maxTimestamp } = batch
    entry.batches.push({
      lastSequence: batch.lastSequence,
      lastOffset,
      offsetDelta: batch.lastOffsetDelta,
      timestamp: maxTimestamp,
    })
    entry.lastTimestamp = maxTimestamp
    if (batch.isTransactional && entry.currentTxnFirstOffset === NO_OFFSET) {
      entry.currentTxnFirstOffset = batch.baseOffset
      this.#open.set(batch.baseOffset, entry.producerId)
    }
    return undefined
  }

  /** The last stable offset as it was when `completed` ended: what the index of aborted transactions stores. */
  lastStableOffsetAfter(completed: CompletedTransaction): number {
    const open = this.#open.keys().next()
    return open.done === true ? completed.lastOffset + 1 : open.value
  }

  /** Ended transactions up to here are stable. */
  onHighWatermark(highWatermark: number): void {
    if (this.#unstable.length === 0) return
    this.#unstable = this.#unstable.filter(transaction => transaction.lastOffset >= highWatermark)
  }

  /** Forgets producers that have been silent for too long; one with an open transaction never is. */
  expire(nowMs: number): void {
    for (const [producerId, entry] of this.#entries) {
      if (this.#isExpired(entry, nowMs)) this.#entries.delete(producerId)
    }
  }

  /** Puts what a snapshot holds in the place of everything. */
  restore(entries: readonly ProducerEntry[], nowMs: number): void {
    this.clear()
    for (const entry of entries) if (!this.#isExpired(entry, nowMs)) this.#entries.set(entry.producerId, entry)
    const open = [...this.#entries.values()].filter(entry => entry.currentTxnFirstOffset !== NO_OFFSET)
    open.sort((left, right) => left.currentTxnFirstOffset - right.currentTxnFirstOffset)
    for (const entry of open) this.#open.set(entry.currentTxnFirstOffset, entry.producerId)
  }

  clear(): void {
    this.#entries.clear()
    this.#open.clear()
    this.#unstable = []
  }

  states(): ProducerState[] {
    return Array.from(this.#entries.values(), entry => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: lastSequenceOf(entry),
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnFirstOffset: entry.currentTxnFirstOffset,
    }))
  }

  #entryFor(batch: RecordBatch): ProducerEntry {
    const { producerId, producerEpoch } = batch
    const known = this.#entries.get(producerId)
    if (known !== undefined) {
      if (known.producerEpoch !== producerEpoch) {
        known.producerEpoch = producerEpoch
        known.batches.length = 0
      }
      return known
    }
    const entry: ProducerEntry = {
      producerId,
      producerEpoch,
      coordinatorEpoch: -1,
      lastTimestamp: batch.maxTimestamp,
      currentTxnFirstOffset: NO_OFFSET,
      batches: [],
    }
    this.#entries.set(producerId, entry)
    return entry
  }

  #applyMarker(entry: ProducerEntry, batch: RecordBatch, marker: TransactionMarker): CompletedTransaction | undefined {
    const firstOffset = entry.currentTxnFirstOffset
    entry.coordinatorEpoch = marker.coordinatorEpoch
    entry.lastTimestamp = batch.maxTimestamp
    if (firstOffset === NO_OFFSET) return undefined
    entry.currentTxnFirstOffset = NO_OFFSET
    this.#open.delete(firstOffset)
    const completed = {
      producerId: entry.producerId,
      firstOffset,
      lastOffset: batch.lastOffset,
      isAborted: !marker.isCommit,
    }
    this.#unstable.push(completed)
    this.#unstable.sort((left, right) => left.firstOffset - right.firstOffset)
    return completed
  }

  #isExpired(entry: ProducerEntry, nowMs: number): boolean {
    return entry.currentTxnFirstOffset === NO_OFFSET && nowMs - entry.lastTimestamp >= this.#expirationMs
  }
}

/** The sequence of a producer's last record in its epoch, or -1. */
export function lastSequenceOf(entry: ProducerEntry): number {
  return entry.batches.at(-1)?.lastSequence ?? NO_SEQUENCE
}

function firstSequenceOf(batch: ProducerBatch): number {
  return subtractSequence(batch.lastSequence, batch.offsetDelta)
}

function checkEpoch(entry: ProducerEntry, batch: RecordBatch): void {
  if (batch.producerEpoch >= entry.producerEpoch) return
  throw refusal(
    'INVALID_PRODUCER_EPOCH',
    `producer ${entry.producerId} wrote in epoch ${batch.producerEpoch}, and its epoch is ${entry.producerEpoch} by now`,
  )
}

/**
 * A marker of the second generation has an epoch above that of the records, so one that comes late cannot end what its
 * producer has begun since. The same marker may come twice: then nothing is open that it could end.
 */
function checkMarkerEpoch(entry: ProducerEntry, batch: RecordBatch, transactionVersion: number): void {
  checkEpoch(entry, batch)
  if (transactionVersion < BUMPING_VERSION || batch.producerEpoch > entry.producerEpoch) return
  if (entry.currentTxnFirstOffset === NO_OFFSET || batch.producerEpoch === MAX_EPOCH) return
  throw refusal(
    'INVALID_PRODUCER_EPOCH',
    `a marker for producer ${entry.producerId} has the epoch ${batch.producerEpoch} of the transaction that is open`,
  )
}

/** A producer of the second generation that is not known begins anew: what it has sent before is not lost unnoticed. */
function checkBegin({ producerId, baseSequence }: RecordBatch): void {
  if (baseSequence === 0) return
  throw refusal(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `producer ${producerId} sent sequence ${baseSequence}, where nothing is known of it and 0 is first`,
  )
}

function checkCoordinator(entry: ProducerEntry, marker: TransactionMarker): void {
  if (marker.coordinatorEpoch >= entry.coordinatorEpoch) return
  throw refusal(
    'TRANSACTION_COORDINATOR_FENCED',
    `a marker for producer ${entry.producerId} came from coordinator epoch ${marker.coordinatorEpoch}, after one from ${entry.coordinatorEpoch}`,
  )
}

function checkSequence(entry: ProducerEntry, batch: RecordBatch): void {
  const { baseSequence } = batch
  const wanted = expectedSequence(entry, batch.producerEpoch)
  if (wanted === undefined || wanted === baseSequence) return
  const epoch = batch.producerEpoch === entry.producerEpoch ? 'epoch' : 'new epoch'
  throw refusal(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `producer ${entry.producerId} sent sequence ${baseSequence} in ${epoch} ${batch.producerEpoch}, where ${wanted} is next`,
  )
}

/** Undefined where any will do. */
function expectedSequence(entry: ProducerEntry, producerEpoch: number): number | undefined {
  if (entry.producerEpoch === NO_PRODUCER_EPOCH) return undefined
  const last = producerEpoch === entry.producerEpoch ? lastSequenceOf(entry) : NO_SEQUENCE
  return last === MAX_SEQUENCE ? 0 : addSequence(last, 1)
}

function refusal(code: string, message: string): AppendError {
  return new AppendError(message, { code })
}
