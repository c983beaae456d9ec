/**
 * ConsumerGroup: the machine of one group of the consumer protocol (KIP-848): members say in heartbeats what they want and
 * have, and are told what they may have. Pure: requests and the time come in, a GroupStep comes out.
 *
 * What the group is, its records say (`consumer-state.ts`); a step decides on records and changes nothing else but times.
 * Members of the classic protocol who are still in the group are answered by `classic-side.ts`.
 *
 * Invariants: no partition is assigned that someone else holds; a member's epoch never passes that of the target, nor the
 * target's that of the group.
 */
import type { Uuid } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import type { Answer, Moment, Reply } from '../shard.js'
import type { GenerationReference, GroupStep } from './classic-contract.js'
import {
  type ConsumerAnswer,
  type ConsumerGroupSettings,
  type ConsumerHeartbeat,
  consumerAnswer,
  JOINING,
  LEAVING,
  LEAVING_FOR_A_WHILE,
} from './consumer-contract.js'
import { ConsumerDeadlines } from './consumer-deadlines.js'
import { type ConsumerMember, memberStates, newMember, patternOf } from './consumer-member.js'
import { epochRecord, patternRecord, progressRecord } from './consumer-records.js'
import { type ConsumerGroupState, ConsumerState } from './consumer-state.js'
import { MemberUpdate, removalOf, standForOthers } from './consumer-update.js'
import { hashOfTopics } from './group-topics.js'
import { heartbeatIntervalMs } from './heartbeat-pace.js'
import { heldSince, holdsAll, NO_HOLDINGS, type PartitionsOfTopicId, partitionsOf, sameHoldings } from './holdings.js'
import { downgraded } from './migration-to-classic.js'
import { checkPattern, PatternScan } from './topic-patterns.js'

/** New topics are looked at together, at most so often. */
const PATTERN_REFRESH_MIN_MS = 500

/** After a write that the log refused. */
const RETRY_MS = 500

interface HowToApply {
  /** What the member says that it owns. */
  readonly owned: readonly PartitionsOfTopicId[] | null
  readonly at: Moment
  readonly mayAssign?: boolean
}

/** What a commit names, as far as it is looked at. */
export interface CommittedPartition {
  readonly partition: number
  readonly committed: { readonly topicId: Uuid }
}

type Applied = Required<Pick<GroupStep, 'records' | 'wakeAtMs' | 'written'>>

export class ConsumerGroup {
  readonly type = 'consumer'
  readonly protocolType = 'consumer'
  readonly groupId: string
  readonly state: ConsumerState
  readonly settings: ConsumerGroupSettings
  readonly deadlines: ConsumerDeadlines = new ConsumerDeadlines()
  /** Topics that the group reads may not be what they were. */
  #mayHaveOtherTopics = true
  /** There may be topics that no pattern was matched against yet. */
  #mayHaveNewTopics = true
  #scan: PatternScan | undefined

  constructor(groupId: string, settings: ConsumerGroupSettings) {
    this.groupId = groupId
    this.settings = settings
    this.state = new ConsumerState(groupId)
  }

  get stateName(): ConsumerGroupState {
    return this.state.state
  }

  get isEmpty(): boolean {
    return this.state.members.size === 0
  }

  /** After loading: members have a whole session to be heard of. */
  begin(at: Moment): GroupStep {
    const { sessionMs } = this.settings.times(this.groupId)
    for (const member of this.state.members.values()) {
      const { memberId, classic } = member
      this.deadlines.heardOf(memberId, at.monotonicMs + (classic?.sessionTimeoutMs ?? sessionMs))
      if (classic === null) this.#watchRevocation(member, at)
    }
    return { wakeAtMs: this.deadlines.nextMs() }
  }

  /** Does what is due, if anything is. */
  wake(at: Moment): GroupStep {
    const late = this.deadlines.late(this.state.members, at.monotonicMs)
    if (late.length === 0) return this.#goOnScanning(at)
    return { ...this.fence(late, at), refused: () => ({ wakeAtMs: at.monotonicMs + RETRY_MS }) }
  }

  /** Nobody waits in a group that answers at once. */
  dissolve(): Answer[] {
    return []
  }

  topicsChanged(names: ReadonlySet<string>): void {
    this.#mayHaveNewTopics = true
    if ([...names].some(name => this.state.subscriptions.has(name))) this.#mayHaveOtherTopics = true
  }

  heartbeat(request: ConsumerHeartbeat, reply: Reply<ConsumerAnswer>, at: Moment): GroupStep {
    const { memberEpoch } = request
    if (memberEpoch === LEAVING || memberEpoch === LEAVING_FOR_A_WHILE) return this.#leave(request, reply, at)
    this.mustHaveRoomFor(request.memberId)
    const memberId = request.memberId === '' ? this.settings.newMemberId() : request.memberId
    const { before, replaced } = this.#find({ ...request, memberId })
    const update = new MemberUpdate(this, before, replaced)
    const steps = this.apply(update, before, told(before, request), { owned: request.owned, at })
    const { member } = update
    this.deadlines.heardOf(memberId, at.monotonicMs + this.settings.times(this.groupId).sessionMs)
    const isFull =
      request.rebalanceTimeoutMs !== -1 &&
      (request.topics !== null || request.pattern !== null) &&
      request.owned !== null
    const isTold = memberEpoch === JOINING || isFull || !sameHoldings(before.assigned, member.assigned)
    const answer = consumerAnswer(reply, () => ({
      errorCode: 0,
      errorMessage: null,
      memberId,
      memberEpoch: member.epoch,
      heartbeatIntervalMs: this.#intervalMs(),
      assignment: isTold ? partitionsOf(member.assigned) : null,
    }))
    return { ...steps, answers: [answer], wakeAtMs: Math.min(steps.wakeAtMs, this.deadlines.nextOf(memberId)) }
  }

  /** What the group makes of what a member says, whichever protocol it speaks. */
  apply(update: MemberUpdate, before: ConsumerMember, member: ConsumerMember, how: HowToApply): Applied {
    const { owned, at, mayAssign = true } = how
    const hasOtherTopics = update.tell(member)
    const hasOtherPattern = before.pattern !== member.pattern
    const { mustRise, wakeAtMs } = this.#matchPatterns(update, before, member, at)
    const looked = hasOtherTopics || mustRise || this.#mayHaveOtherTopics
    if (looked) update.follow(hasOtherTopics || mustRise)
    if (mayAssign) update.assign(at)
    if (mayAssign || update.isTargetNew) update.reconcile(owned, hasOtherTopics || hasOtherPattern)
    if (update.hasMoved && member.classic === null) this.#watchRevocation(update.member, at)
    const written = (): GroupStep => {
      if (looked) this.#mayHaveOtherTopics = false
      return {}
    }
    return { records: update.records, wakeAtMs, written }
  }

  /** Takes members out, and gives the group back to the classic protocol where none of this one is left. */
  fence(members: readonly ConsumerMember[], at: Moment): GroupStep {
    const classic = downgraded(this, new Set(members), at)
    if (classic !== undefined) return classic
    const { groupId, state, settings } = this
    const records = members.flatMap(({ memberId }) => removalOf(groupId, memberId))
    const left = new Map<string, null>()
    for (const [pattern, count] of state.subscriptions.patterns) {
      if (members.filter(member => patternOf(member) === pattern).length < count) continue
      left.set(pattern, null)
      records.push(patternRecord(groupId, pattern, null))
    }
    const topics = state.subscriptions.topicsAfter(
      members.map(old => ({ old })),
      left,
    )
    const metadataHash = hashOfTopics(topics, settings.topics)
    records.push(epochRecord(groupId, { epoch: state.epoch + 1, metadataHash }))
    return { records, written: () => ({ wakeAtMs: this.#nextAfterLoss(at) }) }
  }

  /** Why a commit is refused. What came to the member after the epoch that it knows is not its to commit for yet. */
  commitFault(
    { memberId, groupInstanceId, generationId }: GenerationReference,
    offsets: readonly CommittedPartition[],
    { isTransactional, knowsEpochs }: { readonly isTransactional: boolean; readonly knowsEpochs: boolean },
  ): string | undefined {
    if (generationId < 0 && this.isEmpty) return undefined
    if (isTransactional && generationId === -1 && memberId === '' && groupInstanceId === null) return undefined
    const member = this.state.members.get(memberId)
    if (member === undefined) return 'UNKNOWN_MEMBER_ID'
    if (!isTransactional && member.classic === null && !knowsEpochs) return 'UNSUPPORTED_VERSION'
    if (generationId === member.epoch) return undefined
    const isStale =
      generationId > member.epoch ||
      offsets.some(({ partition, committed: { topicId } }) => {
        const since = member.assigned.get(topicId)?.get(partition) ?? member.revoking.get(topicId)?.get(partition)
        return since === undefined || generationId < since
      })
    if (!isStale) return undefined
    return member.classic === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION'
  }

  /** Why offsets are not told to this member. Whoever says nothing of itself may know them. */
  fetchFault(memberId: string | null, memberEpoch: number): string | undefined {
    if (memberId === null && memberEpoch < 0) return undefined
    const member = this.state.members.get(memberId ?? '')
    if (member === undefined) return 'UNKNOWN_MEMBER_ID'
    if (member.epoch === memberEpoch) return undefined
    return member.classic === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION'
  }

  mustHaveRoomFor(memberId: string): void {
    const { maxSize } = this.settings
    if (this.state.members.size < maxSize || this.state.members.has(memberId)) return
    throw refused('GROUP_MAX_SIZE_REACHED', `group ${this.groupId} has its most members, ${maxSize}`)
  }

  // Members

  #find(request: ConsumerHeartbeat): { readonly before: ConsumerMember; readonly replaced?: ConsumerMember } {
    const { memberId, memberEpoch, instanceId } = request
    const isJoining = memberEpoch === JOINING
    if (instanceId === null) {
      const known = this.state.members.get(memberId) ?? (isJoining ? newMember(memberId) : undefined)
      if (known === undefined) throw this.#unknown(`member ${memberId}`)
      this.#mustBeInEpoch(known, request)
      return { before: known }
    }
    const known = this.state.ofInstance(instanceId)
    if (!isJoining) {
      this.#mustBeInEpoch(this.#instance(known, request), request)
      return { before: this.#instance(known, request) }
    }
    if (known === undefined) return { before: this.state.members.get(memberId) ?? newMember(memberId) }
    if (known.classic === null && known.epoch !== LEAVING_FOR_A_WHILE) {
      throw refused('UNRELEASED_INSTANCE_ID', `instance ${instanceId} is member ${known.memberId}, who has not left`)
    }
    return this.takePlace(known, memberId)
  }

  /** Under another id, in the place of a static member. */
  takePlace(
    known: ConsumerMember,
    memberId: string,
  ): { readonly before: ConsumerMember; readonly replaced: ConsumerMember } {
    return { before: { ...known, memberId, epoch: 0, previousEpoch: 0 }, replaced: known }
  }

  #instance(known: ConsumerMember | undefined, { memberId, instanceId }: ConsumerHeartbeat): ConsumerMember {
    if (known === undefined) throw this.#unknown(`instance ${instanceId}`)
    if (known.memberId === memberId) return known
    throw refused('FENCED_INSTANCE_ID', `instance ${instanceId} is member ${known.memberId} now, not ${memberId}`)
  }

  #unknown(who: string): KafkaError {
    return refused('UNKNOWN_MEMBER_ID', `${who} is not in group ${this.groupId}`)
  }

  /** The epoch before passes once more: the answer with the newer one may have been lost on its way. */
  #mustBeInEpoch(member: ConsumerMember, { memberEpoch, owned }: ConsumerHeartbeat): void {
    if (memberEpoch === JOINING || memberEpoch === member.epoch) return
    const isLate = memberEpoch < member.epoch && memberEpoch === member.previousEpoch
    if (isLate && owned !== null && holdsAll(member.assigned, owned)) return
    const message = `member ${member.memberId} is in epoch ${member.epoch}, not ${memberEpoch}: it has to give up its partitions and join again`
    throw refused('FENCED_MEMBER_EPOCH', message)
  }

  #leave(request: ConsumerHeartbeat, reply: Reply<ConsumerAnswer>, at: Moment): GroupStep {
    const { memberId, memberEpoch, instanceId } = request
    const member =
      instanceId === null
        ? this.state.members.get(memberId)
        : this.#instance(this.state.ofInstance(instanceId), request)
    if (member === undefined) throw this.#unknown(`member ${memberId}`)
    const answer = consumerAnswer(reply, () => ({
      errorCode: 0,
      errorMessage: null,
      memberId,
      memberEpoch,
      heartbeatIntervalMs: 0,
      assignment: null,
    }))
    if (instanceId === null || memberEpoch === LEAVING) {
      const step = this.fence([member], at)
      return { ...step, answers: [...(step.answers ?? []), answer] }
    }
    // It keeps what it holds, as of no epoch: nothing that it could still commit counts.
    const held = new Map(partitionsOf(member.assigned).map(({ topicId, partitions }) => [topicId, partitions]))
    const away = { ...member, epoch: LEAVING_FOR_A_WHILE, assigned: heldSince(held, 0), revoking: NO_HOLDINGS }
    return { records: [progressRecord(this.groupId, away)], answers: [answer] }
  }

  #watchRevocation({ memberId, state, epoch, rebalanceTimeoutMs }: ConsumerMember, at: Moment): void {
    if (state !== memberStates.unrevoked) this.deadlines.hasRevoked(memberId)
    else this.deadlines.mustLeaveEpoch(memberId, epoch, at.monotonicMs + rebalanceTimeoutMs)
  }

  // Patterns

  /** Returns whether the group comes to another epoch by it, and when there is more to do. */
  #matchPatterns(
    update: MemberUpdate,
    before: ConsumerMember,
    member: ConsumerMember,
    at: Moment,
  ): { readonly mustRise: boolean; readonly wakeAtMs: number } {
    const { patterns, resolved } = this.state.subscriptions
    const [old, pattern] = [patternOf(before), patternOf(member)]
    const hasChanged = before.pattern !== member.pattern
    let mustRise = false
    if (hasChanged) {
      if (old !== undefined && patterns.get(old) === 1) update.letGo(old)
      if (pattern === undefined) mustRise = old !== undefined
      else if (patterns.has(pattern)) mustRise = resolved.has(pattern)
      else checkPattern(pattern)
    }
    const wanted = new Set(patterns.keys())
    if (hasChanged && old !== undefined && patterns.get(old) === 1) wanted.delete(old)
    if (pattern !== undefined) wanted.add(pattern)
    if (this.#scan !== undefined || !this.#mustScan(wanted, at)) return { mustRise, wakeAtMs: this.#scanAtMs(at) }
    const scan = new PatternScan(wanted, this.settings.topics, at.nowMs)
    this.#mayHaveNewTopics = false
    if (!scan.advance()) {
      this.#scan = scan
      return { mustRise, wakeAtMs: at.monotonicMs }
    }
    return { mustRise: update.resolve(scan.resolved()) || mustRise, wakeAtMs: Number.POSITIVE_INFINITY }
  }

  #mustScan(wanted: ReadonlySet<string>, { nowMs }: Moment): boolean {
    if (wanted.size === 0) return false
    const { resolved } = this.state.subscriptions
    if ([...wanted].some(pattern => !resolved.has(pattern))) return true
    const [last] = resolved.values()
    if (last === undefined || nowMs < last.atMs + PATTERN_REFRESH_MIN_MS) return false
    return this.#mayHaveNewTopics || nowMs > last.atMs + this.settings.patternRefreshMs
  }

  #scanAtMs({ monotonicMs }: Moment): number {
    return this.#scan === undefined ? Number.POSITIVE_INFINITY : monotonicMs
  }

  #goOnScanning(at: Moment): GroupStep {
    const scan = this.#scan
    if (scan === undefined) return { wakeAtMs: this.deadlines.nextMs() }
    if (!scan.advance()) return { wakeAtMs: at.monotonicMs }
    this.#scan = undefined
    const { groupId, state, settings } = this
    const { patterns } = state.subscriptions
    const resolved = new Map([...scan.resolved()].filter(([pattern]) => patterns.has(pattern)))
    const metadataHash = hashOfTopics(state.subscriptions.topicsAfter([], resolved), settings.topics)
    const records = Array.from(resolved, ([pattern, now]) => patternRecord(groupId, pattern, now))
    if (standForOthers(state, resolved) || metadataHash !== state.metadataHash) {
      records.push(epochRecord(groupId, { epoch: state.epoch + 1, metadataHash }))
    }
    return { records, wakeAtMs: this.deadlines.nextMs() }
  }

  // Times

  #nextAfterLoss(at: Moment): number {
    this.deadlines.late(this.state.members, at.monotonicMs)
    return this.nextMs(at)
  }

  /** When something is due next; infinite when nothing is. */
  nextMs(at: Moment): number {
    return Math.min(this.deadlines.nextMs(), this.#scanAtMs(at))
  }

  #intervalMs(): number {
    const { state, settings } = this
    const isSettled = state.state === 'Stable' && !this.#mayHaveOtherTopics && this.#scan === undefined
    return heartbeatIntervalMs({
      configuredMs: settings.times(this.groupId).heartbeatMs,
      fastestMs: settings.fastestHeartbeatMs,
      members: state.members.size,
      isSettled,
    })
  }
}

/** The member with what it says; what it leaves out is as it was. */
function told(before: ConsumerMember, request: ConsumerHeartbeat): ConsumerMember {
  return {
    ...before,
    instanceId: request.instanceId ?? before.instanceId,
    rackId: request.rackId ?? before.rackId,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : request.rebalanceTimeoutMs,
    assignor: request.assignor ?? before.assignor,
    topics: request.topics === null ? before.topics : new Set(request.topics),
    pattern: request.pattern ?? before.pattern,
    clientId: request.clientId,
    clientHost: request.clientHost,
    classic: null,
  }
}

function refused(code: string, message: string): KafkaError {
  return new KafkaError(message, { code })
}
