/**
 * The cases of LeaseStore.
 */
import { deepEqual, equal } from 'node:assert/strict'
import type { Claim, ClaimOutcome, ClaimRequest, LeaseStore } from '../store/lease-store.js'
import { caseOf, type StoreCase } from './store-case.js'

/** Long, so that what a slow store takes is nothing beside them. */
const LEASE_MS = 60_000
const TTL_MS = 600_000
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function claim(store: LeaseStore, owner: string, more: Partial<ClaimRequest> = {}): Promise<ClaimOutcome> {
  return store.claim({ scope: 'billing', key: 'a', owner, leaseMs: LEASE_MS, ttlMs: TTL_MS, ...more })
}

const held = (owner: string, epoch = 1): Claim => ({ scope: 'billing', key: 'a', owner, epoch })
const textOf = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString()

/** `claimed 2/3`: the epoch and the attempts. */
function told(outcome: ClaimOutcome): string {
  return outcome.status === 'claimed' ? `claimed ${outcome.epoch}/${outcome.attempts}` : outcome.status
}

export const leaseCases: readonly StoreCase<'leases'>[] = [
  caseOf('leases', 'the store says what its answers survive', async ({ store }) => {
    equal(['process', 'disk', 'async-replicated', 'sync-replicated'].includes(store.durability), true)
  }),
  caseOf('leases', 'the first claim is granted', async ({ store }) => {
    equal(told(await claim(store, 'one')), 'claimed 1/1')
  }),
  caseOf('leases', 'another owner is told how long the lease is', async ({ store }) => {
    await claim(store, 'one')
    const outcome = await claim(store, 'two')
    equal(outcome.status, 'busy')
    equal(outcome.status === 'busy' && outcome.retryAfterMs > 0 && outcome.retryAfterMs <= LEASE_MS, true)
  }),
  caseOf('leases', 'of 64 claimers one is granted', async ({ store }) => {
    const outcomes = await Promise.all(Array.from({ length: 64 }, (_, index) => claim(store, `owner ${index}`)))
    deepEqual(outcomes.filter(({ status }) => status === 'claimed').length, 1)
    deepEqual(outcomes.filter(({ status }) => status === 'busy').length, 63)
  }),
  caseOf('leases', 'the same owner gets its own claim again', async ({ store }) => {
    await claim(store, 'one')
    equal(told(await claim(store, 'one')), 'claimed 2/2')
  }),
  caseOf('leases', 'a lease is taken over when it is over, and not before', async ({ store, passMs }) => {
    await claim(store, 'one')
    await passMs(LEASE_MS / 2)
    equal(told(await claim(store, 'two')), 'busy')
    await passMs(LEASE_MS / 2 + 1)
    equal(told(await claim(store, 'two')), 'claimed 2/2')
  }),
  caseOf(
    'leases',
    'the shortest claims are counted, and what is completed for a moment is forgotten',
    async subject => {
      const { store, passMs } = subject
      const shortest = { leaseMs: 1 }
      equal(told(await claim(store, 'one', shortest)), 'claimed 1/1')
      await passMs(2)
      equal(told(await claim(store, 'two', shortest)), 'claimed 2/2')
      equal(await store.complete(held('two', 2), 1), true)
      await passMs(2)
      const outcome = await claim(store, 'three', shortest)
      equal(outcome.status === 'claimed' && outcome.attempts, 1)
    },
  ),
  caseOf('leases', 'a renewed lease lasts longer', async ({ store, passMs }) => {
    await claim(store, 'one')
    await passMs(LEASE_MS / 2)
    equal(await store.renew(held('one'), LEASE_MS), true)
    await passMs(LEASE_MS / 2 + 1)
    equal(told(await claim(store, 'two')), 'busy')
  }),
  caseOf('leases', 'who was replaced can neither renew, complete nor release', async ({ store, passMs }) => {
    await claim(store, 'one')
    await passMs(LEASE_MS + 1)
    await claim(store, 'two')
    const stale = held('one')
    deepEqual(
      [await store.renew(stale, LEASE_MS), await store.complete(stale, TTL_MS), await store.release(stale)],
      [false, false, false],
    )
    equal(await store.complete(held('two', 2), TTL_MS), true)
  }),
  caseOf('leases', 'an owner with an older epoch was replaced too', async ({ store }) => {
    await claim(store, 'one')
    await claim(store, 'one')
    deepEqual(
      [await store.complete(held('one', 1), TTL_MS), await store.complete(held('one', 2), TTL_MS)],
      [false, true],
    )
  }),
  caseOf('leases', 'nobody holds what was never claimed', async ({ store }) => {
    const claimed = held('one')
    deepEqual(
      [await store.renew(claimed, LEASE_MS), await store.complete(claimed, TTL_MS), await store.release(claimed)],
      [false, false, false],
    )
  }),
  caseOf('leases', 'what is completed is done for everybody, with its result', async ({ store }) => {
    await claim(store, 'one')
    equal(await store.complete(held('one'), TTL_MS, bytes('charged')), true)
    const outcomes = [await claim(store, 'one'), await claim(store, 'two')]
    deepEqual(
      outcomes.map(outcome => outcome.status === 'done' && textOf(outcome.result)),
      ['charged', 'charged'],
    )
  }),
  caseOf('leases', 'a completion without a result has none', async ({ store }) => {
    await claim(store, 'one')
    await store.complete(held('one'), TTL_MS)
    const outcome = await claim(store, 'two')
    equal(outcome.status === 'done' && outcome.result, undefined)
  }),
  caseOf('leases', 'what is completed cannot be completed, renewed or released again', async ({ store }) => {
    await claim(store, 'one')
    await store.complete(held('one'), TTL_MS)
    const claimed = held('one')
    deepEqual(
      [await store.complete(claimed, TTL_MS), await store.renew(claimed, LEASE_MS), await store.release(claimed)],
      [false, false, false],
    )
  }),
  caseOf('leases', 'a completed id outlives its lease, and not its time', async ({ store, passMs }) => {
    await claim(store, 'one')
    await store.complete(held('one'), TTL_MS)
    await passMs(LEASE_MS * 2)
    equal(told(await claim(store, 'two')), 'done')
    await passMs(TTL_MS)
    equal(told(await claim(store, 'two')).replace(/ \d+/, ''), 'claimed/1')
  }),
  caseOf('leases', 'what is released is free at once, and its attempts are counted on', async ({ store }) => {
    await claim(store, 'one')
    equal(await store.release(held('one')), true)
    equal(told(await claim(store, 'two')), 'claimed 2/2')
  }),
  caseOf('leases', 'who has released holds nothing any more', async ({ store }) => {
    await claim(store, 'one')
    await store.release(held('one'))
    deepEqual([await store.complete(held('one'), TTL_MS), await store.renew(held('one'), LEASE_MS)], [false, false])
  }),
  caseOf('leases', 'attempts that ended without a word are counted too', async ({ store, passMs }) => {
    for (const owner of ['one', 'two', 'three']) {
      await claim(store, owner)
      await passMs(LEASE_MS + 1)
    }
    equal(told(await claim(store, 'four')), 'claimed 4/4')
  }),
  caseOf(
    'leases',
    'a lease that is over and that nobody has taken can still be completed',
    async ({ store, passMs }) => {
      await claim(store, 'one')
      await passMs(LEASE_MS + 1)
      equal(await store.complete(held('one'), TTL_MS), true)
    },
  ),
  caseOf('leases', 'the first fingerprint is told to all who come later', async ({ store, passMs }) => {
    await claim(store, 'one', { fingerprint: bytes('first') })
    const busy = await claim(store, 'two', { fingerprint: bytes('second') })
    await passMs(LEASE_MS + 1)
    const claimed = await claim(store, 'two', { fingerprint: bytes('second') })
    await store.complete(held('two', 2), TTL_MS)
    const done = await claim(store, 'three', { fingerprint: bytes('third') })
    deepEqual(
      [busy, claimed, done].map(({ fingerprint }) => textOf(fingerprint)),
      ['first', 'first', 'first'],
    )
  }),
  caseOf('leases', 'keys and scopes have leases of their own', async ({ store }) => {
    const claims = [{}, { key: 'b' }, { scope: 'shipping' }, { scope: 'shipping', key: 'b' }]
    for (const [index, id] of claims.entries()) equal(told(await claim(store, `owner ${index}`, id)), 'claimed 1/1')
  }),
  caseOf(
    'leases',
    'pruning leaves what is live, and removes no more than it was told to',
    async ({ store, passMs, forgetsByItself = false }) => {
      for (const key of ['a', 'b', 'c']) await claim(store, 'one', { key, ttlMs: 100, leaseMs: 10 })
      await claim(store, 'one', { key: 'long lease', ttlMs: 100 })
      await claim(store, 'one', { key: 'long life', leaseMs: 10 })
      await passMs(101)
      deepEqual([await store.prune(2), await store.prune(2)], forgetsByItself ? [0, 0] : [2, 1])
      equal(told(await claim(store, 'two', { key: 'a' })), 'claimed 1/1')
      equal(told(await claim(store, 'two', { key: 'long lease' })), 'busy')
      equal(told(await claim(store, 'two', { key: 'long life' })), 'claimed 2/2')
    },
  ),
]
