/**
 * HistoryChecker: takes the events of a history one after the other and says in the end what must not be. Order among
 * transactions of several producers is free, as it is in Kafka: writes of two that overlap may lie between each other.
 */
import type { KafkaError } from '@samsa/runtime'
import { Anomalies, type Anomaly, type AnomalyKind } from './anomaly.js'
import {
  type GroupEvent,
  type HistoryEvent,
  type HistoryRecord,
  invalidHistory,
  type PartitionsEvent,
  type PollEvent,
  type SendEvent,
  type TransactionEvent,
} from './history-event.js'
import { historyEvents, historyFile } from './history-lines.js'
import { HistoryState, type Partition, placeName, type Sent } from './history-state.js'
import { judgeEnds, judgeGaps, judgeGroup, judgeReads, judgeSends } from './history-verdict.js'

export interface HistoryVerdict {
  /** At most 100 of each kind. */
  readonly anomalies: readonly Anomaly[]
  /** Of all of them. */
  readonly counts: Readonly<Partial<Record<AnomalyKind, number>>>
  readonly events: number
  readonly records: number
  readonly transactions: number
  /** Records that were handed out, as often as they were. */
  readonly reads: number
}

/** Rejects with INVALID_HISTORY and the number of the line where something cannot be understood. */
export async function checkHistoryFile(path: string): Promise<HistoryVerdict> {
  const checker = new HistoryChecker()
  for await (const { line, event } of historyEvents(historyFile(path))) checker.add(event, line)
  return checker.verdict()
}

export function checkHistory(events: Iterable<HistoryEvent>): HistoryVerdict {
  const checker = new HistoryChecker()
  for (const event of events) checker.add(event)
  return checker.verdict()
}

export class HistoryChecker {
  readonly #state = new HistoryState()
  readonly #anomalies = new Anomalies()
  readonly #groups: GroupEvent[] = []
  #events = 0
  #line = 0
  #reads = 0

  /** In the order in which they happened. Throws when an event does not go with those before it. */
  add(event: HistoryEvent, line?: number): void {
    this.#events++
    this.#line = line ?? this.#events
    switch (event.op) {
      case 'send':
        if (event.type === 'invoke') this.#sending(event)
        else this.#sent(event)
        return
      case 'begin':
      case 'commit':
      case 'abort':
        this.#transaction(event)
        return
      case 'poll':
        this.#poll(event)
        return
      case 'assigned':
      case 'revoked':
      case 'lost':
      case 'seek':
        this.#moved(event)
        return
      case 'caughtUp':
        this.#caughtUp(event.process)
        return
      case 'remains':
        for (const topic of event.topics) this.#state.told.add(topic)
        for (const record of event.records) this.#read(record, true)
        return
      case 'ends':
        for (const end of event.partitions) {
          if (end.lastStableOffset === end.highWatermark) continue
          const text = `${placeName(end)} is stable up to ${end.lastStableOffset} of ${end.highWatermark}`
          this.#anomalies.add('hanging transaction', text)
        }
        return
      case 'group':
        this.#groups.push(event)
        return
    }
  }

  /** To be asked once, when all events are there. */
  verdict(): HistoryVerdict {
    const [state, anomalies] = [this.#state, this.#anomalies]
    judgeReads(state, anomalies)
    judgeEnds(state, anomalies)
    judgeSends(state, anomalies)
    judgeGaps(state, anomalies)
    for (const group of this.#groups) judgeGroup(state, group, anomalies)
    return {
      anomalies: anomalies.found,
      counts: Object.fromEntries(anomalies.counts),
      events: this.#events,
      records: state.sent.size,
      transactions: state.transactions.size,
      reads: this.#reads,
    }
  }

  #sending({ process, id, topic = '', partition, transaction, input }: SendEvent): void {
    if (this.#state.sent.has(id)) throw this.#invalid(`two records have the id ${id}`)
    const part = transaction === undefined ? undefined : this.#state.transactions.get(transaction)
    if (transaction !== undefined && part === undefined) {
      throw this.#invalid(`${id} is sent in the transaction ${transaction}, which nobody has begun`)
    }
    const sent: Sent = {
      id,
      process,
      topic,
      partition,
      transaction: part,
      input,
      offset: undefined,
      outcome: 'open',
      readAt: undefined,
      isVisible: false,
      isEarly: false,
    }
    this.#state.sent.set(id, sent)
    part?.sent.push(sent)
  }

  #sent({ id, type, partition, offset }: SendEvent): void {
    const sent = this.#state.sent.get(id)
    if (sent === undefined) throw this.#invalid(`${id} has an outcome, and nobody sent it`)
    if (type === 'invoke') return
    sent.outcome = type
    if (type !== 'ok' || partition === undefined) return
    sent.partition = partition
    if (offset === undefined) return
    sent.offset = offset
    this.#isAt(this.#state.partition({ topic: sent.topic, partition }), offset, id)
    if (sent.readAt !== undefined && sent.readAt.offset !== offset) this.#toldWrong(sent, sent.readAt.offset)
  }

  #transaction({ op, type, process, transaction: id }: TransactionEvent): void {
    const { transactions } = this.#state
    const known = transactions.get(id)
    if (op === 'begin') {
      if (known !== undefined) throw this.#invalid(`the transaction ${id} is begun twice`)
      transactions.set(id, { id, sent: [], isCommitAsked: false, outcome: 'open' })
      return
    }
    if (known === undefined) throw this.#invalid(`${process} ends ${id}, which nobody has begun`)
    if (op === 'commit') known.isCommitAsked = true
    if (type === 'ok') known.outcome = op === 'commit' ? 'committed' : 'aborted'
    else if (type === 'fail' && op === 'commit') known.outcome = 'aborted'
  }

  #poll({ process, records, isolation }: PollEvent): void {
    const reader = this.#state.reader(process)
    for (const record of records) {
      const { offset, id } = record
      const partition = this.#state.partition(record)
      const next = reader.get(partition)
      if (next !== undefined && offset < next) {
        const text = `${process} is handed ${id ?? 'a record'}, at ${offset} of ${partition.name}, behind ${next - 1}`
        this.#anomalies.add('non-monotonic poll', text)
      } else if (next !== undefined && offset > next) {
        partition.gaps.push({ reader: process, begin: next, end: offset })
      }
      reader.set(partition, Math.max(next ?? 0, offset + 1))
      this.#reads++
      this.#read(record, isolation !== 'readUncommitted')
    }
  }

  #moved({ process, partitions }: PartitionsEvent): void {
    const reader = this.#state.reader(process)
    for (const place of partitions) {
      const partition = this.#state.partition(place)
      if (place.offset === undefined) reader.delete(partition)
      else reader.set(partition, place.offset)
    }
  }

  #caughtUp(process: string): void {
    for (const [partition, next] of this.#state.reader(process)) {
      partition.gaps.push({ reader: process, begin: next, end: Number.POSITIVE_INFINITY })
    }
  }

  #read({ topic, partition: number, offset, id }: HistoryRecord, isCommitted: boolean): void {
    const partition = this.#state.partition({ topic, partition: number })
    if (isCommitted) partition.visible.add(offset)
    if (id === null) return
    const sent = this.#state.sent.get(id)
    const isThere = sent?.topic === topic && (sent.partition ?? number) === number
    this.#isAt(partition, offset, id)
    if (sent === undefined || !isThere) {
      this.#anomalies.add('phantom', `${id} in ${partition.name}, which nobody sent there`)
      return
    }
    if (sent.readAt === undefined) {
      sent.readAt = { topic, partition: number, offset }
      if (sent.offset !== undefined && sent.offset !== offset) this.#toldWrong(sent, offset)
    } else if (sent.readAt.offset !== offset || sent.readAt.partition !== number) {
      const places = `${placeName(sent.readAt)} at ${sent.readAt.offset} and ${partition.name} at ${offset}`
      this.#anomalies.add('duplicate', `${id} is in ${places}`)
    }
    if (!isCommitted) return
    sent.isVisible = true
    const { transaction } = sent
    if (transaction !== undefined && !transaction.isCommitAsked) sent.isEarly = true
  }

  #invalid(what: string): KafkaError {
    return invalidHistory(what, this.#line)
  }

  /** An offset has one record for ever: the one that its producer and every reader know. */
  #isAt(partition: Partition, offset: number, id: string): void {
    const before = partition.ids.get(offset)
    if (before === undefined) partition.ids.set(offset, id)
    else if (before !== id) {
      this.#anomalies.add('inconsistent offset', `${partition.name} at ${offset} is ${before} and ${id}`)
    }
  }

  #toldWrong({ id, offset }: Sent, readAt: number): void {
    this.#anomalies.add('inconsistent offset', `${id} is at ${readAt}, and was told to be at ${offset}`)
  }
}
