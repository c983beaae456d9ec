/**
 * Leaders: who leads a partition, as metadata has it; a topic that is not known is looked up. Owns those lookups. One that
 * cannot succeed is kept for the next poll to tell; all others go on for as long as it takes.
 */
import type { Uuid } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import type { ConsumerCluster } from './cluster.js'
import { nameOf, type TopicPartition } from './topic-partition.js'

export interface Leader {
  readonly nodeId: number
  readonly epoch: number
  readonly topicId: Uuid
}

export class Leaders {
  readonly #cluster: ConsumerCluster
  readonly #onChange: () => void
  readonly #lookups = new Set<string>()
  readonly #failures = new Map<string, KafkaError>()

  constructor(cluster: ConsumerCluster, onChange: () => void) {
    this.#cluster = cluster
    this.#onChange = onChange
  }

  /** Undefined while none is known, which is seen to. */
  of(place: TopicPartition): Leader | undefined {
    const { metadata } = this.#cluster
    const topic = metadata.topic(place.topic)
    if (topic === undefined) {
      this.#lookUp(place.topic)
      return undefined
    }
    const partition = topic.partitions[place.partition]
    if (partition !== undefined && partition.leader >= 0) {
      return { nodeId: partition.leader, epoch: partition.leaderEpoch, topicId: topic.id }
    }
    metadata.refresh(`no leader of ${nameOf(place)} is known`)
    return undefined
  }

  /** Why a topic cannot be had. Told once; then it is asked for again. */
  takeFailure(): KafkaError | undefined {
    for (const [topic, error] of this.#failures) {
      this.#failures.delete(topic)
      return error
    }
    return undefined
  }

  /** What is not assigned any more is nobody's trouble. */
  keepOnly(topics: ReadonlySet<string>): void {
    for (const topic of this.#failures.keys()) if (!topics.has(topic)) this.#failures.delete(topic)
  }

  #lookUp(topic: string): void {
    if (this.#lookups.has(topic) || this.#failures.has(topic)) return
    this.#lookups.add(topic)
    this.#cluster.metadata.topicOf(topic).then(
      () => this.#lookedUp(topic, undefined),
      (error: unknown) => this.#lookedUp(topic, error),
    )
  }

  #lookedUp(topic: string, error: unknown): void {
    this.#lookups.delete(topic)
    if (error instanceof KafkaError && error.retriable && !error.fatal) {
      this.#cluster.logger.warn({ err: error, topic }, 'a topic is waited for')
    } else if (error !== undefined) {
      const message = `nothing could be learnt of topic ${topic}: ${String(error)}`
      const failure =
        error instanceof KafkaError ? error : new KafkaError(message, { code: 'UNKNOWN_SERVER_ERROR', cause: error })
      this.#failures.set(topic, failure)
    }
    this.#onChange()
  }
}
