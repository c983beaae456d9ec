/**
 * How many files a broker keeps open, from what the system lets its process open: half of it. The other half is for
 * connections, and for the little that everything else needs.
 */
import { readFileSync } from 'node:fs'

/** Where the system does not tell: less than any system allows. */
const WHERE_UNKNOWN = 100
const LEAST = 16
/** More would only fill the kernel's tables. */
const MOST = 50_000

/** `limits` is the system's own text on the process, in the form of Linux. */
export function descriptorLimit(limits: string | undefined = processLimits()): number {
  const soft = /^Max open files +(\d+|unlimited) /m.exec(limits ?? '')?.[1]
  if (soft === undefined) return WHERE_UNKNOWN
  return soft === 'unlimited' ? MOST : Math.min(MOST, Math.max(LEAST, Math.floor(Number(soft) / 2)))
}

function processLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return undefined
  }
}
