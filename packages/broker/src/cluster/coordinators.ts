/**
 * Coordinators: which node looks after a group or a transactional id: the leader of the partition that keeps it, or where a
 * test has said otherwise. Owner of what tests have said; the topics that keep them are made when someone first asks.
 */
import { coordinatorPartition } from '@samsa/protocol'
import type { Configs } from '../config/dynamic-config.js'
import type { Controller } from '../metadata/controller.js'

/** As FindCoordinator numbers them. */
export const coordinatorTypes = { group: 0, transaction: 1 } as const

export type CoordinatorType = keyof typeof coordinatorTypes

export const GROUP_TOPIC = '__consumer_offsets'
export const TRANSACTION_TOPIC = '__transaction_state'

const NO_LEADER = -1

export class Coordinators {
  readonly #controller: Controller
  readonly #configs: Configs
  readonly #nodes = new Map<string, number>()

  constructor(controller: Controller) {
    this.#controller = controller
    this.#configs = controller.view.configs
  }

  /** The test kit's. */
  place(type: CoordinatorType, key: string, nodeId: number): void {
    this.#nodes.set(`${coordinatorTypes[type]} ${key}`, nodeId)
  }

  /** Undefined while there is none. */
  nodeOf(keyType: number, key: string): number | undefined {
    const placed = this.#nodes.get(`${keyType} ${key}`)
    if (placed !== undefined) return placed
    if (keyType === coordinatorTypes.group) return this.#leaderOf(GROUP_TOPIC, this.groupPartition(key))
    if (keyType === coordinatorTypes.transaction) {
      return this.#leaderOf(TRANSACTION_TOPIC, this.transactionPartition(key))
    }
    return undefined
  }

  /** The partition of the topic that keeps a group. */
  groupPartition(groupId: string): number {
    return this.#partitionOf(GROUP_TOPIC, groupId, 'offsets.topic.num.partitions')
  }

  /** The partition of the topic that keeps a transactional id. */
  transactionPartition(transactionalId: string): number {
    return this.#partitionOf(TRANSACTION_TOPIC, transactionalId, 'transaction.state.log.num.partitions')
  }

  /** Makes the topic that keeps what is of this type, where there is none. Returns whether it was made now. */
  createTopic(keyType: number): boolean {
    if (keyType === coordinatorTypes.group) return this.#create(this.#groupTopic())
    return keyType === coordinatorTypes.transaction && this.#create(this.#transactionTopic())
  }

  #leaderOf(topic: string, partition: number): number | undefined {
    const leader = this.#controller.view.image.topicByName(topic)?.partitions[partition]?.leader
    return leader === NO_LEADER ? undefined : leader
  }

  #partitionOf(topic: string, key: string, setting: string): number {
    const known = this.#controller.view.image.topicByName(topic)
    return coordinatorPartition(key, known?.partitions.length ?? this.#configs.number(setting))
  }

  #groupTopic(): InternalTopic {
    return {
      name: GROUP_TOPIC,
      numPartitions: this.#configs.number('offsets.topic.num.partitions'),
      replicationFactor: this.#replicas('offsets.topic.replication.factor'),
      configs: [
        ['cleanup.policy', 'compact'],
        ['compression.type', 'producer'],
        ['segment.bytes', String(this.#configs.number('offsets.topic.segment.bytes'))],
      ],
    }
  }

  #transactionTopic(): InternalTopic {
    const replicationFactor = this.#replicas('transaction.state.log.replication.factor')
    const minInSync = Math.min(this.#configs.number('transaction.state.log.min.isr'), replicationFactor)
    return {
      name: TRANSACTION_TOPIC,
      numPartitions: this.#configs.number('transaction.state.log.num.partitions'),
      replicationFactor,
      configs: [
        ['cleanup.policy', 'compact'],
        ['compression.type', 'uncompressed'],
        ['min.insync.replicas', String(minInSync)],
        ['segment.bytes', String(this.#configs.number('transaction.state.log.segment.bytes'))],
        ['unclean.leader.election.enable', 'false'],
      ],
    }
  }

  /** Kafka refuses where there are fewer nodes; one that is alone has nowhere else to keep them. */
  #replicas(setting: string): number {
    return Math.min(this.#configs.number(setting), [...this.#controller.view.image.brokers()].length)
  }

  #create({ configs, ...topic }: InternalTopic): boolean {
    if (this.#controller.view.image.topicByName(topic.name) !== undefined) return false
    const wanted = {
      ...topic,
      assignments: [],
      configs: configs.map(([name, value]) => ({ name, value, unknownTags: undefined })),
      unknownTags: undefined,
    }
    return this.#controller.createTopics([wanted], false).every(({ errorCode }) => errorCode === 0)
  }
}

interface InternalTopic {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly configs: readonly (readonly [name: string, value: string])[]
}
