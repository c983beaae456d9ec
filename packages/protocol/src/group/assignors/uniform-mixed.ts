/**
 * The uniform assignment of a group whose members have different subscriptions. What is valid stays, the rest goes to the
 * least loaded subscribers topic by topic, and then each topic in turn is levelled among its subscribers until a whole
 * round changes nothing. That makes every topic even; the group as a whole may stay uneven by more than one.
 */
import { compareUuids, type Uuid } from '../../wire/uuid.js'
import type { TargetAssignment, TargetMember } from '../server-assignor.js'
import { at, NOBODY } from './numbered-partitions.js'
import { SubscriberLoads } from './subscriber-loads.js'

/** Kafka's own limit: levelling one topic may unsettle another. */
const MAX_ROUNDS = 16

export function assignUniformMixed(
  members: readonly TargetMember[],
  partitionCounts: ReadonlyMap<Uuid, number>,
): ReadonlyMap<string, TargetAssignment> {
  const group = new MixedGroup(members, partitionCounts)
  for (const topic of group.topics) group.deal(topic)
  group.level()
  return group.targets()
}

interface SharedTopic {
  readonly topicId: Uuid
  readonly subscribers: readonly number[]
  /** The member that has each partition, by its place. */
  readonly owners: Int32Array
}

class MixedGroup {
  /** Those with many partitions a subscriber first, among these the ones with few subscribers. */
  readonly topics: readonly SharedTopic[]
  readonly #members: readonly TargetMember[]
  readonly #sizes: Int32Array

  constructor(members: readonly TargetMember[], partitionCounts: ReadonlyMap<Uuid, number>) {
    this.#members = members
    this.#sizes = new Int32Array(members.length)
    const subscribers = new Map<Uuid, number[]>()
    for (const [place, { subscribedTopicIds }] of members.entries()) {
      for (const topicId of subscribedTopicIds) {
        const ofTopic = subscribers.get(topicId)
        if (ofTopic === undefined) subscribers.set(topicId, [place])
        else ofTopic.push(place)
      }
    }
    this.topics = [...subscribers]
      .map(([topicId, ofTopic]) => {
        const owners = new Int32Array(partitionCounts.get(topicId) ?? 0).fill(NOBODY)
        return { topicId, subscribers: ofTopic, owners }
      })
      .filter(topic => topic.owners.length > 0)
      .sort(inOrderOfLoad)
    for (const topic of this.topics) this.#keep(topic)
  }

  #keep({ topicId, subscribers, owners }: SharedTopic): void {
    for (const member of subscribers) {
      for (const partition of this.#members[member]?.target.get(topicId) ?? []) {
        if (owners[partition] !== NOBODY) continue
        owners[partition] = member
        this.#sizes[member] = at(this.#sizes, member) + 1
      }
    }
  }

  /** Gives what nobody has to the least loaded subscribers. */
  deal(topic: SharedTopic): void {
    if (!topic.owners.includes(NOBODY)) return
    const loads = new SubscriberLoads(topic.subscribers, this.#sizes)
    for (const [partition, owner] of topic.owners.entries())
      if (owner === NOBODY) this.#assign(topic, partition, loads.nextLeast())
  }

  /** Goes round the topics until it is back at the last one that changed. */
  level(): void {
    const shared = this.topics.filter(topic => topic.subscribers.length > 1)
    let last: SharedTopic | undefined
    for (let round = 0; round < MAX_ROUNDS; round++) {
      for (const topic of shared) {
        if (topic === last) return
        const changed = this.#levelTopic(topic)
        if (changed || last === undefined) last = topic
      }
    }
  }

  /** Moves partitions of one topic from its most to its least loaded subscribers, until they differ by one at most. */
  #levelTopic(topic: SharedTopic): boolean {
    const loads = new SubscriberLoads(topic.subscribers, this.#sizes)
    if (loads.spread <= 1) return false
    const owned = partitionsByOwner(topic.owners)
    let changed = false
    for (;;) {
      const giver = loads.nextMost(member => (owned.get(member)?.length ?? 0) > 0)
      const partition = owned.get(giver ?? NOBODY)?.pop()
      if (partition === undefined) return changed
      const receiver = loads.nextLeast()
      if (loads.isLevel) return changed
      this.#assign(topic, partition, receiver)
      changed = true
    }
  }

  targets(): ReadonlyMap<string, TargetAssignment> {
    const targets = this.#members.map(() => new Map<Uuid, number[]>())
    for (const { topicId, owners } of this.topics) {
      for (const [partition, owner] of owners.entries()) {
        const partitions = targets[owner]?.get(topicId)
        if (partitions === undefined) targets[owner]?.set(topicId, [partition])
        else partitions.push(partition)
      }
    }
    return new Map(this.#members.map(({ memberId }, place) => [memberId, targets[place] ?? new Map()]))
  }

  #assign({ owners }: SharedTopic, partition: number, member: number): void {
    const owner = at(owners, partition)
    if (owner !== NOBODY) this.#sizes[owner] = at(this.#sizes, owner) - 1
    owners[partition] = member
    this.#sizes[member] = at(this.#sizes, member) + 1
  }
}

function inOrderOfLoad(a: SharedTopic, b: SharedTopic): number {
  const perSubscriber = b.owners.length / b.subscribers.length - a.owners.length / a.subscribers.length
  return perSubscriber || a.subscribers.length - b.subscribers.length || compareUuids(a.topicId, b.topicId)
}

function partitionsByOwner(owners: Int32Array): ReadonlyMap<number, number[]> {
  const owned = new Map<number, number[]>()
  for (const [partition, owner] of owners.entries()) {
    const partitions = owned.get(owner)
    if (partitions === undefined) owned.set(owner, [partition])
    else partitions.push(partition)
  }
  return owned
}
