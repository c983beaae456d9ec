/**
 * DescribeCluster: the cluster's id, its controller and its brokers.
 *
 * Versions 0 to 2. Controllers cannot be asked for here: this is a broker's listener.
 */
import { type DescribeClusterRequest, type DescribeClusterResponse, describeCluster } from '@samsa/protocol'
import { type Refusal, refusal } from '../metadata/decision.js'
import type { Handler } from '../server/context.js'
import { type AdminDeps, reachableBrokers } from './admin.js'
import { clusterOperations, NOT_ASKED } from './authorized-operations.js'

interface Deps extends Pick<AdminDeps, 'controller'> {
  readonly clusterId: string
}

const BROKERS = 1
const CONTROLLERS = 2

export function describeClusterHandler(deps: Deps): Handler<DescribeClusterRequest, DescribeClusterResponse> {
  return {
    api: describeCluster,
    versions: { min: 0, max: 2 },
    handle: (context, request) => {
      const fault = endpointFault(request.endpointType)
      if (fault !== undefined) return { throttleTimeMs: 0, ...fault, clusterId: '', controllerId: -1, brokers: [] }
      const { image, nodeId } = deps.controller.view
      const { includeFencedBrokers } = request
      const brokers = reachableBrokers(image, context.connection.listenerName, includeFencedBrokers)
      return {
        throttleTimeMs: 0,
        errorCode: 0,
        errorMessage: null,
        endpointType: BROKERS,
        clusterId: deps.clusterId,
        controllerId: nodeId,
        brokers: brokers.map(({ broker, endpoint }) => ({
          brokerId: broker.id,
          host: endpoint.host,
          port: endpoint.port,
          rack: broker.rack,
          isFenced: broker.isFenced,
        })),
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? clusterOperations : NOT_ASKED,
      }
    },
  }
}

function endpointFault(endpointType: number): Refusal | undefined {
  if (endpointType === BROKERS) return undefined
  if (endpointType !== CONTROLLERS) {
    return refusal('UNSUPPORTED_ENDPOINT_TYPE', `Unsupported endpoint type ${endpointType}`)
  }
  const text = 'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER'
  return refusal('MISMATCHED_ENDPOINT_TYPE', text)
}
