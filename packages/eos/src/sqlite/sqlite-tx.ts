/**
 * SqliteTx: what a handler does in a transaction of the SQLite store. It ends with its transaction, and knows when SQLite has
 * rolled back by itself: what came after that would not be part of anything.
 */
import { KafkaError } from '@samsa/runtime'
import { transactionIsOver, transactionLost } from '../store/store-error.js'
import type { SqliteConnection } from './sqlite-driver.js'
import { troubleOf } from './sqlite-trouble.js'
import { boundValues, type SqliteRow, type SqliteValue } from './sqlite-value.js'

const ENDS_OR_BEGINS = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|;)*(?:begin|commit|end|rollback|savepoint|release)\b/i

export class SqliteTx {
  readonly #connection: SqliteConnection
  #isOver = false
  #isLost = false

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  /** A statement that gives no rows; how many rows it has changed. */
  run(sql: string, ...values: readonly SqliteValue[]): number {
    return this.#attempt(sql, () => this.#connection.run(sql, boundValues(values)))
  }

  /** The first row of a query. */
  get(sql: string, ...values: readonly SqliteValue[]): SqliteRow | undefined {
    return this.all(sql, ...values)[0]
  }

  all(sql: string, ...values: readonly SqliteValue[]): SqliteRow[] {
    return this.#attempt(sql, () => this.#connection.all(sql, boundValues(values)))
  }

  /** Whether what was done through it can be committed. */
  get isWhole(): boolean {
    return !this.#isLost
  }

  end(): void {
    this.#isOver = true
  }

  #attempt<T>(sql: string, action: () => T): T {
    if (this.#isOver) throw transactionIsOver()
    if (this.#isLost) throw transactionLost('SQLite')
    if (ENDS_OR_BEGINS.test(sql)) {
      throw new KafkaError(
        'The store begins and ends the transaction: return from the handler to commit, throw to roll back.',
        { code: 'TRANSACTION_NOT_YOURS' },
      )
    }
    try {
      return action()
    } catch (error) {
      // `INSERT OR ROLLBACK`, a full disk and some others end the transaction and not only the statement.
      if (!this.#connection.isInTransaction) this.#isLost = true
      throw troubleOf('run a statement', error) ?? error
    }
  }
}
