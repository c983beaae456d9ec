/**
 * SeenIds: the ids of one partition that were handled, the oldest first, and which of them are to be forgotten. Pure. What a
 * transaction adds and removes is entered when it is committed.
 */

export interface SeenIdsOptions {
  readonly maxIds: number
  readonly ttlMs: number
}

interface SeenId {
  /** When it was handled, in milliseconds since 1970. */
  readonly at: number
  readonly fingerprint: string
}

/** Most ids that are forgotten along with a transaction because their time is over. */
const MOST_EXPIRED = 100

export class SeenIds {
  readonly #options: SeenIdsOptions
  /** In the order in which they were entered. */
  readonly #ids = new Map<string, SeenId>()

  constructor(options: SeenIdsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#ids.size
  }

  /** Of what came under that id, empty where it has none; undefined where the id is not known any more. */
  fingerprint(id: string, now: number): string | undefined {
    const seen = this.#ids.get(id)
    return seen !== undefined && seen.at + this.#options.ttlMs > now ? seen.fingerprint : undefined
  }

  /** Of those that there are, which go when so many are added: the oldest, a few at a time as far as their time is over. */
  outgoing(adding: Pick<ReadonlySet<string>, 'has' | 'size'>, now: number): readonly string[] {
    const { maxIds, ttlMs } = this.#options
    const excess = Math.min(this.#ids.size + adding.size - maxIds, adding.size + MOST_EXPIRED)
    const ids: string[] = []
    let expired = 0
    for (const [id, { at }] of this.#ids) {
      const isExcess = ids.length < excess
      if (!isExcess && (at + ttlMs > now || expired >= MOST_EXPIRED)) break
      // One that comes anew stays, under its new time.
      if (adding.has(id)) continue
      if (!isExcess) expired++
      ids.push(id)
    }
    return ids
  }

  add(id: string, at: number, fingerprint: string): void {
    this.#ids.delete(id)
    this.#ids.set(id, { at, fingerprint })
  }

  remove(id: string): void {
    this.#ids.delete(id)
  }
}
