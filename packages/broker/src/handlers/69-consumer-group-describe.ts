/**
 * ConsumerGroupDescribe: a consumer group's state, epochs and members, with what they have and are to have.
 *
 * Versions 0 and 1; from version 1 on it is told which protocol a member speaks. Topics that are gone are left out.
 */
import {
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
  type ConsumerGroupDescribeResponseAssignment,
  type ConsumerGroupDescribeResponseGroup,
  type ConsumerGroupDescribeResponseMember,
  consumerGroupDescribe,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { ConsumerGroup } from '../coordinator/group/consumer-group.js'
import type { ConsumerMember } from '../coordinator/group/consumer-member.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import { type PartitionsOfTopicId, partitionsOf, union } from '../coordinator/group/holdings.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'
import { groupOperations, NOT_ASKED } from './authorized-operations.js'

const FIRST_VERSION_WITH_TYPES = 1
const CLASSIC_MEMBER = 0
const CONSUMER_MEMBER = 1

interface Deps {
  readonly groups: GroupCoordinator
  readonly image: MetadataImage
}

export function consumerGroupDescribeHandler({
  groups,
  image,
}: Deps): Handler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> {
  return {
    api: consumerGroupDescribe,
    versions: { min: 0, max: 1 },
    handle: async ({ version }, { groupIds, includeAuthorizedOperations }) => {
      const described = groupIds.map(async groupId => {
        if (groupId === '') return nothing(groupId, codeOf('INVALID_GROUP_ID'), null)
        const found = await groups.describe(groupId, group => {
          if (group?.consumer !== undefined) return shown(group.consumer, image, version)
          const what = group === undefined ? 'not found' : 'not a consumer group'
          return nothing(groupId, codeOf('GROUP_ID_NOT_FOUND'), `Group ${groupId} is ${what}.`)
        })
        if (typeof found === 'number') return nothing(groupId, found, null)
        const isAsked = includeAuthorizedOperations && found.errorCode === 0
        return { ...found, authorizedOperations: isAsked ? groupOperations : NOT_ASKED }
      })
      return { throttleTimeMs: 0, groups: await Promise.all(described) }
    },
  }
}

function shown(
  { groupId, state, settings }: ConsumerGroup,
  image: MetadataImage,
  version: number,
): ConsumerGroupDescribeResponseGroup {
  return {
    errorCode: 0,
    groupId,
    groupState: state.state,
    groupEpoch: state.epoch,
    assignmentEpoch: state.targetEpoch,
    assignorName: state.assignor(settings.assignors)?.name ?? '',
    members: Array.from(state.members.values(), member => {
      const target = Array.from(state.target(member.memberId), ([topicId, partitions]) => ({ topicId, partitions }))
      return { ...told(member, image, version), targetAssignment: withNames(target, image) }
    }),
  }
}

function told(
  member: ConsumerMember,
  image: MetadataImage,
  version: number,
): Omit<ConsumerGroupDescribeResponseMember, 'targetAssignment'> {
  const { memberId, instanceId, rackId, clientId, clientHost, topics, assigned, revoking } = member
  const memberType = member.classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch: member.epoch,
    clientId,
    clientHost,
    subscribedTopicNames: [...topics],
    subscribedTopicRegex: member.pattern,
    assignment: withNames(partitionsOf(union(assigned, revoking)), image),
    ...(version >= FIRST_VERSION_WITH_TYPES && { memberType }),
  }
}

function withNames(
  topics: readonly PartitionsOfTopicId[],
  image: MetadataImage,
): ConsumerGroupDescribeResponseAssignment {
  return {
    topicPartitions: topics.flatMap(({ topicId, partitions }) => {
      const topicName = image.topicById(topicId)?.name
      return topicName === undefined ? [] : [{ topicId, topicName, partitions }]
    }),
  }
}

function nothing(groupId: string, errorCode: number, errorMessage: string | null): ConsumerGroupDescribeResponseGroup {
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  }
}
