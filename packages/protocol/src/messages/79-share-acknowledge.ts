/**
 * The ShareAcknowledge API (key 79).
 * Generated from schemas/79-share-acknowledge.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ShareAcknowledgeRequest {
  readonly groupId?: string | null
  readonly memberId: string | null
  /** Counts on together with ShareFetch. 0 is refused, for only ShareFetch opens a session; -1 closes it. */
  readonly shareSessionEpoch: number
  /** True when `topics` hold acknowledgements of type 4. Versions 2+. */
  readonly isRenewAck?: boolean
  readonly topics: readonly ShareAcknowledgeRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface ShareAcknowledgeRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly ShareAcknowledgeRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface ShareAcknowledgeRequestPartition {
  readonly partitionIndex: number
  readonly acknowledgementBatches: readonly ShareAcknowledgeRequestAcknowledgementBatch[]
  readonly unknownTags?: UnknownTags
}

export interface ShareAcknowledgeRequestAcknowledgementBatch {
  readonly firstOffset: bigint
  /** Inclusive. */
  readonly lastOffset: bigint
  /**
   * One for the whole range, or one for each offset. 0: no record there. 1: accepted. 2: released, to be delivered
   * again. 3: rejected, never to be delivered again. 4: renews the lock.
   */
  readonly acknowledgeTypes: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeShareAcknowledgeRequest(writer: Writer, message: ShareAcknowledgeRequest, version: number): void {
  writer.nullableString(message.groupId ?? null, true)
  writer.nullableString(message.memberId, true)
  writer.int32(message.shareSessionEpoch)
  if (version >= 2) writer.bool(message.isRenewAck ?? false)
  else if (message.isRenewAck !== undefined && message.isRenewAck !== false) throw writer.unsupported('isRenewAck', version)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeShareAcknowledgeRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareAcknowledgeRequestTopic(writer: Writer, message: ShareAcknowledgeRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeShareAcknowledgeRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareAcknowledgeRequestPartition(writer: Writer, message: ShareAcknowledgeRequestPartition, version: number): void {
  writer.int32(message.partitionIndex)
  const acknowledgementBatches = message.acknowledgementBatches
  writer.arrayLength(acknowledgementBatches.length, true)
  for (const element of acknowledgementBatches) encodeShareAcknowledgeRequestAcknowledgementBatch(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareAcknowledgeRequestAcknowledgementBatch(writer: Writer, message: ShareAcknowledgeRequestAcknowledgementBatch, _version: number): void {
  writer.int64(message.firstOffset)
  writer.int64(message.lastOffset)
  const acknowledgeTypes = message.acknowledgeTypes
  writer.arrayLength(acknowledgeTypes.length, true)
  for (const element of acknowledgeTypes) writer.int8(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareAcknowledgeRequest(reader: Reader, version: number): Decoded<ShareAcknowledgeRequest> {
  const groupId = reader.nullableString(true)
  const memberId = reader.nullableString(true)
  const shareSessionEpoch = reader.int32()
  let isRenewAck: boolean = false
  if (version >= 2) isRenewAck = reader.bool()
  const topics: Decoded<ShareAcknowledgeRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeShareAcknowledgeRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, memberId, shareSessionEpoch, isRenewAck, topics, unknownTags }
}

function decodeShareAcknowledgeRequestTopic(reader: Reader, version: number): Decoded<ShareAcknowledgeRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<ShareAcknowledgeRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) partitions.push(decodeShareAcknowledgeRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeShareAcknowledgeRequestPartition(reader: Reader, version: number): Decoded<ShareAcknowledgeRequestPartition> {
  const partitionIndex = reader.int32()
  const acknowledgementBatches: Decoded<ShareAcknowledgeRequestAcknowledgementBatch>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) acknowledgementBatches.push(decodeShareAcknowledgeRequestAcknowledgementBatch(reader, version))
  const unknownTags = reader.unknownTags()
  return { partitionIndex, acknowledgementBatches, unknownTags }
}

function decodeShareAcknowledgeRequestAcknowledgementBatch(reader: Reader, _version: number): Decoded<ShareAcknowledgeRequestAcknowledgementBatch> {
  const firstOffset = reader.int64()
  const lastOffset = reader.int64()
  const acknowledgeTypes: number[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) acknowledgeTypes.push(reader.int8())
  const unknownTags = reader.unknownTags()
  return { firstOffset, lastOffset, acknowledgeTypes, unknownTags }
}

export interface ShareAcknowledgeResponse {
  readonly throttleTimeMs: number
  /**
   * SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH: the session is gone, and with it the locks.
   * GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /** For locks that were renewed. Versions 2+. */
  readonly acquisitionLockTimeoutMs?: number
  readonly responses: readonly ShareAcknowledgeResponseResponse[]
  /** Where the leaders named above can be reached. */
  readonly nodeEndpoints: readonly ShareAcknowledgeResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface ShareAcknowledgeResponseResponse {
  readonly topicId: Uuid
  readonly partitions: readonly ShareAcknowledgeResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface ShareAcknowledgeResponsePartition {
  readonly partitionIndex: number
  /**
   * INVALID_RECORD_STATE: the member no longer holds the lock on one of the records. FENCED_LEADER_EPOCH,
   * NOT_LEADER_OR_FOLLOWER: see `currentLeader`. UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION,
   * TOPIC_AUTHORIZATION_FAILED, KAFKA_STORAGE_ERROR.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly currentLeader: ShareAcknowledgeResponseCurrentLeader
  readonly unknownTags?: UnknownTags
}

export interface ShareAcknowledgeResponseCurrentLeader {
  /** -1 when unknown. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

export interface ShareAcknowledgeResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeShareAcknowledgeResponse(writer: Writer, message: ShareAcknowledgeResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  if (version >= 2) writer.int32(message.acquisitionLockTimeoutMs ?? 0)
  const responses = message.responses
  writer.arrayLength(responses.length, true)
  for (const element of responses) encodeShareAcknowledgeResponseResponse(writer, element, version)
  const nodeEndpoints = message.nodeEndpoints
  writer.arrayLength(nodeEndpoints.length, true)
  for (const element of nodeEndpoints) encodeShareAcknowledgeResponseNodeEndpoint(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareAcknowledgeResponseResponse(writer: Writer, message: ShareAcknowledgeResponseResponse, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeShareAcknowledgeResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareAcknowledgeResponsePartition(writer: Writer, message: ShareAcknowledgeResponsePartition, version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  encodeShareAcknowledgeResponseCurrentLeader(writer, message.currentLeader, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareAcknowledgeResponseCurrentLeader(writer: Writer, message: ShareAcknowledgeResponseCurrentLeader, _version: number): void {
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareAcknowledgeResponseNodeEndpoint(writer: Writer, message: ShareAcknowledgeResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.nullableString(message.rack ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareAcknowledgeResponse(reader: Reader, version: number): Decoded<ShareAcknowledgeResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  let acquisitionLockTimeoutMs: number = 0
  if (version >= 2) acquisitionLockTimeoutMs = reader.int32()
  const responses: Decoded<ShareAcknowledgeResponseResponse>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) responses.push(decodeShareAcknowledgeResponseResponse(reader, version))
  const nodeEndpoints: Decoded<ShareAcknowledgeResponseNodeEndpoint>[] = []
  for (let left = reader.arrayLength(true, 11); left > 0; left--) nodeEndpoints.push(decodeShareAcknowledgeResponseNodeEndpoint(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, acquisitionLockTimeoutMs, responses, nodeEndpoints, unknownTags }
}

function decodeShareAcknowledgeResponseResponse(reader: Reader, version: number): Decoded<ShareAcknowledgeResponseResponse> {
  const topicId = reader.uuid()
  const partitions: Decoded<ShareAcknowledgeResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 17); left > 0; left--) partitions.push(decodeShareAcknowledgeResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeShareAcknowledgeResponsePartition(reader: Reader, version: number): Decoded<ShareAcknowledgeResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const currentLeader = decodeShareAcknowledgeResponseCurrentLeader(reader, version)
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, errorMessage, currentLeader, unknownTags }
}

function decodeShareAcknowledgeResponseCurrentLeader(reader: Reader, _version: number): Decoded<ShareAcknowledgeResponseCurrentLeader> {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { leaderId, leaderEpoch, unknownTags }
}

function decodeShareAcknowledgeResponseNodeEndpoint(reader: Reader, _version: number): Decoded<ShareAcknowledgeResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const rack = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, rack, unknownTags }
}

/**
 * Reports on records taken with ShareFetch without taking more, as a consumer does that closes or commits.
 * - 2: Renewal of locks (KIP-1222).
 */
export const shareAcknowledge: Api<ShareAcknowledgeRequest, ShareAcknowledgeResponse> = {
  key: 79,
  name: 'ShareAcknowledge',
  versions: { min: 1, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'ShareAcknowledgeRequest', encode: encodeShareAcknowledgeRequest, decode: decodeShareAcknowledgeRequest },
  response: { name: 'ShareAcknowledgeResponse', encode: encodeShareAcknowledgeResponse, decode: decodeShareAcknowledgeResponse },
}
