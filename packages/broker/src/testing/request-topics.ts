/**
 * Topics and partitions that a request names, whatever its API: faults are told apart by them. APIs differ in what they call
 * these fields and agree in how they nest them.
 */
import { type Uuid, ZERO_UUID } from '@samsa/protocol'

export interface TopicFilter {
  readonly topic: string
  /** Undefined for any. */
  readonly partition: number | undefined
}

/** The name of a topic that requests speak of by id. */
export type NameOfTopic = (id: Uuid) => string | undefined

const topicLists: readonly string[] = ['topics', 'topicData', 'topicPartitions', 'v3AndBelowTopics']
/** Several requests in one, with topics of their own. */
const requestLists: readonly string[] = ['groups', 'transactions']
const partitionLists: readonly string[] = ['partitions', 'partitionData', 'partitionIndexes']
const partitionNumbers: readonly string[] = ['partition', 'partitionIndex', 'partitionId', 'index']

/** Whether a decoded request is about a partition, or a topic. One that asks for all topics is about each. */
export function namesTopic(request: object, filter: TopicFilter, nameOf: NameOfTopic): boolean {
  for (const [name, value] of Object.entries(request)) {
    if (name === 'topicNames' && Array.isArray(value) && value.includes(filter.topic)) return true
    if (requestLists.includes(name) && Array.isArray(value) && value.some(each => namesTopic(each, filter, nameOf))) {
      return true
    }
    if (!topicLists.includes(name)) continue
    if (value === null) return true
    if (Array.isArray(value) && value.some(topic => isMeant(topic, filter, nameOf))) return true
  }
  return false
}

/** What a request or an answer calls a topic: by name, or by id where it says no name. */
export function topicNameIn(topic: object, nameOf: NameOfTopic): string | undefined {
  const { name, topic: named, topicName, topicId } = topic as Record<string, unknown>
  const text = [name, named, topicName].find(each => typeof each === 'string' && each !== '')
  if (typeof text === 'string') return text
  return typeof topicId === 'string' && topicId !== ZERO_UUID ? nameOf(topicId) : undefined
}

function isMeant(topic: unknown, filter: TopicFilter, nameOf: NameOfTopic): boolean {
  if (typeof topic !== 'object' || topic === null || topicNameIn(topic, nameOf) !== filter.topic) return false
  if (filter.partition === undefined) return true
  const lists = Object.entries(topic).filter(([name, value]) => partitionLists.includes(name) && Array.isArray(value))
  // A request about whole topics is about each of their partitions.
  if (lists.length === 0) return true
  return lists.some(([, list]) => list.some((each: unknown) => numberOf(each) === filter.partition))
}

function numberOf(partition: unknown): number | undefined {
  if (typeof partition === 'number') return partition
  if (typeof partition !== 'object' || partition === null) return undefined
  const found = Object.entries(partition).find(([name]) => partitionNumbers.includes(name))?.[1]
  return typeof found === 'number' ? found : undefined
}
