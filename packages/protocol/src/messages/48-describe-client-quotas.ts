/**
 * The DescribeClientQuotas API (key 48).
 * Generated from schemas/48-describe-client-quotas.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeClientQuotasRequest {
  /** All must match, each on an entity type of its own. An empty list matches every entry. */
  readonly components: readonly DescribeClientQuotasRequestComponent[]
  /** True leaves out entries that name entity types beyond those in `components`. */
  readonly strict: boolean
  readonly unknownTags?: UnknownTags
}

export interface DescribeClientQuotasRequestComponent {
  /** `user`, `client-id` or `ip`. `ip` stands alone; the other two may be combined. */
  readonly entityType: string
  /** 0: the entity named in `match`. 1: the default entity of the type. 2: every entity of the type. */
  readonly matchType: number
  /** Must be null unless `matchType` is 0. */
  readonly match: string | null
  readonly unknownTags?: UnknownTags
}

function encodeDescribeClientQuotasRequest(writer: Writer, message: DescribeClientQuotasRequest, version: number): void {
  const flexible = version >= 1
  const components = message.components
  writer.arrayLength(components.length, flexible)
  for (const element of components) encodeDescribeClientQuotasRequestComponent(writer, element, version)
  writer.bool(message.strict)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeClientQuotasRequestComponent(writer: Writer, message: DescribeClientQuotasRequestComponent, version: number): void {
  const flexible = version >= 1
  writer.string(message.entityType, flexible)
  writer.int8(message.matchType)
  writer.nullableString(message.match, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeClientQuotasRequest(reader: Reader, version: number): Decoded<DescribeClientQuotasRequest> {
  const flexible = version >= 1
  const components: Decoded<DescribeClientQuotasRequestComponent>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) components.push(decodeDescribeClientQuotasRequestComponent(reader, version))
  const strict = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { components, strict, unknownTags }
}

function decodeDescribeClientQuotasRequestComponent(reader: Reader, version: number): Decoded<DescribeClientQuotasRequestComponent> {
  const flexible = version >= 1
  const entityType = reader.string(flexible)
  const matchType = reader.int8()
  const match = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { entityType, matchType, match, unknownTags }
}

export interface DescribeClientQuotasResponse {
  readonly throttleTimeMs: number
  /**
   * CLUSTER_AUTHORIZATION_FAILED without DESCRIBE_CONFIGS on the cluster. INVALID_REQUEST when the components
   * contradict each other.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  /** Null when `errorCode` is set. */
  readonly entries: readonly DescribeClientQuotasResponseEntry[] | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeClientQuotasResponseEntry {
  /** The combination that the quota is for: a user, a client id, both, or an address. */
  readonly entity: readonly DescribeClientQuotasResponseEntity[]
  readonly values: readonly DescribeClientQuotasResponseValue[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeClientQuotasResponseEntity {
  readonly entityType: string
  /** Null is the default entity, for clients that no more specific entry covers. */
  readonly entityName: string | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeClientQuotasResponseValue {
  /**
   * `producer_byte_rate`, `consumer_byte_rate`, `request_percentage`, `controller_mutation_rate`; for an `ip`,
   * `connection_creation_rate`.
   */
  readonly key: string
  readonly value: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeClientQuotasResponse(writer: Writer, message: DescribeClientQuotasResponse, version: number): void {
  const flexible = version >= 1
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  const entries = message.entries
  if (entries === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(entries.length, flexible)
    for (const element of entries) encodeDescribeClientQuotasResponseEntry(writer, element, version)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeClientQuotasResponseEntry(writer: Writer, message: DescribeClientQuotasResponseEntry, version: number): void {
  const flexible = version >= 1
  const entity = message.entity
  writer.arrayLength(entity.length, flexible)
  for (const element of entity) encodeDescribeClientQuotasResponseEntity(writer, element, version)
  const values = message.values
  writer.arrayLength(values.length, flexible)
  for (const element of values) encodeDescribeClientQuotasResponseValue(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeClientQuotasResponseEntity(writer: Writer, message: DescribeClientQuotasResponseEntity, version: number): void {
  const flexible = version >= 1
  writer.string(message.entityType, flexible)
  writer.nullableString(message.entityName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeClientQuotasResponseValue(writer: Writer, message: DescribeClientQuotasResponseValue, version: number): void {
  const flexible = version >= 1
  writer.string(message.key, flexible)
  writer.float64(message.value)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeClientQuotasResponse(reader: Reader, version: number): Decoded<DescribeClientQuotasResponse> {
  const flexible = version >= 1
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  let entries: Decoded<DescribeClientQuotasResponseEntry>[] | null = []
  const entriesCount = reader.nullableArrayLength(flexible, 2)
  if (entriesCount < 0) {
    entries = null
  } else {
    const elements: Decoded<DescribeClientQuotasResponseEntry>[] = []
    for (let left = entriesCount; left > 0; left--) elements.push(decodeDescribeClientQuotasResponseEntry(reader, version))
    entries = elements
  }
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, errorMessage, entries, unknownTags }
}

function decodeDescribeClientQuotasResponseEntry(reader: Reader, version: number): Decoded<DescribeClientQuotasResponseEntry> {
  const flexible = version >= 1
  const entity: Decoded<DescribeClientQuotasResponseEntity>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) entity.push(decodeDescribeClientQuotasResponseEntity(reader, version))
  const values: Decoded<DescribeClientQuotasResponseValue>[] = []
  for (let left = reader.arrayLength(flexible, 9); left > 0; left--) values.push(decodeDescribeClientQuotasResponseValue(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { entity, values, unknownTags }
}

function decodeDescribeClientQuotasResponseEntity(reader: Reader, version: number): Decoded<DescribeClientQuotasResponseEntity> {
  const flexible = version >= 1
  const entityType = reader.string(flexible)
  const entityName = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { entityType, entityName, unknownTags }
}

function decodeDescribeClientQuotasResponseValue(reader: Reader, version: number): Decoded<DescribeClientQuotasResponseValue> {
  const flexible = version >= 1
  const key = reader.string(flexible)
  const value = reader.float64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { key, value, unknownTags }
}

/**
 * Asks which quotas are set for users, client ids and IP addresses. Any broker answers, with what was set: which of
 * these holds for a client in the end is not worked out.
 */
export const describeClientQuotas: Api<DescribeClientQuotasRequest, DescribeClientQuotasResponse> = {
  key: 48,
  name: 'DescribeClientQuotas',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 1,
  sentTo: 'any',
  listeners: ['broker'],
  request: { name: 'DescribeClientQuotasRequest', encode: encodeDescribeClientQuotasRequest, decode: decodeDescribeClientQuotasRequest },
  response: { name: 'DescribeClientQuotasResponse', encode: encodeDescribeClientQuotasResponse, decode: decodeDescribeClientQuotasResponse },
}
