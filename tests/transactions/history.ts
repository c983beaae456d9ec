/**
 * History: what producers and consumers of transactions did and were told, in one order of everything. Says nothing of
 * what it means: `checker.ts` does.
 */

export interface Place {
  readonly topic: string
  readonly partition: number
}

export interface Write {
  readonly place: Place
  /** No other write has it. */
  readonly value: string
  /** What was read to write it, where it is a copy. */
  readonly input: string | undefined
  /** Where it is, as its producer was told. */
  offset: number | undefined
}

export interface TransactionStory {
  readonly id: string
  /** The producer: one object of the client's, from its start to its end. */
  readonly session: string
  /** In the order of sending. */
  readonly writes: Write[]
  /** When somebody first wanted it committed. */
  commitAskedAt: number | undefined
  /** What its producer was told. An open one whose commit was asked for may be either. */
  outcome: 'open' | 'committed' | 'aborted'
}

export interface Stored {
  readonly offset: number
  readonly value: string
}

export interface Read extends Stored {
  readonly place: Place
  readonly at: number
}

/** What one consumer was handed without a seek or another assignment in between. */
export interface Stretch {
  readonly reader: string
  readonly reads: Read[]
  /** Where it began, in every partition; undefined where it is not known. */
  readonly from: number | undefined
  /** It came to the end of what there is. */
  isWhole: boolean
}

/** What is left when everything is over, as somebody reads it who begins then. By `nameOf`. */
export interface Remains {
  readonly records: ReadonlyMap<string, readonly Stored[]>
  /** Of the group that copies: the next offset of each partition that it reads. */
  readonly committed: ReadonlyMap<string, number>
  readonly ends: ReadonlyMap<string, { readonly lastStableOffset: number; readonly highWatermark: number }>
}

export interface Observations {
  readonly transactions: readonly TransactionStory[]
  readonly stretches: readonly Stretch[]
  readonly remains: Remains
}

const MOST_PROBLEMS = 20

export class History {
  readonly transactions: TransactionStory[] = []
  readonly stretches: Stretch[] = []
  readonly events: string[] = []
  /** What went wrong that is no anomaly: a client that throws what it must not, no end in sight. */
  readonly problems: string[] = []
  readonly #now: () => number
  #moment = 0

  constructor(now: () => number) {
    this.#now = now
  }

  begin(session: string): TransactionStory {
    const story: TransactionStory = {
      id: `t${this.transactions.length}`,
      session,
      writes: [],
      commitAskedAt: undefined,
      outcome: 'open',
    }
    this.transactions.push(story)
    return story
  }

  write(story: TransactionStory, place: Place, input?: string): Write {
    const value = `${story.id}.${story.writes.length}${input === undefined ? '' : `<${input}`}`
    const write: Write = { place, value, input, offset: undefined }
    story.writes.push(write)
    return write
  }

  commitAsked(story: TransactionStory): void {
    story.commitAskedAt ??= this.#next()
  }

  ended(story: TransactionStory, outcome: 'committed' | 'aborted'): void {
    story.outcome = outcome
    this.note(`${story.session}: ${story.id} is ${outcome}`)
  }

  stretch(reader: string, from?: number): Stretch {
    const stretch: Stretch = { reader, reads: [], from, isWhole: false }
    this.stretches.push(stretch)
    return stretch
  }

  read(stretch: Stretch, place: Place, offset: number, value: string): void {
    stretch.reads.push({ place, offset, value, at: this.#next() })
  }

  problem(text: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(`at ${this.#now()}: ${text}`)
    this.note(`PROBLEM ${text}`)
  }

  note(text: string): void {
    this.events.push(`${this.#now()} ${text}`)
  }

  #next(): number {
    return this.#moment++
  }
}

export function nameOf({ topic, partition }: Place): string {
  return `${topic}-${partition}`
}

/** The value that a copy was made of. */
export function inputOf(value: string): string | undefined {
  const at = value.indexOf('<')
  return at < 0 ? undefined : value.slice(at + 1)
}
