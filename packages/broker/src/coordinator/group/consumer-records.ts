/**
 * How consumer groups are written: Kafka's own records of `__consumer_offsets`, both ways. Pure.
 */
import {
  consumerGroupCurrentMemberAssignmentKey,
  consumerGroupCurrentMemberAssignmentValue,
  consumerGroupMemberMetadataKey,
  consumerGroupMemberMetadataValue,
  consumerGroupMetadataKey,
  consumerGroupMetadataValue,
  consumerGroupPartitionMetadataKey,
  consumerGroupRegularExpressionKey,
  consumerGroupRegularExpressionValue,
  consumerGroupTargetAssignmentMemberKey,
  consumerGroupTargetAssignmentMemberValue,
  consumerGroupTargetAssignmentMetadataKey,
  consumerGroupTargetAssignmentMetadataValue,
  coordinatorKeyType,
  decodeVersioned,
  encodeVersioned,
} from '@samsa/protocol'
import type { TargetAssignment, Uuid } from '@samsa/protocol/internal'
import type { CoordinatorRecord } from '../shard.js'
import type { ConsumerMember } from './consumer-member.js'
import type { Holdings } from './holdings.js'

/** Of every one of these records there is one version. */
const VERSION = 0

/** What a pattern stood for when it was last looked at. */
export interface ResolvedPattern {
  readonly topics: ReadonlySet<string>
  /** Of the cluster's metadata then. */
  readonly version: bigint
  readonly atMs: number
}

type Progress = Pick<ConsumerMember, 'epoch' | 'previousEpoch' | 'state' | 'assigned' | 'revoking'>
type Metadata = Omit<ConsumerMember, 'memberId' | keyof Progress>

/** What a record says; null where it takes away. */
export type ConsumerRecord = { readonly groupId: string } & (
  | { readonly kind: 'epoch'; readonly said: { readonly epoch: number; readonly metadataHash: bigint } | null }
  /** Only to be replaced: Kafka before 4.1 wrote it. */
  | { readonly kind: 'partition metadata'; readonly isThere: boolean }
  | { readonly kind: 'member'; readonly memberId: string; readonly said: Metadata | null }
  | { readonly kind: 'target epoch'; readonly said: { readonly epoch: number; readonly atMs: number } | null }
  | { readonly kind: 'target'; readonly memberId: string; readonly said: TargetAssignment | null }
  | { readonly kind: 'progress'; readonly memberId: string; readonly said: Progress | null }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly said: ResolvedPattern | null }
)

export function epochRecord(groupId: string, said: { epoch: number; metadataHash: bigint } | null): CoordinatorRecord {
  return {
    key: encodeVersioned(consumerGroupMetadataKey, { groupId }, VERSION),
    value: said && encodeVersioned(consumerGroupMetadataValue, said, VERSION),
  }
}

export function partitionMetadataTombstone(groupId: string): CoordinatorRecord {
  return { key: encodeVersioned(consumerGroupPartitionMetadataKey, { groupId }, VERSION), value: null }
}

export function memberRecord(groupId: string, member: ConsumerMember): CoordinatorRecord {
  const { memberId, classic } = member
  const value = {
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: [...member.topics].sort(),
    subscribedTopicRegex: member.pattern,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    serverAssignor: member.assignor,
    classicMemberMetadata: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      supportedProtocols: classic.protocols,
    },
  }
  return {
    key: encodeVersioned(consumerGroupMemberMetadataKey, { groupId, memberId }, VERSION),
    value: encodeVersioned(consumerGroupMemberMetadataValue, value, VERSION),
  }
}

export function memberTombstone(groupId: string, memberId: string): CoordinatorRecord {
  return { key: encodeVersioned(consumerGroupMemberMetadataKey, { groupId, memberId }, VERSION), value: null }
}

export function targetEpochRecord(groupId: string, said: { epoch: number; atMs: number } | null): CoordinatorRecord {
  const value = said && { assignmentEpoch: said.epoch, assignmentTimestamp: BigInt(said.atMs) }
  return {
    key: encodeVersioned(consumerGroupTargetAssignmentMetadataKey, { groupId }, VERSION),
    value: value && encodeVersioned(consumerGroupTargetAssignmentMetadataValue, value, VERSION),
  }
}

export function targetRecord(groupId: string, memberId: string, target: TargetAssignment | null): CoordinatorRecord {
  const topicPartitions = Array.from(target ?? [], ([topicId, partitions]) => ({ topicId, partitions }))
  return {
    key: encodeVersioned(consumerGroupTargetAssignmentMemberKey, { groupId, memberId }, VERSION),
    value: target && encodeVersioned(consumerGroupTargetAssignmentMemberValue, { topicPartitions }, VERSION),
  }
}

export function progressRecord(groupId: string, member: ConsumerMember): CoordinatorRecord {
  const { memberId, epoch, previousEpoch, state, assigned, revoking } = member
  const value = {
    memberEpoch: epoch,
    previousMemberEpoch: previousEpoch,
    state,
    assignedPartitions: written(assigned),
    partitionsPendingRevocation: written(revoking),
  }
  return {
    key: encodeVersioned(consumerGroupCurrentMemberAssignmentKey, { groupId, memberId }, VERSION),
    value: encodeVersioned(consumerGroupCurrentMemberAssignmentValue, value, VERSION),
  }
}

export function progressTombstone(groupId: string, memberId: string): CoordinatorRecord {
  return { key: encodeVersioned(consumerGroupCurrentMemberAssignmentKey, { groupId, memberId }, VERSION), value: null }
}

export function patternRecord(groupId: string, pattern: string, said: ResolvedPattern | null): CoordinatorRecord {
  const value = said && { topics: [...said.topics].sort(), version: said.version, timestamp: BigInt(said.atMs) }
  return {
    key: encodeVersioned(consumerGroupRegularExpressionKey, { groupId, regularExpression: pattern }, VERSION),
    value: value && encodeVersioned(consumerGroupRegularExpressionValue, value, VERSION),
  }
}

/** Undefined for records of other kinds. */
export function consumerRecordOf({ key, value }: CoordinatorRecord): ConsumerRecord | undefined {
  switch (coordinatorKeyType(key)) {
    case consumerGroupMetadataKey.id: {
      const said = value && decodeVersioned(consumerGroupMetadataValue, value)
      return { ...decodeVersioned(consumerGroupMetadataKey, key), kind: 'epoch', said }
    }
    case consumerGroupPartitionMetadataKey.id:
      return {
        ...decodeVersioned(consumerGroupPartitionMetadataKey, key),
        kind: 'partition metadata',
        isThere: value !== null,
      }
    case consumerGroupMemberMetadataKey.id:
      return {
        ...decodeVersioned(consumerGroupMemberMetadataKey, key),
        kind: 'member',
        said: value && metadataOf(value),
      }
    case consumerGroupTargetAssignmentMetadataKey.id: {
      const read = value && decodeVersioned(consumerGroupTargetAssignmentMetadataValue, value)
      const said = read && { epoch: read.assignmentEpoch, atMs: Number(read.assignmentTimestamp) }
      return { ...decodeVersioned(consumerGroupTargetAssignmentMetadataKey, key), kind: 'target epoch', said }
    }
    case consumerGroupTargetAssignmentMemberKey.id:
      return {
        ...decodeVersioned(consumerGroupTargetAssignmentMemberKey, key),
        kind: 'target',
        said: value && targetOf(value),
      }
    case consumerGroupCurrentMemberAssignmentKey.id:
      return {
        ...decodeVersioned(consumerGroupCurrentMemberAssignmentKey, key),
        kind: 'progress',
        said: value && progressOf(value),
      }
    case consumerGroupRegularExpressionKey.id: {
      const { groupId, regularExpression: pattern } = decodeVersioned(consumerGroupRegularExpressionKey, key)
      return { groupId, kind: 'pattern', pattern, said: value && resolvedOf(value) }
    }
    default:
      return undefined
  }
}

function metadataOf(value: Uint8Array): Metadata {
  const read = decodeVersioned(consumerGroupMemberMetadataValue, value)
  const classic = read.classicMemberMetadata
  return {
    instanceId: read.instanceId,
    rackId: read.rackId,
    clientId: read.clientId,
    clientHost: read.clientHost,
    rebalanceTimeoutMs: read.rebalanceTimeoutMs,
    topics: new Set(read.subscribedTopicNames),
    pattern: read.subscribedTopicRegex,
    assignor: read.serverAssignor,
    classic: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      protocols: classic.supportedProtocols.map(({ name, metadata }) => ({
        name,
        metadata: Uint8Array.from(metadata),
      })),
    },
  }
}

function targetOf(value: Uint8Array): TargetAssignment {
  const { topicPartitions } = decodeVersioned(consumerGroupTargetAssignmentMemberValue, value)
  return new Map(topicPartitions.map(({ topicId, partitions }) => [topicId, [...partitions].sort((a, b) => a - b)]))
}

function progressOf(value: Uint8Array): Progress {
  const read = decodeVersioned(consumerGroupCurrentMemberAssignmentValue, value)
  return {
    epoch: read.memberEpoch,
    previousEpoch: read.previousMemberEpoch,
    state: read.state,
    assigned: holdingsOf(read.assignedPartitions, read.memberEpoch),
    revoking: holdingsOf(read.partitionsPendingRevocation, read.memberEpoch),
  }
}

function resolvedOf(value: Uint8Array): ResolvedPattern {
  const { topics, version, timestamp } = decodeVersioned(consumerGroupRegularExpressionValue, value)
  return { topics: new Set(topics), version, atMs: Number(timestamp) }
}

interface WrittenPartitions {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
  readonly assignmentEpochs: readonly number[] | null
}

function written(holdings: Holdings): WrittenPartitions[] {
  return Array.from(holdings, ([topicId, held]) => {
    const partitions = [...held.keys()].sort((a, b) => a - b)
    return { topicId, partitions, assignmentEpochs: partitions.map(partition => held.get(partition) ?? 0) }
  })
}

/** Coordinators before 4.3 did not write since when: the member's own epoch is the latest that it can be. */
function holdingsOf(topics: readonly WrittenPartitions[], memberEpoch: number): Holdings {
  return new Map(
    topics.map(({ topicId, partitions, assignmentEpochs }) => {
      const epochs = assignmentEpochs?.length === partitions.length ? assignmentEpochs : []
      return [
        topicId,
        new Map(
          partitions.map((partition, at): [number, number] => [partition, epochs[at] ?? Math.max(memberEpoch, 0)]),
        ),
      ]
    }),
  )
}
