/**
 * ClassicMember: a member of a classic group, as far as the coordinator is concerned: joins, shares out when it is the
 * leader, gets its assignment, and sends heartbeats beside whatever the application does. What comes next is decided in
 * classic.ts. Owns one conversation about a rebalance at a time, and one heartbeat.
 */
import {
  type Assignment,
  type Assignor,
  type Decoded,
  decodeAssignment,
  encodeSubscription,
  errorOf,
  heartbeat,
  type JoinGroupResponse,
  joinGroup,
  type LeaveGroupRequest,
  leaveGroup,
  type PartitionsOfTopic,
  syncGroup,
  type TopicLayout,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import type { TopicPartition } from '../topic-partition.js'
import { assignorsOf, rebalanceProtocolOf } from './assignors.js'
import { ClassicMembership, type ClassicStep } from './classic.js'
import { membersOf, sameLayouts, shareOut, topicsOf } from './classic-assignment.js'
import { HeartbeatTimer } from './heartbeat-timer.js'
import type { Member, MemberIdentity, MemberParts, MemberTask, TaskOutcome, WantedTopics } from './member.js'
import { PollWatch } from './poll-watch.js'

/** A broker answers when all members have come, or by then. */
const JOIN_GRACE_MS = 5000
const PROTOCOL_TYPE = 'consumer'
const MOST_REASON_LENGTH = 255

/** What JoinGroup or the leader's work gave. */
interface Round {
  readonly assignor: Assignor
  readonly protocolName: string
  readonly members: Decoded<JoinGroupResponse>['members']
  readonly mustSkip: boolean
}

export class ClassicMember implements Member {
  readonly protocol = 'classic'
  readonly #parts: MemberParts
  readonly #state = new ClassicMembership()
  readonly #assignors: readonly Assignor[]
  readonly #isCooperative: boolean
  readonly #backoff: Backoff
  readonly #heartbeat: HeartbeatTimer
  readonly #pollWatch: PollWatch
  #topics: readonly string[] | undefined
  #isBeating = false
  #beatFailures = 0
  /** Joins in a row that the coordinator answered by putting the member out. */
  #vainJoins = 0
  #pausing: AbortController | undefined
  #round: Round | undefined
  #assignment: Assignment | undefined
  /** What the leader has shared out, and of which topics. */
  #shared: { readonly topics: ReadonlySet<string>; readonly layouts: ReadonlyMap<string, TopicLayout> } | undefined
  #task: MemberTask | undefined
  #joinReason = ''

  constructor(parts: MemberParts) {
    this.#parts = parts
    const { config, cluster } = parts
    this.#assignors = assignorsOf(config.partitionAssignmentStrategy)
    this.#isCooperative = rebalanceProtocolOf(this.#assignors) === 'cooperative'
    const { retryBackoffMs: initialMs, retryBackoffMaxMs: maxMs } = config
    this.#backoff = new Backoff({ initialMs, maxMs, random: cluster.random })
    this.#heartbeat = new HeartbeatTimer(cluster.clock, this.#beat)
    this.#pollWatch = new PollWatch(parts, config.sessionTimeoutMs)
  }

  get identity(): MemberIdentity {
    const { memberId, generationId } = this.#state
    return { memberId, generationId, groupInstanceId: this.#instanceId }
  }

  get standing(): Member['standing'] {
    const { phase } = this.#state
    if (phase === 'stable' || phase === 'taking') return 'member'
    return phase === 'joining' || phase === 'syncing' ? 'rebalancing' : 'out'
  }

  get whyOut(): string | undefined {
    if (this.standing !== 'out') return undefined
    const { failure, rejoinReason } = this.#state
    return this.#pollWatch.whyPutOut(failure?.message ?? rejoinReason)
  }

  get task(): MemberTask | undefined {
    const state = this.#state
    if (this.#topics === undefined) return undefined
    const { isLost, rejoinReason: reason = '' } = state
    // The membership may be lost while the application is about to give up what it has.
    const isKnown = this.#task?.kind === 'give-up' && this.#task.isLost === isLost
    if (state.mustPrepare && !isKnown) {
      this.#task = { kind: 'give-up', isLost, extent: isLost || !this.#isCooperative ? 'all' : 'unsubscribed', reason }
    }
    return this.#task
  }

  get hasFailure(): boolean {
    return this.#state.failure !== undefined
  }

  takeFailure(): KafkaError | undefined {
    const { failure } = this.#state
    if (failure === undefined || failure.fatal) return failure
    // It may have been mended: the next poll tries again.
    this.#state.failure = undefined
    this.#state.lose(`the member joins again after ${failure.code}`)
    return failure
  }

  want({ topics }: WantedTopics): void {
    const before = this.#topics
    this.#topics = [...topics].sort()
    this.#parts.watch.follow(new Set(topics))
    if (before === undefined) this.rejoin('the consumer joins the group')
    else if (before.join() !== this.#topics.join()) this.rejoin('the subscription has changed')
  }

  rejoin(reason: string): void {
    this.#state.wantRebalance(reason)
    this.#parts.onChange()
  }

  done(task: MemberTask, { revoked }: TaskOutcome): void {
    if (this.#task !== task) return
    this.#task = undefined
    if (task.kind === 'give-up') {
      this.#joinReason = task.reason
      this.#state.prepared()
      void this.#rebalance()
      return
    }
    if (this.#assignment !== undefined) this.#round?.assignor.onAssignment?.(this.#assignment, this.#membership)
    this.#state.taken()
    // Others get what was given up in the rebalance that follows.
    if (this.#isCooperative && revoked.length > 0) this.rejoin('partitions were given up')
    this.topicsChanged()
  }

  topicsChanged(): void {
    const { watch } = this.#parts
    if (this.#state.phase !== 'stable' || !this.#state.isLeader || this.#shared === undefined) return
    watch.follow(this.#shared.topics)
    if (!sameLayouts(this.#shared.layouts, watch.known(this.#shared.topics))) this.rejoin('topics have changed')
  }

  commitRefused(code: string, identity: MemberIdentity): void {
    this.#state.commitRefused(code, identity)
    this.#parts.onChange()
  }

  async leave({ reason, timeoutMs }: { readonly reason: string; readonly timeoutMs: number }): Promise<void> {
    const { memberId } = this.#state
    this.#heartbeat.stop()
    this.#pausing?.abort()
    this.#topics = undefined
    this.#task = undefined
    this.#shared = undefined
    this.#state.left()
    if (memberId !== '' && this.#instanceId === null) await this.#sendLeave(memberId, reason, timeoutMs)
  }

  get #instanceId(): string | null {
    return this.#parts.config.groupInstanceId ?? null
  }

  get #membership() {
    const { memberId, generationId } = this.#state
    return { groupId: this.#parts.config.groupId, memberId, generationId, groupInstanceId: this.#instanceId }
  }

  /** From JoinGroup to an assignment that waits for the application, or to where something else has to be done first. */
  async #rebalance(): Promise<void> {
    const state = this.#state
    const { round } = state
    this.#heartbeat.stop()
    // Who was put out when it joined would be put out again, and again.
    let step = 'join' as ClassicStep
    if (this.#vainJoins > 0) await this.#pause(this.#backoff.delayMs(this.#vainJoins))
    for (let failures = 0; step !== 'rest' && step !== 'take' && state.round === round; ) {
      step = step === 'assign' || step === 'sync' ? await this.#sync(round) : await this.#join(round)
      if (step === 'join-later') await this.#pause(this.#backoff.delayMs(++failures))
    }
    this.#parts.onChange()
  }

  /** As long, or until the member leaves. */
  async #pause(delayMs: number): Promise<void> {
    const pausing = new AbortController()
    this.#pausing = pausing
    await this.#parts.cluster.clock.sleep(delayMs, { signal: pausing.signal }).catch(() => undefined)
  }

  async #join(round: number): Promise<ClassicStep> {
    const { config, cluster } = this.#parts
    const state = this.#state
    const { memberId } = state
    this.#heartbeat.stop()
    const requestTimeoutMs = Math.max(config.requestTimeoutMs, config.maxPollIntervalMs + JOIN_GRACE_MS)
    let answered = memberId
    try {
      const answer = await cluster.call(
        joinGroup,
        version => ({
          groupId: config.groupId,
          sessionTimeoutMs: config.sessionTimeoutMs,
          memberId,
          protocolType: PROTOCOL_TYPE,
          protocols: this.#protocols(),
          ...(version >= 1 ? { rebalanceTimeoutMs: config.maxPollIntervalMs } : {}),
          ...(version >= 5 ? { groupInstanceId: this.#instanceId } : this.#refuseStatic()),
          ...(version >= 8 ? { reason: this.#joinReason.slice(0, MOST_REASON_LENGTH) } : {}),
        }),
        {
          ...this.#toCoordinator,
          timeoutMs: requestTimeoutMs,
          requestTimeoutMs,
          errorCode: response => {
            answered = response.memberId
            return response.errorCode
          },
        },
      )
      if (state.round !== round) return 'rest'
      this.#round = this.#chosen(answer)
      const step = state.joined(answer)
      this.#vainJoins = 0
      this.#pollWatch.begin()
      this.#heartbeat.in(config.heartbeatIntervalMs)
      return step
    } catch (error) {
      if (state.round !== round) return 'rest'
      this.#log(error, 'the member could not join its group')
      const step = state.joinFailed(asKafkaError(error), answered)
      if (state.phase === 'out') this.#vainJoins++
      return step
    }
  }

  async #sync(round: number): Promise<ClassicStep> {
    const { config, cluster } = this.#parts
    const state = this.#state
    const { assignor, protocolName } = this.#round ?? noRound()
    try {
      const assignments = state.isLeader ? await this.#shareOut() : []
      if (state.round !== round) return 'rest'
      const { generationId, memberId } = state
      const answer = await cluster.call(
        syncGroup,
        version => ({
          groupId: config.groupId,
          generationId,
          memberId,
          assignments,
          ...(version >= 3 ? { groupInstanceId: this.#instanceId } : {}),
          ...(version >= 5 ? { protocolType: PROTOCOL_TYPE, protocolName } : {}),
        }),
        {
          ...this.#toCoordinator,
          timeoutMs: config.maxPollIntervalMs + JOIN_GRACE_MS,
          requestTimeoutMs: config.maxPollIntervalMs + JOIN_GRACE_MS,
          errorCode: ({ errorCode }) => errorCode,
        },
      )
      if (state.round !== round) return 'rest'
      return this.#take(assignor, decodeAssignment(answer.assignment))
    } catch (error) {
      if (state.round !== round) return 'rest'
      this.#log(error, 'the member could not get its assignment')
      return state.syncFailed(asKafkaError(error))
    }
  }

  #take(assignor: Assignor, assignment: Assignment): ClassicStep {
    const wanted = new Set(this.#topics)
    const stranger = assignment.partitions.find(({ topic }) => !wanted.has(topic))
    if (stranger !== undefined) {
      this.#parts.cluster.logger.warn({ topic: stranger.topic }, 'the assignment is for another subscription')
      this.#state.rejoinReason = undefined
      this.#state.phase = 'joining'
      return 'join'
    }
    this.#parts.cluster.logger.info(
      { ...this.#membership, assignor: assignor.name, partitions: assignment.partitions },
      'the member has its assignment',
    )
    this.#assignment = assignment
    this.#task = { kind: 'take', target: placesOf(assignment.partitions) }
    return this.#state.synced()
  }

  /** By the leader alone. A static one that came back keeps what was shared out before. */
  async #shareOut(): Promise<{ memberId: string; assignment: Uint8Array }[]> {
    const { watch } = this.#parts
    const { assignor, members: joined, mustSkip } = this.#round ?? noRound()
    const members = membersOf(joined)
    const topics = topicsOf(members)
    const layouts = await watch.layouts(topics)
    this.#shared = { topics, layouts }
    return mustSkip ? [] : shareOut(assignor, members, layouts)
  }

  #chosen({ protocolType, protocolName, members, skipAssignment }: Decoded<JoinGroupResponse>): Round {
    const assignor = this.#assignors.find(({ name }) => name === protocolName)
    const isOurs = protocolType === undefined || protocolType === null || protocolType === PROTOCOL_TYPE
    if (assignor !== undefined && isOurs) {
      return { assignor, protocolName: assignor.name, members, mustSkip: skipAssignment ?? false }
    }
    const message = `The group chose ${protocolName} of type ${protocolType}, which this member did not offer.`
    throw new KafkaError(message, { code: 'INCONSISTENT_GROUP_PROTOCOL', api: joinGroup.name })
  }

  #protocols(): { name: string; metadata: Uint8Array }[] {
    const topics = this.#topics ?? []
    const ownedPartitions = this.#isCooperative ? byTopic(this.#parts.owned()) : []
    return this.#assignors.map(assignor => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics,
        userData: assignor.subscriptionUserData?.(topics) ?? null,
        ownedPartitions,
        generationId: this.#state.generationId,
        rackId: this.#parts.config.clientRack === '' ? null : this.#parts.config.clientRack,
      }),
    }))
  }

  readonly #beat = (lateMs: number): void => {
    const { config, watch } = this.#parts
    const state = this.#state
    if (!state.hasHeartbeat) return
    this.#heartbeat.in(config.heartbeatIntervalMs)
    this.#pollWatch.late(lateMs)
    if (this.#pollWatch.isOverdue()) {
      this.#expire()
      return
    }
    if (this.#shared !== undefined) watch.keep(this.#shared.topics)
    if (!this.#isBeating) void this.#sendHeartbeat()
  }

  async #sendHeartbeat(): Promise<void> {
    const { config, cluster, metrics, onChange } = this.#parts
    const state = this.#state
    const { generationId, memberId } = state
    this.#isBeating = true
    metrics.heartbeats++
    try {
      await cluster.call(
        heartbeat,
        version => ({
          groupId: config.groupId,
          generationId,
          memberId,
          ...(version >= 3 ? { groupInstanceId: this.#instanceId } : {}),
        }),
        {
          ...this.#toCoordinator,
          timeoutMs: Math.min(config.requestTimeoutMs, config.sessionTimeoutMs),
          errorCode: ({ errorCode }) => errorCode,
        },
      )
      this.#beatFailures = 0
    } catch (error) {
      metrics.heartbeatsFailed++
      const isKnown = state.heartbeatFailed(asKafkaError(error), generationId)
      if (!isKnown) this.#log(error, 'a heartbeat failed')
      if (!isKnown && state.hasHeartbeat) {
        this.#heartbeat.in(Math.min(config.heartbeatIntervalMs, this.#backoff.delayMs(++this.#beatFailures)))
      }
      onChange()
    } finally {
      this.#isBeating = false
    }
  }

  /** Who does not poll leaves, so that others get on; a static member is taken out when its session is over. */
  #expire(): void {
    const { memberId } = this.#state
    const reason = this.#pollWatch.giveUp(memberId)
    this.#heartbeat.stop()
    this.#task = undefined
    this.#state.lose(reason)
    if (this.#instanceId === null) void this.#sendLeave(memberId, reason, this.#parts.config.requestTimeoutMs)
    this.#parts.onChange()
  }

  async #sendLeave(memberId: string, reason: string, timeoutMs: number): Promise<void> {
    const { config, cluster } = this.#parts
    const { groupId } = config
    try {
      await cluster.call(
        leaveGroup,
        (version): LeaveGroupRequest => {
          if (version < 3) return { groupId, memberId }
          const why = version >= 5 ? { reason: reason.slice(0, MOST_REASON_LENGTH) } : {}
          return { groupId, members: [{ memberId, groupInstanceId: null, ...why }] }
        },
        // Behind a JoinGroup that waits it would wait as long.
        { to: { group: groupId }, use: 'other', timeoutMs, attempts: 1, errorCode: ({ errorCode }) => errorCode },
      )
    } catch (error) {
      this.#log(error, 'the member could not take leave; its session will run out')
    }
  }

  get #toCoordinator() {
    return { to: { group: this.#parts.config.groupId }, attempts: 1 }
  }

  #refuseStatic(): object {
    if (this.#instanceId === null) return {}
    throw new KafkaError('The broker is too old for static members: leave groupInstanceId out.', {
      code: 'UNSUPPORTED_VERSION',
      api: joinGroup.name,
    })
  }

  #log(error: unknown, message: string): void {
    const { groupId, memberId, generationId } = this.#membership
    const isExpected = error instanceof KafkaError && EXPECTED.has(error.code)
    const level = isExpected ? 'debug' : 'warn'
    this.#parts.cluster.logger[level]({ err: error, groupId, memberId, generationId }, message)
  }
}

/** Steps of the protocol rather than trouble. */
const EXPECTED: ReadonlySet<string> = new Set(['MEMBER_ID_REQUIRED', 'REBALANCE_IN_PROGRESS'])

function noRound(): never {
  throw errorOf(-1, { api: syncGroup.name })
}

function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KafkaError(message, { code: 'UNKNOWN_SERVER_ERROR', cause: error })
}

function placesOf(partitions: readonly PartitionsOfTopic[]): TopicPartition[] {
  return partitions.flatMap(each => each.partitions.map(partition => Object.freeze({ topic: each.topic, partition })))
}

function byTopic(places: readonly TopicPartition[]): PartitionsOfTopic[] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of places) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}
