/**
 * What only PostgreSQL says so: `ON CONFLICT`, which decides and tells in one statement, and lists as JSON.
 */
import { KafkaError } from '@samsa/runtime'
import type { SqlRow } from '../sql/sql-connection.js'
import type { SqlDialect } from '../sql/sql-dialect.js'
import { bytesOf, insertion } from '../sql/sql-rows.js'
import type { SqlSessions } from '../sql/sql-sessions.js'
import type { SqlTx } from '../sql/sql-tx.js'
import { idText } from '../store/id-text.js'
import type { ClaimOutcome, ClaimRequest } from '../store/lease-store.js'
import type { AcquiredOffset, OffsetPlace } from '../store/offset-store.js'
import { headersToText } from '../store/outbox-headers.js'
import type { OutboxLane, OutboxRecord } from '../store/outbox-store.js'
import type { Row } from '../store/row-store.js'
import { noUniqueConstraint } from '../store/store-error.js'
import type { OnceOutcome, OnceRow } from '../store/tx-store.js'
import { postgresErrors, sqlStateOf } from './postgres-errors.js'
import { setUpPostgres } from './postgres-schema.js'

const NOW = '(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)'

const INSERT = 'INSERT INTO eos_once AS o (scope, key, fingerprint, expires_at)'

/** An id whose time is over is written anew. */
const UNLESS_LIVE = `
  ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, expires_at = excluded.expires_at
  WHERE o.expires_at <= ${NOW}`

const INSERT_ONE = `${INSERT} VALUES ($1, $2, $3, ${NOW} + $4::bigint) ${UNLESS_LIVE}`

const KNOWN_ONE = 'SELECT fingerprint FROM eos_once WHERE scope = $1 AND key = $2'

/** A list of `[scope, key, fingerprint, ttlMs]`. Tells which were written. */
const INSERT_MANY = `
  ${INSERT}
  SELECT r->>0, r->>1, decode(r->>2, 'hex'), ${NOW} + (r->>3)::bigint FROM json_array_elements($1::text::json) AS r
  ${UNLESS_LIVE} RETURNING scope, key`

const KNOWN_MANY = `
  SELECT o.scope, o.key, o.fingerprint FROM json_array_elements($1::text::json) AS r
  JOIN eos_once o ON o.scope = r->>0 AND o.key = r->>1`

/** The row is taken when it is free, ours, or forgotten; attempts and fingerprint of a forgotten one begin anew. */
const CLAIM = `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now)
  INSERT INTO eos_leases AS l (scope, key, fingerprint, is_done, owner, epoch, attempts, lease_until, expires_at)
  SELECT $1, $2, $3::bytea, 0, $4, 1, 1, now + $5::bigint, now + $6::bigint FROM clock
  ON CONFLICT (scope, key) DO UPDATE SET
    is_done = 0, owner = excluded.owner, epoch = l.epoch + 1, result = NULL,
    attempts = CASE WHEN greatest(l.expires_at, l.lease_until) <= (SELECT now FROM clock) THEN 1 ELSE l.attempts + 1 END,
    fingerprint = CASE WHEN greatest(l.expires_at, l.lease_until) <= (SELECT now FROM clock) THEN excluded.fingerprint
                       ELSE coalesce(l.fingerprint, excluded.fingerprint) END,
    lease_until = excluded.lease_until, expires_at = excluded.expires_at
  WHERE (l.is_done = 0 AND (l.lease_until <= (SELECT now FROM clock) OR l.owner = excluded.owner))
     OR greatest(l.expires_at, l.lease_until) <= (SELECT now FROM clock)
  RETURNING epoch, attempts, fingerprint`

const LOOK = `SELECT is_done, result, fingerprint, lease_until - ${NOW} AS left_ms FROM eos_leases WHERE scope = $1 AND key = $2`

const ACQUIRE = `
  INSERT INTO eos_offsets AS o (group_id, topic, partition, topic_id, fence) VALUES ($1, $2, $3, $4, 1)
  ON CONFLICT (group_id, topic, partition)
  DO UPDATE SET fence = o.fence + 1, topic_id = coalesce(o.topic_id, excluded.topic_id)
  WHERE o.topic_id = excluded.topic_id OR o.topic_id IS NULL OR excluded.topic_id IS NULL
  RETURNING fence::text AS fence, next_offset::text AS next`

const PUT = `
  INSERT INTO eos_outbox (box, lane, id, topic, partition, key, value, headers, put_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${NOW})`

export const postgresDialect: SqlDialect = {
  ...postgresErrors,
  now: NOW,
  currentRead: '',
  quoted: name => `"${name.replaceAll('"', '""')}"`,
  place: () => '?',
  id: text => text,
  setup: setUpPostgres,
  sql(text) {
    let count = 0
    return text.replace(/"(?:[^"]|"")*"|\?|\[(\w+)\]/g, (found, name?: string) => {
      if (found === '?') return `$${++count}`
      return name === undefined ? found : `"${name}"`
    })
  },
  insertOnce,
  claim,
  acquire,
  insertRow,
  putInOutbox,
  prune: async (sessions, table, condition, limit) => {
    // Two who prune at once take different rows.
    const sql = `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${limit} FOR UPDATE SKIP LOCKED))`
    return (await sessions.statements(run => run(sql, []))).changed
  },
}

async function insertOnce(tx: SqlTx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]> {
  for (const { scope, key } of rows) if (scope.includes('\0') || key.includes('\0')) throw textWithZero()
  const [first, ...others] = rows
  if (first === undefined) return []
  return others.length === 0 ? [await insertOne(tx, first)] : await insertMany(tx, rows)
}

/** What most transactions do, so it is the plainest statement that does it. */
async function insertOne(tx: SqlTx, { scope, key, fingerprint, ttlMs }: OnceRow): Promise<OnceOutcome> {
  if ((await tx.run(INSERT_ONE, scope, key, fingerprint ?? null, ttlMs)) > 0) return { isFresh: true }
  return { isFresh: false, fingerprint: bytesOf(await tx.get(KNOWN_ONE, scope, key), 'fingerprint') }
}

async function insertMany(tx: SqlTx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]> {
  // By id, since one statement cannot write a row twice, and in one order, so that two batches do not lock each other out.
  const byId = new Map(rows.map(row => [idText(row.scope, row.key), row]).toReversed() as [string, OnceRow][])
  const wanted = [...byId].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => jsonOf(row))
  const fresh = idsOf(await tx.all(INSERT_MANY, JSON.stringify(wanted)))
  const isKnown = wanted.length > fresh.size
  const known = isKnown ? await tx.all(KNOWN_MANY, JSON.stringify(wanted)) : []
  const fingerprints = new Map(known.map(row => [idText(row['scope'], row['key']), bytesOf(row, 'fingerprint')]))
  return rows.map(row => {
    const id = idText(row.scope, row.key)
    // The first of its id in this list is the new one.
    if (fresh.delete(id)) return { isFresh: true }
    return { isFresh: false, fingerprint: fingerprints.has(id) ? fingerprints.get(id) : byId.get(id)?.fingerprint }
  })
}

function jsonOf({ scope, key, fingerprint, ttlMs }: OnceRow): readonly unknown[] {
  return [scope, key, fingerprint === undefined ? null : Buffer.from(fingerprint).toString('hex'), ttlMs]
}

function idsOf(rows: readonly SqlRow[]): Set<string> {
  return new Set(rows.map(row => idText(row['scope'], row['key'])))
}

function textWithZero(): KafkaError {
  return new KafkaError('PostgreSQL keeps no text with a zero byte in it: use another id.', { code: 'INVALID_ID' })
}

async function claim(sessions: SqlSessions, request: ClaimRequest): Promise<ClaimOutcome> {
  const { scope, key, owner, leaseMs, ttlMs, fingerprint } = request
  return await sessions.statements(async run => {
    const values = [scope, key, fingerprint ?? null, owner, leaseMs, ttlMs]
    const [claimed] = (await run(CLAIM, values)).rows
    if (claimed !== undefined) {
      const { epoch, attempts } = claimed
      const kept = bytesOf(claimed, 'fingerprint')
      return { status: 'claimed', epoch: Number(epoch), attempts: Number(attempts), fingerprint: kept }
    }
    const [known] = (await run(LOOK, [scope, key])).rows
    if (Number(known?.['is_done']) === 1) {
      return { status: 'done', result: bytesOf(known, 'result'), fingerprint: bytesOf(known, 'fingerprint') }
    }
    // It may have been given back meanwhile: then it is free at once.
    const retryAfterMs = Math.max(1, Number(known?.['left_ms'] ?? 0))
    return { status: 'busy', retryAfterMs, fingerprint: bytesOf(known, 'fingerprint') }
  })
}

async function acquire(
  sessions: SqlSessions,
  { group, topic, partition }: OffsetPlace,
  topicId: string | undefined,
): Promise<AcquiredOffset | undefined> {
  const { rows } = await sessions.statements(run => run(ACQUIRE, [group, topic, partition, topicId ?? null]))
  if (rows[0] === undefined) return undefined
  const { fence, next } = rows[0]
  return { fence: BigInt(String(fence)), next: next == null ? null : BigInt(String(next)) }
}

/** The conflict is named by its columns: another unique constraint that is violated is an error and no duplicate. */
async function insertRow(tx: SqlTx, table: string, key: Row, row: Row): Promise<boolean> {
  const { sql, values } = insertion(postgresDialect, table, { ...key, ...row })
  const target = Object.keys(key).map(postgresDialect.quoted).join(', ')
  try {
    const { changed } = await tx.answer(postgresDialect.sql(`${sql} ON CONFLICT (${target}) DO NOTHING`), values)
    return changed > 0
  } catch (cause) {
    throw sqlStateOf(cause) === '42P10' ? noUniqueConstraint(table, Object.keys(key), cause) : cause
  }
}

async function putInOutbox(tx: SqlTx, { box, lane }: OutboxLane, records: readonly OutboxRecord[]): Promise<void> {
  for (const { id, topic, partition = null, key, value, headers } of records) {
    await tx.run(PUT, box, lane, id, topic, partition, key, value, headersToText(headers))
  }
}
