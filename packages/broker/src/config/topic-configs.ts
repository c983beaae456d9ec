/**
 * Topic configs: every name of Kafka 4.3 with the broker config that it falls back on, the check of a topic's whole set,
 * and the LogConfig that a log works with. Pure.
 */
import type { LogConfig } from '../log/log-config.js'
import { NO_EFFECT } from './broker-configs.js'
import { type ConfigDefinition, type ConfigRule, type ConfigType, configFault, listOf } from './config-definition.js'

export interface TopicConfigDefinition extends ConfigDefinition {
  /** The broker config that is its default. */
  readonly brokerName: string | undefined
}

type Row = readonly [
  name: string,
  type: ConfigType,
  defaultValue: string,
  brokerName: string | undefined,
  documentation: string,
  rule?: ConfigRule,
]

const FOREVER = '9223372036854775807'
const CODECS = ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer']
const REPLICAS =
  "must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."

const rows: readonly Row[] = [
  [
    'cleanup.policy',
    'LIST',
    'delete',
    'log.cleanup.policy',
    'What happens to old segments: delete drops them, compact keeps the last record of each key; both may stand together.',
    { oneOf: ['compact', 'delete'] },
  ],
  [
    'compression.gzip.level',
    'INT',
    '-1',
    'compression.gzip.level',
    'Level for batches that the broker itself compresses with gzip.',
    { min: 1, max: 9, or: -1 },
  ],
  [
    'compression.lz4.level',
    'INT',
    '9',
    'compression.lz4.level',
    'Level for batches that the broker itself compresses with lz4.',
    { min: 1, max: 17 },
  ],
  [
    'compression.type',
    'STRING',
    'producer',
    'compression.type',
    'Codec of the log: producer keeps each batch as it came, any other has the broker compress anew what came differently.',
    { oneOf: CODECS },
  ],
  [
    'compression.zstd.level',
    'INT',
    '3',
    'compression.zstd.level',
    'Level for batches that the broker itself compresses with zstd.',
    { min: -131072, max: 22 },
  ],
  [
    'delete.retention.ms',
    'LONG',
    '86400000',
    'log.cleaner.delete.retention.ms',
    'Time that tombstones stay readable in a compacted log.',
    { min: 0 },
  ],
  [
    'file.delete.delay.ms',
    'LONG',
    '60000',
    'log.segment.delete.delay.ms',
    'Time between a segment leaving the log and its files leaving the disk.',
    { min: 0 },
  ],
  [
    'flush.messages',
    'LONG',
    FOREVER,
    'log.flush.interval.messages',
    'Records after which the log is flushed to disk, beside what the flush mode of the broker does.',
    { min: 1 },
  ],
  [
    'flush.ms',
    'LONG',
    FOREVER,
    'log.flush.interval.ms',
    'Time after which the log is flushed to disk, beside what the flush mode of the broker does.',
    { min: 0 },
  ],
  [
    'follower.replication.throttled.replicas',
    'LIST',
    '',
    undefined,
    `Replicas whose fetching is slowed down. ${NO_EFFECT}`,
    { check: replicasFault('follower.replication.throttled.replicas') },
  ],
  [
    'index.interval.bytes',
    'INT',
    '4096',
    'log.index.interval.bytes',
    'Bytes of the log between two entries of its index.',
    { min: 0 },
  ],
  [
    'leader.replication.throttled.replicas',
    'LIST',
    '',
    undefined,
    `Replicas whose serving is slowed down. ${NO_EFFECT}`,
    { check: replicasFault('leader.replication.throttled.replicas') },
  ],
  [
    'local.retention.bytes',
    'LONG',
    '-2',
    'log.local.retention.bytes',
    `Bytes that stay on local disk beside a remote tier. ${NO_EFFECT}`,
    { min: -2 },
  ],
  [
    'local.retention.ms',
    'LONG',
    '-2',
    'log.local.retention.ms',
    `Time that segments stay on local disk beside a remote tier. ${NO_EFFECT}`,
    { min: -2 },
  ],
  [
    'max.compaction.lag.ms',
    'LONG',
    FOREVER,
    'log.cleaner.max.compaction.lag.ms',
    'Longest time that a record stays out of compaction.',
    { min: 1 },
  ],
  [
    'max.message.bytes',
    'INT',
    '1048588',
    'message.max.bytes',
    'Largest batch of records that is accepted, compressed as it comes.',
    { min: 0 },
  ],
  [
    'message.timestamp.after.max.ms',
    'LONG',
    '3600000',
    'log.message.timestamp.after.max.ms',
    "How far a record's timestamp may lie in the future.",
    { min: 0 },
  ],
  [
    'message.timestamp.before.max.ms',
    'LONG',
    FOREVER,
    'log.message.timestamp.before.max.ms',
    "How far a record's timestamp may lie in the past.",
    { min: 0 },
  ],
  [
    'message.timestamp.type',
    'STRING',
    'CreateTime',
    'log.message.timestamp.type',
    'Whose time records carry: CreateTime is the producer, LogAppendTime the broker.',
    { oneOf: ['CreateTime', 'LogAppendTime'] },
  ],
  [
    'min.cleanable.dirty.ratio',
    'DOUBLE',
    '0.5',
    'log.cleaner.min.cleanable.ratio',
    'Part of the log that must be uncleaned before it is cleaned.',
    { min: 0, max: 1 },
  ],
  [
    'min.compaction.lag.ms',
    'LONG',
    '0',
    'log.cleaner.min.compaction.lag.ms',
    'Shortest time that a record stays out of compaction.',
    { min: 0 },
  ],
  [
    'min.insync.replicas',
    'INT',
    '1',
    'min.insync.replicas',
    'Replicas that must be in sync for acks=all to be accepted; never more than the topic has.',
    { min: 1 },
  ],
  ['preallocate', 'BOOLEAN', 'false', 'log.preallocate', 'Segments get their full size on disk at once.'],
  ['remote.log.copy.disable', 'BOOLEAN', 'false', undefined, `Nothing more is copied to the remote tier. ${NO_EFFECT}`],
  [
    'remote.log.delete.on.disable',
    'BOOLEAN',
    'false',
    undefined,
    `What is in the remote tier goes when the tier is turned off. ${NO_EFFECT}`,
  ],
  [
    'remote.storage.enable',
    'BOOLEAN',
    'false',
    undefined,
    'Old segments go to a remote tier. This broker has none and refuses it.',
  ],
  [
    'retention.bytes',
    'LONG',
    '-1',
    'log.retention.bytes',
    'Bytes of a partition after which its oldest segments are deleted; -1 for no limit.',
  ],
  [
    'retention.ms',
    'LONG',
    '604800000',
    'log.retention.ms',
    'Time that segments are kept, by their newest record; -1 for ever.',
    { min: -1 },
  ],
  ['segment.bytes', 'INT', '1073741824', 'log.segment.bytes', 'Largest segment of the log.', { min: 1048576 }],
  [
    'segment.index.bytes',
    'INT',
    '10485760',
    'log.index.size.max.bytes',
    'Largest offset index of a segment; a full one begins a new segment.',
    { min: 4 },
  ],
  [
    'segment.jitter.ms',
    'LONG',
    '0',
    'log.roll.jitter.ms',
    'Most that is taken off segment.ms by chance, so that logs do not all roll at once.',
    { min: 0 },
  ],
  [
    'segment.ms',
    'LONG',
    '604800000',
    'log.roll.ms',
    'Age at which a new segment begins, even if the old one is not full.',
    { min: 1 },
  ],
  [
    'unclean.leader.election.enable',
    'BOOLEAN',
    'false',
    'unclean.leader.election.enable',
    `A replica that is not in sync may lead when no other is left. ${NO_EFFECT}`,
  ],
]

/** By name, in order. */
export const topicConfigs: ReadonlyMap<string, TopicConfigDefinition> = new Map(
  rows.map(([name, type, defaultValue, brokerName, documentation, rule]) => [
    name,
    { name, type, default: defaultValue, brokerName, documentation, ...(rule === undefined ? {} : { rule }) },
  ]),
)

/** Why a topic cannot have these configs, all of those that are set for it; undefined when it can. */
export function topicConfigsFault(
  set: ReadonlyMap<string, string>,
  effective: (name: string) => string,
): string | undefined {
  for (const name of set.keys()) if (!topicConfigs.has(name)) return `Unknown topic config name: ${name}`
  for (const [name, definition] of topicConfigs) {
    const value = set.get(name)
    const fault = value === undefined ? undefined : configFault(definition, value)
    if (fault !== undefined) return fault
  }
  if (set.get('remote.storage.enable')?.trim().toLowerCase() === 'true') {
    return 'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.'
  }
  const [min, max] = ['min.compaction.lag.ms', 'max.compaction.lag.ms'].map(name =>
    BigInt(set.get(name) ?? effective(name)),
  )
  if (min !== undefined && max !== undefined && min > max) {
    return `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`
  }
  return undefined
}

/** What a log works with. `value` gives a topic's effective value by name; all have been checked. */
export function logConfigOf(value: (name: string) => string): LogConfig {
  const number = (name: string): number => Number(value(name))
  const policies = listOf(value('cleanup.policy'))
  return {
    cleanupPolicy: { delete: policies.includes('delete'), compact: policies.includes('compact') },
    compressionType: codecOf(value('compression.type')),
    compressionLevels: {
      gzip: number('compression.gzip.level'),
      lz4: number('compression.lz4.level'),
      zstd: number('compression.zstd.level'),
    },
    maxMessageBytes: number('max.message.bytes'),
    messageTimestampType: value('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    messageTimestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    segmentBytes: number('segment.bytes'),
    segmentMs: number('segment.ms'),
    segmentJitterMs: number('segment.jitter.ms'),
    segmentIndexBytes: number('segment.index.bytes'),
    indexIntervalBytes: number('index.interval.bytes'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    deleteRetentionMs: number('delete.retention.ms'),
    fileDeleteDelayMs: number('file.delete.delay.ms'),
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    minInsyncReplicas: number('min.insync.replicas'),
    preallocate: value('preallocate') === 'true',
  }
}

function codecOf(value: string): LogConfig['compressionType'] {
  switch (value) {
    case 'uncompressed':
    case 'gzip':
    case 'snappy':
    case 'lz4':
    case 'zstd':
      return value
    default:
      return 'producer'
  }
}

function replicasFault(name: string): (value: string) => string | undefined {
  const pattern = /^(|\*|\d+:\d+(\s*,\s*\d+:\d+)*)$/
  return value => (pattern.test(value) ? undefined : `${name} ${REPLICAS}`)
}
