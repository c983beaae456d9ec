/**
 * Racks (KIP-881): which partitions have a replica near which member. Looking at them pays only where some are near and
 * others are not.
 */
import type { GroupMember, TopicLayout } from '../assignor.js'

/** The rack of a member; undefined for none, which an empty name means as well. */
export function rackOf(member: GroupMember): string | undefined {
  return member.subscription.rackId || undefined
}

/** The racks of each partition of a topic. */
export function racksOf(layout: TopicLayout): readonly ReadonlySet<string>[] {
  return Array.from({ length: layout.partitions }, (_, partition) => new Set(layout.racks?.[partition]))
}

/** Whether assignments should look at racks: a member is near a partition, and not every partition is in all racks. */
export function racksMatter(
  ofMembers: readonly (string | undefined)[],
  ofPartitions: readonly ReadonlySet<string>[],
): boolean {
  const all = new Set<string>()
  for (const racks of ofPartitions) for (const rack of racks) all.add(rack)
  const near = ofMembers.some(rack => rack !== undefined && all.has(rack))
  return near && ofPartitions.some(racks => racks.size !== all.size)
}
