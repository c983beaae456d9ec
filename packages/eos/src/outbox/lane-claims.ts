/**
 * LaneClaims: one relay at a time for each lane, by a lease that is renewed while the lane is held. Who comes later waits.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '@samsa/runtime'
import { LeaseKeeper } from '../lease-keeper.js'
import { idText } from '../store/id-text.js'
import type { Claim, LeaseStore } from '../store/lease-store.js'
import type { OutboxLane } from '../store/outbox-store.js'

/** How often, within a lease, it is looked whether the lane was given back before its time. */
const LOOKS_PER_LEASE = 4

export interface HeldLane {
  /** Aborted when the claim is lost, or with the signal that it was claimed under. */
  readonly signal: AbortSignal
  /** The next one need not wait. Never rejects: a lease that cannot be given back ends by itself. */
  release(): Promise<void>
}

export class LaneClaims {
  readonly #leases: LeaseStore
  readonly #leaseMs: number
  readonly #clock: Clock

  constructor(leases: LeaseStore, leaseMs: number, clock: Clock) {
    this.#leases = leases
    this.#leaseMs = leaseMs
    this.#clock = clock
  }

  async claim({ box, lane }: OutboxLane, signal: AbortSignal): Promise<HeldLane> {
    const [leases, leaseMs, clock] = [this.#leases, this.#leaseMs, this.#clock]
    const id = { scope: 'outbox', key: idText(box, lane), owner: randomUUID() }
    for (;;) {
      const claimedAt = clock.monotonic()
      const outcome = await leases.claim({ ...id, leaseMs, ttlMs: leaseMs })
      if (outcome.status === 'claimed') {
        const claim: Claim = { ...id, epoch: outcome.epoch }
        const keeper = new LeaseKeeper({ store: leases, clock, leaseMs }, claim, { claimedAt, signal })
        return {
          signal: keeper.signal,
          release: async () => {
            keeper.stop()
            await leases.release(claim).catch(() => false)
          },
        }
      }
      const waitMs = outcome.status === 'busy' ? outcome.retryAfterMs : leaseMs
      await clock.sleep(Math.min(waitMs, leaseMs / LOOKS_PER_LEASE), { signal })
    }
  }
}
