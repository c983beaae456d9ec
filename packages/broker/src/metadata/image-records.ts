/**
 * The records that an image is made of: replayed into an empty one they give the same image again. What a snapshot holds,
 * in the order in which Kafka writes it: features first, since they say how the rest is to be read. Pure.
 */
import {
  configRecord,
  featureLevelRecord,
  partitionRecord,
  producerIdsRecord,
  registerBrokerRecord,
  topicRecord,
} from '@samsa/protocol'
import type { BrokerImage, MetadataImage, PartitionImage, TopicImage } from './image.js'
import { type ConfigResourceType, configResourceTypes } from './image-parts.js'
import { metadataRecord } from './metadata-records.js'

const METADATA_VERSION_FEATURE = 'metadata.version'
/** A block of producer ids that belongs to no broker. */
const NO_BROKER = -1

/** The values of the records, one by one. The image must not change while they are taken. */
export function* recordsOf(image: MetadataImage): Generator<Uint8Array, void, undefined> {
  yield* featureRecords(image)
  for (const broker of image.brokers()) yield brokerRecord(broker)
  yield* image.carriedRecords()
  for (const topic of image.topics()) yield* topicRecords(topic)
  for (const type of Object.keys(configResourceTypes) as ConfigResourceType[]) yield* configRecords(image, type)
  const { nextProducerId } = image
  if (nextProducerId > 0) {
    const record = { brokerId: NO_BROKER, brokerEpoch: -1n, nextProducerId: BigInt(nextProducerId) }
    yield metadataRecord(producerIdsRecord, record).value
  }
}

function* featureRecords({ features }: MetadataImage): Generator<Uint8Array> {
  const names = [...features.keys()].sort(
    (left, right) => Number(right === METADATA_VERSION_FEATURE) - Number(left === METADATA_VERSION_FEATURE),
  )
  for (const name of names) {
    yield metadataRecord(featureLevelRecord, { name, featureLevel: features.get(name) ?? 0 }).value
  }
}

function brokerRecord(broker: BrokerImage): Uint8Array {
  return metadataRecord(registerBrokerRecord, {
    brokerId: broker.id,
    incarnationId: broker.incarnationId,
    brokerEpoch: broker.epoch,
    endPoints: broker.endpoints,
    features: broker.features,
    rack: broker.rack,
    fenced: broker.isFenced,
    inControlledShutdown: broker.inControlledShutdown,
    logDirs: broker.directories,
  }).value
}

function* topicRecords({ id: topicId, name, partitions }: TopicImage): Generator<Uint8Array> {
  yield metadataRecord(topicRecord, { name, topicId }).value
  for (const { index: partitionId, ...partition } of partitions) {
    yield metadataRecord(partitionRecord, { ...partition, ...replicasWithoutIsr(partition), topicId, partitionId })
      .value
  }
}

/** Kafka leaves these out where there are none. */
function replicasWithoutIsr({
  eligibleLeaderReplicas,
  lastKnownElr,
}: Pick<PartitionImage, 'eligibleLeaderReplicas' | 'lastKnownElr'>): {
  eligibleLeaderReplicas: readonly number[] | null
  lastKnownElr: readonly number[] | null
} {
  const orNull = (replicas: readonly number[]): readonly number[] | null => (replicas.length === 0 ? null : replicas)
  return { eligibleLeaderReplicas: orNull(eligibleLeaderReplicas), lastKnownElr: orNull(lastKnownElr) }
}

function* configRecords(image: MetadataImage, type: ConfigResourceType): Generator<Uint8Array> {
  for (const resourceName of image.configNames(type)) {
    for (const [name, value] of image.configs(type, resourceName)) {
      yield metadataRecord(configRecord, { resourceType: configResourceTypes[type], resourceName, name, value }).value
    }
  }
}
