/**
 * A store in which everything lasts longer, for cases that pass the time themselves: none may run into the end of a lease because
 * the machine is busy.
 */
import type { Claim, ClaimOutcome, ClaimRequest, LeaseStore, OnceRow } from '@samsa/eos'

const TIMES = 100

/** `passMs` passes that much more, too. */
export function stretched<Store extends LeaseStore>(
  store: Store,
  passMs: (ms: number) => Promise<void>,
): { readonly store: Store; readonly passMs: (ms: number) => Promise<void> } {
  const changed: Partial<Record<PropertyKey, unknown>> = {
    claim: async ({ leaseMs, ttlMs, ...request }: ClaimRequest): Promise<ClaimOutcome> => {
      const outcome = await store.claim({ ...request, leaseMs: leaseMs * TIMES, ttlMs: ttlMs * TIMES })
      return outcome.status === 'busy' ? { ...outcome, retryAfterMs: outcome.retryAfterMs / TIMES } : outcome
    },
    renew: (claim: Claim, leaseMs: number) => store.renew(claim, leaseMs * TIMES),
    complete: (claim: Claim, ttlMs: number, result?: Uint8Array) => store.complete(claim, ttlMs * TIMES, result),
  }
  const insertOnce: unknown = Reflect.get(store, 'insertOnce')
  if (typeof insertOnce === 'function') {
    changed['insertOnce'] = (tx: unknown, rows: readonly OnceRow[]): unknown =>
      Reflect.apply(insertOnce, store, [tx, rows.map(row => ({ ...row, ttlMs: row.ttlMs * TIMES }))])
  }
  const proxy = new Proxy(store, {
    get: (target, name) => {
      const found: unknown = changed[name] ?? Reflect.get(target, name, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  return { store: proxy, passMs: ms => passMs(ms * TIMES) }
}
