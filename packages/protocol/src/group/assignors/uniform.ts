/**
 * Kafka's `uniform` on the coordinator: members get the same number of partitions, as far as their subscriptions let them,
 * and keep as many of their own as that leaves them.
 */
import { compareUuids, type Uuid } from '../../wire/uuid.js'
import {
  inOrderOfId,
  type ServerAssignor,
  subscriptionsAreSame,
  type TargetAssignment,
  type TargetMember,
} from '../server-assignor.js'
import { assignUniformMixed } from './uniform-mixed.js'

export const uniformAssignor: ServerAssignor = {
  name: 'uniform',
  assign(members, partitionCounts) {
    const ordered = inOrderOfId(members)
    return subscriptionsAreSame(ordered)
      ? assignUniformEqual(ordered, partitionCounts)
      : assignUniformMixed(ordered, partitionCounts)
  },
}

/** Of a group whose members all have the same subscription. */
function assignUniformEqual(
  members: readonly TargetMember[],
  partitionCounts: ReadonlyMap<Uuid, number>,
): ReadonlyMap<string, TargetAssignment> {
  const topicIds = [...(members[0]?.subscribedTopicIds ?? [])].sort(compareUuids)
  const pool = new PartitionPool(topicIds, partitionCounts, members)
  const least = Math.floor(pool.total / members.length)
  let extras = pool.total % members.length
  const shares = members.map((member, place) => {
    const kept = pool.keep(member, extras > 0 ? least + 1 : least)
    // One more goes to those who have it already; to others only when there would be too few members left for it.
    const larger = extras > 0 && (kept.size === least + 1 || members.length - place <= extras)
    if (larger) extras--
    return { member, kept: kept.target, missing: (larger ? least + 1 : least) - kept.size }
  })
  return new Map(shares.map(({ member, kept, missing }) => [member.memberId, pool.fill(kept, missing)]))
}

/** The partitions of a group's topics, and who took which. */
class PartitionPool {
  readonly total: number
  readonly #topicIds: readonly Uuid[]
  /** For each partition whether some member's target has it, or had it and gave it back. */
  readonly #held: ReadonlyMap<Uuid, Uint8Array>
  readonly #free: { readonly topicId: Uuid; readonly partition: number }[] = []
  #taken = 0

  constructor(topicIds: readonly Uuid[], partitionCounts: ReadonlyMap<Uuid, number>, members: readonly TargetMember[]) {
    this.#topicIds = topicIds
    this.#held = new Map(topicIds.map(topicId => [topicId, new Uint8Array(partitionCounts.get(topicId) ?? 0)]))
    this.total = topicIds.reduce((sum, topicId) => sum + (partitionCounts.get(topicId) ?? 0), 0)
    for (const { target } of members)
      for (const [topicId, partitions] of target) for (const partition of partitions) this.#mark(topicId, partition, 1)
    for (const [topicId, held] of this.#held)
      for (const [partition, mark] of held.entries()) if (mark === 0) this.#free.push({ topicId, partition })
  }

  /** What the member keeps of its target, at most `quota` partitions; what is more becomes free. */
  keep(member: TargetMember, quota: number): { target: Map<Uuid, number[]>; size: number } {
    const target = new Map<Uuid, number[]>()
    let size = 0
    for (const topicId of this.#topicIds) {
      for (const partition of member.target.get(topicId) ?? []) {
        // 2 is for one that a member before has kept or given back: it counts once.
        if (!this.#mark(topicId, partition, 2)) continue
        if (size === quota) this.#free.push({ topicId, partition })
        else {
          const kept = target.get(topicId)
          if (kept === undefined) target.set(topicId, [partition])
          else kept.push(partition)
          size++
        }
      }
    }
    return { target, size }
  }

  /** Adds the next `count` free partitions. */
  fill(target: Map<Uuid, number[]>, count: number): TargetAssignment {
    if (count === 0) return target
    for (const { topicId, partition } of this.#free.slice(this.#taken, this.#taken + count)) {
      const partitions = target.get(topicId)
      if (partitions === undefined) target.set(topicId, [partition])
      else partitions.push(partition)
    }
    this.#taken += count
    for (const partitions of target.values()) partitions.sort((a, b) => a - b)
    return target
  }

  /** Raises the mark of a partition; false for one that is not there or has it. */
  #mark(topicId: Uuid, partition: number, mark: number): boolean {
    const marks = this.#held.get(topicId)
    const known = marks?.[partition]
    if (marks === undefined || known === undefined || known >= mark) return false
    marks[partition] = mark
    return true
  }
}
