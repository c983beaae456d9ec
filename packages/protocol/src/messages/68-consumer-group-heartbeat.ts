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
  readonly groupId: string
  readonly memberId: string
  readonly memberEpoch: number
  readonly instanceId?: string | null
  readonly rackId?: string | null
  readonly rebalanceTimeoutMs?: number
  readonly subscribedTopicNames?: readonly string[] | null
  /** Versions 1+. */
  readonly subscribedTopicRegex?: string | null
  readonly serverAssignor?: string | null
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
  let partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

export interface ConsumerGroupHeartbeatResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly memberId?: string | null
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
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
  let topicPartitions: Decoded<ConsumerGroupHeartbeatResponseTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topicPartitions.push(decodeConsumerGroupHeartbeatResponseTopicPartitions(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicPartitions, unknownTags }
}

function decodeConsumerGroupHeartbeatResponseTopicPartitions(reader: Reader, _version: number): Decoded<ConsumerGroupHeartbeatResponseTopicPartitions> {
  const topicId = reader.uuid()
  let partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

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
