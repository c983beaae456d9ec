/**
 * ConsumerGroup: the consumer as one of a group. Does, inside calls of the application, what its member has for it to do:
 * partitions are given up and taken, listeners called in their order, what is done with is committed before it goes. Owns
 * the member, the subscription, the commits and what is committed by itself.
 */
import { KafkaError, type RebalancePayload, TimeoutError, type WaitOptions } from '@samsa/runtime'
import { Deadline, observedOperations, settleWithin } from '@samsa/runtime/internal'
import type { AccessGuard } from './access-guard.js'
import { AutoCommit, offsetsDone } from './auto-commit.js'
import type { ConsumerCluster } from './cluster.js'
import { type CommitCallback, Commits } from './commits.js'
import { CommittedOffsets } from './committed-offsets.js'
import type { ConsumerConfig } from './consumer-options.js'
import type { GroupMetrics } from './group-metrics.js'
import type { GroupHealth } from './health.js'
import { ClassicMember } from './membership/classic-member.js'
import { type Member, type MemberParts, type MemberTask, NO_MEMBER } from './membership/member.js'
import { ModernMember } from './membership/modern-member.js'
import { TopicWatch } from './membership/topic-watch.js'
import { checkedOffsets, type OffsetToCommit } from './offset-commit-request.js'
import { callbackOf, listenerError, type RebalanceEvent, type RebalanceListener } from './rebalance-listener.js'
import type { RecordHolder } from './record-holder.js'
import type { Subscription } from './subscription.js'
import type { SubscriptionState } from './subscription-state.js'
import { nameOf, type TopicPartition } from './topic-partition.js'

/** Who the consumer is in its group; what a transactional producer commits its offsets with. */
export interface GroupMetadata {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface ConsumerGroupParts {
  readonly config: ConsumerConfig & { readonly groupId: string }
  readonly cluster: ConsumerCluster
  readonly guard: AccessGuard
  readonly metrics: GroupMetrics
  readonly subscription: SubscriptionState
  /** Who has records in hand at first. */
  readonly holder: RecordHolder
  /** These are the consumer's partitions from now on. */
  readonly assign: (places: readonly TopicPartition[]) => void
  readonly onCommitted?: (offsets: readonly OffsetToCommit[]) => void
  /** There may be something to do. */
  readonly onChange: () => void
}

type Going = Extract<MemberTask, { kind: 'give-up' }>

/** Partitions are about to go: what is under way with them comes to an end, and what is done with is committed. */
interface Ending {
  readonly task: MemberTask
  readonly going: readonly TopicPartition[]
  readonly work: Promise<void>
  readonly controller: AbortController
  isOver: boolean
}

export class ConsumerGroup {
  readonly commits: Commits
  readonly committed: CommittedOffsets
  /** Who has records in hand: loops, or who takes their place for a while. */
  holder: RecordHolder
  readonly #parts: ConsumerGroupParts
  readonly #autoCommit: AutoCommit
  readonly #watch: TopicWatch
  #member: Member | undefined
  #subscription: Subscription | undefined
  /** Topics by name, as the subscription has them at the moment. */
  #topics: readonly string[] = []
  #listener: RebalanceListener = {}
  #heard = false
  #isPolling = false
  #isBusy = false
  #isMoving = false
  /** Goes on from one poll to the next, where a poll has no time for all of it. */
  #ending: Ending | undefined
  /** Partitions of which a listener is being told: nobody tells it again. */
  #told: readonly TopicPartition[] = []
  #rebalance:
    | { readonly startedAt: number; readonly payload: RebalancePayload; readonly isObserved: boolean }
    | undefined

  constructor(parts: ConsumerGroupParts) {
    this.#parts = parts
    this.holder = parts.holder
    const { config, cluster, guard, metrics, onChange } = parts
    const { groupId } = config
    const member = (): Member | undefined => this.#member
    this.commits = new Commits({
      ...config,
      groupId,
      cluster,
      guard,
      metrics,
      member,
      onChange,
      onCommitted: parts.onCommitted,
    })
    this.committed = new CommittedOffsets({ config, groupId, cluster, member })
    this.#autoCommit = new AutoCommit({
      isEnabled: config.enableAutoCommit,
      clock: cluster.clock,
      intervalMs: config.autoCommitIntervalMs,
      onDue: onChange,
    })
    this.#watch = new TopicWatch({
      cluster,
      maxAgeMs: config.metadataMaxAgeMs,
      excludeInternal: config.excludeInternalTopics,
      onChange: () => {
        this.#member?.topicsChanged()
        onChange()
      },
    })
  }

  /** Partitions come or go: until that is done, no records are taken beside it. */
  get isBusy(): boolean {
    return this.#isBusy || (this.#ending !== undefined && this.#member?.task !== undefined)
  }

  /** Listeners are told, and the assignment changes. */
  get isMoving(): boolean {
    return this.#isMoving
  }

  /** Undefined where nothing is subscribed to. */
  get standing(): GroupHealth | undefined {
    const member = this.#member
    return member === undefined ? undefined : { state: member.standing, whyOut: member.whyOut }
  }

  get isSubscribed(): boolean {
    return this.#subscription !== undefined
  }

  /** A poll need not look in here. */
  get isQuiet(): boolean {
    return (
      !this.#autoCommit.isDue && !this.commits.hasCallbacks && this.#member?.task === undefined && !this.#hasFailure
    )
  }

  /** Topics by name; those of a pattern as they are known. */
  subscription(): string[] {
    return [...this.#topics]
  }

  metadata(): GroupMetadata {
    const { groupId, groupInstanceId = null } = this.#parts.config
    const { memberId, generationId } = this.#member?.identity ?? NO_MEMBER
    return { groupId, generationId, memberId, groupInstanceId }
  }

  subscribe(subscription: Subscription, listener: RebalanceListener): void {
    this.#subscription = subscription
    this.#listener = listener
    this.#member ??= this.#makeMember()
    this.#autoCommit.restart()
    this.#watch.matchNothing()
    if (subscription.kind === 'pattern') {
      this.#watch.matching(subscription.pattern, topics => this.#want(topics, null))
    } else if (subscription.kind === 'topics') this.#want(subscription.topics, null)
    else this.#want([], subscription.pattern)
  }

  /** Partitions that the application gave itself. */
  assigned(): void {
    this.#autoCommit.restart()
  }

  enforceRebalance(reason: string): void {
    this.#member?.rejoin(reason)
  }

  /** A record was handed out: the application lives. */
  hear(): void {
    this.#heard = true
  }

  /** A poll begins or ends. */
  set isPolling(isPolling: boolean) {
    this.#isPolling = isPolling
    this.#heard = true
  }

  /**
   * What stands to be done is done, and what there is to be told is thrown. Where the time is over before partitions can
   * go, the rest is for the next call.
   */
  async attend(wait: WaitOptions): Promise<void> {
    if (this.commits.hasCallbacks) await this.commits.callBack()
    this.#throwFailure()
    const deadline = new Deadline(this.#parts.cluster.clock, wait.timeoutMs ?? Number.POSITIVE_INFINITY)
    let task = this.#nextTask
    while (task !== undefined && (await this.#do(task, deadline, wait.signal))) task = this.#nextTask
    if (this.#autoCommit.isDue) this.#commitAlong()
    // A listener did not notice; its call ends here.
    wait.signal?.throwIfAborted()
  }

  async commitSync(
    offsets: Iterable<OffsetToCommit> | null | undefined,
    wait: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    await this.commits.sync(this.#offsetsOf(offsets), wait)
    await this.commits.callBack()
  }

  commitAsync(offsets: Iterable<OffsetToCommit> | null | undefined, callback: CommitCallback = this.#logFailure): void {
    this.commits.async(this.#offsetsOf(offsets), callback)
  }

  /** What the application is done with, of what is assigned. */
  done(): readonly OffsetToCommit[] {
    return offsetsDone(this.#parts.subscription.partitions, this.holder)
  }

  /** Commits without waiting, as far as there is something to commit. */
  #commitAlong(): void {
    this.#autoCommit.restart()
    const offsets = this.done()
    if (offsets.length === 0 || (this.#member !== undefined && this.#member.standing !== 'member')) return
    this.commits.async(offsets, (_, error) => {
      if (error === undefined) return
      this.#parts.cluster.logger.warn({ err: error, groupId: this.#parts.config.groupId }, 'an auto commit failed')
      if (error.retriable) this.#autoCommit.restart(this.#parts.config.retryBackoffMs)
    })
  }

  /** Before another assignment takes the place of one by hand. */
  commitBeforeChange(): void {
    if (this.#autoCommit.isEnabled) this.#commitAlong()
  }

  /** Gives everything up and leaves; what is done with is committed first. The first thing that failed is thrown at the end. */
  async leave(reason: string, options: { readonly timeoutMs: number; readonly isFinal: boolean }): Promise<void> {
    const { cluster } = this.#parts
    const member = this.#member
    let failure: unknown
    const note = (error: unknown): void => {
      failure ??= error
    }
    const going = this.#owned.filter(place => !this.#told.includes(place))
    const isLost = member !== undefined && member.standing !== 'member'
    this.#forgetEnding()
    const deadline = new Deadline(cluster.clock, options.timeoutMs)
    if (!isLost) await this.#end(going, { timeoutMs: options.timeoutMs }).catch(note)
    if (member !== undefined && going.length > 0) {
      if (isLost) await this.holder.lost?.(going).catch(note)
      await this.#tell(isLost ? 'lost' : 'revoked', going).catch(note)
    }
    // Those of the listener too.
    await this.commits.settled(deadline.remainingMs)
    while (this.commits.hasCallbacks) await this.commits.callBack().catch(note)
    this.#subscription = undefined
    this.#topics = []
    this.#member = undefined
    this.#autoCommit.stop()
    this.#watch.stop()
    this.#endRebalance('the consumer has left')
    this.#parts.assign([])
    await member?.leave({ reason, ...options })
    if (failure === undefined) return
    cluster.logger.warn({ err: failure }, 'something failed while leaving')
    if (!options.isFinal) throw failure
  }

  /** Where the application says nothing else, what it asks for counts as done, whoever has it in hand. */
  #offsetsOf(offsets: Iterable<OffsetToCommit> | null | undefined): readonly OffsetToCommit[] {
    const isPositions = offsets === null || offsets === undefined
    // What a run has taken and not handled is no position of the application's.
    const { holder } = this
    const asked = holder === this.#parts.holder ? undefined : holder
    return isPositions ? offsetsDone(this.#parts.subscription.partitions, asked) : checkedOffsets(offsets)
  }

  readonly #logFailure: CommitCallback = (_, error) => {
    const { cluster, config } = this.#parts
    if (error !== undefined) cluster.logger.warn({ err: error, groupId: config.groupId }, 'a commit failed')
  }

  get #hasFailure(): boolean {
    return this.#watch.hasFailure || this.#member?.hasFailure === true
  }

  #throwFailure(): void {
    const failure = this.#watch.takeFailure() ?? this.#member?.takeFailure()
    if (failure !== undefined) throw failure
  }

  #makeMember(): Member {
    const { config, cluster, metrics, onChange } = this.#parts
    const parts: MemberParts = {
      config,
      cluster,
      metrics,
      watch: this.#watch,
      heard: () => {
        const heard = this.#heard || (this.#isPolling && !this.#isBusy)
        this.#heard = false
        return heard
      },
      owned: () => this.#owned,
      onChange,
    }
    return config.groupProtocol === 'consumer' ? new ModernMember(parts) : new ClassicMember(parts)
  }

  #want(topics: readonly string[], serverPattern: string | null): void {
    this.#topics = Object.freeze([...topics].sort())
    this.#member?.want({ topics: this.#topics, serverPattern })
  }

  get #owned(): readonly TopicPartition[] {
    return inOrder(this.#parts.subscription.partitions.map(({ place }) => place))
  }

  /**
   * What has begun is brought to an end before anything newer: whoever had records of partitions in hand has let them go,
   * and would not read on. A loss of the membership goes before everything.
   */
  get #nextTask(): MemberTask | undefined {
    const task = this.#member?.task
    return task === undefined || isLoss(task) ? task : (this.#ending?.task ?? task)
  }

  /** False: the time was not enough. */
  async #do(task: MemberTask, deadline: Deadline, signal: AbortSignal | undefined): Promise<boolean> {
    this.#isBusy = true
    this.#beginRebalance(task.kind === 'give-up' ? task.reason : 'the coordinator assigns')
    try {
      const going = await this.#gone(task, deadline, signal)
      if (going === undefined) return false
      const now = this.#member?.task
      if (now === undefined || (now !== task && isLoss(now))) return true
      this.#isMoving = true
      if (task.kind === 'give-up') await this.#giveUp(task, going)
      else await this.#take(task, going)
      return true
    } finally {
      this.#isBusy = false
      this.#isMoving = false
    }
  }

  #goingWith(task: MemberTask): readonly TopicPartition[] {
    const owned = this.#owned
    if (task.kind === 'take') {
      const names = new Set(task.target.map(nameOf))
      return owned.filter(place => !names.has(nameOf(place)))
    }
    const topics = new Set(this.#topics)
    return task.extent === 'all' ? owned : owned.filter(({ topic }) => !topics.has(topic))
  }

  async #giveUp(task: Going, going: readonly TopicPartition[]): Promise<void> {
    const { isLost, extent } = task
    // A listener may leave the group: nothing is left to be done then.
    const member = this.#member
    const staying = this.#owned.filter(place => !going.includes(place))
    let error: unknown
    if (isLost) {
      if (going.length > 0) error = await this.#lose(going)
    } else {
      // An eager member is told even when it has nothing.
      if (extent === 'all' || going.length > 0) error = await this.#attempt(() => this.#tell('revoked', going))
      this.#note('revoked', going)
    }
    if (this.#member === member) {
      this.#parts.assign(staying)
      member?.done(task, { revoked: going, error })
    }
    if (error !== undefined) throw listenerError(error)
  }

  async #take(task: Extract<MemberTask, { kind: 'take' }>, revoked: readonly TopicPartition[]): Promise<void> {
    const member = this.#member
    const target = inOrder(task.target)
    const had = new Set(this.#owned.map(nameOf))
    const added = target.filter(place => !had.has(nameOf(place)))
    let error: unknown
    if (revoked.length > 0) {
      error = await this.#attempt(() => this.#tell('revoked', revoked))
      this.#note('revoked', revoked)
    }
    if (this.#member === member) {
      this.#parts.assign(target)
      const failed = await this.#attempt(() => this.#tell('assigned', added))
      // The first one is told of.
      error ??= failed
      this.#note('assigned', added)
    }
    if (this.#member === member) {
      member?.done(task, { revoked, error })
      this.#autoCommit.restart()
      this.#endRebalance(undefined)
    }
    if (error !== undefined) throw listenerError(error)
  }

  /**
   * The partitions that go, when everything has come to an end with them. Undefined when the time of this call is over
   * first: it goes on beside the application, which gets no records meanwhile, and the next call waits for the rest.
   */
  async #gone(
    task: MemberTask,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<readonly TopicPartition[] | undefined> {
    const going = this.#goingWith(task)
    const isNothingToEnd = going.length === 0 && this.#ending === undefined
    const commits = task.kind === 'give-up' && this.#autoCommit.isEnabled
    if (isLoss(task) || (isNothingToEnd && !commits)) {
      this.#forgetEnding()
      return going
    }
    const ending = this.#endingOf(task, going)
    if (!ending.isOver) {
      const { clock } = this.#parts.cluster
      await settleWithin(clock, ending.work, { signal, timeoutMs: deadline.remainingMs }).catch(error => {
        if (!ending.isOver && !(error instanceof TimeoutError)) throw error
      })
    }
    if (!ending.isOver) return undefined
    this.#forgetEnding()
    return ending.going
  }

  #endingOf(task: MemberTask, wanted: readonly TopicPartition[]): Ending {
    const known = this.#ending?.task === task ? this.#ending : undefined
    const begun = new Set(known?.going.map(nameOf))
    const more = wanted.filter(place => !begun.has(nameOf(place)))
    if (known !== undefined && more.length === 0) return known
    this.#forgetEnding()
    const going = inOrder([...(known?.going ?? []), ...more])
    const controller = new AbortController()
    const work = this.#end(going, { signal: controller.signal }).finally(() => {
      ending.isOver = true
    })
    const ending: Ending = { task, going, work, controller, isOver: false }
    work.catch((error: unknown) => {
      this.#parts.cluster.logger.error({ err: error }, 'what was under way with partitions that go has failed')
    })
    this.#ending = ending
    return ending
  }

  #forgetEnding(): void {
    this.#ending?.controller.abort(new KafkaError('The partitions have gone.', { code: 'REBALANCE_ENDED' }))
    this.#ending = undefined
  }

  /** Whoever has records in hand comes to an end with them, and what is done with is committed. */
  async #end(going: readonly TopicPartition[], { signal, timeoutMs }: WaitOptions): Promise<void> {
    const { config, cluster } = this.#parts
    if (going.length > 0) await this.holder.revoking?.(going)
    if (!this.#autoCommit.isEnabled) return
    const limitMs = Math.min(config.maxPollIntervalMs, config.requestTimeoutMs, timeoutMs ?? Number.POSITIVE_INFINITY)
    try {
      signal?.throwIfAborted()
      await this.commits.sync(this.done(), { timeoutMs: limitMs, signal })
    } catch (error) {
      if (signal?.aborted === true) return
      cluster.logger.warn(
        { err: error, groupId: config.groupId },
        'offsets could not be committed before partitions go',
      )
    }
  }

  async #lose(going: readonly TopicPartition[]): Promise<unknown> {
    this.#note('lost', going)
    const error = await this.#attempt(async () => this.holder.lost?.(going))
    const failed = await this.#attempt(() => this.#tell('lost', going))
    return error ?? failed
  }

  async #attempt(work: () => Promise<void>): Promise<unknown> {
    try {
      await work()
      return undefined
    } catch (error) {
      this.#parts.cluster.logger.error({ err: error }, 'a rebalance listener failed')
      return error
    }
  }

  async #tell(event: RebalanceEvent, partitions: readonly TopicPartition[]): Promise<void> {
    const callback = callbackOf(this.#listener, event)
    if (callback === undefined) return
    const before = this.#told
    if (event !== 'assigned') this.#told = [...before, ...partitions]
    try {
      await this.#parts.guard.lend(() => callback(partitions))
    } finally {
      this.#told = before
    }
  }

  #beginRebalance(reason: string): void {
    if (this.#rebalance !== undefined) return
    const { cluster, config } = this.#parts
    const protocol = this.#member?.protocol ?? 'classic'
    const payload: RebalancePayload = { clientId: cluster.clientId, groupId: config.groupId, protocol, reason }
    const isObserved = observedOperations.rebalance.observed
    this.#rebalance = { startedAt: cluster.clock.monotonic(), payload, isObserved }
    if (isObserved) observedOperations.rebalance.begin(payload, () => {})
    cluster.logger.info({ groupId: config.groupId, reason }, 'a rebalance begins')
  }

  #note(what: 'assigned' | 'revoked' | 'lost', partitions: readonly TopicPartition[]): void {
    const payload = this.#rebalance?.payload
    if (payload !== undefined) payload[what] = [...(payload[what] ?? []), ...partitions]
  }

  /** It ends with an assignment, or for the reason given. */
  #endRebalance(failure: string | undefined): void {
    const rebalance = this.#rebalance
    if (rebalance === undefined) return
    this.#rebalance = undefined
    const { metrics, cluster } = this.#parts
    const { payload, isObserved, startedAt } = rebalance
    if (failure === undefined) {
      metrics.rebalances++
      metrics.lastRebalanceMs = cluster.clock.monotonic() - startedAt
    }
    if (!isObserved) return
    const { memberId, generationId: generation } = this.#member?.identity ?? NO_MEMBER
    Object.assign(payload, { memberId, generation })
    if (failure === undefined) observedOperations.rebalance.finish(payload)
    else observedOperations.rebalance.fail(payload, new KafkaError(failure, { code: 'REBALANCE_ENDED' }))
  }
}

function isLoss(task: MemberTask): boolean {
  return task.kind === 'give-up' && task.isLost
}

/** Kafka's order: by topic, then by number. */
function inOrder(places: readonly TopicPartition[]): readonly TopicPartition[] {
  return [...places].sort((a, b) => {
    if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
    return a.partition - b.partition
  })
}
