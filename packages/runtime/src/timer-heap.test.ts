import { expect, test } from 'vitest'
import { SeededRandom } from './random.js'
import { type HeapEntry, TimerHeap } from './timer-heap.js'

/** What the heap must agree with: a list that is sorted anew for every question. */
function soonest(entries: readonly HeapEntry[]): HeapEntry | undefined {
  return entries.toSorted((one, other) => one.dueAt - other.dueAt || one.sequence - other.sequence)[0]
}

test.each([1, 2, 3, 4, 5])('agrees with a sorted list through random adds and removals, seed %i', seed => {
  const random = new SeededRandom(seed)
  const heap = new TimerHeap<HeapEntry>()
  const list: HeapEntry[] = []
  for (let sequence = 0; sequence < 400; sequence++) {
    if (random.next() < 0.7 || list.length === 0) {
      const entry = { dueAt: random.integer(0, 200), sequence, place: -1 }
      heap.add(entry)
      list.push(entry)
    } else {
      const [entry] = list.splice(random.integer(0, list.length), 1)
      if (entry !== undefined) heap.remove(entry)
      expect(entry?.place).toBe(-1)
    }
    expect(heap.first()).toBe(soonest(list))
    expect(heap.size).toBe(list.length)
  }
  for (let first = heap.first(); first !== undefined; first = heap.first()) {
    expect(first).toBe(soonest(list))
    list.splice(list.indexOf(first), 1)
    heap.remove(first)
  }
  expect(list).toEqual([])
})

test('refuses an entry that is in it, and does not mind one that is not', () => {
  const heap = new TimerHeap<HeapEntry>()
  const entry = { dueAt: 1, sequence: 1, place: -1 }
  heap.remove(entry)
  heap.add(entry)
  expect(() => heap.add(entry)).toThrow(/armed twice/)
})
