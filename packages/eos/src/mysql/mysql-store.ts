/**
 * `mysqlStore`: the store in MySQL or MariaDB, over a pool of the application.
 */

import { type SqlLimits, SqlSessions } from '../sql/sql-sessions.js'
import { SqlStore } from '../sql/sql-store.js'
import { checkStoreOptions } from '../store/store-options.js'
import { mysqlDialect } from './mysql-dialect.js'
import { type MySqlPool, mysqlPool } from './mysql-driver.js'

export interface MySqlStoreOptions extends SqlLimits {}

/** A pool of `mysql2/promise`; it stays the application's to close. */
export function mysqlStore(pool: MySqlPool, options: MySqlStoreOptions = {}): SqlStore {
  checkStoreOptions('mysqlStore', options)
  const dialect = mysqlDialect()
  return new SqlStore(new SqlSessions(mysqlPool(pool), dialect, options), dialect)
}
