/**
 * DescribeCluster: the cluster's id, controller and brokers.
 *
 * Versions 0 to 2. Only brokers are served here (endpoint type 1): who asks for controllers is told
 * MISMATCHED_ENDPOINT_TYPE. Fenced brokers are listed on demand, from version 2 on.
 */
import { type DescribeClusterRequest, type DescribeClusterResponse, describeCluster } from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'
import { CLUSTER_OPERATIONS, NOT_ASKED_FOR } from './authorized-operations.js'

const BROKERS = 1
const CONTROLLERS = 2

export interface DescribeClusterDeps {
  readonly image: MetadataImage
  readonly clusterId: string
  readonly nodeId: number
}

export function describeClusterHandler(
  deps: DescribeClusterDeps,
): Handler<DescribeClusterRequest, DescribeClusterResponse> {
  return {
    api: describeCluster,
    versions: { min: 0, max: 2 },
    handle: (context, { endpointType, includeClusterAuthorizedOperations, includeFencedBrokers }) => {
      if (endpointType !== BROKERS) return refused(endpointType)
      const brokers = [...deps.image.brokers()].flatMap(({ id, endpoints, rack, isFenced }) => {
        const endpoint = endpoints.find(each => each.name === context.connection.listenerName)
        if (endpoint === undefined || (isFenced && !includeFencedBrokers)) return []
        return [{ brokerId: id, host: endpoint.host, port: endpoint.port, rack, isFenced }]
      })
      return {
        throttleTimeMs: 0,
        errorCode: 0,
        endpointType,
        clusterId: deps.clusterId,
        controllerId: deps.nodeId,
        brokers,
        clusterAuthorizedOperations: includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : NOT_ASKED_FOR,
      }
    },
  }
}

function refused(endpointType: number): DescribeClusterResponse {
  const error = endpointType === CONTROLLERS ? 'MISMATCHED_ENDPOINT_TYPE' : 'UNSUPPORTED_ENDPOINT_TYPE'
  return {
    throttleTimeMs: 0,
    errorCode: codeOf(error),
    errorMessage: `This endpoint is of brokers (type ${BROKERS}), not of type ${endpointType}.`,
    endpointType: BROKERS,
    clusterId: '',
    brokers: [],
  }
}
