/**
 * The StreamsGroupDescribe API (key 89).
 * Generated from schemas/89-streams-group-describe.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface StreamsGroupDescribeRequest {
  readonly groupIds: readonly string[]
  readonly includeAuthorizedOperations: boolean
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupDescribeRequest(writer: Writer, message: StreamsGroupDescribeRequest, _version: number): void {
  const groupIds = message.groupIds
  writer.arrayLength(groupIds.length, true)
  for (const element of groupIds) writer.string(element, true)
  writer.bool(message.includeAuthorizedOperations)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupDescribeRequest(reader: Reader, _version: number): Decoded<StreamsGroupDescribeRequest> {
  const groupIds: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) groupIds.push(reader.string(true))
  const includeAuthorizedOperations = reader.bool()
  const unknownTags = reader.unknownTags()
  return { groupIds, includeAuthorizedOperations, unknownTags }
}

export interface StreamsGroupDescribeResponse {
  readonly throttleTimeMs: number
  readonly groups: readonly StreamsGroupDescribeResponseGroup[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseGroup {
  /**
   * GROUP_ID_NOT_FOUND: no such group, or of another kind. TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED,
   * INVALID_GROUP_ID, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly groupId: string
  /** `Empty`, `NotReady` while topics are missing, `Assigning`, `Reconciling`, `Stable` or `Dead`. */
  readonly groupState: string
  readonly groupEpoch: number
  /** The group epoch that the target assignment was made for. */
  readonly assignmentEpoch: number
  /** Null with an error. */
  readonly topology?: StreamsGroupDescribeResponseTopology | null
  readonly members: readonly StreamsGroupDescribeResponseMember[]
  /** Bit n stands for ACL operation n. -2147483648 when not asked for. */
  readonly authorizedOperations?: number
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseTopology {
  readonly epoch: number
  /** Null while source topics are missing or partitioned wrongly. */
  readonly subtopologies?: readonly StreamsGroupDescribeResponseSubtopology[] | null
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseSubtopology {
  readonly subtopologyId: string
  readonly sourceTopics: readonly string[]
  readonly repartitionSinkTopics: readonly string[]
  readonly stateChangelogTopics: readonly StreamsGroupDescribeResponseTopicInfo[]
  readonly repartitionSourceTopics: readonly StreamsGroupDescribeResponseTopicInfo[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseTopicInfo {
  readonly name: string
  /** 0 when the coordinator settles it. */
  readonly partitions: number
  /** 0 means the broker's default. */
  readonly replicationFactor: number
  readonly topicConfigs: readonly StreamsGroupDescribeResponseKeyValue[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseKeyValue {
  readonly key: string
  readonly value: string
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseMember {
  readonly memberId: string
  readonly memberEpoch: number
  readonly instanceId?: string | null
  readonly rackId?: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Below the group's while the member runs an older topology. */
  readonly topologyEpoch: number
  /** Members of one process have the same. */
  readonly processId: string
  readonly userEndpoint?: StreamsGroupDescribeResponseEndpoint | null
  readonly clientTags: readonly StreamsGroupDescribeResponseKeyValue[]
  readonly taskOffsets: readonly StreamsGroupDescribeResponseTaskOffset[]
  readonly taskEndOffsets: readonly StreamsGroupDescribeResponseTaskOffset[]
  readonly assignment: StreamsGroupDescribeResponseAssignment
  readonly targetAssignment: StreamsGroupDescribeResponseAssignment
  readonly isClassic: boolean
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseEndpoint {
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseTaskOffset {
  readonly subtopologyId: string
  readonly partition: number
  readonly offset: bigint
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseAssignment {
  readonly activeTasks: readonly StreamsGroupDescribeResponseTaskIds[]
  readonly standbyTasks: readonly StreamsGroupDescribeResponseTaskIds[]
  readonly warmupTasks: readonly StreamsGroupDescribeResponseTaskIds[]
  readonly unknownTags?: UnknownTags
}

export interface StreamsGroupDescribeResponseTaskIds {
  readonly subtopologyId: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeStreamsGroupDescribeResponse(writer: Writer, message: StreamsGroupDescribeResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  const groups = message.groups
  writer.arrayLength(groups.length, true)
  for (const element of groups) encodeStreamsGroupDescribeResponseGroup(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseGroup(writer: Writer, message: StreamsGroupDescribeResponseGroup, version: number): void {
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.string(message.groupId, true)
  writer.string(message.groupState, true)
  writer.int32(message.groupEpoch)
  writer.int32(message.assignmentEpoch)
  const topology = message.topology ?? null
  if (topology === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeStreamsGroupDescribeResponseTopology(writer, topology, version)
  }
  const members = message.members
  writer.arrayLength(members.length, true)
  for (const element of members) encodeStreamsGroupDescribeResponseMember(writer, element, version)
  writer.int32(message.authorizedOperations ?? -2147483648)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseTopology(writer: Writer, message: StreamsGroupDescribeResponseTopology, version: number): void {
  writer.int32(message.epoch)
  const subtopologies = message.subtopologies ?? null
  if (subtopologies === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(subtopologies.length, true)
    for (const element of subtopologies) encodeStreamsGroupDescribeResponseSubtopology(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseSubtopology(writer: Writer, message: StreamsGroupDescribeResponseSubtopology, version: number): void {
  writer.string(message.subtopologyId, true)
  const sourceTopics = message.sourceTopics
  writer.arrayLength(sourceTopics.length, true)
  for (const element of sourceTopics) writer.string(element, true)
  const repartitionSinkTopics = message.repartitionSinkTopics
  writer.arrayLength(repartitionSinkTopics.length, true)
  for (const element of repartitionSinkTopics) writer.string(element, true)
  const stateChangelogTopics = message.stateChangelogTopics
  writer.arrayLength(stateChangelogTopics.length, true)
  for (const element of stateChangelogTopics) encodeStreamsGroupDescribeResponseTopicInfo(writer, element, version)
  const repartitionSourceTopics = message.repartitionSourceTopics
  writer.arrayLength(repartitionSourceTopics.length, true)
  for (const element of repartitionSourceTopics) encodeStreamsGroupDescribeResponseTopicInfo(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseTopicInfo(writer: Writer, message: StreamsGroupDescribeResponseTopicInfo, version: number): void {
  writer.string(message.name, true)
  writer.int32(message.partitions)
  writer.int16(message.replicationFactor)
  const topicConfigs = message.topicConfigs
  writer.arrayLength(topicConfigs.length, true)
  for (const element of topicConfigs) encodeStreamsGroupDescribeResponseKeyValue(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseKeyValue(writer: Writer, message: StreamsGroupDescribeResponseKeyValue, _version: number): void {
  writer.string(message.key, true)
  writer.string(message.value, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseMember(writer: Writer, message: StreamsGroupDescribeResponseMember, version: number): void {
  writer.string(message.memberId, true)
  writer.int32(message.memberEpoch)
  writer.nullableString(message.instanceId ?? null, true)
  writer.nullableString(message.rackId ?? null, true)
  writer.string(message.clientId, true)
  writer.string(message.clientHost, true)
  writer.int32(message.topologyEpoch)
  writer.string(message.processId, true)
  const userEndpoint = message.userEndpoint ?? null
  if (userEndpoint === null) {
    writer.structPresent(false)
  } else {
    writer.structPresent(true)
    encodeStreamsGroupDescribeResponseEndpoint(writer, userEndpoint, version)
  }
  const clientTags = message.clientTags
  writer.arrayLength(clientTags.length, true)
  for (const element of clientTags) encodeStreamsGroupDescribeResponseKeyValue(writer, element, version)
  const taskOffsets = message.taskOffsets
  writer.arrayLength(taskOffsets.length, true)
  for (const element of taskOffsets) encodeStreamsGroupDescribeResponseTaskOffset(writer, element, version)
  const taskEndOffsets = message.taskEndOffsets
  writer.arrayLength(taskEndOffsets.length, true)
  for (const element of taskEndOffsets) encodeStreamsGroupDescribeResponseTaskOffset(writer, element, version)
  encodeStreamsGroupDescribeResponseAssignment(writer, message.assignment, version)
  encodeStreamsGroupDescribeResponseAssignment(writer, message.targetAssignment, version)
  writer.bool(message.isClassic)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseEndpoint(writer: Writer, message: StreamsGroupDescribeResponseEndpoint, _version: number): void {
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseTaskOffset(writer: Writer, message: StreamsGroupDescribeResponseTaskOffset, _version: number): void {
  writer.string(message.subtopologyId, true)
  writer.int32(message.partition)
  writer.int64(message.offset)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseAssignment(writer: Writer, message: StreamsGroupDescribeResponseAssignment, version: number): void {
  const activeTasks = message.activeTasks
  writer.arrayLength(activeTasks.length, true)
  for (const element of activeTasks) encodeStreamsGroupDescribeResponseTaskIds(writer, element, version)
  const standbyTasks = message.standbyTasks
  writer.arrayLength(standbyTasks.length, true)
  for (const element of standbyTasks) encodeStreamsGroupDescribeResponseTaskIds(writer, element, version)
  const warmupTasks = message.warmupTasks
  writer.arrayLength(warmupTasks.length, true)
  for (const element of warmupTasks) encodeStreamsGroupDescribeResponseTaskIds(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeStreamsGroupDescribeResponseTaskIds(writer: Writer, message: StreamsGroupDescribeResponseTaskIds, _version: number): void {
  writer.string(message.subtopologyId, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeStreamsGroupDescribeResponse(reader: Reader, version: number): Decoded<StreamsGroupDescribeResponse> {
  const throttleTimeMs = reader.int32()
  const groups: Decoded<StreamsGroupDescribeResponseGroup>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) groups.push(decodeStreamsGroupDescribeResponseGroup(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, groups, unknownTags }
}

function decodeStreamsGroupDescribeResponseGroup(reader: Reader, version: number): Decoded<StreamsGroupDescribeResponseGroup> {
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const groupId = reader.string(true)
  const groupState = reader.string(true)
  const groupEpoch = reader.int32()
  const assignmentEpoch = reader.int32()
  const topology = reader.structPresent() ? decodeStreamsGroupDescribeResponseTopology(reader, version) : null
  const members: Decoded<StreamsGroupDescribeResponseMember>[] = []
  for (let left = reader.arrayLength(true, 28); left > 0; left--) members.push(decodeStreamsGroupDescribeResponseMember(reader, version))
  const authorizedOperations = reader.int32()
  const unknownTags = reader.unknownTags()
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, topology, members, authorizedOperations, unknownTags }
}

function decodeStreamsGroupDescribeResponseTopology(reader: Reader, version: number): Decoded<StreamsGroupDescribeResponseTopology> {
  const epoch = reader.int32()
  let subtopologies: Decoded<StreamsGroupDescribeResponseSubtopology>[] | null = null
  const subtopologiesCount = reader.nullableArrayLength(true, 6)
  if (subtopologiesCount < 0) {
    subtopologies = null
  } else {
    const elements: Decoded<StreamsGroupDescribeResponseSubtopology>[] = []
    for (let left = subtopologiesCount; left > 0; left--) elements.push(decodeStreamsGroupDescribeResponseSubtopology(reader, version))
    subtopologies = elements
  }
  const unknownTags = reader.unknownTags()
  return { epoch, subtopologies, unknownTags }
}

function decodeStreamsGroupDescribeResponseSubtopology(reader: Reader, version: number): Decoded<StreamsGroupDescribeResponseSubtopology> {
  const subtopologyId = reader.string(true)
  const sourceTopics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) sourceTopics.push(reader.string(true))
  const repartitionSinkTopics: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) repartitionSinkTopics.push(reader.string(true))
  const stateChangelogTopics: Decoded<StreamsGroupDescribeResponseTopicInfo>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) stateChangelogTopics.push(decodeStreamsGroupDescribeResponseTopicInfo(reader, version))
  const repartitionSourceTopics: Decoded<StreamsGroupDescribeResponseTopicInfo>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) repartitionSourceTopics.push(decodeStreamsGroupDescribeResponseTopicInfo(reader, version))
  const unknownTags = reader.unknownTags()
  return { subtopologyId, sourceTopics, repartitionSinkTopics, stateChangelogTopics, repartitionSourceTopics, unknownTags }
}

function decodeStreamsGroupDescribeResponseTopicInfo(reader: Reader, version: number): Decoded<StreamsGroupDescribeResponseTopicInfo> {
  const name = reader.string(true)
  const partitions = reader.int32()
  const replicationFactor = reader.int16()
  const topicConfigs: Decoded<StreamsGroupDescribeResponseKeyValue>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topicConfigs.push(decodeStreamsGroupDescribeResponseKeyValue(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, replicationFactor, topicConfigs, unknownTags }
}

function decodeStreamsGroupDescribeResponseKeyValue(reader: Reader, _version: number): Decoded<StreamsGroupDescribeResponseKeyValue> {
  const key = reader.string(true)
  const value = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { key, value, unknownTags }
}

function decodeStreamsGroupDescribeResponseMember(reader: Reader, version: number): Decoded<StreamsGroupDescribeResponseMember> {
  const memberId = reader.string(true)
  const memberEpoch = reader.int32()
  const instanceId = reader.nullableString(true)
  const rackId = reader.nullableString(true)
  const clientId = reader.string(true)
  const clientHost = reader.string(true)
  const topologyEpoch = reader.int32()
  const processId = reader.string(true)
  const userEndpoint = reader.structPresent() ? decodeStreamsGroupDescribeResponseEndpoint(reader, version) : null
  const clientTags: Decoded<StreamsGroupDescribeResponseKeyValue>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) clientTags.push(decodeStreamsGroupDescribeResponseKeyValue(reader, version))
  const taskOffsets: Decoded<StreamsGroupDescribeResponseTaskOffset>[] = []
  for (let left = reader.arrayLength(true, 14); left > 0; left--) taskOffsets.push(decodeStreamsGroupDescribeResponseTaskOffset(reader, version))
  const taskEndOffsets: Decoded<StreamsGroupDescribeResponseTaskOffset>[] = []
  for (let left = reader.arrayLength(true, 14); left > 0; left--) taskEndOffsets.push(decodeStreamsGroupDescribeResponseTaskOffset(reader, version))
  const assignment = decodeStreamsGroupDescribeResponseAssignment(reader, version)
  const targetAssignment = decodeStreamsGroupDescribeResponseAssignment(reader, version)
  const isClassic = reader.bool()
  const unknownTags = reader.unknownTags()
  return { memberId, memberEpoch, instanceId, rackId, clientId, clientHost, topologyEpoch, processId, userEndpoint, clientTags, taskOffsets, taskEndOffsets, assignment, targetAssignment, isClassic, unknownTags }
}

function decodeStreamsGroupDescribeResponseEndpoint(reader: Reader, _version: number): Decoded<StreamsGroupDescribeResponseEndpoint> {
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { host, port, unknownTags }
}

function decodeStreamsGroupDescribeResponseTaskOffset(reader: Reader, _version: number): Decoded<StreamsGroupDescribeResponseTaskOffset> {
  const subtopologyId = reader.string(true)
  const partition = reader.int32()
  const offset = reader.int64()
  const unknownTags = reader.unknownTags()
  return { subtopologyId, partition, offset, unknownTags }
}

function decodeStreamsGroupDescribeResponseAssignment(reader: Reader, version: number): Decoded<StreamsGroupDescribeResponseAssignment> {
  const activeTasks: Decoded<StreamsGroupDescribeResponseTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) activeTasks.push(decodeStreamsGroupDescribeResponseTaskIds(reader, version))
  const standbyTasks: Decoded<StreamsGroupDescribeResponseTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) standbyTasks.push(decodeStreamsGroupDescribeResponseTaskIds(reader, version))
  const warmupTasks: Decoded<StreamsGroupDescribeResponseTaskIds>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) warmupTasks.push(decodeStreamsGroupDescribeResponseTaskIds(reader, version))
  const unknownTags = reader.unknownTags()
  return { activeTasks, standbyTasks, warmupTasks, unknownTags }
}

function decodeStreamsGroupDescribeResponseTaskIds(reader: Reader, _version: number): Decoded<StreamsGroupDescribeResponseTaskIds> {
  const subtopologyId = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { subtopologyId, partitions, unknownTags }
}

/** Shows groups of Kafka Streams applications: epochs, topology, members and their tasks. */
export const streamsGroupDescribe: Api<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse> = {
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'StreamsGroupDescribeRequest', encode: encodeStreamsGroupDescribeRequest, decode: decodeStreamsGroupDescribeRequest },
  response: { name: 'StreamsGroupDescribeResponse', encode: encodeStreamsGroupDescribeResponse, decode: decodeStreamsGroupDescribeResponse },
}
