/**
 * HeldMemory: the memory that all connections together keep for their clients, with one limit on it. Counts requests that
 * are still coming, those under way with what they became in memory, and answers that wait to be read.
 *
 * A well-behaved client holds much only for moments. So when there is too much, whoever has held its part for the longest
 * time without completing anything gives it back, which means that its connection is closed: a client that sends or reads
 * slowly to hold memory makes room first, and nobody waits for it.
 */

/** Not counted: as little as this, every connection may hold. */
export const UNCOUNTED_BYTES: number = 64 * 1024

export class HeldMemory<Holder> {
  readonly #limitBytes: number
  readonly #onOverdrawn: (holder: Holder) => void
  /** Those that hold more than is not counted, the one that completed something last at the end. */
  readonly #held = new Map<Holder, number>()
  #bytes = 0

  /** `onOverdrawn` is told of each holder that has to give back what it holds; nothing of it is counted any more. */
  constructor(limitBytes: number, onOverdrawn: (holder: Holder) => void) {
    this.#limitBytes = limitBytes
    this.#onOverdrawn = onOverdrawn
  }

  /** What is counted now; above the limit only inside a call. */
  get bytes(): number {
    return this.#bytes
  }

  /** Half of it is used: who can wait with more should. */
  get isTight(): boolean {
    return this.#bytes * 2 > this.#limitBytes
  }

  /** What a holder holds now in all. `completed`: it has got a request across, or read an answer, since it last said so. */
  set(holder: Holder, bytes: number, completed: boolean): void {
    const before = this.#held.get(holder)
    if (bytes <= UNCOUNTED_BYTES) {
      if (before !== undefined) this.release(holder)
      return
    }
    if (completed && before !== undefined) this.#held.delete(holder)
    this.#held.set(holder, bytes)
    this.#bytes += bytes - (before ?? 0)
    if (this.#bytes > this.#limitBytes) this.#makeRoom()
  }

  /** The holder is gone. */
  release(holder: Holder): void {
    this.#bytes -= this.#held.get(holder) ?? 0
    this.#held.delete(holder)
  }

  #makeRoom(): void {
    for (const holder of this.#held.keys()) {
      if (this.#bytes <= this.#limitBytes) return
      this.release(holder)
      this.#onOverdrawn(holder)
    }
  }
}
