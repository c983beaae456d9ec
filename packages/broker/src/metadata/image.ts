/**
 * MetadataImage: the cluster as the metadata log tells it: topics, partitions, configs, brokers, features, producer ids.
 * Changed only by replay of records, at start and while running alike, so that a restart cannot lead to another state.
 * Its parts are live: a topic that is held over an await may have changed, or be gone, after it.
 */
import {
  abortTransactionRecord,
  beginTransactionRecord,
  brokerRegistrationChangeRecord,
  clearElrRecord,
  configRecord,
  type Decoded,
  endTransactionRecord,
  featureLevelRecord,
  fenceBrokerRecord,
  noOpRecord,
  type PartitionChangeRecord,
  partitionChangeRecord,
  partitionRecord,
  producerIdsRecord,
  type RegisterBrokerRecord,
  registerBrokerRecord,
  removeTopicRecord,
  topicRecord,
  type Uuid,
  unfenceBrokerRecord,
  unregisterBrokerRecord,
} from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { CarriedRecords, carriedTypes } from './carried-records.js'
import {
  type BrokerImage,
  type ConfigResourceType,
  configResourceTypeOf,
  MetadataDelta,
  type PartitionImage,
  type TopicImage,
} from './image-parts.js'
import { type ReplayStep, recordTypeOf, replayOf } from './metadata-records.js'

export type { BrokerImage, ConfigResourceType, EndpointImage, PartitionImage, TopicImage } from './image-parts.js'

const NO_CONFIGS: ReadonlyMap<string, string> = new Map()

export class MetadataImage {
  readonly #state: ImageState = new ImageState()
  /** Records between the begin and the end of a transaction, which count only once it ends. */
  #transaction: { readonly value: Uint8Array; readonly offset: number }[] | undefined
  #metadataOffset = -1

  topicByName(name: string): TopicImage | undefined {
    return this.#state.topicsByName.get(name)
  }

  topicById(id: Uuid): TopicImage | undefined {
    return this.#state.topicsById.get(id)
  }

  topics(): Iterable<TopicImage> {
    return this.#state.topicsByName.values()
  }

  get topicCount(): number {
    return this.#state.topicsByName.size
  }

  /** What was set for a topic, a broker (`''` for all brokers), a group or a metrics subscription; not its defaults. */
  configs(type: ConfigResourceType, name: string): ReadonlyMap<string, string> {
    return this.#state.configs[type].get(name) ?? NO_CONFIGS
  }

  /** Everything of one kind that something was set for. */
  configNames(type: ConfigResourceType): Iterable<string> {
    return this.#state.configs[type].keys()
  }

  broker(id: number): BrokerImage | undefined {
    return this.#state.brokers.get(id)
  }

  brokers(): Iterable<BrokerImage> {
    return this.#state.brokers.values()
  }

  /** Finalized levels by name. */
  get features(): ReadonlyMap<string, number> {
    return this.#state.features
  }

  /** The first producer id that no block has been handed out of. */
  get nextProducerId(): number {
    return this.#state.nextProducerId
  }

  /** What is passed on without being understood. */
  carriedRecords(): Iterable<Uint8Array> {
    return this.#state.carried.values()
  }

  /** Offset of the last record replayed; -1 before the first. */
  get metadataOffset(): number {
    return this.#metadataOffset
  }

  /** A transaction has begun and not ended: at start, what a controller left behind when it died. */
  get isInTransaction(): boolean {
    return this.#transaction !== undefined
  }

  /** Takes in one record. Only the metadata log calls this. */
  replay(value: Uint8Array, offset: number, delta: MetadataDelta = new MetadataDelta()): void {
    const type = recordTypeOf(value, offset)
    this.#metadataOffset = offset
    if (type === beginTransactionRecord.id) this.#transaction = []
    else if (type === abortTransactionRecord.id) this.#transaction = undefined
    else if (type === endTransactionRecord.id) {
      const records = this.#transaction ?? []
      this.#transaction = undefined
      for (const record of records) this.#apply(record.value, record.offset, delta)
    } else if (this.#transaction !== undefined) this.#transaction.push({ value, offset })
    else this.#apply(value, offset, delta)
  }

  #apply(value: Uint8Array, offset: number, delta: MetadataDelta): void {
    this.#state.delta = delta
    steps.get(recordTypeOf(value, offset))?.(this.#state, value, offset)
  }
}

class ImageState {
  readonly topicsByName = new Map<string, TopicImage>()
  readonly topicsById = new Map<Uuid, MutableTopic>()
  readonly brokers = new Map<number, BrokerImage>()
  readonly features = new Map<string, number>()
  readonly configs: Readonly<Record<ConfigResourceType, Map<string, Map<string, string>>>> = {
    topic: new Map(),
    broker: new Map(),
    group: new Map(),
    'client-metrics': new Map(),
  }
  readonly carried = new CarriedRecords()
  nextProducerId = 0
  delta: MetadataDelta = new MetadataDelta()
}

interface MutableTopic extends TopicImage {
  readonly partitions: PartitionImage[]
}

const steps: ReadonlyMap<number, ReplayStep<ImageState>> = new Map([
  ...carriedTypes.map((type): readonly [number, ReplayStep<ImageState>] => [
    type.id,
    (state, value) => state.carried.take(type, value),
  ]),
  replayOf(noOpRecord, () => {}),
  replayOf(topicRecord, (state: ImageState, { name, topicId }, offset) => {
    if (state.topicsByName.has(name)) throw inconsistent(offset, `creates topic '${name}', which is there`)
    const topic: MutableTopic = { id: topicId, name, partitions: [] }
    state.topicsByName.set(name, topic)
    state.topicsById.set(topicId, topic)
    state.delta.grownTopics.add(topic)
  }),
  replayOf(partitionRecord, (state: ImageState, record, offset) => {
    const topic = topicOf(state, record.topicId, offset)
    const { partitionId: index, topicId: _id, unknownTags: _tags, ...rest } = record
    if (index < 0 || index > topic.partitions.length) {
      throw inconsistent(offset, `is of partition ${topic.name}-${index}, before there is a partition ${index - 1}`)
    }
    if (index < topic.partitions.length) partitionChanged(state, topic, index)
    else state.delta.grownTopics.add(topic)
    topic.partitions[index] = {
      ...rest,
      index,
      eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? [],
      lastKnownElr: record.lastKnownElr ?? [],
    }
  }),
  replayOf(partitionChangeRecord, (state: ImageState, record, offset) => {
    const topic = topicOf(state, record.topicId, offset)
    const before = topic.partitions[record.partitionId]
    if (before === undefined) {
      throw inconsistent(offset, `changes partition ${topic.name}-${record.partitionId}, which is not there`)
    }
    topic.partitions[record.partitionId] = changedPartition(before, record)
    partitionChanged(state, topic, record.partitionId)
  }),
  replayOf(removeTopicRecord, (state: ImageState, { topicId }, offset) => {
    const topic = topicOf(state, topicId, offset)
    state.topicsById.delete(topicId)
    state.topicsByName.delete(topic.name)
    state.configs.topic.delete(topic.name)
    if (!state.delta.grownTopics.delete(topic)) state.delta.deletedTopics.add(topic)
  }),
  replayOf(configRecord, (state: ImageState, { resourceType, resourceName, name, value }, offset) => {
    const type = configResourceTypeOf(resourceType)
    if (type === undefined) throw inconsistent(offset, `is of a config resource of type ${resourceType}`)
    setConfig(state.configs[type], resourceName, name, value)
    state.delta.changedConfigs.set(`${type}:${resourceName}`, { type, name: resourceName })
  }),
  replayOf(clearElrRecord, (state: ImageState, { topicName }) => {
    for (const topic of state.topicsById.values()) {
      if (topicName !== '' && topic.name !== topicName) continue
      topic.partitions.forEach((partition, index) => {
        topic.partitions[index] = { ...partition, eligibleLeaderReplicas: [], lastKnownElr: [] }
      })
    }
  }),
  replayOf(featureLevelRecord, (state: ImageState, { name, featureLevel }) => {
    if (featureLevel === 0) state.features.delete(name)
    else state.features.set(name, featureLevel)
  }),
  replayOf(producerIdsRecord, (state: ImageState, record, offset) => {
    const next = Number(record.nextProducerId)
    if (!Number.isSafeInteger(next)) throw inconsistent(offset, `goes beyond what a producer id can be: ${next}`)
    state.nextProducerId = next
  }),
  replayOf(registerBrokerRecord, (state: ImageState, record) => setBroker(state, brokerOf(record))),
  replayOf(unregisterBrokerRecord, (state: ImageState, { brokerId }) => {
    state.brokers.delete(brokerId)
    state.delta.brokersChanged = true
  }),
  replayOf(fenceBrokerRecord, (state: ImageState, { id }, offset) =>
    setBroker(state, { ...brokerWith(state, id, offset), isFenced: true }),
  ),
  replayOf(unfenceBrokerRecord, (state: ImageState, { id }, offset) =>
    setBroker(state, { ...brokerWith(state, id, offset), isFenced: false }),
  ),
  replayOf(brokerRegistrationChangeRecord, (state: ImageState, record, offset) => {
    const broker = brokerWith(state, record.brokerId, offset)
    setBroker(state, {
      ...broker,
      // 1 fences, -1 unfences, 0 leaves it as it is.
      isFenced: record.fenced === 0 ? broker.isFenced : record.fenced > 0,
      inControlledShutdown: record.inControlledShutdown > 0 || broker.inControlledShutdown,
      directories: record.logDirs.length > 0 ? record.logDirs : broker.directories,
    })
  }),
])

/** In a change record, null or a number of its own stands for "as it was". */
function changedPartition(before: PartitionImage, record: Decoded<PartitionChangeRecord>): PartitionImage {
  const NO_LEADER_CHANGE = -2
  const NO_RECOVERY_CHANGE = -1
  const leads = record.leader !== NO_LEADER_CHANGE
  return {
    ...before,
    leader: leads ? record.leader : before.leader,
    leaderEpoch: before.leaderEpoch + (leads ? 1 : 0),
    partitionEpoch: before.partitionEpoch + 1,
    replicas: record.replicas ?? before.replicas,
    isr: record.isr ?? before.isr,
    addingReplicas: record.addingReplicas ?? before.addingReplicas,
    removingReplicas: record.removingReplicas ?? before.removingReplicas,
    leaderRecoveryState:
      record.leaderRecoveryState === NO_RECOVERY_CHANGE ? before.leaderRecoveryState : record.leaderRecoveryState,
    directories: record.directories ?? before.directories,
    eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? before.eligibleLeaderReplicas,
    lastKnownElr: record.lastKnownElr ?? before.lastKnownElr,
  }
}

function partitionChanged(state: ImageState, topic: TopicImage, index: number): void {
  state.delta.changedPartitions.set(`${topic.id}:${index}`, { topic, index })
}

function brokerOf(record: Decoded<RegisterBrokerRecord>): BrokerImage {
  return {
    id: record.brokerId,
    epoch: record.brokerEpoch,
    incarnationId: record.incarnationId,
    endpoints: record.endPoints.map(({ name, host, port, securityProtocol }) => ({
      name,
      host,
      port,
      securityProtocol,
    })),
    rack: record.rack,
    isFenced: record.fenced,
    inControlledShutdown: record.inControlledShutdown,
    directories: record.logDirs,
    features: record.features.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
      name,
      minSupportedVersion,
      maxSupportedVersion,
    })),
  }
}

function setBroker(state: ImageState, broker: BrokerImage): void {
  state.brokers.set(broker.id, broker)
  state.delta.brokersChanged = true
}

function setConfig(configs: Map<string, Map<string, string>>, of: string, name: string, value: string | null): void {
  const values = configs.get(of) ?? new Map<string, string>()
  if (value === null) values.delete(name)
  else values.set(name, value)
  if (values.size === 0) configs.delete(of)
  else configs.set(of, values)
}

function topicOf(state: ImageState, id: Uuid, offset: number): MutableTopic {
  const topic = state.topicsById.get(id)
  if (topic === undefined) throw inconsistent(offset, `is of the topic with id ${id}, which is not there`)
  return topic
}

function brokerWith(state: ImageState, id: number, offset: number): BrokerImage {
  const broker = state.brokers.get(id)
  if (broker === undefined) throw inconsistent(offset, `is of broker ${id}, which is not registered`)
  return broker
}

function inconsistent(offset: number, what: string): KafkaError {
  return new KafkaError(`the metadata log contradicts itself: the record at offset ${offset} ${what}`, {
    code: 'CORRUPT_MESSAGE',
  })
}
