/**
 * The Produce API (key 0).
 * Generated from schemas/00-produce.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ProduceRequest {
  /**
   * Null outside of transactions. Needed as soon as one batch is transactional, and what the right to write is
   * checked against.
   */
  readonly transactionalId?: string | null
  /**
   * -1 waits for all in-sync replicas, 1 for the leader only, 0 for nothing: then no response comes at all, and an
   * error shows as a closed connection. Others: INVALID_REQUIRED_ACKS.
   */
  readonly acks: number
  /**
   * How long the leader may wait for replicas under acks -1. Past it the answer is REQUEST_TIMED_OUT, though the
   * batch is in the leader's log.
   */
  readonly timeoutMs: number
  /** A topic stands here once, and a partition once within it. */
  readonly topicData: readonly ProduceRequestTopicData[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceRequestTopicData {
  /** Versions 3-12. */
  readonly name?: string
  /** With any id unknown (zero) a client must use version 12, by name. Versions 13+. */
  readonly topicId?: Uuid
  readonly partitionData: readonly ProduceRequestPartitionData[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceRequestPartitionData {
  readonly index: number
  /** Exactly one batch of magic 2, base offset 0, no control batch: anything else is INVALID_RECORD. */
  readonly records: Uint8Array | null
  readonly unknownTags?: UnknownTags
}

function encodeProduceRequest(writer: Writer, message: ProduceRequest, version: number): void {
  const flexible = version >= 9
  writer.nullableString(message.transactionalId ?? null, flexible)
  writer.int16(message.acks)
  writer.int32(message.timeoutMs)
  const topicData = message.topicData
  writer.arrayLength(topicData.length, flexible)
  for (const element of topicData) encodeProduceRequestTopicData(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeProduceRequestTopicData(writer: Writer, message: ProduceRequestTopicData, version: number): void {
  const flexible = version >= 9
  if (version <= 12) writer.string(message.name ?? '', flexible)
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitionData = message.partitionData
  writer.arrayLength(partitionData.length, flexible)
  for (const element of partitionData) encodeProduceRequestPartitionData(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeProduceRequestPartitionData(writer: Writer, message: ProduceRequestPartitionData, version: number): void {
  const flexible = version >= 9
  writer.int32(message.index)
  writer.nullableBytes(message.records, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeProduceRequest(reader: Reader, version: number): Decoded<ProduceRequest> {
  const flexible = version >= 9
  const transactionalId = reader.nullableString(flexible)
  const acks = reader.int16()
  const timeoutMs = reader.int32()
  const topicData: Decoded<ProduceRequestTopicData>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) topicData.push(decodeProduceRequestTopicData(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { transactionalId, acks, timeoutMs, topicData, unknownTags }
}

function decodeProduceRequestTopicData(reader: Reader, version: number): Decoded<ProduceRequestTopicData> {
  const flexible = version >= 9
  let name: string = ''
  if (version <= 12) name = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 13) topicId = reader.uuid()
  const partitionData: Decoded<ProduceRequestPartitionData>[] = []
  for (let left = reader.arrayLength(flexible, 5); left > 0; left--) partitionData.push(decodeProduceRequestPartitionData(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, topicId, partitionData, unknownTags }
}

function decodeProduceRequestPartitionData(reader: Reader, version: number): Decoded<ProduceRequestPartitionData> {
  const flexible = version >= 9
  const index = reader.int32()
  const records = reader.nullableBytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { index, records, unknownTags }
}

export interface ProduceResponse {
  readonly responses: readonly ProduceResponseResponse[]
  /** Over quota: the answer is valid, but the client must send nothing on this connection for so long. */
  readonly throttleTimeMs?: number
  /** Addresses of the brokers that currentLeader names, on the listener of this connection. Versions 10+. */
  readonly nodeEndpoints?: readonly ProduceResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseResponse {
  /** Versions 3-12. */
  readonly name?: string
  /** Versions 13+. */
  readonly topicId?: Uuid
  readonly partitionResponses: readonly ProduceResponsePartitionResponse[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponsePartitionResponse {
  readonly index: number
  /**
   * Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
   * KAFKA_STORAGE_ERROR. Retry: NOT_ENOUGH_REPLICAS (nothing written), NOT_ENOUGH_REPLICAS_AFTER_APPEND and
   * REQUEST_TIMED_OUT (written, so a duplicate without idempotence), CORRUPT_MESSAGE. Split the batch:
   * MESSAGE_TOO_LARGE. Already written, so a success: DUPLICATE_SEQUENCE_NUMBER. Producer state:
   * OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE. Final: INVALID_RECORD,
   * INVALID_TIMESTAMP, TOPIC_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  /**
   * The offset of the batch's first record, -1 on error. A repeated idempotent batch gets the offset of its first
   * arrival.
   */
  readonly baseOffset: bigint
  /** The time all records were given, when the topic uses LogAppendTime; -1 when they keep the producer's. */
  readonly logAppendTimeMs?: bigint
  /** -1 when unknown. Versions 5+. */
  readonly logStartOffset?: bigint
  /** The records because of which the batch was refused; empty when it was not for single records. Versions 8+. */
  readonly recordErrors?: readonly ProduceResponseRecordError[]
  /** Null when the code says it all. Versions 8+. */
  readonly errorMessage?: string | null
  /**
   * Comes with NOT_LEADER_OR_FOLLOWER; believe it only if its epoch is newer than the one already known. Versions
   * 10+.
   */
  readonly currentLeader?: ProduceResponseCurrentLeader
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseRecordError {
  /** Position of the record in its batch, from 0. */
  readonly batchIndex: number
  readonly batchIndexErrorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseCurrentLeader {
  /** -1 when the broker does not know either. */
  readonly leaderId?: number
  readonly leaderEpoch?: number
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeProduceResponse(writer: Writer, message: ProduceResponse, version: number): void {
  const flexible = version >= 9
  const responses = message.responses
  writer.arrayLength(responses.length, flexible)
  for (const element of responses) encodeProduceResponseResponse(writer, element, version)
  writer.int32(message.throttleTimeMs ?? 0)
  if (version < 10 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw writer.unsupported('nodeEndpoints', version)
  if (flexible) {
    const nodeEndpoints = message.nodeEndpoints
    const hasNodeEndpoints = version >= 10 && nodeEndpoints !== undefined && nodeEndpoints.length !== 0
    writer.tagCount(hasNodeEndpoints ? 1 : 0, message.unknownTags)
    if (hasNodeEndpoints) {
      const nodeEndpointsAt = writer.enterTag(0)
      writer.arrayLength(nodeEndpoints.length, true)
      for (const element of nodeEndpoints) encodeProduceResponseNodeEndpoint(writer, element, version)
      writer.leaveTag(nodeEndpointsAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeProduceResponseResponse(writer: Writer, message: ProduceResponseResponse, version: number): void {
  const flexible = version >= 9
  if (version <= 12) writer.string(message.name ?? '', flexible)
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitionResponses = message.partitionResponses
  writer.arrayLength(partitionResponses.length, flexible)
  for (const element of partitionResponses) encodeProduceResponsePartitionResponse(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeProduceResponsePartitionResponse(writer: Writer, message: ProduceResponsePartitionResponse, version: number): void {
  const flexible = version >= 9
  writer.int32(message.index)
  writer.int16(message.errorCode)
  writer.int64(message.baseOffset)
  writer.int64(message.logAppendTimeMs ?? -1n)
  if (version >= 5) writer.int64(message.logStartOffset ?? -1n)
  if (version >= 8) {
    const recordErrors = message.recordErrors ?? []
    writer.arrayLength(recordErrors.length, flexible)
    for (const element of recordErrors) encodeProduceResponseRecordError(writer, element, version)
  }
  if (version >= 8) writer.nullableString(message.errorMessage ?? null, flexible)
  if (version < 10 && message.currentLeader !== undefined && !isDefaultProduceResponseCurrentLeader(message.currentLeader)) throw writer.unsupported('currentLeader', version)
  if (flexible) {
    const currentLeader = message.currentLeader
    const hasCurrentLeader = version >= 10 && currentLeader !== undefined && !isDefaultProduceResponseCurrentLeader(currentLeader)
    writer.tagCount(hasCurrentLeader ? 1 : 0, message.unknownTags)
    if (hasCurrentLeader) {
      const currentLeaderAt = writer.enterTag(0)
      encodeProduceResponseCurrentLeader(writer, currentLeader, version)
      writer.leaveTag(currentLeaderAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeProduceResponseRecordError(writer: Writer, message: ProduceResponseRecordError, version: number): void {
  const flexible = version >= 9
  writer.int32(message.batchIndex)
  writer.nullableString(message.batchIndexErrorMessage ?? null, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeProduceResponseCurrentLeader(writer: Writer, message: ProduceResponseCurrentLeader, _version: number): void {
  writer.int32(message.leaderId ?? -1)
  writer.int32(message.leaderEpoch ?? -1)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeProduceResponseNodeEndpoint(writer: Writer, message: ProduceResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.nullableString(message.rack ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeProduceResponse(reader: Reader, version: number): Decoded<ProduceResponse> {
  const flexible = version >= 9
  const responses: Decoded<ProduceResponseResponse>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) responses.push(decodeProduceResponseResponse(reader, version))
  const throttleTimeMs = reader.int32()
  let nodeEndpoints: Decoded<ProduceResponseNodeEndpoint>[] = []
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          if (version >= 10) {
            nodeEndpoints = []
            for (let left = reader.arrayLength(true, 11); left > 0; left--) nodeEndpoints.push(decodeProduceResponseNodeEndpoint(reader, version))
          } else {
            unknownTags = reader.unknownTag(unknownTags)
          }
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { responses, throttleTimeMs, nodeEndpoints, unknownTags }
}

function decodeProduceResponseResponse(reader: Reader, version: number): Decoded<ProduceResponseResponse> {
  const flexible = version >= 9
  let name: string = ''
  if (version <= 12) name = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 13) topicId = reader.uuid()
  const partitionResponses: Decoded<ProduceResponsePartitionResponse>[] = []
  for (let left = reader.arrayLength(flexible, 22); left > 0; left--) partitionResponses.push(decodeProduceResponsePartitionResponse(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, topicId, partitionResponses, unknownTags }
}

function decodeProduceResponsePartitionResponse(reader: Reader, version: number): Decoded<ProduceResponsePartitionResponse> {
  const flexible = version >= 9
  const index = reader.int32()
  const errorCode = reader.int16()
  const baseOffset = reader.int64()
  const logAppendTimeMs = reader.int64()
  let logStartOffset: bigint = -1n
  if (version >= 5) logStartOffset = reader.int64()
  let recordErrors: Decoded<ProduceResponseRecordError>[] = []
  if (version >= 8) for (let left = reader.arrayLength(flexible, 5); left > 0; left--) recordErrors.push(decodeProduceResponseRecordError(reader, version))
  let errorMessage: string | null = null
  if (version >= 8) errorMessage = reader.nullableString(flexible)
  let currentLeader: Decoded<ProduceResponseCurrentLeader> = { leaderId: -1, leaderEpoch: -1, unknownTags: undefined }
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          if (version >= 10) {
            currentLeader = decodeProduceResponseCurrentLeader(reader, version)
          } else {
            unknownTags = reader.unknownTag(unknownTags)
          }
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, currentLeader, unknownTags }
}

function decodeProduceResponseRecordError(reader: Reader, version: number): Decoded<ProduceResponseRecordError> {
  const flexible = version >= 9
  const batchIndex = reader.int32()
  const batchIndexErrorMessage = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { batchIndex, batchIndexErrorMessage, unknownTags }
}

function decodeProduceResponseCurrentLeader(reader: Reader, _version: number): Decoded<ProduceResponseCurrentLeader> {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { leaderId, leaderEpoch, unknownTags }
}

function decodeProduceResponseNodeEndpoint(reader: Reader, _version: number): Decoded<ProduceResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const rack = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, rack, unknownTags }
}

function isDefaultProduceResponseCurrentLeader(message: ProduceResponseCurrentLeader): boolean {
  return !(message.leaderId !== undefined && message.leaderId !== -1) &&
    !(message.leaderEpoch !== undefined && message.leaderEpoch !== -1) &&
    message.unknownTags === undefined
}

/**
 * Appends record batches to partitions that the broker leads. The answer gives, per partition, the offset of the
 * first record, or why the batch was refused.
 * - 3: The lowest that brokers take: batches of magic 2, and the transactional id. They advertise 0 all the same,
 *   because old librdkafka would stop compressing otherwise, and refuse 0-2.
 * - 4: KAFKA_STORAGE_ERROR may be answered.
 * - 5: With logStartOffset a producer that is told UNKNOWN_PRODUCER_ID can see whether its records were deleted by
 *   age rather than lost.
 * - 6: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 7: zstd is accepted (KIP-110). Before that it is refused with UNSUPPORTED_COMPRESSION_TYPE.
 * - 8: A refused batch says which of its records are at fault (KIP-467).
 * - 10: A broker that no longer leads says who does, and where that broker listens (KIP-951).
 * - 11: TRANSACTION_ABORTABLE: abort, then go on with the same producer (KIP-890).
 * - 12: Writing adds the partition to the transaction, no AddPartitionsToTxn needed (transaction.version 2).
 *   Transactions of version 1 must stay at 11 or below.
 * - 13: Topics go by id (KIP-516), so that records meant for a deleted topic cannot land in one of the same name:
 *   UNKNOWN_TOPIC_ID.
 */
export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  versions: { min: 3, max: 13, latestStable: 13 },
  flexibleFrom: 9,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'ProduceRequest', encode: encodeProduceRequest, decode: decodeProduceRequest },
  response: { name: 'ProduceResponse', encode: encodeProduceResponse, decode: decodeProduceResponse },
}
