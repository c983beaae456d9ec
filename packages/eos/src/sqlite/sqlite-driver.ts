/**
 * SqliteDriver: one connection to a database file, the same over node:sqlite, libsql and better-sqlite3, and the choice among
 * them. The three are synchronous and differ in how they bind and read; what differs stays in here.
 */
import { createRequire } from 'node:module'
import { ConfigError, KafkaError } from '@samsa/runtime'
import { hasMethods } from '@samsa/runtime/internal'
import { type BoundValue, readRow, type SqliteRow } from './sqlite-value.js'

export type DriverName = 'node:sqlite' | 'libsql' | 'better-sqlite3'

/** What is used of a database of any of the three. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): object
  close(): unknown
}

export interface SqliteConnection {
  readonly driver: DriverName
  /** False also when the driver cannot tell: what is not sure to be in the transaction must not go on. */
  readonly isInTransaction: boolean
  exec(sql: string): void
  run(sql: string, values: readonly BoundValue[]): number
  all(sql: string, values: readonly BoundValue[]): SqliteRow[]
  close(): void
}

interface Statement {
  run(...values: readonly unknown[]): { readonly changes: number | bigint }
  all(...values: readonly unknown[]): unknown[]
  setReadBigInts?(isOn: boolean): void
  safeIntegers?(isOn: boolean): void
}

/** Finds a module by name or throws: `require` in earnest, anything in tests. */
export type LoadModule = (name: string) => unknown

const requireModule: LoadModule = createRequire(import.meta.url)

/** Prepared statements that are kept; the oldest goes first. */
const MOST_STATEMENTS = 200

export function connectionOf(database: SqliteDatabase, driver: DriverName): SqliteConnection {
  return new DriverConnection(database, driver)
}

/** Which of the three made this database. */
export function driverOf(database: SqliteDatabase): DriverName {
  if (hasMethods(database, 'createSession') || hasMethods(database, 'location')) return 'node:sqlite'
  return hasMethods(database, 'syncUntil') ? 'libsql' : 'better-sqlite3'
}

export function isSqliteDatabase(value: unknown): value is SqliteDatabase {
  return hasMethods(value, 'exec', 'prepare', 'close')
}

/** Opens the file with the driver that is asked for, or with the first of node:sqlite and libsql that is there. */
export function openDatabase(
  path: string,
  wanted: DriverName | undefined,
  { load = requireModule, nodeVersion = process.versions.node }: { load?: LoadModule; nodeVersion?: string } = {},
): SqliteConnection {
  if (wanted === 'better-sqlite3') refuseWhatCrashes(load, nodeVersion)
  const causes: unknown[] = []
  for (const driver of wanted === undefined ? (['node:sqlite', 'libsql'] as const) : [wanted]) {
    const open = constructorOf(driver, load, causes)
    if (open !== undefined) return connectionOf(open(path), driver)
  }
  const which = wanted === undefined ? 'neither node:sqlite nor the package libsql' : wanted
  const verb = wanted === undefined ? 'can be loaded' : 'cannot be loaded'
  throw new ConfigError(
    `sqliteStore: ${which} ${verb}. Node has node:sqlite from 22.13 on; on an older one, "npm install libsql".`,
    { cause: causes.length === 1 ? causes[0] : new AggregateError(causes) },
  )
}

function constructorOf(
  driver: DriverName,
  load: LoadModule,
  causes: unknown[],
): ((path: string) => SqliteDatabase) | undefined {
  try {
    const module = load(driver) as { DatabaseSync?: unknown; default?: unknown }
    const found = driver === 'node:sqlite' ? module.DatabaseSync : (module.default ?? module)
    if (typeof found === 'function') return path => Reflect.construct(found, [path]) as SqliteDatabase
    causes.push(new Error(`${driver} has no class of databases`))
  } catch (cause) {
    causes.push(cause)
  }
  return undefined
}

/** Loading better-sqlite3 13 on Node 20 ends the process with a segmentation fault: no error could be caught behind it. */
function refuseWhatCrashes(load: LoadModule, nodeVersion: string): void {
  if (Number.parseInt(nodeVersion, 10) >= 22) return
  let version: unknown
  try {
    version = (load('better-sqlite3/package.json') as { version?: unknown }).version
  } catch {
    return
  }
  if (Number.parseInt(String(version), 10) < 13) return
  throw new ConfigError(
    `sqliteStore: better-sqlite3 ${version} crashes on Node ${nodeVersion}: install better-sqlite3@12, or leave driver out and install libsql.`,
  )
}

class DriverConnection implements SqliteConnection {
  readonly driver: DriverName
  readonly #database: SqliteDatabase
  readonly #statements = new Map<string, Statement>()

  constructor(database: SqliteDatabase, driver: DriverName) {
    this.#database = database
    this.driver = driver
  }

  get isInTransaction(): boolean {
    const { inTransaction, isTransaction } = this.#database as { inTransaction?: unknown; isTransaction?: unknown }
    return inTransaction === true || isTransaction === true
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  run(sql: string, values: readonly BoundValue[]): number {
    return Number(this.#prepared(sql).run(...this.#bound(values)).changes)
  }

  all(sql: string, values: readonly BoundValue[]): SqliteRow[] {
    return this.#prepared(sql)
      .all(...this.#bound(values))
      .map(readRow)
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  /** A list for libsql, which would take a first null alone for the lack of values; the others take it in either way. */
  #bound(values: readonly BoundValue[]): readonly unknown[] {
    return this.driver === 'node:sqlite' ? values : [values]
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql) as Statement
    if (!hasMethods(statement, 'run', 'all')) {
      throw new KafkaError('The database gives statements that cannot be run.', { code: 'INVALID_DATABASE' })
    }
    // Whole numbers beyond 2^53 would come back as others.
    if (this.driver === 'node:sqlite') statement.setReadBigInts?.(true)
    else statement.safeIntegers?.(true)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size >= MOST_STATEMENTS && oldest !== undefined) this.#statements.delete(oldest)
    this.#statements.set(sql, statement)
    return statement
  }
}
