/**
 * HeartbeatTimer: when the next sign of life is due, whatever the application does. Owns the one timer. Says how late a beat
 * came: an event loop that is blocked keeps everything from the coordinator, heartbeats too.
 */
import type { Clock, Timer } from '@samsa/runtime'

export class HeartbeatTimer {
  readonly #clock: Clock
  readonly #beat: (lateMs: number) => void
  #timer: Timer | undefined
  #dueAt = 0

  constructor(clock: Clock, beat: (lateMs: number) => void) {
    this.#clock = clock
    this.#beat = beat
  }

  get isRunning(): boolean {
    return this.#timer !== undefined
  }

  /** The next one, in place of any that was due. */
  in(delayMs: number): void {
    this.#timer?.cancel()
    this.#dueAt = this.#clock.monotonic() + delayMs
    this.#timer = this.#clock.timer(delayMs, this.#fire, { name: 'heartbeat' })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  readonly #fire = (): void => {
    this.#timer = undefined
    this.#beat(Math.max(0, this.#clock.monotonic() - this.#dueAt))
  }
}
