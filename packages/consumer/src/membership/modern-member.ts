/**
 * ModernMember: a member of a group whose partitions the broker shares out (KIP-848): one heartbeat at a time, which joins,
 * says what the member has, and brings what it may have. What comes next is decided in modern.ts. Owns the names of topics
 * that it knows by id alone.
 */
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponseAssignment,
  consumerGroupHeartbeat,
  type Decoded,
  metadata as metadataApi,
  type Uuid,
  uuidFromBytes,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import { nameOf, type TopicPartition } from '../topic-partition.js'
import { HeartbeatTimer } from './heartbeat-timer.js'
import type { Member, MemberIdentity, MemberParts, MemberTask, TaskOutcome, WantedTopics } from './member.js'
import { ModernMembership } from './modern.js'
import { PollWatch } from './poll-watch.js'

const LEAVE = -1
/** A static member comes back: its partitions wait for it. */
const LEAVE_FOR_A_WHILE = -2
const FIRST_INTERVAL_MS = 3000
/** The broker's default, to compare the silence of a blocked event loop with; what it really is, only the broker knows. */
const USUAL_SESSION_MS = 45_000
const HEARTBEAT_WITH_PATTERN = 1
const METADATA_BY_ID = 12
const MOST_NAMES = 100_000

export class ModernMember implements Member {
  readonly protocol = 'consumer'
  readonly #parts: MemberParts
  readonly #state = new ModernMembership()
  readonly #memberId: Uuid
  readonly #backoff: Backoff
  readonly #heartbeat: HeartbeatTimer
  readonly #pollWatch: PollWatch
  readonly #names = new Map<Uuid, string>()
  readonly #ids = new Map<string, Uuid>()
  #wanted: WantedTopics | undefined
  #saidWanted: WantedTopics | undefined
  #target: Decoded<ConsumerGroupHeartbeatResponseAssignment> | undefined
  #task: MemberTask | undefined
  #isBeating = false
  #failures = 0
  #intervalMs = FIRST_INTERVAL_MS
  #warning: KafkaError | undefined

  constructor(parts: MemberParts) {
    this.#parts = parts
    this.#memberId = uuidFromBytes(parts.cluster.random.bytes(16))
    const { retryBackoffMs: initialMs, retryBackoffMaxMs: maxMs } = parts.config
    this.#backoff = new Backoff({ initialMs, maxMs, random: parts.cluster.random })
    this.#heartbeat = new HeartbeatTimer(parts.cluster.clock, this.#beat)
    this.#pollWatch = new PollWatch(parts, USUAL_SESSION_MS)
  }

  get identity(): MemberIdentity {
    return { memberId: this.#memberId, generationId: this.#state.epoch, groupInstanceId: this.#instanceId }
  }

  get standing(): Member['standing'] {
    if (this.#state.isMember) return 'member'
    return this.#state.phase === 'joining' ? 'rebalancing' : 'out'
  }

  get whyOut(): string | undefined {
    if (this.standing !== 'out') return undefined
    const { failure, lostReason } = this.#state
    return this.#pollWatch.whyPutOut(failure?.message ?? lostReason)
  }

  get task(): MemberTask | undefined {
    const { phase, lostReason: reason } = this.#state
    if (phase === 'fenced') this.#task ??= { kind: 'give-up', isLost: true, extent: 'all', reason }
    return this.#task
  }

  get hasFailure(): boolean {
    return this.#state.failure !== undefined || this.#warning !== undefined
  }

  takeFailure(): KafkaError | undefined {
    const failure = this.#state.failure ?? this.#warning
    this.#warning = undefined
    if (this.#state.failure === undefined || this.#state.failure.fatal) return failure
    // It may have been mended: the next poll tries again.
    this.#state.failure = undefined
    this.#lose(`the member joins again after ${failure?.code}`)
    return failure
  }

  want(wanted: WantedTopics): void {
    const isFirst = this.#wanted === undefined
    this.#wanted = wanted
    if (isFirst) this.#state.join()
    this.#beatNow()
  }

  rejoin(reason: string): void {
    this.#parts.cluster.logger.warn({ reason }, 'the broker shares out partitions by itself: nothing to be enforced')
  }

  topicsChanged(): void {
    // The broker sees to it.
  }

  commitRefused(code: string): void {
    // The newer epoch comes with the next heartbeat, and so does the end of a membership.
    if (code === 'STALE_MEMBER_EPOCH' || code === 'UNKNOWN_MEMBER_ID') this.#beatNow()
  }

  /**
   * Also where a listener threw. Java's member does not acknowledge then: it stands still, its new partitions unread, until
   * the broker puts it out when the rebalance timeout is over. Here `poll` has thrown, what was revoked is given up, and
   * what was added is read, as in a classic group; so the coordinator is told what is true.
   */
  done(task: MemberTask, _outcome: TaskOutcome): void {
    if (this.#task !== task) return
    this.#task = undefined
    if (task.kind === 'give-up') {
      this.#state.join()
      // Who was put out when it joined would be put out again, and again.
      this.#heartbeat.in(this.#failures === 0 ? 0 : this.#backoff.delayMs(this.#failures))
      return
    }
    this.#state.reconciled()
    this.#beatNow()
  }

  async leave({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    const wasMember = this.#state.isAlive
    this.#heartbeat.stop()
    this.#wanted = undefined
    this.#saidWanted = undefined
    this.#task = undefined
    this.#target = undefined
    this.#state.left()
    if (wasMember) await this.#sendLeave(timeoutMs)
  }

  get #instanceId(): string | null {
    return this.#parts.config.groupInstanceId ?? null
  }

  #beatNow(): void {
    if (!this.#isBeating && this.#state.isAlive) this.#heartbeat.in(0)
  }

  readonly #beat = (lateMs: number): void => {
    if (!this.#state.isAlive) return
    this.#pollWatch.late(lateMs)
    if (this.#state.phase !== 'joining' && this.#pollWatch.isOverdue()) {
      this.#lose(this.#pollWatch.giveUp(this.#memberId))
      void this.#sendLeave(this.#parts.config.requestTimeoutMs)
    } else if (!this.#isBeating) void this.#sendHeartbeat()
  }

  #lose(reason: string): void {
    this.#heartbeat.stop()
    this.#task = undefined
    this.#target = undefined
    this.#state.lose(reason)
    this.#parts.onChange()
  }

  async #sendHeartbeat(): Promise<void> {
    const { config, cluster, metrics, onChange } = this.#parts
    const state = this.#state
    const [wanted, isJoin] = [this.#wanted, state.phase === 'joining']
    const owned = isJoin || state.phase === 'acknowledging' || state.mustSayAll ? this.#ownedById(isJoin) : undefined
    this.#isBeating = true
    metrics.heartbeats++
    let delayMs = 0
    try {
      const answer = await cluster.call(consumerGroupHeartbeat, version => this.#request(version, owned), {
        to: { group: config.groupId },
        attempts: 1,
        timeoutMs: config.requestTimeoutMs,
        errorCode: ({ errorCode: code, errorMessage: message }) => ({ code, message }),
      })
      if (!state.isAlive || this.#wanted === undefined) return
      this.#failures = 0
      this.#saidWanted = wanted
      this.#intervalMs = answer.heartbeatIntervalMs
      if (isJoin) this.#pollWatch.begin()
      const target = answer.assignment ?? undefined
      // A member that joins is told of its partitions even when it gets none.
      state.answered(answer.memberEpoch, target !== undefined, owned !== undefined)
      if (target !== undefined) this.#target = target
      if (state.phase === 'reconciling' || this.#hasUnnamed) await this.#resolve()
      delayMs = state.isUrgent || this.#wanted !== this.#saidWanted ? 0 : this.#intervalMs
    } catch (error) {
      metrics.heartbeatsFailed++
      if (state.isAlive && this.#wanted !== undefined) delayMs = this.#refused(error)
    } finally {
      this.#isBeating = false
      if (state.isAlive && this.#wanted !== undefined) this.#heartbeat.in(delayMs)
      onChange()
    }
  }

  /** When to say the next word. */
  #refused(cause: unknown): number {
    const error = asKafkaError(cause)
    const { groupId } = this.#parts.config
    this.#parts.cluster.logger.warn({ err: error, groupId, memberEpoch: this.#state.epoch }, 'a heartbeat failed')
    const wasJoining = this.#state.phase === 'joining'
    const reaction = this.#state.refused(error)
    if (reaction === 'lost') {
      if (wasJoining) this.#failures++
      this.#lose(this.#state.lostReason)
    }
    if (reaction === 'told') this.#warning = error
    return reaction === 'again-later' || reaction === 'told' ? this.#backoff.delayMs(++this.#failures) : 0
  }

  #request(version: number, owned: readonly TopicIds[] | undefined): ConsumerGroupHeartbeatRequest {
    const { config } = this.#parts
    const { epoch: memberEpoch, mustSayAll } = this.#state
    const { topics = [], serverPattern = null } = this.#wanted ?? {}
    if (serverPattern !== null && version < HEARTBEAT_WITH_PATTERN) {
      throw new KafkaError('The broker is too old to match a serverPattern.', { code: 'UNSUPPORTED_VERSION' })
    }
    const isChanged = mustSayAll || this.#wanted !== this.#saidWanted
    const pattern = serverPattern ?? (this.#saidWanted?.serverPattern == null ? null : '')
    return {
      groupId: config.groupId,
      memberId: this.#memberId,
      memberEpoch,
      instanceId: this.#instanceId,
      ...(mustSayAll
        ? {
            rackId: config.clientRack === '' ? null : config.clientRack,
            rebalanceTimeoutMs: config.maxPollIntervalMs,
            serverAssignor: config.groupRemoteAssignor ?? null,
          }
        : { rebalanceTimeoutMs: -1 }),
      ...(isChanged ? { subscribedTopicNames: topics } : {}),
      ...(isChanged && version >= HEARTBEAT_WITH_PATTERN ? { subscribedTopicRegex: pattern } : {}),
      ...(owned === undefined ? {} : { topicPartitions: owned }),
    }
  }

  #ownedById(isJoin: boolean): readonly TopicIds[] {
    if (isJoin) return []
    const byId = new Map<Uuid, number[]>()
    for (const { topic, partition } of this.#parts.owned()) {
      const id = this.#ids.get(topic)
      if (id !== undefined) byId.set(id, [...(byId.get(id) ?? []), partition])
    }
    return [...byId].map(([topicId, partitions]) => ({ topicId, partitions }))
  }

  /** Topics come by id. Those that have no name yet are left for the next heartbeat. */
  async #resolve(): Promise<void> {
    const target = this.#target
    if (target === undefined) return
    const unknown = target.topicPartitions.map(({ topicId }) => topicId).filter(id => !this.#names.has(id))
    const isLate = this.#state.phase !== 'reconciling'
    if (unknown.length > 0) await this.#learnNames(unknown)
    if (isLate && unknown.every(id => !this.#names.has(id))) return
    if (this.#target !== target || !this.#state.isMember) return
    const places = target.topicPartitions.flatMap(({ topicId, partitions }) => {
      const topic = this.#names.get(topicId)
      return topic === undefined ? [] : partitions.map(partition => Object.freeze({ topic, partition }))
    })
    if (this.#task?.kind === 'take' && samePlaces(this.#task.target, places)) return
    this.#state.phase = 'reconciling'
    this.#task = { kind: 'take', target: places }
  }

  /** Metadata may be behind the coordinator. */
  get #hasUnnamed(): boolean {
    return this.#target?.topicPartitions.some(({ topicId }) => !this.#names.has(topicId)) ?? false
  }

  async #learnNames(ids: readonly Uuid[]): Promise<void> {
    const { cluster, config } = this.#parts
    try {
      const request = { topics: ids.map(topicId => ({ topicId, name: null })), allowAutoTopicCreation: false }
      const { topics } = await cluster.call(
        metadataApi,
        version => {
          if (version >= METADATA_BY_ID) return request
          throw new KafkaError('The broker cannot tell topics by their ids.', { code: 'UNSUPPORTED_VERSION' })
        },
        { attempts: 1, timeoutMs: config.requestTimeoutMs },
      )
      if (this.#names.size + ids.length > MOST_NAMES) this.#names.clear()
      for (const { name, topicId, errorCode } of topics) {
        if (errorCode !== 0 || name === null || name === '') continue
        this.#names.set(topicId, name)
        this.#ids.set(name, topicId)
      }
    } catch (error) {
      cluster.logger.warn({ err: error }, 'the names of assigned topics could not be had yet')
    }
  }

  async #sendLeave(timeoutMs: number): Promise<void> {
    const { config, cluster } = this.#parts
    const memberEpoch = this.#instanceId === null ? LEAVE : LEAVE_FOR_A_WHILE
    const { groupId } = config
    try {
      await cluster.call(
        consumerGroupHeartbeat,
        { groupId, memberId: this.#memberId, memberEpoch, instanceId: this.#instanceId, rebalanceTimeoutMs: -1 },
        { to: { group: groupId }, attempts: 1, timeoutMs, errorCode: ({ errorCode }) => errorCode },
      )
    } catch (error) {
      cluster.logger.warn({ err: error, groupId }, 'the member could not take leave; its session will run out')
    }
  }
}

interface TopicIds {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
}

function samePlaces(a: readonly TopicPartition[], b: readonly TopicPartition[]): boolean {
  const names = new Set(a.map(nameOf))
  return a.length === b.length && b.every(place => names.has(nameOf(place)))
}

function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KafkaError(message, { code: 'UNKNOWN_SERVER_ERROR', cause: error })
}
