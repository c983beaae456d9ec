/**
 * BufferMemory: how much the records that wait and travel may take together, `bufferMemory`. Batches are charged for what
 * is written into them and for the objects that wait for its outcome; a settled batch gives everything back. Who finds no
 * room waits elsewhere (`waiting-sends.ts`) and is called when there is some.
 */
import { invariant } from '@samsa/runtime/internal'

/** A promise with its two functions, who holds them, and their places in the batch: measured, with some to spare. */
export const RECIPIENT_BYTES = 320

export class BufferMemory {
  readonly limit: number
  readonly #onRoom: () => void
  #used = 0

  constructor(limit: number, onRoom: () => void) {
    this.limit = limit
    this.#onRoom = onRoom
  }

  get used(): number {
    return this.#used
  }

  /** A record that is larger than everything goes alone. */
  hasRoomFor(bytes: number): boolean {
    return this.#used + bytes <= this.limit || this.#used === 0
  }

  take(bytes: number): void {
    this.#used += bytes
  }

  give(bytes: number): void {
    if (bytes === 0) return
    this.#used -= bytes
    invariant(this.#used >= 0, () => `${-this.#used} bytes more were given back than taken`)
    this.#onRoom()
  }
}
