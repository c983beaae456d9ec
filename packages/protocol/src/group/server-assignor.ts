/**
 * What a group coordinator's assignor is (KIP-848): from subscriptions and the target it had, a new target for every member.
 * Pure, and the same whichever order members and topics come in. Members reach their targets one step at a time; that
 * nobody gets what another still has is the coordinator's business.
 */
import type { Uuid } from '../wire/uuid.js'
import { compareText } from './assignor.js'

/** Partitions by the id of their topic, those of a topic in order. */
export type TargetAssignment = ReadonlyMap<Uuid, readonly number[]>

export interface TargetMember {
  readonly memberId: string
  /** Of a static member; null for others. */
  readonly groupInstanceId: string | null
  readonly subscribedTopicIds: ReadonlySet<Uuid>
  /** What it was to have until now. */
  readonly target: TargetAssignment
}

export interface ServerAssignor {
  /** As in the heartbeat's ServerAssignor and in `group.consumer.assignors`. */
  readonly name: string
  /** Every member gets a target, be it an empty one. Topics without a count are not there and give nobody anything. */
  assign(
    members: readonly TargetMember[],
    partitionCounts: ReadonlyMap<Uuid, number>,
  ): ReadonlyMap<TargetMember['memberId'], TargetAssignment>
}

export function inOrderOfId(members: readonly TargetMember[]): TargetMember[] {
  return [...members].sort((a, b) => compareText(a.memberId, b.memberId))
}

/** Whether all members have the same subscription. */
export function subscriptionsAreSame(members: readonly TargetMember[]): boolean {
  const first = members[0]?.subscribedTopicIds ?? new Set()
  return members.every(
    ({ subscribedTopicIds: ids }) => ids.size === first.size && [...ids].every(topicId => first.has(topicId)),
  )
}
