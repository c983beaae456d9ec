/**
 * The store in a real PostgreSQL, over each driver; and in a PGlite, which needs no server.
 */
import { PGlite } from '@electric-sql/pglite'
import { postgresStore, type SqlStore } from '@samsa/eos/postgres'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresConnection, reasonAgainstPostgres, startPostgres } from './postgres-server.js'
import type { ServerProcess } from './server-process.js'
import { emptied, storeCases, TABLE } from './store-kit.js'

let server: ServerProcess
let connection: PostgresConnection
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  if (reasonAgainstPostgres !== undefined) return
  const started = await startPostgres()
  server = started.server
  connection = started.connection
  ends.push(() => server.stop())
}, 90_000)

afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})

function pgPool(more: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ ...connection, max: 16, ...more })
  pool.on('error', () => {})
  ends.push(() => pool.end())
  return pool
}

const drivers = [
  { name: 'pg', reason: reasonAgainstPostgres, open: () => postgresStore(pgPool()) },
  {
    name: 'postgres',
    reason: reasonAgainstPostgres,
    open: () => {
      const sql = postgres({ ...connection, max: 16, onnotice: () => {} })
      ends.push(() => sql.end())
      return postgresStore(sql)
    },
  },
  {
    name: 'PGlite',
    reason: undefined,
    open: () => {
      const db = new PGlite()
      ends.push(() => db.close())
      return postgresStore(db)
    },
  },
]

describe.each(drivers)('$name', ({ name, open, reason }) => {
  let store: SqlStore
  beforeAll(async () => {
    if (reason !== undefined) return
    store = open()
    await store.transaction(tx =>
      tx.run(`CREATE TABLE IF NOT EXISTS ${TABLE} (id text PRIMARY KEY, amount bigint, note text)`),
    )
  })

  test.for(storeCases)('$name', async ({ run }, context) => {
    if (reason !== undefined) context.skip(reason)
    await run(await emptied(store))
  })

  test('values come back as they went in', async context => {
    if (reason !== undefined) context.skip(reason)
    const row = await store.transaction(tx =>
      tx.get(
        'SELECT $1::text AS a, $2::bigint AS b, $3::bigint AS c, $4::float8 AS d, $5::bytea AS e, $6::boolean AS f, $7::text AS g',
        ...['text', 5, 2n ** 60n, 1.5, new Uint8Array([0, 255]), true, null],
      ),
    )
    const shown = { ...row, e: [...Buffer.from(row?.['e'] as Uint8Array)] }
    expect(shown).toEqual({ a: 'text', b: 5, c: 2n ** 60n, d: 1.5, e: [0, 255], f: true, g: null })
  })

  test('a transaction that goes on behind an error is not taken for committed', async context => {
    if (reason !== undefined) context.skip(reason)
    await emptied(store)
    const attempt = store.transaction(async tx => {
      await tx.run(`INSERT INTO ${TABLE} (id) VALUES ('a')`)
      await tx.run('SELECT 1 / 0').catch(() => {})
    })
    await expect(attempt).rejects.toMatchObject({ code: 'TRANSACTION_LOST', retriable: true, cause: { code: '22012' } })
    expect(await store.transaction(tx => tx.all(`SELECT id FROM ${TABLE}`))).toEqual([])
  })

  test('behind a savepoint a transaction goes on', async context => {
    if (reason !== undefined) context.skip(reason)
    await emptied(store)
    await store.transaction(async tx => {
      await tx.run('SAVEPOINT before')
      await tx.run('SELECT 1 / 0').catch(() => {})
      await tx.run('ROLLBACK TO before')
      await tx.run(`INSERT INTO ${TABLE} (id) VALUES ('a')`)
    })
    expect(await store.transaction(tx => tx.all(`SELECT id FROM ${TABLE}`))).toEqual([{ id: 'a' }])
  })

  test(`${name} is closed by the application, not with the store`, async context => {
    if (reason !== undefined) context.skip(reason)
    const other = open()
    await other.setup()
    await other.close()
    await expect(other.transaction(async () => 1)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })
})
