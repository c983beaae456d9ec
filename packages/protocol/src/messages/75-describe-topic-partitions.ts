/**
 * The DescribeTopicPartitions API (key 75).
 * Generated from schemas/75-describe-topic-partitions.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeTopicPartitionsRequest {
  /** Empty asks for every topic that the caller may describe. */
  readonly topics: readonly DescribeTopicPartitionsRequestTopic[]
  /** The broker allows no more than its max.request.partition.size.limit, 2000 by default. */
  readonly responsePartitionLimit?: number
  /**
   * Null begins at the first topic; otherwise `nextCursor` of the response before. Its topic must be in `topics`
   * unless that is empty.
   */
  readonly cursor?: DescribeTopicPartitionsRequestCursor | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeTopicPartitionsRequestTopic {
  readonly name: string
  readonly unknownTags?: UnknownTags
}

export interface DescribeTopicPartitionsRequestCursor {
  readonly topicName: string
  readonly partitionIndex: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeTopicPartitionsRequest(writer: Writer, message: DescribeTopicPartitionsRequest, version: number): void {
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeTopicPartitionsRequestTopic(writer, element, version)
  writer.int32(message.responsePartitionLimit ?? 2000)
  const cursor = message.cursor ?? null
  if (cursor === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeDescribeTopicPartitionsRequestCursor(writer, cursor, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeTopicPartitionsRequestTopic(writer: Writer, message: DescribeTopicPartitionsRequestTopic, _version: number): void {
  writer.string(message.name, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeTopicPartitionsRequestCursor(writer: Writer, message: DescribeTopicPartitionsRequestCursor, _version: number): void {
  writer.string(message.topicName, true)
  writer.int32(message.partitionIndex)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeTopicPartitionsRequest(reader: Reader, version: number): Decoded<DescribeTopicPartitionsRequest> {
  const topics: Decoded<DescribeTopicPartitionsRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) topics.push(decodeDescribeTopicPartitionsRequestTopic(reader, version))
  const responsePartitionLimit = reader.int32()
  const cursor = reader.structPresent() ? decodeDescribeTopicPartitionsRequestCursor(reader, version) : null
  const unknownTags = reader.unknownTags()
  return { topics, responsePartitionLimit, cursor, unknownTags }
}

function decodeDescribeTopicPartitionsRequestTopic(reader: Reader, _version: number): Decoded<DescribeTopicPartitionsRequestTopic> {
  const name = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { name, unknownTags }
}

function decodeDescribeTopicPartitionsRequestCursor(reader: Reader, _version: number): Decoded<DescribeTopicPartitionsRequestCursor> {
  const topicName = reader.string(true)
  const partitionIndex = reader.int32()
  const unknownTags = reader.unknownTags()
  return { topicName, partitionIndex, unknownTags }
}

export interface DescribeTopicPartitionsResponse {
  readonly throttleTimeMs?: number
  readonly topics: readonly DescribeTopicPartitionsResponseTopic[]
  /**
   * Null on the last page. Otherwise where the next request goes on; the topic it names may have begun on this page.
   */
  readonly nextCursor?: DescribeTopicPartitionsResponseNextCursor | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeTopicPartitionsResponseTopic {
  /**
   * UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION. TOPIC_AUTHORIZATION_FAILED for topics that the request
   * names; these come last.
   */
  readonly errorCode: number
  readonly name: string | null
  /** Zero with an error. */
  readonly topicId?: Uuid
  readonly isInternal?: boolean
  readonly partitions: readonly DescribeTopicPartitionsResponsePartition[]
  /** Bit n stands for ACL operation n. */
  readonly topicAuthorizedOperations?: number
  readonly unknownTags?: UnknownTags
}

export interface DescribeTopicPartitionsResponsePartition {
  /** LEADER_NOT_AVAILABLE: no leader now. LISTENER_NOT_FOUND: the leader lacks the listener of this connection. */
  readonly errorCode: number
  readonly partitionIndex: number
  /** -1 without a leader. */
  readonly leaderId: number
  readonly leaderEpoch?: number
  readonly replicaNodes: readonly number[]
  readonly isrNodes: readonly number[]
  /** Out of the ISR, but with every committed record, so that they may lead without loss (KIP-966). */
  readonly eligibleLeaderReplicas?: readonly number[] | null
  /** The last leader, once ISR and ELR are empty: it may lead again when it is back. */
  readonly lastKnownElr?: readonly number[] | null
  /** On brokers that are down or in directories that failed. */
  readonly offlineReplicas?: readonly number[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeTopicPartitionsResponseNextCursor {
  readonly topicName: string
  readonly partitionIndex: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeTopicPartitionsResponse(writer: Writer, message: DescribeTopicPartitionsResponse, version: number): void {
  writer.int32(message.throttleTimeMs ?? 0)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeTopicPartitionsResponseTopic(writer, element, version)
  const nextCursor = message.nextCursor ?? null
  if (nextCursor === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeDescribeTopicPartitionsResponseNextCursor(writer, nextCursor, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeTopicPartitionsResponseTopic(writer: Writer, message: DescribeTopicPartitionsResponseTopic, version: number): void {
  writer.int16(message.errorCode)
  writer.nullableString(message.name, true)
  writer.uuid(message.topicId ?? ZERO_UUID)
  writer.bool(message.isInternal ?? false)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeDescribeTopicPartitionsResponsePartition(writer, element, version)
  writer.int32(message.topicAuthorizedOperations ?? -2147483648)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeTopicPartitionsResponsePartition(writer: Writer, message: DescribeTopicPartitionsResponsePartition, _version: number): void {
  writer.int16(message.errorCode)
  writer.int32(message.partitionIndex)
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch ?? -1)
  const replicaNodes = message.replicaNodes
  writer.arrayLength(replicaNodes.length, true)
  for (const element of replicaNodes) writer.int32(element)
  const isrNodes = message.isrNodes
  writer.arrayLength(isrNodes.length, true)
  for (const element of isrNodes) writer.int32(element)
  const eligibleLeaderReplicas = message.eligibleLeaderReplicas ?? null
  if (eligibleLeaderReplicas === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(eligibleLeaderReplicas.length, true)
    for (const element of eligibleLeaderReplicas) writer.int32(element)
  }
  const lastKnownElr = message.lastKnownElr ?? null
  if (lastKnownElr === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(lastKnownElr.length, true)
    for (const element of lastKnownElr) writer.int32(element)
  }
  const offlineReplicas = message.offlineReplicas ?? []
  writer.arrayLength(offlineReplicas.length, true)
  for (const element of offlineReplicas) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeTopicPartitionsResponseNextCursor(writer: Writer, message: DescribeTopicPartitionsResponseNextCursor, _version: number): void {
  writer.string(message.topicName, true)
  writer.int32(message.partitionIndex)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeTopicPartitionsResponse(reader: Reader, version: number): Decoded<DescribeTopicPartitionsResponse> {
  const throttleTimeMs = reader.int32()
  const topics: Decoded<DescribeTopicPartitionsResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 26); left > 0; left--) topics.push(decodeDescribeTopicPartitionsResponseTopic(reader, version))
  const nextCursor = reader.structPresent() ? decodeDescribeTopicPartitionsResponseNextCursor(reader, version) : null
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, topics, nextCursor, unknownTags }
}

function decodeDescribeTopicPartitionsResponseTopic(reader: Reader, version: number): Decoded<DescribeTopicPartitionsResponseTopic> {
  const errorCode = reader.int16()
  const name = reader.nullableString(true)
  const topicId = reader.uuid()
  const isInternal = reader.bool()
  const partitions: Decoded<DescribeTopicPartitionsResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) partitions.push(decodeDescribeTopicPartitionsResponsePartition(reader, version))
  const topicAuthorizedOperations = reader.int32()
  const unknownTags = reader.unknownTags()
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations, unknownTags }
}

function decodeDescribeTopicPartitionsResponsePartition(reader: Reader, _version: number): Decoded<DescribeTopicPartitionsResponsePartition> {
  const errorCode = reader.int16()
  const partitionIndex = reader.int32()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const replicaNodes: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) replicaNodes.push(reader.int32())
  const isrNodes: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) isrNodes.push(reader.int32())
  let eligibleLeaderReplicas: number[] | null = null
  const eligibleLeaderReplicasCount = reader.nullableArrayLength(true, 4)
  if (eligibleLeaderReplicasCount < 0) {
    eligibleLeaderReplicas = null
  } else {
    const elements: number[] = []
    for (let left = eligibleLeaderReplicasCount; left > 0; left--) elements.push(reader.int32())
    eligibleLeaderReplicas = elements
  }
  let lastKnownElr: number[] | null = null
  const lastKnownElrCount = reader.nullableArrayLength(true, 4)
  if (lastKnownElrCount < 0) {
    lastKnownElr = null
  } else {
    const elements: number[] = []
    for (let left = lastKnownElrCount; left > 0; left--) elements.push(reader.int32())
    lastKnownElr = elements
  }
  const offlineReplicas: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) offlineReplicas.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, eligibleLeaderReplicas, lastKnownElr, offlineReplicas, unknownTags }
}

function decodeDescribeTopicPartitionsResponseNextCursor(reader: Reader, _version: number): Decoded<DescribeTopicPartitionsResponseNextCursor> {
  const topicName = reader.string(true)
  const partitionIndex = reader.int32()
  const unknownTags = reader.unknownTags()
  return { topicName, partitionIndex, unknownTags }
}

/**
 * Describes topics page by page, for topics with more partitions than fit one response, and with the eligible leader
 * replicas that Metadata does not show (KIP-966). Topics come sorted by name.
 */
export const describeTopicPartitions: Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> = {
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'any',
  listeners: ['broker'],
  request: { name: 'DescribeTopicPartitionsRequest', encode: encodeDescribeTopicPartitionsRequest, decode: decodeDescribeTopicPartitionsRequest },
  response: { name: 'DescribeTopicPartitionsResponse', encode: encodeDescribeTopicPartitionsResponse, decode: decodeDescribeTopicPartitionsResponse },
}
