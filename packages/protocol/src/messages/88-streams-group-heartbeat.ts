/**
 * The StreamsGroupHeartbeat API (key 88).
 * Generated from schemas/88-streams-group-heartbeat.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface StreamsGroupHeartbeatRequest {
  readonly groupId: string
  readonly memberId: string
  /**
   * 0 joins; afterwards the epoch of the latest response. -1 leaves. -2 is meant for static members that stop for a
   * while.
   */
  readonly memberEpoch: number
  /** Of the `partitionsByUserEndpoint` that the member has. */
  readonly endpointInformationEpoch: number
  /** Must be null for a Kafka 4.3 coordinator, which knows no static members here. */
  readonly instanceId?: string | null
  readonly rackId?: string | null
  /** Required to join; -1 later: unchanged. */
  readonly rebalanceTimeoutMs?: number
  /** Required to join, null later. */
  readonly topology?: StreamsGroupHeartbeatRequestTopology | null
  /**
   * All that the member runs now. Null: unchanged. Empty to join. With one of the three kinds of tasks, the other two
   * must come too.
   */
  readonly activeTasks?: readonly StreamsGroupHeartbeatRequestTaskIds[] | null
  /** As `activeTasks`. */
  readonly standbyTasks?: readonly StreamsGroupHeartbeatRequestTaskIds[] | null
  /** As `activeTasks`. */
  readonly warmupTasks?: readonly StreamsGroupHeartbeatRequestTaskIds[] | null
  /** The same for all members in one process: a task and its standby belong in different ones. */
  readonly processId?: string | null
  /** Where the process answers queries of its state. Null: none, or unchanged. */
  readonly userEndpoint?: StreamsGroupHeartbeatRequestEndpoint | null
  /** For spreading standbys over racks or zones. Null: unchanged. */
  readonly clientTags?: readonly StreamsGroupHeartbeatRequestKeyValue[] | null
  /** Must be null for a Kafka 4.3 coordinator, as must `taskEndOffsets`. */
  readonly taskOffsets?: readonly StreamsGroupHeartbeatRequestTaskOffset[] | null
  readonly taskEndOffsets?: readonly StreamsGroupHeartbeatRequestTaskOffset[] | null
  /** Asks all members to shut down; they learn of it by status 4. */
  readonly shutdownApplication: boolean
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestTopology {
  /** Raised by the application when it deploys another topology. */
  readonly epoch: number
  readonly subtopologies: readonly StreamsGroupHeartbeatRequestSubtopology[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestSubtopology {
  readonly subtopologyId: string
  readonly sourceTopics: readonly string[]
  /** Must be empty for a Kafka 4.3 coordinator. */
  readonly sourceTopicRegex: readonly string[]
  readonly stateChangelogTopics: readonly StreamsGroupHeartbeatRequestTopicInfo[]
  readonly repartitionSinkTopics: readonly string[]
  readonly repartitionSourceTopics: readonly StreamsGroupHeartbeatRequestTopicInfo[]
  /** Inputs that need the same number of partitions, by index into the subtopology's lists. */
  readonly copartitionGroups: readonly StreamsGroupHeartbeatRequestCopartitionGroup[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestTopicInfo {
  readonly name: string
  /** 0 leaves it to the coordinator, as it must be for changelog topics. */
  readonly partitions: number
  /** 0 means the broker's default. */
  readonly replicationFactor: number
  readonly topicConfigs: readonly StreamsGroupHeartbeatRequestKeyValue[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestKeyValue {
  readonly key: string
  readonly value: string
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestCopartitionGroup {
  readonly sourceTopics: readonly number[]
  readonly sourceTopicRegex: readonly number[]
  readonly repartitionSourceTopics: readonly number[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestTaskIds {
  readonly subtopologyId: string
  /** Each is one task, named after the partition of the input topics that it reads. */
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestEndpoint {
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatRequestTaskOffset {
  readonly subtopologyId: string
  readonly partition: number
  readonly offset: bigint
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupHeartbeatRequest(writer: Writer, message: StreamsGroupHeartbeatRequest, version: number): void {
  writer.string(message.groupId, true)
  writer.string(message.memberId, true)
  writer.int32(message.memberEpoch)
  writer.int32(message.endpointInformationEpoch)
  writer.nullableString(message.instanceId ?? null, true)
  writer.nullableString(message.rackId ?? null, true)
  writer.int32(message.rebalanceTimeoutMs ?? -1)
  const topology = message.topology ?? null
  if (topology === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeStreamsGroupHeartbeatRequestTopology(writer, topology, version)
  }
  const activeTasks = message.activeTasks ?? null
  if (activeTasks === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(activeTasks.length, true)
    for (const element of activeTasks) encodeStreamsGroupHeartbeatRequestTaskIds(writer, element, version)
  }
  const standbyTasks = message.standbyTasks ?? null
  if (standbyTasks === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(standbyTasks.length, true)
    for (const element of standbyTasks) encodeStreamsGroupHeartbeatRequestTaskIds(writer, element, version)
  }
  const warmupTasks = message.warmupTasks ?? null
  if (warmupTasks === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(warmupTasks.length, true)
    for (const element of warmupTasks) encodeStreamsGroupHeartbeatRequestTaskIds(writer, element, version)
  }
  writer.nullableString(message.processId ?? null, true)
  const userEndpoint = message.userEndpoint ?? null
  if (userEndpoint === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeStreamsGroupHeartbeatRequestEndpoint(writer, userEndpoint, version)
  }
  const clientTags = message.clientTags ?? null
  if (clientTags === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(clientTags.length, true)
    for (const element of clientTags) encodeStreamsGroupHeartbeatRequestKeyValue(writer, element, version)
  }
  const taskOffsets = message.taskOffsets ?? null
  if (taskOffsets === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(taskOffsets.length, true)
    for (const element of taskOffsets) encodeStreamsGroupHeartbeatRequestTaskOffset(writer, element, version)
  }
  const taskEndOffsets = message.taskEndOffsets ?? null
  if (taskEndOffsets === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(taskEndOffsets.length, true)
    for (const element of taskEndOffsets) encodeStreamsGroupHeartbeatRequestTaskOffset(writer, element, version)
  }
  writer.bool(message.shutdownApplication)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatRequestTopology(writer: Writer, message: StreamsGroupHeartbeatRequestTopology, version: number): void {
  writer.int32(message.epoch)
  const subtopologies = message.subtopologies
  writer.arrayLength(subtopologies.length, true)
  for (const element of subtopologies) encodeStreamsGroupHeartbeatRequestSubtopology(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatRequestSubtopology(writer: Writer, message: StreamsGroupHeartbeatRequestSubtopology, version: number): void {
  writer.string(message.subtopologyId, true)
  const sourceTopics = message.sourceTopics
  writer.arrayLength(sourceTopics.length, true)
  for (const element of sourceTopics) writer.string(element, true)
  const sourceTopicRegex = message.sourceTopicRegex
  writer.arrayLength(sourceTopicRegex.length, true)
  for (const element of sourceTopicRegex) writer.string(element, true)
  const stateChangelogTopics = message.stateChangelogTopics
  writer.arrayLength(stateChangelogTopics.length, true)
  for (const element of stateChangelogTopics) encodeStreamsGroupHeartbeatRequestTopicInfo(writer, element, version)
  const repartitionSinkTopics = message.repartitionSinkTopics
  writer.arrayLength(repartitionSinkTopics.length, true)
  for (const element of repartitionSinkTopics) writer.string(element, true)
  const repartitionSourceTopics = message.repartitionSourceTopics
  writer.arrayLength(repartitionSourceTopics.length, true)
  for (const element of repartitionSourceTopics) encodeStreamsGroupHeartbeatRequestTopicInfo(writer, element, version)
  const copartitionGroups = message.copartitionGroups
  writer.arrayLength(copartitionGroups.length, true)
  for (const element of copartitionGroups) encodeStreamsGroupHeartbeatRequestCopartitionGroup(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatRequestTopicInfo(writer: Writer, message: StreamsGroupHeartbeatRequestTopicInfo, version: number): void {
  writer.string(message.name, true)
  writer.int32(message.partitions)
  writer.int16(message.replicationFactor)
  const topicConfigs = message.topicConfigs
  writer.arrayLength(topicConfigs.length, true)
  for (const element of topicConfigs) encodeStreamsGroupHeartbeatRequestKeyValue(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatRequestKeyValue(writer: Writer, message: StreamsGroupHeartbeatRequestKeyValue, _version: number): void {
  writer.string(message.key, true)
  writer.string(message.value, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatRequestCopartitionGroup(writer: Writer, message: StreamsGroupHeartbeatRequestCopartitionGroup, _version: number): void {
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

function encodeStreamsGroupHeartbeatRequestTaskIds(writer: Writer, message: StreamsGroupHeartbeatRequestTaskIds, _version: number): void {
  writer.string(message.subtopologyId, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatRequestEndpoint(writer: Writer, message: StreamsGroupHeartbeatRequestEndpoint, _version: number): void {
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatRequestTaskOffset(writer: Writer, message: StreamsGroupHeartbeatRequestTaskOffset, _version: number): void {
  writer.string(message.subtopologyId, true)
  writer.int32(message.partition)
  writer.int64(message.offset)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupHeartbeatRequest(reader: Reader, version: number): Decoded<StreamsGroupHeartbeatRequest> {
  const groupId = reader.string(true)
  const memberId = reader.string(true)
  const memberEpoch = reader.int32()
  const endpointInformationEpoch = reader.int32()
  const instanceId = reader.nullableString(true)
  const rackId = reader.nullableString(true)
  const rebalanceTimeoutMs = reader.int32()
  const topology = reader.structPresent() ? decodeStreamsGroupHeartbeatRequestTopology(reader, version) : null
  let activeTasks: Decoded<StreamsGroupHeartbeatRequestTaskIds>[] | null = null
  const activeTasksCount = reader.nullableArrayLength(true, 3)
  if (activeTasksCount < 0) {
    activeTasks = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatRequestTaskIds>[] = []
    for (let left = activeTasksCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatRequestTaskIds(reader, version))
    activeTasks = elements
  }
  let standbyTasks: Decoded<StreamsGroupHeartbeatRequestTaskIds>[] | null = null
  const standbyTasksCount = reader.nullableArrayLength(true, 3)
  if (standbyTasksCount < 0) {
    standbyTasks = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatRequestTaskIds>[] = []
    for (let left = standbyTasksCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatRequestTaskIds(reader, version))
    standbyTasks = elements
  }
  let warmupTasks: Decoded<StreamsGroupHeartbeatRequestTaskIds>[] | null = null
  const warmupTasksCount = reader.nullableArrayLength(true, 3)
  if (warmupTasksCount < 0) {
    warmupTasks = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatRequestTaskIds>[] = []
    for (let left = warmupTasksCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatRequestTaskIds(reader, version))
    warmupTasks = elements
  }
  const processId = reader.nullableString(true)
  const userEndpoint = reader.structPresent() ? decodeStreamsGroupHeartbeatRequestEndpoint(reader, version) : null
  let clientTags: Decoded<StreamsGroupHeartbeatRequestKeyValue>[] | null = null
  const clientTagsCount = reader.nullableArrayLength(true, 3)
  if (clientTagsCount < 0) {
    clientTags = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatRequestKeyValue>[] = []
    for (let left = clientTagsCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatRequestKeyValue(reader, version))
    clientTags = elements
  }
  let taskOffsets: Decoded<StreamsGroupHeartbeatRequestTaskOffset>[] | null = null
  const taskOffsetsCount = reader.nullableArrayLength(true, 14)
  if (taskOffsetsCount < 0) {
    taskOffsets = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatRequestTaskOffset>[] = []
    for (let left = taskOffsetsCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatRequestTaskOffset(reader, version))
    taskOffsets = elements
  }
  let taskEndOffsets: Decoded<StreamsGroupHeartbeatRequestTaskOffset>[] | null = null
  const taskEndOffsetsCount = reader.nullableArrayLength(true, 14)
  if (taskEndOffsetsCount < 0) {
    taskEndOffsets = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatRequestTaskOffset>[] = []
    for (let left = taskEndOffsetsCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatRequestTaskOffset(reader, version))
    taskEndOffsets = elements
  }
  const shutdownApplication = reader.bool()
  const unknownTags = reader.unknownTags()
  return { groupId, memberId, memberEpoch, endpointInformationEpoch, instanceId, rackId, rebalanceTimeoutMs, topology, activeTasks, standbyTasks, warmupTasks, processId, userEndpoint, clientTags, taskOffsets, taskEndOffsets, shutdownApplication, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestTopology(reader: Reader, version: number): Decoded<StreamsGroupHeartbeatRequestTopology> {
  const epoch = reader.int32()
  const subtopologies: Decoded<StreamsGroupHeartbeatRequestSubtopology>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) subtopologies.push(decodeStreamsGroupHeartbeatRequestSubtopology(reader, version))
  const unknownTags = reader.unknownTags()
  return { epoch, subtopologies, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestSubtopology(reader: Reader, version: number): Decoded<StreamsGroupHeartbeatRequestSubtopology> {
  const subtopologyId = reader.string(true)
  const sourceTopics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) sourceTopics.push(reader.string(true))
  const sourceTopicRegex: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) sourceTopicRegex.push(reader.string(true))
  const stateChangelogTopics: Decoded<StreamsGroupHeartbeatRequestTopicInfo>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) stateChangelogTopics.push(decodeStreamsGroupHeartbeatRequestTopicInfo(reader, version))
  const repartitionSinkTopics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) repartitionSinkTopics.push(reader.string(true))
  const repartitionSourceTopics: Decoded<StreamsGroupHeartbeatRequestTopicInfo>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) repartitionSourceTopics.push(decodeStreamsGroupHeartbeatRequestTopicInfo(reader, version))
  const copartitionGroups: Decoded<StreamsGroupHeartbeatRequestCopartitionGroup>[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) copartitionGroups.push(decodeStreamsGroupHeartbeatRequestCopartitionGroup(reader, version))
  const unknownTags = reader.unknownTags()
  return { subtopologyId, sourceTopics, sourceTopicRegex, stateChangelogTopics, repartitionSinkTopics, repartitionSourceTopics, copartitionGroups, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestTopicInfo(reader: Reader, version: number): Decoded<StreamsGroupHeartbeatRequestTopicInfo> {
  const name = reader.string(true)
  const partitions = reader.int32()
  const replicationFactor = reader.int16()
  const topicConfigs: Decoded<StreamsGroupHeartbeatRequestKeyValue>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topicConfigs.push(decodeStreamsGroupHeartbeatRequestKeyValue(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, replicationFactor, topicConfigs, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestKeyValue(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatRequestKeyValue> {
  const key = reader.string(true)
  const value = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { key, value, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestCopartitionGroup(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatRequestCopartitionGroup> {
  const sourceTopics: number[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) sourceTopics.push(reader.int16())
  const sourceTopicRegex: number[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) sourceTopicRegex.push(reader.int16())
  const repartitionSourceTopics: number[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) repartitionSourceTopics.push(reader.int16())
  const unknownTags = reader.unknownTags()
  return { sourceTopics, sourceTopicRegex, repartitionSourceTopics, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestTaskIds(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatRequestTaskIds> {
  const subtopologyId = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { subtopologyId, partitions, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestEndpoint(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatRequestEndpoint> {
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { host, port, unknownTags }
}

function decodeStreamsGroupHeartbeatRequestTaskOffset(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatRequestTaskOffset> {
  const subtopologyId = reader.string(true)
  const partition = reader.int32()
  const offset = reader.int64()
  const unknownTags = reader.unknownTags()
  return { subtopologyId, partition, offset, unknownTags }
}

export interface StreamsGroupHeartbeatResponse {
  readonly throttleTimeMs: number
  /**
   * As for ConsumerGroupHeartbeat, and: STREAMS_INVALID_TOPOLOGY, STREAMS_INVALID_TOPOLOGY_EPOCH,
   * STREAMS_TOPOLOGY_FENCED when the topology cannot be used. Internal topics the caller may not create are a status,
   * not an error.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly memberId: string
  /** To be sent next. */
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  /** Offsets that a warm-up task may be behind and still count as ready. */
  readonly acceptableRecoveryLag: number
  readonly taskOffsetIntervalMs: number
  /** What holds the group or the member up, if anything does. */
  readonly status: readonly StreamsGroupHeartbeatResponseStatus[] | null
  /** Null: unchanged. Otherwise all of them; likewise for the other kinds. */
  readonly activeTasks?: readonly StreamsGroupHeartbeatResponseTaskIds[] | null
  readonly standbyTasks?: readonly StreamsGroupHeartbeatResponseTaskIds[] | null
  readonly warmupTasks?: readonly StreamsGroupHeartbeatResponseTaskIds[] | null
  /** To be sent next. */
  readonly endpointInformationEpoch: number
  /** Which process has the state of which partitions, for queries. Null: unchanged. */
  readonly partitionsByUserEndpoint?: readonly StreamsGroupHeartbeatResponsePartitionsByUserEndpoint[] | null
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatResponseStatus {
  /**
   * 0: the member's topology is older than the group's. 1: source topics are missing. 2: topics that must be
   * partitioned alike are not. 3: internal topics are missing, creation is under way. 4: a member asked all to shut
   * down. 5: the assignment is put off.
   */
  readonly statusCode: number
  readonly statusDetail: string
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatResponseTaskIds {
  readonly subtopologyId: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatResponsePartitionsByUserEndpoint {
  readonly userEndpoint: StreamsGroupHeartbeatResponseEndpoint
  readonly activePartitions: readonly StreamsGroupHeartbeatResponseTopicPartition[]
  readonly standbyPartitions: readonly StreamsGroupHeartbeatResponseTopicPartition[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatResponseEndpoint {
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupHeartbeatResponseTopicPartition {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupHeartbeatResponse(writer: Writer, message: StreamsGroupHeartbeatResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.string(message.memberId, true)
  writer.int32(message.memberEpoch)
  writer.int32(message.heartbeatIntervalMs)
  writer.int32(message.acceptableRecoveryLag)
  writer.int32(message.taskOffsetIntervalMs)
  const status = message.status
  if (status === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(status.length, true)
    for (const element of status) encodeStreamsGroupHeartbeatResponseStatus(writer, element, version)
  }
  const activeTasks = message.activeTasks ?? null
  if (activeTasks === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(activeTasks.length, true)
    for (const element of activeTasks) encodeStreamsGroupHeartbeatResponseTaskIds(writer, element, version)
  }
  const standbyTasks = message.standbyTasks ?? null
  if (standbyTasks === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(standbyTasks.length, true)
    for (const element of standbyTasks) encodeStreamsGroupHeartbeatResponseTaskIds(writer, element, version)
  }
  const warmupTasks = message.warmupTasks ?? null
  if (warmupTasks === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(warmupTasks.length, true)
    for (const element of warmupTasks) encodeStreamsGroupHeartbeatResponseTaskIds(writer, element, version)
  }
  writer.int32(message.endpointInformationEpoch)
  const partitionsByUserEndpoint = message.partitionsByUserEndpoint ?? null
  if (partitionsByUserEndpoint === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(partitionsByUserEndpoint.length, true)
    for (const element of partitionsByUserEndpoint) encodeStreamsGroupHeartbeatResponsePartitionsByUserEndpoint(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatResponseStatus(writer: Writer, message: StreamsGroupHeartbeatResponseStatus, _version: number): void {
  writer.int8(message.statusCode)
  writer.string(message.statusDetail, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatResponseTaskIds(writer: Writer, message: StreamsGroupHeartbeatResponseTaskIds, _version: number): void {
  writer.string(message.subtopologyId, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatResponsePartitionsByUserEndpoint(writer: Writer, message: StreamsGroupHeartbeatResponsePartitionsByUserEndpoint, version: number): void {
  encodeStreamsGroupHeartbeatResponseEndpoint(writer, message.userEndpoint, version)
  const activePartitions = message.activePartitions
  writer.arrayLength(activePartitions.length, true)
  for (const element of activePartitions) encodeStreamsGroupHeartbeatResponseTopicPartition(writer, element, version)
  const standbyPartitions = message.standbyPartitions
  writer.arrayLength(standbyPartitions.length, true)
  for (const element of standbyPartitions) encodeStreamsGroupHeartbeatResponseTopicPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatResponseEndpoint(writer: Writer, message: StreamsGroupHeartbeatResponseEndpoint, _version: number): void {
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupHeartbeatResponseTopicPartition(writer: Writer, message: StreamsGroupHeartbeatResponseTopicPartition, _version: number): void {
  writer.string(message.topic, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupHeartbeatResponse(reader: Reader, version: number): Decoded<StreamsGroupHeartbeatResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const memberId = reader.string(true)
  const memberEpoch = reader.int32()
  const heartbeatIntervalMs = reader.int32()
  const acceptableRecoveryLag = reader.int32()
  const taskOffsetIntervalMs = reader.int32()
  let status: Decoded<StreamsGroupHeartbeatResponseStatus>[] | null = []
  const statusCount = reader.nullableArrayLength(true, 3)
  if (statusCount < 0) {
    status = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatResponseStatus>[] = []
    for (let left = statusCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatResponseStatus(reader, version))
    status = elements
  }
  let activeTasks: Decoded<StreamsGroupHeartbeatResponseTaskIds>[] | null = null
  const activeTasksCount = reader.nullableArrayLength(true, 3)
  if (activeTasksCount < 0) {
    activeTasks = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatResponseTaskIds>[] = []
    for (let left = activeTasksCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatResponseTaskIds(reader, version))
    activeTasks = elements
  }
  let standbyTasks: Decoded<StreamsGroupHeartbeatResponseTaskIds>[] | null = null
  const standbyTasksCount = reader.nullableArrayLength(true, 3)
  if (standbyTasksCount < 0) {
    standbyTasks = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatResponseTaskIds>[] = []
    for (let left = standbyTasksCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatResponseTaskIds(reader, version))
    standbyTasks = elements
  }
  let warmupTasks: Decoded<StreamsGroupHeartbeatResponseTaskIds>[] | null = null
  const warmupTasksCount = reader.nullableArrayLength(true, 3)
  if (warmupTasksCount < 0) {
    warmupTasks = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatResponseTaskIds>[] = []
    for (let left = warmupTasksCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatResponseTaskIds(reader, version))
    warmupTasks = elements
  }
  const endpointInformationEpoch = reader.int32()
  let partitionsByUserEndpoint: Decoded<StreamsGroupHeartbeatResponsePartitionsByUserEndpoint>[] | null = null
  const partitionsByUserEndpointCount = reader.nullableArrayLength(true, 7)
  if (partitionsByUserEndpointCount < 0) {
    partitionsByUserEndpoint = null
  } else {
    const elements: Decoded<StreamsGroupHeartbeatResponsePartitionsByUserEndpoint>[] = []
    for (let left = partitionsByUserEndpointCount; left > 0; left--) elements.push(decodeStreamsGroupHeartbeatResponsePartitionsByUserEndpoint(reader, version))
    partitionsByUserEndpoint = elements
  }
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, acceptableRecoveryLag, taskOffsetIntervalMs, status, activeTasks, standbyTasks, warmupTasks, endpointInformationEpoch, partitionsByUserEndpoint, unknownTags }
}

function decodeStreamsGroupHeartbeatResponseStatus(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatResponseStatus> {
  const statusCode = reader.int8()
  const statusDetail = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { statusCode, statusDetail, unknownTags }
}

function decodeStreamsGroupHeartbeatResponseTaskIds(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatResponseTaskIds> {
  const subtopologyId = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { subtopologyId, partitions, unknownTags }
}

function decodeStreamsGroupHeartbeatResponsePartitionsByUserEndpoint(reader: Reader, version: number): Decoded<StreamsGroupHeartbeatResponsePartitionsByUserEndpoint> {
  const userEndpoint = decodeStreamsGroupHeartbeatResponseEndpoint(reader, version)
  const activePartitions: Decoded<StreamsGroupHeartbeatResponseTopicPartition>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) activePartitions.push(decodeStreamsGroupHeartbeatResponseTopicPartition(reader, version))
  const standbyPartitions: Decoded<StreamsGroupHeartbeatResponseTopicPartition>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) standbyPartitions.push(decodeStreamsGroupHeartbeatResponseTopicPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { userEndpoint, activePartitions, standbyPartitions, unknownTags }
}

function decodeStreamsGroupHeartbeatResponseEndpoint(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatResponseEndpoint> {
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { host, port, unknownTags }
}

function decodeStreamsGroupHeartbeatResponseTopicPartition(reader: Reader, _version: number): Decoded<StreamsGroupHeartbeatResponseTopicPartition> {
  const topic = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topic, partitions, unknownTags }
}

/**
 * The one membership request of a Kafka Streams client (KIP-1071), like ConsumerGroupHeartbeat but for tasks: the
 * member brings the topology, the coordinator creates the internal topics and assigns tasks.
 */
export const streamsGroupHeartbeat: Api<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse> = {
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'StreamsGroupHeartbeatRequest', encode: encodeStreamsGroupHeartbeatRequest, decode: decodeStreamsGroupHeartbeatRequest },
  response: { name: 'StreamsGroupHeartbeatResponse', encode: encodeStreamsGroupHeartbeatResponse, decode: decodeStreamsGroupHeartbeatResponse },
}
