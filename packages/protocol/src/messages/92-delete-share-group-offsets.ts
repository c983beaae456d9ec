/**
 * The DeleteShareGroupOffsets API (key 92).
 * Generated from schemas/92-delete-share-group-offsets.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DeleteShareGroupOffsetsRequest {
  readonly groupId: string
  readonly topics: readonly DeleteShareGroupOffsetsRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteShareGroupOffsetsRequestTopic {
  readonly topicName: string
  readonly unknownTags?: UnknownTags
}

function encodeDeleteShareGroupOffsetsRequest(writer: Writer, message: DeleteShareGroupOffsetsRequest, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDeleteShareGroupOffsetsRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDeleteShareGroupOffsetsRequestTopic(writer: Writer, message: DeleteShareGroupOffsetsRequestTopic, _version: number): void {
  writer.string(message.topicName, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDeleteShareGroupOffsetsRequest(reader: Reader, version: number): Decoded<DeleteShareGroupOffsetsRequest> {
  const groupId = reader.string(true)
  const topics: Decoded<DeleteShareGroupOffsetsRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) topics.push(decodeDeleteShareGroupOffsetsRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeDeleteShareGroupOffsetsRequestTopic(reader: Reader, _version: number): Decoded<DeleteShareGroupOffsetsRequestTopic> {
  const topicName = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { topicName, unknownTags }
}

export interface DeleteShareGroupOffsetsResponse {
  readonly throttleTimeMs: number
  /**
   * NON_EMPTY_GROUP. GROUP_ID_NOT_FOUND, GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly responses: readonly DeleteShareGroupOffsetsResponseResponse[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteShareGroupOffsetsResponseResponse {
  readonly topicName: string
  readonly topicId: Uuid
  /** UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeDeleteShareGroupOffsetsResponse(writer: Writer, message: DeleteShareGroupOffsetsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  const responses = message.responses
  writer.arrayLength(responses.length, true)
  for (const element of responses) encodeDeleteShareGroupOffsetsResponseResponse(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDeleteShareGroupOffsetsResponseResponse(writer: Writer, message: DeleteShareGroupOffsetsResponseResponse, _version: number): void {
  writer.string(message.topicName, true)
  writer.uuid(message.topicId)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDeleteShareGroupOffsetsResponse(reader: Reader, version: number): Decoded<DeleteShareGroupOffsetsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const responses: Decoded<DeleteShareGroupOffsetsResponseResponse>[] = []
  for (let left = reader.arrayLength(true, 21); left > 0; left--) responses.push(decodeDeleteShareGroupOffsetsResponseResponse(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, responses, unknownTags }
}

function decodeDeleteShareGroupOffsetsResponseResponse(reader: Reader, _version: number): Decoded<DeleteShareGroupOffsetsResponseResponse> {
  const topicName = reader.string(true)
  const topicId = reader.uuid()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { topicName, topicId, errorCode, errorMessage, unknownTags }
}

/**
 * Makes a share group forget topics. The group must have no members; should it read them again, it starts as
 * share.auto.offset.reset says.
 */
export const deleteShareGroupOffsets: Api<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse> = {
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'DeleteShareGroupOffsetsRequest', encode: encodeDeleteShareGroupOffsetsRequest, decode: decodeDeleteShareGroupOffsetsRequest },
  response: { name: 'DeleteShareGroupOffsetsResponse', encode: encodeDeleteShareGroupOffsetsResponse, decode: decodeDeleteShareGroupOffsetsResponse },
}
