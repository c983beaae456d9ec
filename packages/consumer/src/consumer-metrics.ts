/**
 * ConsumerMetrics: what a consumer has done so far. `consumer.metrics()` is a copy.
 */
export interface ConsumerMetricsSnapshot {
  /** Records in the hands of the application. */
  readonly recordsConsumed: number
  /** Of record batches, as they were on the wire. */
  readonly bytesFetched: number
  readonly fetchesSent: number
  readonly fetchesFailed: number
  /** Answers that came for a position that had moved meanwhile. */
  readonly staleAnswers: number
  readonly polls: number
  /** By handlers of `run()` that succeeded. */
  readonly recordsHandled: number
  /** Attempts that failed, each of them. */
  readonly handlerFailures: number
  /** Attempts behind the first. */
  readonly handlerRetries: number
  /** Records that went to the dead letters. */
  readonly deadLetters: number
  /** Records that no serde could read and that were passed over. */
  readonly recordsSkipped: number
  /** Of the group, that ended with an assignment. */
  readonly rebalances: number
  /** How long the last one took, from giving up the first partition to having the new ones. */
  readonly lastRebalanceMs: number
  /** How often the member left its group because nobody polled for longer than `maxPollIntervalMs`. */
  readonly pollsOverdue: number
  readonly heartbeats: number
  readonly heartbeatsFailed: number
  /** Requests: what is committed without waiting may go together. */
  readonly commits: number
  readonly commitsFailed: number
  /** Fetched and not handed out. */
  readonly bufferedBytes: number
  readonly bufferLimitBytes: number
  readonly bufferedPartitions: number
  readonly assignedPartitions: number
  readonly pausedPartitions: number
}

export class ConsumerMetrics {
  recordsConsumed = 0
  bytesFetched = 0
  fetchesSent = 0
  fetchesFailed = 0
  staleAnswers = 0
  polls = 0
  recordsHandled = 0
  handlerFailures = 0
  handlerRetries = 0
  deadLetters = 0
  recordsSkipped = 0
}
