/**
 * PendingOffsets: offsets that a group has committed as part of transactions that are still open. They count when the
 * transaction is committed, and are nothing when it is aborted. Changed by replayed records alone.
 */
import type { KeptOffset, TopicPartition } from './group-offsets.js'

export interface PendingOffset extends TopicPartition {
  readonly offset: KeptOffset
}

export class PendingOffsets {
  readonly #byProducer = new Map<number, Map<string, PendingOffset>>()

  get isEmpty(): boolean {
    return this.#byProducer.size === 0
  }

  add(producerId: number, pending: PendingOffset): void {
    const ofProducer = this.#byProducer.get(producerId) ?? new Map<string, PendingOffset>()
    ofProducer.set(placeOf(pending), pending)
    this.#byProducer.set(producerId, ofProducer)
  }

  /** The transaction has ended: what was pending in it. */
  end(producerId: number): readonly PendingOffset[] {
    const ended = [...(this.#byProducer.get(producerId)?.values() ?? [])]
    this.#byProducer.delete(producerId)
    return ended
  }

  /** The offset of the partition is deleted, whatever becomes of the transactions. */
  forget(partition: TopicPartition): void {
    for (const [producerId, ofProducer] of this.#byProducer) {
      ofProducer.delete(placeOf(partition))
      if (ofProducer.size === 0) this.#byProducer.delete(producerId)
    }
  }

  has(partition: TopicPartition): boolean {
    const place = placeOf(partition)
    return [...this.#byProducer.values()].some(ofProducer => ofProducer.has(place))
  }

  *all(): Generator<PendingOffset> {
    for (const ofProducer of this.#byProducer.values()) yield* ofProducer.values()
  }
}

/** Topics have no spaces in their names. */
function placeOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}
