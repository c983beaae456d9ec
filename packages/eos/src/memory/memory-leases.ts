/**
 * MemoryLeases: the rules of claims as a plain map. It is the model that other stores are compared with.
 */
import type { Clock } from '@samsa/runtime'
import { decideClaim, type Lease } from '../store/claim-rule.js'
import { idText } from '../store/id-text.js'
import type { Claim, ClaimOutcome, ClaimRequest } from '../store/lease-store.js'

export class MemoryLeases {
  readonly #clock: Clock
  readonly #leases = new Map<string, Lease>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#leases.size
  }

  claim(request: ClaimRequest): ClaimOutcome {
    const id = idText(request.scope, request.key)
    const { outcome, lease } = decideClaim(this.#leases.get(id), request, this.#clock.now())
    if (lease !== undefined) this.#leases.set(id, lease)
    return outcome
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
