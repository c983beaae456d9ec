/**
 * Doubt: since when a member and its coordinator may not have heard each other, or its application not have polled, and so
 * what is to be held against it. Whoever was in no trouble for long enough to be put out is held to everything.
 */
import { HEARTBEAT_INTERVAL_MS, MAX_POLL_INTERVAL_MS, SESSION_TIMEOUT_MS } from './script.js'

/** Behind trouble: connections and coordinators are found again, a heartbeat is answered, and the application polls. */
const RECOVERY_MS = 4000
/** A session that runs out has heard the last heartbeat so long before the trouble, at most. */
const HEARD_BEFORE_MS = HEARTBEAT_INTERVAL_MS + 500
/** What the application has in hand is done, and the next heartbeat sees that it polls. */
const POLLED_BEFORE_MS = HEARTBEAT_INTERVAL_MS + 500

export class Doubt {
  readonly #now: () => number
  #troubledSince = Number.NEGATIVE_INFINITY
  #troubledUntil = Number.NEGATIVE_INFINITY
  #excusedUntil = Number.NEGATIVE_INFINITY
  #isBusy = false
  #polledAt = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** For so long the member and its coordinator may not hear each other. What follows soon is the same trouble. */
  trouble(durationMs: number): void {
    const now = this.#now()
    if (now > this.#troubledUntil + RECOVERY_MS) this.#troubledSince = now
    this.#troubledUntil = Math.max(this.#troubledUntil, now + durationMs)
  }

  /** From now on nothing is in the way. */
  end(): void {
    if (this.#troubledUntil > this.#now()) this.#troubledUntil = this.#now()
  }

  /** Calls may fail, although the member stays what it is. */
  excuse(durationMs: number): void {
    this.#excusedUntil = Math.max(this.#excusedUntil, this.#now() + durationMs)
  }

  /** The application polls, or takes the next record. `isBusy`: and has records in hand from then on. */
  polled(isBusy: boolean): void {
    // What happened meanwhile is told now.
    if (this.#isOverdue) this.trouble(0)
    this.#polledAt = this.#now()
    this.#isBusy = isBusy
  }

  /** It may be out of the group, and its partitions be another's, without having heard of it. */
  get isPossible(): boolean {
    if (this.#isOverdue) return true
    const isLong = this.#now() - this.#troubledSince > SESSION_TIMEOUT_MS - HEARD_BEFORE_MS
    return isLong && this.isTroubled
  }

  /** Its calls may fail. */
  get isExcused(): boolean {
    return this.isTroubled || this.#isOverdue || this.#now() <= this.#excusedUntil + RECOVERY_MS
  }

  get isTroubled(): boolean {
    return this.#now() <= this.#troubledUntil + RECOVERY_MS
  }

  get #isOverdue(): boolean {
    return this.#isBusy && this.#now() - this.#polledAt > MAX_POLL_INTERVAL_MS - POLLED_BEFORE_MS
  }
}
