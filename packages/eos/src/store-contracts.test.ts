/**
 * Every store of this package keeps the contracts, over every driver that this Node has.
 */
import { createRequire } from 'node:module'
import { ManualClock } from '@samsa/runtime'
import { afterAll, describe, test } from 'vitest'
import { memoryStore } from './memory/memory-store.js'
import { type DriverName, openDatabase, type SqliteDatabase } from './sqlite/sqlite-driver.js'
import { sqliteStore } from './sqlite/sqlite-store.js'
import { type Contract, type StoreUnderTest, storeCases } from './store-tests/index.js'
import { removeTemporaryFiles, temporaryPath } from './test-files.js'

afterAll(removeTemporaryFiles)

const require = createRequire(import.meta.url)
const TABLE = 'CREATE TABLE entries (id TEXT PRIMARY KEY, amount INTEGER, note TEXT)'

function reasonAgainst(driver: DriverName): string | undefined {
  try {
    openDatabase(':memory:', driver).close()
    return undefined
  } catch (error) {
    return `${driver} does not load here: ${error instanceof Error ? error.message.slice(0, 60) : error}`
  }
}

interface Opened extends StoreUnderTest<Contract> {
  close(): Promise<void>
}

async function inMemory(): Promise<Opened> {
  const clock = new ManualClock()
  const store = memoryStore({ clock })
  return { store, passMs: ms => clock.advance({ ms }), table: 'entries', close: () => store.close() }
}

async function inFile(driver: DriverName): Promise<Opened> {
  const clock = new ManualClock()
  const store = sqliteStore(temporaryPath('store.db'), { clock, driver })
  await store.transaction(async tx => tx.run(TABLE))
  return { store, passMs: ms => clock.advance({ ms }), table: 'entries', close: () => store.close() }
}

/** libsql has the interface of better-sqlite3, and is there in its place; but the latter takes parameters with numbers by name only. */
async function inGivenDatabase(): Promise<Opened> {
  const clock = new ManualClock()
  const Libsql = require('libsql') as new (path: string) => SqliteDatabase
  class Database extends Libsql {
    override prepare(sql: string): object {
      if (/\?\d/.test(sql)) throw new RangeError('Too many parameter values were provided')
      return super.prepare(sql)
    }
  }
  const database = new Database(temporaryPath('given.db'))
  const store = sqliteStore(database, { clock, driver: 'better-sqlite3' })
  await store.transaction(async tx => tx.run(TABLE))
  const close = async (): Promise<void> => {
    await store.close()
    database.close()
  }
  return { store, passMs: ms => clock.advance({ ms }), table: 'entries', close }
}

const stores = [
  { name: 'memory', open: inMemory, reason: undefined },
  { name: 'SQLite by node:sqlite', open: () => inFile('node:sqlite'), reason: reasonAgainst('node:sqlite') },
  { name: 'SQLite by libsql', open: () => inFile('libsql'), reason: reasonAgainst('libsql') },
  { name: 'SQLite, a database that was given', open: inGivenDatabase, reason: reasonAgainst('libsql') },
]

describe.each(stores)('$name', ({ open, reason }) => {
  test.for(storeCases)('$name', async ({ run }, context) => {
    if (reason !== undefined) context.skip(reason)
    const subject = await open()
    try {
      await run(subject)
    } finally {
      await subject.close()
    }
  })
})
