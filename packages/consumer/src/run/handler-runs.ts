/**
 * HandlerRuns: the run of a consumer that is under way, if any, and what others ask of it: whoever closes the consumer,
 * takes partitions away, commits, or wants to know how it is.
 */
import { TimeoutError, type WaitOptions } from '@samsa/runtime'
import { parseOptions, settleWithin } from '@samsa/runtime/internal'
import type { AccessGuard } from '../access-guard.js'
import type { ConsumerCluster } from '../cluster.js'
import type { ConsumerMetrics } from '../consumer-metrics.js'
import type { ConsumerConfig } from '../consumer-options.js'
import type { ConsumerRecord } from '../consumer-record.js'
import type { FetchBuffer } from '../fetch-buffer.js'
import type { Fetcher } from '../fetcher.js'
import type { ConsumerGroup } from '../group.js'
import type { HandlingView } from '../health.js'
import type { Interruption } from '../interruption.js'
import type { Progress } from '../progress.js'
import type { RecordHolder } from '../record-holder.js'
import type { PartitionState, SubscriptionState } from '../subscription-state.js'
import { invalid, type TopicPartition } from '../topic-partition.js'
import type { RecordHandler } from './handler.js'
import { HandlerRun } from './handler-run.js'
import type { RunHost } from './run-host.js'
import { type RunOptions, runOptions } from './run-options.js'

export interface HandlerRunsParts {
  readonly config: ConsumerConfig
  readonly cluster: ConsumerCluster
  readonly buffer: FetchBuffer
  readonly subscription: SubscriptionState
  readonly fetcher: Fetcher
  readonly progress: Progress
  readonly metrics: ConsumerMetrics
  readonly guard: AccessGuard
  readonly interruption: Interruption
  readonly group: ConsumerGroup | undefined
  readonly next: () => ConsumerRecord<unknown, unknown> | undefined
  /** A poll without its records. */
  readonly poll: (
    look: () => true | undefined,
    wait: WaitOptions & { readonly holdsWhatGoes: true },
  ) => Promise<unknown>
}

export class HandlerRuns implements RecordHolder {
  readonly #parts: HandlerRunsParts
  readonly #host: RunHost
  #current: HandlerRun | undefined
  #ended: Promise<void> | undefined

  constructor(parts: HandlerRunsParts) {
    this.#parts = parts
    this.#host = hostOf(parts)
  }

  get isUnderWay(): boolean {
    return this.#current !== undefined
  }

  /** The caller sees to it that there is one at a time. */
  async run(handler: unknown, options: RunOptions): Promise<void> {
    if (typeof handler !== 'function') throw invalid('run() needs a function that handles a record')
    const run = new HandlerRun(
      this.#host,
      handler as RecordHandler<unknown, unknown>,
      parseOptions(runOptions, options),
    )
    const { group } = this.#parts
    const before = group?.holder
    this.#current = run
    if (group !== undefined) group.holder = this
    const ended = run.run().finally(() => {
      if (group !== undefined && before !== undefined) group.holder = before
      this.#current = undefined
      this.#ended = undefined
    })
    this.#ended = ended.catch(() => {})
    await ended
  }

  /** Ends the run as its signal would. */
  end(): void {
    this.#current?.end()
  }

  /** The same, and waits for it, for so long; what is not done then is given up. */
  async stop({ timeoutMs }: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    this.end()
    if (this.#ended === undefined) return
    const { clock, logger } = this.#parts.cluster
    const timeoutError = (waitedMs: number): TimeoutError =>
      new TimeoutError(`The consumer was closed, and run() had not ended within ${waitedMs} ms.`)
    await settleWithin(clock, this.#ended, { timeoutMs, timeoutError }).catch((error: TimeoutError) => {
      logger.warn({ err: error }, 'run() has not ended in time')
      this.#current?.hurry(error)
    })
  }

  hasInHand(state: PartitionState): boolean {
    return this.#current?.hasInHand(state) ?? false
  }

  doneUpTo(state: PartitionState): number | undefined {
    return this.#current?.doneUpTo(state)
  }

  async revoking(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#current?.revoke(this.#statesOf(partitions))
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    this.#current?.lose(this.#statesOf(partitions))
  }

  handling(state: PartitionState): HandlingView | undefined {
    const run = this.#current
    const work = run?.workOf(state)
    if (run === undefined || work === undefined) return undefined
    const oldest = run.oldestOf(work)
    return {
      finishedUpTo: work.frontier.offset,
      pendingRecords: work.frontier.pending,
      isRetrying: run.isRetrying(work),
      restMs: run.restMsOf(work),
      busy:
        oldest === undefined
          ? undefined
          : { offset: oldest.record.offset, attempt: oldest.attempt, busySince: oldest.busySince },
    }
  }

  #statesOf(partitions: readonly TopicPartition[]): PartitionState[] {
    const { subscription } = this.#parts
    return partitions
      .map(({ topic, partition }) => subscription.find(topic, partition))
      .filter(state => state !== undefined)
  }
}

function hostOf(parts: HandlerRunsParts): RunHost {
  const { config, cluster, buffer, subscription, fetcher, progress, metrics, guard, interruption, group } = parts
  return {
    clock: cluster.clock,
    random: cluster.random,
    logger: cluster.logger,
    clientId: cluster.clientId,
    groupId: config.groupId,
    metrics,
    maxPollIntervalMs: config.maxPollIntervalMs,
    unreadable: typeof config.deserializationFailure === 'string' ? undefined : config.deserializationFailure,
    // Of each partition as much as is fetched of it at once, and of all no more than may be fetched ahead.
    maxQueuedBytes: () =>
      Math.min(config.maxPartitionFetchBytes, config.fetchBufferBytes / Math.max(1, subscription.partitions.length)),
    // Partitions that have come are the listener's first; those that are about to go are held.
    next: () => (group?.isMoving === true ? undefined : parts.next()),
    get turn() {
      return buffer.turn
    },
    wake: () => fetcher.wake(),
    stir: () => progress.made(),
    poll: async (look, timeoutMs) => void (await parts.poll(look, { timeoutMs, holdsWhatGoes: true })),
    lend: work => guard.lend(work),
    commit: async signal => {
      if (group === undefined || !config.enableAutoCommit) return
      const timeoutMs = Math.min(config.requestTimeoutMs, config.maxPollIntervalMs)
      await group.commits.sync(group.done(), { timeoutMs, signal })
    },
    rewind: ({ state, offset, epoch }) => {
      state.seek(offset, epoch)
      buffer.drop(state)
      fetcher.wake()
    },
    isClosed: error => error === interruption.closed,
  }
}
