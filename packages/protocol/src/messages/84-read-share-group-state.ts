/**
 * The ReadShareGroupState API (key 84).
 * Generated from schemas/84-read-share-group-state.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ReadShareGroupStateRequest {
  readonly groupId: string
  readonly topics: readonly ReadShareGroupStateRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly ReadShareGroupStateRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateRequestPartition {
  readonly partition: number
  /** Remembered, so that a former leader can write no more. -1 only looks. */
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

function encodeReadShareGroupStateRequest(writer: Writer, message: ReadShareGroupStateRequest, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeReadShareGroupStateRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateRequestTopic(writer: Writer, message: ReadShareGroupStateRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeReadShareGroupStateRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateRequestPartition(writer: Writer, message: ReadShareGroupStateRequestPartition, _version: number): void {
  writer.int32(message.partition)
  writer.int32(message.leaderEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeReadShareGroupStateRequest(reader: Reader, version: number): Decoded<ReadShareGroupStateRequest> {
  const groupId = reader.string(true)
  const topics: Decoded<ReadShareGroupStateRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeReadShareGroupStateRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeReadShareGroupStateRequestTopic(reader: Reader, version: number): Decoded<ReadShareGroupStateRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<ReadShareGroupStateRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) partitions.push(decodeReadShareGroupStateRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeReadShareGroupStateRequestPartition(reader: Reader, _version: number): Decoded<ReadShareGroupStateRequestPartition> {
  const partition = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partition, leaderEpoch, unknownTags }
}

export interface ReadShareGroupStateResponse {
  readonly results: readonly ReadShareGroupStateResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateResponseResult {
  readonly topicId: Uuid
  readonly partitions: readonly ReadShareGroupStateResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateResponsePartition {
  readonly partition: number
  /**
   * FENCED_LEADER_EPOCH: a later leader was here. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE,
   * COORDINATOR_LOAD_IN_PROGRESS, GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION. INVALID_REQUEST: nothing was set up
   * for the partition.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /** Goes with every write. */
  readonly stateEpoch: number
  /** -1 when not settled yet. */
  readonly startOffset: bigint
  /** Ranges at and after `startOffset` that differ from plain available. */
  readonly stateBatches: readonly ReadShareGroupStateResponseStateBatch[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateResponseStateBatch {
  readonly firstOffset: bigint
  /** Inclusive. */
  readonly lastOffset: bigint
  /** 0 available, 2 acknowledged, 4 archived. Locks are not stored: they end with the leader. */
  readonly deliveryState: number
  readonly deliveryCount: number
  readonly unknownTags?: UnknownTags
}

function encodeReadShareGroupStateResponse(writer: Writer, message: ReadShareGroupStateResponse, version: number): void {
  const results = message.results
  writer.arrayLength(results.length, true)
  for (const element of results) encodeReadShareGroupStateResponseResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateResponseResult(writer: Writer, message: ReadShareGroupStateResponseResult, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeReadShareGroupStateResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateResponsePartition(writer: Writer, message: ReadShareGroupStateResponsePartition, version: number): void {
  writer.int32(message.partition)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.int32(message.stateEpoch)
  writer.int64(message.startOffset)
  const stateBatches = message.stateBatches
  writer.arrayLength(stateBatches.length, true)
  for (const element of stateBatches) encodeReadShareGroupStateResponseStateBatch(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateResponseStateBatch(writer: Writer, message: ReadShareGroupStateResponseStateBatch, _version: number): void {
  writer.int64(message.firstOffset)
  writer.int64(message.lastOffset)
  writer.int8(message.deliveryState)
  writer.int16(message.deliveryCount)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeReadShareGroupStateResponse(reader: Reader, version: number): Decoded<ReadShareGroupStateResponse> {
  const results: Decoded<ReadShareGroupStateResponseResult>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) results.push(decodeReadShareGroupStateResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { results, unknownTags }
}

function decodeReadShareGroupStateResponseResult(reader: Reader, version: number): Decoded<ReadShareGroupStateResponseResult> {
  const topicId = reader.uuid()
  const partitions: Decoded<ReadShareGroupStateResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 21); left > 0; left--) partitions.push(decodeReadShareGroupStateResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeReadShareGroupStateResponsePartition(reader: Reader, version: number): Decoded<ReadShareGroupStateResponsePartition> {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const stateEpoch = reader.int32()
  const startOffset = reader.int64()
  const stateBatches: Decoded<ReadShareGroupStateResponseStateBatch>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) stateBatches.push(decodeReadShareGroupStateResponseStateBatch(reader, version))
  const unknownTags = reader.unknownTags()
  return { partition, errorCode, errorMessage, stateEpoch, startOffset, stateBatches, unknownTags }
}

function decodeReadShareGroupStateResponseStateBatch(reader: Reader, _version: number): Decoded<ReadShareGroupStateResponseStateBatch> {
  const firstOffset = reader.int64()
  const lastOffset = reader.int64()
  const deliveryState = reader.int8()
  const deliveryCount = reader.int16()
  const unknownTags = reader.unknownTags()
  return { firstOffset, lastOffset, deliveryState, deliveryCount, unknownTags }
}

/**
 * A broker that begins to lead a partition loads what the share coordinator has stored of it for a group: where it
 * starts and which records are delivered already.
 */
export const readShareGroupState: Api<ReadShareGroupStateRequest, ReadShareGroupStateResponse> = {
  key: 84,
  name: 'ReadShareGroupState',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'share',
  listeners: ['broker'],
  request: { name: 'ReadShareGroupStateRequest', encode: encodeReadShareGroupStateRequest, decode: decodeReadShareGroupStateRequest },
  response: { name: 'ReadShareGroupStateResponse', encode: encodeReadShareGroupStateResponse, decode: decodeReadShareGroupStateResponse },
}
