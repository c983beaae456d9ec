/**
 * The store in MySQL and MariaDB. Start with `mysqlStore`.
 */
export type { SqlRow, SqlValue } from '../sql/sql-connection.js'
export type { SqlLimits } from '../sql/sql-sessions.js'
export type { SqlStore } from '../sql/sql-store.js'
export type { SqlTx } from '../sql/sql-tx.js'
export type { MySqlConnection, MySqlDriver, MySqlPool, MySqlStatement } from './mysql-driver.js'
export { type MySqlStoreOptions, mysqlStore } from './mysql-store.js'
