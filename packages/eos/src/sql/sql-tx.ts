/**
 * SqlTx: what a handler does in a transaction of a database server. Statements go one after the other in the order of the calls.
 * It ends with its transaction, and remembers the first trouble: what comes after that would not be part of anything.
 */
import { KafkaError } from '@samsa/runtime'
import { invalidParameter, transactionIsOver, transactionLost } from '../store/store-error.js'
import {
  type SqlAnswer,
  type SqlErrors,
  type SqlRow,
  type SqlTrouble,
  type SqlValue,
  troubleIn,
} from './sql-connection.js'

export interface TroubleMet {
  readonly trouble: SqlTrouble
  readonly cause: unknown
}

export class SqlTx {
  readonly #query: (sql: string, values: readonly SqlValue[]) => Promise<SqlAnswer>
  readonly #errors: SqlErrors
  #last: Promise<unknown> = Promise.resolve()
  #isOver = false
  #met: TroubleMet | undefined
  #firstFailure: unknown

  constructor(query: (sql: string, values: readonly SqlValue[]) => Promise<SqlAnswer>, errors: SqlErrors) {
    this.#query = query
    this.#errors = errors
  }

  /** A statement that gives no rows; how many rows it has changed. */
  async run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    return (await this.answer(sql, values)).changed
  }

  /** The first row of a query. */
  async get(sql: string, ...values: readonly SqlValue[]): Promise<SqlRow | undefined> {
    return (await this.answer(sql, values)).rows[0]
  }

  async all(sql: string, ...values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return (await this.answer(sql, values)).rows
  }

  /** What keeps it from being committed; undefined while nothing does. */
  get met(): TroubleMet | undefined {
    return this.#met
  }

  /** The first error of a statement, also when the handler has caught it. */
  get firstFailure(): unknown {
    return this.#firstFailure
  }

  /** Remembers what goes wrong with it. */
  async watched<T>(action: Promise<T>): Promise<T> {
    try {
      return await action
    } catch (cause) {
      this.#firstFailure ??= cause
      const trouble = troubleIn(this.#errors, cause)
      if (trouble !== undefined) this.#met ??= { trouble, cause }
      throw cause
    }
  }

  /** Waits for what was begun and not awaited. */
  async end(): Promise<void> {
    this.#isOver = true
    await this.#last
  }

  /** Rows and count together. */
  answer(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    if (this.#isOver) return Promise.reject(transactionIsOver())
    const objection = this.#errors.objectionTo(sql)
    if (objection !== undefined) return Promise.reject(new KafkaError(objection, { code: 'TRANSACTION_NOT_YOURS' }))
    const invalid = values.findIndex(value => !isSqlValue(value))
    if (invalid >= 0) return Promise.reject(invalidParameter(invalid, values[invalid]))
    const answer = this.#last.then(() => this.#send(sql, values))
    this.#last = answer.catch(() => {})
    return answer
  }

  #send(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    if (this.#met !== undefined) throw transactionLost(this.#errors.database, this.#met.cause)
    return this.watched(this.#query(sql, values))
  }
}

function isSqlValue(value: unknown): value is SqlValue {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || value instanceof Uint8Array) return true
  return typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean'
}
