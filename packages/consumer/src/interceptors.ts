/**
 * Interceptors: the user's hooks before a record is handed out and behind a commit. They look on: what one of them throws
 * is logged and changes nothing.
 */
import type { Logger, TopicPartitionOffset } from '@samsa/runtime'
import type { ConsumerRecord } from './consumer-record.js'

export interface ConsumerInterceptor {
  /** Called in the order of the list, once for each record that is handed out. */
  onConsume?(record: ConsumerRecord<unknown, unknown>): void
  /** Called when the group has these offsets. */
  onCommit?(offsets: readonly TopicPartitionOffset[]): void
  close?(): void
}

export function isConsumerInterceptor(value: unknown): value is ConsumerInterceptor {
  if (typeof value !== 'object' || value === null) return false
  return ['onConsume', 'onCommit', 'close'].every(name => {
    const member: unknown = Reflect.get(value, name)
    return member === undefined || typeof member === 'function'
  })
}

export class ConsumerInterceptors {
  readonly #list: readonly ConsumerInterceptor[]
  readonly #logger: Logger

  constructor(list: readonly ConsumerInterceptor[], logger: Logger) {
    this.#list = list
    this.#logger = logger
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  onConsume(record: ConsumerRecord<unknown, unknown>): void {
    for (const interceptor of this.#list) this.#guarded('onConsume', () => interceptor.onConsume?.(record))
  }

  onCommit(offsets: readonly TopicPartitionOffset[]): void {
    for (const interceptor of this.#list) this.#guarded('onCommit', () => interceptor.onCommit?.(offsets))
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
