/**
 * What the sender asks of the transaction that its batches belong to.
 */
import type { KafkaError } from '@samsa/runtime'
import type { Identity, PartitionQueue } from './partition-queue.js'
import type { ProducerBatch } from './producer-batch.js'

export interface TransactionGate {
  readonly transactionalId: string
  /** Undefined while there is none: then nothing is sent. */
  readonly current: Identity | undefined
  /** The highest version of Produce that fits the transaction. */
  readonly produceVersion: number
  /** Batches to be given up, and why: those that were never numbered, or all of them. */
  readonly doom: Doom | undefined
  /** Whether the batch, the first of its queue, may go now. Where it may not yet, the sender is woken when it may. */
  mayDrain(queue: PartitionQueue, batch: Pick<ProducerBatch, 'stamp'>): boolean
}

export interface Doom {
  readonly error: KafkaError
  readonly isForAll: boolean
}
