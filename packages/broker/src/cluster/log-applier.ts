/**
 * LogApplier: makes the logs on this node follow the metadata: a log for every partition, in its leader epoch, with its
 * topic's configuration, and none for what is deleted. The metadata is written first; what could not be done on disk is
 * logged, and that partition answers with a storage error. It is tried again from time to time, since a disk that was full
 * or out of descriptors may no longer be; what is wrong with the files themselves stays for a person to mend.
 */
import type { Clock, Logger, Timer } from '@samsa/runtime'
import type { Configs } from '../config/dynamic-config.js'
import type { LogManager } from '../log/log-manager.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { MetadataImage, TopicImage } from '../metadata/image.js'
import type { MetadataDelta } from '../metadata/image-parts.js'
import { isPassing } from '../storage/storage-error.js'

const FIRST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 30_000

export interface LogApplierOptions {
  readonly image: MetadataImage
  readonly logs: LogManager
  readonly configs: Configs
  readonly logger: Logger
  readonly clock: Clock
}

export class LogApplier {
  readonly #options: LogApplierOptions
  /** Partitions whose logs do not follow yet, by name. */
  readonly #missing = new Map<string, { readonly topic: string; readonly index: number }>()
  #retryMs = FIRST_RETRY_MS
  #retryTimer: Timer | undefined
  #isStopped = false

  constructor(options: LogApplierOptions) {
    this.#options = options
  }

  /** Brings all logs in line with the image, and sets those aside that belong to no topic. */
  applyAll(): void {
    const { image, logs, logger } = this.#options
    for (const stray of logs.strays(image)) {
      logger.warn({ topic: stray.topic, partition: stray.partition }, 'a log belongs to no topic and is set aside')
      this.#attempt(stray.topic, stray.partition, () => logs.setAside(stray.topic, stray.partition))
    }
    // Where a stray lay, the log may belong whose deletion was lost.
    logs.settleDeletions(image)
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

  /** Tries nothing again any more. */
  stop(): void {
    this.#isStopped = true
    this.#retryTimer?.cancel()
  }

  #applyTopic(topic: TopicImage): void {
    for (const { index } of topic.partitions) this.#applyPartition(topic, index)
    this.#applyConfig(topic)
  }

  #applyPartition(topic: TopicImage, index: number): void {
    const partition = topic.partitions[index]
    if (partition === undefined) return
    const follows = this.#attempt(topic.name, index, () => {
      const log = this.#logOf(topic, index)
      // One node is all replicas: whatever the log holds is committed.
      log.advanceHighWatermark(log.logEndOffset)
      log.assignLeaderEpoch(partition.leaderEpoch)
    })
    if (follows && this.#missing.delete(`${topic.name}-${index}`)) {
      this.#options.logger.info({ topic: topic.name, partition: index }, 'the log follows the metadata now')
    }
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

  #attempt(topic: string, partition: number, action: () => void): boolean {
    try {
      action()
      return true
    } catch (error) {
      const key = `${topic}-${partition}`
      const isToldBefore = this.#missing.delete(key) && isPassing(error)
      const isKnown = isToldBefore || this.#options.logs.failureOf(topic, partition) !== undefined
      if (isPassing(error)) this.#missing.set(key, { topic, index: partition })
      if (!isKnown) this.#options.logger.error({ topic, partition, err: error }, 'the log does not follow the metadata')
      if (this.#missing.size > 0) this.#tryAgain()
      return false
    }
  }

  #tryAgain(): void {
    if (this.#isStopped || this.#retryTimer?.active === true) return
    const options = { name: 'let logs follow the metadata', unref: true }
    this.#retryTimer = this.#options.clock.timer(this.#retryMs, () => this.#retry(), options)
  }

  #retry(): void {
    const { image } = this.#options
    const before = this.#missing.size
    for (const [key, { topic, index }] of [...this.#missing]) {
      const found = image.topicByName(topic)
      if (found?.partitions[index] === undefined) this.#missing.delete(key)
      else this.#applyPartition(found, index)
    }
    const isBetter = this.#missing.size < before
    this.#retryMs = isBetter ? FIRST_RETRY_MS : Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
  }
}
