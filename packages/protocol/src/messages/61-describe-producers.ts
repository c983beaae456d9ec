/**
 * The DescribeProducers API (key 61).
 * Generated from schemas/61-describe-producers.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeProducersRequest {
  readonly topics: readonly DescribeProducersRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeProducersRequestTopic {
  readonly name: string
  readonly partitionIndexes: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeDescribeProducersRequest(writer: Writer, message: DescribeProducersRequest, version: number): void {
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeProducersRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeProducersRequestTopic(writer: Writer, message: DescribeProducersRequestTopic, _version: number): void {
  writer.string(message.name, true)
  const partitionIndexes = message.partitionIndexes
  writer.arrayLength(partitionIndexes.length, true)
  for (const element of partitionIndexes) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeProducersRequest(reader: Reader, version: number): Decoded<DescribeProducersRequest> {
  const topics: Decoded<DescribeProducersRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeDescribeProducersRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { topics, unknownTags }
}

function decodeDescribeProducersRequestTopic(reader: Reader, _version: number): Decoded<DescribeProducersRequestTopic> {
  const name = reader.string(true)
  const partitionIndexes: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitionIndexes.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { name, partitionIndexes, unknownTags }
}

export interface DescribeProducersResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly DescribeProducersResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeProducersResponseTopic {
  readonly name: string
  readonly partitions: readonly DescribeProducersResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeProducersResponsePartition {
  readonly partitionIndex: number
  /**
   * NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION: refresh metadata. TOPIC_AUTHORIZATION_FAILED without READ on
   * the topic.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /** Producers that wrote within producer.id.expiration.ms or have a transaction open. */
  readonly activeProducers: readonly DescribeProducersResponseActiveProducer[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeProducersResponseActiveProducer {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Of the last record written; -1 when none is known. */
  readonly lastSequence?: number
  /** Of the last batch written; -1 when none is known. */
  readonly lastTimestamp?: bigint
  /** From the last transaction marker; -1 before the first. */
  readonly coordinatorEpoch: number
  /** Where the open transaction began in this partition; -1 when none is open. */
  readonly currentTxnStartOffset?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeDescribeProducersResponse(writer: Writer, message: DescribeProducersResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeProducersResponseTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeProducersResponseTopic(writer: Writer, message: DescribeProducersResponseTopic, version: number): void {
  writer.string(message.name, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeDescribeProducersResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeProducersResponsePartition(writer: Writer, message: DescribeProducersResponsePartition, version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  const activeProducers = message.activeProducers
  writer.arrayLength(activeProducers.length, true)
  for (const element of activeProducers) encodeDescribeProducersResponseActiveProducer(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeProducersResponseActiveProducer(writer: Writer, message: DescribeProducersResponseActiveProducer, _version: number): void {
  writer.int64(message.producerId)
  writer.int32(message.producerEpoch)
  writer.int32(message.lastSequence ?? -1)
  writer.int64(message.lastTimestamp ?? -1n)
  writer.int32(message.coordinatorEpoch)
  writer.int64(message.currentTxnStartOffset ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeProducersResponse(reader: Reader, version: number): Decoded<DescribeProducersResponse> {
  const throttleTimeMs = reader.int32()
  const topics: Decoded<DescribeProducersResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeDescribeProducersResponseTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, topics, unknownTags }
}

function decodeDescribeProducersResponseTopic(reader: Reader, version: number): Decoded<DescribeProducersResponseTopic> {
  const name = reader.string(true)
  const partitions: Decoded<DescribeProducersResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) partitions.push(decodeDescribeProducersResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, unknownTags }
}

function decodeDescribeProducersResponsePartition(reader: Reader, version: number): Decoded<DescribeProducersResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const activeProducers: Decoded<DescribeProducersResponseActiveProducer>[] = []
  for (let left = reader.arrayLength(true, 37); left > 0; left--) activeProducers.push(decodeDescribeProducersResponseActiveProducer(reader, version))
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, errorMessage, activeProducers, unknownTags }
}

function decodeDescribeProducersResponseActiveProducer(reader: Reader, _version: number): Decoded<DescribeProducersResponseActiveProducer> {
  const producerId = reader.int64()
  const producerEpoch = reader.int32()
  const lastSequence = reader.int32()
  const lastTimestamp = reader.int64()
  const coordinatorEpoch = reader.int32()
  const currentTxnStartOffset = reader.int64()
  const unknownTags = reader.unknownTags()
  return { producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch, currentTxnStartOffset, unknownTags }
}

/**
 * Shows what the leader of a partition remembers of its idempotent and transactional producers; a way to find
 * transactions that hang and hold back the last stable offset (KIP-664).
 */
export const describeProducers: Api<DescribeProducersRequest, DescribeProducersResponse> = {
  key: 61,
  name: 'DescribeProducers',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'DescribeProducersRequest', encode: encodeDescribeProducersRequest, decode: decodeDescribeProducersRequest },
  response: { name: 'DescribeProducersResponse', encode: encodeDescribeProducersResponse, decode: decodeDescribeProducersResponse },
}
