/**
 * PollWatch: whether the application still polls, and whether the event loop was free to say so. Looked at with every
 * heartbeat, so a poll costs nothing; what it finds is as exact as heartbeats are frequent.
 */
import type { MemberParts } from './member.js'

export class PollWatch {
  readonly #parts: Pick<MemberParts, 'config' | 'cluster' | 'heard'>
  readonly #sessionTimeoutMs: number
  #heardAt = 0
  #whyOut: string | undefined

  constructor(parts: Pick<MemberParts, 'config' | 'cluster' | 'heard'>, sessionTimeoutMs: number) {
    this.#parts = parts
    this.#sessionTimeoutMs = sessionTimeoutMs
  }

  /** Why the member has left by itself; undefined when it has not, or is back. */
  get whyOut(): string | undefined {
    return this.#whyOut
  }

  /** The member is in the group from now on. */
  begin(): void {
    this.#heardAt = this.#parts.cluster.clock.monotonic()
    this.#whyOut = undefined
  }

  isOverdue(): boolean {
    const now = this.#parts.cluster.clock.monotonic()
    if (this.#parts.heard()) this.#heardAt = now
    return now - this.#heardAt > this.#parts.config.maxPollIntervalMs
  }

  giveUp(): string {
    const { maxPollIntervalMs } = this.#parts.config
    this.#whyOut = `the application did not poll for longer than maxPollIntervalMs (${maxPollIntervalMs} ms)`
    this.#parts.cluster.logger.warn(
      { maxPollIntervalMs, groupId: this.#parts.config.groupId },
      `the member leaves its group: ${this.#whyOut}. Handle fewer records per poll (maxPollRecords), or raise maxPollIntervalMs`,
    )
    return this.#whyOut
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
