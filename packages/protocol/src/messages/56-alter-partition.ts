/**
 * The AlterPartition API (key 56).
 * Generated from schemas/56-alter-partition.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AlterPartitionRequest {
  readonly brokerId: number
  /** From BrokerRegistration. An old one gets STALE_BROKER_EPOCH: a former life of the broker asks. */
  readonly brokerEpoch?: bigint
  readonly topics: readonly AlterPartitionRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionRequestTopic {
  readonly topicId?: Uuid
  readonly partitions: readonly AlterPartitionRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionRequestPartition {
  readonly partitionIndex: number
  readonly leaderEpoch: number
  /** The whole set wanted, not a difference. Versions 2. */
  readonly newIsr?: readonly number[]
  /** As `newIsr`. Versions 3+. */
  readonly newIsrWithEpochs?: readonly AlterPartitionRequestNewIsrWithEpoch[]
  /**
   * 1 while the leader repairs the log after an unclean election; only it alone may be in the ISR then. Otherwise 0.
   */
  readonly leaderRecoveryState: number
  /** The epoch that the change is based on: INVALID_UPDATE_VERSION when the controller is past it. */
  readonly partitionEpoch: number
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionRequestNewIsrWithEpoch {
  readonly brokerId: number
  /** -1 when the leader does not know it: then it is not checked. */
  readonly brokerEpoch?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeAlterPartitionRequest(writer: Writer, message: AlterPartitionRequest, version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch ?? -1n)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeAlterPartitionRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionRequestTopic(writer: Writer, message: AlterPartitionRequestTopic, version: number): void {
  writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAlterPartitionRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionRequestPartition(writer: Writer, message: AlterPartitionRequestPartition, version: number): void {
  writer.int32(message.partitionIndex)
  writer.int32(message.leaderEpoch)
  if (version <= 2) {
    const newIsr = message.newIsr ?? []
    writer.arrayLength(newIsr.length, true)
    for (const element of newIsr) writer.int32(element)
  } else if (message.newIsr !== undefined && message.newIsr.length !== 0) throw writer.unsupported('newIsr', version)
  if (version >= 3) {
    const newIsrWithEpochs = message.newIsrWithEpochs ?? []
    writer.arrayLength(newIsrWithEpochs.length, true)
    for (const element of newIsrWithEpochs) encodeAlterPartitionRequestNewIsrWithEpoch(writer, element, version)
  } else if (message.newIsrWithEpochs !== undefined && message.newIsrWithEpochs.length !== 0) throw writer.unsupported('newIsrWithEpochs', version)
  writer.int8(message.leaderRecoveryState)
  writer.int32(message.partitionEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionRequestNewIsrWithEpoch(writer: Writer, message: AlterPartitionRequestNewIsrWithEpoch, _version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterPartitionRequest(reader: Reader, version: number): Decoded<AlterPartitionRequest> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  const topics: Decoded<AlterPartitionRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeAlterPartitionRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { brokerId, brokerEpoch, topics, unknownTags }
}

function decodeAlterPartitionRequestTopic(reader: Reader, version: number): Decoded<AlterPartitionRequestTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<AlterPartitionRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 14); left > 0; left--) partitions.push(decodeAlterPartitionRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeAlterPartitionRequestPartition(reader: Reader, version: number): Decoded<AlterPartitionRequestPartition> {
  const partitionIndex = reader.int32()
  const leaderEpoch = reader.int32()
  let newIsr: number[] = []
  if (version <= 2) for (let left = reader.arrayLength(true, 4); left > 0; left--) newIsr.push(reader.int32())
  let newIsrWithEpochs: Decoded<AlterPartitionRequestNewIsrWithEpoch>[] = []
  if (version >= 3) for (let left = reader.arrayLength(true, 13); left > 0; left--) newIsrWithEpochs.push(decodeAlterPartitionRequestNewIsrWithEpoch(reader, version))
  const leaderRecoveryState = reader.int8()
  const partitionEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, leaderEpoch, newIsr, newIsrWithEpochs, leaderRecoveryState, partitionEpoch, unknownTags }
}

function decodeAlterPartitionRequestNewIsrWithEpoch(reader: Reader, _version: number): Decoded<AlterPartitionRequestNewIsrWithEpoch> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { brokerId, brokerEpoch, unknownTags }
}

export interface AlterPartitionResponse {
  readonly throttleTimeMs: number
  /** STALE_BROKER_EPOCH, NOT_CONTROLLER, CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly topics: readonly AlterPartitionResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionResponseTopic {
  readonly topicId?: Uuid
  readonly partitions: readonly AlterPartitionResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface AlterPartitionResponsePartition {
  readonly partitionIndex: number
  /**
   * FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION: another change came first. NOT_CONTROLLER: the leader is ahead of
   * this controller. INELIGIBLE_REPLICA: a member may not join. NEW_LEADER_ELECTED: done, but someone else leads now.
   * UNKNOWN_TOPIC_ID: deleted.
   */
  readonly errorCode: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly isr: readonly number[]
  /** 1 after an unclean election until the leader reports recovery, otherwise 0. */
  readonly leaderRecoveryState?: number
  readonly partitionEpoch: number
  readonly unknownTags?: UnknownTags
}

function encodeAlterPartitionResponse(writer: Writer, message: AlterPartitionResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeAlterPartitionResponseTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionResponseTopic(writer: Writer, message: AlterPartitionResponseTopic, version: number): void {
  writer.uuid(message.topicId ?? ZERO_UUID)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeAlterPartitionResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterPartitionResponsePartition(writer: Writer, message: AlterPartitionResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  const isr = message.isr
  writer.arrayLength(isr.length, true)
  for (const element of isr) writer.int32(element)
  writer.int8(message.leaderRecoveryState ?? 0)
  writer.int32(message.partitionEpoch)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterPartitionResponse(reader: Reader, version: number): Decoded<AlterPartitionResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const topics: Decoded<AlterPartitionResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeAlterPartitionResponseTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, topics, unknownTags }
}

function decodeAlterPartitionResponseTopic(reader: Reader, version: number): Decoded<AlterPartitionResponseTopic> {
  const topicId = reader.uuid()
  const partitions: Decoded<AlterPartitionResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 21); left > 0; left--) partitions.push(decodeAlterPartitionResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicId, partitions, unknownTags }
}

function decodeAlterPartitionResponsePartition(reader: Reader, _version: number): Decoded<AlterPartitionResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const isr: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) isr.push(reader.int32())
  const leaderRecoveryState = reader.int8()
  const partitionEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, leaderId, leaderEpoch, isr, leaderRecoveryState, partitionEpoch, unknownTags }
}

/**
 * The leader of a partition asks the controller to shrink or grow the set of in-sync replicas. It is a
 * compare-and-set on the partition epoch; the answer is the state that the controller has written.
 * - 2: Topics by id (KIP-841); a replica that is fenced or shutting down cannot join the ISR, see
 *   INELIGIBLE_REPLICA.
 * - 3: Every new member of the ISR comes with its broker epoch (KIP-903), so that one that restarted in between is
 *   not let in.
 */
export const alterPartition: Api<AlterPartitionRequest, AlterPartitionResponse> = {
  key: 56,
  name: 'AlterPartition',
  versions: { min: 2, max: 3, latestStable: 3 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'AlterPartitionRequest', encode: encodeAlterPartitionRequest, decode: decodeAlterPartitionRequest },
  response: { name: 'AlterPartitionResponse', encode: encodeAlterPartitionResponse, decode: decodeAlterPartitionResponse },
}
