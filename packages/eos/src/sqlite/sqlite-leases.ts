/**
 * The statements behind claims: each decision is one statement, so that it is one whoever else uses the file.
 */
import type { Claim, ClaimOutcome, ClaimRequest } from '../store/lease-store.js'
import type { SqliteTx } from './sqlite-tx.js'
import type { SqliteRow, SqliteValue } from './sqlite-value.js'

/**
 * Parameters: scope, key, fingerprint, owner, end of the lease, expiry, and then only the time that it is now; without numbers,
 * which better-sqlite3 takes for names. The row is taken when it is free, ours, or forgotten; attempts and fingerprint of a
 * forgotten one begin anew.
 */
const CLAIM = `
  INSERT INTO eos_leases AS l (scope, key, fingerprint, is_done, owner, epoch, attempts, lease_until, expires_at)
  VALUES (?, ?, ?, 0, ?, 1, 1, ?, ?)
  ON CONFLICT (scope, key) DO UPDATE SET
    is_done = 0, owner = excluded.owner, epoch = l.epoch + 1, result = NULL,
    attempts = CASE WHEN l.expires_at <= ? AND l.lease_until <= ? THEN 1 ELSE l.attempts + 1 END,
    fingerprint = CASE WHEN l.expires_at <= ? AND l.lease_until <= ? THEN excluded.fingerprint
                       ELSE coalesce(l.fingerprint, excluded.fingerprint) END,
    lease_until = excluded.lease_until, expires_at = excluded.expires_at
  WHERE (l.is_done = 0 AND (l.lease_until <= ? OR l.owner = excluded.owner))
     OR (l.expires_at <= ? AND l.lease_until <= ?)
  RETURNING epoch, attempts, fingerprint`
const NOWS_IN_CLAIM = 7

export function claimLease(tx: SqliteTx, request: ClaimRequest, now: number): ClaimOutcome {
  const { scope, key, owner, leaseMs, ttlMs, fingerprint } = request
  const nows = Array.from({ length: NOWS_IN_CLAIM }, () => now)
  const claimed = tx.get(CLAIM, scope, key, fingerprint ?? null, owner, now + leaseMs, now + ttlMs, ...nows)
  if (claimed !== undefined) {
    return {
      status: 'claimed',
      epoch: Number(claimed['epoch']),
      attempts: Number(claimed['attempts']),
      fingerprint: bytesOf(claimed, 'fingerprint'),
    }
  }
  const known = tx.get('SELECT * FROM eos_leases WHERE scope = ? AND key = ?', scope, key) ?? {}
  if (known['is_done'] === 1)
    return { status: 'done', result: bytesOf(known, 'result'), fingerprint: bytesOf(known, 'fingerprint') }
  const retryAfterMs = Math.max(1, Number(known['lease_until']) - now)
  return { status: 'busy', retryAfterMs, fingerprint: bytesOf(known, 'fingerprint') }
}

/** Only by the one who holds it. */
export function changeLease(tx: SqliteTx, claim: Claim, set: string, values: readonly SqliteValue[]): boolean {
  const { scope, key, owner, epoch } = claim
  const sql = `UPDATE eos_leases SET ${set} WHERE scope = ? AND key = ? AND owner = ? AND epoch = ? AND is_done = 0`
  return tx.run(sql, ...values, scope, key, owner, epoch) > 0
}

export function pruneExpired(tx: SqliteTx, limit: number, now: number): number {
  const ofOnce = tx.run(
    `DELETE FROM eos_once WHERE (scope, key) IN (SELECT scope, key FROM eos_once WHERE expires_at <= ? LIMIT ?)`,
    now,
    limit,
  )
  const ofLeases = tx.run(
    `DELETE FROM eos_leases WHERE (scope, key) IN
       (SELECT scope, key FROM eos_leases WHERE expires_at <= ? AND lease_until <= ? LIMIT ?)`,
    ...[now, now, limit - ofOnce],
  )
  return ofOnce + ofLeases
}

function bytesOf(row: SqliteRow, column: string): Uint8Array | undefined {
  const value = row[column]
  return value instanceof Uint8Array ? value : undefined
}
