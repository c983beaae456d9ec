/**
 * What may go wrong with a database server, for every store in one: nothing is lost, nothing is done twice, and the error says
 * what is known and whether to try again.
 */

import type { ConsumerRecord, HandlerContext } from '@samsa/consumer'
import { type VersionOutcome, versionCheck } from '@samsa/eos'
import type { SqlLimits, SqlStore, SqlTx } from '@samsa/eos/postgres'
import { TimeoutError } from '@samsa/runtime'
import { expect } from 'vitest'
import { freePort } from '../differential/free-port.js'
import { CutLink } from './cut-link.js'
import type { ServerProcess } from './server-process.js'
import { emptied, TABLE } from './store-kit.js'

export interface SqlServerUnderTest {
  readonly server: ServerProcess
  /** A store over a pool of its own, which ends with the test. */
  open(where?: { readonly port?: number; readonly connections?: number; readonly limits?: SqlLimits }): SqlStore
  /** Outside of any store. */
  make(sql: string): Promise<unknown>
  dropTables(names: readonly string[]): Promise<unknown>
  /** A query that takes ten seconds. */
  readonly sleep: string
}

export interface TroubleCase {
  readonly name: string
  run(subject: SqlServerUnderTest): Promise<void>
}

/** And yet longer than anything takes that is not held up, also on a busy machine. */
const SHORT_MS = 1_500

const ROW = { scope: 'billing', key: 'a', ttlMs: 60_000 }
/** Not that of READ COMMITTED. */
const COMMIT = /COMMIT(?!TED)/
const INSERT = new RegExp(`INSERT INTO ${TABLE}`)
const CLAIM = { scope: 'billing', key: 'a', leaseMs: 600_000, ttlMs: 600_000 }

/** The id and an effect, as a handler would have it. */
async function handle(store: SqlStore, within: (tx: SqlTx) => Promise<unknown> = async () => {}): Promise<boolean> {
  return await store.transaction(async tx => {
    const [outcome] = await store.insertOnce(tx, [ROW])
    if (outcome?.isFresh !== true) return false
    await tx.run(`INSERT INTO ${TABLE} (id, amount) VALUES ('a', 1)`)
    await within(tx)
    return true
  })
}

async function effects(store: SqlStore): Promise<number> {
  return (await store.transaction(tx => tx.all(`SELECT id FROM ${TABLE}`))).length
}

/** Lets those who come wait until so many are there. */
function barrier(count: number): () => Promise<void> {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  let come = 0
  return async () => {
    if (++come >= count) open()
    await opened
  }
}

export const troubleCases: readonly TroubleCase[] = [
  {
    name: 'a connection that is lost between COMMIT and its answer: nobody knows, and the id tells when the record comes again',
    run: async subject => {
      const link = await CutLink.to(subject.server.address)
      const store = subject.open({ port: link.port })
      await emptied(store)
      link.arm(COMMIT, 'before the answer')
      await expect(handle(store)).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN', retriable: true })
      expect([await handle(store), await effects(store)]).toEqual([false, 1])
      await link.close()
    },
  },
  {
    name: 'a connection that is lost before COMMIT arrives: nobody knows, and the id tells when the record comes again',
    run: async subject => {
      const link = await CutLink.to(subject.server.address)
      const store = subject.open({ port: link.port })
      await emptied(store)
      link.arm(COMMIT, 'before it arrives')
      await expect(handle(store)).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN', retriable: true })
      expect([await handle(store), await effects(store)]).toEqual([true, 1])
      await link.close()
    },
  },
  {
    name: 'a connection that is lost in the middle: nothing was kept',
    run: async subject => {
      const link = await CutLink.to(subject.server.address)
      const store = subject.open({ port: link.port })
      await emptied(store)
      link.arm(INSERT, 'before the answer')
      await expect(handle(store)).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
      expect([await handle(store), await effects(store)]).toEqual([true, 1])
      await link.close()
    },
  },
  {
    name: 'a server that is killed in the middle: nothing was kept, and the store goes on when it is back',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      const attempt = handle(store, async tx => {
        await subject.server.kill()
        await tx.run(`UPDATE ${TABLE} SET amount = 2`)
      })
      await expect(attempt).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
      await expect(handle(store)).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
      await subject.server.start()
      expect([await handle(store), await handle(store), await effects(store)]).toEqual([true, false, 1])
    },
  },
  {
    name: 'a lease outlives the server, and is still its owner’s alone',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      await store.claim({ ...CLAIM, owner: 'one' })
      await subject.server.killAndRestart()
      const claim = { scope: 'billing', key: 'a', owner: 'one', epoch: 1 }
      expect(await store.claim({ ...CLAIM, owner: 'two' })).toMatchObject({ status: 'busy' })
      expect([await store.renew(claim, 1_000), await store.complete(claim, 1_000)]).toEqual([true, true])
    },
  },
  {
    name: 'two that lock each other out both finish: one of them is begun anew',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      await store.transaction(tx => tx.run(`INSERT INTO ${TABLE} (id, amount) VALUES ('a', 0), ('b', 0)`))
      const meet = barrier(2)
      let calls = 0
      const add = (first: string, second: string): Promise<void> =>
        store.transaction(async tx => {
          calls++
          await tx.run(`UPDATE ${TABLE} SET amount = amount + 1 WHERE id = '${first}'`)
          await meet()
          await tx.run(`UPDATE ${TABLE} SET amount = amount + 1 WHERE id = '${second}'`).catch(() => {})
          // The one that was ended goes on here, and must not get through.
          await tx.run(`UPDATE ${TABLE} SET amount = amount + 10 WHERE id = '${second}'`).catch(() => {})
        })
      await Promise.all([add('a', 'b'), add('b', 'a')])
      const rows = await store.transaction(tx => tx.all(`SELECT amount FROM ${TABLE} ORDER BY id`))
      expect([calls > 2, rows.map(({ amount }) => Number(amount))]).toEqual([true, [12, 12]])
    },
  },
  {
    name: 'two records that make one row at once: one is applied, and the other is told that it was not',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      const meet = barrier(2)
      const { insertRow } = store
      store.insertRow = async (...all) => {
        await meet()
        return await insertRow.apply(store, all)
      }
      const outcomes: VersionOutcome[] = []
      const columns = { versionColumn: 'amount', idColumn: 'note' }
      const apply = (id: string): Promise<void> =>
        versionCheck<SqlTx, Uint8Array, Uint8Array>({
          ...{ store, table: TABLE, ...columns, row: () => ({ id: 'a' }), expected: () => 0n, set: () => ({}) },
          ...{ key: () => id, onConflict: 'ack', onOutcome: outcome => outcomes.push(outcome) },
        })({} as ConsumerRecord, {} as HandlerContext)
      await Promise.all([apply('one'), apply('two')])
      expect([outcomes.toSorted(), await effects(store)]).toEqual([['applied', 'conflict'], 1])
    },
  },
  {
    name: 'a conflict that does not end is told, and may be tried again',
    run: async subject => {
      const store = subject.open({ limits: { maxAttempts: 1 } })
      await emptied(store)
      await store.transaction(tx => tx.run(`INSERT INTO ${TABLE} (id, amount) VALUES ('a', 0), ('b', 0)`))
      const meet = barrier(2)
      const add = (first: string, second: string): Promise<void> =>
        store.transaction(async tx => {
          await tx.run(`UPDATE ${TABLE} SET amount = amount + 1 WHERE id = '${first}'`)
          await meet()
          await tx.run(`UPDATE ${TABLE} SET amount = amount + 1 WHERE id = '${second}'`)
        })
      const outcomes = await Promise.allSettled([add('a', 'b'), add('b', 'a')])
      const failed = outcomes.filter(outcome => outcome.status === 'rejected').map(({ reason }) => reason)
      expect(failed).toMatchObject([{ code: 'STORE_CONFLICT', retriable: true }])
    },
  },
  {
    name: 'of fifty ids, each brought four times at once and one time in ten in vain, every effect is there once',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      const deliver = (key: string, delivery: number, isInVain: boolean): Promise<void> =>
        store.transaction(async tx => {
          const [outcome] = await store.insertOnce(tx, [{ ...ROW, key }])
          if (outcome?.isFresh !== true) return
          await tx.run(`INSERT INTO ${TABLE} (id) VALUES ('${key} by ${delivery}')`)
          if (isInVain) throw new Error('on purpose')
        })
      const deliveries = Array.from({ length: 200 }, async (_, number) => {
        const key = `k${number % 50}`
        if (number % 10 === 0) await deliver(key, number, true).catch(() => {})
        await deliver(key, number, false)
      })
      await Promise.all(deliveries)
      const rows = await store.transaction(tx => tx.all(`SELECT id FROM ${TABLE}`))
      const keys = rows.map(({ id }) => String(id).split(' ')[0])
      expect([keys.length, new Set(keys).size]).toEqual([50, 50])
    },
  },
  {
    name: 'many set up at once, and the tables are made once',
    run: async subject => {
      const admin = subject.open()
      const tables = ['eos_once', 'eos_leases', 'eos_offsets', 'eos_outbox', 'eos_schema']
      await subject.dropTables(tables)
      const stores = Array.from({ length: 4 }, () => subject.open({ connections: 1 }))
      await Promise.all(stores.map(store => store.setup()))
      const versions = await admin.transaction(tx => tx.all('SELECT version FROM eos_schema ORDER BY version'))
      expect(versions.map(({ version }) => Number(version))).toEqual([1, 2])
    },
  },
  {
    name: 'tables of a newer release are left alone',
    run: async subject => {
      const store = subject.open()
      await store.transaction(tx => tx.run('INSERT INTO eos_schema (version) VALUES (99)'))
      await expect(subject.open().setup()).rejects.toMatchObject({ code: 'STORE_TOO_NEW', fatal: true })
      await store.transaction(tx => tx.run('DELETE FROM eos_schema WHERE version = 99'))
    },
  },
  {
    name: 'a server that is not there is said, and may be tried again',
    run: async subject => {
      const store = subject.open({ port: await freePort() })
      await expect(store.setup()).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
      await expect(handle(store)).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
    },
  },
  {
    name: 'a server that does not answer is not waited for for ever, and its connection is not used again',
    run: async subject => {
      const link = await CutLink.to(subject.server.address)
      const store = subject.open({ port: link.port, limits: { statementTimeoutMs: SHORT_MS } })
      await emptied(subject.open())
      await store.setup()
      link.arm(INSERT, 'answers are held back')
      await expect(handle(store)).rejects.toMatchObject({ code: 'STORE_FAILED', retriable: true })
      await link.close()
      const other = subject.open()
      expect([await handle(other), await effects(other)]).toEqual([true, 1])
    },
  },
  {
    name: 'a statement that takes too long is ended, and nothing is kept',
    run: async subject => {
      const store = subject.open({ limits: { statementTimeoutMs: SHORT_MS } })
      await emptied(subject.open())
      await store.setup()
      await expect(handle(store, tx => tx.run(subject.sleep))).rejects.toMatchObject({ retriable: true })
      expect([await handle(store), await effects(store)]).toEqual([true, 1])
    },
  },
  {
    name: 'a pool that has nothing left is waited for, and not for ever',
    run: async subject => {
      const store = subject.open({ connections: 1, limits: { waitTimeoutMs: SHORT_MS } })
      await store.setup()
      await expect(store.transaction(() => store.transaction(async () => 1))).rejects.toThrow(TimeoutError)
      expect(await store.transaction(async () => 2)).toBe(2)
      const busy = subject.open({ connections: 1, limits: { maxWaiting: 2 } })
      await busy.setup()
      const outcomes = await Promise.allSettled([1, 2, 3].map(number => busy.transaction(async () => number)))
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    },
  },
  {
    name: 'a handler cannot end the transaction by itself',
    run: async subject => {
      const store = subject.open()
      for (const sql of ['COMMIT', ' rollback', '-- so\nBEGIN', '/* so */ START TRANSACTION', ';COMMIT']) {
        const attempt = store.transaction(tx => tx.run(sql))
        await expect(attempt, sql).rejects.toMatchObject({ code: 'TRANSACTION_NOT_YOURS' })
      }
    },
  },
  {
    name: 'a statement that was not awaited is part of its transaction, and one behind it is refused',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      const kept = await store.transaction(async tx => {
        void tx.run(`INSERT INTO ${TABLE} (id) VALUES ('a')`)
        return { tx }
      })
      expect(await effects(store)).toBe(1)
      await expect(kept.tx.run(`INSERT INTO ${TABLE} (id) VALUES ('b')`)).rejects.toMatchObject({
        code: 'TRANSACTION_OVER',
      })
    },
  },
  {
    name: 'another unique constraint that is violated is an error and no duplicate',
    run: async subject => {
      const store = subject.open()
      await subject.dropTables(['two_keys'])
      await subject.make('CREATE TABLE two_keys (id INT PRIMARY KEY, other INT UNIQUE, note INT)')
      const insert = (id: number, other: number): Promise<unknown> =>
        store.transaction(tx => store.insertRow(tx, 'two_keys', { id }, { other }))
      expect(await insert(1, 1)).toBe(undefined)
      await expect(insert(2, 1)).rejects.toThrow(/duplicate/i)
      expect(await insert(1, 1)).toMatchObject({ id: 1, other: 1 })
      const attempt = store.transaction(tx => store.insertRow(tx, 'two_keys', { note: 5 }, { id: 7, other: 7 }))
      await expect(attempt).rejects.toMatchObject({ code: 'NO_UNIQUE_CONSTRAINT', fatal: true })
    },
  },
  {
    name: 'whole numbers beyond 2^53 are compared exactly',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      const big = 2n ** 60n
      await store.transaction(tx => store.insertRow(tx, TABLE, { id: 'a' }, { amount: big }))
      const change = (amount: bigint): Promise<boolean> =>
        store.transaction(tx => store.updateRow(tx, TABLE, { id: 'a' }, { expected: { amount }, set: { amount } }))
      expect([await change(big + 1n), await change(big)]).toEqual([false, true])
      expect(await store.transaction(tx => store.readRow(tx, TABLE, { id: 'a' }))).toMatchObject({ amount: big })
    },
  },
  {
    name: 'a record of an outbox that is committed late is found behind others with greater sequences, which come first',
    run: async subject => {
      const store = subject.open()
      await emptied(store)
      const lane = { box: 'shop', lane: 0 }
      const put = (tx: SqlTx, id: string): Promise<void> =>
        store.putInOutbox(tx, lane, [{ id, topic: 'orders', key: null, value: null, headers: [] }])
      const waiting = async (): Promise<string[]> => (await store.readOutbox(lane, 10)).map(({ id }) => id)
      const [late, other] = [barrier(2), barrier(2)]
      const committing = store.transaction(async tx => {
        await put(tx, 'a')
        await other()
        await late()
      })
      await other()
      await store.transaction(tx => put(tx, 'b'))
      expect(await waiting()).toEqual(['b'])
      await late()
      await committing
      expect(await waiting()).toEqual(['a', 'b'])
    },
  },
]
