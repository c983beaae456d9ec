/**
 * What can be said of a history when it is over: which of its transactions are whole, what was read that should not have
 * been, and what nobody was handed.
 */
import type { Anomalies } from './anomaly.js'
import type { GroupEvent } from './history-event.js'
import { type HistoryState, placeName } from './history-state.js'

/** Whether readers of committed records could be handed what they were, and then. */
export function judgeReads({ sent }: HistoryState, anomalies: Anomalies): void {
  for (const { id, topic, readAt, transaction, isVisible, isEarly, outcome } of sent.values()) {
    if (!isVisible || readAt === undefined) continue
    const where = `${id} in ${placeName({ topic, partition: readAt.partition })}`
    if (transaction === undefined) {
      if (outcome === 'fail') anomalies.add('aborted read', `${where}, and it certainly was not sent`)
    } else if (transaction.outcome === 'aborted') {
      anomalies.add('aborted read', `${where}, and ${transaction.id} was aborted`)
    } else if (!transaction.isCommitAsked) {
      anomalies.add('aborted read', `${where}, and nobody committed ${transaction.id}`)
    } else if (isEarly) anomalies.add('precommitted read', `${where}, before the commit of ${transaction.id}`)
  }
}

/** In the end all of a transaction is there, or nothing: all, where its producer was told so. */
export function judgeEnds(state: HistoryState, anomalies: Anomalies): void {
  for (const { id, sent, outcome } of state.transactions.values()) {
    const missing = sent.filter(each => state.isMissing(each)).map(each => each.id)
    if (missing.length === 0) continue
    if (outcome === 'committed') anomalies.add('lost write', `${missing.join(' ')} of ${id}, which is committed`)
    else if (sent.some(each => each.isVisible)) {
      anomalies.add('torn transaction', `${id} is there without ${missing.join(' ')}`)
    }
  }
  for (const each of state.sent.values()) {
    if (each.transaction !== undefined || each.outcome !== 'ok' || !state.isMissing(each)) continue
    const where = `${placeName({ topic: each.topic, partition: each.partition ?? -1 })} at ${each.offset ?? 'no offset'}`
    anomalies.add('lost write', `${each.id}, which was acknowledged for ${where}`)
  }
}

/** What one process sends to one partition gets growing offsets. */
export function judgeSends({ sent }: HistoryState, anomalies: Anomalies): void {
  const last = new Map<string, { readonly id: string; readonly offset: number }>()
  for (const each of sent.values()) {
    const { id, process, topic, partition, offset } = each
    if (partition === undefined || offset === undefined) continue
    const name = placeName({ topic, partition })
    const before = last.get(`${process} ${name}`)
    last.set(`${process} ${name}`, { id, offset })
    if (before === undefined || before.offset < offset) continue
    const text = `${process} sent ${before.id} to ${before.offset} of ${name}, then ${id} to ${offset}`
    anomalies.add('non-monotonic send', text)
  }
}

/** A reader is handed everything that there is between two records, or between one and the end. */
export function judgeGaps({ partitions }: HistoryState, anomalies: Anomalies): void {
  for (const partition of partitions.values()) {
    for (const gap of partition.gaps) {
      const left = partition.visibleIn(gap)
      if (left.length === 0) continue
      const records = left.slice(0, 10).map(offset => `${partition.ids.get(offset) ?? 'a record'} at ${offset}`)
      const more = left.length > records.length ? ` and ${left.length - records.length} more` : ''
      const kind = gap.end === Number.POSITIVE_INFINITY ? 'unseen record' : 'skipped record'
      anomalies.add(kind, `${gap.reader} was not handed ${records.join(', ')}${more} of ${partition.name}`)
    }
  }
}

/** A group goes on behind exactly that of which there is an output. One transaction may have several of one input. */
export function judgeGroup(state: HistoryState, { offsets, copies = false }: GroupEvent, anomalies: Anomalies): void {
  const made = new Map<string, Set<string>>()
  for (const { id, input, isVisible, transaction } of state.sent.values()) {
    if (input === undefined || !isVisible) continue
    const makers = made.get(input) ?? new Set()
    made.set(input, makers.add(transaction?.id ?? id))
  }
  for (const place of offsets) {
    const partition = state.partition(place)
    for (const offset of partition.visible) {
      const id = partition.ids.get(offset)
      if (id === undefined) continue
      const count = made.get(id)?.size ?? 0
      const text = `${id}, at ${offset} of ${partition.name}, has ${count} outputs, and ${place.offset} is committed`
      if (count > 1) anomalies.add('input copied twice', text)
      else if (copies && offset < place.offset && count === 0) anomalies.add('offset without output', text)
      else if (offset >= place.offset && count > 0) anomalies.add('output without offset', text)
    }
  }
}
