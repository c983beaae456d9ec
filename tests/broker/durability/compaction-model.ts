/**
 * What compaction may take away from a partition, and no more: by key, from the oldest record on, as long as a newer one of
 * the key stays; and a tombstone in the end, when its time is over. Knows nothing of segments and passes.
 */
import { endOf, type SentBatch, type Stored } from './partition-model.js'

/** For so long, a tombstone that nothing supersedes stays. */
export const TOMBSTONE_MS = 1000

interface Known {
  readonly offset: number
  readonly id: string
  /** A tombstone that may be gone by now. */
  readonly isOver: boolean
}

export interface Missing {
  readonly problems: string[]
  /** How many records were rightly taken away. */
  readonly count: number
}

/** Looks at all that is known to have been appended within the bounds of what is stored. */
export function missingRecords(batches: readonly SentBatch[], stored: Stored, nowMs: number): Missing {
  const present = new Set(stored.records.map(({ offset }) => offset))
  const problems: string[] = []
  let count = 0
  for (const [key, known] of byKey(batches, stored, nowMs)) {
    let gone: Known | undefined
    let isExplained = batches.some(batch => batch.at === undefined && hasTombstoneOver(batch, nowMs, key))
    for (const record of known) {
      if (present.has(record.offset)) {
        isExplained = true
        if (gone !== undefined) problems.push(`${record.id} is there, and ${gone.id}, newer of key ${key}, is not`)
        continue
      }
      isExplained ||= record.isOver
      gone ??= record
      if (isExplained) count++
      else problems.push(`${record.id} at ${record.offset} is gone, and nothing newer of key ${key} is there`)
    }
  }
  return { problems, count }
}

/** Whether a tombstone of the batch may have been taken away, although nothing newer is there. */
export function hasTombstoneOver({ contents, timestamp }: SentBatch, nowMs: number, ofKey?: string): boolean {
  if (nowMs - timestamp < TOMBSTONE_MS) return false
  return contents.some(({ key, value }) => value === null && (ofKey === undefined || key === ofKey))
}

/** Where the first record of the batch stands that no compaction takes away; nowhere is infinitely far. */
export function firstLasting(batch: SentBatch, batches: readonly SentBatch[]): number {
  const at = batch.at ?? 0
  const isLasting = ({ key, value }: SentBatch['contents'][number], index: number): boolean => {
    if (value === null || batch.contents.slice(index + 1).some(each => each.key === key)) return false
    const later = batches.filter(each => each !== batch && (each.at === undefined || each.at > at))
    return !later.some(({ contents }) => contents.some(each => each.key === key))
  }
  const index = batch.contents.findIndex(isLasting)
  return index < 0 ? Number.POSITIVE_INFINITY : at + index
}

/** The newest of each key first. */
function byKey(batches: readonly SentBatch[], { start, end }: Stored, nowMs: number): Map<string, Known[]> {
  const keys = new Map<string, Known[]>()
  const known = batches.filter(batch => batch.at !== undefined && endOf(batch) <= end)
  known.sort((one, other) => (one.at ?? 0) - (other.at ?? 0))
  for (const batch of known) {
    const { at = 0, ids, contents, timestamp } = batch
    for (const [index, { key, value }] of contents.entries()) {
      if (at + index < start) continue
      const isOver = value === null && nowMs - timestamp >= TOMBSTONE_MS
      const newer = keys.get(key) ?? []
      newer.unshift({ offset: at + index, id: ids[index] ?? '', isOver })
      keys.set(key, newer)
    }
  }
  return keys
}
