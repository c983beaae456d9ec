/**
 * GroupOffsets: the offsets that one group has committed, by topic and partition. Changed by replayed records alone.
 */
import type { CommittedOffset } from './group-records.js'
import { PendingOffsets } from './pending-offsets.js'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** With the offset of its record in the log of the groups. */
export interface KeptOffset extends CommittedOffset {
  readonly recordOffset: number
}

/** When the time of an offset began that retention counts from; undefined where it may not go. */
export type RetentionStart = (topic: string, offset: CommittedOffset) => number | undefined

export class GroupOffsets {
  readonly #topics = new Map<string, Map<number, KeptOffset>>()
  readonly #pending = new PendingOffsets()

  get isEmpty(): boolean {
    return this.#topics.size === 0
  }

  get(topic: string, partition: number): KeptOffset | undefined {
    return this.#topics.get(topic)?.get(partition)
  }

  set(topic: string, partition: number, offset: KeptOffset): void {
    const partitions = this.#topics.get(topic) ?? new Map<number, KeptOffset>()
    partitions.set(partition, offset)
    this.#topics.set(topic, partitions)
  }

  /** Part of a producer's open transaction. */
  addPending(producerId: number, topic: string, partition: number, offset: KeptOffset): void {
    this.#pending.add(producerId, { topic, partition, offset })
  }

  /** The transaction has ended. What was committed later than its offsets, without it or in a shorter one, is newer. */
  end(producerId: number, isCommit: boolean): void {
    for (const { topic, partition, offset } of this.#pending.end(producerId)) {
      const known = this.get(topic, partition)
      const isNewer = known === undefined || known.recordOffset < offset.recordOffset
      if (isCommit && isNewer) this.set(topic, partition, offset)
    }
  }

  /** Whether an open transaction is about to change the offset. */
  isPending(topic: string, partition: number): boolean {
    return !this.#pending.isEmpty && this.#pending.has({ topic, partition })
  }

  get hasPending(): boolean {
    return !this.#pending.isEmpty
  }

  *pending(): Generator<TopicPartition & { readonly committed: CommittedOffset }> {
    for (const { topic, partition, offset: committed } of this.#pending.all()) yield { topic, partition, committed }
  }

  delete(topic: string, partition: number): void {
    this.#pending.forget({ topic, partition })
    const partitions = this.#topics.get(topic)
    partitions?.delete(partition)
    if (partitions?.size === 0) this.#topics.delete(topic)
  }

  topics(): Iterable<readonly [topic: string, partitions: ReadonlyMap<number, CommittedOffset>]> {
    return this.#topics
  }

  *all(): Generator<TopicPartition & { readonly committed: CommittedOffset }> {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, committed] of partitions) yield { topic, partition, committed }
    }
  }

  /** Those that have been kept long enough. */
  *expired(nowMs: number, retentionMs: number, startOf: RetentionStart): Generator<TopicPartition> {
    for (const { topic, partition, committed } of this.all()) {
      const startMs = startOf(topic, committed)
      if (startMs === undefined || this.isPending(topic, partition)) continue
      const isExpired =
        committed.expiresAtMs === undefined ? nowMs - startMs >= retentionMs : nowMs >= committed.expiresAtMs
      if (isExpired) yield { topic, partition }
    }
  }
}
