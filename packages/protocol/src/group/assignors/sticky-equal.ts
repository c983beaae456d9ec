/**
 * The sticky assignment of a group whose members all have the same subscription. Any partition may go to any member, so
 * one pass is enough: all get the same number, some one more, and each keeps of its own as many as fit.
 */
import { at, NOBODY } from './numbered-partitions.js'
import type { StickyGroup } from './sticky-group.js'

export function assignEqually(group: StickyGroup): Int32Array {
  return new EqualShares(group).assign()
}

class EqualShares {
  readonly #group: StickyGroup
  readonly #owners: Int32Array
  readonly #sizes: Int32Array
  readonly #least: number
  readonly #most: number
  /** How many members get one more than the least; 0 where it comes out even. */
  readonly #largerShares: number
  #larger = 0
  /** Members that need more to have the least, in the order of their ids. */
  readonly #hungry: number[] = []
  /** Members that have the least and may get one more, first come first served. */
  #candidates: number[] = []

  constructor(group: StickyGroup) {
    const members = group.memberIds.length
    this.#group = group
    this.#owners = new Int32Array(group.partitions.count).fill(NOBODY)
    this.#sizes = new Int32Array(members)
    this.#least = Math.floor(group.partitions.count / members)
    this.#most = Math.ceil(group.partitions.count / members)
    this.#largerShares = group.partitions.count % members
  }

  assign(): Int32Array {
    if (this.#group.memberIds.length === 0) return this.#owners
    for (const [member, had] of this.#had().entries()) this.#keep(member, had)
    let left: number[] = []
    for (const [number, owner] of this.#owners.entries()) if (owner === NOBODY) left.push(number)
    if (this.#group.racks.matter) left = this.#dealNear(this.#group.racks.byChoice(left))
    this.#deal(left)
    return this.#owners
  }

  /** What each member had and may keep, in the order in which it keeps it: by partition, then topic. */
  #had(): readonly number[][] {
    const { memberIds, partitions, owners, contested, racks } = this.#group
    const had = memberIds.map((): number[] => [])
    for (const [number, owner] of owners.entries())
      if (owner !== NOBODY && !contested.has(number) && !racks.far(owner, number)) had[owner]?.push(number)
    // Numbers are in the order of topics, and sorting keeps that order among equal partitions.
    for (const numbers of had) numbers.sort((a, b) => partitions.partitionOf(a) - partitions.partitionOf(b))
    return had
  }

  #keep(member: number, had: readonly number[]): void {
    if (had.length < this.#least) {
      for (const number of had) this.#give(member, number)
      this.#hungry.push(member)
    } else if (had.length >= this.#most && this.#larger < this.#largerShares) {
      for (const number of had.slice(0, this.#most)) this.#give(member, number)
      if (++this.#larger === this.#largerShares) this.#candidates = []
    } else {
      for (const number of had.slice(0, this.#least)) this.#give(member, number)
      if (this.#larger < this.#largerShares) this.#candidates.push(member)
    }
  }

  /**
   * Gives members what is near to them, in turn, and returns what found nobody. Unlike Kafka, which fails there, it
   * never lets more members have one more than there are larger shares.
   */
  #dealNear(left: readonly number[]): number[] {
    const far: number[] = []
    let turn = 0
    for (const number of left) {
      const index = this.#nextNear(number, this.#hungry, turn)
      const member = this.#hungry[index]
      if (member !== undefined) {
        this.#give(member, number)
        const filled = at(this.#sizes, member) >= this.#least
        if (filled) this.#fill(index)
        turn = this.#hungry.length === 0 ? 0 : (filled ? index : index + 1) % this.#hungry.length
        continue
      }
      const place = this.#larger < this.#largerShares ? this.#nextNear(number, this.#candidates, 0) : -1
      const candidate = this.#candidates[place]
      if (candidate === undefined) {
        far.push(number)
        continue
      }
      this.#give(candidate, number)
      this.#candidates.splice(place, 1)
      this.#larger++
    }
    return far
  }

  /** The place of the first member from `from` on, around the end, that is near; -1 if none is. */
  #nextNear(number: number, members: readonly number[], from: number): number {
    for (let step = 0; step < members.length; step++) {
      const place = (from + step) % members.length
      if (this.#group.racks.near(members[place] ?? NOBODY, number)) return place
    }
    return -1
  }

  /** Gives what is left to the hungry in turn, then one each to the candidates. */
  #deal(left: readonly number[]): void {
    let turn = 0
    let candidate = 0
    for (const number of left) {
      if (turn >= this.#hungry.length) turn = 0
      const member = this.#hungry[turn]
      if (member === undefined) {
        this.#give(this.#candidates[candidate++] ?? NOBODY, number)
        continue
      }
      this.#give(member, number)
      if (at(this.#sizes, member) === this.#least) this.#fill(turn)
      else turn++
    }
  }

  /** A hungry member has the least now: it is no longer hungry, but may get one more. */
  #fill(index: number): void {
    const [member] = this.#hungry.splice(index, 1)
    if (member !== undefined && this.#least < this.#most) this.#candidates.push(member)
  }

  #give(member: number, number: number): void {
    this.#owners[number] = member
    this.#sizes[member] = at(this.#sizes, member) + 1
  }
}
