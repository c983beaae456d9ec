/**
 * Interceptors: the user's hooks before a record is handed out and behind a commit. They look on: what one of them throws
 * is logged and changes nothing.
 */
import { InterceptorList, mayBeCalled } from '@samsa/client/internal'
import type { TopicPartitionOffset } from '@samsa/runtime'
import type { ConsumerRecord } from './consumer-record.js'

export interface ConsumerInterceptor {
  /** Called in the order of the list, once for each record that is handed out. */
  onConsume?(record: ConsumerRecord<unknown, unknown>): void
  /** Called when the group has these offsets. */
  onCommit?(offsets: readonly TopicPartitionOffset[]): void
  close?(): void
}

export function isConsumerInterceptor(value: unknown): value is ConsumerInterceptor {
  return mayBeCalled(value, ['onConsume', 'onCommit', 'close'])
}

export class ConsumerInterceptors extends InterceptorList<ConsumerInterceptor> {
  onConsume(record: ConsumerRecord<unknown, unknown>): void {
    this.each('onConsume', interceptor => interceptor.onConsume?.(record))
  }

  onCommit(offsets: readonly TopicPartitionOffset[]): void {
    this.each('onCommit', interceptor => interceptor.onCommit?.(offsets))
  }
}
