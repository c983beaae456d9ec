/**
 * Transaction: what `producer.transaction` gives to its function. It refuses whatever comes when the function has ended,
 * since that would be a part of another transaction, or of none.
 */
import type { WaitOptions } from '@samsa/runtime'
import type { DeliveryCallback, RecordMetadata } from './delivery.js'
import type { ProducerRecord } from './record.js'
import type { GroupMetadata, TransactionOffsets } from './transaction-offsets.js'
import { TransactionStateError } from './transaction-states.js'

/** What the producer does for the transaction. */
export interface TransactionWork<Key, Value> {
  send(record: ProducerRecord<Key, Value>, options?: WaitOptions): Promise<RecordMetadata>
  send(record: ProducerRecord<Key, Value>, callback: DeliveryCallback): void
  enqueue(record: ProducerRecord<Key, Value>, onDelivery?: DeliveryCallback): Promise<void> | undefined
  sendOffsetsToTransaction(offsets: TransactionOffsets, group: GroupMetadata, options?: WaitOptions): Promise<void>
}

export class Transaction<Key, Value> {
  readonly #work: TransactionWork<Key, Value>
  #isOver = false

  constructor(work: TransactionWork<Key, Value>) {
    this.#work = work
  }

  /** As the producer's. The commit waits for all records, awaited or not, and fails with the first that fails. */
  send(record: ProducerRecord<Key, Value>, options?: WaitOptions): Promise<RecordMetadata>
  send(record: ProducerRecord<Key, Value>, callback: DeliveryCallback): void
  send(record: ProducerRecord<Key, Value>, how?: WaitOptions | DeliveryCallback): Promise<RecordMetadata> | undefined {
    if (this.#isOver) {
      if (typeof how !== 'function') return quietRejection(overError())
      how(overError(), undefined)
      return undefined
    }
    if (typeof how !== 'function') return this.#work.send(record, how)
    this.#work.send(record, how)
    return undefined
  }

  /** As the producer's: the fastest way in. */
  enqueue(record: ProducerRecord<Key, Value>, onDelivery?: DeliveryCallback): Promise<void> | undefined {
    if (!this.#isOver) return this.#work.enqueue(record, onDelivery)
    onDelivery?.(overError(), undefined)
    return undefined
  }

  /** Offsets that the group gets with the transaction, or not at all. */
  sendOffsets(offsets: TransactionOffsets, group: GroupMetadata, options?: WaitOptions): Promise<void> {
    return this.#isOver ? Promise.reject(overError()) : this.#work.sendOffsetsToTransaction(offsets, group, options)
  }

  /** Called when its function has ended. */
  end(): void {
    this.#isOver = true
  }
}

function overError(): TransactionStateError {
  return new TransactionStateError(
    'The function of this transaction has ended: await in it what belongs to the transaction.',
  )
}

/** Who sends and forgets does not look at it: it must not end the process. */
function quietRejection(error: TransactionStateError): Promise<never> {
  const rejection = Promise.reject(error)
  rejection.catch(() => {})
  return rejection
}
