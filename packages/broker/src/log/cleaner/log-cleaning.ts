/**
 * LogCleaning: one log as compaction sees it: how far it was compacted, what its producers and transactions need, and how
 * a compacted segment comes to its place. Made and owned by the log; the cleaner works through it.
 */
import type { FileSystem } from '../../storage/file-system.js'
import type { LogConfig } from '../log-config.js'
import type { LogFiles } from '../log-files.js'
import { abortedBetween } from '../log-reader.js'
import type { ProducerStates } from '../producer-state.js'
import { CLEANED_SUFFIX, Segment } from '../segment.js'
import type { AbortedTransaction } from '../txn-index.js'
import type { LastOfProducer } from './batch-filter.js'
import { type CleanableRange, cleanableRange } from './cleanable-range.js'
import { SegmentSwap } from './segment-swap.js'

/** A pass that cannot go on, and need not: the log is not what it was, or the cleaner stops. */
export class CleaningAborted extends Error {
  override readonly name = 'CleaningAborted'
}

/** What is asked of the log itself. */
export interface CleanedLog {
  readonly config: LogConfig
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly lastStableOffset: number
  readonly isClosed: boolean
  readonly offline: Error | undefined
}

export interface LogCleaningOptions {
  readonly source: { readonly fileSystem: FileSystem; readonly directory: string }
  readonly files: LogFiles
  readonly producers: ProducerStates
  readonly cleanedTo: number | undefined
  /** Readers find something else below the offset from now on. */
  readonly onReplaced: (endOffset: number) => void
  /** For work in the middle of which files and memory disagree. */
  readonly orOffline: (work: () => void) => void
  readonly onFailure: (error: unknown) => void
}

export class LogCleaning {
  readonly #log: CleanedLog
  readonly #options: LogCleaningOptions
  #cleanedTo: number | undefined
  #truncations = 0

  constructor(log: CleanedLog, options: LogCleaningOptions) {
    this.#log = log
    this.#options = options
    this.#cleanedTo = options.cleanedTo
  }

  /** Everything below was compacted; undefined when that never happened. */
  get cleanedTo(): number | undefined {
    return this.#cleanedTo
  }

  /** Changes when the log was cut at its end: a pass that began before must not go on. */
  get truncations(): number {
    return this.#truncations
  }

  get segments(): readonly Segment[] {
    return this.#options.files.segments.all()
  }

  rangeAt(nowMs: number): CleanableRange {
    const { config, logStartOffset, logEndOffset, lastStableOffset } = this.#log
    const { segments } = this
    const offsets = { logStartOffset, logEndOffset, lastStableOffset, cleanedTo: this.#cleanedTo }
    return cleanableRange({ segments, config, ...offsets }, nowMs)
  }

  /** A pass is through: everything below `offset` is compacted. */
  advanceTo(offset: number): void {
    // A cut at the end may have come while the pass waited for the disk.
    this.#cleanedTo = Math.min(offset, this.#log.logEndOffset)
  }

  onTruncated(logEndOffset: number): void {
    this.#truncations++
    if (this.#cleanedTo !== undefined) this.#cleanedTo = Math.min(this.#cleanedTo, logEndOffset)
  }

  /** Whether all of these segments are still the log's, next to each other. */
  holds(segments: readonly Segment[]): boolean {
    return this.#options.files.segments.holds(segments)
  }

  /** The aborted transactions that have records in `[from, to)`. */
  abortedBetween(from: number, to: number): AbortedTransaction[] {
    return abortedBetween(this.#options.files.segments, from, to)
  }

  lastOfProducers(): Map<number, LastOfProducer> {
    const last = new Map<number, LastOfProducer>()
    for (const { producerId, producerEpoch, batches } of this.#options.producers.entries()) {
      last.set(producerId, { producerEpoch, lastDataOffset: batches.at(-1)?.lastOffset ?? -1 })
    }
    return last
  }

  /** Removes what an earlier pass could not: half of a segment must not stand beside the whole one of another pass. */
  removeLeftovers(): void {
    const { fileSystem, directory } = this.#options.source
    for (const name of fileSystem.list(directory)) {
      if (name.endsWith(CLEANED_SUFFIX)) fileSystem.remove(`${directory}/${name}`)
    }
  }

  /**
   * Until the names that the swap before gave are on disk, nothing may be called `.cleaned`: a loss of power could leave that
   * beside the `.swap` of before, which a start would take for one that never was announced.
   */
  async keepNames(): Promise<void> {
    const { fileSystem, directory } = this.#options.source
    await fileSystem.syncDirectory(directory)
  }

  /** An empty segment to write what stays of `first` and those behind it into. As old as the last of them. */
  createCleaned(first: Segment, last: Segment): Segment {
    const { baseOffset } = first
    return Segment.create({ ...this.#options.source, baseOffset, nowMs: last.lastAppendMs, suffix: CLEANED_SUFFIX })
  }

  /** A segment that will not be used: its files go, unless the log is closed and they are not ours any more. */
  dropCleaned(cleaned: Segment): void {
    if (this.#log.isClosed) cleaned.release()
    else cleaned.removeFiles()
  }

  /**
   * Puts `cleaned` in the place of `replaced`, which end where the log goes on at `endOffset`. When it rejects, the log
   * has its old segments, or is offline. `isWanted` is asked as long as there is a way back.
   */
  async swapIn(
    cleaned: Segment,
    replaced: readonly Segment[],
    endOffset: number,
    isWanted: () => boolean,
  ): Promise<void> {
    const { files, source, orOffline, onReplaced, onFailure } = this.#options
    const swap = new SegmentSwap({ ...source, cleaned, replaced, endOffset })
    try {
      await swap.write()
      if (!isWanted()) throw new CleaningAborted()
      files.beginSwap(swap)
      await source.fileSystem.syncDirectory(source.directory)
      // A cut, a removal or the end of the log may have settled it meanwhile.
      if (files.swap !== swap || !isWanted()) throw new CleaningAborted()
    } catch (error) {
      if (!this.#log.isClosed && this.#log.offline === undefined) orOffline(() => takeBack(files, swap))
      throw error
    }
    orOffline(() => files.replaceSegments(swap, this.#log.config.fileDeleteDelayMs, onFailure))
    onReplaced(endOffset)
    try {
      await source.fileSystem.syncDirectory(source.directory)
    } catch (error) {
      if (!this.#log.isClosed) onFailure(error)
      throw error
    }
    swap.keepReplaced()
    if (files.swap === swap && this.#log.offline === undefined) orOffline(() => files.settleSwap())
  }
}

function takeBack(files: LogFiles, swap: SegmentSwap): void {
  if (files.swap === swap) files.settleSwap()
  else swap.removeCleaned()
}
