/**
 * Three drivers of PostgreSQL as one: a Pool of `pg`, the function of `postgres`, a PGlite. What is used of each is a type of
 * ours, so that none has to be installed.
 */
import { ConfigError } from '@samsa/runtime'
import { hasMethods } from '@samsa/runtime/internal'
import type { SqlAnswer, SqlPool, SqlRow, SqlSession, SqlValue } from '../sql/sql-connection.js'

export type PostgresDriver = 'pg' | 'postgres' | '@electric-sql/pglite'

/** What is used of a Pool of `pg`. */
export interface PgPool {
  connect(): Promise<PgClient>
}

export interface PgClient {
  query(sql: string, values?: unknown[]): Promise<PgResult>
  release(error?: boolean | Error): void
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

export interface PgResult {
  readonly rows: unknown[]
  readonly rowCount: number | null
  readonly command: string
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** What is used of the function that `postgres` gives. */
export interface PostgresJsSql {
  reserve(): Promise<PostgresJsReserved>
}

export interface PostgresJsReserved {
  unsafe(sql: string, values?: unknown[], options?: object): PromiseLike<PostgresJsResult>
  release(): void
}

export type PostgresJsResult = readonly object[] & {
  readonly count: number | null
  readonly command: string
  readonly columns: readonly { readonly name: string; readonly type: number }[]
}

/** What is used of a PGlite. */
export interface PgLite extends PgLiteQueries {
  transaction(work: (tx: PgLiteQueries) => Promise<void>): Promise<unknown>
}

export interface PgLiteQueries {
  query(sql: string, values?: unknown[]): Promise<PgLiteResult>
  exec(sql: string): Promise<unknown>
}

export interface PgLiteResult {
  readonly rows: unknown[]
  readonly affectedRows?: number
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

export type PostgresClient = PgPool | PostgresJsSql | PgLite

export function driverOf(client: unknown): PostgresDriver {
  if (typeof client === 'function' && 'reserve' in client && 'unsafe' in client) return 'postgres'
  if (hasMethods(client, 'exec', 'query', 'transaction')) return '@electric-sql/pglite'
  if (hasMethods(client, 'connect', 'query') && 'totalCount' in (client as object)) return 'pg'
  throw new ConfigError(
    'postgresStore needs a Pool of pg (a Client alone has no connections to lend), the function of postgres, or a PGlite.',
  )
}

/** `settings` are statements for the beginning of a transaction, without parameters. */
export function postgresPool(client: PostgresClient, settings: string): SqlPool {
  const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; ${settings}`
  const driver = driverOf(client)
  if (driver === 'postgres') {
    return { acquire: async () => new PostgresJsSession(await (client as PostgresJsSql).reserve(), begin) }
  }
  if (driver === 'pg') return { acquire: async () => new PgSession(await (client as PgPool).connect(), begin) }
  return { acquire: async () => new PgLiteSession(client as PgLite, settings) }
}

const INT8 = 20

/** Numbers of 64 bits come as texts, or as bigints. */
function answer(rows: readonly unknown[], int8: readonly string[], changed: number): SqlAnswer {
  if (int8.length > 0)
    for (const row of rows) for (const column of int8) readInt8(row as Record<string, unknown>, column)
  return { rows: rows as readonly SqlRow[], changed }
}

function readInt8(row: Record<string, unknown>, column: string): void {
  const value = row[column]
  if (typeof value !== 'string' && typeof value !== 'bigint') return
  const number = Number(value)
  row[column] = Number.isSafeInteger(number) ? number : BigInt(value)
}

/** Bigints as texts, of which the server finds the type; all drivers take bytes when they are a Buffer. */
function bound(values: readonly SqlValue[]): unknown[] {
  return values.map(value => {
    if (typeof value === 'bigint') return String(value)
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
  })
}

function int8Of(fields: readonly { readonly name: string; readonly dataTypeID: number }[]): string[] {
  return fields.filter(({ dataTypeID }) => dataTypeID === INT8).map(({ name }) => name)
}

class PgSession implements SqlSession {
  readonly #client: PgClient
  readonly #begin: string

  constructor(client: PgClient, begin: string) {
    this.#client = client
    this.#begin = begin
    // Without a listener, a connection that ends between two statements would end the process.
    client.on('error', ignore)
  }

  async begin(): Promise<void> {
    await this.#client.query(this.#begin)
  }

  async query(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    const { rows, rowCount, fields } = await this.#client.query(sql, bound(values))
    return answer(rows, int8Of(fields), rowCount ?? 0)
  }

  async commit(): Promise<boolean> {
    return (await this.#client.query('COMMIT')).command === 'COMMIT'
  }

  async rollBack(): Promise<void> {
    await this.#client.query('ROLLBACK')
  }

  release(isBroken: boolean): void {
    if (!isBroken) this.#client.removeListener('error', ignore)
    this.#client.release(isBroken)
  }
}

function ignore(): void {}

class PostgresJsSession implements SqlSession {
  readonly #sql: PostgresJsReserved
  readonly #begin: string
  #isClosed = false

  constructor(sql: PostgresJsReserved, begin: string) {
    this.#sql = sql
    this.#begin = begin
  }

  /** A statement on a connection that has ended would end the process, so it is asked to tell. */
  async begin(): Promise<void> {
    const onexecute = (connection: { onclose?: unknown }): void => {
      connection.onclose = () => {
        this.#isClosed = true
      }
    }
    await this.#sql.unsafe(this.#begin, [], { onexecute })
  }

  async query(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    const result = await this.#run(sql, bound(values))
    const int8 = (result.columns ?? []).filter(({ type }) => type === INT8).map(({ name }) => name)
    return answer([...result], int8, result.count ?? 0)
  }

  async commit(): Promise<boolean> {
    return (await this.#run('COMMIT')).command === 'COMMIT'
  }

  async rollBack(): Promise<void> {
    await this.#run('ROLLBACK')
  }

  /** A broken one is not given back: the driver takes it out of its pool when the connection ends. */
  release(isBroken: boolean): void {
    if (!isBroken && !this.#isClosed) this.#sql.release()
  }

  async #run(sql: string, values: unknown[] = []): Promise<PostgresJsResult> {
    if (this.#isClosed) throw new Error('the connection was closed')
    return await this.#sql.unsafe(sql, values)
  }
}

/** PGlite begins and ends transactions by itself, around a function; here the function waits until it is told how to end. */
class PgLiteSession implements SqlSession {
  readonly #db: PgLite
  readonly #settings: string
  #queries: PgLiteQueries
  #transaction: Promise<unknown> | undefined
  #end: (isKept: boolean) => void = () => {}
  #hasFailed = false

  constructor(db: PgLite, settings: string) {
    this.#db = db
    this.#settings = settings
    this.#queries = db
  }

  async begin(): Promise<void> {
    const isKept = new Promise<boolean>(resolve => {
      this.#end = resolve
    })
    await new Promise<void>((resolve, reject) => {
      this.#transaction = this.#db.transaction(async tx => {
        this.#queries = tx
        resolve()
        if (!(await isKept)) throw new RolledBack()
      })
      this.#transaction.catch(reject)
    })
    await this.#queries.exec(this.#settings)
  }

  async query(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    try {
      const { rows, affectedRows, fields } = await this.#queries.query(sql, bound(values))
      return answer(rows, int8Of(fields), affectedRows ?? 0)
    } catch (error) {
      this.#hasFailed = true
      throw error
    }
  }

  /** It does not tell a COMMIT that rolls back. Behind a failed statement another one fails too, unless all was taken back to a savepoint. */
  async commit(): Promise<boolean> {
    if (this.#hasFailed) {
      const isAborted = await this.#queries.query('SELECT 1').then(
        () => false,
        () => true,
      )
      if (isAborted) {
        await this.rollBack()
        return false
      }
    }
    this.#end(true)
    await this.#transaction
    return true
  }

  async rollBack(): Promise<void> {
    this.#end(false)
    await this.#transaction?.catch(ignoreRollBack)
  }

  release(isBroken: boolean): void {
    if (isBroken) this.#end(false)
  }
}

class RolledBack extends Error {}

function ignoreRollBack(error: unknown): void {
  if (!(error instanceof RolledBack)) throw error
}
