/**
 * Numbers for all partitions that can be assigned, from 0, in the order of topic and partition, so that assignors work on
 * plain arrays. Only topics that a member is subscribed to and that are there have any.
 */
import { type Assignor, compareText, type GroupMember, type TopicLayout } from '../assignor.js'
import type { Assignment, PartitionsOfTopic } from '../consumer-protocol.js'

/** In place of a member: a partition that nobody has. */
export const NOBODY = -1

export class NumberedPartitions {
  /** In the order of their names. */
  readonly topics: readonly string[]
  /** The number of each topic's first partition, and behind them all how many partitions there are. */
  readonly #starts: Int32Array
  readonly #topicOf: Int32Array
  readonly #topicNumbers: ReadonlyMap<string, number>

  constructor(layouts: ReadonlyMap<string, TopicLayout>, members: readonly GroupMember[]) {
    const subscribed = new Set(members.flatMap(member => member.subscription.topics))
    this.topics = [...subscribed].filter(topic => (layouts.get(topic)?.partitions ?? 0) > 0).sort(compareText)
    this.#topicNumbers = new Map(this.topics.map((topic, number) => [topic, number]))
    this.#starts = new Int32Array(this.topics.length + 1)
    for (const [number, topic] of this.topics.entries())
      this.#starts[number + 1] = at(this.#starts, number) + (layouts.get(topic)?.partitions ?? 0)
    this.#topicOf = new Int32Array(this.count)
    for (const number of this.topics.keys()) this.#topicOf.fill(number, this.start(number), this.end(number))
  }

  get count(): number {
    return at(this.#starts, this.topics.length)
  }

  /** The number of the topic's first partition. */
  start(topic: number): number {
    return at(this.#starts, topic)
  }

  /** One past the number of the topic's last partition. */
  end(topic: number): number {
    return at(this.#starts, topic + 1)
  }

  topicNumber(topic: string): number | undefined {
    return this.#topicNumbers.get(topic)
  }

  topicOf(number: number): number {
    return at(this.#topicOf, number)
  }

  /** The number that the partition has within its topic. */
  partitionOf(number: number): number {
    return number - this.start(this.topicOf(number))
  }

  /** The numbers of those partitions that are there. */
  numbersOf(entries: readonly PartitionsOfTopic[]): number[] {
    const numbers: number[] = []
    for (const { topic, partitions } of entries) {
      const topicNumber = this.topicNumber(topic)
      if (topicNumber === undefined) continue
      const start = this.start(topicNumber)
      const count = this.end(topicNumber) - start
      for (const partition of partitions) if (partition >= 0 && partition < count) numbers.push(start + partition)
    }
    return numbers
  }

  /** What `owners`, a member's place in `memberIds` for each partition, says as assignments: one for every member. */
  assignments(memberIds: readonly string[], owners: Int32Array): ReturnType<Assignor['assign']> {
    const perMember = memberIds.map(() => new Map<string, number[]>())
    for (const [topicNumber, topic] of this.topics.entries()) {
      const start = this.start(topicNumber)
      for (let number = start; number < this.end(topicNumber); number++) {
        const partitions = perMember[at(owners, number)]
        if (partitions === undefined) continue
        const ofTopic = partitions.get(topic)
        if (ofTopic === undefined) partitions.set(topic, [number - start])
        else ofTopic.push(number - start)
      }
    }
    return new Map(memberIds.map((memberId, place) => [memberId, asAssignment(perMember[place] ?? new Map())]))
  }
}

function asAssignment(byTopic: ReadonlyMap<string, readonly number[]>): Assignment {
  return { partitions: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })), userData: null }
}

/** An element of an array of whole numbers, at a place that is known to be in it. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0
}
