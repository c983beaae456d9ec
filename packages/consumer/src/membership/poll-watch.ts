/**
 * PollWatch: whether the application still polls, and whether the event loop was free to say so. Looked at with every
 * heartbeat, so a poll costs nothing; what it finds is as exact as heartbeats are frequent.
 */
import { observedEvents } from '@samsa/runtime/internal'
import type { MemberParts } from './member.js'

type PollWatchParts = Pick<MemberParts, 'config' | 'cluster' | 'metrics' | 'heard'>

export class PollWatch {
  readonly #parts: PollWatchParts
  readonly #sessionTimeoutMs: number
  #heardAt = 0
  #isOut = false
  #hasBegun = false

  constructor(parts: PollWatchParts, sessionTimeoutMs: number) {
    this.#parts = parts
    this.#sessionTimeoutMs = sessionTimeoutMs
  }

  /** Why the member has left by itself; undefined when it has not, or is back. */
  get whyOut(): string | undefined {
    if (!this.#isOut) return undefined
    const { maxPollIntervalMs } = this.#parts.config
    return `the application did not poll for at least ${this.#silentMs} ms, which is longer than maxPollIntervalMs (${maxPollIntervalMs} ms)`
  }

  /** The same, of a member that was put out for that reason: undefined while it has never been in. */
  whyPutOut(reason: string | undefined): string | undefined {
    if (this.#isOut || !this.#hasBegun || reason === undefined) return this.whyOut
    const { maxPollIntervalMs } = this.#parts.config
    return `${reason}. The application has not polled for at least ${this.#silentMs} ms (maxPollIntervalMs: ${maxPollIntervalMs} ms)`
  }

  /** The member is in the group from now on. */
  begin(): void {
    this.#heardAt = this.#parts.cluster.clock.monotonic()
    this.#isOut = false
    this.#hasBegun = true
  }

  isOverdue(): boolean {
    const now = this.#parts.cluster.clock.monotonic()
    if (this.#parts.heard()) this.#heardAt = now
    return now - this.#heardAt > this.#parts.config.maxPollIntervalMs
  }

  /** The member leaves, and everybody who could want to know is told. Gives the reason. */
  giveUp(memberId: string): string {
    const { config, cluster, metrics } = this.#parts
    const { groupId, maxPollIntervalMs } = config
    const { clientId, logger } = cluster
    const silentMs = this.#silentMs
    this.#isOut = true
    metrics.pollsOverdue++
    observedEvents.pollOverdue.publish(() => ({ clientId, groupId, memberId, silentMs, maxPollIntervalMs }))
    const reason = this.whyOut ?? ''
    logger.warn(
      { code: 'POLL_OVERDUE', silentMs, maxPollIntervalMs, groupId, memberId },
      `the member leaves its group: ${reason}. Handle fewer records per poll (maxPollRecords), or raise maxPollIntervalMs`,
    )
    return reason
  }

  get #silentMs(): number {
    return Math.round(this.#parts.cluster.clock.monotonic() - this.#heardAt)
  }

  /** A heartbeat came so much later than it was due. */
  late(lateMs: number): void {
    if (lateMs < this.#sessionTimeoutMs / 2) return
    const [blockedMs, sessionTimeoutMs] = [Math.round(lateMs), this.#sessionTimeoutMs]
    const isOver = lateMs >= sessionTimeoutMs
    this.#parts.cluster.logger.warn(
      { code: 'EVENT_LOOP_BLOCKED', blockedMs, sessionTimeoutMs, groupId: this.#parts.config.groupId },
      `the event loop was blocked for ${blockedMs} ms, in which no heartbeat could be sent: ${isOver ? 'longer than' : 'more than half of'} sessionTimeoutMs. Work that computes for long belongs in a worker`,
    )
  }
}
