/**
 * LogFiles: what one partition's log keeps in its directory: segments and producer snapshots. Begins, seals, cuts, removes
 * and syncs them when the log says so, and knows what was not synced yet. Offsets and their meaning are the log's.
 */
import { dirname } from 'node:path'
import type { Clock, Timer } from '@samsa/runtime'
import type { FileSystem } from '../storage/file-system.js'
import { PARTITION_METADATA } from './checkpoints.js'
import type { SegmentSwap } from './cleaner/segment-swap.js'
import type { LeaderEpochs } from './leader-epochs.js'
import { snapshotOffsets, snapshotPath, writeSnapshot } from './producer-snapshot.js'
import type { ProducerStates } from './producer-state.js'
import { Segment } from './segment.js'
import { SegmentList } from './segment-list.js'

const LEAST_REMOVAL_RETRY_MS = 60_000

export interface LogFilesOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly clock: Clock
  /** Whether the directory is known to be on disk, with what says whose it is. */
  readonly isPlaceOnDisk: boolean
}

/** Where files are made, and when. */
export interface FilesSource {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly nowMs: number
}

export class LogFiles {
  readonly segments: SegmentList
  readonly #options: LogFilesOptions
  readonly #producers: ProducerStates
  readonly #leaderEpochs: LeaderEpochs
  /** Segments that are out of the log, until their files go. */
  readonly #removals = new Map<Timer, readonly Segment[]>()
  /** Segments that were written to since the last sync. */
  #unsynced: Set<Segment>
  #isDirectoryDirty = true
  /** The directory's own entry, and what says whose directory it is, are not known to be on disk. */
  #isPlaceDirty: boolean
  /** Indexes and snapshot are as a clean stop leaves them. */
  #isSealed = false
  /** A compacted segment on its way to its place, between two waits for the disk. */
  #swap: SegmentSwap | undefined

  constructor(
    options: LogFilesOptions,
    recovered: {
      readonly segments: readonly Segment[]
      readonly producers: ProducerStates
      readonly leaderEpochs: LeaderEpochs
    },
  ) {
    this.#options = options
    this.#isPlaceDirty = !options.isPlaceOnDisk
    this.segments = new SegmentList(recovered.segments)
    // What was scanned is not known to be on disk, nor are indexes that were built anew.
    this.#unsynced = new Set(recovered.segments.filter(segment => segment.isDirty))
    this.#producers = recovered.producers
    this.#leaderEpochs = recovered.leaderEpochs
  }

  get source(): FilesSource {
    const { fileSystem, directory, clock } = this.#options
    return { fileSystem, directory, nowMs: clock.now() }
  }

  /** The active segment is about to be written to. */
  beginWrite(): Segment {
    const { active } = this.segments
    this.#unsynced.add(active)
    this.#isSealed = false
    return active
  }

  /** Goes on in a new segment. When that fails, everything is as it was. */
  roll(endOffset: number): void {
    const { active } = this.segments
    // A loss of power must not keep the second segment's name and take the first's: the log would begin there.
    if (this.#isPlaceDirty) this.#options.fileSystem.syncDirectoryNow(this.#options.directory)
    const next = Segment.create({ ...this.source, baseOffset: endOffset })
    try {
      active.seal()
      this.#snapshot(endOffset)
    } catch (error) {
      next.removeFiles()
      throw error
    }
    this.segments.push(next)
    this.#unsynced.add(active).add(next)
    this.#isSealed = false
    this.#isDirectoryDirty = true
  }

  /** Cuts off every batch that reaches `offset`. */
  cut(offset: number): void {
    this.settleSwap()
    if (offset <= this.segments.first.baseOffset) {
      for (const segment of this.segments.all()) this.#drop(segment)
      this.segments.replaceAll(Segment.create({ ...this.source, baseOffset: Math.max(0, offset) }))
    } else {
      // A segment that begins at the offset would be left empty behind the one that goes on.
      const index = this.segments.indexOf(offset - 1)
      for (const segment of this.segments.removeAfter(index)) this.#drop(segment)
      this.segments.at(index).truncateTo(offset)
    }
    this.#unsynced.add(this.segments.active)
    this.#isSealed = false
    this.#isDirectoryDirty = true
    this.#removeSnapshots(snapshot => snapshot > offset)
  }

  /**
   * Takes the oldest segments out: under another name at once, for good after the delay. Returns how many: those that the
   * disk does not let be renamed stay.
   */
  removeFirst(count: number, delayMs: number, onError: (error: unknown) => void): number {
    this.settleSwap()
    const removed: Segment[] = []
    try {
      for (const segment of this.segments.all().slice(0, count)) {
        segment.markDeleted()
        removed.push(segment)
      }
    } catch (error) {
      onError(error)
    }
    if (removed.length === 0) return 0
    this.segments.removeFirst(removed.length)
    for (const segment of removed) this.#unsynced.delete(segment)
    try {
      const { baseOffset } = this.segments.first
      this.#removeSnapshots(snapshot => snapshot < baseOffset)
    } catch (error) {
      onError(error)
    }
    this.#removeLater(removed, delayMs, onError)
    return removed.length
  }

  get swap(): SegmentSwap | undefined {
    return this.#swap
  }

  /** First half of a swap: the compacted segment is announced, so that a crash from now on completes it. */
  beginSwap(swap: SegmentSwap): void {
    this.#swap = swap
    swap.announce()
    this.#isDirectoryDirty = true
  }

  /** Second half: the compacted segment is the log's, and those that it replaces are out of it. */
  replaceSegments(swap: SegmentSwap, delayMs: number, onError: (error: unknown) => void): void {
    const { cleaned, replaced } = swap
    this.segments.replace(replaced, cleaned)
    for (const segment of replaced) this.#unsynced.delete(segment)
    swap.replace()
    const gone = new Set(replaced.slice(1).map(segment => segment.baseOffset))
    if (gone.size > 0) this.#removeSnapshots(snapshot => gone.has(snapshot))
    this.#isDirectoryDirty = true
    this.#removeLater(replaced, delayMs, onError)
  }

  /** Ends a swap that is under way, forwards or backwards, before something else happens to its segments. */
  settleSwap(): void {
    const swap = this.#swap
    this.#swap = undefined
    if (swap === undefined) return
    swap.settle()
    this.#isDirectoryDirty = true
  }

  /** Completes indexes and snapshot, and keeps no snapshot that no restart would use. */
  seal(endOffset: number): void {
    this.settleSwap()
    if (this.#isSealed) return
    this.#isSealed = true
    const { active, first } = this.segments
    active.seal()
    this.#unsynced.add(active)
    if (endOffset > first.baseOffset) this.#snapshot(endOffset)
    const bases = new Set(this.segments.all().map(segment => segment.baseOffset))
    this.#removeSnapshots(snapshot => snapshot !== endOffset && !bases.has(snapshot))
  }

  /**
   * Resolves when everything written before is on disk. Indexes of the active segment are left out until it is sealed for
   * good: after a crash they are built anew.
   */
  async sync(isLast: boolean): Promise<void> {
    const unsynced = this.#unsynced
    const isDirectoryDirty = this.#isDirectoryDirty
    const isPlaceDirty = this.#isPlaceDirty
    this.#unsynced = new Set()
    this.#isDirectoryDirty = false
    this.#isPlaceDirty = false
    const { active } = this.segments
    const { fileSystem, directory } = this.#options
    try {
      for (const segment of unsynced) await segment.sync(isLast || segment !== active)
      await this.#leaderEpochs.sync()
      if (isPlaceDirty) await this.#syncIdentity()
      if (isDirectoryDirty || isLast) await fileSystem.syncDirectory(directory)
      if (isPlaceDirty) await fileSystem.syncDirectory(dirname(directory))
    } catch (error) {
      // All of it is due again; those that were removed meanwhile have nothing to sync.
      for (const segment of unsynced) this.#unsynced.add(segment)
      this.#isDirectoryDirty ||= isDirectoryDirty
      this.#isPlaceDirty ||= isPlaceDirty
      throw error
    }
  }

  /** Lets go of all files and writes nothing. */
  release(): void {
    this.#swap?.release()
    this.#swap = undefined
    for (const [timer, segments] of this.#removals) {
      timer.cancel()
      for (const segment of segments) segment.release()
    }
    this.#removals.clear()
    for (const segment of this.segments.all()) segment.release()
  }

  /** Without it the log would belong to no topic after a loss of power. */
  async #syncIdentity(): Promise<void> {
    const { fileSystem, directory } = this.#options
    const path = `${directory}/${PARTITION_METADATA}`
    if (!fileSystem.exists(path)) return
    const file = fileSystem.open(path)
    try {
      await file.sync()
    } finally {
      file.close()
    }
  }

  /** Tries again as long as the disk does not let them be removed; what is left then goes when the log is next opened. */
  #removeLater(segments: readonly Segment[], delayMs: number, onError: (error: unknown) => void): void {
    const remove = (): void => {
      this.#removals.delete(timer)
      try {
        for (const segment of segments) segment.removeFiles()
      } catch (error) {
        onError(error)
        this.#removeLater(segments, Math.max(delayMs, LEAST_REMOVAL_RETRY_MS), onError)
      }
    }
    const timer = this.#options.clock.timer(delayMs, remove, { name: 'delete segments', unref: true })
    this.#removals.set(timer, segments)
  }

  #drop(segment: Segment): void {
    this.#unsynced.delete(segment)
    segment.removeFiles()
  }

  #snapshot(endOffset: number): void {
    const { fileSystem, directory } = this.#options
    writeSnapshot(fileSystem, directory, endOffset, this.#producers)
    this.#isDirectoryDirty = true
  }

  #removeSnapshots(isUseless: (snapshot: number) => boolean): void {
    const { fileSystem, directory } = this.#options
    for (const snapshot of snapshotOffsets(fileSystem.list(directory))) {
      if (isUseless(snapshot)) fileSystem.remove(snapshotPath(directory, snapshot))
    }
  }
}
