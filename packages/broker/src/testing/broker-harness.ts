/**
 * TestBroker: a broker of one or more nodes with what tests of clients do to it: leaders that move, nodes that go and come
 * back, connections that end, and faults (`faults.ts`). Owner of the broker.
 *
 * Several nodes are one engine: whoever leads has every record, at once. That is enough to see what a client does, and says
 * nothing of what replication would lose.
 */
import { ConfigError, KafkaError } from '@samsa/runtime'
import { type Broker, createBroker, type Parts, partsOf } from '../broker.js'
import { type CoordinatorType, coordinatorTypes } from '../cluster/coordinators.js'
import type { PartitionImage, TopicImage } from '../metadata/image.js'
import { isOnline } from '../metadata/placement.js'
import type { BrokerOptions } from '../options.js'
import { Faults } from './faults.js'

/** One node as clients see it. */
export interface TestNode {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly isRunning: boolean
}

export interface Leadership {
  /** -1 while there is none. */
  readonly nodeId: number
  readonly leaderEpoch: number
}

const NO_LEADER = -1

/** Starts a broker to test against, at ports that the system chooses unless `port` says otherwise. */
export async function createTestBroker(options: BrokerOptions = {}): Promise<TestBroker> {
  return new TestBroker(await createBroker({ ...options, port: options.port ?? 0 }))
}

export class TestBroker implements AsyncDisposable {
  readonly broker: Broker
  readonly faults: Faults
  readonly #parts: Parts

  constructor(broker: Broker) {
    this.broker = broker
    this.#parts = partsOf(broker)
    const { clock, metadata, logs, nodes } = this.#parts
    this.faults = new Faults({ clock, image: metadata.image, logs }, nodes)
  }

  /** What clients are told to start from: `host:port` of each node. */
  get bootstrapServers(): string {
    return this.broker.bootstrapServers
  }

  get nodes(): readonly TestNode[] {
    return Array.from(this.#parts.nodes, ({ nodeId, endpoint, isRunning }) => ({ nodeId, ...endpoint, isRunning }))
  }

  leaderOf(topic: string, partition: number): Leadership {
    const { leader, leaderEpoch } = this.#find(topic, partition)[1]
    return { nodeId: leader, leaderEpoch }
  }

  /** Has a partition led by another node, under a new epoch. A node without a replica gets that of the leader before it. */
  moveLeader(topic: string, partition: number, nodeId: number): void {
    this.#parts.nodes.node(nodeId)
    if (!isOnline(this.#parts.metadata.image, nodeId)) {
      throw new KafkaError(`node ${nodeId} is stopped and cannot lead`, { code: 'BROKER_NOT_AVAILABLE' })
    }
    this.#parts.controller.changeLeader(...this.#find(topic, partition), nodeId)
  }

  /** Leaves a partition without a leader, until one is moved there or a node of its replicas starts. */
  setLeaderless(topic: string, partition: number): void {
    this.#parts.controller.changeLeader(...this.#find(topic, partition), NO_LEADER)
  }

  /**
   * Ends a node's connections, and refuses new ones. Its partitions are led by the next of their replicas that runs; those
   * without one have no leader.
   */
  stopNode(nodeId: number): Promise<void> {
    return this.#parts.nodes.stop(nodeId)
  }

  /** Has a stopped node listen at its old address again. It leads what nobody leads; other leaders stay. */
  startNode(nodeId: number): Promise<void> {
    return this.#parts.nodes.start(nodeId)
  }

  /** Says which node FindCoordinator names for a group or a transactional id. */
  moveCoordinator(type: CoordinatorType, key: string, nodeId: number): void {
    if (!Object.hasOwn(coordinatorTypes, type)) {
      throw new ConfigError(`moveCoordinator: '${type}' is neither ${Object.keys(coordinatorTypes).join(' nor ')}`)
    }
    this.#parts.nodes.node(nodeId)
    this.#parts.coordinators.place(type, key, nodeId)
  }

  /** Cuts off connections: of one node, of one client (`client.id` of its newest request), or all. Returns how many. */
  disconnect(of: { readonly nodeId?: number | undefined; readonly clientId?: string | undefined } = {}): number {
    const { nodeId, clientId } = of
    const nodes = nodeId === undefined ? [...this.#parts.nodes] : [this.#parts.nodes.node(nodeId)]
    let count = 0
    for (const node of nodes) {
      count += node.disconnect(connection => clientId === undefined || connection.clientId === clientId)
    }
    return count
  }

  /** Removes all faults and closes the broker. Twice is harmless. */
  close(): Promise<void> {
    this.faults.clear()
    return this.broker.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #find(name: string, index: number): [TopicImage, PartitionImage] {
    const topic = this.#parts.metadata.image.topicByName(name)
    const partition = topic?.partitions[index]
    if (topic !== undefined && partition !== undefined) return [topic, partition]
    throw new KafkaError(`there is no partition ${name}-${index}`, {
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      topic: name,
      partition: index,
    })
  }
}
