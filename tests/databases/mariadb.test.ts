/**
 * The store in a real MariaDB.
 */
import { mysqlStore, type SqlStore } from '@samsa/eos/mysql'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MariaDbConnection, reasonAgainstMariaDb, startMariaDb } from './mariadb-server.js'
import type { ServerProcess } from './server-process.js'
import { asTheModel, emptied, MODEL_TIMEOUT_MS, storeCases, TABLE } from './store-kit.js'
import { troubleCases } from './trouble-cases.js'

let server: ServerProcess
let connection: MariaDbConnection
let store: SqlStore
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  if (reasonAgainstMariaDb !== undefined) return
  const started = await startMariaDb()
  server = started.server
  connection = started.connection
  ends.push(() => server.stop())
  const pool = poolOf()
  await pool.query(`CREATE TABLE ${TABLE} (id VARCHAR(100) PRIMARY KEY, amount BIGINT, note TEXT) ENGINE = InnoDB`)
  store = mysqlStore(pool)
}, 120_000)

afterAll(() => endAll(0))

/** Those that came after `kept` others, the last first. */
async function endAll(kept: number): Promise<void> {
  for (const end of ends.splice(kept).toReversed()) await end()
}

function poolOf(more: mysql.PoolOptions = {}): mysql.Pool {
  const pool = mysql.createPool({ ...connection, connectionLimit: 16, ...more })
  ends.push(() => pool.end())
  return pool
}

describe('MariaDB by mysql2', () => {
  test.for(storeCases)('$name', async ({ run }, context) => {
    if (reasonAgainstMariaDb !== undefined) context.skip(reasonAgainstMariaDb)
    await run(await emptied(store))
  })

  test('it says what the model says, whatever workers do', { timeout: MODEL_TIMEOUT_MS }, async context => {
    if (reasonAgainstMariaDb !== undefined) context.skip(reasonAgainstMariaDb)
    await asTheModel(() => emptied(store))
  })
})

describe('in trouble', () => {
  test.for(troubleCases)('$name', async ({ run }, context) => {
    if (reasonAgainstMariaDb !== undefined) context.skip(reasonAgainstMariaDb)
    const make = (sql: string): Promise<unknown> => poolOf({ connectionLimit: 1 }).query(sql)
    const before = ends.length
    try {
      await run({
        server,
        open: ({ port = connection.port, connections: connectionLimit = 8, limits = {} } = {}) =>
          mysqlStore(poolOf({ port, connectionLimit }), limits),
        make,
        dropTables: names => make(`DROP TABLE IF EXISTS ${names.join(', ')}`),
        sleep: 'SELECT SLEEP(10)',
      })
    } finally {
      await endAll(before)
    }
  })
})

const reason = reasonAgainstMariaDb === undefined ? '' : ` (${reasonAgainstMariaDb})`

describe.skipIf(reasonAgainstMariaDb !== undefined)(`what is particular to MariaDB${reason}`, () => {
  test('values come back as they went in', async () => {
    const row = await store.transaction(tx =>
      tx.get(
        'SELECT ? AS a, CAST(? AS SIGNED) AS b, CAST(? AS SIGNED) AS c, ? AS e, ? AS g',
        ...['text', 5, 2n ** 60n, new Uint8Array([0, 255]), null],
      ),
    )
    const shown = { ...row, e: [...Buffer.from(row?.['e'] as Uint8Array)] }
    expect(shown).toEqual({ a: 'text', b: 5, c: 2n ** 60n, e: [0, 255], g: null })
  })

  test('what would commit in the middle is refused', async () => {
    for (const sql of ['CREATE TABLE x (id INT)', '/* so */ drop table x', 'TRUNCATE TABLE x', 'SET autocommit = 1']) {
      const attempt = store.transaction(tx => tx.run(sql))
      await expect(attempt, sql).rejects.toMatchObject({ code: 'TRANSACTION_NOT_YOURS' })
    }
    expect(await store.transaction(tx => tx.run('CREATE TEMPORARY TABLE y (id INT)'))).toBe(0)
  })

  test('what has committed in the middle all the same is no success', async () => {
    const pool = poolOf({ connectionLimit: 1 })
    await pool.query('CREATE PROCEDURE commits() BEGIN COMMIT; END')
    const attempt = store.transaction(async tx => {
      await tx.run(`INSERT INTO ${TABLE} (id) VALUES ('early')`)
      await tx.run('CALL commits()').catch(() => {})
    })
    await expect(attempt).rejects.toMatchObject({ code: 'COMMITTED_EARLY', fatal: true })
  })

  test('a row that is found counts as changed, whatever the flags of the connection', async () => {
    const other = mysqlStore(poolOf({ flags: ['-FOUND_ROWS'] }))
    await emptied(other)
    await other.transaction(tx => other.insertRow(tx, TABLE, { id: 'a' }, { amount: 5 }))
    const change = { expected: { amount: 5 }, set: { amount: 5 } }
    expect(await other.transaction(tx => other.updateRow(tx, TABLE, { id: 'a' }, change))).toBe(true)
  })

  test('a duplicate that another has committed since the transaction began is seen', async () => {
    await emptied(store)
    const row = { scope: 'billing', key: 'a', ttlMs: 60_000 }
    const seen = await store.transaction(async tx => {
      await tx.run('SET @before = (SELECT count(*) FROM eos_once)')
      await store.transaction(other => store.insertOnce(other, [row]))
      return await store.insertOnce(tx, [row])
    })
    expect(seen).toEqual([{ isFresh: false, fingerprint: undefined }])
  })

  test('an id that would be cut off is refused', async () => {
    const attempt = store.transaction(tx => store.insertOnce(tx, [{ scope: 's', key: 'k'.repeat(2_049), ttlMs: 1 }]))
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_ID' })
  })

  test.each(['MyISAM', 'Aria'])('a table without transactions is refused, such as one of %s', async engine => {
    await poolOf().query(`CREATE TABLE plain_${engine} (id INT PRIMARY KEY) ENGINE = ${engine}`)
    const attempt = store.transaction(tx => store.insertRow(tx, `plain_${engine}`, { id: 1 }, {}))
    await expect(attempt).rejects.toThrow(`plain_${engine} has the engine ${engine}, which has no transactions`)
  })

  test('a key that only the collation takes for another one is an error, and no duplicate', async () => {
    await emptied(store)
    const insert = (id: string): Promise<unknown> =>
      store.transaction(tx => store.insertRow(tx, TABLE, { id }, { amount: 5 }))
    expect(await insert('a')).toBeUndefined()
    expect(await insert('a')).toMatchObject({ id: 'a', amount: 5 })
    for (const other of ['A', 'á']) await expect(insert(other)).rejects.toMatchObject({ errno: 1062 })
  })

  test('a server that takes no changes is said so', async () => {
    const admin = poolOf()
    await admin.query("CREATE USER clerk@'127.0.0.1'")
    await admin.query(`GRANT ALL ON ${connection.database}.* TO clerk@'127.0.0.1'`)
    await admin.query('SET GLOBAL read_only = 1')
    const clerk = mysqlStore(poolOf({ user: 'clerk' }))
    const attempt = clerk.transaction(tx => clerk.insertOnce(tx, [{ scope: 's', key: 'k', ttlMs: 1 }]))
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_READ_ONLY', retriable: true })
    await admin.query('SET GLOBAL read_only = 0')
  })

  test('it is said what a commit survives', async () => {
    const said = async (): Promise<string> => {
      const other = mysqlStore(poolOf())
      await other.setup()
      return other.durability
    }
    const admin = poolOf()
    await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1')
    expect(await said()).toBe('disk')
    await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2')
    expect(await said()).toBe('process')
  })

  test('what is no pool of promises is refused', () => {
    expect(() => mysqlStore({} as never)).toThrow('mysqlStore needs a pool of mysql2/promise')
  })
})
