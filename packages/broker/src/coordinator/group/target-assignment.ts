/**
 * The target assignment of a consumer group: who is to have which partitions once everyone has moved. Pure.
 */
import type { ServerAssignor, TargetAssignment, Uuid } from '@samsa/protocol/internal'
import type { ConsumerMember } from './consumer-member.js'
import type { GroupTopics } from './group-topics.js'

export interface AssignableMember {
  readonly member: ConsumerMember
  readonly topics: ReadonlySet<string>
  /** What it was to have until now. */
  readonly target: TargetAssignment
}

export function assignTargets(
  assignor: ServerAssignor,
  members: readonly AssignableMember[],
  topics: GroupTopics,
): ReadonlyMap<string, TargetAssignment> {
  const counts = new Map<Uuid, number>()
  /** Most members read the same topics. */
  const idsByTopics = new Map<ReadonlySet<string>, ReadonlySet<Uuid>>()
  const idsOf = (names: ReadonlySet<string>): ReadonlySet<Uuid> => {
    const known = idsByTopics.get(names)
    if (known !== undefined) return known
    const ids = new Set<Uuid>()
    for (const name of names) {
      const topic = topics.byName(name)
      if (topic === undefined) continue
      ids.add(topic.id)
      counts.set(topic.id, topic.partitionCount)
    }
    idsByTopics.set(names, ids)
    return ids
  }
  const targetMembers = members.map(({ member, topics: names, target }) => ({
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    subscribedTopicIds: idsOf(names),
    target,
  }))
  return assignor.assign(targetMembers, counts)
}

/**
 * The assignor that most members want; the default where none wants any. Among equals it is the one that Kafka's order of
 * names begins with.
 */
export function preferredAssignor(
  wishes: Iterable<string | null>,
  assignors: readonly ServerAssignor[],
): ServerAssignor | undefined {
  const votes = new Map<string, number>()
  for (const name of wishes) if (name !== null) votes.set(name, (votes.get(name) ?? 0) + 1)
  let preferred: ServerAssignor | undefined
  for (const assignor of [...assignors].sort((a, b) => (a.name > b.name ? -1 : 1))) {
    const count = votes.get(assignor.name) ?? 0
    if (count > (preferred === undefined ? 0 : (votes.get(preferred.name) ?? 0))) preferred = assignor
  }
  return preferred ?? assignors[0]
}
