/**
 * A consumer group becomes a classic one when its last member of the consumer protocol goes and others are left: the way
 * back of a migration. Members keep what they hold, and share anew, unless everyone has what it was to have and only one
 * has come for another. Pure.
 *
 * What is written of a member is what it holds, and not, as with Kafka, what it was to have: should the group go the other
 * way again before it has shared, nobody may get what someone still holds.
 */
import { encodeAssignment, type PartitionsOfTopic } from '@samsa/protocol'
import type { CoordinatorRecord, Moment } from '../shard.js'
import type { GroupStep } from './classic-contract.js'
import { ClassicGroup } from './classic-group.js'
import { ClassicMember, NOTHING } from './classic-member.js'
import type { ConsumerGroup } from './consumer-group.js'
import { type ConsumerMember, hasReached } from './consumer-member.js'
import { groupRecord } from './group-records.js'
import type { GroupTopics } from './group-topics.js'
import { type PartitionsOfTopicId, partitionsOf, union } from './holdings.js'
import { electProtocol } from './protocol-vote.js'
import { CONSUMER_PROTOCOL } from './subscriptions.js'

/** The step that it takes when these members go; undefined where the group stays what it is. */
export function downgraded(
  group: ConsumerGroup,
  leaving: ReadonlySet<ConsumerMember>,
  at: Moment,
): GroupStep | undefined {
  const staying = [...group.state.members.values()].filter(member => !leaving.has(member))
  if (staying.length === 0 || staying.some(({ classic }) => classic === null)) return undefined
  if (!group.settings.canDowngrade || staying.length > group.settings.classic.maxSize) return undefined
  return classicStep(group, staying, { at, isRebalanced: true, records: group.state.tombstones() })
}

/** Whether the group becomes a classic one when a classic member takes the place of this one. */
export function canDowngradeWithout({ state, settings }: ConsumerGroup, replaced: ConsumerMember): boolean {
  const isLast = replaced.classic === null && state.countClassic() === state.members.size - 1
  return isLast && settings.canDowngrade && state.members.size <= settings.classic.maxSize
}

/** With a static member of the classic protocol in the place of the last one of the other. */
export function downgradedWith(
  group: ConsumerGroup,
  { replaced, joining }: { readonly replaced: ConsumerMember; readonly joining: ConsumerMember },
  how: { readonly at: Moment; readonly isRebalanced: boolean; readonly records: readonly CoordinatorRecord[] },
): GroupStep {
  const others = [...group.state.members.values()].filter(({ memberId }) => memberId !== replaced.memberId)
  const members = [...others, joining]
  const isSettled = members.every(member => hasReached(member, group.state.targetEpoch))
  const tombstones = group.state.tombstones(id => (id === replaced.memberId ? joining.memberId : id))
  const records = [...how.records, ...tombstones]
  return classicStep(group, members, { ...how, isRebalanced: how.isRebalanced || !isSettled, records })
}

function classicStep(
  { groupId, state, settings }: ConsumerGroup,
  staying: readonly ConsumerMember[],
  how: { readonly at: Moment; readonly isRebalanced: boolean; readonly records: readonly CoordinatorRecord[] },
): GroupStep {
  const { at, isRebalanced, records } = how
  const members = staying.map(member => ({
    member: classicMember(member),
    held: union(member.assigned, member.revoking),
  }))
  const protocol = electProtocol(members.map(({ member }) => member)) ?? null
  const group = ClassicGroup.restore(groupId, settings.classic, {
    protocolType: CONSUMER_PROTOCOL,
    generation: state.epoch,
    protocol,
    leader: null,
    stateSinceMs: at.nowMs,
    members: members.map(({ member, held }) => ({
      member,
      assignment: encodeAssignment(
        { partitions: named(partitionsOf(held), settings.topics), userData: null },
        versionOf(member.metadataFor(protocol)),
      ),
    })),
  })
  return {
    records: [...records, groupRecord(groupId, group.snapshot())],
    becomes: group,
    written: () => group.begin(at, isRebalanced),
  }
}

function classicMember(member: ConsumerMember): ClassicMember {
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, classic } = member
  return new ClassicMember({
    memberId,
    groupInstanceId: instanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs: classic?.sessionTimeoutMs ?? rebalanceTimeoutMs,
    protocols: classic?.protocols ?? [],
  })
}

/** What members of the classic protocol are told: topics by name. Those that are gone nobody has. */
export function named(held: readonly PartitionsOfTopicId[], topics: GroupTopics): PartitionsOfTopic[] {
  return held.flatMap(({ topicId, partitions }) => {
    const topic = topics.byId(topicId)?.name
    return topic === undefined ? [] : [{ topic, partitions }]
  })
}

/** The version that a member's own subscription is in: that of what it can read. */
export function versionOf(metadata: Uint8Array = NOTHING): number | undefined {
  if (metadata.length < 2) return undefined
  const version = Buffer.from(metadata.buffer, metadata.byteOffset, 2).readInt16BE()
  return version >= 0 && version <= NEWEST_VERSION ? version : undefined
}

const NEWEST_VERSION = 3
