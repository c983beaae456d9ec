/**
 * Records: consumer protocol.
 * Generated from schemas/records/consumer-protocol.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/**
 * What a consumer tells the leader of its classic group, as protocol metadata of JoinGroup. Newer versions only add
 * fields at the end: a reader takes what it knows and leaves the rest.
 */
export interface ConsumerProtocolSubscription {
  /** A set: no order is meant. */
  readonly topics: readonly string[]
  /** The assignor's own. */
  readonly userData?: Uint8Array | null
  /** Empty for assignors that revoke everything first. Versions 1+. */
  readonly ownedPartitions?: readonly ConsumerProtocolSubscriptionOwnedPartition[]
  /** -1 when the consumer has been in none. Versions 2+. */
  readonly generationId?: number
  /** Versions 3+. */
  readonly rackId?: string | null
}

export interface ConsumerProtocolSubscriptionOwnedPartition {
  readonly topic: string
  readonly partitions: readonly number[]
}

function encodeConsumerProtocolSubscription(writer: Writer, message: ConsumerProtocolSubscription, version: number): void {
  const topics = message.topics
  writer.arrayLength(topics.length, false)
  for (const element of topics) writer.string(element, false)
  writer.nullableBytes(message.userData ?? null, false)
  if (version >= 1) {
    const ownedPartitions = message.ownedPartitions ?? []
    writer.arrayLength(ownedPartitions.length, false)
    for (const element of ownedPartitions) encodeConsumerProtocolSubscriptionOwnedPartition(writer, element, version)
  }
  if (version >= 2) writer.int32(message.generationId ?? -1)
  if (version >= 3) writer.nullableString(message.rackId ?? null, false)
}

function encodeConsumerProtocolSubscriptionOwnedPartition(writer: Writer, message: ConsumerProtocolSubscriptionOwnedPartition, _version: number): void {
  writer.string(message.topic, false)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, false)
  for (const element of partitions) writer.int32(element)
}

function decodeConsumerProtocolSubscription(reader: Reader, version: number): Decoded<ConsumerProtocolSubscription> {
  const topics: string[] = []
  for (let left = reader.arrayLength(false, 1); left > 0; left--) topics.push(reader.string(false))
  const userData = reader.nullableBytes(false)
  let ownedPartitions: Decoded<ConsumerProtocolSubscriptionOwnedPartition>[] = []
  if (version >= 1) for (let left = reader.arrayLength(false, 2); left > 0; left--) ownedPartitions.push(decodeConsumerProtocolSubscriptionOwnedPartition(reader, version))
  let generationId: number = -1
  if (version >= 2) generationId = reader.int32()
  let rackId: string | null = null
  if (version >= 3) rackId = reader.nullableString(false)
  return { topics, userData, ownedPartitions, generationId, rackId }
}

function decodeConsumerProtocolSubscriptionOwnedPartition(reader: Reader, _version: number): Decoded<ConsumerProtocolSubscriptionOwnedPartition> {
  const topic = reader.string(false)
  const partitions: number[] = []
  for (let left = reader.arrayLength(false, 4); left > 0; left--) partitions.push(reader.int32())
  return { topic, partitions }
}

/**
 * What a consumer tells the leader of its classic group, as protocol metadata of JoinGroup. Newer versions only add
 * fields at the end: a reader takes what it knows and leaves the rest.
 * - 1: Owned partitions, so that cooperative assignors can leave them where they are (KIP-429).
 * - 2: The generation these are from, so that a claim of the past loses against a newer one (KIP-792).
 * - 3: The rack, for assigning near replicas (KIP-881).
 */
export const consumerProtocolSubscription: RecordType<ConsumerProtocolSubscription> = {
  name: 'ConsumerProtocolSubscription',
  kind: 'data',
  id: -1,
  versions: { min: 0, max: 3, latestStable: 3 },
  flexibleFrom: -1,
  encode: encodeConsumerProtocolSubscription,
  decode: decodeConsumerProtocolSubscription,
}

/**
 * What the leader of a classic group gives a member, as assignment of SyncGroup. All versions have the same fields;
 * the number follows ConsumerProtocolSubscription's.
 */
export interface ConsumerProtocolAssignment {
  readonly assignedPartitions: readonly ConsumerProtocolAssignmentAssignedPartition[]
  /** The assignor's own. */
  readonly userData?: Uint8Array | null
}

export interface ConsumerProtocolAssignmentAssignedPartition {
  readonly topic: string
  readonly partitions: readonly number[]
}

function encodeConsumerProtocolAssignment(writer: Writer, message: ConsumerProtocolAssignment, version: number): void {
  const assignedPartitions = message.assignedPartitions
  writer.arrayLength(assignedPartitions.length, false)
  for (const element of assignedPartitions) encodeConsumerProtocolAssignmentAssignedPartition(writer, element, version)
  writer.nullableBytes(message.userData ?? null, false)
}

function encodeConsumerProtocolAssignmentAssignedPartition(writer: Writer, message: ConsumerProtocolAssignmentAssignedPartition, _version: number): void {
  writer.string(message.topic, false)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, false)
  for (const element of partitions) writer.int32(element)
}

function decodeConsumerProtocolAssignment(reader: Reader, version: number): Decoded<ConsumerProtocolAssignment> {
  const assignedPartitions: Decoded<ConsumerProtocolAssignmentAssignedPartition>[] = []
  for (let left = reader.arrayLength(false, 2); left > 0; left--) assignedPartitions.push(decodeConsumerProtocolAssignmentAssignedPartition(reader, version))
  const userData = reader.nullableBytes(false)
  return { assignedPartitions, userData }
}

function decodeConsumerProtocolAssignmentAssignedPartition(reader: Reader, _version: number): Decoded<ConsumerProtocolAssignmentAssignedPartition> {
  const topic = reader.string(false)
  const partitions: number[] = []
  for (let left = reader.arrayLength(false, 4); left > 0; left--) partitions.push(reader.int32())
  return { topic, partitions }
}

/**
 * What the leader of a classic group gives a member, as assignment of SyncGroup. All versions have the same fields;
 * the number follows ConsumerProtocolSubscription's.
 */
export const consumerProtocolAssignment: RecordType<ConsumerProtocolAssignment> = {
  name: 'ConsumerProtocolAssignment',
  kind: 'data',
  id: -1,
  versions: { min: 0, max: 3, latestStable: 3 },
  flexibleFrom: -1,
  encode: encodeConsumerProtocolAssignment,
  decode: decodeConsumerProtocolAssignment,
}

/** All of them, in the order of their schemas. */
export const consumerProtocolTypes: readonly RecordType[] = [
  consumerProtocolSubscription,
  consumerProtocolAssignment,
]
