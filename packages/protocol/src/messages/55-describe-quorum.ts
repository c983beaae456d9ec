/**
 * The DescribeQuorum API (key 55).
 * Generated from schemas/55-describe-quorum.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeQuorumRequest {
  /** `__cluster_metadata` alone, with its only partition 0. */
  readonly topics: readonly DescribeQuorumRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeQuorumRequestTopic {
  readonly topicName: string
  readonly partitions: readonly DescribeQuorumRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeQuorumRequestPartition {
  readonly partitionIndex: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeQuorumRequest(writer: Writer, message: DescribeQuorumRequest, version: number): void {
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeQuorumRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeQuorumRequestTopic(writer: Writer, message: DescribeQuorumRequestTopic, version: number): void {
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeDescribeQuorumRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeQuorumRequestPartition(writer: Writer, message: DescribeQuorumRequestPartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeQuorumRequest(reader: Reader, version: number): Decoded<DescribeQuorumRequest> {
  const topics: Decoded<DescribeQuorumRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeDescribeQuorumRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { topics, unknownTags }
}

function decodeDescribeQuorumRequestTopic(reader: Reader, version: number): Decoded<DescribeQuorumRequestTopic> {
  const topicName = reader.string(true)
  const partitions: Decoded<DescribeQuorumRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) partitions.push(decodeDescribeQuorumRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicName, partitions, unknownTags }
}

function decodeDescribeQuorumRequestPartition(reader: Reader, _version: number): Decoded<DescribeQuorumRequestPartition> {
  const partitionIndex = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, unknownTags }
}

export interface DescribeQuorumResponse {
  /** CLUSTER_AUTHORIZATION_FAILED without DESCRIBE on the cluster. */
  readonly errorCode: number
  /** Versions 2+. */
  readonly errorMessage?: string | null
  readonly topics: readonly DescribeQuorumResponseTopic[]
  /** Where the voters listen. Versions 2+. */
  readonly nodes?: readonly DescribeQuorumResponseNode[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeQuorumResponseTopic {
  readonly topicName: string
  readonly partitions: readonly DescribeQuorumResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeQuorumResponsePartition {
  readonly partitionIndex: number
  /**
   * UNKNOWN_TOPIC_OR_PARTITION: anything but the metadata log. NOT_LEADER_OR_FOLLOWER: the leader moved, ask again.
   */
  readonly errorCode: number
  /** Versions 2+. */
  readonly errorMessage?: string | null
  /** -1 when there is none. */
  readonly leaderId: number
  readonly leaderEpoch: number
  /** Everything below is committed: a majority of the voters has it. */
  readonly highWatermark: bigint
  readonly currentVoters: readonly DescribeQuorumResponseReplicaState[]
  /** Brokers, and controllers without a vote. */
  readonly observers: readonly DescribeQuorumResponseReplicaState[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeQuorumResponseReplicaState {
  readonly replicaId: number
  /** Zero when the cluster does not tell voters apart by directory yet. Versions 2+. */
  readonly replicaDirectoryId?: Uuid
  /** -1 when the leader has not heard from the replica. */
  readonly logEndOffset: bigint
  /**
   * When the replica last fetched, by the leader's clock. -1 for the leader itself, and when unknown. Versions 1+.
   */
  readonly lastFetchTimestamp?: bigint
  /**
   * When the replica last had everything that the leader had at that moment; for the leader, now. -1 when unknown.
   * Versions 1+.
   */
  readonly lastCaughtUpTimestamp?: bigint
  readonly unknownTags?: UnknownTags
}

export interface DescribeQuorumResponseNode {
  readonly nodeId: number
  readonly listeners: readonly DescribeQuorumResponseListener[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeQuorumResponseListener {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeQuorumResponse(writer: Writer, message: DescribeQuorumResponse, version: number): void {
  writer.int16(message.errorCode)
  if (version >= 2) writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeQuorumResponseTopic(writer, element, version)
  if (version >= 2) {
    const nodes = message.nodes ?? []
    writer.arrayLength(nodes.length, true)
    for (const element of nodes) encodeDescribeQuorumResponseNode(writer, element, version)
  } else if (message.nodes !== undefined && message.nodes.length !== 0) throw writer.unsupported('nodes', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeQuorumResponseTopic(writer: Writer, message: DescribeQuorumResponseTopic, version: number): void {
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeDescribeQuorumResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeQuorumResponsePartition(writer: Writer, message: DescribeQuorumResponsePartition, version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  if (version >= 2) writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true)
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  writer.int64(message.highWatermark)
  const currentVoters = message.currentVoters
  writer.arrayLength(currentVoters.length, true)
  for (const element of currentVoters) encodeDescribeQuorumResponseReplicaState(writer, element, version)
  const observers = message.observers
  writer.arrayLength(observers.length, true)
  for (const element of observers) encodeDescribeQuorumResponseReplicaState(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeQuorumResponseReplicaState(writer: Writer, message: DescribeQuorumResponseReplicaState, version: number): void {
  writer.int32(message.replicaId)
  if (version >= 2) writer.uuid(message.replicaDirectoryId ?? ZERO_UUID)
  else if (message.replicaDirectoryId !== undefined && message.replicaDirectoryId !== ZERO_UUID) throw writer.unsupported('replicaDirectoryId', version)
  writer.int64(message.logEndOffset)
  if (version >= 1) writer.int64(message.lastFetchTimestamp ?? -1n)
  if (version >= 1) writer.int64(message.lastCaughtUpTimestamp ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeQuorumResponseNode(writer: Writer, message: DescribeQuorumResponseNode, version: number): void {
  writer.int32(message.nodeId)
  const listeners = message.listeners
  writer.arrayLength(listeners.length, true)
  for (const element of listeners) encodeDescribeQuorumResponseListener(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeQuorumResponseListener(writer: Writer, message: DescribeQuorumResponseListener, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeQuorumResponse(reader: Reader, version: number): Decoded<DescribeQuorumResponse> {
  const errorCode = reader.int16()
  let errorMessage: string | null = ''
  if (version >= 2) errorMessage = reader.nullableString(true)
  const topics: Decoded<DescribeQuorumResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeDescribeQuorumResponseTopic(reader, version))
  let nodes: Decoded<DescribeQuorumResponseNode>[] = []
  if (version >= 2) for (let left = reader.arrayLength(true, 6); left > 0; left--) nodes.push(decodeDescribeQuorumResponseNode(reader, version))
  const unknownTags = reader.unknownTags()
  return { errorCode, errorMessage, topics, nodes, unknownTags }
}

function decodeDescribeQuorumResponseTopic(reader: Reader, version: number): Decoded<DescribeQuorumResponseTopic> {
  const topicName = reader.string(true)
  const partitions: Decoded<DescribeQuorumResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 25); left > 0; left--) partitions.push(decodeDescribeQuorumResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicName, partitions, unknownTags }
}

function decodeDescribeQuorumResponsePartition(reader: Reader, version: number): Decoded<DescribeQuorumResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  let errorMessage: string | null = ''
  if (version >= 2) errorMessage = reader.nullableString(true)
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const highWatermark = reader.int64()
  const currentVoters: Decoded<DescribeQuorumResponseReplicaState>[] = []
  for (let left = reader.arrayLength(true, 13); left > 0; left--) currentVoters.push(decodeDescribeQuorumResponseReplicaState(reader, version))
  const observers: Decoded<DescribeQuorumResponseReplicaState>[] = []
  for (let left = reader.arrayLength(true, 13); left > 0; left--) observers.push(decodeDescribeQuorumResponseReplicaState(reader, version))
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, errorMessage, leaderId, leaderEpoch, highWatermark, currentVoters, observers, unknownTags }
}

function decodeDescribeQuorumResponseReplicaState(reader: Reader, version: number): Decoded<DescribeQuorumResponseReplicaState> {
  const replicaId = reader.int32()
  let replicaDirectoryId: Uuid = ZERO_UUID
  if (version >= 2) replicaDirectoryId = reader.uuid()
  const logEndOffset = reader.int64()
  let lastFetchTimestamp: bigint = -1n
  if (version >= 1) lastFetchTimestamp = reader.int64()
  let lastCaughtUpTimestamp: bigint = -1n
  if (version >= 1) lastCaughtUpTimestamp = reader.int64()
  const unknownTags = reader.unknownTags()
  return { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp, unknownTags }
}

function decodeDescribeQuorumResponseNode(reader: Reader, version: number): Decoded<DescribeQuorumResponseNode> {
  const nodeId = reader.int32()
  const listeners: Decoded<DescribeQuorumResponseListener>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) listeners.push(decodeDescribeQuorumResponseListener(reader, version))
  const unknownTags = reader.unknownTags()
  return { nodeId, listeners, unknownTags }
}

function decodeDescribeQuorumResponseListener(reader: Reader, _version: number): Decoded<DescribeQuorumResponseListener> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, unknownTags }
}

/**
 * Shows the state of the metadata log's quorum: who leads, who votes, who only follows, and how far each has come.
 * Brokers forward it; only the leader can answer.
 * - 1: Fetch times of every replica (KIP-836).
 * - 2: Directory ids, error messages and the voters' listeners (KIP-853).
 */
export const describeQuorum: Api<DescribeQuorumRequest, DescribeQuorumResponse> = {
  key: 55,
  name: 'DescribeQuorum',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'DescribeQuorumRequest', encode: encodeDescribeQuorumRequest, decode: decodeDescribeQuorumRequest },
  response: { name: 'DescribeQuorumResponse', encode: encodeDescribeQuorumResponse, decode: decodeDescribeQuorumResponse },
}
