/**
 * FailurePolicy: what becomes of a record whose handler has failed: another attempt after a pause, the dead letters, or the
 * end of the run. Pure but for the randomness of pauses.
 */
import { Backoff, type Random } from '@samsa/runtime/internal'
import type { ConsumerRecord } from '../consumer-record.js'
import { RecordDeserializationError } from '../record-deserialization-error.js'

export interface RetryOptions {
  /** How often a record is tried, the first time included. Default: 5. */
  readonly attempts?: number | undefined
  /** The pause behind the first failure; it doubles with each. Default: 200. */
  readonly initialMs?: number | undefined
  /** The longest pause. Default: 30,000. */
  readonly maxMs?: number | undefined
  /** By how much each pause is longer than the one before. Default: 2. */
  readonly multiplier?: number | undefined
  /** The part by which a pause is made longer or shorter at random. Default: 0.2. */
  readonly jitter?: number | undefined
  /** Whether this failure is worth another attempt. Default: all are. What cannot be deserialized never is. */
  readonly retryIf?:
    | ((error: unknown, record: ConsumerRecord<unknown, unknown>, attempt: number) => boolean)
    | undefined
}

export type FailureStep =
  | { readonly kind: 'again'; readonly delayMs: number }
  | { readonly kind: 'dead-letter' }
  | { readonly kind: 'give-up' }

const RETRY_DEFAULTS = { attempts: 5, initialMs: 200, maxMs: 30_000, multiplier: 2, jitter: 0.2 }

export class FailurePolicy {
  readonly #attempts: number
  readonly #backoff: Backoff
  readonly #retryIf: RetryOptions['retryIf']
  readonly #hasDeadLetter: boolean

  /** Without `retry` each record is tried once. */
  constructor(retry: RetryOptions | undefined, hasDeadLetter: boolean, random: Random) {
    const { attempts, initialMs, maxMs, multiplier, jitter } = { ...RETRY_DEFAULTS, ...given(retry ?? { attempts: 1 }) }
    this.#attempts = attempts
    this.#backoff = new Backoff({ initialMs, maxMs, multiplier, jitter, random })
    this.#retryIf = retry?.retryIf
    this.#hasDeadLetter = hasDeadLetter
  }

  /** Throws what `retryIf` throws. */
  step(error: unknown, record: ConsumerRecord<unknown, unknown>, attempt: number): FailureStep {
    // The same bytes would not be read either.
    const isHopeless = error instanceof RecordDeserializationError
    if (!isHopeless && attempt < this.#attempts && (this.#retryIf?.(error, record, attempt) ?? true)) {
      return { kind: 'again', delayMs: this.#backoff.delayMs(attempt) }
    }
    return this.#hasDeadLetter ? { kind: 'dead-letter' } : { kind: 'give-up' }
  }
}

function given<T extends object>(options: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>
  }
}

/** For the check of options: what is wrong with them, or undefined. */
export function retryComplaint(value: object): string | undefined {
  const known = ['attempts', 'initialMs', 'maxMs', 'multiplier', 'jitter', 'retryIf']
  const unknown = Object.keys(value).find(name => !known.includes(name))
  if (unknown !== undefined) return `has no ${unknown}; there are ${known.join(', ')}`
  const { attempts, initialMs, maxMs, multiplier, jitter, retryIf } = {
    ...RETRY_DEFAULTS,
    ...given(value as RetryOptions),
  }
  if (!Number.isSafeInteger(attempts) && attempts !== Number.POSITIVE_INFINITY)
    return 'needs a whole number of attempts'
  if (attempts < 1) return 'needs at least 1 attempt'
  if (!isAtLeast(0, initialMs) || !isAtLeast(0, maxMs)) return 'needs pauses of at least 0 ms'
  if (!isAtLeast(1, multiplier)) return 'needs a multiplier of at least 1'
  if (!isAtLeast(0, jitter) || jitter > 1) return 'needs jitter from 0 to 1'
  return retryIf === undefined || typeof retryIf === 'function' ? undefined : 'needs a function as retryIf'
}

function isAtLeast(least: number, value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= least
}
