/**
 * The ShareFetch API (key 78).
 * Generated from schemas/78-share-fetch.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ShareFetchRequest {
  readonly groupId?: string | null
  /** As in the heartbeat. With the group it names the share session, of which each broker keeps its own. */
  readonly memberId: string | null
  /**
   * 0 opens a session and may not acknowledge anything; -1 closes it and releases what is still locked. In between it
   * rises by 1 with every request, and 1 follows 2147483647.
   */
  readonly shareSessionEpoch: number
  readonly maxWaitMs: number
  readonly minBytes: number
  /** Not strict: the first batch comes whole. */
  readonly maxBytes?: number
  /** Not strict in acquire mode 0, where whole batches are locked. */
  readonly maxRecords: number
  /** Into how large ranges the broker should cut `acquiredRecords`. */
  readonly batchSize: number
  /** 0 locks whole batches, 1 stops exactly at `maxRecords`. Versions 2+. */
  readonly shareAcquireMode?: number
  /**
   * True when `topics` hold acknowledgements of type 4. Such a request fetches nothing: `maxWaitMs`, `minBytes`,
   * `maxBytes` and `maxRecords` must be 0. Versions 2+.
   */
  readonly isRenewAck?: boolean
  /**
   * Partitions to add to the session, and those with acknowledgements. Others of the session are fetched without
   * being named.
   */
  readonly topics: readonly ShareFetchRequestTopic[]
  /** Partitions to take out of the session. */
  readonly forgottenTopicsData: readonly ShareFetchRequestForgottenTopicsData[]
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly ShareFetchRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchRequestPartition {
  readonly partitionIndex: number
  readonly acknowledgementBatches: readonly ShareFetchRequestAcknowledgementBatch[]
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchRequestAcknowledgementBatch {
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

export interface ShareFetchRequestForgottenTopicsData {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeShareFetchRequest(writer: Writer, message: ShareFetchRequest, version: number): void {
  writer.nullableString(message.groupId ?? null, true)
  writer.nullableString(message.memberId, true)
  writer.int32(message.shareSessionEpoch)
  writer.int32(message.maxWaitMs)
  writer.int32(message.minBytes)
  writer.int32(message.maxBytes ?? 2147483647)
  writer.int32(message.maxRecords)
  writer.int32(message.batchSize)
  if (version >= 2) writer.int8(message.shareAcquireMode ?? 0)
  if (version >= 2) writer.bool(message.isRenewAck ?? false)
  else if (message.isRenewAck !== undefined && message.isRenewAck !== false) throw writer.unsupported('isRenewAck', version)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeShareFetchRequestTopic(writer, element, version)
  const forgottenTopicsData = message.forgottenTopicsData
  writer.arrayLength(forgottenTopicsData.length, true)
  for (const element of forgottenTopicsData) encodeShareFetchRequestForgottenTopicsData(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchRequestTopic(writer: Writer, message: ShareFetchRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeShareFetchRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchRequestPartition(writer: Writer, message: ShareFetchRequestPartition, version: number): void {
  writer.int32(message.partitionIndex)
  const acknowledgementBatches = message.acknowledgementBatches
  writer.arrayLength(acknowledgementBatches.length, true)
  for (const element of acknowledgementBatches) encodeShareFetchRequestAcknowledgementBatch(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchRequestAcknowledgementBatch(writer: Writer, message: ShareFetchRequestAcknowledgementBatch, _version: number): void {
  writer.int64(message.firstOffset)
  writer.int64(message.lastOffset)
  const acknowledgeTypes = message.acknowledgeTypes
  writer.arrayLength(acknowledgeTypes.length, true)
  for (const element of acknowledgeTypes) writer.int8(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchRequestForgottenTopicsData(writer: Writer, message: ShareFetchRequestForgottenTopicsData, _version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareFetchRequest(reader: Reader, version: number): Decoded<ShareFetchRequest> {
  const groupId = reader.nullableString(true)
  const memberId = reader.nullableString(true)
  const shareSessionEpoch = reader.int32()
  const maxWaitMs = reader.int32()
  const minBytes = reader.int32()
  const maxBytes = reader.int32()
  const maxRecords = reader.int32()
  const batchSize = reader.int32()
  let shareAcquireMode: number = 0
  if (version >= 2) shareAcquireMode = reader.int8()
  let isRenewAck: boolean = false
  if (version >= 2) isRenewAck = reader.bool()
  const topics: Decoded<ShareFetchRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeShareFetchRequestTopic(reader, version))
  const forgottenTopicsData: Decoded<ShareFetchRequestForgottenTopicsData>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) forgottenTopicsData.push(decodeShareFetchRequestForgottenTopicsData(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, memberId, shareSessionEpoch, maxWaitMs, minBytes, maxBytes, maxRecords, batchSize, shareAcquireMode, isRenewAck, topics, forgottenTopicsData, unknownTags }
}

function decodeShareFetchRequestTopic(reader: Reader, version: number): Decoded<ShareFetchRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<ShareFetchRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) partitions.push(decodeShareFetchRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeShareFetchRequestPartition(reader: Reader, version: number): Decoded<ShareFetchRequestPartition> {
  const partitionIndex = reader.int32()
  const acknowledgementBatches: Decoded<ShareFetchRequestAcknowledgementBatch>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) acknowledgementBatches.push(decodeShareFetchRequestAcknowledgementBatch(reader, version))
  const unknownTags = reader.unknownTags()
  return { partitionIndex, acknowledgementBatches, unknownTags }
}

function decodeShareFetchRequestAcknowledgementBatch(reader: Reader, _version: number): Decoded<ShareFetchRequestAcknowledgementBatch> {
  const firstOffset = reader.int64()
  const lastOffset = reader.int64()
  const acknowledgeTypes: number[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) acknowledgeTypes.push(reader.int8())
  const unknownTags = reader.unknownTags()
  return { firstOffset, lastOffset, acknowledgeTypes, unknownTags }
}

function decodeShareFetchRequestForgottenTopicsData(reader: Reader, _version: number): Decoded<ShareFetchRequestForgottenTopicsData> {
  const topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

export interface ShareFetchResponse {
  readonly throttleTimeMs: number
  /**
   * SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH: open a new session with epoch 0.
   * SHARE_SESSION_LIMIT_REACHED: wait and open it again. GROUP_AUTHORIZATION_FAILED, INVALID_REQUEST.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /** How long the records stay locked, from this response on. */
  readonly acquisitionLockTimeoutMs: number
  readonly responses: readonly ShareFetchResponseResponse[]
  /** Where the leaders named above can be reached. */
  readonly nodeEndpoints: readonly ShareFetchResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchResponseResponse {
  readonly topicId: Uuid
  readonly partitions: readonly ShareFetchResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchResponsePartition {
  readonly partitionIndex: number
  /**
   * Of the fetch. FENCED_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: see `currentLeader`. UNKNOWN_TOPIC_ID,
   * UNKNOWN_TOPIC_OR_PARTITION: refresh metadata. TOPIC_AUTHORIZATION_FAILED, KAFKA_STORAGE_ERROR, CORRUPT_MESSAGE.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /**
   * Of the acknowledgements, with the same codes, and INVALID_RECORD_STATE when the member no longer holds the lock
   * on one of the records.
   */
  readonly acknowledgeErrorCode: number
  readonly acknowledgeErrorMessage?: string | null
  /** Filled with the first two of those codes; both fields 0 otherwise. */
  readonly currentLeader: ShareFetchResponseCurrentLeader
  /** Whole batches, also with records that are locked for others: deliver only what `acquiredRecords` names. */
  readonly records: Uint8Array
  readonly acquiredRecords: readonly ShareFetchResponseAcquiredRecord[]
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchResponseCurrentLeader {
  /** -1 when unknown. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchResponseAcquiredRecord {
  readonly firstOffset: bigint
  /** Inclusive. */
  readonly lastOffset: bigint
  /** 1 the first time. At group.share.delivery.count.limit a record is archived instead of delivered again. */
  readonly deliveryCount: number
  readonly unknownTags?: UnknownTags
}

export interface ShareFetchResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeShareFetchResponse(writer: Writer, message: ShareFetchResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.int32(message.acquisitionLockTimeoutMs)
  const responses = message.responses
  writer.arrayLength(responses.length, true)
  for (const element of responses) encodeShareFetchResponseResponse(writer, element, version)
  const nodeEndpoints = message.nodeEndpoints
  writer.arrayLength(nodeEndpoints.length, true)
  for (const element of nodeEndpoints) encodeShareFetchResponseNodeEndpoint(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchResponseResponse(writer: Writer, message: ShareFetchResponseResponse, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeShareFetchResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchResponsePartition(writer: Writer, message: ShareFetchResponsePartition, version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.int16(message.acknowledgeErrorCode)
  writer.nullableString(message.acknowledgeErrorMessage ?? null, true)
  encodeShareFetchResponseCurrentLeader(writer, message.currentLeader, version)
  writer.bytes(message.records, true)
  const acquiredRecords = message.acquiredRecords
  writer.arrayLength(acquiredRecords.length, true)
  for (const element of acquiredRecords) encodeShareFetchResponseAcquiredRecord(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchResponseCurrentLeader(writer: Writer, message: ShareFetchResponseCurrentLeader, _version: number): void {
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchResponseAcquiredRecord(writer: Writer, message: ShareFetchResponseAcquiredRecord, _version: number): void {
  writer.int64(message.firstOffset)
  writer.int64(message.lastOffset)
  writer.int16(message.deliveryCount)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeShareFetchResponseNodeEndpoint(writer: Writer, message: ShareFetchResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.nullableString(message.rack ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareFetchResponse(reader: Reader, version: number): Decoded<ShareFetchResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const acquisitionLockTimeoutMs = reader.int32()
  const responses: Decoded<ShareFetchResponseResponse>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) responses.push(decodeShareFetchResponseResponse(reader, version))
  const nodeEndpoints: Decoded<ShareFetchResponseNodeEndpoint>[] = []
  for (let left = reader.arrayLength(true, 11); left > 0; left--) nodeEndpoints.push(decodeShareFetchResponseNodeEndpoint(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, acquisitionLockTimeoutMs, responses, nodeEndpoints, unknownTags }
}

function decodeShareFetchResponseResponse(reader: Reader, version: number): Decoded<ShareFetchResponseResponse> {
  const topicId = reader.uuid()
  const partitions: Decoded<ShareFetchResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 22); left > 0; left--) partitions.push(decodeShareFetchResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeShareFetchResponsePartition(reader: Reader, version: number): Decoded<ShareFetchResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const acknowledgeErrorCode = reader.int16()
  const acknowledgeErrorMessage = reader.nullableString(true)
  const currentLeader = decodeShareFetchResponseCurrentLeader(reader, version)
  const records = reader.bytes(true)
  const acquiredRecords: Decoded<ShareFetchResponseAcquiredRecord>[] = []
  for (let left = reader.arrayLength(true, 19); left > 0; left--) acquiredRecords.push(decodeShareFetchResponseAcquiredRecord(reader, version))
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, errorMessage, acknowledgeErrorCode, acknowledgeErrorMessage, currentLeader, records, acquiredRecords, unknownTags }
}

function decodeShareFetchResponseCurrentLeader(reader: Reader, _version: number): Decoded<ShareFetchResponseCurrentLeader> {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { leaderId, leaderEpoch, unknownTags }
}

function decodeShareFetchResponseAcquiredRecord(reader: Reader, _version: number): Decoded<ShareFetchResponseAcquiredRecord> {
  const firstOffset = reader.int64()
  const lastOffset = reader.int64()
  const deliveryCount = reader.int16()
  const unknownTags = reader.unknownTags()
  return { firstOffset, lastOffset, deliveryCount, unknownTags }
}

function decodeShareFetchResponseNodeEndpoint(reader: Reader, _version: number): Decoded<ShareFetchResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const rack = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, rack, unknownTags }
}

/**
 * A share consumer takes records from the leader of a partition and reports on those it took before (KIP-932).
 * Records taken are locked for the member; they go to another one when it releases them or lets the lock run out.
 * - 2: A strict limit on records (KIP-1206) and renewal of locks (KIP-1222).
 */
export const shareFetch: Api<ShareFetchRequest, ShareFetchResponse> = {
  key: 78,
  name: 'ShareFetch',
  versions: { min: 1, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'ShareFetchRequest', encode: encodeShareFetchRequest, decode: decodeShareFetchRequest },
  response: { name: 'ShareFetchResponse', encode: encodeShareFetchResponse, decode: decodeShareFetchResponse },
}
