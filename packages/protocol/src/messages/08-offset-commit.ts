/**
 * The OffsetCommit API (key 8).
 * Generated from schemas/08-offset-commit.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface OffsetCommitRequest {
  readonly groupId: string
  readonly generationIdOrMemberEpoch?: number
  readonly memberId?: string
  /** Versions 7+. */
  readonly groupInstanceId?: string | null
  /** Versions 2-4. */
  readonly retentionTimeMs?: bigint
  readonly topics: readonly OffsetCommitRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetCommitRequestTopic {
  /** Versions 2-9. */
  readonly name?: string
  /** Versions 10+. */
  readonly topicId?: Uuid
  readonly partitions: readonly OffsetCommitRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetCommitRequestPartition {
  readonly partitionIndex: number
  readonly committedOffset: bigint
  /** Versions 6+. */
  readonly committedLeaderEpoch?: number
  readonly committedMetadata: string | null
  readonly unknownTags?: UnknownTags
}

function encodeOffsetCommitRequest(writer: Writer, message: OffsetCommitRequest, version: number): void {
  const flexible = version >= 8
  writer.string(message.groupId, flexible)
  writer.int32(message.generationIdOrMemberEpoch ?? -1)
  writer.string(message.memberId ?? '', flexible)
  if (version >= 7) writer.nullableString(message.groupInstanceId ?? null, flexible)
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw writer.unsupported('groupInstanceId', version)
  if (version <= 4) writer.int64(message.retentionTimeMs ?? -1n)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeOffsetCommitRequestTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeOffsetCommitRequestTopic(writer: Writer, message: OffsetCommitRequestTopic, version: number): void {
  const flexible = version >= 8
  if (version <= 9) writer.string(message.name ?? '', flexible)
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeOffsetCommitRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeOffsetCommitRequestPartition(writer: Writer, message: OffsetCommitRequestPartition, version: number): void {
  const flexible = version >= 8
  writer.int32(message.partitionIndex)
  writer.int64(message.committedOffset)
  if (version >= 6) writer.int32(message.committedLeaderEpoch ?? -1)
  writer.nullableString(message.committedMetadata, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function decodeOffsetCommitRequest(reader: Reader, version: number): Decoded<OffsetCommitRequest> {
  const flexible = version >= 8
  const groupId = reader.string(flexible)
  const generationIdOrMemberEpoch = reader.int32()
  const memberId = reader.string(flexible)
  let groupInstanceId: string | null = null
  if (version >= 7) groupInstanceId = reader.nullableString(flexible)
  let retentionTimeMs: bigint = -1n
  if (version <= 4) retentionTimeMs = reader.int64()
  let topics: Decoded<OffsetCommitRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) topics.push(decodeOffsetCommitRequestTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, retentionTimeMs, topics, unknownTags }
}

function decodeOffsetCommitRequestTopic(reader: Reader, version: number): Decoded<OffsetCommitRequestTopic> {
  const flexible = version >= 8
  let name: string = ''
  if (version <= 9) name = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 10) topicId = reader.uuid()
  let partitions: Decoded<OffsetCommitRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 13); left > 0; left--) partitions.push(decodeOffsetCommitRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, topicId, partitions, unknownTags }
}

function decodeOffsetCommitRequestPartition(reader: Reader, version: number): Decoded<OffsetCommitRequestPartition> {
  const flexible = version >= 8
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  let committedLeaderEpoch: number = -1
  if (version >= 6) committedLeaderEpoch = reader.int32()
  const committedMetadata = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata, unknownTags }
}

export interface OffsetCommitResponse {
  /** Versions 3+. */
  readonly throttleTimeMs?: number
  readonly topics: readonly OffsetCommitResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetCommitResponseTopic {
  /** Versions 2-9. */
  readonly name?: string
  /** Versions 10+. */
  readonly topicId?: Uuid
  readonly partitions: readonly OffsetCommitResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetCommitResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeOffsetCommitResponse(writer: Writer, message: OffsetCommitResponse, version: number): void {
  const flexible = version >= 8
  if (version >= 3) writer.int32(message.throttleTimeMs ?? 0)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeOffsetCommitResponseTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeOffsetCommitResponseTopic(writer: Writer, message: OffsetCommitResponseTopic, version: number): void {
  const flexible = version >= 8
  if (version <= 9) writer.string(message.name ?? '', flexible)
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeOffsetCommitResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeOffsetCommitResponsePartition(writer: Writer, message: OffsetCommitResponsePartition, version: number): void {
  const flexible = version >= 8
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function decodeOffsetCommitResponse(reader: Reader, version: number): Decoded<OffsetCommitResponse> {
  const flexible = version >= 8
  let throttleTimeMs: number = 0
  if (version >= 3) throttleTimeMs = reader.int32()
  let topics: Decoded<OffsetCommitResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) topics.push(decodeOffsetCommitResponseTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, topics, unknownTags }
}

function decodeOffsetCommitResponseTopic(reader: Reader, version: number): Decoded<OffsetCommitResponseTopic> {
  const flexible = version >= 8
  let name: string = ''
  if (version <= 9) name = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 10) topicId = reader.uuid()
  let partitions: Decoded<OffsetCommitResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) partitions.push(decodeOffsetCommitResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, topicId, partitions, unknownTags }
}

function decodeOffsetCommitResponsePartition(reader: Reader, version: number): Decoded<OffsetCommitResponsePartition> {
  const flexible = version >= 8
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, errorCode, unknownTags }
}

export const offsetCommit: Api<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: 'OffsetCommit',
  versions: { min: 2, max: 10, latestStable: 10 },
  flexibleFrom: 8,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'OffsetCommitRequest', encode: encodeOffsetCommitRequest, decode: decodeOffsetCommitRequest },
  response: { name: 'OffsetCommitResponse', encode: encodeOffsetCommitResponse, decode: decodeOffsetCommitResponse },
}
