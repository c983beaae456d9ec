/**
 * LeaseStore: a place where an id is claimed for a time, and completed. It keeps two workers from running side by side while
 * a lease lives, and a completed id from running again. It does not make effects exactly once: a worker that dies between
 * its effect and `complete` leaves the id to the next one.
 */
import type { Store } from './store.js'

/**
 * What an answered claim survives: `process` nothing but the process's own life, `disk` a loss of power,
 * `async-replicated` not every failover, `sync-replicated` a failover.
 */
export type Durability = 'process' | 'disk' | 'async-replicated' | 'sync-replicated'

export interface ClaimRequest {
  readonly scope: string
  readonly key: string
  /** New for every attempt to handle a record: the same owner gets its own claim again. */
  readonly owner: string
  readonly leaseMs: number
  /** How long what is known of the id is kept. */
  readonly ttlMs: number
  readonly fingerprint?: Uint8Array | undefined
}

/** `fingerprint` is the one that came first under this id, also when another came with this request. */
export type ClaimOutcome =
  | {
      readonly status: 'claimed'
      /** Grows with each change of hands. */
      readonly epoch: number
      /** How often the id was claimed, this time included. */
      readonly attempts: number
      readonly fingerprint: Uint8Array | undefined
    }
  | { readonly status: 'busy'; readonly retryAfterMs: number; readonly fingerprint: Uint8Array | undefined }
  | {
      readonly status: 'done'
      readonly result: Uint8Array | undefined
      readonly fingerprint: Uint8Array | undefined
    }

export interface Claim {
  readonly scope: string
  readonly key: string
  readonly owner: string
  readonly epoch: number
}

/** Of the answers of `renew`, `complete` and `release`, false says that the claim is another's now: nothing was changed. */
export interface LeaseStore extends Store {
  readonly durability: Durability
  claim(request: ClaimRequest): Promise<ClaimOutcome>
  renew(claim: Claim, leaseMs: number): Promise<boolean>
  complete(claim: Claim, ttlMs: number, result?: Uint8Array): Promise<boolean>
  /** The next claim need not wait; how often there was one is kept. */
  release(claim: Claim): Promise<boolean>
}
