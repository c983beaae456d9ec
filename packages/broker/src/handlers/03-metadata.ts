/**
 * Metadata: brokers, controller, topics with their partitions and leaders.
 *
 * Versions 0 to 13. Null topics are all, none is none; in version 0, which has no null, none is all. From version 12 on
 * topics can be asked for by id, and then names in the same request count for nothing, as in Kafka. A topic that is not
 * there is created when client and broker both want that; the answer is UNKNOWN_TOPIC_OR_PARTITION all the same, and the
 * client asks again.
 *
 * Other than Kafka: internal topics are not created by asking for them, only by the coordinators; a topic without name
 * and id is INVALID_REQUEST (Kafka answers with an unknown server error).
 */
import {
  type Decoded,
  type MetadataRequest,
  type MetadataRequestTopic,
  type MetadataResponse,
  type MetadataResponsePartition,
  type MetadataResponseTopic,
  metadata,
  ZERO_UUID,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image.js'
import { isOnline } from '../metadata/placement.js'
import { isInternalTopic, topicNameFault } from '../metadata/topic-names.js'
import type { Handler, RequestContext } from '../server/context.js'
import { type AdminDeps, reachableBrokers, whenDurable } from './admin.js'
import { clusterOperations, NOT_ASKED, topicOperations } from './authorized-operations.js'

interface Deps extends AdminDeps {
  readonly clusterId: string
}

const NO_LEADER = -1
const FIRST_WITH_IDS = 12

export function metadataHandler(deps: Deps): Handler<MetadataRequest, MetadataResponse> {
  return {
    api: metadata,
    versions: { min: 0, max: 13 },
    handle: (context, request) => handleMetadata(deps, context, request),
  }
}

function handleMetadata(
  deps: Deps,
  context: RequestContext,
  request: Decoded<MetadataRequest>,
): MetadataResponse | Promise<MetadataResponse> {
  const fault = requestFault(request, context.version)
  if (fault !== undefined) return fault
  const { image, nodeId } = deps.controller.view
  const asksAll = request.topics === null || (context.version === 0 && request.topics.length === 0)
  const missing: string[] = []
  const found = asksAll
    ? [...image.topics()].map(topic => told(image, topic))
    : requestedTopics(deps, request.topics ?? [], missing)
  const operations = request.includeTopicAuthorizedOperations ? topicOperations : NOT_ASKED
  const response: MetadataResponse = {
    brokers: reachableBrokers(image, context.connection.listenerName, false).map(({ broker, endpoint }) => ({
      nodeId: broker.id,
      host: endpoint.host,
      port: endpoint.port,
      rack: broker.rack,
    })),
    clusterId: deps.clusterId,
    controllerId: nodeId,
    // Of an id that nobody knows, nobody knows what may be done with it.
    topics: found.map(topic => (topic.name === null ? topic : { ...topic, topicAuthorizedOperations: operations })),
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? clusterOperations : NOT_ASKED,
  }
  if (!request.allowAutoTopicCreation) return response
  return autoCreate(deps, missing) ? whenDurable(deps, response) : response
}

/** A request that no version allows has an answer without brokers. */
function requestFault(request: Decoded<MetadataRequest>, version: number): MetadataResponse | undefined {
  const topics = request.topics ?? []
  const hasIds = topics.some(topic => topic.topicId !== ZERO_UUID)
  const isNameless = topics.some(topic => topic.name === null && topic.topicId === ZERO_UUID)
  if (!isNameless && (version >= FIRST_WITH_IDS || (!hasIds && topics.every(topic => topic.name !== null)))) {
    return undefined
  }
  const refused = topics.map(({ name, topicId }) => ({ ...notThere('INVALID_REQUEST', name ?? ''), topicId }))
  return { brokers: [], clusterId: null, controllerId: -1, topics: refused }
}

/** The topics asked for, each once; `missing` gets the names that could be created. */
function requestedTopics(
  { controller }: Deps,
  asked: readonly Decoded<MetadataRequestTopic>[],
  missing: string[],
): MetadataResponseTopic[] {
  const { image } = controller.view
  const ids = new Set(asked.map(topic => topic.topicId).filter(id => id !== ZERO_UUID))
  if (ids.size > 0) {
    return [...ids].map(topicId => {
      const topic = image.topicById(topicId)
      return topic === undefined ? { ...notThere('UNKNOWN_TOPIC_ID', null), topicId } : told(image, topic)
    })
  }
  const names = new Set(asked.flatMap(topic => topic.name ?? []))
  return [...names].map(name => {
    const topic = image.topicByName(name)
    if (topic !== undefined) return told(image, topic)
    if (topicNameFault(name) !== undefined) return notThere('INVALID_TOPIC_EXCEPTION', name)
    if (!isInternalTopic(name)) missing.push(name)
    return notThere('UNKNOWN_TOPIC_OR_PARTITION', name)
  })
}

/** Whether there was something to create; what cannot be created is passed over in silence, since nobody awaits it. */
function autoCreate({ controller }: Deps, names: readonly string[]): boolean {
  if (names.length === 0 || !controller.view.configs.boolean('auto.create.topics.enable')) return false
  const defaults = { numPartitions: -1, replicationFactor: -1, assignments: [], configs: [], unknownTags: [] }
  controller.createTopics(
    names.map(name => ({ name, ...defaults })),
    false,
  )
  return true
}

function notThere(error: string, name: string | null): MetadataResponseTopic {
  return { errorCode: codeOf(error), name, isInternal: name !== null && isInternalTopic(name), partitions: [] }
}

function told(image: MetadataImage, topic: TopicImage): MetadataResponseTopic {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.map(partition => toldPartition(image, partition)),
  }
}

function toldPartition(image: MetadataImage, partition: PartitionImage): MetadataResponsePartition {
  return {
    errorCode: partition.leader === NO_LEADER ? codeOf('LEADER_NOT_AVAILABLE') : 0,
    partitionIndex: partition.index,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    offlineReplicas: partition.replicas.filter(id => !isOnline(image, id)),
  }
}
