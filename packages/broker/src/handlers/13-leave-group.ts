/**
 * LeaveGroup: members go, and the others share what they had.
 *
 * Versions 0 to 5; many members in one request from version 3 on, each with an error of its own. A static member may be
 * named by its instance id alone, as administrators do.
 */
import { type LeaveGroupRequest, type LeaveGroupResponse, leaveGroup } from '@samsa/protocol'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_MEMBERS = 3

export function leaveGroupHandler(groups: GroupCoordinator): Handler<LeaveGroupRequest, LeaveGroupResponse> {
  return {
    api: leaveGroup,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, { groupId, memberId: single, members }) => {
      const isSingle = version < FIRST_VERSION_WITH_MEMBERS
      const leaving = isSingle ? [{ memberId: single, groupInstanceId: null }] : members
      const codes = await groups.leave(groupId, leaving)
      if (typeof codes === 'number') return { errorCode: codes }
      if (isSingle) return { errorCode: codes[0] ?? 0 }
      return {
        errorCode: 0,
        members: members.map(({ memberId, groupInstanceId }, index) => ({
          memberId,
          groupInstanceId,
          errorCode: codes[index] ?? 0,
        })),
      }
    },
  }
}
