/**
 * Which broker to ask what any broker can answer: one that is ready and has nothing to do, else the one with least to
 * do, else one that is being connected to, else the one that was not tried for longest. Pure.
 */
import type { Random } from '@samsa/runtime'
import type { LinkState } from './broker-link.js'

export interface Candidate {
  readonly state: LinkState
  readonly isReady: boolean
  readonly inFlight: number
  readonly lastAttemptAt: number
}

/** Undefined when none can be used now: all failed lately and have to wait. Of equals, any, so that clients spread. */
export function leastLoaded<T extends Candidate>(candidates: readonly T[], random: Random): T | undefined {
  if (candidates.length === 0) return undefined
  const start = random.integer(0, candidates.length)
  const fromStart = [...candidates.slice(start), ...candidates.slice(0, start)]
  return fromStart.reduce<T | undefined>((best, next) => {
    if (rankOf(next) === UNUSABLE) return best
    return best === undefined || isBetter(next, best) ? next : best
  }, undefined)
}

const UNUSABLE = 3

function rankOf({ isReady, state }: Candidate): number {
  if (isReady) return 0
  if (state === 'connecting' || state === 'ready') return 1
  return state === 'idle' ? 2 : UNUSABLE
}

function isBetter(one: Candidate, other: Candidate): boolean {
  const rank = rankOf(one)
  if (rank !== rankOf(other)) return rank < rankOf(other)
  if (rank === 0) return one.inFlight < other.inFlight
  return rank === 2 && one.lastAttemptAt < other.lastAttemptAt
}
