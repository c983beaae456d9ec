/**
 * A log that is compacted again and again, against a model that remembers every record: random keys, tombstones, producers
 * with and without sequences, transactions, passes with little memory, crashes and restarts, all from one seed. Whatever
 * is in the log was written, and what the model says a reader must find is there.
 */
import {
  LogCleaner,
  type LogConfig,
  logConfigOf,
  MemoryFileSystem,
  PartitionLog,
  RecentBatches,
  topicConfigs,
} from '@samsa/broker/internal'
import { BatchBuilder, batchesIn, endTransactionBatch, endTransactionOf, RecordBatch } from '@samsa/protocol'
import { ManualClock, type Random, SeededRandom, silentLogger } from '@samsa/runtime'
import { BufferPool } from '@samsa/runtime/internal'

const BUFFERS = new BufferPool()

const DIRECTORY = '/data/model-0'
const EXPIRATION_MS = 60_000
const TRANSACTIONAL_FROM = 20
/** How far back in time a record may be written. */
const LONGEST_AGE_MS = 50

interface Written {
  readonly offset: number
  readonly key: string
  readonly value: string | null
  readonly timestamp: number
  /** How many passes were over when it was written. */
  readonly passesBefore: number
  fate: 'stable' | 'open' | 'aborted'
}

interface Producer {
  readonly id: number
  epoch: number
  nextSequence: number
  /** Of its open transaction. */
  open: Written[]
}

interface Found {
  readonly offset: number
  readonly key: string
  readonly value: string | null
  readonly timestamp: number
}

export class CompactionModel {
  readonly #random: Random
  readonly #clock = new ManualClock()
  readonly #config: LogConfig
  readonly #written = new Map<number, Written>()
  readonly #producers: Producer[]
  /** When each pass began. */
  readonly #passes: number[] = []
  #files = new MemoryFileSystem()
  #log: PartitionLog
  #values = 0

  constructor(seed: number | string) {
    this.#random = new SeededRandom(seed)
    this.#config = {
      ...logConfigOf(name => topicConfigs.get(name)?.default ?? ''),
      cleanupPolicy: { delete: false, compact: true },
      minCleanableDirtyRatio: 0,
      segmentBytes: this.#random.integer(600, 4000),
      indexIntervalBytes: this.#random.integer(0, 400),
      deleteRetentionMs: this.#random.integer(0, 3) * 2000,
      minCompactionLagMs: this.#random.integer(0, 3) === 0 ? 500 : 0,
      fileDeleteDelayMs: 100,
    }
    this.#producers = [1, 2, 3, TRANSACTIONAL_FROM, TRANSACTIONAL_FROM + 1].map(id => newProducer(id))
    this.#log = this.#open(true, undefined, 0)
  }

  async step(): Promise<void> {
    const draw = this.#random.integer(0, 100)
    if (draw < 62) this.#append()
    else if (draw < 72) this.#endTransaction()
    else if (draw < 80) this.#log.roll()
    else if (draw < 86) await this.#clock.advance(this.#random.integer(1, 3000))
    else if (draw < 95) await this.#compact()
    else if (draw < 97) await this.#restart()
    else if (draw < 99) this.#crash()
    else this.#log.expireProducers()
  }

  /** Throws what is wrong. */
  async check(): Promise<void> {
    const found = await this.#read()
    for (const record of found) this.#mustBeWritten(record)
    this.#mustHaveWhatCounts(found)
    this.#mustBeCompacted(found)
    const state = (records: Iterable<Found>): string => JSON.stringify([...stateOf(records)].sort())
    const expected = state([...this.#written.values()].filter(record => this.#counts(record)))
    const actual = state(await this.#readCommitted())
    if (actual !== expected) throw new Error(`the state of the keys is ${actual}, not ${expected}`)
  }

  #open(isCleanStop: boolean, cleanedTo: number | undefined, recoveryPoint: number): PartitionLog {
    return PartitionLog.open({
      fileSystem: this.#files,
      directory: DIRECTORY,
      topic: 'model',
      partition: 0,
      topicId: 'Tn6lmnAJQO2QrQuqVKJNeQ',
      config: this.#config,
      clock: this.#clock,
      random: new SeededRandom(1),
      recentBatches: new RecentBatches(BUFFERS, this.#random.integer(0, 3) * 4000),
      isCleanStop,
      recoveryPoint,
      logStartOffset: 0,
      cleanedTo,
      buffers: BUFFERS,
      producerIdExpirationMs: EXPIRATION_MS,
    })
  }

  #append(): void {
    const producer = this.#random.integer(0, 3) === 0 ? undefined : this.#oneOf(this.#producers)
    const isTransactional = producer !== undefined && producer.id >= TRANSACTIONAL_FROM
    const builder = new BatchBuilder({ compression: this.#random.integer(0, 4) === 0 ? 1 : 0 })
    const records = Array.from(
      { length: this.#random.integer(1, 5) },
      (): Written => ({
        offset: this.#log.logEndOffset + builder.recordCount,
        ...this.#appendRecord(builder),
        passesBefore: this.#passes.length,
        fate: isTransactional ? 'open' : 'stable',
      }),
    )
    const stamp = producer && {
      producerId: producer.id,
      producerEpoch: producer.epoch,
      baseSequence: producer.nextSequence,
    }
    const bytes = builder.close({ isTransactional, ...(stamp === undefined ? {} : { producer: stamp }) })
    this.#log.append(bytes, { leaderEpoch: 0, origin: 'client' })
    this.#log.advanceHighWatermark(this.#log.logEndOffset)
    for (const record of records) this.#written.set(record.offset, record)
    if (producer === undefined) return
    producer.nextSequence += records.length
    if (isTransactional) producer.open.push(...records)
  }

  #appendRecord(builder: BatchBuilder): { key: string; value: string | null; timestamp: number } {
    const key = `k${this.#random.integer(0, 12)}`
    const value =
      this.#random.integer(0, 5) === 0 ? null : `v${this.#values++}`.padEnd(this.#random.integer(1, 60), '.')
    const timestamp = this.#clock.now() - this.#random.integer(0, LONGEST_AGE_MS)
    builder.append(timestamp, key, value)
    return { key, value, timestamp }
  }

  /** A marker also where there was no transaction, as after a coordinator's restart. */
  #endTransaction(): void {
    const producer = this.#oneOf(this.#producers.filter(({ id }) => id >= TRANSACTIONAL_FROM))
    const isCommit = this.#random.integer(0, 2) === 0
    const bytes = endTransactionBatch({
      producerId: producer.id,
      producerEpoch: producer.epoch,
      coordinatorEpoch: 1,
      isCommit,
      timestamp: this.#clock.now(),
    })
    this.#log.append(bytes, { leaderEpoch: 0, origin: 'coordinator' })
    this.#log.advanceHighWatermark(this.#log.logEndOffset)
    for (const record of producer.open) record.fate = isCommit ? 'stable' : 'aborted'
    producer.open = []
    if (this.#random.integer(0, 4) > 0) return
    producer.epoch++
    producer.nextSequence = 0
  }

  /** With room for any number of keys in a pass, and sometimes stopped in the middle. */
  async #compact(): Promise<void> {
    const settings = {
      backoffMs: 1,
      dedupeBufferBytes: this.#random.integer(1, 30) * 24,
      dedupeLoadFactor: 0.9,
      ioBufferBytes: this.#random.integer(1, 4000),
    }
    const failures: unknown[] = []
    const logger = { ...silentLogger, error: (fields: object) => void failures.push(Reflect.get(fields, 'err')) }
    const cleaner = new LogCleaner({
      clock: this.#clock,
      logger,
      logs: () => [this.#log],
      settings: () => settings,
      checkpoint: () => true,
    })
    this.#passes.push(this.#clock.now())
    const running = cleaner.run()
    if (this.#random.integer(0, 4) === 0) {
      for (let turn = this.#random.integer(0, 20); turn > 0; turn--) await new Promise(resolve => setImmediate(resolve))
      await cleaner.stop()
    }
    await running
    if (failures.length > 0) throw failures[0]
  }

  async #restart(): Promise<void> {
    const before = this.#log.producers.states()
    await this.#log.prepareClose()
    this.#log.close()
    this.#log = this.#open(true, this.#log.cleaning.cleanedTo, 0)
    this.#mustKnow(before)
  }

  /** Files as they are; sometimes without the snapshots of producers, so that the batches must tell all. */
  #crash(): void {
    const before = this.#log.producers.states()
    const { recoveryPoint } = this.#log
    this.#log.discard()
    const areSnapshotsLost = this.#random.integer(0, 3) === 0
    const left = new MemoryFileSystem()
    left.makeDirectory(DIRECTORY)
    for (const name of this.#files.list(DIRECTORY)) {
      if (areSnapshotsLost && name.endsWith('.snapshot')) continue
      left.writeFileAtomically(`${DIRECTORY}/${name}`, this.#files.readFile(`${DIRECTORY}/${name}`))
    }
    this.#files = left
    const { cleanedTo } = this.#log.cleaning
    this.#log = this.#open(false, this.#random.integer(0, 3) === 0 ? undefined : cleanedTo, recoveryPoint)
    if (this.#log.truncatedBytes > 0) throw new Error(`${this.#log.truncatedBytes} bytes were cut off`)
    this.#mustKnow(before)
  }

  /** The producers' last epochs and sequences survive, whatever was compacted; times of records that are gone do not. */
  #mustKnow(before: ReturnType<PartitionLog['producers']['states']>): void {
    const after = new Map(this.#log.producers.states().map(state => [state.producerId, state]))
    for (const state of before) {
      if (this.#clock.now() - state.lastTimestamp >= EXPIRATION_MS - LONGEST_AGE_MS) continue
      const now = after.get(state.producerId)
      const told = [state.producerEpoch, state.lastSequence, state.currentTxnFirstOffset]
      const known = now && [now.producerEpoch, now.lastSequence, now.currentTxnFirstOffset]
      if (`${told}` === `${known}`) continue
      throw new Error(`producer ${JSON.stringify(state)} is ${JSON.stringify(now)} after a restart`)
    }
  }

  async #read(): Promise<Found[]> {
    const found: Found[] = []
    await this.#walk('logEnd', batch => {
      if (!batch.isControl) found.push(...recordsOf(batch))
    })
    return found
  }

  /** As a reader of committed records does it: it leaves out what it is told of, until the marker comes. */
  async #readCommitted(): Promise<Found[]> {
    const found: Found[] = []
    await this.#walk('lastStableOffset', (batch, aborted) => {
      if (batch.isControl) {
        const cursor = batch.records()
        if (cursor.next() && endTransactionOf(cursor)?.isCommit === false) aborted.end(batch)
      } else if (!(batch.isTransactional && aborted.has(batch))) found.push(...recordsOf(batch))
    })
    return found
  }

  async #walk(
    upTo: 'logEnd' | 'lastStableOffset',
    visit: (batch: RecordBatch, aborted: AbortedInFetch) => void,
  ): Promise<void> {
    const end = upTo === 'logEnd' ? this.#log.logEndOffset : this.#log.lastStableOffset
    for (let offset = 0; offset < end; ) {
      const maxBytes = this.#random.integer(1, 3000)
      const { records, abortedTransactions = [] } = await this.#log.read(offset, maxBytes, {
        upTo,
        atLeastOneBatch: true,
      })
      const aborted = new AbortedInFetch(abortedTransactions)
      const before = offset
      for (const each of batchesIn(records)) {
        const batch = new RecordBatch(each.bytes)
        batch.checkCrc()
        visit(batch, aborted)
        offset = batch.nextOffset
      }
      if (offset === before) throw new Error(`nothing can be read at ${offset}, in front of ${end}`)
    }
  }

  #mustBeWritten({ offset, key, value, timestamp }: Found): void {
    const written = this.#written.get(offset)
    if (written?.key === key && written.value === value && written.timestamp === timestamp) return
    throw new Error(`at ${offset} stands ${key}=${value}, and ${JSON.stringify(written)} was written`)
  }

  /** The last record of each key is there, unless it is a tombstone whose time is over; so is all that is not compacted. */
  #mustHaveWhatCounts(found: readonly Found[]): void {
    const offsets = new Set(found.map(({ offset }) => offset))
    const last = new Map<string, Written>()
    for (const record of this.#written.values()) if (record.fate === 'stable') last.set(record.key, record)
    const cleanedTo = this.#log.cleaning.cleanedTo ?? 0
    for (const record of this.#written.values()) {
      const isLast = last.get(record.key) === record
      const mustBeThere = isLast ? !(record.value === null && this.#mayBeOver(record)) : false
      const isOpen = record.fate === 'open'
      if ((mustBeThere || isOpen) && !offsets.has(record.offset)) {
        throw new Error(`${JSON.stringify(record)} is lost; compacted up to ${cleanedTo}`)
      }
    }
  }

  /** The first pass after it gives a tombstone its time, and a later one may remove it. */
  #mayBeOver({ passesBefore }: Written): boolean {
    const first = this.#passes[passesBefore]
    const latest = this.#passes.at(-1)
    if (first === undefined || latest === undefined || this.#passes.length < passesBefore + 1) return false
    return latest >= first + this.#config.deleteRetentionMs
  }

  /** Where the log is compacted, no key stands twice and nothing is left that was aborted. */
  #mustBeCompacted(found: readonly Found[]): void {
    const cleanedTo = this.#log.cleaning.cleanedTo ?? 0
    const seen = new Set<string>()
    for (const { offset, key } of found) {
      if (offset >= cleanedTo) return
      if (this.#written.get(offset)?.fate === 'aborted') throw new Error(`${key} at ${offset} was aborted`)
      if (seen.has(key)) throw new Error(`${key} stands twice below ${cleanedTo}, at ${offset} again`)
      seen.add(key)
    }
  }

  #counts({ fate, offset }: Written): boolean {
    return fate === 'stable' && offset < this.#log.lastStableOffset
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.#random.integer(0, items.length)]
    if (item === undefined) throw new RangeError('there is nothing to choose from')
    return item
  }
}

/** What a reader knows of aborted transactions while it goes through one answer. */
class AbortedInFetch {
  readonly #coming: { readonly producerId: number; readonly firstOffset: number }[]
  readonly #producers = new Set<number>()

  constructor(transactions: readonly { readonly producerId: number; readonly firstOffset: number }[]) {
    this.#coming = transactions.toSorted((left, right) => left.firstOffset - right.firstOffset)
  }

  has(batch: RecordBatch): boolean {
    this.#beginUpTo(batch.lastOffset)
    return this.#producers.has(batch.producerId)
  }

  end(marker: RecordBatch): void {
    this.#beginUpTo(marker.lastOffset)
    this.#producers.delete(marker.producerId)
  }

  #beginUpTo(offset: number): void {
    for (let next = this.#coming[0]; next !== undefined && next.firstOffset <= offset; next = this.#coming[0]) {
      this.#producers.add(next.producerId)
      this.#coming.shift()
    }
  }
}

function recordsOf(batch: RecordBatch): Found[] {
  const found: Found[] = []
  for (const cursor = batch.records(); cursor.next(); ) {
    const { offset, timestamp } = cursor
    found.push({ offset, key: cursor.keyText() ?? '', value: cursor.valueText(), timestamp })
  }
  return found
}

function stateOf(records: Iterable<Found>): Map<string, string> {
  const state = new Map<string, string>()
  for (const { key, value } of records) {
    if (value === null) state.delete(key)
    else state.set(key, value)
  }
  return state
}

function newProducer(id: number): Producer {
  return { id, epoch: 0, nextSequence: 0, open: [] }
}
