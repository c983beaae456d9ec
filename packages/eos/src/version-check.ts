/**
 * `versionCheck`: a record that changes a row says on which version of it it was built, or what must be in it. Check, change
 * and what follows are one transaction.
 */
import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
import { ConfigError } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions } from '@samsa/runtime/internal'
import type { TxContext } from './dedup.js'
import { reach } from './failpoint.js'
import { contextWith, type HandlerWith, type Middleware } from './middleware.js'
import { found } from './observation.js'
import { type IdOf, idOf, placeOf } from './record-id.js'
import type { Row, RowStore } from './store/row-store.js'
import { VersionError, type VersionMiss } from './version-error.js'

export type VersionOutcome = 'applied' | VersionMiss

interface VersionCheckBasis<Tx, Key, Value> {
  readonly store: RowStore<Tx>
  readonly table: string
  /** The columns that name the row: `{ id: record.value.id }`. */
  readonly row: (record: ConsumerRecord<Key, Value>) => Row
  /** What the record changes. */
  readonly set: (record: ConsumerRecord<Key, Value>) => Row
  /** The id of the record; the row keeps that of the last one, which tells a repetition from a conflict. */
  readonly key: IdOf<Key, Value>
  /** The column with that id. Default: `last_msg_id`. */
  readonly idColumn?: string | undefined
  /** A record that was applied before or is overtaken: leave it out, or fail. Default: `ack`. */
  readonly onStale?: 'ack' | 'fail' | undefined
  /** A record before which another is missing: fail, retriable, or leave it out. Default: `fail`. */
  readonly onGap?: 'ack' | 'fail' | undefined
  /** A record that was built on what another has changed: fail, or leave it out. Default: `fail`. */
  readonly onConflict?: 'ack' | 'fail' | undefined
  /** Told of every record. */
  readonly onOutcome?: ((outcome: VersionOutcome, record: ConsumerRecord<Key, Value>) => void) | undefined
}

export interface ExpectedVersionOptions<Tx, Key, Value> extends VersionCheckBasis<Tx, Key, Value> {
  /** The version that the record was built on; 0 for a row that is not there yet. The next one is one more. */
  readonly expected: (record: ConsumerRecord<Key, Value>) => bigint
  /** The column with the version. Default: `version`. */
  readonly versionColumn?: string | undefined
  readonly when?: undefined
}

export interface PreconditionOptions<Tx, Key, Value> extends VersionCheckBasis<Tx, Key, Value> {
  /** What must be in the row: `{ balance: record.value.before }`. */
  readonly when: (record: ConsumerRecord<Key, Value>) => Row
  readonly expected?: undefined
}

export type VersionCheckOptions<Tx, Key, Value> =
  | ExpectedVersionOptions<Tx, Key, Value>
  | PreconditionOptions<Tx, Key, Value>

const POLICY = { type: 'enum', values: ['ack', 'fail'], kafka: null } as const

const ROWS = {
  store: { type: 'object', required: true, kafka: null, text: 'Where the table is.' },
  table: { type: 'string', nonEmpty: true, required: true, kafka: null, text: 'The table of the row.' },
  row: { type: 'function', required: true, kafka: null, text: 'The columns that name the row.' },
  set: { type: 'function', required: true, kafka: null, text: 'What the record changes.' },
  key: { type: 'function', required: true, kafka: null, text: 'The id of the record.' },
  idColumn: { type: 'string', nonEmpty: true, default: 'last_msg_id', kafka: null, text: 'The column with that id.' },
  expected: { type: 'function', optional: true, kafka: null, text: 'The version that the record was built on.' },
  versionColumn: { type: 'string', nonEmpty: true, default: 'version', kafka: null, text: 'Where the version is.' },
  when: { type: 'function', optional: true, kafka: null, text: 'What must be in the row.' },
  onStale: { ...POLICY, default: 'ack', text: 'A record that was applied before or is overtaken.' },
  onGap: { ...POLICY, default: 'fail', text: 'A record before which another is missing.' },
  onConflict: { ...POLICY, default: 'fail', text: 'A record that was built on what another has changed.' },
  onOutcome: { type: 'function', optional: true, kafka: null, text: 'Told of every record.' },
} as const

const versionCheckTable = configTable({ name: 'versionCheck', rows: ROWS })

/**
 * Each version of a row is applied once and in order; change, version and what the handler does through `tx` are one commit.
 * A record that does not fit is told apart: `stale` (this very record was applied, or the row has gone on), `gap` (the row is
 * not that far, or not there) or `conflict` (another record was built on the same version and was first). Not covered: what
 * the handler does past `tx`; a conflict that is noticed only after the row has gone on by more than one version, which looks
 * stale; and, with `when`, a state that comes back to what it was, which fits again.
 */
export function versionCheck<Tx, Key, Value>(
  options: VersionCheckOptions<Tx, Key, Value>,
  handler: HandlerWith<TxContext<Tx>, Key, Value> = () => undefined,
): Middleware<Key, Value> {
  const { idColumn, versionColumn, onStale, onGap, onConflict } = parseOptions(versionCheckTable, options)
  const { store } = options
  if (!hasMethods(store, 'transaction', 'insertRow', 'readRow', 'updateRow')) {
    throw new ConfigError('versionCheck: the store needs transaction, insertRow, readRow and updateRow.')
  }
  if ((options.expected === undefined) === (options.when === undefined)) {
    throw new ConfigError('versionCheck: give either expected, a version, or when, what must be in the row.')
  }
  const columns = { id: idColumn, version: versionColumn }
  const policies = { stale: onStale, gap: onGap, conflict: onConflict }
  return async (record: ConsumerRecord<Key, Value>, context: HandlerContext): Promise<void> => {
    const change = changeOf(options, columns, record)
    const outcome = await store.transaction(async tx => {
      const found = await applied(store, tx, change)
      if (found !== 'applied') return found
      reach('versionCheck.afterUpdate')
      await handler(record, contextWith(context, { tx }))
      reach('versionCheck.afterHandler')
      return found
    })
    found('versionCheck', outcome === 'applied' ? 'processed' : outcome, record)
    options.onOutcome?.(outcome, record)
    if (outcome !== 'applied' && policies[outcome] === 'fail') throw versionError(record, outcome)
  }
}

interface Change {
  readonly table: string
  readonly row: Row
  readonly set: Row
  readonly condition: Row
  readonly id: string
  readonly idColumn: string
  /** Undefined where a precondition takes its place. */
  readonly version: { readonly column: string; readonly expected: bigint } | undefined
}

function changeOf<Tx, Key, Value>(
  options: VersionCheckOptions<Tx, Key, Value>,
  columns: { readonly id: string; readonly version: string },
  record: ConsumerRecord<Key, Value>,
): Change {
  const id = idOf(record, options.key)
  const basis = { table: options.table, row: options.row(record), id, idColumn: columns.id }
  const set = { ...options.set(record), [columns.id]: id }
  if (options.expected === undefined) return { ...basis, set, condition: options.when(record), version: undefined }
  const expected: unknown = options.expected(record)
  if (typeof expected !== 'bigint' || expected < 0n) {
    throw new ConfigError(`versionCheck: expected must give a bigint of at least 0n, got ${String(expected)}.`)
  }
  return {
    ...basis,
    set: { ...set, [columns.version]: expected + 1n },
    condition: { [columns.version]: expected },
    version: { column: columns.version, expected },
  }
}

async function applied<Tx>(store: RowStore<Tx>, tx: Tx, change: Change): Promise<VersionOutcome> {
  const { table, row, set, condition, version } = change
  if (await store.updateRow(tx, table, row, { expected: condition, set })) return 'applied'
  const known = await store.readRow(tx, table, row)
  if (known === undefined) {
    if (version?.expected !== 0n) return 'gap'
    // Another transaction may have made the row since it was looked for.
    const made = await store.insertRow(tx, table, row, set)
    return made === undefined ? 'applied' : missOf(made, change)
  }
  return missOf(known, change)
}

function missOf(known: Row, { id, idColumn, version }: Change): VersionMiss {
  // As text: the column may have numbers, which the id is written as too.
  if (known[idColumn] != null && String(known[idColumn]) === id) return 'stale'
  if (version === undefined) return 'conflict'
  const found = BigInt(String(known[version.column] ?? 0))
  if (found < version.expected) return 'gap'
  return found === version.expected + 1n ? 'conflict' : 'stale'
}

function versionError(record: ConsumerRecord<unknown, unknown>, outcome: VersionMiss): VersionError {
  const { topic, partition } = record
  const reason = {
    stale: 'was applied before, or the row has gone on since',
    gap: 'is ahead of the row: something before it has not been applied',
    conflict: 'was built on a state that another record has changed',
  }[outcome]
  return new VersionError(`The record at ${placeOf(record)} ${reason}; nothing was changed.`, outcome, {
    topic,
    partition,
  })
}
