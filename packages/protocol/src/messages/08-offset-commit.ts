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
  /**
   * The generation in a classic group, the member's epoch in the consumer protocol. -1 from outside of the group.
   */
  readonly generationIdOrMemberEpoch?: number
  /** Empty from outside of the group. */
  readonly memberId?: string
  /** Null unless the member is static. Versions 7+. */
  readonly groupInstanceId?: string | null
  /** -1 leaves it to the broker. Versions 2-4. */
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
  /** The next offset to read, not the last one that was. */
  readonly committedOffset: bigint
  /**
   * Of the last record read, -1 when unknown. The next owner checks by it that the log was not truncated. Versions
   * 6+.
   */
  readonly committedLeaderEpoch?: number
  /** Free text for the committer, at most offset.metadata.max.bytes (4096). Null is kept as the empty text. */
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
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
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
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
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
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
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
  const topics: Decoded<OffsetCommitRequestTopic>[] = []
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
  const partitions: Decoded<OffsetCommitRequestPartition>[] = []
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
  /**
   * Errors of the whole group stand at every partition. Find the coordinator again: NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION. Rejoin first:
   * REBALANCE_IN_PROGRESS. No longer the owner: ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Behind the
   * coordinator, wait for the next heartbeat: STALE_MEMBER_EPOCH. Final: OFFSET_METADATA_TOO_LARGE,
   * INVALID_COMMIT_OFFSET_SIZE, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED.
   */
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
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
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
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetCommitResponsePartition(writer: Writer, message: OffsetCommitResponsePartition, version: number): void {
  const flexible = version >= 8
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeOffsetCommitResponse(reader: Reader, version: number): Decoded<OffsetCommitResponse> {
  const flexible = version >= 8
  let throttleTimeMs: number = 0
  if (version >= 3) throttleTimeMs = reader.int32()
  const topics: Decoded<OffsetCommitResponseTopic>[] = []
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
  const partitions: Decoded<OffsetCommitResponsePartition>[] = []
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

/**
 * Stores offsets of a group. Members commit while they belong to it; a consumer that assigns partitions to itself, or
 * a tool, may while the group has no members.
 * - 4: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 5: How long offsets are kept is the broker's decision alone: offsets.retention.minutes after the group became
 *   empty (KIP-211).
 * - 6: The leader epoch is kept with the offset (KIP-320).
 * - 7: Static members (KIP-345): FENCED_INSTANCE_ID.
 * - 9: Open to members of the consumer protocol: STALE_MEMBER_EPOCH (KIP-848). A group that does not exist is
 *   GROUP_ID_NOT_FOUND, before that ILLEGAL_GENERATION.
 * - 10: Topics go by id: UNKNOWN_TOPIC_ID.
 */
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
