/**
 * Banks: accounts, and what was done to them, in each kind of store. Nothing in one is unique but what a helper makes so: what
 * is done twice is seen. `openBank` opens a store and its bank; the caller closes them.
 */
import { memoryStore } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'

export const accounts = ['ann', 'bob', 'cem', 'dee']

const TABLES = [
  'CREATE TABLE IF NOT EXISTS accounts (id VARCHAR(20) PRIMARY KEY, balance INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS legs (transfer VARCHAR(40) NOT NULL, account VARCHAR(20) NOT NULL, amount INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS entries (transfer VARCHAR(40), account VARCHAR(20), amount INTEGER, PRIMARY KEY (transfer, account))',
  'CREATE TABLE IF NOT EXISTS books (id VARCHAR(20) PRIMARY KEY, version BIGINT NOT NULL, last_msg_id VARCHAR(40))',
  'CREATE TABLE IF NOT EXISTS requests (idempotency_key VARCHAR(200) PRIMARY KEY)',
  'CREATE TABLE IF NOT EXISTS duplicates (transfer VARCHAR(40) NOT NULL)',
]

/** Two legs: what a transfer does. */
export function legsOf({ id, from, to, amount }) {
  return [
    { transfer: id, account: from, amount: -amount },
    { transfer: id, account: to, amount },
  ]
}

class SqlBank {
  #store
  #run
  #define

  /** `run(tx, sql, values)` gives rows, or how many rows it has changed; `define(sql)` makes a table. */
  constructor(store, run, define) {
    this.#store = store
    this.#run = run
    this.#define = define
  }

  async setup() {
    for (const sql of TABLES) await this.#define(sql)
    await this.#store.transaction(async tx => {
      const known = await this.#run(tx, 'SELECT id FROM accounts', [])
      if (known.length > 0) return
      for (const id of accounts) await this.#run(tx, 'INSERT INTO accounts (id, balance) VALUES (?, 0)', [id])
    })
  }

  async move(tx, transfer) {
    for (const { transfer: id, account, amount } of legsOf(transfer)) {
      await this.#run(tx, 'INSERT INTO legs (transfer, account, amount) VALUES (?, ?, ?)', [id, account, amount])
      await this.#run(tx, 'UPDATE accounts SET balance = balance + ? WHERE id = ?', [amount, account])
    }
  }

  /** As a payment service does that knows a request by its key. */
  moveOnce(key, transfer) {
    return this.#store.transaction(async tx => {
      const known = await this.#run(tx, 'SELECT idempotency_key FROM requests WHERE idempotency_key = ?', [key])
      if (known.length > 0) return
      await this.#run(tx, 'INSERT INTO requests (idempotency_key) VALUES (?)', [key])
      await this.move(tx, transfer)
    })
  }

  noteDuplicate(id) {
    return this.#store.transaction(tx => this.#run(tx, 'INSERT INTO duplicates (transfer) VALUES (?)', [id]))
  }

  read() {
    return this.#store.transaction(async tx => ({
      balances: await this.#run(tx, 'SELECT id, balance FROM accounts', []),
      legs: await this.#run(tx, 'SELECT transfer, account, amount FROM legs', []),
      duplicates: (await this.#run(tx, 'SELECT transfer FROM duplicates', [])).length,
    }))
  }
}

class MemoryBank {
  #store

  constructor(store) {
    this.#store = store
  }

  async setup() {}

  move(tx, transfer) {
    const legs = tx.get('legs') ?? []
    tx.set('legs', [...legs, ...legsOf(transfer)])
    for (const { account, amount } of legsOf(transfer)) {
      tx.set(`balance ${account}`, (tx.get(`balance ${account}`) ?? 0) + amount)
    }
  }

  moveOnce(key, transfer) {
    return this.#store.transaction(async tx => {
      if (tx.get(`request ${key}`) === true) return
      tx.set(`request ${key}`, true)
      this.move(tx, transfer)
    })
  }

  noteDuplicate(id) {
    return this.#store.transaction(async tx => tx.set('duplicates', [...(tx.get('duplicates') ?? []), id]))
  }

  read() {
    return this.#store.transaction(async tx => ({
      balances: accounts.map(id => ({ id, balance: tx.get(`balance ${id}`) ?? 0 })),
      legs: tx.get('legs') ?? [],
      duplicates: (tx.get('duplicates') ?? []).length,
    }))
  }
}

const isQuery = sql => sql.startsWith('SELECT')
const run = (tx, sql, values) => (isQuery(sql) ? tx.all(sql, ...values) : tx.run(sql, ...values))

/** PostgreSQL numbers its parameters. */
function numbered(sql) {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}

const kinds = {
  /** Not to be opened again: whoever made it hands it on. */
  memory: ({ opened = memoryStore() }) => ({ store: opened, bank: new MemoryBank(opened) }),
  sqlite: ({ path }) => {
    const store = sqliteStore(path)
    return { store, bank: new SqlBank(store, run, sql => store.transaction(async tx => tx.run(sql))) }
  },
  postgres: async ({ connection }) => {
    const { default: pg } = await import('pg')
    const { postgresStore } = await import('@samsa/eos/postgres')
    const pool = new pg.Pool({ ...connection, max: 8 })
    pool.on('error', () => {})
    const store = postgresStore(pool)
    const bank = new SqlBank(
      store,
      (tx, sql, values) => run(tx, numbered(sql), values),
      sql => pool.query(sql),
    )
    return { store, bank, end: () => pool.end() }
  },
  mariadb: async ({ connection }) => {
    const { createPool } = await import('mysql2/promise')
    const { mysqlStore } = await import('@samsa/eos/mysql')
    const pool = createPool({ ...connection, connectionLimit: 8 })
    const store = mysqlStore(pool)
    return { store, bank: new SqlBank(store, run, sql => pool.query(sql)), end: () => pool.end() }
  },
  /** Claims alone; accounts are in a file. */
  redis: async ({ connection, path }) => {
    const { Redis } = await import('ioredis')
    const { redisStore } = await import('@samsa/eos/redis')
    const client = new Redis(connection)
    client.on('error', () => {})
    const leases = redisStore(client)
    return { ...kinds.sqlite({ path }), leases, end: () => client.disconnect() }
  },
}

export async function openBank({ kind, ...where }) {
  const opened = await kinds[kind](where)
  await opened.bank.setup()
  const close = async () => {
    if (kind !== 'memory') await opened.store.close()
    await opened.leases?.close()
    await opened.end?.()
  }
  return { ...opened, close }
}
