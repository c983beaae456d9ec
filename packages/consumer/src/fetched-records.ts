/**
 * FetchedRecords: what one fetch brought of one partition, and how far it is handed out. Headers of batches are read when
 * it comes, to know where the next fetch begins; a batch is checked and decompressed when the application gets to it.
 *
 * The partition's position moves with each record that is handed out, and over what nobody gets: markers, aborted
 * records, offsets that compaction has emptied.
 */
import type { Serde } from '@samsa/client/internal'
import { type AnyBatch, batchesIn, MessageSet, type RecordCursor } from '@samsa/protocol'
import { KafkaError, RecordTooLargeError } from '@samsa/runtime'
import { ConsumerRecord, type RecordSource, type TimestampType } from './consumer-record.js'
import { type AbortedTransaction, AbortedTransactions } from './isolation.js'
import { NO_EPOCH, type PartitionState } from './subscription-state.js'
import { nameOf } from './topic-partition.js'

export interface ReadingOptions {
  readonly checkCrcs: boolean
  readonly keySerde: Serde<unknown> | undefined
  readonly valueSerde: Serde<unknown> | undefined
}

export class FetchedRecords {
  readonly state: PartitionState
  readonly generation: number
  /** Behind the last batch; where the next fetch begins. */
  readonly nextOffset: number
  /** Of the last batch. */
  readonly lastEpoch: number
  readonly #options: ReadingOptions
  readonly #aborted: AbortedTransactions
  #batches: AnyBatch[] = []
  /** Of the bytes behind the batches that could be told apart. */
  readonly #malformed: unknown
  #bytes = 0
  #cursor: RecordCursor | undefined
  #source: RecordSource | undefined

  constructor(
    state: PartitionState,
    data: Uint8Array,
    aborted: readonly AbortedTransaction[],
    options: ReadingOptions,
  ) {
    this.state = state
    this.generation = state.generation
    this.#options = options
    this.#aborted = new AbortedTransactions(aborted)
    let nextOffset = state.fetchOffset
    let lastEpoch = NO_EPOCH
    try {
      for (const batch of batchesIn(data)) {
        // The broker sends whole batches, so the first may begin, and old formats end, before what was asked for.
        if (batch.lastOffset < state.fetchOffset) continue
        this.#batches.push(batch)
        this.#bytes += batch.bytes.length
        nextOffset = Math.max(nextOffset, batch.nextOffset)
        if (!(batch instanceof MessageSet)) lastEpoch = batch.leaderEpoch
      }
    } catch (error) {
      this.#malformed = error
    }
    this.nextOffset = nextOffset
    this.lastEpoch = lastEpoch
    if (this.#batches.length === 0 && this.#malformed === undefined && data.length > 0 && isCut(data)) {
      this.#malformed = tooLarge(state, data.length)
    }
  }

  /** Of batches that are not handed out to their end. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0 && this.#malformed === undefined
  }

  /** The next record, or undefined behind the last. Throws a KafkaError where the bytes are damaged, and again. */
  next(): ConsumerRecord<unknown, unknown> | undefined {
    const { state } = this
    try {
      for (;;) {
        const cursor = this.#cursor ?? this.#enter()
        if (cursor === undefined) return undefined
        if (!cursor.next()) this.#leave()
        else if (cursor.offset >= state.position && this.#source !== undefined) {
          state.handedOut(cursor.offset + 1, this.#source.leaderEpoch)
          return new ConsumerRecord(this.#source, cursor)
        }
      }
    } catch (cause) {
      throw unreadable(state, cause)
    }
  }

  /** Takes what is left out of the answer that it came in, so that this can go when its other parts have. */
  detach(): void {
    // The batch under way is entered again, and what is handed out of it passed over.
    this.#cursor = undefined
    this.#source = undefined
    this.#batches = this.#batches.flatMap(batch => [...batchesIn(Buffer.from(batch.bytes))])
  }

  /** The cursor of the next batch that has something for the application; undefined when there is none. */
  #enter(): RecordCursor | undefined {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      if (this.#options.checkCrcs) batch.checkCrc()
      if (batch instanceof MessageSet) return this.#begin(batch, 0, NO_EPOCH)
      const isAborted = this.#aborted.includes(batch)
      if (!isAborted && !batch.isControl) return this.#begin(batch, batch.baseOffset, batch.leaderEpoch)
      this.#leave()
    }
    if (this.#malformed !== undefined) throw this.#malformed
    return undefined
  }

  #begin(batch: AnyBatch, baseOffset: number, leaderEpoch: number): RecordCursor {
    const { keySerde, valueSerde } = this.#options
    const cursor = batch.records()
    const timestampType = timestampTypeOf(batch)
    const { bytes } = cursor
    const lies = { bytes, memory: bytes.buffer, memoryOffset: bytes.byteOffset }
    this.#source = { place: this.state.place, ...lies, baseOffset, leaderEpoch, timestampType, keySerde, valueSerde }
    this.#cursor = cursor
    return cursor
  }

  /** Behind a batch reading goes on at its last offset, whatever records it still had. */
  #leave(): void {
    const batch = this.#batches.shift()
    this.#cursor = undefined
    if (batch === undefined) return
    this.#bytes -= batch.bytes.length
    const epoch = batch instanceof MessageSet ? NO_EPOCH : batch.leaderEpoch
    if (batch.nextOffset > this.state.position) this.state.handedOut(batch.nextOffset, epoch)
  }
}

function timestampTypeOf(batch: AnyBatch): TimestampType {
  if (batch.magic === 0) return 'none'
  return batch.isLogAppendTime ? 'logAppendTime' : 'createTime'
}

/** Not one batch lies whole in it. */
function isCut(data: Uint8Array): boolean {
  return batchesIn(data).next().done === true
}

function tooLarge(state: PartitionState, bytes: number): KafkaError {
  const { topic, partition } = state
  return new RecordTooLargeError(
    `The batch at offset ${state.fetchOffset} of ${nameOf(state)} does not fit into the ${bytes} bytes that came. Raise maxPartitionFetchBytes.`,
    { topic, partition },
  )
}

function unreadable(state: PartitionState, cause: unknown): KafkaError {
  const { topic, partition, position } = state
  if (cause instanceof RecordTooLargeError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof KafkaError ? cause.code : 'CORRUPT_MESSAGE'
  return new KafkaError(
    `${nameOf(state)} cannot be read at offset ${position}: ${reason}. It is fetched again; seek to an offset behind it to go on without.`,
    { code, topic, partition, cause },
  )
}
