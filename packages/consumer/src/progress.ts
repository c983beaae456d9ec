/**
 * Progress: a call that waits until there may be something for it. One waits at a time; whoever brings something says so.
 */
import type { Clock } from '@samsa/runtime'
import { unwatchAbort, watchAbort } from '@samsa/runtime/internal'

export class Progress {
  readonly #clock: Clock
  #end: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** There may be something. */
  readonly made = (): void => {
    this.#end?.()
  }

  /** Resolves when there may be something or the time is over; rejects with the signal's reason. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel()
        unwatchAbort(signal, onAbort)
        if (this.#end === end) this.#end = undefined
        resolve()
      }
      const onAbort = (): void => {
        reject(signal.reason)
        end()
      }
      const timer = this.#clock.timer(timeoutMs, end, { name: 'poll' })
      this.#end = end
      watchAbort(signal, onAbort)
    })
  }
}

/** Everything else in the process gets its turn: input, timers, and what is planned for the end of this one. */
export function eventLoopTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
