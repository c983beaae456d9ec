/**
 * The PostgreSQL store. Start with `postgresStore`.
 */
export type { SqlRow, SqlValue } from '../sql/sql-connection.js'
export type { SqlLimits } from '../sql/sql-sessions.js'
export type { SqlStore } from '../sql/sql-store.js'
export type { SqlTx } from '../sql/sql-tx.js'
export type {
  PgClient,
  PgLite,
  PgLiteQueries,
  PgLiteResult,
  PgPool,
  PgResult,
  PostgresClient,
  PostgresDriver,
  PostgresJsReserved,
  PostgresJsResult,
  PostgresJsSql,
} from './postgres-drivers.js'
export { type PostgresStoreOptions, postgresStore } from './postgres-store.js'
