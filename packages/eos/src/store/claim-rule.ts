/**
 * The rules of claims, for stores that look at what is stored and then write; pure. Those that decide in one statement are
 * compared with it by the store tests.
 */
import type { ClaimOutcome, ClaimRequest } from './lease-store.js'

/** What is stored of an id. */
export interface Lease {
  /** Of the first claim. */
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

export interface ClaimDecision {
  readonly outcome: ClaimOutcome
  /** What is to be stored; undefined when the claim is refused. */
  readonly lease: Lease | undefined
}

export function decideClaim(
  known: Lease | undefined,
  { owner, leaseMs, ttlMs, fingerprint }: ClaimRequest,
  now: number,
): ClaimDecision {
  const isForgotten = known === undefined || (known.expiresAt <= now && known.leaseUntil <= now)
  if (!isForgotten && known.isDone) {
    return refused({ status: 'done', result: known.result, fingerprint: known.fingerprint })
  }
  if (!isForgotten && known.leaseUntil > now && known.owner !== owner) {
    return refused({ status: 'busy', retryAfterMs: known.leaseUntil - now, fingerprint: known.fingerprint })
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
  const { epoch, attempts } = lease
  return { outcome: { status: 'claimed', epoch, attempts, fingerprint: lease.fingerprint }, lease }
}

function refused(outcome: ClaimOutcome): ClaimDecision {
  return { outcome, lease: undefined }
}
