/**
 * ClassicMembers: the members of a classic group, dynamic and static, and which of them leads. Owner of the members.
 *
 * Invariants: the leader is a member, and there is one as long as there are members; an instance id stands for one member.
 */

import type { MemberReference } from './classic-contract.js'
import { type ClassicMember, NOTHING } from './classic-member.js'

export class ClassicMembers {
  readonly #members = new Map<string, ClassicMember>()
  /** Member ids by instance id. */
  readonly #static = new Map<string, string>()
  #leader: string | null = null

  get size(): number {
    return this.#members.size
  }

  get leader(): string | null {
    return this.#leader
  }

  /** In the order in which they came. */
  all(): readonly ClassicMember[] {
    return [...this.#members.values()]
  }

  get(memberId: string): ClassicMember | undefined {
    return this.#members.get(memberId)
  }

  /** One that is known to be there. */
  known(memberId: string): ClassicMember {
    const member = this.#members.get(memberId)
    if (member === undefined) throw new Error(`there is no member ${memberId}`)
    return member
  }

  ofInstance(groupInstanceId: string): ClassicMember | undefined {
    const memberId = this.#static.get(groupInstanceId)
    return memberId === undefined ? undefined : this.#members.get(memberId)
  }

  add(member: ClassicMember): void {
    this.#members.set(member.memberId, member)
    if (member.groupInstanceId !== null) this.#static.set(member.groupInstanceId, member.memberId)
    this.#leader ??= member.memberId
  }

  remove({ memberId, groupInstanceId }: ClassicMember): void {
    this.#members.delete(memberId)
    if (groupInstanceId !== null && this.#static.get(groupInstanceId) === memberId) this.#static.delete(groupInstanceId)
    if (this.#leader === memberId) this.#leader = this.#members.keys().next().value ?? null
  }

  /** One member in the place of another, so that a replacement that is taken back leaves no trace. */
  replace(old: ClassicMember, member: ClassicMember): void {
    const all = this.all()
    this.#members.clear()
    for (const each of all) {
      const taken = each === old ? member : each
      this.#members.set(taken.memberId, taken)
    }
    if (member.groupInstanceId !== null) this.#static.set(member.groupInstanceId, member.memberId)
    if (this.#leader === old.memberId) this.#leader = member.memberId
  }

  /** As it was written; a leader that is none of the members is no leader. */
  restoreLeader(leader: string | null): void {
    if (leader !== null && this.#members.has(leader)) this.#leader = leader
  }

  /** Whether one leads that has joined: the one who did before if it can. */
  electJoined(): boolean {
    const leader = this.#leader === null ? undefined : this.#members.get(this.#leader)
    if (leader?.awaitingJoin !== undefined) return true
    const next = this.all().find(({ awaitingJoin }) => awaitingJoin !== undefined)
    if (next !== undefined) this.#leader = next.memberId
    return next !== undefined
  }

  countJoined(): number {
    let count = 0
    for (const { awaitingJoin } of this.#members.values()) if (awaitingJoin !== undefined) count++
    return count
  }

  /** The longest that any of them may take to join again. */
  rebalanceTimeoutMs(): number {
    let timeoutMs = 0
    for (const { rebalanceTimeoutMs } of this.#members.values()) timeoutMs = Math.max(timeoutMs, rebalanceTimeoutMs)
    return timeoutMs
  }

  /** When the first one that is silent is given up; infinite when nobody can be. */
  nextExpiryMs(): number {
    let dueMs = Number.POSITIVE_INFINITY
    for (const member of this.#members.values()) if (member.canExpire) dueMs = Math.min(dueMs, member.expiresAtMs)
    return dueMs
  }

  /** Why a request of this member is refused, in Kafka's order. */
  fault({ memberId, groupInstanceId }: MemberReference): string | undefined {
    if (groupInstanceId !== null) {
      const known = this.#static.get(groupInstanceId)
      if (known === undefined) return 'UNKNOWN_MEMBER_ID'
      if (known !== memberId) return 'FENCED_INSTANCE_ID'
    }
    return this.#members.has(memberId) ? undefined : 'UNKNOWN_MEMBER_ID'
  }

  /** With these assignments; those who are not named get nothing. */
  assigned(
    assignments: ReadonlyMap<string, Uint8Array> | undefined,
  ): { readonly member: ClassicMember; readonly assignment: Uint8Array }[] {
    return this.all().map(member => ({
      member,
      assignment: assignments === undefined ? member.assignment : (assignments.get(member.memberId) ?? NOTHING),
    }))
  }
}
