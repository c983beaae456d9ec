/**
 * The tables of the PostgreSQL store, as a list of migrations: the number of those that were applied is in `eos_schema`. A
 * migration is never changed once it was released; what comes later is one more. Two processes that set up at once do it one
 * after the other, by a lock that ends with their transaction.
 */
import type { SqlSessions } from '../sql/sql-sessions.js'
import type { SqlTx } from '../sql/sql-tx.js'
import type { Durability } from '../store/lease-store.js'
import { storeTooNew } from '../store/store-error.js'

/** Texts are compared byte by byte, whatever the collation of the database. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE eos_once (
       scope text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, fingerprint bytea, expires_at bigint NOT NULL,
       PRIMARY KEY (scope, key))`,
    'CREATE INDEX eos_once_by_expiry ON eos_once (expires_at)',
    `CREATE TABLE eos_leases (
       scope text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, fingerprint bytea, is_done smallint NOT NULL,
       owner text COLLATE "C", epoch bigint NOT NULL, attempts bigint NOT NULL, lease_until bigint NOT NULL,
       expires_at bigint NOT NULL, result bytea, PRIMARY KEY (scope, key))`,
    'CREATE INDEX eos_leases_by_expiry ON eos_leases (expires_at)',
    `CREATE TABLE eos_offsets (
       group_id text COLLATE "C" NOT NULL, topic text COLLATE "C" NOT NULL, partition integer NOT NULL, topic_id text,
       fence bigint NOT NULL, next_offset bigint, PRIMARY KEY (group_id, topic, partition))`,
  ],
  [
    `CREATE TABLE eos_outbox (
       sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, box text COLLATE "C" NOT NULL, lane integer NOT NULL,
       id text COLLATE "C" NOT NULL, topic text NOT NULL, partition integer, key bytea, value bytea, headers text NOT NULL,
       put_at bigint NOT NULL)`,
    'CREATE INDEX eos_outbox_by_lane ON eos_outbox (box, lane, sequence)',
  ],
]

/** Any number that others do not lock by. */
const SETUP_LOCK = '7883955423911936587'

/** Who may not make tables may use those that are there: nothing is written when there is nothing to do. */
export async function setUpPostgres(sessions: SqlSessions): Promise<Durability> {
  return await sessions.transaction(async tx => {
    if ((await appliedTo(tx)) < MIGRATIONS.length) {
      await tx.get(`SELECT pg_advisory_xact_lock(${SETUP_LOCK})`)
      await migrate(tx)
    }
    return await durabilityOf(tx)
  })
}

async function migrate(tx: SqlTx): Promise<void> {
  await tx.run('CREATE TABLE IF NOT EXISTS eos_schema (version integer NOT NULL)')
  const applied = await appliedTo(tx)
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < applied) continue
    for (const statement of statements) await tx.run(statement)
    await tx.run('INSERT INTO eos_schema (version) VALUES ($1)', index + 1)
  }
}

async function appliedTo(tx: SqlTx): Promise<number> {
  const found = await tx.get(`SELECT to_regclass('eos_schema')::text AS name`)
  if (found?.['name'] == null) return 0
  const applied = Number((await tx.get('SELECT max(version) AS version FROM eos_schema'))?.['version'] ?? 0)
  if (applied > MIGRATIONS.length) throw storeTooNew(applied, MIGRATIONS.length)
  return applied
}

/** What a commit that was answered survives. */
async function durabilityOf(tx: SqlTx): Promise<Durability> {
  const settings = await tx.get(
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commits,
            current_setting('synchronous_standby_names') AS standbys`,
  )
  if (settings?.['fsync'] === 'off' || settings?.['commits'] === 'off') return 'process'
  const isReplicated = settings?.['standbys'] !== '' && settings?.['commits'] !== 'local'
  return isReplicated ? 'sync-replicated' : 'disk'
}
