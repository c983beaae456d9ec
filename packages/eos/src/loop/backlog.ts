/**
 * Backlog: records that were polled and are in no transaction yet, and the stretches of partitions that are gone through
 * record by record because some record in them made a transaction fail. Whoever fills it keeps it small. Pure.
 */
import type { ConsumerRecord, TopicPartition } from '@samsa/consumer'
import { Batch } from './batch.js'
import { placeName } from './place-name.js'

export class Backlog<Key = unknown, Value = unknown> {
  #records: ConsumerRecord<Key, Value>[] = []
  /** By partition: records below that offset go alone. */
  readonly #aloneBelow = new Map<string, bigint>()

  get size(): number {
    return this.#records.length
  }

  /** Where the first record that is waiting comes from, for each partition that has one. */
  get starts(): readonly { readonly topic: string; readonly partition: number; readonly start: bigint }[] {
    return new Batch(this.#records).stretches
  }

  add(records: Iterable<ConsumerRecord<Key, Value>>): void {
    for (const record of records) this.#records.push(record)
  }

  /** Nothing is gained by waiting for more. */
  isReady(most: number): boolean {
    const [first] = this.#records
    return this.#records.length >= most || (first !== undefined && this.#goesAlone(first))
  }

  /** At most so many, from the front; one that goes alone is a batch by itself. */
  take(most: number): Batch<Key, Value> | undefined {
    const [first] = this.#records
    if (first === undefined) return undefined
    if (this.#aloneBelow.size === 0) return new Batch(this.#records.splice(0, most))
    const alone = this.#records.findIndex(record => this.#goesAlone(record))
    const count = alone === 0 ? 1 : alone < 0 ? most : Math.min(alone, most)
    return new Batch(this.#records.splice(0, count))
  }

  /** Its records go alone when they come again. */
  isolate({ stretches }: Batch<Key, Value>): void {
    for (const stretch of stretches) this.#aloneBelow.set(placeName(stretch), stretch.offset)
  }

  /** The transaction with these is committed. */
  done({ stretches }: Batch<Key, Value>): void {
    if (this.#aloneBelow.size === 0) return
    for (const stretch of stretches) {
      const name = placeName(stretch)
      const end = this.#aloneBelow.get(name)
      if (end !== undefined && stretch.offset >= end) this.#aloneBelow.delete(name)
    }
  }

  /** Records of these come again, or are another consumer's. */
  drop(places: readonly TopicPartition[]): void {
    if (this.#records.length === 0) return
    const names = new Set(places.map(placeName))
    this.#records = this.#records.filter(record => !names.has(placeName(record)))
  }

  /** The partitions are gone: what is known of them counts no more. */
  forget(places: readonly TopicPartition[]): void {
    this.drop(places)
    for (const place of places) this.#aloneBelow.delete(placeName(place))
  }

  #goesAlone(record: ConsumerRecord<Key, Value>): boolean {
    const end = this.#aloneBelow.get(placeName(record))
    return end !== undefined && record.offset < end
  }
}
