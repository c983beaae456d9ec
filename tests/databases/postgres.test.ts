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
import { asTheModel, emptied, MODEL_TIMEOUT_MS, storeCases, TABLE } from './store-kit.js'
import { type SqlServerUnderTest, troubleCases } from './trouble-cases.js'

const MAKE_TABLE = `CREATE TABLE IF NOT EXISTS ${TABLE} (id text PRIMARY KEY, amount bigint, note text)`

let server: ServerProcess
let connection: PostgresConnection
/** One for all: it takes a while to start. */
let embedded: PGlite | undefined
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  if (reasonAgainstPostgres !== undefined) return
  const started = await startPostgres()
  server = started.server
  connection = started.connection
  ends.push(() => server.stop())
  await pgPool().query(MAKE_TABLE)
}, 90_000)

afterAll(() => endAll(0))

/** Those that came after `kept` others, the last first. */
async function endAll(kept: number): Promise<void> {
  for (const end of ends.splice(kept).toReversed()) await end()
}

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
      if (embedded === undefined) {
        const db = new PGlite()
        ends.push(() => db.close())
        embedded = db
      }
      return postgresStore(embedded)
    },
  },
]

describe.each(drivers)('$name', ({ name, open, reason }) => {
  let store: SqlStore
  beforeAll(async () => {
    if (reason !== undefined) return
    store = open()
    await store.transaction(tx => tx.run(MAKE_TABLE))
    // PGlite compiles a whole database first.
  }, 60_000)

  test.for(storeCases)('$name', async ({ run }, context) => {
    if (reason !== undefined) context.skip(reason)
    await run(await emptied(store))
  })

  test('it says what the model says, whatever workers do', { timeout: MODEL_TIMEOUT_MS }, async context => {
    if (reason !== undefined) context.skip(reason)
    await asTheModel(() => emptied(store))
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

function underTest(openStore: SqlServerUnderTest['open']): SqlServerUnderTest {
  const make = (sql: string): Promise<unknown> => pgPool({ max: 1 }).query(sql)
  return {
    server,
    open: openStore,
    make,
    dropTables: names => make(names.map(name => `DROP TABLE IF EXISTS ${name}`).join('; ')),
    sleep: 'SELECT pg_sleep(10)',
  }
}

const troubled = [
  {
    name: 'pg',
    open: ({ port = connection.port, connections: max = 8, limits = {} } = {}) =>
      postgresStore(pgPool({ port, max }), limits),
  },
  {
    name: 'postgres',
    open: ({ port = connection.port, connections: max = 8, limits = {} } = {}) => {
      const sql = postgres({ ...connection, port, max, onnotice: () => {}, connect_timeout: 2, backoff: () => 0 })
      ends.push(() => sql.end({ timeout: 0 }))
      return postgresStore(sql, limits)
    },
  },
] satisfies readonly { name: string; open: SqlServerUnderTest['open'] }[]

describe.each(troubled)('in trouble, by $name', ({ open }) => {
  test.for(troubleCases)('$name', async ({ run }, context) => {
    if (reasonAgainstPostgres !== undefined) context.skip(reasonAgainstPostgres)
    const before = ends.length
    try {
      await run(underTest(open))
    } finally {
      await endAll(before)
    }
  })
})

const reason = reasonAgainstPostgres === undefined ? '' : ` (${reasonAgainstPostgres})`

describe.skipIf(reasonAgainstPostgres !== undefined)(`what is particular to PostgreSQL${reason}`, () => {
  test('a server that takes no changes is said so', async () => {
    await postgresStore(pgPool()).setup()
    const store = postgresStore(pgPool({ options: '-c default_transaction_read_only=on' }))
    const attempt = store.transaction(tx => store.insertOnce(tx, [{ scope: 's', key: 'k', ttlMs: 1 }]))
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_READ_ONLY', retriable: true })
    const claim = store.claim({ scope: 's', key: 'k', owner: 'o', leaseMs: 1, ttlMs: 1 })
    await expect(claim).rejects.toMatchObject({ code: 'STORE_READ_ONLY', retriable: true })
  })

  test('a constraint that is checked at the end fails as a statement does, and nothing is kept', async () => {
    const store = postgresStore(pgPool())
    await pgPool().query('CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)')
    const attempt = store.transaction(async tx => {
      await store.insertOnce(tx, [{ scope: 'late', key: 'k', ttlMs: 60_000 }])
      await tx.run('INSERT INTO late VALUES (1), (1)')
    })
    await expect(attempt).rejects.toMatchObject({ code: '23505' })
    expect(await store.transaction(tx => store.insertOnce(tx, [{ scope: 'late', key: 'k', ttlMs: 1 }]))).toEqual([
      { isFresh: true },
    ])
  })

  test('a row that a trigger leaves out is not taken for written', async () => {
    const store = postgresStore(pgPool())
    await pgPool({ max: 1 }).query(`
      CREATE TABLE picky (id text PRIMARY KEY);
      CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER picky BEFORE INSERT ON picky FOR EACH ROW EXECUTE FUNCTION leave_out()`)
    const attempt = store.transaction(tx => store.insertRow(tx, 'picky', { id: 'a' }, {}))
    await expect(attempt).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
  })

  test('it is said what a commit survives', async () => {
    const said = async (options: string): Promise<string> => {
      const store = postgresStore(pgPool({ options }))
      await store.setup()
      return store.durability
    }
    const admin = pgPool({ max: 1 })
    const fsync = async (setting: string): Promise<void> => {
      await admin.query(`ALTER SYSTEM SET fsync = ${setting}`)
      await admin.query('SELECT pg_reload_conf()')
    }
    expect(await said('')).toBe('process')
    await fsync('on')
    expect(await said('-c synchronous_commit=off')).toBe('process')
  })

  test('what is no pool is refused', () => {
    expect(() => postgresStore(new pg.Client() as never)).toThrow('postgresStore needs a Pool of pg')
  })
})
