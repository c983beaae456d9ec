/**
 * Interceptors: the user's hooks before a record is serialized and behind its outcome. What one of them throws is logged
 * and changes nothing: the record goes on as the one before it has left it.
 */
import type { KafkaError, Logger } from '@samsa/runtime'
import type { RecordMetadata } from './delivery.js'
import type { ProducerRecord } from './record.js'

export interface Interceptor {
  /** Gives the record to send in place of this one, or the same. Called in the order of the list. */
  onSend?(record: ProducerRecord<unknown, unknown>): ProducerRecord<unknown, unknown>
  /** Called once for each record, before its promise or callback is told. Exactly one of the two is there. */
  onAcknowledgement?(error: KafkaError | undefined, metadata: RecordMetadata | undefined): void
  close?(): void
}

export class Interceptors {
  readonly #list: readonly Interceptor[]
  readonly #logger: Logger

  constructor(list: readonly Interceptor[], logger: Logger) {
    this.#list = list
    this.#logger = logger
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  onSend(record: ProducerRecord<unknown, unknown>): ProducerRecord<unknown, unknown> {
    let current = record
    for (const interceptor of this.#list) {
      this.#guarded('onSend', () => {
        current = interceptor.onSend?.(current) ?? current
      })
    }
    return current
  }

  readonly onAcknowledgement = (error: KafkaError | undefined, metadata: RecordMetadata | undefined): void => {
    for (const interceptor of this.#list) {
      this.#guarded('onAcknowledgement', () => interceptor.onAcknowledgement?.(error, metadata))
    }
  }

  close(): void {
    for (const interceptor of this.#list) this.#guarded('close', () => interceptor.close?.())
  }

  #guarded(method: string, call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#logger.warn({ method, err: error }, 'an interceptor threw')
    }
  }
}
