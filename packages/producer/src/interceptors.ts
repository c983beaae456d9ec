/**
 * Interceptors: the user's hooks before a record is serialized and behind its outcome. What one of them throws is logged
 * and changes nothing: the record goes on as the one before it has left it.
 */
import { InterceptorList } from '@samsa/client/internal'
import type { KafkaError } from '@samsa/runtime'
import type { RecordMetadata } from './delivery.js'
import type { ProducerRecord } from './record.js'

export interface Interceptor {
  /** Gives the record to send in place of this one, or the same. Called in the order of the list. */
  onSend?(record: ProducerRecord<unknown, unknown>): ProducerRecord<unknown, unknown>
  /** Called once for each record, before its promise or callback is told. Exactly one of the two is there. */
  onAcknowledgement?(error: KafkaError | undefined, metadata: RecordMetadata | undefined): void
  close?(): void
}

export class Interceptors extends InterceptorList<Interceptor> {
  onSend(record: ProducerRecord<unknown, unknown>): ProducerRecord<unknown, unknown> {
    let current = record
    this.each('onSend', interceptor => {
      current = interceptor.onSend?.(current) ?? current
    })
    return current
  }

  readonly onAcknowledgement = (error: KafkaError | undefined, metadata: RecordMetadata | undefined): void => {
    this.each('onAcknowledgement', interceptor => interceptor.onAcknowledgement?.(error, metadata))
  }
}
