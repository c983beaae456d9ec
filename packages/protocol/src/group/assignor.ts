/**
 * What an assignor is: the rule by which the leader of a classic group shares out partitions. Users may bring their own.
 * Pure: the same members and topics give the same assignment, in whichever order they come.
 */
import type { Assignment, PartitionsOfTopic, Subscription } from './consumer-protocol.js'

/**
 * Eager: everything is given up before a rebalance. Cooperative: members keep what they have until they are told to give
 * it up, and what they gave up is handed out in the rebalance that follows (KIP-429).
 */
export type RebalanceProtocol = 'eager' | 'cooperative'

export interface GroupMember {
  readonly memberId: string
  /** Of a static member (KIP-345); null for others. */
  readonly groupInstanceId: string | null
  readonly subscription: Subscription
}

/** What the leader's metadata say of a topic. */
export interface TopicLayout {
  readonly partitions: number
  /** For each partition the racks of its replicas, whether in sync or not; left out where no broker has a rack. */
  readonly racks?: readonly (readonly string[])[]
}

/** Who a member was when it got an assignment. */
export interface Membership {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** One object serves one consumer: the sticky ones remember what their member has got. */
export interface Assignor {
  /** What the members of a group vote for: all of them have to offer it. */
  readonly name: string
  readonly supportedProtocols: readonly RebalanceProtocol[]
  /** What every member adds to its subscription; nothing where left out. */
  subscriptionUserData?(topics: readonly string[]): Uint8Array | null
  /**
   * Called on the leader. Members may be subscribed to topics that are not there; they get nothing of these. A
   * cooperative assignor never gives a member what another one still owns: see `stillOwned`.
   */
  assign(
    members: readonly GroupMember[],
    topics: ReadonlyMap<string, TopicLayout>,
  ): ReadonlyMap<GroupMember['memberId'], Assignment>
  /** Called on every member when it has got its assignment. */
  onAssignment?(assignment: Assignment, membership: Membership): void
}

/** The order in which partitions are dealt: static members by instance, then the others by id. */
export function inDealingOrder<M extends Pick<GroupMember, 'memberId'> & { readonly groupInstanceId: string | null }>(
  members: readonly M[],
): M[] {
  return [...members].sort((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null)
      return compareText(a.groupInstanceId, b.groupInstanceId)
    if (a.groupInstanceId !== null) return -1
    if (b.groupInstanceId !== null) return 1
    return compareText(a.memberId, b.memberId)
  })
}

/** Kafka's order of text, by UTF-16 code units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** A partition that an assignment gives to one member while another owns it. */
export interface ContendedPartition {
  readonly topic: string
  readonly partition: number
  readonly owner: string
  readonly receiver: string
}

/**
 * What breaks the cooperative promise: partitions that go to a member which does not own them, while their owner is told
 * of their loss by the same assignment. The leader refuses an assignment that has any.
 */
export function stillOwned(
  members: readonly GroupMember[],
  assignments: ReadonlyMap<string, Assignment>,
): readonly ContendedPartition[] {
  const owners = new Map<string, Map<number, string[]>>()
  for (const { memberId, subscription } of members) {
    eachPartition(subscription.ownedPartitions, (topic, partition) => {
      const ofTopic = owners.get(topic) ?? new Map<number, string[]>()
      owners.set(topic, ofTopic)
      ofTopic.set(partition, [...(ofTopic.get(partition) ?? []), memberId])
    })
  }
  const contended: ContendedPartition[] = []
  for (const [receiver, { partitions }] of assignments) {
    eachPartition(partitions, (topic, partition) => {
      const held = owners.get(topic)?.get(partition) ?? []
      const [owner] = held
      if (owner !== undefined && !held.includes(receiver)) contended.push({ topic, partition, owner, receiver })
    })
  }
  return contended
}

function eachPartition(entries: readonly PartitionsOfTopic[], visit: (topic: string, partition: number) => void): void {
  for (const { topic, partitions } of entries) for (const partition of partitions) visit(topic, partition)
}
