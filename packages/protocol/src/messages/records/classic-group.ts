/**
 * Records: classic group.
 * Generated from schemas/records/classic-group.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../../wire/uuid.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/**
 * Names one committed offset. With a null value the offset is gone: it expired, or it, its group or its topic was
 * deleted.
 */
export interface OffsetCommitKey {
  readonly group: string
  readonly topic: string
  readonly partition: number
}

function encodeOffsetCommitKey(writer: Writer, message: OffsetCommitKey, _version: number): void {
  writer.string(message.group, false)
  writer.string(message.topic, false)
  writer.int32(message.partition)
}

function decodeOffsetCommitKey(reader: Reader, _version: number): Decoded<OffsetCommitKey> {
  const group = reader.string(false)
  const topic = reader.string(false)
  const partition = reader.int32()
  return { group, topic, partition }
}

/**
 * Names one committed offset. With a null value the offset is gone: it expired, or it, its group or its topic was
 * deleted.
 */
export const offsetCommitKey: RecordType<OffsetCommitKey> = {
  name: 'OffsetCommitKey',
  kind: 'coordinator-key',
  id: 1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeOffsetCommitKey,
  decode: decodeOffsetCommitKey,
}

/**
 * An offset that a group committed: the position of the next record to read. One committed in a transaction lies in a
 * batch of its producer and counts only after a commit marker.
 */
export interface OffsetCommitValue {
  readonly offset: bigint
  /** Of the last record read; -1 when the consumer did not say. Versions 3+. */
  readonly leaderEpoch?: number
  /** The consumer's own; empty when it sent none. */
  readonly metadata: string
  /** When the coordinator took the commit. */
  readonly commitTimestamp: bigint
  /** -1: no retention of its own. Versions 1. */
  readonly expireTimestamp?: bigint
  /** Zero when unknown. Versions 4+. */
  readonly topicId?: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeOffsetCommitValue(writer: Writer, message: OffsetCommitValue, version: number): void {
  const flexible = version >= 4
  writer.int64(message.offset)
  if (version >= 3) writer.int32(message.leaderEpoch ?? -1)
  writer.string(message.metadata, flexible)
  writer.int64(message.commitTimestamp)
  if (version === 1) writer.int64(message.expireTimestamp ?? -1n)
  if (flexible) {
    const topicId = message.topicId
    const hasTopicId = topicId !== undefined && topicId !== ZERO_UUID
    writer.tagCount(hasTopicId ? 1 : 0, message.unknownTags)
    if (hasTopicId) {
      const topicIdAt = writer.enterTag(0)
      writer.uuid(topicId)
      writer.leaveTag(topicIdAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeOffsetCommitValue(reader: Reader, version: number): Decoded<OffsetCommitValue> {
  const flexible = version >= 4
  const offset = reader.int64()
  let leaderEpoch: number = -1
  if (version >= 3) leaderEpoch = reader.int32()
  const metadata = reader.string(flexible)
  const commitTimestamp = reader.int64()
  let expireTimestamp: bigint = -1n
  if (version === 1) expireTimestamp = reader.int64()
  let topicId: Uuid = ZERO_UUID
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          topicId = reader.uuid()
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId, unknownTags }
}

/**
 * An offset that a group committed: the position of the next record to read. One committed in a transaction lies in a
 * batch of its producer and counts only after a commit marker.
 * - 1: Commits that set a retention of their own; still used for these alone.
 * - 2: Offsets live as long as the group, then for offsets.retention.minutes (KIP-211).
 * - 3: The leader epoch tells a consumer whether the log was truncated below its position (KIP-320).
 * - 4: From here on only tagged fields are added, which older brokers pass over (KIP-915).
 */
export const offsetCommitValue: RecordType<OffsetCommitValue> = {
  name: 'OffsetCommitValue',
  kind: 'coordinator-value',
  id: 1,
  versions: { min: 0, max: 4, latestStable: 4 },
  flexibleFrom: 4,
  encode: encodeOffsetCommitValue,
  decode: decodeOffsetCommitValue,
}

/** OffsetCommitKey under its first number: still read, no longer written. A null value takes the offset away. */
export interface LegacyOffsetCommitKey {
  readonly group: string
  readonly topic: string
  readonly partition: number
}

function encodeLegacyOffsetCommitKey(writer: Writer, message: LegacyOffsetCommitKey, _version: number): void {
  writer.string(message.group, false)
  writer.string(message.topic, false)
  writer.int32(message.partition)
}

function decodeLegacyOffsetCommitKey(reader: Reader, _version: number): Decoded<LegacyOffsetCommitKey> {
  const group = reader.string(false)
  const topic = reader.string(false)
  const partition = reader.int32()
  return { group, topic, partition }
}

/** OffsetCommitKey under its first number: still read, no longer written. A null value takes the offset away. */
export const legacyOffsetCommitKey: RecordType<LegacyOffsetCommitKey> = {
  name: 'LegacyOffsetCommitKey',
  kind: 'coordinator-key',
  id: 0,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeLegacyOffsetCommitKey,
  decode: decodeLegacyOffsetCommitKey,
}

/** A committed offset of the first brokers that kept offsets in a topic: still read, no longer written. */
export interface LegacyOffsetCommitValue {
  readonly offset: bigint
  readonly metadata: string
  readonly commitTimestamp: bigint
}

function encodeLegacyOffsetCommitValue(writer: Writer, message: LegacyOffsetCommitValue, _version: number): void {
  writer.int64(message.offset)
  writer.string(message.metadata, false)
  writer.int64(message.commitTimestamp)
}

function decodeLegacyOffsetCommitValue(reader: Reader, _version: number): Decoded<LegacyOffsetCommitValue> {
  const offset = reader.int64()
  const metadata = reader.string(false)
  const commitTimestamp = reader.int64()
  return { offset, metadata, commitTimestamp }
}

/** A committed offset of the first brokers that kept offsets in a topic: still read, no longer written. */
export const legacyOffsetCommitValue: RecordType<LegacyOffsetCommitValue> = {
  name: 'LegacyOffsetCommitValue',
  kind: 'coordinator-value',
  id: 0,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeLegacyOffsetCommitValue,
  decode: decodeLegacyOffsetCommitValue,
}

/**
 * Names a classic group. With a null value the group is gone, as one is that is deleted, or empty and without
 * offsets.
 */
export interface GroupMetadataKey {
  readonly group: string
}

function encodeGroupMetadataKey(writer: Writer, message: GroupMetadataKey, _version: number): void {
  writer.string(message.group, false)
}

function decodeGroupMetadataKey(reader: Reader, _version: number): Decoded<GroupMetadataKey> {
  const group = reader.string(false)
  return { group }
}

/**
 * Names a classic group. With a null value the group is gone, as one is that is deleted, or empty and without
 * offsets.
 */
export const groupMetadataKey: RecordType<GroupMetadataKey> = {
  name: 'GroupMetadataKey',
  kind: 'coordinator-key',
  id: 2,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeGroupMetadataKey,
  decode: decodeGroupMetadataKey,
}

/**
 * A classic group as it stands after a rebalance. It is written before the members hear of their assignments, so that
 * the next coordinator goes on with the same generation.
 */
export interface GroupMetadataValue {
  /** `consumer` for consumers, `connect` for Connect's workers; empty when the group only commits offsets. */
  readonly protocolType: string
  /** Rises by 1 with every rebalance; 0 before the first. */
  readonly generation: number
  /** The assignor chosen; null when the group is empty. */
  readonly protocol: string | null
  /** A member id; null when the group is empty. */
  readonly leader: string | null
  /**
   * When the group entered its state; the retention of an empty group's offsets counts from then on. -1 when unknown.
   * Versions 2+.
   */
  readonly currentStateTimestamp?: bigint
  readonly members: readonly GroupMetadataValueMemberMetadata[]
  readonly unknownTags?: UnknownTags
}

export interface GroupMetadataValueMemberMetadata {
  readonly memberId: string
  /** Null for a dynamic member. Versions 3+. */
  readonly groupInstanceId?: string | null
  readonly clientId: string
  readonly clientHost: string
  /** In ms; without it the session timeout serves for both. Versions 1+. */
  readonly rebalanceTimeout?: number
  /** In ms. */
  readonly sessionTimeout: number
  /** What the member sent in JoinGroup for the chosen protocol; of a consumer, a ConsumerProtocolSubscription. */
  readonly subscription: Uint8Array
  /** What the leader gave it in SyncGroup; of a consumer, a ConsumerProtocolAssignment. */
  readonly assignment: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeGroupMetadataValue(writer: Writer, message: GroupMetadataValue, version: number): void {
  const flexible = version >= 4
  writer.string(message.protocolType, flexible)
  writer.int32(message.generation)
  writer.nullableString(message.protocol, flexible)
  writer.nullableString(message.leader, flexible)
  if (version >= 2) writer.int64(message.currentStateTimestamp ?? -1n)
  const members = message.members
  writer.arrayLength(members.length, flexible)
  for (const element of members) encodeGroupMetadataValueMemberMetadata(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeGroupMetadataValueMemberMetadata(writer: Writer, message: GroupMetadataValueMemberMetadata, version: number): void {
  const flexible = version >= 4
  writer.string(message.memberId, flexible)
  if (version >= 3) writer.nullableString(message.groupInstanceId ?? null, flexible)
  writer.string(message.clientId, flexible)
  writer.string(message.clientHost, flexible)
  if (version >= 1) writer.int32(message.rebalanceTimeout ?? -1)
  writer.int32(message.sessionTimeout)
  writer.bytes(message.subscription, flexible)
  writer.bytes(message.assignment, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeGroupMetadataValue(reader: Reader, version: number): Decoded<GroupMetadataValue> {
  const flexible = version >= 4
  const protocolType = reader.string(flexible)
  const generation = reader.int32()
  const protocol = reader.nullableString(flexible)
  const leader = reader.nullableString(flexible)
  let currentStateTimestamp: bigint = -1n
  if (version >= 2) currentStateTimestamp = reader.int64()
  const members: Decoded<GroupMetadataValueMemberMetadata>[] = []
  for (let left = reader.arrayLength(flexible, 9); left > 0; left--) members.push(decodeGroupMetadataValueMemberMetadata(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { protocolType, generation, protocol, leader, currentStateTimestamp, members, unknownTags }
}

function decodeGroupMetadataValueMemberMetadata(reader: Reader, version: number): Decoded<GroupMetadataValueMemberMetadata> {
  const flexible = version >= 4
  const memberId = reader.string(flexible)
  let groupInstanceId: string | null = null
  if (version >= 3) groupInstanceId = reader.nullableString(flexible)
  const clientId = reader.string(flexible)
  const clientHost = reader.string(flexible)
  let rebalanceTimeout: number = -1
  if (version >= 1) rebalanceTimeout = reader.int32()
  const sessionTimeout = reader.int32()
  const subscription = reader.bytes(flexible)
  const assignment = reader.bytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeout, sessionTimeout, subscription, assignment, unknownTags }
}

/**
 * A classic group as it stands after a rebalance. It is written before the members hear of their assignments, so that
 * the next coordinator goes on with the same generation.
 * - 3: Static members (KIP-345). Kafka still writes this version.
 * - 4: From here on only tagged fields are added, which older brokers pass over (KIP-915).
 */
export const groupMetadataValue: RecordType<GroupMetadataValue> = {
  name: 'GroupMetadataValue',
  kind: 'coordinator-value',
  id: 2,
  versions: { min: 0, max: 4, latestStable: 4 },
  flexibleFrom: 4,
  encode: encodeGroupMetadataValue,
  decode: decodeGroupMetadataValue,
}

/** All of them, in the order of their schemas. */
export const classicGroupTypes: readonly RecordType[] = [
  offsetCommitKey,
  offsetCommitValue,
  legacyOffsetCommitKey,
  legacyOffsetCommitValue,
  groupMetadataKey,
  groupMetadataValue,
]
