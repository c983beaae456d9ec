/**
 * GroupMetrics: what a member of a group has done so far; part of the consumer's metrics.
 */
export class GroupMetrics {
  /** That ended with an assignment. */
  rebalances = 0
  /** The member left because the application did not poll for longer than `maxPollIntervalMs`. */
  pollsOverdue = 0
  /** From the moment when the application began to give up partitions until it had others. */
  lastRebalanceMs = 0
  heartbeats = 0
  heartbeatsFailed = 0
  commits = 0
  commitsFailed = 0
}
