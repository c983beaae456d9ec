/**
 * BufferPool: large pieces of memory that are used again, so that a stream of large reads or requests does not make the
 * garbage collector run for each few of them: memory outside of the heap counts towards its next run.
 *
 * Whoever takes a buffer may give it back when nobody reads or writes it any more, and may as well not: then it is
 * garbage like any other. What is kept has a limit; what was given back longest ago goes first.
 */

export interface BufferPoolOptions {
  /** The most memory that waits for its next use. Default: 16 MiB. */
  readonly keptBytes?: number | undefined
  /** Smaller buffers are cheap to make and are not kept. Default: 32 KiB. */
  readonly leastBytes?: number | undefined
  /** Sizes are rounded up to this, so that what is of nearly the same size fits each other's buffers. Default: 64 KiB. */
  readonly stepBytes?: number | undefined
}

export class BufferPool {
  readonly #keptLimit: number
  readonly #leastBytes: number
  readonly #stepBytes: number
  /** By when they were given back; the last one is still in the processor's caches. */
  readonly #free: Buffer[] = []
  /** Memory that is out and may come back: once. */
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #keptBytes = 0

  constructor(options: BufferPoolOptions = {}) {
    this.#keptLimit = options.keptBytes ?? 16 * 1024 * 1024
    this.#leastBytes = options.leastBytes ?? 32 * 1024
    this.#stepBytes = options.stepBytes ?? 64 * 1024
  }

  /** Memory that waits for its next use; never above the limit. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  /** A buffer of this length, with whatever is in it. */
  take(bytes: number): Buffer {
    if (bytes < this.#leastBytes) return Buffer.allocUnsafe(bytes)
    const memory = this.#fitting(bytes) ?? Buffer.allocUnsafeSlow(Math.ceil(bytes / this.#stepBytes) * this.#stepBytes)
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
    const most = 2 * Math.max(bytes, this.#stepBytes)
    const index = this.#free.findLastIndex(({ length }) => length >= bytes && length <= most)
    if (index < 0) return undefined
    const [found] = this.#free.splice(index, 1)
    this.#keptBytes -= found?.length ?? 0
    return found
  }
}
