/**
 * TxnIndex: the transactions that were aborted in a segment, in the order of their markers. A reader of committed records
 * is told of those that overlap what it gets. The file exists only where a transaction was aborted. An entry: version
 * int16, producer id int64, first offset int64, last offset int64 (the marker), last stable offset int64 after the abort.
 */
import { readInt64, writeInt64 } from '@samsa/protocol'
import type { FileSystem } from '../storage/file-system.js'
import { IndexFile } from './index-file.js'

export const TXN_INDEX_ENTRY_BYTES = 34

const VERSION = 0
const PRODUCER_ID_AT = 2
const FIRST_OFFSET_AT = 10
const LAST_OFFSET_AT = 18
const LAST_STABLE_OFFSET_AT = 26

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Where the abort's marker stands. */
  readonly lastOffset: number
  readonly lastStableOffset: number
}

export class TxnIndex {
  readonly file: IndexFile

  constructor(fileSystem: FileSystem, path: string) {
    this.file = new IndexFile(fileSystem, path, TXN_INDEX_ENTRY_BYTES)
  }

  get count(): number {
    return this.file.count
  }

  /** Takes over the file. False when it is damaged. */
  load(): boolean {
    if (!this.file.load()) return false
    for (let index = 0; index < this.count; index++) {
      if (this.file.blockOf(index).readInt16BE(this.file.placeOf(index)) !== VERSION) return false
    }
    return true
  }

  /** Written to the file at once, if the disk takes it: what aborts there were should not depend on a scan of the log. */
  append(aborted: AbortedTransaction): void {
    const { bytes, at } = this.file.grow()
    bytes.writeInt16BE(VERSION, at)
    writeInt64(bytes, at + PRODUCER_ID_AT, aborted.producerId)
    writeInt64(bytes, at + FIRST_OFFSET_AT, aborted.firstOffset)
    writeInt64(bytes, at + LAST_OFFSET_AT, aborted.lastOffset)
    writeInt64(bytes, at + LAST_STABLE_OFFSET_AT, aborted.lastStableOffset)
    this.file.trySpill()
  }

  /**
   * Adds the aborted transactions that overlap `[from, to)`. True when no later segment can have another one: everything
   * below `to` was decided when the last one was written.
   */
  collect(from: number, to: number, into: AbortedTransaction[]): boolean {
    if (this.count === 0) return false
    const first = this.file.findLast((block, at) => readInt64(block, at + LAST_OFFSET_AT) < from) + 1
    for (let index = first; index < this.count; index++) {
      const aborted = this.at(index)
      if (aborted.firstOffset < to) into.push(aborted)
      if (aborted.lastStableOffset >= to) return true
    }
    return false
  }

  truncateTo(offset: number): void {
    this.file.truncate(this.file.findLast((block, at) => readInt64(block, at + LAST_OFFSET_AT) < offset) + 1)
  }

  at(index: number): AbortedTransaction {
    const block = this.file.blockOf(index)
    const at = this.file.placeOf(index)
    return {
      producerId: readInt64(block, at + PRODUCER_ID_AT),
      firstOffset: readInt64(block, at + FIRST_OFFSET_AT),
      lastOffset: readInt64(block, at + LAST_OFFSET_AT),
      lastStableOffset: readInt64(block, at + LAST_STABLE_OFFSET_AT),
    }
  }
}
