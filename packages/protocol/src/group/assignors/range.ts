/**
 * Kafka's `range`: each topic is cut into ranges of its own, one a subscribed member, the first ones longer by one where
 * it does not come out even. Members with the same subscriptions so get the same partitions of topics with as many.
 *
 * Where racks matter, partitions first go to members that are near, within the same lengths: of topics with the same
 * members and as many partitions all together, so that equal partitions stay with one member. What is left is cut as ever.
 */
import { type Assignor, type GroupMember, inDealingOrder } from '../assignor.js'
import { at, NOBODY, NumberedPartitions } from './numbered-partitions.js'
import { rackOf, racksMatter, racksOf } from './racks.js'

export function rangeAssignor(): Assignor {
  return {
    name: 'range',
    supportedProtocols: ['eager'],
    assign(members, topics) {
      const dealt = inDealingOrder(members)
      const partitions = new NumberedPartitions(topics, dealt)
      const owners = new Int32Array(partitions.count).fill(NOBODY)
      const subscribers = subscribersOf(dealt, partitions)
      const memberRacks = dealt.map(rackOf)
      const shares = partitions.topics.map((topic, number) => {
        const ofTopic = owners.subarray(partitions.start(number), partitions.end(number))
        const racks = racksOf(topics.get(topic) ?? { partitions: 0 })
        return new TopicShares(ofTopic, subscribers[number] ?? [], racks, memberRacks)
      })
      if (shares.some(topic => topic.racksMatter)) for (const alike of alikeTopics(shares)) dealNear(alike)
      for (const topic of shares) topic.deal(() => true)
      return partitions.assignments(
        dealt.map(member => member.memberId),
        owners,
      )
    },
  }
}

/** For each topic the places of its members, in the order of dealing. */
function subscribersOf(dealt: readonly GroupMember[], partitions: NumberedPartitions): readonly number[][] {
  const subscribers = partitions.topics.map((): number[] => [])
  for (const [member, { subscription }] of dealt.entries())
    for (const topic of new Set(subscription.topics)) subscribers[partitions.topicNumber(topic) ?? -1]?.push(member)
  return subscribers
}

/** One topic while it is shared out. */
class TopicShares {
  readonly members: readonly number[]
  readonly racksMatter: boolean
  readonly membersHaveRacks: boolean
  readonly #owners: Int32Array
  readonly #racks: readonly ReadonlySet<string>[]
  readonly #memberRacks: readonly (string | undefined)[]
  readonly #assigned: Int32Array
  readonly #share: number
  /** How many members may still get one more than the share. */
  #extras: number

  constructor(
    owners: Int32Array,
    members: readonly number[],
    racks: readonly ReadonlySet<string>[],
    memberRacks: readonly (string | undefined)[],
  ) {
    this.#owners = owners
    this.members = members
    this.#racks = racks
    this.#memberRacks = memberRacks
    this.#assigned = new Int32Array(memberRacks.length)
    this.#share = Math.floor(owners.length / members.length)
    this.#extras = owners.length % members.length
    const ofMembers = members.map(member => memberRacks[member])
    this.racksMatter = racksMatter(ofMembers, racks)
    this.membersHaveRacks = ofMembers.some(rack => rack !== undefined)
  }

  get count(): number {
    return this.#owners.length
  }

  /** What a member may still get. */
  room(member: number): number {
    return Math.max(0, this.#share + (this.#extras > 0 ? 1 : 0) - at(this.#assigned, member))
  }

  /** A member without a rack is near to everything. */
  near(member: number, partition: number): boolean {
    const rack = this.#memberRacks[member]
    return rack === undefined || this.#racks[partition]?.has(rack) === true
  }

  give(member: number, partitions: readonly number[]): void {
    for (const partition of partitions) this.#owners[partition] = member
    const assigned = at(this.#assigned, member) + partitions.length
    this.#assigned[member] = assigned
    if (assigned > this.#share) this.#extras--
  }

  /** Gives each member in turn the first partitions that are left and that it may have, as many as it has room for. */
  deal(mayHave: (member: number, partition: number) => boolean): void {
    let left: number[] = []
    for (const [partition, owner] of this.#owners.entries()) if (owner === NOBODY) left.push(partition)
    for (const member of this.members) {
      if (left.length === 0) return
      const room = this.room(member)
      const taken: number[] = []
      const passed: number[] = []
      for (const partition of left) {
        if (taken.length < room && mayHave(member, partition)) taken.push(partition)
        else passed.push(partition)
      }
      if (taken.length === 0) continue
      this.give(member, taken)
      left = passed
    }
  }
}

/** Topics with the same members and as many partitions. */
function alikeTopics(shares: readonly TopicShares[]): readonly TopicShares[][] {
  const groups = new Map<string, TopicShares[]>()
  for (const topic of shares) {
    const key = `${topic.count}:${topic.members.join()}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [topic])
    else group.push(topic)
  }
  return [...groups.values()]
}

function dealNear(alike: readonly TopicShares[]): void {
  const [first, second] = alike
  if (first === undefined || !first.membersHaveRacks) return
  if (second === undefined) {
    if (first.racksMatter) first.deal((member, partition) => first.near(member, partition))
    return
  }
  let open = [...first.members]
  for (let partition = 0; partition < first.count && open.length > 0; partition++) {
    const member = open.find(candidate =>
      alike.every(topic => topic.near(candidate, partition) && topic.room(candidate) > 0),
    )
    if (member === undefined) continue
    for (const topic of alike) topic.give(member, [partition])
    if (alike.every(topic => topic.room(member) === 0)) open = open.filter(other => other !== member)
  }
}
