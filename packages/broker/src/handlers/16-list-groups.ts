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
const CLASSIC = 'classic'

export function listGroupsHandler(groups: GroupCoordinator): Handler<ListGroupsRequest, ListGroupsResponse> {
  return {
    api: listGroups,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, { statesFilter, typesFilter }) => {
      if (!isAmong(typesFilter, CLASSIC)) return { errorCode: 0, groups: [] }
      const all = await groups.list(({ classic }) => ({
        groupId: classic.groupId,
        protocolType: classic.protocolType ?? '',
        state: classic.state,
      }))
      return {
        errorCode: 0,
        groups: all
          .filter(({ state }) => isAmong(statesFilter, state))
          .map(({ state, ...group }) => ({
            ...group,
            ...(version >= FIRST_VERSION_WITH_STATES && { groupState: state }),
            ...(version >= FIRST_VERSION_WITH_TYPES && { groupType: CLASSIC }),
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
