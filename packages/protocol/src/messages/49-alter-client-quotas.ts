/**
 * The AlterClientQuotas API (key 49).
 * Generated from schemas/49-alter-client-quotas.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AlterClientQuotasRequest {
  readonly entries: readonly AlterClientQuotasRequestEntry[]
  /** Checks everything, changes nothing. */
  readonly validateOnly: boolean
  readonly unknownTags?: UnknownTags
}

export interface AlterClientQuotasRequestEntry {
  /** One user, one client id, both, or one address; each type once. */
  readonly entity: readonly AlterClientQuotasRequestEntity[]
  readonly ops: readonly AlterClientQuotasRequestOp[]
  readonly unknownTags?: UnknownTags
}

export interface AlterClientQuotasRequestEntity {
  readonly entityType: string
  /** Null means the default entity of the type. */
  readonly entityName: string | null
  readonly unknownTags?: UnknownTags
}

export interface AlterClientQuotasRequestOp {
  readonly key: string
  /**
   * Bytes a second, percent of a thread's time, mutations or connections a second, by key. Not looked at when
   * `remove` is true.
   */
  readonly value: number
  /** True takes the key away, so that the next less specific quota holds. */
  readonly remove: boolean
  readonly unknownTags?: UnknownTags
}

function encodeAlterClientQuotasRequest(writer: Writer, message: AlterClientQuotasRequest, version: number): void {
  const flexible = version >= 1
  const entries = message.entries
  writer.arrayLength(entries.length, flexible)
  for (const element of entries) encodeAlterClientQuotasRequestEntry(writer, element, version)
  writer.bool(message.validateOnly)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterClientQuotasRequestEntry(writer: Writer, message: AlterClientQuotasRequestEntry, version: number): void {
  const flexible = version >= 1
  const entity = message.entity
  writer.arrayLength(entity.length, flexible)
  for (const element of entity) encodeAlterClientQuotasRequestEntity(writer, element, version)
  const ops = message.ops
  writer.arrayLength(ops.length, flexible)
  for (const element of ops) encodeAlterClientQuotasRequestOp(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterClientQuotasRequestEntity(writer: Writer, message: AlterClientQuotasRequestEntity, version: number): void {
  const flexible = version >= 1
  writer.string(message.entityType, flexible)
  writer.nullableString(message.entityName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterClientQuotasRequestOp(writer: Writer, message: AlterClientQuotasRequestOp, version: number): void {
  const flexible = version >= 1
  writer.string(message.key, flexible)
  writer.float64(message.value)
  writer.bool(message.remove)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAlterClientQuotasRequest(reader: Reader, version: number): Decoded<AlterClientQuotasRequest> {
  const flexible = version >= 1
  const entries: Decoded<AlterClientQuotasRequestEntry>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) entries.push(decodeAlterClientQuotasRequestEntry(reader, version))
  const validateOnly = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { entries, validateOnly, unknownTags }
}

function decodeAlterClientQuotasRequestEntry(reader: Reader, version: number): Decoded<AlterClientQuotasRequestEntry> {
  const flexible = version >= 1
  const entity: Decoded<AlterClientQuotasRequestEntity>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) entity.push(decodeAlterClientQuotasRequestEntity(reader, version))
  const ops: Decoded<AlterClientQuotasRequestOp>[] = []
  for (let left = reader.arrayLength(flexible, 10); left > 0; left--) ops.push(decodeAlterClientQuotasRequestOp(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { entity, ops, unknownTags }
}

function decodeAlterClientQuotasRequestEntity(reader: Reader, version: number): Decoded<AlterClientQuotasRequestEntity> {
  const flexible = version >= 1
  const entityType = reader.string(flexible)
  const entityName = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { entityType, entityName, unknownTags }
}

function decodeAlterClientQuotasRequestOp(reader: Reader, version: number): Decoded<AlterClientQuotasRequestOp> {
  const flexible = version >= 1
  const key = reader.string(flexible)
  const value = reader.float64()
  const remove = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { key, value, remove, unknownTags }
}

export interface AlterClientQuotasResponse {
  readonly throttleTimeMs: number
  readonly entries: readonly AlterClientQuotasResponseEntry[]
  readonly unknownTags?: UnknownTags
}

export interface AlterClientQuotasResponseEntry {
  /**
   * INVALID_REQUEST: an unknown entity type or key, a value out of range, an entity that makes no sense.
   * CLUSTER_AUTHORIZATION_FAILED without ALTER_CONFIGS on the cluster.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly entity: readonly AlterClientQuotasResponseEntity[]
  readonly unknownTags?: UnknownTags
}

export interface AlterClientQuotasResponseEntity {
  readonly entityType: string
  readonly entityName: string | null
  readonly unknownTags?: UnknownTags
}

function encodeAlterClientQuotasResponse(writer: Writer, message: AlterClientQuotasResponse, version: number): void {
  const flexible = version >= 1
  writer.int32(message.throttleTimeMs)
  const entries = message.entries
  writer.arrayLength(entries.length, flexible)
  for (const element of entries) encodeAlterClientQuotasResponseEntry(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterClientQuotasResponseEntry(writer: Writer, message: AlterClientQuotasResponseEntry, version: number): void {
  const flexible = version >= 1
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  const entity = message.entity
  writer.arrayLength(entity.length, flexible)
  for (const element of entity) encodeAlterClientQuotasResponseEntity(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterClientQuotasResponseEntity(writer: Writer, message: AlterClientQuotasResponseEntity, version: number): void {
  const flexible = version >= 1
  writer.string(message.entityType, flexible)
  writer.nullableString(message.entityName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAlterClientQuotasResponse(reader: Reader, version: number): Decoded<AlterClientQuotasResponse> {
  const flexible = version >= 1
  const throttleTimeMs = reader.int32()
  const entries: Decoded<AlterClientQuotasResponseEntry>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) entries.push(decodeAlterClientQuotasResponseEntry(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, entries, unknownTags }
}

function decodeAlterClientQuotasResponseEntry(reader: Reader, version: number): Decoded<AlterClientQuotasResponseEntry> {
  const flexible = version >= 1
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const entity: Decoded<AlterClientQuotasResponseEntity>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) entity.push(decodeAlterClientQuotasResponseEntity(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, entity, unknownTags }
}

function decodeAlterClientQuotasResponseEntity(reader: Reader, version: number): Decoded<AlterClientQuotasResponseEntity> {
  const flexible = version >= 1
  const entityType = reader.string(flexible)
  const entityName = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { entityType, entityName, unknownTags }
}

/**
 * Sets and removes quotas of users, client ids and IP addresses. The controller treats every entry by itself: one may
 * fail while the others take effect.
 */
export const alterClientQuotas: Api<AlterClientQuotasRequest, AlterClientQuotasResponse> = {
  key: 49,
  name: 'AlterClientQuotas',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 1,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'AlterClientQuotasRequest', encode: encodeAlterClientQuotasRequest, decode: decodeAlterClientQuotasRequest },
  response: { name: 'AlterClientQuotasResponse', encode: encodeAlterClientQuotasResponse, decode: decodeAlterClientQuotasResponse },
}
