/**
 * Coordinators: which node looks after a group or a transactional id: the leader of the partition that keeps it, or where a
 * test has said otherwise. Owner of what tests have said; the topic of the groups is made when someone first asks.
 */
import { coordinatorPartition } from '@samsa/protocol'
import type { Configs } from '../config/dynamic-config.js'
import type { Controller } from '../metadata/controller.js'

/** As FindCoordinator numbers them. */
export const coordinatorTypes = { group: 0, transaction: 1 } as const

export type CoordinatorType = keyof typeof coordinatorTypes

export const GROUP_TOPIC = '__consumer_offsets'

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
    if (placed !== undefined || keyType !== coordinatorTypes.group) return placed
    const topic = this.#controller.view.image.topicByName(GROUP_TOPIC)
    const leader = topic?.partitions[this.groupPartition(key)]?.leader
    return leader === NO_LEADER ? undefined : leader
  }

  /** The partition of the topic that keeps a group. */
  groupPartition(groupId: string): number {
    const topic = this.#controller.view.image.topicByName(GROUP_TOPIC)
    return coordinatorPartition(
      groupId,
      topic?.partitions.length ?? this.#configs.number('offsets.topic.num.partitions'),
    )
  }

  /** Makes the topic that keeps groups, where there is none. Returns whether it was made now. */
  createGroupTopic(): boolean {
    const { image } = this.#controller.view
    if (image.topicByName(GROUP_TOPIC) !== undefined) return false
    const wanted = this.#configs.number('offsets.topic.replication.factor')
    const settings: readonly (readonly [string, string])[] = [
      ['cleanup.policy', 'compact'],
      ['compression.type', 'producer'],
      ['segment.bytes', String(this.#configs.number('offsets.topic.segment.bytes'))],
    ]
    const topic = {
      name: GROUP_TOPIC,
      numPartitions: this.#configs.number('offsets.topic.num.partitions'),
      // Kafka refuses where there are fewer nodes; one that is alone has nowhere else to keep them.
      replicationFactor: Math.min(wanted, [...image.brokers()].length),
      assignments: [],
      configs: settings.map(([name, value]) => ({ name, value, unknownTags: undefined })),
      unknownTags: undefined,
    }
    return this.#controller.createTopics([topic], false).every(({ errorCode }) => errorCode === 0)
  }
}
