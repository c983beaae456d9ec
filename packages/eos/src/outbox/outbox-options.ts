/**
 * The options of `outbox` and of its relay, and their check.
 */
import type { ProducerOptions, Serde } from '@samsa/producer'
import { type Clock, ConfigError, type Logger, type Random } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions, surroundingRows } from '@samsa/runtime/internal'
import type { LeaseStore } from '../store/lease-store.js'

export interface OutboxOptions<Key, Value> {
  /** Of the box: part of the relay's transactional ids and of the name of its topic, so its own in the cluster too. */
  readonly name: string
  /**
   * How many relays can share the work. A key's records are in one lane, so its order holds; let the box run empty before the
   * number is changed. Default: 4.
   */
  readonly lanes?: number | undefined
  /** How keys become bytes; without it they are strings, bytes or null. */
  readonly key?: Serde<Key> | undefined
  readonly value?: Serde<Value> | undefined
}

export interface RelayOptions {
  /**
   * Of the producers that the relay makes, its addresses for one. What is in the box is bytes already, so there are no serdes;
   * the transactional ids are the relay's, `outbox.NAME.LANE`.
   */
  readonly producer: Omit<ProducerOptions<never, never>, 'key' | 'value' | 'transactionalId'>
  /**
   * `exactly-once`: a record is seen once by `readCommitted` consumers. `at-least-once`: it may be seen again behind a crash,
   * with the same `outbox-id`.
   */
  readonly mode: 'at-least-once' | 'exactly-once'
  /** The most records that are sent before they are removed; with `exactly-once` one transaction. Default: 200. */
  readonly batch?: number | undefined
  /** The pause before an empty lane is looked at again. Default: 200. */
  readonly pollIntervalMs?: number | undefined
  /** Which lanes are this relay's, from 0 on. Default: all. */
  readonly lanes?: readonly number[] | undefined
  /** Where lanes are claimed, so that another relay stands by; `false` says that no other one runs. Default: the store. */
  readonly leases?: LeaseStore | false | undefined
  /** How long a relay that is gone keeps a lane. Default: 10,000. */
  readonly leaseMs?: number | undefined
  /** The pause of a lane when sending has failed; it doubles with each failure. Default: 200. */
  readonly retryBackoffMs?: number | undefined
  /** The longest pause. Default: 30,000. */
  readonly retryBackoffMaxMs?: number | undefined
  /** What `exactly-once` remembers is in this topic, compacted and with a partition for each lane. Default: outbox-progress.NAME. */
  readonly progressTopic?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
}

const NAME = /^[a-zA-Z0-9._-]{1,200}$/
const MOST_LANES = 1_024

const serde = {
  type: 'object',
  guard: (value: unknown) => hasMethods(value, 'serialize', 'deserialize'),
  expects: 'a serde',
  optional: true,
  kafka: null,
  text: 'How it becomes bytes.',
} as const

const boxTable = configTable({
  name: 'outbox',
  rows: {
    name: { type: 'string', pattern: NAME, required: true, kafka: null, text: 'The name of the box.' },
    lanes: {
      type: 'integer',
      min: 1,
      max: MOST_LANES,
      default: 4,
      kafka: null,
      text: 'How many relays can share the work.',
    },
    key: serde,
    value: serde,
  } as const,
})

const milliseconds = { type: 'integer', min: 1, max: 2_147_483_647, kafka: null } as const

const relayTable = configTable({
  name: 'relay',
  rows: {
    producer: { type: 'object', required: true, kafka: null, text: 'The options of its producers.' },
    mode: {
      type: 'enum',
      values: ['at-least-once', 'exactly-once'],
      required: true,
      kafka: null,
      text: 'What it promises.',
    },
    batch: {
      type: 'integer',
      min: 1,
      max: 10_000,
      default: 200,
      kafka: null,
      text: 'The most records sent at a time.',
    },
    pollIntervalMs: { ...milliseconds, default: 200, text: 'The pause before an empty lane is looked at again.' },
    lanes: {
      type: 'list',
      of: { type: 'integer', min: 0, max: MOST_LANES - 1 },
      nonEmpty: true,
      optional: true,
      kafka: null,
      text: 'Its lanes.',
    },
    leases: {
      type: 'either',
      of: [{ type: 'enum', values: [false] }, { type: 'object' }],
      optional: true,
      kafka: null,
      text: 'Where lanes are claimed.',
    },
    leaseMs: { ...milliseconds, min: 100, default: 10_000, text: 'How long a relay that is gone keeps a lane.' },
    retryBackoffMs: { ...milliseconds, default: 200, text: 'The pause of a lane when sending has failed.' },
    retryBackoffMaxMs: { ...milliseconds, default: 30_000, text: 'The longest pause.' },
    progressTopic: { type: 'string', nonEmpty: true, optional: true, kafka: null, text: 'Where progress is written.' },
    ...surroundingRows,
  } as const,
})

export interface BoxConfig {
  readonly name: string
  readonly lanes: number
}

export function checkedBox(options: object): BoxConfig {
  return parseOptions(boxTable, options)
}

/** What is left out, filled in. */
export interface RelayConfig {
  readonly mode: RelayOptions['mode']
  readonly producer: RelayOptions['producer']
  readonly batch: number
  readonly pollIntervalMs: number
  readonly lanes: readonly number[]
  readonly leases: LeaseStore | undefined
  readonly leaseMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly progressTopic: string
}

export function checkedRelay(options: RelayOptions, { name, lanes: count }: BoxConfig, store: object): RelayConfig {
  const parsed = parseOptions(relayTable, options)
  const lanes = parsed.lanes ?? Array.from({ length: count }, (_, lane) => lane)
  const beyond = lanes.find(lane => lane >= count)
  if (beyond !== undefined) throw new ConfigError(`relay: there is no lane ${beyond} in ${name}, which has ${count}.`)
  for (const own of ['key', 'value', 'transactionalId']) {
    if (own in parsed.producer) throw new ConfigError(`relay: leave ${own} out of producer: the relay sees to that.`)
  }
  return {
    ...parsed,
    producer: options.producer,
    lanes,
    leases: leasesOf(options.leases, store),
    progressTopic: parsed.progressTopic ?? `outbox-progress.${name}`,
  }
}

function leasesOf(given: LeaseStore | false | undefined, store: object): LeaseStore | undefined {
  if (given === false) return undefined
  const leases = given ?? store
  if (hasMethods(leases, 'claim', 'renew', 'release')) return leases as LeaseStore
  throw new ConfigError(
    'relay: this store cannot claim lanes, so a second relay would send the same records at the same time. Give it leases: another store that can, or false if you see to it that there is one relay for each lane.',
  )
}
