/**
 * The CreateTopics API (key 19).
 * Generated from schemas/19-create-topics.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface CreateTopicsRequest {
  /** A name given twice is INVALID_REQUEST. */
  readonly topics: readonly CreateTopicsRequestTopic[]
  /** Past it REQUEST_TIMED_OUT, and the topic may come into being all the same. */
  readonly timeoutMs?: number
  /** True goes through all checks and creates nothing. */
  readonly validateOnly: boolean
  readonly unknownTags?: UnknownTags
}

export interface CreateTopicsRequestTopic {
  readonly name: string
  /** -1 for num.partitions of the broker, or when assignments tell. */
  readonly numPartitions: number
  /** -1 for default.replication.factor of the broker, or when assignments tell. */
  readonly replicationFactor: number
  /**
   * Empty to let the controller place the replicas. Otherwise every partition from 0 on, and -1 in both numbers
   * above.
   */
  readonly assignments: readonly CreateTopicsRequestAssignment[]
  readonly configs: readonly CreateTopicsRequestConfig[]
  readonly unknownTags?: UnknownTags
}

export interface CreateTopicsRequestAssignment {
  readonly partitionIndex: number
  /** The first is the preferred leader. */
  readonly brokerIds: readonly number[]
  readonly unknownTags?: UnknownTags
}

export interface CreateTopicsRequestConfig {
  readonly name: string
  /** As text, whatever the setting's type. */
  readonly value: string | null
  readonly unknownTags?: UnknownTags
}

function encodeCreateTopicsRequest(writer: Writer, message: CreateTopicsRequest, version: number): void {
  const flexible = version >= 5
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeCreateTopicsRequestTopic(writer, element, version)
  writer.int32(message.timeoutMs ?? 60000)
  writer.bool(message.validateOnly)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateTopicsRequestTopic(writer: Writer, message: CreateTopicsRequestTopic, version: number): void {
  const flexible = version >= 5
  writer.string(message.name, flexible)
  writer.int32(message.numPartitions)
  writer.int16(message.replicationFactor)
  const assignments = message.assignments
  writer.arrayLength(assignments.length, flexible)
  for (const element of assignments) encodeCreateTopicsRequestAssignment(writer, element, version)
  const configs = message.configs
  writer.arrayLength(configs.length, flexible)
  for (const element of configs) encodeCreateTopicsRequestConfig(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateTopicsRequestAssignment(writer: Writer, message: CreateTopicsRequestAssignment, version: number): void {
  const flexible = version >= 5
  writer.int32(message.partitionIndex)
  const brokerIds = message.brokerIds
  writer.arrayLength(brokerIds.length, flexible)
  for (const element of brokerIds) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateTopicsRequestConfig(writer: Writer, message: CreateTopicsRequestConfig, version: number): void {
  const flexible = version >= 5
  writer.string(message.name, flexible)
  writer.nullableString(message.value, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeCreateTopicsRequest(reader: Reader, version: number): Decoded<CreateTopicsRequest> {
  const flexible = version >= 5
  const topics: Decoded<CreateTopicsRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 9); left > 0; left--) topics.push(decodeCreateTopicsRequestTopic(reader, version))
  const timeoutMs = reader.int32()
  const validateOnly = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topics, timeoutMs, validateOnly, unknownTags }
}

function decodeCreateTopicsRequestTopic(reader: Reader, version: number): Decoded<CreateTopicsRequestTopic> {
  const flexible = version >= 5
  const name = reader.string(flexible)
  const numPartitions = reader.int32()
  const replicationFactor = reader.int16()
  const assignments: Decoded<CreateTopicsRequestAssignment>[] = []
  for (let left = reader.arrayLength(flexible, 5); left > 0; left--) assignments.push(decodeCreateTopicsRequestAssignment(reader, version))
  const configs: Decoded<CreateTopicsRequestConfig>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) configs.push(decodeCreateTopicsRequestConfig(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, numPartitions, replicationFactor, assignments, configs, unknownTags }
}

function decodeCreateTopicsRequestAssignment(reader: Reader, version: number): Decoded<CreateTopicsRequestAssignment> {
  const flexible = version >= 5
  const partitionIndex = reader.int32()
  const brokerIds: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) brokerIds.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, brokerIds, unknownTags }
}

function decodeCreateTopicsRequestConfig(reader: Reader, version: number): Decoded<CreateTopicsRequestConfig> {
  const flexible = version >= 5
  const name = reader.string(flexible)
  const value = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, value, unknownTags }
}

export interface CreateTopicsResponse {
  readonly throttleTimeMs?: number
  readonly topics: readonly CreateTopicsResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface CreateTopicsResponseTopic {
  readonly name: string
  /** Zero on error. Versions 7+. */
  readonly topicId?: Uuid
  /**
   * TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION (name), INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR (not enough
   * brokers), INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Retry:
   * NOT_CONTROLLER after a metadata refresh, THROTTLING_QUOTA_EXCEEDED after throttleTimeMs.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /**
   * TOPIC_AUTHORIZATION_FAILED when the caller may create the topic but not see its settings: configs is null then
   * and both numbers are -1. Versions 5+.
   */
  readonly topicConfigErrorCode?: number
  /** -1 on error. Versions 5+. */
  readonly numPartitions?: number
  /** -1 on error. Versions 5+. */
  readonly replicationFactor?: number
  /** Null on error. Versions 5+. */
  readonly configs?: readonly CreateTopicsResponseConfig[] | null
  readonly unknownTags?: UnknownTags
}

export interface CreateTopicsResponseConfig {
  readonly name: string
  /** Null for a secret. */
  readonly value: string | null
  readonly readOnly: boolean
  /** 1 topic, 2 broker, 3 all brokers, 4 broker's file, 5 built-in default. */
  readonly configSource?: number
  readonly isSensitive: boolean
  readonly unknownTags?: UnknownTags
}

function encodeCreateTopicsResponse(writer: Writer, message: CreateTopicsResponse, version: number): void {
  const flexible = version >= 5
  writer.int32(message.throttleTimeMs ?? 0)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeCreateTopicsResponseTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateTopicsResponseTopic(writer: Writer, message: CreateTopicsResponseTopic, version: number): void {
  const flexible = version >= 5
  writer.string(message.name, flexible)
  if (version >= 7) writer.uuid(message.topicId ?? ZERO_UUID)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, flexible)
  if (version >= 5) writer.int32(message.numPartitions ?? -1)
  if (version >= 5) writer.int16(message.replicationFactor ?? -1)
  if (version >= 5) {
    const configs = message.configs === undefined ? [] : message.configs
    if (configs === null) {
      writer.nullLength(true)
    } else {
      writer.arrayLength(configs.length, true)
      for (const element of configs) encodeCreateTopicsResponseConfig(writer, element, version)
    }
  }
  if (flexible) {
    const topicConfigErrorCode = message.topicConfigErrorCode
    const hasTopicConfigErrorCode = topicConfigErrorCode !== undefined && topicConfigErrorCode !== 0
    writer.tagCount(hasTopicConfigErrorCode ? 1 : 0, message.unknownTags)
    if (hasTopicConfigErrorCode) {
      const topicConfigErrorCodeAt = writer.enterTag(0)
      writer.int16(topicConfigErrorCode)
      writer.leaveTag(topicConfigErrorCodeAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateTopicsResponseConfig(writer: Writer, message: CreateTopicsResponseConfig, _version: number): void {
  writer.string(message.name, true)
  writer.nullableString(message.value, true)
  writer.bool(message.readOnly)
  writer.int8(message.configSource ?? -1)
  writer.bool(message.isSensitive)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeCreateTopicsResponse(reader: Reader, version: number): Decoded<CreateTopicsResponse> {
  const flexible = version >= 5
  const throttleTimeMs = reader.int32()
  const topics: Decoded<CreateTopicsResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) topics.push(decodeCreateTopicsResponseTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, topics, unknownTags }
}

function decodeCreateTopicsResponseTopic(reader: Reader, version: number): Decoded<CreateTopicsResponseTopic> {
  const flexible = version >= 5
  const name = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 7) topicId = reader.uuid()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  let topicConfigErrorCode: number = 0
  let numPartitions: number = -1
  if (version >= 5) numPartitions = reader.int32()
  let replicationFactor: number = -1
  if (version >= 5) replicationFactor = reader.int16()
  let configs: Decoded<CreateTopicsResponseConfig>[] | null = []
  if (version >= 5) {
    const configsCount = reader.nullableArrayLength(true, 6)
    if (configsCount < 0) {
      configs = null
    } else {
      const elements: Decoded<CreateTopicsResponseConfig>[] = []
      for (let left = configsCount; left > 0; left--) elements.push(decodeCreateTopicsResponseConfig(reader, version))
      configs = elements
    }
  }
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          topicConfigErrorCode = reader.int16()
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { name, topicId, errorCode, errorMessage, topicConfigErrorCode, numPartitions, replicationFactor, configs, unknownTags }
}

function decodeCreateTopicsResponseConfig(reader: Reader, _version: number): Decoded<CreateTopicsResponseConfig> {
  const name = reader.string(true)
  const value = reader.nullableString(true)
  const readOnly = reader.bool()
  const configSource = reader.int8()
  const isSensitive = reader.bool()
  const unknownTags = reader.unknownTags()
  return { name, value, readOnly, configSource, isSensitive, unknownTags }
}

/**
 * Creates topics, or with validateOnly checks that it could. Any broker passes it on to the controller; a new topic
 * may take a moment to appear in every broker's Metadata.
 * - 3: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 4: The broker's defaults can be asked for with -1 (KIP-464).
 * - 5: The answer describes the topic as created, with its settings (KIP-525).
 * - 6: Over the quota of changes a topic is refused with THROTTLING_QUOTA_EXCEEDED. Before that it is created and
 *   only the connection slowed down (KIP-599).
 * - 7: The answer has the topic's id (KIP-516).
 */
export const createTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: 'CreateTopics',
  versions: { min: 2, max: 7, latestStable: 7 },
  flexibleFrom: 5,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'CreateTopicsRequest', encode: encodeCreateTopicsRequest, decode: decodeCreateTopicsRequest },
  response: { name: 'CreateTopicsResponse', encode: encodeCreateTopicsResponse, decode: decodeCreateTopicsResponse },
}
