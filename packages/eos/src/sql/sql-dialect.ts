/**
 * SqlDialect: what two database servers say differently, so that everything else of their stores is written once.
 */
import type { Claim, ClaimOutcome, ClaimRequest, Durability } from '../store/lease-store.js'
import type { AcquiredOffset, OffsetPlace } from '../store/offset-store.js'
import type { OutboxLane, OutboxRecord } from '../store/outbox-store.js'
import type { Row } from '../store/row-store.js'
import type { OnceOutcome, OnceRow } from '../store/tx-store.js'
import type { SqlErrors, SqlValue } from './sql-connection.js'
import type { SqlSessions } from './sql-sessions.js'
import type { SqlTx } from './sql-tx.js'

export interface SqlDialect extends SqlErrors {
  /** Milliseconds since 1970 by the clock of the database, as an expression. */
  readonly now: string
  /** Turns `?` into a parameter, and `[name]` into a quoted one, as the server wants them. */
  sql(text: string): string
  quoted(name: string): string
  /** How a value stands in a statement: a `?`, or an expression with one. */
  place(value: SqlValue): string
  /** A text that is compared byte by byte. */
  id(text: string): SqlValue
  /** What readers of the application's rows add, so that they see what is committed now. */
  readonly currentRead: string
  /** Makes or migrates the tables, whoever else does it; what the server's settings make of its commits. */
  setup(sessions: SqlSessions): Promise<Durability>
  insertOnce(tx: SqlTx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]>
  claim(sessions: SqlSessions, request: ClaimRequest): Promise<ClaimOutcome>
  /** Undefined when what is stored is of a topic with another id. */
  acquire(sessions: SqlSessions, place: OffsetPlace, topicId: string | undefined): Promise<AcquiredOffset | undefined>
  insertRow(tx: SqlTx, table: string, key: Row, row: Row): Promise<boolean>
  putInOutbox(tx: SqlTx, lane: OutboxLane, records: readonly OutboxRecord[]): Promise<void>
  /** Of one table, rows for which `condition` holds. */
  prune(sessions: SqlSessions, table: string, condition: string, limit: number): Promise<number>
}

/** The parameters that name a claim, in the order of `scope`, `key`, `owner`, `epoch`. */
export function claimValues(dialect: SqlDialect, { scope, key, owner, epoch }: Claim): readonly SqlValue[] {
  return [dialect.id(scope), dialect.id(key), dialect.id(owner), epoch]
}
