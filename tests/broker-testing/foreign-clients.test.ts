/**
 * Clients of others, unmodified, against several nodes of a test broker: they find leaders, follow them when they move, and
 * come through faults.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadsForeignClient, runClient } from '../interop/foreign-client.js'
import { isInstalled, mustRun } from '../interop/program.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const RECORDS = Array.from({ length: 60 }, (_, index) => `record ${index}`)

let kafka: TestBroker

beforeEach(async () => {
  kafka = await createTestBroker({ nodes: 3, topics: { events: { partitions: 6 } } })
})

afterEach(() => kafka.close())

function kcat(...args: readonly string[]): Promise<Buffer> {
  return mustRun('kcat', ['-b', kafka.bootstrapServers, '-q', ...args])
}

/** Each record to each of the partitions in turn. */
async function produce(args: readonly string[] = []): Promise<void> {
  for (let partition = 0; partition < 6; partition++) {
    const lines = RECORDS.filter((_, index) => index % 6 === partition).join('\n')
    await mustRun(
      'kcat',
      ['-b', kafka.bootstrapServers, '-q', '-P', '-t', 'events', '-p', String(partition), ...args],
      lines,
    )
  }
}

async function consumed(): Promise<string[]> {
  const output = await kcat('-C', '-t', 'events', '-o', 'beginning', '-e')
  return output.toString('utf8').trimEnd().split('\n')
}

describe.skipIf(!isInstalled('kcat', '-V'))('kcat (needs kcat)', () => {
  test('sees three nodes, and a leader of each partition', async () => {
    const listed = JSON.parse(String(await kcat('-L', '-J'))) as {
      brokers: readonly { id: number; name: string }[]
      topics: readonly { partitions: readonly { leader: number }[] }[]
    }
    const expected = kafka.nodes.map(({ nodeId, host, port }) => ({ id: nodeId, name: `${host}:${port}` }))
    expect(listed.brokers.toSorted((one, other) => one.id - other.id)).toEqual(expected)
    expect(listed.topics[0]?.partitions.map(partition => partition.leader)).toEqual([1, 2, 3, 1, 2, 3])
  })

  test('produces to all nodes and reads it back, once each', async () => {
    await produce()
    expect((await consumed()).sort()).toEqual([...RECORDS].sort())
  })

  test('comes through errors, ends of connections and requests that are handled twice', async () => {
    const faults = [
      kafka.faults.add({ api: 'Produce', error: 'NOT_LEADER_OR_FOLLOWER' }),
      kafka.faults.add({ api: 'Produce', disconnect: 'before' }),
      kafka.faults.add({ api: 'Produce', disconnect: 'after' }),
      kafka.faults.add({ api: 'Produce', error: 'REQUEST_TIMED_OUT', after: true }),
      kafka.faults.add({ api: 'Produce', duplicate: true, times: 2 }),
      kafka.faults.add({ api: 'Fetch', error: 'NOT_LEADER_OR_FOLLOWER', times: 2 }),
      kafka.faults.add({ api: 'Metadata', topic: 'events', error: 'LEADER_NOT_AVAILABLE' }),
    ]
    await produce(['-X', 'enable.idempotence=true', '-X', 'max.in.flight=1', '-X', 'retry.backoff.ms=10'])
    expect((await consumed()).sort()).toEqual([...RECORDS].sort())
    expect(faults.map(fault => fault.hits)).toEqual([1, 1, 1, 1, 2, 2, 1])
  })

  test('follows a leader that moves, and finds one again where there was none', async () => {
    const held = kafka.faults.add({ api: 'Produce', topic: 'events', partition: 0, hold: true })
    const producing = produce(['-X', 'topic.metadata.refresh.fast.interval.ms=10', '-X', 'retry.backoff.ms=10'])
    await held.wait()
    kafka.moveLeader('events', 0, 3)
    kafka.setLeaderless('events', 1)
    held.release()
    // It looks for the leader again and again.
    await kafka.faults.add({ api: 'Metadata', delayMs: 0, times: 3 }).wait(3)
    kafka.moveLeader('events', 1, 1)
    await kafka.stopNode(2)
    kafka.moveLeader('events', 4, 1)
    await producing
    expect((await consumed()).sort()).toEqual([...RECORDS].sort())
  })

  test.each(['2.1', '2.8', '3.9'] as const)('works with a broker of %s', async release => {
    await kafka.close()
    kafka = await createTestBroker({ nodes: 2, release, topics: { events: { partitions: 6 } } })
    await produce()
    expect((await consumed()).sort()).toEqual([...RECORDS].sort())
  })
})

const hasTools = LAUNCHER !== '' && isInstalled('kcat', '-V')

describe.skipIf(!hasTools)("Kafka's own tools (needs SAMSA_KAFKA_BIN and kcat)", { timeout: 120_000 }, () => {
  async function tool(name: string, args: readonly string[], input?: string): Promise<string> {
    const all = ['tool', name, '--bootstrap-server', kafka.bootstrapServers, ...args]
    return String(await mustRun(LAUNCHER, all, input))
  }

  test.each(['4.0', '2.1'] as const)('write each record once through faults, to a broker of %s', async release => {
    await kafka.close()
    kafka = await createTestBroker({ nodes: 3, release, topics: { events: { partitions: 6 } } })
    const faults = [
      kafka.faults.add({ api: 'Produce', error: 'NOT_LEADER_OR_FOLLOWER', times: 2 }),
      kafka.faults.add({ api: 'Produce', error: 'REQUEST_TIMED_OUT', after: true }),
      kafka.faults.add({ api: 'Produce', disconnect: 'after' }),
      kafka.faults.add({ api: 'Metadata', topic: 'events', error: 'LEADER_NOT_AVAILABLE' }),
      kafka.faults.add({ api: 'InitProducerId', error: 'COORDINATOR_LOAD_IN_PROGRESS' }),
    ]
    // One at a time: behind a request that is refused, a partition without records takes the next one whatever its sequence,
    // in Kafka too, and the producer then begins anew.
    const settings = ['batch.size=64', 'max.in.flight.requests.per.connection=1']
    const properties = settings.flatMap(setting => ['--command-property', setting])
    await tool('kafka-console-producer', ['--topic', 'events', ...properties], RECORDS.join('\n'))
    expect(faults.map(fault => fault.hits)).toEqual([2, 1, 1, 1, 1])
    expect((await consumed()).sort()).toEqual([...RECORDS].sort())
  })

  test('place replicas, elect leaders, and see who runs', async () => {
    await tool('kafka-topics', ['--create', '--topic', 'placed', '--partitions', '3', '--replication-factor', '2'])
    kafka.moveLeader('placed', 0, 2)
    await tool('kafka-leader-election', ['--election-type', 'preferred', '--topic', 'placed', '--partition', '0'])
    expect(kafka.leaderOf('placed', 0).nodeId).toBe(1)
    await kafka.stopNode(3)
    const described = await tool('kafka-topics', ['--describe', '--topic', 'placed'])
    expect(described).toMatch(/Partition: 1\s+Leader: 2\s+Replicas: 2,3\s+Isr: 2\b/)
    expect(described).toMatch(/Partition: 2\s+Leader: 1\s+Replicas: 3,1\s+Isr: 1\b/)
  })
})

describe.skipIf(!loadsForeignClient('kafkajs'))('kafkajs (needs scripts/interop-install kafkajs)', () => {
  test('produces to the node that leads, and manages topics through any', async () => {
    const address = kafka.bootstrapServers.split(',')[2] ?? ''
    kafka.faults.add({ api: 'Produce', error: 'NOT_LEADER_OR_FOLLOWER' })
    const records = [{ key: null, value: Buffer.from('there').toString('base64'), headers: [] }]
    await runClient('kafkajs', { job: 'produce', address, topic: 'events', codec: 'None', acks: -1, records })
    for (const partition of [1, 4]) kafka.moveLeader('events', partition, 3)
    await kafka.stopNode(2)
    const found = await runClient('kafkajs', { job: 'admin', address, topic: 'managed' })
    expect(found).toMatchObject({ created: true, morePartitions: [0, 1, 2], isListedAfterDelete: false })
    expect(found).toMatchObject({ cluster: { brokers: [{ nodeId: 1 }, { nodeId: 3 }] } })
  })
})
