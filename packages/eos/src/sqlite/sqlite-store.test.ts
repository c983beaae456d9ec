import { writeFileSync } from 'node:fs'
import { KafkaError, ManualClock, TimeoutError } from '@samsa/runtime'
import { afterAll, describe, expect, test } from 'vitest'
import { removeTemporaryFiles, temporaryPath } from '../test-files.js'
import { openDatabase } from './sqlite-driver.js'
import { sqliteStore } from './sqlite-store.js'

afterAll(removeTemporaryFiles)

const TABLE = 'CREATE TABLE entries (id INTEGER PRIMARY KEY, content)'

test('a file keeps what was committed, and is set up once', async () => {
  const path = temporaryPath('kept.db')
  {
    await using store = sqliteStore(path)
    await store.setup()
    await store.transaction(tx => store.insertOnce(tx, [{ scope: 's', key: 'k', ttlMs: 60_000 }]))
  }
  await using store = sqliteStore(path)
  await store.setup()
  const outcomes = await store.transaction(tx => store.insertOnce(tx, [{ scope: 's', key: 'k', ttlMs: 60_000 }]))
  expect(outcomes).toMatchObject([{ isFresh: false }])
})

test('every commit is on disk before it is answered', async () => {
  await using store = sqliteStore(temporaryPath('settings.db'))
  const settings = await store.transaction(async tx => [tx.get('PRAGMA journal_mode'), tx.get('PRAGMA synchronous')])
  expect(settings).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }])
})

test('a database in memory is not said to be on disk', async () => {
  await using kept = sqliteStore(temporaryPath('durable.db'))
  await using forgotten = sqliteStore(':memory:')
  await forgotten.setup()
  expect([kept.durability, forgotten.durability]).toEqual(['disk', 'process'])
})

test('a file that cannot be opened or written is said, and may be tried again', async () => {
  const missing = sqliteStore(`${temporaryPath('no-folder')}/store.db`)
  await expect(missing.setup()).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
  const noDatabase = temporaryPath('text.db')
  writeFileSync(noDatabase, 'this is a text of more than a hundred bytes, which no database begins with. '.repeat(9))
  await expect(sqliteStore(noDatabase).setup()).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

test('a commit that breaks a deferred constraint is no success, and no fault of the store', async () => {
  const path = temporaryPath('deferred.db')
  const database = openDatabase(path, undefined)
  database.exec('CREATE TABLE parents (id INTEGER PRIMARY KEY)')
  database.exec('CREATE TABLE children (parent REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)')
  database.close()
  await using store = sqliteStore(path)
  const attempt = store.transaction(async tx => tx.run('INSERT INTO children VALUES (7)'))
  const error: unknown = await attempt.catch((thrown: unknown) => thrown)
  expect([KafkaError.is(error), String(error)]).toEqual([false, expect.stringContaining('FOREIGN KEY')])
  expect(await store.transaction(async tx => tx.all('SELECT * FROM children'))).toEqual([])
})

test('tables of a newer release are left alone', async () => {
  const path = temporaryPath('newer.db')
  {
    await using store = sqliteStore(path)
    await store.transaction(async tx => tx.run('INSERT INTO eos_schema (version) VALUES (99)'))
  }
  await using store = sqliteStore(path)
  await expect(store.setup()).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
})

describe('what a handler does in a transaction', () => {
  test('values come back as they went in, whole numbers as integers', async () => {
    await using store = sqliteStore(temporaryPath('values.db'))
    const values = ['text', 5, 1.5, 2n ** 60n, null, new Uint8Array([1, 2, 3]), -1, true]
    const rows = await store.transaction(async tx => {
      tx.run(TABLE)
      for (const [index, value] of values.entries()) {
        expect(tx.run('INSERT INTO entries VALUES (?, ?)', index, value)).toBe(1)
      }
      return tx.all('SELECT content, typeof(content) AS kind FROM entries ORDER BY id')
    })
    const contents = rows.map(({ content }) => (content instanceof Uint8Array ? [...content] : content))
    expect(contents).toEqual(['text', 5, 1.5, 2n ** 60n, null, [1, 2, 3], -1, 1])
    const kinds = ['text', 'integer', 'real', 'integer', 'null', 'blob', 'integer', 'integer']
    expect(rows.map(({ kind }) => kind)).toEqual(kinds)
  })

  test.each([undefined, Number.NaN, 2n ** 63n, {}, new Date(0)])('%s cannot be bound', async value => {
    await using store = sqliteStore(temporaryPath('bound.db'))
    const attempt = store.transaction(async tx => tx.get('SELECT ?', value as never))
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_PARAMETER' })
  })

  test('it cannot end the transaction by itself', async () => {
    await using store = sqliteStore(temporaryPath('ends.db'))
    for (const sql of ['COMMIT', ' rollback', '-- so\nEND', '/* so */ BEGIN', ';COMMIT', 'SAVEPOINT a']) {
      const attempt = store.transaction(async tx => tx.run(sql))
      await expect(attempt, sql).rejects.toMatchObject({ code: 'TRANSACTION_NOT_YOURS' })
    }
  })

  test('it is over with its transaction', async () => {
    await using store = sqliteStore(temporaryPath('over.db'))
    const kept = await store.transaction(async tx => ({ tx }))
    expect(() => kept.tx.run(TABLE)).toThrow('This transaction is over')
  })

  test('an error that it has caught does not keep it from going on', async () => {
    await using store = sqliteStore(temporaryPath('caught.db'))
    await store.transaction(async tx => {
      tx.run(TABLE)
      tx.run('INSERT INTO entries VALUES (1, 1)')
      expect(() => tx.run('INSERT INTO entries VALUES (1, 2)')).toThrow('UNIQUE')
      tx.run('INSERT INTO entries VALUES (2, 2)')
    })
    expect(await store.transaction(async tx => tx.all('SELECT id FROM entries'))).toHaveLength(2)
  })

  test('a transaction that SQLite has rolled back is not taken for committed', async () => {
    await using store = sqliteStore(temporaryPath('lost.db'))
    await store.transaction(async tx => {
      tx.run(TABLE)
      tx.run('INSERT INTO entries VALUES (1, 1)')
    })
    const attempt = store.transaction(async tx => {
      tx.run('INSERT INTO entries VALUES (2, 2)')
      expect(() => tx.run('INSERT OR ROLLBACK INTO entries VALUES (1, 2)')).toThrow('UNIQUE')
    })
    await expect(attempt).rejects.toMatchObject({ code: 'TRANSACTION_LOST', retriable: true })
    expect(await store.transaction(async tx => tx.all('SELECT id FROM entries'))).toEqual([{ id: 1 }])
  })
})

describe('who else uses it', () => {
  test('while another has the file, it is tried again, and given up after a time', async () => {
    const path = temporaryPath('busy.db')
    const clock = new ManualClock()
    await using store = sqliteStore(path, { clock, busyTimeoutMs: 1000 })
    await store.setup()
    const other = openDatabase(path, undefined)
    other.exec('BEGIN IMMEDIATE')
    const failing = expect(store.transaction(async () => 1)).rejects.toMatchObject({
      code: 'STORE_BUSY',
      retriable: true,
    })
    await clock.advance({ seconds: 2 })
    await failing
    const waiting = store.transaction(async () => 2)
    await clock.advance({ ms: 100 })
    other.exec('COMMIT')
    await clock.advance({ ms: 500 })
    expect(await waiting).toBe(2)
    other.close()
  })

  test('a transaction inside another waits for itself, and not for ever', async () => {
    const clock = new ManualClock()
    await using store = sqliteStore(temporaryPath('nested.db'), { clock, waitTimeoutMs: 1000 })
    const nested = expect(store.transaction(() => store.transaction(async () => 1))).rejects.toThrow(TimeoutError)
    await clock.advance({ seconds: 2 })
    await nested
    expect(await store.transaction(async () => 2)).toBe(2)
  })

  test('more than so many do not wait', async () => {
    await using store = sqliteStore(temporaryPath('many.db'), { maxWaiting: 2 })
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(number => store.transaction(async () => number)))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
  })

  test('closing waits for the one under way, and sends the others away', async () => {
    const store = sqliteStore(temporaryPath('closed.db'))
    const first = store.transaction(async () => 1)
    const second = expect(store.transaction(async () => 2)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await store.close()
    await store.close()
    expect(await first).toBe(1)
    await second
    await expect(store.setup()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })
})

describe('the choice of a driver', () => {
  test('better-sqlite3 13 is refused on Node 20 before it is loaded', () => {
    const asked: string[] = []
    const load = (name: string): unknown => {
      asked.push(name)
      return { version: '13.2.0' }
    }
    const open = (): unknown => openDatabase(':memory:', 'better-sqlite3', { load, nodeVersion: '20.20.2' })
    expect(open).toThrow('better-sqlite3 13.2.0 crashes on Node 20.20.2: install better-sqlite3@12')
    expect(asked).toEqual(['better-sqlite3/package.json'])
  })

  test('libsql is taken where there is no node:sqlite', () => {
    const asked: string[] = []
    const load = (name: string): unknown => {
      asked.push(name)
      if (name === 'node:sqlite') throw new Error('No such built-in module')
      return class {}
    }
    expect(openDatabase(':memory:', undefined, { load }).driver).toBe('libsql')
    expect(asked).toEqual(['node:sqlite', 'libsql'])
  })

  test('what is missing is said, and what to do', () => {
    const load = (name: string): unknown => {
      throw new Error(`no ${name}`)
    }
    expect(() => openDatabase('x', undefined, { load })).toThrow('"npm install libsql"')
    expect(() => sqliteStore(5 as never)).toThrow('sqliteStore needs the path of a file')
  })
})
