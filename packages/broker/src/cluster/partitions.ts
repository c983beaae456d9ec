/**
 * Partitions: what one node leads. Finds the log behind a topic's name or id and a partition's number, or says with
 * Kafka's error why there is none. Owner of nothing: topics are the image's, logs the log manager's.
 */
import { errorByName, type Uuid, ZERO_UUID } from '@samsa/protocol'
import type { AppendOptions, AppendResult } from '../log/log-contract.js'
import type { LogManager } from '../log/log-manager.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { MetadataImage, TopicImage } from '../metadata/image.js'

export interface Partition {
  readonly topic: TopicImage
  readonly index: number
  readonly leaderEpoch: number
  readonly log: PartitionLog
}

/** A topic as requests speak of it: by id from the versions on that know ids, which bring no name, else by name. */
export interface TopicReference {
  readonly name?: string | null
  readonly topicId?: Uuid
}

const NO_LEADER_EPOCH = -1

export class Partitions {
  readonly #image: () => MetadataImage
  readonly #logs: LogManager
  readonly #nodeId: number

  constructor(image: () => MetadataImage, logs: LogManager, nodeId: number) {
    this.#image = image
    this.#logs = logs
    this.#nodeId = nodeId
  }

  topic(reference: TopicReference): TopicImage | undefined {
    const { topicId = ZERO_UUID, name } = reference
    if (topicId !== ZERO_UUID) return this.#image().topicById(topicId)
    return name === undefined || name === null ? undefined : this.#image().topicByName(name)
  }

  /** Whether this node has a replica, or the metadata knows nothing of it. */
  holds(topicName: string, index: number): boolean {
    const partition = this.#image().topicByName(topicName)?.partitions[index]
    return partition === undefined || partition.replicas.includes(this.#nodeId)
  }

  /** The partition, or the code of the error that says why not. `currentLeaderEpoch` is what the client believes, or -1. */
  find(reference: TopicReference, index: number, currentLeaderEpoch: number = NO_LEADER_EPOCH): Partition | number {
    const topic = this.topic(reference)
    if (topic === undefined) {
      const { name, topicId } = reference
      const isById = name === undefined || name === null || (name === '' && topicId !== undefined)
      return codeOf(isById ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION')
    }
    const partition = topic.partitions[index]
    if (partition === undefined) return codeOf('UNKNOWN_TOPIC_OR_PARTITION')
    // As in Kafka, a node without a replica knows of no epoch, and one that only follows does.
    const leads = partition.leader === this.#nodeId
    if (!(leads || partition.replicas.includes(this.#nodeId))) return codeOf('NOT_LEADER_OR_FOLLOWER')
    const log = this.#logs.get(topic.name, index)
    if (log === undefined || log.offline !== undefined) return codeOf('KAFKA_STORAGE_ERROR')
    if (currentLeaderEpoch !== NO_LEADER_EPOCH) {
      if (currentLeaderEpoch < partition.leaderEpoch) return codeOf('FENCED_LEADER_EPOCH')
      if (currentLeaderEpoch > partition.leaderEpoch) return codeOf('UNKNOWN_LEADER_EPOCH')
    }
    if (!leads) return codeOf('NOT_LEADER_OR_FOLLOWER')
    return { topic, index, leaderEpoch: partition.leaderEpoch, log }
  }

  /** Resolves when all that is in the log is as safe as the flush mode asks; undefined: it is. */
  acknowledged({ log }: Partition): Promise<void> | undefined {
    return this.#logs.acknowledged(log)
  }

  /**
   * Appends as the leader. All nodes share one engine, so what is appended is committed at once; where the flush mode has it
   * on disk before it is acknowledged, it is committed then: nobody reads what a loss of power could still take.
   */
  append({ log, leaderEpoch }: Partition, batch: Buffer, options: Omit<AppendOptions, 'leaderEpoch'>): LeaderAppend {
    const result = log.append(batch, { ...options, leaderEpoch })
    const flushed = this.#logs.acknowledged(log)
    if (flushed === undefined) {
      log.advanceHighWatermark(log.logEndOffset)
      return { result, committed: undefined }
    }
    const committed = flushed.then(() => log.advanceHighWatermark(log.recoveryPoint))
    // Whoever does not wait for it (acks=0) is not told.
    committed.catch(() => undefined)
    return { result, committed }
  }
}

export interface LeaderAppend {
  readonly result: AppendResult
  /** Resolves when the batch may be read and acknowledged, and rejects when the disk failed; undefined where it may at once. */
  readonly committed: Promise<void> | undefined
}

/** The number of an error by Kafka's name. */
export function codeOf(name: string): number {
  return (errorByName(name) ?? errorByName('UNKNOWN_SERVER_ERROR'))?.code ?? -1
}
