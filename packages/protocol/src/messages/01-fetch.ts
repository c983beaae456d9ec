/**
 * The Fetch API (key 1).
 * Generated from schemas/01-fetch.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface FetchRequest {
  /** Between controllers only: a wrong one is INCONSISTENT_CLUSTER_ID. Clients send null. Versions 12+. */
  readonly clusterId?: string | null
  /** -1 from a consumer, the broker id from a follower. Versions 4-14. */
  readonly replicaId?: number
  /** Who the follower is. A consumer leaves it at its defaults. Versions 15+. */
  readonly replicaState?: FetchRequestReplicaState
  /** After this time the broker answers with what there is, be it nothing. */
  readonly maxWaitMs: number
  /** The broker waits until so many bytes are there, over all partitions together; 0 never waits. */
  readonly minBytes: number
  /**
   * For the whole response. Soft: the first batch found comes whole even if it alone is larger, so that a reader
   * never gets stuck (KIP-74).
   */
  readonly maxBytes?: number
  /**
   * 0, read_uncommitted, reads up to the high watermark. 1, read_committed, reads up to the last stable offset and
   * gets abortedTransactions.
   */
  readonly isolationLevel?: number
  /** 0 for none yet. With sessionEpoch 0 or -1 the session named here is closed. Versions 7+. */
  readonly sessionId?: number
  /**
   * 0 is a full request that asks for a session, -1 one without a session. Within a session 1, 2, … and, after
   * 2147483647, 1 again. Versions 7+.
   */
  readonly sessionEpoch?: number
  /**
   * In a full request all partitions, in a session those that are new or changed. The broker fills the response in
   * this order: rotate it for fairness.
   */
  readonly topics: readonly FetchRequestTopic[]
  /** Partitions to take out of the session. Empty outside of one. Versions 7+. */
  readonly forgottenTopicsData?: readonly FetchRequestForgottenTopicsData[]
  /** Empty to read from the leader in any case. Versions 11+. */
  readonly rackId?: string
  readonly unknownTags?: UnknownTags
}

export interface FetchRequestReplicaState {
  /** -1 from a consumer. */
  readonly replicaId?: number
  /** The epoch that the follower got when it registered; -1 when it has none. */
  readonly replicaEpoch?: bigint
  readonly unknownTags?: UnknownTags
}

export interface FetchRequestTopic {
  /** Versions 4-12. */
  readonly topic?: string
  /** With any id unknown (zero) a client must use version 12, by name. Versions 13+. */
  readonly topicId?: Uuid
  readonly partitions: readonly FetchRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface FetchRequestPartition {
  readonly partition: number
  /** The epoch the reader believes in; -1 to skip the check. Versions 9+. */
  readonly currentLeaderEpoch?: number
  /** First offset wanted. Batches come whole, so records before it may arrive and must be skipped. */
  readonly fetchOffset: bigint
  /**
   * Epoch of the record before fetchOffset; -1, as consumers send, to have divergence not looked for. Versions 12+.
   */
  readonly lastFetchedEpoch?: number
  /** Where the follower's own log begins; -1 from a consumer. Versions 5+. */
  readonly logStartOffset?: bigint
  /** Soft in the same way as maxBytes. */
  readonly partitionMaxBytes: number
  /** Only replicas of the controller quorum set it. Versions 17+. */
  readonly replicaDirectoryId?: Uuid
  /** The maximum says that the sender takes no part in this; -1 that it knows none yet. Versions 18+. */
  readonly highWatermark?: bigint
  readonly unknownTags?: UnknownTags
}

export interface FetchRequestForgottenTopicsData {
  /** Versions 7-12. */
  readonly topic?: string
  /** Versions 13+. */
  readonly topicId?: Uuid
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeFetchRequest(writer: Writer, message: FetchRequest, version: number): void {
  const flexible = version >= 12
  if (version <= 14) writer.int32(message.replicaId ?? -1)
  else if (message.replicaId !== undefined && message.replicaId !== -1) throw writer.unsupported('replicaId', version)
  if (version < 15 && message.replicaState !== undefined && !isDefaultFetchRequestReplicaState(message.replicaState)) throw writer.unsupported('replicaState', version)
  writer.int32(message.maxWaitMs)
  writer.int32(message.minBytes)
  writer.int32(message.maxBytes ?? 2147483647)
  writer.int8(message.isolationLevel ?? 0)
  if (version >= 7) writer.int32(message.sessionId ?? 0)
  if (version >= 7) writer.int32(message.sessionEpoch ?? -1)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeFetchRequestTopic(writer, element, version)
  if (version >= 7) {
    const forgottenTopicsData = message.forgottenTopicsData ?? []
    writer.arrayLength(forgottenTopicsData.length, flexible)
    for (const element of forgottenTopicsData) encodeFetchRequestForgottenTopicsData(writer, element, version)
  } else if (message.forgottenTopicsData !== undefined && message.forgottenTopicsData.length !== 0) throw writer.unsupported('forgottenTopicsData', version)
  if (version >= 11) writer.string(message.rackId ?? '', flexible)
  if (flexible) {
    const clusterId = message.clusterId
    const hasClusterId = clusterId !== undefined && clusterId !== null
    const replicaState = message.replicaState
    const hasReplicaState = version >= 15 && replicaState !== undefined && !isDefaultFetchRequestReplicaState(replicaState)
    writer.tagCount((hasClusterId ? 1 : 0) + (hasReplicaState ? 1 : 0), message.unknownTags)
    if (hasClusterId) {
      const clusterIdAt = writer.enterTag(0)
      writer.nullableString(clusterId, true)
      writer.leaveTag(clusterIdAt)
    }
    if (hasReplicaState) {
      const replicaStateAt = writer.enterTag(1)
      encodeFetchRequestReplicaState(writer, replicaState, version)
      writer.leaveTag(replicaStateAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFetchRequestReplicaState(writer: Writer, message: FetchRequestReplicaState, _version: number): void {
  writer.int32(message.replicaId ?? -1)
  writer.int64(message.replicaEpoch ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchRequestTopic(writer: Writer, message: FetchRequestTopic, version: number): void {
  const flexible = version >= 12
  if (version <= 12) writer.string(message.topic ?? '', flexible)
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeFetchRequestPartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFetchRequestPartition(writer: Writer, message: FetchRequestPartition, version: number): void {
  const flexible = version >= 12
  writer.int32(message.partition)
  if (version >= 9) writer.int32(message.currentLeaderEpoch ?? -1)
  writer.int64(message.fetchOffset)
  if (version >= 12) writer.int32(message.lastFetchedEpoch ?? -1)
  else if (message.lastFetchedEpoch !== undefined && message.lastFetchedEpoch !== -1) throw writer.unsupported('lastFetchedEpoch', version)
  if (version >= 5) writer.int64(message.logStartOffset ?? -1n)
  writer.int32(message.partitionMaxBytes)
  if (flexible) {
    const replicaDirectoryId = message.replicaDirectoryId
    const hasReplicaDirectoryId = version >= 17 && replicaDirectoryId !== undefined && replicaDirectoryId !== ZERO_UUID
    const highWatermark = message.highWatermark
    const hasHighWatermark = version >= 18 && highWatermark !== undefined && highWatermark !== 9223372036854775807n
    writer.tagCount((hasReplicaDirectoryId ? 1 : 0) + (hasHighWatermark ? 1 : 0), message.unknownTags)
    if (hasReplicaDirectoryId) {
      const replicaDirectoryIdAt = writer.enterTag(0)
      writer.uuid(replicaDirectoryId)
      writer.leaveTag(replicaDirectoryIdAt)
    }
    if (hasHighWatermark) {
      const highWatermarkAt = writer.enterTag(1)
      writer.int64(highWatermark)
      writer.leaveTag(highWatermarkAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFetchRequestForgottenTopicsData(writer: Writer, message: FetchRequestForgottenTopicsData, version: number): void {
  const flexible = version >= 12
  if (version <= 12) writer.string(message.topic ?? '', flexible)
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeFetchRequest(reader: Reader, version: number): Decoded<FetchRequest> {
  const flexible = version >= 12
  let clusterId: string | null = null
  let replicaId: number = -1
  if (version <= 14) replicaId = reader.int32()
  let replicaState: Decoded<FetchRequestReplicaState> = { replicaId: -1, replicaEpoch: -1n, unknownTags: undefined }
  const maxWaitMs = reader.int32()
  const minBytes = reader.int32()
  const maxBytes = reader.int32()
  const isolationLevel = reader.int8()
  let sessionId: number = 0
  if (version >= 7) sessionId = reader.int32()
  let sessionEpoch: number = -1
  if (version >= 7) sessionEpoch = reader.int32()
  const topics: Decoded<FetchRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) topics.push(decodeFetchRequestTopic(reader, version))
  let forgottenTopicsData: Decoded<FetchRequestForgottenTopicsData>[] = []
  if (version >= 7) for (let left = reader.arrayLength(flexible, 1); left > 0; left--) forgottenTopicsData.push(decodeFetchRequestForgottenTopicsData(reader, version))
  let rackId: string = ''
  if (version >= 11) rackId = reader.string(flexible)
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          clusterId = reader.nullableString(true)
          break
        }
        case 1: {
          if (version >= 15) {
            replicaState = decodeFetchRequestReplicaState(reader, version)
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
  }
  return { clusterId, replicaId, replicaState, maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch, topics, forgottenTopicsData, rackId, unknownTags }
}

function decodeFetchRequestReplicaState(reader: Reader, _version: number): Decoded<FetchRequestReplicaState> {
  const replicaId = reader.int32()
  const replicaEpoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { replicaId, replicaEpoch, unknownTags }
}

function decodeFetchRequestTopic(reader: Reader, version: number): Decoded<FetchRequestTopic> {
  const flexible = version >= 12
  let topic: string = ''
  if (version <= 12) topic = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 13) topicId = reader.uuid()
  const partitions: Decoded<FetchRequestPartition>[] = []
  for (let left = reader.arrayLength(flexible, 16); left > 0; left--) partitions.push(decodeFetchRequestPartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, topicId, partitions, unknownTags }
}

function decodeFetchRequestPartition(reader: Reader, version: number): Decoded<FetchRequestPartition> {
  const flexible = version >= 12
  const partition = reader.int32()
  let currentLeaderEpoch: number = -1
  if (version >= 9) currentLeaderEpoch = reader.int32()
  const fetchOffset = reader.int64()
  let lastFetchedEpoch: number = -1
  if (version >= 12) lastFetchedEpoch = reader.int32()
  let logStartOffset: bigint = -1n
  if (version >= 5) logStartOffset = reader.int64()
  const partitionMaxBytes = reader.int32()
  let replicaDirectoryId: Uuid = ZERO_UUID
  let highWatermark: bigint = 9223372036854775807n
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          if (version >= 17) {
            replicaDirectoryId = reader.uuid()
          } else {
            unknownTags = reader.unknownTag(unknownTags)
          }
          break
        }
        case 1: {
          if (version >= 18) {
            highWatermark = reader.int64()
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
  }
  return { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, partitionMaxBytes, replicaDirectoryId, highWatermark, unknownTags }
}

function decodeFetchRequestForgottenTopicsData(reader: Reader, version: number): Decoded<FetchRequestForgottenTopicsData> {
  const flexible = version >= 12
  let topic: string = ''
  if (version <= 12) topic = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 13) topicId = reader.uuid()
  const partitions: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, topicId, partitions, unknownTags }
}

function isDefaultFetchRequestReplicaState(message: FetchRequestReplicaState): boolean {
  return !(message.replicaId !== undefined && message.replicaId !== -1) &&
    !(message.replicaEpoch !== undefined && message.replicaEpoch !== -1n) &&
    message.unknownTags === undefined
}

export interface FetchResponse {
  /** Over quota: the answer is valid, but the client must send nothing on this connection for so long. */
  readonly throttleTimeMs?: number
  /**
   * About the session: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR. Nothing
   * else is in the answer then: start over with sessionEpoch 0. Versions 7+.
   */
  readonly errorCode?: number
  /**
   * 0 when the broker made no session: go on with full requests. Otherwise what to send next, with sessionEpoch 1.
   * Versions 7+.
   */
  readonly sessionId?: number
  /** In a session, only partitions that have something new to tell. */
  readonly responses: readonly FetchResponseResponse[]
  /** Addresses of the brokers that currentLeader names, on the listener of this connection. Versions 16+. */
  readonly nodeEndpoints?: readonly FetchResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface FetchResponseResponse {
  /** Versions 4-12. */
  readonly topic?: string
  /** Versions 13+. */
  readonly topicId?: Uuid
  readonly partitions: readonly FetchResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface FetchResponsePartition {
  readonly partitionIndex: number
  /**
   * Refresh metadata and retry: NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION,
   * UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID, KAFKA_STORAGE_ERROR, OFFSET_NOT_AVAILABLE. The broker itself lags,
   * retry: UNKNOWN_LEADER_EPOCH. Reset the position, or from a follower ask the leader first: OFFSET_OUT_OF_RANGE.
   * Final: TOPIC_AUTHORIZATION_FAILED, CORRUPT_MESSAGE.
   */
  readonly errorCode: number
  /** Records before it are on all in-sync replicas and can no longer be lost to a change of leader. -1 on error. */
  readonly highWatermark: bigint
  /** No open transaction has a record before it: the end of what read_committed sees. -1 on error. */
  readonly lastStableOffset?: bigint
  /** Versions 5+. */
  readonly logStartOffset?: bigint
  /**
   * Set when the reader's log forked off: truncate to this end of this epoch, or to its own end of it where that is
   * lower, and ask again. No records come with it. Versions 12+.
   */
  readonly divergingEpoch?: FetchResponseDivergingEpoch
  /**
   * Comes with NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH; believe it only if its epoch is newer than the one
   * already known. Versions 12+.
   */
  readonly currentLeader?: FetchResponseCurrentLeader
  /**
   * Controller quorum only: fetchOffset lies before the log's start, so load this snapshot by FetchSnapshot.
   * endOffset -1 when there is none to load. Versions 12+.
   */
  readonly snapshotId?: FetchResponseSnapshotId
  /**
   * For read_committed: drop transactional batches of this producer from firstOffset up to its next abort marker.
   * Null under read_uncommitted. Sort by firstOffset before use, as not every broker does.
   */
  readonly abortedTransactions?: readonly FetchResponseAbortedTransaction[] | null
  /** Fetch from this broker instead; no records come with it. -1 to stay. Versions 11+. */
  readonly preferredReadReplica?: number
  /**
   * Whole batches of any codec, control batches included. The last may be cut off: ignore a tail that is not
   * complete.
   */
  readonly records: Uint8Array | null
  readonly unknownTags?: UnknownTags
}

export interface FetchResponseDivergingEpoch {
  /** The leader's latest epoch that is not above lastFetchedEpoch; -1 when nothing diverged. */
  readonly epoch?: number
  readonly endOffset?: bigint
  readonly unknownTags?: UnknownTags
}

export interface FetchResponseCurrentLeader {
  /** -1 when the broker does not know either. */
  readonly leaderId?: number
  readonly leaderEpoch?: number
  readonly unknownTags?: UnknownTags
}

export interface FetchResponseSnapshotId {
  readonly endOffset?: bigint
  readonly epoch?: number
  readonly unknownTags?: UnknownTags
}

export interface FetchResponseAbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
  readonly unknownTags?: UnknownTags
}

export interface FetchResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeFetchResponse(writer: Writer, message: FetchResponse, version: number): void {
  const flexible = version >= 12
  writer.int32(message.throttleTimeMs ?? 0)
  if (version >= 7) writer.int16(message.errorCode ?? 0)
  if (version >= 7) writer.int32(message.sessionId ?? 0)
  else if (message.sessionId !== undefined && message.sessionId !== 0) throw writer.unsupported('sessionId', version)
  const responses = message.responses
  writer.arrayLength(responses.length, flexible)
  for (const element of responses) encodeFetchResponseResponse(writer, element, version)
  if (version < 16 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw writer.unsupported('nodeEndpoints', version)
  if (flexible) {
    const nodeEndpoints = message.nodeEndpoints
    const hasNodeEndpoints = version >= 16 && nodeEndpoints !== undefined && nodeEndpoints.length !== 0
    writer.tagCount(hasNodeEndpoints ? 1 : 0, message.unknownTags)
    if (hasNodeEndpoints) {
      const nodeEndpointsAt = writer.enterTag(0)
      writer.arrayLength(nodeEndpoints.length, true)
      for (const element of nodeEndpoints) encodeFetchResponseNodeEndpoint(writer, element, version)
      writer.leaveTag(nodeEndpointsAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFetchResponseResponse(writer: Writer, message: FetchResponseResponse, version: number): void {
  const flexible = version >= 12
  if (version <= 12) writer.string(message.topic ?? '', flexible)
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeFetchResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFetchResponsePartition(writer: Writer, message: FetchResponsePartition, version: number): void {
  const flexible = version >= 12
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.int64(message.highWatermark)
  writer.int64(message.lastStableOffset ?? -1n)
  if (version >= 5) writer.int64(message.logStartOffset ?? -1n)
  if (version < 12 && message.divergingEpoch !== undefined && !isDefaultFetchResponseDivergingEpoch(message.divergingEpoch)) throw writer.unsupported('divergingEpoch', version)
  if (version < 12 && message.currentLeader !== undefined && !isDefaultFetchResponseCurrentLeader(message.currentLeader)) throw writer.unsupported('currentLeader', version)
  if (version < 12 && message.snapshotId !== undefined && !isDefaultFetchResponseSnapshotId(message.snapshotId)) throw writer.unsupported('snapshotId', version)
  const abortedTransactions = message.abortedTransactions === undefined ? [] : message.abortedTransactions
  if (abortedTransactions === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(abortedTransactions.length, flexible)
    for (const element of abortedTransactions) encodeFetchResponseAbortedTransaction(writer, element, version)
  }
  if (version >= 11) writer.int32(message.preferredReadReplica ?? -1)
  else if (message.preferredReadReplica !== undefined && message.preferredReadReplica !== -1) throw writer.unsupported('preferredReadReplica', version)
  writer.nullableBytes(message.records, flexible)
  if (flexible) {
    const divergingEpoch = message.divergingEpoch
    const hasDivergingEpoch = divergingEpoch !== undefined && !isDefaultFetchResponseDivergingEpoch(divergingEpoch)
    const currentLeader = message.currentLeader
    const hasCurrentLeader = currentLeader !== undefined && !isDefaultFetchResponseCurrentLeader(currentLeader)
    const snapshotId = message.snapshotId
    const hasSnapshotId = snapshotId !== undefined && !isDefaultFetchResponseSnapshotId(snapshotId)
    writer.tagCount((hasDivergingEpoch ? 1 : 0) + (hasCurrentLeader ? 1 : 0) + (hasSnapshotId ? 1 : 0), message.unknownTags)
    if (hasDivergingEpoch) {
      const divergingEpochAt = writer.enterTag(0)
      encodeFetchResponseDivergingEpoch(writer, divergingEpoch, version)
      writer.leaveTag(divergingEpochAt)
    }
    if (hasCurrentLeader) {
      const currentLeaderAt = writer.enterTag(1)
      encodeFetchResponseCurrentLeader(writer, currentLeader, version)
      writer.leaveTag(currentLeaderAt)
    }
    if (hasSnapshotId) {
      const snapshotIdAt = writer.enterTag(2)
      encodeFetchResponseSnapshotId(writer, snapshotId, version)
      writer.leaveTag(snapshotIdAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFetchResponseDivergingEpoch(writer: Writer, message: FetchResponseDivergingEpoch, _version: number): void {
  writer.int32(message.epoch ?? -1)
  writer.int64(message.endOffset ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchResponseCurrentLeader(writer: Writer, message: FetchResponseCurrentLeader, _version: number): void {
  writer.int32(message.leaderId ?? -1)
  writer.int32(message.leaderEpoch ?? -1)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchResponseSnapshotId(writer: Writer, message: FetchResponseSnapshotId, _version: number): void {
  writer.int64(message.endOffset ?? -1n)
  writer.int32(message.epoch ?? -1)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeFetchResponseAbortedTransaction(writer: Writer, message: FetchResponseAbortedTransaction, version: number): void {
  const flexible = version >= 12
  writer.int64(message.producerId)
  writer.int64(message.firstOffset)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeFetchResponseNodeEndpoint(writer: Writer, message: FetchResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.nullableString(message.rack ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeFetchResponse(reader: Reader, version: number): Decoded<FetchResponse> {
  const flexible = version >= 12
  const throttleTimeMs = reader.int32()
  let errorCode: number = 0
  if (version >= 7) errorCode = reader.int16()
  let sessionId: number = 0
  if (version >= 7) sessionId = reader.int32()
  const responses: Decoded<FetchResponseResponse>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) responses.push(decodeFetchResponseResponse(reader, version))
  let nodeEndpoints: Decoded<FetchResponseNodeEndpoint>[] = []
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          if (version >= 16) {
            nodeEndpoints = []
            for (let left = reader.arrayLength(true, 11); left > 0; left--) nodeEndpoints.push(decodeFetchResponseNodeEndpoint(reader, version))
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
  }
  return { throttleTimeMs, errorCode, sessionId, responses, nodeEndpoints, unknownTags }
}

function decodeFetchResponseResponse(reader: Reader, version: number): Decoded<FetchResponseResponse> {
  const flexible = version >= 12
  let topic: string = ''
  if (version <= 12) topic = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 13) topicId = reader.uuid()
  const partitions: Decoded<FetchResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 24); left > 0; left--) partitions.push(decodeFetchResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, topicId, partitions, unknownTags }
}

function decodeFetchResponsePartition(reader: Reader, version: number): Decoded<FetchResponsePartition> {
  const flexible = version >= 12
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const highWatermark = reader.int64()
  const lastStableOffset = reader.int64()
  let logStartOffset: bigint = -1n
  if (version >= 5) logStartOffset = reader.int64()
  let divergingEpoch: Decoded<FetchResponseDivergingEpoch> = { epoch: -1, endOffset: -1n, unknownTags: undefined }
  let currentLeader: Decoded<FetchResponseCurrentLeader> = { leaderId: -1, leaderEpoch: -1, unknownTags: undefined }
  let snapshotId: Decoded<FetchResponseSnapshotId> = { endOffset: -1n, epoch: -1, unknownTags: undefined }
  let abortedTransactions: Decoded<FetchResponseAbortedTransaction>[] | null = []
  const abortedTransactionsCount = reader.nullableArrayLength(flexible, 16)
  if (abortedTransactionsCount < 0) {
    abortedTransactions = null
  } else {
    const elements: Decoded<FetchResponseAbortedTransaction>[] = []
    for (let left = abortedTransactionsCount; left > 0; left--) elements.push(decodeFetchResponseAbortedTransaction(reader, version))
    abortedTransactions = elements
  }
  let preferredReadReplica: number = -1
  if (version >= 11) preferredReadReplica = reader.int32()
  const records = reader.nullableBytes(flexible)
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          divergingEpoch = decodeFetchResponseDivergingEpoch(reader, version)
          break
        }
        case 1: {
          currentLeader = decodeFetchResponseCurrentLeader(reader, version)
          break
        }
        case 2: {
          snapshotId = decodeFetchResponseSnapshotId(reader, version)
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { partitionIndex, errorCode, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, currentLeader, snapshotId, abortedTransactions, preferredReadReplica, records, unknownTags }
}

function decodeFetchResponseDivergingEpoch(reader: Reader, _version: number): Decoded<FetchResponseDivergingEpoch> {
  const epoch = reader.int32()
  const endOffset = reader.int64()
  const unknownTags = reader.unknownTags()
  return { epoch, endOffset, unknownTags }
}

function decodeFetchResponseCurrentLeader(reader: Reader, _version: number): Decoded<FetchResponseCurrentLeader> {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { leaderId, leaderEpoch, unknownTags }
}

function decodeFetchResponseSnapshotId(reader: Reader, _version: number): Decoded<FetchResponseSnapshotId> {
  const endOffset = reader.int64()
  const epoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { endOffset, epoch, unknownTags }
}

function decodeFetchResponseAbortedTransaction(reader: Reader, version: number): Decoded<FetchResponseAbortedTransaction> {
  const flexible = version >= 12
  const producerId = reader.int64()
  const firstOffset = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { producerId, firstOffset, unknownTags }
}

function decodeFetchResponseNodeEndpoint(reader: Reader, _version: number): Decoded<FetchResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const rack = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, rack, unknownTags }
}

function isDefaultFetchResponseDivergingEpoch(message: FetchResponseDivergingEpoch): boolean {
  return !(message.epoch !== undefined && message.epoch !== -1) &&
    !(message.endOffset !== undefined && message.endOffset !== -1n) &&
    message.unknownTags === undefined
}

function isDefaultFetchResponseCurrentLeader(message: FetchResponseCurrentLeader): boolean {
  return !(message.leaderId !== undefined && message.leaderId !== -1) &&
    !(message.leaderEpoch !== undefined && message.leaderEpoch !== -1) &&
    message.unknownTags === undefined
}

function isDefaultFetchResponseSnapshotId(message: FetchResponseSnapshotId): boolean {
  return !(message.endOffset !== undefined && message.endOffset !== -1n) &&
    !(message.epoch !== undefined && message.epoch !== -1) &&
    message.unknownTags === undefined
}

/**
 * Reads record batches; the broker may hold the answer until enough bytes have come in. Consumers, follower brokers
 * and the controller quorum all replicate and read by it.
 * - 4: The lowest that brokers take: batches of magic 2, and read_committed.
 * - 5: logStartOffset in both directions: a follower reports its own, a reader learns where the log begins.
 * - 6: KAFKA_STORAGE_ERROR is told as such. Before that it arrives disguised as NOT_LEADER_OR_FOLLOWER.
 * - 7: Fetch sessions: after one full request only changes travel, in both directions (KIP-227).
 * - 8: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 9: Leader epochs fence readers that act on old metadata (KIP-320).
 * - 10: Says that the reader can decompress zstd (KIP-110).
 * - 11: A consumer names its rack and may be sent to a replica nearer to it (KIP-392).
 * - 12: With lastFetchedEpoch the leader notices that the reader's log forked off from its own, where a round of
 *   OffsetForLeaderEpoch was needed before (KIP-595).
 * - 13: Topics go by id (KIP-516): UNKNOWN_TOPIC_ID. One session must not mix versions from both sides of 13.
 * - 14: A follower may be told OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405).
 * - 15: Followers give id and broker epoch in replicaState, so that a fetch sent before a restart cannot bring them
 *   into the in-sync set (KIP-903).
 * - 16: A broker that no longer leads also says where the leader listens (KIP-951).
 * - 17: Replicas of the controller quorum name their log directory (KIP-853).
 * - 18: A quorum replica says which high watermark it knows, and is answered at once when that is behind
 *   (KIP-1166).
 */
export const fetch: Api<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  versions: { min: 4, max: 18, latestStable: 18 },
  flexibleFrom: 12,
  sentTo: 'leader',
  listeners: ['broker', 'controller'],
  request: { name: 'FetchRequest', encode: encodeFetchRequest, decode: decodeFetchRequest },
  response: { name: 'FetchResponse', encode: encodeFetchResponse, decode: decodeFetchResponse },
}
