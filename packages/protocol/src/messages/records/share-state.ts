/**
 * Records: share state.
 * Generated from schemas/records/share-state.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../../wire/tagged.js'
import type { Uuid } from '../../wire/uuid.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/** Names the state of one partition for one share group. With a null value it is gone. */
export interface ShareSnapshotKey {
  readonly groupId: string
  readonly topicId: Uuid
  readonly partition: number
}

function encodeShareSnapshotKey(writer: Writer, message: ShareSnapshotKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.uuid(message.topicId)
  writer.int32(message.partition)
}

function decodeShareSnapshotKey(reader: Reader, _version: number): Decoded<ShareSnapshotKey> {
  const groupId = reader.string(false)
  const topicId = reader.uuid()
  const partition = reader.int32()
  return { groupId, topicId, partition }
}

/** Names the state of one partition for one share group. With a null value it is gone. */
export const shareSnapshotKey: RecordType<ShareSnapshotKey> = {
  name: 'ShareSnapshotKey',
  kind: 'coordinator-key',
  id: 0,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareSnapshotKey,
  decode: decodeShareSnapshotKey,
}

/** The whole state of one partition for one share group; what came before it is no longer needed. */
export interface ShareSnapshotValue {
  /** Rises with every snapshot. */
  readonly snapshotEpoch: number
  /** Rises when the group coordinator sets the state up anew. */
  readonly stateEpoch: number
  /** Of the partition leader that wrote last: writers with a lower one are refused. */
  readonly leaderEpoch: number
  /** Everything below is done with. -1 when not settled yet. */
  readonly startOffset: bigint
  /** How many offsets from the start offset on are done with. -1 when unknown. */
  readonly deliveryCompleteCount?: number
  /** When the state was first set up, in ms. */
  readonly createTimestamp: bigint
  /** When this snapshot was written, in ms. */
  readonly writeTimestamp: bigint
  readonly stateBatches: readonly ShareSnapshotValueStateBatch[]
  readonly unknownTags?: UnknownTags
}

export interface ShareSnapshotValueStateBatch {
  readonly firstOffset: bigint
  /** Inclusive. */
  readonly lastOffset: bigint
  /** 0 available, 2 acknowledged, 4 archived. */
  readonly deliveryState: number
  readonly deliveryCount: number
  readonly unknownTags?: UnknownTags
}

function encodeShareSnapshotValue(writer: Writer, message: ShareSnapshotValue, version: number): void {
  writer.int32(message.snapshotEpoch)
  writer.int32(message.stateEpoch)
  writer.int32(message.leaderEpoch)
  writer.int64(message.startOffset)
  writer.int64(message.createTimestamp)
  writer.int64(message.writeTimestamp)
  const stateBatches = message.stateBatches
  writer.arrayLength(stateBatches.length, true)
  for (const element of stateBatches) encodeShareSnapshotValueStateBatch(writer, element, version)
  const deliveryCompleteCount = message.deliveryCompleteCount
  const hasDeliveryCompleteCount = deliveryCompleteCount !== undefined && deliveryCompleteCount !== -1
  writer.tagCount(hasDeliveryCompleteCount ? 1 : 0, message.unknownTags)
  if (hasDeliveryCompleteCount) {
    const deliveryCompleteCountAt = writer.enterTag(0)
    writer.int32(deliveryCompleteCount)
    writer.leaveTag(deliveryCompleteCountAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeShareSnapshotValueStateBatch(writer: Writer, message: ShareSnapshotValueStateBatch, _version: number): void {
  writer.int64(message.firstOffset)
  writer.int64(message.lastOffset)
  writer.int8(message.deliveryState)
  writer.int16(message.deliveryCount)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareSnapshotValue(reader: Reader, version: number): Decoded<ShareSnapshotValue> {
  const snapshotEpoch = reader.int32()
  const stateEpoch = reader.int32()
  const leaderEpoch = reader.int32()
  const startOffset = reader.int64()
  let deliveryCompleteCount: number = -1
  const createTimestamp = reader.int64()
  const writeTimestamp = reader.int64()
  const stateBatches: Decoded<ShareSnapshotValueStateBatch>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) stateBatches.push(decodeShareSnapshotValueStateBatch(reader, version))
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        deliveryCompleteCount = reader.int32()
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { snapshotEpoch, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount, createTimestamp, writeTimestamp, stateBatches, unknownTags }
}

function decodeShareSnapshotValueStateBatch(reader: Reader, _version: number): Decoded<ShareSnapshotValueStateBatch> {
  const firstOffset = reader.int64()
  const lastOffset = reader.int64()
  const deliveryState = reader.int8()
  const deliveryCount = reader.int16()
  const unknownTags = reader.unknownTags()
  return { firstOffset, lastOffset, deliveryState, deliveryCount, unknownTags }
}

/** The whole state of one partition for one share group; what came before it is no longer needed. */
export const shareSnapshotValue: RecordType<ShareSnapshotValue> = {
  name: 'ShareSnapshotValue',
  kind: 'coordinator-value',
  id: 0,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareSnapshotValue,
  decode: decodeShareSnapshotValue,
}

/** Names the state of one partition for one share group, as ShareSnapshotKey does. */
export interface ShareUpdateKey {
  readonly groupId: string
  readonly topicId: Uuid
  readonly partition: number
}

function encodeShareUpdateKey(writer: Writer, message: ShareUpdateKey, _version: number): void {
  writer.string(message.groupId, false)
  writer.uuid(message.topicId)
  writer.int32(message.partition)
}

function decodeShareUpdateKey(reader: Reader, _version: number): Decoded<ShareUpdateKey> {
  const groupId = reader.string(false)
  const topicId = reader.uuid()
  const partition = reader.int32()
  return { groupId, topicId, partition }
}

/** Names the state of one partition for one share group, as ShareSnapshotKey does. */
export const shareUpdateKey: RecordType<ShareUpdateKey> = {
  name: 'ShareUpdateKey',
  kind: 'coordinator-key',
  id: 1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeShareUpdateKey,
  decode: decodeShareUpdateKey,
}

/** What changed since the snapshot. It is much smaller than one, and a new snapshot is due after some of them. */
export interface ShareUpdateValue {
  /** Of the snapshot that it changes. */
  readonly snapshotEpoch: number
  readonly leaderEpoch: number
  /** -1: unchanged. */
  readonly startOffset: bigint
  /** How many offsets from the start offset on are done with. -1 when unknown. */
  readonly deliveryCompleteCount?: number
  /** Changed ranges only; each replaces what was known of its offsets. */
  readonly stateBatches: readonly ShareUpdateValueStateBatch[]
  readonly unknownTags?: UnknownTags
}

export interface ShareUpdateValueStateBatch {
  readonly firstOffset: bigint
  /** Inclusive. */
  readonly lastOffset: bigint
  /** 0 available, 2 acknowledged, 4 archived. */
  readonly deliveryState: number
  readonly deliveryCount: number
  readonly unknownTags?: UnknownTags
}

function encodeShareUpdateValue(writer: Writer, message: ShareUpdateValue, version: number): void {
  writer.int32(message.snapshotEpoch)
  writer.int32(message.leaderEpoch)
  writer.int64(message.startOffset)
  const stateBatches = message.stateBatches
  writer.arrayLength(stateBatches.length, true)
  for (const element of stateBatches) encodeShareUpdateValueStateBatch(writer, element, version)
  const deliveryCompleteCount = message.deliveryCompleteCount
  const hasDeliveryCompleteCount = deliveryCompleteCount !== undefined && deliveryCompleteCount !== -1
  writer.tagCount(hasDeliveryCompleteCount ? 1 : 0, message.unknownTags)
  if (hasDeliveryCompleteCount) {
    const deliveryCompleteCountAt = writer.enterTag(0)
    writer.int32(deliveryCompleteCount)
    writer.leaveTag(deliveryCompleteCountAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeShareUpdateValueStateBatch(writer: Writer, message: ShareUpdateValueStateBatch, _version: number): void {
  writer.int64(message.firstOffset)
  writer.int64(message.lastOffset)
  writer.int8(message.deliveryState)
  writer.int16(message.deliveryCount)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeShareUpdateValue(reader: Reader, version: number): Decoded<ShareUpdateValue> {
  const snapshotEpoch = reader.int32()
  const leaderEpoch = reader.int32()
  const startOffset = reader.int64()
  let deliveryCompleteCount: number = -1
  const stateBatches: Decoded<ShareUpdateValueStateBatch>[] = []
  for (let left = reader.arrayLength(true, 20); left > 0; left--) stateBatches.push(decodeShareUpdateValueStateBatch(reader, version))
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        deliveryCompleteCount = reader.int32()
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { snapshotEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches, unknownTags }
}

function decodeShareUpdateValueStateBatch(reader: Reader, _version: number): Decoded<ShareUpdateValueStateBatch> {
  const firstOffset = reader.int64()
  const lastOffset = reader.int64()
  const deliveryState = reader.int8()
  const deliveryCount = reader.int16()
  const unknownTags = reader.unknownTags()
  return { firstOffset, lastOffset, deliveryState, deliveryCount, unknownTags }
}

/** What changed since the snapshot. It is much smaller than one, and a new snapshot is due after some of them. */
export const shareUpdateValue: RecordType<ShareUpdateValue> = {
  name: 'ShareUpdateValue',
  kind: 'coordinator-value',
  id: 1,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  encode: encodeShareUpdateValue,
  decode: decodeShareUpdateValue,
}

/** All of them, in the order of their schemas. */
export const shareStateTypes: readonly RecordType[] = [
  shareSnapshotKey,
  shareSnapshotValue,
  shareUpdateKey,
  shareUpdateValue,
]
