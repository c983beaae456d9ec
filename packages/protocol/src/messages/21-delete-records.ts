/**
 * The DeleteRecords API (key 21).
 * Generated from schemas/21-delete-records.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DeleteRecordsRequest {
  readonly topics: readonly DeleteRecordsRequestTopic[]
  /** Past it REQUEST_TIMED_OUT, though the leader's own log start has moved. */
  readonly timeoutMs: number
  readonly unknownTags?: UnknownTags
}

export interface DeleteRecordsRequestTopic {
  readonly name: string
  readonly partitions: readonly DeleteRecordsRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteRecordsRequestPartition {
  readonly partitionIndex: number
  /** First offset to keep; -1 for the high watermark, which empties the partition. */
  readonly offset: bigint
  readonly unknownTags?: UnknownTags
}

function encodeDeleteRecordsRequest(writer: Writer, message: DeleteRecordsRequest, version: number): void {
  const flexible = version >= 2
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeDeleteRecordsRequestTopic(writer, element, version)
  writer.int32(message.timeoutMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteRecordsRequestTopic(writer: Writer, message: DeleteRecordsRequestTopic, version: number): void {
  const flexible = version >= 2
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeDeleteRecordsRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteRecordsRequestPartition(writer: Writer, message: DeleteRecordsRequestPartition, version: number): void {
  const flexible = version >= 2
  writer.int32(message.partitionIndex)
  writer.int64(message.offset)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDeleteRecordsRequest(reader: Reader, version: number): Decoded<DeleteRecordsRequest> {
  const flexible = version >= 2
  const topics: Decoded<DeleteRecordsRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeDeleteRecordsRequestTopic(reader, version))
  const timeoutMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topics, timeoutMs, unknownTags }
}

function decodeDeleteRecordsRequestTopic(reader: Reader, version: number): Decoded<DeleteRecordsRequestTopic> {
  const flexible = version >= 2
  const name = reader.string(flexible)
  const partitions: Decoded<DeleteRecordsRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 12); left > 0; left--) partitions.push(decodeDeleteRecordsRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeDeleteRecordsRequestPartition(reader: Reader, version: number): Decoded<DeleteRecordsRequestPartition> {
  const flexible = version >= 2
  const partitionIndex = reader.int32()
  const offset = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, offset, unknownTags }
}

export interface DeleteRecordsResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly DeleteRecordsResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteRecordsResponseTopic {
  readonly name: string
  readonly partitions: readonly DeleteRecordsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteRecordsResponsePartition {
  readonly partitionIndex: number
  /** Lowest log start among the live replicas; -1 on error. */
  readonly lowWatermark: bigint
  /**
   * OFFSET_OUT_OF_RANGE: beyond the high watermark. POLICY_VIOLATION: the topic is only compacted. Refresh metadata
   * and retry: NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION. Final: TOPIC_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeDeleteRecordsResponse(writer: Writer, message: DeleteRecordsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeDeleteRecordsResponseTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteRecordsResponseTopic(writer: Writer, message: DeleteRecordsResponseTopic, version: number): void {
  const flexible = version >= 2
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeDeleteRecordsResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteRecordsResponsePartition(writer: Writer, message: DeleteRecordsResponsePartition, version: number): void {
  const flexible = version >= 2
  writer.int32(message.partitionIndex)
  writer.int64(message.lowWatermark)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDeleteRecordsResponse(reader: Reader, version: number): Decoded<DeleteRecordsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const topics: Decoded<DeleteRecordsResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeDeleteRecordsResponseTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, topics, unknownTags }
}

function decodeDeleteRecordsResponseTopic(reader: Reader, version: number): Decoded<DeleteRecordsResponseTopic> {
  const flexible = version >= 2
  const name = reader.string(flexible)
  const partitions: Decoded<DeleteRecordsResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 14); left > 0; left--) partitions.push(decodeDeleteRecordsResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeDeleteRecordsResponsePartition(reader: Reader, version: number): Decoded<DeleteRecordsResponsePartition> {
  const flexible = version >= 2
  const partitionIndex = reader.int32()
  const lowWatermark = reader.int64()
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, lowWatermark, errorCode, unknownTags }
}

/**
 * Moves the log start of partitions forward, at their leaders; older records can no longer be read. The answer waits
 * until the live replicas have followed.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 */
export const deleteRecords: Api<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: 21,
  name: 'DeleteRecords',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'DeleteRecordsRequest', encode: encodeDeleteRecordsRequest, decode: decodeDeleteRecordsRequest },
  response: { name: 'DeleteRecordsResponse', encode: encodeDeleteRecordsResponse, decode: decodeDeleteRecordsResponse },
}
