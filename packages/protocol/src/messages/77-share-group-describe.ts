/**
 * The ShareGroupDescribe API (key 77).
 * Generated from schemas/77-share-group-describe.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ShareGroupDescribeRequest {
  readonly groupIds: readonly string[]
  readonly includeAuthorizedOperations: boolean
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupDescribeRequest(writer: Writer, message: ShareGroupDescribeRequest, _version: number): void {
  const groupIds = message.groupIds
  writer.arrayLength(groupIds.length, true)
  for (const element of groupIds) writer.string(element, true)
  writer.bool(message.includeAuthorizedOperations)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupDescribeRequest(reader: Reader, _version: number): Decoded<ShareGroupDescribeRequest> {
  const groupIds: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) groupIds.push(reader.string(true))
  const includeAuthorizedOperations = reader.bool()
  const unknownTags = reader.unknownTags()
  return { groupIds, includeAuthorizedOperations, unknownTags }
}

export interface ShareGroupDescribeResponse {
  readonly throttleTimeMs: number
  readonly groups: readonly ShareGroupDescribeResponseGroup[]
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupDescribeResponseGroup {
  /**
   * GROUP_ID_NOT_FOUND: no such group, or of another kind. TOPIC_AUTHORIZATION_FAILED: a member has a topic that the
   * caller may not describe. GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID, and the coordinator's own:
   * NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly groupId: string
  /** `Empty`, `Stable` or `Dead`. */
  readonly groupState: string
  /** Rises with every change of members, subscriptions or topics. */
  readonly groupEpoch: number
  /** The group epoch that the assignment was made for. */
  readonly assignmentEpoch: number
  readonly assignorName: string
  readonly members: readonly ShareGroupDescribeResponseMember[]
  /** Bit n stands for ACL operation n. -2147483648 when not asked for. */
  readonly authorizedOperations?: number
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupDescribeResponseMember {
  readonly memberId: string
  readonly rackId?: string | null
  readonly memberEpoch: number
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: readonly string[]
  readonly assignment: ShareGroupDescribeResponseAssignment
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupDescribeResponseAssignment {
  readonly topicPartitions: readonly ShareGroupDescribeResponseTopicPartitions[]
  readonly unknownTags?: UnknownTags
}

export interface ShareGroupDescribeResponseTopicPartitions {
  readonly topicId: Uuid
  readonly topicName: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeShareGroupDescribeResponse(writer: Writer, message: ShareGroupDescribeResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  const groups = message.groups
  writer.arrayLength(groups.length, true)
  for (const element of groups) encodeShareGroupDescribeResponseGroup(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupDescribeResponseGroup(writer: Writer, message: ShareGroupDescribeResponseGroup, version: number): void {
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.string(message.groupId, true)
  writer.string(message.groupState, true)
  writer.int32(message.groupEpoch)
  writer.int32(message.assignmentEpoch)
  writer.string(message.assignorName, true)
  const members = message.members
  writer.arrayLength(members.length, true)
  for (const element of members) encodeShareGroupDescribeResponseMember(writer, element, version)
  writer.int32(message.authorizedOperations ?? -2147483648)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupDescribeResponseMember(writer: Writer, message: ShareGroupDescribeResponseMember, version: number): void {
  writer.string(message.memberId, true)
  writer.nullableString(message.rackId ?? null, true)
  writer.int32(message.memberEpoch)
  writer.string(message.clientId, true)
  writer.string(message.clientHost, true)
  const subscribedTopicNames = message.subscribedTopicNames
  writer.arrayLength(subscribedTopicNames.length, true)
  for (const element of subscribedTopicNames) writer.string(element, true)
  encodeShareGroupDescribeResponseAssignment(writer, message.assignment, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupDescribeResponseAssignment(writer: Writer, message: ShareGroupDescribeResponseAssignment, version: number): void {
  const topicPartitions = message.topicPartitions
  writer.arrayLength(topicPartitions.length, true)
  for (const element of topicPartitions) encodeShareGroupDescribeResponseTopicPartitions(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareGroupDescribeResponseTopicPartitions(writer: Writer, message: ShareGroupDescribeResponseTopicPartitions, _version: number): void {
  writer.uuid(message.topicId)
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareGroupDescribeResponse(reader: Reader, version: number): Decoded<ShareGroupDescribeResponse> {
  const throttleTimeMs = reader.int32()
  const groups: Decoded<ShareGroupDescribeResponseGroup>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) groups.push(decodeShareGroupDescribeResponseGroup(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, groups, unknownTags }
}

function decodeShareGroupDescribeResponseGroup(reader: Reader, version: number): Decoded<ShareGroupDescribeResponseGroup> {
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const groupId = reader.string(true)
  const groupState = reader.string(true)
  const groupEpoch = reader.int32()
  const assignmentEpoch = reader.int32()
  const assignorName = reader.string(true)
  const members: Decoded<ShareGroupDescribeResponseMember>[] = []
  for (let left = reader.arrayLength(true, 12); left > 0; left--) members.push(decodeShareGroupDescribeResponseMember(reader, version))
  const authorizedOperations = reader.int32()
  const unknownTags = reader.unknownTags()
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members, authorizedOperations, unknownTags }
}

function decodeShareGroupDescribeResponseMember(reader: Reader, version: number): Decoded<ShareGroupDescribeResponseMember> {
  const memberId = reader.string(true)
  const rackId = reader.nullableString(true)
  const memberEpoch = reader.int32()
  const clientId = reader.string(true)
  const clientHost = reader.string(true)
  const subscribedTopicNames: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) subscribedTopicNames.push(reader.string(true))
  const assignment = decodeShareGroupDescribeResponseAssignment(reader, version)
  const unknownTags = reader.unknownTags()
  return { memberId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, assignment, unknownTags }
}

function decodeShareGroupDescribeResponseAssignment(reader: Reader, version: number): Decoded<ShareGroupDescribeResponseAssignment> {
  const topicPartitions: Decoded<ShareGroupDescribeResponseTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 19); left > 0; left--) topicPartitions.push(decodeShareGroupDescribeResponseTopicPartitions(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicPartitions, unknownTags }
}

function decodeShareGroupDescribeResponseTopicPartitions(reader: Reader, _version: number): Decoded<ShareGroupDescribeResponseTopicPartitions> {
  const topicId = reader.uuid()
  const topicName = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, topicName, partitions, unknownTags }
}

/** Shows share groups: epochs, members and the partitions each fetches from. */
export const shareGroupDescribe: Api<ShareGroupDescribeRequest, ShareGroupDescribeResponse> = {
  key: 77,
  name: 'ShareGroupDescribe',
  versions: { min: 1, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'ShareGroupDescribeRequest', encode: encodeShareGroupDescribeRequest, decode: decodeShareGroupDescribeRequest },
  response: { name: 'ShareGroupDescribeResponse', encode: encodeShareGroupDescribeResponse, decode: decodeShareGroupDescribeResponse },
}
