/**
 * RecentBatches: the batches that were appended last, of all logs together, by reference, so that readers at the end of a
 * log are served without touching a file. One budget of bytes; what was appended first goes first, whichever log it is of.
 *
 * What counts is memory that is held, not bytes that can be read: a batch that is a small part of a larger buffer (many
 * partitions in one request) is copied, or the whole buffer would stay for its sake.
 */
export const DEFAULT_RECENT_BYTES: number = 32 * 1024 * 1024

/** Objects cost memory too, however small the batches are. */
const ENTRY_OVERHEAD_BYTES = 160

interface Entry {
  readonly owner: RecentTail
  readonly records: Buffer
  readonly baseOffset: number
  readonly nextOffset: number
  readonly heldBytes: number
  previous: Entry | undefined
  next: Entry | undefined
}

export class RecentBatches {
  readonly #budgetBytes: number
  #bytes = 0
  #oldest: Entry | undefined
  #newest: Entry | undefined

  constructor(budgetBytes: number = DEFAULT_RECENT_BYTES) {
    this.#budgetBytes = budgetBytes
  }

  /** Memory held now; never above the budget. */
  get bytes(): number {
    return this.#bytes
  }

  /** The part of one log. */
  tail(): RecentTail {
    const tail: RecentTail = new RecentTail(
      (records, baseOffset, nextOffset) => this.#add(tail, records, baseOffset, nextOffset),
      entry => this.#unlink(entry),
    )
    return tail
  }

  #add(owner: RecentTail, records: Buffer, baseOffset: number, nextOffset: number): Entry | undefined {
    const isWhole = records.length * 2 >= records.buffer.byteLength
    const heldBytes = (isWhole ? records.buffer.byteLength : records.length) + ENTRY_OVERHEAD_BYTES
    if (heldBytes > this.#budgetBytes) return undefined
    while (this.#oldest !== undefined && this.#bytes + heldBytes > this.#budgetBytes) this.#oldest.owner.dropOldest()
    const kept = isWhole ? records : copyOf(records)
    const entry: Entry = {
      owner,
      records: kept,
      baseOffset,
      nextOffset,
      heldBytes,
      previous: this.#newest,
      next: undefined,
    }
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.next = entry
    this.#newest = entry
    this.#bytes += heldBytes
    return entry
  }

  #unlink(entry: Entry): void {
    if (entry.previous === undefined) this.#oldest = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#newest = entry.previous
    else entry.next.previous = entry.previous
    this.#bytes -= entry.heldBytes
  }
}

/** What is kept of one log: batches without a gap between them, up to the log's end. */
export class RecentTail {
  readonly #keep: (records: Buffer, baseOffset: number, nextOffset: number) => Entry | undefined
  readonly #forget: (entry: Entry) => void
  /** From `#first` on; what is in front of it is gone. */
  #entries: Entry[] = []
  #first = 0

  constructor(
    keep: (records: Buffer, baseOffset: number, nextOffset: number) => Entry | undefined,
    forget: (entry: Entry) => void,
  ) {
    this.#keep = keep
    this.#forget = forget
  }

  /** `records` are one or more whole batches with the offsets `[baseOffset, nextOffset)`. Whoever has the buffer leaves it be. */
  push(records: Buffer, baseOffset: number, nextOffset: number): void {
    const entry = this.#keep(records, baseOffset, nextOffset)
    // Without it there would be a gap.
    if (entry === undefined) this.clear()
    else this.#entries.push(entry)
  }

  /**
   * Batches from the one that holds `offset`, none of which reaches `bound`, up to `maxBytes` and at least one when
   * `atLeastOne`; undefined when the batch with `offset` is not kept.
   */
  read(offset: number, bound: number, maxBytes: number, atLeastOne: boolean): Buffer[] | undefined {
    const from = this.#find(offset)
    if (from < 0) return undefined
    const chunks: Buffer[] = []
    let bytes = 0
    for (let index = from; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry === undefined || entry.nextOffset > bound) break
      if (bytes + entry.records.length > maxBytes && !(atLeastOne && chunks.length === 0)) break
      chunks.push(entry.records)
      bytes += entry.records.length
    }
    return chunks
  }

  /** Bytes of the batches in `[offset, bound)`; undefined when the batch with `offset` is not kept. */
  bytesBetween(offset: number, bound: number): number | undefined {
    const from = this.#find(offset)
    if (from < 0) return undefined
    let bytes = 0
    for (let index = from; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry === undefined || entry.nextOffset > bound) break
      bytes += entry.records.length
    }
    return bytes
  }

  dropOldest(): void {
    const entry = this.#entries[this.#first]
    if (entry === undefined) return
    this.#forget(entry)
    this.#first++
    if (this.#first === this.#entries.length) this.#reset()
    else if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }

  /** Forgets the batches that begin below `offset`: what the log holds there is not the same any more. */
  dropBefore(offset: number): void {
    for (;;) {
      const entry = this.#entries[this.#first]
      if (entry === undefined || entry.baseOffset >= offset) return
      this.dropOldest()
    }
  }

  clear(): void {
    for (let index = this.#first; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry !== undefined) this.#forget(entry)
    }
    this.#reset()
  }

  #reset(): void {
    this.#entries = []
    this.#first = 0
  }

  #find(offset: number): number {
    let low = this.#first
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.#entries[middle]
      if (entry !== undefined && entry.nextOffset <= offset) low = middle + 1
      else high = middle
    }
    const entry = this.#entries[low]
    return entry !== undefined && entry.baseOffset <= offset ? low : -1
  }
}

function copyOf(records: Buffer): Buffer {
  // Not of Node's pool: a pool's slab would be held as the request's buffer would have been.
  const copy = Buffer.allocUnsafeSlow(records.length)
  records.copy(copy)
  return copy
}
