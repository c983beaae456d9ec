/**
 * A commit as a request, and the answer to it; what an application gives and gets of committed offsets. Pure.
 */
import { type Decoded, errorByCode, type OffsetCommitRequest, type OffsetCommitResponse } from '@samsa/protocol'
import type { TopicPartitionOffset } from '@samsa/runtime'
import type { MemberIdentity } from './membership/member.js'
import { checkedOffset, checkedPlace, invalid, nameOf, type TopicPartition } from './topic-partition.js'

/** What is to be committed: the offset of the next record to read. */
export interface OffsetToCommit extends TopicPartitionOffset {
  /** Of the record before: whoever goes on there notices by it that a log was cut off. */
  readonly leaderEpoch?: number | undefined
  /** Free text that is kept beside the offset. */
  readonly metadata?: string | undefined
}

export interface CommittedOffset extends TopicPartitionOffset {
  readonly leaderEpoch: number | undefined
  readonly metadata: string
}

/** Names of topics end with it. */
export const COMMIT_BY_NAME = 9
const COMMIT_OF_STATIC_MEMBERS = 7
const COMMIT_WITH_EPOCHS = 6

/** Each partition once: the last word counts. */
export function checkedOffsets(offsets: Iterable<OffsetToCommit>): readonly OffsetToCommit[] {
  const byName = new Map<string, OffsetToCommit>()
  for (const given of offsets) {
    const place = checkedPlace(given)
    checkedOffset(given.offset)
    const { leaderEpoch, metadata } = given
    if (leaderEpoch !== undefined && !Number.isInteger(leaderEpoch)) throw invalid('a leaderEpoch must be whole')
    if (metadata !== undefined && typeof metadata !== 'string') throw invalid('metadata of an offset must be a string')
    byName.set(nameOf(place), Object.freeze({ ...place, offset: given.offset, leaderEpoch, metadata }))
  }
  return [...byName.values()]
}

export function commitRequest(
  groupId: string,
  { memberId, generationId, groupInstanceId }: MemberIdentity,
  offsets: readonly OffsetToCommit[],
  version: number,
): OffsetCommitRequest {
  const topics = new Map<string, OffsetToCommit[]>()
  for (const each of offsets) topics.set(each.topic, [...(topics.get(each.topic) ?? []), each])
  return {
    groupId,
    memberId,
    generationIdOrMemberEpoch: generationId,
    ...(version >= COMMIT_OF_STATIC_MEMBERS ? { groupInstanceId } : {}),
    topics: [...topics].map(([name, ofTopic]) => ({
      name,
      partitions: ofTopic.map(({ partition, offset, leaderEpoch = -1, metadata = '' }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: metadata,
        ...(version >= COMMIT_WITH_EPOCHS ? { committedLeaderEpoch: leaderEpoch } : {}),
      })),
    })),
  }
}

/** The first partition whose offset was not taken. */
export function refusedIn({ topics }: Decoded<OffsetCommitResponse>): (TopicPartition & { code: number }) | undefined {
  for (const { name, partitions } of topics) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      if (errorByCode(errorCode).name !== 'NONE') return { topic: name ?? '', partition, code: errorCode }
    }
  }
  return undefined
}
