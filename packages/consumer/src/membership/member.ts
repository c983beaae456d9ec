/**
 * What a member of a group is to the rest of the consumer, whichever protocol it speaks. A member keeps itself alive and
 * talks to the coordinator by itself; whatever changes what the application has is a task, which waits until the group
 * does it inside a call of the application.
 */
import type { KafkaError } from '@samsa/runtime'
import type { ConsumerCluster } from '../cluster.js'
import type { ConsumerConfig } from '../consumer-options.js'
import type { GroupMetrics } from '../group-metrics.js'
import type { TopicPartition } from '../topic-partition.js'
import type { TopicWatch } from './topic-watch.js'

/** Who commits: the generation of a classic group, the epoch of the member otherwise; -1 from outside of the group. */
export interface MemberIdentity {
  readonly memberId: string
  readonly generationId: number
  readonly groupInstanceId: string | null
}

export const NO_MEMBER: Pick<MemberIdentity, 'memberId' | 'generationId'> = { memberId: '', generationId: -1 }

/** What stands between what the application has and what it may have. */
export type MemberTask =
  | {
      /** Before a rebalance, or after the membership was lost: then others may have the partitions already. */
      readonly kind: 'give-up'
      readonly isLost: boolean
      /** Everything, or only what is no longer subscribed to. */
      readonly extent: 'all' | 'unsubscribed'
      readonly reason: string
    }
  | {
      /** Everything that the member may have now. */
      readonly kind: 'take'
      readonly target: readonly TopicPartition[]
    }

export interface TaskOutcome {
  /** What was given up on the way to the target. */
  readonly revoked: readonly TopicPartition[]
  /** What a listener threw, if one did. */
  readonly error?: unknown
}

/** What the member has to know of the subscription; null for either that is not used. */
export interface WantedTopics {
  readonly topics: readonly string[]
  /** A pattern that the broker resolves. */
  readonly serverPattern: string | null
}

/** What every member is made of. */
export interface MemberParts {
  readonly config: ConsumerConfig & { readonly groupId: string }
  readonly cluster: ConsumerCluster
  readonly metrics: GroupMetrics
  readonly watch: TopicWatch
  /** Whether the application has polled since this was asked last, or waits in a poll. */
  readonly heard: () => boolean
  /** What the application has, which is what the member owns. */
  readonly owned: () => readonly TopicPartition[]
  /** There is a task, or a failure. */
  readonly onChange: () => void
}

export interface Member {
  readonly protocol: 'classic' | 'consumer'
  readonly identity: MemberIdentity
  /** A commit of now counts as this member's; otherwise why not. */
  readonly standing: 'member' | 'rebalancing' | 'out'
  /** Why the member was put out of the group, as far as it knows; for whoever wants to commit all the same. */
  readonly whyOut: string | undefined
  readonly task: MemberTask | undefined
  /** What the application has to be told. Once; fatal ones again and again. */
  takeFailure(): KafkaError | undefined
  readonly hasFailure: boolean
  /** The subscription as it is from now on. The first one joins. */
  want(wanted: WantedTopics): void
  done(task: MemberTask, outcome: TaskOutcome): void
  rejoin(reason: string): void
  /** A broker answered a commit, made as `identity`, with that error. */
  commitRefused(code: string, identity: MemberIdentity): void
  /** Metadata or the topics of a pattern are others than before. */
  topicsChanged(): void
  /** Stops everything, and tells the coordinator where it has to know. Never fails. */
  leave(options: { readonly reason: string; readonly isFinal: boolean; readonly timeoutMs: number }): Promise<void>
}
