/**
 * What the leader of a classic group does with the subscriptions of all members: shares out what there is, by the assignor
 * that the group chose. Pure, but for the assignor.
 */
import {
  type Assignor,
  decodeSubscription,
  encodeAssignment,
  type GroupMember,
  stillOwned,
  type TopicLayout,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Uint8Array
}

/** Throws where a subscription cannot be read. */
export function membersOf(joined: readonly JoinedMember[]): readonly GroupMember[] {
  return joined.map(({ memberId, groupInstanceId, metadata }) => ({
    memberId,
    groupInstanceId,
    subscription: decodeSubscription(metadata),
  }))
}

export function topicsOf(members: readonly GroupMember[]): ReadonlySet<string> {
  return new Set(members.flatMap(({ subscription }) => subscription.topics))
}

/** An assignment for each member, those too that the assignor forgot. */
export function shareOut(
  assignor: Assignor,
  members: readonly GroupMember[],
  topics: ReadonlyMap<string, TopicLayout>,
): { memberId: string; assignment: Uint8Array }[] {
  const assignments = assignor.assign(members, topics)
  if (assignor.supportedProtocols.includes('cooperative')) {
    const [contended] = stillOwned(members, assignments)
    if (contended !== undefined) {
      const { topic, partition, owner, receiver } = contended
      throw new KafkaError(
        `The assignor ${assignor.name} gives ${topic}-${partition} to ${receiver} while ${owner} still owns it: a cooperative one has to leave it out until it is given up.`,
        { code: 'INVALID_ASSIGNMENT', fatal: true, topic, partition },
      )
    }
  }
  return members.map(({ memberId }) => ({
    memberId,
    assignment: encodeAssignment(assignments.get(memberId) ?? { partitions: [], userData: null }),
  }))
}

/** What a leader watches: another one than before means another assignment. */
export function sameLayouts(a: ReadonlyMap<string, TopicLayout>, b: ReadonlyMap<string, TopicLayout>): boolean {
  if (a.size !== b.size) return false
  for (const [topic, layout] of a) {
    const other = b.get(topic)
    if (other === undefined || other.partitions !== layout.partitions || !sameRacks(layout, other)) return false
  }
  return true
}

function sameRacks({ racks: one = [] }: TopicLayout, { racks: other = [] }: TopicLayout): boolean {
  const setOf = (racks: readonly string[]): string => [...new Set(racks)].sort().join('\n')
  return one.length === other.length && one.every((racks, index) => setOf(racks) === setOf(other[index] ?? []))
}
