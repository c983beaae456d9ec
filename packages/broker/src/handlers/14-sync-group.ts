/**
 * SyncGroup: the leader of a classic group brings everyone's assignments, and all hear of their own when those are written.
 *
 * Versions 0 to 5. From version 5 on it must say which protocol it is about.
 */
import { type Decoded, type SyncGroupRequest, type SyncGroupResponse, syncGroup } from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import { syncRefusal } from '../coordinator/group/classic-member.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_PROTOCOL = 5

export function syncGroupHandler(groups: GroupCoordinator): Handler<SyncGroupRequest, SyncGroupResponse> {
  return {
    api: syncGroup,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, request) => {
      const answer = await handleSyncGroup(groups, version, request)
      if (version >= FIRST_VERSION_WITH_PROTOCOL) return answer
      return { errorCode: answer.errorCode, assignment: answer.assignment }
    },
  }
}

async function handleSyncGroup(
  groups: GroupCoordinator,
  version: number,
  { groupId, assignments, ...request }: Decoded<SyncGroupRequest>,
): Promise<SyncGroupResponse> {
  const { protocolType, protocolName } = request
  if (version >= FIRST_VERSION_WITH_PROTOCOL && (protocolType === null || protocolName === null)) {
    // Kafka looks at this even before the group's name.
    return syncRefusal(codeOf('INCONSISTENT_GROUP_PROTOCOL'))
  }
  return groups.sync(groupId, {
    ...request,
    // The request's bytes are let go of long before the assignments are.
    assignments: assignments.map(({ memberId, assignment }) => ({ memberId, assignment: new Uint8Array(assignment) })),
  })
}
