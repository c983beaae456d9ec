/**
 * OffsetOwner: takes partitions over in the store, finds where to begin, and moves offsets. Where reading begins is stored
 * before anything is read, so that a second start begins where the first one did.
 */
import type { Consumer } from '@samsa/consumer'
import { ZERO_UUID } from '@samsa/protocol'
import { FencedError, NoOffsetForPartitionError, type OffsetOutOfRangeError } from '@samsa/runtime'
import { reach } from '../failpoint.js'
import type { OffsetPlace, OffsetStore } from '../store/offset-store.js'
import { inconsistentTopicId } from '../store/store-error.js'
import type { OffsetsConfig } from './offsets-options.js'
import { nameOf, OwnedPartition } from './owned-partition.js'

type Places = Pick<Consumer<unknown, unknown>, 'beginningOffsets' | 'endOffsets'>

export class OffsetOwner<Tx> {
  readonly #consumer: Places
  readonly #store: OffsetStore<Tx>
  readonly #config: OffsetsConfig

  constructor(consumer: Places, store: OffsetStore<Tx>, config: OffsetsConfig) {
    this.#consumer = consumer
    this.#store = store
    this.#config = config
  }

  /** Whoever had it before can move nothing any more; `isOurs` is false where another has taken it meanwhile. */
  async take(topic: string, partition: number): Promise<{ readonly owned: OwnedPartition; readonly isOurs: boolean }> {
    const place: OffsetPlace = { group: this.#config.group, topic, partition }
    // Metadata may come later than the assignment, and without the id an earlier topic's offset would be gone on from.
    await this.#config.insight.cluster.metadata.topicOf(topic)
    const topicId = this.#topicId(topic)
    const { fence, next } = await this.#store.acquire(place, topicId)
    reach('offsets.afterAcquire')
    if (next !== null) return { owned: new OwnedPartition(place, { topicId, fence, next }), isOurs: true }
    const begin = await this.#begin(place)
    const isOurs = await this.#moves(place, { fence, from: null, to: begin })
    return { owned: new OwnedPartition(place, { topicId, fence, next: begin }), isOurs }
  }

  /**
   * A broker says that the log has no such offset. Where records were removed, `onMissing` says what to do. An offset behind the
   * end is another matter: this log has lost records, or is another one, and to go back would do again what was done. False where
   * another has the partition.
   */
  async goOn(owned: OwnedPartition, refusal: OffsetOutOfRangeError): Promise<boolean> {
    const [first] = await this.#consumer.beginningOffsets([owned.place])
    if (first === undefined || owned.next >= first.offset || this.#config.onMissing === 'fail') throw refusal
    const to = await this.#begin(owned.place)
    const isOurs = await this.#moves(owned.place, { fence: owned.fence, from: owned.next, to })
    owned.next = to
    return isOurs
  }

  /** As part of the transaction; throws a FencedError when the partition is another's. */
  async advance(tx: Tx, { place, fence, next }: OwnedPartition, to: bigint): Promise<void> {
    if (!(await this.#store.advance(tx, { ...place, fence, from: next, to }))) throw fencedError(place)
  }

  /** A topic that was made anew while we read has records under the same offsets that are others. */
  checkTopic({ place, topicId }: OwnedPartition): void {
    const now = this.#topicId(place.topic)
    if (topicId === undefined || now === undefined || topicId === now) return
    throw inconsistentTopicId(place.topic, place.partition)
  }

  #topicId(topic: string): string | undefined {
    const id = this.#config.insight.cluster.metadata.topic(topic)?.id
    return id === ZERO_UUID ? undefined : id
  }

  async #begin(place: OffsetPlace): Promise<bigint> {
    const { onMissing } = this.#config
    const ends = onMissing === 'earliest' ? 'beginningOffsets' : 'endOffsets'
    const [end] = onMissing === 'fail' ? [] : await this.#consumer[ends]([place])
    if (end !== undefined) return end.offset
    const { topic, partition, group } = place
    throw new NoOffsetForPartitionError(
      `Nothing is stored for ${nameOf(place)} of ${group}, and onMissing is 'fail': store an offset, or choose 'earliest' or 'latest'.`,
      { topic, partition },
    )
  }

  #moves(
    place: OffsetPlace,
    move: { readonly fence: bigint; readonly from: bigint | null; readonly to: bigint },
  ): Promise<boolean> {
    return this.#store.transaction(tx => this.#store.advance(tx, { ...place, ...move }))
  }
}

function fencedError(place: OffsetPlace): FencedError {
  const { topic, partition } = place
  return new FencedError(
    `Another process has taken over ${nameOf(place)} of ${place.group}; what was done for it here was rolled back.`,
    { topic, partition },
  )
}
