/**
 * DescribeGroups: a classic group's state, protocol and members.
 *
 * Versions 0 to 6. A group that is not there, or not a classic one, is Dead; from version 6 on that is GROUP_ID_NOT_FOUND too. What members told
 * and were assigned is shown as it is, while the group is stable.
 */
import {
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
  type DescribeGroupsResponseGroup,
  describeGroups,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { Group } from '../coordinator/group/group.js'
import type { GroupCoordinator } from '../coordinator/group/group-coordinator.js'
import type { Handler } from '../server/context.js'
import { groupOperations, NOT_ASKED } from './authorized-operations.js'

const FIRST_VERSION_WITH_OPERATIONS = 3
const FIRST_VERSION_WITH_NOT_FOUND = 6
const EMPTY = new Uint8Array(0)

export function describeGroupsHandler(
  groups: GroupCoordinator,
): Handler<DescribeGroupsRequest, DescribeGroupsResponse> {
  return {
    api: describeGroups,
    versions: { min: 0, max: 6 },
    handle: async ({ version }, { groups: groupIds, includeAuthorizedOperations }) => {
      const described = groupIds.map(async groupId => {
        const found = await groups.describe(groupId, group => told(groupId, group, version))
        if (typeof found === 'number') return { ...nothing(groupId, ''), errorCode: found }
        if (version < FIRST_VERSION_WITH_OPERATIONS) return found
        const isAsked = includeAuthorizedOperations && found.errorCode === 0
        return { ...found, authorizedOperations: isAsked ? groupOperations : NOT_ASKED }
      })
      return { groups: await Promise.all(described) }
    },
  }
}

function told(groupId: string, group: Group | undefined, version: number): DescribeGroupsResponseGroup {
  const classic = group?.classic
  if (classic === undefined) {
    if (version < FIRST_VERSION_WITH_NOT_FOUND) return nothing(groupId, 'Dead')
    const errorMessage =
      group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`
    return { ...nothing(groupId, 'Dead'), errorCode: codeOf('GROUP_ID_NOT_FOUND'), errorMessage }
  }
  const { state, protocolType = '', protocolName, members } = classic
  const isStable = state === 'Stable'
  return {
    errorCode: 0,
    groupId,
    groupState: state,
    protocolType,
    protocolData: isStable ? (protocolName ?? '') : '',
    members: members.map(({ memberId, groupInstanceId, clientId, clientHost, assignment, ...member }) => ({
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
      memberMetadata: isStable ? metadataOf(member.protocols, protocolName) : EMPTY,
      memberAssignment: assignment,
    })),
  }
}

function metadataOf(
  protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[],
  protocolName: string | null,
): Uint8Array {
  return protocols.find(({ name }) => name === protocolName)?.metadata ?? EMPTY
}

function nothing(groupId: string, groupState: string): DescribeGroupsResponseGroup {
  return { errorCode: 0, groupId, groupState, protocolType: '', protocolData: '', members: [] }
}
