/**
 * What the stores ask of a database server, whichever it is: a pool that lends sessions, and a dialect that knows what the
 * server's errors mean. Drivers differ in how they say things; what differs stays behind these.
 */

/** What a statement takes. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array

/** By column, as the driver gives it; integers of 64 bits are numbers, or bigints beyond 2^53. */
export type SqlRow = Readonly<Record<string, unknown>>

export interface SqlAnswer {
  readonly rows: readonly SqlRow[]
  /** How many rows the statement has written, or found to write. */
  readonly changed: number
}

/** One statement at a time. */
export interface SqlSession {
  begin(): Promise<void>
  query(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer>
  /** False when the server says that it has rolled back instead. */
  commit(): Promise<boolean>
  rollBack(): Promise<void>
  /** Back to the pool; a broken one is of no use to anybody and is ended. */
  release(isBroken: boolean): void
}

export interface SqlPool {
  acquire(): Promise<SqlSession>
}

/**
 * What an error means beyond its statement. `conflict`: with another transaction, which may be gone at the next attempt;
 * `lost`: the connection, or the server; `readOnly`: nothing can be written there; `slow`: a limit of time is over.
 */
export type SqlTrouble = 'conflict' | 'lost' | 'readOnly' | 'slow'

export interface SqlErrors {
  /** As the database is called in messages. */
  readonly database: string
  /** Undefined: the statement itself was refused, and nothing else. */
  troubleOf(error: unknown): SqlTrouble | undefined
  /** Why a handler may not do this by itself; undefined when it may. */
  objectionTo(sql: string): string | undefined
}

/** The server has not answered at all. */
export class NoAnswerError extends Error {}

/** Of an error that came from the driver. */
export function troubleIn(errors: SqlErrors, error: unknown): SqlTrouble | undefined {
  return error instanceof NoAnswerError ? 'lost' : errors.troubleOf(error)
}
