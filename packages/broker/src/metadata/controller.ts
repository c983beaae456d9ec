/**
 * Controller: takes requests that change the metadata, has them decided by the pure parts beside it, and appends what was
 * decided. One decision and its append happen in one go, so the next decision sees the image that the last one left. When
 * the disk refuses the append, nothing was decided: everything that would have been done is answered with its error.
 */
import {
  type AlterPartitionReassignmentsRequestPartition,
  type CreatePartitionsRequestTopic,
  type CreateTopicsRequestTopic,
  type Decoded,
  type DeleteTopicsRequestTopic,
  producerIdsRecord,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { type AlteredResource, alterConfigs, type ConfigResourceChange } from './controller-configs.js'
import { leaderChange, nodeStarts, nodeStops } from './controller-leaders.js'
import { electLeader, reassign } from './controller-partitions.js'
import {
  type ControllerView,
  type CreatedTopic,
  createPartitions,
  createTopics,
  type DeletedTopic,
  deleteTopics,
  type GrownTopic,
  notCreated,
} from './controller-topics.js'
import { type Decision, isRefusal, type Refusal, refusal } from './decision.js'
import type { PartitionImage, TopicImage } from './image.js'
import { MAX_RECORDS_PER_APPEND, type MetadataLog } from './metadata-log.js'
import { metadataRecord } from './metadata-records.js'

/** How many producer ids are handed out at once: a crash loses at most so many, and each block costs one record. */
export const PRODUCER_IDS_PER_BLOCK = 1000

export class Controller {
  readonly view: ControllerView
  readonly #log: MetadataLog

  constructor(log: MetadataLog, view: Omit<ControllerView, 'image'>) {
    this.#log = log
    this.view = { ...view, image: log.image }
  }

  createTopics(topics: readonly Decoded<CreateTopicsRequestTopic>[], validateOnly: boolean): CreatedTopic[] {
    return this.#commit(createTopics(this.view, topics), validateOnly, ({ name }, fault) => notCreated(name, fault))
  }

  deleteTopics(topics: readonly Decoded<DeleteTopicsRequestTopic>[]): DeletedTopic[] {
    return this.#commit(deleteTopics(this.view, topics), false)
  }

  createPartitions(topics: readonly Decoded<CreatePartitionsRequestTopic>[], validateOnly: boolean): GrownTopic[] {
    return this.#commit(createPartitions(this.view, topics), validateOnly)
  }

  /** `isFull` replaces all that is set for a resource; otherwise each config has an operation of its own. */
  alterConfigs(
    resources: readonly ConfigResourceChange[],
    options: { readonly isFull: boolean; readonly validateOnly: boolean },
  ): AlteredResource[] {
    return this.#commit(alterConfigs(this.view, resources, options.isFull), options.validateOnly)
  }

  electLeader(topic: string, partition: number, isUnclean: boolean): Refusal {
    return this.#commitOne(electLeader(this.view, topic, partition, isUnclean))
  }

  /** Has a partition led by a node, or by none (-1). */
  changeLeader(topic: TopicImage, partition: PartitionImage, leader: number): void {
    const records = leaderChange(this.view.image, topic, partition, leader)
    if (records.length > 0) this.#log.append(records)
  }

  /** Whether another node of this engine can be reached. */
  setRunning(nodeId: number, isRunning: boolean): void {
    const { image } = this.view
    const records = isRunning ? nodeStarts(image, nodeId) : nodeStops(image, nodeId)
    for (let at = 0; at < records.length; at += MAX_RECORDS_PER_APPEND) {
      this.#log.append(records.slice(at, at + MAX_RECORDS_PER_APPEND))
    }
  }

  reassign(topic: string, partition: Decoded<AlterPartitionReassignmentsRequestPartition>): Refusal {
    return this.#commitOne(reassign(this.view, topic, partition))
  }

  /** A block of producer ids that nobody was or will be given again. */
  allocateProducerIds(): { readonly firstId: number; readonly count: number } {
    const firstId = this.view.image.nextProducerId
    const nextProducerId = firstId + PRODUCER_IDS_PER_BLOCK
    if (!Number.isSafeInteger(nextProducerId)) {
      throw new KafkaError('there are no producer ids left', { code: 'UNKNOWN_SERVER_ERROR' })
    }
    const { nodeId, image } = this.view
    const brokerEpoch = image.broker(nodeId)?.epoch ?? -1n
    this.#log.append([
      metadataRecord(producerIdsRecord, { brokerId: nodeId, brokerEpoch, nextProducerId: BigInt(nextProducerId) }),
    ])
    return { firstId, count: PRODUCER_IDS_PER_BLOCK }
  }

  #commitOne({ records, result }: Decision<Refusal>): Refusal {
    const [committed = result] = this.#commit({ records, result: [result] }, false)
    return committed
  }

  #commit<Result extends Refusal>(
    { records, result }: Decision<Result[]>,
    validateOnly: boolean,
    refused: (result: Result, fault: Refusal) => Result = (each, fault) => ({ ...each, ...fault }),
  ): Result[] {
    if (validateOnly || records.length === 0) return result
    try {
      this.#log.append(records)
      return result
    } catch (error) {
      if (!(error instanceof KafkaError) || error.code !== 'KAFKA_STORAGE_ERROR') throw error
      const fault = refusal('KAFKA_STORAGE_ERROR', `The metadata log takes no records: ${error.message}`)
      return result.map(each => (isRefusal(each) ? each : refused(each, fault)))
    }
  }
}
