/**
 * Time as everything in Samsa sees it: the hour of the day, a measure for durations, timers. Nothing else in the
 * project reads a clock or sets a timer, so that a test or an embedded broker can put a ManualClock in its place.
 */
import { unwatchAbort, watchAbort } from './abort-watch.js'

export interface TimerOptions {
  /** Said in errors about timers that never come to rest. */
  readonly name?: string | undefined
  /** Does not keep the process alive: for housekeeping that nobody waits for. */
  readonly unref?: boolean | undefined
}

export interface Timer {
  /** It is armed: neither fired nor cancelled since it was made or last restarted. */
  readonly active: boolean
  /** Harmless when it is not armed. */
  cancel(): void
  /** Arms it again for its full delay from now, whether it is armed, fired or cancelled; makes no new object. */
  restart(): void
}

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined
  readonly unref?: boolean | undefined
}

export interface Clock {
  /** Whole milliseconds since 1970 UTC. May jump when someone sets the system's clock: for timestamps only. */
  now(): number
  /** Milliseconds from an arbitrary start, with fractions. Never goes back: for deadlines and durations. */
  monotonic(): number
  /**
   * Calls back once, never inside the call that made the timer. The delay is rounded up to whole milliseconds; below
   * 0 counts as 0, and `Infinity` never fires. A system's timer may be late by any time and early by part of a
   * millisecond, so whoever counts on a moment asks `monotonic()` and waits on.
   */
  timer(delayMs: number, callback: () => void, options?: TimerOptions): Timer
  /** Resolves after the delay; rejects with the signal's reason when it is aborted before. */
  sleep(delayMs: number, options?: SleepOptions): Promise<void>
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer: (delayMs, callback, options) => new SystemTimer(delayMs, callback, options?.unref ?? false),
  sleep: (delayMs, options) => sleepOn(systemClock, delayMs, options),
}

/** `sleep` for any clock that has timers. */
export function sleepOn(clock: Pick<Clock, 'timer'>, delayMs: number, options: SleepOptions = {}): Promise<void> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      timer.cancel()
      reject(signal?.reason)
    }
    const wake = (): void => {
      if (signal !== undefined) unwatchAbort(signal, onAbort)
      resolve()
    }
    const timer = clock.timer(delayMs, wake, { name: 'sleep', unref: options.unref })
    if (signal !== undefined) watchAbort(signal, onAbort)
  })
}

/** Checks and rounds a delay; shared by all clocks, so that they agree. */
export function timerDelay(delayMs: number): number {
  if (Number.isNaN(delayMs)) throw new TypeError('a timer needs a delay in milliseconds, got NaN')
  return delayMs <= 0 ? 0 : Math.ceil(delayMs)
}

/** Node fires a timer at once when its delay does not fit into 31 bits; longer waits are made of several timers. */
const longestNodeDelayMs = 2 ** 31 - 1

class SystemTimer implements Timer {
  readonly #delayMs: number
  readonly #callback: () => void
  readonly #unref: boolean
  #timeout: NodeJS.Timeout | undefined
  /** What is still to wait after the Node timer under way; 0 for every delay up to 24 days. */
  #remainderMs = 0
  #active = false

  constructor(delayMs: number, callback: () => void, unref: boolean) {
    this.#delayMs = timerDelay(delayMs)
    this.#callback = callback
    this.#unref = unref
    this.restart()
  }

  get active(): boolean {
    return this.#active
  }

  cancel(): void {
    this.#active = false
    clearTimeout(this.#timeout)
    this.#timeout = undefined
  }

  restart(): void {
    this.#active = true
    // Node re-arms in place a timer that is armed or has fired, which is cheaper than a new one.
    if (this.#timeout !== undefined && this.#delayMs <= longestNodeDelayMs) {
      this.#timeout.refresh()
      return
    }
    clearTimeout(this.#timeout)
    this.#wait(this.#delayMs)
  }

  #wait(delayMs: number): void {
    const partMs = Math.min(delayMs, longestNodeDelayMs)
    this.#remainderMs = delayMs - partMs
    this.#timeout = setTimeout(this.#fire, partMs)
    if (this.#unref) this.#timeout.unref()
  }

  readonly #fire = (): void => {
    if (this.#remainderMs > 0) {
      this.#wait(this.#remainderMs)
      return
    }
    this.#active = false
    this.#callback()
  }
}
