/**
 * AppendRefusals: whether the disk takes what is appended to one log. Says so when it stops, once with the reason, and when
 * it goes on: a producer that tries again and again must not fill the broker's own log. After a failure that leaves the log
 * as it was, the next append simply tries again; one that does not, takes the log offline, and that says so itself.
 */
import { StorageError } from '../storage/storage-error.js'

export class AppendRefusals {
  readonly #onChange: ((error: StorageError | undefined) => void) | undefined
  #isRefusing = false

  constructor(onChange: ((error: StorageError | undefined) => void) | undefined) {
    this.#onChange = onChange
  }

  /** Runs the part of an append that the disk may refuse. */
  watch(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (error instanceof StorageError && !this.#isRefusing) {
        this.#isRefusing = true
        this.#onChange?.(error)
      }
      throw error
    }
    if (!this.#isRefusing) return
    this.#isRefusing = false
    this.#onChange?.(undefined)
  }
}
