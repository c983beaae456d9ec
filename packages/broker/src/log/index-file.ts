/**
 * IndexFile: a file of entries of one size, in ascending order, that grows at its end. The base of a segment's three
 * indexes. Owns the file; nothing else writes it.
 *
 * The entries of the last block stay in memory and reach the file when the block is full, on `spill` and on `close`: an
 * append to a log costs no system call for its indexes. What a crash loses is rebuilt, because the segment that was being
 * written is rescanned then. Older blocks are read from the file when a search needs them; one of them is kept.
 *
 * A disk that takes no block, because it is full, stops no append: entries stay in memory until it takes them. They are as
 * many as an index may have (`segment.index.bytes`); then the log wants a new segment, and waits for the disk with that.
 */
import type { FileHandle, FileSystem } from '../storage/file-system.js'
import { StorageError } from '../storage/storage-error.js'

const BLOCK_BYTES = 4096
const LEAST_TAIL_BYTES = 128

export class IndexFile {
  readonly entryBytes: number
  readonly #fileSystem: FileSystem
  readonly #entriesPerBlock: number
  #path: string
  #handle: FileHandle | undefined
  #count = 0
  /** Entries in the file; the rest is in `#tail` alone. */
  #spilled = 0
  /** The entries from `#tailStart` on, which is where a block begins; more than one block where the disk took none. */
  #tail: Buffer = EMPTY
  #tailStart = 0
  #block: Buffer = EMPTY
  #blockStart = -1
  /** Set while what is in the file was not looked at. */
  #whenRead: (() => void) | undefined

  /** Nothing is read or made before it must be; a file that is missing is an index without entries. */
  constructor(fileSystem: FileSystem, path: string, entryBytes: number) {
    this.#fileSystem = fileSystem
    this.#path = path
    this.entryBytes = entryBytes
    this.#entriesPerBlock = Math.floor(BLOCK_BYTES / entryBytes)
  }

  get path(): string {
    return this.#path
  }

  get count(): number {
    this.#readIfDue()
    return this.#count
  }

  /** Takes over what is in the file. False when its size is no multiple of an entry's: then it holds nothing sure. */
  load(): boolean {
    if (!this.defer(() => undefined)) return false
    this.#readIfDue()
    return true
  }

  /**
   * As `load`, and reads nothing before it must, so that a start costs the same however much there is: for a file that was
   * left in order. Calls back when it has been read.
   */
  defer(whenRead: () => void, isThere: boolean = this.#fileSystem.exists(this.#path)): boolean {
    const size = isThere ? this.#fileSystem.sizeOf(this.#path) : 0
    if (size % this.entryBytes !== 0) return false
    this.#count = size / this.entryBytes
    this.#spilled = this.#count
    if (size > 0) this.#whenRead = whenRead
    return true
  }

  /** Room for one more entry, zeroed: the caller fills in `entryBytes` bytes from `at`. */
  grow(): { readonly bytes: Buffer; readonly at: number } {
    this.#readIfDue()
    if (this.#count - this.#tailStart >= this.#entriesPerBlock) this.#spillBlocks()
    const at = (this.#count - this.#tailStart) * this.entryBytes
    if (at + this.entryBytes > this.#tail.length) this.#growTail()
    this.#tail.fill(0, at, at + this.entryBytes)
    this.#count++
    return { bytes: this.#tail, at }
  }

  /** The block that holds entry `index`; where in it, tells `placeOf`. */
  blockOf(index: number): Buffer {
    this.#readIfDue()
    if (index >= this.#tailStart) return this.#tail
    const start = index - (index % this.#entriesPerBlock)
    if (start !== this.#blockStart) {
      this.#block = this.#open().readSync(start * this.entryBytes, this.#entriesPerBlock * this.entryBytes)
      this.#blockStart = start
    }
    return this.#block
  }

  placeOf(index: number): number {
    return (index >= this.#tailStart ? index - this.#tailStart : index % this.#entriesPerBlock) * this.entryBytes
  }

  /** Index of the last entry for which `isBefore` holds, given that it holds for all in front of it; -1 for none. */
  findLast(isBefore: (block: Buffer, at: number) => boolean): number {
    this.#readIfDue()
    // What is asked for most is near the end, and the last block is in memory.
    let low = -1
    let high = this.#count
    const tailStart = this.#tailStart
    if (tailStart > 0 && tailStart < high) {
      if (isBefore(this.#tail, 0)) low = tailStart
      else high = tailStart
    }
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (isBefore(this.blockOf(middle), this.placeOf(middle))) low = middle
      else high = middle
    }
    return low
  }

  /** Keeps the first `count` entries. */
  truncate(count: number): void {
    if (count >= this.count) return
    this.spill()
    if (this.#handle !== undefined || this.#fileSystem.exists(this.#path)) {
      this.#open().truncate(count * this.entryBytes)
    }
    this.#count = count
    this.#spilled = count
    this.#blockStart = -1
    this.#readTail()
  }

  /** Empties the file, whatever is in it. */
  reset(): void {
    this.#whenRead = undefined
    this.#count = 0
    this.#spilled = 0
    this.#tailStart = 0
    this.#blockStart = -1
    if (this.#handle !== undefined || this.#fileSystem.exists(this.#path)) this.#open().truncate(0)
  }

  /** Writes what is in memory alone. */
  spill(): void {
    if (this.#spilled === this.#count) return
    const { entryBytes } = this
    const from = (this.#spilled - this.#tailStart) * entryBytes
    const to = (this.#count - this.#tailStart) * entryBytes
    this.#open().writeAt(this.#spilled * entryBytes, this.#tail.subarray(from, to))
    this.#spilled = this.#count
  }

  /** As `spill`; false where the disk does not take it now: then it stays in memory until it does. */
  trySpill(): boolean {
    try {
      this.spill()
      return true
    } catch (error) {
      if (error instanceof StorageError) return false
      throw error
    }
  }

  /** As `spill`, and the file exists afterwards even without entries. */
  materialize(): void {
    this.spill()
    if (this.#handle === undefined && !this.#fileSystem.exists(this.#path)) this.#open()
  }

  async sync(): Promise<void> {
    this.spill()
    if (this.#handle !== undefined) await this.#handle.sync()
  }

  /** Writes what is left and lets go of the file. */
  close(): void {
    this.spill()
    this.release()
  }

  /** Lets go of the file without writing. It is opened again when it is needed. */
  release(): void {
    this.#handle?.close()
    this.#handle = undefined
  }

  /** An open file stays open under its new name. */
  rename(path: string): void {
    if (this.#fileSystem.exists(this.#path)) this.#fileSystem.rename(this.#path, path)
    this.#path = path
  }

  remove(): void {
    this.release()
    this.#fileSystem.remove(this.#path)
  }

  #readIfDue(): void {
    const whenRead = this.#whenRead
    if (whenRead === undefined) return
    this.#whenRead = undefined
    try {
      this.#readTail()
      this.#trimZeros()
      whenRead()
    } catch (error) {
      this.#whenRead = whenRead
      throw error
    }
  }

  /** Whole blocks need not stay in memory, once they are in the file. */
  #spillBlocks(): void {
    if (!this.trySpill()) return
    const start = this.#count - (this.#count % this.#entriesPerBlock)
    this.#tail.copyWithin(0, (start - this.#tailStart) * this.entryBytes)
    this.#tailStart = start
  }

  #open(): FileHandle {
    this.#handle ??= this.#fileSystem.open(this.#path, { create: true })
    return this.#handle
  }

  #readTail(): void {
    const inTail = this.#count % this.#entriesPerBlock
    this.#tailStart = this.#count - inTail
    if (inTail === 0) {
      this.#tail = EMPTY
      return
    }
    this.#tail = Buffer.alloc(Math.max(LEAST_TAIL_BYTES, inTail * this.entryBytes))
    this.#open()
      .readSync(this.#tailStart * this.entryBytes, inTail * this.entryBytes)
      .copy(this.#tail)
  }

  /** Kafka sets room aside for an index that is being written; after a crash its end is zeros. */
  #trimZeros(): void {
    if (this.#count === 0) return
    if (!this.#isZero(this.blockOf(this.#count - 1), this.placeOf(this.#count - 1))) return
    this.truncate(this.findLast((block, at) => !this.#isZero(block, at)) + 1)
  }

  #isZero(block: Buffer, at: number): boolean {
    for (let index = at; index < at + this.entryBytes; index++) if (block[index] !== 0) return false
    return true
  }

  #growTail(): void {
    const blockBytes = this.#entriesPerBlock * this.entryBytes
    const wanted = Math.max(LEAST_TAIL_BYTES, this.#tail.length * 2)
    const isWithinBlock = this.#tail.length < blockBytes
    const grown = Buffer.alloc(Math.max(isWithinBlock ? Math.min(blockBytes, wanted) : wanted, this.entryBytes))
    this.#tail.copy(grown)
    this.#tail = grown
  }
}

const EMPTY: Buffer = Buffer.alloc(0)
