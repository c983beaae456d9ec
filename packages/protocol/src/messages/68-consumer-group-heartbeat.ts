/**
 * The ConsumerGroupHeartbeat API (key 68).
 * Generated from schemas/68-consumer-group-heartbeat.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ConsumerGroupHeartbeatRequest {
  /**
   * A classic group becomes a consumer group when it is empty, or when group.consumer.migration.policy lets it. Any
   * other kind gets GROUP_ID_NOT_FOUND.
   */
  readonly groupId: string
  /**
   * A random uuid in Kafka's text form, made once and kept for the life of the consumer, also when it is fenced or
   * leaves and joins again.
   */
  readonly memberId: string
  /**
   * 0 joins; afterwards the epoch of the latest response. -1 leaves. -2 is a static member that stops for a while:
   * its partitions wait until its session has run out. The epoch before the current one still passes if the member
   * owns nothing that it was not given, for a response may have been lost; any other gets FENCED_MEMBER_EPOCH.
   */
  readonly memberEpoch: number
  /** The name of a static member, in every heartbeat it sends; null for a dynamic one. Epoch -2 requires it. */
  readonly instanceId?: string | null
  /** Null: none, or unchanged. */
  readonly rackId?: string | null
  /**
   * How long the member may take to give up partitions before it is fenced, as a rule max.poll.interval.ms. Required
   * to join; -1 later: unchanged.
   */
  readonly rebalanceTimeoutMs?: number
  /** Null: unchanged. To join, names or a pattern are required; with both, the member gets the topics of either. */
  readonly subscribedTopicNames?: readonly string[] | null
  /**
   * RE2 syntax, matched against whole names of topics that the member may describe. Null: unchanged. Empty: no
   * pattern any more. Versions 1+.
   */
  readonly subscribedTopicRegex?: string | null
  /**
   * `uniform` or `range`. The one that most members name is used, the broker's first if none does. Null: no wish, or
   * unchanged.
   */
  readonly serverAssignor?: string | null
  /**
   * All that the member owns at this moment; leaving one out is how it says that the partition is revoked and free
   * for others. Null: unchanged. Empty to join.
   */
  readonly topicPartitions?: readonly ConsumerGroupHeartbeatRequestTopicPartition[] | null
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupHeartbeatRequestTopicPartition {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupHeartbeatRequest(writer: Writer, message: ConsumerGroupHeartbeatRequest, version: number): void {
  writer.string(message.groupId, true)
  writer.string(message.memberId, true)
  writer.int32(message.memberEpoch)
  writer.nullableString(message.instanceId ?? null, true)
  writer.nullableString(message.rackId ?? null, true)
  writer.int32(message.rebalanceTimeoutMs ?? -1)
  const subscribedTopicNames = message.subscribedTopicNames ?? null
  if (subscribedTopicNames === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(subscribedTopicNames.length, true)
    for (const element of subscribedTopicNames) writer.string(element, true)
  }
  if (version >= 1) writer.nullableString(message.subscribedTopicRegex ?? null, true)
  else if (message.subscribedTopicRegex !== undefined && message.subscribedTopicRegex !== null) throw writer.unsupported('subscribedTopicRegex', version)
  writer.nullableString(message.serverAssignor ?? null, true)
  const topicPartitions = message.topicPartitions ?? null
  if (topicPartitions === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(topicPartitions.length, true)
    for (const element of topicPartitions) encodeConsumerGroupHeartbeatRequestTopicPartition(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupHeartbeatRequestTopicPartition(writer: Writer, message: ConsumerGroupHeartbeatRequestTopicPartition, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupHeartbeatRequest(reader: Reader, version: number): Decoded<ConsumerGroupHeartbeatRequest> {
  const groupId = reader.string(true)
  const memberId = reader.string(true)
  const memberEpoch = reader.int32()
  const instanceId = reader.nullableString(true)
  const rackId = reader.nullableString(true)
  const rebalanceTimeoutMs = reader.int32()
  let subscribedTopicNames: string[] | null = null
  const subscribedTopicNamesCount = reader.nullableArrayLength(true, 1)
  if (subscribedTopicNamesCount < 0) {
    subscribedTopicNames = null
  } else {
    const elements: string[] = []
    for (let left = subscribedTopicNamesCount; left > 0; left--) elements.push(reader.string(true))
    subscribedTopicNames = elements
  }
  let subscribedTopicRegex: string | null = null
  if (version >= 1) subscribedTopicRegex = reader.nullableString(true)
  const serverAssignor = reader.nullableString(true)
  let topicPartitions: Decoded<ConsumerGroupHeartbeatRequestTopicPartition>[] | null = null
  const topicPartitionsCount = reader.nullableArrayLength(true, 18)
  if (topicPartitionsCount < 0) {
    topicPartitions = null
  } else {
    const elements: Decoded<ConsumerGroupHeartbeatRequestTopicPartition>[] = []
    for (let left = topicPartitionsCount; left > 0; left--) elements.push(decodeConsumerGroupHeartbeatRequestTopicPartition(reader, version))
    topicPartitions = elements
  }
  const unknownTags = reader.unknownTags()
  return { groupId, memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, serverAssignor, topicPartitions, unknownTags }
}

function decodeConsumerGroupHeartbeatRequestTopicPartition(reader: Reader, _version: number): Decoded<ConsumerGroupHeartbeatRequestTopicPartition> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

export interface ConsumerGroupHeartbeatResponse {
  readonly throttleTimeMs: number
  /**
   * FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID: drop all partitions and join again with epoch 0. NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE: find the coordinator again. COORDINATOR_LOAD_IN_PROGRESS: retry.
   * TOPIC_AUTHORIZATION_FAILED: a topic of the subscription is not allowed; the member stays. The others end the
   * membership: GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST, GROUP_ID_NOT_FOUND, UNSUPPORTED_ASSIGNOR,
   * GROUP_MAX_SIZE_REACHED, UNRELEASED_INSTANCE_ID while another member has the static name, FENCED_INSTANCE_ID once
   * another took it over, INVALID_REGULAR_EXPRESSION, UNSUPPORTED_VERSION when group.version is 0.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /** Null with an error. */
  readonly memberId?: string | null
  /** To be sent next. -1 or -2 comes back to a member that leaves. */
  readonly memberEpoch: number
  /** Set by the broker and the group's configuration; it may change from one response to the next. */
  readonly heartbeatIntervalMs: number
  /**
   * Null: unchanged. Otherwise everything the member may own now, not a difference. Partitions that another member
   * has yet to give up are not in it; they come with a later response.
   */
  readonly assignment?: ConsumerGroupHeartbeatResponseAssignment | null
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupHeartbeatResponseAssignment {
  readonly topicPartitions: readonly ConsumerGroupHeartbeatResponseTopicPartitions[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupHeartbeatResponseTopicPartitions {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupHeartbeatResponse(writer: Writer, message: ConsumerGroupHeartbeatResponse, version: number): void {
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
    encodeConsumerGroupHeartbeatResponseAssignment(writer, assignment, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupHeartbeatResponseAssignment(writer: Writer, message: ConsumerGroupHeartbeatResponseAssignment, version: number): void {
  const topicPartitions = message.topicPartitions
  writer.arrayLength(topicPartitions.length, true)
  for (const element of topicPartitions) encodeConsumerGroupHeartbeatResponseTopicPartitions(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupHeartbeatResponseTopicPartitions(writer: Writer, message: ConsumerGroupHeartbeatResponseTopicPartitions, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupHeartbeatResponse(reader: Reader, version: number): Decoded<ConsumerGroupHeartbeatResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const memberId = reader.nullableString(true)
  const memberEpoch = reader.int32()
  const heartbeatIntervalMs = reader.int32()
  const assignment = reader.structPresent() ? decodeConsumerGroupHeartbeatResponseAssignment(reader, version) : null
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment, unknownTags }
}

function decodeConsumerGroupHeartbeatResponseAssignment(reader: Reader, version: number): Decoded<ConsumerGroupHeartbeatResponseAssignment> {
  const topicPartitions: Decoded<ConsumerGroupHeartbeatResponseTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topicPartitions.push(decodeConsumerGroupHeartbeatResponseTopicPartitions(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicPartitions, unknownTags }
}

function decodeConsumerGroupHeartbeatResponseTopicPartitions(reader: Reader, _version: number): Decoded<ConsumerGroupHeartbeatResponseTopicPartitions> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

/**
 * The one request of a member of a consumer group in the protocol where the coordinator assigns (KIP-848): it joins,
 * keeps the member alive, says what it owns and leaves. The response brings the member's epoch and, when it changed,
 * its assignment.
 * - 1: Subscription by pattern, which the coordinator resolves. The member makes its own id (KIP-1082): in version
 *   0 the first heartbeat may leave it empty and takes it from the response.
 */
export const consumerGroupHeartbeat: Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> = {
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'ConsumerGroupHeartbeatRequest', encode: encodeConsumerGroupHeartbeatRequest, decode: decodeConsumerGroupHeartbeatRequest },
  response: { name: 'ConsumerGroupHeartbeatResponse', encode: encodeConsumerGroupHeartbeatResponse, decode: decodeConsumerGroupHeartbeatResponse },
}
