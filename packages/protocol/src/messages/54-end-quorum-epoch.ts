/**
 * The EndQuorumEpoch API (key 54).
 * Generated from schemas/54-end-quorum-epoch.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface EndQuorumEpochRequest {
  /** Null skips the check. */
  readonly clusterId?: string | null
  /** `__cluster_metadata` alone, with its only partition 0. */
  readonly topics: readonly EndQuorumEpochRequestTopic[]
  /** Versions 1+. */
  readonly leaderEndpoints?: readonly EndQuorumEpochRequestLeaderEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface EndQuorumEpochRequestTopic {
  readonly topicName: string
  readonly partitions: readonly EndQuorumEpochRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface EndQuorumEpochRequestPartition {
  readonly partitionIndex: number
  /** The leader that resigns. */
  readonly leaderId: number
  /** The epoch that it gives up. */
  readonly leaderEpoch: number
  /**
   * Voters by how far they have replicated, the furthest first. The first stands for election at once, the others
   * wait the longer the later they come. Versions 0.
   */
  readonly preferredSuccessors?: readonly number[]
  /** As `preferredSuccessors`. Versions 1+. */
  readonly preferredCandidates?: readonly EndQuorumEpochRequestPreferredCandidate[]
  readonly unknownTags?: UnknownTags
}

export interface EndQuorumEpochRequestPreferredCandidate {
  readonly candidateId: number
  readonly candidateDirectoryId: Uuid
  readonly unknownTags?: UnknownTags
}

export interface EndQuorumEpochRequestLeaderEndpoint {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeEndQuorumEpochRequest(writer: Writer, message: EndQuorumEpochRequest, version: number): void {
  const flexible = version >= 1
  writer.nullableString(message.clusterId ?? null, flexible)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeEndQuorumEpochRequestTopic(writer, element, version)
  if (version >= 1) {
    const leaderEndpoints = message.leaderEndpoints ?? []
    writer.arrayLength(leaderEndpoints.length, true)
    for (const element of leaderEndpoints) encodeEndQuorumEpochRequestLeaderEndpoint(writer, element, version)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeEndQuorumEpochRequestTopic(writer: Writer, message: EndQuorumEpochRequestTopic, version: number): void {
  const flexible = version >= 1
  writer.string(message.topicName, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeEndQuorumEpochRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeEndQuorumEpochRequestPartition(writer: Writer, message: EndQuorumEpochRequestPartition, version: number): void {
  const flexible = version >= 1
  writer.int32(message.partitionIndex)
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  if (version <= 0) {
    const preferredSuccessors = message.preferredSuccessors ?? []
    writer.arrayLength(preferredSuccessors.length, false)
    for (const element of preferredSuccessors) writer.int32(element)
  }
  if (version >= 1) {
    const preferredCandidates = message.preferredCandidates ?? []
    writer.arrayLength(preferredCandidates.length, true)
    for (const element of preferredCandidates) encodeEndQuorumEpochRequestPreferredCandidate(writer, element, version)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeEndQuorumEpochRequestPreferredCandidate(writer: Writer, message: EndQuorumEpochRequestPreferredCandidate, _version: number): void {
  writer.int32(message.candidateId)
  writer.uuid(message.candidateDirectoryId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeEndQuorumEpochRequestLeaderEndpoint(writer: Writer, message: EndQuorumEpochRequestLeaderEndpoint, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeEndQuorumEpochRequest(reader: Reader, version: number): Decoded<EndQuorumEpochRequest> {
  const flexible = version >= 1
  const clusterId = reader.nullableString(flexible)
  const topics: Decoded<EndQuorumEpochRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeEndQuorumEpochRequestTopic(reader, version))
  let leaderEndpoints: Decoded<EndQuorumEpochRequestLeaderEndpoint>[] = []
  if (version >= 1) for (let left = reader.arrayLength(true, 5); left > 0; left--) leaderEndpoints.push(decodeEndQuorumEpochRequestLeaderEndpoint(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { clusterId, topics, leaderEndpoints, unknownTags }
}

function decodeEndQuorumEpochRequestTopic(reader: Reader, version: number): Decoded<EndQuorumEpochRequestTopic> {
  const flexible = version >= 1
  const topicName = reader.string(flexible)
  const partitions: Decoded<EndQuorumEpochRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 12); left > 0; left--) partitions.push(decodeEndQuorumEpochRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topicName, partitions, unknownTags }
}

function decodeEndQuorumEpochRequestPartition(reader: Reader, version: number): Decoded<EndQuorumEpochRequestPartition> {
  const flexible = version >= 1
  const partitionIndex = reader.int32()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  let preferredSuccessors: number[] = []
  if (version <= 0) for (let left = reader.arrayLength(false, 4); left > 0; left--) preferredSuccessors.push(reader.int32())
  let preferredCandidates: Decoded<EndQuorumEpochRequestPreferredCandidate>[] = []
  if (version >= 1) for (let left = reader.arrayLength(true, 21); left > 0; left--) preferredCandidates.push(decodeEndQuorumEpochRequestPreferredCandidate(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, leaderId, leaderEpoch, preferredSuccessors, preferredCandidates, unknownTags }
}

function decodeEndQuorumEpochRequestPreferredCandidate(reader: Reader, _version: number): Decoded<EndQuorumEpochRequestPreferredCandidate> {
  const candidateId = reader.int32()
  const candidateDirectoryId = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { candidateId, candidateDirectoryId, unknownTags }
}

function decodeEndQuorumEpochRequestLeaderEndpoint(reader: Reader, _version: number): Decoded<EndQuorumEpochRequestLeaderEndpoint> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, unknownTags }
}

export interface EndQuorumEpochResponse {
  /** INCONSISTENT_CLUSTER_ID, CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly topics: readonly EndQuorumEpochResponseTopic[]
  /** Versions 1+. */
  readonly nodeEndpoints?: readonly EndQuorumEpochResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface EndQuorumEpochResponseTopic {
  readonly topicName: string
  readonly partitions: readonly EndQuorumEpochResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface EndQuorumEpochResponsePartition {
  readonly partitionIndex: number
  /**
   * FENCED_LEADER_EPOCH: the voter is past the epoch that ends. INVALID_REQUEST: it knows another leader of that
   * epoch.
   */
  readonly errorCode: number
  /** -1 when the voter knows of none. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

export interface EndQuorumEpochResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeEndQuorumEpochResponse(writer: Writer, message: EndQuorumEpochResponse, version: number): void {
  const flexible = version >= 1
  writer.int16(message.errorCode)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeEndQuorumEpochResponseTopic(writer, element, version)
  if (version < 1 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw writer.unsupported('nodeEndpoints', version)
  if (flexible) {
    const nodeEndpoints = message.nodeEndpoints
    const hasNodeEndpoints = nodeEndpoints !== undefined && nodeEndpoints.length !== 0
    writer.tagCount(hasNodeEndpoints ? 1 : 0, message.unknownTags)
    if (hasNodeEndpoints) {
      const nodeEndpointsAt = writer.enterTag(0)
      writer.arrayLength(nodeEndpoints.length, true)
      for (const element of nodeEndpoints) encodeEndQuorumEpochResponseNodeEndpoint(writer, element, version)
      writer.leaveTag(nodeEndpointsAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeEndQuorumEpochResponseTopic(writer: Writer, message: EndQuorumEpochResponseTopic, version: number): void {
  const flexible = version >= 1
  writer.string(message.topicName, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeEndQuorumEpochResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeEndQuorumEpochResponsePartition(writer: Writer, message: EndQuorumEpochResponsePartition, version: number): void {
  const flexible = version >= 1
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeEndQuorumEpochResponseNodeEndpoint(writer: Writer, message: EndQuorumEpochResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeEndQuorumEpochResponse(reader: Reader, version: number): Decoded<EndQuorumEpochResponse> {
  const flexible = version >= 1
  const errorCode = reader.int16()
  const topics: Decoded<EndQuorumEpochResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeEndQuorumEpochResponseTopic(reader, version))
  let nodeEndpoints: Decoded<EndQuorumEpochResponseNodeEndpoint>[] = []
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          nodeEndpoints = []
          for (let left = reader.arrayLength(true, 8); left > 0; left--) nodeEndpoints.push(decodeEndQuorumEpochResponseNodeEndpoint(reader, version))
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { errorCode, topics, nodeEndpoints, unknownTags }
}

function decodeEndQuorumEpochResponseTopic(reader: Reader, version: number): Decoded<EndQuorumEpochResponseTopic> {
  const flexible = version >= 1
  const topicName = reader.string(flexible)
  const partitions: Decoded<EndQuorumEpochResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 14); left > 0; left--) partitions.push(decodeEndQuorumEpochResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topicName, partitions, unknownTags }
}

function decodeEndQuorumEpochResponsePartition(reader: Reader, version: number): Decoded<EndQuorumEpochResponsePartition> {
  const flexible = version >= 1
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, errorCode, leaderId, leaderEpoch, unknownTags }
}

function decodeEndQuorumEpochResponseNodeEndpoint(reader: Reader, _version: number): Decoded<EndQuorumEpochResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, unknownTags }
}

/**
 * A leader of the metadata log that steps down, mostly because it stops, tells the voters, so that they elect another
 * without waiting for a timeout.
 * - 1: Candidates are named by id and directory id (KIP-853), and the leader says where it listens.
 */
export const endQuorumEpoch: Api<EndQuorumEpochRequest, EndQuorumEpochResponse> = {
  key: 54,
  name: 'EndQuorumEpoch',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 1,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'EndQuorumEpochRequest', encode: encodeEndQuorumEpochRequest, decode: decodeEndQuorumEpochRequest },
  response: { name: 'EndQuorumEpochResponse', encode: encodeEndQuorumEpochResponse, decode: decodeEndQuorumEpochResponse },
}
