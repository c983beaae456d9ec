/**
 * The SQLite store. Start with `sqliteStore`.
 */
export type { DriverName, SqliteDatabase } from './sqlite-driver.js'
export { type SqliteStore, type SqliteStoreOptions, sqliteStore } from './sqlite-store.js'
export type { SqliteTx } from './sqlite-tx.js'
export type { SqliteRow, SqliteValue } from './sqlite-value.js'
