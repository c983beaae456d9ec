/**
 * RebalanceListener: what an application is told of partitions that come and go. Every function is called inside a poll,
 * `unsubscribe()` or `close()`, awaited, and may use the consumer.
 */
import { KafkaError } from '@samsa/runtime'
import type { TopicPartition } from './topic-partition.js'

export type PartitionsCallback = (partitions: readonly TopicPartition[]) => void | Promise<void>

export interface RebalanceListener {
  /** Before partitions go: they are still this consumer's, and what is committed now counts. */
  onPartitionsRevoked?: PartitionsCallback
  /** When all that was assigned is there; positions may be sought. Also when nothing was added. */
  onPartitionsAssigned?: PartitionsCallback
  /** Partitions went without notice: others may have them already. Without it, `onPartitionsRevoked` is called. */
  onPartitionsLost?: PartitionsCallback
}

export type RebalanceEvent = 'revoked' | 'assigned' | 'lost'

export function callbackOf(listener: RebalanceListener, event: RebalanceEvent): PartitionsCallback | undefined {
  if (event === 'assigned') return listener.onPartitionsAssigned?.bind(listener)
  const revoked = listener.onPartitionsRevoked?.bind(listener)
  return event === 'revoked' ? revoked : (listener.onPartitionsLost?.bind(listener) ?? revoked)
}

export function listenerError(cause: unknown): KafkaError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new KafkaError(`A rebalance listener threw: ${why}. The rebalance has gone on without it.`, {
    code: 'REBALANCE_LISTENER_FAILED',
    cause,
  })
}
