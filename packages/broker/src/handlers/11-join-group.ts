/**
 * JoinGroup: a client becomes a member of a classic group, or says that it still is one. The answer waits until everyone
 * has joined, and tells the leader who they are.
 *
 * Versions 0 to 9. From version 4 on a dynamic member is given its id first and joins with it. Until version 6 a protocol
 * that is not known is an empty name. What members tell each other (`protocols`) is not looked into, but for the topics of
 * consumers' subscriptions, which say what offsets may go.
 */
import { type Decoded, type JoinGroupRequest, type JoinGroupResponse, joinGroup } from '@samsa/protocol'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { Handler, RequestContext } from '../server/context.js'

const FIRST_VERSION_WITH_REBALANCE_TIMEOUT = 1
const FIRST_VERSION_WITH_MEMBER_ID_REQUIRED = 4
const FIRST_VERSION_WITH_NULL_PROTOCOL = 7
const FIRST_VERSION_WITH_SKIP_ASSIGNMENT = 9

export function joinGroupHandler(groups: GroupCoordinator): Handler<JoinGroupRequest, JoinGroupResponse> {
  return {
    api: joinGroup,
    versions: { min: 0, max: 9 },
    handle: (context, request) => handleJoinGroup(groups, context, request),
  }
}

async function handleJoinGroup(
  groups: GroupCoordinator,
  { version, header, connection }: RequestContext,
  request: Decoded<JoinGroupRequest>,
): Promise<JoinGroupResponse> {
  const { groupId, memberId, groupInstanceId, sessionTimeoutMs, protocolType } = request
  const answer = await groups.join(groupId, {
    memberId,
    groupInstanceId,
    clientId: header.clientId ?? '',
    clientHost: `/${connection.peerHost}`,
    sessionTimeoutMs,
    rebalanceTimeoutMs: version < FIRST_VERSION_WITH_REBALANCE_TIMEOUT ? sessionTimeoutMs : request.rebalanceTimeoutMs,
    protocolType,
    // The request's bytes are let go of long before the member is.
    protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: new Uint8Array(metadata) })),
    needsMemberId: version >= FIRST_VERSION_WITH_MEMBER_ID_REQUIRED,
    knowsSkipAssignment: version >= FIRST_VERSION_WITH_SKIP_ASSIGNMENT,
  })
  const { skipAssignment, members, ...rest } = answer
  return {
    ...rest,
    protocolType: version < FIRST_VERSION_WITH_NULL_PROTOCOL ? null : answer.protocolType,
    protocolName: version < FIRST_VERSION_WITH_NULL_PROTOCOL ? (answer.protocolName ?? '') : answer.protocolName,
    members,
    ...(version >= FIRST_VERSION_WITH_SKIP_ASSIGNMENT && { skipAssignment }),
  }
}
