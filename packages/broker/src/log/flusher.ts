/**
 * Flusher: brings logs to disk with as few syncs as possible. One sync a log at a time; whoever comes while it runs waits
 * for the next one, which covers all of them. Owns who waits; what is on disk, the log itself knows.
 */
import type { PartitionLog } from './partition-log.js'

export type FlushMode = 'os' | 'always' | { readonly everyMs: number }

interface Flushing {
  /** Began before, so it may have missed the last batches. */
  current: Promise<void>
  /** Begins when `current` is over. Undefined while nobody waits for it. */
  next: Promise<void> | undefined
}

export class Flusher {
  readonly #flushing = new Map<PartitionLog, Flushing>()

  /** Resolves when everything that is in the log now is on disk. */
  flush(log: PartitionLog): Promise<void> {
    const flushing = this.#flushing.get(log)
    if (flushing === undefined) return this.#start(log)
    flushing.next ??= flushing.current.then(
      () => this.#start(log),
      () => this.#start(log),
    )
    return flushing.next
  }

  /** Resolves when nothing is under way any more, however it ended. */
  async settled(): Promise<void> {
    while (this.#flushing.size > 0) {
      await Promise.allSettled(Array.from(this.#flushing.values(), ({ current, next }) => next ?? current))
    }
  }

  #start(log: PartitionLog): Promise<void> {
    const flushing: Flushing = { current: log.flush(), next: undefined }
    this.#flushing.set(log, flushing)
    const end = (): void => {
      if (flushing.next === undefined) this.#flushing.delete(log)
    }
    flushing.current.then(end, end)
    return flushing.current
  }
}
