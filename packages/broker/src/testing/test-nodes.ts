/**
 * A broker of several nodes for tests of the kit: in memory, on a clock that stands still, with a client at each node.
 */
import { fetch, produce } from '@samsa/protocol'
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { batchOf, NOW_MS, TestClient, valuesIn } from '../handlers/test-broker.js'
import type { BrokerOptions } from '../options.js'
import { MemoryListener } from '../server/listener.js'
import { createTestBroker, type TestBroker } from './broker-harness.js'

export interface TestNodes extends AsyncDisposable {
  readonly kafka: TestBroker
  readonly clock: ManualClock
  /** A new connection to a node. */
  connect(nodeId?: number): TestClient
}

export async function startNodes(nodes: number, options: BrokerOptions = {}): Promise<TestNodes> {
  const clock = new ManualClock({ startMs: NOW_MS })
  const listeners = new Map<number, MemoryListener>()
  const listener = (nodeId: number): MemoryListener => {
    const made = new MemoryListener({ advertised: { host: 'memory', port: 9000 + nodeId } })
    listeners.set(nodeId, made)
    return made
  }
  const kafka = await createTestBroker({ random: new SeededRandom('kit'), ...options, clock, nodes, listener })
  const connect = (nodeId = 1): TestClient => {
    const found = listeners.get(nodeId)
    if (found === undefined) throw new Error(`no node ${nodeId}`)
    return new TestClient(found.connect())
  }
  return { kafka, clock, connect, [Symbol.asyncDispose]: () => kafka.close() }
}

/** Lets the other end of streams in memory have its turns until something is so. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !condition(); turn++) await new Promise(resolve => setImmediate(resolve))
  if (!condition()) throw new Error('what was waited for has not come')
}

/** Produces one record to each partition. What the broker answers, by partition. */
export async function append(
  client: TestClient,
  partitions: readonly number[] = [0],
  { version = 12, acks = -1, value = 'a' }: { version?: number; acks?: number; value?: string } = {},
) {
  const partitionData = partitions.map(index => ({ index, records: batchOf([value]) }))
  const topicData = [{ name: 'events', partitionData }]
  const answer = await client.request(produce, version, { acks, timeoutMs: 1000, topicData })
  const found = answer.responses[0]?.partitionResponses ?? []
  return { codes: found.map(each => each.errorCode), partitions: found, nodeEndpoints: answer.nodeEndpoints }
}

/** Fetches from the start. */
export async function read(
  client: TestClient,
  partitions: readonly number[] = [0],
  { maxWaitMs = 0, fetchOffset = 0n, currentLeaderEpoch = -1 } = {},
) {
  const asked = partitions.map(partition => ({
    partition,
    fetchOffset,
    currentLeaderEpoch,
    partitionMaxBytes: 1_000_000,
  }))
  const request = { maxWaitMs, minBytes: 1, topics: [{ topic: 'events', partitions: asked }], rackId: '' }
  const answer = await client.request(fetch, 12, request)
  const found = answer.responses[0]?.partitions ?? []
  return { codes: found.map(each => each.errorCode), values: found.map(each => valuesIn(each.records)) }
}
