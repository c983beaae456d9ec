/**
 * ListGroups: the groups that this broker coordinates.
 *
 * Versions 0 to 5; states are told and asked for from version 4 on, types from version 5 on. Whether a name is in capitals
 * does not matter; one that is no state or type has no groups.
 */
import { type ListGroupsRequest, type ListGroupsResponse, listGroups } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../cluster/partitions.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_STATES = 4
const FIRST_VERSION_WITH_TYPES = 5

export function listGroupsHandler(groups: GroupCoordinator): Handler<ListGroupsRequest, ListGroupsResponse> {
  return {
    api: listGroups,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, { statesFilter, typesFilter }) => {
      const all = await groups.list(({ groupId, protocolType, stateName: state, machine: { type } }) => ({
        groupId,
        protocolType,
        state,
        type,
      }))
      return {
        errorCode: 0,
        groups: all
          .filter(({ state, type }) => isAmong(statesFilter, state) && isAmong(typesFilter, type))
          .map(({ state, type, ...group }) => ({
            ...group,
            ...(version >= FIRST_VERSION_WITH_STATES && { groupState: state }),
            ...(version >= FIRST_VERSION_WITH_TYPES && { groupType: type }),
          })),
      }
    },
    failure: (_context, _request, error) =>
      error instanceof KafkaError ? { errorCode: codeOf(error.code), groups: [] } : undefined,
  }
}

function isAmong(filter: readonly string[], name: string): boolean {
  return filter.length === 0 || filter.some(wanted => wanted.toLowerCase() === name.toLowerCase())
}
