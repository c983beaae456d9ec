/**
 * The Metadata API (key 3).
 * Generated from schemas/03-metadata.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface MetadataRequest {
  /**
   * Null for all topics that the caller may describe; empty for none, which still lists the brokers. Version 0: empty
   * is all.
   */
  readonly topics: readonly MetadataRequestTopic[] | null
  /**
   * Takes effect only where the broker's auto.create.topics.enable agrees. The first answer is an error even then:
   * ask again. Versions 4+.
   */
  readonly allowAutoTopicCreation?: boolean
  /** Versions 8-10. */
  readonly includeClusterAuthorizedOperations?: boolean
  /** Versions 8+. */
  readonly includeTopicAuthorizedOperations?: boolean
  readonly unknownTags?: UnknownTags
}

export interface MetadataRequestTopic {
  /** Zero to ask by name. Only from 12 on. Versions 10+. */
  readonly topicId?: Uuid
  /** Null to ask by id, from 12 on. */
  readonly name: string | null
  readonly unknownTags?: UnknownTags
}

function encodeMetadataRequest(writer: Writer, message: MetadataRequest, version: number): void {
  const flexible = version >= 9
  const topics = message.topics
  if (topics === null && !(version >= 1)) throw writer.notNullable('topics', version)
  if (topics === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(topics.length, flexible)
    for (const element of topics) encodeMetadataRequestTopic(writer, element, version)
  }
  if (version >= 4) writer.bool(message.allowAutoTopicCreation ?? true)
  else if (message.allowAutoTopicCreation !== undefined && message.allowAutoTopicCreation !== true) throw writer.unsupported('allowAutoTopicCreation', version)
  if (version >= 8 && version <= 10) writer.bool(message.includeClusterAuthorizedOperations ?? false)
  else if (message.includeClusterAuthorizedOperations !== undefined && message.includeClusterAuthorizedOperations !== false) throw writer.unsupported('includeClusterAuthorizedOperations', version)
  if (version >= 8) writer.bool(message.includeTopicAuthorizedOperations ?? false)
  else if (message.includeTopicAuthorizedOperations !== undefined && message.includeTopicAuthorizedOperations !== false) throw writer.unsupported('includeTopicAuthorizedOperations', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeMetadataRequestTopic(writer: Writer, message: MetadataRequestTopic, version: number): void {
  const flexible = version >= 9
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID)
  const name = message.name
  if (name === null && !(version >= 10)) throw writer.notNullable('name', version)
  writer.nullableString(name, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeMetadataRequest(reader: Reader, version: number): Decoded<MetadataRequest> {
  const flexible = version >= 9
  let topics: Decoded<MetadataRequestTopic>[] | null = []
  const topicsCount = version >= 1 ? reader.nullableArrayLength(flexible, 1) : reader.arrayLength(flexible, 1)
  if (topicsCount < 0) {
    topics = null
  } else {
    const elements: Decoded<MetadataRequestTopic>[] = []
    for (let left = topicsCount; left > 0; left--) elements.push(decodeMetadataRequestTopic(reader, version))
    topics = elements
  }
  let allowAutoTopicCreation: boolean = true
  if (version >= 4) allowAutoTopicCreation = reader.bool()
  let includeClusterAuthorizedOperations: boolean = false
  if (version >= 8 && version <= 10) includeClusterAuthorizedOperations = reader.bool()
  let includeTopicAuthorizedOperations: boolean = false
  if (version >= 8) includeTopicAuthorizedOperations = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topics, allowAutoTopicCreation, includeClusterAuthorizedOperations, includeTopicAuthorizedOperations, unknownTags }
}

function decodeMetadataRequestTopic(reader: Reader, version: number): Decoded<MetadataRequestTopic> {
  const flexible = version >= 9
  let topicId: Uuid = ZERO_UUID
  if (version >= 10) topicId = reader.uuid()
  const name = version >= 10 ? reader.nullableString(flexible) : reader.string(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topicId, name, unknownTags }
}

export interface MetadataResponse {
  /** Versions 3+. */
  readonly throttleTimeMs?: number
  /** The brokers that are up, each with its address on the listener of this connection. */
  readonly brokers: readonly MetadataResponseBroker[]
  /** Versions 2+. */
  readonly clusterId?: string | null
  /**
   * -1 when unknown. Under KRaft a live broker picked at random: it forwards to the controller, which clients cannot
   * see. Versions 1+.
   */
  readonly controllerId?: number
  /**
   * Topics the caller may not describe are missing when all were asked for, and TOPIC_AUTHORIZATION_FAILED when
   * named.
   */
  readonly topics: readonly MetadataResponseTopic[]
  /** As topicAuthorizedOperations. Versions 8-10. */
  readonly clusterAuthorizedOperations?: number
  /** REBOOTSTRAP_REQUIRED: forget all brokers and start from the bootstrap servers. Versions 13+. */
  readonly errorCode?: number
  readonly unknownTags?: UnknownTags
}

export interface MetadataResponseBroker {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  /** Versions 1+. */
  readonly rack?: string | null
  readonly unknownTags?: UnknownTags
}

export interface MetadataResponseTopic {
  /**
   * Ask again: UNKNOWN_TOPIC_OR_PARTITION and UNKNOWN_TOPIC_ID (perhaps just created, perhaps gone),
   * LEADER_NOT_AVAILABLE. Final: INVALID_TOPIC_EXCEPTION (no topic can have that name), TOPIC_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  /** Null for an id that the broker does not know. */
  readonly name: string | null
  /**
   * Zero when the topic does not exist. A new id under a known name: deleted and created again, so old leader epochs
   * no longer count. Versions 10+.
   */
  readonly topicId?: Uuid
  /** True for the likes of __consumer_offsets and __transaction_state. Versions 1+. */
  readonly isInternal?: boolean
  readonly partitions: readonly MetadataResponsePartition[]
  /** Bit n for the ACL operation with code n; the lowest int32 when not asked for. Versions 8+. */
  readonly topicAuthorizedOperations?: number
  readonly unknownTags?: UnknownTags
}

export interface MetadataResponsePartition {
  /**
   * LEADER_NOT_AVAILABLE and LISTENER_NOT_FOUND come with leaderId -1: ask again later. REPLICA_NOT_AVAILABLE can be
   * ignored.
   */
  readonly errorCode: number
  readonly partitionIndex: number
  /** -1 when there is no leader now. */
  readonly leaderId: number
  /**
   * Grows with every change of leader. An answer with a lower one than seen before is out of date: ignore it for this
   * partition. -1 unknown. Versions 7+.
   */
  readonly leaderEpoch?: number
  /** The first is the preferred leader. */
  readonly replicaNodes: readonly number[]
  readonly isrNodes: readonly number[]
  /** On a broker that is down or a log directory that failed. Versions 5+. */
  readonly offlineReplicas?: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeMetadataResponse(writer: Writer, message: MetadataResponse, version: number): void {
  const flexible = version >= 9
  if (version >= 3) writer.int32(message.throttleTimeMs ?? 0)
  const brokers = message.brokers
  writer.arrayLength(brokers.length, flexible)
  for (const element of brokers) encodeMetadataResponseBroker(writer, element, version)
  if (version >= 2) writer.nullableString(message.clusterId ?? null, flexible)
  if (version >= 1) writer.int32(message.controllerId ?? -1)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeMetadataResponseTopic(writer, element, version)
  if (version >= 8 && version <= 10) writer.int32(message.clusterAuthorizedOperations ?? -2147483648)
  else if (message.clusterAuthorizedOperations !== undefined && message.clusterAuthorizedOperations !== -2147483648) throw writer.unsupported('clusterAuthorizedOperations', version)
  if (version >= 13) writer.int16(message.errorCode ?? 0)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeMetadataResponseBroker(writer: Writer, message: MetadataResponseBroker, version: number): void {
  const flexible = version >= 9
  writer.int32(message.nodeId)
  writer.string(message.host, flexible)
  writer.int32(message.port)
  if (version >= 1) writer.nullableString(message.rack ?? null, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeMetadataResponseTopic(writer: Writer, message: MetadataResponseTopic, version: number): void {
  const flexible = version >= 9
  writer.int16(message.errorCode)
  const name = message.name
  if (name === null && !(version >= 12)) throw writer.notNullable('name', version)
  writer.nullableString(name, flexible)
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID)
  if (version >= 1) writer.bool(message.isInternal ?? false)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeMetadataResponsePartition(writer, element, version)
  if (version >= 8) writer.int32(message.topicAuthorizedOperations ?? -2147483648)
  else if (message.topicAuthorizedOperations !== undefined && message.topicAuthorizedOperations !== -2147483648) throw writer.unsupported('topicAuthorizedOperations', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeMetadataResponsePartition(writer: Writer, message: MetadataResponsePartition, version: number): void {
  const flexible = version >= 9
  writer.int16(message.errorCode)
  writer.int32(message.partitionIndex)
  writer.int32(message.leaderId)
  if (version >= 7) writer.int32(message.leaderEpoch ?? -1)
  const replicaNodes = message.replicaNodes
  writer.arrayLength(replicaNodes.length, flexible)
  for (const element of replicaNodes) writer.int32(element)
  const isrNodes = message.isrNodes
  writer.arrayLength(isrNodes.length, flexible)
  for (const element of isrNodes) writer.int32(element)
  if (version >= 5) {
    const offlineReplicas = message.offlineReplicas ?? []
    writer.arrayLength(offlineReplicas.length, flexible)
    for (const element of offlineReplicas) writer.int32(element)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeMetadataResponse(reader: Reader, version: number): Decoded<MetadataResponse> {
  const flexible = version >= 9
  let throttleTimeMs: number = 0
  if (version >= 3) throttleTimeMs = reader.int32()
  const brokers: Decoded<MetadataResponseBroker>[] = []
  for (let left = reader.arrayLength(flexible, 9); left > 0; left--) brokers.push(decodeMetadataResponseBroker(reader, version))
  let clusterId: string | null = null
  if (version >= 2) clusterId = reader.nullableString(flexible)
  let controllerId: number = -1
  if (version >= 1) controllerId = reader.int32()
  const topics: Decoded<MetadataResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) topics.push(decodeMetadataResponseTopic(reader, version))
  let clusterAuthorizedOperations: number = -2147483648
  if (version >= 8 && version <= 10) clusterAuthorizedOperations = reader.int32()
  let errorCode: number = 0
  if (version >= 13) errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, brokers, clusterId, controllerId, topics, clusterAuthorizedOperations, errorCode, unknownTags }
}

function decodeMetadataResponseBroker(reader: Reader, version: number): Decoded<MetadataResponseBroker> {
  const flexible = version >= 9
  const nodeId = reader.int32()
  const host = reader.string(flexible)
  const port = reader.int32()
  let rack: string | null = null
  if (version >= 1) rack = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { nodeId, host, port, rack, unknownTags }
}

function decodeMetadataResponseTopic(reader: Reader, version: number): Decoded<MetadataResponseTopic> {
  const flexible = version >= 9
  const errorCode = reader.int16()
  const name = version >= 12 ? reader.nullableString(flexible) : reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 10) topicId = reader.uuid()
  let isInternal: boolean = false
  if (version >= 1) isInternal = reader.bool()
  const partitions: Decoded<MetadataResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 12); left > 0; left--) partitions.push(decodeMetadataResponsePartition(reader, version))
  let topicAuthorizedOperations: number = -2147483648
  if (version >= 8) topicAuthorizedOperations = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations, unknownTags }
}

function decodeMetadataResponsePartition(reader: Reader, version: number): Decoded<MetadataResponsePartition> {
  const flexible = version >= 9
  const errorCode = reader.int16()
  const partitionIndex = reader.int32()
  const leaderId = reader.int32()
  let leaderEpoch: number = -1
  if (version >= 7) leaderEpoch = reader.int32()
  const replicaNodes: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) replicaNodes.push(reader.int32())
  const isrNodes: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) isrNodes.push(reader.int32())
  let offlineReplicas: number[] = []
  if (version >= 5) for (let left = reader.arrayLength(flexible, 4); left > 0; left--) offlineReplicas.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas, unknownTags }
}

/**
 * Asks any broker for the brokers, the topics and the leaders of their partitions: how a client finds its way at the
 * start, and again at every sign that something moved.
 * - 0: An empty list of topics means all of them, and a partition with a replica that is down answers
 *   REPLICA_NOT_AVAILABLE.
 * - 1: Null means all topics, an empty list none.
 * - 4: A client can forbid that missing topics are created. Before that, asking for one permits it.
 * - 6: From here the client itself keeps silent for throttleTimeMs (KIP-219). A leader without this connection's
 *   listener is LISTENER_NOT_FOUND, before that LEADER_NOT_AVAILABLE.
 * - 8: What the caller may do, on request (KIP-430).
 * - 10: Topic ids in the answer (KIP-516). Asking by id is INVALID_REQUEST until 12.
 * - 11: What the caller may do to the cluster is asked by DescribeCluster instead (KIP-700).
 * - 12: Topics can be asked for by id, name null.
 * - 13: The broker can send a client back to its bootstrap servers (KIP-1102).
 */
export const metadata: Api<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  versions: { min: 0, max: 13, latestStable: 13 },
  flexibleFrom: 9,
  sentTo: 'any',
  listeners: ['broker'],
  request: { name: 'MetadataRequest', encode: encodeMetadataRequest, decode: decodeMetadataRequest },
  response: { name: 'MetadataResponse', encode: encodeMetadataResponse, decode: decodeMetadataResponse },
}
