/**
 * Bad input and bad days, for every helper that has a store: errors say what to do, nothing is lost, nothing is applied twice.
 */
import { type KafkaError, ManualClock, type PayloadMismatchError, TimeoutError } from '@samsa/runtime'
import { afterAll, afterEach, describe, expect, type Mock, test, vi } from 'vitest'
import { dedup } from './dedup.js'
import { dedupBatch } from './dedup-batch.js'
import { disarmFailpoint } from './failpoint.js'
import { ledger } from './ledger.js'
import { type MemoryStore, memoryStore } from './memory/memory-store.js'
import type { MemoryTx } from './memory/memory-tx.js'
import type { Middleware } from './middleware.js'
import { openDatabase } from './sqlite/sqlite-driver.js'
import { type SqliteStore, sqliteStore } from './sqlite/sqlite-store.js'
import type { SqliteTx } from './sqlite/sqlite-tx.js'
import type { LeaseStore } from './store/lease-store.js'
import type { RowStore } from './store/row-store.js'
import { storeFailed } from './store/store-error.js'
import { removeTemporaryFiles, temporaryPath } from './test-files.js'
import { contextOf, recordOf, type TestRecord, type TestValue } from './test-records.js'
import { versionCheck } from './version-check.js'

afterAll(removeTemporaryFiles)

type Work = (tx: unknown) => unknown

/** A store, what a handler does in it, and how often that is there. */
interface Bank {
  readonly store: RowStore<unknown> & LeaseStore
  effect(tx: unknown, id: string): void
  effects(): Promise<number>
}

function memoryBank(clock: ManualClock): Bank {
  const store = memoryStore({ clock, waitTimeoutMs: 5_000 }) as MemoryStore & RowStore<unknown>
  return {
    store,
    effect: tx => (tx as MemoryTx).set('effects', ((tx as MemoryTx).get<number>('effects') ?? 0) + 1),
    effects: () => store.transaction(async tx => (tx as MemoryTx).get<number>('effects') ?? 0),
  }
}

function sqliteBank(clock: ManualClock): Bank {
  const path = temporaryPath('bank.db')
  const database = openDatabase(path, undefined)
  database.exec('CREATE TABLE effects (id TEXT)')
  database.exec('CREATE TABLE entries (id TEXT PRIMARY KEY, text TEXT, version INTEGER, last_msg_id TEXT)')
  database.close()
  const store = sqliteStore(path, { clock, waitTimeoutMs: 5_000 }) as SqliteStore & RowStore<unknown>
  return {
    store,
    effect: (tx, id) => void (tx as SqliteTx).run('INSERT INTO effects VALUES (?)', id),
    effects: () => store.transaction(async tx => (tx as SqliteTx).all('SELECT id FROM effects').length),
  }
}

const key = (record: TestRecord): string | undefined => record.value?.id

/** Each helper around a handler that does something in the transaction. */
const helpers: Readonly<Record<string, (store: RowStore<unknown>, work: Work) => Middleware<string, TestValue>>> = {
  dedup: (store, work) => dedup({ store, key }, (_, { tx }) => work(tx)),
  dedupBatch: (store, work) => {
    const handle = dedupBatch<unknown, string, TestValue>({ store, key }, (_, { tx }) => work(tx))
    return (record, { groupId, signal }) => handle([record], { groupId, signal })
  },
  ledger: (store, work) =>
    ledger(
      {
        store,
        entries: ({ value }) => [{ table: 'entries', key: { id: value?.id ?? '' }, row: { text: value?.text ?? '' } }],
      },
      (_, { tx }) => work(tx),
    ),
  versionCheck: (store, work) =>
    versionCheck(
      { store, table: 'entries', row: () => ({ id: 'a' }), expected: () => 0n, set: () => ({}), key },
      (_, { tx }) => work(tx),
    ),
}

/** The first transaction commits or not, and then its connection is lost: who asked hears of the loss alone. */
function loseOnce(store: RowStore<unknown>, isCommitted: boolean): void {
  const { transaction } = store
  vi.spyOn(store, 'transaction').mockImplementationOnce(async work => {
    if (isCommitted) await transaction.call(store, work)
    throw storeFailed('answer', new Error('the connection was reset'))
  })
}

afterEach(() => {
  disarmFailpoint()
  vi.restoreAllMocks()
})

/** SQLite opens its file first, which takes as long as it takes. */
const untilCalled = (work: Mock): Promise<void> =>
  vi.waitFor(() => expect(work).toHaveBeenCalledTimes(1), { timeout: 20_000, interval: 2 })

const passing = { retriable: true, fatal: false, abortable: false }

describe.each([
  ['memory', memoryBank],
  ['SQLite', sqliteBank],
])('in %s', (_, open) => {
  describe.each(Object.entries(helpers))('%s', (name, make) => {
    function scene() {
      const clock = new ManualClock()
      const { store, effect, effects } = open(clock)
      const work = vi.fn((tx: unknown): unknown => effect(tx, 'a'))
      const handle = make(store, work)
      const run = (value: TestValue = { id: 'a' }, signal?: AbortSignal) => handle(recordOf(value), contextOf(signal))
      return { clock, store, effect, effects, work, run }
    }

    test('a store that is down fails the record, which may come again', async () => {
      const { store, work, run, effects } = scene()
      const down = storeFailed('begin a transaction', new Error('refused'))
      vi.spyOn(store, 'transaction').mockRejectedValueOnce(down)
      await expect(run()).rejects.toMatchObject({ code: 'STORE_FAILED', ...passing })
      expect(work).not.toHaveBeenCalled()
      await run()
      expect(await effects()).toBe(1)
    })

    test.each([
      ['before its commit', false],
      ['between its commit and the answer', true],
    ])('a connection that is lost %s neither loses nor doubles', async (__, isCommitted) => {
      const { store, run, effects } = scene()
      loseOnce(store, isCommitted)
      await expect(run()).rejects.toMatchObject(passing)
      await run()
      await run()
      expect(await effects()).toBe(1)
    })

    test('a store that is slow is waited for, and not for ever', async () => {
      const { clock, store, work, run, effects } = scene()
      await store.setup()
      let finish: () => void = () => {}
      const slow = store.transaction(() => new Promise<void>(resolve => (finish = resolve)))
      await clock.settle()
      const refused = expect(run()).rejects.toThrow(TimeoutError)
      await clock.advance({ seconds: 6 })
      await refused
      expect(work).not.toHaveBeenCalled()
      finish()
      await slow
      await run()
      expect(await effects()).toBe(1)
    })

    test('a handler that throws has changed nothing, and its error goes through as it is', async () => {
      const { work, effect, run, effects } = scene()
      const own = new RangeError('of the application')
      work.mockImplementationOnce(tx => {
        effect(tx, 'a')
        throw own
      })
      const thrown = await run().catch((error: unknown) => error)
      expect(name === 'dedupBatch' ? (thrown as KafkaError).cause : thrown).toBe(own)
      expect(await effects()).toBe(0)
      await run()
      expect(await effects()).toBe(1)
    })

    test('a handler that hangs is told when its time is over, and has changed nothing', async () => {
      const { work, effect, run, effects } = scene()
      const drained = new AbortController()
      work.mockImplementationOnce(tx => {
        effect(tx, 'a')
        return new Promise((_resolve, reject) => {
          drained.signal.addEventListener('abort', () => reject(drained.signal.reason))
        })
      })
      const over = new Error('the time for finishing is over')
      const hanging = expect(run({ id: 'a' }, drained.signal)).rejects.toBe(over)
      await untilCalled(work)
      drained.abort(over)
      await hanging
      expect(await effects()).toBe(0)
      await run()
      expect(await effects()).toBe(1)
    })

    test('a handler that finishes after it was given up is done with, and the one after it finds that out', async () => {
      const { work, effect, run, effects, store } = scene()
      await store.setup()
      const drained = new AbortController()
      let finish: () => void = () => {}
      work.mockImplementationOnce(async tx => {
        await new Promise<void>(resolve => (finish = resolve))
        effect(tx, 'a')
      })
      const late = run({ id: 'a' }, drained.signal)
      await untilCalled(work)
      drained.abort()
      const other = run()
      finish()
      await Promise.all([late, other])
      expect([work.mock.calls.length, await effects()]).toEqual([1, 1])
    })

    test('a record without an id is refused before anything is done, for good', async () => {
      const { work, run, store } = scene()
      const begun = vi.spyOn(store, 'transaction')
      const thrown: unknown = await run({ text: 'no id' }).catch((error: unknown) => error)
      const error = (name === 'dedupBatch' ? (thrown as KafkaError).cause : thrown) as KafkaError
      expect(error).toMatchObject({ code: 'MISSING_ID', retriable: false, fatal: false, abortable: false })
      expect([work.mock.calls.length, begun.mock.calls.length]).toEqual([0, 0])
    })

    // A row that has this record's id says that it was applied: versionCheck keeps no payload.
    if (name === 'versionCheck') return
    test('another payload under a known id is refused, for good', async () => {
      const { run, effects } = scene()
      await run({ id: 'a', text: 'one' })
      const thrown: unknown = await run({ id: 'a', text: 'two' }).catch((error: unknown) => error)
      const error = (name === 'dedupBatch' ? (thrown as KafkaError).cause : thrown) as PayloadMismatchError
      expect(error).toMatchObject({ code: 'PAYLOAD_MISMATCH', retriable: false, fatal: false, abortable: false })
      expect(await effects()).toBe(1)
    })
  })

  describe('dedup under a lease', () => {
    function scene() {
      const clock = new ManualClock()
      const { store } = open(clock)
      const work = vi.fn((): unknown => undefined)
      const handle = dedup({ store, key, leaseMs: 900, clock, onBusy: 'fail' }, work)
      const run = (value: TestValue = { id: 'a' }) => handle(recordOf(value), contextOf())
      return { clock, store, work, run }
    }

    /** The call is made or not; who made it hears of the loss alone. */
    function loseAnswer(store: LeaseStore, call: 'claim' | 'complete' | 'release'): void {
      const real = store[call].bind(store) as (...parameters: readonly unknown[]) => Promise<unknown>
      vi.spyOn(store, call).mockImplementationOnce(async (...parameters: readonly unknown[]) => {
        await real(...parameters)
        throw storeFailed('answer', new Error('the connection was reset'))
      })
    }

    test('a claim whose answer is lost is waited out, and taken over', async () => {
      const { store, work, run, clock } = scene()
      loseAnswer(store, 'claim')
      await expect(run()).rejects.toMatchObject({ code: 'STORE_FAILED', ...passing })
      await expect(run()).rejects.toMatchObject({ code: 'ID_BUSY', ...passing })
      await clock.advance({ seconds: 1 })
      await run()
      expect(work).toHaveBeenCalledTimes(1)
    })

    test('a completion whose answer is lost is found to be one', async () => {
      const { store, work, run } = scene()
      loseAnswer(store, 'complete')
      await expect(run()).rejects.toMatchObject({ code: 'STORE_FAILED', ...passing })
      await run()
      expect(work).toHaveBeenCalledTimes(1)
    })

    test('a release whose answer is lost does not hide why the handler failed', async () => {
      const { store, work, run } = scene()
      loseAnswer(store, 'release')
      const own = new RangeError('of the application')
      work.mockImplementationOnce(() => {
        throw own
      })
      await expect(run()).rejects.toBe(own)
      await run()
      expect(work).toHaveBeenCalledTimes(2)
    })

    test('who finishes after the lease was taken over is told, and finds the other one’s work when the record comes again', async () => {
      const { store, work, run, clock } = scene()
      vi.spyOn(store, 'renew').mockRejectedValue(new Error('down'))
      let finish: () => void = () => {}
      work.mockImplementationOnce(() => new Promise<void>(resolve => (finish = resolve)))
      const late = expect(run()).rejects.toMatchObject({ code: 'LEASE_LOST', ...passing })
      await untilCalled(work)
      await clock.advance({ seconds: 1 })
      await run()
      finish()
      await late
      await run()
      expect(work).toHaveBeenCalledTimes(2)
    })
  })
})

describe('a database file', () => {
  /** The tables are there, and then the file takes no more. */
  async function full(pragma: string) {
    const path = temporaryPath('full.db')
    {
      await using store = sqliteStore(path)
      await store.transaction(async tx => tx.run('CREATE TABLE effects (id TEXT)'))
    }
    const database = openDatabase(path, undefined)
    database.close()
    const store = sqliteStore(path)
    await store.transaction(async tx => tx.all(pragma))
    return store
  }

  test('that is read-only fails records as what passes, and nothing is applied', async () => {
    await using store = await full('PRAGMA query_only = 1')
    const work = vi.fn()
    const once = dedup({ store, key }, work)
    await expect(once(recordOf({ id: 'a' }), contextOf())).rejects.toMatchObject({
      code: 'STORE_READ_ONLY',
      ...passing,
    })
    const leased = dedup({ store, key, leaseMs: 900 }, work)
    await expect(leased(recordOf({ id: 'a' }), contextOf())).rejects.toMatchObject({
      code: 'STORE_READ_ONLY',
      ...passing,
    })
    expect(work).not.toHaveBeenCalled()
  })

  test('that is full fails records as what passes, also in the middle of a handler', async () => {
    await using store = await full('PRAGMA max_page_count = 1')
    const handle = dedup({ store, key }, (_: TestRecord, { tx }) => {
      for (let row = 0; row < 100; row++) tx.run('INSERT INTO effects VALUES (?)', 'x'.repeat(4000))
    })
    await expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toMatchObject({ code: 'STORE_FAILED', ...passing })
    expect(await store.transaction(async tx => tx.all('SELECT * FROM effects'))).toEqual([])
    const after = dedup({ store, key }, () => {})
    await after(recordOf({ id: 'b' }), contextOf())
  })
})

test('what is wrong with how a helper is used is no fault of a record’s, and says what to change', async () => {
  const store = memoryStore()
  const check = versionCheck<MemoryTx, string, TestValue>({
    store,
    table: 't',
    row: () => ({ id: 1 }),
    expected: () => 3 as never,
    set: () => ({}),
    key,
  })
  await expect(check(recordOf({ id: 'a' }), contextOf())).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
  await store.close()
  const closed = dedup({ store, key }, () => {})
  await expect(closed(recordOf({ id: 'a' }), contextOf())).rejects.toMatchObject({ code: 'STORE_CLOSED', fatal: true })
})
