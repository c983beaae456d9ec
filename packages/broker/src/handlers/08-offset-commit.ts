/**
 * OffsetCommit: a group's positions are written down, by a member of the generation or, for a group that nobody is in, by
 * anyone. Answered when they are in the log, and on disk where the flush mode says so.
 *
 * Versions 2 to 10; topics by id from version 10 on. Partitions that are not there and texts that are too long get an error
 * of their own, everything else is decided for the request as a whole. A retention time of its own (versions 2 to 4) is kept.
 */
import {
  type Decoded,
  type OffsetCommitRequest,
  type OffsetCommitRequestPartition,
  type OffsetCommitRequestTopic,
  type OffsetCommitResponse,
  offsetCommit,
} from '@samsa/protocol'
import type { Clock } from '@samsa/runtime'
import { codeOf } from '../cluster/partitions.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { OffsetToCommit } from '../coordinator/group/group-shard.js'
import type { MetadataImage, TopicImage } from '../metadata/image.js'
import type { Handler, RequestContext } from '../server/context.js'

const FIRST_VERSION_WITH_TOPIC_IDS = 10
/** From here on clients know GROUP_ID_NOT_FOUND. */
const FIRST_VERSION_OF_NEW_CLIENTS = 9
const NO_RETENTION = -1n
/** Later than any clock will be. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER

interface Deps {
  readonly image: MetadataImage
  readonly groups: GroupCoordinator
  readonly clock: Clock
}

/** What a partition is answered, once it is known. */
interface Entry {
  readonly partitionIndex: number
  errorCode: number
}

export function offsetCommitHandler(deps: Deps): Handler<OffsetCommitRequest, OffsetCommitResponse> {
  return {
    api: offsetCommit,
    versions: { min: 2, max: 10 },
    handle: (context, request) => handleOffsetCommit(deps, context, request),
  }
}

async function handleOffsetCommit(
  deps: Deps,
  { version }: RequestContext,
  request: Decoded<OffsetCommitRequest>,
): Promise<OffsetCommitResponse> {
  const { groups, clock } = deps
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId, retentionTimeMs } = request
  const nowMs = clock.now()
  const expiresAtMs =
    retentionTimeMs === NO_RETENTION ? undefined : Math.min(nowMs + Number(retentionTimeMs), FOR_EVER_MS)
  const offsets: OffsetToCommit[] = []
  const asked: Entry[] = []
  const topics = request.topics.map(named => {
    const topic = topicOf(deps.image, named, version)
    const partitions = named.partitions.map(partition => {
      const entry = { partitionIndex: partition.partitionIndex, errorCode: partitionFault(topic, partition, version) }
      if (topic === undefined || entry.errorCode !== 0) return entry
      asked.push(entry)
      const metadata = partition.committedMetadata ?? ''
      if (metadata.length > groups.limits.maxMetadataLength) {
        entry.errorCode = codeOf('OFFSET_METADATA_TOO_LARGE')
        return entry
      }
      const committed = {
        offset: partition.committedOffset,
        leaderEpoch: partition.committedLeaderEpoch,
        metadata,
        committedAtMs: nowMs,
        expiresAtMs,
        topicId: topic.id,
      }
      offsets.push({ topic: topic.name, partition: partition.partitionIndex, committed })
      return entry
    })
    return {
      ...(version < FIRST_VERSION_WITH_TOPIC_IDS ? { name: named.name } : { topicId: named.topicId }),
      partitions,
    }
  })
  // As in Kafka, a group is asked only about what can be committed at all.
  if (asked.length === 0) return { topics }
  const member = { memberId, groupInstanceId, generationId }
  const code = await groups.commit(groupId, member, offsets, version >= FIRST_VERSION_OF_NEW_CLIENTS)
  if (code !== 0) for (const entry of asked) entry.errorCode = code
  return { topics }
}

function topicOf(
  image: MetadataImage,
  { name, topicId }: Decoded<OffsetCommitRequestTopic>,
  version: number,
): TopicImage | undefined {
  return version < FIRST_VERSION_WITH_TOPIC_IDS ? image.topicByName(name) : image.topicById(topicId)
}

function partitionFault(
  topic: TopicImage | undefined,
  { partitionIndex }: Decoded<OffsetCommitRequestPartition>,
  version: number,
): number {
  if (topic === undefined && version >= FIRST_VERSION_WITH_TOPIC_IDS) return codeOf('UNKNOWN_TOPIC_ID')
  return topic?.partitions[partitionIndex] === undefined ? codeOf('UNKNOWN_TOPIC_OR_PARTITION') : 0
}
