/**
 * The tables of the MySQL store, as a list of migrations: the number of those that were applied is in `eos_schema`. A migration
 * is never changed once it was released; what comes later is one more. The server commits each statement by itself, so each
 * may be found done by an earlier attempt. Who sets up at the same time waits, by a lock that ends with its connection.
 */
import { ConfigError } from '@samsa/runtime'
import type { RunStatement, SqlSessions } from '../sql/sql-sessions.js'
import type { Durability } from '../store/lease-store.js'
import { storeFailed, storeTooNew } from '../store/store-error.js'

/** Longer ids are refused: a server that is not strict would cut them off, and two could become one. */
export const MOST_ID_BYTES = { scope: 512, key: 2_048 } as const

/** Texts are bytes: no collation takes one for another, or leaves out a space at the end. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE IF NOT EXISTS eos_once (
       scope VARBINARY(${MOST_ID_BYTES.scope}) NOT NULL, \`key\` VARBINARY(${MOST_ID_BYTES.key}) NOT NULL, fingerprint BLOB,
       expires_at BIGINT NOT NULL, PRIMARY KEY (scope, \`key\`), KEY eos_once_by_expiry (expires_at))
     ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
    `CREATE TABLE IF NOT EXISTS eos_leases (
       scope VARBINARY(${MOST_ID_BYTES.scope}) NOT NULL, \`key\` VARBINARY(${MOST_ID_BYTES.key}) NOT NULL, fingerprint BLOB,
       is_done SMALLINT NOT NULL, owner VARBINARY(255), epoch BIGINT NOT NULL, attempts BIGINT NOT NULL,
       lease_until BIGINT NOT NULL, expires_at BIGINT NOT NULL, result LONGBLOB,
       PRIMARY KEY (scope, \`key\`), KEY eos_leases_by_expiry (expires_at))
     ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
    `CREATE TABLE IF NOT EXISTS eos_offsets (
       group_id VARBINARY(1024) NOT NULL, topic VARBINARY(255) NOT NULL, \`partition\` INT NOT NULL, topic_id VARBINARY(255),
       fence BIGINT NOT NULL, next_offset BIGINT, PRIMARY KEY (group_id, topic, \`partition\`))
     ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
  ],
  [
    `CREATE TABLE IF NOT EXISTS eos_outbox (
       \`sequence\` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, box VARBINARY(255) NOT NULL, lane INT NOT NULL,
       id VARBINARY(255) NOT NULL, topic VARBINARY(255) NOT NULL, \`partition\` INT, \`key\` LONGBLOB, value LONGBLOB,
       headers LONGTEXT CHARACTER SET utf8mb4 NOT NULL, put_at BIGINT NOT NULL,
       KEY eos_outbox_by_lane (box, lane, \`sequence\`))
     ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
  ],
]

const LOCK_NAME = `CONCAT('samsa_eos_', MD5(DATABASE()))`
const LOCK_TIMEOUT_SECONDS = 20

/** Who may not make tables may use those that are there: nothing is written when there is nothing to do. */
export async function setUpMySql(sessions: SqlSessions): Promise<Durability> {
  return await sessions.statements(async run => {
    if ((await appliedTo(run)) < MIGRATIONS.length) await migrateAlone(run)
    const [settings] = (await run('SELECT @@innodb_flush_log_at_trx_commit AS at_commit', [])).rows
    return Number(settings?.['at_commit']) === 1 ? 'disk' : 'process'
  })
}

async function migrateAlone(run: RunStatement): Promise<void> {
  const [locked] = (await run(`SELECT GET_LOCK(${LOCK_NAME}, ${LOCK_TIMEOUT_SECONDS}) AS is_locked`, [])).rows
  if (Number(locked?.['is_locked']) !== 1) {
    throw storeFailed('make its tables', `another process has been at it for ${LOCK_TIMEOUT_SECONDS} seconds`)
  }
  try {
    await migrate(run)
  } finally {
    await run(`SELECT RELEASE_LOCK(${LOCK_NAME}) AS is_released`, []).catch(() => {})
  }
}

async function migrate(run: RunStatement): Promise<void> {
  await run('CREATE TABLE IF NOT EXISTS eos_schema (version INT NOT NULL) ENGINE = InnoDB', [])
  const applied = await appliedTo(run)
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < applied) continue
    for (const statement of statements) await run(statement, [])
    await run('INSERT INTO eos_schema (version) VALUES (?)', [index + 1])
  }
}

async function appliedTo(run: RunStatement): Promise<number> {
  const [found] = (
    await run(
      `SELECT DATABASE() AS name, count(*) AS tables FROM information_schema.tables
       WHERE table_schema = DATABASE() AND table_name = 'eos_schema'`,
      [],
    )
  ).rows
  if (found?.['name'] == null)
    throw new ConfigError('mysqlStore: the pool has no database; say which one it is to use.')
  if (Number(found['tables']) === 0) return 0
  const applied = Number((await run('SELECT max(version) AS version FROM eos_schema', [])).rows[0]?.['version'] ?? 0)
  if (applied > MIGRATIONS.length) throw storeTooNew(applied, MIGRATIONS.length)
  return applied
}
