/**
 * The OffsetForLeaderEpoch API (key 23).
 * Generated from schemas/23-offset-for-leader-epoch.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface OffsetForLeaderEpochRequest {
  /** -1 from a consumer, the broker id from a follower. Versions 3+. */
  readonly replicaId?: number
  readonly topics: readonly OffsetForLeaderEpochRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetForLeaderEpochRequestTopic {
  readonly topic: string
  readonly partitions: readonly OffsetForLeaderEpochRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetForLeaderEpochRequestPartition {
  readonly partition: number
  /**
   * The epoch the asker believes in: too low is FENCED_LEADER_EPOCH, too high UNKNOWN_LEADER_EPOCH. -1 to skip the
   * check.
   */
  readonly currentLeaderEpoch?: number
  /** Epoch of the last record that the asker has read. */
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

function encodeOffsetForLeaderEpochRequest(writer: Writer, message: OffsetForLeaderEpochRequest, version: number): void {
  const flexible = version >= 4
  if (version >= 3) writer.int32(message.replicaId ?? -2)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeOffsetForLeaderEpochRequestTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetForLeaderEpochRequestTopic(writer: Writer, message: OffsetForLeaderEpochRequestTopic, version: number): void {
  const flexible = version >= 4
  writer.string(message.topic, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeOffsetForLeaderEpochRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetForLeaderEpochRequestPartition(writer: Writer, message: OffsetForLeaderEpochRequestPartition, version: number): void {
  const flexible = version >= 4
  writer.int32(message.partition)
  writer.int32(message.currentLeaderEpoch ?? -1)
  writer.int32(message.leaderEpoch)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeOffsetForLeaderEpochRequest(reader: Reader, version: number): Decoded<OffsetForLeaderEpochRequest> {
  const flexible = version >= 4
  let replicaId: number = -2
  if (version >= 3) replicaId = reader.int32()
  const topics: Decoded<OffsetForLeaderEpochRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeOffsetForLeaderEpochRequestTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { replicaId, topics, unknownTags }
}

function decodeOffsetForLeaderEpochRequestTopic(reader: Reader, version: number): Decoded<OffsetForLeaderEpochRequestTopic> {
  const flexible = version >= 4
  const topic = reader.string(flexible)
  const partitions: Decoded<OffsetForLeaderEpochRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 12); left > 0; left--) partitions.push(decodeOffsetForLeaderEpochRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, partitions, unknownTags }
}

function decodeOffsetForLeaderEpochRequestPartition(reader: Reader, version: number): Decoded<OffsetForLeaderEpochRequestPartition> {
  const flexible = version >= 4
  const partition = reader.int32()
  const currentLeaderEpoch = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partition, currentLeaderEpoch, leaderEpoch, unknownTags }
}

export interface OffsetForLeaderEpochResponse {
  readonly throttleTimeMs?: number
  readonly topics: readonly OffsetForLeaderEpochResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetForLeaderEpochResponseTopic {
  readonly topic: string
  readonly partitions: readonly OffsetForLeaderEpochResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface OffsetForLeaderEpochResponsePartition {
  /**
   * Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION. Retry:
   * UNKNOWN_LEADER_EPOCH. Final: TOPIC_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly partition: number
  /** The latest epoch in the log that is not above the one asked about; -1 when there is none. */
  readonly leaderEpoch?: number
  /**
   * The first offset after that epoch. Below the asker's position: records that it has read were truncated. -1 when
   * the leader cannot tell.
   */
  readonly endOffset?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeOffsetForLeaderEpochResponse(writer: Writer, message: OffsetForLeaderEpochResponse, version: number): void {
  const flexible = version >= 4
  writer.int32(message.throttleTimeMs ?? 0)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeOffsetForLeaderEpochResponseTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetForLeaderEpochResponseTopic(writer: Writer, message: OffsetForLeaderEpochResponseTopic, version: number): void {
  const flexible = version >= 4
  writer.string(message.topic, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeOffsetForLeaderEpochResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeOffsetForLeaderEpochResponsePartition(writer: Writer, message: OffsetForLeaderEpochResponsePartition, version: number): void {
  const flexible = version >= 4
  writer.int16(message.errorCode)
  writer.int32(message.partition)
  writer.int32(message.leaderEpoch ?? -1)
  writer.int64(message.endOffset ?? -1n)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeOffsetForLeaderEpochResponse(reader: Reader, version: number): Decoded<OffsetForLeaderEpochResponse> {
  const flexible = version >= 4
  const throttleTimeMs = reader.int32()
  const topics: Decoded<OffsetForLeaderEpochResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeOffsetForLeaderEpochResponseTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, topics, unknownTags }
}

function decodeOffsetForLeaderEpochResponseTopic(reader: Reader, version: number): Decoded<OffsetForLeaderEpochResponseTopic> {
  const flexible = version >= 4
  const topic = reader.string(flexible)
  const partitions: Decoded<OffsetForLeaderEpochResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 18); left > 0; left--) partitions.push(decodeOffsetForLeaderEpochResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, partitions, unknownTags }
}

function decodeOffsetForLeaderEpochResponsePartition(reader: Reader, version: number): Decoded<OffsetForLeaderEpochResponsePartition> {
  const flexible = version >= 4
  const errorCode = reader.int16()
  const partition = reader.int32()
  const leaderEpoch = reader.int32()
  const endOffset = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, partition, leaderEpoch, endOffset, unknownTags }
}

/**
 * Asks a leader where an epoch ends in its log (KIP-320). A consumer checks its position by it after a change of
 * leader; followers no longer need to ask, since Fetch 12 tells them.
 * - 3: From here the right to describe the topic is enough. Older brokers ask for rights on the cluster below 3, so
 *   consumers start at 3.
 */
export const offsetForLeaderEpoch: Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: { min: 2, max: 4, latestStable: 4 },
  flexibleFrom: 4,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'OffsetForLeaderEpochRequest', encode: encodeOffsetForLeaderEpochRequest, decode: decodeOffsetForLeaderEpochRequest },
  response: { name: 'OffsetForLeaderEpochResponse', encode: encodeOffsetForLeaderEpochResponse, decode: decodeOffsetForLeaderEpochResponse },
}
