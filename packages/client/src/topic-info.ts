/**
 * What is known of topics, as snapshots that never change, and how an answer of a broker becomes the next one. Pure.
 * Brokers answer from caches of different age: what an older leader epoch says is left out (KIP-320), unless the topic
 * was deleted and made anew under the same name, which its id tells.
 */
import { type Decoded, type MetadataResponseTopic, type Uuid, ZERO_UUID } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

export interface PartitionInfo {
  readonly partition: number
  /** -1 while there is none. */
  readonly leader: number
  /** -1 where the broker is too old to say. */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offlineReplicas: readonly number[]
}

/** A new object whenever something about the topic has changed. */
export interface TopicInfo {
  readonly name: string
  readonly id: Uuid
  readonly isInternal: boolean
  /** By their number. */
  readonly partitions: readonly PartitionInfo[]
}

/** The same object when the answer says nothing new. */
export function mergeTopic(known: TopicInfo | undefined, answer: Decoded<MetadataResponseTopic>): TopicInfo {
  const name = answer.name ?? ''
  const isSame = known !== undefined && (known.id === answer.topicId || answer.topicId === ZERO_UUID)
  const partitions = [...answer.partitions]
    .sort((one, other) => one.partitionIndex - other.partitionIndex)
    .map((each, index) => {
      if (each.partitionIndex !== index) throw malformed(name)
      const next: PartitionInfo = {
        partition: index,
        leader: each.leaderId,
        leaderEpoch: each.leaderEpoch,
        replicas: each.replicaNodes,
        isr: each.isrNodes,
        offlineReplicas: each.offlineReplicas,
      }
      return isSame ? mergePartition(known.partitions[index], next) : next
    })
  const unchanged =
    isSame &&
    known.isInternal === answer.isInternal &&
    known.partitions.length === partitions.length &&
    partitions.every((partition, index) => partition === known.partitions[index])
  if (unchanged) return known
  return Object.freeze({
    name,
    id: isSame ? known.id : answer.topicId,
    isInternal: answer.isInternal,
    partitions: Object.freeze(partitions),
  })
}

/** What a partition's leader says who is asked in vain (KIP-951). Undefined when it is not newer than what is known. */
export function withLeader(
  known: TopicInfo,
  partition: number,
  leader: { readonly leaderId: number; readonly leaderEpoch: number },
): TopicInfo | undefined {
  const before = known.partitions[partition]
  if (before === undefined || leader.leaderId < 0 || leader.leaderEpoch <= before.leaderEpoch) return undefined
  const next = Object.freeze({ ...before, leader: leader.leaderId, leaderEpoch: leader.leaderEpoch })
  return Object.freeze({ ...known, partitions: Object.freeze(known.partitions.with(partition, next)) })
}

function mergePartition(known: PartitionInfo | undefined, next: PartitionInfo): PartitionInfo {
  if (known === undefined) return Object.freeze(next)
  if (next.leaderEpoch >= 0 && next.leaderEpoch < known.leaderEpoch) return known
  const unchanged =
    known.leader === next.leader &&
    known.leaderEpoch === next.leaderEpoch &&
    sameIds(known.replicas, next.replicas) &&
    sameIds(known.isr, next.isr) &&
    sameIds(known.offlineReplicas, next.offlineReplicas)
  return unchanged ? known : Object.freeze(next)
}

function sameIds(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index])
}

function malformed(topic: string): KafkaError {
  return new KafkaError(`a broker lists the partitions of ${topic} with gaps`, {
    code: 'UNKNOWN_SERVER_ERROR',
    retriable: true,
    topic,
  })
}
