/**
 * How long to wait before trying again: longer after every failure in a row, up to a limit, and never quite the same
 * for two clients that failed at the same moment. Kafka's rule and its numbers.
 */
import type { Random } from './random.js'

export interface BackoffOptions {
  /** The wait after the first failure, before jitter; 0 never waits. */
  readonly initialMs: number
  /** The longest wait, jitter included. One below `initialMs` makes every wait this long, as in Kafka. */
  readonly maxMs: number
  /** By how much each wait is longer than the one before. Default: 2. */
  readonly multiplier?: number | undefined
  /** The part by which a wait is made longer or shorter at random. Default: 0.2, which is ±20 %. */
  readonly jitter?: number | undefined
  readonly random: Random
}

export class Backoff {
  readonly #initialMs: number
  readonly #maxMs: number
  readonly #multiplier: number
  readonly #jitter: number
  readonly #random: Random

  constructor(options: BackoffOptions) {
    this.#initialMs = atLeast(0, options.initialMs, 'initialMs')
    this.#maxMs = atLeast(0, options.maxMs, 'maxMs')
    this.#multiplier = atLeast(1, options.multiplier ?? 2, 'multiplier')
    this.#jitter = atLeast(0, options.jitter ?? 0.2, 'jitter')
    if (this.#jitter > 1) throw new RangeError(`a backoff needs jitter of at most 1, got ${this.#jitter}`)
    this.#random = options.random
  }

  /** Whole milliseconds to wait after the `attempt`-th failure in a row, counted from 1. Keeps no count of its own. */
  delayMs(attempt: number): number {
    if (!Number.isInteger(attempt) || attempt < 1) {
      throw new RangeError(`attempts are counted from 1, got ${attempt}`)
    }
    if (this.#initialMs === 0) return 0
    if (this.#initialMs >= this.#maxMs) return Math.floor(this.#maxMs)
    // The exponent may grow without end: a wait of Infinity is cut down before it meets the jitter.
    const exactMs = Math.min(this.#initialMs * this.#multiplier ** (attempt - 1), this.#maxMs)
    const factor = 1 + this.#jitter * (2 * this.#random.next() - 1)
    return Math.floor(Math.min(exactMs * factor, this.#maxMs))
  }
}

function atLeast(least: number, value: number, name: string): number {
  if (Number.isFinite(value) && value >= least) return value
  throw new RangeError(`a backoff needs ${name} of at least ${least}, got ${value}`)
}
