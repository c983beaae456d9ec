/**
 * SeenIds: the ids of one partition that were handled, the oldest first, and which of them are to be forgotten. Pure. What a
 * transaction adds and removes is entered when it is committed.
 */

export interface SeenIdsOptions {
  readonly maxIds: number
  readonly ttlMs: number
}

/** Most ids that are forgotten along with a transaction because their time is over. */
const MOST_EXPIRED = 100

export class SeenIds {
  readonly #options: SeenIdsOptions
  /** Id to when it was handled, in milliseconds since 1970; in the order in which they were entered. */
  readonly #ids = new Map<string, number>()

  constructor(options: SeenIdsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#ids.size
  }

  has(id: string, now: number): boolean {
    const at = this.#ids.get(id)
    return at !== undefined && at + this.#options.ttlMs > now
  }

  /** Of those that there are, which go when so many are added: the oldest, a few at a time as far as their time is over. */
  outgoing(adding: ReadonlySet<string>, now: number): readonly string[] {
    const { maxIds, ttlMs } = this.#options
    const excess = Math.min(this.#ids.size + adding.size - maxIds, adding.size + MOST_EXPIRED)
    const ids: string[] = []
    let expired = 0
    for (const [id, at] of this.#ids) {
      const isExcess = ids.length < excess
      if (!isExcess && (at + ttlMs > now || expired >= MOST_EXPIRED)) break
      // One that comes anew stays, under its new time.
      if (adding.has(id)) continue
      if (!isExcess) expired++
      ids.push(id)
    }
    return ids
  }

  add(id: string, at: number): void {
    this.#ids.delete(id)
    this.#ids.set(id, at)
  }

  remove(id: string): void {
    this.#ids.delete(id)
  }
}
