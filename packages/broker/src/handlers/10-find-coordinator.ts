/**
 * FindCoordinator: which broker looks after a group or a transactional id.
 *
 * Versions 0 to 6; from version 4 on many keys in one request. There are no coordinators here yet, so a key is answered with
 * COORDINATOR_NOT_AVAILABLE, unless a test has said which node it is. The API is served all the same: librdkafka takes its absence for a broker that cannot
 * take lz4.
 */
import { type FindCoordinatorRequest, type FindCoordinatorResponse, findCoordinator } from '@samsa/protocol'
import type { Coordinators } from '../cluster/coordinators.js'
import { codeOf } from '../cluster/partitions.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'
import { reachableBrokers } from './admin.js'

const FIRST_VERSION_WITH_BATCHES = 4

interface Deps {
  readonly image: MetadataImage
  readonly coordinators: Coordinators
}

const NONE = {
  errorCode: codeOf('COORDINATOR_NOT_AVAILABLE'),
  errorMessage: 'This broker has no coordinators yet.',
  nodeId: -1,
  host: '',
  port: -1,
}

export function findCoordinatorHandler({
  image,
  coordinators,
}: Deps): Handler<FindCoordinatorRequest, FindCoordinatorResponse> {
  return {
    api: findCoordinator,
    versions: { min: 0, max: 6 },
    handle: ({ version, connection }, { keyType, key: single, coordinatorKeys }) => {
      const coordinatorOf = (key: string): typeof NONE => {
        const nodeId = coordinators.nodeOf(keyType, key)
        const found = reachableBrokers(image, connection.listenerName, false).find(({ broker }) => broker.id === nodeId)
        if (found === undefined) return NONE
        const { host, port } = found.endpoint
        return { errorCode: 0, errorMessage: '', nodeId: found.broker.id, host, port }
      }
      if (version < FIRST_VERSION_WITH_BATCHES) return coordinatorOf(single)
      return { coordinators: coordinatorKeys.map(key => ({ key, ...coordinatorOf(key) })) }
    },
  }
}
