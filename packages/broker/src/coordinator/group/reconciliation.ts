/**
 * Reconciliation: the next step of one member towards its target. First it gives up what it is not to have any more, and
 * stays in its epoch until it says that it did; then it gets what nobody else holds, and comes to the target's epoch; what
 * others still hold it gets in later steps. Pure.
 *
 * Invariant: nothing is assigned that another member holds, be it that it was told to give it up.
 */
import type { TargetAssignment, Uuid } from '@samsa/protocol/internal'
import { KafkaError } from '@samsa/runtime'
import { type ConsumerMember, memberStates } from './consumer-member.js'
import { type Holdings, isHeld, NO_HOLDINGS, type PartitionsOfTopicId, union } from './holdings.js'

export interface Reconciled {
  readonly targetEpoch: number
  readonly target: TargetAssignment
  readonly isSubscribedTo: (topicId: Uuid) => boolean
  /** Whether someone holds the partition: any member, or this one. */
  readonly isTaken: (topicId: Uuid, partition: number) => boolean
  /** What it says that it has; null: it does not say. */
  readonly owned: readonly PartitionsOfTopicId[] | null
  readonly hasNewSubscription: boolean
}

/** The same member where there is nothing to do. */
export function reconcile(member: ConsumerMember, towards: Reconciled): ConsumerMember {
  switch (member.state) {
    case memberStates.stable:
      if (member.epoch !== towards.targetEpoch) return nextStep(member, towards)
      return towards.hasNewSubscription ? withoutUnsubscribed(member, towards) : member
    case memberStates.unrevoked:
      if (!ownsAny(towards, member.revoking)) return nextStep(member, towards)
      return towards.hasNewSubscription ? withoutUnsubscribed(member, towards) : member
    case memberStates.unreleased:
      return nextStep(member, towards)
    default:
      // A newer coordinator knows what this state is. The member begins anew, without partitions.
      if (towards.owned === null || towards.owned.length > 0) {
        const message = `member ${member.memberId} is in a state that this coordinator does not know: it has to give up its partitions and join again`
        throw new KafkaError(message, { code: 'FENCED_MEMBER_EPOCH' })
      }
      return nextStep(member, towards, towards.targetEpoch)
  }
}

function nextStep(member: ConsumerMember, towards: Reconciled, epoch: number = member.epoch): ConsumerMember {
  const { target, targetEpoch, isSubscribedTo, isTaken } = towards
  const kept = new Map<Uuid, Map<number, number>>()
  const revoking = new Map<Uuid, Map<number, number>>()
  const free = new Map<Uuid, Map<number, number>>()
  let isWaiting = false
  for (const topicId of new Set([...target.keys(), ...member.assigned.keys()])) {
    const wanted = new Set(isSubscribedTo(topicId) ? target.get(topicId) : [])
    const assigned = member.assigned.get(topicId)
    for (const [partition, since] of assigned ?? []) {
      add(wanted.has(partition) ? kept : revoking, topicId, partition, since)
    }
    for (const partition of wanted) {
      if (assigned?.has(partition) === true) continue
      // What it was told to give up is its own until then, and may come back to it.
      if (isTaken(topicId, partition) && !isHeld(member.revoking, topicId, partition)) isWaiting = true
      else add(free, topicId, partition, targetEpoch)
    }
  }
  if (revoking.size > 0 && ownsAny(towards, revoking)) {
    return moved(member, epoch, { state: memberStates.unrevoked, assigned: kept, revoking })
  }
  const state = isWaiting ? memberStates.unreleased : memberStates.stable
  return moved(member, targetEpoch, { state, assigned: union(kept, free), revoking: NO_HOLDINGS })
}

/** What it does not read any more goes at once, whatever the target says: that is of an older subscription. */
function withoutUnsubscribed(member: ConsumerMember, towards: Reconciled): ConsumerMember {
  const kept = new Map<Uuid, ReadonlyMap<number, number>>()
  const dropped = new Map<Uuid, ReadonlyMap<number, number>>()
  for (const [topicId, partitions] of member.assigned) {
    const into = towards.isSubscribedTo(topicId) ? kept : dropped
    into.set(topicId, partitions)
  }
  if (dropped.size === 0) return member
  const revoking = union(member.revoking, dropped)
  const { state } = member
  return ownsAny(towards, revoking)
    ? moved(member, member.epoch, { state: memberStates.unrevoked, assigned: kept, revoking })
    : moved(member, member.epoch, { state, assigned: kept, revoking: member.revoking })
}

/** Whether it still has one of them, for all that is known. */
function ownsAny({ owned }: Reconciled, holdings: Holdings): boolean {
  if (owned === null) return true
  return owned.some(({ topicId, partitions }) => partitions.some(partition => isHeld(holdings, topicId, partition)))
}

function moved(
  member: ConsumerMember,
  epoch: number,
  progress: Pick<ConsumerMember, 'state' | 'assigned' | 'revoking'>,
): ConsumerMember {
  return { ...member, ...progress, epoch, previousEpoch: member.epoch }
}

function add(to: Map<Uuid, Map<number, number>>, topicId: Uuid, partition: number, epoch: number): void {
  const partitions = to.get(topicId)
  if (partitions === undefined) to.set(topicId, new Map([[partition, epoch]]))
  else partitions.set(partition, epoch)
}
