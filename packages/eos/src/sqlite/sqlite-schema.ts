/**
 * The tables of the SQLite store, as a list of migrations: the number of those that were applied is in `eos_schema`. A migration
 * is never changed once it was released; what comes later is one more.
 */
import { storeTooNew } from '../store/store-error.js'
import type { SqliteConnection } from './sqlite-driver.js'

const MIGRATIONS: readonly string[] = [
  `CREATE TABLE eos_once (
     scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB, expires_at INTEGER NOT NULL,
     PRIMARY KEY (scope, key)) WITHOUT ROWID;
   CREATE INDEX eos_once_by_expiry ON eos_once (expires_at);
   CREATE TABLE eos_leases (
     scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB, is_done INTEGER NOT NULL, owner TEXT,
     epoch INTEGER NOT NULL, attempts INTEGER NOT NULL, lease_until INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     result BLOB, PRIMARY KEY (scope, key)) WITHOUT ROWID;
   CREATE INDEX eos_leases_by_expiry ON eos_leases (expires_at);
   CREATE TABLE eos_offsets (
     group_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, topic_id TEXT, fence INTEGER NOT NULL,
     next_offset INTEGER, PRIMARY KEY (group_id, topic, partition)) WITHOUT ROWID;`,
  `CREATE TABLE eos_outbox (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT, box TEXT NOT NULL, lane INTEGER NOT NULL, id TEXT NOT NULL,
     topic TEXT NOT NULL, partition INTEGER, key BLOB, value BLOB, headers TEXT NOT NULL, put_at INTEGER NOT NULL);
   CREATE INDEX eos_outbox_by_lane ON eos_outbox (box, lane, sequence);`,
]

/** Inside a transaction. */
export function migrate(connection: SqliteConnection): void {
  connection.exec('CREATE TABLE IF NOT EXISTS eos_schema (version INTEGER NOT NULL)')
  const applied = Number(connection.all('SELECT max(version) AS version FROM eos_schema', [])[0]?.['version'] ?? 0)
  if (applied > MIGRATIONS.length) throw storeTooNew(applied, MIGRATIONS.length)
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < applied) continue
    connection.exec(migration)
    connection.run('INSERT INTO eos_schema (version) VALUES (?)', [BigInt(index + 1)])
  }
}
