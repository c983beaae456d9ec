/**
 * SqlSessions: transactions and single statements over a pool that belongs to the application. Owns how many wait for a
 * connection and for how long, how long a statement may take, and how often a conflict is tried again. A connection that did
 * not answer is never used again.
 */
import { type Clock, KafkaError, type Random, systemClock, systemRandom, TimeoutError } from '@samsa/runtime'
import { Backoff, settleWithin } from '@samsa/runtime/internal'
import { commitUnknown, storeClosed, storeFailed, storeReadOnly, transactionLost } from '../store/store-error.js'
import {
  NoAnswerError,
  type SqlAnswer,
  type SqlErrors,
  type SqlPool,
  type SqlSession,
  type SqlTrouble,
  type SqlValue,
  troubleIn,
} from './sql-connection.js'
import { SqlTx } from './sql-tx.js'

export interface SqlLimits {
  /** How often a transaction is tried while the database finds it in conflict with others. Default: 10. */
  readonly maxAttempts?: number | undefined
  /** The most transactions that may wait for a connection of the pool. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /** The longest that one may wait for it. Default: 30,000. */
  readonly waitTimeoutMs?: number | undefined
  /** The longest that a statement may take, waits for locks included. Default: 30,000. */
  readonly statementTimeoutMs?: number | undefined
  /** Time, for tests: of waits and limits. What is stored has the database's. */
  readonly clock?: Clock | undefined
  /** Chance, for tests. */
  readonly random?: Random | undefined
}

export const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000

/** The server is to notice first that a statement takes too long: then the connection is still good. */
const GRACE_MS = 1_000

/** Runs statements and gives their answers. */
export type RunStatement = (sql: string, values: readonly SqlValue[]) => Promise<SqlAnswer>

/** A session while it is used; whoever finds that it is in order says so. */
interface Lent {
  readonly session: SqlSession
  isSound: boolean
}

class Conflict {
  readonly cause: unknown

  constructor(cause: unknown) {
    this.cause = cause
  }
}

export class SqlSessions {
  readonly #pool: SqlPool
  readonly #errors: SqlErrors
  readonly #clock: Clock
  readonly #backoff: Backoff
  readonly #maxAttempts: number
  readonly #maxWaiting: number
  readonly #waitTimeoutMs: number
  readonly #statementTimeoutMs: number
  #waiting = 0
  #underWay = 0
  #isClosed = false
  readonly #onIdle: (() => void)[] = []

  constructor(pool: SqlPool, errors: SqlErrors, limits: SqlLimits) {
    this.#pool = pool
    this.#errors = errors
    this.#clock = limits.clock ?? systemClock
    this.#backoff = new Backoff({ initialMs: 5, maxMs: 500, jitter: 0.5, random: limits.random ?? systemRandom })
    this.#maxAttempts = limits.maxAttempts ?? 10
    this.#maxWaiting = limits.maxWaiting ?? 10_000
    this.#waitTimeoutMs = limits.waitTimeoutMs ?? 30_000
    this.#statementTimeoutMs = limits.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS
  }

  /** Calls `work` anew after each conflict. */
  transaction<T>(work: (tx: SqlTx) => Promise<T>, beforeCommit: () => void = () => {}): Promise<T> {
    return this.#patiently(async lent => {
      const tx = new SqlTx((sql, values) => this.#within(lent.session.query(sql, values)), this.#errors)
      let result: T
      try {
        await tx.watched(this.#within(lent.session.begin()))
        result = await work(tx)
        await tx.end()
        if (tx.met !== undefined) throw tx.met.cause
        beforeCommit()
      } catch (error) {
        await tx.end()
        const { trouble, cause } = tx.met ?? {}
        if (trouble !== 'lost') await this.#rollBack(lent)
        if (trouble === 'conflict') return new Conflict(cause)
        throw trouble === undefined ? error : this.#troubleError(trouble, cause)
      }
      const conflict = await this.#commit(lent, tx)
      return conflict ?? result
    })
  }

  /** Statements that each commit by themselves, and that may be repeated as a whole. */
  statements<T>(work: (run: RunStatement) => Promise<T>): Promise<T> {
    return this.#patiently(async lent => {
      try {
        const result = await work((sql, values) => this.#within(lent.session.query(sql, values)))
        lent.isSound = true
        return result
      } catch (cause) {
        const trouble = troubleIn(this.#errors, cause)
        lent.isSound = trouble !== 'lost'
        if (trouble === 'conflict') return new Conflict(cause)
        throw trouble === undefined ? cause : this.#troubleError(trouble, cause)
      }
    })
  }

  /** Refuses all later ones, and waits for those under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#underWay > 0) await new Promise<void>(resolve => this.#onIdle.push(resolve))
  }

  async #patiently<T>(attempt: (lent: Lent) => Promise<T | Conflict>): Promise<T> {
    if (this.#isClosed) throw storeClosed()
    this.#underWay++
    try {
      for (let count = 1; ; count++) {
        const lent: Lent = { session: await this.#acquire(), isSound: false }
        const outcome = await attempt(lent).finally(() => lent.session.release(!lent.isSound))
        if (!(outcome instanceof Conflict)) return outcome
        if (count >= this.#maxAttempts) throw this.#conflictError(count, outcome.cause)
        await this.#clock.sleep(this.#backoff.delayMs(count))
      }
    } finally {
      this.#underWay--
      if (this.#underWay === 0) for (const tell of this.#onIdle.splice(0)) tell()
    }
  }

  /** Undefined when everything was kept. What the server has not said itself nobody knows. */
  async #commit(lent: Lent, tx: SqlTx): Promise<Conflict | undefined> {
    let isKept: boolean
    try {
      isKept = await this.#within(lent.session.commit())
    } catch (cause) {
      const trouble = troubleIn(this.#errors, cause)
      if (trouble !== undefined && trouble !== 'conflict') throw commitUnknown(cause)
      await this.#rollBack(lent)
      if (trouble === 'conflict') return new Conflict(cause)
      // A constraint that is deferred to here says the same as at its statement.
      throw cause
    }
    lent.isSound = true
    if (!isKept) throw transactionLost(this.#errors.database, tx.firstFailure)
    return undefined
  }

  async #rollBack(lent: Lent): Promise<void> {
    try {
      await this.#within(lent.session.rollBack())
      lent.isSound = true
    } catch {
      // The connection is ended, and what is open on it goes with it.
    }
  }

  async #acquire(): Promise<SqlSession> {
    if (this.#waiting >= this.#maxWaiting) throw this.#fullError()
    this.#waiting++
    let isLate = false
    const acquiring = this.#pool
      .acquire()
      .then(
        session => {
          if (isLate) session.release(false)
          return session
        },
        cause => {
          throw storeFailed('get a connection', cause)
        },
      )
      .finally(() => {
        this.#waiting--
      })
    const timeoutError = (waitedMs: number): TimeoutError => {
      isLate = true
      return new TimeoutError(
        `The pool had no connection within ${waitedMs} ms: ${this.#errors.database} cannot be reached, the pool is too small, or a transaction was begun inside another, which then waits for itself.`,
      )
    }
    return await settleWithin(this.#clock, acquiring, { timeoutMs: this.#waitTimeoutMs, timeoutError })
  }

  #within<T>(answer: Promise<T>): Promise<T> {
    const timeoutMs = this.#statementTimeoutMs + GRACE_MS
    const timeoutError = (): Error => new NoAnswerError(`no answer within ${timeoutMs} ms`)
    return settleWithin(this.#clock, answer, { timeoutMs, timeoutError })
  }

  #troubleError(trouble: Exclude<SqlTrouble, 'conflict'>, cause: unknown): KafkaError {
    if (trouble === 'readOnly') return storeReadOnly(this.#errors.database, cause)
    if (trouble === 'lost') return storeFailed('finish, and nothing was kept', cause)
    const limit = `${this.#statementTimeoutMs} ms`
    return new TimeoutError(
      `A statement took longer than ${limit}, or had to wait longer for a lock, and nothing was kept: look at what ${this.#errors.database} does, or raise statementTimeoutMs.`,
      { cause },
    )
  }

  #conflictError(attempts: number, cause: unknown): KafkaError {
    const message = `${this.#errors.database} found the transaction in conflict with others ${attempts} times, and nothing was kept. Try again, have fewer at a time, or lock in one order.`
    return new KafkaError(message, { code: 'STORE_CONFLICT', retriable: true, cause })
  }

  #fullError(): KafkaError {
    const message = `${this.#waiting} transactions wait for a connection already: have fewer at a time, or raise maxWaiting.`
    return new KafkaError(message, { code: 'STORE_BUSY', retriable: true })
  }
}
