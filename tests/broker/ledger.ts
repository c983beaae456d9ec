/**
 * What a writer has sent to one partition, and what a broker must hold of it: every acknowledged batch at the offset that
 * it was told, and of those without an answer the first few or none, each once, all in the order in which they were sent.
 */
export interface SentBatch {
  /** One a record, unique among all records of all writers. */
  readonly ids: readonly string[]
  /** The bytes, to send them again; dropped once there is an answer. */
  records: Buffer | undefined
  /** Its base offset; undefined as long as there was no answer. */
  acknowledgedAt: number | undefined
}

export interface StoredId {
  readonly offset: number
  readonly id: string
}

export interface Comparison {
  /** What is wrong, in words; empty where everything is as it must be. */
  readonly problems: readonly string[]
  /** The base offsets of batches that had no answer and are there nevertheless. */
  readonly foundInDoubt: ReadonlyMap<SentBatch, number>
}

/** Compares what one partition holds, from its start, with what was sent to it. */
export function compare(sent: readonly SentBatch[], stored: readonly StoredId[]): Comparison {
  const problems: string[] = []
  const foundInDoubt = new Map<SentBatch, number>()
  let at = 0
  for (const batch of sent) {
    const found = batch.ids.findIndex((id, index) => stored[at + index]?.id !== id) === -1
    const baseOffset = stored[at]?.offset
    if (found && baseOffset !== undefined) {
      if (batch.acknowledgedAt === undefined) foundInDoubt.set(batch, baseOffset)
      else if (batch.acknowledgedAt !== baseOffset)
        problems.push(`${batch.ids[0]} lies at ${baseOffset}, but ${batch.acknowledgedAt} was acknowledged`)
      at += batch.ids.length
    } else if (batch.acknowledgedAt !== undefined) {
      problems.push(
        `${batch.ids[0]} was acknowledged at ${batch.acknowledgedAt}, where ${stored[at]?.id ?? 'nothing'} is`,
      )
      break
    }
  }
  if (problems.length === 0 && at < stored.length)
    problems.push(
      `${stored.length - at} records too many, the first of them ${stored[at]?.id} at ${stored[at]?.offset}`,
    )
  const gap = stored.findIndex(({ offset }, index) => offset !== index)
  if (gap !== -1) problems.push(`offset ${stored[gap]?.offset} stands where ${gap} is due`)
  return { problems, foundInDoubt }
}
