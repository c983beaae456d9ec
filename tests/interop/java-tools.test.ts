/**
 * The command-line tools that come with Apache Kafka, which are its Java clients, unmodified, against a broker. They are
 * started through the launcher that SAMSA_KAFKA_BIN names; each start costs a Java machine, so that one test does a lot.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  coordinatorPartition,
  describeGroups,
  findCoordinator,
  joinGroup,
  murmur2Text,
  offsetCommit,
} from '@samsa/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrokerProcess } from './broker-process.js'
import { mustRun, runProgram } from './program.js'
import { connectTo, createTopic, storedIn } from './stored-batches.js'
import { startTarget, type Target } from './target.js'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const TEST_TIMEOUT_MS = 120_000
const POLL_MS = 20

let target: Target
let folder: TemporaryFolder

async function tool(name: string, args: readonly string[], input?: string): Promise<string> {
  const all = ['tool', name, '--bootstrap-server', target.address, ...args]
  return String(await mustRun(LAUNCHER, all, input))
}

function properties(option: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`])
}

describe.skipIf(LAUNCHER === '')("Kafka's own tools (needs SAMSA_KAFKA_BIN)", { timeout: TEST_TIMEOUT_MS }, () => {
  beforeAll(async () => {
    folder = temporaryFolder()
    target = await startTarget()
  })

  afterAll(async () => {
    folder.remove()
    await target.stop()
  })

  test.each(CODECS)('%s: the console producer writes, the console consumer reads it back', async codec => {
    const topic = `console-${randomUUID()}`
    await createTopic(target.address, topic)
    // Headers, key and value, as the producer reads them and the consumer prints them.
    const lines = Array.from({ length: 200 }, (_, index) =>
      index % 10 === 0
        ? `NO_HEADERS\tkey-${index}\tNONE`
        : `trace:${index},zweiter:ü\tключ-${index}\t${'value '.repeat(index % 30)}${index}`,
    )
    await tool(
      'kafka-console-producer',
      [
        ...['--topic', topic, '--compression-codec', codec],
        ...properties('--reader-property', { 'parse.key': 'true', 'parse.headers': 'true', 'null.marker': 'NONE' }),
      ],
      `${lines.join('\n').replaceAll('NO_HEADERS', 'NONE')}\n`,
    )
    const stored = await storedIn(target.address, topic)
    expect(stored.codecs).toEqual([codec])
    expect(stored.producerIds).toHaveLength(1)
    expect(stored.records[0]).toMatchObject({ value: null, headers: [] })
    const output = await tool('kafka-console-consumer', [
      ...['--topic', topic, '--partition', '0', '--offset', 'earliest', '--max-messages', String(lines.length)],
      ...properties('--formatter-property', {
        'print.key': 'true',
        'print.headers': 'true',
        'null.literal': 'NONE',
      }),
    ])
    expect(output.trimEnd().split('\n')).toEqual(lines)
  })

  test('the console consumer starts at an offset of a partition', async () => {
    const topic = `console-${randomUUID()}`
    await createTopic(target.address, topic)
    await tool('kafka-console-producer', ['--topic', topic], 'one\ntwo\nthree\n')
    const from = ['--topic', topic, '--partition', '0', '--offset', '1', '--max-messages', '2']
    expect(await tool('kafka-console-consumer', from)).toBe('two\nthree\n')
  })

  test('kafka-topics creates, describes, widens, lists and deletes a topic', async () => {
    const topic = `topics-${randomUUID()}`
    const config = ['--config', 'retention.ms=3600000']
    const created = await tool('kafka-topics', ['--create', '--topic', topic, '--partitions', '2', ...config])
    expect(created).toContain(`Created topic ${topic}.`)
    await tool('kafka-topics', ['--alter', '--topic', topic, '--partitions', '3'])
    const described = await tool('kafka-topics', ['--describe', '--topic', topic])
    expect(described).toMatch(/TopicId: [\w-]{22}\tPartitionCount: 3\tReplicationFactor: 1\t/)
    expect(described).toContain('retention.ms=3600000')
    expect(described.match(/Partition: \d\tLeader: (\d+)\tReplicas: \1\tIsr: \1\t/g)).toHaveLength(3)
    expect((await tool('kafka-topics', ['--list'])).split('\n')).toContain(topic)
    await tool('kafka-topics', ['--delete', '--topic', topic])
    const again = ['tool', 'kafka-topics', '--bootstrap-server', target.address, '--describe', '--topic', topic]
    const { status, output } = await runProgram(LAUNCHER, again)
    expect(status).toBe(1)
    expect(String(output)).toContain('does not exist as expected')
  })

  test('kafka-topics is told why a topic cannot be created', async () => {
    const create = (...args: string[]) =>
      runProgram(LAUNCHER, ['tool', 'kafka-topics', '--bootstrap-server', target.address, '--create', ...args])
    const topic = `refused-${randomUUID()}`
    const [replicas, config] = [
      await create('--topic', topic, '--replication-factor', '3'),
      await create('--topic', topic, '--config', 'retention.ms=soon'),
    ]
    expect(String(replicas.output)).toMatch(/[Rr]eplication/)
    expect(String(config.output)).toContain('retention.ms')
    expect([replicas.status, config.status]).toEqual([1, 1])
  })

  test('kafka-configs reads and changes settings of a topic', async () => {
    const topic = `configs-${randomUUID()}`
    await createTopic(target.address, topic)
    const entity = ['--entity-type', 'topics', '--entity-name', topic]
    const add = ['--add-config', 'max.message.bytes=2000000,retention.ms=3600000']
    await tool('kafka-configs', ['--alter', ...entity, ...add])
    await tool('kafka-configs', ['--alter', ...entity, '--delete-config', 'retention.ms'])
    expect((await tool('kafka-configs', ['--describe', ...entity])).trim().split('\n')).toEqual([
      `Dynamic configs for topic ${topic} are:`,
      expect.stringMatching(/^ {2}max\.message\.bytes=2000000 .*DYNAMIC_TOPIC_CONFIG:max\.message\.bytes=2000000/),
    ])
    const all = await tool('kafka-configs', ['--describe', '--all', ...entity])
    expect(all).toMatch(/retention\.ms=604800000 sensitive=false/)
    expect(all).toContain('cleanup.policy=delete sensitive=false synonyms={DEFAULT_CONFIG:log.cleanup.policy=delete}')
  })

  test('kafka-broker-api-versions knows every API that is served, and kafka-configs the broker', async () => {
    const versions = await tool('kafka-broker-api-versions', [])
    const [, id] = /^127\.0\.0\.1:\d+ \(id: (\d+) rack: null isFenced: false\) -> \(/.exec(versions) ?? []
    expect(versions).toContain('Produce(0): 0 to 13 [usable: 13]')
    expect(versions).toContain('Fetch(1): 4 to 18 [usable: 18]')
    expect(versions).not.toContain('[unusable')
    const entity = ['--entity-type', 'brokers', '--entity-name', String(id)]
    await tool('kafka-configs', ['--alter', ...entity, '--add-config', 'log.retention.ms=7200000'])
    expect(await tool('kafka-configs', ['--describe', ...entity])).toContain('log.retention.ms=7200000 sensitive=false')
    await tool('kafka-configs', ['--alter', ...entity, '--delete-config', 'log.retention.ms'])
    expect(await tool('kafka-configs', ['--describe', ...entity])).not.toContain('log.retention.ms')
  })

  test('kafka-get-offsets, kafka-delete-records and kafka-log-dirs agree on what is there', async () => {
    const topic = `offsets-${randomUUID()}`
    await createTopic(target.address, topic)
    await tool('kafka-console-producer', ['--topic', topic], 'one\ntwo\nthree\n')
    const offset = (time: string) => tool('kafka-get-offsets', ['--topic', topic, '--time', time])
    expect(await offset('earliest')).toBe(`${topic}:0:0\n`)
    expect(await offset('latest')).toBe(`${topic}:0:3\n`)
    const request = join(folder.path, 'delete-records.json')
    writeFileSync(request, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 2 }] }))
    const deleted = await tool('kafka-delete-records', ['--offset-json-file', request])
    expect(deleted).toContain(`partition: ${topic}-0\tlow_watermark: 2`)
    expect(await offset('earliest')).toBe(`${topic}:0:2\n`)
    const described = await tool('kafka-log-dirs', ['--describe', '--topic-list', topic])
    const [broker] = JSON.parse(described.slice(described.indexOf('{'))).brokers
    expect(broker.logDirs).toEqual([
      expect.objectContaining({
        error: null,
        partitions: [{ partition: `${topic}-0`, size: expect.any(Number), offsetLag: 0, isFuture: false }],
      }),
    ])
    expect(broker.logDirs[0].partitions[0].size).toBeGreaterThan(0)
  })

  test('console consumers of the classic protocol commit, go on where the group was, and kafka-consumer-groups tells', async () => {
    const topic = `group-${randomUUID()}`
    const group = `of-${topic}`
    await createTopic(target.address, topic)
    await tool('kafka-console-producer', ['--topic', topic], 'one\ntwo\nthree\n')
    const consume = (count: number) => {
      const messages = ['--from-beginning', '--max-messages', String(count), '--timeout-ms', '30000']
      const classic = ['--command-property', 'group.protocol=classic']
      return tool('kafka-console-consumer', ['--topic', topic, '--group', group, ...messages, ...classic])
    }
    expect(await consume(2)).toBe('one\ntwo\n')
    expect(await consume(1)).toBe('three\n')
    const groups = (args: readonly string[]) => tool('kafka-consumer-groups', args)
    const named = ['--group', group]
    const told = new RegExp(`${group} +${topic} +0 +3 +3 +0 +- +- +-`)
    expect(await groups(['--describe', ...named])).toMatch(told)
    expect(await groups(['--list', '--state'])).toMatch(new RegExp(`${group} +Empty`))
    const reset = ['--reset-offsets', '--to-earliest', '--topic', topic, '--execute']
    expect(await groups([...reset, ...named])).toMatch(new RegExp(`${group} +${topic} +0 +0`))
    expect(await consume(3)).toBe('one\ntwo\nthree\n')
    expect(await groups(['--delete', ...named])).toContain('was successful')
    expect(await groups(['--list'])).not.toContain(group)
  })

  test('console consumers of the consumer protocol share partitions, commit, go on where the group was, and kafka-consumer-groups tells', async () => {
    const topic = `group-${randomUUID()}`
    const group = `of-${topic}`
    await createTopic(target.address, topic, 2)
    const keys = [keyOf(0), keyOf(1)]
    const produce = () =>
      tool(
        'kafka-console-producer',
        ['--topic', topic, ...properties('--reader-property', { 'parse.key': 'true' })],
        keys.map(key => `${key}\t${key}\n`).join(''),
      )
    const consume = (count: number) => {
      const messages = ['--from-beginning', '--max-messages', String(count), '--timeout-ms', '30000']
      const protocol = ['--command-property', 'group.protocol=consumer']
      return tool('kafka-console-consumer', ['--topic', topic, '--group', group, ...messages, ...protocol])
    }
    // Each stops after one record, so both get one only if each has one of the two partitions.
    const both = [consume(1), consume(1)]
    await settled(group, [1, 1])
    await produce()
    expect((await Promise.all(both)).sort()).toEqual(keys.map(key => `${key}\n`).sort())
    await produce()
    expect((await consume(2)).split('\n').sort()).toEqual(['', ...keys].sort())
    const groups = (args: readonly string[]) => tool('kafka-consumer-groups', args)
    const described = await groups(['--describe', '--group', group])
    for (const partition of [0, 1]) expect(described).toMatch(new RegExp(`${group} +${topic} +${partition} +2 +2 +0 `))
    expect(await groups(['--list', '--type', 'consumer'])).toContain(group)
    expect(await groups(['--list', '--type', 'classic'])).not.toContain(group)
    expect(await groups(['--describe', '--state', '--group', group])).toMatch(/Empty +0/)
    expect(await groups(['--delete', '--group', group])).toContain('was successful')
  })

  test('a consumer of the consumer protocol joins one of the classic protocol, and they share', async () => {
    const topic = `group-${randomUUID()}`
    const group = `of-${topic}`
    await createTopic(target.address, topic, 2)
    const keys = [keyOf(0), keyOf(1)]
    const consume = (protocol: string) => {
      const messages = ['--from-beginning', '--max-messages', '1', '--timeout-ms', '60000']
      const properties = ['--command-property', `group.protocol=${protocol}`]
      return tool('kafka-console-consumer', ['--topic', topic, '--group', group, ...messages, ...properties])
    }
    const classic = consume('classic')
    await stable(group)
    const consumer = consume('consumer')
    await settled(group, [1, 1])
    const produce = (key: string) => {
      const parsed = ['--topic', topic, ...properties('--reader-property', { 'parse.key': 'true' })]
      return tool('kafka-console-producer', parsed, `${key}\t${key}\n`)
    }
    await Promise.all(keys.map(produce))
    expect([await classic, await consumer].sort()).toEqual(keys.map(key => `${key}\n`).sort())
  })

  test('kafka-dump-log reads all that a stopped broker leaves without a complaint', async () => {
    const dataDir = join(folder.path, 'data')
    const lines = Array.from({ length: 15_000 }, (_, index) => `line ${index} ${'x'.repeat(100)}`)
    const properties = ['log.segment.bytes=1048576']
    const broker = await BrokerProcess.start({ dataDir, topics: ['dumped:1'], properties })
    try {
      const server = ['--bootstrap-server', broker.address, '--command-property', 'batch.size=4000']
      const produce = ['tool', 'kafka-console-producer', ...server, '--topic', 'dumped']
      await mustRun(LAUNCHER, produce, `${lines.join('\n')}\n`)
    } finally {
      await broker.stop()
    }
    const partition = join(dataDir, 'dumped-0')
    const files = readdirSync(partition).filter(name => /^\d{20}\./.test(name))
    const count = (ending: string) => files.filter(name => name.endsWith(ending)).length
    expect(count('.log')).toBeGreaterThan(1)
    expect([count('.index'), count('.timeindex')]).toEqual([count('.log'), count('.log')])
    expect(count('.snapshot')).toBeGreaterThan(0)
    const text = await dump(
      files.map(name => join(partition, name)),
      ['--deep-iteration', '--print-data-log'],
    )
    expect(text).not.toMatch(/mismatch|misalign|out of order|not monotonic|isvalid: false|error/i)
    expect(text.match(/^offset: \d+ position: \d+$/gm)?.length).toBeGreaterThan(10)
    expect(text.match(/^timestamp: \d+ offset: \d+$/gm)?.length).toBeGreaterThan(10)
    expect(text).toMatch(/^producerId: \d+ producerEpoch: 0 /m)
    expect([...text.matchAll(/ payload: (.*)$/gm)].map(([, payload]) => payload)).toEqual(lines)
  })

  test('kafka-dump-log decodes what groups leave in their topic', async () => {
    const dataDir = join(folder.path, 'with-groups')
    const broker = await BrokerProcess.start({ dataDir, topics: ['dumped:1'] })
    const connection = await connectTo(broker.address)
    try {
      await connection.request(findCoordinator, 4, { keyType: 0, coordinatorKeys: ['g'] })
      const partitions = [{ partitionIndex: 0, committedOffset: 7n, committedMetadata: 'text' }]
      await connection.request(offsetCommit, 8, { groupId: 'g', topics: [{ name: 'dumped', partitions }] })
      await connection.request(joinGroup, 0, {
        groupId: 'g',
        sessionTimeoutMs: 6000,
        memberId: '',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('000000000001000174ffffffff', 'hex') }],
      })
      const answer = await connection.request(consumerGroupHeartbeat, 1, {
        groupId: 'g',
        memberId: 'member',
        memberEpoch: 0,
        rebalanceTimeoutMs: 6000,
        subscribedTopicRegex: 'dumped|t',
        topicPartitions: [],
      })
      expect(answer.errorMessage).toBeNull()
    } finally {
      connection.close()
      await broker.stop()
    }
    const log = join(dataDir, `__consumer_offsets-${coordinatorPartition('g', 50)}`, `${'0'.repeat(20)}.log`)
    const decoded = await dump([log], ['--offsets-decoder'])
    expect(decoded).toContain('"group":"g","topic":"dumped","partition":0')
    expect(decoded).toContain('"offset":7,"leaderEpoch":-1,"metadata":"text"')
    // The classic member came along, so there is one of each kind.
    const member = '"groupId":"g","memberId":"member"'
    expect(decoded).toMatch(new RegExp(`${member}.*"subscribedTopicRegex":"dumped\\|t"`))
    expect(decoded).toMatch(new RegExp(`${member}.*"assignedPartitions":\\[{"topicId":"[^"]+","partitions":\\[0\\]`))
    expect(decoded).toMatch(/"regularExpression":"dumped\|t".*"topics":\["dumped"\]/)
    expect(decoded).toMatch(/"classicMemberMetadata":{"sessionTimeoutMs":6000/)
    expect(decoded).toMatch(/"assignmentTimestamp":\d+/)
    expect(decoded).toMatch(/"metadataHash":-?\d+/)
  })

  test('kafka-dump-log decodes the metadata log', async () => {
    const dataDir = join(folder.path, 'with-metadata')
    const broker = await BrokerProcess.start({ dataDir, topics: ['dumped:1'] })
    await broker.stop()
    const metadata = join(dataDir, '__cluster_metadata-0', `${'0'.repeat(20)}.log`)
    const decoded = await dump([metadata], ['--cluster-metadata-decoder'])
    expect(decoded).toContain('"type":"TOPIC_RECORD","version":0,"data":{"name":"dumped"')
    expect(decoded).not.toMatch(/isvalid: false|error|could not/i)
  })

  test('kafka-dump-log decodes a snapshot of the metadata', async () => {
    const dataDir = join(folder.path, 'with-snapshot')
    const properties = ['metadata.log.max.record.bytes.between.snapshots=1']
    const broker = await BrokerProcess.start({ dataDir, topics: ['dumped:3'], properties })
    await broker.stop()
    const metadata = join(dataDir, '__cluster_metadata-0')
    const snapshot = readdirSync(metadata)
      .filter(name => name.endsWith('.checkpoint'))
      .sort()
      .at(-1)
    const decoded = await dump([join(metadata, snapshot ?? 'none')], ['--cluster-metadata-decoder'])
    for (const type of ['SnapshotHeader', 'KRaftVoters', 'SnapshotFooter']) expect(decoded).toContain(type)
    expect(decoded).toContain('"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version"')
    expect(decoded).toContain('"type":"TOPIC_RECORD","version":0,"data":{"name":"dumped"')
    expect(decoded.match(/"type":"PARTITION_RECORD"/g)).toHaveLength(3)
    expect(decoded).not.toMatch(/isvalid: false|error|could not/i)
  })
})

/** A key that partitioners put there, of two partitions. */
function keyOf(partition: number): string {
  for (let number = 0; ; number++)
    if ((murmur2Text(`key-${number}`) & 0x7fffffff) % 2 === partition) return `key-${number}`
}

/** Resolves when the members of a consumer group have so many partitions each, and have arrived there. */
async function settled(groupId: string, shares: readonly number[]): Promise<void> {
  await until(async connection => {
    const { groups } = await connection.request(consumerGroupDescribe, 0, {
      groupIds: [groupId],
      includeAuthorizedOperations: false,
    })
    const [found] = groups
    const counts = found?.members.map(({ assignment }) =>
      assignment.topicPartitions.reduce((sum, { partitions }) => sum + partitions.length, 0),
    )
    return found?.groupState === 'Stable' && String(counts?.sort()) === String(shares)
  })
}

/** Resolves when a classic group has assigned. */
async function stable(groupId: string): Promise<void> {
  await until(async connection => {
    const { groups } = await connection.request(describeGroups, 5, { groups: [groupId] })
    return groups[0]?.groupState === 'Stable'
  })
}

async function until(isSo: (connection: Awaited<ReturnType<typeof connectTo>>) => Promise<boolean>): Promise<void> {
  const connection = await connectTo(target.address)
  try {
    while (!(await isSo(connection))) await setTimeout(POLL_MS)
  } finally {
    connection.close()
  }
}

async function dump(files: readonly string[], options: readonly string[]): Promise<string> {
  const { status, output, errors } = await runProgram(LAUNCHER, [
    'tool',
    'kafka-dump-log',
    ...options,
    '--files',
    files.join(','),
  ])
  // The tool counts from -1 and so complains of every segment that does not begin at 0, Kafka's own as well.
  const complaints = errors.replace(/^Non-consecutive offsets in .*\n *-1 is followed by \d+\n/gm, '')
  expect({ status, complaints }).toEqual({ status: 0, complaints: '' })
  return String(output)
}
