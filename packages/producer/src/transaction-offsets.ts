/**
 * Offsets that are committed with a transaction: what users give, checked, and the form in which it is sent.
 */
import type { TxnOffsetCommitRequestTopic } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { named } from './record.js'

/** Where a group goes on in one partition. */
export interface TransactionOffset {
  readonly topic: string
  readonly partition: number
  /** The next offset to read: one more than the last one that was handled. */
  readonly offset: bigint
  /** Free text. */
  readonly metadata?: string | null | undefined
  readonly leaderEpoch?: number | undefined
}

/** Who commits: as the consumer's `groupMetadata()` says. Without a generation and a member nobody is fenced. */
export interface GroupMetadata {
  readonly groupId: string
  readonly generationId?: number | undefined
  readonly memberId?: string | undefined
  readonly groupInstanceId?: string | null | undefined
}

export type TransactionOffsets = Iterable<TransactionOffset>

/** One topic once, one partition once: the last mention counts. */
export function offsetsByTopic(offsets: TransactionOffsets): readonly TxnOffsetCommitRequestTopic[] {
  const byTopic = new Map<string, Map<number, TxnOffsetCommitRequestTopic['partitions'][number]>>()
  for (const each of offsets) {
    const { topic, partition, offset, metadata = null, leaderEpoch = -1 } = checked(each)
    const partitions = byTopic.get(topic) ?? new Map()
    byTopic.set(topic, partitions)
    partitions.set(partition, {
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      committedMetadata: metadata,
    })
  }
  return [...byTopic].map(([name, partitions]) => ({ name, partitions: [...partitions.values()] }))
}

export function checkGroup(group: GroupMetadata): void {
  const { groupId, generationId = -1, memberId = '' } = group
  if (typeof groupId !== 'string' || groupId === '')
    throw invalid(`groupMetadata.groupId must be the name of a group, got ${named(groupId)}`)
  if (generationId > 0 && memberId === '')
    throw invalid(`groupMetadata has the generation ${generationId} but no memberId: take what groupMetadata() returns`)
}

function checked(given: TransactionOffset): TransactionOffset {
  if (typeof given !== 'object' || given === null) throw invalid(`an offset must be an object, got ${named(given)}`)
  const { topic, partition, offset } = given
  if (typeof topic !== 'string' || topic === '') throw invalid(`topic must be the name of a topic, got ${named(topic)}`)
  if (!(Number.isInteger(partition) && partition >= 0))
    throw invalid(`partition must be a whole number of at least 0, got ${named(partition)}`)
  if (typeof offset !== 'bigint' || offset < 0n)
    throw invalid(`the offset of ${topic}-${partition} must be a bigint of at least 0n, got ${named(offset)}`)
  return given
}

function invalid(message: string): KafkaError {
  return new KafkaError(message, { code: 'INVALID_REQUEST' })
}
