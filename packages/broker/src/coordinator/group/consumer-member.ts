/**
 * ConsumerMember: one member of a consumer group (KIP-848) as it is written down: what it told, and how far it is with the
 * partitions it is to have. A value; a changed member is another one.
 */
import type { MemberProtocol } from './classic-member.js'
import { type Holdings, NO_HOLDINGS, sameHoldings } from './holdings.js'

/** By the numbers that records have. */
export const memberStates = {
  /** Has what it is to have. */
  stable: 0,
  /** Was told to give partitions up, and has not said yet that it did. */
  unrevoked: 1,
  /** Waits for partitions that others still hold. */
  unreleased: 2,
  /** Of a newer coordinator. */
  unknown: 127,
} as const

/** What a member says that speaks the classic protocol in a group which has moved on. */
export interface ClassicSide {
  readonly sessionTimeoutMs: number
  /** In its order of preference. */
  readonly protocols: readonly MemberProtocol[]
}

export interface ConsumerMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly topics: ReadonlySet<string>
  /** Empty for none; null where records of others say so. */
  readonly pattern: string | null
  readonly assignor: string | null
  /** Null for a member of this protocol. */
  readonly classic: ClassicSide | null
  readonly epoch: number
  /** The one before, for a member that never heard of the newest. */
  readonly previousEpoch: number
  readonly state: number
  readonly assigned: Holdings
  /** To be given up. */
  readonly revoking: Holdings
}

/** Joins, and has told nothing yet. */
export function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    topics: new Set(),
    pattern: '',
    assignor: null,
    classic: null,
    epoch: 0,
    previousEpoch: -1,
    state: memberStates.stable,
    assigned: NO_HOLDINGS,
    revoking: NO_HOLDINGS,
  }
}

export function patternOf({ pattern }: ConsumerMember): string | undefined {
  return pattern === null || pattern === '' ? undefined : pattern
}

/** Whether it has reached the target of that epoch. */
export function hasReached({ state, epoch }: ConsumerMember, targetEpoch: number): boolean {
  return state === memberStates.stable && epoch === targetEpoch
}

export function sameTopics(one: ConsumerMember, other: ConsumerMember): boolean {
  return one.topics.size === other.topics.size && [...one.topics].every(topic => other.topics.has(topic))
}

/** What they have told is the same. */
export function sameMetadata(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.pattern === other.pattern &&
    one.assignor === other.assignor &&
    sameTopics(one, other) &&
    sameClassic(one.classic, other.classic)
  )
}

/** How far they are is the same. */
export function sameProgress(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one.epoch === other.epoch &&
    one.previousEpoch === other.previousEpoch &&
    one.state === other.state &&
    sameHoldings(one.assigned, other.assigned) &&
    sameHoldings(one.revoking, other.revoking)
  )
}

function sameClassic(one: ClassicSide | null, other: ClassicSide | null): boolean {
  if (one === null || other === null) return one === other
  const { sessionTimeoutMs, protocols } = one
  if (sessionTimeoutMs !== other.sessionTimeoutMs || protocols.length !== other.protocols.length) return false
  return protocols.every(({ name, metadata }, index) => {
    const another = other.protocols[index]
    return another?.name === name && Buffer.compare(metadata, another.metadata) === 0
  })
}
