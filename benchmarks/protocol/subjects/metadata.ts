/**
 * Metadata of the whole cluster.
 */
import { type MetadataRequest, type MetadataResponse, metadata } from '@samsa/protocol'
import type { Subject } from '../subject.ts'
import { PARTITIONS, TOPICS } from './cluster.ts'

const RACKS_SINCE = 1
const IDS_SINCE = 10
const EPOCHS_SINCE = 7
const BROKERS = [1, 2, 3].map(nodeId => ({
  nodeId,
  host: `broker-${nodeId}.kafka.internal`,
  port: 9092,
  rack: `zone-${nodeId}`,
}))

export const metadataSubject: Subject = {
  api: metadata,
  samsa: {
    request: (): MetadataRequest => ({ topics: TOPICS.map(({ name }) => ({ name })), allowAutoTopicCreation: false }),
    response,
    responseShape: () => [
      ['brokers', ['nodeId', 'host', 'port', 'rack']],
      'clusterId',
      'controllerId',
      [
        'topics',
        [
          'errorCode',
          'name',
          'isInternal',
          ['partitions', ['errorCode', 'partitionIndex', 'leaderId', 'replicaNodes', 'isrNodes', 'offlineReplicas']],
        ],
      ],
    ],
  },
  kafkajs: {
    name: 'metadata',
    version: 6,
    fields: { topics: TOPICS.map(({ name }) => name), allowAutoTopicCreation: false },
    responseShape: [
      ['brokers', ['nodeId', 'host', 'port', 'rack']],
      'clusterId',
      'controllerId',
      [
        'topicMetadata',
        [
          'topicErrorCode',
          'topic',
          'isInternal',
          ['partitionMetadata', ['partitionErrorCode', 'partitionId', 'leader', 'replicas', 'isr', 'offlineReplicas']],
        ],
      ],
    ],
  },
  platformatic: {
    name: 'metadata',
    newestVersion: 12,
    fields: () => [TOPICS.map(({ name }) => name), false, false],
    responseShape: version => metadataSubject.samsa.responseShape(version),
  },
}

function response(version: number): MetadataResponse {
  return {
    brokers: BROKERS.map(({ rack, ...broker }) => (version >= RACKS_SINCE ? { ...broker, rack } : broker)),
    clusterId: 'benchmark-cluster-00000',
    controllerId: 1,
    topics: TOPICS.map(({ name, id }) => ({
      errorCode: 0,
      name,
      ...(version >= IDS_SINCE ? { topicId: id } : {}),
      isInternal: false,
      partitions: PARTITIONS.map(partitionIndex => ({
        errorCode: 0,
        partitionIndex,
        leaderId: 1 + (partitionIndex % BROKERS.length),
        ...(version >= EPOCHS_SINCE ? { leaderEpoch: 12 } : {}),
        replicaNodes: [1, 2, 3],
        isrNodes: [1, 2, 3],
      })),
    })),
  }
}
