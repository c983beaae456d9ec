/**
 * LogApplier: makes the logs on this node follow the metadata: a log for every partition, in its leader epoch, with its
 * topic's configuration, and none for what is deleted. The metadata is written first; what could not be done on disk is
 * logged, and that partition answers with a storage error.
 */
import type { Logger } from '@samsa/runtime'
import type { Configs } from '../config/dynamic-config.js'
import type { LogManager } from '../log/log-manager.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { MetadataImage, TopicImage } from '../metadata/image.js'
import type { MetadataDelta } from '../metadata/image-parts.js'

export interface LogApplierOptions {
  readonly image: MetadataImage
  readonly logs: LogManager
  readonly configs: Configs
  readonly logger: Logger
}

export class LogApplier {
  readonly #options: LogApplierOptions

  constructor(options: LogApplierOptions) {
    this.#options = options
  }

  /** Brings all logs in line with the image, and sets those aside that belong to no topic. */
  applyAll(): void {
    const { image, logs, logger } = this.#options
    logs.settleDeletions(image)
    for (const stray of logs.strays(image)) {
      logger.warn({ topic: stray.topic, partition: stray.partition }, 'a log belongs to no topic and is set aside')
      this.#attempt(stray.topic, stray.partition, () => logs.setAside(stray.topic, stray.partition))
    }
    for (const topic of image.topics()) this.#applyTopic(topic)
  }

  /** Brings the logs in line with one change of the image. */
  apply(delta: MetadataDelta): void {
    const { image, logs } = this.#options
    for (const topic of delta.deletedTopics) {
      for (const { index } of topic.partitions) this.#attempt(topic.name, index, () => logs.delete(topic.name, index))
    }
    for (const topic of delta.grownTopics) this.#applyTopic(topic)
    for (const { topic, index } of delta.changedPartitions.values()) this.#applyPartition(topic, index)
    const changed = [...delta.changedConfigs.values()]
    const isForAll = changed.some(({ type }) => type === 'broker')
    const topics = isForAll
      ? image.topics()
      : changed.flatMap(({ type, name }) => (type === 'topic' ? (image.topicByName(name) ?? []) : []))
    for (const topic of topics) this.#applyConfig(topic)
  }

  #applyTopic(topic: TopicImage): void {
    for (const { index } of topic.partitions) this.#applyPartition(topic, index)
    this.#applyConfig(topic)
  }

  #applyPartition(topic: TopicImage, index: number): void {
    const partition = topic.partitions[index]
    if (partition === undefined) return
    this.#attempt(topic.name, index, () => {
      const log = this.#logOf(topic, index)
      log.assignLeaderEpoch(partition.leaderEpoch)
      // One node is all replicas: whatever the log holds is committed.
      log.advanceHighWatermark(log.logEndOffset)
    })
  }

  /** Never the log of another topic that had the same name: one whose files could not be removed is removed now. */
  #logOf(topic: TopicImage, index: number): PartitionLog {
    const { logs, configs } = this.#options
    const open = (): PartitionLog =>
      logs.get(topic.name, index) ?? logs.create(topic.name, index, topic.id, configs.logConfig(topic.name))
    const log = open()
    if (log.topicId === topic.id) return log
    logs.delete(topic.name, index)
    return open()
  }

  #applyConfig(topic: TopicImage): void {
    const { logs, configs } = this.#options
    const config = configs.logConfig(topic.name)
    for (const { index } of topic.partitions) logs.get(topic.name, index)?.updateConfig(config)
  }

  #attempt(topic: string, partition: number, action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#options.logger.error({ topic, partition, err: error }, 'the log does not follow the metadata')
    }
  }
}
