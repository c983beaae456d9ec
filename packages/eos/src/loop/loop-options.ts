/**
 * The options of `transactionalLoop`, their check, and what its consumer and producer must be like.
 */
import type { Consumer, ConsumerRecord } from '@samsa/consumer'
import { consumerInsight } from '@samsa/consumer/internal'
import type { Producer } from '@samsa/producer'
import { producerSetup } from '@samsa/producer/internal'
import { type Clock, ConfigError, type ConfigOf, type Logger, type Random } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions, surroundingRows } from '@samsa/runtime/internal'
import type { KafkaIdStore } from '../kafka-store/kafka-store.js'
import type { FingerprintOf, IdOf } from '../record-id.js'

export interface PoisonOptions {
  /** Whether the records of a batch that failed are tried again one by one, so that one bad record harms no other. Default: true. */
  readonly isolate?: boolean | undefined
  /** How often a record alone (without `isolate`: a batch) is tried. Default: 5. */
  readonly attempts?: number | undefined
  /** The pause behind the first failure; it doubles with each. Default: 200. */
  readonly initialMs?: number | undefined
  /** The longest pause. Default: 30,000. */
  readonly maxMs?: number | undefined
  /** Whether what the work threw counts as an attempt; otherwise the same is tried until it succeeds. Default: all counts. */
  readonly counts?: ((error: unknown) => boolean) | undefined
  /** Where a record goes that has failed for good, in one transaction with its offset; without it, and without `isolate`, the loop ends. */
  readonly deadLetter?: string | ((record: ConsumerRecord<unknown, unknown>, error: unknown) => string) | undefined
}

export interface LoopDedupOptions<Key, Value> {
  /** `kafkaStore(…)`: ids are written in the same transaction. */
  readonly store: KafkaIdStore
  /** The id of a record, as its sender chose it. One id must always come to the same partition. */
  readonly key: IdOf<Key, Value>
  /** What must be the same when an id comes again, or false for nothing. Default: the bytes of the value. */
  readonly fingerprint?: FingerprintOf<Key, Value> | false | undefined
  /** Told of each record that was left out because its id was handled before. */
  readonly onDuplicate?: ((record: ConsumerRecord<Key, Value>) => void) | undefined
}

export interface LoopOptions<Key, Value, OutKey, OutValue> {
  /** Of a group, with `isolationLevel: 'readCommitted'` and `enableAutoCommit: false`. It stays the application's to close. */
  readonly consumer: Consumer<Key, Value>
  /** With a `transactionalId` that no other running loop has. It stays the application's to close. */
  readonly producer: Producer<OutKey, OutValue>
  readonly topics: readonly string[]
  /** The most records of one transaction. Default: 500. */
  readonly maxBatch?: number | undefined
  /** How long a transaction that has records waits for more. Default: 100. */
  readonly maxDelayMs?: number | undefined
  /** How long the work may take for one transaction. Below the consumer's maxPollIntervalMs. Default: three quarters of the producer's transactionTimeoutMs. */
  readonly workTimeoutMs?: number | undefined
  /** How long the outcome of a commit is waited for. Default: 300,000. */
  readonly commitTimeoutMs?: number | undefined
  readonly poison?: PoisonOptions | undefined
  /** Leaves out records whose id was handled before. */
  readonly dedup?: LoopDedupOptions<Key, Value> | undefined
  /** Default: those of the consumer. */
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
}

const POISON_ROWS = {
  isolate: {
    type: 'boolean',
    default: true,
    kafka: null,
    text: 'Whether a batch that failed is tried again one by one.',
  },
  attempts: { type: 'integer', min: 1, max: 1_000_000, default: 5, kafka: null, text: 'How often a record is tried.' },
  initialMs: { type: 'integer', min: 0, max: 3_600_000, default: 200, kafka: null, text: 'The first pause.' },
  maxMs: { type: 'integer', min: 0, max: 3_600_000, default: 30_000, kafka: null, text: 'The longest pause.' },
  counts: { type: 'function', optional: true, kafka: null, text: 'Whether a failure counts as an attempt.' },
  deadLetter: {
    type: 'either',
    of: [{ type: 'string', nonEmpty: true }, { type: 'function' }],
    optional: true,
    kafka: null,
    text: 'The topic of dead letters.',
  },
} as const

const MOST_MS = 2_147_483_647

const ROWS = {
  consumer: { type: 'object', required: true, kafka: null, text: 'What reads.' },
  producer: { type: 'object', required: true, kafka: null, text: 'What writes.' },
  topics: { type: 'list', nonEmpty: true, required: true, kafka: null, text: 'What is read.' },
  maxBatch: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 500,
    kafka: null,
    text: 'The most records of one transaction.',
  },
  maxDelayMs: {
    type: 'integer',
    min: 0,
    max: 3_600_000,
    default: 100,
    kafka: null,
    text: 'How long a transaction that has records waits for more.',
  },
  workTimeoutMs: {
    type: 'integer',
    min: 1,
    max: MOST_MS,
    optional: true,
    kafka: null,
    text: 'How long the work may take for one transaction.',
  },
  commitTimeoutMs: {
    type: 'integer',
    min: 1,
    max: MOST_MS,
    default: 300_000,
    kafka: null,
    text: 'How long the outcome of a commit is waited for.',
  },
  poison: { type: 'object', default: {}, kafka: null, text: 'What becomes of records that fail.' },
  dedup: { type: 'object', optional: true, kafka: null, text: 'Leaves out records whose id was handled before.' },
  ...surroundingRows,
} as const

const DEDUP_ROWS = {
  store: { type: 'object', required: true, kafka: null, text: 'Where ids are kept.' },
  key: { type: 'function', required: true, kafka: null, text: 'A function of a record that gives its id.' },
  fingerprint: {
    type: 'either',
    of: [{ type: 'function' }, { type: 'enum', values: [false] }],
    optional: true,
    kafka: null,
    text: 'What must be the same when an id comes again.',
  },
  onDuplicate: { type: 'function', optional: true, kafka: null, text: 'Told of duplicates.' },
} as const

const loopTable = configTable({ name: 'transactional loop', rows: ROWS })
const poisonTable = configTable({ name: 'poison of a transactional loop', rows: POISON_ROWS })
const dedupTable = configTable({ name: 'dedup of a transactional loop', rows: DEDUP_ROWS })

/** The work must end before the broker gives the transaction up. */
const WORK_SHARE = 3 / 4

export interface CheckedLoop {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly maxBatch: number
  readonly maxDelayMs: number
  readonly workTimeoutMs: number
  readonly commitTimeoutMs: number
  readonly poison: Omit<ConfigOf<typeof POISON_ROWS>, 'deadLetter' | 'counts'> &
    Pick<PoisonOptions, 'deadLetter' | 'counts'>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** What is left out, filled in; wrong use throws. */
export function checkedLoop<Key, Value, OutKey, OutValue>(
  options: LoopOptions<Key, Value, OutKey, OutValue>,
): CheckedLoop {
  const config = parseOptions(loopTable, options)
  const poison = parseOptions(poisonTable, config.poison) as CheckedLoop['poison']
  if (config.dedup !== undefined) checkDedup(config.dedup)
  const { groupId, maxPollIntervalMs, cluster } = checkedConsumer(options.consumer)
  const transactionTimeoutMs = checkedProducer(options.producer)
  const { topics, maxBatch, maxDelayMs, commitTimeoutMs } = config
  const { workTimeoutMs = Math.ceil(transactionTimeoutMs * WORK_SHARE) } = config
  if (workTimeoutMs >= transactionTimeoutMs) {
    throw new ConfigError(
      `workTimeoutMs (${workTimeoutMs}) must be below the producer's transactionTimeoutMs (${transactionTimeoutMs}): the broker would end the transaction, and the producer, before.`,
    )
  }
  if (workTimeoutMs >= maxPollIntervalMs) {
    throw new ConfigError(
      `workTimeoutMs (${workTimeoutMs}) must be below the consumer's maxPollIntervalMs (${maxPollIntervalMs}): the group would put the consumer out meanwhile, and refuse its offsets, each time anew.`,
    )
  }
  const { clock = cluster.clock, random = cluster.random, logger = cluster.logger } = config
  return {
    ...{ groupId, topics, maxBatch, maxDelayMs, workTimeoutMs, commitTimeoutMs },
    ...{ poison, clock, random, logger },
  }
}

function checkDedup(dedup: object): void {
  const { store } = parseOptions(dedupTable, dedup)
  if (hasMethods(store, 'open')) return
  throw new ConfigError(
    'dedup.store: a transactional loop writes ids in its Kafka transaction, which only kafkaStore() can do. With ids in a database, use dedup() or offsetsInTransaction().',
  )
}

function checkedConsumer(consumer: object) {
  const setup = consumerInsight(consumer)
  if (setup === undefined) throw new ConfigError('consumer: must be a Consumer of @samsa/consumer.')
  const { config, cluster } = setup
  const { groupId, isolationLevel, enableAutoCommit, maxPollIntervalMs } = config
  const wrong = [
    ...(groupId === undefined ? ['groupId: without a group there are no offsets to commit'] : []),
    ...(isolationLevel === 'readCommitted'
      ? []
      : ["isolationLevel: 'readCommitted': what an aborted transaction wrote is no input"]),
    ...(enableAutoCommit ? ['enableAutoCommit: false: offsets are committed with the transaction alone'] : []),
  ]
  if (groupId === undefined || wrong.length > 0) {
    throw new ConfigError(`The consumer of a transactional loop needs the option ${wrong.join('; and the option ')}.`)
  }
  return { groupId, maxPollIntervalMs, cluster }
}

function checkedProducer(producer: object): number {
  const config = producerSetup(producer)
  if (config === undefined) throw new ConfigError('producer: must be a Producer of @samsa/producer.')
  if (config.transactionalId === undefined) {
    throw new ConfigError(
      'The producer of a transactional loop needs the option transactionalId: a name that stays the same when the process starts again, and that no other running loop has.',
    )
  }
  return config.transactionTimeoutMs
}
