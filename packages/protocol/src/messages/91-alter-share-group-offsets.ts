/**
 * The AlterShareGroupOffsets API (key 91).
 * Generated from schemas/91-alter-share-group-offsets.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AlterShareGroupOffsetsRequest {
  readonly groupId: string
  readonly topics: readonly AlterShareGroupOffsetsRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AlterShareGroupOffsetsRequestTopic {
  readonly topicName: string
  readonly partitions: readonly AlterShareGroupOffsetsRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface AlterShareGroupOffsetsRequestPartition {
  readonly partitionIndex: number
  /** Where delivery goes on. */
  readonly startOffset: bigint
  readonly unknownTags?: UnknownTags
}

function encodeAlterShareGroupOffsetsRequest(writer: Writer, message: AlterShareGroupOffsetsRequest, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeAlterShareGroupOffsetsRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterShareGroupOffsetsRequestTopic(writer: Writer, message: AlterShareGroupOffsetsRequestTopic, version: number): void {
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAlterShareGroupOffsetsRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterShareGroupOffsetsRequestPartition(writer: Writer, message: AlterShareGroupOffsetsRequestPartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int64(message.startOffset)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterShareGroupOffsetsRequest(reader: Reader, version: number): Decoded<AlterShareGroupOffsetsRequest> {
  const groupId = reader.string(true)
  const topics: Decoded<AlterShareGroupOffsetsRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeAlterShareGroupOffsetsRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeAlterShareGroupOffsetsRequestTopic(reader: Reader, version: number): Decoded<AlterShareGroupOffsetsRequestTopic> {
  const topicName = reader.string(true)
  const partitions: Decoded<AlterShareGroupOffsetsRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 13); left > 0; left--) partitions.push(decodeAlterShareGroupOffsetsRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicName, partitions, unknownTags }
}

function decodeAlterShareGroupOffsetsRequestPartition(reader: Reader, _version: number): Decoded<AlterShareGroupOffsetsRequestPartition> {
  const partitionIndex = reader.int32()
  const startOffset = reader.int64()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, startOffset, unknownTags }
}

export interface AlterShareGroupOffsetsResponse {
  readonly throttleTimeMs: number
  /**
   * NON_EMPTY_GROUP. GROUP_ID_NOT_FOUND, GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly responses: readonly AlterShareGroupOffsetsResponseResponse[]
  readonly unknownTags?: UnknownTags
}

export interface AlterShareGroupOffsetsResponseResponse {
  readonly topicName: string
  readonly topicId: Uuid
  readonly partitions: readonly AlterShareGroupOffsetsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface AlterShareGroupOffsetsResponsePartition {
  readonly partitionIndex: number
  /** UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeAlterShareGroupOffsetsResponse(writer: Writer, message: AlterShareGroupOffsetsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  const responses = message.responses
  writer.arrayLength(responses.length, true)
  for (const element of responses) encodeAlterShareGroupOffsetsResponseResponse(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterShareGroupOffsetsResponseResponse(writer: Writer, message: AlterShareGroupOffsetsResponseResponse, version: number): void {
  writer.string(message.topicName, true)
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAlterShareGroupOffsetsResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterShareGroupOffsetsResponsePartition(writer: Writer, message: AlterShareGroupOffsetsResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterShareGroupOffsetsResponse(reader: Reader, version: number): Decoded<AlterShareGroupOffsetsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const responses: Decoded<AlterShareGroupOffsetsResponseResponse>[] = []
  for (let left = reader.arrayLength(true, 19); left > 0; left--) responses.push(decodeAlterShareGroupOffsetsResponseResponse(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, responses, unknownTags }
}

function decodeAlterShareGroupOffsetsResponseResponse(reader: Reader, version: number): Decoded<AlterShareGroupOffsetsResponseResponse> {
  const topicName = reader.string(true)
  const topicId = reader.uuid()
  const partitions: Decoded<AlterShareGroupOffsetsResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) partitions.push(decodeAlterShareGroupOffsetsResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicName, topicId, partitions, unknownTags }
}

function decodeAlterShareGroupOffsetsResponsePartition(reader: Reader, _version: number): Decoded<AlterShareGroupOffsetsResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, errorMessage, unknownTags }
}

/**
 * Moves a share group to other offsets. The group must have no members; what it knew of the partitions is dropped.
 */
export const alterShareGroupOffsets: Api<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse> = {
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'AlterShareGroupOffsetsRequest', encode: encodeAlterShareGroupOffsetsRequest, decode: decodeAlterShareGroupOffsetsRequest },
  response: { name: 'AlterShareGroupOffsetsResponse', encode: encodeAlterShareGroupOffsetsResponse, decode: decodeAlterShareGroupOffsetsResponse },
}
