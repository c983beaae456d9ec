/**
 * Members of the classic protocol in a consumer group, while consumers move from one to the other: they are told of every
 * change by REBALANCE_IN_PROGRESS, say in JoinGroup what they want and have, and fetch what they get with SyncGroup. There
 * is nobody who leads: the coordinator assigns. Pure.
 */
import { decodeSubscription, encodeAssignment, ProtocolError, type Subscription } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../../cluster/partitions.js'
import type { Moment, Reply } from '../shard.js'
import type { GenerationReference, GroupStep, MemberReference, SyncRequest } from './classic-contract.js'
import {
  type JoinAnswer,
  type JoinRequest,
  joinAnswer,
  joinRefusal,
  NO_MEMBER_ID,
  type SyncAnswer,
  syncAnswer,
} from './classic-member.js'
import type { ConsumerGroup } from './consumer-group.js'
import { type ClassicSide, type ConsumerMember, memberStates, newMember } from './consumer-member.js'
import { MemberUpdate } from './consumer-update.js'
import { isHeld, type PartitionsOfTopicId, partitionsOf } from './holdings.js'
import { canDowngradeWithout, downgradedWith, named, versionOf } from './migration-to-classic.js'
import { CONSUMER_PROTOCOL } from './subscriptions.js'

/** Throws what the member is refused with. */
export function joinAsClassic(
  group: ConsumerGroup,
  request: JoinRequest,
  reply: Reply<JoinAnswer>,
  at: Moment,
): GroupStep {
  const { settings, deadlines } = group
  const isNew = request.memberId === NO_MEMBER_ID
  const memberId = isNew ? settings.newMemberId() : request.memberId
  if (!settings.canUpgrade && !settings.canDowngrade) {
    throw refused('INCONSISTENT_GROUP_PROTOCOL', 'group.consumer.migration.policy keeps the protocols apart')
  }
  group.mustHaveRoomFor(memberId)
  mustSuit(group, request)
  if (request.groupInstanceId === null && isNew && request.needsMemberId) {
    return { answers: [joinAnswer(reply, joinRefusal(memberId, codeOf('MEMBER_ID_REQUIRED')))] }
  }
  const { before, replaced } = memberFor(group, request, memberId, isNew)
  const subscription = subscriptionIn(request)
  const update = new MemberUpdate(group, before, replaced)
  const isDowngrade = replaced !== undefined && canDowngradeWithout(group, replaced)
  const owned = byId(subscription, group)
  const steps = group.apply(update, before, asClassic(before, request, subscription), {
    owned,
    at,
    mayAssign: !isDowngrade,
  })
  const { member } = update
  const answer = joinAnswer(reply, joined(member, request))
  if (isDowngrade) {
    const how = { at, isRebalanced: !update.isTargetNew, records: update.records }
    const step = downgradedWith(group, { replaced, joining: member }, how)
    return { ...step, answers: [answer] }
  }
  deadlines.heardOf(memberId, at.monotonicMs + request.sessionTimeoutMs)
  deadlines.hasJoined(memberId, at.monotonicMs + request.rebalanceTimeoutMs)
  return { ...steps, answers: [answer], wakeAtMs: Math.min(steps.wakeAtMs, deadlines.nextOf(memberId)) }
}

/** Throws what the member is refused with. */
export function syncAsClassic(
  group: ConsumerGroup,
  request: SyncRequest,
  reply: Reply<SyncAnswer>,
  at: Moment,
): GroupStep {
  const { state, deadlines, settings } = group
  const { member, classic } = classicMemberOf(group, request)
  const { memberId } = member
  mustBeInGeneration(member, request.generationId)
  const [protocol] = classic.protocols
  const { protocolType, protocolName } = request
  if (
    (protocolType !== null && protocolType !== CONSUMER_PROTOCOL) ||
    (protocolName !== null && protocolName !== protocol?.name)
  ) {
    throw refused('INCONSISTENT_GROUP_PROTOCOL', `member ${memberId} joined with ${protocol?.name}`)
  }
  // One that gives partitions up has joined already, and joins again when it did.
  if (state.epoch > member.epoch && member.state !== memberStates.unrevoked) {
    throw new RejoinNeeded(group.groupId, mustJoin(group, member, at))
  }
  deadlines.hasSynced(memberId)
  deadlines.heardOf(memberId, at.monotonicMs + classic.sessionTimeoutMs)
  const assignment = encodeAssignment(
    { partitions: named(partitionsOf(member.assigned), settings.topics), userData: null },
    versionOf(protocol?.metadata),
  )
  const answer = { errorCode: 0, protocolType, protocolName, assignment }
  return { answers: [syncAnswer(reply, answer)], wakeAtMs: deadlines.nextOf(memberId) }
}

/** A refusal that sets the member a time to join by. */
export class RejoinNeeded extends KafkaError {
  readonly groupId: string
  readonly step: GroupStep

  constructor(groupId: string, step: GroupStep) {
    super('the member has to join again', { code: 'REBALANCE_IN_PROGRESS' })
    this.groupId = groupId
    this.step = step
  }
}

/** The code to answer with. Throws what the member is refused with. */
export function heartbeatAsClassic(
  group: ConsumerGroup,
  request: GenerationReference,
  at: Moment,
): { readonly code: number; readonly step: GroupStep } {
  const { state, deadlines } = group
  const { member, classic } = classicMemberOf(group, request)
  mustBeInGeneration(member, request.generationId)
  deadlines.heardOf(member.memberId, at.monotonicMs + classic.sessionTimeoutMs)
  const mustRejoin =
    member.epoch < state.epoch ||
    member.state === memberStates.unrevoked ||
    (member.state === memberStates.unreleased && !isWaiting(group, member))
  if (!mustRejoin) return { code: 0, step: { wakeAtMs: deadlines.nextOf(member.memberId) } }
  return { code: codeOf('REBALANCE_IN_PROGRESS'), step: mustJoin(group, member, at) }
}

/** Members of either protocol, whom an administrator may send away as well. */
export function leaveByRequest(
  group: ConsumerGroup,
  leaving: readonly MemberReference[],
  at: Moment,
): { readonly codes: readonly number[]; readonly step: GroupStep } {
  const gone = new Set<ConsumerMember>()
  const codes = leaving.map(reference => {
    const { memberId, groupInstanceId } = reference
    const found = groupInstanceId === null ? group.state.members.get(memberId) : group.state.ofInstance(groupInstanceId)
    if (found === undefined) return codeOf('UNKNOWN_MEMBER_ID')
    if (groupInstanceId !== null && memberId !== NO_MEMBER_ID && found.memberId !== memberId) {
      return codeOf('FENCED_INSTANCE_ID')
    }
    gone.add(found)
    return 0
  })
  return { codes, step: gone.size > 0 ? group.fence([...gone], at) : {} }
}

function memberFor(
  group: ConsumerGroup,
  { groupInstanceId }: JoinRequest,
  memberId: string,
  isNew: boolean,
): { readonly before: ConsumerMember; readonly replaced?: ConsumerMember } {
  if (groupInstanceId === null) return { before: group.state.members.get(memberId) ?? newMember(memberId) }
  const known = group.state.ofInstance(groupInstanceId)
  if (isNew) return known === undefined ? { before: newMember(memberId) } : group.takePlace(known, memberId)
  return { before: staticMember(group, { memberId, groupInstanceId }) }
}

function staticMember(group: ConsumerGroup, { memberId, groupInstanceId }: MemberReference): ConsumerMember {
  const known = group.state.ofInstance(groupInstanceId ?? '')
  if (known === undefined) throw refused('UNKNOWN_MEMBER_ID', `instance ${groupInstanceId} is not in the group`)
  if (known.memberId === memberId) return known
  throw refused('FENCED_INSTANCE_ID', `instance ${groupInstanceId} is member ${known.memberId} now`)
}

function classicMemberOf(
  group: ConsumerGroup,
  reference: MemberReference,
): { readonly member: ConsumerMember; readonly classic: ClassicSide } {
  const { memberId, groupInstanceId } = reference
  const member = groupInstanceId === null ? group.state.members.get(memberId) : staticMember(group, reference)
  if (member === undefined || member.classic === null) {
    throw refused('UNKNOWN_MEMBER_ID', `member ${memberId} is not in the group with the classic protocol`)
  }
  return { member, classic: member.classic }
}

function mustBeInGeneration({ memberId, epoch }: ConsumerMember, generationId: number): void {
  if (epoch === generationId) return
  throw refused('ILLEGAL_GENERATION', `member ${memberId} is in generation ${epoch}, not ${generationId}`)
}

/** A protocol that all classic members know; where there are none, any. */
function mustSuit({ state }: ConsumerGroup, { protocolType, protocols }: JoinRequest): void {
  const offered = Array.from(state.members.values(), ({ classic }) => classic)
    .filter(classic => classic !== null)
    .map(classic => new Set(classic.protocols.map(({ name }) => name)))
  const isKnown = protocols.some(({ name }) => offered.every(names => names.has(name)))
  if (protocolType === CONSUMER_PROTOCOL && isKnown) return
  throw refused('INCONSISTENT_GROUP_PROTOCOL', `the group does not know the protocols of the member`)
}

function subscriptionIn({ protocols: [first] }: JoinRequest): Subscription {
  try {
    return decodeSubscription(first?.metadata ?? new Uint8Array(0))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw refused('UNKNOWN_SERVER_ERROR', `a subscription that cannot be read: ${error.message}`)
  }
}

function asClassic(before: ConsumerMember, request: JoinRequest, { topics, rackId }: Subscription): ConsumerMember {
  return {
    ...before,
    instanceId: request.groupInstanceId ?? before.instanceId,
    rackId: rackId ?? before.rackId,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    topics: new Set(topics),
    pattern: '',
    clientId: request.clientId,
    clientHost: request.clientHost,
    classic: { sessionTimeoutMs: request.sessionTimeoutMs, protocols: request.protocols },
  }
}

function byId({ ownedPartitions }: Subscription, { settings }: ConsumerGroup): PartitionsOfTopicId[] {
  return ownedPartitions.flatMap(({ topic, partitions }) => {
    const topicId = settings.topics.byName(topic)?.id
    return topicId === undefined ? [] : [{ topicId, partitions }]
  })
}

function joined(member: ConsumerMember, { protocols: [first] }: JoinRequest): JoinAnswer {
  return {
    errorCode: 0,
    generationId: member.epoch,
    protocolType: CONSUMER_PROTOCOL,
    protocolName: first?.name ?? null,
    leader: NO_MEMBER_ID,
    skipAssignment: false,
    memberId: member.memberId,
    members: [],
  }
}

/** Whether something of its target is still held by someone else. */
function isWaiting({ state }: ConsumerGroup, member: ConsumerMember): boolean {
  return [...state.target(member.memberId)].some(([topicId, partitions]) =>
    partitions.some(partition => !isHeld(member.assigned, topicId, partition) && state.isTaken(topicId, partition)),
  )
}

function mustJoin({ deadlines }: ConsumerGroup, member: ConsumerMember, at: Moment): GroupStep {
  deadlines.mustJoin(member.memberId, at.monotonicMs + member.rebalanceTimeoutMs)
  return { wakeAtMs: deadlines.nextOf(member.memberId) }
}

function refused(code: string, message: string): KafkaError {
  return new KafkaError(message, { code })
}
