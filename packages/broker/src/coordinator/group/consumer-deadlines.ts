/**
 * Until when the members of a consumer group must do something, or are taken out of it: to be heard of, to give up
 * partitions, and for members of the classic protocol to join again and to fetch their assignment. On the monotonic clock.
 * Not written down: after loading members have all their time again. Owner of these times.
 */
import type { ConsumerMember } from './consumer-member.js'

interface Deadlines {
  sessionMs: number
  /** While it has partitions to give up: the epoch that it must leave by then. */
  rebalance: { readonly atMs: number; readonly epoch: number } | undefined
  joinMs: number
  syncMs: number
}

const NEVER = Number.POSITIVE_INFINITY

export class ConsumerDeadlines {
  readonly #members = new Map<string, Deadlines>()

  heardOf(memberId: string, untilMs: number): void {
    this.#of(memberId).sessionMs = untilMs
  }

  mustLeaveEpoch(memberId: string, epoch: number, atMs: number): void {
    this.#of(memberId).rebalance = { atMs, epoch }
  }

  hasRevoked(memberId: string): void {
    this.#of(memberId).rebalance = undefined
  }

  /** A time that runs already is not begun anew. */
  mustJoin(memberId: string, atMs: number): void {
    const deadlines = this.#of(memberId)
    deadlines.joinMs = Math.min(deadlines.joinMs, atMs)
  }

  hasJoined(memberId: string, syncByMs: number): void {
    const deadlines = this.#of(memberId)
    deadlines.joinMs = NEVER
    deadlines.syncMs = syncByMs
  }

  hasSynced(memberId: string): void {
    this.#of(memberId).syncMs = NEVER
  }

  /** Members who are late. Those who are not in the group any more are forgotten. */
  late(members: ReadonlyMap<string, ConsumerMember>, nowMs: number): ConsumerMember[] {
    const late: ConsumerMember[] = []
    for (const [memberId, deadlines] of this.#members) {
      const member = members.get(memberId)
      if (member === undefined) {
        this.#members.delete(memberId)
        continue
      }
      // It has left that epoch: there is nothing to wake up for any more.
      if (deadlines.rebalance !== undefined && deadlines.rebalance.epoch !== member.epoch)
        deadlines.rebalance = undefined
      if (earliest(deadlines) <= nowMs) late.push(member)
    }
    return late
  }

  /** The first of all; infinite when there is none. */
  nextMs(): number {
    let nextMs = NEVER
    for (const deadlines of this.#members.values()) nextMs = Math.min(nextMs, earliest(deadlines))
    return nextMs
  }

  /** The first of this member. */
  nextOf(memberId: string): number {
    const deadlines = this.#members.get(memberId)
    return deadlines === undefined ? NEVER : earliest(deadlines)
  }

  #of(memberId: string): Deadlines {
    const known = this.#members.get(memberId)
    if (known !== undefined) return known
    const deadlines = { sessionMs: NEVER, rebalance: undefined, joinMs: NEVER, syncMs: NEVER }
    this.#members.set(memberId, deadlines)
    return deadlines
  }
}

function earliest({ sessionMs, rebalance, joinMs, syncMs }: Deadlines): number {
  return Math.min(sessionMs, joinMs, syncMs, rebalance?.atMs ?? NEVER)
}
