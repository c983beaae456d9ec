/**
 * The sticky assignment of a group whose members have different subscriptions. What is valid stays where it was, the rest
 * goes to whoever may have it and has the least, and then partitions move from larger to smaller members until no move
 * helps. The moves are undone where they did not make the whole more even.
 */
import { at, NOBODY } from './numbered-partitions.js'
import { PartitionMoves } from './partition-moves.js'
import type { StickyGroup } from './sticky-group.js'

/** Every pass makes the group more even, and few are ever needed; this only ends what would go round in circles. */
const MAX_PASSES = 100

export function assignMixed(group: StickyGroup): Int32Array {
  return new MixedShares(group).assign()
}

class MixedShares {
  readonly #group: StickyGroup
  readonly #owners: Int32Array
  readonly #sizes: Int32Array
  readonly #moves: PartitionMoves
  /** Somebody lost partitions that it may not have any more. */
  #revoked = false

  constructor(group: StickyGroup) {
    this.#group = group
    this.#owners = new Int32Array(group.partitions.count).fill(NOBODY)
    this.#sizes = new Int32Array(group.memberIds.length)
    this.#moves = new PartitionMoves(group.partitions, group.memberIds.length)
  }

  assign(): Int32Array {
    this.#keep()
    const fresh = this.#sizes.every(size => size === 0)
    const ordered = this.#byChoice()
    const left = ordered.filter(number => at(this.#owners, number) === NOBODY)
    if (this.#group.racks.matter) this.#hand(left, (member, number) => !this.#group.racks.far(member, number))
    this.#hand(left, () => true)
    this.#balance(ordered, left, fresh)
    return this.#owners
  }

  #keep(): void {
    const { owners, racks } = this.#group
    for (const [number, owner] of owners.entries()) {
      if (owner === NOBODY) continue
      if (this.#group.maySubscribe(owner, number) && !racks.far(owner, number)) this.#give(owner, number)
      else this.#revoked = true
    }
  }

  /** Partitions of topics with few subscribers first: they have the least choice. */
  #byChoice(): number[] {
    const { partitions, subscribers } = this.#group
    const topics = [...partitions.topics.keys()].sort(
      (a, b) => (subscribers[a]?.length ?? 0) - (subscribers[b]?.length ?? 0),
    )
    const numbers: number[] = []
    for (const topic of topics)
      for (let number = partitions.start(topic); number < partitions.end(topic); number++) numbers.push(number)
    return numbers
  }

  #hand(numbers: readonly number[], mayHave: (member: number, number: number) => boolean): void {
    for (const number of numbers) {
      if (at(this.#owners, number) !== NOBODY) continue
      const member = this.#smallest(number, mayHave)
      if (member !== NOBODY) this.#give(member, number)
    }
  }

  #balance(ordered: readonly number[], left: readonly number[], fresh: boolean): void {
    const movable = (number: number): boolean => this.#subscribersOf(number).length > 1
    const members = this.#movingMembers()
    const owners = this.#owners.slice()
    const unevenness = this.#unevenness(members)
    const previous = this.#previousOwners()
    if (!this.#revoked) this.#level(left.filter(movable), previous)
    // Whether the first moves helped is judged with the second ones: without any of these they stand.
    const moved = this.#level(ordered.filter(movable), previous)
    if (moved && !fresh && this.#unevenness(members) >= unevenness) this.#owners.set(owners)
  }

  /** Members that could get more, or give something up. */
  #movingMembers(): readonly number[] {
    const { partitions, topicsOf, memberIds } = this.#group
    const gives = new Set<number>()
    for (const [number, owner] of this.#owners.entries()) if (this.#subscribersOf(number).length > 1) gives.add(owner)
    return [...memberIds.keys()].filter(member => {
      let most = 0
      for (const topic of topicsOf[member] ?? []) most += partitions.end(topic) - partitions.start(topic)
      return at(this.#sizes, member) < most || gives.has(member)
    })
  }

  /** Who had a partition before a later generation: it gets it back where that makes the group more even. */
  #previousOwners(): ReadonlyMap<number, number> {
    const { claimed } = this.#group
    const latest = claimed.reduce((most, { generationId }) => Math.max(most, generationId), Number.NEGATIVE_INFINITY)
    const previous = new Map<number, number>()
    for (const [member, { numbers, generationId }] of claimed.entries()) {
      if (generationId === latest) continue
      for (const number of numbers) {
        const known = claimed[previous.get(number) ?? NOBODY]
        if (known === undefined || generationId > known.generationId) previous.set(number, member)
      }
    }
    return previous
  }

  /** Moves partitions to smaller members until none that may have one is smaller by more than one. */
  #level(numbers: readonly number[], previous: ReadonlyMap<number, number>): boolean {
    let moved = false
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      let helped = false
      for (const number of numbers) {
        const size = at(this.#sizes, at(this.#owners, number))
        const receiver = this.#receiver(number, size, previous.get(number))
        if (receiver === NOBODY) continue
        this.#move(this.#moves.choose(number, at(this.#owners, number), receiver), receiver)
        helped = true
      }
      if (!helped) break
      moved = true
    }
    return moved
  }

  #receiver(number: number, size: number, previous: number | undefined): number {
    const welcome = (member: number): boolean => size > at(this.#sizes, member) + 1
    if (previous !== undefined && welcome(previous) && this.#group.maySubscribe(previous, number)) return previous
    const smallest = this.#smallest(number, () => true)
    return smallest !== NOBODY && welcome(smallest) ? smallest : NOBODY
  }

  #move(number: number, receiver: number): void {
    const owner = at(this.#owners, number)
    this.#moves.record(number, owner, receiver)
    this.#sizes[owner] = at(this.#sizes, owner) - 1
    this.#give(receiver, number)
  }

  /** The member with the fewest partitions among those that may have this one, the first by id of several. */
  #smallest(number: number, mayHave: (member: number, number: number) => boolean): number {
    let smallest = NOBODY
    let least = Number.POSITIVE_INFINITY
    for (const member of this.#subscribersOf(number)) {
      const size = at(this.#sizes, member)
      if (size >= least || !mayHave(member, number)) continue
      smallest = member
      least = size
    }
    return smallest
  }

  #subscribersOf(number: number): readonly number[] {
    return this.#group.subscribers[this.#group.partitions.topicOf(number)] ?? []
  }

  #give(member: number, number: number): void {
    this.#owners[number] = member
    this.#sizes[member] = at(this.#sizes, member) + 1
  }

  /** The differences in size between all pairs of members, added up. */
  #unevenness(members: readonly number[]): number {
    const sizes = members.map(member => at(this.#sizes, member)).sort((a, b) => a - b)
    // In this order a size is added once for each smaller one and taken off once for each larger one.
    return sizes.reduce((sum, size, place) => sum + size * (2 * place - sizes.length + 1), 0)
  }
}
