/**
 * FindCoordinator: which broker looks after a group or a transactional id.
 *
 * Versions 0 to 6; from version 4 on many keys in one request. The coordinator is the leader of the partition of
 * `__consumer_offsets` or `__transaction_state` that keeps the key. The topic is made when someone first asks, and the
 * answer is there at once, where Kafka has clients ask again. There are no coordinators of share groups: their keys are
 * answered with INVALID_REQUEST.
 */
import {
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
  type FindCoordinatorResponseCoordinator,
  findCoordinator,
} from '@samsa/protocol'
import { type Coordinators, coordinatorTypes } from '../cluster/coordinators.js'
import { codeOf } from '../cluster/partitions.js'
import type { Handler } from '../server/context.js'
import { type AdminDeps, reachableBrokers, whenDurable } from './admin.js'

const FIRST_VERSION_WITH_BATCHES = 4

interface Deps extends AdminDeps {
  readonly coordinators: Coordinators
}

type Found = Omit<FindCoordinatorResponseCoordinator, 'key' | 'unknownTags'>

export function findCoordinatorHandler(deps: Deps): Handler<FindCoordinatorRequest, FindCoordinatorResponse> {
  const { controller, coordinators } = deps
  return {
    api: findCoordinator,
    versions: { min: 0, max: 6 },
    handle: ({ version, connection }, { keyType, key: single, coordinatorKeys }) => {
      const isMade = coordinators.createTopic(keyType)
      const brokers = reachableBrokers(controller.view.image, connection.listenerName, false)
      const coordinatorOf = (key: string): Found => {
        const nodeId = coordinators.nodeOf(keyType, key)
        const found = brokers.find(({ broker }) => broker.id === nodeId)
        if (found === undefined) return nobody(keyType)
        const { host, port } = found.endpoint
        return {
          errorCode: 0,
          errorMessage: version < FIRST_VERSION_WITH_BATCHES ? 'NONE' : '',
          nodeId: found.broker.id,
          host,
          port,
        }
      }
      const response: FindCoordinatorResponse =
        version < FIRST_VERSION_WITH_BATCHES
          ? { ...coordinatorOf(single) }
          : { coordinators: coordinatorKeys.map(key => ({ key, ...coordinatorOf(key) })) }
      return isMade ? whenDurable(deps, response) : response
    },
  }
}

function nobody(keyType: number): Found {
  const isKnown = Object.values<number>(coordinatorTypes).includes(keyType)
  return {
    errorCode: codeOf(isKnown ? 'COORDINATOR_NOT_AVAILABLE' : 'INVALID_REQUEST'),
    errorMessage: isKnown
      ? 'There is no such coordinator here, or not yet.'
      : `There is no coordinator of type ${keyType}.`,
    nodeId: -1,
    host: '',
    port: -1,
  }
}
