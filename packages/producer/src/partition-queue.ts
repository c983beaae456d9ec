/**
 * PartitionQueue: the batches of one partition, from the one that still takes records back to those in flight, and the
 * sequence numbers by which the broker knows their order. Pure: no clock, no network; the sender drives it.
 *
 * Invariants. `waiting` is in the order in which records were sent; only its last batch takes records. Batches that go
 * again come back to where they were: before all that were sent after them. With idempotence the batches in flight and
 * the stamped ones that wait have consecutive sequences under one identity; who has no stamp yet is behind them.
 *
 * A stamp is given up, and the batch numbered anew, only when a broker has refused the batch for its number while nothing
 * older was on its way: then no broker has it, nor those behind it. Whatever is merely not answered goes again as it was.
 */
import { addSequence, type ProducerStamp } from '@samsa/protocol'
import type { ProducerBatch } from './producer-batch.js'

/** Who the producer is to a broker. */
export interface Identity {
  readonly producerId: number
  readonly producerEpoch: number
}

export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** Not in flight, first to last. */
  readonly waiting: ProducerBatch[] = []
  /** In flight, in the order in which they were sent. */
  readonly inFlight: ProducerBatch[] = []
  /** The node that those in flight went to. */
  inFlightNode = -1
  /** The broker does not accept our numbers any more: once nothing is in flight, they begin anew. */
  mustRenumber = false
  #identity: Identity | undefined
  /** The broker has a batch with a number of this identity, so that it knows which one comes next. */
  #isEstablished = false
  #nextSequence = 0
  #lastBytes = 0
  #nextOrder = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** The batch that takes records; undefined when the next record begins one. */
  get open(): ProducerBatch | undefined {
    const last = this.waiting.at(-1)
    return last === undefined || last.isFull || last.isClosed ? undefined : last
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.inFlight.length === 0
  }

  /** Batches that are not settled. */
  get depth(): number {
    return this.waiting.length + this.inFlight.length
  }

  /** What the batch before the next one came to, so that the next one begins with as much room. */
  get lastBytes(): number {
    return this.#lastBytes
  }

  add(batch: ProducerBatch): void {
    batch.order = this.#nextOrder++
    this.waiting.push(batch)
  }

  /**
   * Whether the first batch may be sent to the node now. `ordered`: nothing overtakes, because there are no sequences
   * by which the broker could tell.
   */
  maySend(
    node: number,
    identity: Identity | undefined,
    limits: { readonly ordered: boolean; readonly mostInFlight: number },
  ): boolean {
    const [first] = this.waiting
    if (first === undefined || this.mustRenumber) return false
    const count = this.inFlight.length
    if (count === 0) return true
    if (limits.ordered || count >= limits.mostInFlight) return false
    if (identity === undefined) return true
    // A broker that has nothing of us yet takes any number for the first: a second batch could come before the first.
    if (!this.#isEstablished) return false
    // To another node it could overtake; after a failure only one goes at a time, until nothing goes again.
    return this.inFlightNode === node && first.stamp === undefined && this.#identity === identity
  }

  /** Takes the first batch for sending, numbered if there is an identity. */
  take(node: number, identity: Identity | undefined): ProducerBatch | undefined {
    const batch = this.waiting.shift()
    if (batch === undefined) return undefined
    if (identity !== undefined && batch.stamp === undefined) batch.assignStamp(this.#nextStamp(batch, identity))
    batch.attempts++
    batch.sentTo = node
    this.inFlight.push(batch)
    this.inFlightNode = node
    this.#lastBytes = batch.size
    return batch
  }

  /** It is in the log. */
  written({ stamp }: ProducerBatch): void {
    const identity = this.#identity
    if (stamp === undefined || identity === undefined) return
    const { producerId, producerEpoch } = identity
    if (stamp.producerId === producerId && stamp.producerEpoch === producerEpoch) this.#isEstablished = true
  }

  /** It is not in flight any more, whatever comes next. */
  landed(batch: ProducerBatch): void {
    const index = this.inFlight.indexOf(batch)
    if (index >= 0) this.inFlight.splice(index, 1)
  }

  /** Whether nothing that was sent before the batch is without an outcome. */
  isFirst(batch: ProducerBatch): boolean {
    const [inFlight] = this.inFlight
    if (inFlight !== undefined && inFlight.order < batch.order) return false
    const [waiting] = this.waiting
    return waiting === undefined || waiting.order >= batch.order
  }

  /** Back to its place, to be sent again. */
  putBack(batch: ProducerBatch): void {
    const behind = this.waiting.findIndex(({ order }) => order > batch.order)
    this.waiting.splice(behind < 0 ? this.waiting.length : behind, 0, batch)
  }

  /** In place of a batch that was refused as a whole, before all others that wait. They go on with its numbers. */
  putParts(refused: ProducerBatch, parts: readonly ProducerBatch[]): void {
    const { stamp } = refused
    let sequence = stamp?.baseSequence ?? 0
    const span = refused.orderSpan / parts.length
    parts.forEach((part, index) => {
      part.order = refused.order + index * span
      part.orderSpan = span
      if (stamp !== undefined) part.assignStamp({ ...stamp, baseSequence: sequence })
      sequence = addSequence(sequence, part.recordCount)
      this.putBack(part)
    })
  }

  /**
   * A batch is given up that no broker has. When it was the last one sent, its numbers are free again; otherwise the
   * batches behind it will be refused for theirs, and numbered anew.
   */
  forget(batch: ProducerBatch): void {
    const { stamp } = batch
    if (stamp === undefined || this.#identity === undefined || batch.mayBeWritten) return
    const { producerId, producerEpoch } = this.#identity
    if (stamp.producerId !== producerId || stamp.producerEpoch !== producerEpoch) return
    const isLast = addSequence(stamp.baseSequence, batch.recordCount) === this.#nextSequence
    if (isLast) this.#nextSequence = stamp.baseSequence
  }

  /** Everything that waits is numbered anew, from 0, when it is sent. Only while nothing is in flight. */
  renumber(): void {
    this.mustRenumber = false
    this.#identity = undefined
    for (const batch of this.waiting) batch.assignStamp(undefined)
  }

  #nextStamp(batch: ProducerBatch, identity: Identity): ProducerStamp {
    if (this.#identity !== identity) {
      this.#identity = identity
      this.#isEstablished = false
      this.#nextSequence = 0
    }
    const baseSequence = this.#nextSequence
    this.#nextSequence = addSequence(baseSequence, batch.recordCount)
    return { ...identity, baseSequence }
  }
}
