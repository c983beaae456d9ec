/**
 * RunHost: what a run asks of its consumer. The consumer is one; tests have others.
 */
import type { Clock, KafkaError, Logger, Random } from '@samsa/runtime'
import type { ConsumerMetrics } from '../consumer-metrics.js'
import type { ConsumerRecord } from '../consumer-record.js'
import type { PartitionState } from '../subscription-state.js'
import type { DeadLetterOptions } from './dead-letter.js'
import type { CommitPoint } from './lane-schedule.js'

export interface RunHost {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly clientId: string
  readonly groupId: string | undefined
  readonly metrics: ConsumerMetrics
  /** What ends a consumer that does not poll is said of a handler that lasts as long. */
  readonly maxPollIntervalMs: number
  /** Most bytes of one partition that wait for their lane. */
  readonly maxQueuedBytes: () => number
  /** Where records go whose key or value no serde can read; undefined: to the handler, which finds out. */
  readonly unreadable: DeadLetterOptions | undefined
  /** The next record that the buffer has, and the partition that has given it. */
  next(): ConsumerRecord<unknown, unknown> | undefined
  readonly turn: PartitionState | undefined
  /** Room was made, or partitions were let go. */
  wake(): void
  /** Ends the wait of the poll under way. */
  stir(): void
  /** Calls `look` at once and whenever there may be something, until it says that this is enough or the time is over. */
  poll(look: () => true | undefined, timeoutMs: number): Promise<void>
  /** Runs functions of the application, so that they may call the consumer. */
  lend<T>(work: () => T): T
  /** What is finished, where the consumer commits by itself. */
  commit(signal: AbortSignal): Promise<void>
  /** Reading goes on there. */
  rewind(point: CommitPoint): void
  /** The consumer was closed: an end as good as any other. */
  isClosed(error: unknown): boolean
}

export function isPassing(error: unknown): error is KafkaError {
  const { retriable, fatal } = error as Partial<KafkaError>
  return error instanceof Error && retriable === true && fatal !== true
}
