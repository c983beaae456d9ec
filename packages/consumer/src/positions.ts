/**
 * Positions: finds where to read where that is not known, and asks new leaders whether they have what was read. Owns the
 * lookups under way, at most one for each partition. Called whenever something may have changed; does not wait.
 *
 * What a lookup brings counts only if nothing has moved the partition meanwhile: a seek is always the last word.
 */
import { nextStep } from '@samsa/client/internal'
import {
  type Decoded,
  errorOf,
  type OffsetForLeaderEpochResponsePartition,
  offsetForLeaderEpoch,
} from '@samsa/protocol'
import { KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import type { ConsumerCluster } from './cluster.js'
import { type CommittedOffsets, mayPass } from './committed-offsets.js'
import type { ConsumerConfig } from './consumer-options.js'
import type { FetchBuffer } from './fetch-buffer.js'
import type { Leader, Leaders } from './leaders.js'
import { EARLIEST, type FoundOffset, LATEST, type LookupOutcome, type OffsetLookups } from './offset-lookups.js'
import type { PartitionState, ResetPolicy, ResetTarget, SubscriptionState } from './subscription-state.js'
import { nameOf } from './topic-partition.js'

export interface PositionsParts {
  readonly config: ConsumerConfig
  readonly cluster: ConsumerCluster
  readonly subscription: SubscriptionState
  readonly buffer: FetchBuffer
  readonly leaders: Leaders
  readonly lookups: OffsetLookups
  /** What the group has committed comes first; undefined where there is no group. */
  readonly committed: CommittedOffsets | undefined
  readonly onChange: () => void
}

interface Asked {
  readonly state: PartitionState
  readonly generation: number
  readonly leader: Leader
}

/** From here on a consumer may ask without the right to read the whole cluster. */
const VALIDATION_FOR_CONSUMERS = 3

export class Positions {
  readonly #parts: PositionsParts
  readonly #policy: ResetPolicy
  readonly #backoff: Backoff
  /** For which nothing is committed. */
  readonly #uncommitted = new WeakSet<PartitionState>()

  constructor(parts: PositionsParts) {
    this.#parts = parts
    const { autoOffsetReset, retryBackoffMs, retryBackoffMaxMs } = parts.config
    this.#policy = autoOffsetReset
    this.#backoff = new Backoff({
      initialMs: retryBackoffMs,
      maxMs: retryBackoffMaxMs,
      random: parts.cluster.random,
    })
  }

  /** Throws where there is no position, and the policy is to have none looked up. */
  demand(): void {
    for (const state of this.#parts.subscription.partitions) if (!this.#begin(state)) throw noOffset(state)
  }

  /** Begins what is to be looked up where there is no position: what is committed first, then by the policy. */
  #begin(state: PartitionState): boolean {
    if (state.hasPosition || state.reset !== undefined || state.wantsCommitted) return true
    if (this.#parts.committed !== undefined && !this.#uncommitted.has(state)) state.wantsCommitted = true
    else if (this.#policy === 'none') return false
    else state.requestReset(this.#policy)
    return true
  }

  /** Sends what lookups are due. Gives when the next one is. */
  run(now: number): number {
    let nextAt = Number.POSITIVE_INFINITY
    const resets: Asked[] = []
    const validations = new Map<number, Asked[]>()
    const committed: PartitionState[] = []
    for (const state of this.#parts.subscription.partitions) {
      this.#begin(state)
      if (state.wantsCommitted) {
        if (state.retryAt > now) nextAt = Math.min(nextAt, state.retryAt)
        else if (!state.isLookedUp && !this.#parts.buffer.hasFailure(state)) committed.push(state)
        continue
      }
      const leader = this.#parts.leaders.of(state)
      if (leader === undefined) continue
      state.observeLeader(leader.epoch)
      if (!state.needsLookup || state.isLookedUp || this.#parts.buffer.hasFailure(state)) continue
      if (state.retryAt > now) {
        nextAt = Math.min(nextAt, state.retryAt)
        continue
      }
      const asked = { state, generation: state.generation, leader }
      state.isLookedUp = true
      if (state.reset !== undefined) resets.push(asked)
      else validations.set(leader.nodeId, [...(validations.get(leader.nodeId) ?? []), asked])
    }
    if (committed.length > 0) void this.#askCommitted(committed)
    if (resets.length > 0) void this.#reset(resets)
    for (const [nodeId, asked] of validations) void this.#validate(nodeId, asked)
    return nextAt
  }

  /** A broker says that the position is not in the log, and the policy says where to go on. */
  outOfRange(state: PartitionState): void {
    if (this.#policy === 'none') return
    this.#parts.cluster.logger.warn({ ...state.place, position: state.position }, 'the position is out of range')
    state.requestReset(this.#policy)
  }

  get mayReset(): boolean {
    return this.#policy !== 'none'
  }

  /** For the application: what the partition holds is asked for first. */
  async outOfRangeError(state: PartitionState): Promise<KafkaError> {
    const { topic, partition, position } = state
    const detail = { topic, partition }
    const advice = 'Seek to an offset that it holds, or choose an autoOffsetReset.'
    try {
      const [earliest, latest] = await Promise.all(
        [EARLIEST, LATEST].map(timestamp => this.#parts.lookups.all([{ ...state.place, timestamp }], {})),
      )
      const begin = earliest?.get(nameOf(state))?.offset
      const end = latest?.get(nameOf(state))?.offset
      const message = `${nameOf(state)} has no offset ${position}: it holds ${begin} up to ${end}. ${advice}`
      return new OffsetOutOfRangeError(message, detail)
    } catch (cause) {
      return new OffsetOutOfRangeError(`${nameOf(state)} has no offset ${position}. ${advice}`, { ...detail, cause })
    }
  }

  async #reset(all: readonly Asked[]): Promise<void> {
    const { lookups, cluster } = this.#parts
    const questions = new Map(all.map(asked => [asked, { ...asked.state.place, timestamp: this.#timestampOf(asked) }]))
    const outcomes = await lookups.once([...questions.values()], topic => cluster.metadata.topic(topic))
    for (const [asked, question] of questions) {
      const outcome = outcomes.get(question)
      if (outcome !== undefined) this.#found(asked, outcome)
    }
    this.#parts.onChange()
  }

  #found({ state, generation, leader }: Asked, outcome: LookupOutcome): void {
    if (!state.isCurrent(generation)) return
    state.isLookedUp = false
    if ('error' in outcome) this.#failed(state, outcome.error)
    else if (outcome.offset < 0) {
      // No record is that new: the next one will be.
      state.reset = 'latest'
    } else this.#resetTo(state, outcome, leader)
  }

  #resetTo(state: PartitionState, { offset, leaderEpoch }: FoundOffset, leader: Leader): void {
    this.#parts.cluster.logger.info({ ...state.place, offset, reset: state.reset }, 'a position was looked up')
    state.seek(offset, leaderEpoch, leader.epoch)
  }

  async #askCommitted(states: readonly PartitionState[]): Promise<void> {
    const asked = states.map(state => ({ state, generation: state.generation }))
    for (const { state } of asked) state.isLookedUp = true
    try {
      const found = await this.#parts.committed?.once(
        states.map(({ place }) => place),
        {},
      )
      for (const { state, generation } of asked) {
        if (!state.isCurrent(generation)) continue
        state.isLookedUp = false
        state.wantsCommitted = false
        state.succeeded()
        const { offset, leaderEpoch } = found?.get(nameOf(state)) ?? {}
        if (offset === undefined) this.#uncommitted.add(state)
        else state.seek(Number(offset), leaderEpoch)
      }
    } catch (error) {
      for (const { state, generation } of asked) if (state.isCurrent(generation)) this.#notCommitted(state, error)
    }
    this.#parts.onChange()
  }

  /** Never a reason to go by the policy: what is committed is only not known yet. */
  #notCommitted(state: PartitionState, error: unknown): void {
    state.isLookedUp = false
    if (!mayPass(error)) {
      this.#failed(state, error)
      return
    }
    const { clock, logger } = this.#parts.cluster
    state.failed(clock.monotonic() + this.#backoff.delayMs(state.failures + 1))
    logger.warn({ err: error, ...state.place }, 'a committed offset could not be had yet')
  }

  #timestampOf({ state }: Asked): number {
    return timestampOf(state.reset ?? 'latest', this.#parts.cluster.clock.now())
  }

  async #validate(nodeId: number, all: readonly Asked[]): Promise<void> {
    try {
      const answer = await this.#parts.cluster.call(
        offsetForLeaderEpoch,
        version => {
          if (version < VALIDATION_FOR_CONSUMERS) throw tooOld()
          return {
            replicaId: -1,
            topics: all.map(({ state, leader }) => ({
              topic: state.topic,
              partitions: [
                { partition: state.partition, currentLeaderEpoch: leader.epoch, leaderEpoch: state.fetchEpoch },
              ],
            })),
          }
        },
        { to: nodeId, attempts: 1, timeoutMs: this.#parts.config.requestTimeoutMs },
      )
      const find = ({ topic, partition }: PartitionState) =>
        answer.topics
          .filter(each => each.topic === topic)
          .flatMap(({ partitions }) => partitions)
          .find(each => each.partition === partition)
      for (const asked of all) this.#validated(asked, find(asked.state))
    } catch (error) {
      for (const { state, generation } of all) if (state.isCurrent(generation)) this.#notValidated(state, error)
    }
    this.#parts.onChange()
  }

  #notValidated(state: PartitionState, error: unknown): void {
    state.isLookedUp = false
    if (error instanceof KafkaError && error.code === 'UNSUPPORTED_VERSION') state.needsValidation = false
    else this.#failed(state, error)
  }

  #validated(
    { state, generation, leader }: Asked,
    answer: Decoded<OffsetForLeaderEpochResponsePartition> | undefined,
  ): void {
    if (!state.isCurrent(generation)) return
    state.isLookedUp = false
    const { topic, partition } = state
    if (answer === undefined || answer.errorCode !== 0) {
      this.#failed(state, errorOf(answer?.errorCode ?? -1, { topic, partition, api: offsetForLeaderEpoch.name }))
      return
    }
    const endOffset = answer.leaderEpoch < 0 ? -1 : Number(answer.endOffset)
    if (endOffset >= state.fetchOffset) {
      state.needsValidation = false
      state.succeeded()
      return
    }
    this.#truncated(state, endOffset, answer.leaderEpoch, leader)
  }

  /** The log of the new leader ends, for the epoch of what was read, before that: those records are no more. */
  #truncated(state: PartitionState, endOffset: number, epoch: number, leader: Leader): void {
    const { buffer, cluster } = this.#parts
    const { topic, partition, position } = state
    cluster.logger.warn({ topic, partition, position, endOffset }, 'the log was truncated')
    buffer.drop(state)
    if (endOffset >= position) {
      state.refetch()
      state.needsValidation = false
    } else if (this.#policy === 'none') {
      state.refetch()
      this.#tell(state, truncationError(state, endOffset))
    } else if (endOffset < 0) state.requestReset(this.#policy)
    else state.seek(endOffset, epoch, leader.epoch)
  }

  #failed(state: PartitionState, cause: unknown): void {
    const { clock, logger, metadata } = this.#parts.cluster
    const error = cause instanceof KafkaError ? cause : new KafkaError(String(cause), { code: 'UNKNOWN_SERVER_ERROR' })
    state.failed(clock.monotonic() + this.#backoff.delayMs(state.failures + 1))
    logger.warn({ err: error, ...state.place }, 'a position could not be looked up')
    const step = nextStep(error)
    if (step === 'refresh') metadata.refresh(`${error.code} for ${nameOf(state)}`)
    // What the broker has no name for may pass.
    if (step === 'give-up' && error.code !== 'UNKNOWN_SERVER_ERROR') this.#tell(state, error)
  }

  #tell(state: PartitionState, error: KafkaError): void {
    this.#parts.buffer.add({ state, generation: state.generation, isReset: false, error })
  }
}

export function timestampOf(target: ResetTarget, now: number): number {
  if (target === 'earliest') return EARLIEST
  return target === 'latest' ? LATEST : Math.max(0, now - target.byDurationMs)
}

function noOffset(state: PartitionState): KafkaError {
  const { topic, partition } = state
  return new NoOffsetForPartitionError(
    `${nameOf(state)} has no position, and autoOffsetReset is 'none'. Seek to one, or choose another policy.`,
    { topic, partition },
  )
}

function truncationError(state: PartitionState, endOffset: number): KafkaError {
  const { topic, partition, position } = state
  const where = endOffset < 0 ? 'at an offset that the new leader cannot tell' : `at ${endOffset}`
  return new KafkaError(
    `Records of ${nameOf(state)} before offset ${position} that were read are lost: its log was cut off ${where}. Seek to where reading is to go on.`,
    { code: 'LOG_TRUNCATION', topic, partition },
  )
}

function tooOld(): KafkaError {
  return new KafkaError('The broker cannot tell a consumer where epochs end.', { code: 'UNSUPPORTED_VERSION' })
}
