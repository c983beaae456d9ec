/**
 * Something to be done again and again: heartbeats, retention, metadata refresh. Owns the one timer that is armed
 * between two runs. Runs never overlap: while one is under way no timer is armed.
 */
import type { Clock, Timer, TimerOptions } from './clock.js'

export interface RepeatOptions extends TimerOptions {
  /** Receives what a run throws or rejects with; the repetition goes on. */
  readonly onError: (error: unknown) => void
}

/**
 * Runs the work every period, for the first time one period from now. Due times stay on the beat of the first one:
 * a late timer does not shift those after it, and beats that passed during a long run are skipped, not made up for.
 * `restart()` begins a new beat from now.
 */
export function repeatEvery(
  clock: Clock,
  periodMs: number,
  run: () => void | Promise<void>,
  options: RepeatOptions,
): Timer {
  if (!(periodMs >= 1)) throw new RangeError(`a repeated timer needs a period of at least 1 ms, got ${periodMs}`)
  return new RepeatedTimer(clock, periodMs, run, options)
}

class RepeatedTimer implements Timer {
  readonly #clock: Clock
  readonly #periodMs: number
  readonly #run: () => void | Promise<void>
  readonly #options: RepeatOptions
  #timer: Timer | undefined
  #dueAt = 0
  #active = false
  #running = false

  constructor(clock: Clock, periodMs: number, run: () => void | Promise<void>, options: RepeatOptions) {
    this.#clock = clock
    this.#periodMs = periodMs
    this.#run = run
    this.#options = options
    this.restart()
  }

  /** It will run again unless it is cancelled; also true while a run is under way. */
  get active(): boolean {
    return this.#active
  }

  /** A run under way is not interrupted, but no other follows it. */
  cancel(): void {
    this.#active = false
    this.#timer?.cancel()
    this.#timer = undefined
  }

  restart(): void {
    this.#active = true
    this.#dueAt = this.#clock.monotonic() + this.#periodMs
    // A run under way arms the timer when it ends, so that two runs can never be on at once.
    if (!this.#running) this.#arm()
  }

  #arm(): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.timer(this.#dueAt - this.#clock.monotonic(), this.#tick, this.#options)
  }

  readonly #tick = (): void => {
    this.#timer = undefined
    this.#dueAt += this.#periodMs
    this.#running = true
    void this.#runOnce()
  }

  async #runOnce(): Promise<void> {
    try {
      await this.#run()
    } catch (error) {
      this.#options.onError(error)
    } finally {
      this.#running = false
      if (this.#active) this.#armNext()
    }
  }

  #armNext(): void {
    const lateMs = this.#clock.monotonic() - this.#dueAt
    if (lateMs > 0) this.#dueAt += Math.ceil(lateMs / this.#periodMs) * this.#periodMs
    this.#arm()
  }
}
