/**
 * ConsumerGroupHeartbeat: a member of a consumer group says what it wants and has, and is told what it may have (KIP-848).
 * It joins and leaves with it, too.
 *
 * Versions 0 and 1. From version 1 on members make their ids themselves, and may subscribe by pattern. What a heartbeat
 * leaves out is as it was.
 */
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  consumerGroupHeartbeat,
  type Decoded,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import { JOINING, LEAVING, LEAVING_FOR_A_WHILE } from '../coordinator/group/consumer-contract.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_OWN_MEMBER_IDS = 1
const GROUP_FEATURE = 'group.version'

type Request = Decoded<ConsumerGroupHeartbeatRequest>

interface Deps {
  readonly groups: GroupCoordinator
  readonly image: MetadataImage
}

export function consumerGroupHeartbeatHandler({
  groups,
  image,
}: Deps): Handler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> {
  return {
    api: consumerGroupHeartbeat,
    versions: { min: 0, max: 1 },
    handle: async ({ version, header, connection }, request) => {
      if ((image.features.get(GROUP_FEATURE) ?? 0) < 1) return refused('UNSUPPORTED_VERSION', null)
      const fault = requestFault(request, version)
      if (fault !== undefined) return refused('INVALID_REQUEST', fault)
      const { serverAssignor } = request
      const { assignors } = groups.limits
      if (serverAssignor !== null && !assignors.includes(serverAssignor)) {
        return refused('UNSUPPORTED_ASSIGNOR', `there is no assignor ${serverAssignor}, but ${assignors.join(', ')}`)
      }
      const answer = await groups.consumerHeartbeat(request.groupId, {
        memberId: request.memberId,
        memberEpoch: request.memberEpoch,
        instanceId: request.instanceId,
        clientId: header.clientId ?? '',
        clientHost: `/${connection.peerHost}`,
        rackId: request.rackId,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs,
        topics: request.subscribedTopicNames,
        pattern: request.subscribedTopicRegex,
        assignor: serverAssignor,
        owned: request.topicPartitions,
      })
      const { assignment, ...rest } = answer
      return { throttleTimeMs: 0, ...rest, assignment: assignment && { topicPartitions: assignment } }
    },
  }
}

function refused(code: string, errorMessage: string | null): ConsumerGroupHeartbeatResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(code), errorMessage, memberEpoch: 0, heartbeatIntervalMs: 0 }
}

/** What is wrong with a request, whatever the group. */
function requestFault(request: Request, version: number): string | undefined {
  const { groupId, memberId, memberEpoch, instanceId, rackId } = request
  const needsMemberId = version >= FIRST_VERSION_WITH_OWN_MEMBER_IDS || memberEpoch > 0 || memberEpoch === LEAVING
  if (needsMemberId && isBlank(memberId)) return 'MemberId is empty'
  if (isBlank(groupId)) return 'GroupId is empty'
  if (isBlank(instanceId)) return 'InstanceId is empty'
  if (isBlank(rackId)) return 'RackId is empty'
  if (memberEpoch === JOINING) return joinFault(request)
  if (memberEpoch === LEAVING_FOR_A_WHILE && instanceId === null) return 'only a member with an InstanceId comes back'
  return memberEpoch < LEAVING_FOR_A_WHILE ? `${memberEpoch} is no epoch of a member` : undefined
}

function joinFault({
  rebalanceTimeoutMs,
  topicPartitions,
  subscribedTopicNames,
  subscribedTopicRegex,
}: Request): string | undefined {
  if (rebalanceTimeoutMs === -1) return 'a member that joins says its RebalanceTimeoutMs'
  if (topicPartitions === null || topicPartitions.length > 0) return 'a member that joins has no partitions'
  if (subscribedTopicNames !== null || subscribedTopicRegex !== null) return undefined
  return 'a member that joins says its SubscribedTopicNames or its SubscribedTopicRegex'
}

function isBlank(text: string | null): boolean {
  return text !== null && text.trim() === ''
}
