/**
 * TransactionMarkers: the ends of transactions, written into the logs of the partitions that were part of them. Owner of
 * nothing. Everything is appended in one go; what may wait is the disk.
 *
 * The groups' partitions are written through their coordinator, which learns so which offsets count from now on.
 */
import { endTransactionBatch } from '@samsa/protocol'
import { type Clock, KafkaError, type Logger } from '@samsa/runtime'
import { GROUP_TOPIC } from '../../cluster/coordinators.js'
import { codeOf, type Partition, Partitions } from '../../cluster/partitions.js'
import type { LogManager } from '../../log/log-manager.js'
import type { MetadataImage } from '../../metadata/image.js'
import type { GroupRuntime } from '../group/group-runtime.js'
import type { TransactionEnd } from '../shard.js'
import type { PartitionsOfTopic } from './transaction.js'
import type { MarkerOrder, MarkerReport } from './transaction-contract.js'

interface TransactionMarkersOptions {
  readonly image: MetadataImage
  readonly logs: LogManager
  readonly groups: GroupRuntime
  readonly clock: Clock
  readonly logger: Logger
}

/** A code, 0 for success; a promise where the disk has to be waited for. */
export type MarkerOutcome = number | Promise<number>

const NO_LEADER = -1

/** The partition has something of a later time: nothing that the marker could end is open in it. */
const SUPERSEDED: ReadonlySet<number> = new Set([
  codeOf('INVALID_PRODUCER_EPOCH'),
  codeOf('TRANSACTION_COORDINATOR_FENCED'),
])

export class TransactionMarkers {
  readonly #options: TransactionMarkersOptions

  constructor(options: TransactionMarkersOptions) {
    this.#options = options
  }

  /** Writes what is ordered, and reports once: before this returns, where nothing has to wait. */
  write(order: MarkerOrder, report: (report: MarkerReport) => void): void {
    const end: TransactionEnd = order
    const named = order.partitions.flatMap(({ topic, partitions }) =>
      Array.from(partitions, partition => ({ topic, partition })),
    )
    const outcomes = named.map(({ topic, partition }) => this.#writeOne(order, topic, partition, end))
    const tell = (codes: readonly number[]): void => {
      const written = named.filter((_, at) => codes[at] === 0)
      const { transactionalId, producerId, producerEpoch } = order
      report({
        transactionalId,
        producerId,
        producerEpoch,
        written: byTopic(written),
        areLeft: written.length < named.length,
      })
    }
    if (outcomes.every(outcome => typeof outcome === 'number')) tell(outcomes)
    else void Promise.all(outcomes).then(tell)
  }

  /** The end of a transaction in a log, on its leader. */
  append(partition: Partition, partitions: Partitions, end: TransactionEnd): MarkerOutcome {
    if (partition.topic.name === GROUP_TOPIC) return this.#appendToGroups(partition.index, end)
    try {
      const { transactionVersion, ...marker } = end
      const batch = endTransactionBatch({ ...marker, timestamp: this.#options.clock.now() })
      const options = { origin: 'coordinator', transactionVersion } as const
      const { committed } = partitions.append(partition, batch, options)
      return committed === undefined ? 0 : committed.then(() => 0, codeFrom)
    } catch (error) {
      return codeFrom(error)
    }
  }

  #writeOne(order: MarkerOrder, topic: string, index: number, end: TransactionEnd): MarkerOutcome {
    const { image, logs, logger } = this.#options
    const known = image.topicByName(topic)?.partitions[index]
    // Deleted with all that was in it.
    if (known === undefined) return 0
    if (known.leader === NO_LEADER) return codeOf('LEADER_NOT_AVAILABLE')
    const partitions = new Partitions(() => image, logs, known.leader)
    const partition = partitions.find({ name: topic }, index)
    if (typeof partition === 'number') return partition
    const { transactionalId } = order
    const judged = (code: number): number => {
      if (!SUPERSEDED.has(code)) return code
      logger.warn({ transactionalId, topic, partition: index, code }, 'the end of a transaction came too late')
      return 0
    }
    const outcome = this.append(partition, partitions, end)
    return typeof outcome === 'number' ? judged(outcome) : outcome.then(judged)
  }

  #appendToGroups(index: number, end: TransactionEnd): MarkerOutcome {
    let code: number | undefined
    const waiting = this.#options.groups
      .run(index, shard => ({
        step: shard.endTransaction(end, errorCode => {
          code = errorCode
        }),
        result: undefined,
      }))
      .then(
        () => code ?? 0,
        error => {
          // As for whoever asks the groups: their log may be usable by now.
          if (error instanceof KafkaError && error.code === 'NOT_COORDINATOR') this.#options.groups.follow()
          return codeFrom(error)
        },
      )
    return code ?? waiting
  }
}

function byTopic(named: readonly { readonly topic: string; readonly partition: number }[]): PartitionsOfTopic[] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of named) {
    const partitions = topics.get(topic)
    if (partitions === undefined) topics.set(topic, [partition])
    else partitions.push(partition)
  }
  return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }))
}

function codeFrom(error: unknown): number {
  return codeOf(error instanceof KafkaError ? error.code : 'UNKNOWN_SERVER_ERROR')
}
