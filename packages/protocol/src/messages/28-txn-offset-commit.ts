/**
 * The TxnOffsetCommit API (key 28).
 * Generated from schemas/28-txn-offset-commit.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface TxnOffsetCommitRequest {
  readonly transactionalId: string
  readonly groupId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  /**
   * The member's epoch in the consumer protocol. -1 with an empty memberId: nobody is checked, and zombies of the
   * group can commit. Versions 3+.
   */
  readonly generationId?: number
  /** Versions 3+. */
  readonly memberId?: string
  /** Null unless the member is static. Versions 3+. */
  readonly groupInstanceId?: string | null
  readonly topics: readonly TxnOffsetCommitRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface TxnOffsetCommitRequestTopic {
  readonly name: string
  readonly partitions: readonly TxnOffsetCommitRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface TxnOffsetCommitRequestPartition {
  readonly partitionIndex: number
  /** The next offset to read, not the last one that was. */
  readonly committedOffset: bigint
  /** Of the last record read; -1 when unknown. Versions 2+. */
  readonly committedLeaderEpoch?: number
  /** Free text for the committer, at most offset.metadata.max.bytes (4096). Null is kept as the empty text. */
  readonly committedMetadata: string | null
  readonly unknownTags?: UnknownTags
}

function encodeTxnOffsetCommitRequest(writer: Writer, message: TxnOffsetCommitRequest, version: number): void {
  const flexible = version >= 3
  writer.string(message.transactionalId, flexible)
  writer.string(message.groupId, flexible)
  writer.int64(message.producerId)
  writer.int16(message.producerEpoch)
  if (version >= 3) writer.int32(message.generationId ?? -1)
  else if (message.generationId !== undefined && message.generationId !== -1) throw writer.unsupported('generationId', version)
  if (version >= 3) writer.string(message.memberId ?? '', true)
  else if (message.memberId !== undefined && message.memberId !== '') throw writer.unsupported('memberId', version)
  if (version >= 3) writer.nullableString(message.groupInstanceId ?? null, true)
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw writer.unsupported('groupInstanceId', version)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeTxnOffsetCommitRequestTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeTxnOffsetCommitRequestTopic(writer: Writer, message: TxnOffsetCommitRequestTopic, version: number): void {
  const flexible = version >= 3
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeTxnOffsetCommitRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeTxnOffsetCommitRequestPartition(writer: Writer, message: TxnOffsetCommitRequestPartition, version: number): void {
  const flexible = version >= 3
  writer.int32(message.partitionIndex)
  writer.int64(message.committedOffset)
  if (version >= 2) writer.int32(message.committedLeaderEpoch ?? -1)
  writer.nullableString(message.committedMetadata, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeTxnOffsetCommitRequest(reader: Reader, version: number): Decoded<TxnOffsetCommitRequest> {
  const flexible = version >= 3
  const transactionalId = reader.string(flexible)
  const groupId = reader.string(flexible)
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  let generationId: number = -1
  if (version >= 3) generationId = reader.int32()
  let memberId: string = ''
  if (version >= 3) memberId = reader.string(true)
  let groupInstanceId: string | null = null
  if (version >= 3) groupInstanceId = reader.nullableString(true)
  const topics: Decoded<TxnOffsetCommitRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeTxnOffsetCommitRequestTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { transactionalId, groupId, producerId, producerEpoch, generationId, memberId, groupInstanceId, topics, unknownTags }
}

function decodeTxnOffsetCommitRequestTopic(reader: Reader, version: number): Decoded<TxnOffsetCommitRequestTopic> {
  const flexible = version >= 3
  const name = reader.string(flexible)
  const partitions: Decoded<TxnOffsetCommitRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 13); left > 0; left--) partitions.push(decodeTxnOffsetCommitRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeTxnOffsetCommitRequestPartition(reader: Reader, version: number): Decoded<TxnOffsetCommitRequestPartition> {
  const flexible = version >= 3
  const partitionIndex = reader.int32()
  const committedOffset = reader.int64()
  let committedLeaderEpoch: number = -1
  if (version >= 2) committedLeaderEpoch = reader.int32()
  const committedMetadata = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata, unknownTags }
}

export interface TxnOffsetCommitResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly TxnOffsetCommitResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface TxnOffsetCommitResponseTopic {
  readonly name: string
  readonly partitions: readonly TxnOffsetCommitResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface TxnOffsetCommitResponsePartition {
  readonly partitionIndex: number
  /**
   * Errors of the whole group stand at every partition. Find the coordinator again: NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE, REQUEST_TIMED_OUT. Retry: COORDINATOR_LOAD_IN_PROGRESS, CONCURRENT_TRANSACTIONS,
   * UNKNOWN_TOPIC_OR_PARTITION. Abort: ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID,
   * TRANSACTION_ABORTABLE, GROUP_AUTHORIZATION_FAILED. Close the producer: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH,
   * INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeTxnOffsetCommitResponse(writer: Writer, message: TxnOffsetCommitResponse, version: number): void {
  const flexible = version >= 3
  writer.int32(message.throttleTimeMs)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeTxnOffsetCommitResponseTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeTxnOffsetCommitResponseTopic(writer: Writer, message: TxnOffsetCommitResponseTopic, version: number): void {
  const flexible = version >= 3
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeTxnOffsetCommitResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeTxnOffsetCommitResponsePartition(writer: Writer, message: TxnOffsetCommitResponsePartition, version: number): void {
  const flexible = version >= 3
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeTxnOffsetCommitResponse(reader: Reader, version: number): Decoded<TxnOffsetCommitResponse> {
  const flexible = version >= 3
  const throttleTimeMs = reader.int32()
  const topics: Decoded<TxnOffsetCommitResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeTxnOffsetCommitResponseTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, topics, unknownTags }
}

function decodeTxnOffsetCommitResponseTopic(reader: Reader, version: number): Decoded<TxnOffsetCommitResponseTopic> {
  const flexible = version >= 3
  const name = reader.string(flexible)
  const partitions: Decoded<TxnOffsetCommitResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) partitions.push(decodeTxnOffsetCommitResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeTxnOffsetCommitResponsePartition(reader: Reader, version: number): Decoded<TxnOffsetCommitResponsePartition> {
  const flexible = version >= 3
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, errorCode, unknownTags }
}

/**
 * Stores offsets that count only when the producer's transaction commits: what was read and what was written for it
 * take effect together. The producer sends it to the coordinator of the group.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 2: The leader epoch is kept with the offset (KIP-320).
 * - 3: The member is named, so that one that has lost its partitions is refused: ILLEGAL_GENERATION,
 *   UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID (KIP-447).
 * - 4: TRANSACTION_ABORTABLE may be answered (KIP-890).
 * - 5: Adds the group's offsets to the transaction, no AddOffsetsToTxn needed (transaction.version 2). Transactions
 *   of version 1 must stay at 4 or below.
 */
export const txnOffsetCommit: Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  key: 28,
  name: 'TxnOffsetCommit',
  versions: { min: 0, max: 5, latestStable: 5 },
  flexibleFrom: 3,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'TxnOffsetCommitRequest', encode: encodeTxnOffsetCommitRequest, decode: decodeTxnOffsetCommitRequest },
  response: { name: 'TxnOffsetCommitResponse', encode: encodeTxnOffsetCommitResponse, decode: decodeTxnOffsetCommitResponse },
}
