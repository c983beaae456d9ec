import {
  alterConfigs,
  alterPartitionReassignments,
  createTopics,
  describeCluster,
  describeConfigs,
  electLeaders,
  incrementalAlterConfigs,
  listConfigResources,
  listPartitionReassignments,
} from '@samsa/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { CLUSTER_ID, type TestAdmin, testAdmin } from './test-admin.js'

const [TOPIC, BROKER, LOGGER, METRICS, GROUP] = [2, 4, 8, 16, 32]
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3]
let admin: TestAdmin

beforeEach(async () => {
  admin = testAdmin()
  const topics = ['a', 'b'].map(name => ({
    name,
    numPartitions: 2,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  }))
  await admin.ask(createTopics, { topics, timeoutMs: 1000, validateOnly: false }, 7)
})

type Operation = readonly [operation: number | undefined, name: string, value: string | null]

/** Code and sentence of one resource's change; with the codes of versions of the request. */
async function change(
  type: number | undefined,
  resourceName: string,
  operations: readonly Operation[],
  validateOnly = false,
) {
  const configs = operations.map(([configOperation = -1, name, value]) => ({ name, configOperation, value }))
  const resources = [{ resourceType: type ?? -1, resourceName, configs }]
  const { responses } = await admin.ask(incrementalAlterConfigs, { resources, validateOnly }, 1)
  return [responses[0]?.errorCode, responses[0]?.errorMessage]
}

async function replace(
  type: number | undefined,
  resourceName: string,
  values: Record<string, string | null>,
  version = 2,
) {
  const configs = Object.entries(values).map(([name, value]) => ({ name, value }))
  const resources = [{ resourceType: type ?? -1, resourceName, configs }]
  const { responses } = await admin.ask(alterConfigs, { resources, validateOnly: false }, version)
  return [responses[0]?.errorCode, responses[0]?.errorMessage]
}

const set = (type: 'topic' | 'broker' | 'group', name: string) =>
  Object.fromEntries(admin.log.image.configs(type, name))

describe('IncrementalAlterConfigs', () => {
  test('sets, deletes, appends and subtracts', async () => {
    expect(
      await change(TOPIC, 'a', [
        [SET, 'retention.ms', '100'],
        [APPEND, 'cleanup.policy', 'compact'],
      ]),
    ).toEqual([0, null])
    expect(set('topic', 'a')).toEqual({ 'retention.ms': '100', 'cleanup.policy': 'delete,compact' })
    expect(admin.configs.logConfig('a')).toMatchObject({
      retentionMs: 100,
      cleanupPolicy: { delete: true, compact: true },
    })
    await change(TOPIC, 'a', [
      [DELETE, 'retention.ms', null],
      [SUBTRACT, 'cleanup.policy', 'delete'],
      [DELETE, 'nope', null],
    ])
    expect(set('topic', 'a')).toEqual({ 'cleanup.policy': 'compact' })
    await change(TOPIC, 'a', [[APPEND, 'cleanup.policy', 'compact']])
    expect(set('topic', 'a')).toEqual({ 'cleanup.policy': 'compact' })
  })

  test.each([
    [TOPIC, 'zzz', [[SET, 'retention.ms', '1']], 3, "The topic 'zzz' does not exist."],
    [TOPIC, '', [[SET, 'retention.ms', '1']], 42, 'Default topic resources are not allowed.'],
    [TOPIC, 'bad name', [[SET, 'retention.ms', '1']], 17, expect.stringContaining('Topic name is invalid')],
    [TOPIC, 'a', [[SET, 'nope', '1']], 40, 'Unknown topic config name: nope'],
    [
      TOPIC,
      'a',
      [[SET, 'retention.ms', 'x']],
      40,
      'Invalid value x for configuration retention.ms: Not a number of type LONG',
    ],
    [TOPIC, 'a', [[SET, 'retention.ms', null]], 42, 'Null value not supported for : retention.ms'],
    [TOPIC, 'a', [[APPEND, 'retention.ms', '1']], 40, "Can't APPEND to key retention.ms because its type is not LIST."],
    [
      TOPIC,
      'a',
      [
        [SET, 'retention.ms', '1'],
        [SET, 'retention.ms', '2'],
      ],
      42,
      'Error due to duplicate config keys',
    ],
    [TOPIC, 'a', [[7, 'retention.ms', '1']], 42, 'Unknown config operation 7'],
    [
      TOPIC,
      'a',
      [
        [SET, 'segment.ms', '5'],
        [SET, 'nope', '1'],
      ],
      40,
      'Unknown topic config name: nope',
    ],
    [99, 'x', [[SET, 'a', 'b']], 42, 'Unknown resource type 99'],
    [LOGGER, '1', [[SET, 'root', 'DEBUG']], 42, 'This broker has no loggers whose levels can be altered.'],
    [BROKER, '5', [[SET, 'log.retention.ms', '5']], 42, 'Unexpected broker id, expected 1, but received 5'],
    [BROKER, 'abc', [[SET, 'log.retention.ms', '5']], 42, 'Node id must be an integer, but it is: abc'],
    [BROKER, '1', [[SET, 'node.id', '5']], 42, 'Cannot update these configs dynamically: [node.id]'],
    [
      BROKER,
      '1',
      [[SET, 'ssl.keystore.password', 's']],
      42,
      expect.stringContaining('only per-listener using the listener prefix: [ssl.keystore.password]'),
    ],
    [
      BROKER,
      '',
      [[SET, 'listeners', 'x']],
      42,
      'Cannot update these configs at default cluster level, broker id must be specified: [listeners]',
    ],
    [
      BROKER,
      '',
      [
        [SET, 'listeners', 'x'],
        [SET, 'log.segment.bytes', '5'],
      ],
      42,
      'Invalid value 5 for configuration log.segment.bytes: Value must be at least 1048576',
    ],
    [
      BROKER,
      '1',
      [[SET, 'min.insync.replicas', '2']],
      40,
      'Broker-level min.insync.replicas cannot be altered while ELR is enabled.',
    ],
    [
      BROKER,
      '',
      [[DELETE, 'min.insync.replicas', null]],
      40,
      'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.',
    ],
    [GROUP, '', [[SET, 'consumer.session.timeout.ms', '50000']], 42, 'Default group resources are not allowed.'],
    [
      GROUP,
      'g',
      [[SET, 'consumer.session.timeout.ms', '5']],
      40,
      'consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
    ],
    [METRICS, '', [[SET, 'interval.ms', '500']], 42, "Subscription name can't be empty"],
    [METRICS, 'm', [[SET, 'nope', '1']], 42, 'Unknown client metrics configuration: nope'],
    [METRICS, 'm', [[SET, 'match', 'foo']], 40, 'Illegal client matching pattern: foo'],
  ] as const)('refuses resource %i "%s" %j with %i', async (type, name, operations, code, text) => {
    const before = admin.log.endOffset
    expect(await change(type, name, operations)).toEqual([code, text])
    expect(admin.log.endOffset).toBe(before)
  })

  test('a resource named twice is refused both times, the others are not', async () => {
    const resource = (resourceName: string, value: string) => ({
      resourceType: 2,
      resourceName,
      configs: [{ name: 'retention.ms', configOperation: 0, value }],
    })
    const resources = [resource('a', '1'), resource('a', '2'), resource('b', '3')]
    const { responses } = await admin.ask(incrementalAlterConfigs, { resources, validateOnly: false }, 0)
    expect(responses.map(each => each.errorCode)).toEqual([42, 42, 0])
    expect([set('topic', 'a'), set('topic', 'b')]).toEqual([{}, { 'retention.ms': '3' }])
  })

  test('validates without altering', async () => {
    expect(await change(TOPIC, 'a', [[SET, 'retention.ms', '1']], true)).toEqual([0, null])
    expect(set('topic', 'a')).toEqual({})
  })

  test('reaches every topic through the broker that has not its own value', async () => {
    await change(TOPIC, 'b', [[SET, 'segment.bytes', '5000000']])
    await change(BROKER, '', [[SET, 'log.segment.bytes', '2000000']])
    expect([admin.configs.logConfig('a').segmentBytes, admin.configs.logConfig('b').segmentBytes]).toEqual([
      2_000_000, 5_000_000,
    ])
    await change(BROKER, '1', [[SET, 'log.segment.bytes', '3000000']])
    expect(admin.configs.logConfig('a').segmentBytes).toBe(3_000_000)
  })
})

describe('AlterConfigs', () => {
  test.each([0, 1, 2])('replaces all that is set, in version %i', async version => {
    await change(TOPIC, 'a', [
      [SET, 'retention.ms', '100'],
      [SET, 'segment.ms', '7'],
    ])
    expect(await replace(TOPIC, 'a', { 'segment.ms': '6000' }, version)).toEqual([0, null])
    expect(set('topic', 'a')).toEqual({ 'segment.ms': '6000' })
  })

  test('refuses what the incremental way refuses', async () => {
    expect(await replace(TOPIC, 'zzz', {})).toEqual([3, "The topic 'zzz' does not exist."])
    expect(await replace(TOPIC, 'a', { 'segment.ms': null })).toEqual([42, 'Null value not supported for : segment.ms'])
  })

  test('takes nothing for the cluster that leaves out its min.insync.replicas', async () => {
    await change(BROKER, '', [[SET, 'log.segment.bytes', '2000000']])
    const [code, text] = await replace(BROKER, '', { 'log.roll.ms': '5' })
    expect([code, text]).toEqual([40, 'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.'])
    expect(await replace(BROKER, '', { 'log.roll.ms': '5', 'min.insync.replicas': '1' })).toEqual([0, null])
    expect(set('broker', '')).toEqual({ 'min.insync.replicas': '1', 'log.roll.ms': '5' })
  })

  test('blanks and nothing are parts of a list too, as in Kafka', async () => {
    expect((await change(TOPIC, 'a', [[APPEND, 'cleanup.policy', '']]))[0]).toBe(40)
    expect((await change(TOPIC, 'a', [[SUBTRACT, 'cleanup.policy', ' delete']]))[0]).toBe(0)
    expect(set('topic', 'a')).toEqual({ 'cleanup.policy': 'delete' })
  })

  test('a config of the broker that cannot be changed can be taken away', async () => {
    expect((await change(BROKER, '1', [[DELETE, 'broker.id', null]]))[0]).toBe(0)
    expect((await change(BROKER, '1', [[SET, 'broker.id', '1']]))[0]).toBe(42)
  })

  test.each([
    ['leader.replication.throttled.rate', '-1', '0'],
    ['max.connections.per.ip.overrides', 'bogus', '10.0.0.1:5,::1:7'],
  ])('the broker refuses %s as %s, and takes %s', async (name, bad, good) => {
    expect((await change(BROKER, '', [[SET, name, bad]]))[0]).toBe(42)
    expect((await change(BROKER, '', [[SET, name, good]]))[0]).toBe(0)
  })

  test('values are looked at before anyone asks whether the topic is there', async () => {
    expect((await change(TOPIC, 'nowhere', [[SET, 'retention.ms', 'soon']]))[0]).toBe(40)
    expect((await change(TOPIC, 'nowhere', [[SET, 'retention.ms', '1']]))[0]).toBe(3)
    expect((await change(TOPIC, 'a b', [[SET, 'retention.ms', 'soon']]))[0]).toBe(17)
    expect((await change(TOPIC, 'a b', [[APPEND, 'retention.ms', '1']]))[0]).toBe(40)
  })

  test('a subscription has no lists, and its names are looked at before its values', async () => {
    expect((await change(METRICS, 'm', [[APPEND, 'metrics', 'a']]))[0]).toBe(40)
    expect((await change(METRICS, '', [[SUBTRACT, 'match', 'a']]))[0]).toBe(40)
    expect((await change(METRICS, 'm', [[SET, 'interval.ms', 'x']]))[0]).toBe(40)
    const both = await change(METRICS, 'm', [
      [SET, 'interval.ms', 'x'],
      [SET, 'no.such.config', '1'],
    ])
    expect(both[0]).toBe(42)
  })
})

describe('DescribeConfigs', () => {
  const ask = async (
    resourceType: number | undefined,
    resourceName: string,
    keys: string[] | null,
    version = 4,
    wishes = {},
  ) => {
    const resources = [{ resourceType: resourceType ?? -1, resourceName, configurationKeys: keys }]
    const request = { resources, includeSynonyms: false, ...wishes }
    return (await admin.ask(describeConfigs, request, version)).results[0]
  }

  test.each([1, 2, 3, 4])('tells value, source and type in version %i', async version => {
    await change(TOPIC, 'a', [[SET, 'retention.ms', '100']])
    const result = await ask(TOPIC, 'a', ['retention.ms', 'nope'], version, { includeSynonyms: true })
    expect(result).toMatchObject({ errorCode: 0, errorMessage: '', resourceType: 2, resourceName: 'a' })
    expect(result?.configs).toHaveLength(1)
    expect(result?.configs[0]).toMatchObject({
      value: '100',
      configSource: 1,
      configType: version < 3 ? 0 : 5,
      synonyms: [{ value: '100' }],
    })
  })

  test('tells all where no names are given, synonyms and texts only when asked', async () => {
    const plain = await ask(TOPIC, 'a', null)
    expect(plain?.configs).toHaveLength(33)
    expect(plain?.configs[0]).toMatchObject({ name: 'cleanup.policy', synonyms: [], documentation: null })
    const full = await ask(TOPIC, 'a', [], 4, { includeSynonyms: true, includeDocumentation: true })
    expect(full?.configs).toHaveLength(33)
    expect(full?.configs[0]?.synonyms).toHaveLength(1)
    expect(full?.configs[0]?.documentation).toContain('compact')
  })

  test.each([
    [TOPIC, 'zzz', 3, ''],
    [TOPIC, '', 17, 'Topic name is invalid: the empty string is not allowed'],
    [BROKER, '5', 42, 'Unexpected broker id, expected 1 or empty string, but received 5'],
    [BROKER, 'abc', 42, 'Broker id must be an integer, but it is: abc'],
    [GROUP, '', 42, 'Group name must not be empty'],
    [METRICS, '', 42, 'Client metrics subscription name must not be empty'],
    [99, 'x', 42, 'Unsupported resource type: 99'],
  ])('refuses resource %i "%s" with %i', async (type, name, code, text) => {
    expect(await ask(type, name, null)).toMatchObject({ errorCode: code, errorMessage: text, configs: [] })
  })

  test('one resource of a type that there is not fails them all', async () => {
    const resources = [
      { resourceType: TOPIC ?? 2, resourceName: 'a', configurationKeys: null },
      { resourceType: 3, resourceName: 'x', configurationKeys: null },
    ]
    const { results } = await admin.ask(describeConfigs, { resources, includeSynonyms: false }, 4)
    expect(results.map(each => [each.errorCode, each.configs.length])).toEqual([
      [42, 0],
      [42, 0],
    ])
  })

  test('knows groups and subscriptions that nobody has heard of', async () => {
    expect((await ask(GROUP, 'new', ['consumer.session.timeout.ms']))?.configs).toMatchObject([
      { value: '45000', configSource: 5 },
    ])
    await change(GROUP, 'g', [[SET, 'consumer.session.timeout.ms', '50000']])
    expect((await ask(GROUP, 'g', ['consumer.session.timeout.ms']))?.configs).toMatchObject([
      { value: '50000', configSource: 8 },
    ])
    await change(METRICS, 'm', [[SET, 'match', 'client_id=x']])
    expect((await ask(METRICS, 'm', ['match']))?.configs).toMatchObject([{ value: 'client_id=x', configSource: 7 }])
  })

  test('tells for all brokers what was set for all', async () => {
    expect((await ask(BROKER, '', null))?.configs).toMatchObject([
      { name: 'min.insync.replicas', value: '1', configSource: 3 },
    ])
    expect((await ask(BROKER, '1', null))?.configs).toHaveLength(340)
  })
})

describe('ListConfigResources', () => {
  const list = async (resourceTypes: number[], version = 1) => {
    const answer = await admin.ask(listConfigResources, version === 0 ? {} : { resourceTypes }, version)
    return answer.errorCode === 0
      ? answer.configResources.map(each => `${each.resourceType}:${each.resourceName}`)
      : answer.errorCode
  }

  test('tells what can be configured, and in version 0 subscriptions alone', async () => {
    await change(GROUP, 'g', [[SET, 'consumer.session.timeout.ms', '50000']])
    await change(METRICS, 'm', [[SET, 'interval.ms', '500']])
    expect(await list([])).toEqual(['2:a', '2:b', '4:1', '16:m', '32:g', '8:1'])
    expect(await list([32, 16, 32])).toEqual(['32:g', '16:m'])
    expect(await list([], 0)).toEqual(['16:m'])
    expect(await list([99])).toBe(35)
  })
})

describe('leaders and replicas on one node', () => {
  test.each([0, 1, 2])('no election is needed, in version %i', async version => {
    const topicPartitions = [
      { topic: 'a', partitions: [0, 9] },
      { topic: 'zzz', partitions: [0] },
    ]
    const answer = await admin.ask(electLeaders, { topicPartitions, timeoutMs: 1 }, version)
    expect(answer.replicaElectionResults).toMatchObject([
      {
        topic: 'a',
        partitionResult: [
          { partitionId: 0, errorCode: 84, errorMessage: 'Leader election not needed for topic partition.' },
          { partitionId: 9, errorCode: 3, errorMessage: 'No such partition as a-9' },
        ],
      },
      { topic: 'zzz', partitionResult: [{ errorCode: 3, errorMessage: 'No such topic as zzz' }] },
    ])
    const all = await admin.ask(electLeaders, { topicPartitions: null, timeoutMs: 1 }, version)
    expect(all.replicaElectionResults).toMatchObject([
      { topic: 'a', partitionResult: [] },
      { topic: 'b', partitionResult: [] },
    ])
  })

  test('an unknown kind of election is refused', async () => {
    const topicPartitions = [{ topic: 'a', partitions: [0] }]
    expect(await admin.ask(electLeaders, { electionType: 5, topicPartitions, timeoutMs: 1 }, 2)).toMatchObject({
      errorCode: 42,
      replicaElectionResults: [{ partitionResult: [{ errorCode: 42, errorMessage: 'Unknown election type 5' }] }],
    })
  })

  test.each([0, 1])('a replica stays where it is, in version %i', async version => {
    const partitions = [
      { partitionIndex: 0, replicas: [1] },
      { partitionIndex: 1, replicas: null },
      { partitionIndex: 5, replicas: [1] },
      { partitionIndex: 0, replicas: [1, 2] },
    ]
    const topics = [
      { name: 'a', partitions },
      { name: 'zzz', partitions: [{ partitionIndex: 0, replicas: [1] }] },
    ]
    const { responses } = await admin.ask(alterPartitionReassignments, { topics, timeoutMs: 1 }, version)
    expect(responses[0]?.partitions.map(each => [each.errorCode, each.errorMessage])).toEqual([
      [0, null],
      [85, null],
      [3, 'Unable to find partition a:5.'],
      [39, 'The manual partition assignment includes broker 2, but no such broker is registered.'],
    ])
    expect(responses[1]?.partitions).toMatchObject([
      { errorCode: 3, errorMessage: 'Unable to find a topic named zzz.' },
    ])
    expect(await admin.ask(listPartitionReassignments, { topics: null, timeoutMs: 1 }, 0)).toMatchObject({
      errorCode: 0,
      topics: [],
    })
  })
})

describe('DescribeCluster', () => {
  test.each([0, 1, 2])('tells brokers and controller in version %i', async version => {
    expect(await admin.ask(describeCluster, { includeClusterAuthorizedOperations: true }, version)).toMatchObject({
      errorCode: 0,
      clusterId: CLUSTER_ID,
      controllerId: 1,
      brokers: [{ brokerId: 1, host: '127.0.0.1', port: 9092, rack: null, isFenced: false }],
      clusterAuthorizedOperations: 8096,
    })
  })

  test('does not speak of controllers', async () => {
    const of = (endpointType: number) =>
      admin.ask(describeCluster, { includeClusterAuthorizedOperations: false, endpointType }, 1)
    expect(await of(2)).toMatchObject({ errorCode: 114, clusterId: '', controllerId: -1, brokers: [] })
    expect(await of(3)).toMatchObject({ errorCode: 115, errorMessage: 'Unsupported endpoint type 3' })
  })
})

describe('producer ids', () => {
  test('are handed out in blocks, none twice, also after a restart', () => {
    expect(admin.controller.allocateProducerIds()).toEqual({ firstId: 0, count: 1000 })
    expect(admin.controller.allocateProducerIds()).toEqual({ firstId: 1000, count: 1000 })
    expect(admin.log.image.nextProducerId).toBe(2000)
  })
})
