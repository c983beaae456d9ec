/**
 * Which partition a record goes to: by its key as Java does it, round-robin, at random, or as a function of the user's
 * says. What records without a key do is the business of `sticky-partitioner.ts`.
 */
import { murmur2, murmur2Text, partitionForKey, type WritableBytes } from '@samsa/protocol'
import { KafkaError, type Random } from '@samsa/runtime'
import type { ProducerRecord } from './record.js'

/** A topic as a partitioner sees it. */
export interface PartitionerTopic {
  readonly name: string
  readonly partitionCount: number
  /** Those that have a leader just now, ascending; all of them where none has. */
  readonly availablePartitions: readonly number[]
}

export type PartitionFunction = (record: ProducerRecord<unknown, unknown>, topic: PartitionerTopic) => number

/** A partitioner with a memory. */
export interface Partitioner {
  partition: PartitionFunction
  /** A batch of the partition is closed, and the next record to it begins another: the moment to choose another one. */
  onNewBatch?(topic: PartitionerTopic, partition: number): void
  close?(): void
}

export type PartitionerOption = 'default' | 'roundRobin' | 'random' | PartitionFunction | Partitioner

/** `undefined`: the record has no key, and the sticky partitioner chooses. */
export type ChoosePartition = (
  key: WritableBytes,
  record: ProducerRecord<unknown, unknown>,
  topic: PartitionerTopic,
) => number | undefined

export function partitionerOf(
  option: PartitionerOption,
  { random, ignoreKeys }: { readonly random: Random; readonly ignoreKeys: boolean },
): ChoosePartition {
  if (option === 'default') {
    return ignoreKeys
      ? () => undefined
      : (key, _record, { partitionCount }) => (key === null ? undefined : keyPartition(key, partitionCount))
  }
  if (option === 'roundRobin') return roundRobin()
  if (option === 'random') {
    return (_key, _record, { availablePartitions }) =>
      availablePartitions[random.integer(0, availablePartitions.length)]
  }
  const choose = typeof option === 'function' ? option : option.partition.bind(option)
  return (_key, record, topic) => checkedChoice(choose, record, topic)
}

/** What to call when a batch is full; undefined for a partitioner that does not want to know. */
export function onBatchFullOf(
  option: PartitionerOption,
  onError: (error: unknown) => void,
): ((topic: PartitionerTopic, partition: number) => void) | undefined {
  if (typeof option !== 'object' || option.onNewBatch === undefined) return undefined
  return (topic, partition) => {
    try {
      option.onNewBatch?.(topic, partition)
    } catch (error) {
      onError(error)
    }
  }
}

/** The partition that the Java client gives the key. An empty key is a key. */
export function keyPartition(key: string | Uint8Array, partitionCount: number): number {
  return partitionForKey(typeof key === 'string' ? murmur2Text(key) : murmur2(key), partitionCount)
}

function roundRobin(): ChoosePartition {
  const next = new Map<string, number>()
  return (_key, _record, { name, availablePartitions }) => {
    const turn = next.get(name) ?? 0
    next.set(name, (turn + 1) % Number.MAX_SAFE_INTEGER)
    return availablePartitions[turn % availablePartitions.length]
  }
}

function checkedChoice(
  choose: PartitionFunction,
  record: ProducerRecord<unknown, unknown>,
  topic: PartitionerTopic,
): number {
  let partition: unknown
  try {
    partition = choose(record, topic)
  } catch (cause) {
    throw new KafkaError(`The partitioner threw: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'PARTITIONER_FAILED',
      topic: topic.name,
      cause,
    })
  }
  if (
    typeof partition === 'number' &&
    Number.isInteger(partition) &&
    partition >= 0 &&
    partition < topic.partitionCount
  ) {
    return partition
  }
  const count = topic.partitionCount
  throw new KafkaError(
    `The partitioner gave ${String(partition)}, but ${topic.name} has the partitions 0 to ${count - 1}.`,
    { code: 'PARTITIONER_FAILED', topic: topic.name },
  )
}
