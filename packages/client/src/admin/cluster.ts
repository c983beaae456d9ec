/**
 * The cluster, as an administrator sees it: which brokers there are, and what it is called.
 */
import { describeCluster as describeClusterApi, metadata } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import type { WaitOptions } from '@samsa/runtime/internal'
import type { Client } from '../client.js'
import type { NodeInfo } from '../metadata.js'

export interface ClusterDescription {
  readonly clusterId: string | undefined
  /** -1 when there is none. Under KRaft some broker, which forwards to the controller. */
  readonly controllerId: number
  readonly nodes: readonly NodeInfo[]
}

export async function describeCluster(client: Client, wait: WaitOptions): Promise<ClusterDescription> {
  try {
    const request = { includeClusterAuthorizedOperations: false }
    const { clusterId, controllerId, brokers } = await client.call(describeClusterApi, request, {
      ...wait,
      errorCode: ({ errorCode, errorMessage }) => ({ code: errorCode, message: errorMessage }),
    })
    const nodes = brokers.map(({ brokerId, host, port, rack }) => ({
      id: brokerId,
      host,
      port,
      rack: rack ?? undefined,
    }))
    return { clusterId, controllerId, nodes }
  } catch (error) {
    // Before Kafka 2.8 only metadata told.
    if (!(error instanceof KafkaError) || error.code !== 'UNSUPPORTED_VERSION') throw error
  }
  const { clusterId, controllerId, brokers } = await client.call(metadata, { topics: [] }, wait)
  const nodes = brokers.map(({ nodeId, host, port, rack }) => ({ id: nodeId, host, port, rack: rack ?? undefined }))
  return { clusterId: clusterId ?? undefined, controllerId, nodes }
}
