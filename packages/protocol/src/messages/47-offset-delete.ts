/**
 * The OffsetDelete API (key 47).
 * Generated from schemas/47-offset-delete.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface OffsetDeleteRequest {
  readonly groupId: string
  readonly topics: readonly OffsetDeleteRequestTopic[]
}

export interface OffsetDeleteRequestTopic {
  readonly name: string
  readonly partitions: readonly OffsetDeleteRequestPartition[]
}

export interface OffsetDeleteRequestPartition {
  readonly partitionIndex: number
}

function encodeOffsetDeleteRequest(writer: Writer, message: OffsetDeleteRequest, version: number): void {
  writer.string(message.groupId, false)
  const topics = message.topics
  writer.arrayLength(topics.length, false)
  for (const element of topics) encodeOffsetDeleteRequestTopic(writer, element, version)
}

function encodeOffsetDeleteRequestTopic(writer: Writer, message: OffsetDeleteRequestTopic, version: number): void {
  writer.string(message.name, false)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, false)
  for (const element of partitions) encodeOffsetDeleteRequestPartition(writer, element, version)
}

function encodeOffsetDeleteRequestPartition(writer: Writer, message: OffsetDeleteRequestPartition, _version: number): void {
  writer.int32(message.partitionIndex)
}

function decodeOffsetDeleteRequest(reader: Reader, version: number): Decoded<OffsetDeleteRequest> {
  const groupId = reader.string(false)
  const topics: Decoded<OffsetDeleteRequestTopic>[] = []
  for (let left = reader.arrayLength(false, 2); left > 0; left--) topics.push(decodeOffsetDeleteRequestTopic(reader, version))
  return { groupId, topics }
}

function decodeOffsetDeleteRequestTopic(reader: Reader, version: number): Decoded<OffsetDeleteRequestTopic> {
  const name = reader.string(false)
  const partitions: Decoded<OffsetDeleteRequestPartition>[] = []
  for (let left = reader.arrayLength(false, 4); left > 0; left--) partitions.push(decodeOffsetDeleteRequestPartition(reader, version))
  return { name, partitions }
}

function decodeOffsetDeleteRequestPartition(reader: Reader, _version: number): Decoded<OffsetDeleteRequestPartition> {
  const partitionIndex = reader.int32()
  return { partitionIndex }
}

export interface OffsetDeleteResponse {
  /**
   * Nothing was deleted: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP (members of a kind whose topics the coordinator cannot
   * know), GROUP_AUTHORIZATION_FAILED, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.
   */
  readonly errorCode: number
  readonly throttleTimeMs?: number
  readonly topics: readonly OffsetDeleteResponseTopic[]
}

export interface OffsetDeleteResponseTopic {
  readonly name: string
  readonly partitions: readonly OffsetDeleteResponsePartition[]
}

export interface OffsetDeleteResponsePartition {
  readonly partitionIndex: number
  /**
   * GROUP_SUBSCRIBED_TO_TOPIC: a member still reads the topic. UNKNOWN_TOPIC_OR_PARTITION,
   * TOPIC_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
}

function encodeOffsetDeleteResponse(writer: Writer, message: OffsetDeleteResponse, version: number): void {
  writer.int16(message.errorCode)
  writer.int32(message.throttleTimeMs ?? 0)
  const topics = message.topics
  writer.arrayLength(topics.length, false)
  for (const element of topics) encodeOffsetDeleteResponseTopic(writer, element, version)
}

function encodeOffsetDeleteResponseTopic(writer: Writer, message: OffsetDeleteResponseTopic, version: number): void {
  writer.string(message.name, false)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, false)
  for (const element of partitions) encodeOffsetDeleteResponsePartition(writer, element, version)
}

function encodeOffsetDeleteResponsePartition(writer: Writer, message: OffsetDeleteResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
}

function decodeOffsetDeleteResponse(reader: Reader, version: number): Decoded<OffsetDeleteResponse> {
  const errorCode = reader.int16()
  const throttleTimeMs = reader.int32()
  const topics: Decoded<OffsetDeleteResponseTopic>[] = []
  for (let left = reader.arrayLength(false, 2); left > 0; left--) topics.push(decodeOffsetDeleteResponseTopic(reader, version))
  return { errorCode, throttleTimeMs, topics }
}

function decodeOffsetDeleteResponseTopic(reader: Reader, version: number): Decoded<OffsetDeleteResponseTopic> {
  const name = reader.string(false)
  const partitions: Decoded<OffsetDeleteResponsePartition>[] = []
  for (let left = reader.arrayLength(false, 6); left > 0; left--) partitions.push(decodeOffsetDeleteResponsePartition(reader, version))
  return { name, partitions }
}

function decodeOffsetDeleteResponsePartition(reader: Reader, _version: number): Decoded<OffsetDeleteResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  return { partitionIndex, errorCode }
}

/** Forgets what a group has committed for some partitions (KIP-496), so that they no longer count as its lag. */
export const offsetDelete: Api<OffsetDeleteRequest, OffsetDeleteResponse> = {
  key: 47,
  name: 'OffsetDelete',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'OffsetDeleteRequest', encode: encodeOffsetDeleteRequest, decode: decodeOffsetDeleteRequest },
  response: { name: 'OffsetDeleteResponse', encode: encodeOffsetDeleteResponse, decode: decodeOffsetDeleteResponse },
}
