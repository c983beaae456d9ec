/**
 * RecordedConsumer: a consumer that writes down what it hands out, commits and is assigned, whichever way its application takes
 * records: polls, loops, streams or `run()`.
 */
import {
  Consumer,
  type ConsumerOptions,
  type ConsumerRecord,
  type RebalanceListener,
  type ServerPattern,
  type TopicPartition,
} from '@samsa/consumer'
import { historyHeader, type RecordedParts } from './recorded-producer.js'

export class RecordedConsumer<Key = Uint8Array, Value = Uint8Array> extends Consumer<Key, Value> {
  readonly #parts: RecordedParts
  /** What the application has assigned by itself. */
  #places: readonly TopicPartition[] = []

  constructor(options: ConsumerOptions<Key, Value>, parts: RecordedParts) {
    const { write, process } = parts
    const { groupId: group = '', isolationLevel: isolation = 'readUncommitted' } = options
    // An empty text is a list too, of none.
    const interceptors = typeof options.interceptors === 'object' ? options.interceptors : []
    const interceptor = {
      onConsume: (record: ConsumerRecord<unknown, unknown>) => {
        const { topic, partition, offset } = record
        const id = record.header(historyHeader) ?? null
        write({ op: 'poll', process, isolation, records: [{ topic, partition, offset: Number(offset), id }] })
      },
      onCommit: (offsets: Iterable<TopicPartition & { readonly offset: bigint }>) => {
        const told = [...offsets].map(({ topic, partition, offset }) => ({ topic, partition, offset: Number(offset) }))
        write({ op: 'offsets', type: 'ok', process, group, offsets: told })
      },
    }
    super({ ...options, interceptors: [...interceptors, interceptor] })
    this.#parts = parts
  }

  override assign(partitions: Iterable<TopicPartition>): void {
    const places = [...partitions]
    super.assign(places)
    const isNew = (place: TopicPartition): boolean => !this.#places.some(known => isSame(known, place))
    this.#tell('assigned', places.filter(isNew))
    this.#places = places
  }

  override subscribe(to: Iterable<string> | RegExp | ServerPattern, listener: RebalanceListener = {}): void {
    const { onPartitionsLost, onPartitionsRevoked } = listener
    super.subscribe(to, {
      onPartitionsAssigned: places => {
        this.#tell('assigned', places)
        return listener.onPartitionsAssigned?.(places)
      },
      onPartitionsRevoked: places => {
        this.#tell('revoked', places)
        return onPartitionsRevoked?.call(listener, places)
      },
      onPartitionsLost: places => {
        this.#tell('lost', places)
        return (onPartitionsLost ?? onPartitionsRevoked)?.call(listener, places)
      },
    })
  }

  override seek(partition: TopicPartition, offset: bigint): void {
    super.seek(partition, offset)
    this.#tell('seek', [{ ...partition, offset }])
  }

  override seekToBeginning(partitions?: Iterable<TopicPartition>): void {
    const places = partitions === undefined ? undefined : [...partitions]
    super.seekToBeginning(places)
    this.#tell('seek', places ?? this.assignment())
  }

  override seekToEnd(partitions?: Iterable<TopicPartition>): void {
    const places = partitions === undefined ? undefined : [...partitions]
    super.seekToEnd(places)
    this.#tell('seek', places ?? this.assignment())
  }

  #tell(
    op: 'assigned' | 'revoked' | 'lost' | 'seek',
    places: readonly (TopicPartition & { readonly offset?: bigint })[],
  ): void {
    const { write, process } = this.#parts
    const partitions = places.map(({ topic, partition, offset }) =>
      offset === undefined ? { topic, partition } : { topic, partition, offset: Number(offset) },
    )
    write({ op, process, partitions })
  }
}

function isSame(one: TopicPartition, other: TopicPartition): boolean {
  return one.topic === other.topic && one.partition === other.partition
}
