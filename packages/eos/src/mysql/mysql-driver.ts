/**
 * A pool of `mysql2/promise` as sessions. What is used of it is a type of ours, so that it need not be installed. Statements are
 * prepared: their values are never part of the text.
 */
import { ConfigError } from '@samsa/runtime'
import { hasMethods } from '@samsa/runtime/internal'
import type { SqlAnswer, SqlPool, SqlRow, SqlSession, SqlValue } from '../sql/sql-connection.js'
import { committedEarly } from './mysql-errors.js'

/** The package that the store is used with. */
export type MySqlDriver = 'mysql2'

/** What is used of a pool of `mysql2/promise`. */
export interface MySqlPool {
  getConnection(): Promise<MySqlConnection>
}

export interface MySqlConnection {
  readonly threadId: number | null
  query(sql: string): Promise<readonly [unknown, unknown]>
  execute(options: MySqlStatement): Promise<readonly [unknown, unknown]>
  release(): void
  destroy(): void
}

export interface MySqlStatement {
  readonly sql: string
  readonly values: unknown[]
  readonly supportBigNumbers: boolean
  readonly bigNumberStrings: boolean
}

interface Field {
  readonly name: string
  readonly columnType?: number
}

interface Header {
  readonly affectedRows: number
  readonly info?: string
  readonly serverStatus?: number
}

const LONGLONG = 8
const STATUS_IN_TRANSACTION = 1

export function mysqlPool(pool: MySqlPool): SqlPool {
  if (!hasMethods(pool, 'getConnection', 'execute') || hasMethods(pool, 'promise')) {
    throw new ConfigError('mysqlStore needs a pool of mysql2/promise: createPool of "mysql2/promise", not of "mysql2".')
  }
  return { acquire: async () => new MySqlSession(await pool.getConnection(), pool) }
}

class MySqlSession implements SqlSession {
  readonly #connection: MySqlConnection
  readonly #pool: MySqlPool
  #isInTransaction = false
  #isEnded = false
  #unanswered = 0

  constructor(connection: MySqlConnection, pool: MySqlPool) {
    this.#connection = connection
    this.#pool = pool
  }

  /** At READ COMMITTED there are no locks on gaps, on which others would wait for nothing. */
  async begin(): Promise<void> {
    await this.#counted(this.#connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED'))
    await this.#counted(this.#connection.query('START TRANSACTION'))
    this.#isInTransaction = true
  }

  async query(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    const options = { sql, values: values.map(bound), supportBigNumbers: true, bigNumberStrings: false }
    const [result, fields] = await this.#counted(this.#connection.execute(options))
    if (Array.isArray(result)) return { rows: withBigInts(result, fields as readonly Field[]), changed: 0 }
    const { serverStatus, info, affectedRows } = result as Header
    if (this.#isInTransaction && serverStatus !== undefined && (serverStatus & STATUS_IN_TRANSACTION) === 0) {
      this.#isEnded = true
      throw committedEarly()
    }
    // With or without the flag FOUND_ROWS: rows that were found count, also when they had the values already.
    const matched = /^Rows matched: (\d+)/.exec(info ?? '')?.[1]
    return { rows: [], changed: matched === undefined ? affectedRows : Number(matched) }
  }

  async commit(): Promise<boolean> {
    if (this.#isEnded) throw committedEarly()
    await this.#counted(this.#connection.query('COMMIT'))
    this.#isInTransaction = false
    return true
  }

  async rollBack(): Promise<void> {
    await this.#counted(this.#connection.query('ROLLBACK'))
    this.#isInTransaction = false
  }

  release(isBroken: boolean): void {
    if (!isBroken) {
      this.#connection.release()
      return
    }
    this.#connection.destroy()
    const { threadId } = this.#connection
    // The server may be at a statement still, and would keep its locks until that is done. Where it has ended the connection
    // itself, another may have the number by now.
    if (this.#unanswered > 0 && threadId !== null) kill(this.#pool, threadId).catch(() => {})
  }

  async #counted<T>(answer: Promise<T>): Promise<T> {
    this.#unanswered++
    try {
      return await answer
    } finally {
      this.#unanswered--
    }
  }
}

/** Nobody needs a privilege to end what is his own. */
async function kill(pool: MySqlPool, threadId: number): Promise<void> {
  const connection = await pool.getConnection()
  try {
    await connection.query(`KILL ${Number(threadId)}`)
  } finally {
    connection.release()
  }
}

/** A number goes as a double, exact up to 2^53; what is beyond goes as a text. */
function bound(value: SqlValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

/** Beyond 2^53 the driver gives integers as texts. */
function withBigInts(rows: readonly Record<string, unknown>[], fields: readonly Field[]): readonly SqlRow[] {
  for (const { name, columnType } of fields) {
    if (columnType !== LONGLONG) continue
    for (const row of rows) if (typeof row[name] === 'string') row[name] = BigInt(row[name])
  }
  return rows
}
