/**
 * SegmentSwap: the steps in which one compacted segment takes the place of those it was made of, so that a crash at any of
 * them leaves the old segments or the new one, never some of each. Owns the names of the new segment's files meanwhile; who
 * waits for the disk between the steps, and what readers see, is the log's.
 *
 *     write     `.cleaned`, on disk       a crash leaves the old ones: `.cleaned` is removed
 *     announce  `.cleaned` → `.swap`      once that is on disk, a crash leaves the new one: `.swap` is completed
 *     replace   the old ones → `.deleted`
 *     finish    `.swap` → the log's names, once the step before is on disk
 *
 * How far the new segment reaches cannot be told from its batches: the last ones may be gone. A small file beside it says
 * it, `.replaces.swap`, as long as the old ones may still be there. `leftovers.ts` is the other half of all this.
 */
import type { FileSystem } from '../../storage/file-system.js'
import { CLEANED_SUFFIX, fileNameOf, type Segment, SWAP_SUFFIX } from '../segment.js'

/** Says, in digits, behind which offset those segments end that the one under `.swap` replaces. */
export const REPLACES_SUFFIX = '.replaces'

export interface SegmentSwapOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  /** Complete, under `.cleaned`. */
  readonly cleaned: Segment
  /** Neighbours in the log, the first of which begins where `cleaned` begins. */
  readonly replaced: readonly Segment[]
  /** Where the log goes on behind them. */
  readonly endOffset: number
}

export class SegmentSwap {
  readonly cleaned: Segment
  readonly replaced: readonly Segment[]
  readonly endOffset: number
  readonly #fileSystem: FileSystem
  readonly #directory: string
  #state: 'begun' | 'announced' | 'replaced' | 'kept' | 'over' = 'begun'

  constructor(options: SegmentSwapOptions) {
    this.cleaned = options.cleaned
    this.replaced = options.replaced
    this.endOffset = options.endOffset
    this.#fileSystem = options.fileSystem
    this.#directory = options.directory
  }

  /** Resolves when the new segment is on disk with all that belongs to it. */
  async write(): Promise<void> {
    const { cleaned } = this
    cleaned.seal()
    // So that a start can tell a complete set of files: an index that is missing is one that was not written.
    cleaned.txnIndex.file.materialize()
    await cleaned.sync(true)
    const note = this.#fileSystem.open(this.#notePath(CLEANED_SUFFIX), { create: true })
    try {
      note.truncate(0)
      note.append([Buffer.from(`${this.endOffset}\n`)])
      await note.sync()
    } finally {
      note.close()
    }
    await this.#fileSystem.syncDirectory(this.#directory)
  }

  announce(): void {
    this.#state = 'announced'
    this.#fileSystem.rename(this.#notePath(CLEANED_SUFFIX), this.#notePath(SWAP_SUFFIX))
    this.cleaned.changeSuffix(SWAP_SUFFIX)
  }

  replace(): void {
    this.#state = 'replaced'
    for (const segment of this.replaced) segment.markDeleted()
  }

  /** It is on disk that the old segments are gone. */
  keepReplaced(): void {
    if (this.#state === 'replaced') this.#state = 'kept'
  }

  /**
   * Ends it: finishes what a crash would complete from here on, and takes back all else. Waits for the disk where it ends in
   * the middle, which blocks, and is rare.
   */
  settle(): void {
    if (this.#state === 'replaced') this.#fileSystem.syncDirectoryNow(this.#directory)
    if (this.#state === 'replaced' || this.#state === 'kept') this.#finish()
    else if (this.#state !== 'over') this.removeCleaned()
  }

  /** The old segments stay. Nothing of the new one is left. */
  removeCleaned(): void {
    const wasAnnounced = this.#state === 'announced'
    this.#state = 'over'
    const { offsetIndex, timeIndex, txnIndex } = this.cleaned
    for (const { file } of [offsetIndex, timeIndex, txnIndex]) file.remove()
    // The file that would be completed goes behind them: without it, they would come to the old segment.
    if (wasAnnounced) this.#fileSystem.syncDirectoryNow(this.#directory)
    this.cleaned.removeFiles()
    // And what says how far it reaches goes behind that.
    if (wasAnnounced) this.#fileSystem.syncDirectoryNow(this.#directory)
    for (const suffix of [CLEANED_SUFFIX, SWAP_SUFFIX]) this.#fileSystem.remove(this.#notePath(suffix))
  }

  /** Lets go of the files as they are: the log is closed. Those of a segment that is the log's already, the log closes. */
  release(): void {
    if (this.#state !== 'replaced' && this.#state !== 'kept') this.cleaned.release()
    this.#state = 'over'
  }

  #finish(): void {
    this.#state = 'over'
    this.cleaned.changeSuffix('')
    this.#fileSystem.remove(this.#notePath(SWAP_SUFFIX))
    if (this.cleaned.txnIndex.count === 0) this.cleaned.txnIndex.file.remove()
  }

  #notePath(suffix: string): string {
    return `${this.#directory}/${fileNameOf(this.cleaned.baseOffset)}${REPLACES_SUFFIX}${suffix}`
  }
}
