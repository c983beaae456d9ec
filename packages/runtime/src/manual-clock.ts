/**
 * A clock that stands still until it is told to advance: tests and embedded brokers see hours pass in milliseconds,
 * in the same order every time. Owns the time and all timers on it. One `advance` at a time; everything else may be
 * called at any moment, from timers too.
 */
// Imported, not global: a test may have put its own timers in the place of the global ones.
import { setImmediate } from 'node:timers'
import { type Clock, type SleepOptions, sleepOn, type Timer, type TimerOptions, timerDelay } from './clock.js'
import { KafkaError } from './errors.js'
import { type HeapEntry, TimerHeap } from './timer-heap.js'

export interface ManualClockOptions {
  /** What `now()` says at first. Default: 1 January 2030, UTC. */
  readonly startMs?: number | undefined
  /**
   * How often everything else is let run between two timers: that many times the promises, immediates and whatever
   * input is ready are worked off. Default: 4, enough for a request and its response between two ends in one process.
   */
  readonly settleTurns?: number | undefined
  /** Most timers that may be armed at once. Default: 100,000. */
  readonly maxTimers?: number | undefined
  /** Most timers that one `advance` may run. Default: 1,000,000, which takes seconds. */
  readonly maxTimersPerAdvance?: number | undefined
}

/** A span of time in words; the parts are added up. */
export interface Duration {
  readonly days?: number | undefined
  readonly hours?: number | undefined
  readonly minutes?: number | undefined
  readonly seconds?: number | undefined
  readonly ms?: number | undefined
}

export class ManualClock implements Clock {
  readonly #settleTurns: number
  readonly #maxTimers: number
  readonly #maxTimersPerAdvance: number
  readonly #timers = new TimerHeap<ManualTimer>()
  /** Time since the clock was made: what timers go by. */
  #elapsedMs = 0
  /** `now()` at elapsed time 0; moves when the hour of the day is set. */
  #startMs: number
  #sequence = 0
  #advancing = false

  constructor(options: ManualClockOptions = {}) {
    this.#startMs = wholeMs(options.startMs ?? Date.UTC(2030, 0, 1), 'startMs')
    this.#settleTurns = options.settleTurns ?? 4
    this.#maxTimers = options.maxTimers ?? 100_000
    this.#maxTimersPerAdvance = options.maxTimersPerAdvance ?? 1_000_000
  }

  now(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  timer(delayMs: number, callback: () => void, options: TimerOptions = {}): Timer {
    const name = options.name ?? (callback.name === '' ? 'a timer without a name' : callback.name)
    return new ManualTimer(this.#arm, this.#timers, timerDelay(delayMs), callback, name)
  }

  sleep(delayMs: number, options?: SleepOptions): Promise<void> {
    return sleepOn(this, delayMs, options)
  }

  /** How many timers are armed; those that never fire are not. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  /** When the next timer is due, as `now()` will say then; undefined when none is armed. */
  get nextTimerAt(): number | undefined {
    const first = this.#timers.first()
    return first === undefined ? undefined : this.#startMs + first.dueAt
  }

  /**
   * Moves time on and runs every timer that becomes due, those made meanwhile included, each at its own moment, ties
   * in the order in which they were armed. Before the first, after each and after the last everything else is let run
   * (see `settle`). A timer that throws ends the call with what it threw, at the timer's moment.
   */
  async advance(duration: number | Duration): Promise<void> {
    const targetMs = this.#elapsedMs + durationMs(duration)
    if (this.#advancing) throw misuse('advance() is already under way; await it before the next one')
    this.#advancing = true
    try {
      await this.settle()
      const runs = new Map<string, number>()
      for (let count = 0; ; count++) {
        const timer = this.#timers.first()
        if (timer === undefined || timer.dueAt > targetMs) break
        if (count === this.#maxTimersPerAdvance) throw this.#runaway(runs)
        runs.set(timer.name, (runs.get(timer.name) ?? 0) + 1)
        this.#elapsedMs = timer.dueAt
        timer.fire()
        await this.settle()
      }
      this.#elapsedMs = targetMs
    } finally {
      this.#advancing = false
    }
  }

  /** Moves time to the next timer and runs what is due then; false, and no time passes, when none is armed. */
  async advanceToNextTimer(): Promise<boolean> {
    await this.settle()
    const first = this.#timers.first()
    if (first === undefined) return false
    await this.advance(first.dueAt - this.#elapsedMs)
    return true
  }

  /**
   * Lets everything but the clock run: promises, immediates and input that is ready, for `settleTurns` turns of the
   * event loop. It is bounded and knows nothing of work that is still on its way through a disk or a socket.
   */
  async settle(): Promise<void> {
    for (let turn = 0; turn < this.#settleTurns; turn++) await eventLoopTurn()
  }

  /** Sets the hour of the day, as a person or a time server would: `now()` jumps, no timer moves. */
  setNow(nowMs: number): void {
    this.#startMs = wholeMs(nowMs, 'the time of day') - this.#elapsedMs
  }

  readonly #arm = (timer: ManualTimer): void => {
    if (timer.delayMs === Infinity) return
    if (this.#timers.size === this.#maxTimers) {
      const counts = new Map<string, number>()
      for (const { name } of this.#timers.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
      const [name, count] = mostFrequent(counts)
      throw misuse(
        `${this.#maxTimers} timers are armed, ${count} of them "${name}": they are made faster than they run`,
      )
    }
    timer.dueAt = this.#elapsedMs + timer.delayMs
    timer.sequence = this.#sequence++
    this.#timers.add(timer)
  }

  #runaway(runs: ReadonlyMap<string, number>): KafkaError {
    const [name, count] = mostFrequent(runs)
    return misuse(
      `advance() has run ${this.#maxTimersPerAdvance} timers, ${count} of them "${name}", and is not through: ` +
        'the timer arms itself again without end, or the step is too long (maxTimersPerAdvance)',
    )
  }
}

class ManualTimer implements Timer, HeapEntry {
  readonly delayMs: number
  readonly name: string
  dueAt = 0
  sequence = 0
  place = -1
  readonly #arm: (timer: ManualTimer) => void
  readonly #timers: TimerHeap<ManualTimer>
  readonly #callback: () => void
  #active = false

  constructor(
    arm: (timer: ManualTimer) => void,
    timers: TimerHeap<ManualTimer>,
    delayMs: number,
    callback: () => void,
    name: string,
  ) {
    this.delayMs = delayMs
    this.name = name
    this.#arm = arm
    this.#timers = timers
    this.#callback = callback
    this.restart()
  }

  get active(): boolean {
    return this.#active
  }

  cancel(): void {
    this.#active = false
    this.#timers.remove(this)
  }

  restart(): void {
    this.#timers.remove(this)
    this.#arm(this)
    this.#active = true
  }

  fire(): void {
    this.cancel()
    this.#callback()
  }
}

function durationMs(duration: number | Duration): number {
  if (typeof duration === 'number') return wholeMs(duration, 'the time to advance')
  const { days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0 } = duration
  return wholeMs((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms, 'the time to advance')
}

function wholeMs(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw misuse(`${what} must be a whole number of milliseconds, 0 or more, got ${value}`)
}

function eventLoopTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

function mostFrequent(counts: ReadonlyMap<string, number>): [name: string, count: number] {
  let most: [string, number] = ['', 0]
  for (const entry of counts) if (entry[1] > most[1]) most = entry
  return most
}

function misuse(message: string): KafkaError {
  return new KafkaError(message, { code: 'CLOCK_MISUSE' })
}
