/**
 * The WriteShareGroupState API (key 85).
 * Generated from schemas/85-write-share-group-state.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface WriteShareGroupStateRequest {
  readonly groupId: string
  readonly topics: readonly WriteShareGroupStateRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface WriteShareGroupStateRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly WriteShareGroupStateRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface WriteShareGroupStateRequestPartition {
  readonly partition: number
  /** From ReadShareGroupState. */
  readonly stateEpoch: number
  /** Of the writer as leader of the partition. */
  readonly leaderEpoch: number
  /** -1: unchanged. */
  readonly startOffset: bigint
  /**
   * How many offsets from the start offset on are done with, acknowledged or archived. -1 when unknown. Versions 1+.
   */
  readonly deliveryCompleteCount?: number
  /** Changed ranges only; each replaces what was stored for its offsets. */
  readonly stateBatches: readonly WriteShareGroupStateRequestStateBatch[]
  readonly unknownTags?: UnknownTags
}

export interface WriteShareGroupStateRequestStateBatch {
  readonly firstOffset: bigint
  /** Inclusive. */
  readonly lastOffset: bigint
  /** 0 available, 2 acknowledged, 4 archived. */
  readonly deliveryState: number
  readonly deliveryCount: number
  readonly unknownTags?: UnknownTags
}

function encodeWriteShareGroupStateRequest(writer: Writer, message: WriteShareGroupStateRequest, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeWriteShareGroupStateRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteShareGroupStateRequestTopic(writer: Writer, message: WriteShareGroupStateRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeWriteShareGroupStateRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteShareGroupStateRequestPartition(writer: Writer, message: WriteShareGroupStateRequestPartition, version: number): void {
  writer.int32(message.partition)
  writer.int32(message.stateEpoch)
  writer.int32(message.leaderEpoch)
  writer.int64(message.startOffset)
  if (version >= 1) writer.int32(message.deliveryCompleteCount ?? -1)
  const stateBatches = message.stateBatches
  writer.arrayLength(stateBatches.length, true)
  for (const element of stateBatches) encodeWriteShareGroupStateRequestStateBatch(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteShareGroupStateRequestStateBatch(writer: Writer, message: WriteShareGroupStateRequestStateBatch, _version: number): void {
  writer.int64(message.firstOffset)
  writer.int64(message.lastOffset)
  writer.int8(message.deliveryState)
  writer.int16(message.deliveryCount)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeWriteShareGroupStateRequest(reader: Reader, version: number): Decoded<WriteShareGroupStateRequest> {
  const groupId = reader.string(true)
  const topics: Decoded<WriteShareGroupStateRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeWriteShareGroupStateRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeWriteShareGroupStateRequestTopic(reader: Reader, version: number): Decoded<WriteShareGroupStateRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<WriteShareGroupStateRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 22); left > 0; left--) partitions.push(decodeWriteShareGroupStateRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeWriteShareGroupStateRequestPartition(reader: Reader, version: number): Decoded<WriteShareGroupStateRequestPartition> {
  const partition = reader.int32()
  const stateEpoch = reader.int32()
  const leaderEpoch = reader.int32()
  const startOffset = reader.int64()
  let deliveryCompleteCount: number = -1
  if (version >= 1) deliveryCompleteCount = reader.int32()
  const stateBatches: Decoded<WriteShareGroupStateRequestStateBatch>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) stateBatches.push(decodeWriteShareGroupStateRequestStateBatch(reader, version))
  const unknownTags = reader.unknownTags()
  return { partition, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches, unknownTags }
}

function decodeWriteShareGroupStateRequestStateBatch(reader: Reader, _version: number): Decoded<WriteShareGroupStateRequestStateBatch> {
  const firstOffset = reader.int64()
  const lastOffset = reader.int64()
  const deliveryState = reader.int8()
  const deliveryCount = reader.int16()
  const unknownTags = reader.unknownTags()
  return { firstOffset, lastOffset, deliveryState, deliveryCount, unknownTags }
}

export interface WriteShareGroupStateResponse {
  readonly results: readonly WriteShareGroupStateResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface WriteShareGroupStateResponseResult {
  readonly topicId: Uuid
  readonly partitions: readonly WriteShareGroupStateResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface WriteShareGroupStateResponsePartition {
  readonly partition: number
  /**
   * FENCED_LEADER_EPOCH: another broker leads now. FENCED_STATE_EPOCH: the state was set up anew. NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION,
   * INVALID_REQUEST.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeWriteShareGroupStateResponse(writer: Writer, message: WriteShareGroupStateResponse, version: number): void {
  const results = message.results
  writer.arrayLength(results.length, true)
  for (const element of results) encodeWriteShareGroupStateResponseResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteShareGroupStateResponseResult(writer: Writer, message: WriteShareGroupStateResponseResult, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeWriteShareGroupStateResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteShareGroupStateResponsePartition(writer: Writer, message: WriteShareGroupStateResponsePartition, _version: number): void {
  writer.int32(message.partition)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeWriteShareGroupStateResponse(reader: Reader, version: number): Decoded<WriteShareGroupStateResponse> {
  const results: Decoded<WriteShareGroupStateResponseResult>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) results.push(decodeWriteShareGroupStateResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { results, unknownTags }
}

function decodeWriteShareGroupStateResponseResult(reader: Reader, version: number): Decoded<WriteShareGroupStateResponseResult> {
  const topicId = reader.uuid()
  const partitions: Decoded<WriteShareGroupStateResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) partitions.push(decodeWriteShareGroupStateResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeWriteShareGroupStateResponsePartition(reader: Reader, _version: number): Decoded<WriteShareGroupStateResponsePartition> {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { partition, errorCode, errorMessage, unknownTags }
}

/**
 * The leader of a partition has the share coordinator store what changed in a share group's progress; the change
 * holds once this is answered.
 * - 1: Lets lag be worked out without reading the whole state (KIP-1226).
 */
export const writeShareGroupState: Api<WriteShareGroupStateRequest, WriteShareGroupStateResponse> = {
  key: 85,
  name: 'WriteShareGroupState',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'share',
  listeners: ['broker'],
  request: { name: 'WriteShareGroupStateRequest', encode: encodeWriteShareGroupStateRequest, decode: decodeWriteShareGroupStateRequest },
  response: { name: 'WriteShareGroupStateResponse', encode: encodeWriteShareGroupStateResponse, decode: decodeWriteShareGroupStateResponse },
}
