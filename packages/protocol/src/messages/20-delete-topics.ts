/**
 * The DeleteTopics API (key 20).
 * Generated from schemas/20-delete-topics.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DeleteTopicsRequest {
  /** One of name and topicId each; both at once are INVALID_REQUEST. Versions 6+. */
  readonly topics?: readonly DeleteTopicsRequestTopic[]
  /** Versions 1-5. */
  readonly topicNames?: readonly string[]
  /** Past it REQUEST_TIMED_OUT, and the topic may be gone all the same. */
  readonly timeoutMs: number
  readonly unknownTags?: UnknownTags
}

export interface DeleteTopicsRequestTopic {
  /** Null to delete by id. */
  readonly name?: string | null
  /** Zero to delete by name. */
  readonly topicId: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeDeleteTopicsRequest(writer: Writer, message: DeleteTopicsRequest, version: number): void {
  const flexible = version >= 4
  if (version >= 6) {
    const topics = message.topics ?? []
    writer.arrayLength(topics.length, true)
    for (const element of topics) encodeDeleteTopicsRequestTopic(writer, element, version)
  } else if (message.topics !== undefined && message.topics.length !== 0) throw writer.unsupported('topics', version)
  if (version <= 5) {
    const topicNames = message.topicNames ?? []
    writer.arrayLength(topicNames.length, flexible)
    for (const element of topicNames) writer.string(element, flexible)
  }
  writer.int32(message.timeoutMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteTopicsRequestTopic(writer: Writer, message: DeleteTopicsRequestTopic, _version: number): void {
  writer.nullableString(message.name ?? null, true)
  writer.uuid(message.topicId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDeleteTopicsRequest(reader: Reader, version: number): Decoded<DeleteTopicsRequest> {
  const flexible = version >= 4
  let topics: Decoded<DeleteTopicsRequestTopic>[] = []
  if (version >= 6) for (let left = reader.arrayLength(true, 18); left > 0; left--) topics.push(decodeDeleteTopicsRequestTopic(reader, version))
  let topicNames: string[] = []
  if (version <= 5) for (let left = reader.arrayLength(flexible, 1); left > 0; left--) topicNames.push(reader.string(flexible))
  const timeoutMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topics, topicNames, timeoutMs, unknownTags }
}

function decodeDeleteTopicsRequestTopic(reader: Reader, _version: number): Decoded<DeleteTopicsRequestTopic> {
  const name = reader.nullableString(true)
  const topicId = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { name, topicId, unknownTags }
}

export interface DeleteTopicsResponse {
  readonly throttleTimeMs?: number
  readonly responses: readonly DeleteTopicsResponseResponse[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteTopicsResponseResponse {
  /** Null for an id that is unknown, or whose name the caller may not see. */
  readonly name: string | null
  /** Versions 6+. */
  readonly topicId?: Uuid
  /**
   * UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED, TOPIC_DELETION_DISABLED. Retry:
   * NOT_CONTROLLER after a metadata refresh, THROTTLING_QUOTA_EXCEEDED after throttleTimeMs.
   */
  readonly errorCode: number
  /** Versions 5+. */
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeDeleteTopicsResponse(writer: Writer, message: DeleteTopicsResponse, version: number): void {
  const flexible = version >= 4
  writer.int32(message.throttleTimeMs ?? 0)
  const responses = message.responses
  writer.arrayLength(responses.length, flexible)
  for (const element of responses) encodeDeleteTopicsResponseResponse(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteTopicsResponseResponse(writer: Writer, message: DeleteTopicsResponseResponse, version: number): void {
  const flexible = version >= 4
  const name = message.name
  if (name === null && !(version >= 6)) throw writer.notNullable('name', version)
  writer.nullableString(name, flexible)
  if (version >= 6) writer.uuid(message.topicId ?? ZERO_UUID)
  writer.int16(message.errorCode)
  if (version >= 5) writer.nullableString(message.errorMessage ?? null, true)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDeleteTopicsResponse(reader: Reader, version: number): Decoded<DeleteTopicsResponse> {
  const flexible = version >= 4
  const throttleTimeMs = reader.int32()
  const responses: Decoded<DeleteTopicsResponseResponse>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) responses.push(decodeDeleteTopicsResponseResponse(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, responses, unknownTags }
}

function decodeDeleteTopicsResponseResponse(reader: Reader, version: number): Decoded<DeleteTopicsResponseResponse> {
  const flexible = version >= 4
  const name = version >= 6 ? reader.nullableString(flexible) : reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 6) topicId = reader.uuid()
  const errorCode = reader.int16()
  let errorMessage: string | null = null
  if (version >= 5) errorMessage = reader.nullableString(true)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, topicId, errorCode, errorMessage, unknownTags }
}

/**
 * Deletes topics by name or id. Any broker passes it on to the controller; brokers remove the files afterwards, in
 * the background.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Where deletion is switched off: TOPIC_DELETION_DISABLED, before that INVALID_REQUEST.
 * - 5: A message with the code, and THROTTLING_QUOTA_EXCEEDED over the quota of changes (KIP-599).
 * - 6: Deletion by id hits one incarnation of a topic, not what has taken its name since (KIP-516).
 */
export const deleteTopics: Api<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: 20,
  name: 'DeleteTopics',
  versions: { min: 1, max: 6, latestStable: 6 },
  flexibleFrom: 4,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'DeleteTopicsRequest', encode: encodeDeleteTopicsRequest, decode: decodeDeleteTopicsRequest },
  response: { name: 'DeleteTopicsResponse', encode: encodeDeleteTopicsResponse, decode: decodeDeleteTopicsResponse },
}
