/**
 * `ledger`: entries of a record, each a row under a unique key, written in one transaction with whatever follows from them. The
 * rows are the memory of what was handled: they do not expire.
 */
import type { ConsumerRecord } from '@samsa/consumer'
import { ConfigError, KafkaError } from '@samsa/runtime'
import { configTable, hasMethods, parseOptions } from '@samsa/runtime/internal'
import type { TxContext } from './dedup.js'
import { reach } from './failpoint.js'
import { contextWith, type HandlerWith, type Middleware } from './middleware.js'
import { found } from './observation.js'
import { MissingIdError, payloadMismatch, placeOf } from './record-id.js'
import { matches, type Row, type RowStore } from './store/row-store.js'

export interface LedgerEntry {
  readonly table: string
  /** Columns with a unique constraint: `{ transfer_id, account_id }`. */
  readonly key: Row
  readonly row: Row
}

export interface LedgerOptions<Tx, Key, Value> {
  readonly store: RowStore<Tx>
  /** All legs of what the record says: at least one, at most 1,000. */
  readonly entries: (record: ConsumerRecord<Key, Value>) => readonly LedgerEntry[]
  /** What must hold of the entries together, such as a sum of 0; nothing is written when it does not. */
  readonly invariant?: ((entries: readonly LedgerEntry[]) => boolean) | undefined
  /** Told of each record whose entries were all there already. */
  readonly onDuplicate?: ((record: ConsumerRecord<Key, Value>) => void) | undefined
}

const MOST_ENTRIES = 1_000

const ROWS = {
  store: { type: 'object', required: true, kafka: null, text: 'Where the tables are.' },
  entries: { type: 'function', required: true, kafka: null, text: 'A function of a record that gives its entries.' },
  invariant: { type: 'function', optional: true, kafka: null, text: 'What must hold of the entries together.' },
  onDuplicate: { type: 'function', optional: true, kafka: null, text: 'Told of duplicates.' },
} as const

const ledgerTable = configTable({ name: 'ledger', rows: ROWS })

/**
 * All entries or none, once, for good: rows, and what the handler does through `tx`, are one commit. When all entries are there
 * with the same content the record is a duplicate and left out; when some are, or one differs, nothing is written and it fails
 * with a PayloadMismatchError. Not covered: what the handler does past `tx`, and rows that somebody removes. A unique constraint
 * other than that of the key is never taken for a duplicate: violating it is an error.
 */
export function ledger<Tx, Key, Value>(
  options: LedgerOptions<Tx, Key, Value>,
  handler: HandlerWith<TxContext<Tx>, Key, Value>,
): Middleware<Key, Value> {
  parseOptions(ledgerTable, options)
  const { store, onDuplicate } = options
  if (!hasMethods(store, 'transaction', 'insertRow', 'readRow')) {
    throw new ConfigError('ledger: the store needs transaction, insertRow and readRow; this one has no tables.')
  }
  return async (record, context) => {
    const entries = checkedEntries(options, record)
    const isFresh = await store.transaction(async tx => {
      if (!(await insertAll(store, tx, entries, record))) return false
      reach('ledger.afterInsert')
      await handler(record, contextWith(context, { tx }))
      reach('ledger.afterHandler')
      return true
    })
    found('ledger', isFresh ? 'processed' : 'duplicate', record)
    if (!isFresh) onDuplicate?.(record)
  }
}

/** False when all of them were there. */
async function insertAll<Tx, Key, Value>(
  store: RowStore<Tx>,
  tx: Tx,
  entries: readonly LedgerEntry[],
  record: ConsumerRecord<Key, Value>,
): Promise<boolean> {
  let fresh = 0
  for (const [index, { table, key, row }] of entries.entries()) {
    const known = await store.insertRow(tx, table, key, row)
    if (known === undefined) fresh++
    const isSame = known === undefined || matches(known, row)
    // The rollback takes those back that were written before.
    if (isSame && (fresh === 0 || fresh === index + 1)) continue
    found('ledger', 'mismatch', record)
    throw payloadMismatch(record, shownKey(key))
  }
  return fresh > 0
}

function checkedEntries<Tx, Key, Value>(
  { entries: entriesOf, invariant }: LedgerOptions<Tx, Key, Value>,
  record: ConsumerRecord<Key, Value>,
): readonly LedgerEntry[] {
  const { topic, partition } = record
  const entries = entriesOf(record)
  const complain = (text: string): KafkaError =>
    new KafkaError(`The entries of the record at ${placeOf(record)} ${text}; nothing was written.`, {
      code: 'INVALID_ENTRIES',
      topic,
      partition,
    })
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > MOST_ENTRIES) {
    throw complain(`must be a list of 1 to ${MOST_ENTRIES}`)
  }
  for (const { table, key } of entries) {
    const isWhole =
      Object.keys(key).length > 0 &&
      Object.values(key).every(value => value !== null && value !== undefined && value !== '')
    if (isWhole) continue
    throw new MissingIdError(
      `An entry for ${table} of the record at ${placeOf(record)} has a key with nothing in it; nothing was written.`,
      { topic, partition },
    )
  }
  if (invariant !== undefined && !invariant(entries)) throw complain('break the invariant')
  return entries
}

function shownKey(key: Row): string {
  return Object.values(key).join('/')
}
