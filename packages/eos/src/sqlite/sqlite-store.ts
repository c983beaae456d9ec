/**
 * SqliteStore: all contracts in an SQLite file. One connection, whose transactions run one after the other; other processes
 * may use the same file. A commit is on disk before it is answered (`synchronous=FULL`).
 */
import { type Clock, ConfigError, KafkaError, type Random, systemClock, systemRandom } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'
import { reach } from '../failpoint.js'
import type { Claim, ClaimOutcome, ClaimRequest, Durability, LeaseStore } from '../store/lease-store.js'
import type { AcquiredOffset, OffsetMove, OffsetPlace, OffsetStore } from '../store/offset-store.js'
import type {
  OutboxLane,
  OutboxPlace,
  OutboxRecord,
  OutboxStore,
  WaitingInLane,
  WaitingRecord,
} from '../store/outbox-store.js'
import type { Row, RowStore } from '../store/row-store.js'
import { inconsistentTopicId, storeFailed, transactionLost } from '../store/store-error.js'
import { checkStoreOptions } from '../store/store-options.js'
import { TransactionTurns } from '../store/transaction-turns.js'
import type { OnceOutcome, OnceRow } from '../store/tx-store.js'
import {
  connectionOf,
  type DriverName,
  driverOf,
  isSqliteDatabase,
  openDatabase,
  type SqliteConnection,
  type SqliteDatabase,
} from './sqlite-driver.js'
import { changeLease, claimLease, pruneExpired } from './sqlite-leases.js'
import { putInOutbox, readOutbox, removeFromOutbox, waitingInOutbox } from './sqlite-outbox.js'
import { insertRow, readRow, updateRow } from './sqlite-rows.js'
import { migrate } from './sqlite-schema.js'
import { isBusy, isConstraint, troubleOf } from './sqlite-trouble.js'
import { SqliteTx } from './sqlite-tx.js'

export interface SqliteStoreOptions {
  /** With what a file is opened. Default: node:sqlite, or libsql where the Node has none. */
  readonly driver?: DriverName | undefined
  /** How long another process may hold the file before a transaction gives up, retriable. Default: 5,000. */
  readonly busyTimeoutMs?: number | undefined
  /** The most transactions that may wait for the one under way. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /** The longest that one may wait for it. Default: 30,000. */
  readonly waitTimeoutMs?: number | undefined
  /** Time, for tests. Processes that share a file share the machine's. */
  readonly clock?: Clock | undefined
  /** Chance, for tests. */
  readonly random?: Random | undefined
}

/** A path, or a database that was opened with one of the three packages; the latter is the application's to close. */
export function sqliteStore(pathOrDatabase: string | SqliteDatabase, options: SqliteStoreOptions = {}): SqliteStore {
  checkStoreOptions('sqliteStore', options)
  return new SqliteStore(pathOrDatabase, options)
}

export class SqliteStore implements OffsetStore<SqliteTx>, LeaseStore, RowStore<SqliteTx>, OutboxStore<SqliteTx> {
  readonly durability: Durability
  readonly #source: string | SqliteDatabase
  readonly #driver: DriverName | undefined
  readonly #clock: Clock
  readonly #backoff: Backoff
  readonly #busyTimeoutMs: number
  readonly #turns: TransactionTurns
  #connection: SqliteConnection | undefined

  constructor(source: string | SqliteDatabase, options: SqliteStoreOptions) {
    const { driver, busyTimeoutMs = 5_000, maxWaiting = 10_000, waitTimeoutMs = 30_000 } = options
    if (typeof source !== 'string' && !isSqliteDatabase(source)) {
      throw new ConfigError(
        'sqliteStore needs the path of a file, or a database of node:sqlite, libsql or better-sqlite3.',
      )
    }
    this.#source = source
    // By these names SQLite keeps nothing that outlives the connection.
    this.durability = source === ':memory:' || source === '' ? 'process' : 'disk'
    this.#driver = driver
    this.#busyTimeoutMs = busyTimeoutMs
    this.#clock = options.clock ?? systemClock
    this.#backoff = new Backoff({ initialMs: 2, maxMs: 100, random: options.random ?? systemRandom })
    this.#turns = new TransactionTurns(this.#clock, { maxWaiting, waitTimeoutMs })
  }

  /** Not needed: the first use does it. Here for those who want to know at the start. */
  setup(): Promise<void> {
    return this.#turns.take(async () => void (await this.#open()))
  }

  /** `work` is called once: what waits for other processes is the beginning, and behind it there is nothing to wait for. */
  transaction<T>(work: (tx: SqliteTx) => Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      const result = await this.#inTransaction(await this.#open(), work)
      reach('tx.afterCommit')
      return result
    })
  }

  async insertOnce(tx: SqliteTx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]> {
    const now = this.#clock.now()
    return rows.map(({ scope, key, ttlMs, fingerprint = null }) => {
      const changed = tx.run(
        `INSERT INTO eos_once (scope, key, fingerprint, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, expires_at = excluded.expires_at
         WHERE eos_once.expires_at <= ?`,
        ...[scope, key, fingerprint, now + ttlMs, now],
      )
      if (changed > 0) return { isFresh: true }
      const known = tx.get('SELECT fingerprint FROM eos_once WHERE scope = ? AND key = ?', scope, key)
      return { isFresh: false, fingerprint: bytesOf(known?.['fingerprint']) }
    })
  }

  claim(request: ClaimRequest): Promise<ClaimOutcome> {
    return this.#change(tx => claimLease(tx, request, this.#clock.now()))
  }

  renew(claim: Claim, leaseMs: number): Promise<boolean> {
    return this.#change(tx => changeLease(tx, claim, 'lease_until = ?', [this.#clock.now() + leaseMs]))
  }

  complete(claim: Claim, ttlMs: number, result?: Uint8Array): Promise<boolean> {
    const set = 'is_done = 1, owner = NULL, lease_until = 0, expires_at = ?, result = ?'
    return this.#change(tx => changeLease(tx, claim, set, [this.#clock.now() + ttlMs, result ?? null]))
  }

  release(claim: Claim): Promise<boolean> {
    return this.#change(tx => changeLease(tx, claim, 'owner = NULL, lease_until = 0', []))
  }

  acquire({ group, topic, partition }: OffsetPlace, topicId?: string): Promise<AcquiredOffset> {
    return this.#change(tx => {
      // Texts: offsets go up to 2^63.
      const known = tx.get(
        `INSERT INTO eos_offsets (group_id, topic, partition, topic_id, fence) VALUES (?, ?, ?, ?, 1)
         ON CONFLICT (group_id, topic, partition)
         DO UPDATE SET fence = fence + 1, topic_id = coalesce(topic_id, excluded.topic_id)
         RETURNING CAST(fence AS TEXT) AS fence, CAST(next_offset AS TEXT) AS next, topic_id`,
        ...[group, topic, partition, topicId ?? null],
      )
      if (topicId !== undefined && known?.['topic_id'] !== topicId) throw inconsistentTopicId(topic, partition)
      const next = known?.['next']
      return { fence: BigInt(String(known?.['fence'])), next: typeof next === 'string' ? BigInt(next) : null }
    })
  }

  async advance(tx: SqliteTx, { group, topic, partition, fence, from, to }: OffsetMove): Promise<boolean> {
    const changed = tx.run(
      `UPDATE eos_offsets SET next_offset = ?
       WHERE group_id = ? AND topic = ? AND partition = ? AND fence = ? AND next_offset IS ?`,
      ...[to, group, topic, partition, fence, from],
    )
    return changed > 0
  }

  async insertRow(tx: SqliteTx, table: string, key: Row, row: Row): Promise<Row | undefined> {
    return insertRow(tx, table, key, row)
  }

  async readRow(tx: SqliteTx, table: string, key: Row): Promise<Row | undefined> {
    return readRow(tx, table, key)
  }

  async updateRow(
    tx: SqliteTx,
    table: string,
    key: Row,
    change: { readonly expected: Row; readonly set: Row },
  ): Promise<boolean> {
    return updateRow(tx, table, key, change)
  }

  async putInOutbox(tx: SqliteTx, lane: OutboxLane, records: readonly OutboxRecord[]): Promise<void> {
    putInOutbox(tx, lane, records, this.#clock.now())
  }

  readOutbox(lane: OutboxLane, limit: number): Promise<readonly WaitingRecord[]> {
    return this.#change(tx => readOutbox(tx, lane, limit))
  }

  removeFromOutbox(lane: OutboxLane, records: readonly OutboxPlace[]): Promise<number> {
    return this.#change(tx => removeFromOutbox(tx, lane, records))
  }

  waitingInOutbox(box: string): Promise<readonly WaitingInLane[]> {
    return this.#change(tx => waitingInOutbox(tx, box, this.#clock.now()))
  }

  prune(limit: number): Promise<number> {
    return this.#change(tx => pruneExpired(tx, limit, this.#clock.now()))
  }

  close(): Promise<void> {
    return this.#turns.close(async () => {
      if (typeof this.#source === 'string') this.#connection?.close()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #change<T>(work: (tx: SqliteTx) => T): Promise<T> {
    return this.#turns.take(async () => await this.#inTransaction(await this.#open(), async tx => work(tx)))
  }

  async #inTransaction<T>(connection: SqliteConnection, work: (tx: SqliteTx) => Promise<T>): Promise<T> {
    await this.#patiently('begin a transaction', () => connection.exec('BEGIN IMMEDIATE'))
    const tx = new SqliteTx(connection)
    try {
      const result = await work(tx)
      if (!tx.isWhole) throw transactionLost('SQLite')
      reach('tx.beforeCommit')
      commit(connection)
      return result
    } catch (error) {
      rollBack(connection)
      throw error
    } finally {
      tx.end()
    }
  }

  async #open(): Promise<SqliteConnection> {
    if (this.#connection !== undefined) return this.#connection
    const connection =
      typeof this.#source === 'string'
        ? opened(this.#source, this.#driver)
        : connectionOf(this.#source, this.#driver ?? driverOf(this.#source))
    try {
      // A wait inside SQLite would stand still with the whole process, so it does not wait and we do.
      connection.exec('PRAGMA busy_timeout = 0')
      await this.#patiently('be brought into WAL mode', () => connection.all('PRAGMA journal_mode = WAL', []))
      connection.exec('PRAGMA synchronous = FULL')
      await this.#inTransaction(connection, async () => migrate(connection))
    } catch (error) {
      if (typeof this.#source === 'string') connection.close()
      throw error
    }
    this.#connection = connection
    return connection
  }

  /** Again while another process holds the file. */
  async #patiently(what: string, action: () => void): Promise<void> {
    const startMs = this.#clock.monotonic()
    for (let attempt = 1; ; attempt++) {
      try {
        action()
        return
      } catch (cause) {
        if (!isBusy(cause)) throw troubleOf(what, cause) ?? storeFailed(what, cause)
        if (this.#clock.monotonic() - startMs >= this.#busyTimeoutMs) throw busyError(this.#busyTimeoutMs, cause)
      }
      await this.#clock.sleep(this.#backoff.delayMs(attempt))
    }
  }
}

function opened(path: string, driver: DriverName | undefined): SqliteConnection {
  try {
    return openDatabase(path, driver)
  } catch (cause) {
    throw KafkaError.is(cause) ? cause : storeFailed(`open ${path}`, cause)
  }
}

function commit(connection: SqliteConnection): void {
  try {
    connection.exec('COMMIT')
  } catch (cause) {
    // A constraint that is deferred to here says the same as at its statement.
    throw isConstraint(cause) ? cause : storeFailed('commit', cause)
  }
}

function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec('ROLLBACK')
  } catch {
    // SQLite has done so by itself, or the connection is gone and everything open with it.
  }
}

function busyError(busyTimeoutMs: number, cause: unknown): KafkaError {
  const message = `Another process held the database for more than ${busyTimeoutMs} ms; nothing was done. Try again, or raise busyTimeoutMs.`
  return new KafkaError(message, { code: 'STORE_BUSY', retriable: true, cause })
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined
}
