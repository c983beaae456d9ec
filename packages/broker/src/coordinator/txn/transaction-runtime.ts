/**
 * What the coordinator of transactions is made of, by the broker's settings: one runtime for all nodes, the markers that it
 * has written, and how it follows the metadata.
 */
import { coordinatorPartition } from '@samsa/protocol'
import { TRANSACTION_TOPIC } from '../../cluster/coordinators.js'
import type { MetadataImage } from '../../metadata/image.js'
import type { MetadataDelta } from '../../metadata/image-parts.js'
import { CoordinatorLogs } from '../coordinator-log.js'
import type { CoordinatorParts } from '../coordinator-parts.js'
import { CoordinatorRuntime } from '../runtime.js'
import type { TransactionVersion } from './transaction.js'
import type { TransactionMarkers } from './transaction-markers.js'
import { TransactionShard, type TransactionShardSettings } from './transaction-shard.js'

const UNCOMPRESSED = 0

export type TransactionRuntime = CoordinatorRuntime<TransactionShard>

/**
 * Of all nodes together, so that ids cost no memory without end: some 300,000 that are at rest. New ones take half of the
 * memory at most: the rest is for what ids that are there open.
 */
const MAX_HELD_BYTES: number = 256 * 1024 * 1024

export interface TransactionRuntimeOptions extends CoordinatorParts {
  readonly nextProducerId: () => number
  readonly markers: TransactionMarkers
}

export function transactionRuntime(options: TransactionRuntimeOptions): TransactionRuntime {
  const { image, logs, configs, clock, logger, nextProducerId, markers } = options
  const coordinatorLogs = new CoordinatorLogs({
    image,
    logs,
    compression: UNCOMPRESSED,
    loadBytes: configs.number('transaction.state.log.load.buffer.size'),
  })
  let isFullTold = false
  const settings: TransactionShardSettings = {
    expirationMs: configs.number('transactional.id.expiration.ms'),
    expirationCheckMs: configs.number('transaction.remove.expired.transaction.cleanup.interval.ms'),
    timeoutCheckMs: configs.number('transaction.abort.timed.out.transaction.cleanup.interval.ms'),
    serverVersion: () => serverVersionOf(image),
    nextProducerId,
    isFullOf: what => {
      const isFull = areFull(runtime.shards(), what)
      if (isFull && !isFullTold) logger.warn({ what }, 'transactional ids have all the memory that they may have')
      isFullTold = isFull
      return isFull
    },
    orderMarkers: order => {
      markers.write(order, report => {
        const partition = coordinatorPartition(
          order.transactionalId,
          image.topicByName(TRANSACTION_TOPIC)?.partitions.length ?? 1,
        )
        // Where nobody coordinates any more, whoever does next orders the markers again.
        runtime
          .run(partition, (shard, at) => ({ step: shard.marked(report, at), result: undefined }))
          .catch(() => undefined)
      })
    },
  }
  const newShard = (_partition: number, leaderEpoch: number): TransactionShard =>
    new TransactionShard(settings, leaderEpoch)
  const runtime: TransactionRuntime = new CoordinatorRuntime({
    topic: TRANSACTION_TOPIC,
    logs: coordinatorLogs,
    newShard,
    clock,
    logger,
  })
  return runtime
}

export function areFull(shards: Iterable<Pick<TransactionShard, 'heldBytes'>>, what: 'ids' | 'partitions'): boolean {
  let bytes = 0
  for (const shard of shards) bytes += shard.heldBytes
  return bytes >= (what === 'partitions' ? MAX_HELD_BYTES : MAX_HELD_BYTES / 2)
}

/** What the cluster has agreed on. */
export function serverVersionOf(image: MetadataImage): TransactionVersion {
  const level = image.features.get('transaction.version') ?? 0
  return level >= 2 ? 2 : level === 1 ? 1 : 0
}

/** Leaders of the transactions' topic may be others. */
export function followLeaders(runtime: TransactionRuntime, delta: MetadataDelta): void {
  const changed = [...delta.changedPartitions.values()].map(({ topic }) => topic)
  const topics = [...delta.grownTopics, ...delta.deletedTopics, ...changed]
  if (topics.some(({ name }) => name === TRANSACTION_TOPIC)) runtime.follow()
}
