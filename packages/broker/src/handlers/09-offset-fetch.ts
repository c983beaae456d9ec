/**
 * OffsetFetch: what groups have committed.
 *
 * Versions 1 to 10; many groups in one request from version 8 on, topics by id from version 10 on. Null topics are all that
 * the group has committed. From version 9 on members of the consumer protocol say in which epoch they are, and are refused
 * when that is over: what they would be told may be another's by now. What was never committed is offset -1 and no error.
 * With `requireStable` a partition whose offset an open transaction is about to change is answered with
 * UNSTABLE_OFFSET_COMMIT.
 */
import {
  type Decoded,
  type OffsetFetchRequest,
  type OffsetFetchRequestGroup,
  type OffsetFetchRequestGroupTopic,
  type OffsetFetchResponse,
  type OffsetFetchResponseGroup,
  type OffsetFetchResponseGroupTopic,
  type OffsetFetchResponsePartition,
  offsetFetch,
  type Uuid,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { GroupCoordinator, IsPending } from '../coordinator/group/group-coordinator.js'
import type { GroupOffsets } from '../coordinator/group/group-offsets.js'
import type { CommittedOffset } from '../coordinator/group/group-records.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_GROUP_ERROR = 2
const FIRST_VERSION_WITH_GROUPS = 8
const FIRST_VERSION_WITH_TOPIC_IDS = 10
const NO_OFFSET = -1n
/** Who does not say who it is may ask. */
const ANYONE = { memberId: null, memberEpoch: -1 }

interface Deps {
  readonly image: MetadataImage
  readonly groups: GroupCoordinator
}

type TopicOf = Pick<OffsetFetchResponseGroupTopic, 'name' | 'topicId'>

export function offsetFetchHandler(deps: Deps): Handler<OffsetFetchRequest, OffsetFetchResponse> {
  return {
    api: offsetFetch,
    versions: { min: 1, max: 10 },
    handle: async ({ version }, request) => {
      if (version < FIRST_VERSION_WITH_GROUPS) return fetchOne(deps, request, version)
      const { requireStable } = request
      const asked = request.groups.map(group => fetchGroup(deps, { ...group, requireStable }, version))
      return { groups: await Promise.all(asked) }
    },
  }
}

async function fetchOne(
  { groups }: Deps,
  { groupId, topics: asked, requireStable }: Decoded<OffsetFetchRequest>,
  version: number,
): Promise<OffsetFetchResponse> {
  const found = await groups.offsets(groupId, ANYONE, (offsets, isPending) => {
    const committed = { offsets, isUnstable: requireStable ? isPending : NEVER }
    return asked === null
      ? allOf(committed, name => ({ name }))
      : asked.map(({ name, partitionIndexes }) => ({ name, partitions: named(committed, name, partitionIndexes) }))
  })
  if (typeof found !== 'number') return { topics: found.map(topic => ({ ...topic, name: topic.name ?? '' })) }
  if (version >= FIRST_VERSION_WITH_GROUP_ERROR) return { topics: [], errorCode: found }
  const topics = (asked ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(partitionIndex => told(partitionIndex, undefined, found)),
  }))
  return { topics }
}

type StableGroup = Decoded<OffsetFetchRequestGroup> & { readonly requireStable: boolean }

async function fetchGroup(
  { groups, image }: Deps,
  { groupId, topics: asked, memberId, memberEpoch, requireStable }: StableGroup,
  version: number,
): Promise<OffsetFetchResponseGroup> {
  const hasIds = version >= FIRST_VERSION_WITH_TOPIC_IDS
  const referenceTo = (name: string): TopicOf | undefined => {
    if (!hasIds) return { name }
    const topic = image.topicByName(name)
    return topic && { topicId: topic.id }
  }
  const topicOf = ({ name, topicId, partitionIndexes }: Decoded<OffsetFetchRequestGroupTopic>) => ({
    name: hasIds ? image.topicById(topicId)?.name : name,
    reference: hasIds ? { topicId } : { name },
    partitionIndexes,
  })
  const found = await groups.offsets(groupId, { memberId, memberEpoch }, (offsets, isPending) => {
    const committed = { offsets, isUnstable: requireStable ? isPending : NEVER }
    if (asked === null) return allOf(committed, referenceTo)
    return asked.map(topicOf).map(({ name, reference, partitionIndexes }) => ({
      ...reference,
      partitions:
        name === undefined
          ? partitionIndexes.map(index => told(index, undefined, codeOf('UNKNOWN_TOPIC_ID')))
          : named(committed, name, partitionIndexes),
    }))
  })
  if (typeof found === 'number') return { groupId, topics: [], errorCode: found }
  return { groupId, topics: found, errorCode: 0 }
}

/** What a group has, and which of it is about to change, if that matters to who asks. */
interface Committed {
  readonly offsets: GroupOffsets | undefined
  readonly isUnstable: IsPending
}

const NEVER: IsPending = () => false

function named(
  { offsets, isUnstable }: Committed,
  topic: string,
  partitions: readonly number[],
): OffsetFetchResponsePartition[] {
  return partitions.map(partition =>
    isUnstable(topic, partition) ? unstable(partition) : told(partition, offsets?.get(topic, partition)),
  )
}

/** A topic that has no id any more has offsets that nobody could ask for. */
function allOf(
  { offsets, isUnstable }: Committed,
  referenceTo: (name: string) => { readonly name?: string; readonly topicId?: Uuid } | undefined,
): OffsetFetchResponseGroupTopic[] {
  const topics: OffsetFetchResponseGroupTopic[] = []
  for (const [topic, partitions] of offsets?.topics() ?? []) {
    const reference = referenceTo(topic)
    if (reference === undefined) continue
    const all = Array.from(partitions, ([index, offset]) =>
      isUnstable(topic, index) ? unstable(index) : told(index, offset),
    )
    topics.push({ ...reference, partitions: all })
  }
  return topics
}

function unstable(partitionIndex: number): OffsetFetchResponsePartition {
  return told(partitionIndex, undefined, codeOf('UNSTABLE_OFFSET_COMMIT'))
}

function told(
  partitionIndex: number,
  committed: CommittedOffset | undefined,
  errorCode = 0,
): OffsetFetchResponsePartition {
  return {
    partitionIndex,
    committedOffset: committed?.offset ?? NO_OFFSET,
    committedLeaderEpoch: committed?.leaderEpoch ?? -1,
    metadata: committed?.metadata ?? '',
    errorCode,
  }
}
