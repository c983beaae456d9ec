/**
 * RecordHolder: whoever hands records to the application one by one, and so knows better than the position what it is done
 * with: a loop over the consumer, or `run`. Auto commit asks it, and a rebalance waits for it.
 */
import type { PartitionState } from './subscription-state.js'
import type { TopicPartition } from './topic-partition.js'

export interface RecordHolder {
  /** Up to which offset the application is done with a partition; undefined: with everything that was handed out. */
  doneUpTo(state: PartitionState): number | undefined
  /** Before partitions go, and before what is done with them is committed. Awaited; commits of its own still count. */
  revoking?(partitions: readonly TopicPartition[]): Promise<void>
  /** Partitions went without notice: what is under way with them is worthless. Awaited before the user's listener. */
  lost?(partitions: readonly TopicPartition[]): Promise<void>
}
