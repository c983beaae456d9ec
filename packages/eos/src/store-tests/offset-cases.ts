/**
 * The cases of OffsetStore.
 */
import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { OffsetMove, OffsetPlace, OffsetStore } from '../store/offset-store.js'
import { caseOf, type StoreCase } from './store-case.js'

const place: OffsetPlace = { group: 'billing', topic: 'orders', partition: 3 }

function advance(store: OffsetStore<unknown>, move: Pick<OffsetMove, 'fence' | 'from' | 'to'>): Promise<boolean> {
  return store.transaction(tx => store.advance(tx, { ...place, ...move }))
}

export const offsetCases: readonly StoreCase<'offsets'>[] = [
  caseOf('offsets', 'nothing is stored at first', async ({ store }) => {
    deepEqual(await store.acquire(place), { fence: 1n, next: null })
  }),
  caseOf('offsets', 'every owner has a greater fence, and finds the offset of the one before', async ({ store }) => {
    const { fence } = await store.acquire(place)
    equal(await advance(store, { fence, from: null, to: 10n }), true)
    deepEqual(await store.acquire(place), { fence: fence + 1n, next: 10n })
  }),
  caseOf('offsets', 'who was replaced moves nothing', async ({ store }) => {
    const { fence } = await store.acquire(place)
    await store.acquire(place)
    equal(await advance(store, { fence, from: null, to: 10n }), false)
    equal((await store.acquire(place)).next, null)
  }),
  caseOf('offsets', 'a move from elsewhere than what is stored changes nothing', async ({ store }) => {
    const { fence } = await store.acquire(place)
    await advance(store, { fence, from: null, to: 10n })
    deepEqual(
      [
        await advance(store, { fence, from: null, to: 20n }),
        await advance(store, { fence, from: 9n, to: 20n }),
        await advance(store, { fence, from: 10n, to: 20n }),
      ],
      [false, false, true],
    )
  }),
  caseOf('offsets', 'a move is undone with its transaction', async ({ store }) => {
    const { fence } = await store.acquire(place)
    const attempt = store.transaction(async tx => {
      await store.advance(tx, { ...place, fence, from: null, to: 10n })
      throw new Error('on purpose')
    })
    await rejects(attempt)
    equal((await store.acquire(place)).next, null)
  }),
  caseOf('offsets', 'groups, topics and partitions have offsets of their own', async ({ store }) => {
    const { fence } = await store.acquire(place)
    await advance(store, { fence, from: null, to: 10n })
    for (const other of [{ group: 'shipping' }, { topic: 'invoices' }, { partition: 4 }]) {
      deepEqual(await store.acquire({ ...place, ...other }), { fence: 1n, next: null })
    }
  }),
  caseOf('offsets', 'offsets keep all of their 63 bits', async ({ store }) => {
    const { fence } = await store.acquire(place)
    const to = 2n ** 63n - 1n
    await advance(store, { fence, from: null, to })
    equal((await store.acquire(place)).next, to)
  }),
  caseOf('offsets', 'the offset of an earlier topic of the same name is refused', async ({ store }) => {
    await store.acquire(place, 'topic id one')
    await rejects(store.acquire(place, 'topic id two'), { code: 'INCONSISTENT_TOPIC_ID' })
    equal((await store.acquire(place, 'topic id one')).next, null)
  }),
]
