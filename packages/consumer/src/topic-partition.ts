/**
 * A partition by its topic and number: the type, and the checks that find wrong use before anything else is done.
 */
import { KafkaError } from '@samsa/runtime'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

const MOST_PARTITIONS = 0x7fff_ffff

/** Frozen and with nothing else in it. Throws when it names no partition that can be. */
export function checkedPlace(place: unknown): TopicPartition {
  if (typeof place !== 'object' || place === null) throw invalid('a partition is given as { topic, partition }')
  const { topic, partition } = place as Partial<TopicPartition>
  if (typeof topic !== 'string' || topic === '') throw invalid('the topic of a partition must be a non-empty string')
  if (typeof partition !== 'number' || !Number.isInteger(partition) || partition < 0 || partition > MOST_PARTITIONS) {
    throw invalid(`the partition of ${topic} must be a whole number of at least 0`)
  }
  return Object.freeze({ topic, partition })
}

/** As `checkedPlace`, each of them once. */
export function checkedPlaces(places: Iterable<TopicPartition>): TopicPartition[] {
  const byName = new Map<string, TopicPartition>()
  for (const place of places) {
    const checked = checkedPlace(place)
    byName.set(nameOf(checked), checked)
  }
  return [...byName.values()]
}

/** `orders-3`: for messages, and as a key, since a partition's number has no hyphen. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** An offset as the inside counts it. */
export function checkedOffset(offset: unknown): number {
  if (typeof offset !== 'bigint') throw invalid('an offset must be a bigint, such as 42n')
  if (offset < 0n) throw invalid(`an offset must be at least 0n, got ${offset}n`)
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`${offset}n is beyond what an offset can be here (2^53)`)
  return Number(offset)
}

export function invalid(message: string): KafkaError {
  return new KafkaError(message, { code: 'INVALID_ARGUMENT' })
}
