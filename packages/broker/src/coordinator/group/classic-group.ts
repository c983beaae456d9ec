/**
 * ClassicGroup: the machine of one classic group: who is in it, which generation it has, where its rebalance stands. Pure:
 * requests and the time come in, a Step comes out; nothing here appends, waits or reads a clock. Owner of the members.
 *
 *   Empty → PreparingRebalance → CompletingRebalance → Stable, and back to PreparingRebalance or Empty
 *
 * PreparingRebalance waits for everyone's JoinGroup, CompletingRebalance for the leader's SyncGroup. What is written is the
 * group as a whole, when the leader's assignment is there, when a static member took another's place, and when the last
 * member is gone; so a coordinator that loads it goes on with the same generation. What is not written (who waits, who is
 * about to join) a crash may take: clients do it again.
 *
 * Invariants: the leader is a member; only members wait; a generation never goes back.
 */
import { codeOf } from '../../cluster/partitions.js'
import type { Answer, Moment, Reply } from '../shard.js'
import type {
  ClassicGroupSettings,
  ClassicState,
  GenerationReference,
  GroupSnapshot,
  GroupStep,
  MemberReference,
  SyncRequest,
} from './classic-contract.js'
import {
  ClassicMember,
  type JoinAnswer,
  type JoinRequest,
  joinAnswer,
  joinRefusal,
  NO_MEMBER_ID,
  NOTHING,
  type SyncAnswer,
  syncAnswer,
  syncRefusal,
} from './classic-member.js'
import { ClassicMembers } from './classic-members.js'
import { electProtocol, sharesProtocol } from './protocol-vote.js'

/** A member that has its first JoinGroup parked may come back within this time; afterwards it is given up. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60_000
/** Ids that were given out and not used yet; each is forgotten after its session timeout. */
const MAX_PENDING_MEMBERS = 10_000

/** Joining has an end: when all have joined, or at a time. */
interface JoinPhase {
  endsAtMs: number
  /** The first rebalance of an empty group: it waits on while new members keep coming. */
  readonly isInitial: boolean
  delayMs: number
  remainingMs: number
  hasNewMember: boolean
}

export class ClassicGroup {
  readonly type = 'classic'
  readonly groupId: string
  readonly #settings: ClassicGroupSettings
  readonly #members = new ClassicMembers()
  /** Ids that were given out, and until when they may be used. */
  readonly #pending = new Map<string, number>()
  /** Members of this generation that have not sent SyncGroup. */
  readonly #pendingSync = new Set<string>()
  #state: ClassicState = 'Empty'
  #stateSinceMs: number | undefined
  #generation = 0
  #protocolType: string | undefined
  #protocolName: string | null = null
  #joinPhase: JoinPhase | undefined
  #syncEndsAtMs = Number.POSITIVE_INFINITY
  #answers: Answer[] = []

  constructor(groupId: string, settings: ClassicGroupSettings, nowMs: number | undefined) {
    this.groupId = groupId
    this.#settings = settings
    this.#stateSinceMs = nowMs
  }

  /** As it was written. The members' time runs from `begin` on. */
  static restore(groupId: string, settings: ClassicGroupSettings, written: GroupSnapshot): ClassicGroup {
    const group = new ClassicGroup(groupId, settings, written.stateSinceMs)
    group.#protocolType = written.protocolType === '' ? undefined : written.protocolType
    group.#generation = written.generation
    group.#protocolName = written.protocol
    for (const { member, assignment } of written.members) {
      member.assignment = assignment
      group.#members.add(member)
    }
    group.#members.restoreLeader(written.leader)
    group.#state = written.members.length === 0 ? 'Empty' : 'Stable'
    return group
  }

  get state(): ClassicState {
    return this.#state
  }

  /** When the group came to its state, in the time of the day. */
  get stateSinceMs(): number | undefined {
    return this.#stateSinceMs
  }

  get generation(): number {
    return this.#generation
  }

  /** Undefined until someone joins: a group that only commits offsets has none. */
  get protocolType(): string | undefined {
    return this.#protocolType
  }

  get protocolName(): string | null {
    return this.#protocolName
  }

  get leader(): string | null {
    return this.#members.leader
  }

  get members(): readonly ClassicMember[] {
    return this.#members.all()
  }

  /** Nobody is in it, but someone was given an id to come with. */
  get isAwaited(): boolean {
    return this.#pending.size > 0
  }

  /** As it would be written now, with these assignments in place of those that hold. */
  snapshot(assignments?: ReadonlyMap<string, Uint8Array>): GroupSnapshot {
    return {
      protocolType: this.#protocolType ?? '',
      generation: this.#generation,
      protocol: this.#protocolName,
      leader: this.#members.leader,
      stateSinceMs: this.#stateSinceMs,
      members: this.#members.assigned(assignments),
    }
  }

  /** After loading, or coming from the consumer protocol: members have a whole session to be heard of. */
  begin(at: Moment, mustRebalance = false): GroupStep {
    for (const member of this.members) this.#restartSession(member, at)
    if (mustRebalance || this.#members.size > this.#settings.maxSize) return this.#rebalance(at)
    return this.#step()
  }

  join(request: JoinRequest, reply: Reply<JoinAnswer>, at: Moment): GroupStep {
    const { memberId } = request
    if (!this.#hasRoomFor(memberId)) {
      this.#pending.delete(memberId)
      const member = this.#members.get(memberId)
      if (member !== undefined) this.#remove(member, 'GROUP_MAX_SIZE_REACHED')
      return this.#refuseJoin(reply, NO_MEMBER_ID, 'GROUP_MAX_SIZE_REACHED')
    }
    if (!this.#suits(request)) return this.#refuseJoin(reply, memberId, 'INCONSISTENT_GROUP_PROTOCOL')
    if (memberId === NO_MEMBER_ID) return this.#joinNew(request, reply, at)
    if (this.#pending.has(memberId)) return this.#admit(request, memberId, reply, at)
    const fault = this.#members.fault(request)
    if (fault !== undefined) return this.#refuseJoin(reply, memberId, fault)
    return this.#rejoin(request, reply, at)
  }

  sync(request: SyncRequest, reply: Reply<SyncAnswer>, at: Moment): GroupStep {
    const fault = this.#syncFault(request)
    if (fault !== undefined) return this.#step([syncAnswer(reply, syncRefusal(codeOf(fault)))])
    const member = this.#members.known(request.memberId)
    this.#hasSynced(member.memberId)
    if (this.#state === 'Stable') return this.#step([syncAnswer(reply, this.#assigned(member))])
    this.#dropSync(member, 'REBALANCE_IN_PROGRESS')
    member.awaitingSync = reply
    return member.memberId === this.#members.leader ? this.#assign(request, at) : this.#step()
  }

  /** The code to answer with. */
  heartbeat(request: GenerationReference, at: Moment): number {
    const fault = this.#members.fault(request) ?? this.#generationFault(request.generationId)
    if (fault !== undefined) return codeOf(fault)
    this.#restartSession(this.#members.known(request.memberId), at)
    return this.#state === 'PreparingRebalance' ? codeOf('REBALANCE_IN_PROGRESS') : 0
  }

  /** A code for each of those who leave. */
  leave(
    leaving: readonly MemberReference[],
    at: Moment,
  ): { readonly codes: readonly number[]; readonly step: GroupStep } {
    const codes = leaving.map(reference => this.#leaveOne(reference))
    return { codes, step: codes.includes(0) ? this.#afterLoss(at) : this.#step() }
  }

  /** Why a commit of offsets is refused. One that is taken is a sign of life. */
  commitFault({ memberId, groupInstanceId, generationId }: GenerationReference, at: Moment): string | undefined {
    if (generationId < 0 && this.#state === 'Empty') return undefined
    if (generationId < 0 && memberId === NO_MEMBER_ID && groupInstanceId === null) return 'UNKNOWN_MEMBER_ID'
    const fault = this.#referenceFault({ memberId, groupInstanceId, generationId })
    if (fault !== undefined) return fault
    // Who knows the generation has its JoinGroup answered, and no assignment yet: it cannot have read anything in it.
    if (this.#state === 'CompletingRebalance') return 'REBALANCE_IN_PROGRESS'
    this.#restartSession(this.#members.known(memberId), at)
    return undefined
  }

  /** As part of a transaction: who does not name a member may be of a client that cannot, and rebalances end by themselves. */
  transactionalCommitFault(member: GenerationReference): string | undefined {
    const isNobody = member.memberId === NO_MEMBER_ID && member.groupInstanceId === null
    if (member.generationId < 0 && (isNobody || this.#state === 'Empty')) return undefined
    return this.#referenceFault(member)
  }

  #referenceFault({ memberId, groupInstanceId, generationId }: GenerationReference): string | undefined {
    return this.#members.fault({ memberId, groupInstanceId }) ?? this.#generationFault(generationId)
  }

  /** Does what is due, if anything is. */
  wake(at: Moment): GroupStep {
    for (const [memberId, untilMs] of this.#pending) if (untilMs <= at.monotonicMs) this.#pending.delete(memberId)
    const silent = this.members.filter(member => member.hasExpired(at.monotonicMs))
    for (const member of silent) this.#remove(member, 'UNKNOWN_MEMBER_ID')
    if (silent.length > 0 && this.#canRebalance) return this.#rebalance(at)
    if (this.#state === 'PreparingRebalance') return this.#joinDue(at)
    if (this.#syncEndsAtMs > at.monotonicMs) return this.#step()
    // Those who have joined and not synced are taken for gone.
    this.#syncEndsAtMs = Number.POSITIVE_INFINITY
    const missing = this.members.filter(({ memberId }) => this.#pendingSync.has(memberId))
    for (const member of missing) this.#remove(member, 'UNKNOWN_MEMBER_ID')
    return missing.length > 0 ? this.#rebalance(at) : this.#step()
  }

  /** Answers all who wait. */
  dissolve(code: number): Answer[] {
    return this.members.flatMap(({ memberId, awaitingJoin, awaitingSync }) => [
      ...(awaitingJoin === undefined ? [] : [joinAnswer(awaitingJoin, joinRefusal(memberId, code))]),
      ...(awaitingSync === undefined ? [] : [syncAnswer(awaitingSync, syncRefusal(code))]),
    ])
  }

  // Joining

  #joinNew(request: JoinRequest, reply: Reply<JoinAnswer>, at: Moment): GroupStep {
    const { groupInstanceId, clientId, sessionTimeoutMs } = request
    const memberId = this.#settings.newMemberId(groupInstanceId ?? clientId)
    if (groupInstanceId !== null) {
      const old = this.#members.ofInstance(groupInstanceId)
      if (old !== undefined) return this.#replace(old, memberId, request, reply, at)
    } else if (request.needsMemberId) {
      if (this.#pending.size >= MAX_PENDING_MEMBERS) {
        return this.#refuseJoin(reply, NO_MEMBER_ID, 'GROUP_MAX_SIZE_REACHED')
      }
      this.#pending.set(memberId, at.monotonicMs + sessionTimeoutMs)
      return this.#refuseJoin(reply, memberId, 'MEMBER_ID_REQUIRED')
    }
    return this.#admit(request, memberId, reply, at)
  }

  #admit(request: JoinRequest, memberId: string, reply: Reply<JoinAnswer>, at: Moment): GroupStep {
    const member = new ClassicMember({ ...request, memberId })
    member.isNew = true
    member.awaitingJoin = reply
    // It cannot send heartbeats while it waits, and we cannot see it go: a client that gave up must not stay for ever.
    member.expiresAtMs = at.monotonicMs + NEW_MEMBER_JOIN_TIMEOUT_MS
    if (this.#joinPhase?.isInitial === true) this.#joinPhase.hasNewMember = true
    this.#pending.delete(memberId)
    if (this.#members.size === 0) this.#protocolType = request.protocolType
    this.#members.add(member)
    return this.#rebalanceOrComplete(at)
  }

  #rejoin(request: JoinRequest, reply: Reply<JoinAnswer>, at: Moment): GroupStep {
    const member = this.#members.known(request.memberId)
    const isLeader = member.memberId === this.#members.leader
    const isSame = member.offersTheSame(request.protocols)
    // Its answer got lost: it is told again where it stands. A leader that joins anew wants partitions assigned anew.
    if (isSame && (this.#state === 'CompletingRebalance' || (this.#state === 'Stable' && !isLeader))) {
      const members = this.#state === 'CompletingRebalance' && isLeader
      return this.#step([joinAnswer(reply, this.#joined(member, members))])
    }
    this.#update(member, request, reply)
    return this.#rebalanceOrComplete(at)
  }

  /** A static member comes back under a new id, and takes the place that it had under the old one. */
  #replace(
    old: ClassicMember,
    memberId: string,
    request: JoinRequest,
    reply: Reply<JoinAnswer>,
    at: Moment,
  ): GroupStep {
    const leaderBefore = this.#members.leader ?? NO_MEMBER_ID
    const member = new ClassicMember({ ...request, memberId })
    member.assignment = old.assignment
    if (old.awaitingJoin !== undefined) this.#answerJoin(old, joinRefusal(old.memberId, codeOf('FENCED_INSTANCE_ID')))
    this.#dropSync(old, 'FENCED_INSTANCE_ID')
    this.#putInPlaceOf(old, member)
    this.#restartSession(member, at)
    if (this.#state === 'CompletingRebalance') {
      // The leader may be assigning to the old id right now: the new one would go without.
      member.awaitingJoin = reply
      return this.#rebalance(at)
    }
    if (this.#state === 'Stable' && electProtocol(this.members) === this.#protocolName) {
      return this.#written(old, member, leaderBefore, request, reply)
    }
    member.awaitingJoin = reply
    return this.#rebalanceOrComplete(at)
  }

  /** The group as it was, but for the one id: no rebalance, as soon as that is written. */
  #written(
    old: ClassicMember,
    member: ClassicMember,
    leaderBefore: string,
    request: JoinRequest,
    reply: Reply<JoinAnswer>,
  ): GroupStep {
    const isLeader = member.memberId === this.#members.leader
    const { knowsSkipAssignment } = request
    return {
      ...this.#step(),
      snapshot: this.snapshot(),
      written: () => {
        const joined = this.#joined(member, knowsSkipAssignment && isLeader)
        const told = knowsSkipAssignment
          ? { ...joined, skipAssignment: isLeader }
          : // One that does not know better would assign again if it heard that it leads.
            { ...joined, leader: leaderBefore }
        return this.#step([joinAnswer(reply, told)])
      },
      refused: code => {
        this.#putInPlaceOf(member, old)
        return this.#step([joinAnswer(reply, joinRefusal(NO_MEMBER_ID, code))])
      },
    }
  }

  /** Whether one more waits within the group's size. */
  #hasRoomFor(memberId: string): boolean {
    const { maxSize } = this.#settings
    if (this.#state === 'Empty') return true
    const member = this.#members.get(memberId)
    if (this.#state !== 'PreparingRebalance') return member !== undefined || this.#members.size < maxSize
    return member?.awaitingJoin !== undefined || this.#members.countJoined() < maxSize
  }

  #suits({ protocolType, protocols }: JoinRequest): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0
    return protocolType === this.#protocolType && sharesProtocol(this.members, protocols)
  }

  #refuseJoin(reply: Reply<JoinAnswer>, memberId: string, code: string): GroupStep {
    return this.#step([joinAnswer(reply, joinRefusal(memberId, codeOf(code)))])
  }

  // Rebalancing

  get #canRebalance(): boolean {
    return this.#state !== 'PreparingRebalance' && !(this.#state === 'Empty' && this.#members.size === 0)
  }

  #rebalanceOrComplete(at: Moment): GroupStep {
    return this.#canRebalance ? this.#rebalance(at) : this.#completeIfAllJoined(at)
  }

  #rebalance(at: Moment): GroupStep {
    const isInitial = this.#state === 'Empty'
    // Those who wait for their assignment join again.
    if (this.#state === 'CompletingRebalance') {
      for (const member of this.members) this.#unassign(member, 'REBALANCE_IN_PROGRESS', at)
    }
    this.#syncEndsAtMs = Number.POSITIVE_INFINITY
    this.#enter('PreparingRebalance', at)
    const { initialRebalanceDelayMs: delayMs } = this.#settings
    const timeoutMs = this.#members.rebalanceTimeoutMs()
    this.#joinPhase = {
      isInitial,
      endsAtMs: at.monotonicMs + (isInitial ? delayMs : timeoutMs),
      delayMs,
      remainingMs: Math.max(timeoutMs - delayMs, 0),
      hasNewMember: false,
    }
    // Without a delay there is nothing to wait for: whoever is there, is there.
    if (isInitial) return delayMs === 0 ? this.#completeJoin(at) : this.#step()
    return this.#completeIfAllJoined(at)
  }

  #completeIfAllJoined(at: Moment): GroupStep {
    const isWaiting = this.#state === 'PreparingRebalance' && this.#joinPhase?.isInitial === false
    if (!isWaiting || this.#members.countJoined() < this.#members.size || this.#pending.size > 0) return this.#step()
    return this.#completeJoin(at)
  }

  #joinDue(at: Moment): GroupStep {
    const phase = this.#joinPhase
    if (phase === undefined || phase.endsAtMs > at.monotonicMs) return this.#completeIfAllJoined(at)
    if (!(phase.isInitial && phase.hasNewMember && phase.remainingMs > 0)) return this.#completeJoin(at)
    // Members keep coming: the group waits on, up to its rebalance timeout as a whole.
    const waitedMs = phase.delayMs
    phase.hasNewMember = false
    phase.delayMs = Math.min(this.#settings.initialRebalanceDelayMs, phase.remainingMs)
    phase.remainingMs = Math.max(phase.remainingMs - waitedMs, 0)
    phase.endsAtMs = at.monotonicMs + phase.delayMs
    return this.#step()
  }

  /** The next generation: those who joined. A static member that did not keeps its place until its session ends. */
  #completeJoin(at: Moment): GroupStep {
    for (const member of this.members) {
      if (member.awaitingJoin === undefined && member.groupInstanceId === null)
        this.#remove(member, 'UNKNOWN_MEMBER_ID')
    }
    if (this.#members.size > 0 && !this.#members.electJoined()) {
      // Nobody is there to lead. When all sessions have ended, nobody is left either.
      if (this.#joinPhase !== undefined) this.#joinPhase.endsAtMs = at.monotonicMs + this.#members.rebalanceTimeoutMs()
      return this.#step()
    }
    this.#joinPhase = undefined
    this.#generation++
    this.#pendingSync.clear()
    if (this.#members.size === 0) {
      this.#protocolName = null
      this.#enter('Empty', at)
      // Where the log does not take it, the next coordinator finds members that nobody hears of, and drops them.
      const step = this.#step()
      return { ...step, snapshot: this.snapshot(), refused: () => step }
    }
    this.#protocolName = electProtocol(this.members) ?? null
    this.#enter('CompletingRebalance', at)
    for (const member of this.members) {
      if (member.awaitingJoin !== undefined) {
        this.#answerJoin(member, this.#joined(member, member.memberId === this.#members.leader))
      }
      this.#restartSession(member, at)
      member.isNew = false
      this.#pendingSync.add(member.memberId)
    }
    this.#syncEndsAtMs = at.monotonicMs + this.#members.rebalanceTimeoutMs()
    return this.#step()
  }

  // Assigning

  #syncFault(request: SyncRequest): string | undefined {
    const fault = this.#members.fault(request) ?? this.#generationFault(request.generationId)
    if (fault !== undefined) return fault
    const { protocolType, protocolName } = request
    const differs = (name: string | null, own: string | null): boolean => name !== null && name !== own
    if (differs(protocolType, this.#protocolType ?? null) || differs(protocolName, this.#protocolName)) {
      return 'INCONSISTENT_GROUP_PROTOCOL'
    }
    return this.#state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : undefined
  }

  /** The leader has decided. It counts as soon as it is written. */
  #assign({ assignments }: SyncRequest, at: Moment): GroupStep {
    const assigned = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]))
    return {
      ...this.#step(),
      snapshot: this.snapshot(assigned),
      written: () => {
        this.#enter('Stable', at)
        for (const member of this.members) {
          member.assignment = assigned.get(member.memberId) ?? NOTHING
          const reply = member.awaitingSync
          if (reply === undefined) continue
          member.awaitingSync = undefined
          this.#answers.push(syncAnswer(reply, this.#assigned(member)))
          this.#restartSession(member, at)
        }
        return this.#step()
      },
      refused: code => {
        for (const member of this.members) this.#unassign(member, code, at)
        return this.#rebalance(at)
      },
    }
  }

  #unassign(member: ClassicMember, code: string | number, at: Moment): void {
    member.assignment = NOTHING
    if (member.awaitingSync === undefined) return
    this.#dropSync(member, code)
    this.#restartSession(member, at)
  }

  #dropSync(member: ClassicMember, code: string | number): void {
    const reply = member.awaitingSync
    if (reply === undefined) return
    member.awaitingSync = undefined
    this.#answers.push(syncAnswer(reply, syncRefusal(typeof code === 'number' ? code : codeOf(code))))
  }

  #hasSynced(memberId: string): void {
    this.#pendingSync.delete(memberId)
    if (this.#pendingSync.size === 0) this.#syncEndsAtMs = Number.POSITIVE_INFINITY
  }

  #assigned({ assignment }: ClassicMember): SyncAnswer {
    return { errorCode: 0, protocolType: this.#protocolType ?? null, protocolName: this.#protocolName, assignment }
  }

  // Leaving

  #leaveOne({ memberId, groupInstanceId }: MemberReference): number {
    if (memberId === NO_MEMBER_ID) {
      // An administrator knows instance ids alone.
      const found = groupInstanceId === null ? undefined : this.#members.ofInstance(groupInstanceId)
      if (found === undefined) return codeOf('UNKNOWN_MEMBER_ID')
      this.#remove(found, 'UNKNOWN_MEMBER_ID')
      return 0
    }
    if (this.#pending.delete(memberId)) return 0
    const fault = this.#members.fault({ memberId, groupInstanceId })
    if (fault !== undefined) return codeOf(fault)
    this.#remove(this.#members.known(memberId), 'UNKNOWN_MEMBER_ID')
    return 0
  }

  #afterLoss(at: Moment): GroupStep {
    if (this.#state === 'Stable' || this.#state === 'CompletingRebalance') return this.#rebalance(at)
    return this.#completeIfAllJoined(at)
  }

  #remove(member: ClassicMember, code: string): void {
    if (member.awaitingJoin !== undefined) this.#answerJoin(member, joinRefusal(NO_MEMBER_ID, codeOf(code)))
    this.#dropSync(member, code)
    this.#members.remove(member)
    this.#pendingSync.delete(member.memberId)
  }

  // Members

  #putInPlaceOf(old: ClassicMember, member: ClassicMember): void {
    this.#members.replace(old, member)
    if (this.#pendingSync.delete(old.memberId)) this.#pendingSync.add(member.memberId)
  }

  #update(member: ClassicMember, request: JoinRequest, reply: Reply<JoinAnswer>): void {
    // A join of the same member that still waits came over a connection that it has given up.
    if (member.awaitingJoin !== undefined) {
      this.#answerJoin(member, joinRefusal(member.memberId, codeOf('REBALANCE_IN_PROGRESS')))
    }
    member.protocols = request.protocols
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs
    member.sessionTimeoutMs = request.sessionTimeoutMs
    member.awaitingJoin = reply
  }

  #answerJoin(member: ClassicMember, answer: JoinAnswer): void {
    const reply = member.awaitingJoin
    member.awaitingJoin = undefined
    if (reply !== undefined) this.#answers.push(joinAnswer(reply, answer))
  }

  #joined(member: ClassicMember, withMembers: boolean): JoinAnswer {
    const members = withMembers
      ? this.members.map(each => ({
          memberId: each.memberId,
          groupInstanceId: each.groupInstanceId,
          metadata: each.metadataFor(this.#protocolName),
        }))
      : []
    return {
      errorCode: 0,
      generationId: this.#generation,
      protocolType: this.#protocolType ?? null,
      protocolName: this.#protocolName,
      leader: this.#members.leader ?? NO_MEMBER_ID,
      skipAssignment: false,
      memberId: member.memberId,
      members,
    }
  }

  #restartSession(member: ClassicMember, at: Moment): void {
    member.expiresAtMs = at.monotonicMs + member.sessionTimeoutMs
  }

  #generationFault(generationId: number): string | undefined {
    return generationId === this.#generation ? undefined : 'ILLEGAL_GENERATION'
  }

  #enter(state: ClassicState, at: Moment): void {
    this.#state = state
    this.#stateSinceMs = at.nowMs
  }

  #step(more: readonly Answer[] = []): GroupStep {
    const answers = [...this.#answers, ...more]
    this.#answers = []
    return { answers, wakeAtMs: this.#nextDueMs() }
  }

  /** When something is due next, if nothing happens before. Infinite when never. */
  #nextDueMs(): number {
    let dueMs = this.#state === 'PreparingRebalance' ? (this.#joinPhase?.endsAtMs ?? 0) : this.#syncEndsAtMs
    for (const untilMs of this.#pending.values()) dueMs = Math.min(dueMs, untilMs)
    return Math.min(dueMs, this.#members.nextExpiryMs())
  }
}
