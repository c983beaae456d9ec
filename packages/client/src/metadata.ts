/**
 * ClusterMetadata: which brokers there are, which topics, and who leads their partitions. Owns that knowledge and the
 * one refresh that may be under way. Whoever finds it wrong says so with `refresh`; whoever needs a topic that is not
 * known waits with `topicOf`. All that can overlap: changes happen between two awaits, in one place.
 *
 * A refresh asks for every topic in use, or only for new ones when nothing else is due. Attempts that fail, or that
 * bring nothing new, are farther and farther apart. When nobody can be asked for long, or at all, it starts again from
 * the bootstrap servers (KIP-899, KIP-1102).
 */
import {
  type Decoded,
  errorByCode,
  errorOf,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataResponseTopic,
} from '@samsa/protocol'
import { AuthenticationError, type Clock, KafkaError, type Logger, NetworkError, TimeoutError } from '@samsa/runtime'
import { type Backoff, settleWithin, type Timer, type WaitOptions } from '@samsa/runtime/internal'
import { closedError } from './link-pool.js'
import { mergeTopic, type TopicInfo, withLeader } from './topic-info.js'

export interface NodeInfo {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | undefined
}

export interface LeaderHint {
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined
}

export interface MetadataSettings {
  readonly clock: Clock
  readonly logger: Logger
  readonly retryBackoff: Backoff
  readonly retryBackoffMaxMs: number
  readonly maxAgeMs: number
  readonly maxIdleMs: number
  readonly defaultTimeoutMs: number
  readonly rebootstrapAfterMs: number
  readonly mayRebootstrap: boolean
  readonly allowAutoTopicCreation: boolean
  /** Most topics that may be in use at once. Default: 100,000. */
  readonly maxTopics?: number | undefined
  /** One request to some broker; rejects with NO_BROKER_AVAILABLE when there is none to ask just now. */
  readonly ask: (request: (version: number) => MetadataRequest) => Promise<Decoded<MetadataResponse>>
  readonly onChange: () => void
  /** Everything that was known of brokers has been forgotten. */
  readonly onRebootstrap: () => void
}

const NO_BROKER_AVAILABLE = 'NO_BROKER_AVAILABLE'
const REBOOTSTRAP_REQUIRED = 129

/** A topic that somebody waits for. */
interface Wanted {
  waiting: number
  readonly promise: Promise<TopicInfo>
  readonly resolve: (topic: TopicInfo) => void
  readonly reject: (error: unknown) => void
  /** It has been asked for at least once, so that asking again has to wait. */
  isAsked: boolean
}

export class ClusterMetadata {
  readonly #settings: MetadataSettings
  #nodes: ReadonlyMap<number, NodeInfo> = new Map()
  #nodeList: readonly NodeInfo[] = []
  #controllerId = -1
  #clusterId: string | undefined
  #updates = 0
  /** Topics in use, which every refresh asks for. Without info, the last answer had an error in its place. */
  readonly #topics = new Map<string, { info: TopicInfo | undefined; usedAt: number }>()
  readonly #errors = new Map<string, KafkaError>()
  readonly #wanted = new Map<string, Wanted>()
  /** Who waits for the end of an attempt. */
  readonly #answerWaiters = new Set<() => void>()
  /** What is known may be wrong: everything in use is to be asked for. */
  #isStale = false
  #isRunning = false
  #isClosed = false
  /** Attempts in a row that failed or brought nothing new. */
  #vainAttempts = 0
  #nextAttemptAt = -Infinity
  #failingSince: number | undefined
  #lastFailure: KafkaError | undefined
  #endPause: (() => void) | undefined
  #ageTimer: Timer | undefined

  constructor(settings: MetadataSettings) {
    this.#settings = settings
  }

  /** The brokers that were up when last heard; none before the first answer. */
  get nodes(): readonly NodeInfo[] {
    return this.#nodeList
  }

  /** -1 while none is known. Under KRaft some broker, which forwards to the controller. */
  get controllerId(): number {
    return this.#controllerId
  }

  get clusterId(): string | undefined {
    return this.#clusterId
  }

  /** Grows with each change. */
  get updates(): number {
    return this.#updates
  }

  get nodesById(): ReadonlyMap<number, NodeInfo> {
    return this.#nodes
  }

  /** What is known of a topic, which counts as a use of it: it stays known while it is used. */
  topic(name: string): TopicInfo | undefined {
    const known = this.#topics.get(name)
    if (known !== undefined) known.usedAt = this.#settings.clock.monotonic()
    return known?.info
  }

  /** Why nothing is known of a topic; undefined when something is, or nobody has asked. */
  topicError(name: string): KafkaError | undefined {
    return this.#errors.get(name)
  }

  /**
   * The topic, at once when it is known. Otherwise waits until a broker knows it, and rejects when that cannot be: the
   * name is none a topic can have, or the caller may not see it.
   */
  async topicOf(name: string, options: WaitOptions = {}): Promise<TopicInfo> {
    if (this.#isClosed) throw closedError()
    const known = this.topic(name)
    if (known !== undefined) return known
    const wanted = this.#wanted.get(name) ?? this.#want(name)
    wanted.waiting++
    try {
      return await settleWithin(this.#settings.clock, wanted.promise, {
        signal: options.signal,
        timeoutMs: options.timeoutMs ?? this.#settings.defaultTimeoutMs,
        timeoutError: timeoutMs => this.#topicTimeout(name, timeoutMs),
      })
    } finally {
      wanted.waiting--
      if (wanted.waiting === 0 && this.#wanted.get(name) === wanted) this.#wanted.delete(name)
    }
  }

  /** Something hints that what is known is wrong: asks again, soon. */
  refresh(reason: string): void {
    if (this.#isClosed) return
    if (!this.#isStale) this.#settings.logger.debug({ reason }, 'metadata is to be refreshed')
    this.#isStale = true
    this.#run()
  }

  /** Resolves when brokers are known. */
  async known(options: WaitOptions = {}): Promise<void> {
    const { clock, retryBackoff, defaultTimeoutMs } = this.#settings
    const startedAt = clock.monotonic()
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    for (let attempt = 1; this.#nodes.size === 0; attempt++) {
      if (this.#isClosed) throw closedError()
      if (this.#lastFailure instanceof AuthenticationError && attempt > 1) throw this.#lastFailure
      this.refresh('no broker is known')
      const leftMs = timeoutMs - (clock.monotonic() - startedAt)
      if (leftMs <= 0) throw this.#unreachable(timeoutMs)
      await this.#nextAnswer(Math.min(leftMs, Math.max(1, retryBackoff.delayMs(attempt))), options.signal)
    }
  }

  /** What a broker that is not the leader said of who is (KIP-951). Left out unless it is newer than what is known. */
  applyLeader(topic: string, partition: number, leader: LeaderHint): void {
    const known = this.#topics.get(topic)
    const next = known?.info === undefined ? undefined : withLeader(known.info, partition, leader)
    if (known === undefined || next === undefined) return
    if (leader.endpoint !== undefined) this.learnNode({ id: leader.leaderId, ...leader.endpoint })
    if (this.#nodes.has(leader.leaderId)) {
      known.info = next
      this.#changed()
    } else this.refresh('a leader is unknown')
  }

  /** A broker that an answer other than metadata named, such as a coordinator. */
  learnNode({ id, host, port }: { readonly id: number; readonly host: string; readonly port: number }): void {
    const known = this.#nodes.get(id)
    if (id < 0 || (known?.host === host && known.port === port)) return
    const nodes = new Map(this.#nodes).set(id, Object.freeze({ id, host, port, rack: known?.rack }))
    this.#takeNodes(nodes)
    this.#changed()
  }

  /** Ends every wait. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#ageTimer?.cancel()
    this.#failWaiting(closedError())
    this.#endPause?.()
    this.#tellAnswer()
  }

  #want(name: string): Wanted {
    const { maxTopics = 100_000 } = this.#settings
    if (this.#wanted.size + this.#topics.size >= maxTopics) {
      throw new KafkaError(`${maxTopics} topics are in use already`, { code: 'TOO_MANY_TOPICS', topic: name })
    }
    const { promise, resolve, reject } = withResolvers<TopicInfo>()
    const wanted: Wanted = { waiting: 0, promise, resolve, reject, isAsked: false }
    this.#wanted.set(name, wanted)
    this.#endPause?.()
    this.#run()
    return wanted
  }

  #run(): void {
    if (this.#isRunning || this.#isClosed) return
    this.#isRunning = true
    void this.#loop().finally(() => {
      this.#isRunning = false
      // Whatever came up while the loop was ending has seen it running.
      if (this.#isDue) this.#run()
    })
  }

  get #isDue(): boolean {
    return !this.#isClosed && (this.#isStale || this.#wanted.size > 0)
  }

  async #loop(): Promise<void> {
    // Who called goes on first, and may ask for more in the same turn.
    await Promise.resolve()
    while (this.#isDue) {
      await this.#pause()
      if (!this.#isDue) return
      const isFull = this.#isStale
      this.#isStale = false
      await this.#attempt(isFull ? this.#topicsInUse() : this.#topicsToAskFirst())
    }
  }

  /** Until the next attempt may be made; a topic that was never asked for does not wait. */
  async #pause(): Promise<void> {
    const { clock, retryBackoffMaxMs } = this.#settings
    if (clock.monotonic() > this.#nextAttemptAt + retryBackoffMaxMs) this.#vainAttempts = 0
    for (;;) {
      const delayMs = this.#nextAttemptAt - clock.monotonic()
      if (delayMs <= 0 || !this.#isDue || [...this.#wanted.values()].some(({ isAsked }) => !isAsked)) return
      await new Promise<void>(resolve => {
        const end = (): void => {
          timer.cancel()
          this.#endPause = undefined
          resolve()
        }
        const timer = clock.timer(delayMs, end, { name: 'metadata backoff', unref: true })
        this.#endPause = end
      })
    }
  }

  #topicsInUse(): readonly string[] {
    const usedSince = this.#settings.clock.monotonic() - this.#settings.maxIdleMs
    for (const [name, { usedAt }] of this.#topics) if (usedAt < usedSince) this.#topics.delete(name)
    const names = new Set([...this.#topics.keys(), ...this.#wanted.keys()])
    for (const name of this.#errors.keys()) if (!names.has(name)) this.#errors.delete(name)
    return [...names]
  }

  #topicsToAskFirst(): readonly string[] {
    const fresh = [...this.#wanted].filter(([, { isAsked }]) => !isAsked).map(([name]) => name)
    return fresh.length > 0 ? fresh : [...this.#wanted.keys()]
  }

  async #attempt(topics: readonly string[]): Promise<void> {
    for (const name of topics) {
      const wanted = this.#wanted.get(name)
      if (wanted !== undefined) wanted.isAsked = true
    }
    try {
      const answer = await this.#settings.ask(version =>
        requestOf(topics, version, this.#settings.allowAutoTopicCreation),
      )
      if (!this.#isClosed) this.#take(answer)
    } catch (error) {
      if (!this.#isClosed) this.#failed(error)
    }
    this.#nextAttemptAt = this.#settings.clock.monotonic()
    if (this.#vainAttempts > 0) this.#nextAttemptAt += this.#settings.retryBackoff.delayMs(this.#vainAttempts)
    this.#tellAnswer()
  }

  #take(answer: Decoded<MetadataResponse>): void {
    if (answer.errorCode === REBOOTSTRAP_REQUIRED) {
      this.#isStale = true
      this.#vainAttempts++
      this.#rebootstrap('the broker demands it')
      return
    }
    if (answer.errorCode !== 0) throw errorOf(answer.errorCode)
    if (answer.brokers.length === 0) throw new NetworkError('a broker answered that there are no brokers')
    const before = this.#updates
    this.#failingSince = undefined
    this.#lastFailure = undefined
    const isChanged = this.#takeCluster(answer)
    const areChanged = answer.topics.map(topic => this.#takeTopic(topic)).includes(true)
    if (isChanged || areChanged) this.#changed()
    const isVain = this.#updates === before || [...this.#wanted.values()].some(({ isAsked }) => isAsked)
    this.#vainAttempts = isVain ? this.#vainAttempts + 1 : 0
    this.#watchAge()
  }

  #takeCluster({ brokers, controllerId, clusterId }: Decoded<MetadataResponse>): boolean {
    const nodes = new Map<number, NodeInfo>()
    for (const { nodeId, host, port, rack } of brokers) {
      nodes.set(nodeId, Object.freeze({ id: nodeId, host, port, rack: rack ?? undefined }))
    }
    const isSame = nodes.size === this.#nodes.size && [...nodes.values()].every(node => sameNode(node, this.#nodes))
    this.#controllerId = controllerId
    this.#clusterId = clusterId ?? this.#clusterId
    if (!isSame) this.#takeNodes(nodes)
    return !isSame
  }

  #takeNodes(nodes: ReadonlyMap<number, NodeInfo>): void {
    this.#nodes = nodes
    this.#nodeList = Object.freeze([...nodes.values()])
  }

  /** Whether something is known now that was not. */
  #takeTopic(answer: Decoded<MetadataResponseTopic>): boolean {
    const { name, errorCode } = answer
    if (name === null) return false
    const known = this.#topics.get(name)
    const wanted = this.#wanted.get(name)
    if (known === undefined && wanted === undefined) return false
    // Without a leader for some partitions a topic is known all the same: others can be written to.
    const isUsable =
      errorCode === 0 || (errorByCode(errorCode).name === 'LEADER_NOT_AVAILABLE' && answer.partitions.length > 0)
    if (!isUsable) return this.#takeTopicError(name, errorCode)
    this.#errors.delete(name)
    const info = mergeTopic(known?.info, answer)
    const isNew = info !== known?.info
    if (info.partitions.some(({ leader }) => leader < 0)) this.#isStale = true
    if (known === undefined) this.#topics.set(name, { info, usedAt: this.#settings.clock.monotonic() })
    else known.info = info
    this.#wanted.delete(name)
    wanted?.resolve(info)
    return isNew
  }

  #takeTopicError(name: string, errorCode: number): boolean {
    const error = errorOf(errorCode, { topic: name, api: 'Metadata' })
    const wanted = this.#wanted.get(name)
    const known = this.#topics.get(name)
    this.#errors.set(name, error)
    if (!error.retriable) {
      this.#wanted.delete(name)
      wanted?.reject(error)
    } else if (known !== undefined) this.#isStale = true
    if (known?.info === undefined) return false
    known.info = undefined
    return true
  }

  #failed(cause: unknown): void {
    const { clock, logger, mayRebootstrap, rebootstrapAfterMs } = this.#settings
    const error = cause instanceof KafkaError ? cause : new NetworkError('metadata could not be had', { cause })
    logger.warn({ err: error }, 'a refresh of metadata failed')
    this.#lastFailure = error
    this.#vainAttempts++
    if (error.fatal || !error.retriable) {
      // Asking again would fail again; the next caller tries anew.
      this.#failWaiting(error)
      return
    }
    this.#isStale = true
    this.#failingSince ??= clock.monotonic()
    if (!mayRebootstrap || this.#nodes.size === 0) return
    const isLong = clock.monotonic() - this.#failingSince >= rebootstrapAfterMs
    if (isLong) this.#rebootstrap('no metadata for too long')
    else if (error.code === NO_BROKER_AVAILABLE) this.#rebootstrap('no known broker can be reached')
  }

  #rebootstrap(reason: string): void {
    this.#settings.logger.info({ reason }, 'starting again from the bootstrap servers')
    this.#takeNodes(new Map())
    this.#controllerId = -1
    this.#failingSince = undefined
    this.#settings.onRebootstrap()
    this.#changed()
  }

  #failWaiting(error: KafkaError): void {
    const all = [...this.#wanted.values()]
    this.#wanted.clear()
    for (const wanted of all) if (wanted.waiting > 0) wanted.reject(error)
  }

  #watchAge(): void {
    const { clock, maxAgeMs } = this.#settings
    this.#ageTimer?.cancel()
    this.#ageTimer = clock.timer(maxAgeMs, () => this.refresh('its age'), { name: 'metadata age', unref: true })
  }

  #changed(): void {
    this.#updates++
    this.#settings.onChange()
  }

  #tellAnswer(): void {
    for (const tell of this.#answerWaiters) tell()
    this.#answerWaiters.clear()
  }

  /** Until an attempt has ended, or the time is over. */
  async #nextAnswer(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    let tell = (): void => {}
    const told = new Promise<void>(resolve => {
      tell = resolve
    })
    this.#answerWaiters.add(tell)
    const elapsed = this.#settings.clock
    await settleWithin(elapsed, told, { timeoutMs, signal, timeoutError: () => new TimeoutError('still waiting') })
      .catch((error: unknown) => {
        if (!(error instanceof TimeoutError)) throw error
      })
      .finally(() => this.#answerWaiters.delete(tell))
  }

  #topicTimeout(topic: string, timeoutMs: number): KafkaError {
    const cause = this.#errors.get(topic) ?? this.#lastFailure
    const why = cause === undefined ? 'no broker has answered' : cause.message
    return new TimeoutError(`nothing is known of topic ${topic} after ${timeoutMs} ms: ${why}`, { topic, cause })
  }

  #unreachable(timeoutMs: number): KafkaError {
    const why = this.#lastFailure === undefined ? 'no answer came' : this.#lastFailure.message
    return new TimeoutError(`no broker could be asked within ${timeoutMs} ms: ${why}`, { cause: this.#lastFailure })
  }
}

export function noBrokerError(cause: KafkaError | undefined): KafkaError {
  const why = cause === undefined ? '' : `: ${cause.message}`
  return new KafkaError(`no broker can be asked just now${why}`, { code: NO_BROKER_AVAILABLE, retriable: true, cause })
}

function requestOf(topics: readonly string[], version: number, allowAutoTopicCreation: boolean): MetadataRequest {
  const request = { topics: topics.map(name => ({ name })) }
  return version >= 4 ? { ...request, allowAutoTopicCreation } : request
}

function sameNode(node: NodeInfo, known: ReadonlyMap<number, NodeInfo>): boolean {
  const before = known.get(node.id)
  return before !== undefined && before.host === node.host && before.port === node.port && before.rack === node.rack
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((resolved, rejected) => {
    resolve = resolved
    reject = rejected
  })
  return { promise, resolve, reject }
}
