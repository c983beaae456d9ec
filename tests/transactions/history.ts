/**
 * History: what producers and consumers of transactions did and were told, as events that the checker of `@samsa/eos/history`
 * takes, with what a failure is explained by. Values are ids: no two records have the same.
 */
import { type Anomaly, checkHistory, type HistoryEvent, type HistoryPlace } from '@samsa/eos/history'

export type Place = HistoryPlace

export interface Write {
  readonly place: Place
  /** No other write has it. */
  readonly value: string
  /** What was read to write it, where it is a copy. */
  readonly input: string | undefined
}

export interface TransactionStory {
  readonly id: string
  /** The producer: one object of the client's, from its start to its end. */
  readonly session: string
  /** In the order of sending. */
  readonly writes: Write[]
  /** Somebody wanted it committed. */
  isCommitAsked: boolean
  /** What its producer was told. An open one whose commit was asked for may be either. */
  outcome: 'open' | 'committed' | 'aborted'
}

export interface Stored {
  readonly offset: number
  readonly value: string
}

/** What is left when everything is over, as somebody reads it who begins then. By `nameOf`. */
export interface Remains {
  readonly records: ReadonlyMap<string, readonly Stored[]>
  /** Of the group that copies: the next offset of each partition that it reads. */
  readonly committed: ReadonlyMap<string, number>
  readonly ends: ReadonlyMap<string, { readonly lastStableOffset: number; readonly highWatermark: number }>
}

const MOST_PROBLEMS = 20

export class History {
  readonly transactions: TransactionStory[] = []
  readonly events: string[] = []
  /** What went wrong that is no anomaly: a client that throws what it must not, no end in sight. */
  readonly problems: string[] = []
  readonly #observed: HistoryEvent[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  begin(session: string): TransactionStory {
    const id = `t${this.transactions.length}`
    const story: TransactionStory = { id, session, writes: [], isCommitAsked: false, outcome: 'open' }
    this.transactions.push(story)
    this.#observed.push({ op: 'begin', type: 'ok', process: session, transaction: id })
    return story
  }

  write(story: TransactionStory, place: Place, input?: string): Write {
    const value = `${story.id}.${story.writes.length}${input === undefined ? '' : `<${input}`}`
    const write: Write = { place, value, input }
    story.writes.push(write)
    const { session: process, id: transaction } = story
    this.#observed.push({ op: 'send', type: 'invoke', process, id: value, ...place, transaction, input })
    return write
  }

  written({ session: process }: TransactionStory, { value: id, place }: Write, offset: number): void {
    this.#observed.push({ op: 'send', type: 'ok', process, id, ...place, offset })
  }

  commitAsked(story: TransactionStory): void {
    story.isCommitAsked = true
    this.#observed.push({ op: 'commit', type: 'invoke', process: story.session, transaction: story.id })
  }

  ended(story: TransactionStory, outcome: 'committed' | 'aborted'): void {
    story.outcome = outcome
    const op = outcome === 'committed' ? 'commit' : 'abort'
    this.#observed.push({ op, type: 'ok', process: story.session, transaction: story.id })
    this.note(`${story.session}: ${story.id} is ${outcome}`)
  }

  /** From here on that reader goes on at `from` in these partitions, or nobody knows where. */
  moved(process: string, places: readonly Place[], from?: number): void {
    this.#observed.push({ op: 'seek', process, partitions: places.map(place => ({ ...place, offset: from })) })
  }

  read(process: string, place: Place, offset: number, value: string): void {
    this.#observed.push({ op: 'poll', process, records: [{ ...place, offset, id: value }] })
  }

  /** It has come to the end of what there is. */
  caughtUp(process: string): void {
    this.#observed.push({ op: 'caughtUp', process })
  }

  checked({ records, committed, ends }: Remains): readonly Anomaly[] {
    const left = [...records].flatMap(([name, stored]) =>
      stored.map(({ offset, value }) => ({ ...placeOf(name), offset, id: value })),
    )
    const topics = [...new Set([...records.keys()].map(name => placeOf(name).topic))]
    const next = [...committed].map(([name, offset]) => ({ ...placeOf(name), offset }))
    return checkHistory([
      ...this.#observed,
      { op: 'remains', topics, records: left },
      { op: 'ends', partitions: [...ends].map(([name, end]) => ({ ...placeOf(name), ...end })) },
      { op: 'group', group: 'copiers', offsets: next, copies: true },
    ]).anomalies
  }

  problem(text: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(`at ${this.#now()}: ${text}`)
    this.note(`PROBLEM ${text}`)
  }

  note(text: string): void {
    this.events.push(`${this.#now()} ${text}`)
  }
}

export function nameOf({ topic, partition }: Place): string {
  return `${topic}-${partition}`
}

function placeOf(name: string): Place {
  const at = name.lastIndexOf('-')
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) }
}

/** The value that a copy was made of. */
export function inputOf(value: string): string | undefined {
  const at = value.indexOf('<')
  return at < 0 ? undefined : value.slice(at + 1)
}
