/**
 * Commits: offsets to the coordinator, one request at a time, so that none overtakes another; what is to be committed
 * without waiting while one is under way goes together with the next. Owns that queue, and the callbacks that wait to be
 * called inside a call of the application.
 */
import { nextStep } from '@samsa/client/internal'
import { errorOf, offsetCommit } from '@samsa/protocol'
import { type Clock, CommitFailedError, KafkaError, RebalanceInProgressError, TimeoutError } from '@samsa/runtime'
import { Backoff, Deadline, observedOperations, settleWithin } from '@samsa/runtime/internal'
import type { AccessGuard } from './access-guard.js'
import type { ConsumerCluster } from './cluster.js'
import type { GroupMetrics } from './group-metrics.js'
import { type Member, type MemberIdentity, NO_MEMBER } from './membership/member.js'
import { COMMIT_BY_NAME, commitRequest, type OffsetToCommit, refusedIn } from './offset-commit-request.js'
import { nameOf } from './topic-partition.js'

export type CommitCallback = (offsets: readonly OffsetToCommit[], error?: KafkaError) => void | Promise<void>

export interface CommitsParts {
  readonly groupId: string
  readonly groupInstanceId: string | undefined
  readonly cluster: ConsumerCluster
  readonly guard: AccessGuard
  readonly metrics: GroupMetrics
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly requestTimeoutMs: number
  /** Whose commits these are; undefined for partitions that the application gave itself. */
  readonly member: () => Member | undefined
  readonly onCommitted?: ((offsets: readonly OffsetToCommit[]) => void) | undefined
  /** There is a callback to call. */
  readonly onChange: () => void
}

interface Waiting {
  readonly offsets: readonly OffsetToCommit[]
  readonly callback: CommitCallback
}

/** Callbacks that nobody polls for. */
const MOST_WAITING = 100_000

export class Commits {
  readonly #parts: CommitsParts
  readonly #backoff: Backoff
  #queue: Waiting[] = []
  readonly #called: (Waiting & { readonly error: KafkaError | undefined })[] = []
  #underWay: Promise<void> | undefined

  constructor(parts: CommitsParts) {
    this.#parts = parts
    const { retryBackoffMs: initialMs, retryBackoffMaxMs: maxMs, cluster } = parts
    this.#backoff = new Backoff({ initialMs, maxMs, random: cluster.random })
  }

  get hasCallbacks(): boolean {
    return this.#called.length > 0
  }

  /** Tries until it is done, hopeless, or the time is over. What was to be committed before has had its answer then. */
  async sync(
    offsets: readonly OffsetToCommit[],
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    const { clock } = this.#parts.cluster
    const deadline = new Deadline(clock, timeoutMs)
    while (this.#underWay !== undefined) {
      await settleWithin(clock, this.#underWay, { signal, timeoutMs: deadline.remainingMs })
    }
    if (offsets.length === 0) return
    const work = this.#untilDone(offsets, deadline, signal)
    this.#occupy(work)
    await work
  }

  /** One attempt. Order is kept: what fails is not tried again, since something newer may have been committed since. */
  async(offsets: readonly OffsetToCommit[], callback: CommitCallback): void {
    if (this.#queue.length + this.#called.length >= MOST_WAITING) {
      const message = `${MOST_WAITING} commits wait to be told of: poll, or commit less often`
      throw new KafkaError(message, { code: 'TOO_MANY_COMMITS' })
    }
    this.#queue.push({ offsets, callback })
    if (this.#underWay === undefined) this.#sendQueued()
  }

  /** Those whose outcome is known, in order. The first that throws ends it; the rest is for the next time. */
  async callBack(): Promise<void> {
    for (let next = this.#called.shift(); next !== undefined; next = this.#called.shift()) {
      const { callback, offsets, error } = next
      await this.#parts.guard.lend(() => callback(offsets, error))
    }
  }

  /** When nothing is under way or queued any more, or the time is over. */
  async settled(timeoutMs: number): Promise<void> {
    const { clock } = this.#parts.cluster
    const deadline = new Deadline(clock, timeoutMs)
    while (this.#underWay !== undefined && !deadline.passed)
      await waitAtMost(clock, this.#underWay, deadline.remainingMs)
  }

  #occupy(work: Promise<unknown>): void {
    const end = (): void => {
      this.#underWay = undefined
      if (this.#queue.length > 0) this.#sendQueued()
    }
    this.#underWay = work.then(end, end)
  }

  #sendQueued(): void {
    const all = this.#queue
    this.#queue = []
    const latest = new Map<string, OffsetToCommit>()
    for (const { offsets } of all) for (const each of offsets) latest.set(nameOf(each), each)
    const work = this.#attempt([...latest.values()]).then(
      () => undefined,
      (error: unknown) => asKafkaError(error),
    )
    this.#occupy(
      work.then(error => {
        for (const waiting of all) this.#called.push({ ...waiting, error })
        this.#parts.onChange()
      }),
    )
  }

  async #untilDone(
    offsets: readonly OffsetToCommit[],
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock } = this.#parts.cluster
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#attempt(offsets, signal, deadline.remainingMs)
        return
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof KafkaError) || !isPassing(error)) throw error
        const delayMs = this.#backoff.delayMs(attempt)
        if (deadline.remainingMs <= delayMs) throw timeoutOf(deadline, error)
        await clock.sleep(delayMs, { signal })
      }
    }
  }

  async #attempt(offsets: readonly OffsetToCommit[], signal?: AbortSignal, timeoutMs?: number): Promise<void> {
    const { cluster, groupId, metrics } = this.#parts
    if (offsets.length === 0) return
    const payload = () => ({ clientId: cluster.clientId, groupId, offsets })
    metrics.commits++
    try {
      await observedOperations.commit.run(payload, () => this.#send(offsets, signal, timeoutMs))
      this.#parts.onCommitted?.(offsets)
    } catch (error) {
      metrics.commitsFailed++
      throw error
    }
  }

  async #send(offsets: readonly OffsetToCommit[], signal?: AbortSignal, timeoutMs?: number): Promise<void> {
    const { cluster, groupId, requestTimeoutMs } = this.#parts
    const member = this.#parts.member()
    const identity = this.#identity(member)
    let refused: ReturnType<typeof refusedIn>
    try {
      await cluster.call(offsetCommit, version => commitRequest(groupId, identity, offsets, version), {
        to: { group: groupId },
        attempts: 1,
        maxVersion: COMMIT_BY_NAME,
        timeoutMs: Math.min(timeoutMs ?? requestTimeoutMs, requestTimeoutMs),
        signal,
        errorCode: answer => {
          refused = refusedIn(answer)
          return refused?.code ?? 0
        },
      })
    } catch (error) {
      if (refused === undefined) throw error
      const { code, topic, partition } = refused
      throw this.#errorOf(errorOf(code, { topic, partition, api: offsetCommit.name, cause: error }), member, identity)
    }
  }

  /** Throws when no commit could count. */
  #identity(member: Member | undefined): MemberIdentity {
    if (member === undefined) return { ...NO_MEMBER, groupInstanceId: null }
    if (member.standing === 'member') return member.identity
    if (member.standing === 'rebalancing') throw rebalancing()
    throw commitFailed(member.whyOut)
  }

  #errorOf(error: KafkaError, member: Member | undefined, identity: MemberIdentity): KafkaError {
    member?.commitRefused(error.code, identity)
    switch (error.code) {
      case 'REBALANCE_IN_PROGRESS':
        return rebalancing(error)
      case 'UNKNOWN_MEMBER_ID':
      case 'ILLEGAL_GENERATION':
        if (member === undefined) return foreignGroup(error)
        return member.standing === 'rebalancing' ? rebalancing(error) : commitFailed(member.whyOut, error)
      default:
        return error
    }
  }
}

/** The next attempt may succeed. A member whose epoch has moved on learns the new one with its next heartbeat. */
function isPassing(error: KafkaError): boolean {
  return error.code === 'STALE_MEMBER_EPOCH' || (!error.fatal && nextStep(error, 'coordinator') !== 'give-up')
}

function rebalancing(cause?: KafkaError): KafkaError {
  const message =
    'The group is rebalancing, so nothing was committed. Poll until that is over, then commit what is still assigned.'
  return new RebalanceInProgressError(message, { cause, api: offsetCommit.name })
}

function commitFailed(whyOut: string | undefined, cause?: KafkaError): KafkaError {
  const why = whyOut ?? 'the group has gone on without this consumer, and others may have its partitions'
  const message = `Nothing was committed: ${why}. The next poll joins again. If this recurs, handle fewer records per poll (maxPollRecords), or raise maxPollIntervalMs.`
  return new CommitFailedError(message, { cause, api: offsetCommit.name })
}

function foreignGroup(cause: KafkaError): KafkaError {
  const message =
    'Nothing was committed: the group has members that share its partitions, and this consumer, whose partitions were given by assign(), is none of them. Use another groupId, or subscribe().'
  return new CommitFailedError(message, { cause, api: offsetCommit.name })
}

function timeoutOf({ timeoutMs }: Deadline, cause: KafkaError): KafkaError {
  const message = `The offsets could not be committed within ${timeoutMs} ms: ${cause.message}`
  return new TimeoutError(message, { cause, api: offsetCommit.name })
}

function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KafkaError(message, { code: 'UNKNOWN_SERVER_ERROR', cause: error })
}

async function waitAtMost(clock: Clock, work: Promise<void>, timeoutMs: number): Promise<void> {
  await settleWithin(clock, work, { timeoutMs }).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error
  })
}
