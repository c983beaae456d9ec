/**
 * The cases of OutboxStore.
 */
import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { OutboxLane, OutboxRecord, OutboxStore, WaitingRecord } from '../store/outbox-store.js'
import { caseOf, type StoreCase } from './store-case.js'

const lane: OutboxLane = { box: 'shop', lane: 3 }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (value: Uint8Array | null): string | null => value && Buffer.from(value).toString()

function record(id: string, more: Partial<OutboxRecord> = {}): OutboxRecord {
  return { id, topic: 'orders', key: bytes('k'), value: bytes(`value of ${id}`), headers: [], ...more }
}

/** In a transaction of their own. */
function put(store: OutboxStore<unknown>, to: OutboxLane, ...records: OutboxRecord[]): Promise<void> {
  return store.transaction(tx => store.putInOutbox(tx, to, records))
}

const idsOf = (records: readonly WaitingRecord[]): string[] => records.map(({ id }) => id)

export const outboxCases: readonly StoreCase<'outbox'>[] = [
  caseOf('outbox', 'records wait in the order in which they were put', async ({ store }) => {
    await put(store, lane, record('a'), record('b'))
    await put(store, lane, record('c'))
    const waiting = await store.readOutbox(lane, 10)
    deepEqual(idsOf(waiting), ['a', 'b', 'c'])
    equal(
      waiting.every(({ sequence }, index) => index === 0 || sequence > (waiting[index - 1]?.sequence ?? 0n)),
      true,
    )
  }),
  caseOf('outbox', 'no more are read than were asked for, and reading takes nothing away', async ({ store }) => {
    await put(store, lane, record('a'), record('b'), record('c'))
    deepEqual(idsOf(await store.readOutbox(lane, 2)), ['a', 'b'])
    deepEqual(idsOf(await store.readOutbox(lane, 2)), ['a', 'b'])
  }),
  caseOf('outbox', 'a record comes back as it was put', async ({ store }) => {
    const headers: OutboxRecord['headers'] = [
      ['source', bytes('web')],
      ['none', null],
      ['empty', new Uint8Array()],
      ['source', Uint8Array.of(0, 255, 128)],
    ]
    await put(store, lane, record('a', { topic: 'invoices', partition: 7, key: Uint8Array.of(0, 39, 255), headers }))
    const [waiting] = await store.readOutbox(lane, 1)
    equal(waiting?.topic, 'invoices')
    equal(waiting?.partition, 7)
    deepEqual([...(waiting?.key ?? [])], [0, 39, 255])
    equal(textOf(waiting?.value ?? null), 'value of a')
    deepEqual(
      waiting?.headers.map(([name, value]) => [name, value && [...value]]),
      headers.map(([name, value]) => [name, value && [...value]]),
    )
  }),
  caseOf('outbox', 'nothing and an empty value are two things', async ({ store }) => {
    const empty = new Uint8Array()
    await put(store, lane, record('a', { key: null, value: null }), record('b', { key: empty, value: empty }))
    const waiting = await store.readOutbox(lane, 2)
    deepEqual(
      waiting.map(({ key, value, partition }) => [textOf(key), textOf(value), partition]),
      [
        [null, null, undefined],
        ['', '', undefined],
      ],
    )
  }),
  caseOf('outbox', 'a record is gone with its transaction', async ({ store }) => {
    const attempt = store.transaction(async tx => {
      await store.putInOutbox(tx, lane, [record('a')])
      throw new Error('on purpose')
    })
    await rejects(attempt)
    deepEqual(await store.readOutbox(lane, 10), [])
    deepEqual(await store.waitingInOutbox('shop'), [])
  }),
  caseOf('outbox', 'what is removed is gone, and only that; removing it again is no error', async ({ store }) => {
    await put(store, lane, record('a'), record('b'), record('c'))
    const [a, b] = await store.readOutbox(lane, 10)
    const both = [a, b].flatMap(waiting => waiting ?? [])
    equal(await store.removeFromOutbox(lane, both), 2)
    deepEqual(idsOf(await store.readOutbox(lane, 10)), ['c'])
    equal(await store.removeFromOutbox(lane, both), 0)
    equal(await store.removeFromOutbox(lane, []), 0)
    deepEqual(idsOf(await store.readOutbox(lane, 10)), ['c'])
  }),
  caseOf('outbox', 'a sequence with the id of another record removes nothing', async ({ store }) => {
    await put(store, lane, record('a'))
    const sequence = (await store.readOutbox(lane, 1))[0]?.sequence ?? 0n
    equal(await store.removeFromOutbox(lane, [{ sequence, id: 'b' }]), 0)
    deepEqual(idsOf(await store.readOutbox(lane, 10)), ['a'])
  }),
  caseOf('outbox', 'a sequence is not given again when its record is gone', async ({ store }) => {
    await put(store, lane, record('a'), record('b'))
    const before = await store.readOutbox(lane, 10)
    await store.removeFromOutbox(lane, before)
    await put(store, lane, record('c'))
    const [after] = await store.readOutbox(lane, 10)
    equal(
      before.every(({ sequence }) => after !== undefined && after.sequence > sequence),
      true,
    )
  }),
  caseOf('outbox', 'boxes and lanes have records of their own', async ({ store }) => {
    await put(store, lane, record('a'))
    const others: OutboxLane[] = [
      { box: 'shop', lane: 4 },
      { box: 'bank', lane: 3 },
    ]
    const mine = await store.readOutbox(lane, 10)
    for (const other of others) {
      deepEqual(await store.readOutbox(other, 10), [])
      equal(await store.removeFromOutbox(other, mine), 0)
    }
    deepEqual(idsOf(await store.readOutbox(lane, 10)), ['a'])
  }),
  caseOf('outbox', 'it is told what waits in which lane, and for how long', async ({ store, passMs }) => {
    deepEqual(await store.waitingInOutbox('shop'), [])
    await put(store, lane, record('a'))
    await passMs(100)
    await put(store, lane, record('b'))
    await put(store, { box: 'shop', lane: 0 }, record('c'))
    await put(store, { box: 'bank', lane: 1 }, record('d'))
    const waiting = await store.waitingInOutbox('shop')
    deepEqual(
      waiting.map(({ lane: number, records }) => [number, records]),
      [
        [0, 1],
        [3, 2],
      ],
    )
    const [young, old] = waiting.map(({ oldestAgeMs }) => oldestAgeMs)
    equal(young !== undefined && old !== undefined && young >= 0 && old >= young + 90, true)
  }),
  caseOf('outbox', 'many transactions at a time lose nothing, and each keeps its order', async ({ store }) => {
    const puts = Array.from({ length: 20 }, (_, index) => put(store, lane, record(`${index} a`), record(`${index} b`)))
    await Promise.all(puts)
    const ids = idsOf(await store.readOutbox(lane, 100))
    equal(new Set(ids).size, 40)
    equal(
      puts.every((_, index) => ids.indexOf(`${index} a`) < ids.indexOf(`${index} b`)),
      true,
    )
  }),
]
