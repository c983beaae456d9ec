/**
 * The ListPartitionReassignments API (key 46).
 * Generated from schemas/46-list-partition-reassignments.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ListPartitionReassignmentsRequest {
  readonly timeoutMs?: number
  /** Null for all of them. */
  readonly topics?: readonly ListPartitionReassignmentsRequestTopic[] | null
  readonly unknownTags?: UnknownTags
}

export interface ListPartitionReassignmentsRequestTopic {
  readonly name: string
  readonly partitionIndexes: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeListPartitionReassignmentsRequest(writer: Writer, message: ListPartitionReassignmentsRequest, version: number): void {
  writer.int32(message.timeoutMs ?? 60000)
  const topics = message.topics ?? null
  if (topics === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(topics.length, true)
    for (const element of topics) encodeListPartitionReassignmentsRequestTopic(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeListPartitionReassignmentsRequestTopic(writer: Writer, message: ListPartitionReassignmentsRequestTopic, _version: number): void {
  writer.string(message.name, true)
  const partitionIndexes = message.partitionIndexes
  writer.arrayLength(partitionIndexes.length, true)
  for (const element of partitionIndexes) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeListPartitionReassignmentsRequest(reader: Reader, version: number): Decoded<ListPartitionReassignmentsRequest> {
  const timeoutMs = reader.int32()
  let topics: Decoded<ListPartitionReassignmentsRequestTopic>[] | null = null
  const topicsCount = reader.nullableArrayLength(true, 3)
  if (topicsCount < 0) {
    topics = null
  } else {
    const elements: Decoded<ListPartitionReassignmentsRequestTopic>[] = []
    for (let left = topicsCount; left > 0; left--) elements.push(decodeListPartitionReassignmentsRequestTopic(reader, version))
    topics = elements
  }
  const unknownTags = reader.unknownTags()
  return { timeoutMs, topics, unknownTags }
}

function decodeListPartitionReassignmentsRequestTopic(reader: Reader, _version: number): Decoded<ListPartitionReassignmentsRequestTopic> {
  const name = reader.string(true)
  const partitionIndexes: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitionIndexes.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { name, partitionIndexes, unknownTags }
}

export interface ListPartitionReassignmentsResponse {
  readonly throttleTimeMs: number
  /** CLUSTER_AUTHORIZATION_FAILED, NOT_CONTROLLER. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly topics: readonly ListPartitionReassignmentsResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface ListPartitionReassignmentsResponseTopic {
  readonly name: string
  readonly partitions: readonly ListPartitionReassignmentsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface ListPartitionReassignmentsResponsePartition {
  readonly partitionIndex: number
  /** Old and new ones together, for as long as the move lasts. */
  readonly replicas: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeListPartitionReassignmentsResponse(writer: Writer, message: ListPartitionReassignmentsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeListPartitionReassignmentsResponseTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeListPartitionReassignmentsResponseTopic(writer: Writer, message: ListPartitionReassignmentsResponseTopic, version: number): void {
  writer.string(message.name, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeListPartitionReassignmentsResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeListPartitionReassignmentsResponsePartition(writer: Writer, message: ListPartitionReassignmentsResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  const replicas = message.replicas
  writer.arrayLength(replicas.length, true)
  for (const element of replicas) writer.int32(element)
  const addingReplicas = message.addingReplicas
  writer.arrayLength(addingReplicas.length, true)
  for (const element of addingReplicas) writer.int32(element)
  const removingReplicas = message.removingReplicas
  writer.arrayLength(removingReplicas.length, true)
  for (const element of removingReplicas) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeListPartitionReassignmentsResponse(reader: Reader, version: number): Decoded<ListPartitionReassignmentsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const topics: Decoded<ListPartitionReassignmentsResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeListPartitionReassignmentsResponseTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, topics, unknownTags }
}

function decodeListPartitionReassignmentsResponseTopic(reader: Reader, version: number): Decoded<ListPartitionReassignmentsResponseTopic> {
  const name = reader.string(true)
  const partitions: Decoded<ListPartitionReassignmentsResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) partitions.push(decodeListPartitionReassignmentsResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, unknownTags }
}

function decodeListPartitionReassignmentsResponsePartition(reader: Reader, _version: number): Decoded<ListPartitionReassignmentsResponsePartition> {
  const partitionIndex = reader.int32()
  const replicas: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) replicas.push(reader.int32())
  const addingReplicas: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) addingReplicas.push(reader.int32())
  const removingReplicas: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) removingReplicas.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { partitionIndex, replicas, addingReplicas, removingReplicas, unknownTags }
}

/**
 * Lists partitions whose replicas are being moved (KIP-455). One that is missing from the answer has arrived or never
 * moved.
 */
export const listPartitionReassignments: Api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> = {
  key: 46,
  name: 'ListPartitionReassignments',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'ListPartitionReassignmentsRequest', encode: encodeListPartitionReassignmentsRequest, decode: decodeListPartitionReassignmentsRequest },
  response: { name: 'ListPartitionReassignmentsResponse', encode: encodeListPartitionReassignmentsResponse, decode: decodeListPartitionReassignmentsResponse },
}
