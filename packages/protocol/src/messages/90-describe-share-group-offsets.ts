/**
 * The DescribeShareGroupOffsets API (key 90).
 * Generated from schemas/90-describe-share-group-offsets.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeShareGroupOffsetsRequest {
  readonly groups: readonly DescribeShareGroupOffsetsRequestGroup[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeShareGroupOffsetsRequestGroup {
  readonly groupId: string
  /** Null asks for every partition that the group has state of. */
  readonly topics: readonly DescribeShareGroupOffsetsRequestTopic[] | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeShareGroupOffsetsRequestTopic {
  readonly topicName: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeDescribeShareGroupOffsetsRequest(writer: Writer, message: DescribeShareGroupOffsetsRequest, version: number): void {
  const groups = message.groups
  writer.arrayLength(groups.length, true)
  for (const element of groups) encodeDescribeShareGroupOffsetsRequestGroup(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeShareGroupOffsetsRequestGroup(writer: Writer, message: DescribeShareGroupOffsetsRequestGroup, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  if (topics === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(topics.length, true)
    for (const element of topics) encodeDescribeShareGroupOffsetsRequestTopic(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeShareGroupOffsetsRequestTopic(writer: Writer, message: DescribeShareGroupOffsetsRequestTopic, _version: number): void {
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeShareGroupOffsetsRequest(reader: Reader, version: number): Decoded<DescribeShareGroupOffsetsRequest> {
  const groups: Decoded<DescribeShareGroupOffsetsRequestGroup>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) groups.push(decodeDescribeShareGroupOffsetsRequestGroup(reader, version))
  const unknownTags = reader.unknownTags()
  return { groups, unknownTags }
}

function decodeDescribeShareGroupOffsetsRequestGroup(reader: Reader, version: number): Decoded<DescribeShareGroupOffsetsRequestGroup> {
  const groupId = reader.string(true)
  let topics: Decoded<DescribeShareGroupOffsetsRequestTopic>[] | null = []
  const topicsCount = reader.nullableArrayLength(true, 3)
  if (topicsCount < 0) {
    topics = null
  } else {
    const elements: Decoded<DescribeShareGroupOffsetsRequestTopic>[] = []
    for (let left = topicsCount; left > 0; left--) elements.push(decodeDescribeShareGroupOffsetsRequestTopic(reader, version))
    topics = elements
  }
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeDescribeShareGroupOffsetsRequestTopic(reader: Reader, _version: number): Decoded<DescribeShareGroupOffsetsRequestTopic> {
  const topicName = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicName, partitions, unknownTags }
}

export interface DescribeShareGroupOffsetsResponse {
  readonly throttleTimeMs: number
  readonly groups: readonly DescribeShareGroupOffsetsResponseGroup[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeShareGroupOffsetsResponseGroup {
  readonly groupId: string
  readonly topics: readonly DescribeShareGroupOffsetsResponseTopic[]
  /**
   * GROUP_ID_NOT_FOUND, GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE,
   * COORDINATOR_LOAD_IN_PROGRESS.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeShareGroupOffsetsResponseTopic {
  readonly topicName: string
  readonly topicId: Uuid
  readonly partitions: readonly DescribeShareGroupOffsetsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeShareGroupOffsetsResponsePartition {
  readonly partitionIndex: number
  /** -1 when the group has not begun there. */
  readonly startOffset: bigint
  /** As last recorded with the group's state. */
  readonly leaderEpoch: number
  /** Records after `startOffset` that are not done with; -1 when it cannot be worked out. Versions 1+. */
  readonly lag?: bigint
  /** TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_SERVER_ERROR. */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeDescribeShareGroupOffsetsResponse(writer: Writer, message: DescribeShareGroupOffsetsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  const groups = message.groups
  writer.arrayLength(groups.length, true)
  for (const element of groups) encodeDescribeShareGroupOffsetsResponseGroup(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeShareGroupOffsetsResponseGroup(writer: Writer, message: DescribeShareGroupOffsetsResponseGroup, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeShareGroupOffsetsResponseTopic(writer, element, version)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeShareGroupOffsetsResponseTopic(writer: Writer, message: DescribeShareGroupOffsetsResponseTopic, version: number): void {
  writer.string(message.topicName, true)
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeDescribeShareGroupOffsetsResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeShareGroupOffsetsResponsePartition(writer: Writer, message: DescribeShareGroupOffsetsResponsePartition, version: number): void {
  writer.int32(message.partitionIndex)
  writer.int64(message.startOffset)
  writer.int32(message.leaderEpoch)
  if (version >= 1) writer.int64(message.lag ?? -1n)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeShareGroupOffsetsResponse(reader: Reader, version: number): Decoded<DescribeShareGroupOffsetsResponse> {
  const throttleTimeMs = reader.int32()
  const groups: Decoded<DescribeShareGroupOffsetsResponseGroup>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) groups.push(decodeDescribeShareGroupOffsetsResponseGroup(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, groups, unknownTags }
}

function decodeDescribeShareGroupOffsetsResponseGroup(reader: Reader, version: number): Decoded<DescribeShareGroupOffsetsResponseGroup> {
  const groupId = reader.string(true)
  const topics: Decoded<DescribeShareGroupOffsetsResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 19); left > 0; left--) topics.push(decodeDescribeShareGroupOffsetsResponseTopic(reader, version))
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { groupId, topics, errorCode, errorMessage, unknownTags }
}

function decodeDescribeShareGroupOffsetsResponseTopic(reader: Reader, version: number): Decoded<DescribeShareGroupOffsetsResponseTopic> {
  const topicName = reader.string(true)
  const topicId = reader.uuid()
  const partitions: Decoded<DescribeShareGroupOffsetsResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) partitions.push(decodeDescribeShareGroupOffsetsResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicName, topicId, partitions, unknownTags }
}

function decodeDescribeShareGroupOffsetsResponsePartition(reader: Reader, version: number): Decoded<DescribeShareGroupOffsetsResponsePartition> {
  const partitionIndex = reader.int32()
  const startOffset = reader.int64()
  const leaderEpoch = reader.int32()
  let lag: bigint = -1n
  if (version >= 1) lag = reader.int64()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { partitionIndex, startOffset, leaderEpoch, lag, errorCode, errorMessage, unknownTags }
}

/**
 * Shows where share groups stand: the offset below which everything is done with, and the lag.
 * - 1: Lag (KIP-1226).
 */
export const describeShareGroupOffsets: Api<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse> = {
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'DescribeShareGroupOffsetsRequest', encode: encodeDescribeShareGroupOffsetsRequest, decode: decodeDescribeShareGroupOffsetsRequest },
  response: { name: 'DescribeShareGroupOffsetsResponse', encode: encodeDescribeShareGroupOffsetsResponse, decode: decodeDescribeShareGroupOffsetsResponse },
}
