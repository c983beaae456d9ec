/**
 * Output: what the work of a transaction sends. It keeps the first failure, since the transaction's own error tells less.
 */
import type { ProducerRecord, RecordMetadata, Transaction } from '@samsa/producer'
import { saysOnlyAborted } from './fault.js'

export class Output<Key, Value> {
  readonly #transaction: Pick<Transaction<Key, Value>, 'send'>
  #failure: { readonly error: unknown } | undefined

  constructor(transaction: Pick<Transaction<Key, Value>, 'send'>) {
    this.#transaction = transaction
  }

  /**
   * Into the transaction. Nothing needs to be awaited: the commit waits for all records, and a record that cannot be sent
   * aborts the transaction. Whoever sends very many at once awaits them, so that the producer's memory is enough.
   */
  send(record: ProducerRecord<Key, Value>): Promise<RecordMetadata> {
    const sent = this.#transaction.send(record)
    sent.catch((error: unknown) => {
      if (!saysOnlyAborted(error)) this.#failure ??= { error }
    })
    return sent
  }

  /** Of the first record that failed. */
  get error(): unknown {
    return this.#failure?.error
  }
}
