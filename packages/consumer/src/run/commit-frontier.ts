/**
 * CommitFrontier: up to where everything of one partition is finished, whatever the order in which its records are. What
 * lies before it may be committed; nothing behind it ever is. Pure.
 *
 * Records are counted as they are taken, since their offsets have gaps; a record's number is its place in a ring that
 * holds those that are taken and not yet behind the frontier.
 */

const SMALLEST_CAPACITY = 16

export class CommitFrontier {
  #nextOffsets: number[] = new Array<number>(SMALLEST_CAPACITY).fill(0)
  #epochs: number[] = new Array<number>(SMALLEST_CAPACITY).fill(0)
  #isFinished: boolean[] = new Array<boolean>(SMALLEST_CAPACITY).fill(false)
  #mask = SMALLEST_CAPACITY - 1
  #head = 0
  #tail = 0
  #offset: number
  #epoch: number

  /** Nothing is taken: reading goes on at `offset`, the record before which has that leader epoch. */
  constructor(offset: number, epoch: number) {
    this.#offset = offset
    this.#epoch = epoch
  }

  /** Where reading is to go on if it ended now. */
  get offset(): number {
    return this.#offset
  }

  /** Of the record before it. */
  get epoch(): number {
    return this.#epoch
  }

  /** Taken, and not behind the frontier: unfinished ones, and finished ones that wait for an unfinished one before them. */
  get pending(): number {
    return this.#tail - this.#head
  }

  /** The next record in the order of offsets; `nextOffset` lies behind it. Gives the number to finish it by. */
  taken(nextOffset: number, epoch: number): number {
    if (this.#tail - this.#head > this.#mask) this.#grow()
    const slot = this.#tail & this.#mask
    this.#nextOffsets[slot] = nextOffset
    this.#epochs[slot] = epoch
    this.#isFinished[slot] = false
    return this.#tail++
  }

  /** Says whether the frontier has moved. Twice is harmless. */
  finished(number: number): boolean {
    if (number < this.#head || number >= this.#tail) return false
    this.#isFinished[number & this.#mask] = true
    if (number !== this.#head) return false
    while (this.#head < this.#tail && this.#isFinished[this.#head & this.#mask] === true) {
      const slot = this.#head++ & this.#mask
      this.#offset = this.#nextOffsets[slot] ?? this.#offset
      this.#epoch = this.#epochs[slot] ?? this.#epoch
    }
    return true
  }

  /** What lies between the last record and `offset` is for nobody: markers, what was aborted or compacted away. */
  passOver(offset: number, epoch: number): void {
    if (this.#head !== this.#tail || offset <= this.#offset) return
    this.#offset = offset
    this.#epoch = epoch
  }

  #grow(): void {
    const size = this.#mask + 1
    const capacity = size * 2
    const nextOffsets = new Array<number>(capacity).fill(0)
    const epochs = new Array<number>(capacity).fill(0)
    const isFinished = new Array<boolean>(capacity).fill(false)
    for (let number = this.#head; number < this.#tail; number++) {
      const [from, to] = [number & this.#mask, number & (capacity - 1)]
      nextOffsets[to] = this.#nextOffsets[from] ?? 0
      epochs[to] = this.#epochs[from] ?? 0
      isFinished[to] = this.#isFinished[from] ?? false
    }
    this.#nextOffsets = nextOffsets
    this.#epochs = epochs
    this.#isFinished = isFinished
    this.#mask = capacity - 1
  }
}
