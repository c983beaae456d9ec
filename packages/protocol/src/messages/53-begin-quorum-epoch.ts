/**
 * The BeginQuorumEpoch API (key 53).
 * Generated from schemas/53-begin-quorum-epoch.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface BeginQuorumEpochRequest {
  /** Null skips the check. */
  readonly clusterId?: string | null
  /** The receiver as the leader knows it; -1 when it does not. Versions 1+. */
  readonly voterId?: number
  /** `__cluster_metadata` alone, with its only partition 0. */
  readonly topics: readonly BeginQuorumEpochRequestTopic[]
  /**
   * One for every listener of the leader; the voter takes the one named like its own controller listener. Versions
   * 1+.
   */
  readonly leaderEndpoints?: readonly BeginQuorumEpochRequestLeaderEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface BeginQuorumEpochRequestTopic {
  readonly topicName: string
  readonly partitions: readonly BeginQuorumEpochRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface BeginQuorumEpochRequestPartition {
  readonly partitionIndex: number
  /** Versions 1+. */
  readonly voterDirectoryId?: Uuid
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

export interface BeginQuorumEpochRequestLeaderEndpoint {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeBeginQuorumEpochRequest(writer: Writer, message: BeginQuorumEpochRequest, version: number): void {
  const flexible = version >= 1
  writer.nullableString(message.clusterId ?? null, flexible)
  if (version >= 1) writer.int32(message.voterId ?? -1)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeBeginQuorumEpochRequestTopic(writer, element, version)
  if (version >= 1) {
    const leaderEndpoints = message.leaderEndpoints ?? []
    writer.arrayLength(leaderEndpoints.length, true)
    for (const element of leaderEndpoints) encodeBeginQuorumEpochRequestLeaderEndpoint(writer, element, version)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeBeginQuorumEpochRequestTopic(writer: Writer, message: BeginQuorumEpochRequestTopic, version: number): void {
  const flexible = version >= 1
  writer.string(message.topicName, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeBeginQuorumEpochRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeBeginQuorumEpochRequestPartition(writer: Writer, message: BeginQuorumEpochRequestPartition, version: number): void {
  const flexible = version >= 1
  writer.int32(message.partitionIndex)
  if (version >= 1) writer.uuid(message.voterDirectoryId ?? ZERO_UUID)
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeBeginQuorumEpochRequestLeaderEndpoint(writer: Writer, message: BeginQuorumEpochRequestLeaderEndpoint, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeBeginQuorumEpochRequest(reader: Reader, version: number): Decoded<BeginQuorumEpochRequest> {
  const flexible = version >= 1
  const clusterId = reader.nullableString(flexible)
  let voterId: number = -1
  if (version >= 1) voterId = reader.int32()
  const topics: Decoded<BeginQuorumEpochRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeBeginQuorumEpochRequestTopic(reader, version))
  let leaderEndpoints: Decoded<BeginQuorumEpochRequestLeaderEndpoint>[] = []
  if (version >= 1) for (let left = reader.arrayLength(true, 5); left > 0; left--) leaderEndpoints.push(decodeBeginQuorumEpochRequestLeaderEndpoint(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { clusterId, voterId, topics, leaderEndpoints, unknownTags }
}

function decodeBeginQuorumEpochRequestTopic(reader: Reader, version: number): Decoded<BeginQuorumEpochRequestTopic> {
  const flexible = version >= 1
  const topicName = reader.string(flexible)
  const partitions: Decoded<BeginQuorumEpochRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 12); left > 0; left--) partitions.push(decodeBeginQuorumEpochRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topicName, partitions, unknownTags }
}

function decodeBeginQuorumEpochRequestPartition(reader: Reader, version: number): Decoded<BeginQuorumEpochRequestPartition> {
  const flexible = version >= 1
  const partitionIndex = reader.int32()
  let voterDirectoryId: Uuid = ZERO_UUID
  if (version >= 1) voterDirectoryId = reader.uuid()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, voterDirectoryId, leaderId, leaderEpoch, unknownTags }
}

function decodeBeginQuorumEpochRequestLeaderEndpoint(reader: Reader, _version: number): Decoded<BeginQuorumEpochRequestLeaderEndpoint> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, unknownTags }
}

export interface BeginQuorumEpochResponse {
  /** INCONSISTENT_CLUSTER_ID, CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly topics: readonly BeginQuorumEpochResponseTopic[]
  /** Versions 1+. */
  readonly nodeEndpoints?: readonly BeginQuorumEpochResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface BeginQuorumEpochResponseTopic {
  readonly topicName: string
  readonly partitions: readonly BeginQuorumEpochResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface BeginQuorumEpochResponsePartition {
  readonly partitionIndex: number
  /**
   * FENCED_LEADER_EPOCH: the voter has seen a later epoch. INVALID_VOTER_KEY: the request is for another replica.
   */
  readonly errorCode: number
  /** -1 when the voter knows of none. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

export interface BeginQuorumEpochResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeBeginQuorumEpochResponse(writer: Writer, message: BeginQuorumEpochResponse, version: number): void {
  const flexible = version >= 1
  writer.int16(message.errorCode)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeBeginQuorumEpochResponseTopic(writer, element, version)
  if (version < 1 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw writer.unsupported('nodeEndpoints', version)
  if (flexible) {
    const nodeEndpoints = message.nodeEndpoints
    const hasNodeEndpoints = nodeEndpoints !== undefined && nodeEndpoints.length !== 0
    writer.tagCount(hasNodeEndpoints ? 1 : 0, message.unknownTags)
    if (hasNodeEndpoints) {
      const nodeEndpointsAt = writer.enterTag(0)
      writer.arrayLength(nodeEndpoints.length, true)
      for (const element of nodeEndpoints) encodeBeginQuorumEpochResponseNodeEndpoint(writer, element, version)
      writer.leaveTag(nodeEndpointsAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeBeginQuorumEpochResponseTopic(writer: Writer, message: BeginQuorumEpochResponseTopic, version: number): void {
  const flexible = version >= 1
  writer.string(message.topicName, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeBeginQuorumEpochResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeBeginQuorumEpochResponsePartition(writer: Writer, message: BeginQuorumEpochResponsePartition, version: number): void {
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

function encodeBeginQuorumEpochResponseNodeEndpoint(writer: Writer, message: BeginQuorumEpochResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeBeginQuorumEpochResponse(reader: Reader, version: number): Decoded<BeginQuorumEpochResponse> {
  const flexible = version >= 1
  const errorCode = reader.int16()
  const topics: Decoded<BeginQuorumEpochResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeBeginQuorumEpochResponseTopic(reader, version))
  let nodeEndpoints: Decoded<BeginQuorumEpochResponseNodeEndpoint>[] = []
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          nodeEndpoints = []
          for (let left = reader.arrayLength(true, 8); left > 0; left--) nodeEndpoints.push(decodeBeginQuorumEpochResponseNodeEndpoint(reader, version))
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

function decodeBeginQuorumEpochResponseTopic(reader: Reader, version: number): Decoded<BeginQuorumEpochResponseTopic> {
  const flexible = version >= 1
  const topicName = reader.string(flexible)
  const partitions: Decoded<BeginQuorumEpochResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 14); left > 0; left--) partitions.push(decodeBeginQuorumEpochResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topicName, partitions, unknownTags }
}

function decodeBeginQuorumEpochResponsePartition(reader: Reader, version: number): Decoded<BeginQuorumEpochResponsePartition> {
  const flexible = version >= 1
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, errorCode, leaderId, leaderEpoch, unknownTags }
}

function decodeBeginQuorumEpochResponseNodeEndpoint(reader: Reader, _version: number): Decoded<BeginQuorumEpochResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, unknownTags }
}

/**
 * A new leader of the metadata log tells the voters that its epoch has begun. It repeats this until a voter fetches
 * from it.
 * - 1: Voters are named by id and directory id (KIP-853), and the leader says where it listens.
 */
export const beginQuorumEpoch: Api<BeginQuorumEpochRequest, BeginQuorumEpochResponse> = {
  key: 53,
  name: 'BeginQuorumEpoch',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 1,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'BeginQuorumEpochRequest', encode: encodeBeginQuorumEpochRequest, decode: decodeBeginQuorumEpochRequest },
  response: { name: 'BeginQuorumEpochResponse', encode: encodeBeginQuorumEpochResponse, decode: decodeBeginQuorumEpochResponse },
}
