/**
 * ConsumerRecords: what one poll gives. Iterating goes over all records, those of a partition in their order; by partition
 * they are sorted only when somebody asks.
 */
import type { ConsumerRecord } from './consumer-record.js'
import { nameOf, type TopicPartition } from './topic-partition.js'

interface PartitionRecords<Key, Value> {
  readonly place: TopicPartition
  readonly records: ConsumerRecord<Key, Value>[]
}

export class ConsumerRecords<Key = Uint8Array, Value = Uint8Array> implements Iterable<ConsumerRecord<Key, Value>> {
  readonly #records: readonly ConsumerRecord<Key, Value>[]
  #byPartition: ReadonlyMap<string, PartitionRecords<Key, Value>> | undefined

  constructor(records: readonly ConsumerRecord<Key, Value>[]) {
    this.#records = records
  }

  get count(): number {
    return this.#records.length
  }

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  /** Those of which there is at least one record. */
  partitions(): TopicPartition[] {
    return [...this.#sorted().values()].map(({ place }) => place)
  }

  of(place: TopicPartition): readonly ConsumerRecord<Key, Value>[] {
    return this.#sorted().get(nameOf(place))?.records ?? []
  }

  [Symbol.iterator](): Iterator<ConsumerRecord<Key, Value>> {
    return this.#records[Symbol.iterator]()
  }

  #sorted(): ReadonlyMap<string, PartitionRecords<Key, Value>> {
    if (this.#byPartition !== undefined) return this.#byPartition
    const byPartition = new Map<string, PartitionRecords<Key, Value>>()
    for (const record of this.#records) {
      const { topic, partition } = record
      const name = nameOf({ topic, partition })
      const known = byPartition.get(name)
      if (known === undefined) byPartition.set(name, { place: { topic, partition }, records: [record] })
      else known.records.push(record)
    }
    this.#byPartition = byPartition
    return byPartition
  }
}
