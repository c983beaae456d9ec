/**
 * A classic group of consumers becomes a consumer group when the first member of the consumer protocol joins it. Members
 * keep what they have, under the generation that they have as their epoch; whoever waits is asked to join again. Pure.
 */
import { decodeAssignment, decodeSubscription, ProtocolError } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../../cluster/partitions.js'
import type { Answer, CoordinatorRecord, Moment } from '../shard.js'
import type { ClassicGroup } from './classic-group.js'
import type { ClassicMember } from './classic-member.js'
import type { ConsumerGroupSettings } from './consumer-contract.js'
import { ConsumerGroup } from './consumer-group.js'
import { type ConsumerMember, memberStates, newMember } from './consumer-member.js'
import {
  consumerRecordOf,
  epochRecord,
  memberRecord,
  progressRecord,
  targetEpochRecord,
  targetRecord,
} from './consumer-records.js'
import { groupRecord } from './group-records.js'
import { hashOfTopics } from './group-topics.js'
import { heldSince, partitionsOf } from './holdings.js'
import { CONSUMER_PROTOCOL } from './subscriptions.js'

export interface Upgrade {
  /** As it will be once the records are in the log. */
  readonly group: ConsumerGroup
  readonly records: readonly CoordinatorRecord[]
  readonly answers: readonly Answer[]
}

/** Throws where the group has to stay what it is. */
export function upgraded(classic: ClassicGroup, settings: ConsumerGroupSettings, at: Moment): Upgrade {
  const { groupId } = classic
  const group = new ConsumerGroup(groupId, settings)
  const gone = groupRecord(groupId, null)
  if (classic.state === 'Empty') return { group, records: [gone], answers: classic.dissolve(rejoin) }
  if (!settings.canUpgrade) throw notFound(groupId, 'group.consumer.migration.policy says so')
  if (classic.protocolType !== CONSUMER_PROTOCOL) throw notFound(groupId, 'its members are no consumers')
  if (classic.members.length > settings.maxSize) throw notFound(groupId, 'it has too many members')
  const members = classic.members.map(member => converted(classic, member, settings))
  const records = recordsOf(groupId, classic.generation, members, settings)
  for (const record of records) {
    const said = consumerRecordOf(record)
    if (said !== undefined) group.state.replay(said)
  }
  group.begin(at)
  return { group, records: [gone, ...records], answers: classic.dissolve(rejoin) }
}

const rejoin = codeOf('REBALANCE_IN_PROGRESS')

function recordsOf(
  groupId: string,
  generation: number,
  members: readonly ConsumerMember[],
  { topics }: ConsumerGroupSettings,
): CoordinatorRecord[] {
  const metadataHash = hashOfTopics(new Set(members.flatMap(member => [...member.topics])), topics)
  return [
    ...members.map(member => memberRecord(groupId, member)),
    epochRecord(groupId, { epoch: generation, metadataHash }),
    ...members.map(({ memberId, assigned }) =>
      targetRecord(
        groupId,
        memberId,
        new Map(partitionsOf(assigned).map(({ topicId, partitions }) => [topicId, partitions])),
      ),
    ),
    targetEpochRecord(groupId, { epoch: generation, atMs: 0 }),
    ...members.map(member => progressRecord(groupId, member)),
  ]
}

function converted(classic: ClassicGroup, member: ClassicMember, { topics }: ConsumerGroupSettings): ConsumerMember {
  const { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs } = member
  const protocols = member.protocols.map(({ name, metadata }) => ({ name, metadata }))
  const { generation } = classic
  try {
    // Before the first generation nothing is chosen yet; all that a member offers says the same of its subscription.
    const metadata = member.metadataFor(classic.protocolName ?? protocols[0]?.name ?? null)
    const { topics: names, rackId } = decodeSubscription(metadata)
    return {
      ...newMember(memberId),
      instanceId: groupInstanceId,
      rackId,
      clientId,
      clientHost,
      rebalanceTimeoutMs,
      topics: new Set(names),
      classic: { sessionTimeoutMs, protocols },
      epoch: generation,
      previousEpoch: generation,
      state: memberStates.stable,
      assigned: heldSince(assignedTo(classic.groupId, member, topics), generation),
    }
  } catch (error) {
    if (error instanceof ProtocolError) throw notFound(classic.groupId, `member ${memberId}: ${error.message}`)
    throw error
  }
}

function assignedTo(
  groupId: string,
  { assignment }: ClassicMember,
  topics: ConsumerGroupSettings['topics'],
): ReadonlyMap<string, readonly number[]> {
  if (assignment.length === 0) return new Map()
  const { partitions, userData } = decodeAssignment(assignment)
  if (userData !== null && userData.length > 0) {
    throw notFound(groupId, 'its assignor gives members data of its own, which would be lost')
  }
  return new Map(
    partitions.flatMap(({ topic, partitions: numbers }): [string, readonly number[]][] => {
      const id = topics.byName(topic)?.id
      return id === undefined ? [] : [[id, numbers]]
    }),
  )
}

function notFound(groupId: string, why: string): KafkaError {
  return new KafkaError(`classic group ${groupId} does not become a consumer group: ${why}`, {
    code: 'GROUP_ID_NOT_FOUND',
  })
}
