/**
 * RecentBatches: the batches that were appended last, of all logs together, so that readers at the end of a log are served
 * without touching a file. One budget of bytes; what was appended first goes first, whichever log it is of.
 *
 * Batches are copied into slabs that are used again and again: a copy costs less than what the garbage collector makes of
 * a fresh buffer a request. A reader of much gets a view of a slab where it can, and says when it is done with it; a slab
 * that someone still reads when its turn comes is left to the reader, and a new one takes its place.
 */
import type { BufferPool } from '@samsa/runtime/internal'

export const DEFAULT_RECENT_BYTES: number = 32 * 1024 * 1024

const MOST_SLAB_BYTES = 1024 * 1024
/** A view holds its whole slab: smaller pieces are copied, so that a reader holds at most a few times what it reads. */
const LEAST_VIEW_SHARE = 4
/** A budget is at least so many slabs, since one goes at a time. */
const LEAST_SLABS = 16
/** What a batch costs beside its bytes. A slab of batches that are smaller than that is full before its bytes are. */
const ENTRY_BYTES = 160

interface Entry {
  readonly owner: RecentTail
  readonly slab: Slab
  readonly start: number
  readonly end: number
  readonly baseOffset: number
  readonly nextOffset: number
}

interface Slab {
  readonly memory: Buffer
  /** Bytes of batches; those of logs that were cleared still count. */
  filled: number
  /** Room that is left, for bytes and what batches cost beside them. */
  left: number
  readers: number
  entries: Entry[]
}

/** What a log has kept of what was asked for. */
export interface RecentRead {
  readonly records: Buffer
  /** To be called at most once, when nobody looks at `records` any more. */
  release(): void
}

export class RecentBatches {
  readonly #budgetBytes: number
  readonly #slabBytes: number
  readonly #buffers: BufferPool
  /** In the order in which they are filled; the last one is being filled. */
  readonly #slabs: Slab[] = []
  #bytes = 0

  constructor(buffers: BufferPool, budgetBytes: number = DEFAULT_RECENT_BYTES) {
    this.#buffers = buffers
    this.#budgetBytes = budgetBytes
    this.#slabBytes = Math.min(MOST_SLAB_BYTES, Math.floor(budgetBytes / LEAST_SLABS))
  }

  /** Memory held now, whether filled or not; never above the budget. */
  get bytes(): number {
    return this.#bytes
  }

  /** The part of one log. */
  tail(): RecentTail {
    const tail: RecentTail = new RecentTail(
      (records, baseOffset, nextOffset) => this.#add(tail, records, baseOffset, nextOffset),
      this.#buffers,
    )
    return tail
  }

  #add(owner: RecentTail, records: Buffer, baseOffset: number, nextOffset: number): Entry | undefined {
    const slab = this.#slabFor(records.length + ENTRY_BYTES)
    if (slab === undefined) return undefined
    const start = slab.filled
    slab.memory.set(records, start)
    slab.filled += records.length
    slab.left -= records.length + ENTRY_BYTES
    const entry = { owner, slab, start, end: slab.filled, baseOffset, nextOffset }
    slab.entries.push(entry)
    return entry
  }

  /** The slab being filled, or the next one; undefined where the budget has no room for a batch of this size. */
  #slabFor(bytes: number): Slab | undefined {
    const current = this.#slabs.at(-1)
    if (current !== undefined && current.left >= bytes) return current
    const size = Math.max(bytes, this.#slabBytes)
    if (size > this.#budgetBytes) return undefined
    let spare: Buffer | undefined
    while (this.#bytes + size > this.#budgetBytes) spare = this.#dropOldest()
    const memory = spare?.length === size ? spare : Buffer.allocUnsafeSlow(size)
    const slab: Slab = { memory, filled: 0, left: size, readers: 0, entries: [] }
    this.#slabs.push(slab)
    this.#bytes += size
    return slab
  }

  /** The memory that nobody reads any more; undefined when somebody does. */
  #dropOldest(): Buffer | undefined {
    const slab = this.#slabs.shift()
    if (slab === undefined) return undefined
    this.#bytes -= slab.memory.length
    for (const { owner, nextOffset } of slab.entries) owner.dropBefore(nextOffset)
    return slab.readers === 0 ? slab.memory : undefined
  }
}

/** What is kept of one log: batches without a gap between them, up to the log's end. */
export class RecentTail {
  readonly #keep: (records: Buffer, baseOffset: number, nextOffset: number) => Entry | undefined
  readonly #buffers: BufferPool
  /** From `#first` on; what is in front of it is gone. */
  #entries: Entry[] = []
  #first = 0

  constructor(
    keep: (records: Buffer, baseOffset: number, nextOffset: number) => Entry | undefined,
    buffers: BufferPool,
  ) {
    this.#keep = keep
    this.#buffers = buffers
  }

  /** `records` are one or more whole batches with the offsets `[baseOffset, nextOffset)`, which are copied. */
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
  read(offset: number, bound: number, maxBytes: number, atLeastOne: boolean): RecentRead | undefined {
    const from = this.#find(offset)
    if (from < 0) return undefined
    let to = from
    let bytes = 0
    let isOnePiece = true
    for (; to < this.#entries.length; to++) {
      const entry = this.#entries[to]
      if (entry === undefined || entry.nextOffset > bound) break
      const size = entry.end - entry.start
      if (bytes + size > maxBytes && !(atLeastOne && to === from)) break
      const before = this.#entries[to - 1]
      isOnePiece &&= to === from || (before?.slab === entry.slab && before.end === entry.start)
      bytes += size
    }
    const first = this.#entries[from]
    if (first === undefined || bytes === 0) return NOTHING
    const isLarge = bytes * LEAST_VIEW_SHARE >= first.slab.memory.length
    return isOnePiece && isLarge ? viewOf(first, bytes) : this.#gathered(from, to, bytes)
  }

  /** Bytes of the batches in `[offset, bound)`; undefined when the batch with `offset` is not kept. */
  bytesBetween(offset: number, bound: number): number | undefined {
    const from = this.#find(offset)
    if (from < 0) return undefined
    let bytes = 0
    for (let index = from; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry === undefined || entry.nextOffset > bound) break
      bytes += entry.end - entry.start
    }
    return bytes
  }

  /** The batches that begin below `offset` are kept no longer: what the log holds there may not be the same any more. */
  dropBefore(offset: number): void {
    while ((this.#entries[this.#first]?.baseOffset ?? Number.POSITIVE_INFINITY) < offset) this.#first++
    if (this.#first === this.#entries.length) this.clear()
    else if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }

  /** Everything is kept no longer; its room comes back when its slabs' turn comes. */
  clear(): void {
    this.#entries = []
    this.#first = 0
  }

  #gathered(from: number, to: number, bytes: number): RecentRead {
    const records = this.#buffers.take(bytes)
    let at = 0
    for (let index = from; index < to; index++) {
      const entry = this.#entries[index]
      if (entry !== undefined) at += entry.slab.memory.copy(records, at, entry.start, entry.end)
    }
    return { records, release: () => this.#buffers.give(records) }
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

function viewOf({ slab, start }: Entry, bytes: number): RecentRead {
  slab.readers++
  return { records: slab.memory.subarray(start, start + bytes), release: () => void slab.readers-- }
}

const NOTHING: RecentRead = { records: Buffer.alloc(0), release: () => {} }
