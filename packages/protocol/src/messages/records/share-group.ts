/**
 * Records: share group.
 * Generated from schemas/records/share-group.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../../wire/tagged.js'
import type { Uuid } from '../../wire/uuid.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/** Names a member of a share group. With a null value it has left or was fenced. */
export interface ShareGroupMemberMetadataKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeShareGroupMemberMetadataKey(writer: Writer, message: ShareGroupMemberMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeShareGroupMemberMetadataKey(reader: Reader, _version: number): Decoded<ShareGroupMemberMetadataKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names a member of a share group. With a null value it has left or was fenced. */
export const shareGroupMemberMetadataKey: RecordType<ShareGroupMemberMetadataKey> = {
  name: 'ShareGroupMemberMetadataKey',
  kind: 'coordinator-key',
  id: 10,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareGroupMemberMetadataKey,
  decode: decodeShareGroupMemberMetadataKey,
}

/** What a member last said of itself in its heartbeats. */
export interface ShareGroupMemberMetadataValue {
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: readonly string[]
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupMemberMetadataValue(writer: Writer, message: ShareGroupMemberMetadataValue, _version: number): void {
  writer.nullableString(message.rackId, true)
  writer.string(message.clientId, true)
  writer.string(message.clientHost, true)
  const subscribedTopicNames = message.subscribedTopicNames
  writer.arrayLength(subscribedTopicNames.length, true)
  for (const element of subscribedTopicNames) writer.string(element, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupMemberMetadataValue(reader: Reader, _version: number): Decoded<ShareGroupMemberMetadataValue> {
  const rackId = reader.nullableString(true)
  const clientId = reader.string(true)
  const clientHost = reader.string(true)
  const subscribedTopicNames: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) subscribedTopicNames.push(reader.string(true))
  const unknownTags = reader.unknownTags()
  return { rackId, clientId, clientHost, subscribedTopicNames, unknownTags }
}

/** What a member last said of itself in its heartbeats. */
export const shareGroupMemberMetadataValue: RecordType<ShareGroupMemberMetadataValue> = {
  name: 'ShareGroupMemberMetadataValue',
  kind: 'coordinator-value',
  id: 10,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareGroupMemberMetadataValue,
  decode: decodeShareGroupMemberMetadataValue,
}

/** Names a share group. With a null value the group is gone. */
export interface ShareGroupMetadataKey {
  readonly groupId: string
}

function encodeShareGroupMetadataKey(writer: Writer, message: ShareGroupMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeShareGroupMetadataKey(reader: Reader, _version: number): Decoded<ShareGroupMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/** Names a share group. With a null value the group is gone. */
export const shareGroupMetadataKey: RecordType<ShareGroupMetadataKey> = {
  name: 'ShareGroupMetadataKey',
  kind: 'coordinator-key',
  id: 11,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareGroupMetadataKey,
  decode: decodeShareGroupMetadataKey,
}

/** The epoch of a share group. */
export interface ShareGroupMetadataValue {
  /** Rises when members, subscriptions or subscribed topics change. */
  readonly epoch: number
  /** Over the subscribed topics with their partitions and racks: another hash means that they changed. */
  readonly metadataHash: bigint
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupMetadataValue(writer: Writer, message: ShareGroupMetadataValue, _version: number): void {
  writer.int32(message.epoch)
  writer.int64(message.metadataHash)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupMetadataValue(reader: Reader, _version: number): Decoded<ShareGroupMetadataValue> {
  const epoch = reader.int32()
  const metadataHash = reader.int64()
  const unknownTags = reader.unknownTags()
  return { epoch, metadataHash, unknownTags }
}

/** The epoch of a share group. */
export const shareGroupMetadataValue: RecordType<ShareGroupMetadataValue> = {
  name: 'ShareGroupMetadataValue',
  kind: 'coordinator-value',
  id: 11,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareGroupMetadataValue,
  decode: decodeShareGroupMetadataValue,
}

/** Names the assignment of a share group. With a null value there is none. */
export interface ShareGroupTargetAssignmentMetadataKey {
  readonly groupId: string
}

function encodeShareGroupTargetAssignmentMetadataKey(writer: Writer, message: ShareGroupTargetAssignmentMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeShareGroupTargetAssignmentMetadataKey(reader: Reader, _version: number): Decoded<ShareGroupTargetAssignmentMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/** Names the assignment of a share group. With a null value there is none. */
export const shareGroupTargetAssignmentMetadataKey: RecordType<ShareGroupTargetAssignmentMetadataKey> = {
  name: 'ShareGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  id: 12,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareGroupTargetAssignmentMetadataKey,
  decode: decodeShareGroupTargetAssignmentMetadataKey,
}

/** Which group epoch the assignment is for. */
export interface ShareGroupTargetAssignmentMetadataValue {
  readonly assignmentEpoch: number
  /** When the assignment was ready (KIP-1263); 0 when unknown. */
  readonly assignmentTimestamp?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupTargetAssignmentMetadataValue(writer: Writer, message: ShareGroupTargetAssignmentMetadataValue, _version: number): void {
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

function decodeShareGroupTargetAssignmentMetadataValue(reader: Reader, _version: number): Decoded<ShareGroupTargetAssignmentMetadataValue> {
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

/** Which group epoch the assignment is for. */
export const shareGroupTargetAssignmentMetadataValue: RecordType<ShareGroupTargetAssignmentMetadataValue> = {
  name: 'ShareGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  id: 12,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareGroupTargetAssignmentMetadataValue,
  decode: decodeShareGroupTargetAssignmentMetadataValue,
}

/** Names a member's part of the assignment. With a null value it has none. */
export interface ShareGroupTargetAssignmentMemberKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeShareGroupTargetAssignmentMemberKey(writer: Writer, message: ShareGroupTargetAssignmentMemberKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeShareGroupTargetAssignmentMemberKey(reader: Reader, _version: number): Decoded<ShareGroupTargetAssignmentMemberKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names a member's part of the assignment. With a null value it has none. */
export const shareGroupTargetAssignmentMemberKey: RecordType<ShareGroupTargetAssignmentMemberKey> = {
  name: 'ShareGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  id: 13,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareGroupTargetAssignmentMemberKey,
  decode: decodeShareGroupTargetAssignmentMemberKey,
}

/** What a member is to fetch from. Other members may have the same partitions. */
export interface ShareGroupTargetAssignmentMemberValue {
  readonly topicPartitions: readonly ShareGroupTargetAssignmentMemberValueTopicPartition[]
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupTargetAssignmentMemberValueTopicPartition {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupTargetAssignmentMemberValue(writer: Writer, message: ShareGroupTargetAssignmentMemberValue, version: number): void {
  const topicPartitions = message.topicPartitions
  writer.arrayLength(topicPartitions.length, true)
  for (const element of topicPartitions) encodeShareGroupTargetAssignmentMemberValueTopicPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupTargetAssignmentMemberValueTopicPartition(writer: Writer, message: ShareGroupTargetAssignmentMemberValueTopicPartition, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupTargetAssignmentMemberValue(reader: Reader, version: number): Decoded<ShareGroupTargetAssignmentMemberValue> {
  const topicPartitions: Decoded<ShareGroupTargetAssignmentMemberValueTopicPartition>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topicPartitions.push(decodeShareGroupTargetAssignmentMemberValueTopicPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicPartitions, unknownTags }
}

function decodeShareGroupTargetAssignmentMemberValueTopicPartition(reader: Reader, _version: number): Decoded<ShareGroupTargetAssignmentMemberValueTopicPartition> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

/** What a member is to fetch from. Other members may have the same partitions. */
export const shareGroupTargetAssignmentMemberValue: RecordType<ShareGroupTargetAssignmentMemberValue> = {
  name: 'ShareGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  id: 13,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareGroupTargetAssignmentMemberValue,
  decode: decodeShareGroupTargetAssignmentMemberValue,
}

/** Names what a member fetches from at present. With a null value nothing. */
export interface ShareGroupCurrentMemberAssignmentKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeShareGroupCurrentMemberAssignmentKey(writer: Writer, message: ShareGroupCurrentMemberAssignmentKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeShareGroupCurrentMemberAssignmentKey(reader: Reader, _version: number): Decoded<ShareGroupCurrentMemberAssignmentKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names what a member fetches from at present. With a null value nothing. */
export const shareGroupCurrentMemberAssignmentKey: RecordType<ShareGroupCurrentMemberAssignmentKey> = {
  name: 'ShareGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  id: 14,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareGroupCurrentMemberAssignmentKey,
  decode: decodeShareGroupCurrentMemberAssignmentKey,
}

/** What a member fetches from at present, and in which epoch. */
export interface ShareGroupCurrentMemberAssignmentValue {
  readonly memberEpoch: number
  /** Accepted once more, from a member that did not get the response with the new one. */
  readonly previousMemberEpoch: number
  /** 0 stable. As nothing is revoked in a share group, there is no other. */
  readonly state: number
  readonly assignedPartitions: readonly ShareGroupCurrentMemberAssignmentValueTopicPartitions[]
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupCurrentMemberAssignmentValueTopicPartitions {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupCurrentMemberAssignmentValue(writer: Writer, message: ShareGroupCurrentMemberAssignmentValue, version: number): void {
  writer.int32(message.memberEpoch)
  writer.int32(message.previousMemberEpoch)
  writer.int8(message.state)
  const assignedPartitions = message.assignedPartitions
  writer.arrayLength(assignedPartitions.length, true)
  for (const element of assignedPartitions) encodeShareGroupCurrentMemberAssignmentValueTopicPartitions(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupCurrentMemberAssignmentValueTopicPartitions(writer: Writer, message: ShareGroupCurrentMemberAssignmentValueTopicPartitions, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupCurrentMemberAssignmentValue(reader: Reader, version: number): Decoded<ShareGroupCurrentMemberAssignmentValue> {
  const memberEpoch = reader.int32()
  const previousMemberEpoch = reader.int32()
  const state = reader.int8()
  const assignedPartitions: Decoded<ShareGroupCurrentMemberAssignmentValueTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) assignedPartitions.push(decodeShareGroupCurrentMemberAssignmentValueTopicPartitions(reader, version))
  const unknownTags = reader.unknownTags()
  return { memberEpoch, previousMemberEpoch, state, assignedPartitions, unknownTags }
}

function decodeShareGroupCurrentMemberAssignmentValueTopicPartitions(reader: Reader, _version: number): Decoded<ShareGroupCurrentMemberAssignmentValueTopicPartitions> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

/** What a member fetches from at present, and in which epoch. */
export const shareGroupCurrentMemberAssignmentValue: RecordType<ShareGroupCurrentMemberAssignmentValue> = {
  name: 'ShareGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  id: 14,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareGroupCurrentMemberAssignmentValue,
  decode: decodeShareGroupCurrentMemberAssignmentValue,
}

/** Names the partitions that a share group has state of. With a null value there are none. */
export interface ShareGroupStatePartitionMetadataKey {
  readonly groupId: string
}

function encodeShareGroupStatePartitionMetadataKey(writer: Writer, message: ShareGroupStatePartitionMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeShareGroupStatePartitionMetadataKey(reader: Reader, _version: number): Decoded<ShareGroupStatePartitionMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/** Names the partitions that a share group has state of. With a null value there are none. */
export const shareGroupStatePartitionMetadataKey: RecordType<ShareGroupStatePartitionMetadataKey> = {
  name: 'ShareGroupStatePartitionMetadataKey',
  kind: 'coordinator-key',
  id: 15,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareGroupStatePartitionMetadataKey,
  decode: decodeShareGroupStatePartitionMetadataKey,
}

/**
 * Which partitions of a share group have state at the share coordinator, so that none is set up twice or left behind.
 */
export interface ShareGroupStatePartitionMetadataValue {
  /** Asked for with InitializeShareGroupState, not confirmed yet. */
  readonly initializingTopics: readonly ShareGroupStatePartitionMetadataValueTopicPartitionsInfo[]
  readonly initializedTopics: readonly ShareGroupStatePartitionMetadataValueTopicPartitionsInfo[]
  /** Asked for with DeleteShareGroupState, not confirmed yet. */
  readonly deletingTopics: readonly ShareGroupStatePartitionMetadataValueTopicInfo[]
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupStatePartitionMetadataValueTopicPartitionsInfo {
  readonly topicId: Uuid
  readonly topicName: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupStatePartitionMetadataValueTopicInfo {
  readonly topicId: Uuid
  readonly topicName: string
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupStatePartitionMetadataValue(writer: Writer, message: ShareGroupStatePartitionMetadataValue, version: number): void {
  const initializingTopics = message.initializingTopics
  writer.arrayLength(initializingTopics.length, true)
  for (const element of initializingTopics) encodeShareGroupStatePartitionMetadataValueTopicPartitionsInfo(writer, element, version)
  const initializedTopics = message.initializedTopics
  writer.arrayLength(initializedTopics.length, true)
  for (const element of initializedTopics) encodeShareGroupStatePartitionMetadataValueTopicPartitionsInfo(writer, element, version)
  const deletingTopics = message.deletingTopics
  writer.arrayLength(deletingTopics.length, true)
  for (const element of deletingTopics) encodeShareGroupStatePartitionMetadataValueTopicInfo(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupStatePartitionMetadataValueTopicPartitionsInfo(writer: Writer, message: ShareGroupStatePartitionMetadataValueTopicPartitionsInfo, _version: number): void {
  writer.uuid(message.topicId)
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupStatePartitionMetadataValueTopicInfo(writer: Writer, message: ShareGroupStatePartitionMetadataValueTopicInfo, _version: number): void {
  writer.uuid(message.topicId)
  writer.string(message.topicName, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupStatePartitionMetadataValue(reader: Reader, version: number): Decoded<ShareGroupStatePartitionMetadataValue> {
  const initializingTopics: Decoded<ShareGroupStatePartitionMetadataValueTopicPartitionsInfo>[] = []
  for (let left = reader.arrayLength(true, 19); left > 0; left--) initializingTopics.push(decodeShareGroupStatePartitionMetadataValueTopicPartitionsInfo(reader, version))
  const initializedTopics: Decoded<ShareGroupStatePartitionMetadataValueTopicPartitionsInfo>[] = []
  for (let left = reader.arrayLength(true, 19); left > 0; left--) initializedTopics.push(decodeShareGroupStatePartitionMetadataValueTopicPartitionsInfo(reader, version))
  const deletingTopics: Decoded<ShareGroupStatePartitionMetadataValueTopicInfo>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) deletingTopics.push(decodeShareGroupStatePartitionMetadataValueTopicInfo(reader, version))
  const unknownTags = reader.unknownTags()
  return { initializingTopics, initializedTopics, deletingTopics, unknownTags }
}

function decodeShareGroupStatePartitionMetadataValueTopicPartitionsInfo(reader: Reader, _version: number): Decoded<ShareGroupStatePartitionMetadataValueTopicPartitionsInfo> {
  const topicId = reader.uuid()
  const topicName = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, topicName, partitions, unknownTags }
}

function decodeShareGroupStatePartitionMetadataValueTopicInfo(reader: Reader, _version: number): Decoded<ShareGroupStatePartitionMetadataValueTopicInfo> {
  const topicId = reader.uuid()
  const topicName = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { topicId, topicName, unknownTags }
}

/**
 * Which partitions of a share group have state at the share coordinator, so that none is set up twice or left behind.
 */
export const shareGroupStatePartitionMetadataValue: RecordType<ShareGroupStatePartitionMetadataValue> = {
  name: 'ShareGroupStatePartitionMetadataValue',
  kind: 'coordinator-value',
  id: 15,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareGroupStatePartitionMetadataValue,
  decode: decodeShareGroupStatePartitionMetadataValue,
}

/** All of them, in the order of their schemas. */
export const shareGroupTypes: readonly RecordType[] = [
  shareGroupMemberMetadataKey,
  shareGroupMemberMetadataValue,
  shareGroupMetadataKey,
  shareGroupMetadataValue,
  shareGroupTargetAssignmentMetadataKey,
  shareGroupTargetAssignmentMetadataValue,
  shareGroupTargetAssignmentMemberKey,
  shareGroupTargetAssignmentMemberValue,
  shareGroupCurrentMemberAssignmentKey,
  shareGroupCurrentMemberAssignmentValue,
  shareGroupStatePartitionMetadataKey,
  shareGroupStatePartitionMetadataValue,
]
