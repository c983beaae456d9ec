/**
 * DescribeTopicPartitions: topics with their partitions, a page at a time, for clusters whose metadata is too large for
 * one answer.
 *
 * Version 0. Topics come sorted by name; none asked for is all. A page ends when it has as many partitions as the request
 * and `max.request.partition.size.limit` allow, and names where the next one begins.
 */
import {
  type Decoded,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  type DescribeTopicPartitionsResponsePartition,
  type DescribeTopicPartitionsResponseTopic,
  describeTopicPartitions,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image.js'
import { isOnline } from '../metadata/placement.js'
import { isInternalTopic, topicNameFault } from '../metadata/topic-names.js'
import type { Handler } from '../server/context.js'
import type { AdminDeps } from './admin.js'
import { NOT_ASKED, topicOperations } from './authorized-operations.js'

type Deps = Pick<AdminDeps, 'controller'>

export function describeTopicPartitionsHandler(
  deps: Deps,
): Handler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> {
  return {
    api: describeTopicPartitions,
    versions: { min: 0, max: 0 },
    handle: (_context, request) => {
      const { cursor } = request
      const asksAll = request.topics.length === 0
      const names = new Set(request.topics.map(topic => topic.name))
      if (cursor !== null && (cursor.partitionIndex < 0 || !(asksAll || names.has(cursor.topicName)))) {
        const topics = request.topics.map(({ name }) => ({
          ...notThere('INVALID_REQUEST', name),
          topicAuthorizedOperations: NOT_ASKED,
        }))
        return { topics, nextCursor: null }
      }
      const { image } = deps.controller.view
      const all = asksAll ? [...image.topics()].map(topic => topic.name) : [...names]
      return page(deps, all.filter(name => cursor === null || name >= cursor.topicName).sort(), request)
    },
  }
}

function page(
  { controller }: Deps,
  names: readonly string[],
  { cursor, responsePartitionLimit }: Decoded<DescribeTopicPartitionsRequest>,
): DescribeTopicPartitionsResponse {
  const { image, configs } = controller.view
  let room = Math.max(1, Math.min(responsePartitionLimit, configs.number('max.request.partition.size.limit')))
  const topics: DescribeTopicPartitionsResponseTopic[] = []
  for (const name of names) {
    if (room === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } }
    const topic = image.topicByName(name)
    if (topic === undefined) {
      const isBad = topicNameFault(name) !== undefined
      topics.push(notThere(isBad ? 'INVALID_TOPIC_EXCEPTION' : 'UNKNOWN_TOPIC_OR_PARTITION', name))
      continue
    }
    const from = cursor?.topicName === name ? cursor.partitionIndex : 0
    const partitions = topic.partitions.slice(from, from + room)
    topics.push(told(image, topic, partitions))
    room -= partitions.length
    const next = from + partitions.length
    if (next < topic.partitions.length) return { topics, nextCursor: { topicName: name, partitionIndex: next } }
  }
  return { topics, nextCursor: null }
}

function notThere(error: string, name: string): DescribeTopicPartitionsResponseTopic {
  const isInternal = isInternalTopic(name)
  return { errorCode: codeOf(error), name, isInternal, partitions: [], topicAuthorizedOperations: topicOperations }
}

function told(
  image: MetadataImage,
  topic: TopicImage,
  partitions: readonly PartitionImage[],
): DescribeTopicPartitionsResponseTopic {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: partitions.map(partition => toldPartition(image, partition)),
    topicAuthorizedOperations: topicOperations,
  }
}

function toldPartition(image: MetadataImage, partition: PartitionImage): DescribeTopicPartitionsResponsePartition {
  return {
    errorCode: partition.leader < 0 ? codeOf('LEADER_NOT_AVAILABLE') : 0,
    partitionIndex: partition.index,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    eligibleLeaderReplicas: partition.eligibleLeaderReplicas,
    lastKnownElr: partition.lastKnownElr,
    offlineReplicas: partition.replicas.filter(id => !isOnline(image, id)),
  }
}
