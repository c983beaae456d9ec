/**
 * The AssignReplicasToDirs API (key 73).
 * Generated from schemas/73-assign-replicas-to-dirs.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AssignReplicasToDirsRequest {
  readonly brokerId: number
  /** An old one gets STALE_BROKER_EPOCH. */
  readonly brokerEpoch?: bigint
  readonly directories: readonly AssignReplicasToDirsRequestDirectory[]
  readonly unknownTags?: UnknownTags
}

export interface AssignReplicasToDirsRequestDirectory {
  /** As in the directory's meta.properties. */
  readonly id: Uuid
  readonly topics: readonly AssignReplicasToDirsRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AssignReplicasToDirsRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly AssignReplicasToDirsRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface AssignReplicasToDirsRequestPartition {
  readonly partitionIndex: number
  readonly unknownTags?: UnknownTags
}

function encodeAssignReplicasToDirsRequest(writer: Writer, message: AssignReplicasToDirsRequest, version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch ?? -1n)
  const directories = message.directories
  writer.arrayLength(directories.length, true)
  for (const element of directories) encodeAssignReplicasToDirsRequestDirectory(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAssignReplicasToDirsRequestDirectory(writer: Writer, message: AssignReplicasToDirsRequestDirectory, version: number): void {
  writer.uuid(message.id)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeAssignReplicasToDirsRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAssignReplicasToDirsRequestTopic(writer: Writer, message: AssignReplicasToDirsRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAssignReplicasToDirsRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAssignReplicasToDirsRequestPartition(writer: Writer, message: AssignReplicasToDirsRequestPartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAssignReplicasToDirsRequest(reader: Reader, version: number): Decoded<AssignReplicasToDirsRequest> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  const directories: Decoded<AssignReplicasToDirsRequestDirectory>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) directories.push(decodeAssignReplicasToDirsRequestDirectory(reader, version))
  const unknownTags = reader.unknownTags()
  return { brokerId, brokerEpoch, directories, unknownTags }
}

function decodeAssignReplicasToDirsRequestDirectory(reader: Reader, version: number): Decoded<AssignReplicasToDirsRequestDirectory> {
  const id = reader.uuid()
  const topics: Decoded<AssignReplicasToDirsRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeAssignReplicasToDirsRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { id, topics, unknownTags }
}

function decodeAssignReplicasToDirsRequestTopic(reader: Reader, version: number): Decoded<AssignReplicasToDirsRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<AssignReplicasToDirsRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) partitions.push(decodeAssignReplicasToDirsRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeAssignReplicasToDirsRequestPartition(reader: Reader, _version: number): Decoded<AssignReplicasToDirsRequestPartition> {
  const partitionIndex = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, unknownTags }
}

export interface AssignReplicasToDirsResponse {
  readonly throttleTimeMs: number
  /** STALE_BROKER_EPOCH, NOT_CONTROLLER, CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly directories: readonly AssignReplicasToDirsResponseDirectory[]
  readonly unknownTags?: UnknownTags
}

export interface AssignReplicasToDirsResponseDirectory {
  readonly id: Uuid
  readonly topics: readonly AssignReplicasToDirsResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AssignReplicasToDirsResponseTopic {
  readonly topicId: Uuid
  readonly partitions: readonly AssignReplicasToDirsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface AssignReplicasToDirsResponsePartition {
  readonly partitionIndex: number
  /**
   * UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION: deleted meanwhile. NOT_LEADER_OR_FOLLOWER: the broker holds no
   * replica of it.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeAssignReplicasToDirsResponse(writer: Writer, message: AssignReplicasToDirsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  const directories = message.directories
  writer.arrayLength(directories.length, true)
  for (const element of directories) encodeAssignReplicasToDirsResponseDirectory(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAssignReplicasToDirsResponseDirectory(writer: Writer, message: AssignReplicasToDirsResponseDirectory, version: number): void {
  writer.uuid(message.id)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeAssignReplicasToDirsResponseTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAssignReplicasToDirsResponseTopic(writer: Writer, message: AssignReplicasToDirsResponseTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAssignReplicasToDirsResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAssignReplicasToDirsResponsePartition(writer: Writer, message: AssignReplicasToDirsResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAssignReplicasToDirsResponse(reader: Reader, version: number): Decoded<AssignReplicasToDirsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const directories: Decoded<AssignReplicasToDirsResponseDirectory>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) directories.push(decodeAssignReplicasToDirsResponseDirectory(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, directories, unknownTags }
}

function decodeAssignReplicasToDirsResponseDirectory(reader: Reader, version: number): Decoded<AssignReplicasToDirsResponseDirectory> {
  const id = reader.uuid()
  const topics: Decoded<AssignReplicasToDirsResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeAssignReplicasToDirsResponseTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { id, topics, unknownTags }
}

function decodeAssignReplicasToDirsResponseTopic(reader: Reader, version: number): Decoded<AssignReplicasToDirsResponseTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<AssignReplicasToDirsResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 7); left > 0; left--) partitions.push(decodeAssignReplicasToDirsResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeAssignReplicasToDirsResponsePartition(reader: Reader, _version: number): Decoded<AssignReplicasToDirsResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, unknownTags }
}

/**
 * A broker with several log directories tells the controller which replica lies in which (KIP-858), so that a failed
 * directory takes only its own partitions down.
 */
export const assignReplicasToDirs: Api<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse> = {
  key: 73,
  name: 'AssignReplicasToDirs',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'AssignReplicasToDirsRequest', encode: encodeAssignReplicasToDirsRequest, decode: decodeAssignReplicasToDirsRequest },
  response: { name: 'AssignReplicasToDirsResponse', encode: encodeAssignReplicasToDirsResponse, decode: decodeAssignReplicasToDirsResponse },
}
