/**
 * AlterPartitionReassignments: moves replicas to other brokers, or cancels that.
 *
 * Versions 0 to 1. Nodes share one engine, so a move is done when it is accepted, and there is never one to cancel. With one
 * node there is nowhere to go: the placement that is there is accepted, and any other names a broker that is not registered.
 */
import {
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  alterPartitionReassignments,
} from '@samsa/protocol'
import type { Handler } from '../server/context.js'
import type { AdminDeps } from './admin.js'

export function alterPartitionReassignmentsHandler(
  deps: Pick<AdminDeps, 'controller'>,
): Handler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> {
  return {
    api: alterPartitionReassignments,
    versions: { min: 0, max: 1 },
    handle: (_context, request) => ({
      throttleTimeMs: 0,
      allowReplicationFactorChange: request.allowReplicationFactorChange,
      errorCode: 0,
      errorMessage: null,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(partition => ({
          partitionIndex: partition.partitionIndex,
          ...deps.controller.reassign(name, partition),
        })),
      })),
    }),
  }
}
