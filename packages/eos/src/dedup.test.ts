import { restGivenUp } from '@samsa/consumer/internal'
import { ConfigError, LeaseLostError, ManualClock, PayloadMismatchError, TimeoutError } from '@samsa/runtime'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { dedup, type LeaseContext, type TxContext } from './dedup.js'
import { armFailpoint, disarmFailpoint, type FailpointName } from './failpoint.js'
import type { MemoryStore } from './memory/memory-store.js'
import { memoryStore } from './memory/memory-store.js'
import type { MemoryTx } from './memory/memory-tx.js'
import { MissingIdError } from './record-id.js'
import { contextOf, recordOf, type TestRecord } from './test-records.js'

const key = (record: TestRecord): string | undefined => record.value?.id
const crash = new Error('crash')

afterEach(disarmFailpoint)

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {}
  const promise = new Promise<void>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Counts in the store how often each id was handled. */
function count(record: TestRecord, { tx }: TxContext<MemoryTx>): void {
  const id = record.value?.id ?? ''
  tx.set(id, (tx.get<number>(id) ?? 0) + 1)
}

function counted(store: MemoryStore, id: string): Promise<number | undefined> {
  return store.transaction(async tx => tx.get<number>(id))
}

describe('dedup in a transaction', () => {
  test('handles an id once, and tells of the others', async () => {
    const store = memoryStore()
    const onDuplicate = vi.fn()
    const handle = dedup({ store, key, onDuplicate }, count)
    for (const offset of [1n, 2n, 3n]) await handle(recordOf({ id: 'a' }, offset), contextOf())
    expect(await counted(store, 'a')).toBe(1)
    expect(onDuplicate.mock.calls.map(([record]) => record.offset)).toEqual([2n, 3n])
  })

  test('tells the handler what the run tells, and the transaction', async () => {
    const context = { ...contextOf(), attempt: 3 }
    const handle = dedup({ store: memoryStore(), key }, (_: TestRecord, told) => {
      expect(told).toMatchObject({ attempt: 3, groupId: 'billing', signal: context.signal })
      expect(told.tx.get('nothing')).toBeUndefined()
    })
    await handle(recordOf({ id: 'a' }), context)
    expect.assertions(2)
  })

  test('a handler that throws has handled nothing, and the record may come again', async () => {
    const store = memoryStore()
    let isBroken = true
    const handle = dedup({ store, key }, (record: TestRecord, context) => {
      count(record, context)
      if (isBroken) throw crash
    })
    await expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toBe(crash)
    expect(await counted(store, 'a')).toBeUndefined()
    isBroken = false
    await handle(recordOf({ id: 'a' }), contextOf())
    expect(await counted(store, 'a')).toBe(1)
  })

  test.each<FailpointName>([
    'dedup.afterBegin',
    'dedup.afterInsert',
    'dedup.afterHandler',
    'tx.beforeCommit',
    'tx.afterCommit',
  ])('a crash at %s neither loses nor doubles', async name => {
    const store = memoryStore()
    const handle = dedup({ store, key }, count)
    armFailpoint(name, 1, () => {
      throw crash
    })
    await expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toBe(crash)
    await handle(recordOf({ id: 'a' }), contextOf())
    expect(await counted(store, 'a')).toBe(1)
  })

  test('another content under the same id is no duplicate', async () => {
    const handle = dedup({ store: memoryStore(), key }, count)
    await handle(recordOf({ id: 'a', text: 'one' }), contextOf())
    const again = handle(recordOf({ id: 'a', text: 'two' }), contextOf())
    await expect(again).rejects.toThrow(PayloadMismatchError)
    await expect(again).rejects.toMatchObject({ code: 'PAYLOAD_MISMATCH', topic: 'orders', partition: 0 })
  })

  test('what is compared can be chosen, or nothing', async () => {
    const store = memoryStore()
    const differ = [recordOf({ id: 'a', text: 'one' }), recordOf({ id: 'a', text: 'two' })]
    const byId = dedup({ store, key, fingerprint: record => record.value?.id }, count)
    for (const record of differ) await byId(record, contextOf())
    const byNothing = dedup({ store, key, scope: 'other', fingerprint: false }, count)
    for (const record of differ) await byNothing(record, contextOf())
    expect(await counted(store, 'a')).toBe(2)
  })

  test('groups have ids of their own', async () => {
    const store = memoryStore()
    const handle = dedup({ store, key }, count)
    await handle(recordOf({ id: 'a' }), contextOf())
    await handle(recordOf({ id: 'a' }), { ...contextOf(), groupId: 'shipping' })
    expect(await counted(store, 'a')).toBe(2)
  })

  test('an id is forgotten after its time', async () => {
    const clock = new ManualClock()
    const store = memoryStore({ clock })
    const handle = dedup({ store, key, ttlMs: 1000 }, count)
    await handle(recordOf({ id: 'a' }), contextOf())
    await clock.advance({ ms: 1001 })
    await handle(recordOf({ id: 'a' }), contextOf())
    expect(await counted(store, 'a')).toBe(2)
  })

  test.each([undefined, null, '', 1.5, Number.NaN])('%s is no id', async id => {
    const store = memoryStore()
    const handle = dedup({ store, key: () => id }, count)
    const refused = handle(recordOf({ id: 'a' }), contextOf())
    await expect(refused).rejects.toThrow(MissingIdError)
    await expect(refused).rejects.toMatchObject({ code: 'MISSING_ID', retriable: false })
    expect(await counted(store, 'a')).toBeUndefined()
  })

  test('a consumer without a group needs a scope', async () => {
    const handle = dedup({ store: memoryStore(), key }, count)
    await expect(handle(recordOf({ id: 'a' }), { ...contextOf(), groupId: undefined })).rejects.toThrow(ConfigError)
  })

  test('wrong options are refused at once', () => {
    const store = memoryStore()
    expect(() => dedup({ store, key, ttlms: 5 } as never, count as never)).toThrow(
      'ttlms: unknown option, did you mean ttlMs?',
    )
    expect(() => dedup({ store: {}, key } as never, count as never)).toThrow('the store needs transaction, insertOnce')
    expect(() => dedup({ store: {}, key, leaseMs: 100 } as never, count as never)).toThrow('the store needs claim')
  })
})

describe('dedup under a lease', () => {
  function scene(options: { readonly onBusy?: 'wait' | 'fail'; readonly busyTimeoutMs?: number } = {}) {
    const clock = new ManualClock()
    const store = memoryStore({ clock })
    const onDuplicate = vi.fn()
    const make = (handler: (record: TestRecord, context: LeaseContext & { signal: AbortSignal }) => unknown) =>
      dedup({ store, key, leaseMs: 900, clock, onDuplicate, ...options }, handler)
    return { clock, store, onDuplicate, make }
  }

  test('a completed id is not handled again', async () => {
    const { make, onDuplicate } = scene()
    const handler = vi.fn()
    const handle = make(handler)
    for (const offset of [1n, 2n]) await handle(recordOf({ id: 'a' }, offset), contextOf())
    expect(handler).toHaveBeenCalledTimes(1)
    expect(handler.mock.calls[0]?.[1]).toMatchObject({ idempotencyKey: '["billing","a"]', epoch: 1, attempts: 1 })
    expect(onDuplicate).toHaveBeenCalledTimes(1)
  })

  test('a handler that throws gives the id back, with its attempts', async () => {
    const { make } = scene()
    const seen: LeaseContext[] = []
    const handle = make((_, context) => {
      seen.push(context)
      if (seen.length === 1) throw crash
    })
    await expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toBe(crash)
    await handle(recordOf({ id: 'a' }), contextOf())
    expect(seen.map(({ attempts, epoch }) => [attempts, epoch])).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(seen[1]?.idempotencyKey).toBe(seen[0]?.idempotencyKey)
  })

  test('the lease of a slow handler is renewed, and others wait for it', async () => {
    const { make, clock, onDuplicate } = scene()
    const { promise: finished, resolve: finish } = withResolvers()
    const handler = vi.fn(() => finished)
    const handle = make(handler)
    const first = handle(recordOf({ id: 'a' }, 1n), contextOf())
    await clock.advance({ ms: 100 })
    const second = handle(recordOf({ id: 'a' }, 2n), contextOf(undefined, clock))
    await clock.advance({ seconds: 30 })
    expect(handler).toHaveBeenCalledTimes(1)
    finish()
    await first
    await clock.advance({ seconds: 1 })
    await second
    expect(handler).toHaveBeenCalledTimes(1)
    expect(onDuplicate).toHaveBeenCalledTimes(1)
  })

  test.each<[FailpointName, number]>([
    ['dedup.afterClaim', 1],
    ['dedup.beforeComplete', 2],
    ['dedup.afterComplete', 1],
  ])('a crash at %s loses nothing, and only one before the completion repeats', async (name, calls) => {
    const { make } = scene()
    const handler = vi.fn()
    armFailpoint(name, 1, () => {
      throw crash
    })
    await expect(make(handler)(recordOf({ id: 'a' }), contextOf())).rejects.toBe(crash)
    await make(handler)(recordOf({ id: 'a' }), contextOf())
    expect(handler).toHaveBeenCalledTimes(calls)
  })

  test('the signal of the run is that of the handler too', async () => {
    const { make } = scene()
    const revoked = new AbortController()
    const handle = make((_, { signal }) => {
      revoked.abort(crash)
      expect(signal.reason).toBe(crash)
    })
    await handle(recordOf({ id: 'a' }), contextOf(revoked.signal))
    expect.assertions(1)
  })

  test('one that is busy can fail at once instead, to be tried again', async () => {
    const { make } = scene({ onBusy: 'fail' })
    const { promise: finished, resolve: finish } = withResolvers()
    const handle = make(() => finished)
    const first = handle(recordOf({ id: 'a' }), contextOf())
    await expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toMatchObject({ code: 'ID_BUSY', retriable: true })
    finish()
    await first
  })

  test('the wait for another worker has an end', async () => {
    const { make, clock } = scene({ busyTimeoutMs: 5_000 })
    const { promise: finished, resolve: finish } = withResolvers()
    const handle = make(() => finished)
    const first = handle(recordOf({ id: 'a' }), contextOf())
    const second = expect(handle(recordOf({ id: 'a' }), contextOf(undefined, clock))).rejects.toThrow(TimeoutError)
    await clock.advance({ seconds: 6 })
    await second
    finish()
    await first
  })

  test('a wait ends with the signal of the run', async () => {
    const { make, clock } = scene()
    const { promise: finished, resolve: finish } = withResolvers()
    const handle = make(() => finished)
    const revoked = new AbortController()
    const first = handle(recordOf({ id: 'a' }), contextOf())
    const second = handle(recordOf({ id: 'a' }), contextOf(revoked.signal, clock))
    revoked.abort(crash)
    await expect(second).rejects.toBe(crash)
    finish()
    await first
  })

  test('a wait is a rest: others have the place, and neither a rebalance nor the end of the run waits for it', async () => {
    const { make } = scene()
    const { promise: finished, resolve: finish } = withResolvers()
    const handle = make(() => finished)
    const first = handle(recordOf({ id: 'a' }), contextOf())
    const rest = vi.fn(() => Promise.reject(restGivenUp()))
    const second = handle(recordOf({ id: 'a' }), { ...contextOf(), rest })
    await expect(second).rejects.toMatchObject({ code: 'HANDLER_GIVEN_UP', retriable: true })
    finish()
    await first
  })

  test('what a handler throws that was told to stop is a lost lease, and not the record’s fault', async () => {
    const { make, clock, store } = scene()
    vi.spyOn(store, 'renew').mockRejectedValue(new Error('the store is down'))
    const handle = make(
      (_, { signal }) => new Promise((__, reject) => signal.addEventListener('abort', () => reject(crash))),
    )
    const lost = expect(handle(recordOf({ id: 'a' }), contextOf())).rejects.toMatchObject({
      code: 'LEASE_LOST',
      retriable: true,
      cause: crash,
    })
    await clock.advance({ ms: 1000 })
    await lost
  })

  test('a lease that another has taken aborts the signal, and its completion fails', async () => {
    const { make, clock, store } = scene()
    vi.spyOn(store, 'renew').mockRejectedValue(new Error('the store is down'))
    let aborted: unknown
    const { promise: finished, resolve: finish } = withResolvers()
    const slow = make((_, { signal }) => {
      signal.addEventListener('abort', () => (aborted = signal.reason))
      return finished
    })
    const first = expect(slow(recordOf({ id: 'a' }), contextOf())).rejects.toThrow(LeaseLostError)
    await clock.advance({ ms: 1000 })
    expect(aborted).toBeInstanceOf(LeaseLostError)
    const other = vi.fn()
    await make(other)(recordOf({ id: 'a' }), contextOf())
    expect(other.mock.calls[0]?.[1]).toMatchObject({ epoch: 2, attempts: 2 })
    finish()
    await first
  })

  test('a renewal that is refused aborts the signal before the lease is over', async () => {
    const { make, clock, store } = scene()
    vi.spyOn(store, 'renew').mockResolvedValue(false)
    let aborted: unknown
    const { promise: finished, resolve: finish } = withResolvers()
    const slow = make((_, { signal }) => {
      signal.addEventListener('abort', () => (aborted = signal.reason))
      return finished
    })
    const handled = slow(recordOf({ id: 'a' }), contextOf())
    await clock.advance({ ms: 500 })
    expect(aborted).toBeInstanceOf(LeaseLostError)
    finish()
    await handled
  })

  test('another content under the same id is no duplicate, whether it is done or tried again', async () => {
    const { make } = scene()
    const handler = vi.fn(() => {
      throw crash
    })
    await expect(make(handler)(recordOf({ id: 'a', text: 'one' }), contextOf())).rejects.toBe(crash)
    const other = recordOf({ id: 'a', text: 'two' })
    await expect(make(vi.fn())(other, contextOf())).rejects.toThrow(PayloadMismatchError)
    await make(vi.fn())(recordOf({ id: 'a', text: 'one' }), contextOf())
    await expect(make(vi.fn())(other, contextOf())).rejects.toThrow(PayloadMismatchError)
  })

  test('bytes that a handler gives are kept with the id', async () => {
    const { make, store } = scene()
    await make(() => Buffer.from('charged'))(recordOf({ id: 'a' }), contextOf())
    const outcome = await store.claim({ scope: 'billing', key: 'a', owner: 'x', leaseMs: 1, ttlMs: 1 })
    expect(outcome.status === 'done' && Buffer.from(outcome.result ?? []).toString()).toBe('charged')
  })
})
