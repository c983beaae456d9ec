/**
 * DeleteGroups: groups that nobody is in, with their offsets.
 *
 * Versions 0 to 2. A group that is named twice is answered once.
 */
import { type DeleteGroupsRequest, type DeleteGroupsResponse, deleteGroups } from '@samsa/protocol'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { Handler } from '../server/context.js'

export function deleteGroupsHandler(groups: GroupCoordinator): Handler<DeleteGroupsRequest, DeleteGroupsResponse> {
  return {
    api: deleteGroups,
    versions: { min: 0, max: 2 },
    handle: async (_, { groupsNames }) => {
      const names = [...new Set(groupsNames)]
      const deleted = names.map(async groupId => ({ groupId, errorCode: await groups.delete(groupId) }))
      return { throttleTimeMs: 0, results: await Promise.all(deleted) }
    },
  }
}
