/**
 * What must not be in a history of transactions, by Jepsen's names where it has one. Pure. Order among transactions of
 * several producers is free, as it is in Kafka: writes of two that overlap may lie between each other.
 */
import {
  inputOf,
  nameOf,
  type Observations,
  type Place,
  type Read,
  type Remains,
  type Stored,
  type Stretch,
  type TransactionStory,
  type Write,
} from './history.js'

export const anomalies = [
  'aborted read',
  'precommitted read',
  'phantom',
  'lost write',
  'duplicate',
  'torn transaction',
  'inconsistent offset',
  'non-monotonic send',
  'non-monotonic poll',
  'skipped record',
  'unseen record',
  'offset without output',
  'output without offset',
  'input copied twice',
  'hanging transaction',
] as const

export interface Anomaly {
  readonly kind: (typeof anomalies)[number]
  readonly text: string
}

interface Author {
  readonly story: TransactionStory
  readonly write: Write
}

type Authors = ReadonlyMap<string, Author>

export function check(observations: Observations): readonly Anomaly[] {
  const { transactions, stretches, remains } = observations
  const authors: Authors = new Map(
    transactions.flatMap(story => story.writes.map(write => [write.value, { story, write }] as const)),
  )
  const last = [...remains.records].flatMap(([name, records]) =>
    records.map((record): Read => ({ ...record, place: placeOf(name), at: Number.POSITIVE_INFINITY })),
  )
  const reads = [...stretches.flatMap(stretch => stretch.reads), ...last]
  return [
    ...reads.flatMap(read => readFault(read, authors)),
    ...inconsistentOffsets(reads, authors),
    ...duplicates(last),
    ...transactions.flatMap(story => endFaults(story, new Set(last.map(({ value }) => value)))),
    ...sends(transactions),
    ...stretches.flatMap(stretch => polls(stretch, remains.records)),
    ...copies(remains),
    ...hanging(remains),
  ]
}

/** Whether a reader of committed records could be handed this, and then. */
function readFault({ place, value, at }: Read, authors: Authors): Anomaly[] {
  const where = `${value} in ${nameOf(place)}`
  const author = authors.get(value)
  if (author === undefined || nameOf(author.write.place) !== nameOf(place)) {
    return [{ kind: 'phantom', text: `${where}, which nobody wrote there` }]
  }
  const { id, outcome, commitAskedAt } = author.story
  if (outcome === 'aborted') return [{ kind: 'aborted read', text: `${where}, and ${id} was aborted` }]
  if (commitAskedAt === undefined) return [{ kind: 'aborted read', text: `${where}, and nobody committed ${id}` }]
  if (commitAskedAt > at) return [{ kind: 'precommitted read', text: `${where}, before the commit of ${id}` }]
  return []
}

/** An offset has one value for ever: the one that its writer and every reader know. */
function inconsistentOffsets(reads: readonly Read[], authors: Authors): Anomaly[] {
  const known = new Map<string, string>()
  for (const { write } of authors.values()) {
    if (write.offset !== undefined) known.set(`${nameOf(write.place)} at ${write.offset}`, write.value)
  }
  const found = new Map<string, Anomaly>()
  for (const { place, offset, value } of reads) {
    const where = `${nameOf(place)} at ${offset}`
    const before = known.get(where) ?? value
    known.set(where, before)
    const told = authors.get(value)?.write.offset
    if (before !== value) found.set(where, { kind: 'inconsistent offset', text: `${where} is ${before} and ${value}` })
    else if (told !== undefined && told !== offset) {
      found.set(where, { kind: 'inconsistent offset', text: `${value} is at ${offset}, and was told to be at ${told}` })
    }
  }
  return [...found.values()]
}

function duplicates(reads: readonly Read[]): Anomaly[] {
  const first = new Map<string, Read>()
  return reads.flatMap(read => {
    const { value, place, offset } = read
    const before = first.get(value)
    first.set(value, before ?? read)
    if (before === undefined) return []
    const places = `${nameOf(before.place)} at ${before.offset} and ${nameOf(place)} at ${offset}`
    return [{ kind: 'duplicate' as const, text: `${value} is in ${places}` }]
  })
}

/** In the end all of a transaction is there, or nothing: all, where its producer was told so. */
function endFaults({ id, writes, outcome }: TransactionStory, visible: ReadonlySet<string>): Anomaly[] {
  const missing = writes.filter(({ value }) => !visible.has(value)).map(({ value }) => value)
  if (missing.length === 0) return []
  if (outcome === 'committed')
    return [{ kind: 'lost write', text: `${missing.join(' ')} of ${id}, which is committed` }]
  if (missing.length === writes.length) return []
  return [{ kind: 'torn transaction', text: `${id} is there without ${missing.join(' ')}` }]
}

function sends(transactions: readonly TransactionStory[]): Anomaly[] {
  const last = new Map<string, Write>()
  return transactions.flatMap(({ session, writes }) =>
    writes.flatMap(write => {
      if (write.offset === undefined) return []
      const key = `${session} ${nameOf(write.place)}`
      const before = last.get(key)
      last.set(key, write)
      if (before?.offset === undefined || before.offset < write.offset) return []
      const text = `${session} sent ${before.value} to ${before.offset} of ${nameOf(write.place)}, then ${write.value} to ${write.offset}`
      return [{ kind: 'non-monotonic send' as const, text }]
    }),
  )
}

/** A stretch is handed out in order, and leaves out nothing that there is. */
function polls({ reader, reads, from, isWhole }: Stretch, records: Remains['records']): Anomaly[] {
  const found: Anomaly[] = []
  const next = new Map<string, number>()
  if (from !== undefined) for (const name of records.keys()) next.set(name, from)
  const skipped = (kind: 'skipped record' | 'unseen record', name: string, begin: number, end: number): void => {
    const left = (records.get(name) ?? []).filter(({ offset }) => offset >= begin && offset < end)
    if (left.length > 0) found.push({ kind, text: `${reader} was not handed ${textOf(left)} of ${name}` })
  }
  for (const { place, offset, value } of reads) {
    const name = nameOf(place)
    const expected = next.get(name)
    if (expected !== undefined && offset < expected) {
      const text = `${reader} is handed ${value}, at ${offset} of ${name}, behind ${expected - 1}`
      found.push({ kind: 'non-monotonic poll', text })
    } else if (expected !== undefined) skipped('skipped record', name, expected, offset)
    next.set(name, Math.max(expected ?? 0, offset + 1))
  }
  if (isWhole) for (const [name, expected] of next) skipped('unseen record', name, expected, Number.POSITIVE_INFINITY)
  return found
}

/** A group goes on behind exactly that of which there is a copy. */
function copies({ records, committed }: Remains): Anomaly[] {
  const made = new Map<string, number>()
  for (const { value } of [...records.values()].flat()) {
    const input = inputOf(value)
    if (input !== undefined) made.set(input, (made.get(input) ?? 0) + 1)
  }
  return [...committed].flatMap(([name, next]) =>
    (records.get(name) ?? []).flatMap(({ offset, value }): Anomaly[] => {
      const count = made.get(value) ?? 0
      const text = `${value}, at ${offset} of ${name}, has ${count} copies, and ${next} is committed`
      if (count > 1) return [{ kind: 'input copied twice', text }]
      if (offset < next && count === 0) return [{ kind: 'offset without output', text }]
      return offset >= next && count > 0 ? [{ kind: 'output without offset', text }] : []
    }),
  )
}

function hanging({ ends }: Remains): Anomaly[] {
  return [...ends].flatMap(([name, { lastStableOffset, highWatermark }]): Anomaly[] => {
    if (lastStableOffset === highWatermark) return []
    return [{ kind: 'hanging transaction', text: `${name} is stable up to ${lastStableOffset} of ${highWatermark}` }]
  })
}

function textOf(records: readonly Stored[]): string {
  return records.map(({ offset, value }) => `${value} at ${offset}`).join(', ')
}

function placeOf(name: string): Place {
  const at = name.lastIndexOf('-')
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) }
}
