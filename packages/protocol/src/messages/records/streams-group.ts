/**
 * Records: streams group.
 * Generated from schemas/records/streams-group.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../../wire/tagged.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/** Names a streams group. With a null value the group is gone. */
export interface StreamsGroupMetadataKey {
  readonly groupId: string
}

function encodeStreamsGroupMetadataKey(writer: Writer, message: StreamsGroupMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeStreamsGroupMetadataKey(reader: Reader, _version: number): Decoded<StreamsGroupMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/** Names a streams group. With a null value the group is gone. */
export const streamsGroupMetadataKey: RecordType<StreamsGroupMetadataKey> = {
  name: 'StreamsGroupMetadataKey',
  kind: 'coordinator-key',
  id: 17,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeStreamsGroupMetadataKey,
  decode: decodeStreamsGroupMetadataKey,
}

/** The epoch of a streams group, and what its last assignment was made from. */
export interface StreamsGroupMetadataValue {
  /** Rises when members, topology, topics or settings change; then a new target assignment is due. */
  readonly epoch: number
  /** Over the topics that the topology uses: another hash means that they changed. */
  readonly metadataHash: bigint
  /** The topology whose topics were found to be there and partitioned as it needs them; -1 for none. */
  readonly validatedTopologyEpoch?: number
  /** Settings such as num.standby.replicas; another value makes a new assignment due. */
  readonly lastAssignmentConfigs?: readonly StreamsGroupMetadataValueLastAssignmentConfig[] | null
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupMetadataValueLastAssignmentConfig {
  readonly key: string
  readonly value: string
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupMetadataValue(writer: Writer, message: StreamsGroupMetadataValue, version: number): void {
  writer.int32(message.epoch)
  writer.int64(message.metadataHash)
  const validatedTopologyEpoch = message.validatedTopologyEpoch
  const hasValidatedTopologyEpoch = validatedTopologyEpoch !== undefined && validatedTopologyEpoch !== -1
  const lastAssignmentConfigs = message.lastAssignmentConfigs
  const hasLastAssignmentConfigs = lastAssignmentConfigs !== undefined && (lastAssignmentConfigs === null || lastAssignmentConfigs.length !== 0)
  writer.tagCount((hasValidatedTopologyEpoch ? 1 : 0) + (hasLastAssignmentConfigs ? 1 : 0), message.unknownTags)
  if (hasValidatedTopologyEpoch) {
    const validatedTopologyEpochAt = writer.enterTag(0)
    writer.int32(validatedTopologyEpoch)
    writer.leaveTag(validatedTopologyEpochAt)
  }
  if (hasLastAssignmentConfigs) {
    const lastAssignmentConfigsAt = writer.enterTag(1)
    if (lastAssignmentConfigs === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(lastAssignmentConfigs.length, true)
      for (const element of lastAssignmentConfigs) encodeStreamsGroupMetadataValueLastAssignmentConfig(writer, element, version)
    }
    writer.leaveTag(lastAssignmentConfigsAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupMetadataValueLastAssignmentConfig(writer: Writer, message: StreamsGroupMetadataValueLastAssignmentConfig, _version: number): void {
  writer.string(message.key, true)
  writer.string(message.value, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupMetadataValue(reader: Reader, version: number): Decoded<StreamsGroupMetadataValue> {
  const epoch = reader.int32()
  const metadataHash = reader.int64()
  let validatedTopologyEpoch: number = -1
  let lastAssignmentConfigs: Decoded<StreamsGroupMetadataValueLastAssignmentConfig>[] | null = []
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        validatedTopologyEpoch = reader.int32()
        break
      }
      case 1: {
        const lastAssignmentConfigsCount = reader.nullableArrayLength(true, 3)
        if (lastAssignmentConfigsCount < 0) {
          lastAssignmentConfigs = null
        } else {
          const elements: Decoded<StreamsGroupMetadataValueLastAssignmentConfig>[] = []
          for (let left = lastAssignmentConfigsCount; left > 0; left--) elements.push(decodeStreamsGroupMetadataValueLastAssignmentConfig(reader, version))
          lastAssignmentConfigs = elements
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { epoch, metadataHash, validatedTopologyEpoch, lastAssignmentConfigs, unknownTags }
}

function decodeStreamsGroupMetadataValueLastAssignmentConfig(reader: Reader, _version: number): Decoded<StreamsGroupMetadataValueLastAssignmentConfig> {
  const key = reader.string(true)
  const value = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { key, value, unknownTags }
}

/** The epoch of a streams group, and what its last assignment was made from. */
export const streamsGroupMetadataValue: RecordType<StreamsGroupMetadataValue> = {
  name: 'StreamsGroupMetadataValue',
  kind: 'coordinator-value',
  id: 17,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeStreamsGroupMetadataValue,
  decode: decodeStreamsGroupMetadataValue,
}

/** Names a member of a streams group. With a null value it has left or was fenced. */
export interface StreamsGroupMemberMetadataKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeStreamsGroupMemberMetadataKey(writer: Writer, message: StreamsGroupMemberMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeStreamsGroupMemberMetadataKey(reader: Reader, _version: number): Decoded<StreamsGroupMemberMetadataKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names a member of a streams group. With a null value it has left or was fenced. */
export const streamsGroupMemberMetadataKey: RecordType<StreamsGroupMemberMetadataKey> = {
  name: 'StreamsGroupMemberMetadataKey',
  kind: 'coordinator-key',
  id: 19,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeStreamsGroupMemberMetadataKey,
  decode: decodeStreamsGroupMemberMetadataKey,
}

/** What a member last said of itself in its heartbeats. */
export interface StreamsGroupMemberMetadataValue {
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs?: number
  /** Of the topology that the member runs. */
  readonly topologyEpoch: number
  /** Members of one process have the same. */
  readonly processId: string
  /** Where the process answers queries of its state; null when it does not. */
  readonly userEndpoint?: StreamsGroupMemberMetadataValueEndpoint | null
  readonly clientTags: readonly StreamsGroupMemberMetadataValueKeyValue[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupMemberMetadataValueEndpoint {
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupMemberMetadataValueKeyValue {
  readonly key: string
  readonly value: string
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupMemberMetadataValue(writer: Writer, message: StreamsGroupMemberMetadataValue, version: number): void {
  writer.nullableString(message.instanceId, true)
  writer.nullableString(message.rackId, true)
  writer.string(message.clientId, true)
  writer.string(message.clientHost, true)
  writer.int32(message.rebalanceTimeoutMs ?? -1)
  writer.int32(message.topologyEpoch)
  writer.string(message.processId, true)
  const userEndpoint = message.userEndpoint ?? null
  if (userEndpoint === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeStreamsGroupMemberMetadataValueEndpoint(writer, userEndpoint, version)
  }
  const clientTags = message.clientTags
  writer.arrayLength(clientTags.length, true)
  for (const element of clientTags) encodeStreamsGroupMemberMetadataValueKeyValue(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupMemberMetadataValueEndpoint(writer: Writer, message: StreamsGroupMemberMetadataValueEndpoint, _version: number): void {
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupMemberMetadataValueKeyValue(writer: Writer, message: StreamsGroupMemberMetadataValueKeyValue, _version: number): void {
  writer.string(message.key, true)
  writer.string(message.value, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupMemberMetadataValue(reader: Reader, version: number): Decoded<StreamsGroupMemberMetadataValue> {
  const instanceId = reader.nullableString(true)
  const rackId = reader.nullableString(true)
  const clientId = reader.string(true)
  const clientHost = reader.string(true)
  const rebalanceTimeoutMs = reader.int32()
  const topologyEpoch = reader.int32()
  const processId = reader.string(true)
  const userEndpoint = reader.structPresent() ? decodeStreamsGroupMemberMetadataValueEndpoint(reader, version) : null
  const clientTags: Decoded<StreamsGroupMemberMetadataValueKeyValue>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) clientTags.push(decodeStreamsGroupMemberMetadataValueKeyValue(reader, version))
  const unknownTags = reader.unknownTags()
  return { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, topologyEpoch, processId, userEndpoint, clientTags, unknownTags }
}

function decodeStreamsGroupMemberMetadataValueEndpoint(reader: Reader, _version: number): Decoded<StreamsGroupMemberMetadataValueEndpoint> {
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { host, port, unknownTags }
}

function decodeStreamsGroupMemberMetadataValueKeyValue(reader: Reader, _version: number): Decoded<StreamsGroupMemberMetadataValueKeyValue> {
  const key = reader.string(true)
  const value = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { key, value, unknownTags }
}

/** What a member last said of itself in its heartbeats. */
export const streamsGroupMemberMetadataValue: RecordType<StreamsGroupMemberMetadataValue> = {
  name: 'StreamsGroupMemberMetadataValue',
  kind: 'coordinator-value',
  id: 19,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeStreamsGroupMemberMetadataValue,
  decode: decodeStreamsGroupMemberMetadataValue,
}

/** Names the target assignment of a group. With a null value there is none. */
export interface StreamsGroupTargetAssignmentMetadataKey {
  readonly groupId: string
}

function encodeStreamsGroupTargetAssignmentMetadataKey(writer: Writer, message: StreamsGroupTargetAssignmentMetadataKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeStreamsGroupTargetAssignmentMetadataKey(reader: Reader, _version: number): Decoded<StreamsGroupTargetAssignmentMetadataKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/** Names the target assignment of a group. With a null value there is none. */
export const streamsGroupTargetAssignmentMetadataKey: RecordType<StreamsGroupTargetAssignmentMetadataKey> = {
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  id: 20,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeStreamsGroupTargetAssignmentMetadataKey,
  decode: decodeStreamsGroupTargetAssignmentMetadataKey,
}

/** Which group epoch the target assignment is for. */
export interface StreamsGroupTargetAssignmentMetadataValue {
  readonly assignmentEpoch: number
  /** When the assignment was ready (KIP-1263); 0 when unknown. */
  readonly assignmentTimestamp?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupTargetAssignmentMetadataValue(writer: Writer, message: StreamsGroupTargetAssignmentMetadataValue, _version: number): void {
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

function decodeStreamsGroupTargetAssignmentMetadataValue(reader: Reader, _version: number): Decoded<StreamsGroupTargetAssignmentMetadataValue> {
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

/** Which group epoch the target assignment is for. */
export const streamsGroupTargetAssignmentMetadataValue: RecordType<StreamsGroupTargetAssignmentMetadataValue> = {
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  id: 20,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeStreamsGroupTargetAssignmentMetadataValue,
  decode: decodeStreamsGroupTargetAssignmentMetadataValue,
}

/** Names a member's part of the target assignment. With a null value it has none. */
export interface StreamsGroupTargetAssignmentMemberKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeStreamsGroupTargetAssignmentMemberKey(writer: Writer, message: StreamsGroupTargetAssignmentMemberKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeStreamsGroupTargetAssignmentMemberKey(reader: Reader, _version: number): Decoded<StreamsGroupTargetAssignmentMemberKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names a member's part of the target assignment. With a null value it has none. */
export const streamsGroupTargetAssignmentMemberKey: RecordType<StreamsGroupTargetAssignmentMemberKey> = {
  name: 'StreamsGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  id: 21,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeStreamsGroupTargetAssignmentMemberKey,
  decode: decodeStreamsGroupTargetAssignmentMemberKey,
}

/** Which tasks a member is to run in the end. */
export interface StreamsGroupTargetAssignmentMemberValue {
  readonly activeTasks: readonly StreamsGroupTargetAssignmentMemberValueTaskIds[]
  readonly standbyTasks: readonly StreamsGroupTargetAssignmentMemberValueTaskIds[]
  readonly warmupTasks: readonly StreamsGroupTargetAssignmentMemberValueTaskIds[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupTargetAssignmentMemberValueTaskIds {
  readonly subtopologyId: string
  /** Each is one task, named after the partition of the input topics that it reads. */
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupTargetAssignmentMemberValue(writer: Writer, message: StreamsGroupTargetAssignmentMemberValue, version: number): void {
  const activeTasks = message.activeTasks
  writer.arrayLength(activeTasks.length, true)
  for (const element of activeTasks) encodeStreamsGroupTargetAssignmentMemberValueTaskIds(writer, element, version)
  const standbyTasks = message.standbyTasks
  writer.arrayLength(standbyTasks.length, true)
  for (const element of standbyTasks) encodeStreamsGroupTargetAssignmentMemberValueTaskIds(writer, element, version)
  const warmupTasks = message.warmupTasks
  writer.arrayLength(warmupTasks.length, true)
  for (const element of warmupTasks) encodeStreamsGroupTargetAssignmentMemberValueTaskIds(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupTargetAssignmentMemberValueTaskIds(writer: Writer, message: StreamsGroupTargetAssignmentMemberValueTaskIds, _version: number): void {
  writer.string(message.subtopologyId, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupTargetAssignmentMemberValue(reader: Reader, version: number): Decoded<StreamsGroupTargetAssignmentMemberValue> {
  const activeTasks: Decoded<StreamsGroupTargetAssignmentMemberValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) activeTasks.push(decodeStreamsGroupTargetAssignmentMemberValueTaskIds(reader, version))
  const standbyTasks: Decoded<StreamsGroupTargetAssignmentMemberValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) standbyTasks.push(decodeStreamsGroupTargetAssignmentMemberValueTaskIds(reader, version))
  const warmupTasks: Decoded<StreamsGroupTargetAssignmentMemberValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) warmupTasks.push(decodeStreamsGroupTargetAssignmentMemberValueTaskIds(reader, version))
  const unknownTags = reader.unknownTags()
  return { activeTasks, standbyTasks, warmupTasks, unknownTags }
}

function decodeStreamsGroupTargetAssignmentMemberValueTaskIds(reader: Reader, _version: number): Decoded<StreamsGroupTargetAssignmentMemberValueTaskIds> {
  const subtopologyId = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { subtopologyId, partitions, unknownTags }
}

/** Which tasks a member is to run in the end. */
export const streamsGroupTargetAssignmentMemberValue: RecordType<StreamsGroupTargetAssignmentMemberValue> = {
  name: 'StreamsGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  id: 21,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeStreamsGroupTargetAssignmentMemberValue,
  decode: decodeStreamsGroupTargetAssignmentMemberValue,
}

/** Names the tasks that a member runs at present. With a null value it runs none and has no epoch. */
export interface StreamsGroupCurrentMemberAssignmentKey {
  readonly groupId: string
  readonly memberId: string
}

function encodeStreamsGroupCurrentMemberAssignmentKey(writer: Writer, message: StreamsGroupCurrentMemberAssignmentKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.string(message.memberId, false)
}

function decodeStreamsGroupCurrentMemberAssignmentKey(reader: Reader, _version: number): Decoded<StreamsGroupCurrentMemberAssignmentKey> {
  const groupId = reader.string(false)
  const memberId = reader.string(false)
  return { groupId, memberId }
}

/** Names the tasks that a member runs at present. With a null value it runs none and has no epoch. */
export const streamsGroupCurrentMemberAssignmentKey: RecordType<StreamsGroupCurrentMemberAssignmentKey> = {
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  id: 22,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeStreamsGroupCurrentMemberAssignmentKey,
  decode: decodeStreamsGroupCurrentMemberAssignmentKey,
}

/** How far a member has come on its way to the target assignment. */
export interface StreamsGroupCurrentMemberAssignmentValue {
  readonly memberEpoch: number
  /** Accepted once more, from a member that did not get the response with the new one. */
  readonly previousMemberEpoch: number
  /**
   * 1 stable; 2 has tasks to give up before its epoch rises; 3 has the new epoch but waits for tasks that others
   * still run.
   */
  readonly state: number
  readonly activeTasks: readonly StreamsGroupCurrentMemberAssignmentValueTaskIds[]
  readonly standbyTasks: readonly StreamsGroupCurrentMemberAssignmentValueTaskIds[]
  readonly warmupTasks: readonly StreamsGroupCurrentMemberAssignmentValueTaskIds[]
  /** To be given up; nobody else gets them before the member has said so. */
  readonly activeTasksPendingRevocation: readonly StreamsGroupCurrentMemberAssignmentValueTaskIds[]
  readonly standbyTasksPendingRevocation: readonly StreamsGroupCurrentMemberAssignmentValueTaskIds[]
  readonly warmupTasksPendingRevocation: readonly StreamsGroupCurrentMemberAssignmentValueTaskIds[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupCurrentMemberAssignmentValueTaskIds {
  readonly subtopologyId: string
  /** Each is one task, named after the partition of the input topics that it reads. */
  readonly partitions: readonly number[]
  /**
   * For each of `partitions`, the member epoch in which the task was assigned. A commit with a lower epoch comes from
   * before and is refused. Null for other than active tasks.
   */
  readonly assignmentEpochs?: readonly number[] | null
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupCurrentMemberAssignmentValue(writer: Writer, message: StreamsGroupCurrentMemberAssignmentValue, version: number): void {
  writer.int32(message.memberEpoch)
  writer.int32(message.previousMemberEpoch)
  writer.int8(message.state)
  const activeTasks = message.activeTasks
  writer.arrayLength(activeTasks.length, true)
  for (const element of activeTasks) encodeStreamsGroupCurrentMemberAssignmentValueTaskIds(writer, element, version)
  const standbyTasks = message.standbyTasks
  writer.arrayLength(standbyTasks.length, true)
  for (const element of standbyTasks) encodeStreamsGroupCurrentMemberAssignmentValueTaskIds(writer, element, version)
  const warmupTasks = message.warmupTasks
  writer.arrayLength(warmupTasks.length, true)
  for (const element of warmupTasks) encodeStreamsGroupCurrentMemberAssignmentValueTaskIds(writer, element, version)
  const activeTasksPendingRevocation = message.activeTasksPendingRevocation
  writer.arrayLength(activeTasksPendingRevocation.length, true)
  for (const element of activeTasksPendingRevocation) encodeStreamsGroupCurrentMemberAssignmentValueTaskIds(writer, element, version)
  const standbyTasksPendingRevocation = message.standbyTasksPendingRevocation
  writer.arrayLength(standbyTasksPendingRevocation.length, true)
  for (const element of standbyTasksPendingRevocation) encodeStreamsGroupCurrentMemberAssignmentValueTaskIds(writer, element, version)
  const warmupTasksPendingRevocation = message.warmupTasksPendingRevocation
  writer.arrayLength(warmupTasksPendingRevocation.length, true)
  for (const element of warmupTasksPendingRevocation) encodeStreamsGroupCurrentMemberAssignmentValueTaskIds(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupCurrentMemberAssignmentValueTaskIds(writer: Writer, message: StreamsGroupCurrentMemberAssignmentValueTaskIds, _version: number): void {
  writer.string(message.subtopologyId, true)
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

function decodeStreamsGroupCurrentMemberAssignmentValue(reader: Reader, version: number): Decoded<StreamsGroupCurrentMemberAssignmentValue> {
  const memberEpoch = reader.int32()
  const previousMemberEpoch = reader.int32()
  const state = reader.int8()
  const activeTasks: Decoded<StreamsGroupCurrentMemberAssignmentValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) activeTasks.push(decodeStreamsGroupCurrentMemberAssignmentValueTaskIds(reader, version))
  const standbyTasks: Decoded<StreamsGroupCurrentMemberAssignmentValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) standbyTasks.push(decodeStreamsGroupCurrentMemberAssignmentValueTaskIds(reader, version))
  const warmupTasks: Decoded<StreamsGroupCurrentMemberAssignmentValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) warmupTasks.push(decodeStreamsGroupCurrentMemberAssignmentValueTaskIds(reader, version))
  const activeTasksPendingRevocation: Decoded<StreamsGroupCurrentMemberAssignmentValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) activeTasksPendingRevocation.push(decodeStreamsGroupCurrentMemberAssignmentValueTaskIds(reader, version))
  const standbyTasksPendingRevocation: Decoded<StreamsGroupCurrentMemberAssignmentValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) standbyTasksPendingRevocation.push(decodeStreamsGroupCurrentMemberAssignmentValueTaskIds(reader, version))
  const warmupTasksPendingRevocation: Decoded<StreamsGroupCurrentMemberAssignmentValueTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) warmupTasksPendingRevocation.push(decodeStreamsGroupCurrentMemberAssignmentValueTaskIds(reader, version))
  const unknownTags = reader.unknownTags()
  return { memberEpoch, previousMemberEpoch, state, activeTasks, standbyTasks, warmupTasks, activeTasksPendingRevocation, standbyTasksPendingRevocation, warmupTasksPendingRevocation, unknownTags }
}

function decodeStreamsGroupCurrentMemberAssignmentValueTaskIds(reader: Reader, _version: number): Decoded<StreamsGroupCurrentMemberAssignmentValueTaskIds> {
  const subtopologyId = reader.string(true)
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
  return { subtopologyId, partitions, assignmentEpochs, unknownTags }
}

/** How far a member has come on its way to the target assignment. */
export const streamsGroupCurrentMemberAssignmentValue: RecordType<StreamsGroupCurrentMemberAssignmentValue> = {
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  id: 22,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeStreamsGroupCurrentMemberAssignmentValue,
  decode: decodeStreamsGroupCurrentMemberAssignmentValue,
}

/** Names the topology of a streams group. With a null value the group has none. */
export interface StreamsGroupTopologyKey {
  readonly groupId: string
}

function encodeStreamsGroupTopologyKey(writer: Writer, message: StreamsGroupTopologyKey, _version: number): void {
  writer.string(message.groupId, false)
}

function decodeStreamsGroupTopologyKey(reader: Reader, _version: number): Decoded<StreamsGroupTopologyKey> {
  const groupId = reader.string(false)
  return { groupId }
}

/** Names the topology of a streams group. With a null value the group has none. */
export const streamsGroupTopologyKey: RecordType<StreamsGroupTopologyKey> = {
  name: 'StreamsGroupTopologyKey',
  kind: 'coordinator-key',
  id: 23,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeStreamsGroupTopologyKey,
  decode: decodeStreamsGroupTopologyKey,
}

/** The topology that the members run, as one of them brought it when it joined. */
export interface StreamsGroupTopologyValue {
  readonly epoch: number
  readonly subtopologies: readonly StreamsGroupTopologyValueSubtopology[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupTopologyValueSubtopology {
  readonly subtopologyId: string
  readonly sourceTopics: readonly string[]
  readonly sourceTopicRegex: readonly string[]
  readonly stateChangelogTopics: readonly StreamsGroupTopologyValueTopicInfo[]
  readonly repartitionSinkTopics: readonly string[]
  readonly repartitionSourceTopics: readonly StreamsGroupTopologyValueTopicInfo[]
  /** Inputs that need the same number of partitions, by index into the subtopology's lists. */
  readonly copartitionGroups: readonly StreamsGroupTopologyValueCopartitionGroup[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupTopologyValueTopicInfo {
  readonly name: string
  /** 0 leaves it to the coordinator, as always for changelog topics. */
  readonly partitions: number
  /** 0 means the broker's default. */
  readonly replicationFactor: number
  readonly topicConfigs: readonly StreamsGroupTopologyValueTopicConfig[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupTopologyValueTopicConfig {
  readonly key: string
  readonly value: string
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupTopologyValueCopartitionGroup {
  readonly sourceTopics: readonly number[]
  readonly sourceTopicRegex: readonly number[]
  readonly repartitionSourceTopics: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupTopologyValue(writer: Writer, message: StreamsGroupTopologyValue, version: number): void {
  writer.int32(message.epoch)
  const subtopologies = message.subtopologies
  writer.arrayLength(subtopologies.length, true)
  for (const element of subtopologies) encodeStreamsGroupTopologyValueSubtopology(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupTopologyValueSubtopology(writer: Writer, message: StreamsGroupTopologyValueSubtopology, version: number): void {
  writer.string(message.subtopologyId, true)
  const sourceTopics = message.sourceTopics
  writer.arrayLength(sourceTopics.length, true)
  for (const element of sourceTopics) writer.string(element, true)
  const sourceTopicRegex = message.sourceTopicRegex
  writer.arrayLength(sourceTopicRegex.length, true)
  for (const element of sourceTopicRegex) writer.string(element, true)
  const stateChangelogTopics = message.stateChangelogTopics
  writer.arrayLength(stateChangelogTopics.length, true)
  for (const element of stateChangelogTopics) encodeStreamsGroupTopologyValueTopicInfo(writer, element, version)
  const repartitionSinkTopics = message.repartitionSinkTopics
  writer.arrayLength(repartitionSinkTopics.length, true)
  for (const element of repartitionSinkTopics) writer.string(element, true)
  const repartitionSourceTopics = message.repartitionSourceTopics
  writer.arrayLength(repartitionSourceTopics.length, true)
  for (const element of repartitionSourceTopics) encodeStreamsGroupTopologyValueTopicInfo(writer, element, version)
  const copartitionGroups = message.copartitionGroups
  writer.arrayLength(copartitionGroups.length, true)
  for (const element of copartitionGroups) encodeStreamsGroupTopologyValueCopartitionGroup(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupTopologyValueTopicInfo(writer: Writer, message: StreamsGroupTopologyValueTopicInfo, version: number): void {
  writer.string(message.name, true)
  writer.int32(message.partitions)
  writer.int16(message.replicationFactor)
  const topicConfigs = message.topicConfigs
  writer.arrayLength(topicConfigs.length, true)
  for (const element of topicConfigs) encodeStreamsGroupTopologyValueTopicConfig(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupTopologyValueTopicConfig(writer: Writer, message: StreamsGroupTopologyValueTopicConfig, _version: number): void {
  writer.string(message.key, true)
  writer.string(message.value, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupTopologyValueCopartitionGroup(writer: Writer, message: StreamsGroupTopologyValueCopartitionGroup, _version: number): void {
  const sourceTopics = message.sourceTopics
  writer.arrayLength(sourceTopics.length, true)
  for (const element of sourceTopics) writer.int16(element)
  const sourceTopicRegex = message.sourceTopicRegex
  writer.arrayLength(sourceTopicRegex.length, true)
  for (const element of sourceTopicRegex) writer.int16(element)
  const repartitionSourceTopics = message.repartitionSourceTopics
  writer.arrayLength(repartitionSourceTopics.length, true)
  for (const element of repartitionSourceTopics) writer.int16(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupTopologyValue(reader: Reader, version: number): Decoded<StreamsGroupTopologyValue> {
  const epoch = reader.int32()
  const subtopologies: Decoded<StreamsGroupTopologyValueSubtopology>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) subtopologies.push(decodeStreamsGroupTopologyValueSubtopology(reader, version))
  const unknownTags = reader.unknownTags()
  return { epoch, subtopologies, unknownTags }
}

function decodeStreamsGroupTopologyValueSubtopology(reader: Reader, version: number): Decoded<StreamsGroupTopologyValueSubtopology> {
  const subtopologyId = reader.string(true)
  const sourceTopics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) sourceTopics.push(reader.string(true))
  const sourceTopicRegex: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) sourceTopicRegex.push(reader.string(true))
  const stateChangelogTopics: Decoded<StreamsGroupTopologyValueTopicInfo>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) stateChangelogTopics.push(decodeStreamsGroupTopologyValueTopicInfo(reader, version))
  const repartitionSinkTopics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) repartitionSinkTopics.push(reader.string(true))
  const repartitionSourceTopics: Decoded<StreamsGroupTopologyValueTopicInfo>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) repartitionSourceTopics.push(decodeStreamsGroupTopologyValueTopicInfo(reader, version))
  const copartitionGroups: Decoded<StreamsGroupTopologyValueCopartitionGroup>[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) copartitionGroups.push(decodeStreamsGroupTopologyValueCopartitionGroup(reader, version))
  const unknownTags = reader.unknownTags()
  return { subtopologyId, sourceTopics, sourceTopicRegex, stateChangelogTopics, repartitionSinkTopics, repartitionSourceTopics, copartitionGroups, unknownTags }
}

function decodeStreamsGroupTopologyValueTopicInfo(reader: Reader, version: number): Decoded<StreamsGroupTopologyValueTopicInfo> {
  const name = reader.string(true)
  const partitions = reader.int32()
  const replicationFactor = reader.int16()
  const topicConfigs: Decoded<StreamsGroupTopologyValueTopicConfig>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topicConfigs.push(decodeStreamsGroupTopologyValueTopicConfig(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, replicationFactor, topicConfigs, unknownTags }
}

function decodeStreamsGroupTopologyValueTopicConfig(reader: Reader, _version: number): Decoded<StreamsGroupTopologyValueTopicConfig> {
  const key = reader.string(true)
  const value = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { key, value, unknownTags }
}

function decodeStreamsGroupTopologyValueCopartitionGroup(reader: Reader, _version: number): Decoded<StreamsGroupTopologyValueCopartitionGroup> {
  const sourceTopics: number[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) sourceTopics.push(reader.int16())
  const sourceTopicRegex: number[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) sourceTopicRegex.push(reader.int16())
  const repartitionSourceTopics: number[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) repartitionSourceTopics.push(reader.int16())
  const unknownTags = reader.unknownTags()
  return { sourceTopics, sourceTopicRegex, repartitionSourceTopics, unknownTags }
}

/** The topology that the members run, as one of them brought it when it joined. */
export const streamsGroupTopologyValue: RecordType<StreamsGroupTopologyValue> = {
  name: 'StreamsGroupTopologyValue',
  kind: 'coordinator-value',
  id: 23,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeStreamsGroupTopologyValue,
  decode: decodeStreamsGroupTopologyValue,
}

/** All of them, in the order of their schemas. */
export const streamsGroupTypes: readonly RecordType[] = [
  streamsGroupMetadataKey,
  streamsGroupMetadataValue,
  streamsGroupMemberMetadataKey,
  streamsGroupMemberMetadataValue,
  streamsGroupTargetAssignmentMetadataKey,
  streamsGroupTargetAssignmentMetadataValue,
  streamsGroupTargetAssignmentMemberKey,
  streamsGroupTargetAssignmentMemberValue,
  streamsGroupCurrentMemberAssignmentKey,
  streamsGroupCurrentMemberAssignmentValue,
  streamsGroupTopologyKey,
  streamsGroupTopologyValue,
]
