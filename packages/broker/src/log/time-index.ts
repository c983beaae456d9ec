/**
 * TimeIndex: from which offset on a segment may hold records of a timestamp or later. An entry says the greatest timestamp
 * so far and the last offset of the batch that has it: timestamp int64, relative offset uint32. Entries are made together
 * with those of the offset index, and one for the greatest timestamp of all when the segment is closed.
 */
import { NO_TIMESTAMP, readInt64, writeInt64 } from '@samsa/protocol'
import type { FileSystem } from '../storage/file-system.js'
import { IndexFile } from './index-file.js'

export const TIME_INDEX_ENTRY_BYTES = 12

export interface TimestampAndOffset {
  readonly timestamp: number
  readonly offset: number
}

export class TimeIndex {
  readonly file: IndexFile
  readonly #baseOffset: number
  #last: TimestampAndOffset

  constructor(fileSystem: FileSystem, path: string, baseOffset: number) {
    this.file = new IndexFile(fileSystem, path, TIME_INDEX_ENTRY_BYTES)
    this.#baseOffset = baseOffset
    this.#last = { timestamp: NO_TIMESTAMP, offset: baseOffset }
  }

  get count(): number {
    return this.file.count
  }

  /** The last entry; without one, no timestamp and the base offset. */
  get last(): TimestampAndOffset {
    // Asked for first, since it is what has the file read.
    return this.count === 0 ? { timestamp: NO_TIMESTAMP, offset: this.#baseOffset } : this.#last
  }

  /** Takes over a file that was left in order, and reads it when it is needed. */
  defer(isThere: boolean): boolean {
    return this.file.defer(() => this.#readLast(), isThere)
  }

  /** Takes over the file. False when it cannot be a time index. */
  load(): boolean {
    if (!this.file.load()) return false
    this.#readLast()
    return this.count === 0 || (this.#last.timestamp >= this.#at(0).timestamp && this.#last.offset >= this.#baseOffset)
  }

  /** A timestamp that is not greater than the last one tells nothing new and is left out. */
  append(timestamp: number, offset: number): void {
    if (timestamp <= this.last.timestamp) return
    const { bytes, at } = this.file.grow()
    writeInt64(bytes, at, timestamp)
    bytes.writeUInt32BE(offset - this.#baseOffset, at + 8)
    this.#last = { timestamp, offset }
  }

  /** The last entry whose timestamp is not above `timestamp`: nothing in front of its offset is later than it. */
  lookup(timestamp: number): TimestampAndOffset {
    const index = this.file.findLast((block, at) => readInt64(block, at) <= timestamp)
    return index < 0 ? { timestamp: NO_TIMESTAMP, offset: this.#baseOffset } : this.#at(index)
  }

  truncateTo(offset: number): void {
    const relativeOffset = offset - this.#baseOffset
    this.file.truncate(this.file.findLast((block, at) => block.readUInt32BE(at + 8) < relativeOffset) + 1)
    this.#readLast()
  }

  reset(): void {
    this.file.reset()
    this.#readLast()
  }

  #at(index: number): TimestampAndOffset {
    const block = this.file.blockOf(index)
    const at = this.file.placeOf(index)
    return { timestamp: readInt64(block, at), offset: this.#baseOffset + block.readUInt32BE(at + 8) }
  }

  #readLast(): void {
    this.#last = this.count === 0 ? { timestamp: NO_TIMESTAMP, offset: this.#baseOffset } : this.#at(this.count - 1)
  }
}
