/**
 * The ListOffsets API (key 2).
 * Generated from schemas/02-list-offsets.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ListOffsetsRequest {
  /**
   * -1 from a client. A broker id lifts the bound at the high watermark; so does -2, for debugging, which any replica
   * answers.
   */
  readonly replicaId: number
  /** 0: the end is the high watermark. 1: it is the last stable offset. Versions 2+. */
  readonly isolationLevel?: number
  readonly topics: readonly ListOffsetsRequestTopic[]
  /** Bounds a lookup in tiered storage, nothing else. Versions 10+. */
  readonly timeoutMs?: number
  readonly unknownTags?: UnknownTags
}

export interface ListOffsetsRequestTopic {
  readonly name: string
  readonly partitions: readonly ListOffsetsRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface ListOffsetsRequestPartition {
  readonly partitionIndex: number
  /** The epoch the asker believes in; -1 to skip the check. Versions 4+. */
  readonly currentLeaderEpoch?: number
  /**
   * In ms: the first record at or after that time. Or -1 the end, -2 the beginning, -3 the record with the largest
   * timestamp, -4 the beginning of what is on local disk, -5 the last offset in tiered storage, -6 the first not
   * uploaded there. One that the version does not know: UNSUPPORTED_VERSION.
   */
  readonly timestamp: bigint
  readonly unknownTags?: UnknownTags
}

function encodeListOffsetsRequest(writer: Writer, message: ListOffsetsRequest, version: number): void {
  const flexible = version >= 6
  writer.int32(message.replicaId)
  if (version >= 2) writer.int8(message.isolationLevel ?? 0)
  else if (message.isolationLevel !== undefined && message.isolationLevel !== 0) throw writer.unsupported('isolationLevel', version)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeListOffsetsRequestTopic(writer, element, version)
  if (version >= 10) writer.int32(message.timeoutMs ?? 0)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeListOffsetsRequestTopic(writer: Writer, message: ListOffsetsRequestTopic, version: number): void {
  const flexible = version >= 6
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeListOffsetsRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeListOffsetsRequestPartition(writer: Writer, message: ListOffsetsRequestPartition, version: number): void {
  const flexible = version >= 6
  writer.int32(message.partitionIndex)
  if (version >= 4) writer.int32(message.currentLeaderEpoch ?? -1)
  writer.int64(message.timestamp)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeListOffsetsRequest(reader: Reader, version: number): Decoded<ListOffsetsRequest> {
  const flexible = version >= 6
  const replicaId = reader.int32()
  let isolationLevel: number = 0
  if (version >= 2) isolationLevel = reader.int8()
  const topics: Decoded<ListOffsetsRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeListOffsetsRequestTopic(reader, version))
  let timeoutMs: number = 0
  if (version >= 10) timeoutMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { replicaId, isolationLevel, topics, timeoutMs, unknownTags }
}

function decodeListOffsetsRequestTopic(reader: Reader, version: number): Decoded<ListOffsetsRequestTopic> {
  const flexible = version >= 6
  const name = reader.string(flexible)
  const partitions: Decoded<ListOffsetsRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 12); left > 0; left--) partitions.push(decodeListOffsetsRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeListOffsetsRequestPartition(reader: Reader, version: number): Decoded<ListOffsetsRequestPartition> {
  const flexible = version >= 6
  const partitionIndex = reader.int32()
  let currentLeaderEpoch: number = -1
  if (version >= 4) currentLeaderEpoch = reader.int32()
  const timestamp = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, currentLeaderEpoch, timestamp, unknownTags }
}

export interface ListOffsetsResponse {
  /** Versions 2+. */
  readonly throttleTimeMs?: number
  readonly topics: readonly ListOffsetsResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface ListOffsetsResponseTopic {
  readonly name: string
  readonly partitions: readonly ListOffsetsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface ListOffsetsResponsePartition {
  readonly partitionIndex: number
  /**
   * Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION. Retry:
   * OFFSET_NOT_AVAILABLE, UNKNOWN_LEADER_EPOCH. A partition given twice: INVALID_REQUEST. Final:
   * TOPIC_AUTHORIZATION_FAILED, UNSUPPORTED_VERSION.
   */
  readonly errorCode: number
  /** Of the record found. -1 when an end of the log was asked for, or when no record is that late. */
  readonly timestamp?: bigint
  /** -1 when no record is that late: not an error. */
  readonly offset?: bigint
  /**
   * Of the record at the offset, -1 when unknown. A consumer keeps it with its position to notice truncation.
   * Versions 4+.
   */
  readonly leaderEpoch?: number
  readonly unknownTags?: UnknownTags
}

function encodeListOffsetsResponse(writer: Writer, message: ListOffsetsResponse, version: number): void {
  const flexible = version >= 6
  if (version >= 2) writer.int32(message.throttleTimeMs ?? 0)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeListOffsetsResponseTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeListOffsetsResponseTopic(writer: Writer, message: ListOffsetsResponseTopic, version: number): void {
  const flexible = version >= 6
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeListOffsetsResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeListOffsetsResponsePartition(writer: Writer, message: ListOffsetsResponsePartition, version: number): void {
  const flexible = version >= 6
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.int64(message.timestamp ?? -1n)
  writer.int64(message.offset ?? -1n)
  if (version >= 4) writer.int32(message.leaderEpoch ?? -1)
  else if (message.leaderEpoch !== undefined && message.leaderEpoch !== -1) throw writer.unsupported('leaderEpoch', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeListOffsetsResponse(reader: Reader, version: number): Decoded<ListOffsetsResponse> {
  const flexible = version >= 6
  let throttleTimeMs: number = 0
  if (version >= 2) throttleTimeMs = reader.int32()
  const topics: Decoded<ListOffsetsResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeListOffsetsResponseTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, topics, unknownTags }
}

function decodeListOffsetsResponseTopic(reader: Reader, version: number): Decoded<ListOffsetsResponseTopic> {
  const flexible = version >= 6
  const name = reader.string(flexible)
  const partitions: Decoded<ListOffsetsResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 22); left > 0; left--) partitions.push(decodeListOffsetsResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeListOffsetsResponsePartition(reader: Reader, version: number): Decoded<ListOffsetsResponsePartition> {
  const flexible = version >= 6
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const timestamp = reader.int64()
  const offset = reader.int64()
  let leaderEpoch: number = -1
  if (version >= 4) leaderEpoch = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, errorCode, timestamp, offset, leaderEpoch, unknownTags }
}

/**
 * Asks leaders which offset belongs to a time, or where their logs begin and end. Consumers reset a lost position by
 * it, and tools count lag.
 * - 2: Under read_committed the end of a log is its last stable offset.
 * - 3: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 4: Leader epochs: the request fences old metadata, the answer gives the epoch of the offset (KIP-320).
 * - 5: A new leader that does not know its high watermark yet says OFFSET_NOT_AVAILABLE. Before that it says
 *   LEADER_NOT_AVAILABLE.
 * - 7: Timestamp -3 (KIP-734).
 * - 8: Timestamp -4 (KIP-405).
 * - 9: Timestamp -5 (KIP-1005).
 * - 10: A lookup in tiered storage no longer blocks the broker's request thread, and takes timeoutMs at most
 *   (KIP-1075).
 * - 11: Timestamp -6 (KIP-1023).
 */
export const listOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: 'ListOffsets',
  versions: { min: 1, max: 11, latestStable: 11 },
  flexibleFrom: 6,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'ListOffsetsRequest', encode: encodeListOffsetsRequest, decode: decodeListOffsetsRequest },
  response: { name: 'ListOffsetsResponse', encode: encodeListOffsetsResponse, decode: decodeListOffsetsResponse },
}
