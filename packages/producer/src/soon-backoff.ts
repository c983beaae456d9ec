/**
 * Pauses for what is in the way for a moment: markers of the transaction before are being written, mostly for a millisecond
 * or two. A pause that was too short costs a small request; one that was too long costs whatever waits behind it.
 */
import type { Random } from '@samsa/runtime'
import { Backoff } from '@samsa/runtime/internal'

const FIRST_MS = 1

export function soonBackoff(random: Random, maxMs: number): Backoff {
  return new Backoff({ initialMs: Math.min(FIRST_MS, maxMs), maxMs, random })
}
