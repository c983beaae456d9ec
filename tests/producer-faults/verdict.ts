/**
 * What must be true when everything is over, whatever the trouble was: of each record by what its sender was told, and of
 * each partition by the order in which producers took their records.
 */
import type { Entry, Ledger, Outcome } from './ledger.js'
import { describeOutcome } from './scenario.js'
import type { ProducerDraft, Script } from './script.js'
import { CALM_TURNS, type StoredRecord } from './test-kafka.js'
import { leavesDoubt } from './trouble.js'

interface Copy {
  readonly partition: string
  readonly offset: number
}

/** Who is told this knows that the record is in no log. All else may be said of one that a broker has. */
const CERTAIN = new Set([
  'MESSAGE_TOO_LARGE',
  'INVALID_RECORD',
  'BUFFER_EXHAUSTED',
  'INVALID_PARTITION',
  'SERIALIZATION_FAILED',
])
/** And so does who is told this, whatever the code. */
const NOT_SENT = 'It was not sent.'
/** Nobody is told this: it is for the producer alone, which tries again unless its retries are spent. */
const NEVER = new Set(['NOT_OURS', 'DUPLICATE_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'])
const OUT_OF_ORDER = 'OUT_OF_ORDER_SEQUENCE_NUMBER'
const MOST_PROBLEMS = 20

export function verdict(
  script: Script,
  ledger: Ledger,
  stored: ReadonlyMap<string, readonly StoredRecord[]>,
): readonly string[] {
  const problems: string[] = []
  const copies = copiesOf(ledger, stored, problems)
  for (const entry of ledger.entries.values()) {
    const draft = script.producers[entry.producer]
    if (draft === undefined) continue
    const found = copies.get(entry.id) ?? []
    const wrong = wrongOf(entry, found, { draft, mayRepeat: mayRepeat(script, draft) })
    if (wrong === undefined) continue
    const told = entry.told.map(describeOutcome).join(' and ')
    const places = found.map(({ partition, offset }) => `${partition} at ${offset}`).join(', ')
    problems.push(`${entry.id} of producer ${entry.producer} to ${entry.topic}: ${wrong}; told: ${told}; is: ${places}`)
  }
  for (const [producer, taken] of ledger.taken.entries()) {
    const observed = ledger.observed[producer] ?? 0
    if (observed !== (taken ?? 0))
      problems.push(`producer ${producer} took ${taken} records and told ${observed} outcomes`)
  }
  for (const [partition, records] of stored) problems.push(...disorder(partition, records, ledger))
  return problems.slice(0, MOST_PROBLEMS)
}

function copiesOf(
  ledger: Ledger,
  stored: ReadonlyMap<string, readonly StoredRecord[]>,
  problems: string[],
): Map<string, Copy[]> {
  const copies = new Map<string, Copy[]>()
  for (const [partition, records] of stored) {
    for (const { offset, value } of records) {
      const entry = ledger.find(value)
      if (entry === undefined || !partition.startsWith(`${entry.topic}-`)) {
        problems.push(`${partition} has at ${offset} what was not sent there: ${value}`)
        continue
      }
      copies.set(entry.id, [...(copies.get(entry.id) ?? []), { partition, offset }])
    }
  }
  return copies
}

/** Without idempotence what is sent again may have been written before; where time runs fast, no answer came in time. */
function mayRepeat({ trouble, turnsPerMoment }: Script, { options }: ProducerDraft): boolean {
  if (options.enableIdempotence === true) return false
  return turnsPerMoment < CALM_TURNS || trouble.some(leavesDoubt)
}

interface Terms {
  readonly draft: ProducerDraft
  readonly mayRepeat: boolean
}

function wrongOf(entry: Entry, copies: readonly Copy[], { draft, mayRepeat }: Terms): string | undefined {
  if (copies.length > 1 && !mayRepeat) return `it was written ${copies.length} times`
  if (entry.isUnheard) return entry.told.length === 0 ? undefined : 'it was told what nobody knows'
  const [outcome] = entry.told
  if (outcome === undefined) return 'its sender was told nothing'
  if (entry.told.length > 1) return `its sender was told ${entry.told.length} times`
  return outcome.kind === 'failed'
    ? wrongFailure(outcome.error, copies, draft)
    : wrongAcknowledgement(entry, outcome, copies, draft)
}

function wrongFailure(
  { code, message }: { code: string; message: string },
  copies: readonly Copy[],
  { options }: ProducerDraft,
): string | undefined {
  // Numbers are the producer's own business, until one is refused of which it cannot know whether it was used.
  const isDoubtful = message.includes('nobody knows')
  if (NEVER.has(code) || (code === OUT_OF_ORDER && options.retries === Infinity && !isDoubtful)) {
    return `nobody is told ${code}`
  }
  if (copies.length === 0) return undefined
  return CERTAIN.has(code) || message.includes(NOT_SENT) ? 'its sender was told that it is not there' : undefined
}

function wrongAcknowledgement(
  entry: Entry,
  { partition, offset }: Extract<Outcome, { kind: 'acknowledged' }>,
  copies: readonly Copy[],
  { options }: ProducerDraft,
): string | undefined {
  // Sent is all that is promised.
  if (options.acks === 0) return offset === -1 ? undefined : 'nobody can know its offset'
  if (copies.length === 0) return 'it was acknowledged and is not there'
  const place = `${entry.topic}-${partition}`
  if (copies.some(copy => copy.partition !== place)) return `it is not in ${place} alone`
  if (offset >= 0 && copies.every(copy => copy.offset !== offset)) return `it is not at ${offset}`
  return undefined
}

/** Of each producer a partition has the records in the order in which it took them; of copies the first counts. */
function disorder(partition: string, records: readonly StoredRecord[], ledger: Ledger): readonly string[] {
  const problems: string[] = []
  const last = new Map<number, Entry>()
  const seen = new Set<Entry>()
  for (const { value, offset } of records) {
    const entry = ledger.find(value)
    if (entry === undefined || seen.has(entry)) continue
    seen.add(entry)
    const before = last.get(entry.producer)
    if (before !== undefined && before.order > entry.order) {
      problems.push(
        `${partition} has ${entry.id} at ${offset}, behind ${before.id}, which producer ${entry.producer} took later`,
      )
    }
    last.set(entry.producer, entry)
  }
  return problems
}
