/**
 * OffsetIndex: where in a segment's file an offset is to be looked for. An entry stands for the batch that begins at its
 * position and says that batch's last offset: relative offset uint32, position uint32. Sparse: one entry every
 * `index.interval.bytes`.
 */
import type { FileSystem } from '../storage/file-system.js'
import { IndexFile } from './index-file.js'

export const OFFSET_INDEX_ENTRY_BYTES = 8

export class OffsetIndex {
  readonly file: IndexFile
  readonly #baseOffset: number
  #lastOffset: number

  constructor(fileSystem: FileSystem, path: string, baseOffset: number) {
    this.file = new IndexFile(fileSystem, path, OFFSET_INDEX_ENTRY_BYTES)
    this.#baseOffset = baseOffset
    this.#lastOffset = baseOffset
  }

  get count(): number {
    return this.file.count
  }

  /** The offset of the last entry, or the base offset. */
  get lastOffset(): number {
    // Asked for first, since it is what has the file read.
    return this.count === 0 ? this.#baseOffset : this.#lastOffset
  }

  /** Takes over a file that was left in order, and reads it when it is needed. */
  defer(isThere: boolean): boolean {
    return this.file.defer(() => this.#readLast(), isThere)
  }

  /** Takes over the file. False when it cannot be the index of a segment of `segmentBytes`. */
  load(segmentBytes: number): boolean {
    if (!this.file.load()) return false
    this.#readLast()
    if (this.count === 0) return true
    return this.positionAt(this.count - 1) < segmentBytes && this.#lastOffset >= this.#baseOffset
  }

  append(lastOffset: number, position: number): void {
    if (this.count > 0 && lastOffset <= this.#lastOffset) return
    const { bytes, at } = this.file.grow()
    bytes.writeUInt32BE(lastOffset - this.#baseOffset, at)
    bytes.writeUInt32BE(position, at + 4)
    this.#lastOffset = lastOffset
  }

  /** A position at which or behind which the batch with `offset` begins. */
  lookup(offset: number): number {
    const relativeOffset = offset - this.#baseOffset
    const index = this.file.findLast((block, at) => block.readUInt32BE(at) <= relativeOffset)
    return index < 0 ? 0 : this.positionAt(index)
  }

  /** Forgets entries of batches that reach `offset` or beyond. */
  truncateTo(offset: number): void {
    const relativeOffset = offset - this.#baseOffset
    this.file.truncate(this.file.findLast((block, at) => block.readUInt32BE(at) < relativeOffset) + 1)
    this.#readLast()
  }

  reset(): void {
    this.file.reset()
    this.#lastOffset = this.#baseOffset
  }

  positionAt(index: number): number {
    return this.file.blockOf(index).readUInt32BE(this.file.placeOf(index) + 4)
  }

  #readLast(): void {
    const last = this.count - 1
    this.#lastOffset = this.#baseOffset + (last < 0 ? 0 : this.file.blockOf(last).readUInt32BE(this.file.placeOf(last)))
  }
}
