/**
 * The WriteTxnMarkers API (key 27).
 * Generated from schemas/27-write-txn-markers.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface WriteTxnMarkersRequest {
  readonly markers: readonly WriteTxnMarkersRequestMarker[]
  readonly unknownTags?: UnknownTags
}

export interface WriteTxnMarkersRequestMarker {
  readonly producerId: bigint
  /**
   * Compared with the producer's epoch in the partition as transactionVersion says; too low is
   * INVALID_PRODUCER_EPOCH.
   */
  readonly producerEpoch: number
  /** True commits, false aborts. */
  readonly transactionResult: boolean
  readonly topics: readonly WriteTxnMarkersRequestTopic[]
  /** Below what a partition has seen: TRANSACTION_COORDINATOR_FENCED. */
  readonly coordinatorEpoch: number
  /**
   * 2: the epoch was raised for the marker, so must be above that of the records. 0 and 1: may be equal. Versions 2+.
   */
  readonly transactionVersion?: number
  readonly unknownTags?: UnknownTags
}

export interface WriteTxnMarkersRequestTopic {
  readonly name: string
  readonly partitionIndexes: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeWriteTxnMarkersRequest(writer: Writer, message: WriteTxnMarkersRequest, version: number): void {
  const markers = message.markers
  writer.arrayLength(markers.length, true)
  for (const element of markers) encodeWriteTxnMarkersRequestMarker(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteTxnMarkersRequestMarker(writer: Writer, message: WriteTxnMarkersRequestMarker, version: number): void {
  writer.int64(message.producerId)
  writer.int16(message.producerEpoch)
  writer.bool(message.transactionResult)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeWriteTxnMarkersRequestTopic(writer, element, version)
  writer.int32(message.coordinatorEpoch)
  if (version >= 2) writer.int8(message.transactionVersion ?? 0)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteTxnMarkersRequestTopic(writer: Writer, message: WriteTxnMarkersRequestTopic, _version: number): void {
  writer.string(message.name, true)
  const partitionIndexes = message.partitionIndexes
  writer.arrayLength(partitionIndexes.length, true)
  for (const element of partitionIndexes) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeWriteTxnMarkersRequest(reader: Reader, version: number): Decoded<WriteTxnMarkersRequest> {
  const markers: Decoded<WriteTxnMarkersRequestMarker>[] = []
  for (let left = reader.arrayLength(true, 17); left > 0; left--) markers.push(decodeWriteTxnMarkersRequestMarker(reader, version))
  const unknownTags = reader.unknownTags()
  return { markers, unknownTags }
}

function decodeWriteTxnMarkersRequestMarker(reader: Reader, version: number): Decoded<WriteTxnMarkersRequestMarker> {
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const transactionResult = reader.bool()
  const topics: Decoded<WriteTxnMarkersRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeWriteTxnMarkersRequestTopic(reader, version))
  const coordinatorEpoch = reader.int32()
  let transactionVersion: number = 0
  if (version >= 2) transactionVersion = reader.int8()
  const unknownTags = reader.unknownTags()
  return { producerId, producerEpoch, transactionResult, topics, coordinatorEpoch, transactionVersion, unknownTags }
}

function decodeWriteTxnMarkersRequestTopic(reader: Reader, _version: number): Decoded<WriteTxnMarkersRequestTopic> {
  const name = reader.string(true)
  const partitionIndexes: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitionIndexes.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { name, partitionIndexes, unknownTags }
}

export interface WriteTxnMarkersResponse {
  readonly markers: readonly WriteTxnMarkersResponseMarker[]
  readonly unknownTags?: UnknownTags
}

export interface WriteTxnMarkersResponseMarker {
  readonly producerId: bigint
  readonly topics: readonly WriteTxnMarkersResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface WriteTxnMarkersResponseTopic {
  readonly name: string
  readonly partitions: readonly WriteTxnMarkersResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface WriteTxnMarkersResponsePartition {
  readonly partitionIndex: number
  /**
   * Retried without end by the coordinator: NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, REQUEST_TIMED_OUT and the
   * like. Given up: TRANSACTION_COORDINATOR_FENCED, INVALID_PRODUCER_EPOCH. To a sender without rights on the
   * cluster: CLUSTER_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeWriteTxnMarkersResponse(writer: Writer, message: WriteTxnMarkersResponse, version: number): void {
  const markers = message.markers
  writer.arrayLength(markers.length, true)
  for (const element of markers) encodeWriteTxnMarkersResponseMarker(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteTxnMarkersResponseMarker(writer: Writer, message: WriteTxnMarkersResponseMarker, version: number): void {
  writer.int64(message.producerId)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeWriteTxnMarkersResponseTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteTxnMarkersResponseTopic(writer: Writer, message: WriteTxnMarkersResponseTopic, version: number): void {
  writer.string(message.name, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeWriteTxnMarkersResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeWriteTxnMarkersResponsePartition(writer: Writer, message: WriteTxnMarkersResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeWriteTxnMarkersResponse(reader: Reader, version: number): Decoded<WriteTxnMarkersResponse> {
  const markers: Decoded<WriteTxnMarkersResponseMarker>[] = []
  for (let left = reader.arrayLength(true, 10); left > 0; left--) markers.push(decodeWriteTxnMarkersResponseMarker(reader, version))
  const unknownTags = reader.unknownTags()
  return { markers, unknownTags }
}

function decodeWriteTxnMarkersResponseMarker(reader: Reader, version: number): Decoded<WriteTxnMarkersResponseMarker> {
  const producerId = reader.int64()
  const topics: Decoded<WriteTxnMarkersResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeWriteTxnMarkersResponseTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { producerId, topics, unknownTags }
}

function decodeWriteTxnMarkersResponseTopic(reader: Reader, version: number): Decoded<WriteTxnMarkersResponseTopic> {
  const name = reader.string(true)
  const partitions: Decoded<WriteTxnMarkersResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 7); left > 0; left--) partitions.push(decodeWriteTxnMarkersResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, unknownTags }
}

function decodeWriteTxnMarkersResponsePartition(reader: Reader, _version: number): Decoded<WriteTxnMarkersResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, unknownTags }
}

/**
 * Makes leaders append a commit or abort marker. Sent by the transaction coordinator after EndTxn or a timeout, and
 * by an operator to end a transaction that hangs (KIP-664).
 * - 2: The leader can tell how the marker's epoch has to compare with the producer's (KIP-1228).
 */
export const writeTxnMarkers: Api<WriteTxnMarkersRequest, WriteTxnMarkersResponse> = {
  key: 27,
  name: 'WriteTxnMarkers',
  versions: { min: 1, max: 2, latestStable: 2 },
  flexibleFrom: 1,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'WriteTxnMarkersRequest', encode: encodeWriteTxnMarkersRequest, decode: decodeWriteTxnMarkersRequest },
  response: { name: 'WriteTxnMarkersResponse', encode: encodeWriteTxnMarkersResponse, decode: decodeWriteTxnMarkersResponse },
}
