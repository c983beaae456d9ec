/**
 * Holdings: partitions that a member of a consumer group holds, by topic, each with the member epoch in which it came to
 * it. Values; nothing here changes one.
 */
import type { TargetAssignment, Uuid } from '@samsa/protocol/internal'

export type Holdings = ReadonlyMap<Uuid, ReadonlyMap<number, number>>

/** Partitions without epochs, as members tell what they have. */
export interface PartitionsOfTopicId {
  readonly topicId: Uuid
  readonly partitions: readonly number[]
}

export const NO_HOLDINGS: Holdings = new Map()

export function isHeld(holdings: Holdings, topicId: Uuid, partition: number): boolean {
  return holdings.get(topicId)?.has(partition) === true
}

/** All partitions, with the same epoch. */
export function heldSince(target: TargetAssignment, epoch: number): Holdings {
  return new Map(
    Array.from(target, ([topicId, partitions]) => [
      topicId,
      new Map(partitions.map((partition): [number, number] => [partition, epoch])),
    ]),
  )
}

/** In order: topics as they came, the partitions of each by number. */
export function partitionsOf(holdings: Holdings): PartitionsOfTopicId[] {
  return Array.from(holdings, ([topicId, partitions]) => ({
    topicId,
    partitions: [...partitions.keys()].sort((a, b) => a - b),
  }))
}

/** Of one or the other; no partition is in both. */
export function union(one: Holdings, other: Holdings): Holdings {
  const all = new Map(one)
  for (const [topicId, partitions] of other) {
    all.set(topicId, new Map([...(all.get(topicId) ?? []), ...partitions]))
  }
  return all
}

/** With the same epochs. */
export function sameHoldings(one: Holdings, other: Holdings): boolean {
  if (one === other) return true
  if (one.size !== other.size) return false
  for (const [topicId, partitions] of one) {
    const others = other.get(topicId)
    if (others?.size !== partitions.size) return false
    for (const [partition, epoch] of partitions) if (others.get(partition) !== epoch) return false
  }
  return true
}

export function sameTarget(one: TargetAssignment, other: TargetAssignment): boolean {
  if (one.size !== other.size) return false
  for (const [topicId, partitions] of one) {
    const others = new Set(other.get(topicId))
    if (others.size !== partitions.length || !partitions.every(partition => others.has(partition))) return false
  }
  return true
}

/** Whether everything that was named is among the holdings. */
export function holdsAll(holdings: Holdings, named: readonly PartitionsOfTopicId[]): boolean {
  return named.every(({ topicId, partitions }) => partitions.every(partition => isHeld(holdings, topicId, partition)))
}
