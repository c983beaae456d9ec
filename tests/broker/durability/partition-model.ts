/**
 * What was sent to one partition, and what may and must be there of it: the reference that a broker is compared with.
 * Written from Kafka's rules alone; knows nothing of segments, indexes or checkpoints.
 */
import { firstLasting, hasTombstoneOver, missingRecords } from './compaction-model.js'

export interface Content {
  readonly key: string
  /** Null for a tombstone. */
  readonly value: string | null
}

export interface SentBatch {
  /** One a record, unique among all records of all topics. */
  readonly ids: readonly string[]
  /** Of each record. */
  readonly contents: readonly Content[]
  readonly timestamp: number
  readonly records: Buffer
  /** Of an idempotent producer, whose batches may be sent again. */
  readonly producerId: number | undefined
  /** Its base offset, once an answer or a look into the log has told it. */
  at: number | undefined
  /** When it was acknowledged. */
  acknowledgedMs: number | undefined
  /** When it was last found in the log by a look into it. */
  seenMs: number | undefined
  /** It is known to have been brought to disk. */
  isOnDisk: boolean
  wasResent: boolean
}

export interface StoredRecord {
  readonly offset: number
  readonly id: string
  readonly key: string | null
  readonly value: string | null
}

export interface Stored {
  readonly start: number
  readonly end: number
  readonly records: readonly StoredRecord[]
}

export class PartitionModel {
  readonly name: string
  /** In the order of sending: those that are in the log or may be. */
  batches: SentBatch[] = []
  /** Where DeleteRecords was told that the log starts. */
  acknowledgedStart = 0
  /** How far deletions and retention may have moved the start. */
  latestStart = 0
  /** Compaction was asked for at some time: records may be gone. */
  mayBeCompacted = false
  /** How many records compaction had taken away when it was last looked into. */
  compactedAway = 0
  /** Where the log ended after the last start. */
  #foundEnd = 0

  constructor(name: string) {
    this.name = name
  }

  /** Behind the last batch that is known to be in the log. */
  get knownEnd(): number {
    const least = Math.max(this.acknowledgedStart, this.#foundEnd)
    return this.batches.reduce((end, batch) => Math.max(end, endOf(batch)), least)
  }

  acknowledged(batch: SentBatch, baseOffset: number, nowMs: number): string[] {
    batch.acknowledgedMs ??= nowMs
    if (batch.at !== undefined) {
      if (batch.at === baseOffset) return []
      return [`${this.name}: ${batch.ids[0]} was acknowledged at ${baseOffset}, and it is at ${batch.at}`]
    }
    const end = baseOffset + batch.ids.length
    const other = this.batches.find(each => each.at !== undefined && each.at < end && endOf(each) > baseOffset)
    batch.at = baseOffset
    if (other === undefined) return []
    return [`${this.name}: ${batch.ids[0]} was acknowledged at ${baseOffset}, where ${other.ids[0]} was before`]
  }

  /** Records that are older than the retention may be gone from now on. */
  expire(olderThanMs: number): void {
    const isExpired = (batch: SentBatch): boolean => batch.timestamp < olderThanMs
    const kept = this.batches.filter(batch => batch.at !== undefined && !isExpired(batch))
    const inDoubt = this.batches.filter(batch => batch.at === undefined && (this.mayBeCompacted || isExpired(batch)))
    const end = inDoubt.reduce((sum, batch) => sum + batch.ids.length, this.knownEnd)
    const firstOf = (batch: SentBatch): number =>
      this.mayBeCompacted ? firstLasting(batch, this.batches) : (batch.at ?? 0)
    const bound = Math.min(end, ...kept.map(firstOf))
    this.latestStart = Math.max(this.latestStart, bound)
  }

  /** What is wrong with what is there. `mustBeThere` says which batches the promise covers. */
  check(stored: Stored, mustBeThere: (batch: SentBatch) => boolean, nowMs: number): string[] {
    const problems = [...this.#checkRecords(stored), ...this.#checkStart(stored)]
    if (this.mayBeCompacted && problems.length === 0) {
      const missing = missingRecords(this.batches, stored, nowMs)
      problems.push(...missing.problems)
      this.compactedAway = missing.count
    }
    for (const batch of this.batches) {
      const isPartial = batch.at !== undefined && batch.at < stored.end && endOf(batch) > stored.end
      // What was deleted ends in the middle of a batch as well, where nothing is left behind it.
      if (isPartial && stored.records.length > 0)
        problems.push(`only a part of ${batch.ids[0]} at ${batch.at} is there`)
      if (!mustBeThere(batch)) continue
      if (batch.at === undefined || endOf(batch) > stored.end)
        problems.push(`${batch.ids[0]} at ${batch.at} is lost: the log ends at ${stored.end}`)
    }
    return problems.slice(0, 5).map(problem => `${this.name}: ${problem}`)
  }

  /** Takes what was found after a start for what is: the rest is lost. Returns batches that their producer sends again. */
  settle(stored: Stored, nowMs: number): SentBatch[] {
    this.#foundEnd = stored.end
    const isThere = (batch: SentBatch): boolean => batch.at !== undefined && endOf(batch) <= stored.end
    const lost = this.batches.filter(batch => !isThere(batch))
    // What is not found may have been there, and have taken others away before it went itself.
    const mayHaveGone = (batch: SentBatch): boolean =>
      this.mayBeCompacted && batch.at === undefined && hasTombstoneOver(batch, nowMs)
    this.batches = this.batches.filter(batch => isThere(batch) || mayHaveGone(batch))
    if (stored.end < this.acknowledgedStart) {
      this.acknowledgedStart = stored.start
      this.latestStart = stored.start
    }
    return lost
  }

  #checkStart({ start, end }: Stored): string[] {
    // A log of which nothing is left begins anew.
    if (start < this.acknowledgedStart && end > start)
      return [`it starts at ${start}, and records before ${this.acknowledgedStart} were deleted`]
    if (end < start) return [`it starts at ${start} and ends at ${end}`]
    return start > this.latestStart
      ? [`it starts at ${start}, and nothing may have moved that beyond ${this.latestStart}`]
      : []
  }

  /** Offsets without a gap, unless compaction made it, and at each the record that belongs there; what had no answer is looked up by its id. */
  #checkRecords({ start, end, records }: Stored): string[] {
    const expected = new Map<number, { readonly id: string; readonly index: number; readonly content?: Content }>()
    const expect = (batch: SentBatch, index: number): void => {
      batch.ids.forEach((id, at) => {
        const content = batch.contents[at]
        const due = { id, index: batch.wasResent ? -1 : index, ...(content === undefined ? {} : { content }) }
        expected.set((batch.at ?? 0) + at, due)
      })
    }
    this.batches.forEach((batch, index) => {
      if (batch.at !== undefined) expect(batch, index)
    })
    let last = -1
    let next = start
    for (const { offset, id, key, value } of records) {
      if (this.mayBeCompacted ? offset < next : offset !== next) return [`offset ${offset} stands where ${next} is due`]
      next = offset + 1
      if (!expected.has(offset)) {
        const index = this.batches.findIndex(batch => batch.at === undefined && batch.ids.includes(id))
        const batch = this.batches[index]
        if (batch === undefined) return [`${id} at ${offset} was not sent, or is there twice`]
        batch.at = offset - batch.ids.indexOf(id)
        expect(batch, index)
      }
      const due = expected.get(offset)
      if (due?.id !== id) return [`${id} stands at ${offset}, where ${due?.id} is due`]
      if (due.content?.key !== key || due.content.value !== value) return [`${id} at ${offset} is not what was sent`]
      if (due.index >= 0 && due.index < last) return [`${id} at ${offset} was sent before what is in front of it`]
      last = Math.max(last, due.index)
    }
    return next === end || (this.mayBeCompacted && next < end)
      ? []
      : [`the records end at ${next}, and the log at ${end}`]
  }
}

export function endOf(batch: SentBatch): number {
  return batch.at === undefined ? 0 : batch.at + batch.ids.length
}
