/**
 * The ReadShareGroupStateSummary API (key 87).
 * Generated from schemas/87-read-share-group-state-summary.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ReadShareGroupStateSummaryRequest {
  readonly groupId: string
  readonly topics: readonly ReadShareGroupStateSummaryRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateSummaryRequestTopic {
  readonly topicId: Uuid
  readonly partitions: readonly ReadShareGroupStateSummaryRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateSummaryRequestPartition {
  readonly partition: number
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

function encodeReadShareGroupStateSummaryRequest(writer: Writer, message: ReadShareGroupStateSummaryRequest, version: number): void {
  writer.string(message.groupId, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeReadShareGroupStateSummaryRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateSummaryRequestTopic(writer: Writer, message: ReadShareGroupStateSummaryRequestTopic, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeReadShareGroupStateSummaryRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateSummaryRequestPartition(writer: Writer, message: ReadShareGroupStateSummaryRequestPartition, _version: number): void {
  writer.int32(message.partition)
  writer.int32(message.leaderEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeReadShareGroupStateSummaryRequest(reader: Reader, version: number): Decoded<ReadShareGroupStateSummaryRequest> {
  const groupId = reader.string(true)
  const topics: Decoded<ReadShareGroupStateSummaryRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeReadShareGroupStateSummaryRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { groupId, topics, unknownTags }
}

function decodeReadShareGroupStateSummaryRequestTopic(reader: Reader, version: number): Decoded<ReadShareGroupStateSummaryRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<ReadShareGroupStateSummaryRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) partitions.push(decodeReadShareGroupStateSummaryRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeReadShareGroupStateSummaryRequestPartition(reader: Reader, _version: number): Decoded<ReadShareGroupStateSummaryRequestPartition> {
  const partition = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partition, leaderEpoch, unknownTags }
}

export interface ReadShareGroupStateSummaryResponse {
  readonly results: readonly ReadShareGroupStateSummaryResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateSummaryResponseResult {
  readonly topicId: Uuid
  readonly partitions: readonly ReadShareGroupStateSummaryResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface ReadShareGroupStateSummaryResponsePartition {
  readonly partition: number
  /**
   * NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION,
   * INVALID_REQUEST.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly stateEpoch: number
  readonly leaderEpoch: number
  /** -1 when not settled yet. */
  readonly startOffset: bigint
  /**
   * How many offsets from the start offset on are done with, acknowledged or archived. -1 when unknown. Versions 1+.
   */
  readonly deliveryCompleteCount?: number
  readonly unknownTags?: UnknownTags
}

function encodeReadShareGroupStateSummaryResponse(writer: Writer, message: ReadShareGroupStateSummaryResponse, version: number): void {
  const results = message.results
  writer.arrayLength(results.length, true)
  for (const element of results) encodeReadShareGroupStateSummaryResponseResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateSummaryResponseResult(writer: Writer, message: ReadShareGroupStateSummaryResponseResult, version: number): void {
  writer.uuid(message.topicId)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeReadShareGroupStateSummaryResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeReadShareGroupStateSummaryResponsePartition(writer: Writer, message: ReadShareGroupStateSummaryResponsePartition, version: number): void {
  writer.int32(message.partition)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  writer.int32(message.stateEpoch)
  writer.int32(message.leaderEpoch)
  writer.int64(message.startOffset)
  if (version >= 1) writer.int32(message.deliveryCompleteCount ?? -1)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeReadShareGroupStateSummaryResponse(reader: Reader, version: number): Decoded<ReadShareGroupStateSummaryResponse> {
  const results: Decoded<ReadShareGroupStateSummaryResponseResult>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) results.push(decodeReadShareGroupStateSummaryResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { results, unknownTags }
}

function decodeReadShareGroupStateSummaryResponseResult(reader: Reader, version: number): Decoded<ReadShareGroupStateSummaryResponseResult> {
  const topicId = reader.uuid()
  const partitions: Decoded<ReadShareGroupStateSummaryResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 24); left > 0; left--) partitions.push(decodeReadShareGroupStateSummaryResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeReadShareGroupStateSummaryResponsePartition(reader: Reader, version: number): Decoded<ReadShareGroupStateSummaryResponsePartition> {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const stateEpoch = reader.int32()
  const leaderEpoch = reader.int32()
  const startOffset = reader.int64()
  let deliveryCompleteCount: number = -1
  if (version >= 1) deliveryCompleteCount = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partition, errorCode, errorMessage, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount, unknownTags }
}

/**
 * The group coordinator asks where a share group stands in partitions, to answer DescribeShareGroupOffsets. Nothing
 * is changed by it.
 * - 1: Lets lag be worked out (KIP-1226).
 */
export const readShareGroupStateSummary: Api<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse> = {
  key: 87,
  name: 'ReadShareGroupStateSummary',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'share',
  listeners: ['broker'],
  request: { name: 'ReadShareGroupStateSummaryRequest', encode: encodeReadShareGroupStateSummaryRequest, decode: decodeReadShareGroupStateSummaryRequest },
  response: { name: 'ReadShareGroupStateSummaryResponse', encode: encodeReadShareGroupStateSummaryResponse, decode: decodeReadShareGroupStateSummaryResponse },
}
