/**
 * Segment: a run of a log's batches in one file, with its three indexes. Owns the files; the partition's log decides when
 * something is appended, cut off or removed. Knows nothing of producers, epochs or high watermarks.
 *
 * Reads and syncs go on while the event loop does other things; a file that is removed or closed meanwhile is let go of
 * only when the last of them is over, so that a descriptor is never read after the system gave it to another file.
 */
import { LAST_OFFSET_DELTA_AT, MAX_TIMESTAMP_AT, NO_TIMESTAMP, readInt64 } from '@samsa/protocol'
import type { FileHandle, FileSystem } from '../storage/file-system.js'
import { walkBatches } from './batch-walk.js'
import type { IndexFile } from './index-file.js'
import { OFFSET_INDEX_ENTRY_BYTES, OffsetIndex } from './offset-index.js'
import { TIME_INDEX_ENTRY_BYTES, TimeIndex, type TimestampAndOffset } from './time-index.js'
import { TxnIndex } from './txn-index.js'

/** Offsets in indexes are relative to the segment's first, in 31 bits. */
const MAX_RELATIVE_OFFSET = 0x7fff_ffff

export const LOG_SUFFIX = '.log'
export const DELETED_SUFFIX = '.deleted'
/** Being written by a compaction; nothing of it counts. */
export const CLEANED_SUFFIX = '.cleaned'
/** Complete, and about to take the place of other segments. */
export const SWAP_SUFFIX = '.swap'

export interface SegmentOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly baseOffset: number
  /** For a segment without timestamps, and for the age of an empty one. */
  readonly nowMs: number
  /** Behind the names of all its files, while they do not belong to the log. */
  readonly suffix?: string | undefined
}

export interface RollLimits {
  readonly segmentBytes: number
  /** Jitter taken off already. */
  readonly segmentMs: number
  readonly segmentIndexBytes: number
}

/** `%020d`, as in every file name of a segment. */
export function fileNameOf(offset: number): string {
  return String(offset).padStart(20, '0')
}

export class Segment {
  readonly baseOffset: number
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  readonly txnIndex: TxnIndex
  readonly #fileSystem: FileSystem
  readonly #createdMs: number
  /** Of all file names, without what tells the files apart. */
  readonly #stem: string
  #path: string
  #file: FileHandle | undefined
  #size: number
  #bytesSinceIndexEntry = 0
  /** Undefined while it is what the time index ends with. */
  #greatest: TimestampAndOffset | undefined
  #firstTimestamp: number | undefined
  #lastAppendMs: number
  #users = 0
  #isReleased = false
  /** Whether the log's file has bytes, or the indexes entries, that were written after the last `sync`. */
  #isDirty = false
  #areIndexesDirty = false

  private constructor(options: SegmentOptions, file: FileHandle | undefined, size: number) {
    const { fileSystem, directory, baseOffset, suffix = '' } = options
    const stem = `${directory}/${fileNameOf(baseOffset)}`
    this.baseOffset = baseOffset
    this.#fileSystem = fileSystem
    this.#stem = stem
    this.#path = stem + LOG_SUFFIX + suffix
    this.#file = file
    this.#size = size
    this.#createdMs = options.nowMs
    this.#lastAppendMs = options.nowMs
    this.offsetIndex = new OffsetIndex(fileSystem, `${stem}.index${suffix}`, baseOffset)
    this.timeIndex = new TimeIndex(fileSystem, `${stem}.timeindex${suffix}`, baseOffset)
    this.txnIndex = new TxnIndex(fileSystem, `${stem}.txnindex${suffix}`)
  }

  /** A new, empty segment. What an earlier attempt left under its name is removed. */
  static create(options: SegmentOptions): Segment {
    const path = `${options.directory}/${fileNameOf(options.baseOffset)}${LOG_SUFFIX}${options.suffix ?? ''}`
    options.fileSystem.remove(path)
    const file = options.fileSystem.open(path, { create: true })
    const segment = new Segment(options, file, 0)
    try {
      for (const index of [segment.offsetIndex, segment.timeIndex, segment.txnIndex]) index.file.remove()
    } catch (error) {
      segment.release()
      throw error
    }
    segment.#isDirty = true
    segment.#areIndexesDirty = true
    return segment
  }

  /**
   * A segment that is there. Its indexes are taken over when they can be right; else `hasIndexes` is false. Those of a
   * segment that was left in order are not read before they are needed; `names` are those of its directory.
   */
  static open(options: SegmentOptions & { readonly isLeftInOrder: boolean; readonly names: ReadonlySet<string> }): {
    readonly segment: Segment
    readonly hasIndexes: boolean
  } {
    const path = `${options.directory}/${fileNameOf(options.baseOffset)}${LOG_SUFFIX}`
    const size = options.fileSystem.sizeOf(path)
    const segment = new Segment(options, undefined, size)
    const { offsetIndex, timeIndex, txnIndex } = segment
    const isThere = ({ file }: { readonly file: IndexFile }): boolean =>
      options.names.has(file.path.slice(options.directory.length + 1))
    const canBeRight = (): boolean => offsetIndex.load(size) && timeIndex.load() && txnIndex.load()
    const canBeRead = (): boolean =>
      offsetIndex.defer(true) &&
      timeIndex.defer(isThere(timeIndex)) &&
      txnIndex.file.defer(() => undefined, isThere(txnIndex))
    return { segment, hasIndexes: isThere(offsetIndex) && (options.isLeftInOrder ? canBeRead() : canBeRight()) }
  }

  /** Of the log's file, without indexes. */
  get size(): number {
    return this.#size
  }

  get isDirty(): boolean {
    return this.#isDirty || this.#areIndexesDirty
  }

  /** The greatest timestamp and the last offset of the batch that has it. */
  get greatestTimestamp(): TimestampAndOffset {
    return this.#greatest ?? this.timeIndex.last
  }

  /** What retention by time goes by; records without timestamps are as old as their last append. */
  get largestTimestampMs(): number {
    const { timestamp } = this.greatestTimestamp
    return timestamp >= 0 ? timestamp : this.#lastAppendMs
  }

  /** When something was last written to it, as far as that is known. */
  get lastAppendMs(): number {
    return this.#lastAppendMs
  }

  /** Of the first batch, -1 without one. Reads the file the first time. */
  get firstTimestampMs(): number {
    this.#firstTimestamp ??= this.#readFirstTimestamp()
    return this.#firstTimestamp
  }

  get file(): FileHandle {
    this.#file ??= this.#fileSystem.open(this.#path)
    return this.#file
  }

  canHold(offset: number): boolean {
    return offset - this.baseOffset <= MAX_RELATIVE_OFFSET
  }

  /** Whether the log must go on in a new segment before it takes these batches. */
  mustRoll(limits: RollLimits, bytes: number, lastOffset: number, maxTimestamp: number, nowMs: number): boolean {
    return (
      this.#size > limits.segmentBytes - bytes ||
      !this.canHold(lastOffset) ||
      this.offsetIndex.count >= Math.floor(limits.segmentIndexBytes / OFFSET_INDEX_ENTRY_BYTES) ||
      // One entry is kept free for the last timestamp.
      this.timeIndex.count >= Math.floor(limits.segmentIndexBytes / TIME_INDEX_ENTRY_BYTES) - 1 ||
      (this.#size > 0 && this.#ageAt(maxTimestamp, nowMs) > limits.segmentMs)
    )
  }

  /** Writes batches at the end of the file; `noteBatch` for each of them makes them known to the indexes. */
  write(chunks: readonly Uint8Array[], nowMs: number): void {
    this.#isDirty = true
    this.file.append(chunks)
    this.#lastAppendMs = nowMs
  }

  /** Takes the batch at the end of what is known into the indexes. */
  noteBatch(bytes: number, lastOffset: number, maxTimestamp: number, indexIntervalBytes: number): void {
    this.#greatest ??= this.timeIndex.last
    if (maxTimestamp > this.#greatest.timestamp) this.#greatest = { timestamp: maxTimestamp, offset: lastOffset }
    if (this.#size === 0) this.#firstTimestamp = maxTimestamp
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(lastOffset, this.#size)
      this.timeIndex.append(this.#greatest.timestamp, this.#greatest.offset)
      this.#bytesSinceIndexEntry = 0
      this.#areIndexesDirty = true
    }
    this.#size += bytes
    this.#bytesSinceIndexEntry += bytes
  }

  /**
   * Forgets what is known of the batches, so that all of them can be noted again. The file stays as it is; what an earlier
   * process wrote to it may not be on disk, nor may a cut that is about to be made.
   */
  forgetBatches(): void {
    this.#isDirty = true
    this.offsetIndex.reset()
    this.timeIndex.reset()
    this.#greatest = undefined
    this.#size = 0
    this.#bytesSinceIndexEntry = 0
    this.#firstTimestamp = undefined
    this.#areIndexesDirty = true
  }

  /** Where the batch that holds `offset`, or the first one behind it, begins; the size of the segment for none. */
  positionOf(offset: number): number {
    let position = this.#size
    walkBatches(this.file, this.offsetIndex.lookup(offset), this.#size, batch => {
      if (readInt64(batch.bytes, batch.at) + batch.bytes.readInt32BE(batch.at + LAST_OFFSET_DELTA_AT) < offset) return
      position = batch.position
      return 'stop'
    })
    return position
  }

  /** Cuts off all batches from the one that holds `offset` on. Returns what was cut off. */
  truncateTo(offset: number): number {
    const position = this.positionOf(offset)
    const cut = this.#size - position
    this.offsetIndex.truncateTo(offset)
    this.timeIndex.truncateTo(offset)
    this.txnIndex.truncateTo(offset)
    this.file.truncate(position)
    this.#size = position
    this.#bytesSinceIndexEntry = 0
    this.#isDirty = true
    this.#areIndexesDirty = true
    if (this.greatestTimestamp.offset >= offset) this.#findGreatest()
    if (position === 0) this.#firstTimestamp = undefined
    return cut
  }

  /** Nothing more will be appended: the last timestamp goes into the index, the indexes into their files. */
  seal(): void {
    const { timestamp, offset } = this.greatestTimestamp
    if (timestamp >= 0) this.timeIndex.append(timestamp, offset)
    this.offsetIndex.file.materialize()
    this.timeIndex.file.materialize()
    this.txnIndex.file.spill()
    this.#areIndexesDirty = true
  }

  /** Resolves when all that was written before is on disk; the indexes too, when nothing more will be appended. */
  async sync(withIndexes: boolean): Promise<void> {
    if (this.#isReleased) return
    const areIndexesDue = withIndexes && this.#areIndexesDirty
    const isLogDue = this.#isDirty
    this.#isDirty = false
    if (areIndexesDue) this.#areIndexesDirty = false
    this.#users++
    try {
      if (isLogDue) await this.file.sync()
      if (areIndexesDue) {
        await this.offsetIndex.file.sync()
        await this.timeIndex.file.sync()
        await this.txnIndex.file.sync()
      }
    } catch (error) {
      this.#isDirty = true
      this.#areIndexesDirty = true
      // What was removed meanwhile needs no disk any more.
      if (!this.#isReleased) throw error
    } finally {
      this.#leave()
    }
  }

  /** Fills `target` from the file, off the event loop. Resolves to what was filled of it. */
  async read(position: number, target: Buffer): Promise<Buffer> {
    this.#users++
    try {
      return await this.file.read(position, target)
    } finally {
      this.#leave()
    }
  }

  /**
   * Gives all files the suffix that marks them for removal. They can still be read, also where it fails halfway; a second
   * call goes on from there.
   */
  markDeleted(): void {
    for (const { file } of [this.offsetIndex, this.timeIndex, this.txnIndex]) {
      if (!file.path.endsWith(DELETED_SUFFIX)) file.rename(file.path + DELETED_SUFFIX)
    }
    // Last, so that a segment is either gone as a whole for who starts then, or there without indexes, which are made anew.
    if (this.#path.endsWith(DELETED_SUFFIX)) return
    this.#fileSystem.rename(this.#path, this.#path + DELETED_SUFFIX)
    this.#path += DELETED_SUFFIX
  }

  /** Puts `suffix` behind the names of all files in the place of the one they have; of the log's file first. */
  changeSuffix(suffix: string): void {
    const path = this.#stem + LOG_SUFFIX + suffix
    this.#fileSystem.rename(this.#path, path)
    this.#path = path
    this.offsetIndex.file.rename(`${this.#stem}.index${suffix}`)
    this.timeIndex.file.rename(`${this.#stem}.timeindex${suffix}`)
    this.txnIndex.file.rename(`${this.#stem}.txnindex${suffix}`)
  }

  removeFiles(): void {
    this.release()
    this.#fileSystem.remove(this.#path)
    for (const { file } of [this.offsetIndex, this.timeIndex, this.txnIndex]) this.#fileSystem.remove(file.path)
  }

  /** Lets go of the files, at once or when the last read or sync is over. Writes nothing. */
  release(): void {
    this.#isReleased = true
    if (this.#users === 0) this.#closeFiles()
  }

  #leave(): void {
    this.#users--
    if (this.#isReleased && this.#users === 0) this.#closeFiles()
  }

  #closeFiles(): void {
    this.#file?.close()
    this.#file = undefined
    this.offsetIndex.file.release()
    this.timeIndex.file.release()
    this.txnIndex.file.release()
  }

  /** Measured from the first batch's timestamp to that of the batch to come; on the clock where there is none. */
  #ageAt(maxTimestamp: number, nowMs: number): number {
    const { firstTimestampMs } = this
    return firstTimestampMs >= 0 ? maxTimestamp - firstTimestampMs : nowMs - this.#createdMs
  }

  #readFirstTimestamp(): number {
    let timestamp = NO_TIMESTAMP
    walkBatches(this.file, 0, this.#size, batch => {
      timestamp = readInt64(batch.bytes, batch.at + MAX_TIMESTAMP_AT)
      return 'stop'
    })
    return timestamp
  }

  #findGreatest(): void {
    let greatest = this.timeIndex.last
    const from = this.timeIndex.count === 0 ? 0 : this.offsetIndex.lookup(greatest.offset)
    walkBatches(this.file, from, this.#size, ({ bytes, at }) => {
      const timestamp = readInt64(bytes, at + MAX_TIMESTAMP_AT)
      if (timestamp > greatest.timestamp) {
        greatest = { timestamp, offset: readInt64(bytes, at) + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) }
      }
      return undefined
    })
    this.#greatest = greatest
  }
}
