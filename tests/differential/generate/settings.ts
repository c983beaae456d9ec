/**
 * Settings as requests may give them: good, at the border, and none at all.
 */
import type { Draw } from './world.js'

export interface Setting {
  readonly name: string
  readonly value: string | null
}

/** What changes how a topic takes records. Nothing here lets a broker remove records while a sequence runs. */
const useful: readonly Setting[] = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'cleanup.policy', value: 'compact,delete' },
  { name: 'message.timestamp.type', value: 'LogAppendTime' },
  { name: 'message.timestamp.type', value: 'CreateTime' },
  { name: 'message.timestamp.before.max.ms', value: '7200000' },
  { name: 'message.timestamp.after.max.ms', value: '7200000' },
  { name: 'max.message.bytes', value: '300' },
  { name: 'compression.type', value: 'gzip' },
  { name: 'compression.type', value: 'uncompressed' },
  { name: 'compression.type', value: 'zstd' },
  { name: 'min.insync.replicas', value: '2' },
]

const values: Readonly<Record<string, readonly (string | null)[]>> = {
  'cleanup.policy': [
    'compact',
    'delete',
    'compact,delete',
    ' compact , delete ',
    '',
    'bogus',
    'delete,delete',
    null,
    'DELETE',
  ],
  'compression.type': ['producer', 'gzip', 'snappy', 'lz4', 'zstd', 'uncompressed', 'GZIP', 'none', ''],
  'compression.gzip.level': ['1', '9', '-1', '0', '10', 'x'],
  'compression.lz4.level': ['1', '17', '18', '0'],
  'compression.zstd.level': ['-131072', '22', '23', '3'],
  'delete.retention.ms': ['0', '-1', '86400000', '9223372036854775807', '9223372036854775808'],
  'file.delete.delay.ms': ['0', '60000', '-1'],
  'flush.messages': ['1', '0', '9223372036854775807'],
  'flush.ms': ['0', '1000', '-1'],
  'follower.replication.throttled.replicas': ['*', '0:1', '', 'bogus', '0:1,1:1', '0:x'],
  'leader.replication.throttled.replicas': ['*', '0:1,1:2', 'x'],
  'index.interval.bytes': ['0', '4096', '-1', 'many'],
  'local.retention.bytes': ['-2', '-3', '1000000000', '-1'],
  'local.retention.ms': ['-2', '-3', '86400000', '-1'],
  'max.compaction.lag.ms': ['1', '0', '9223372036854775807'],
  'max.message.bytes': ['0', '100', '1048588', '-1', '2147483647', '2147483648', ' 1000 ', '1e3', '0x10'],
  'message.timestamp.after.max.ms': ['0', '3600000', '-1'],
  'message.timestamp.before.max.ms': ['0', '3600000', '-1'],
  'message.timestamp.type': ['CreateTime', 'LogAppendTime', 'createtime', 'NoTime'],
  'min.cleanable.dirty.ratio': ['0', '0.5', '1', '1.1', '-0.1', '.5'],
  'min.compaction.lag.ms': ['0', '86400000', '-1', '9223372036854775807'],
  'min.insync.replicas': ['1', '2', '0', '-1'],
  preallocate: ['true', 'false', 'TRUE', 'yes', ''],
  'remote.storage.enable': ['false', 'true'],
  'remote.log.copy.disable': ['false', 'true'],
  'remote.log.delete.on.disable': ['false', 'true'],
  'retention.bytes': ['-1', '-2', '100000000000', '9223372036854775807'],
  'retention.ms': ['-1', '-2', '864000000', 'soon', '8640000000'],
  'segment.bytes': ['1048576', '1048575', '14', '1073741824', '2147483648'],
  'segment.index.bytes': ['4', '3', '10485760'],
  'segment.jitter.ms': ['0', '-1'],
  'segment.ms': ['1', '0', '604800000'],
  'unclean.leader.election.enable': ['true', 'false', 'maybe'],
  'errors.deadletterqueue.group.enable': ['true'],
  'no.such.config': ['1', ''],
  '': ['1'],
}

function some(draw: Draw): Setting {
  if (draw.percent(35)) return draw.one(useful)
  const name = draw.one(Object.keys(values))
  return { name, value: draw.one(values[name] ?? ['1']) }
}

export const topicSettings = { useful, some, names: Object.keys(values) }

/** Of the broker: those that may be changed at run time and mean nothing to other requests. */
export const brokerSettings: Readonly<Record<string, readonly (string | null)[]>> = {
  'log.cleaner.threads': ['1', '2', '0', 'x'],
  'log.cleaner.backoff.ms': ['15000', '-1'],
  'log.retention.ms': ['864000000', '-1', 'x'],
  'log.segment.bytes': ['1048576', '1', '1073741824'],
  'log.cleanup.policy': ['delete', 'compact,delete', 'bogus'],
  'message.max.bytes': ['1048588', '2000000', '-1'],
  'min.insync.replicas': ['1', '2', '0'],
  'unclean.leader.election.enable': ['true', 'false'],
  'compression.type': ['gzip', 'producer', 'bogus'],
  'log.message.timestamp.type': ['CreateTime', 'x'],
  'num.io.threads': ['8', '9', '0', '1000'],
  'num.network.threads': ['3', '4'],
  'background.threads': ['10', '12'],
  'num.replica.fetchers': ['1', '2'],
  'max.connections': ['100000', '-1'],
  'max.connections.per.ip': ['100000'],
  'max.connections.per.ip.overrides': ['10.0.0.1:5', 'bogus'],
  'log.flush.interval.messages': ['1000', '0'],
  'log.index.interval.bytes': ['4096', '-1'],
  'broker.id': ['1', '2'],
  'node.id': ['1'],
  'log.dirs': ['/nowhere'],
  'num.partitions': ['2'],
  'auto.create.topics.enable': ['false'],
  'no.such.config': ['1'],
  'ssl.keystore.location': ['/nowhere'],
  'listener.name.plaintext.ssl.keystore.location': ['/nowhere'],
  'follower.replication.throttled.rate': ['1000000', '-1'],
  'leader.replication.throttled.rate': ['1000000', '0'],
  'metric.reporters': [''],
}

export const groupSettings: Readonly<Record<string, readonly (string | null)[]>> = {
  'consumer.heartbeat.interval.ms': ['5000', '0', '20000', '1'],
  'consumer.session.timeout.ms': ['45000', '1', '60000', '100000'],
  'share.auto.offset.reset': ['earliest', 'latest', 'bogus', 'by_duration:PT1H'],
  'share.isolation.level': ['read_committed', 'READ_UNCOMMITTED', 'x'],
  'share.record.lock.duration.ms': ['30000', '1', '15000'],
  'streams.num.standby.replicas': ['1', '9', '-1'],
  'no.such.config': ['1'],
}

export const metricsSettings: Readonly<Record<string, readonly (string | null)[]>> = {
  'interval.ms': ['1000', '99', '100', '3600000', '3600001', 'x'],
  metrics: ['*', 'org.apache.kafka.', '', 'a,b'],
  match: ['client_id=a', 'client_software_name=.*', 'bogus', 'client_id=[', 'nothing=x'],
  'no.such.config': ['1'],
}
