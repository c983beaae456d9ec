/**
 * The moves made while a sticky assignment is levelled. Two members never exchange partitions of one topic: where one has
 * gone the other way before, that one goes back instead.
 */
import { at, NOBODY, type NumberedPartitions } from './numbered-partitions.js'

export class PartitionMoves {
  readonly #partitions: NumberedPartitions
  readonly #members: number
  /** Where each partition came from and went to, from its first place to its last; -1 for one that has not moved. */
  readonly #from: Int32Array
  readonly #to: Int32Array
  /** For each topic, the partitions that moved from one member to another, by both. */
  readonly #byPair: ReadonlyArray<Map<number, Set<number>>>

  constructor(partitions: NumberedPartitions, members: number) {
    this.#partitions = partitions
    this.#members = members
    this.#from = new Int32Array(partitions.count).fill(NOBODY)
    this.#to = new Int32Array(partitions.count).fill(NOBODY)
    this.#byPair = partitions.topics.map(() => new Map())
  }

  /** What should move so that `receiver` gets one more of the topic: this partition, or one that left `receiver`. */
  choose(number: number, owner: number, receiver: number): number {
    const first = at(this.#from, number)
    const origin = first === NOBODY ? owner : first
    const [back] = this.#pairs(number)?.get(this.#pair(receiver, origin)) ?? []
    return back ?? number
  }

  /** A partition that is back at its first place has not moved. */
  record(number: number, owner: number, receiver: number): void {
    const first = at(this.#from, number)
    if (first !== NOBODY) this.#forget(number)
    const origin = first === NOBODY ? owner : first
    if (origin === receiver) return
    this.#from[number] = origin
    this.#to[number] = receiver
    const pairs = this.#pairs(number)
    const pair = this.#pair(origin, receiver)
    const numbers = pairs?.get(pair) ?? new Set()
    pairs?.set(pair, numbers.add(number))
  }

  #forget(number: number): void {
    const pair = this.#pair(at(this.#from, number), at(this.#to, number))
    const numbers = this.#pairs(number)?.get(pair)
    numbers?.delete(number)
    if (numbers?.size === 0) this.#pairs(number)?.delete(pair)
    this.#from[number] = NOBODY
    this.#to[number] = NOBODY
  }

  #pairs(number: number): Map<number, Set<number>> | undefined {
    return this.#byPair[this.#partitions.topicOf(number)]
  }

  #pair(from: number, to: number): number {
    return from * this.#members + to
  }
}
