/**
 * The DeleteShareGroupState API (key 86).
 * Generated from schemas/86-delete-share-group-state.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DeleteShareGroupStateRequest {
  readonly groupId: string
  readonly topics: readonly DeleteShareGroupStateRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteShareGroupStateRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly DeleteShareGroupStateRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteShareGroupStateRequestPartition {
  readonly partition: number
  readonly unknownTags?: UnknownTags
}

function encodeDeleteShareGroupStateRequest(writer: Writer, message: DeleteShareGroupStateRequest, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDeleteShareGroupStateRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDeleteShareGroupStateRequestTopic(writer: Writer, message: DeleteShareGroupStateRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeDeleteShareGroupStateRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDeleteShareGroupStateRequestPartition(writer: Writer, message: DeleteShareGroupStateRequestPartition, _version: number): void {
  writer.int32(message.partition)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDeleteShareGroupStateRequest(reader: Reader, version: number): Decoded<DeleteShareGroupStateRequest> {
  const groupId = reader.string(true)
  const topics: Decoded<DeleteShareGroupStateRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeDeleteShareGroupStateRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeDeleteShareGroupStateRequestTopic(reader: Reader, version: number): Decoded<DeleteShareGroupStateRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<DeleteShareGroupStateRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) partitions.push(decodeDeleteShareGroupStateRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeDeleteShareGroupStateRequestPartition(reader: Reader, _version: number): Decoded<DeleteShareGroupStateRequestPartition> {
  const partition = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partition, unknownTags }
}

export interface DeleteShareGroupStateResponse {
  readonly results: readonly DeleteShareGroupStateResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteShareGroupStateResponseResult {
  readonly topicId: Uuid
  readonly partitions: readonly DeleteShareGroupStateResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteShareGroupStateResponsePartition {
  readonly partition: number
  /**
   * NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION,
   * INVALID_REQUEST. State that was never there is no error.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeDeleteShareGroupStateResponse(writer: Writer, message: DeleteShareGroupStateResponse, version: number): void {
  const results = message.results
  writer.arrayLength(results.length, true)
  for (const element of results) encodeDeleteShareGroupStateResponseResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDeleteShareGroupStateResponseResult(writer: Writer, message: DeleteShareGroupStateResponseResult, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeDeleteShareGroupStateResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDeleteShareGroupStateResponsePartition(writer: Writer, message: DeleteShareGroupStateResponsePartition, _version: number): void {
  writer.int32(message.partition)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDeleteShareGroupStateResponse(reader: Reader, version: number): Decoded<DeleteShareGroupStateResponse> {
  const results: Decoded<DeleteShareGroupStateResponseResult>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) results.push(decodeDeleteShareGroupStateResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { results, unknownTags }
}

function decodeDeleteShareGroupStateResponseResult(reader: Reader, version: number): Decoded<DeleteShareGroupStateResponseResult> {
  const topicId = reader.uuid()
  const partitions: Decoded<DeleteShareGroupStateResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) partitions.push(decodeDeleteShareGroupStateResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeDeleteShareGroupStateResponsePartition(reader: Reader, _version: number): Decoded<DeleteShareGroupStateResponsePartition> {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { partition, errorCode, errorMessage, unknownTags }
}

/**
 * The group coordinator has the share coordinator forget partitions, when a share group, its offsets or a topic is
 * deleted.
 */
export const deleteShareGroupState: Api<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse> = {
  key: 86,
  name: 'DeleteShareGroupState',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'share',
  listeners: ['broker'],
  request: { name: 'DeleteShareGroupStateRequest', encode: encodeDeleteShareGroupStateRequest, decode: decodeDeleteShareGroupStateRequest },
  response: { name: 'DeleteShareGroupStateResponse', encode: encodeDeleteShareGroupStateResponse, decode: decodeDeleteShareGroupStateResponse },
}
