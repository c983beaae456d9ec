/**
 * SqlStore: all contracts in a database server, for whichever dialect. Owns nothing but the promise of its tables: pool and
 * connections are the application's. All times are the database's.
 */
import { KafkaError } from '@samsa/runtime'
import { reach } from '../failpoint.js'
import type { Claim, ClaimOutcome, ClaimRequest, Durability, LeaseStore } from '../store/lease-store.js'
import type { AcquiredOffset, OffsetMove, OffsetPlace, OffsetStore } from '../store/offset-store.js'
import { headersFromText } from '../store/outbox-headers.js'
import type {
  OutboxLane,
  OutboxPlace,
  OutboxRecord,
  OutboxStore,
  WaitingInLane,
  WaitingRecord,
} from '../store/outbox-store.js'
import type { Row, RowStore } from '../store/row-store.js'
import { inconsistentTopicId, rowNotWritten, storeFailed } from '../store/store-error.js'
import type { OnceOutcome, OnceRow } from '../store/tx-store.js'
import type { SqlAnswer, SqlRow, SqlValue } from './sql-connection.js'
import { claimValues, type SqlDialect } from './sql-dialect.js'
import { type BoundStatement, bytesOf, rowOf, selection, update } from './sql-rows.js'
import type { SqlSessions } from './sql-sessions.js'
import type { SqlTx } from './sql-tx.js'

/** In one statement. */
const MOST_REMOVED = 200

export class SqlStore implements OffsetStore<SqlTx>, LeaseStore, RowStore<SqlTx>, OutboxStore<SqlTx> {
  readonly #sessions: SqlSessions
  readonly #dialect: SqlDialect
  #durability: Durability = 'disk'
  #tables: Promise<void> | undefined

  constructor(sessions: SqlSessions, dialect: SqlDialect) {
    this.#sessions = sessions
    this.#dialect = dialect
  }

  /** As the server's settings say, from the first use on. */
  get durability(): Durability {
    return this.#durability
  }

  /** Not needed: the first use does it. Here for those who want to know at the start. */
  async setup(): Promise<void> {
    this.#tables ??= own('make its tables', this.#setUp()).catch(error => {
      this.#tables = undefined
      throw error
    })
    await this.#tables
  }

  async transaction<T>(work: (tx: SqlTx) => Promise<T>): Promise<T> {
    await this.setup()
    const result = await this.#sessions.transaction(work, () => reach('tx.beforeCommit'))
    reach('tx.afterCommit')
    return result
  }

  insertOnce(tx: SqlTx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]> {
    return own('write an id', this.#dialect.insertOnce(tx, rows))
  }

  async claim(request: ClaimRequest): Promise<ClaimOutcome> {
    await this.setup()
    return await own('claim an id', this.#dialect.claim(this.#sessions, request))
  }

  renew(claim: Claim, leaseMs: number): Promise<boolean> {
    return this.#changeLease(claim, `lease_until = ${this.#dialect.now} + ?`, [leaseMs])
  }

  complete(claim: Claim, ttlMs: number, result?: Uint8Array): Promise<boolean> {
    const set = `is_done = 1, owner = NULL, lease_until = 0, expires_at = ${this.#dialect.now} + ?, result = ?`
    return this.#changeLease(claim, set, [ttlMs, result ?? null])
  }

  release(claim: Claim): Promise<boolean> {
    return this.#changeLease(claim, 'owner = NULL, lease_until = 0', [])
  }

  async acquire(place: OffsetPlace, topicId?: string): Promise<AcquiredOffset> {
    await this.setup()
    const acquired = await own('acquire an offset', this.#dialect.acquire(this.#sessions, place, topicId))
    if (acquired === undefined) throw inconsistentTopicId(place.topic, place.partition)
    return acquired
  }

  async advance(tx: SqlTx, { group, topic, partition, fence, from, to }: OffsetMove): Promise<boolean> {
    const key = { group_id: this.#dialect.id(group), topic: this.#dialect.id(topic), partition, fence }
    const change = { expected: { next_offset: from }, set: { next_offset: to } }
    const answer = this.#run(tx, update(this.#dialect, 'eos_offsets', key, change))
    return (await own('move an offset', answer)).changed > 0
  }

  async insertRow(tx: SqlTx, table: string, key: Row, row: Row): Promise<Row | undefined> {
    if (await this.#dialect.insertRow(tx, table, key, row)) return undefined
    const known = await this.readRow(tx, table, key)
    if (known === undefined) throw rowNotWritten(table)
    return known
  }

  async readRow(tx: SqlTx, table: string, key: Row): Promise<Row | undefined> {
    const { sql, values } = selection(this.#dialect, table, key)
    const { rows } = await this.#run(tx, { sql: `${sql} ${this.#dialect.currentRead}`, values })
    return rows[0] === undefined ? undefined : rowOf(rows[0])
  }

  async updateRow(
    tx: SqlTx,
    table: string,
    key: Row,
    change: { readonly expected: Row; readonly set: Row },
  ): Promise<boolean> {
    return (await this.#run(tx, update(this.#dialect, table, key, change))).changed > 0
  }

  putInOutbox(tx: SqlTx, lane: OutboxLane, records: readonly OutboxRecord[]): Promise<void> {
    return own('put a record in the outbox', this.#dialect.putInOutbox(tx, lane, records))
  }

  async readOutbox({ box, lane }: OutboxLane, limit: number): Promise<readonly WaitingRecord[]> {
    const sql = `SELECT * FROM eos_outbox WHERE box = ? AND lane = ? ORDER BY [sequence] LIMIT ${wholeNumber(limit)}`
    return (await this.#alone(sql, [this.#dialect.id(box), lane])).rows.map(waitingRecord)
  }

  async removeFromOutbox({ box, lane }: OutboxLane, records: readonly OutboxPlace[]): Promise<number> {
    if (records.length === 0) return 0
    await this.setup()
    return await this.#sessions.transaction(async tx => {
      let removed = 0
      for (let start = 0; start < records.length; start += MOST_REMOVED) {
        removed += await this.#removeSome(tx, { box, lane }, records.slice(start, start + MOST_REMOVED))
      }
      return removed
    })
  }

  async waitingInOutbox(box: string): Promise<readonly WaitingInLane[]> {
    const sql = `SELECT lane, count(*) AS records, ${this.#dialect.now} - min(put_at) AS age FROM eos_outbox
                 WHERE box = ? GROUP BY lane ORDER BY lane`
    return (await this.#alone(sql, [this.#dialect.id(box)])).rows.map(row => ({
      lane: Number(row['lane']),
      records: Number(row['records']),
      oldestAgeMs: Math.max(0, Number(row['age'])),
    }))
  }

  async prune(limit: number): Promise<number> {
    await this.setup()
    const { now } = this.#dialect
    const most = wholeNumber(limit)
    const ofOnce = await this.#dialect.prune(this.#sessions, 'eos_once', `expires_at <= ${now}`, most)
    if (ofOnce >= most) return ofOnce
    const isOver = `expires_at <= ${now} AND lease_until <= ${now}`
    return ofOnce + (await this.#dialect.prune(this.#sessions, 'eos_leases', isOver, most - ofOnce))
  }

  /** The pool is the application's to close. */
  close(): Promise<void> {
    return this.#sessions.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #setUp(): Promise<void> {
    this.#durability = await this.#dialect.setup(this.#sessions)
  }

  /** Only by the one who holds it. */
  async #changeLease(claim: Claim, set: string, values: readonly SqlValue[]): Promise<boolean> {
    const sql = `UPDATE eos_leases SET ${set} WHERE scope = ? AND [key] = ? AND owner = ? AND epoch = ? AND is_done = 0`
    return (await this.#alone(sql, [...values, ...claimValues(this.#dialect, claim)])).changed > 0
  }

  async #run(tx: SqlTx, { sql, values }: BoundStatement): Promise<SqlAnswer> {
    return await tx.answer(this.#dialect.sql(sql), values)
  }

  /** By sequence, which has an index; the id is looked at too. */
  async #removeSome(tx: SqlTx, { box, lane }: OutboxLane, records: readonly OutboxPlace[]): Promise<number> {
    const list = (each: (sequence: string) => string): string =>
      records.map(({ sequence }) => each(this.#dialect.place(sequence))).join(', ')
    const sql = `DELETE FROM eos_outbox WHERE box = ? AND lane = ? AND [sequence] IN (${list(sequence => sequence)})
                 AND ([sequence], id) IN (${list(sequence => `(${sequence}, ?)`)})`
    const sequences = records.map(({ sequence }) => sequence)
    const places = records.flatMap(({ sequence, id }) => [sequence, this.#dialect.id(id)])
    return (await tx.answer(this.#dialect.sql(sql), [this.#dialect.id(box), lane, ...sequences, ...places])).changed
  }

  /** A statement that commits by itself. */
  async #alone(sql: string, values: readonly SqlValue[]): Promise<SqlAnswer> {
    await this.setup()
    return await own(
      'read or change its tables',
      this.#sessions.statements(run => run(this.#dialect.sql(sql), values)),
    )
  }
}

/** What is wrong with the store's own tables is no fault of a record. */
async function own<T>(what: string, action: Promise<T>): Promise<T> {
  try {
    return await action
  } catch (cause) {
    throw KafkaError.is(cause) ? cause : storeFailed(what, cause)
  }
}

function waitingRecord(row: SqlRow): WaitingRecord {
  return {
    sequence: BigInt(String(row['sequence'])),
    id: String(row['id']),
    topic: String(row['topic']),
    partition: row['partition'] === null ? undefined : Number(row['partition']),
    key: bytesOf(row, 'key') ?? null,
    value: bytesOf(row, 'value') ?? null,
    headers: headersFromText(String(row['headers'])),
    putAt: Number(row['put_at']),
  }
}

/** It becomes part of a statement. */
function wholeNumber(limit: number): number {
  return Math.max(0, Math.trunc(Number(limit)))
}
