/**
 * BufferPool: large pieces of memory that are used again, so that a stream of large reads or requests does not make the
 * garbage collector run for each few of them: memory outside of the heap counts towards its next run.
 *
 * Whoever takes a buffer may give it back when nobody reads or writes it any more, and may as well not: then it is
 * garbage like any other. What is kept has a limit; what was given back longest ago goes first.
 */

/** Small buffers are cheap to make and are not kept. */
const LEAST_BYTES = 32 * 1024

/** Sizes are rounded up to this, so that requests of nearly the same size fit each other's buffers. */
const STEP_BYTES = 64 * 1024

const DEFAULT_KEPT_BYTES = 16 * 1024 * 1024

export class BufferPool {
  readonly #keptLimit: number
  /** By when they were given back; the last one is still in the processor's caches. */
  readonly #free: Buffer[] = []
  /** Memory that is out and may come back: once. */
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #keptBytes = 0

  constructor(keptLimit: number = DEFAULT_KEPT_BYTES) {
    this.#keptLimit = keptLimit
  }

  /** Memory that waits for its next use; never above the limit. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  /** A buffer of this length, with whatever is in it. */
  take(bytes: number): Buffer {
    if (bytes < LEAST_BYTES) return Buffer.allocUnsafe(bytes)
    const memory = this.#fitting(bytes) ?? Buffer.allocUnsafeSlow(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES)
    this.#lent.add(memory.buffer)
    return memory.subarray(0, bytes)
  }

  /**
   * Gives back the memory of a buffer that came from here, of which `buffer` may be any view: once, or it would be taken
   * from who has it by then. Nothing happens to what came from elsewhere.
   */
  give(buffer: Uint8Array): void {
    const memory = buffer.buffer
    if (!this.#lent.delete(memory) || memory.byteLength > this.#keptLimit) return
    this.#free.push(Buffer.from(memory))
    this.#keptBytes += memory.byteLength
    while (this.#keptBytes > this.#keptLimit) this.#keptBytes -= this.#free.shift()?.length ?? 0
  }

  /** The one given back last among those that are not twice too large. */
  #fitting(bytes: number): Buffer | undefined {
    const most = 2 * Math.max(bytes, STEP_BYTES)
    const index = this.#free.findLastIndex(({ length }) => length >= bytes && length <= most)
    if (index < 0) return undefined
    const [found] = this.#free.splice(index, 1)
    this.#keptBytes -= found?.length ?? 0
    return found
  }
}
