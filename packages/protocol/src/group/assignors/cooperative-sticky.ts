/**
 * Kafka's `cooperative-sticky`: the sticky assignment, reached in two rebalances. Members keep what they own; a partition
 * that is to go from one to another is first given to nobody, and in the rebalance that follows to its new owner.
 */
import type { Assignor, GroupMember } from '../assignor.js'
import { decodeGenerationUserData, encodeGenerationUserData, NO_GENERATION } from '../consumer-protocol.js'
import { at, NOBODY } from './numbered-partitions.js'
import { assignSticky } from './sticky.js'
import { type Claim, StickyGroup } from './sticky-group.js'

/** Remembers the generation in which its member got its last assignment. */
export function cooperativeStickyAssignor(): Assignor {
  let lastGeneration = NO_GENERATION
  return {
    name: 'cooperative-sticky',
    supportedProtocols: ['cooperative', 'eager'],
    subscriptionUserData: () => encodeGenerationUserData(lastGeneration),
    assign(members, topics) {
      const group = new StickyGroup(members, topics, claimOfOwner)
      const owners = assignSticky(group)
      withholdOwned(group, owners)
      return group.partitions.assignments(group.memberIds, owners)
    },
    onAssignment(_assignment, { generationId }) {
      lastGeneration = generationId
    },
  }
}

function claimOfOwner({ subscription }: GroupMember): Claim {
  const { ownedPartitions: partitions, generationId } = subscription
  if (generationId !== NO_GENERATION) return { partitions, generationId }
  return { partitions, generationId: generationInUserData(subscription.userData) }
}

function generationInUserData(userData: Uint8Array | null): number {
  if (userData === null) return NO_GENERATION
  try {
    return decodeGenerationUserData(userData)
  } catch {
    return NO_GENERATION
  }
}

/**
 * Takes away again what goes to a member that does not own it while another one does. Where all have the same
 * subscription, a partition that two own in one generation is taken from both, as Kafka does. Unlike Kafka this also
 * holds back what leaves its owner because of racks, and what a receiver with another subscription claims from earlier.
 */
function withholdOwned(group: StickyGroup, owners: Int32Array): void {
  const holders = new Map<number, number[]>()
  for (const [member, { numbers }] of group.claimed.entries()) {
    for (const number of numbers) {
      const others = holders.get(number)
      if (others === undefined) holders.set(number, [member])
      else others.push(member)
    }
  }
  for (const [number, members] of holders) {
    const owner = at(group.owners, number)
    const receiver = at(owners, number)
    const torn = group.sameSubscriptions && group.contested.has(number)
    // A claim of an earlier generation does not help the receiver against the owner.
    if (torn || !members.includes(receiver) || (owner !== NOBODY && owner !== receiver)) owners[number] = NOBODY
  }
}
