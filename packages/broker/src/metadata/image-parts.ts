/**
 * What the image is made of: topics, partitions, brokers, and the delta that tells listeners which of them changed. Plain
 * data; the image (`image.ts`) is their one owner.
 */
import type { Uuid } from '@samsa/protocol'

export interface TopicImage {
  readonly id: Uuid
  readonly name: string
  /** By partition number, without holes. */
  readonly partitions: readonly PartitionImage[]
}

export interface PartitionImage {
  readonly index: number
  /** -1 while there is none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
  /** 1 while an unclean election is being recovered from. */
  readonly leaderRecoveryState: number
  /** Where each replica lies: one directory a replica, in the same order. */
  readonly directories: readonly Uuid[]
  readonly eligibleLeaderReplicas: readonly number[]
  readonly lastKnownElr: readonly number[]
}

export interface EndpointImage {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
}

export interface BrokerImage {
  readonly id: number
  /** Offset of the record that registered it. */
  readonly epoch: bigint
  readonly incarnationId: Uuid
  readonly endpoints: readonly EndpointImage[]
  readonly rack: string | null
  readonly isFenced: boolean
  readonly inControlledShutdown: boolean
  readonly directories: readonly Uuid[]
  /** The levels that it understands. */
  readonly features: readonly FeatureRange[]
}

export interface FeatureRange {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
}

/** Kinds of things that have a configuration, and the numbers that requests and records know them by. */
export const configResourceTypes = { topic: 2, broker: 4, 'client-metrics': 16, group: 32 } as const

export type ConfigResourceType = keyof typeof configResourceTypes

/** The kind that a number stands for; undefined for loggers and what is no kind at all. */
export function configResourceTypeOf(number: number): ConfigResourceType | undefined {
  return configResourceTypeNames.get(number)
}

const configResourceTypeNames: ReadonlyMap<number, ConfigResourceType> = new Map([
  [2, 'topic'],
  [4, 'broker'],
  [16, 'client-metrics'],
  [32, 'group'],
])

/** What one append to the metadata log, or one replay of many records, changed. */
export class MetadataDelta {
  /** Topics that are new, or that have partitions which are. */
  readonly grownTopics: Set<TopicImage> = new Set()
  readonly deletedTopics: Set<TopicImage> = new Set()
  /** Partitions that were there and changed: leader, epochs, replicas. */
  readonly changedPartitions: Map<string, { readonly topic: TopicImage; readonly index: number }> = new Map()
  readonly changedConfigs: Map<string, { readonly type: ConfigResourceType; readonly name: string }> = new Map()
  brokersChanged = false
}
