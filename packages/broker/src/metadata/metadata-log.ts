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
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import type { MetadataStorage } from './metadata-storage.js'
import {
  firstSnapshot,
  newestSnapshot,
  readQuorumEpoch,
  snapshotFile,
  snapshotRecords,
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
  #isLeading = false

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

  /** Begins to lead, in a term of its own. */
  startTerm(voter: Voter): void {
    invariant(!this.#isLeading, 'the term has started')
    const { storage, fileSystem, directory, clock } = this.#options
    const isFirstTerm = this.isEmpty
    this.#leaderEpoch++
    writeQuorumState(fileSystem, directory, voter.nodeId, this.#leaderEpoch)
    if (isFirstTerm && newestSnapshot(fileSystem.list(directory)) === undefined) {
      fileSystem.writeFileAtomically(`${directory}/${snapshotFile(0, 0)}`, firstSnapshot(voter, clock.now()))
    }
    storage.append(termStartBatch(voter, clock.now(), isFirstTerm), this.#leaderEpoch)
    this.#isLeading = true
    if (this.image.isInTransaction) {
      this.append([metadataRecord(abortTransactionRecord, { reason: 'the controller that began it is gone' })])
    }
  }

  /** Writes the records as one batch, takes them into the image, and tells the listeners. Returns the last one's offset. */
  append(records: readonly MetadataRecord[]): number {
    invariant(this.#isLeading, 'nothing is appended to the metadata log before its term starts')
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
    storage.append(builder.close(), this.#leaderEpoch)
    const delta = new MetadataDelta()
    records.forEach((record, index) => {
      this.image.replay(record.value, baseOffset + index, delta)
    })
    for (const listener of this.#listeners) listener(delta)
    return baseOffset + records.length - 1
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
    if (snapshot !== undefined) {
      const bytes = fileSystem.readFile(`${directory}/${snapshot.file}`)
      for (const value of snapshotRecords(bytes, snapshot.file)) this.image.replay(value, snapshot.endOffset - 1)
      this.#leaderEpoch = Math.max(this.#leaderEpoch, snapshot.epoch)
    }
    for (const batch of storage.batches()) {
      this.#leaderEpoch = Math.max(this.#leaderEpoch, batch.leaderEpoch)
      if (batch.nextOffset > from && !batch.isControl) this.#replayBatch(batch, from)
    }
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
