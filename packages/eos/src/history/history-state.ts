/**
 * What a checker keeps of a history while it streams by: of each id, transaction, partition and reader what is needed in the
 * end. Its memory grows with the records that were sent, and not with what was read how often.
 */
import type { HistoryOffset, HistoryPlace } from './history-event.js'

export interface Sent {
  readonly id: string
  readonly process: string
  readonly topic: string
  readonly transaction: Transaction | undefined
  readonly input: string | undefined
  partition: number | undefined
  /** As its producer was told. */
  offset: number | undefined
  outcome: 'open' | 'ok' | 'fail' | 'info'
  /** Where it was read first. */
  readAt: HistoryOffset | undefined
  /** A reader of committed records was handed it. */
  isVisible: boolean
  /** One was, before anybody wanted it committed. */
  isEarly: boolean
}

export interface Transaction {
  readonly id: string
  readonly sent: Sent[]
  /** Somebody wanted it committed. */
  isCommitAsked: boolean
  /** Where nobody knows the outcome of a commit, it may be either. */
  outcome: 'open' | 'committed' | 'aborted'
}

/** What a reader was not handed, although it was handed something before and behind it. */
export interface Gap {
  readonly reader: string
  readonly begin: number
  /** Infinity where it came to the end. */
  readonly end: number
}

export class Partition {
  readonly place: HistoryPlace
  readonly name: string
  /** Whose record is at an offset, as the first one says who knows it. */
  readonly ids: Map<number, string> = new Map()
  /** Offsets that readers of committed records were handed. */
  readonly visible: Set<number> = new Set()
  readonly gaps: Gap[] = []
  #sortedVisible: readonly number[] | undefined
  #mergedGaps: readonly Gap[] | undefined

  constructor(place: HistoryPlace) {
    this.place = { topic: place.topic, partition: place.partition }
    this.name = placeName(place)
  }

  /** To be asked when the history is over. */
  visibleIn({ begin, end }: Gap): readonly number[] {
    this.#sortedVisible ??= [...this.visible].sort((one, other) => one - other)
    const sorted = this.#sortedVisible
    return sorted.slice(firstFrom(sorted, begin), firstFrom(sorted, end))
  }

  /** Whether a reader has passed over that offset. To be asked when the history is over. */
  isPassed(offset: number): boolean {
    this.#mergedGaps ??= merged(this.gaps)
    const gaps = this.#mergedGaps
    let [low, high] = [0, gaps.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((gaps[middle]?.end ?? 0) > offset) high = middle
      else low = middle + 1
    }
    const gap = gaps[low]
    return gap !== undefined && gap.begin <= offset
  }
}

export class HistoryState {
  /** In the order of sending. */
  readonly sent: Map<string, Sent> = new Map()
  readonly transactions: Map<string, Transaction> = new Map()
  readonly partitions: Map<string, Partition> = new Map()
  /** By process and partition: the offset that is to be handed out next, or a later one. */
  readonly readers: Map<string, Map<Partition, number>> = new Map()
  /** Topics of which all is known that is left. */
  readonly told: Set<string> = new Set()

  partition(place: HistoryPlace): Partition {
    const name = placeName(place)
    const known = this.partitions.get(name)
    if (known !== undefined) return known
    const partition = new Partition(place)
    this.partitions.set(name, partition)
    return partition
  }

  reader(process: string): Map<Partition, number> {
    const positions = this.readers.get(process) ?? new Map<Partition, number>()
    this.readers.set(process, positions)
    return positions
  }

  /** Whether it can be said that nobody will ever read it. */
  isMissing({ isVisible, topic, partition, offset }: Sent): boolean {
    if (isVisible) return false
    if (this.told.has(topic)) return true
    if (partition === undefined || offset === undefined) return false
    return this.partitions.get(placeName({ topic, partition }))?.isPassed(offset) ?? false
  }
}

export function placeName({ topic, partition }: HistoryPlace): string {
  return `${topic}-${partition}`
}

function firstFrom(sorted: readonly number[], least: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) >= least) high = middle
    else low = middle + 1
  }
  return low
}

function merged(gaps: readonly Gap[]): readonly Gap[] {
  const found: Gap[] = []
  for (const gap of gaps.toSorted((one, other) => one.begin - other.begin)) {
    const last = found.at(-1)
    if (last === undefined || last.end < gap.begin) found.push(gap)
    else if (last.end < gap.end) found.splice(-1, 1, { ...last, end: gap.end })
  }
  return found
}
