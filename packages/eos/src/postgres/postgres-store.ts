/**
 * `postgresStore`: the store in PostgreSQL, over a pool of the application.
 */

import { DEFAULT_STATEMENT_TIMEOUT_MS, type SqlLimits, SqlSessions } from '../sql/sql-sessions.js'
import { SqlStore } from '../sql/sql-store.js'
import { checkStoreOptions } from '../store/store-options.js'
import { postgresDialect } from './postgres-dialect.js'
import { type PostgresClient, postgresPool } from './postgres-drivers.js'

export interface PostgresStoreOptions extends SqlLimits {}

/**
 * A Pool of `pg`, the function of `postgres`, or a PGlite; it stays the application's to close. `statementTimeoutMs` takes the
 * place of the server's `statement_timeout` in transactions of the store.
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): SqlStore {
  checkStoreOptions('postgresStore', options)
  const limitMs = Math.max(1, Math.ceil(options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS))
  const settings = `SET LOCAL statement_timeout = ${limitMs}`
  return new SqlStore(new SqlSessions(postgresPool(client, settings), postgresDialect, options), postgresDialect)
}
