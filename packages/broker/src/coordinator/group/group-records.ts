/**
 * How groups and their offsets are written: Kafka's own records of `__consumer_offsets`, both ways. Pure.
 */
import {
  coordinatorKeyType,
  decodeVersioned,
  encodeVersioned,
  groupMetadataKey,
  groupMetadataValue,
  legacyOffsetCommitKey,
  offsetCommitKey,
  offsetCommitValue,
  type Uuid,
} from '@samsa/protocol'
import type { CoordinatorRecord } from '../shard.js'
import type { GroupSnapshot } from './classic-contract.js'
import { ClassicMember } from './classic-member.js'

/** What Kafka writes; newer and older ones are read. */
const GROUP_VERSION = 3
const OFFSET_VERSION = 4
/** The one version that can say when an offset expires. */
const EXPIRING_OFFSET_VERSION = 1
const NEVER = -1n
const UNKNOWN_MS = -1n

export interface OffsetKey {
  readonly group: string
  readonly topic: string
  readonly partition: number
}

export interface CommittedOffset {
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string
  readonly committedAtMs: number
  /** A time of its own, which only old clients ask for. */
  readonly expiresAtMs: number | undefined
  readonly topicId: Uuid
}

/** What a record says; undefined for kinds that are of no concern here. */
export type GroupRecord =
  | { readonly kind: 'offset'; readonly key: OffsetKey; readonly committed: CommittedOffset | null }
  | { readonly kind: 'group'; readonly group: string; readonly snapshot: GroupSnapshot | null }

export function offsetRecord(key: OffsetKey, committed: CommittedOffset | null): CoordinatorRecord {
  const encodedKey = encodeVersioned(offsetCommitKey, key, 0)
  if (committed === null) return { key: encodedKey, value: null }
  const { offset, leaderEpoch, metadata, committedAtMs, expiresAtMs, topicId } = committed
  const common = { offset, metadata, commitTimestamp: BigInt(committedAtMs) }
  const value =
    expiresAtMs === undefined
      ? encodeVersioned(offsetCommitValue, { ...common, leaderEpoch, topicId }, OFFSET_VERSION)
      : encodeVersioned(offsetCommitValue, { ...common, expireTimestamp: BigInt(expiresAtMs) }, EXPIRING_OFFSET_VERSION)
  return { key: encodedKey, value }
}

export function groupRecord(group: string, snapshot: GroupSnapshot | null): CoordinatorRecord {
  const key = encodeVersioned(groupMetadataKey, { group }, 0)
  if (snapshot === null) return { key, value: null }
  const { protocolType, generation, protocol, leader, stateSinceMs } = snapshot
  const members = snapshot.members.map(({ member, assignment }) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: member.sessionTimeoutMs,
    subscription: member.metadataFor(protocol),
    assignment,
  }))
  const currentStateTimestamp = stateSinceMs === undefined ? UNKNOWN_MS : BigInt(stateSinceMs)
  const value = { protocolType, generation, protocol, leader, currentStateTimestamp, members }
  return { key, value: encodeVersioned(groupMetadataValue, value, GROUP_VERSION) }
}

/** How a group is written that has only just been made: whatever it is about to become. */
export function newGroupRecord(group: string, nowMs: number): CoordinatorRecord {
  return groupRecord(group, {
    protocolType: '',
    generation: 0,
    protocol: null,
    leader: null,
    stateSinceMs: nowMs,
    members: [],
  })
}

export function groupRecordOf({ key, value }: CoordinatorRecord): GroupRecord | undefined {
  switch (coordinatorKeyType(key)) {
    case legacyOffsetCommitKey.id:
      return offsetOf(decodeVersioned(legacyOffsetCommitKey, key), value)
    case offsetCommitKey.id:
      return offsetOf(decodeVersioned(offsetCommitKey, key), value)
    case groupMetadataKey.id: {
      const { group } = decodeVersioned(groupMetadataKey, key)
      return { kind: 'group', group, snapshot: value === null ? null : snapshotOf(value) }
    }
    default:
      return undefined
  }
}

function offsetOf(key: OffsetKey, value: Uint8Array | null): GroupRecord {
  if (value === null) return { kind: 'offset', key, committed: null }
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId } = decodeVersioned(
    offsetCommitValue,
    value,
  )
  const expiresAtMs = expireTimestamp === NEVER ? undefined : Number(expireTimestamp)
  const committedAtMs = Number(commitTimestamp)
  return { kind: 'offset', key, committed: { offset, leaderEpoch, metadata, committedAtMs, expiresAtMs, topicId } }
}

function snapshotOf(value: Uint8Array): GroupSnapshot {
  const { protocolType, generation, protocol, leader, currentStateTimestamp, members } = decodeVersioned(
    groupMetadataValue,
    value,
  )
  return {
    protocolType,
    generation,
    protocol,
    leader,
    stateSinceMs: currentStateTimestamp === UNKNOWN_MS ? undefined : Number(currentStateTimestamp),
    members: members.map(each => ({
      member: new ClassicMember({
        memberId: each.memberId,
        groupInstanceId: each.groupInstanceId,
        clientId: each.clientId,
        clientHost: each.clientHost,
        sessionTimeoutMs: each.sessionTimeout,
        rebalanceTimeoutMs: each.rebalanceTimeout === -1 ? each.sessionTimeout : each.rebalanceTimeout,
        protocols: [{ name: protocol ?? '', metadata: Uint8Array.from(each.subscription) }],
      }),
      assignment: Uint8Array.from(each.assignment),
    })),
  }
}
