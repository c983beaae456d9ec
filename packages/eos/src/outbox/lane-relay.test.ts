import { AuthenticationError, ConfigError, FencedError, ManualClock, SeededRandom, silentLogger } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { type MemoryStore, memoryStore } from '../memory/memory-store.js'
import type { OutboxPlace, WaitingRecord } from '../store/outbox-store.js'
import type { Courier, Delivery } from './courier.js'
import { LaneClaims } from './lane-claims.js'
import { LaneRelay } from './lane-relay.js'

const lane = { box: 'shop', lane: 0 }
const failure = new Error('on purpose')

type Deliver = (records: readonly WaitingRecord[]) => Promise<Delivery>

interface Scene {
  readonly store: MemoryStore
  readonly clock: ManualClock
  /** What happened, in its order. */
  readonly trace: string[]
  readonly end: AbortController
  run(options?: { readonly isClaimed?: boolean }): Promise<void>
  put(...ids: string[]): Promise<void>
  waiting(): Promise<string[]>
}

const all: Deliver = async delivered => ({ delivered })

function scene(deliver: Deliver = all, begin: () => Promise<readonly OutboxPlace[]> = async () => []): Scene {
  const clock = new ManualClock()
  const store = memoryStore({ clock })
  const trace: string[] = []
  const end = new AbortController()
  const courier = (): Courier => ({
    begin: async () => {
      trace.push('begin')
      return await begin()
    },
    deliver: async records => {
      trace.push(`deliver ${records.map(({ id }) => id).join(' ')}`)
      return await deliver(records)
    },
    close: async () => void trace.push('close'),
  })
  const waiting = async (): Promise<string[]> => (await store.readOutbox(lane, 100)).map(({ id }) => id)
  return {
    store,
    clock,
    trace,
    end,
    waiting,
    put: (...ids) =>
      store.transaction(tx =>
        store.putInOutbox(
          tx,
          lane,
          ids.map(id => ({ id, topic: 'orders', key: null, value: null, headers: [] })),
        ),
      ),
    run: ({ isClaimed = false } = {}) =>
      new LaneRelay({
        store,
        lane,
        courier,
        claims: isClaimed ? new LaneClaims(store, 1_000, clock) : undefined,
        batch: 2,
        pollIntervalMs: 100,
        retryBackoff: { initialMs: 1_000, maxMs: 4_000 },
        clock,
        random: new SeededRandom('lane'),
        logger: silentLogger,
      }).run(end.signal),
  }
}

test('records go in batches, and each is removed before the next begins', async () => {
  const { clock, trace, end, run, put, waiting } = scene(async delivered => {
    trace.push(`waiting ${(await waiting()).join(' ')}`)
    return { delivered }
  })
  await put('a', 'b', 'c')
  const running = run()
  await clock.advance({ ms: 1 })
  expect(trace).toEqual(['begin', 'deliver a b', 'waiting a b c', 'deliver c', 'waiting c'])
  expect(await waiting()).toEqual([])
  end.abort()
  await running
  expect(trace.at(-1)).toBe('close')
})

test('an empty lane is looked at now and then', async () => {
  const { clock, trace, end, run, put } = scene()
  const running = run()
  await clock.advance({ ms: 10 })
  await put('a')
  await clock.advance({ ms: 80 })
  expect(trace).toEqual(['begin'])
  await clock.advance({ ms: 10 })
  expect(trace).toEqual(['begin', 'deliver a'])
  end.abort()
  await running
})

test('what an earlier courier has delivered is removed before anything is sent', async () => {
  const { store, clock, trace, end, run, put, waiting } = scene(all, async () => await store.readOutbox(lane, 2))
  await put('a', 'b', 'c')
  const running = run()
  await clock.advance({ ms: 1 })
  expect(trace).toEqual(['begin', 'deliver c'])
  expect(await waiting()).toEqual([])
  end.abort()
  await running
})

test('what was not delivered stays, and is tried again after pauses that grow', async () => {
  let failures = 2
  const { clock, trace, end, run, put, waiting } = scene(async records =>
    failures-- > 0 ? { delivered: records.slice(1), error: failure } : { delivered: records },
  )
  await put('a', 'b', 'c')
  const running = run()
  await clock.advance({ ms: 1 })
  expect(await waiting()).toEqual(['a', 'c'])
  await clock.advance({ ms: 700 })
  expect(trace).toEqual(['begin', 'deliver a b', 'close'])
  await clock.advance({ ms: 600 })
  expect(trace.slice(3)).toEqual(['begin', 'deliver a c', 'close'])
  await clock.advance({ ms: 1_500 })
  expect(trace).toHaveLength(6)
  await clock.advance({ ms: 1_000 })
  expect(trace.slice(6)).toEqual(['begin', 'deliver a'])
  end.abort()
  await running
})

test('a crash between delivery and removal leaves the records, and the next term learns what was delivered', async () => {
  let delivered: readonly WaitingRecord[] = []
  const deliver: Deliver = async records => {
    delivered = records
    return { delivered }
  }
  const { clock, trace, end, run, put, waiting, store } = scene(deliver, async () => delivered)
  await put('a', 'b', 'c')
  const removed: string[] = []
  const removeFromOutbox = store.removeFromOutbox.bind(store)
  store.removeFromOutbox = async (from, places) => {
    removed.push(places.map(({ id }) => id).join(' '))
    if (removed.length === 1) throw failure
    return await removeFromOutbox(from, places)
  }
  const running = run()
  await clock.advance({ ms: 5_000 })
  expect(trace.filter(step => step.startsWith('deliver'))).toEqual(['deliver a b', 'deliver c'])
  expect(removed.slice(0, 2)).toEqual(['a b', 'a b'])
  expect(await waiting()).toEqual([])
  end.abort()
  await running
})

test.each([
  ['wrong options', new ConfigError('no such lane')],
  ['who we are', new AuthenticationError('wrong password')],
  ['another in our place, where none was to be', new FencedError('replaced')],
])('it ends with %s', async (_, error) => {
  const { trace, run, put } = scene(async () => ({ delivered: [], error }))
  await put('a')
  await expect(run()).rejects.toBe(error)
  expect(trace).toEqual(['begin', 'deliver a', 'close'])
})

test('one that was replaced stands by until the lane is free', async () => {
  const { clock, store, trace, end, run, put } = scene(async records =>
    trace.length < 3 ? { delivered: [], error: new FencedError('replaced') } : { delivered: records },
  )
  await put('a')
  const running = run({ isClaimed: true })
  await clock.advance({ ms: 1 })
  const key = JSON.stringify(['shop', 0])
  const claim = { scope: 'outbox', key, owner: 'another' }
  expect(await store.claim({ ...claim, leaseMs: 60_000, ttlMs: 60_000 })).toMatchObject({ status: 'claimed', epoch: 2 })
  await clock.advance({ seconds: 30 })
  expect(trace).toEqual(['begin', 'deliver a', 'close'])
  expect(await store.release({ ...claim, epoch: 2 })).toBe(true)
  await clock.advance({ seconds: 1 })
  expect(trace.slice(3)).toEqual(['begin', 'deliver a'])
  end.abort()
  await running
})

test('a lane whose claim is lost is not sent any more', async () => {
  const { clock, store, trace, end, run, put } = scene()
  const running = run({ isClaimed: true })
  await clock.advance({ ms: 1 })
  store.renew = async () => false
  await clock.advance({ ms: 400 })
  expect(trace).toEqual(['begin', 'close'])
  await put('a')
  end.abort()
  await running
  expect(trace).toEqual(['begin', 'close'])
})
