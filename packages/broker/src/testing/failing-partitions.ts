/**
 * FailingPartitions: the partitions of a node, of which some answer with an error. Handlers that are made over them answer it in
 * the form that their API has for a partition, and handle the others.
 */
import { type Partition, Partitions, type TopicReference } from '../cluster/partitions.js'
import type { LogManager } from '../log/log-manager.js'
import type { MetadataImage } from '../metadata/image.js'

/** The code of the error that a partition answers, or undefined. */
export type PartitionFailure = (topic: string | undefined, partition: number) => number | undefined

export class FailingPartitions extends Partitions {
  readonly #failure: PartitionFailure

  constructor(image: MetadataImage, logs: LogManager, nodeId: number, failure: PartitionFailure) {
    super(() => image, logs, nodeId)
    this.#failure = failure
  }

  override find(reference: TopicReference, index: number, currentLeaderEpoch?: number): Partition | number {
    const name = this.topic(reference)?.name ?? reference.name ?? undefined
    return this.#failure(name, index) ?? super.find(reference, index, currentLeaderEpoch)
  }
}
