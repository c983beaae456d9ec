/**
 * A point in time by which something must be done, and waiting for a promise no longer than that. Owns nothing but
 * the one timer and the one listener of each wait, both gone when it is over.
 */
import { unwatchAbort, watchAbort } from './abort-watch.js'
import type { Clock } from './clock.js'
import { TimeoutError } from './errors.js'

/** What every call that waits takes last. */
export interface WaitOptions {
  /** Ends the wait with the signal's reason; the object waited on stays usable. */
  readonly signal?: AbortSignal | undefined
  /** Ends the wait with a TimeoutError; without it, as long as it takes. */
  readonly timeoutMs?: number | undefined
}

export class Deadline {
  readonly timeoutMs: number
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #startedAt: number
  readonly #at: number

  /** `Infinity` makes a deadline that never passes; a time below 0 one that has passed. */
  constructor(clock: Pick<Clock, 'monotonic'>, timeoutMs: number) {
    if (Number.isNaN(timeoutMs)) throw new TypeError('a deadline needs a time in milliseconds, got NaN')
    this.timeoutMs = timeoutMs
    this.#clock = clock
    this.#startedAt = clock.monotonic()
    this.#at = this.#startedAt + timeoutMs
  }

  get passed(): boolean {
    return this.#clock.monotonic() >= this.#at
  }

  /** Never below 0. */
  get remainingMs(): number {
    return Math.max(0, this.#at - this.#clock.monotonic())
  }

  /** How long it has been running. */
  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedAt
  }
}

/**
 * The promise's outcome, unless the time or the signal ends the wait first. The work behind the promise goes on
 * then; if it fails later, that failure is the loser of a race and is dropped.
 */
export function settleWithin<T>(
  clock: Clock,
  promise: Promise<T>,
  options: WaitOptions & { readonly timeoutError?: ((timeoutMs: number) => Error) | undefined },
): Promise<T> {
  const { signal, timeoutMs, timeoutError } = options
  if (signal === undefined && (timeoutMs === undefined || timeoutMs === Infinity)) return promise
  return new Promise((resolve, reject) => {
    const end = (): void => {
      timer?.cancel()
      if (signal !== undefined) unwatchAbort(signal, onAbort)
    }
    const onAbort = (): void => {
      end()
      reject(signal?.reason)
    }
    const onTimeout = (): void => {
      end()
      const waitedMs = timeoutMs ?? 0
      reject(timeoutError?.(waitedMs) ?? new TimeoutError(`not done within ${waitedMs} ms`))
    }
    const timer =
      timeoutMs === undefined || timeoutMs === Infinity
        ? undefined
        : clock.timer(timeoutMs, onTimeout, { name: 'time limit' })
    promise.then(resolve, reject).finally(end)
    if (signal?.aborted) onAbort()
    else if (signal !== undefined) watchAbort(signal, onAbort)
  })
}
