/**
 * Progress: a call that waits until there may be something for it. Whoever brings something says so, and
 * all that wait look for themselves: a call, and those that its listeners and handlers make.
 */
import type { Clock } from '@samsa/runtime'
import { unwatchAbort, watchAbort } from '@samsa/runtime/internal'

export class Progress {
  readonly #clock: Clock
  readonly #ends = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** There may be something. */
  readonly made = (): void => {
    for (const end of this.#ends) end()
  }

  /** Resolves when there may be something or the time is over; rejects with the signal's reason. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel()
        unwatchAbort(signal, onAbort)
        this.#ends.delete(end)
        resolve()
      }
      const onAbort = (): void => {
        reject(signal.reason)
        end()
      }
      const timer = this.#clock.timer(timeoutMs, end, { name: 'poll' })
      this.#ends.add(end)
      watchAbort(signal, onAbort)
    })
  }
}

/** Everything else in the process gets its turn: input, timers, and what is planned for the end of this one. */
export function eventLoopTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
