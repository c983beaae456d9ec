/**
 * The store in a real MariaDB.
 */
import { mysqlStore, type SqlStore } from '@samsa/eos/mysql'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MariaDbConnection, reasonAgainstMariaDb, startMariaDb } from './mariadb-server.js'
import type { ServerProcess } from './server-process.js'
import { emptied, storeCases, TABLE } from './store-kit.js'

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

afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})

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
})
