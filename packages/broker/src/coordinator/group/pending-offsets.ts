/**
 * PendingOffsets: offsets that groups of one partition have committed as part of transactions that are still open. They
 * count when the transaction is committed, and are nothing when it is aborted. Changed by replayed records alone.
 */
import type { CommittedOffset, OffsetKey } from './group-records.js'

export interface PendingOffset {
  readonly key: OffsetKey
  readonly committed: CommittedOffset
  /** Where its record stands: of two offsets the one that was written later counts. */
  readonly recordOffset: number
}

export class PendingOffsets {
  readonly #byProducer = new Map<number, Map<string, PendingOffset>>()
  /** Group → partition → in how many transactions. */
  readonly #open = new Map<string, Map<string, number>>()

  add(producerId: number, pending: PendingOffset): void {
    const { group, topic, partition } = pending.key
    const ofProducer = this.#byProducer.get(producerId) ?? new Map<string, PendingOffset>()
    this.#byProducer.set(producerId, ofProducer)
    const name = nameOf(pending.key)
    const isNew = !ofProducer.has(name)
    ofProducer.set(name, pending)
    if (!isNew) return
    const ofGroup = this.#open.get(group) ?? new Map<string, number>()
    this.#open.set(group, ofGroup)
    const place = placeOf(topic, partition)
    ofGroup.set(place, (ofGroup.get(place) ?? 0) + 1)
  }

  /** The transaction has ended: what was pending in it. */
  end(producerId: number): PendingOffset[] {
    const ended = [...(this.#byProducer.get(producerId)?.values() ?? [])]
    this.#byProducer.delete(producerId)
    for (const { key } of ended) this.#close(key)
    return ended
  }

  /** The group or the partition is gone, whatever becomes of the transactions. */
  forget(key: OffsetKey): void {
    if (!this.has(key.group, key.topic, key.partition)) return
    const name = nameOf(key)
    for (const [producerId, ofProducer] of this.#byProducer) {
      if (!ofProducer.delete(name)) continue
      this.#close(key)
      if (ofProducer.size === 0) this.#byProducer.delete(producerId)
    }
  }

  has(group: string, topic: string, partition: number): boolean {
    return this.#open.get(group)?.has(placeOf(topic, partition)) === true
  }

  isOpen(group: string): boolean {
    return this.#open.has(group)
  }

  *ofGroup(group: string): Generator<OffsetKey> {
    if (!this.isOpen(group)) return
    for (const ofProducer of this.#byProducer.values()) {
      for (const { key } of ofProducer.values()) if (key.group === group) yield key
    }
  }

  #close({ group, topic, partition }: OffsetKey): void {
    const ofGroup = this.#open.get(group)
    const place = placeOf(topic, partition)
    const count = ofGroup?.get(place) ?? 0
    if (count > 1) ofGroup?.set(place, count - 1)
    else ofGroup?.delete(place)
    if (ofGroup?.size === 0) this.#open.delete(group)
  }
}

function nameOf({ group, topic, partition }: OffsetKey): string {
  return `${placeOf(topic, partition)} ${group}`
}

/** Topics have no spaces in their names. */
function placeOf(topic: string, partition: number): string {
  return `${partition} ${topic}`
}
