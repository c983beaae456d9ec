/**
 * The options of `offsetsInTransaction`, and their check: the consumer must leave offsets to the store.
 */
import type { Consumer } from '@samsa/consumer'
import { type ConsumerInsight, consumerInsight } from '@samsa/consumer/internal'
import { ConfigError } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions } from '@samsa/runtime/internal'
import type { OffsetStore } from '../store/offset-store.js'

export interface OffsetsInTransactionOptions<Tx, Key, Value> {
  /** With a `groupId`, `enableAutoCommit: false` and `autoOffsetReset: 'none'`: where to read on is what the store says. */
  readonly consumer: Consumer<Key, Value>
  readonly store: OffsetStore<Tx>
  readonly topics: readonly string[]
  /** Under which name offsets are stored. Default: the consumer's group. */
  readonly group?: string | undefined
  /** The most records in one transaction, all of one partition. Default: 500. */
  readonly batch?: number | undefined
  /**
   * Where to begin when nothing is stored, or when the stored offset has been removed from the log: nowhere, so that `run()`
   * rejects, or at an end of the log. Default: fail.
   */
  readonly onMissing?: 'fail' | 'earliest' | 'latest' | undefined
  /** Commits offsets to the group too, for tools that show lag. Nothing depends on it. Default: false. */
  readonly mirrorToKafka?: boolean | undefined
  /** How often work on the same records may fail, until `run()` rejects. Default: 5. */
  readonly maxAttempts?: number | undefined
  /** The pause behind the first failure; it doubles with each. Default: 200. */
  readonly retryBackoffMs?: number | undefined
  /** The longest pause. Default: 30,000. */
  readonly retryBackoffMaxMs?: number | undefined
}

const ROWS = {
  consumer: { type: 'object', required: true, kafka: null, text: 'Where records come from.' },
  store: { type: 'object', required: true, kafka: null, text: 'Where offsets and results are kept.' },
  topics: { type: 'list', nonEmpty: true, required: true, kafka: null, text: 'What is subscribed to.' },
  group: { type: 'string', nonEmpty: true, optional: true, kafka: null, text: 'Under which name offsets are stored.' },
  batch: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 500,
    kafka: null,
    text: 'The most records in one transaction.',
  },
  onMissing: {
    type: 'enum',
    values: ['fail', 'earliest', 'latest'],
    default: 'fail',
    kafka: null,
    text: 'Where to begin when nothing is stored, or when what is stored is gone.',
  },
  mirrorToKafka: { type: 'boolean', default: false, kafka: null, text: 'Whether to commit to the group too.' },
  maxAttempts: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    infinity: true,
    default: 5,
    kafka: null,
    text: 'How often work on the same records may fail.',
  },
  retryBackoffMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 200,
    kafka: null,
    text: 'The pause behind the first failure.',
  },
  retryBackoffMaxMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    default: 30_000,
    kafka: null,
    text: 'The longest pause.',
  },
} as const

const table = configTable({ name: 'offsetsInTransaction', rows: ROWS })

/** What is left out, filled in. */
export interface OffsetsConfig {
  readonly topics: readonly string[]
  readonly group: string
  readonly batch: number
  readonly onMissing: 'fail' | 'earliest' | 'latest'
  readonly mirrorToKafka: boolean
  readonly maxAttempts: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly insight: ConsumerInsight
}

/** Wrong use throws. */
export function checkedOffsets(options: object): OffsetsConfig {
  const { consumer, store, group, ...config } = parseOptions(table, options)
  if (!hasMethods(store, 'transaction', 'acquire', 'advance')) {
    throw wrong('the store needs transaction, acquire and advance; this one keeps no offsets.')
  }
  const insight = consumerInsight(consumer)
  if (insight === undefined) throw wrong('consumer must be a Consumer of @samsa/consumer.')
  const { groupId, enableAutoCommit, autoOffsetReset } = insight.config
  if (groupId === undefined) throw wrong('the consumer needs a groupId, so that partitions are shared.')
  if (enableAutoCommit) {
    throw wrong('the consumer commits by itself. Give it enableAutoCommit: false; mirrorToKafka commits for tools.')
  }
  if (autoOffsetReset !== 'none') {
    throw wrong(
      "the consumer would skip what it cannot find. Give it autoOffsetReset: 'none'; onMissing says what to do.",
    )
  }
  return { ...config, group: group ?? groupId, insight }
}

function wrong(message: string): ConfigError {
  return new ConfigError(`offsetsInTransaction: ${message}`)
}
