/**
 * Records: consumer group.
 * Generated from schemas/records/consumer-group.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../../wire/tagged.js'
import type { Uuid } from '../../wire/uuid.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/**
 * Names a consumer group. With a null value the group is gone; that comes after the null values of all else it had.
 */
export interface ConsumerGroupMetadataKey {
  readonly groupId: string
}

function encodeConsumerGroupMetadataKey(writer: Writer, message: ConsumerGroupMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeConsumerGroupMetadataKey(reader: Reader, _version: number): Decoded<ConsumerGroupMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/**
 * Names a consumer group. With a null value the group is gone; that comes after the null values of all else it had.
 */
export const consumerGroupMetadataKey: RecordType<ConsumerGroupMetadataKey> = {
  name: 'ConsumerGroupMetadataKey',
  kind: 'coordinator-key',
  id: 3,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeConsumerGroupMetadataKey,
  decode: decodeConsumerGroupMetadataKey,
}

/** The epoch of a consumer group. */
export interface ConsumerGroupMetadataValue {
  /** Rises when members, subscriptions or subscribed topics change; then a new target assignment is due. */
  readonly epoch: number
  /**
   * Over the subscribed topics with their partitions and racks (KIP-1101): another hash means that they changed. 0
   * when there is none.
   */
  readonly metadataHash?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupMetadataValue(writer: Writer, message: ConsumerGroupMetadataValue, _version: number): void {
  writer.int32(message.epoch)
  const metadataHash = message.metadataHash
  const hasMetadataHash = metadataHash !== undefined && metadataHash !== 0n
  writer.tagCount(hasMetadataHash ? 1 : 0, message.unknownTags)
  if (hasMetadataHash) {
    const metadataHashAt = writer.enterTag(0)
    writer.int64(metadataHash)
    writer.leaveTag(metadataHashAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupMetadataValue(reader: Reader, _version: number): Decoded<ConsumerGroupMetadataValue> {
  const epoch = reader.int32()
  let metadataHash: bigint = 0n
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        metadataHash = reader.int64()
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { epoch, metadataHash, unknownTags }
}

/** The epoch of a consumer group. */
export const consumerGroupMetadataValue: RecordType<ConsumerGroupMetadataValue> = {
  name: 'ConsumerGroupMetadataValue',
  kind: 'coordinator-value',
  id: 3,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConsumerGroupMetadataValue,
  decode: decodeConsumerGroupMetadataValue,
}

/**
 * Names the subscribed topics of a group. Kafka wrote these records before 4.1; now it only replaces them by null
 * values.
 */
export interface ConsumerGroupPartitionMetadataKey {
  readonly groupId: string
}

function encodeConsumerGroupPartitionMetadataKey(writer: Writer, message: ConsumerGroupPartitionMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeConsumerGroupPartitionMetadataKey(reader: Reader, _version: number): Decoded<ConsumerGroupPartitionMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/**
 * Names the subscribed topics of a group. Kafka wrote these records before 4.1; now it only replaces them by null
 * values.
 */
export const consumerGroupPartitionMetadataKey: RecordType<ConsumerGroupPartitionMetadataKey> = {
  name: 'ConsumerGroupPartitionMetadataKey',
  kind: 'coordinator-key',
  id: 4,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeConsumerGroupPartitionMetadataKey,
  decode: decodeConsumerGroupPartitionMetadataKey,
}

/**
 * The subscribed topics of a group as they were at the last change. The `metadataHash` of ConsumerGroupMetadataValue
 * has taken its place (KIP-1101).
 */
export interface ConsumerGroupPartitionMetadataValue {
  readonly topics: readonly ConsumerGroupPartitionMetadataValueTopic[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupPartitionMetadataValueTopic {
  readonly topicId: Uuid
  readonly topicName: string
  readonly numPartitions: number
  readonly partitionMetadata: readonly ConsumerGroupPartitionMetadataValuePartitionMetadata[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupPartitionMetadataValuePartitionMetadata {
  readonly partition: number
  /** Empty since Kafka 4.0. */
  readonly racks: readonly string[]
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupPartitionMetadataValue(writer: Writer, message: ConsumerGroupPartitionMetadataValue, version: number): void {
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeConsumerGroupPartitionMetadataValueTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupPartitionMetadataValueTopic(writer: Writer, message: ConsumerGroupPartitionMetadataValueTopic, version: number): void {
  writer.uuid(message.topicId)
  writer.string(message.topicName, true)
  writer.int32(message.numPartitions)
  const partitionMetadata = message.partitionMetadata
  writer.arrayLength(partitionMetadata.length, true)
  for (const element of partitionMetadata) encodeConsumerGroupPartitionMetadataValuePartitionMetadata(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupPartitionMetadataValuePartitionMetadata(writer: Writer, message: ConsumerGroupPartitionMetadataValuePartitionMetadata, _version: number): void {
  writer.int32(message.partition)
  const racks = message.racks
  writer.arrayLength(racks.length, true)
  for (const element of racks) writer.string(element, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupPartitionMetadataValue(reader: Reader, version: number): Decoded<ConsumerGroupPartitionMetadataValue> {
  const topics: Decoded<ConsumerGroupPartitionMetadataValueTopic>[] = []
  for (let left = reader.arrayLength(true, 23); left > 0; left--) topics.push(decodeConsumerGroupPartitionMetadataValueTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { topics, unknownTags }
}

function decodeConsumerGroupPartitionMetadataValueTopic(reader: Reader, version: number): Decoded<ConsumerGroupPartitionMetadataValueTopic> {
  const topicId = reader.uuid()
  const topicName = reader.string(true)
  const numPartitions = reader.int32()
  const partitionMetadata: Decoded<ConsumerGroupPartitionMetadataValuePartitionMetadata>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) partitionMetadata.push(decodeConsumerGroupPartitionMetadataValuePartitionMetadata(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, topicName, numPartitions, partitionMetadata, unknownTags }
}

function decodeConsumerGroupPartitionMetadataValuePartitionMetadata(reader: Reader, _version: number): Decoded<ConsumerGroupPartitionMetadataValuePartitionMetadata> {
  const partition = reader.int32()
  const racks: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) racks.push(reader.string(true))
  const unknownTags = reader.unknownTags()
  return { partition, racks, unknownTags }
}

/**
 * The subscribed topics of a group as they were at the last change. The `metadataHash` of ConsumerGroupMetadataValue
 * has taken its place (KIP-1101).
 */
export const consumerGroupPartitionMetadataValue: RecordType<ConsumerGroupPartitionMetadataValue> = {
  name: 'ConsumerGroupPartitionMetadataValue',
  kind: 'coordinator-value',
  id: 4,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConsumerGroupPartitionMetadataValue,
  decode: decodeConsumerGroupPartitionMetadataValue,
}

/** Names a member of a consumer group. With a null value it has left or was fenced. */
export interface ConsumerGroupMemberMetadataKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeConsumerGroupMemberMetadataKey(writer: Writer, message: ConsumerGroupMemberMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeConsumerGroupMemberMetadataKey(reader: Reader, _version: number): Decoded<ConsumerGroupMemberMetadataKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names a member of a consumer group. With a null value it has left or was fenced. */
export const consumerGroupMemberMetadataKey: RecordType<ConsumerGroupMemberMetadataKey> = {
  name: 'ConsumerGroupMemberMetadataKey',
  kind: 'coordinator-key',
  id: 5,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeConsumerGroupMemberMetadataKey,
  decode: decodeConsumerGroupMemberMetadataKey,
}

/** What a member last said of itself in its heartbeats, as far as assignment depends on it. */
export interface ConsumerGroupMemberMetadataValue {
  /** Null for a dynamic member. */
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: readonly string[]
  /** Null or empty without a pattern. */
  readonly subscribedTopicRegex: string | null
  /** -1 when the member has not said. */
  readonly rebalanceTimeoutMs?: number
  /** Null when the member has no wish. */
  readonly serverAssignor: string | null
  /**
   * Set for a member that still speaks the classic protocol, in a group that moves between the two; null otherwise.
   */
  readonly classicMemberMetadata?: ConsumerGroupMemberMetadataValueClassicMemberMetadata | null
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupMemberMetadataValueClassicMemberMetadata {
  readonly sessionTimeoutMs: number
  /** As in its JoinGroup, in the same order. */
  readonly supportedProtocols: readonly ConsumerGroupMemberMetadataValueSupportedProtocol[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupMemberMetadataValueSupportedProtocol {
  readonly name: string
  readonly metadata: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupMemberMetadataValue(writer: Writer, message: ConsumerGroupMemberMetadataValue, version: number): void {
  writer.nullableString(message.instanceId, true)
  writer.nullableString(message.rackId, true)
  writer.string(message.clientId, true)
  writer.string(message.clientHost, true)
  const subscribedTopicNames = message.subscribedTopicNames
  writer.arrayLength(subscribedTopicNames.length, true)
  for (const element of subscribedTopicNames) writer.string(element, true)
  writer.nullableString(message.subscribedTopicRegex, true)
  writer.int32(message.rebalanceTimeoutMs ?? -1)
  writer.nullableString(message.serverAssignor, true)
  const classicMemberMetadata = message.classicMemberMetadata
  const hasClassicMemberMetadata = classicMemberMetadata !== undefined && (classicMemberMetadata === null || !isDefaultConsumerGroupMemberMetadataValueClassicMemberMetadata(classicMemberMetadata))
  writer.tagCount(hasClassicMemberMetadata ? 1 : 0, message.unknownTags)
  if (hasClassicMemberMetadata) {
    const classicMemberMetadataAt = writer.enterTag(0)
    writer.taggedStructPresent(classicMemberMetadata !== null)
    if (classicMemberMetadata !== null) encodeConsumerGroupMemberMetadataValueClassicMemberMetadata(writer, classicMemberMetadata, version)
    writer.leaveTag(classicMemberMetadataAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupMemberMetadataValueClassicMemberMetadata(writer: Writer, message: ConsumerGroupMemberMetadataValueClassicMemberMetadata, version: number): void {
  writer.int32(message.sessionTimeoutMs)
  const supportedProtocols = message.supportedProtocols
  writer.arrayLength(supportedProtocols.length, true)
  for (const element of supportedProtocols) encodeConsumerGroupMemberMetadataValueSupportedProtocol(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupMemberMetadataValueSupportedProtocol(writer: Writer, message: ConsumerGroupMemberMetadataValueSupportedProtocol, _version: number): void {
  writer.string(message.name, true)
  writer.bytes(message.metadata, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupMemberMetadataValue(reader: Reader, version: number): Decoded<ConsumerGroupMemberMetadataValue> {
  const instanceId = reader.nullableString(true)
  const rackId = reader.nullableString(true)
  const clientId = reader.string(true)
  const clientHost = reader.string(true)
  const subscribedTopicNames: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) subscribedTopicNames.push(reader.string(true))
  const subscribedTopicRegex = reader.nullableString(true)
  const rebalanceTimeoutMs = reader.int32()
  const serverAssignor = reader.nullableString(true)
  let classicMemberMetadata: Decoded<ConsumerGroupMemberMetadataValueClassicMemberMetadata> | null = { sessionTimeoutMs: 0, supportedProtocols: [], unknownTags: undefined }
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        classicMemberMetadata = reader.taggedStructPresent() ? decodeConsumerGroupMemberMetadataValueClassicMemberMetadata(reader, version) : null
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { instanceId, rackId, clientId, clientHost, subscribedTopicNames, subscribedTopicRegex, rebalanceTimeoutMs, serverAssignor, classicMemberMetadata, unknownTags }
}

function decodeConsumerGroupMemberMetadataValueClassicMemberMetadata(reader: Reader, version: number): Decoded<ConsumerGroupMemberMetadataValueClassicMemberMetadata> {
  const sessionTimeoutMs = reader.int32()
  const supportedProtocols: Decoded<ConsumerGroupMemberMetadataValueSupportedProtocol>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) supportedProtocols.push(decodeConsumerGroupMemberMetadataValueSupportedProtocol(reader, version))
  const unknownTags = reader.unknownTags()
  return { sessionTimeoutMs, supportedProtocols, unknownTags }
}

function decodeConsumerGroupMemberMetadataValueSupportedProtocol(reader: Reader, _version: number): Decoded<ConsumerGroupMemberMetadataValueSupportedProtocol> {
  const name = reader.string(true)
  const metadata = reader.bytes(true)
  const unknownTags = reader.unknownTags()
  return { name, metadata, unknownTags }
}

function isDefaultConsumerGroupMemberMetadataValueClassicMemberMetadata(message: ConsumerGroupMemberMetadataValueClassicMemberMetadata): boolean {
  return !(message.sessionTimeoutMs !== 0) &&
    !(message.supportedProtocols.length !== 0) &&
    message.unknownTags === undefined
}

/** What a member last said of itself in its heartbeats, as far as assignment depends on it. */
export const consumerGroupMemberMetadataValue: RecordType<ConsumerGroupMemberMetadataValue> = {
  name: 'ConsumerGroupMemberMetadataValue',
  kind: 'coordinator-value',
  id: 5,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConsumerGroupMemberMetadataValue,
  decode: decodeConsumerGroupMemberMetadataValue,
}

/** Names the target assignment of a group. With a null value there is none. */
export interface ConsumerGroupTargetAssignmentMetadataKey {
  readonly groupId: string
}

function encodeConsumerGroupTargetAssignmentMetadataKey(writer: Writer, message: ConsumerGroupTargetAssignmentMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeConsumerGroupTargetAssignmentMetadataKey(reader: Reader, _version: number): Decoded<ConsumerGroupTargetAssignmentMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/** Names the target assignment of a group. With a null value there is none. */
export const consumerGroupTargetAssignmentMetadataKey: RecordType<ConsumerGroupTargetAssignmentMetadataKey> = {
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  id: 6,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeConsumerGroupTargetAssignmentMetadataKey,
  decode: decodeConsumerGroupTargetAssignmentMetadataKey,
}

/** Which group epoch the target assignment is for. Written after the members' parts, in the same batch. */
export interface ConsumerGroupTargetAssignmentMetadataValue {
  /** Below the group's epoch a newer assignment is due. */
  readonly assignmentEpoch: number
  /** When the assignment was ready (KIP-1263); 0 when unknown. */
  readonly assignmentTimestamp?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupTargetAssignmentMetadataValue(writer: Writer, message: ConsumerGroupTargetAssignmentMetadataValue, _version: number): void {
  writer.int32(message.assignmentEpoch)
  const assignmentTimestamp = message.assignmentTimestamp
  const hasAssignmentTimestamp = assignmentTimestamp !== undefined && assignmentTimestamp !== 0n
  writer.tagCount(hasAssignmentTimestamp ? 1 : 0, message.unknownTags)
  if (hasAssignmentTimestamp) {
    const assignmentTimestampAt = writer.enterTag(0)
    writer.int64(assignmentTimestamp)
    writer.leaveTag(assignmentTimestampAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupTargetAssignmentMetadataValue(reader: Reader, _version: number): Decoded<ConsumerGroupTargetAssignmentMetadataValue> {
  const assignmentEpoch = reader.int32()
  let assignmentTimestamp: bigint = 0n
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        assignmentTimestamp = reader.int64()
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { assignmentEpoch, assignmentTimestamp, unknownTags }
}

/** Which group epoch the target assignment is for. Written after the members' parts, in the same batch. */
export const consumerGroupTargetAssignmentMetadataValue: RecordType<ConsumerGroupTargetAssignmentMetadataValue> = {
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  id: 6,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConsumerGroupTargetAssignmentMetadataValue,
  decode: decodeConsumerGroupTargetAssignmentMetadataValue,
}

/** Names a member's part of the target assignment. With a null value it has none. */
export interface ConsumerGroupTargetAssignmentMemberKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeConsumerGroupTargetAssignmentMemberKey(writer: Writer, message: ConsumerGroupTargetAssignmentMemberKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeConsumerGroupTargetAssignmentMemberKey(reader: Reader, _version: number): Decoded<ConsumerGroupTargetAssignmentMemberKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names a member's part of the target assignment. With a null value it has none. */
export const consumerGroupTargetAssignmentMemberKey: RecordType<ConsumerGroupTargetAssignmentMemberKey> = {
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  id: 7,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeConsumerGroupTargetAssignmentMemberKey,
  decode: decodeConsumerGroupTargetAssignmentMemberKey,
}

/**
 * What a member is to own in the end. Until others have given up theirs, it may have less: see
 * ConsumerGroupCurrentMemberAssignmentValue.
 */
export interface ConsumerGroupTargetAssignmentMemberValue {
  readonly topicPartitions: readonly ConsumerGroupTargetAssignmentMemberValueTopicPartition[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupTargetAssignmentMemberValueTopicPartition {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupTargetAssignmentMemberValue(writer: Writer, message: ConsumerGroupTargetAssignmentMemberValue, version: number): void {
  const topicPartitions = message.topicPartitions
  writer.arrayLength(topicPartitions.length, true)
  for (const element of topicPartitions) encodeConsumerGroupTargetAssignmentMemberValueTopicPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupTargetAssignmentMemberValueTopicPartition(writer: Writer, message: ConsumerGroupTargetAssignmentMemberValueTopicPartition, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupTargetAssignmentMemberValue(reader: Reader, version: number): Decoded<ConsumerGroupTargetAssignmentMemberValue> {
  const topicPartitions: Decoded<ConsumerGroupTargetAssignmentMemberValueTopicPartition>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topicPartitions.push(decodeConsumerGroupTargetAssignmentMemberValueTopicPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicPartitions, unknownTags }
}

function decodeConsumerGroupTargetAssignmentMemberValueTopicPartition(reader: Reader, _version: number): Decoded<ConsumerGroupTargetAssignmentMemberValueTopicPartition> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

/**
 * What a member is to own in the end. Until others have given up theirs, it may have less: see
 * ConsumerGroupCurrentMemberAssignmentValue.
 */
export const consumerGroupTargetAssignmentMemberValue: RecordType<ConsumerGroupTargetAssignmentMemberValue> = {
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  id: 7,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConsumerGroupTargetAssignmentMemberValue,
  decode: decodeConsumerGroupTargetAssignmentMemberValue,
}

/** Names what a member owns at present. With a null value it owns nothing and has no epoch. */
export interface ConsumerGroupCurrentMemberAssignmentKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeConsumerGroupCurrentMemberAssignmentKey(writer: Writer, message: ConsumerGroupCurrentMemberAssignmentKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeConsumerGroupCurrentMemberAssignmentKey(reader: Reader, _version: number): Decoded<ConsumerGroupCurrentMemberAssignmentKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names what a member owns at present. With a null value it owns nothing and has no epoch. */
export const consumerGroupCurrentMemberAssignmentKey: RecordType<ConsumerGroupCurrentMemberAssignmentKey> = {
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  id: 8,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeConsumerGroupCurrentMemberAssignmentKey,
  decode: decodeConsumerGroupCurrentMemberAssignmentKey,
}

/** How far a member has come on its way to the target assignment. */
export interface ConsumerGroupCurrentMemberAssignmentValue {
  /** What the member has to send. -2 while a static member is away. */
  readonly memberEpoch: number
  /** Accepted once more, from a member that did not get the response with the new one. */
  readonly previousMemberEpoch: number
  /**
   * 0 stable; 1 has partitions to give up before its epoch rises; 2 has the new epoch but waits for partitions that
   * others still own.
   */
  readonly state: number
  /** Its own, without those pending revocation. */
  readonly assignedPartitions: readonly ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[]
  /** To be given up; nobody else gets them before the member has said so. */
  readonly partitionsPendingRevocation: readonly ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupCurrentMemberAssignmentValueTopicPartitions {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  /**
   * For each of `partitions`, the member epoch in which it was assigned. A commit with a lower epoch comes from
   * before and is refused. Null from an older coordinator.
   */
  readonly assignmentEpochs?: readonly number[] | null
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupCurrentMemberAssignmentValue(writer: Writer, message: ConsumerGroupCurrentMemberAssignmentValue, version: number): void {
  writer.int32(message.memberEpoch)
  writer.int32(message.previousMemberEpoch)
  writer.int8(message.state)
  const assignedPartitions = message.assignedPartitions
  writer.arrayLength(assignedPartitions.length, true)
  for (const element of assignedPartitions) encodeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(writer, element, version)
  const partitionsPendingRevocation = message.partitionsPendingRevocation
  writer.arrayLength(partitionsPendingRevocation.length, true)
  for (const element of partitionsPendingRevocation) encodeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(writer: Writer, message: ConsumerGroupCurrentMemberAssignmentValueTopicPartitions, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  const assignmentEpochs = message.assignmentEpochs
  const hasAssignmentEpochs = assignmentEpochs !== undefined && (assignmentEpochs === null || assignmentEpochs.length !== 0)
  writer.tagCount(hasAssignmentEpochs ? 1 : 0, message.unknownTags)
  if (hasAssignmentEpochs) {
    const assignmentEpochsAt = writer.enterTag(0)
    if (assignmentEpochs === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(assignmentEpochs.length, true)
      for (const element of assignmentEpochs) writer.int32(element)
    }
    writer.leaveTag(assignmentEpochsAt)
  }
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupCurrentMemberAssignmentValue(reader: Reader, version: number): Decoded<ConsumerGroupCurrentMemberAssignmentValue> {
  const memberEpoch = reader.int32()
  const previousMemberEpoch = reader.int32()
  const state = reader.int8()
  const assignedPartitions: Decoded<ConsumerGroupCurrentMemberAssignmentValueTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) assignedPartitions.push(decodeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(reader, version))
  const partitionsPendingRevocation: Decoded<ConsumerGroupCurrentMemberAssignmentValueTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) partitionsPendingRevocation.push(decodeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(reader, version))
  const unknownTags = reader.unknownTags()
  return { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation, unknownTags }
}

function decodeConsumerGroupCurrentMemberAssignmentValueTopicPartitions(reader: Reader, _version: number): Decoded<ConsumerGroupCurrentMemberAssignmentValueTopicPartitions> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  let assignmentEpochs: number[] | null = []
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        const assignmentEpochsCount = reader.nullableArrayLength(true, 4)
        if (assignmentEpochsCount < 0) {
          assignmentEpochs = null
        } else {
          const elements: number[] = []
          for (let left = assignmentEpochsCount; left > 0; left--) elements.push(reader.int32())
          assignmentEpochs = elements
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { topicId, partitions, assignmentEpochs, unknownTags }
}

/** How far a member has come on its way to the target assignment. */
export const consumerGroupCurrentMemberAssignmentValue: RecordType<ConsumerGroupCurrentMemberAssignmentValue> = {
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  id: 8,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConsumerGroupCurrentMemberAssignmentValue,
  decode: decodeConsumerGroupCurrentMemberAssignmentValue,
}

/** Names a pattern that members of a group subscribe to. With a null value no member does any more. */
export interface ConsumerGroupRegularExpressionKey {
  readonly groupId: string
  readonly regularExpression: string
}

function encodeConsumerGroupRegularExpressionKey(writer: Writer, message: ConsumerGroupRegularExpressionKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.regularExpression, false)
}

function decodeConsumerGroupRegularExpressionKey(reader: Reader, _version: number): Decoded<ConsumerGroupRegularExpressionKey> {
  const groupId = reader.string(false)
  const regularExpression = reader.string(false)
  return { groupId, regularExpression }
}

/** Names a pattern that members of a group subscribe to. With a null value no member does any more. */
export const consumerGroupRegularExpressionKey: RecordType<ConsumerGroupRegularExpressionKey> = {
  name: 'ConsumerGroupRegularExpressionKey',
  kind: 'coordinator-key',
  id: 16,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeConsumerGroupRegularExpressionKey,
  decode: decodeConsumerGroupRegularExpressionKey,
}

/** The topics that a pattern matched when it was last resolved, which happens outside of the heartbeat. */
export interface ConsumerGroupRegularExpressionValue {
  readonly topics: readonly string[]
  /** Of the cluster's metadata at that time: the offset of its log. */
  readonly version: bigint
  /** When that was, in ms; patterns are resolved again from time to time. */
  readonly timestamp: bigint
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupRegularExpressionValue(writer: Writer, message: ConsumerGroupRegularExpressionValue, _version: number): void {
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) writer.string(element, true)
  writer.int64(message.version)
  writer.int64(message.timestamp)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupRegularExpressionValue(reader: Reader, _version: number): Decoded<ConsumerGroupRegularExpressionValue> {
  const topics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) topics.push(reader.string(true))
  const versionField = reader.int64()
  const timestamp = reader.int64()
  const unknownTags = reader.unknownTags()
  return { topics, version: versionField, timestamp, unknownTags }
}

/** The topics that a pattern matched when it was last resolved, which happens outside of the heartbeat. */
export const consumerGroupRegularExpressionValue: RecordType<ConsumerGroupRegularExpressionValue> = {
  name: 'ConsumerGroupRegularExpressionValue',
  kind: 'coordinator-value',
  id: 16,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeConsumerGroupRegularExpressionValue,
  decode: decodeConsumerGroupRegularExpressionValue,
}

/** All of them, in the order of their schemas. */
export const consumerGroupTypes: readonly RecordType[] = [
  consumerGroupMetadataKey,
  consumerGroupMetadataValue,
  consumerGroupPartitionMetadataKey,
  consumerGroupPartitionMetadataValue,
  consumerGroupMemberMetadataKey,
  consumerGroupMemberMetadataValue,
  consumerGroupTargetAssignmentMetadataKey,
  consumerGroupTargetAssignmentMetadataValue,
  consumerGroupTargetAssignmentMemberKey,
  consumerGroupTargetAssignmentMemberValue,
  consumerGroupCurrentMemberAssignmentKey,
  consumerGroupCurrentMemberAssignmentValue,
  consumerGroupRegularExpressionKey,
  consumerGroupRegularExpressionValue,
]
