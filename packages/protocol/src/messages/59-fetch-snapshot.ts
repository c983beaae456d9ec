/**
 * The FetchSnapshot API (key 59).
 * Generated from schemas/59-fetch-snapshot.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface FetchSnapshotRequest {
  /** Null skips the check. */
  readonly clusterId?: string | null
  /** -1 for a reader that is no replica. */
  readonly replicaId?: number
  /** For all pieces together. */
  readonly maxBytes?: number
  /** `__cluster_metadata` alone, with its only partition 0. */
  readonly topics: readonly FetchSnapshotRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotRequestTopic {
  readonly name: string
  readonly partitions: readonly FetchSnapshotRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotRequestPartition {
  readonly partition: number
  /** -1 skips the check. */
  readonly currentLeaderEpoch: number
  /** Names the snapshot: it holds everything below `endOffset`, whose last record was written in `epoch`. */
  readonly snapshotId: FetchSnapshotRequestSnapshotId
  /** Where in the snapshot's bytes to go on: 0 first, then what was read so far. */
  readonly position: bigint
  /** Versions 1+. */
  readonly replicaDirectoryId?: Uuid
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotRequestSnapshotId {
  readonly endOffset: bigint
  readonly epoch: number
  readonly unknownTags?: UnknownTags
}

function encodeFetchSnapshotRequest(writer: Writer, message: FetchSnapshotRequest, version: number): void {
  writer.int32(message.replicaId ?? -1)
  writer.int32(message.maxBytes ?? 2147483647)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeFetchSnapshotRequestTopic(writer, element, version)
  const clusterId = message.clusterId
  const hasClusterId = clusterId !== undefined && clusterId !== null
  writer.tagCount(hasClusterId ? 1 : 0, message.unknownTags)
  if (hasClusterId) {
    const clusterIdAt = writer.enterTag(0)
    writer.nullableString(clusterId, true)
    writer.leaveTag(clusterIdAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotRequestTopic(writer: Writer, message: FetchSnapshotRequestTopic, version: number): void {
  writer.string(message.name, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeFetchSnapshotRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotRequestPartition(writer: Writer, message: FetchSnapshotRequestPartition, version: number): void {
  writer.int32(message.partition)
  writer.int32(message.currentLeaderEpoch)
  encodeFetchSnapshotRequestSnapshotId(writer, message.snapshotId, version)
  writer.int64(message.position)
  const replicaDirectoryId = message.replicaDirectoryId
  const hasReplicaDirectoryId = version >= 1 && replicaDirectoryId !== undefined && replicaDirectoryId !== ZERO_UUID
  writer.tagCount(hasReplicaDirectoryId ? 1 : 0, message.unknownTags)
  if (hasReplicaDirectoryId) {
    const replicaDirectoryIdAt = writer.enterTag(0)
    writer.uuid(replicaDirectoryId)
    writer.leaveTag(replicaDirectoryIdAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotRequestSnapshotId(writer: Writer, message: FetchSnapshotRequestSnapshotId, _version: number): void {
  writer.int64(message.endOffset)
  writer.int32(message.epoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeFetchSnapshotRequest(reader: Reader, version: number): Decoded<FetchSnapshotRequest> {
  let clusterId: string | null = null
  const replicaId = reader.int32()
  const maxBytes = reader.int32()
  const topics: Decoded<FetchSnapshotRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeFetchSnapshotRequestTopic(reader, version))
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        clusterId = reader.nullableString(true)
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { clusterId, replicaId, maxBytes, topics, unknownTags }
}

function decodeFetchSnapshotRequestTopic(reader: Reader, version: number): Decoded<FetchSnapshotRequestTopic> {
  const name = reader.string(true)
  const partitions: Decoded<FetchSnapshotRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 30); left > 0; left--) partitions.push(decodeFetchSnapshotRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, unknownTags }
}

function decodeFetchSnapshotRequestPartition(reader: Reader, version: number): Decoded<FetchSnapshotRequestPartition> {
  const partition = reader.int32()
  const currentLeaderEpoch = reader.int32()
  const snapshotId = decodeFetchSnapshotRequestSnapshotId(reader, version)
  const position = reader.int64()
  let replicaDirectoryId: Uuid = ZERO_UUID
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        if (version >= 1) {
          replicaDirectoryId = reader.uuid()
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { partition, currentLeaderEpoch, snapshotId, position, replicaDirectoryId, unknownTags }
}

function decodeFetchSnapshotRequestSnapshotId(reader: Reader, _version: number): Decoded<FetchSnapshotRequestSnapshotId> {
  const endOffset = reader.int64()
  const epoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { endOffset, epoch, unknownTags }
}

export interface FetchSnapshotResponse {
  readonly throttleTimeMs?: number
  /** INCONSISTENT_CLUSTER_ID, INVALID_REQUEST, CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly topics: readonly FetchSnapshotResponseTopic[]
  /** Where the leaders named above can be reached. Versions 1+. */
  readonly nodeEndpoints?: readonly FetchSnapshotResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotResponseTopic {
  readonly name: string
  readonly partitions: readonly FetchSnapshotResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotResponsePartition {
  readonly index: number
  /**
   * SNAPSHOT_NOT_FOUND: the leader has deleted it, fetch again. POSITION_OUT_OF_RANGE. FENCED_LEADER_EPOCH,
   * UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: see `currentLeader`.
   */
  readonly errorCode: number
  readonly snapshotId: FetchSnapshotResponseSnapshotId
  readonly currentLeader?: FetchSnapshotResponseCurrentLeader
  /** Of the whole snapshot, in bytes: the follower is done when it has as many. */
  readonly size: bigint
  readonly position: bigint
  /** May begin and end in the middle of a batch: put the pieces together before reading. */
  readonly unalignedRecords: Uint8Array
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotResponseSnapshotId {
  readonly endOffset: bigint
  readonly epoch: number
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotResponseCurrentLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly unknownTags?: UnknownTags
}

export interface FetchSnapshotResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeFetchSnapshotResponse(writer: Writer, message: FetchSnapshotResponse, version: number): void {
  writer.int32(message.throttleTimeMs ?? 0)
  writer.int16(message.errorCode)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeFetchSnapshotResponseTopic(writer, element, version)
  if (version < 1 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw writer.unsupported('nodeEndpoints', version)
  const nodeEndpoints = message.nodeEndpoints
  const hasNodeEndpoints = version >= 1 && nodeEndpoints !== undefined && nodeEndpoints.length !== 0
  writer.tagCount(hasNodeEndpoints ? 1 : 0, message.unknownTags)
  if (hasNodeEndpoints) {
    const nodeEndpointsAt = writer.enterTag(0)
    writer.arrayLength(nodeEndpoints.length, true)
    for (const element of nodeEndpoints) encodeFetchSnapshotResponseNodeEndpoint(writer, element, version)
    writer.leaveTag(nodeEndpointsAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotResponseTopic(writer: Writer, message: FetchSnapshotResponseTopic, version: number): void {
  writer.string(message.name, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeFetchSnapshotResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotResponsePartition(writer: Writer, message: FetchSnapshotResponsePartition, version: number): void {
  writer.int32(message.index)
  writer.int16(message.errorCode)
  encodeFetchSnapshotResponseSnapshotId(writer, message.snapshotId, version)
  writer.int64(message.size)
  writer.int64(message.position)
  writer.bytes(message.unalignedRecords, true)
  const currentLeader = message.currentLeader
  const hasCurrentLeader = currentLeader !== undefined && !isDefaultFetchSnapshotResponseCurrentLeader(currentLeader)
  writer.tagCount(hasCurrentLeader ? 1 : 0, message.unknownTags)
  if (hasCurrentLeader) {
    const currentLeaderAt = writer.enterTag(0)
    encodeFetchSnapshotResponseCurrentLeader(writer, currentLeader, version)
    writer.leaveTag(currentLeaderAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotResponseSnapshotId(writer: Writer, message: FetchSnapshotResponseSnapshotId, _version: number): void {
  writer.int64(message.endOffset)
  writer.int32(message.epoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotResponseCurrentLeader(writer: Writer, message: FetchSnapshotResponseCurrentLeader, _version: number): void {
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchSnapshotResponseNodeEndpoint(writer: Writer, message: FetchSnapshotResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeFetchSnapshotResponse(reader: Reader, version: number): Decoded<FetchSnapshotResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const topics: Decoded<FetchSnapshotResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeFetchSnapshotResponseTopic(reader, version))
  let nodeEndpoints: Decoded<FetchSnapshotResponseNodeEndpoint>[] = []
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        if (version >= 1) {
          nodeEndpoints = []
          for (let left = reader.arrayLength(true, 8); left > 0; left--) nodeEndpoints.push(decodeFetchSnapshotResponseNodeEndpoint(reader, version))
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { throttleTimeMs, errorCode, topics, nodeEndpoints, unknownTags }
}

function decodeFetchSnapshotResponseTopic(reader: Reader, version: number): Decoded<FetchSnapshotResponseTopic> {
  const name = reader.string(true)
  const partitions: Decoded<FetchSnapshotResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 37); left > 0; left--) partitions.push(decodeFetchSnapshotResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { name, partitions, unknownTags }
}

function decodeFetchSnapshotResponsePartition(reader: Reader, version: number): Decoded<FetchSnapshotResponsePartition> {
  const index = reader.int32()
  const errorCode = reader.int16()
  const snapshotId = decodeFetchSnapshotResponseSnapshotId(reader, version)
  let currentLeader: Decoded<FetchSnapshotResponseCurrentLeader> = { leaderId: 0, leaderEpoch: 0, unknownTags: undefined }
  const size = reader.int64()
  const position = reader.int64()
  const unalignedRecords = reader.bytes(true)
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        currentLeader = decodeFetchSnapshotResponseCurrentLeader(reader, version)
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { index, errorCode, snapshotId, currentLeader, size, position, unalignedRecords, unknownTags }
}

function decodeFetchSnapshotResponseSnapshotId(reader: Reader, _version: number): Decoded<FetchSnapshotResponseSnapshotId> {
  const endOffset = reader.int64()
  const epoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { endOffset, epoch, unknownTags }
}

function decodeFetchSnapshotResponseCurrentLeader(reader: Reader, _version: number): Decoded<FetchSnapshotResponseCurrentLeader> {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { leaderId, leaderEpoch, unknownTags }
}

function decodeFetchSnapshotResponseNodeEndpoint(reader: Reader, _version: number): Decoded<FetchSnapshotResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, unknownTags }
}

function isDefaultFetchSnapshotResponseCurrentLeader(message: FetchSnapshotResponseCurrentLeader): boolean {
  return !(message.leaderId !== 0) &&
    !(message.leaderEpoch !== 0) &&
    message.unknownTags === undefined
}

/**
 * Reads a snapshot of the metadata log piece by piece. A follower comes here when a Fetch response points it to a
 * snapshot because the leader no longer has the records it asked for.
 */
export const fetchSnapshot: Api<FetchSnapshotRequest, FetchSnapshotResponse> = {
  key: 59,
  name: 'FetchSnapshot',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'leader',
  listeners: ['controller'],
  request: { name: 'FetchSnapshotRequest', encode: encodeFetchSnapshotRequest, decode: decodeFetchSnapshotRequest },
  response: { name: 'FetchSnapshotResponse', encode: encodeFetchSnapshotResponse, decode: decodeFetchSnapshotResponse },
}
