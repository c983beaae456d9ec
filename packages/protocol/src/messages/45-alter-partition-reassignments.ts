/**
 * The AlterPartitionReassignments API (key 45).
 * Generated from schemas/45-alter-partition-reassignments.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AlterPartitionReassignmentsRequest {
  readonly timeoutMs?: number
  /** False: a list of another length than now is INVALID_REPLICATION_FACTOR. Versions 1+. */
  readonly allowReplicationFactorChange?: boolean
  readonly topics: readonly AlterPartitionReassignmentsRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionReassignmentsRequestTopic {
  readonly name: string
  readonly partitions: readonly AlterPartitionReassignmentsRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionReassignmentsRequestPartition {
  readonly partitionIndex: number
  /** The first is the preferred leader. Null cancels the move and brings the old replicas back. */
  readonly replicas?: readonly number[] | null
  readonly unknownTags?: UnknownTags
}

function encodeAlterPartitionReassignmentsRequest(writer: Writer, message: AlterPartitionReassignmentsRequest, version: number): void {
  writer.int32(message.timeoutMs ?? 60000)
  if (version >= 1) writer.bool(message.allowReplicationFactorChange ?? true)
  else if (message.allowReplicationFactorChange !== undefined && message.allowReplicationFactorChange !== true) throw writer.unsupported('allowReplicationFactorChange', version)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeAlterPartitionReassignmentsRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionReassignmentsRequestTopic(writer: Writer, message: AlterPartitionReassignmentsRequestTopic, version: number): void {
  writer.string(message.name, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAlterPartitionReassignmentsRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionReassignmentsRequestPartition(writer: Writer, message: AlterPartitionReassignmentsRequestPartition, _version: number): void {
  writer.int32(message.partitionIndex)
  const replicas = message.replicas ?? null
  if (replicas === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(replicas.length, true)
    for (const element of replicas) writer.int32(element)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterPartitionReassignmentsRequest(reader: Reader, version: number): Decoded<AlterPartitionReassignmentsRequest> {
  const timeoutMs = reader.int32()
  let allowReplicationFactorChange: boolean = true
  if (version >= 1) allowReplicationFactorChange = reader.bool()
  const topics: Decoded<AlterPartitionReassignmentsRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeAlterPartitionReassignmentsRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { timeoutMs, allowReplicationFactorChange, topics, unknownTags }
}

function decodeAlterPartitionReassignmentsRequestTopic(reader: Reader, version: number): Decoded<AlterPartitionReassignmentsRequestTopic> {
  const name = reader.string(true)
  const partitions: Decoded<AlterPartitionReassignmentsRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) partitions.push(decodeAlterPartitionReassignmentsRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, unknownTags }
}

function decodeAlterPartitionReassignmentsRequestPartition(reader: Reader, _version: number): Decoded<AlterPartitionReassignmentsRequestPartition> {
  const partitionIndex = reader.int32()
  let replicas: number[] | null = null
  const replicasCount = reader.nullableArrayLength(true, 4)
  if (replicasCount < 0) {
    replicas = null
  } else {
    const elements: number[] = []
    for (let left = replicasCount; left > 0; left--) elements.push(reader.int32())
    replicas = elements
  }
  const unknownTags = reader.unknownTags()
  return { partitionIndex, replicas, unknownTags }
}

export interface AlterPartitionReassignmentsResponse {
  readonly throttleTimeMs: number
  /** As in the request. Versions 1+. */
  readonly allowReplicationFactorChange?: boolean
  /** CLUSTER_AUTHORIZATION_FAILED, NOT_CONTROLLER: nothing was begun. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly responses: readonly AlterPartitionReassignmentsResponseResponse[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionReassignmentsResponseResponse {
  readonly name: string
  readonly partitions: readonly AlterPartitionReassignmentsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionReassignmentsResponsePartition {
  readonly partitionIndex: number
  /**
   * INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, UNKNOWN_TOPIC_OR_PARTITION. NO_REASSIGNMENT_IN_PROGRESS:
   * nothing to cancel.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly unknownTags?: UnknownTags
}

function encodeAlterPartitionReassignmentsResponse(writer: Writer, message: AlterPartitionReassignmentsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  if (version >= 1) writer.bool(message.allowReplicationFactorChange ?? true)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  const responses = message.responses
  writer.arrayLength(responses.length, true)
  for (const element of responses) encodeAlterPartitionReassignmentsResponseResponse(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionReassignmentsResponseResponse(writer: Writer, message: AlterPartitionReassignmentsResponseResponse, version: number): void {
  writer.string(message.name, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAlterPartitionReassignmentsResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionReassignmentsResponsePartition(writer: Writer, message: AlterPartitionReassignmentsResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterPartitionReassignmentsResponse(reader: Reader, version: number): Decoded<AlterPartitionReassignmentsResponse> {
  const throttleTimeMs = reader.int32()
  let allowReplicationFactorChange: boolean = true
  if (version >= 1) allowReplicationFactorChange = reader.bool()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const responses: Decoded<AlterPartitionReassignmentsResponseResponse>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) responses.push(decodeAlterPartitionReassignmentsResponseResponse(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, allowReplicationFactorChange, errorCode, errorMessage, responses, unknownTags }
}

function decodeAlterPartitionReassignmentsResponseResponse(reader: Reader, version: number): Decoded<AlterPartitionReassignmentsResponseResponse> {
  const name = reader.string(true)
  const partitions: Decoded<AlterPartitionReassignmentsResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) partitions.push(decodeAlterPartitionReassignmentsResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, unknownTags }
}

function decodeAlterPartitionReassignmentsResponsePartition(reader: Reader, _version: number): Decoded<AlterPartitionReassignmentsResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, errorMessage, unknownTags }
}

/**
 * Gives partitions a new list of replicas, or cancels such a move (KIP-455). The answer means accepted;
 * ListPartitionReassignments shows when it is done.
 * - 1: A guard against changing the number of replicas by mistake (KIP-860).
 */
export const alterPartitionReassignments: Api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> = {
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'AlterPartitionReassignmentsRequest', encode: encodeAlterPartitionReassignmentsRequest, decode: decodeAlterPartitionReassignmentsRequest },
  response: { name: 'AlterPartitionReassignmentsResponse', encode: encodeAlterPartitionReassignmentsResponse, decode: decodeAlterPartitionReassignmentsResponse },
}
