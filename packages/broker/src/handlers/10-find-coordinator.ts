/**
 * FindCoordinator: which broker looks after a group or a transactional id.
 *
 * Versions 0 to 6; from version 4 on many keys in one request. There are no coordinators here yet, so every key is answered
 * with COORDINATOR_NOT_AVAILABLE. The API is served all the same: librdkafka takes its absence for a broker that cannot
 * take lz4.
 */
import { type FindCoordinatorRequest, type FindCoordinatorResponse, findCoordinator } from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { Handler } from '../server/context.js'

const FIRST_VERSION_WITH_BATCHES = 4

export function findCoordinatorHandler(): Handler<FindCoordinatorRequest, FindCoordinatorResponse> {
  return {
    api: findCoordinator,
    versions: { min: 0, max: 6 },
    handle: ({ version }, request) => {
      const none = {
        errorCode: codeOf('COORDINATOR_NOT_AVAILABLE'),
        errorMessage: 'This broker has no coordinators yet.',
        nodeId: -1,
        host: '',
        port: -1,
      }
      if (version < FIRST_VERSION_WITH_BATCHES) return none
      return { coordinators: request.coordinatorKeys.map(key => ({ key, ...none })) }
    },
  }
}
