/**
 * The subscribers of one topic by how much they have, while partitions go to those with the least and come from those with
 * the most. Two ranges of the sorted members grow towards each other: within the lower one all have been raised to one
 * level before any is raised above it, within the upper one lowered likewise.
 *
 * Nothing here moves a partition: whoever is told a member gives it one, or takes one from it.
 */
import { at } from './numbered-partitions.js'

export class SubscriberLoads {
  /** How far the most and the least loaded subscriber were apart. */
  readonly spread: number
  readonly #sizes: Int32Array
  readonly #sorted: number[]
  /** Members before this place are in the lower range; each has `#lowerLevel` partitions, or one more by now. */
  #lowerEnd = 0
  #lowerLevel: number
  #lowerNext = 0
  /** Members between these places are in the upper range; each has `#upperLevel` partitions, or one less by now. */
  #upperStart: number
  #upperEnd: number
  #upperLevel: number
  #upperNext: number

  constructor(subscribers: readonly number[], sizes: Int32Array) {
    this.#sizes = sizes
    this.#sorted = [...subscribers].sort((a, b) => at(sizes, a) - at(sizes, b) || a - b)
    const count = this.#sorted.length
    const least = this.#sizeAt(0)
    const most = this.#sizeAt(count - 1)
    this.spread = most - least
    this.#lowerLevel = least - 1
    this.#upperStart = count
    this.#upperEnd = count
    this.#upperLevel = most + 1
    this.#upperNext = count - 1
  }

  /** Whether moving another partition from the upper to the lower range would make nothing more even. */
  get isLevel(): boolean {
    return this.#upperLevel - this.#lowerLevel <= 1
  }

  nextLeast(): number {
    if (this.#lowerNext >= this.#lowerEnd) {
      this.#lowerLevel++
      while (this.#lowerEnd < this.#sorted.length && this.#sizeAt(this.#lowerEnd) === this.#lowerLevel) this.#lowerEnd++
      this.#lowerNext = 0
    }
    return at(this.#sorted, this.#lowerNext++)
  }

  /** Members that have nothing to give leave the upper range for good; undefined when nobody is left. */
  nextMost(canGive: (member: number) => boolean): number | undefined {
    for (;;) {
      if (this.#upperNext < this.#upperStart) this.#widenUpper()
      if (this.#upperNext < 0) return undefined
      const place = this.#upperNext--
      const member = at(this.#sorted, place)
      if (canGive(member)) return member
      this.#upperEnd--
      this.#sorted[place] = at(this.#sorted, this.#upperEnd)
      this.#sorted[this.#upperEnd] = member
    }
  }

  #widenUpper(): void {
    const empty = this.#upperEnd <= this.#upperStart && this.#upperStart > 0
    this.#upperLevel = empty ? this.#sizeAt(this.#upperStart - 1) : this.#upperLevel - 1
    while (this.#upperStart > 0 && this.#sizeAt(this.#upperStart - 1) === this.#upperLevel) this.#upperStart--
    this.#upperNext = this.#upperEnd - 1
  }

  #sizeAt(place: number): number {
    return at(this.#sizes, at(this.#sorted, place))
  }
}
