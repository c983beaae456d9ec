/**
 * The ElectLeaders API (key 43).
 * Generated from schemas/43-elect-leaders.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ElectLeadersRequest {
  /**
   * 0: the first replica of the list, if it is in sync. 1: for a partition without a leader any live replica, in sync
   * or not; records may be lost. Versions 1+.
   */
  readonly electionType?: number
  /** Null for all partitions. */
  readonly topicPartitions: readonly ElectLeadersRequestTopicPartition[] | null
  readonly timeoutMs?: number
  readonly unknownTags?: UnknownTags
}

export interface ElectLeadersRequestTopicPartition {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeElectLeadersRequest(writer: Writer, message: ElectLeadersRequest, version: number): void {
  const flexible = version >= 2
  if (version >= 1) writer.int8(message.electionType ?? 0)
  else if (message.electionType !== undefined && message.electionType !== 0) throw writer.unsupported('electionType', version)
  const topicPartitions = message.topicPartitions
  if (topicPartitions === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(topicPartitions.length, flexible)
    for (const element of topicPartitions) encodeElectLeadersRequestTopicPartition(writer, element, version)
  }
  writer.int32(message.timeoutMs ?? 60000)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeElectLeadersRequestTopicPartition(writer: Writer, message: ElectLeadersRequestTopicPartition, version: number): void {
  const flexible = version >= 2
  writer.string(message.topic, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeElectLeadersRequest(reader: Reader, version: number): Decoded<ElectLeadersRequest> {
  const flexible = version >= 2
  let electionType: number = 0
  if (version >= 1) electionType = reader.int8()
  let topicPartitions: Decoded<ElectLeadersRequestTopicPartition>[] | null = []
  const topicPartitionsCount = reader.nullableArrayLength(flexible, 2)
  if (topicPartitionsCount < 0) {
    topicPartitions = null
  } else {
    const elements: Decoded<ElectLeadersRequestTopicPartition>[] = []
    for (let left = topicPartitionsCount; left > 0; left--) elements.push(decodeElectLeadersRequestTopicPartition(reader, version))
    topicPartitions = elements
  }
  const timeoutMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { electionType, topicPartitions, timeoutMs, unknownTags }
}

function decodeElectLeadersRequestTopicPartition(reader: Reader, version: number): Decoded<ElectLeadersRequestTopicPartition> {
  const flexible = version >= 2
  const topic = reader.string(flexible)
  const partitions: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, partitions, unknownTags }
}

export interface ElectLeadersResponse {
  readonly throttleTimeMs: number
  /** CLUSTER_AUTHORIZATION_FAILED, NOT_CONTROLLER: nothing was tried. Versions 1+. */
  readonly errorCode?: number
  /** When all partitions were asked for, without those that had the wanted leader already. */
  readonly replicaElectionResults: readonly ElectLeadersResponseReplicaElectionResult[]
  readonly unknownTags?: UnknownTags
}

export interface ElectLeadersResponseReplicaElectionResult {
  readonly topic: string
  readonly partitionResult: readonly ElectLeadersResponsePartitionResult[]
  readonly unknownTags?: UnknownTags
}

export interface ElectLeadersResponsePartitionResult {
  readonly partitionId: number
  /**
   * ELECTION_NOT_NEEDED: has that leader already. PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE: no
   * replica qualifies now. UNKNOWN_TOPIC_OR_PARTITION.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly unknownTags?: UnknownTags
}

function encodeElectLeadersResponse(writer: Writer, message: ElectLeadersResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  if (version >= 1) writer.int16(message.errorCode ?? 0)
  else if (message.errorCode !== undefined && message.errorCode !== 0) throw writer.unsupported('errorCode', version)
  const replicaElectionResults = message.replicaElectionResults
  writer.arrayLength(replicaElectionResults.length, flexible)
  for (const element of replicaElectionResults) encodeElectLeadersResponseReplicaElectionResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeElectLeadersResponseReplicaElectionResult(writer: Writer, message: ElectLeadersResponseReplicaElectionResult, version: number): void {
  const flexible = version >= 2
  writer.string(message.topic, flexible)
  const partitionResult = message.partitionResult
  writer.arrayLength(partitionResult.length, flexible)
  for (const element of partitionResult) encodeElectLeadersResponsePartitionResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeElectLeadersResponsePartitionResult(writer: Writer, message: ElectLeadersResponsePartitionResult, version: number): void {
  const flexible = version >= 2
  writer.int32(message.partitionId)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeElectLeadersResponse(reader: Reader, version: number): Decoded<ElectLeadersResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  let errorCode: number = 0
  if (version >= 1) errorCode = reader.int16()
  const replicaElectionResults: Decoded<ElectLeadersResponseReplicaElectionResult>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) replicaElectionResults.push(decodeElectLeadersResponseReplicaElectionResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, replicaElectionResults, unknownTags }
}

function decodeElectLeadersResponseReplicaElectionResult(reader: Reader, version: number): Decoded<ElectLeadersResponseReplicaElectionResult> {
  const flexible = version >= 2
  const topic = reader.string(flexible)
  const partitionResult: Decoded<ElectLeadersResponsePartitionResult>[] = []
  for (let left = reader.arrayLength(flexible, 7); left > 0; left--) partitionResult.push(decodeElectLeadersResponsePartitionResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, partitionResult, unknownTags }
}

function decodeElectLeadersResponsePartitionResult(reader: Reader, version: number): Decoded<ElectLeadersResponsePartitionResult> {
  const flexible = version >= 2
  const partitionId = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionId, errorCode, errorMessage, unknownTags }
}

/**
 * Gives partitions their preferred leader back or, at the price of lost records, any leader at all. Any broker passes
 * it on to the controller.
 * - 1: Unclean elections (KIP-460); before that always the preferred leader.
 */
export const electLeaders: Api<ElectLeadersRequest, ElectLeadersResponse> = {
  key: 43,
  name: 'ElectLeaders',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'ElectLeadersRequest', encode: encodeElectLeadersRequest, decode: decodeElectLeadersRequest },
  response: { name: 'ElectLeadersResponse', encode: encodeElectLeadersResponse, decode: decodeElectLeadersResponse },
}
