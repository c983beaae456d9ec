/**
 * The ShareGroupHeartbeat API (key 76).
 * Generated from schemas/76-share-group-heartbeat.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ShareGroupHeartbeatRequest {
  readonly groupId: string
  /** A random uuid in Kafka's text form, made once and kept for the life of the consumer. */
  readonly memberId: string
  /** 0 joins; afterwards the epoch of the latest response. -1 leaves. */
  readonly memberEpoch: number
  /** Null: none, or unchanged. */
  readonly rackId?: string | null
  /** Null: unchanged. Required to join. */
  readonly subscribedTopicNames?: readonly string[] | null
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupHeartbeatRequest(writer: Writer, message: ShareGroupHeartbeatRequest, _version: number): void {
  writer.string(message.groupId, true)
  writer.string(message.memberId, true)
  writer.int32(message.memberEpoch)
  writer.nullableString(message.rackId ?? null, true)
  const subscribedTopicNames = message.subscribedTopicNames ?? null
  if (subscribedTopicNames === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(subscribedTopicNames.length, true)
    for (const element of subscribedTopicNames) writer.string(element, true)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupHeartbeatRequest(reader: Reader, _version: number): Decoded<ShareGroupHeartbeatRequest> {
  const groupId = reader.string(true)
  const memberId = reader.string(true)
  const memberEpoch = reader.int32()
  const rackId = reader.nullableString(true)
  let subscribedTopicNames: string[] | null = null
  const subscribedTopicNamesCount = reader.nullableArrayLength(true, 1)
  if (subscribedTopicNamesCount < 0) {
    subscribedTopicNames = null
  } else {
    const elements: string[] = []
    for (let left = subscribedTopicNamesCount; left > 0; left--) elements.push(reader.string(true))
    subscribedTopicNames = elements
  }
  const unknownTags = reader.unknownTags()
  return { groupId, memberId, memberEpoch, rackId, subscribedTopicNames, unknownTags }
}

export interface ShareGroupHeartbeatResponse {
  readonly throttleTimeMs: number
  /**
   * FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID: join again with epoch 0. NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find
   * the coordinator again. COORDINATOR_LOAD_IN_PROGRESS: retry. TOPIC_AUTHORIZATION_FAILED: a topic of the
   * subscription is not allowed. GROUP_AUTHORIZATION_FAILED, GROUP_ID_NOT_FOUND for a group of another kind,
   * GROUP_MAX_SIZE_REACHED, INVALID_REQUEST.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /** Null with an error. */
  readonly memberId?: string | null
  /** To be sent next; -1 comes back to a member that leaves. */
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  /** Null: unchanged. Otherwise all partitions to fetch from; other members may have the same ones. */
  readonly assignment?: ShareGroupHeartbeatResponseAssignment | null
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupHeartbeatResponseAssignment {
  readonly topicPartitions: readonly ShareGroupHeartbeatResponseTopicPartitions[]
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupHeartbeatResponseTopicPartitions {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupHeartbeatResponse(writer: Writer, message: ShareGroupHeartbeatResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.nullableString(message.memberId ?? null, true)
  writer.int32(message.memberEpoch)
  writer.int32(message.heartbeatIntervalMs)
  const assignment = message.assignment ?? null
  if (assignment === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeShareGroupHeartbeatResponseAssignment(writer, assignment, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupHeartbeatResponseAssignment(writer: Writer, message: ShareGroupHeartbeatResponseAssignment, version: number): void {
  const topicPartitions = message.topicPartitions
  writer.arrayLength(topicPartitions.length, true)
  for (const element of topicPartitions) encodeShareGroupHeartbeatResponseTopicPartitions(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupHeartbeatResponseTopicPartitions(writer: Writer, message: ShareGroupHeartbeatResponseTopicPartitions, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupHeartbeatResponse(reader: Reader, version: number): Decoded<ShareGroupHeartbeatResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const memberId = reader.nullableString(true)
  const memberEpoch = reader.int32()
  const heartbeatIntervalMs = reader.int32()
  const assignment = reader.structPresent() ? decodeShareGroupHeartbeatResponseAssignment(reader, version) : null
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment, unknownTags }
}

function decodeShareGroupHeartbeatResponseAssignment(reader: Reader, version: number): Decoded<ShareGroupHeartbeatResponseAssignment> {
  const topicPartitions: Decoded<ShareGroupHeartbeatResponseTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topicPartitions.push(decodeShareGroupHeartbeatResponseTopicPartitions(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicPartitions, unknownTags }
}

function decodeShareGroupHeartbeatResponseTopicPartitions(reader: Reader, _version: number): Decoded<ShareGroupHeartbeatResponseTopicPartitions> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

/**
 * The one membership request of a share consumer (KIP-932), a smaller ConsumerGroupHeartbeat: partitions are shared
 * between members, so that nothing is revoked, acknowledged or static.
 */
export const shareGroupHeartbeat: Api<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse> = {
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: { min: 1, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'ShareGroupHeartbeatRequest', encode: encodeShareGroupHeartbeatRequest, decode: decodeShareGroupHeartbeatRequest },
  response: { name: 'ShareGroupHeartbeatResponse', encode: encodeShareGroupHeartbeatResponse, decode: decodeShareGroupHeartbeatResponse },
}
