/**
 * Groups made from a seed, for properties that every assignment has: members with subscriptions, racks and what they own,
 * and topics.
 */
import type { Assignment, Assignor, GroupMember, TopicLayout } from '@samsa/protocol'
import type { TargetAssignment, TargetMember } from '@samsa/protocol/internal'
import type { Random } from '@samsa/runtime'

const RACKS = ['east', 'north', 'west']

export type Topics = ReadonlyMap<string, TopicLayout>

export function randomTopics(random: Random, racks: boolean): Topics {
  return new Map(
    Array.from({ length: random.integer(1, 6) }, (_, index) => {
      const partitions = random.integer(1, 20)
      if (!racks) return [`topic-${index}`, { partitions }]
      const near = Array.from({ length: partitions }, () => RACKS.filter(() => random.next() < 0.5))
      return [`topic-${index}`, { partitions, racks: near }]
    }),
  )
}

export function randomMembers(random: Random, topics: Topics, racks: boolean, mixed: boolean): GroupMember[] {
  return Array.from({ length: random.integer(1, 12) }, (_, index) => {
    const [first = ''] = topics.keys()
    const chosen = [...topics.keys()].filter(() => !mixed || random.next() < 0.6)
    const rackId = racks && random.next() < 0.8 ? (RACKS[random.integer(0, 3)] ?? null) : null
    return member(`member-${index}`, chosen.length > 0 ? chosen : [first], rackId)
  })
}

export function member(memberId: string, topics: readonly string[], rackId: string | null = null): GroupMember {
  const subscription = { topics, userData: null, ownedPartitions: [], generationId: -1, rackId }
  return { memberId, groupInstanceId: null, subscription }
}

/** The members as they join the next rebalance, having got what was assigned to them. */
export function joiningAgain(
  create: () => Assignor,
  members: readonly GroupMember[],
  assigned: ReadonlyMap<string, Assignment>,
  generationId: number,
): GroupMember[] {
  return members.map(joining => {
    const assignment = assigned.get(joining.memberId)
    if (assignment === undefined) return joining
    const assignor = create()
    const { memberId, groupInstanceId, subscription } = joining
    assignor.onAssignment?.(assignment, { groupId: 'group', generationId, memberId, groupInstanceId })
    const userData = assignor.subscriptionUserData?.(subscription.topics) ?? null
    const ownedPartitions = assignor.supportedProtocols.includes('cooperative') ? assignment.partitions : []
    return { ...joining, subscription: { ...subscription, userData, ownedPartitions, generationId } }
  })
}

export function targetMember(
  { memberId, groupInstanceId, subscription }: GroupMember,
  target: TargetAssignment,
): TargetMember {
  return { memberId, groupInstanceId, subscribedTopicIds: new Set(subscription.topics), target }
}

/** For each partition, as text, the members that got it. */
export type Owners = ReadonlyMap<string, readonly string[]>

export function ownersOf(assigned: ReadonlyMap<string, Assignment>): Owners {
  return gather([...assigned].map(([memberId, { partitions }]) => [memberId, partitions]))
}

export function ownersOfTargets(targets: ReadonlyMap<string, TargetAssignment>): Owners {
  return gather(
    [...targets].map(([memberId, target]) => [
      memberId,
      [...target].map(([topic, partitions]) => ({ topic, partitions })),
    ]),
  )
}

function gather(assigned: readonly (readonly [string, Assignment['partitions']])[]): Owners {
  const owners = new Map<string, string[]>()
  for (const [memberId, entries] of assigned) {
    for (const { topic, partitions } of entries) {
      for (const partition of partitions) {
        const key = `${topic}/${partition}`
        owners.set(key, [...(owners.get(key) ?? []), memberId])
      }
    }
  }
  return owners
}

/** How many partitions each member has. */
export function sizesOf(members: readonly GroupMember[], owners: Owners): ReadonlyMap<string, number> {
  const sizes = new Map(members.map(({ memberId }) => [memberId, 0]))
  for (const [memberId] of owners.values())
    if (memberId !== undefined) sizes.set(memberId, (sizes.get(memberId) ?? 0) + 1)
  return sizes
}
