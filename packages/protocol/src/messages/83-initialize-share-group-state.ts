/**
 * The InitializeShareGroupState API (key 83).
 * Generated from schemas/83-initialize-share-group-state.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface InitializeShareGroupStateRequest {
  readonly groupId: string
  readonly topics: readonly InitializeShareGroupStateRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface InitializeShareGroupStateRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly InitializeShareGroupStateRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface InitializeShareGroupStateRequestPartition {
  readonly partition: number
  /** Rises each time the state is set up anew, so that late writes of the former life are fenced. */
  readonly stateEpoch: number
  /** -1 leaves it open: the leader of the partition then applies share.auto.offset.reset. */
  readonly startOffset: bigint
  readonly unknownTags?: UnknownTags
}

function encodeInitializeShareGroupStateRequest(writer: Writer, message: InitializeShareGroupStateRequest, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeInitializeShareGroupStateRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeInitializeShareGroupStateRequestTopic(writer: Writer, message: InitializeShareGroupStateRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeInitializeShareGroupStateRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeInitializeShareGroupStateRequestPartition(writer: Writer, message: InitializeShareGroupStateRequestPartition, _version: number): void {
  writer.int32(message.partition)
  writer.int32(message.stateEpoch)
  writer.int64(message.startOffset)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeInitializeShareGroupStateRequest(reader: Reader, version: number): Decoded<InitializeShareGroupStateRequest> {
  const groupId = reader.string(true)
  const topics: Decoded<InitializeShareGroupStateRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeInitializeShareGroupStateRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeInitializeShareGroupStateRequestTopic(reader: Reader, version: number): Decoded<InitializeShareGroupStateRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<InitializeShareGroupStateRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 17); left > 0; left--) partitions.push(decodeInitializeShareGroupStateRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeInitializeShareGroupStateRequestPartition(reader: Reader, _version: number): Decoded<InitializeShareGroupStateRequestPartition> {
  const partition = reader.int32()
  const stateEpoch = reader.int32()
  const startOffset = reader.int64()
  const unknownTags = reader.unknownTags()
  return { partition, stateEpoch, startOffset, unknownTags }
}

export interface InitializeShareGroupStateResponse {
  readonly results: readonly InitializeShareGroupStateResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface InitializeShareGroupStateResponseResult {
  readonly topicId: Uuid
  readonly partitions: readonly InitializeShareGroupStateResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface InitializeShareGroupStateResponsePartition {
  readonly partition: number
  /**
   * FENCED_STATE_EPOCH: a later one is known. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE,
   * COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeInitializeShareGroupStateResponse(writer: Writer, message: InitializeShareGroupStateResponse, version: number): void {
  const results = message.results
  writer.arrayLength(results.length, true)
  for (const element of results) encodeInitializeShareGroupStateResponseResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeInitializeShareGroupStateResponseResult(writer: Writer, message: InitializeShareGroupStateResponseResult, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeInitializeShareGroupStateResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeInitializeShareGroupStateResponsePartition(writer: Writer, message: InitializeShareGroupStateResponsePartition, _version: number): void {
  writer.int32(message.partition)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeInitializeShareGroupStateResponse(reader: Reader, version: number): Decoded<InitializeShareGroupStateResponse> {
  const results: Decoded<InitializeShareGroupStateResponseResult>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) results.push(decodeInitializeShareGroupStateResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { results, unknownTags }
}

function decodeInitializeShareGroupStateResponseResult(reader: Reader, version: number): Decoded<InitializeShareGroupStateResponseResult> {
  const topicId = reader.uuid()
  const partitions: Decoded<InitializeShareGroupStateResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) partitions.push(decodeInitializeShareGroupStateResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeInitializeShareGroupStateResponsePartition(reader: Reader, _version: number): Decoded<InitializeShareGroupStateResponsePartition> {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { partition, errorCode, errorMessage, unknownTags }
}

/**
 * The group coordinator asks the share coordinator to set up the state of partitions that a share group begins to
 * read, or whose start offset an admin has moved.
 */
export const initializeShareGroupState: Api<InitializeShareGroupStateRequest, InitializeShareGroupStateResponse> = {
  key: 83,
  name: 'InitializeShareGroupState',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'share',
  listeners: ['broker'],
  request: { name: 'InitializeShareGroupStateRequest', encode: encodeInitializeShareGroupStateRequest, decode: decodeInitializeShareGroupStateRequest },
  response: { name: 'InitializeShareGroupStateResponse', encode: encodeInitializeShareGroupStateResponse, decode: decodeInitializeShareGroupStateResponse },
}
