/**
 * The controller's decisions on topics: create, delete, add partitions. Checks come in Kafka's order, so that a request
 * with two faults gets the error that Kafka gives. Pure: image and request in, records and results out.
 */
import {
  type CreatePartitionsRequestTopic,
  type CreateTopicsRequestTopic,
  configRecord,
  type Decoded,
  type DeleteTopicsRequestTopic,
  partitionRecord,
  removeTopicRecord,
  topicRecord,
  type Uuid,
  uuidFromBytes,
  ZERO_UUID,
} from '@samsa/protocol'
import type { Random } from '@samsa/runtime'
import { violated } from '@samsa/runtime/internal'
import type { Configs } from '../config/dynamic-config.js'
import { topicConfigsFault } from '../config/topic-configs.js'
import { accepted, type Decision, isRefusal, LONGEST_CONFIG_VALUE, type Refusal, refusal, tooLong } from './decision.js'
import type { MetadataImage, TopicImage } from './image.js'
import { configResourceTypes } from './image-parts.js'
import { MAX_RECORDS_PER_APPEND } from './metadata-log.js'
import { type MetadataRecord, metadataRecord } from './metadata-records.js'
import { inSyncOf, placeReplicas } from './placement.js'
import { CLUSTER_METADATA_TOPIC, collisionKey, topicNameFault } from './topic-names.js'

/** What decisions are made from. */
export interface ControllerView {
  readonly image: MetadataImage
  readonly configs: Configs
  readonly random: Random
  readonly nodeId: number
  readonly directoryId: Uuid
}

export interface CreatedTopic extends Refusal {
  readonly name: string
  readonly topicId: Uuid
  readonly numPartitions: number
  readonly replicationFactor: number
  /** What was set for it, for the answer to describe. */
  readonly configs: ReadonlyMap<string, string>
}

export interface DeletedTopic extends Refusal {
  readonly name: string | null
  readonly topicId: Uuid
}

export interface GrownTopic extends Refusal {
  readonly name: string
}

/** More partitions than these in one request are refused, whatever their topics. */
const MAX_PARTITIONS_PER_REQUEST = 10_000

export function createTopics(
  view: ControllerView,
  topics: readonly Decoded<CreateTopicsRequestTopic>[],
): Decision<CreatedTopic[]> {
  const records: MetadataRecord[] = []
  const result: CreatedTopic[] = []
  const { prohibited, rest } = sortOut(topics)
  const tooMany = partitionsIn(view, rest) > MAX_PARTITIONS_PER_REQUEST
  const collisions = new Map([...view.image.topics()].map(topic => [collisionKey(topic.name), topic.name]))
  for (const topic of rest) {
    if (tooMany) {
      result.push(
        notCreated(topic.name, refusal('POLICY_VIOLATION', 'Excessively large number of partitions per request.')),
      )
      continue
    }
    const created = createTopic(view, topic, collisions)
    if (isRefusal(created)) result.push(notCreated(topic.name, created))
    else if (records.length + created.records.length > MAX_RECORDS_PER_APPEND) {
      result.push(
        notCreated(topic.name, refusal('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.')),
      )
    } else {
      records.push(...created.records)
      result.push(created.result)
    }
  }
  return { records, result: [...result, ...prohibited] }
}

export function deleteTopics(
  view: ControllerView,
  topics: readonly Decoded<DeleteTopicsRequestTopic>[],
): Decision<DeletedTopic[]> {
  const records: MetadataRecord[] = []
  const result: DeletedTopic[] = []
  const counts = countsOf(topics.map(keyOf))
  const ids = new Set(topics.filter(topic => topic.name === null).map(topic => topic.topicId))
  // A topic that is asked for by name and by id is left alone, and told of once, with both; an id that stands twice too.
  const single = topics.filter(topic => topic.topicId === ZERO_UUID && counts.get(keyOf(topic)) === 1)
  const twice = new Set(single.flatMap(({ name }) => topicNamed(view, name)?.id ?? []).filter(id => ids.has(id)))
  const told = new Set<string>()
  for (const topic of topics) {
    const { name, topicId } = topic
    const key = keyOf(topic)
    const isRepeated = (counts.get(key) ?? 0) > 1
    if (told.has(key) || (name === null && twice.has(topicId) && !isRepeated)) continue
    const isContradiction = name !== null && topicId !== ZERO_UUID
    if (key !== NEITHER && !isContradiction) told.add(key)
    const found = topicId === ZERO_UUID ? topicNamed(view, name) : view.image.topicById(topicId)
    const fault = deletionFault(view, topic, found, isRepeated)
    if (fault !== undefined) result.push({ name, topicId, ...fault })
    else if (found !== undefined && twice.has(found.id)) {
      const text = 'The provided topic name maps to an ID that was already supplied.'
      result.push({ name, topicId: found.id, ...refusal('INVALID_REQUEST', text) })
    } else if (found !== undefined) {
      records.push(metadataRecord(removeTopicRecord, { topicId: found.id }))
      result.push({ name: found.name, topicId: found.id, ...accepted })
    }
  }
  return { records, result }
}

export function createPartitions(
  view: ControllerView,
  topics: readonly Decoded<CreatePartitionsRequestTopic>[],
): Decision<GrownTopic[]> {
  const records: MetadataRecord[] = []
  const result: GrownTopic[] = []
  const counts = countsOf(topics.map(topic => topic.name))
  const told = new Set<string>()
  for (const topic of topics) {
    if (told.has(topic.name)) continue
    told.add(topic.name)
    const grown =
      (counts.get(topic.name) ?? 0) > 1
        ? refusal('INVALID_REQUEST', 'Duplicate topic name.')
        : growTopic(view, topic, MAX_PARTITIONS_PER_REQUEST - records.length)
    if (Array.isArray(grown)) records.push(...grown)
    result.push({ name: topic.name, ...(Array.isArray(grown) ? accepted : grown) })
  }
  return { records, result }
}

/** Why replicas cannot be placed by hand like this; undefined when they can. */
export function assignmentFault(view: ControllerView, brokerIds: readonly number[]): Refusal | undefined {
  const says = (text: string): Refusal =>
    refusal('INVALID_REPLICA_ASSIGNMENT', `The manual partition assignment includes ${text}`)
  if (brokerIds.length === 0) return says('an empty replica list.')
  const sorted = [...brokerIds].sort((one, other) => one - other)
  for (const [index, id] of sorted.entries()) {
    if (view.image.broker(id) === undefined) return says(`broker ${id}, but no such broker is registered.`)
    if (sorted[index + 1] === id) return says(`the broker ${id} more than once.`)
  }
  if (inSyncOf(view.image, brokerIds).length === 0) {
    return refusal('INVALID_REPLICA_ASSIGNMENT', 'All brokers of a manual partition assignment are fenced.')
  }
  return undefined
}

/** Names that stand twice, and the one that is never a topic, are answered last. */
function sortOut(topics: readonly Decoded<CreateTopicsRequestTopic>[]): {
  prohibited: CreatedTopic[]
  rest: Decoded<CreateTopicsRequestTopic>[]
} {
  const counts = countsOf(topics.map(topic => topic.name))
  const prohibited: CreatedTopic[] = []
  for (const [name, count] of counts) {
    if (count > 1) prohibited.push(notCreated(name, refusal('INVALID_REQUEST', 'Duplicate topic name.')))
    else if (name === CLUSTER_METADATA_TOPIC) {
      const text = `Creation of internal topic ${CLUSTER_METADATA_TOPIC} is prohibited.`
      prohibited.push(notCreated(name, refusal('INVALID_REQUEST', text)))
    }
  }
  const rest = topics.filter(({ name }) => counts.get(name) === 1 && name !== CLUSTER_METADATA_TOPIC)
  return { prohibited, rest }
}

function createTopic(
  view: ControllerView,
  topic: Decoded<CreateTopicsRequestTopic>,
  collisions: ReadonlyMap<string, string>,
): Decision<CreatedTopic> | Refusal {
  const { name } = topic
  const nameFault = topicNameFault(name)
  if (nameFault !== undefined) return refusal('INVALID_TOPIC_EXCEPTION', nameFault)
  if (view.image.topicByName(name) !== undefined) {
    return refusal('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
  }
  const collision = collisions.get(collisionKey(name))
  if (collision !== undefined) {
    return refusal('INVALID_TOPIC_EXCEPTION', `Topic '${name}' collides with existing topic: ${collision}`)
  }
  const configs = newConfigs(view, topic)
  if (isRefusal(configs)) return configs
  const assignments = topic.assignments.length > 0 ? manualAssignments(view, topic) : plannedAssignments(view, topic)
  if (isRefusal(assignments)) return assignments
  const topicId = newTopicId(view)
  const records: MetadataRecord[] = [metadataRecord(topicRecord, { name, topicId })]
  for (const [key, value] of configs) records.push(topicConfigRecord(name, key, value))
  for (const [index, replicas] of assignments.entries()) records.push(newPartition(view, topicId, index, replicas))
  const replicationFactor = assignments[0]?.length ?? 0
  const result = { name, topicId, numPartitions: assignments.length, replicationFactor, configs, ...accepted }
  return { records, result }
}

function newConfigs(
  view: ControllerView,
  topic: Decoded<CreateTopicsRequestTopic>,
): ReadonlyMap<string, string> | Refusal {
  const configs = new Map<string, string>()
  for (const { name, value } of topic.configs) {
    if (value === null) return refusal('INVALID_CONFIG', `Null value not supported for topic configs: ${name}`)
    if (Buffer.byteLength(value) > LONGEST_CONFIG_VALUE) return tooLong
    configs.set(name, value)
  }
  const fault = topicConfigsFault(configs, name => view.configs.topicDefault(name))
  return fault === undefined ? configs : refusal('INVALID_CONFIG', fault)
}

/** Replicas of each partition, as the request places them. */
function manualAssignments(
  view: ControllerView,
  topic: Decoded<CreateTopicsRequestTopic>,
): readonly (readonly number[])[] | Refusal {
  const given = 'A manual partition assignment was specified, but'
  if (topic.replicationFactor !== -1) {
    return refusal('INVALID_REQUEST', `${given} replication factor was not set to -1.`)
  }
  if (topic.numPartitions !== -1) return refusal('INVALID_REQUEST', `${given} numPartitions was not set to -1.`)
  const replicas = new Map<number, readonly number[]>()
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (replicas.has(partitionIndex)) {
      const text = `Found multiple manual partition assignments for partition ${partitionIndex}`
      return refusal('INVALID_REPLICA_ASSIGNMENT', text)
    }
    const fault = assignmentFault(view, brokerIds)
    if (fault !== undefined) return fault
    replicas.set(partitionIndex, brokerIds)
  }
  const inOrder = [...replicas].sort(([one], [other]) => one - other)
  if (inOrder.some(([partition], index) => partition !== index)) {
    return refusal('INVALID_REPLICA_ASSIGNMENT', 'partitions should be a consecutive 0-based integer sequence')
  }
  return inOrder.map(([, brokerIds]) => brokerIds)
}

/** Replicas of each partition, as the numbers of the request or the broker's defaults ask for them. */
function plannedAssignments(
  view: ControllerView,
  topic: Decoded<CreateTopicsRequestTopic>,
): readonly (readonly number[])[] | Refusal {
  const { numPartitions, replicationFactor } = topic
  if (replicationFactor < -1 || replicationFactor === 0) {
    const text = 'Replication factor must be larger than 0, or -1 to use the default value.'
    return refusal('INVALID_REPLICATION_FACTOR', text)
  }
  if (numPartitions < -1 || numPartitions === 0) {
    return refusal('INVALID_PARTITIONS', 'Number of partitions was set to an invalid non-positive value.')
  }
  const partitions = numPartitions === -1 ? view.configs.number('num.partitions') : numPartitions
  const replicas = replicationFactor === -1 ? view.configs.number('default.replication.factor') : replicationFactor
  const brokers = [...view.image.brokers()].length
  if (replicas > brokers) {
    const text = `Unable to replicate the partition ${replicas} time(s): The target replication factor of ${replicas} cannot be reached because only ${brokers} broker(s) are registered.`
    return refusal('INVALID_REPLICATION_FACTOR', text)
  }
  return placeReplicas(view.image, partitions, replicas)
}

function growTopic(
  view: ControllerView,
  topic: Decoded<CreatePartitionsRequestTopic>,
  room: number,
): MetadataRecord[] | Refusal {
  const { name, count, assignments } = topic
  const existing = view.image.topicByName(name)
  if (existing === undefined) return refusal('UNKNOWN_TOPIC_OR_PARTITION')
  const now = existing.partitions.length
  if (count === now) return refusal('INVALID_PARTITIONS', `Topic already has ${now} partition(s).`)
  if (count < now) {
    const text = `The topic ${name} currently has ${now} partition(s); ${count} would not be an increase.`
    return refusal('INVALID_PARTITIONS', text)
  }
  const more = count - now
  if (assignments !== null && assignments.length !== more) {
    const text = `Attempted to add ${more} additional partition(s), but only ${assignments.length} assignment(s) were specified.`
    return refusal('INVALID_REPLICA_ASSIGNMENT', text)
  }
  for (const { brokerIds } of assignments ?? []) {
    const fault = assignmentFault(view, brokerIds)
    if (fault !== undefined) return fault
  }
  // Kafka takes any number here, and may run out of memory over it.
  if (more > room) return refusal('POLICY_VIOLATION', 'Excessively large number of partitions per request.')
  const factor = existing.partitions[0]?.replicas.length ?? 1
  const placed = assignments?.map(each => each.brokerIds) ?? placeReplicas(view.image, more, factor, now)
  return placed.map((replicas, index) => newPartition(view, existing.id, now + index, replicas))
}

function deletionFault(
  view: ControllerView,
  { name, topicId }: Decoded<DeleteTopicsRequestTopic>,
  found: TopicImage | undefined,
  isDuplicate: boolean,
): Refusal | undefined {
  if (!view.configs.boolean('delete.topic.enable')) {
    return refusal('TOPIC_DELETION_DISABLED', 'Topic deletion is disabled.')
  }
  const isNamed = name !== null
  const isById = topicId !== ZERO_UUID
  if (isNamed && isById) return refusal('INVALID_REQUEST', 'You may not specify both topic name and topic id.')
  if (!(isNamed || isById)) return refusal('INVALID_REQUEST', 'Neither topic name nor id were specified.')
  if (isDuplicate) return refusal('INVALID_REQUEST', `Duplicate topic ${isNamed ? 'name' : 'id'}.`)
  if (found !== undefined) return undefined
  if (isById) return refusal('UNKNOWN_TOPIC_ID', 'This server does not host this topic ID.')
  return refusal('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.')
}

function topicNamed({ image }: ControllerView, name: string | null): TopicImage | undefined {
  return name === null ? undefined : image.topicByName(name)
}

function keyOf({ name, topicId }: Decoded<DeleteTopicsRequestTopic>): string {
  return name === null ? `${topicId}:` : `${topicId}:=${name}`
}

/** The key of one that gives neither name nor id: each of these is answered for itself. */
const NEITHER = `${ZERO_UUID}:`

function partitionsIn(view: ControllerView, topics: readonly Decoded<CreateTopicsRequestTopic>[]): number {
  let sum = 0
  for (const { numPartitions, assignments } of topics) {
    const planned = numPartitions === -1 ? view.configs.number('num.partitions') : numPartitions
    sum += assignments.length > 0 ? assignments.length : Math.max(planned, 0)
  }
  return sum
}

/** Ids that start with a dash look like an option to command-line tools, so none is drawn. */
function newTopicId(view: ControllerView): Uuid {
  for (let draw = 0; draw < 100; draw++) {
    const id = uuidFromBytes(view.random.bytes(16))
    if (!id.startsWith('-') && id !== ZERO_UUID && view.image.topicById(id) === undefined) return id
  }
  return violated('the source of randomness gives the same topic ids without end')
}

function newPartition(
  view: ControllerView,
  topicId: Uuid,
  partitionId: number,
  replicas: readonly number[],
): MetadataRecord {
  const isr = inSyncOf(view.image, replicas)
  return metadataRecord(partitionRecord, {
    partitionId,
    topicId,
    replicas,
    isr,
    removingReplicas: [],
    addingReplicas: [],
    leader: isr[0] ?? -1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: replicas.map(() => view.directoryId),
  })
}

function topicConfigRecord(topic: string, name: string, value: string): MetadataRecord {
  return metadataRecord(configRecord, { resourceType: configResourceTypes.topic, resourceName: topic, name, value })
}

export function notCreated(name: string, fault: Refusal): CreatedTopic {
  return { name, topicId: ZERO_UUID, numPartitions: -1, replicationFactor: -1, configs: new Map(), ...fault }
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
