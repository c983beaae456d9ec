/**
 * MemoryLeases: the rules of claims as a plain map. It is the model that other stores are compared with.
 */
import type { Clock } from '@samsa/runtime'
import { idText } from '../store/id-text.js'
import type { Claim, ClaimOutcome, ClaimRequest } from '../store/lease-store.js'

interface Lease {
  readonly fingerprint: Uint8Array | undefined
  readonly isDone: boolean
  /** Nobody's since it was released, or is done. */
  readonly owner: string | undefined
  readonly epoch: number
  readonly attempts: number
  readonly leaseUntil: number
  readonly expiresAt: number
  readonly result: Uint8Array | undefined
}

export class MemoryLeases {
  readonly #clock: Clock
  readonly #leases = new Map<string, Lease>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#leases.size
  }

  claim({ scope, key, owner, leaseMs, ttlMs, fingerprint }: ClaimRequest): ClaimOutcome {
    const now = this.#clock.now()
    const known = this.#leases.get(idText(scope, key))
    const isForgotten = known === undefined || (known.expiresAt <= now && known.leaseUntil <= now)
    if (!isForgotten && known.isDone) return { status: 'done', result: known.result, fingerprint: known.fingerprint }
    if (!isForgotten && known.leaseUntil > now && known.owner !== owner) {
      return { status: 'busy', retryAfterMs: known.leaseUntil - now, fingerprint: known.fingerprint }
    }
    const lease: Lease = {
      fingerprint: isForgotten ? fingerprint : (known.fingerprint ?? fingerprint),
      isDone: false,
      owner,
      epoch: (known?.epoch ?? 0) + 1,
      attempts: isForgotten ? 1 : known.attempts + 1,
      leaseUntil: now + leaseMs,
      expiresAt: now + ttlMs,
      result: undefined,
    }
    this.#leases.set(idText(scope, key), lease)
    return { status: 'claimed', epoch: lease.epoch, attempts: lease.attempts, fingerprint: lease.fingerprint }
  }

  renew(claim: Claim, leaseMs: number): boolean {
    return this.#change(claim, now => ({ leaseUntil: now + leaseMs }))
  }

  complete(claim: Claim, ttlMs: number, result: Uint8Array | undefined): boolean {
    return this.#change(claim, now => ({
      isDone: true,
      owner: undefined,
      leaseUntil: 0,
      expiresAt: now + ttlMs,
      result,
    }))
  }

  release(claim: Claim): boolean {
    return this.#change(claim, () => ({ owner: undefined, leaseUntil: 0 }))
  }

  prune(limit: number): number {
    const now = this.#clock.now()
    let removed = 0
    for (const [id, { expiresAt, leaseUntil }] of this.#leases) {
      if (removed >= limit) break
      if (expiresAt > now || leaseUntil > now) continue
      this.#leases.delete(id)
      removed++
    }
    return removed
  }

  #change({ scope, key, owner, epoch }: Claim, change: (now: number) => Partial<Lease>): boolean {
    const id = idText(scope, key)
    const known = this.#leases.get(id)
    if (known === undefined || known.isDone || known.owner !== owner || known.epoch !== epoch) return false
    this.#leases.set(id, { ...known, ...change(this.#clock.now()) })
    return true
  }
}
