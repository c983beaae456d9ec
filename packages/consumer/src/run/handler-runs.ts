/**
 * HandlerRuns: the run of a consumer that is under way, if any, and what others ask of it: whoever closes the consumer,
 * takes partitions away, commits, or wants to know how it is.
 */
import type { WaitOptions } from '@samsa/runtime'
import { parseOptions, settleWithin } from '@samsa/runtime/internal'
import type { AccessGuard } from '../access-guard.js'
import type { ConsumerCluster } from '../cluster.js'
import type { ConsumerMetrics } from '../consumer-metrics.js'
import type { ConsumerConfig } from '../consumer-options.js'
import type { ConsumerRecord } from '../consumer-record.js'
import type { FetchBuffer } from '../fetch-buffer.js'
import type { Fetcher } from '../fetcher.js'
import type { HandlingView } from '../health.js'
import type { Interruption } from '../interruption.js'
import type { Progress } from '../progress.js'
import type { PartitionState, SubscriptionState } from '../subscription-state.js'
import { invalid } from '../topic-partition.js'
import type { RecordHandler } from './handler.js'
import { HandlerRun } from './handler-run.js'
import type { CommitPoint } from './lane-schedule.js'
import type { RunHost } from './run-host.js'
import { type RunOptions, runOptions } from './run-options.js'

/** What a run needs to know of the group. */
export interface GroupForRuns {
  readonly groupId: string | undefined
  readonly maxPollIntervalMs: number
  /** Undefined: nothing is committed by itself. */
  readonly autoCommitIntervalMs: number | undefined
  commit(points: readonly CommitPoint[]): Promise<void>
}

/** Without a group nothing is committed; a handler is said to last too long when it would be in one. */
export const NO_GROUP: GroupForRuns = {
  groupId: undefined,
  maxPollIntervalMs: 300_000,
  autoCommitIntervalMs: undefined,
  commit: () => Promise.resolve(),
}

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
  readonly group: GroupForRuns
  readonly next: () => ConsumerRecord<unknown, unknown> | undefined
  /** A poll without its records. */
  readonly take: (look: () => true | undefined, wait: WaitOptions) => Promise<unknown>
}

export class HandlerRuns {
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
    this.#current = run
    const ended = run.run().finally(() => {
      this.#current = undefined
      this.#ended = undefined
    })
    this.#ended = ended.catch(() => {})
    await ended
  }

  /** Ends the run as its signal would, and waits for it. */
  async stop({ timeoutMs }: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    this.#current?.end()
    if (this.#ended === undefined) return
    const { clock, logger } = this.#parts.cluster
    await settleWithin(clock, this.#ended, { timeoutMs }).catch((error: unknown) => {
      logger.warn({ err: error }, 'run() has not ended in time')
    })
  }

  hasInHand(state: PartitionState): boolean {
    return this.#current?.hasInHand(state) ?? false
  }

  /** Awaited before these are given to others. */
  async revoke(states: readonly PartitionState[]): Promise<void> {
    await this.#current?.revoke(states)
  }

  lose(states: readonly PartitionState[]): void {
    this.#current?.lose(states)
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
      busy:
        oldest === undefined
          ? undefined
          : { offset: oldest.record.offset, attempt: oldest.attempt, busySince: oldest.busySince },
    }
  }
}

function hostOf(parts: HandlerRunsParts): RunHost {
  const { config, cluster, buffer, subscription, fetcher, progress, metrics, guard, interruption, group } = parts
  return {
    clock: cluster.clock,
    random: cluster.random,
    logger: cluster.logger,
    clientId: cluster.clientId,
    groupId: group.groupId,
    metrics,
    maxPollIntervalMs: group.maxPollIntervalMs,
    autoCommitIntervalMs: group.autoCommitIntervalMs,
    unreadable: config.deserializationFailure,
    // Of each partition as much as is fetched of it at once, and of all no more than may be fetched ahead.
    maxQueuedBytes: () =>
      Math.min(config.maxPartitionFetchBytes, config.fetchBufferBytes / Math.max(1, subscription.partitions.length)),
    next: parts.next,
    get turn() {
      return buffer.turn
    },
    wake: () => fetcher.wake(),
    stir: () => progress.made(),
    poll: async (look, timeoutMs) => void (await parts.take(look, { timeoutMs })),
    lend: work => guard.lend(work),
    commit: points => group.commit(points),
    rewind: ({ state, offset, epoch }) => {
      state.seek(offset, epoch)
      buffer.drop(state)
      fetcher.wake()
    },
    isClosed: error => error === interruption.closed,
  }
}
