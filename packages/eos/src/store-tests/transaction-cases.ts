/**
 * The cases of TxStore. Ids themselves are the effect that is looked at, so they need nothing of what a `tx` can do.
 */
import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { OnceRow, TxStore } from '../store/tx-store.js'
import { caseOf, type StoreCase } from './store-case.js'

type Transactions = TxStore<unknown>

const DAY_MS = 86_400_000
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function row(key: string, more: Partial<OnceRow> = {}): OnceRow {
  return { scope: 'billing', key, ttlMs: DAY_MS, ...more }
}

/** In a transaction of their own: of each row, whether it was new. */
function insert(store: Transactions, ...rows: OnceRow[]): Promise<boolean[]> {
  return store.transaction(async tx => (await store.insertOnce(tx, rows)).map(({ isFresh }) => isFresh))
}

const failure = new Error('on purpose')

export const transactionCases: readonly StoreCase<'transactions'>[] = [
  caseOf('transactions', 'setting up twice is harmless', async ({ store }) => {
    await store.setup()
    await insert(store, row('a'))
    await store.setup()
    deepEqual(await insert(store, row('a')), [false])
  }),
  caseOf('transactions', 'a transaction gives what its work gives', async ({ store }) => {
    equal(await store.transaction(async () => 42), 42)
  }),
  caseOf('transactions', 'a transaction rejects with what its work throws', async ({ store }) => {
    await rejects(
      store.transaction(async () => Promise.reject(failure)),
      error => error === failure || (error as Error).cause === failure,
    )
  }),
  caseOf('transactions', 'an id is new once', async ({ store }) => {
    deepEqual([await insert(store, row('a')), await insert(store, row('a'))], [[true], [false]])
  }),
  caseOf('transactions', 'an id is new again when its transaction was rolled back', async ({ store }) => {
    const attempt = store.transaction(async tx => {
      await store.insertOnce(tx, [row('a')])
      throw failure
    })
    await rejects(attempt)
    deepEqual(await insert(store, row('a')), [true])
  }),
  caseOf('transactions', 'the transaction itself sees the ids that it has written', async ({ store }) => {
    const seen = await store.transaction(async tx => {
      await store.insertOnce(tx, [row('a')])
      return (await store.insertOnce(tx, [row('a')]))[0]?.isFresh
    })
    equal(seen, false)
  }),
  caseOf('transactions', 'many ids at once are answered in their order', async ({ store }) => {
    await insert(store, row('b'))
    deepEqual(await insert(store, row('a'), row('b'), row('c')), [true, false, true])
  }),
  caseOf('transactions', 'an id that comes twice at once is new the first time', async ({ store }) => {
    deepEqual(await insert(store, row('a'), row('a')), [true, false])
  }),
  caseOf('transactions', 'no ids at all are no error', async ({ store }) => {
    deepEqual(await insert(store), [])
  }),
  caseOf('transactions', 'scopes have ids of their own', async ({ store }) => {
    await insert(store, row('a'))
    deepEqual(await insert(store, row('a', { scope: 'shipping' })), [true])
  }),
  caseOf('transactions', 'scope and key do not run into each other', async ({ store }) => {
    await insert(store, row('bc', { scope: 'a' }))
    deepEqual(await insert(store, row('c', { scope: 'ab' }), row('c', { scope: 'a:b' })), [true, true])
    deepEqual(await insert(store, row('b:c', { scope: 'a' })), [true])
  }),
  caseOf('transactions', 'any text is an id, and only itself', async ({ store }) => {
    const keys = ["'; --", '"', 'ä', 'Ä', 'a', 'A', 'a ', ' a', '%', '_', '日本', '🙂', '\\', '[]']
    deepEqual(await insert(store, ...keys.map(key => row(key))), Array(keys.length).fill(true))
    deepEqual(await insert(store, ...keys.map(key => row(key))), Array(keys.length).fill(false))
  }),
  caseOf('transactions', 'a known id comes with its first fingerprint', async ({ store }) => {
    await insert(store, row('a', { fingerprint: bytes('first') }))
    const [outcome] = await store.transaction(tx =>
      store.insertOnce(tx, [row('a', { fingerprint: bytes('second') })]).then(outcomes => [...outcomes]),
    )
    equal(outcome?.isFresh, false)
    deepEqual(outcome?.isFresh === false && Buffer.from(outcome.fingerprint ?? []), Buffer.from('first'))
  }),
  caseOf('transactions', 'a known id without a fingerprint has none', async ({ store }) => {
    await insert(store, row('a'))
    const [outcome] = await store.transaction(tx => store.insertOnce(tx, [row('a', { fingerprint: bytes('x') })]))
    equal(outcome?.isFresh === false && outcome.fingerprint, undefined)
  }),
  caseOf('transactions', 'an id is new again when its time is over', async ({ store, passMs }) => {
    await insert(store, row('a', { ttlMs: 100 }))
    await passMs(101)
    deepEqual(await insert(store, row('a'), row('a')), [true, false])
  }),
  caseOf('transactions', 'of many who bring an id at once, one is told that it is new', async ({ store }) => {
    const answers = await Promise.all(Array.from({ length: 64 }, () => insert(store, row('a'))))
    equal(answers.flat().filter(isFresh => isFresh).length, 1)
  }),
  caseOf('transactions', 'transactions that fail among others take none of these along', async ({ store }) => {
    const attempts = Array.from({ length: 40 }, (_, index) =>
      store.transaction(async tx => {
        await store.insertOnce(tx, [row(`k${index}`)])
        if (index % 4 === 0) throw failure
      }),
    )
    const isRejected = (await Promise.allSettled(attempts)).map(({ status }) => status === 'rejected')
    const keys = isRejected.map((_, index) => row(`k${index}`))
    deepEqual(await insert(store, ...keys), isRejected)
  }),
  caseOf('transactions', 'a transaction cannot be used when it is over', async ({ store }) => {
    const kept = await store.transaction(async tx => ({ tx }))
    await rejects(async () => await store.insertOnce(kept.tx, [row('late')]))
    deepEqual(await insert(store, row('late')), [true])
  }),
  caseOf(
    'transactions',
    'pruning removes ids whose time is over, no more than it was told to',
    async ({ store, passMs }) => {
      const old = Array.from({ length: 5 }, (_, index) => row(`old${index}`, { ttlMs: 100 }))
      await insert(store, ...old, row('new'))
      await passMs(101)
      deepEqual([await store.prune(3), await store.prune(3), await store.prune(3)], [3, 2, 0])
      deepEqual(await insert(store, row('new')), [false])
    },
  ),
]
