/**
 * LeaseKeeper: renews a claim while a handler is at it, and says when it is lost. Owns one timer and one watch on the run's
 * signal, which go with `stop`. A renewal that fails is tried again; one that is not answered until the lease is over counts as
 * lost.
 */
import { type Clock, LeaseLostError, type Timer } from '@samsa/runtime'
import { unwatchAbort, watchAbort } from '@samsa/runtime/internal'
import type { Claim, LeaseStore } from './store/lease-store.js'

/** Two renewals may fail before the lease is over. */
const RENEWALS_PER_LEASE = 3

export class LeaseKeeper {
  readonly #store: LeaseStore
  readonly #clock: Clock
  readonly #claim: Claim
  readonly #leaseMs: number
  readonly #handling = new AbortController()
  readonly #run: AbortSignal
  readonly #timer: Timer
  /** By the clock's `monotonic`; counted from before the request, so that it is never later than the store's. */
  #leaseUntil: number
  #isRenewing = false
  #isStopped = false

  constructor(
    { store, clock, leaseMs }: { readonly store: LeaseStore; readonly clock: Clock; readonly leaseMs: number },
    claim: Claim,
    { claimedAt, signal }: { readonly claimedAt: number; readonly signal: AbortSignal },
  ) {
    this.#store = store
    this.#clock = clock
    this.#claim = claim
    this.#leaseMs = leaseMs
    this.#leaseUntil = claimedAt + leaseMs
    this.#run = signal
    // Not AbortSignal.any: the run's signal lives as long as its partition, and would keep something of every record.
    if (signal.aborted) this.#onAbort()
    else watchAbort(signal, this.#onAbort)
    this.#timer = clock.timer(leaseMs / RENEWALS_PER_LEASE, () => this.#tick(), { name: 'the renewal of a lease' })
  }

  /** Aborted when the run's is, or with a LeaseLostError. */
  get signal(): AbortSignal {
    return this.#handling.signal
  }

  /** It was noticed while the handler ran. */
  get isLost(): boolean {
    return this.#handling.signal.reason instanceof LeaseLostError
  }

  stop(): void {
    this.#isStopped = true
    this.#timer.cancel()
    unwatchAbort(this.#run, this.#onAbort)
  }

  readonly #onAbort = (): void => this.#handling.abort(this.#run.reason)

  #tick(): void {
    if (this.#clock.monotonic() >= this.#leaseUntil) {
      this.#lose()
      return
    }
    this.#timer.restart()
    if (!this.#isRenewing) void this.#renew()
  }

  async #renew(): Promise<void> {
    const askedAt = this.#clock.monotonic()
    this.#isRenewing = true
    try {
      const isOurs = await this.#store.renew(this.#claim, this.#leaseMs)
      if (isOurs) this.#leaseUntil = askedAt + this.#leaseMs
      else this.#lose()
    } catch {
      // The next tick tries again, or finds that it is too late.
    } finally {
      this.#isRenewing = false
    }
  }

  #lose(): void {
    if (this.#isStopped) return
    this.stop()
    this.#handling.abort(leaseLost(this.#claim))
  }
}

export function leaseLost({ key, epoch }: Claim, cause?: unknown): LeaseLostError {
  return new LeaseLostError(
    `The lease of ${key} (epoch ${epoch}) was lost while its handler ran: another worker may be at it, or has finished it. Raise leaseMs if handlers or the store are slow.`,
    // The record may come again: what another worker has finished is found to be a duplicate then.
    { retriable: true, cause },
  )
}
