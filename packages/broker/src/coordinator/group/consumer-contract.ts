/**
 * What a consumer group is asked, what it answers and what it goes by: the types of `consumer-group.ts`.
 */
import type { ServerAssignor } from '@samsa/protocol/internal'
import type { Answer, Reply } from '../shard.js'
import type { ClassicGroupSettings } from './classic-contract.js'
import type { GroupTopics } from './group-topics.js'
import type { PartitionsOfTopicId } from './holdings.js'

/** Epochs that are no epochs. */
export const JOINING = 0
export const LEAVING = -1
/** A static member leaves, and keeps its place for the next one of its name. */
export const LEAVING_FOR_A_WHILE = -2

export interface ConsumerHeartbeat {
  /** Empty where the coordinator chooses. */
  readonly memberId: string
  readonly memberEpoch: number
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Null in what follows, and -1 for the time: as before. */
  readonly rackId: string | null
  readonly rebalanceTimeoutMs: number
  readonly topics: readonly string[] | null
  readonly pattern: string | null
  readonly assignor: string | null
  readonly owned: readonly PartitionsOfTopicId[] | null
}

export interface ConsumerAnswer {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  /** Null: as before. */
  readonly assignment: readonly PartitionsOfTopicId[] | null
}

export interface ConsumerTimes {
  readonly sessionMs: number
  readonly heartbeatMs: number
  /** Least time between two target assignments. */
  readonly assignmentMs: number
}

export interface ConsumerGroupSettings {
  /** The first is the default. */
  readonly assignors: readonly ServerAssignor[]
  /** Most members. */
  readonly maxSize: number
  /** A uuid in Kafka's form. */
  readonly newMemberId: () => string
  readonly topics: GroupTopics
  /** As they are now, for this group. */
  readonly times: (groupId: string) => ConsumerTimes
  /** Of heartbeats while the group changes. */
  readonly fastestHeartbeatMs: number
  /** After this time patterns are resolved again, whatever happened. */
  readonly patternRefreshMs: number
  /** Whether classic groups become consumer groups while members are in them, and the reverse. */
  readonly canUpgrade: boolean
  readonly canDowngrade: boolean
  readonly classic: ClassicGroupSettings
}

export function refusal(errorCode: number, errorMessage: string | null): ConsumerAnswer {
  return { errorCode, errorMessage, memberId: null, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null }
}

/** What is told is looked up when it is told: the step's records are part of it then. */
export function consumerAnswer(reply: Reply<ConsumerAnswer>, tell: () => ConsumerAnswer): Answer {
  return { give: () => reply(tell()), refuse: code => reply(refusal(code, null)) }
}
