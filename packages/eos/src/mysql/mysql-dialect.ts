/**
 * What only MySQL and MariaDB say so. There is no statement that inserts or tells what is there, so a plain INSERT is refused by
 * the key that exists, and locking reads, which see what is committed now at every isolation, tell the rest.
 */
import { ConfigError, KafkaError } from '@samsa/runtime'
import type { SqlRow } from '../sql/sql-connection.js'
import type { SqlDialect } from '../sql/sql-dialect.js'
import { bytesOf, insertion, selection } from '../sql/sql-rows.js'
import type { SqlSessions } from '../sql/sql-sessions.js'
import type { SqlTx } from '../sql/sql-tx.js'
import { decideClaim, type Lease } from '../store/claim-rule.js'
import { idText } from '../store/id-text.js'
import type { ClaimOutcome, ClaimRequest } from '../store/lease-store.js'
import type { AcquiredOffset, OffsetPlace } from '../store/offset-store.js'
import { headersToText } from '../store/outbox-headers.js'
import type { OutboxLane, OutboxRecord } from '../store/outbox-store.js'
import type { Row } from '../store/row-store.js'
import { noUniqueConstraint, storeFailed } from '../store/store-error.js'
import type { OnceOutcome, OnceRow } from '../store/tx-store.js'
import { DUPLICATE_ENTRY, errorNumber, mysqlErrors } from './mysql-errors.js'
import { MOST_ID_BYTES, setUpMySql } from './mysql-schema.js'

/** From UTC: the local hour is there twice when the clocks go back. */
const NOW = `(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)`
const LOCKED = 'LOCK IN SHARE MODE'
const MOST_ROWS = 500
const MOST_LOOKS = 4

const LOOK = `SELECT *, ${NOW} AS at_ms FROM eos_leases WHERE scope = ? AND \`key\` = ?`

const bytes = (text: string): Buffer => Buffer.from(text)

export function mysqlDialect(): SqlDialect {
  const tables = new UniqueColumns()
  const dialect: SqlDialect = {
    ...mysqlErrors,
    now: NOW,
    currentRead: LOCKED,
    quoted,
    // Beside a text, an integer would be compared as a double.
    place: value => (typeof value === 'bigint' ? 'CAST(? AS SIGNED)' : '?'),
    id: bytes,
    sql: text =>
      text.replace(/`(?:[^`]|``)*`|\[(\w+)\]/g, (found, name?: string) => (name === undefined ? found : `\`${name}\``)),
    setup: setUpMySql,
    insertOnce,
    claim,
    acquire,
    insertRow: async (tx, table, key, row) => {
      await tables.check(tx, table, Object.keys(key))
      return await insertRow(dialect, tx, table, key, row)
    },
    putInOutbox,
    prune: async (sessions, table, condition, limit) => {
      const sql = `DELETE FROM ${table} WHERE ${condition} ORDER BY expires_at LIMIT ${limit}`
      return (await sessions.statements(run => run(sql, []))).changed
    },
  }
  return dialect
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

async function insertOnce(tx: SqlTx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]> {
  for (const row of rows) checkId(row)
  const byId = new Map(rows.map(row => [idText(row.scope, row.key), row] as const).toReversed())
  // In one order, so that two batches do not lock each other out.
  const wanted = [...byId].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const outcomes = new Map<string, OnceOutcome>()
  for (let start = 0; start < wanted.length; start += MOST_ROWS) {
    const some = wanted.slice(start, start + MOST_ROWS)
    const areFresh = await isInserted(() =>
      insertIds(
        tx,
        some.map(([, row]) => row),
      ),
    )
    for (const [id, row] of some)
      outcomes.set(id, areFresh ? { isFresh: true } : await known(tx, row, some.length === 1))
  }
  return rows.map(({ scope, key }) => {
    const id = idText(scope, key)
    const outcome = outcomes.get(id) ?? { isFresh: false, fingerprint: undefined }
    // The first of its id in this list is the new one.
    if (outcome.isFresh) outcomes.set(id, { isFresh: false, fingerprint: byId.get(id)?.fingerprint })
    return outcome
  })
}

async function insertIds(tx: SqlTx, rows: readonly OnceRow[]): Promise<void> {
  const places = rows.map(() => `(?, ?, ?, ${NOW} + ?)`).join(', ')
  const values = rows.flatMap(({ scope, key, fingerprint = null, ttlMs }) => [
    bytes(scope),
    bytes(key),
    fingerprint,
    ttlMs,
  ])
  await tx.answer(`INSERT INTO eos_once (scope, \`key\`, fingerprint, expires_at) VALUES ${places}`, values)
}

/**
 * Of an id that is there, unless nobody has tried it alone; one whose time is over is written anew. It may be pruned between two
 * looks, and is tried again then, a few times.
 */
async function known(tx: SqlTx, row: OnceRow, wasTriedAlone: boolean): Promise<OnceOutcome> {
  const id = [bytes(row.scope), bytes(row.key)]
  for (let look = 1; look <= MOST_LOOKS; look++) {
    const wasTried = look === 1 && wasTriedAlone
    if (!wasTried && (await isInserted(() => insertIds(tx, [row])))) return { isFresh: true }
    const found = await tx.get(
      `SELECT fingerprint, expires_at <= ${NOW} AS is_over FROM eos_once WHERE scope = ? AND \`key\` = ? ${LOCKED}`,
      ...id,
    )
    if (found === undefined) continue
    if (Number(found['is_over']) === 0) return { isFresh: false, fingerprint: bytesOf(found, 'fingerprint') }
    await tx.run(
      `UPDATE eos_once SET fingerprint = ?, expires_at = ${NOW} + ? WHERE scope = ? AND \`key\` = ?`,
      ...[row.fingerprint ?? null, row.ttlMs, ...id],
    )
    return { isFresh: true }
  }
  throw storeFailed('write an id', `it came and went ${MOST_LOOKS} times`)
}

/** False when a unique key was there already: then nothing of the statement was done. */
async function isInserted(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert()
    return true
  } catch (error) {
    if (errorNumber(error) === DUPLICATE_ENTRY) return false
    throw error
  }
}

function checkId({ scope, key }: { readonly scope: string; readonly key: string }): void {
  const isFit = Buffer.byteLength(scope) <= MOST_ID_BYTES.scope && Buffer.byteLength(key) <= MOST_ID_BYTES.key
  if (isFit) return
  throw new KafkaError(
    `The MySQL store keeps scopes of ${MOST_ID_BYTES.scope} bytes and keys of ${MOST_ID_BYTES.key} at most: use a hash of what is longer.`,
    { code: 'INVALID_ID' },
  )
}

/** What is done or held already is told by one read; otherwise the row is locked before anything is decided. */
async function claim(sessions: SqlSessions, request: ClaimRequest): Promise<ClaimOutcome> {
  checkId(request)
  const id = [bytes(request.scope), bytes(request.key)]
  const [seen] = (await sessions.statements(run => run(LOOK, id))).rows
  const { outcome, lease } = decideClaim(leaseOf(seen), request, Number(seen?.['at_ms'] ?? 0))
  if (lease === undefined) return outcome
  return await sessions.transaction(async tx => {
    // Locks the row for writing at once, whether it was there or not: two who only shared it could not both go on.
    await tx.run(
      `INSERT INTO eos_leases (scope, \`key\`, is_done, epoch, attempts, lease_until, expires_at) VALUES (?, ?, 0, 0, 0, 0, 0)
       ON DUPLICATE KEY UPDATE epoch = epoch`,
      ...id,
    )
    const known = await tx.get(`${LOOK} FOR UPDATE`, ...id)
    const decision = decideClaim(leaseOf(known), request, Number(known?.['at_ms']))
    if (decision.lease !== undefined) await storeLease(tx, id, decision.lease)
    return decision.outcome
  })
}

async function storeLease(tx: SqlTx, id: readonly Buffer[], lease: Lease): Promise<void> {
  const { fingerprint = null, owner = '', epoch, attempts, leaseUntil, expiresAt } = lease
  await tx.run(
    `UPDATE eos_leases SET is_done = 0, result = NULL, fingerprint = ?, owner = ?, epoch = ?, attempts = ?, lease_until = ?,
       expires_at = ? WHERE scope = ? AND \`key\` = ?`,
    ...[fingerprint, bytes(owner), epoch, attempts, leaseUntil, expiresAt, ...id],
  )
}

function leaseOf(row: SqlRow | undefined): Lease | undefined {
  if (row === undefined) return undefined
  return {
    fingerprint: bytesOf(row, 'fingerprint'),
    isDone: Number(row['is_done']) === 1,
    owner: row['owner'] == null ? undefined : String(row['owner']),
    epoch: Number(row['epoch']),
    attempts: Number(row['attempts']),
    leaseUntil: Number(row['lease_until']),
    expiresAt: Number(row['expires_at']),
    result: bytesOf(row, 'result'),
  }
}

async function acquire(
  sessions: SqlSessions,
  { group, topic, partition }: OffsetPlace,
  topicId: string | undefined,
): Promise<AcquiredOffset | undefined> {
  const place = [bytes(group), bytes(topic), partition]
  return await sessions.transaction(async tx => {
    await tx.run(
      `INSERT INTO eos_offsets (group_id, topic, \`partition\`, fence) VALUES (?, ?, ?, 0) ON DUPLICATE KEY UPDATE fence = fence`,
      ...place,
    )
    const where = 'WHERE group_id = ? AND topic = ? AND `partition` = ?'
    const known = await tx.get(
      `SELECT topic_id, CAST(fence + 1 AS CHAR) AS fence, CAST(next_offset AS CHAR) AS next FROM eos_offsets ${where} FOR UPDATE`,
      ...place,
    )
    const knownId = known?.['topic_id'] == null ? undefined : String(known['topic_id'])
    if (topicId !== undefined && knownId !== undefined && topicId !== knownId) return undefined
    const kept = topicId ?? knownId
    await tx.run(
      `UPDATE eos_offsets SET fence = fence + 1, topic_id = ? ${where}`,
      ...[kept === undefined ? null : bytes(kept), ...place],
    )
    const next = known?.['next']
    return { fence: BigInt(String(known?.['fence'])), next: next == null ? null : BigInt(String(next)) }
  })
}

/** A unique key was there already; it is a duplicate if it is this one. */
async function insertRow(dialect: SqlDialect, tx: SqlTx, table: string, key: Row, row: Row): Promise<boolean> {
  const { sql, values } = insertion(dialect, table, { ...key, ...row })
  try {
    await tx.answer(sql, values)
    return true
  } catch (cause) {
    if (errorNumber(cause) !== DUPLICATE_ENTRY) throw cause
    const known = selection(dialect, table, key)
    const { rows } = await tx.answer(`${known.sql} ${LOCKED}`, known.values)
    if (rows[0] === undefined || !isSameText(rows[0], key)) throw cause
    return false
  }
}

/** By default a collation takes `a` for `A`: the row that it has found is then that of another id. */
function isSameText(found: SqlRow, key: Row): boolean {
  return Object.entries(key).every(
    ([column, value]) => typeof value !== 'string' || typeof found[column] !== 'string' || found[column] === value,
  )
}

async function putInOutbox(tx: SqlTx, { box, lane }: OutboxLane, records: readonly OutboxRecord[]): Promise<void> {
  for (const { id, topic, partition = null, key, value, headers } of records) {
    await tx.run(
      `INSERT INTO eos_outbox (box, lane, id, topic, \`partition\`, \`key\`, value, headers, put_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ${NOW})`,
      ...[bytes(box), lane, bytes(id), bytes(topic), partition, key, value, headersToText(headers)],
    )
  }
}

/** Which tables have been found to have a unique key, and in a transaction engine: without them a duplicate would be no error. */
class UniqueColumns {
  readonly #checked = new Set<string>()

  async check(tx: SqlTx, table: string, columns: readonly string[]): Promise<void> {
    const id = idText(table, ...columns)
    if (this.#checked.has(id)) return
    const [name = table, schema = null] = table.split('.').toReversed()
    const [shown] = await tx.all(
      `SELECT t.engine AS engine, e.transactions AS transactions FROM information_schema.tables t
       LEFT JOIN information_schema.engines e ON e.engine = t.engine
       WHERE t.table_schema = coalesce(?, DATABASE()) AND t.table_name = ?`,
      schema,
      name,
    )
    const { engine, transactions } = shown ?? {}
    if (transactions === 'NO') {
      throw new ConfigError(`mysqlStore: ${table} has the engine ${engine}, which has no transactions: make it InnoDB.`)
    }
    const found = await tx.all(
      `SELECT group_concat(column_name ORDER BY column_name SEPARATOR '\\n') AS columns_of FROM information_schema.statistics
       WHERE table_schema = coalesce(?, DATABASE()) AND table_name = ? AND non_unique = 0 GROUP BY index_name`,
      schema,
      name,
    )
    const wanted = columns.toSorted().join('\n').toLowerCase()
    const isThere = found.some(
      row => String(row['columns_of']).toLowerCase().split('\n').toSorted().join('\n') === wanted,
    )
    if (shown !== undefined && !isThere) throw noUniqueConstraint(table, columns, undefined)
    if (isThere && this.#checked.size < 1_000) this.#checked.add(id)
  }
}
