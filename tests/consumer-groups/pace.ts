/**
 * Pace: how time passes in a scenario: in small steps while something is on its way, so that requests straddle moments, and
 * from timer to timer while nothing moves. Nothing is skipped: a timer runs at its own moment, and all that follows from it
 * is let run.
 */
import type { ManualClock } from '@samsa/runtime'
import { CALM_TURNS, turns } from '../producer-faults/test-kafka.js'
import type { Network } from './network.js'

/** A small part of the shortest time limit: a request that is on its way has several steps to be answered. */
const LONGEST_STEP_MS = 20
const MOST_CALM_MS = 600_000

export class Pace {
  readonly #clock: ManualClock
  readonly #network: Network
  readonly #turnsPerMoment: number

  constructor(clock: ManualClock, network: Network, turnsPerMoment: number) {
    this.#clock = clock
    this.#network = network
    this.#turnsPerMoment = turnsPerMoment
  }

  async pass(durationMs: number): Promise<void> {
    const clock = this.#clock
    const end = clock.now() + durationMs
    for (;;) {
      const { moved } = this.#network
      await turns(this.#turnsPerMoment)
      const isQuiet = this.#network.moved === moved
      const soonest = Math.min(end, clock.nextTimerAt ?? end)
      const next = isQuiet ? soonest : Math.min(soonest, clock.now() + LONGEST_STEP_MS)
      await clock.advance(next - clock.now())
      if (next === end) return
    }
  }

  /** The outcome of something that needs time to pass; throws when it does not come in any sensible time. */
  async drive<T>(promise: Promise<T>, what: string): Promise<T> {
    let isOver = false
    const over = (): void => {
      isOver = true
    }
    promise.then(over, over)
    const latest = this.#clock.now() + MOST_CALM_MS
    await turns(CALM_TURNS)
    while (!isOver) {
      if (this.#clock.now() > latest) throw new Error(`${what}: not done after ${MOST_CALM_MS} ms of calm`)
      await this.pass(LONGEST_STEP_MS)
    }
    return promise
  }
}
