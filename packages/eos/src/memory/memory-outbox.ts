/**
 * MemoryOutbox: the lanes of all boxes as maps, whose entries stand in the order of their sequences because transactions of the
 * memory store run one after the other.
 */
import { KafkaError } from '@samsa/runtime'
import { idText } from '../store/id-text.js'
import type { OutboxLane, OutboxPlace, OutboxRecord, WaitingInLane, WaitingRecord } from '../store/outbox-store.js'
import type { MemoryTx } from './memory-tx.js'

interface Lane extends OutboxLane {
  readonly records: Map<string, WaitingRecord>
}

export class MemoryOutbox {
  readonly #limit: number
  readonly #lanes = new Map<string, Lane>()
  #lastSequence = 0n

  constructor(limit: number) {
    this.#limit = limit
  }

  put(tx: MemoryTx, place: OutboxLane, records: readonly OutboxRecord[], now: number): void {
    const lane = this.#laneOf(place)
    const waiting = [...this.#lanes.values()].reduce((sum, { records: { size } }) => sum + size, 0)
    if (waiting + records.length > this.#limit) throw fullError(this.#limit)
    for (const record of records) {
      const sequence = ++this.#lastSequence
      tx.write(lane.records, String(sequence), { ...structuredClone(record), sequence, putAt: now })
    }
  }

  read(place: OutboxLane, limit: number): readonly WaitingRecord[] {
    const read: WaitingRecord[] = []
    for (const record of this.#laneOf(place).records.values()) {
      if (read.length >= limit) break
      read.push(structuredClone(record))
    }
    return read
  }

  remove(place: OutboxLane, records: readonly OutboxPlace[]): number {
    const lane = this.#laneOf(place).records
    return records.filter(({ sequence, id }) => {
      const isThere = lane.get(String(sequence))?.id === id
      return isThere && lane.delete(String(sequence))
    }).length
  }

  waiting(box: string, now: number): readonly WaitingInLane[] {
    return [...this.#lanes.values()]
      .filter(lane => lane.box === box && lane.records.size > 0)
      .map(({ lane, records }) => {
        const oldest = [...records.values()].reduce((least, { putAt }) => Math.min(least, putAt), now)
        return { lane, records: records.size, oldestAgeMs: now - oldest }
      })
      .toSorted((one, other) => one.lane - other.lane)
  }

  #laneOf({ box, lane }: OutboxLane): Lane {
    const id = idText(box, lane)
    const known = this.#lanes.get(id) ?? { box, lane, records: new Map() }
    this.#lanes.set(id, known)
    return known
  }
}

function fullError(limit: number): KafkaError {
  return new KafkaError(
    `The outboxes of the memory store hold ${limit} records: let a relay send some, or raise maxOutboxRecords.`,
    { code: 'STORE_FULL' },
  )
}
