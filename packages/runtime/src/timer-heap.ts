/**
 * The armed timers of a ManualClock, soonest first, those of one moment in the order in which they were armed. Owns
 * the place that each entry remembers, which is what lets one be taken out of the middle without a search.
 */
import { invariant } from './invariant.js'

export interface HeapEntry {
  dueAt: number
  /** Order of arming: breaks ties. */
  sequence: number
  /** Where the entry is in the heap; -1 while it is not in it. Written by the heap only. */
  place: number
}

export class TimerHeap<Entry extends HeapEntry> {
  readonly #entries: Entry[] = []

  get size(): number {
    return this.#entries.length
  }

  first(): Entry | undefined {
    return this.#entries[0]
  }

  add(entry: Entry): void {
    invariant(entry.place === -1, () => `a timer is armed twice, at place ${entry.place}`)
    this.#entries.push(entry)
    this.#rise(entry, this.#entries.length - 1)
  }

  /** Harmless for an entry that is not in the heap. */
  remove(entry: Entry): void {
    const { place } = entry
    if (place === -1) return
    const last = this.#entries.pop()
    invariant(last !== undefined, () => `a timer is at place ${place} of an empty heap`)
    entry.place = -1
    if (last === entry) return
    // The last entry takes the free place; it may belong above or below it.
    this.#rise(last, place)
    this.#sink(last, last.place)
  }

  /** All entries, in no order. */
  values(): readonly Entry[] {
    return this.#entries
  }

  #rise(entry: Entry, from: number): void {
    let place = from
    while (place > 0) {
      const parentPlace = (place - 1) >>> 1
      const parent = this.#entries[parentPlace]
      if (parent === undefined || !isBefore(entry, parent)) break
      this.#put(parent, place)
      place = parentPlace
    }
    this.#put(entry, place)
  }

  #sink(entry: Entry, from: number): void {
    let place = from
    for (;;) {
      const leftPlace = 2 * place + 1
      const left = this.#entries[leftPlace]
      const right = this.#entries[leftPlace + 1]
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (child === undefined || !isBefore(child, entry)) break
      const childPlace = child.place
      this.#put(child, place)
      place = childPlace
    }
    this.#put(entry, place)
  }

  #put(entry: Entry, place: number): void {
    this.#entries[place] = entry
    entry.place = place
  }
}

function isBefore(one: HeapEntry, other: HeapEntry): boolean {
  return one.dueAt === other.dueAt ? one.sequence < other.sequence : one.dueAt < other.dueAt
}
