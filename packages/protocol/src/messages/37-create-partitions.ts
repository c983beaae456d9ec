/**
 * The CreatePartitions API (key 37).
 * Generated from schemas/37-create-partitions.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface CreatePartitionsRequest {
  readonly topics: readonly CreatePartitionsRequestTopic[]
  readonly timeoutMs: number
  /** True checks and changes nothing. */
  readonly validateOnly: boolean
  readonly unknownTags?: UnknownTags
}

export interface CreatePartitionsRequestTopic {
  readonly name: string
  /** How many there shall be in all. Not more than now: INVALID_PARTITIONS. */
  readonly count: number
  /** Null to let the controller place them. Otherwise one for each new partition, in order. */
  readonly assignments: readonly CreatePartitionsRequestAssignment[] | null
  readonly unknownTags?: UnknownTags
}

export interface CreatePartitionsRequestAssignment {
  /** The first is the preferred leader. */
  readonly brokerIds: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeCreatePartitionsRequest(writer: Writer, message: CreatePartitionsRequest, version: number): void {
  const flexible = version >= 2
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeCreatePartitionsRequestTopic(writer, element, version)
  writer.int32(message.timeoutMs)
  writer.bool(message.validateOnly)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreatePartitionsRequestTopic(writer: Writer, message: CreatePartitionsRequestTopic, version: number): void {
  const flexible = version >= 2
  writer.string(message.name, flexible)
  writer.int32(message.count)
  const assignments = message.assignments
  if (assignments === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(assignments.length, flexible)
    for (const element of assignments) encodeCreatePartitionsRequestAssignment(writer, element, version)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreatePartitionsRequestAssignment(writer: Writer, message: CreatePartitionsRequestAssignment, version: number): void {
  const flexible = version >= 2
  const brokerIds = message.brokerIds
  writer.arrayLength(brokerIds.length, flexible)
  for (const element of brokerIds) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeCreatePartitionsRequest(reader: Reader, version: number): Decoded<CreatePartitionsRequest> {
  const flexible = version >= 2
  const topics: Decoded<CreatePartitionsRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) topics.push(decodeCreatePartitionsRequestTopic(reader, version))
  const timeoutMs = reader.int32()
  const validateOnly = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topics, timeoutMs, validateOnly, unknownTags }
}

function decodeCreatePartitionsRequestTopic(reader: Reader, version: number): Decoded<CreatePartitionsRequestTopic> {
  const flexible = version >= 2
  const name = reader.string(flexible)
  const count = reader.int32()
  let assignments: Decoded<CreatePartitionsRequestAssignment>[] | null = []
  const assignmentsCount = reader.nullableArrayLength(flexible, 1)
  if (assignmentsCount < 0) {
    assignments = null
  } else {
    const elements: Decoded<CreatePartitionsRequestAssignment>[] = []
    for (let left = assignmentsCount; left > 0; left--) elements.push(decodeCreatePartitionsRequestAssignment(reader, version))
    assignments = elements
  }
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, count, assignments, unknownTags }
}

function decodeCreatePartitionsRequestAssignment(reader: Reader, version: number): Decoded<CreatePartitionsRequestAssignment> {
  const flexible = version >= 2
  const brokerIds: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) brokerIds.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { brokerIds, unknownTags }
}

export interface CreatePartitionsResponse {
  readonly throttleTimeMs: number
  readonly results: readonly CreatePartitionsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface CreatePartitionsResponseResult {
  readonly name: string
  /**
   * INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, UNKNOWN_TOPIC_OR_PARTITION, REASSIGNMENT_IN_PROGRESS,
   * TOPIC_AUTHORIZATION_FAILED. Retry: NOT_CONTROLLER, THROTTLING_QUOTA_EXCEEDED after throttleTimeMs.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeCreatePartitionsResponse(writer: Writer, message: CreatePartitionsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  const results = message.results
  writer.arrayLength(results.length, flexible)
  for (const element of results) encodeCreatePartitionsResponseResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreatePartitionsResponseResult(writer: Writer, message: CreatePartitionsResponseResult, version: number): void {
  const flexible = version >= 2
  writer.string(message.name, flexible)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeCreatePartitionsResponse(reader: Reader, version: number): Decoded<CreatePartitionsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const results: Decoded<CreatePartitionsResponseResult>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) results.push(decodeCreatePartitionsResponseResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, results, unknownTags }
}

function decodeCreatePartitionsResponseResult(reader: Reader, version: number): Decoded<CreatePartitionsResponseResult> {
  const flexible = version >= 2
  const name = reader.string(flexible)
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, errorCode, errorMessage, unknownTags }
}

/**
 * Raises the number of partitions of topics. Records stay where they are, so a key may map to another partition
 * afterwards. Any broker passes it on to the controller.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: THROTTLING_QUOTA_EXCEEDED over the quota of changes (KIP-599).
 */
export const createPartitions: Api<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: 'CreatePartitions',
  versions: { min: 0, max: 3, latestStable: 3 },
  flexibleFrom: 2,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'CreatePartitionsRequest', encode: encodeCreatePartitionsRequest, decode: decodeCreatePartitionsRequest },
  response: { name: 'CreatePartitionsResponse', encode: encodeCreatePartitionsResponse, decode: decodeCreatePartitionsResponse },
}
