/**
 * History: who had which partition, what was handled, and what was committed, as members saw it; and what of that must
 * not be. Records of a partition are told by their offsets, which have no gaps here.
 */
import { REQUEST_TIMEOUT_MS } from './script.js'

/** A member as far as the history is concerned. */
export interface Actor {
  readonly name: string
  /** It may have lost its partitions without having heard of it. */
  readonly isInDoubt: boolean
  readonly isByKey: boolean
}

export interface Place {
  readonly topic: string
  readonly partition: number
}

interface Ownership {
  /** Of the last record, or of the last with that key. */
  readonly last: Map<string, number>
  /** Since when another member has the partition. */
  supersededAt: number | undefined
}

const ALL = ''
const MOST_PROBLEMS = 20

export class History {
  readonly problems: string[] = []
  readonly events: string[] = []
  readonly counts = { assigned: 0, revoked: 0, lost: 0, handled: 0, repeated: 0, commits: 0, superseded: 0 }
  /** When a partition last came or went. */
  lastChangeAt = 0
  readonly #now: () => number
  readonly #owners = new Map<string, Map<Actor, Ownership>>()
  readonly #handled = new Map<string, Set<number>>()
  /** By partition: below it everything is handled. */
  readonly #frontiers = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  assigned(actor: Actor, places: readonly Place[]): void {
    this.#note('assigned', actor, places)
    for (const place of places) {
      const owners = this.#ownersOf(nameOf(place))
      for (const [other, ownership] of owners) {
        if (other === actor) this.problem(`${actor.name} is assigned ${nameOf(place)}, which it has`)
        else if (!other.isInDoubt) {
          this.problem(
            `${actor.name} is assigned ${nameOf(place)}, which ${other.name} has and must know to be its own`,
          )
        }
        ownership.supersededAt ??= this.#now()
        this.counts.superseded++
      }
      owners.set(actor, { last: new Map(), supersededAt: undefined })
    }
  }

  gone(actor: Actor, places: readonly Place[], how: 'revoked' | 'lost'): void {
    this.#note(how, actor, places)
    for (const place of places) {
      if (!this.#ownersOf(nameOf(place)).delete(actor)) {
        this.problem(`${nameOf(place)} is ${how} of ${actor.name}, which did not have it`)
      }
    }
  }

  /** A record is handed to a member. */
  begun(actor: Actor, place: Place, offset: number, key: string | null): void {
    const name = nameOf(place)
    const ownership = this.#ownersOf(name).get(actor)
    if (ownership === undefined) {
      this.problem(`${actor.name} is handed ${name} at ${offset}, which it does not have`)
      return
    }
    const lane = actor.isByKey ? (key ?? ALL) : ALL
    const last = ownership.last.get(lane)
    if (last !== undefined && offset <= last) {
      this.problem(`${actor.name} is handed ${name} at ${offset} behind ${last}`)
    }
    ownership.last.set(lane, offset)
    if (!actor.isByKey && offset > this.frontier(place)) {
      this.problem(`${actor.name} is handed ${name} at ${offset}, although nobody has handled ${this.frontier(place)}`)
    }
  }

  /** A member is through with a record, and was not told that it is another's by now. */
  handled(actor: Actor, place: Place, offset: number): void {
    const name = nameOf(place)
    if (!this.#ownersOf(name).has(actor)) {
      this.problem(`${actor.name} is through with ${name} at ${offset} behind the end of its ownership`)
    }
    const handled = this.#handled.get(name) ?? new Set<number>()
    this.#handled.set(name, handled)
    this.counts.handled++
    if (handled.has(offset)) this.counts.repeated++
    handled.add(offset)
    let frontier = this.frontier(place)
    while (handled.has(frontier)) frontier++
    this.#frontiers.set(name, frontier)
  }

  /** The group has these offsets; `askedAt` is when they were asked for, where that is known. */
  committed(actor: Actor, offsets: readonly (Place & { readonly offset: bigint })[], askedAt?: number): void {
    this.counts.commits++
    for (const place of offsets) {
      if (Number(place.offset) > this.frontier(place)) {
        const frontier = this.frontier(place)
        this.problem(`${actor.name} commits ${nameOf(place)} at ${place.offset}, and ${frontier} is not handled`)
      }
      // Who waited longer for the answer has given up.
      const latest = askedAt ?? this.#now() - REQUEST_TIMEOUT_MS
      const supersededAt = this.#ownersOf(nameOf(place)).get(actor)?.supersededAt
      if (supersededAt !== undefined && supersededAt < latest) {
        this.problem(`${actor.name} commits ${nameOf(place)}, which another member has since ${supersededAt}`)
      }
    }
  }

  /** Everything below it is handled. */
  frontier(place: Place): number {
    return this.#frontiers.get(nameOf(place)) ?? 0
  }

  ownersOf(place: Place): readonly Actor[] {
    return [...this.#ownersOf(nameOf(place)).keys()]
  }

  problem(text: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(`at ${this.#now()}: ${text}`)
    this.events.push(`${this.#now()} PROBLEM ${text}`)
  }

  note(text: string): void {
    this.events.push(`${this.#now()} ${text}`)
  }

  #note(what: 'assigned' | 'revoked' | 'lost', actor: Actor, places: readonly Place[]): void {
    this.counts[what] += places.length
    if (places.length > 0) this.lastChangeAt = this.#now()
    this.note(`${actor.name} ${what} ${places.map(nameOf).join(' ')}`)
  }

  #ownersOf(name: string): Map<Actor, Ownership> {
    const owners = this.#owners.get(name) ?? new Map<Actor, Ownership>()
    this.#owners.set(name, owners)
    return owners
  }
}

export function nameOf({ topic, partition }: Place): string {
  return `${topic}-${partition}`
}
