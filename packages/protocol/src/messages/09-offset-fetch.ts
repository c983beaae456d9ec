/**
 * The OffsetFetch API (key 9).
 * Generated from schemas/09-offset-fetch.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface OffsetFetchRequest {
  /** Versions 1-7. */
  readonly groupId?: string
  /** Null for every partition with a committed offset. Versions 1-7. */
  readonly topics?: readonly OffsetFetchRequestTopic[] | null
  /** Versions 8+. */
  readonly groups?: readonly OffsetFetchRequestGroup[]
  /**
   * True answers UNSTABLE_OFFSET_COMMIT where a transaction with a new offset is still open. Consumers send true:
   * with false, one that takes over too early processes again what the open transaction is about to commit. Versions
   * 7+.
   */
  readonly requireStable?: boolean
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchRequestTopic {
  readonly name: string
  readonly partitionIndexes: readonly number[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchRequestGroup {
  readonly groupId: string
  /** Null, with epoch -1, from tools and classic members: membership is not checked. Versions 9+. */
  readonly memberId?: string | null
  /** Versions 9+. */
  readonly memberEpoch?: number
  /** Null for every partition with a committed offset. */
  readonly topics: readonly OffsetFetchRequestGroupTopic[] | null
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchRequestGroupTopic {
  /** Versions 8-9. */
  readonly name?: string
  /** Versions 10+. */
  readonly topicId?: Uuid
  readonly partitionIndexes: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeOffsetFetchRequest(writer: Writer, message: OffsetFetchRequest, version: number): void {
  const flexible = version >= 6
  if (version <= 7) writer.string(message.groupId ?? '', flexible)
  else if (message.groupId !== undefined && message.groupId !== '') throw writer.unsupported('groupId', version)
  if (version <= 7) {
    const topics = message.topics === undefined ? [] : message.topics
    if (topics === null && !(version >= 2)) throw writer.notNullable('topics', version)
    if (topics === null) {
      writer.nullLength(flexible)
    } else {
      writer.arrayLength(topics.length, flexible)
      for (const element of topics) encodeOffsetFetchRequestTopic(writer, element, version)
    }
  } else if (message.topics !== undefined && (message.topics === null || message.topics.length !== 0)) throw writer.unsupported('topics', version)
  if (version >= 8) {
    const groups = message.groups ?? []
    writer.arrayLength(groups.length, true)
    for (const element of groups) encodeOffsetFetchRequestGroup(writer, element, version)
  } else if (message.groups !== undefined && message.groups.length !== 0) throw writer.unsupported('groups', version)
  if (version >= 7) writer.bool(message.requireStable ?? false)
  else if (message.requireStable !== undefined && message.requireStable !== false) throw writer.unsupported('requireStable', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetFetchRequestTopic(writer: Writer, message: OffsetFetchRequestTopic, version: number): void {
  const flexible = version >= 6
  writer.string(message.name, flexible)
  const partitionIndexes = message.partitionIndexes
  writer.arrayLength(partitionIndexes.length, flexible)
  for (const element of partitionIndexes) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetFetchRequestGroup(writer: Writer, message: OffsetFetchRequestGroup, version: number): void {
  writer.string(message.groupId, true)
  if (version >= 9) writer.nullableString(message.memberId ?? null, true)
  if (version >= 9) writer.int32(message.memberEpoch ?? -1)
  const topics = message.topics
  if (topics === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(topics.length, true)
    for (const element of topics) encodeOffsetFetchRequestGroupTopic(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeOffsetFetchRequestGroupTopic(writer: Writer, message: OffsetFetchRequestGroupTopic, version: number): void {
  if (version <= 9) writer.string(message.name ?? '', true)
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitionIndexes = message.partitionIndexes
  writer.arrayLength(partitionIndexes.length, true)
  for (const element of partitionIndexes) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeOffsetFetchRequest(reader: Reader, version: number): Decoded<OffsetFetchRequest> {
  const flexible = version >= 6
  let groupId: string = ''
  if (version <= 7) groupId = reader.string(flexible)
  let topics: Decoded<OffsetFetchRequestTopic>[] | null = []
  if (version <= 7) {
    const topicsCount = version >= 2 ? reader.nullableArrayLength(flexible, 2) : reader.arrayLength(flexible, 2)
    if (topicsCount < 0) {
      topics = null
    } else {
      const elements: Decoded<OffsetFetchRequestTopic>[] = []
      for (let left = topicsCount; left > 0; left--) elements.push(decodeOffsetFetchRequestTopic(reader, version))
      topics = elements
    }
  }
  let groups: Decoded<OffsetFetchRequestGroup>[] = []
  if (version >= 8) for (let left = reader.arrayLength(true, 3); left > 0; left--) groups.push(decodeOffsetFetchRequestGroup(reader, version))
  let requireStable: boolean = false
  if (version >= 7) requireStable = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, topics, groups, requireStable, unknownTags }
}

function decodeOffsetFetchRequestTopic(reader: Reader, version: number): Decoded<OffsetFetchRequestTopic> {
  const flexible = version >= 6
  const name = reader.string(flexible)
  const partitionIndexes: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) partitionIndexes.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitionIndexes, unknownTags }
}

function decodeOffsetFetchRequestGroup(reader: Reader, version: number): Decoded<OffsetFetchRequestGroup> {
  const groupId = reader.string(true)
  let memberId: string | null = null
  if (version >= 9) memberId = reader.nullableString(true)
  let memberEpoch: number = -1
  if (version >= 9) memberEpoch = reader.int32()
  let topics: Decoded<OffsetFetchRequestGroupTopic>[] | null = []
  const topicsCount = reader.nullableArrayLength(true, 2)
  if (topicsCount < 0) {
    topics = null
  } else {
    const elements: Decoded<OffsetFetchRequestGroupTopic>[] = []
    for (let left = topicsCount; left > 0; left--) elements.push(decodeOffsetFetchRequestGroupTopic(reader, version))
    topics = elements
  }
  const unknownTags = reader.unknownTags()
  return { groupId, memberId, memberEpoch, topics, unknownTags }
}

function decodeOffsetFetchRequestGroupTopic(reader: Reader, version: number): Decoded<OffsetFetchRequestGroupTopic> {
  let name: string = ''
  if (version <= 9) name = reader.string(true)
  let topicId: Uuid = ZERO_UUID
  if (version >= 10) topicId = reader.uuid()
  const partitionIndexes: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitionIndexes.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { name, topicId, partitionIndexes, unknownTags }
}

export interface OffsetFetchResponse {
  /** Versions 3+. */
  readonly throttleTimeMs?: number
  /** Versions 1-7. */
  readonly topics?: readonly OffsetFetchResponseTopic[]
  /** As the errorCode of groups. Versions 2-7. */
  readonly errorCode?: number
  /** Versions 8+. */
  readonly groups?: readonly OffsetFetchResponseGroup[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchResponseTopic {
  readonly name: string
  readonly partitions: readonly OffsetFetchResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchResponsePartition {
  readonly partitionIndex: number
  /** -1 when none is committed, or the group is unknown: not an error. */
  readonly committedOffset: bigint
  /** Versions 5-7. */
  readonly committedLeaderEpoch?: number
  /** As committed; empty when nothing was. */
  readonly metadata: string | null
  /** UNSTABLE_OFFSET_COMMIT: retry. UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchResponseGroup {
  readonly groupId: string
  readonly topics: readonly OffsetFetchResponseGroupTopic[]
  /**
   * Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS.
   * Retry with the epoch of the next heartbeat: STALE_MEMBER_EPOCH. Rejoin: UNKNOWN_MEMBER_ID. Final:
   * GROUP_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchResponseGroupTopic {
  /** Versions 8-9. */
  readonly name?: string
  /** Versions 10+. */
  readonly topicId?: Uuid
  readonly partitions: readonly OffsetFetchResponseTopicPartition[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetFetchResponseTopicPartition {
  readonly partitionIndex: number
  /** -1 when none is committed, or the group is unknown: not an error. */
  readonly committedOffset: bigint
  /** -1 when it was not committed. */
  readonly committedLeaderEpoch?: number
  /** As committed; empty when nothing was. */
  readonly metadata: string | null
  /**
   * UNSTABLE_OFFSET_COMMIT: retry. UNKNOWN_TOPIC_ID: refresh metadata. UNKNOWN_TOPIC_OR_PARTITION,
   * TOPIC_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeOffsetFetchResponse(writer: Writer, message: OffsetFetchResponse, version: number): void {
  const flexible = version >= 6
  if (version >= 3) writer.int32(message.throttleTimeMs ?? 0)
  if (version <= 7) {
    const topics = message.topics ?? []
    writer.arrayLength(topics.length, flexible)
    for (const element of topics) encodeOffsetFetchResponseTopic(writer, element, version)
  } else if (message.topics !== undefined && message.topics.length !== 0) throw writer.unsupported('topics', version)
  if (version >= 2 && version <= 7) writer.int16(message.errorCode ?? 0)
  if (version >= 8) {
    const groups = message.groups ?? []
    writer.arrayLength(groups.length, true)
    for (const element of groups) encodeOffsetFetchResponseGroup(writer, element, version)
  } else if (message.groups !== undefined && message.groups.length !== 0) throw writer.unsupported('groups', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetFetchResponseTopic(writer: Writer, message: OffsetFetchResponseTopic, version: number): void {
  const flexible = version >= 6
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeOffsetFetchResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetFetchResponsePartition(writer: Writer, message: OffsetFetchResponsePartition, version: number): void {
  const flexible = version >= 6
  writer.int32(message.partitionIndex)
  writer.int64(message.committedOffset)
  if (version >= 5) writer.int32(message.committedLeaderEpoch ?? -1)
  writer.nullableString(message.metadata, flexible)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetFetchResponseGroup(writer: Writer, message: OffsetFetchResponseGroup, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeOffsetFetchResponseGroupTopic(writer, element, version)
  writer.int16(message.errorCode)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeOffsetFetchResponseGroupTopic(writer: Writer, message: OffsetFetchResponseGroupTopic, version: number): void {
  if (version <= 9) writer.string(message.name ?? '', true)
  if (version >= 10) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeOffsetFetchResponseTopicPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeOffsetFetchResponseTopicPartition(writer: Writer, message: OffsetFetchResponseTopicPartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int64(message.committedOffset)
  writer.int32(message.committedLeaderEpoch ?? -1)
  writer.nullableString(message.metadata, true)
  writer.int16(message.errorCode)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeOffsetFetchResponse(reader: Reader, version: number): Decoded<OffsetFetchResponse> {
  const flexible = version >= 6
  let throttleTimeMs: number = 0
  if (version >= 3) throttleTimeMs = reader.int32()
  let topics: Decoded<OffsetFetchResponseTopic>[] = []
  if (version <= 7) for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeOffsetFetchResponseTopic(reader, version))
  let errorCode: number = 0
  if (version >= 2 && version <= 7) errorCode = reader.int16()
  let groups: Decoded<OffsetFetchResponseGroup>[] = []
  if (version >= 8) for (let left = reader.arrayLength(true, 5); left > 0; left--) groups.push(decodeOffsetFetchResponseGroup(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, topics, errorCode, groups, unknownTags }
}

function decodeOffsetFetchResponseTopic(reader: Reader, version: number): Decoded<OffsetFetchResponseTopic> {
  const flexible = version >= 6
  const name = reader.string(flexible)
  const partitions: Decoded<OffsetFetchResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 15); left > 0; left--) partitions.push(decodeOffsetFetchResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeOffsetFetchResponsePartition(reader: Reader, version: number): Decoded<OffsetFetchResponsePartition> {
  const flexible = version >= 6
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  let committedLeaderEpoch: number = -1
  if (version >= 5) committedLeaderEpoch = reader.int32()
  const metadata = reader.nullableString(flexible)
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode, unknownTags }
}

function decodeOffsetFetchResponseGroup(reader: Reader, version: number): Decoded<OffsetFetchResponseGroup> {
  const groupId = reader.string(true)
  const topics: Decoded<OffsetFetchResponseGroupTopic>[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) topics.push(decodeOffsetFetchResponseGroupTopic(reader, version))
  const errorCode = reader.int16()
  const unknownTags = reader.unknownTags()
  return { groupId, topics, errorCode, unknownTags }
}

function decodeOffsetFetchResponseGroupTopic(reader: Reader, version: number): Decoded<OffsetFetchResponseGroupTopic> {
  let name: string = ''
  if (version <= 9) name = reader.string(true)
  let topicId: Uuid = ZERO_UUID
  if (version >= 10) topicId = reader.uuid()
  const partitions: Decoded<OffsetFetchResponseTopicPartition>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) partitions.push(decodeOffsetFetchResponseTopicPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, topicId, partitions, unknownTags }
}

function decodeOffsetFetchResponseTopicPartition(reader: Reader, _version: number): Decoded<OffsetFetchResponseTopicPartition> {
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  const committedLeaderEpoch = reader.int32()
  const metadata = reader.nullableString(true)
  const errorCode = reader.int16()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode, unknownTags }
}

/**
 * Reads committed offsets: a consumer starts from them, a tool computes lag. From 8 on it serves several groups at
 * once, all of which must have this broker as coordinator.
 * - 2: Null topics ask for every partition that has an offset, and errors of the whole group get a place of their
 *   own; before that they stand at each partition.
 * - 4: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 5: The leader epoch that was committed with the offset (KIP-320).
 * - 7: requireStable (KIP-447).
 * - 8: Several groups: all moves one level down, into groups (KIP-709).
 * - 9: Membership in the consumer protocol is checked: STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID (KIP-848).
 * - 10: Topics go by id: UNKNOWN_TOPIC_ID.
 */
export const offsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: 'OffsetFetch',
  versions: { min: 1, max: 10, latestStable: 10 },
  flexibleFrom: 6,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'OffsetFetchRequest', encode: encodeOffsetFetchRequest, decode: decodeOffsetFetchRequest },
  response: { name: 'OffsetFetchResponse', encode: encodeOffsetFetchResponse, decode: decodeOffsetFetchResponse },
}
