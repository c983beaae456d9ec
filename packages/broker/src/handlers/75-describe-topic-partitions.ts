/**
 * DescribeTopicPartitions: topics page by page, in order of name; the cursor of an answer is where the next page starts.
 *
 * Version 0. An empty list asks for all topics. A page has at most as many partitions as the request asks for, and never
 * more than the broker allows (`max.request.partition.size.limit`).
 */
import {
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  type DescribeTopicPartitionsResponseNextCursor,
  type DescribeTopicPartitionsResponseTopic,
  describeTopicPartitions,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { MetadataImage, PartitionImage } from '../metadata/image.js'
import { isInternalTopic, topicNameFault } from '../metadata/topic-names.js'
import type { Handler } from '../server/context.js'
import { TOPIC_OPERATIONS } from './authorized-operations.js'

export function describeTopicPartitionsHandler(
  image: MetadataImage,
  maxPartitions: number,
): Handler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> {
  return {
    api: describeTopicPartitions,
    versions: { min: 0, max: 0 },
    handle: (_context, { topics: asked, cursor, responsePartitionLimit }) => {
      const all = asked.length === 0 ? [...image.topics()].map(topic => topic.name) : asked.map(topic => topic.name)
      const names = [...new Set(all)].sort().filter(name => cursor === null || name >= cursor.topicName)
      let left = Math.max(1, Math.min(responsePartitionLimit, maxPartitions))
      let nextCursor: DescribeTopicPartitionsResponseNextCursor | null = null
      const topics: DescribeTopicPartitionsResponseTopic[] = []
      for (const name of names) {
        const from = name === cursor?.topicName ? cursor.partitionIndex : 0
        if (left === 0) {
          nextCursor = { topicName: name, partitionIndex: from }
          break
        }
        const topic = image.topicByName(name)
        if (topic === undefined) {
          topics.push(missing(name))
          continue
        }
        const page = topic.partitions.slice(from, from + left)
        left -= page.length
        topics.push({
          errorCode: 0,
          name,
          topicId: topic.id,
          isInternal: isInternalTopic(name),
          partitions: page.map(described),
          topicAuthorizedOperations: TOPIC_OPERATIONS,
        })
        if (from + page.length < topic.partitions.length) {
          nextCursor = { topicName: name, partitionIndex: from + page.length }
          break
        }
      }
      return { throttleTimeMs: 0, topics, nextCursor }
    },
  }
}

function missing(name: string): DescribeTopicPartitionsResponseTopic {
  const error = topicNameFault(name) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_TOPIC_EXCEPTION'
  return { errorCode: codeOf(error), name, partitions: [] }
}

function described(partition: PartitionImage): DescribeTopicPartitionsResponseTopic['partitions'][number] {
  return {
    errorCode: partition.leader < 0 ? codeOf('LEADER_NOT_AVAILABLE') : 0,
    partitionIndex: partition.index,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    eligibleLeaderReplicas: partition.eligibleLeaderReplicas,
    lastKnownElr: partition.lastKnownElr,
    offlineReplicas: [],
  }
}
