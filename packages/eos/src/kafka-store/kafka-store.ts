/**
 * `kafkaStore`: ids that were handled, kept in Kafka itself. A compacted topic has a record for each id, written in the
 * transaction that also has the output and the offsets; memory has the same, read from there before a partition is worked
 * on. It has no transactions of its own, so that it is no TxStore: only `transactionalLoop` can use it.
 */
import type { ClientOptions } from '@samsa/client'
import type { Clock } from '@samsa/runtime'
import { configTable, parseOptions } from '@samsa/runtime/internal'
import { keptFor } from '../kept-for.js'
import { Changelog } from './changelog.js'

export interface KafkaStoreOptions {
  /** Where the ids are; made, compacted, when it is missing. Of one group alone. */
  readonly topic: string
  /** The most ids of one partition that are remembered; beyond it the oldest are forgotten. Default: 100,000. */
  readonly maxIds?: number | undefined
  /** How long an id is remembered. Default: 14 days. */
  readonly ttlMs?: number | undefined
  /** Of the topic, when it is made. Default: what the broker is set to. */
  readonly replicationFactor?: number | undefined
  /** How long the ids of a partition may take to be read, before that is begun anew. Default: 300,000. */
  readonly restoreTimeoutMs?: number | undefined
}

/** What a loop knows about who it works for. */
export interface KafkaStoreSurroundings {
  /** As the loop's consumer has them. */
  readonly client: ClientOptions
  readonly clock: Clock
  /** Those that the loop reads. */
  readonly topics: readonly string[]
}

export interface KafkaIdStore {
  readonly topic: string
  open(surroundings: KafkaStoreSurroundings): Changelog
}
const MOST_MS = 2_147_483_647

const ROWS = {
  topic: { type: 'string', nonEmpty: true, required: true, kafka: null, text: 'Where the ids are.' },
  maxIds: {
    type: 'integer',
    min: 1,
    max: 10_000_000,
    default: 100_000,
    kafka: null,
    text: 'The most ids of one partition that are remembered.',
  },
  ttlMs: { ...keptFor, text: 'How long an id is remembered.' },
  replicationFactor: { type: 'integer', min: 1, max: 32_767, optional: true, kafka: null, text: 'Of the topic.' },
  restoreTimeoutMs: {
    type: 'integer',
    min: 1,
    max: MOST_MS,
    default: 300_000,
    kafka: null,
    text: 'How long the ids of a partition may take to be read.',
  },
} as const

const table = configTable({ name: 'kafkaStore', rows: ROWS })

export function kafkaStore(options: KafkaStoreOptions): KafkaIdStore {
  const config = parseOptions(table, options)
  return { topic: config.topic, open: surroundings => new Changelog({ ...config, ...surroundings }) }
}
