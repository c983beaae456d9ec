/**
 * Metadata: brokers, and the topics that were asked for with their partitions, leaders and replicas.
 *
 * Versions 0 to 13. All topics: null, or in version 0 an empty list; none: an empty list from version 1 on. From version 12
 * on topics may be asked for by id, with a null name. A topic that is not there is created where both the request (from
 * version 4 on) and the broker (`auto.create.topics.enable`) allow it; the answer says UNKNOWN_TOPIC_OR_PARTITION all the
 * same, and the client asks again. The controller is this broker: it passes on what it decides to itself.
 *
 * Left out: offline replicas (one node has none), and authorization.
 */
import {
  type Decoded,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataResponseTopic,
  metadata,
  ZERO_UUID,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { MetadataImage, TopicImage } from '../metadata/image.js'
import { isInternalTopic, topicNameFault } from '../metadata/topic-names.js'
import type { Handler, RequestContext } from '../server/context.js'
import { CLUSTER_OPERATIONS, NOT_ASKED_FOR, TOPIC_OPERATIONS } from './authorized-operations.js'

export interface MetadataDeps {
  readonly image: MetadataImage
  readonly clusterId: string
  readonly nodeId: number
  /** Creates topics that somebody asked for, as far as the broker's settings allow. What cannot be created is left. */
  readonly autoCreate: (names: readonly string[]) => void
}

type AskedTopic = NonNullable<Decoded<MetadataRequest>['topics']>[number]

export function metadataHandler(deps: MetadataDeps): Handler<MetadataRequest, MetadataResponse> {
  return { api: metadata, versions: { min: 0, max: 13 }, handle: (context, request) => answer(deps, context, request) }
}

function answer(deps: MetadataDeps, context: RequestContext, request: Decoded<MetadataRequest>): MetadataResponse {
  const { image } = deps
  const { version } = context
  const asked = request.topics
  const isAll = asked === null || (version === 0 && asked.length === 0)
  const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : NOT_ASKED_FOR
  const topics = isAll
    ? [...image.topics()].map(topic => found(topic, operations))
    : distinct(asked).map(topic => lookedUp(image, topic, operations))
  if (!isAll && request.allowAutoTopicCreation) deps.autoCreate(topics.filter(isMissing).map(topic => topic.name ?? ''))
  return {
    brokers: brokersOf(image, context),
    clusterId: deps.clusterId,
    controllerId: deps.nodeId,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : NOT_ASKED_FOR,
  }
}

/** Brokers that are not fenced, at the address of the listener that the client uses. */
function brokersOf(image: MetadataImage, context: RequestContext): MetadataResponse['brokers'] {
  return [...image.brokers()].flatMap(({ id, endpoints, rack, isFenced }) => {
    const endpoint = endpoints.find(each => each.name === context.connection.listenerName)
    return isFenced || endpoint === undefined ? [] : [{ nodeId: id, host: endpoint.host, port: endpoint.port, rack }]
  })
}

function distinct(asked: readonly AskedTopic[]): AskedTopic[] {
  return [...new Map(asked.map(topic => [`${topic.topicId} ${topic.name}`, topic])).values()]
}

function lookedUp(image: MetadataImage, { name, topicId }: AskedTopic, operations: number): MetadataResponseTopic {
  if (name === null) {
    const topic = image.topicById(topicId)
    return topic === undefined ? missing('UNKNOWN_TOPIC_ID', null, topicId) : found(topic, operations)
  }
  const topic = image.topicByName(name)
  if (topic !== undefined) return found(topic, operations)
  return missing(
    topicNameFault(name) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_TOPIC_EXCEPTION',
    name,
    ZERO_UUID,
  )
}

function missing(error: string, name: string | null, topicId: string): MetadataResponseTopic {
  return { errorCode: codeOf(error), name, topicId, isInternal: name !== null && isInternalTopic(name), partitions: [] }
}

function isMissing(topic: MetadataResponseTopic): boolean {
  return topic.errorCode === codeOf('UNKNOWN_TOPIC_OR_PARTITION') && topic.isInternal !== true
}

function found(topic: TopicImage, operations: number): MetadataResponseTopic {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.map(({ index, leader, leaderEpoch, replicas, isr }) => ({
      errorCode: leader < 0 ? codeOf('LEADER_NOT_AVAILABLE') : 0,
      partitionIndex: index,
      leaderId: leader,
      leaderEpoch,
      replicaNodes: replicas,
      isrNodes: isr,
      offlineReplicas: [],
    })),
    topicAuthorizedOperations: operations,
  }
}
