/**
 * The ConsumerGroupDescribe API (key 69).
 * Generated from schemas/69-consumer-group-describe.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ConsumerGroupDescribeRequest {
  readonly groupIds: readonly string[]
  readonly includeAuthorizedOperations: boolean
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupDescribeRequest(writer: Writer, message: ConsumerGroupDescribeRequest, _version: number): void {
  const groupIds = message.groupIds
  writer.arrayLength(groupIds.length, true)
  for (const element of groupIds) writer.string(element, true)
  writer.bool(message.includeAuthorizedOperations)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupDescribeRequest(reader: Reader, _version: number): Decoded<ConsumerGroupDescribeRequest> {
  const groupIds: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) groupIds.push(reader.string(true))
  const includeAuthorizedOperations = reader.bool()
  const unknownTags = reader.unknownTags()
  return { groupIds, includeAuthorizedOperations, unknownTags }
}

export interface ConsumerGroupDescribeResponse {
  readonly throttleTimeMs: number
  readonly groups: readonly ConsumerGroupDescribeResponseGroup[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupDescribeResponseGroup {
  /**
   * GROUP_ID_NOT_FOUND: no such group, or a classic one. TOPIC_AUTHORIZATION_FAILED: a member has a topic that the
   * caller may not describe, so that no members are shown. GROUP_AUTHORIZATION_FAILED. NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS: find the coordinator again or retry. INVALID_GROUP_ID.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly groupId: string
  /**
   * `Empty`, `Assigning` while a new target assignment is due, `Reconciling` while members move to it, `Stable` or
   * `Dead`.
   */
  readonly groupState: string
  /** Rises with every change of members, subscriptions or topics. */
  readonly groupEpoch: number
  /** The group epoch that the target assignment was made for; below `groupEpoch` while a newer one is due. */
  readonly assignmentEpoch: number
  /** The one the group uses: `uniform` or `range`. */
  readonly assignorName: string
  readonly members: readonly ConsumerGroupDescribeResponseMember[]
  /** Bit n stands for ACL operation n. -2147483648 when not asked for. */
  readonly authorizedOperations?: number
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupDescribeResponseMember {
  readonly memberId: string
  readonly instanceId?: string | null
  readonly rackId?: string | null
  /** Below `assignmentEpoch` while the member has partitions to give up. */
  readonly memberEpoch: number
  readonly clientId: string
  readonly clientHost: string
  readonly subscribedTopicNames: readonly string[]
  /** Null without a pattern; what it matched is not listed. */
  readonly subscribedTopicRegex?: string | null
  /** What the member owns, or has just been given. */
  readonly assignment: ConsumerGroupDescribeResponseAssignment
  /** What it will own once all have given up theirs. */
  readonly targetAssignment: ConsumerGroupDescribeResponseAssignment
  /** 0 speaks the classic protocol, 1 the new one; -1 from a broker that cannot tell. Versions 1+. */
  readonly memberType?: number
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupDescribeResponseAssignment {
  readonly topicPartitions: readonly ConsumerGroupDescribeResponseTopicPartitions[]
  readonly unknownTags?: UnknownTags
}

export interface ConsumerGroupDescribeResponseTopicPartitions {
  readonly topicId: Uuid
  /** As the coordinator knows it now. */
  readonly topicName: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeConsumerGroupDescribeResponse(writer: Writer, message: ConsumerGroupDescribeResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  const groups = message.groups
  writer.arrayLength(groups.length, true)
  for (const element of groups) encodeConsumerGroupDescribeResponseGroup(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupDescribeResponseGroup(writer: Writer, message: ConsumerGroupDescribeResponseGroup, version: number): void {
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.string(message.groupId, true)
  writer.string(message.groupState, true)
  writer.int32(message.groupEpoch)
  writer.int32(message.assignmentEpoch)
  writer.string(message.assignorName, true)
  const members = message.members
  writer.arrayLength(members.length, true)
  for (const element of members) encodeConsumerGroupDescribeResponseMember(writer, element, version)
  writer.int32(message.authorizedOperations ?? -2147483648)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupDescribeResponseMember(writer: Writer, message: ConsumerGroupDescribeResponseMember, version: number): void {
  writer.string(message.memberId, true)
  writer.nullableString(message.instanceId ?? null, true)
  writer.nullableString(message.rackId ?? null, true)
  writer.int32(message.memberEpoch)
  writer.string(message.clientId, true)
  writer.string(message.clientHost, true)
  const subscribedTopicNames = message.subscribedTopicNames
  writer.arrayLength(subscribedTopicNames.length, true)
  for (const element of subscribedTopicNames) writer.string(element, true)
  writer.nullableString(message.subscribedTopicRegex ?? null, true)
  encodeConsumerGroupDescribeResponseAssignment(writer, message.assignment, version)
  encodeConsumerGroupDescribeResponseAssignment(writer, message.targetAssignment, version)
  if (version >= 1) writer.int8(message.memberType ?? -1)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupDescribeResponseAssignment(writer: Writer, message: ConsumerGroupDescribeResponseAssignment, version: number): void {
  const topicPartitions = message.topicPartitions
  writer.arrayLength(topicPartitions.length, true)
  for (const element of topicPartitions) encodeConsumerGroupDescribeResponseTopicPartitions(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeConsumerGroupDescribeResponseTopicPartitions(writer: Writer, message: ConsumerGroupDescribeResponseTopicPartitions, _version: number): void {
  writer.uuid(message.topicId)
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeConsumerGroupDescribeResponse(reader: Reader, version: number): Decoded<ConsumerGroupDescribeResponse> {
  const throttleTimeMs = reader.int32()
  const groups: Decoded<ConsumerGroupDescribeResponseGroup>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) groups.push(decodeConsumerGroupDescribeResponseGroup(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, groups, unknownTags }
}

function decodeConsumerGroupDescribeResponseGroup(reader: Reader, version: number): Decoded<ConsumerGroupDescribeResponseGroup> {
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const groupId = reader.string(true)
  const groupState = reader.string(true)
  const groupEpoch = reader.int32()
  const assignmentEpoch = reader.int32()
  const assignorName = reader.string(true)
  const members: Decoded<ConsumerGroupDescribeResponseMember>[] = []
  for (let left = reader.arrayLength(true, 16); left > 0; left--) members.push(decodeConsumerGroupDescribeResponseMember(reader, version))
  const authorizedOperations = reader.int32()
  const unknownTags = reader.unknownTags()
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members, authorizedOperations, unknownTags }
}

function decodeConsumerGroupDescribeResponseMember(reader: Reader, version: number): Decoded<ConsumerGroupDescribeResponseMember> {
  const memberId = reader.string(true)
  const instanceId = reader.nullableString(true)
  const rackId = reader.nullableString(true)
  const memberEpoch = reader.int32()
  const clientId = reader.string(true)
  const clientHost = reader.string(true)
  const subscribedTopicNames: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) subscribedTopicNames.push(reader.string(true))
  const subscribedTopicRegex = reader.nullableString(true)
  const assignment = decodeConsumerGroupDescribeResponseAssignment(reader, version)
  const targetAssignment = decodeConsumerGroupDescribeResponseAssignment(reader, version)
  let memberType: number = -1
  if (version >= 1) memberType = reader.int8()
  const unknownTags = reader.unknownTags()
  return { memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, subscribedTopicRegex, assignment, targetAssignment, memberType, unknownTags }
}

function decodeConsumerGroupDescribeResponseAssignment(reader: Reader, version: number): Decoded<ConsumerGroupDescribeResponseAssignment> {
  const topicPartitions: Decoded<ConsumerGroupDescribeResponseTopicPartitions>[] = []
  for (let left = reader.arrayLength(true, 19); left > 0; left--) topicPartitions.push(decodeConsumerGroupDescribeResponseTopicPartitions(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicPartitions, unknownTags }
}

function decodeConsumerGroupDescribeResponseTopicPartitions(reader: Reader, _version: number): Decoded<ConsumerGroupDescribeResponseTopicPartitions> {
  const topicId = reader.uuid()
  const topicName = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, topicName, partitions, unknownTags }
}

/**
 * Shows groups of the protocol where the coordinator assigns: epochs, members, what each owns and what each is to
 * own. Classic groups have DescribeGroups.
 * - 1: Tells members of the classic protocol from the others while a group moves between the two (KIP-1099).
 */
export const consumerGroupDescribe: Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'ConsumerGroupDescribeRequest', encode: encodeConsumerGroupDescribeRequest, decode: decodeConsumerGroupDescribeRequest },
  response: { name: 'ConsumerGroupDescribeResponse', encode: encodeConsumerGroupDescribeResponse, decode: decodeConsumerGroupDescribeResponse },
}
