/**
 * Interruption: what ends a call that waits before its time: `wakeup()`, the consumer's end, or the caller's own signal. A
 * wakeup that finds nobody waiting is kept for the next call that waits.
 */
import { type KafkaError, WakeupError } from '@samsa/runtime'
import { unwatchAbort, watchAbort } from '@samsa/runtime/internal'

export class Interruption {
  /** The call under way, and those that its listeners and handlers make. */
  readonly #waiting = new Set<AbortController>()
  #isWoken = false
  #closed: KafkaError | undefined
  #isFarewell = false

  get closed(): KafkaError | undefined {
    return this.#closed
  }

  /** A call may go on. */
  get isQuiet(): boolean {
    return this.#closed === undefined && !this.#isWoken
  }

  wakeup(): void {
    if (this.#closed !== undefined) return
    if (this.#waiting.size === 0) this.#isWoken = true
    for (const controller of this.#waiting) controller.abort(wokenUp())
  }

  close(error: KafkaError): void {
    this.#closed ??= error
    for (const controller of this.#waiting) controller.abort(this.#closed)
  }

  /** While the consumer is being closed, functions of the application may still wait for something: a last commit. */
  async farewell(work: () => Promise<void>): Promise<void> {
    this.#isFarewell = true
    try {
      await work()
    } finally {
      this.#isFarewell = false
    }
  }

  /** Throws when the call must not begin to wait. */
  check(signal: AbortSignal | undefined): void {
    if (this.#closed !== undefined && !this.#isFarewell) throw this.#closed
    signal?.throwIfAborted()
    if (!this.#isWoken) return
    this.#isWoken = false
    throw wokenUp()
  }

  /** Waits with a signal that is aborted by whichever comes first. The work has to end then. */
  async during<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.check(signal)
    const controller = new AbortController()
    const onAbort = (): void => controller.abort(signal?.reason)
    this.#waiting.add(controller)
    if (signal !== undefined) watchAbort(signal, onAbort)
    try {
      return await work(controller.signal)
    } finally {
      this.#waiting.delete(controller)
      if (signal !== undefined) unwatchAbort(signal, onAbort)
    }
  }
}

function wokenUp(): WakeupError {
  return new WakeupError('wakeup() ended the wait.')
}
