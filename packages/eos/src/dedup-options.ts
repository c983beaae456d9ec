/**
 * The options of `dedup`, in its two kinds, and their check.
 */
import type { ConsumerRecord } from '@samsa/consumer'
import { type Clock, ConfigError } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions, surroundingRows } from '@samsa/runtime/internal'
import { keptFor } from './kept-for.js'
import type { FingerprintOf, IdOf } from './record-id.js'
import type { LeaseStore } from './store/lease-store.js'
import type { TxStore } from './store/tx-store.js'

interface DedupOptions<Key, Value> {
  /** The id of a record, as its sender chose it: `record => record.value?.id`. */
  readonly key: IdOf<Key, Value>
  /** Whose ids these are. Default: the consumer's group. */
  readonly scope?: string | undefined
  /** How long an id is remembered; a duplicate that comes later is handled again. Default: 14 days. */
  readonly ttlMs?: number | undefined
  /** What must be the same when an id comes again, or false for nothing. Default: the bytes of the value. */
  readonly fingerprint?: FingerprintOf<Key, Value> | false | undefined
  /** Told of each record that was left out because its id was handled before. */
  readonly onDuplicate?: ((record: ConsumerRecord<Key, Value>) => void) | undefined
}

export interface TxDedupOptions<Tx, Key, Value> extends DedupOptions<Key, Value> {
  readonly store: TxStore<Tx>
  readonly leaseMs?: undefined
}

export interface LeaseDedupOptions<Key, Value> extends DedupOptions<Key, Value> {
  readonly store: LeaseStore
  /** How long a worker that is gone keeps others from its id. One that lives renews it. */
  readonly leaseMs: number
  /** What to do about an id that another worker has: wait for it, or fail with a retriable error. Default: wait. */
  readonly onBusy?: 'wait' | 'fail' | undefined
  /** The longest wait for another worker. Default: 300,000. */
  readonly busyTimeoutMs?: number | undefined
  /** Time, for tests. */
  readonly clock?: Clock | undefined
}

/** A timer of Node. */
const LONGEST_LEASE_MS = 2_147_483_647
const ROWS = {
  store: { type: 'object', required: true, kafka: null, text: 'Where ids are kept.' },
  key: {
    type: 'function',
    required: true,
    kafka: null,
    text: 'A function of a record that gives its id.',
  },
  scope: { type: 'string', nonEmpty: true, optional: true, kafka: null, text: 'Whose ids these are.' },
  ttlMs: { ...keptFor, text: 'How long an id is remembered.' },
  fingerprint: {
    type: 'either',
    of: [{ type: 'function' }, { type: 'enum', values: [false] }],
    optional: true,
    kafka: null,
    text: 'What must be the same when an id comes again.',
  },
  onDuplicate: { type: 'function', optional: true, kafka: null, text: 'Told of duplicates.' },
  leaseMs: {
    type: 'integer',
    min: 10,
    max: LONGEST_LEASE_MS,
    optional: true,
    kafka: null,
    text: 'How long a worker that is gone keeps others from its id.',
  },
  onBusy: { type: 'enum', values: ['wait', 'fail'], default: 'wait', kafka: null, text: 'When another has the id.' },
  busyTimeoutMs: {
    type: 'integer',
    min: 0,
    max: LONGEST_LEASE_MS,
    default: 300_000,
    kafka: null,
    text: 'The longest wait for another worker.',
  },
  clock: surroundingRows.clock,
} as const

const dedupTable = configTable({ name: 'dedup', rows: ROWS })

/** What is left out, filled in; wrong use throws. */
export function checkedDedup(options: object): {
  readonly ttlMs: number
  readonly onBusy: 'wait' | 'fail'
  readonly busyTimeoutMs: number
} {
  const { store, leaseMs, ttlMs, onBusy, busyTimeoutMs } = parseOptions(dedupTable, options)
  const isLeased = leaseMs !== undefined
  const needed = isLeased ? ['claim', 'renew', 'complete', 'release'] : ['transaction', 'insertOnce']
  if (!hasMethods(store, ...needed)) {
    const hint = isLeased ? 'With leaseMs' : 'Without leaseMs'
    throw new ConfigError(`dedup: ${hint} the store needs ${needed.join(', ')}; this one cannot give that promise.`)
  }
  return { ttlMs, onBusy, busyTimeoutMs }
}

export function isLeased<Tx, Key, Value>(
  options: TxDedupOptions<Tx, Key, Value> | LeaseDedupOptions<Key, Value>,
): options is LeaseDedupOptions<Key, Value> {
  return options.leaseMs !== undefined
}
