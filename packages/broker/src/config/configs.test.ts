import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configRecord } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { MetadataImage } from '../metadata/image.js'
import { metadataRecord } from '../metadata/metadata-records.js'
import { checkBrokerProperties } from './broker-configs.js'
import { type ConfigType, configFault, configTypeNumbers } from './config-definition.js'
import { Configs, configSources, type DescribedConfig } from './dynamic-config.js'
import { clientMetricsFault, groupConfigsFault } from './group-configs.js'
import { topicConfigs, topicConfigsFault } from './topic-configs.js'

const GOLDEN = join(import.meta.dirname, '../../../../tests/golden')

/** What the recording's `server.properties` set, and Kafka for the cluster. */
const RECORDED = {
  'advertised.listeners': 'PLAINTEXT://127.0.0.1:9092',
  'auto.create.topics.enable': 'true',
  'broker.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.bootstrap.servers': '127.0.0.1:10092',
  'default.replication.factor': '1',
  'group.initial.rebalance.delay.ms': '0',
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
  listeners: 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:10092',
  'log.dirs': 'DIR/node-1/data',
  'node.id': '1',
  'offsets.topic.replication.factor': '1',
  'process.roles': 'broker,controller',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.replication.factor': '1',
}

type Setting = readonly [resourceType: number, resourceName: string, name: string, value: string | null]

function configsWith(settings: readonly Setting[] = [], properties: Record<string, string> = RECORDED): Configs {
  const image = new MetadataImage()
  const all: Setting[] = [[4, '', 'min.insync.replicas', '1'], ...settings]
  all.forEach(([resourceType, resourceName, name, value], offset) => {
    image.replay(metadataRecord(configRecord, { resourceType, resourceName, name, value }).value, offset)
  })
  return new Configs({ image, nodeId: 1, properties: checkBrokerProperties(properties) })
}

const sourceNames = new Map<number, string>([
  [1, 'DYNAMIC_TOPIC_CONFIG'],
  [2, 'DYNAMIC_BROKER_CONFIG'],
  [3, 'DYNAMIC_DEFAULT_BROKER_CONFIG'],
  [4, 'STATIC_BROKER_CONFIG'],
  [5, 'DEFAULT_CONFIG'],
])
const typeNames = new Map(Object.entries(configTypeNumbers).map(([name, number]) => [number, name]))

/** A config as the golden files write it. */
function line(config: DescribedConfig): string {
  const synonyms = config.synonyms.map(({ name, value, source }) => `${sourceNames.get(source)}:${name}=${value}`)
  const fields = [typeNames.get(config.type), config.value, sourceNames.get(config.source), config.isReadOnly]
  return [config.name, ...fields, config.isSensitive, synonyms.join(' ; ')].map(String).join('\t')
}

function golden(file: string): string[] {
  return readFileSync(join(GOLDEN, file), 'utf8')
    .split('\n')
    .filter(text => text !== '' && !text.startsWith('#'))
    .slice(1)
}

describe('DescribeConfigs', () => {
  test.each([
    ['topic-configs.txt', () => configsWith().describeTopic('any')],
    ['broker-configs.txt', () => configsWith().describeBroker()],
    ['group-configs.txt', () => configsWith().describeGroup('any')],
    ['client-metrics-configs.txt', () => configsWith().describeClientMetrics('any')],
  ])('answers what a real Kafka does: %s', (file, describeAll) => {
    expect(describeAll().map(line)).toEqual(golden(file))
  })

  test('has a text of its own for every name', () => {
    const configs = configsWith()
    const all = [...configs.describeBroker(), ...configs.describeTopic('a'), ...configs.describeGroup('a')]
    for (const { name, documentation } of all)
      expect([name, documentation]).toEqual([name, expect.stringMatching(/.{10,}\.$/)])
  })

  test('tells where a value comes from once it was altered', () => {
    const configs = configsWith([
      [4, '1', 'log.retention.ms', '5000'],
      [4, '', 'log.cleanup.policy', 'delete,compact'],
      [4, '1', 'log.cleanup.policy', 'compact'],
      [2, 'orders', 'cleanup.policy', ' delete , compact '],
    ])
    const [policy] = configs.describeTopic('orders')
    expect(policy).toMatchObject({ value: 'delete,compact', source: configSources.topic })
    expect(policy?.synonyms).toEqual([
      { name: 'cleanup.policy', value: 'delete,compact', source: 1 },
      { name: 'log.cleanup.policy', value: 'compact', source: 2 },
      { name: 'log.cleanup.policy', value: 'delete,compact', source: 3 },
      { name: 'log.cleanup.policy', value: 'delete', source: 5 },
    ])
    const retention = configs.describeTopic('orders').find(config => config.name === 'retention.ms')
    expect(retention).toMatchObject({ value: '5000', source: configSources.dynamicBroker })
    expect(retention?.synonyms).toEqual([
      { name: 'log.retention.ms', value: '5000', source: 2 },
      { name: 'log.retention.hours', value: '168', source: 5 },
    ])
  })

  test('lists for all brokers only what was set for all, and hides what it does not know', () => {
    const configs = configsWith([
      [4, '', 'log.segment.bytes', '2000000'],
      [4, '1', 'some.custom.thing', 'secret'],
      [4, '1', 'leader.replication.throttled.rate', '5'],
    ])
    expect(configs.describeBrokerDefaults().map(({ name, value }) => [name, value])).toEqual([
      ['min.insync.replicas', '1'],
      ['log.segment.bytes', '2000000'],
    ])
    const beyond = configs.describeBroker().slice(-2)
    expect(beyond).toMatchObject([
      { name: 'some.custom.thing', value: null, isSensitive: true, isReadOnly: true, synonyms: [{ value: null }] },
      { name: 'leader.replication.throttled.rate', value: '5', isReadOnly: false },
    ])
  })

  test('never tells a password', () => {
    const configs = configsWith([[4, '1', 'ssl.key.password', 'hunter2']])
    expect(JSON.stringify([configs.describeBroker(), configs.describeBrokerDefaults()])).not.toContain('hunter2')
  })
})

describe('effective values', () => {
  test('a topic goes before the broker, dynamic before static, static before default', () => {
    const properties = { 'log.segment.bytes': '3000000', 'message.max.bytes': '77' }
    const settings: Setting[] = [
      [4, '', 'log.segment.bytes', '4000000'],
      [2, 'a', 'segment.bytes', '5000000'],
    ]
    expect(configsWith(settings, properties).logConfig('a').segmentBytes).toBe(5_000_000)
    expect(configsWith(settings, properties).logConfig('b')).toMatchObject({
      segmentBytes: 4_000_000,
      maxMessageBytes: 77,
    })
    expect(configsWith([...settings, [4, '', 'log.segment.bytes', null]], properties).logConfig('b').segmentBytes).toBe(
      3_000_000,
    )
    expect(configsWith([], {}).logConfig('b').segmentBytes).toBe(2 ** 30)
  })

  test('coarser units stand in where the finest is not set', () => {
    const properties = {
      'log.retention.minutes': '2',
      'log.retention.hours': '9',
      'log.roll.hours': '3',
      'log.flush.scheduler.interval.ms': '50',
    }
    expect(configsWith([], properties).logConfig('a')).toMatchObject({
      retentionMs: 120_000,
      segmentMs: 10_800_000,
      flushMs: 50,
    })
    expect(configsWith([[4, '', 'log.retention.ms', '7']], properties).logConfig('a').retentionMs).toBe(7)
    expect(configsWith([], {}).defaultLogConfig().retentionMs).toBe(604_800_000)
  })

  test('a cleanup policy may be both, or none', () => {
    const policyOf = (value: string) => configsWith([[2, 'a', 'cleanup.policy', value]]).logConfig('a').cleanupPolicy
    expect(policyOf('compact,delete')).toEqual({ compact: true, delete: true })
    expect(policyOf('compact')).toEqual({ compact: true, delete: false })
    expect(policyOf('')).toEqual({ compact: false, delete: false })
  })
})

describe('checks', () => {
  const fault = (name: string, value: string) =>
    topicConfigsFault(new Map([[name, value]]), each => topicConfigs.get(each)?.default ?? '')

  test.each([
    ['nope', 'x', 'Unknown topic config name: nope'],
    ['cleanup.policy', 'delete,', "Configuration 'cleanup.policy' values must not be empty."],
    ['retention.ms', 'abc', 'Invalid value abc for configuration retention.ms: Not a number of type LONG'],
    ['retention.ms', '-2', 'Invalid value -2 for configuration retention.ms: Value must be at least -1'],
    [
      'retention.ms',
      '99999999999999999999',
      'Invalid value 99999999999999999999 for configuration retention.ms: Not a number of type LONG',
    ],
    ['segment.ms', '1.5', 'Invalid value 1.5 for configuration segment.ms: Not a number of type LONG'],
    [
      'cleanup.policy',
      'delete,foo',
      'Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete',
    ],
    [
      'compression.type',
      'brotli',
      'Invalid value brotli for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
    ],
    [
      'min.cleanable.dirty.ratio',
      '2',
      'Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
    ],
    [
      'preallocate',
      'yes',
      'Invalid value yes for configuration preallocate: Expected value to be either true or false',
    ],
    [
      'compression.gzip.level',
      '0',
      'Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1',
    ],
    [
      'message.timestamp.type',
      'createtime',
      'Invalid value createtime for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime',
    ],
    [
      'leader.replication.throttled.replicas',
      'z',
      "Invalid value [z] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
    ],
    [
      'remote.storage.enable',
      'true',
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
    ],
  ])('a topic is refused %s=%s as a real Kafka refuses it', (name, value, message) => {
    expect(fault(name, value)).toBe(message)
  })

  test.each([
    ['preallocate', 'TRUE'],
    ['max.message.bytes', ' 5 '],
    ['cleanup.policy', ''],
    ['cleanup.policy', 'compact,delete'],
    ['leader.replication.throttled.replicas', '0:1,1:2'],
    ['compression.gzip.level', '-1'],
    ['retention.ms', '9223372036854775807'],
  ])('a topic may have %s=%s', (name, value) => {
    expect(fault(name, value)).toBeUndefined()
  })

  test('two lags of compaction may not contradict each other', () => {
    const set = new Map([
      ['min.compaction.lag.ms', '10'],
      ['max.compaction.lag.ms', '1'],
    ])
    expect(topicConfigsFault(set, () => '0')).toBe(
      'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (1)',
    )
  })

  test('a group stays within the bounds of the broker', () => {
    const configs = configsWith()
    const groupFault = (name: string, value: string) =>
      groupConfigsFault(new Map([[name, value]]), each => configs.value(each))
    expect(groupFault('nope', '1')).toBe('Unknown group config name: nope')
    expect(groupFault('consumer.session.timeout.ms', '5')).toBe(
      'consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
    )
    expect(groupFault('consumer.heartbeat.interval.ms', '50000')).toBe(
      'consumer.heartbeat.interval.ms must be less than or equal to group.consumer.max.heartbeat.interval.ms',
    )
    expect(groupFault('streams.num.standby.replicas', '9')).toBe(
      'streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas',
    )
    expect(groupFault('share.auto.offset.reset', 'xx')).toContain("must be either 'earliest', 'latest'")
    expect(groupFault('share.auto.offset.reset', 'by_duration:PT1H')).toBeUndefined()
  })

  test('a metrics subscription names clients by what clients have', () => {
    expect(clientMetricsFault(new Map([['match', 'client_id=a.*, client_source_port=9']]))).toBeUndefined()
    expect(clientMetricsFault(new Map([['match', 'foo=bar']]))).toEqual({
      code: 'INVALID_CONFIG',
      message: 'Illegal client matching pattern: foo=bar',
    })
    expect(clientMetricsFault(new Map([['match', 'client_id=[']]))?.code).toBe('INVALID_CONFIG')
    expect(clientMetricsFault(new Map([['interval.ms', '5']]))?.code).toBe('INVALID_REQUEST')
  })

  test('properties of a broker are refused with one sentence', () => {
    expect(() => checkBrokerProperties({ 'log.retention.milis': 5 })).toThrow(
      "'log.retention.milis' is not a broker property of Kafka 4.3; did you mean 'log.retention.ms'?",
    )
    expect(() => checkBrokerProperties({ 'num.partitions': 0 })).toThrow(
      'Invalid value 0 for configuration num.partitions: Value must be at least 1',
    )
    expect([...checkBrokerProperties({ 'num.partitions': 3, 'auto.create.topics.enable': false })]).toEqual([
      ['num.partitions', '3'],
      ['auto.create.topics.enable', 'false'],
    ])
  })

  test('numbers have the bounds of their type', () => {
    const of = (type: ConfigType, value: string) =>
      configFault({ name: 'n', type, default: null, documentation: '' }, value)
    expect(of('INT', '2147483648')).toContain('Not a number of type INT')
    expect(of('INT', '-2147483648')).toBeUndefined()
    expect(of('SHORT', '32768')).toContain('Not a number of type SHORT')
    expect(of('LONG', '-9223372036854775808')).toBeUndefined()
  })
})
