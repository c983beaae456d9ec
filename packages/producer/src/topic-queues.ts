/**
 * TopicQueues: one topic as the producer has it: the queues of its partitions, which of them a record goes to, and the
 * records that wait until the topic is known. Found once for each topic and kept.
 */
import type { TopicInfo } from '@samsa/client'
import { KafkaError, type Random } from '@samsa/runtime'
import { PartitionQueue } from './partition-queue.js'
import type { PartitionerTopic } from './partitioner.js'
import { type PartitionLoad, StickyPartitioner } from './sticky-partitioner.js'
import type { WaitingSends } from './waiting-sends.js'

export interface TopicQueuesOptions {
  readonly random: Random
  readonly batchSize: number
  readonly isAdaptive: boolean
  /** Whether the node has taken nothing for too long. */
  readonly isStalled: (node: number) => boolean
  readonly waiting: WaitingSends
}

export class TopicQueues implements PartitionerTopic {
  readonly name: string
  readonly sticky: StickyPartitioner
  /** Records whose topic is not known yet. */
  readonly waiting: WaitingSends
  /** The topic is being looked up. */
  isLookedUp = false
  /** Why the last look-up found nothing. */
  lookupError: KafkaError | undefined
  readonly #isStalled: (node: number) => boolean
  readonly #queues: PartitionQueue[] = []
  #info: TopicInfo | undefined
  #available: readonly number[] | undefined
  readonly #loads = (): readonly PartitionLoad[] => this.#currentLoads()

  constructor(name: string, options: TopicQueuesOptions) {
    this.name = name
    this.waiting = options.waiting
    this.#isStalled = options.isStalled
    this.sticky = new StickyPartitioner(options)
  }

  /** What is known of the topic; undefined before it was looked up. */
  get info(): TopicInfo | undefined {
    return this.#info
  }

  set info(info: TopicInfo | undefined) {
    if (info === this.#info || info === undefined) return
    this.#info = info
    this.#available = undefined
  }

  get partitionCount(): number {
    return this.#info?.partitions.length ?? 0
  }

  get availablePartitions(): readonly number[] {
    this.#available ??= this.#findAvailable()
    return this.#available
  }

  leaderOf(partition: number): number {
    return this.#info?.partitions[partition]?.leader ?? -1
  }

  /** Queues that were used so far. */
  get queues(): readonly PartitionQueue[] {
    return this.#queues
  }

  queue(partition: number): PartitionQueue {
    const queue = this.#queues[partition]
    if (queue !== undefined) return queue
    // Without holes, so that the array stays a fast one.
    while (this.#queues.length <= partition) this.#queues.push(new PartitionQueue(this.name, this.#queues.length))
    return this.queue(partition)
  }

  stickyPartition(): number {
    return this.sticky.partition(this.partitionCount, this.#loads)
  }

  mustHave(partition: number): void {
    if (partition < this.partitionCount) return
    const last = this.partitionCount - 1
    throw new KafkaError(`${this.name} has the partitions 0 to ${last}, but record.partition is ${partition}.`, {
      code: 'INVALID_PARTITION',
      topic: this.name,
      partition,
    })
  }

  #findAvailable(): readonly number[] {
    const partitions = this.#info?.partitions ?? []
    const withLeader = partitions.filter(({ leader }) => leader >= 0).map(({ partition }) => partition)
    return withLeader.length > 0 ? withLeader : partitions.map(({ partition }) => partition)
  }

  #currentLoads(): readonly PartitionLoad[] {
    return (this.#info?.partitions ?? []).map(({ partition, leader }) => ({
      hasLeader: leader >= 0,
      depth: this.#queues[partition]?.depth ?? 0,
      isStalled: this.#isStalled(leader),
    }))
  }
}
