/**
 * ListPartitionReassignments: replicas that are on the move. On one node there are none, whatever is asked for; topics and
 * partitions that do not exist are no error either.
 *
 * Version 0.
 */
import {
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
  listPartitionReassignments,
} from '@samsa/protocol'
import type { Handler } from '../server/context.js'

export function listPartitionReassignmentsHandler(): Handler<
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse
> {
  return {
    api: listPartitionReassignments,
    versions: { min: 0, max: 0 },
    handle: () => ({ throttleTimeMs: 0, errorCode: 0, errorMessage: null, topics: [] }),
  }
}
