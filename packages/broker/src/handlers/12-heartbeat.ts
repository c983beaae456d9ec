/**
 * Heartbeat: a member of a classic group is alive, and hears whether it has to join again.
 *
 * Versions 0 to 4.
 */
import { type HeartbeatRequest, type HeartbeatResponse, heartbeat } from '@samsa/protocol'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { Handler } from '../server/context.js'

export function heartbeatHandler(groups: GroupCoordinator): Handler<HeartbeatRequest, HeartbeatResponse> {
  return {
    api: heartbeat,
    versions: { min: 0, max: 4 },
    handle: async (_, { groupId, ...member }) => ({ errorCode: await groups.heartbeat(groupId, member) }),
  }
}
