/**
 * A group as the sticky assignors see it: members and partitions by number, who had what, who may have what. Members are
 * numbered in the order of their ids; where Kafka's own result depends on the order of a map, ours follows that order.
 */
import { compareText, type GroupMember, type TopicLayout } from '../assignor.js'
import type { PartitionsOfTopic } from '../consumer-protocol.js'
import { at, NOBODY, NumberedPartitions } from './numbered-partitions.js'
import { rackOf, racksMatter, racksOf } from './racks.js'

/** What a member says it had, and since when. */
export interface Claim {
  readonly partitions: readonly PartitionsOfTopic[]
  readonly generationId: number
}

export class StickyGroup {
  readonly memberIds: readonly string[]
  readonly partitions: NumberedPartitions
  /** For each member the numbers of the topics it may have. */
  readonly topicsOf: readonly ReadonlySet<number>[]
  /** For each topic the members that may have it. */
  readonly subscribers: readonly (readonly number[])[]
  readonly sameSubscriptions: boolean
  readonly claimed: readonly ClaimedNumbers[]
  /** Who had each partition; of several claims that of the latest generation counts, and of two in one generation none. */
  readonly owners: Int32Array
  /** Partitions that two members claim in one generation. */
  readonly contested: ReadonlySet<number>
  readonly racks: StickyRacks

  constructor(
    members: readonly GroupMember[],
    topics: ReadonlyMap<string, TopicLayout>,
    claimOf: (member: GroupMember) => Claim,
  ) {
    const ordered = [...members].sort((a, b) => compareText(a.memberId, b.memberId))
    const partitions = new NumberedPartitions(topics, ordered)
    this.memberIds = ordered.map(member => member.memberId)
    this.partitions = partitions
    this.topicsOf = ordered.map(({ subscription }) => {
      const numbers = subscription.topics.map(topic => partitions.topicNumber(topic))
      return new Set(numbers.filter(number => number !== undefined))
    })
    this.subscribers = subscribersOf(partitions.topics.length, this.topicsOf)
    this.sameSubscriptions = haveSameTopics(ordered)
    this.claimed = ordered.map(member => {
      const claim = claimOf(member)
      return { numbers: partitions.numbersOf(claim.partitions), generationId: claim.generationId }
    })
    const settled = settleClaims(this.claimed, partitions.count)
    this.owners = settled.owners
    this.contested = settled.contested
    this.racks = new StickyRacks(ordered, partitions, topics)
  }

  maySubscribe(member: number, number: number): boolean {
    return this.topicsOf[member]?.has(this.partitions.topicOf(number)) === true
  }
}

export interface ClaimedNumbers {
  readonly numbers: readonly number[]
  readonly generationId: number
}

function subscribersOf(topics: number, topicsOf: readonly ReadonlySet<number>[]): readonly number[][] {
  const subscribers = Array.from({ length: topics }, (): number[] => [])
  for (const [member, numbers] of topicsOf.entries()) for (const topic of numbers) subscribers[topic]?.push(member)
  return subscribers
}

/** Topics that are not there count as well, as they do for Kafka. */
function haveSameTopics(members: readonly GroupMember[]): boolean {
  const first = new Set(members[0]?.subscription.topics)
  return members.every(({ subscription }) => {
    const topics = new Set(subscription.topics)
    return topics.size === first.size && subscription.topics.every(topic => first.has(topic))
  })
}

function settleClaims(
  claims: readonly ClaimedNumbers[],
  count: number,
): { owners: Int32Array; contested: ReadonlySet<number> } {
  const owners = new Int32Array(count).fill(NOBODY)
  // The last one whose claim had a chance, even if it came to nothing: a third claim is measured by it.
  const claimants = new Int32Array(count).fill(NOBODY)
  const contested = new Set<number>()
  for (const [member, { numbers, generationId }] of claims.entries()) {
    for (const number of numbers) {
      const other = at(claimants, number)
      const otherGeneration = claims[other]?.generationId
      if (other === member || (otherGeneration !== undefined && generationId < otherGeneration)) continue
      const tie = generationId === otherGeneration
      if (tie) contested.add(number)
      owners[number] = tie ? NOBODY : member
      claimants[number] = member
    }
  }
  return { owners, contested }
}

/** Which partitions are near which members; nothing is far where racks do not matter. */
export class StickyRacks {
  readonly matter: boolean
  readonly #members: readonly (string | undefined)[]
  readonly #partitions: readonly ReadonlySet<string>[]

  constructor(
    members: readonly GroupMember[],
    partitions: NumberedPartitions,
    topics: ReadonlyMap<string, TopicLayout>,
  ) {
    this.#members = members.map(rackOf)
    const layouts = partitions.topics.map(topic => topics.get(topic) ?? { partitions: 0 })
    this.#partitions = this.#members.some(rack => rack !== undefined) ? layouts.flatMap(racksOf) : []
    this.matter = racksMatter(this.#members, this.#partitions)
  }

  /** Whether the member has a rack and the partition has no replica there. */
  far(member: number, number: number): boolean {
    const rack = this.#members[member]
    return this.matter && rack !== undefined && this.#partitions[number]?.has(rack) !== true
  }

  /** Whether the member has a rack and the partition has a replica there. */
  near(member: number, number: number): boolean {
    const rack = this.#members[member]
    return this.matter && rack !== undefined && this.#partitions[number]?.has(rack) === true
  }

  /** Those that few members are near to come first: they have the least choice. */
  byChoice(numbers: readonly number[]): number[] {
    if (!this.matter) return [...numbers]
    const membersIn = new Map<string, number>()
    for (const rack of this.#members) if (rack !== undefined) membersIn.set(rack, (membersIn.get(rack) ?? 0) + 1)
    const choices = this.#partitions.map(racks => {
      let choice = 0
      for (const rack of racks) choice += membersIn.get(rack) ?? 0
      return choice
    })
    return [...numbers].sort((a, b) => at(choices, a) - at(choices, b))
  }
}
