/**
 * LeaderEpochs: at which offset each leader's time began in one log. Answers where an epoch ended, which is how clients and
 * replicas notice that what they read was cut off. Owns `leader-epoch-checkpoint`, which is written on every change.
 *
 * A new epoch counts once it is written. What is forgotten is forgotten at once, written or not: a log whose disk is full
 * must be able to give room, and when it is opened again, what lies outside of it is forgotten anew.
 *
 * Invariant: epochs and start offsets both ascend strictly.
 */
import type { FileSystem } from '../storage/file-system.js'
import { StorageError } from '../storage/storage-error.js'
import {
  type EpochEntry,
  epochCheckpoint,
  LEADER_EPOCH_CHECKPOINT,
  readEpochCheckpoint,
  replaceFile,
} from './checkpoints.js'

export const NO_EPOCH = -1

export interface EpochEndOffset {
  /** -1 when nothing is known of the epoch asked for. */
  readonly epoch: number
  readonly endOffset: number
}

export class LeaderEpochs {
  readonly #fileSystem: FileSystem
  readonly #path: string
  #entries: readonly EpochEntry[]
  #isWritten = true
  /** What an earlier process wrote may not be on disk. */
  #isSynced: boolean

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem
    this.#path = `${directory}/${LEADER_EPOCH_CHECKPOINT}`
    this.#isSynced = !fileSystem.exists(this.#path)
    const entries = readEpochCheckpoint(fileSystem, this.#path) ?? []
    this.#entries = entries.filter((entry, index) => {
      const before = entries[index - 1]
      return before === undefined || (entry.epoch > before.epoch && entry.startOffset >= before.startOffset)
    })
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries
  }

  get latest(): number {
    return this.#entries.at(-1)?.epoch ?? NO_EPOCH
  }

  /** The epoch's first record will be at `startOffset`. True when that is news. */
  assign(epoch: number, startOffset: number): boolean {
    if (epoch < 0 || epoch <= this.latest) return false
    this.#replace([...this.#entries.filter(entry => entry.startOffset < startOffset), { epoch, startOffset }])
    return true
  }

  /** The greatest epoch that is not above `epoch`, and where it ended; its end is the log's while it lasts. */
  endOffsetOf(epoch: number, logEndOffset: number): EpochEndOffset {
    if (epoch === NO_EPOCH) return { epoch: NO_EPOCH, endOffset: -1 }
    if (epoch === this.latest) return { epoch, endOffset: logEndOffset }
    const higher = this.#entries.find(entry => entry.epoch > epoch)
    if (higher === undefined) return { epoch: NO_EPOCH, endOffset: -1 }
    const floor = this.#entries.findLast(entry => entry.epoch <= epoch)
    return { epoch: floor?.epoch ?? epoch, endOffset: higher.startOffset }
  }

  /** The epoch in which the record at `offset` was written. */
  epochOf(offset: number): number {
    return this.#entries.findLast(entry => entry.startOffset <= offset)?.epoch ?? NO_EPOCH
  }

  /** The log ends at `endOffset` now. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.#entries.filter(entry => entry.startOffset < endOffset)
    if (kept.length < this.#entries.length) this.#forget(kept)
  }

  /** The log starts at `startOffset` now. The epoch of its first record is kept, as if it had begun there. */
  truncateFromStart(startOffset: number): void {
    const current = this.#entries.findLast(entry => entry.startOffset <= startOffset)
    if (current === undefined || (current === this.#entries[0] && current.startOffset === startOffset)) return
    const later = this.#entries.filter(entry => entry.startOffset > startOffset)
    this.#forget([{ epoch: current.epoch, startOffset }, ...later])
  }

  clear(): void {
    if (this.#entries.length > 0) this.#replace([])
  }

  /** Resolves when what is known now is on disk; the directory's entry is the log's to sync. */
  async sync(): Promise<void> {
    if (!this.#isWritten) this.#replace(this.#entries)
    if (this.#isSynced) return
    this.#isSynced = true
    try {
      const file = this.#fileSystem.open(this.#path)
      await file.sync().finally(() => file.close())
    } catch (error) {
      this.#isSynced = false
      throw error
    }
  }

  #replace(entries: readonly EpochEntry[]): void {
    replaceFile(this.#fileSystem, this.#path, epochCheckpoint(entries))
    this.#entries = entries
    this.#isWritten = true
    this.#isSynced = false
  }

  #forget(kept: readonly EpochEntry[]): void {
    this.#entries = kept
    this.#isWritten = false
    try {
      this.#replace(kept)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
    }
  }
}
