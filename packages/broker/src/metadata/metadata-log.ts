/**
 * MetadataLog: the log that the cluster's metadata is. Reads the newest snapshot and what follows it into the image, and
 * appends what the controller decides, which reaches the image by the same replay. Owner of the image.
 *
 * Everything is synchronous but `sync`: when `append` returns, the records are in the log, in the image, and told to the
 * listeners, in that order.
 */
import { abortTransactionRecord, BatchBuilder, type RecordBatch } from '@samsa/protocol'
import { type Clock, KafkaError } from '@samsa/runtime'
import { invariant } from '@samsa/runtime/internal'
import type { FileSystem } from '../storage/file-system.js'
import { MetadataImage } from './image.js'
import { MetadataDelta } from './image-parts.js'
import { recordsOf } from './image-records.js'
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import type { MetadataStorage } from './metadata-storage.js'
import {
  KRAFT_VERSION,
  kraftVersionIn,
  newestSnapshot,
  readQuorumEpoch,
  snapshotBatches,
  snapshotBytes,
  snapshotFile,
  termStartBatch,
  type Voter,
  writeQuorumState,
} from './quorum-records.js'

/** One append is one batch, so that it is there whole or not at all. Kafka draws the line at the same number. */
export const MAX_RECORDS_PER_APPEND = 10_000

export interface MetadataLogOptions {
  readonly storage: MetadataStorage
  /** Where `directory` lies. */
  readonly fileSystem: FileSystem
  /** That of `__cluster_metadata-0`: for snapshots and the vote; the storage has its own way to the segments. */
  readonly directory: string
  readonly clock: Clock
}

type MetadataListener = (delta: MetadataDelta) => void

export class MetadataLog {
  readonly image: MetadataImage = new MetadataImage()
  readonly #options: MetadataLogOptions
  readonly #listeners = new Set<MetadataListener>()
  #leaderEpoch: number
  /** Set once this node leads. */
  #voter: Voter | undefined
  /** Whether the log itself says who votes. */
  #knowsVoters = false
  /** When the last batch was written. */
  #lastTimestamp = -1
  #bytesSinceSnapshot = 0

  private constructor(options: MetadataLogOptions) {
    this.#options = options
    this.#leaderEpoch = readQuorumEpoch(options.fileSystem, options.directory)
  }

  /** Reads what is there. Nothing can be appended before `startTerm`. */
  static open(options: MetadataLogOptions): MetadataLog {
    const log = new MetadataLog(options)
    log.#replayAll()
    return log
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#options.storage.endOffset
  }

  get isEmpty(): boolean {
    return this.endOffset === 0
  }

  get directory(): string {
    return this.#options.directory
  }

  get sizeBytes(): number {
    return this.#options.storage.sizeBytes
  }

  /** Bytes of batches that no snapshot holds. */
  get bytesSinceSnapshot(): number {
    return this.#bytesSinceSnapshot
  }

  /** Begins to lead, in a term of its own. */
  startTerm(voter: Voter): void {
    invariant(this.#voter === undefined, 'the term has started')
    const { fileSystem, directory, clock } = this.#options
    const isFirstTerm = this.isEmpty
    this.#leaderEpoch++
    writeQuorumState(fileSystem, directory, voter.nodeId, this.#leaderEpoch)
    const timestamp = clock.now()
    if (isFirstTerm && newestSnapshot(fileSystem.list(directory)) === undefined) {
      // Kafka's own formatting of a directory leaves one at offset 0: who votes before there is any log.
      const first = snapshotBytes({ voter, timestamp, lastTimestamp: timestamp, epoch: 0, records: [] })
      fileSystem.writeFileAtomically(`${directory}/${snapshotFile(0, 0)}`, first)
    }
    this.#knowsVoters ||= isFirstTerm
    this.#voter = voter
    this.#append(termStartBatch(voter, timestamp, isFirstTerm), timestamp)
    if (this.image.isInTransaction) {
      this.append([metadataRecord(abortTransactionRecord, { reason: 'the controller that began it is gone' })])
    }
  }

  /** Writes the records as one batch, takes them into the image, and tells the listeners. Returns the last one's offset. */
  append(records: readonly MetadataRecord[]): number {
    invariant(this.#voter !== undefined, 'nothing is appended to the metadata log before its term starts')
    if (records.length === 0) return this.endOffset - 1
    if (records.length > MAX_RECORDS_PER_APPEND) {
      throw new KafkaError(`${records.length} records are more than the ${MAX_RECORDS_PER_APPEND} of one change`, {
        code: 'POLICY_VIOLATION',
      })
    }
    const { storage, clock } = this.#options
    const builder = new BatchBuilder({ capacity: 64 * records.length })
    const timestamp = clock.now()
    for (const record of records) builder.append(timestamp, null, record.value)
    const baseOffset = storage.endOffset
    this.#append(builder.close(), timestamp)
    const delta = new MetadataDelta()
    records.forEach((record, index) => {
      this.image.replay(record.value, baseOffset + index, delta)
    })
    for (const listener of this.#listeners) listener(delta)
    return baseOffset + records.length - 1
  }

  /**
   * Writes all that is known now as a snapshot, from which the next start goes on. Resolves when it is on disk. The log is
   * there first: one that ends before its snapshot would give offsets away that the snapshot has.
   */
  async writeSnapshot(): Promise<void> {
    invariant(!this.image.isInTransaction, 'half of a transaction is in no snapshot')
    const { storage, fileSystem, directory, clock } = this.#options
    // So that a start reads nothing of what the snapshot holds.
    storage.roll()
    const path = `${directory}/${snapshotFile(this.endOffset, this.#leaderEpoch)}`
    const content = snapshotBytes({
      voter: this.#knowsVoters ? this.#voter : undefined,
      timestamp: clock.now(),
      lastTimestamp: this.#lastTimestamp,
      epoch: this.#leaderEpoch,
      records: recordsOf(this.image),
    })
    const bytes = this.#bytesSinceSnapshot
    await storage.sync()
    const beside = `${path}.tmp`
    fileSystem.remove(beside)
    const file = fileSystem.open(beside, { create: true })
    try {
      file.append([content])
      await file.sync()
    } finally {
      file.close()
    }
    fileSystem.rename(beside, path)
    await fileSystem.syncDirectory(directory)
    this.#bytesSinceSnapshot -= bytes
  }

  /** What lies below `offset`, where a snapshot ends, is not needed any more. */
  startAt(offset: number): void {
    this.#options.storage.startAt(offset)
  }

  /** Called after every append, in the order of appends. Returns the call that ends it. */
  onChange(listener: MetadataListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when everything appended before is on disk. */
  sync(): Promise<void> {
    return this.#options.storage.sync()
  }

  #replayAll(): void {
    const { storage, fileSystem, directory } = this.#options
    const snapshot = newestSnapshot(fileSystem.exists(directory) ? fileSystem.list(directory) : [])
    const from = snapshot?.endOffset ?? 0
    if (storage.startOffset > from) {
      throw new KafkaError(
        `the metadata log starts at offset ${storage.startOffset}, and the newest snapshot ends at ${from}: what was between is lost`,
        { code: 'CORRUPT_MESSAGE' },
      )
    }
    if (storage.endOffset < from) {
      throw new KafkaError(
        `the metadata log ends at offset ${storage.endOffset}, and the newest snapshot at ${from}: what was between is lost`,
        { code: 'CORRUPT_MESSAGE' },
      )
    }
    if (snapshot !== undefined) {
      const bytes = fileSystem.readFile(`${directory}/${snapshot.file}`)
      for (const batch of snapshotBatches(bytes, snapshot.file)) {
        if (batch.isControl) this.#noteControl(batch)
        else for (const value of valuesOf(batch)) this.image.replay(value, snapshot.endOffset - 1)
      }
      this.#leaderEpoch = Math.max(this.#leaderEpoch, snapshot.epoch)
    }
    for (const batch of storage.batches(from)) {
      this.#leaderEpoch = Math.max(this.#leaderEpoch, batch.leaderEpoch)
      this.#lastTimestamp = batch.maxTimestamp
      if (batch.nextOffset <= from) continue
      this.#bytesSinceSnapshot += batch.bytes.length
      if (batch.isControl) this.#noteControl(batch)
      else this.#replayBatch(batch, from)
    }
  }

  #noteControl(batch: RecordBatch): void {
    const level = kraftVersionIn(batch)
    if (level !== undefined) this.#knowsVoters = level >= KRAFT_VERSION
  }

  #append(batch: Buffer, timestamp: number): void {
    this.#options.storage.append(batch, this.#leaderEpoch)
    this.#lastTimestamp = timestamp
    this.#bytesSinceSnapshot += batch.length
  }

  #replayBatch(batch: RecordBatch, from: number): void {
    batch.checkCrc()
    const records = batch.records()
    while (records.next()) {
      const value = records.value()
      if (value === null || records.offset < from) continue
      this.image.replay(value, records.offset)
    }
  }
}

function* valuesOf(batch: RecordBatch): Generator<Uint8Array> {
  const records = batch.records()
  while (records.next()) yield records.value() ?? new Uint8Array(0)
}
