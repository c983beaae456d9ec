/**
 * Kafka's `sticky`: as even as it can be, and of that as much as possible where it was. It is eager: members give up
 * everything and tell in their user data what they had.
 */
import type { Assignor, GroupMember } from '../assignor.js'
import { type Assignment, decodeStickyUserData, encodeStickyUserData, NO_GENERATION } from '../consumer-protocol.js'
import { assignEqually } from './sticky-equal.js'
import { type Claim, StickyGroup } from './sticky-group.js'
import { assignMixed } from './sticky-mixed.js'

/** Remembers the assignment that its member got last. */
export function stickyAssignor(): Assignor {
  let last: { assignment: Assignment; generationId: number } | undefined
  return {
    name: 'sticky',
    supportedProtocols: ['eager'],
    subscriptionUserData() {
      if (last === undefined) return null
      return encodeStickyUserData({ partitions: last.assignment.partitions, generationId: last.generationId })
    },
    assign(members, topics) {
      const group = new StickyGroup(members, topics, claimInUserData)
      return group.partitions.assignments(group.memberIds, assignSticky(group))
    },
    onAssignment(assignment, { generationId }) {
      last = { assignment, generationId }
    },
  }
}

/** The owner of each partition: the core that both sticky assignors share. */
export function assignSticky(group: StickyGroup): Int32Array {
  return group.sameSubscriptions ? assignEqually(group) : assignMixed(group)
}

/** User data that cannot be read come from some other assignor of this name: such a member had nothing. */
function claimInUserData({ subscription: { userData } }: GroupMember): Claim {
  if (userData === null || userData.length === 0) return { partitions: [], generationId: NO_GENERATION }
  try {
    return decodeStickyUserData(userData)
  } catch {
    return { partitions: [], generationId: NO_GENERATION }
  }
}
