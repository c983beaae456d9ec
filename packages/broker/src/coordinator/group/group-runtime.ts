/**
 * What the group coordinator is made of, by the broker's settings: one runtime for all nodes, and how it follows the
 * metadata.
 */
import type { Uuid } from '@samsa/protocol'
import type { Random } from '@samsa/runtime'
import { GROUP_TOPIC } from '../../cluster/coordinators.js'
import type { Configs } from '../../config/dynamic-config.js'
import type { MetadataDelta } from '../../metadata/image-parts.js'
import { CoordinatorLogs } from '../coordinator-log.js'
import type { CoordinatorParts } from '../coordinator-parts.js'
import { CoordinatorRuntime } from '../runtime.js'
import { consumerSettings } from './consumer-settings.js'
import type { GroupLimits } from './group-coordinator.js'
import { GroupShard, type GroupShardSettings } from './group-shard.js'

const MINUTE_MS = 60_000
/** Groups of all nodes of a broker together: more are refused, so that ids without end cost no memory without end. */
const MAX_GROUPS = 100_000

export type GroupRuntime = CoordinatorRuntime<GroupShard>

export interface GroupRuntimeOptions extends CoordinatorParts {
  readonly random: Random
  /** Pause between heartbeats of consumer groups that change. */
  readonly rebalanceHeartbeatMs: number
}

export function groupRuntime(options: GroupRuntimeOptions): GroupRuntime {
  const { image, logs, configs, clock, random, logger } = options
  const classic = {
    initialRebalanceDelayMs: configs.number('group.initial.rebalance.delay.ms'),
    maxSize: configs.number('group.max.size'),
    newMemberId: (prefix: string) => `${prefix}-${randomUuid(random)}`,
  }
  const settings: GroupShardSettings = {
    ...classic,
    consumer: consumerSettings(options, classic),
    offsetsRetentionMs: configs.number('offsets.retention.minutes') * MINUTE_MS,
    retentionCheckMs: configs.number('offsets.retention.check.interval.ms'),
    isFull: () => groupsOf(runtime) >= MAX_GROUPS,
  }
  const coordinatorLogs = new CoordinatorLogs({
    image,
    logs,
    compression: configs.number('offsets.topic.compression.codec'),
    loadBytes: configs.number('offsets.load.buffer.size'),
  })
  const newShard = (): GroupShard => new GroupShard(settings)
  const runtime: GroupRuntime = new CoordinatorRuntime({
    topic: GROUP_TOPIC,
    logs: coordinatorLogs,
    newShard,
    clock,
    logger,
  })
  return runtime
}

function groupsOf(runtime: GroupRuntime): number {
  let count = 0
  for (const { size } of runtime.shards()) count += size
  return count
}

export function groupLimits(configs: Configs): GroupLimits {
  return {
    minSessionMs: configs.number('group.min.session.timeout.ms'),
    maxSessionMs: configs.number('group.max.session.timeout.ms'),
    maxMetadataLength: configs.number('offset.metadata.max.bytes'),
    assignors: configs.list('group.consumer.assignors'),
  }
}

/** Leaders of the groups' topic may be others; offsets of topics that are gone go too. */
export function followMetadata(runtime: GroupRuntime, delta: MetadataDelta): void {
  const topics = [...delta.grownTopics, ...delta.deletedTopics]
  const names = new Set(topics.map(({ name }) => name))
  if (names.size > 0) {
    for (const index of runtime.loaded()) tellOfTopics(runtime, index, names).catch(() => undefined)
  }
  const changed = [...delta.changedPartitions.values()].map(({ topic }) => topic)
  if ([...topics, ...changed].some(({ name }) => name === GROUP_TOPIC)) runtime.follow()
  if (delta.deletedTopics.size === 0) return
  const gone = new Map(Array.from(delta.deletedTopics, ({ name, id }) => [name, id]))
  // Nobody waits for it, and what fails here expires.
  for (const index of runtime.loaded()) forgetTopics(runtime, index, gone).catch(() => undefined)
}

/** Consumer groups that read them; one that is loaded later looks for itself. */
function tellOfTopics(runtime: GroupRuntime, index: number, names: ReadonlySet<string>): Promise<void> {
  return runtime.run(index, shard => ({ step: {}, result: shard.topicsChanged(names) }))
}

async function forgetTopics(runtime: GroupRuntime, index: number, topics: ReadonlyMap<string, Uuid>): Promise<void> {
  for (let hasMore = true; hasMore; ) hasMore = await runtime.run(index, shard => shard.forgetTopics(topics))
}

/** RFC 9562, version 4: what Kafka's member ids end with. */
function randomUuid(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
