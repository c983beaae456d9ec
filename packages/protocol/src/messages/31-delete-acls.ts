/**
 * The DeleteAcls API (key 31).
 * Generated from schemas/31-delete-acls.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DeleteAclsRequest {
  /** As in DescribeAcls. */
  readonly filters: readonly DeleteAclsRequestFilter[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteAclsRequestFilter {
  readonly resourceTypeFilter: number
  /** Null for any name. */
  readonly resourceNameFilter: string | null
  /** 2, every pattern that applies to the name, removes more than 3 does. */
  readonly patternTypeFilter?: number
  /** Null for any. */
  readonly principalFilter: string | null
  /** Null for any. */
  readonly hostFilter: string | null
  readonly operation: number
  readonly permissionType: number
  readonly unknownTags?: UnknownTags
}

function encodeDeleteAclsRequest(writer: Writer, message: DeleteAclsRequest, version: number): void {
  const flexible = version >= 2
  const filters = message.filters
  writer.arrayLength(filters.length, flexible)
  for (const element of filters) encodeDeleteAclsRequestFilter(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteAclsRequestFilter(writer: Writer, message: DeleteAclsRequestFilter, version: number): void {
  const flexible = version >= 2
  writer.int8(message.resourceTypeFilter)
  writer.nullableString(message.resourceNameFilter, flexible)
  writer.int8(message.patternTypeFilter ?? 3)
  writer.nullableString(message.principalFilter, flexible)
  writer.nullableString(message.hostFilter, flexible)
  writer.int8(message.operation)
  writer.int8(message.permissionType)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDeleteAclsRequest(reader: Reader, version: number): Decoded<DeleteAclsRequest> {
  const flexible = version >= 2
  const filters: Decoded<DeleteAclsRequestFilter>[] = []
  for (let left = reader.arrayLength(flexible, 7); left > 0; left--) filters.push(decodeDeleteAclsRequestFilter(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { filters, unknownTags }
}

function decodeDeleteAclsRequestFilter(reader: Reader, version: number): Decoded<DeleteAclsRequestFilter> {
  const flexible = version >= 2
  const resourceTypeFilter = reader.int8()
  const resourceNameFilter = reader.nullableString(flexible)
  const patternTypeFilter = reader.int8()
  const principalFilter = reader.nullableString(flexible)
  const hostFilter = reader.nullableString(flexible)
  const operation = reader.int8()
  const permissionType = reader.int8()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resourceTypeFilter, resourceNameFilter, patternTypeFilter, principalFilter, hostFilter, operation, permissionType, unknownTags }
}

export interface DeleteAclsResponse {
  readonly throttleTimeMs: number
  /** In the order of the filters. */
  readonly filterResults: readonly DeleteAclsResponseFilterResult[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteAclsResponseFilterResult {
  /** Of the filter as such: SECURITY_DISABLED, CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly matchingAcls: readonly DeleteAclsResponseMatchingAcl[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteAclsResponseMatchingAcl {
  /** Of the removal of this one. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType?: number
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
  readonly unknownTags?: UnknownTags
}

function encodeDeleteAclsResponse(writer: Writer, message: DeleteAclsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  const filterResults = message.filterResults
  writer.arrayLength(filterResults.length, flexible)
  for (const element of filterResults) encodeDeleteAclsResponseFilterResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteAclsResponseFilterResult(writer: Writer, message: DeleteAclsResponseFilterResult, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  const matchingAcls = message.matchingAcls
  writer.arrayLength(matchingAcls.length, flexible)
  for (const element of matchingAcls) encodeDeleteAclsResponseMatchingAcl(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteAclsResponseMatchingAcl(writer: Writer, message: DeleteAclsResponseMatchingAcl, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  writer.int8(message.patternType ?? 3)
  writer.string(message.principal, flexible)
  writer.string(message.host, flexible)
  writer.int8(message.operation)
  writer.int8(message.permissionType)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDeleteAclsResponse(reader: Reader, version: number): Decoded<DeleteAclsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const filterResults: Decoded<DeleteAclsResponseFilterResult>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) filterResults.push(decodeDeleteAclsResponseFilterResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, filterResults, unknownTags }
}

function decodeDeleteAclsResponseFilterResult(reader: Reader, version: number): Decoded<DeleteAclsResponseFilterResult> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const matchingAcls: Decoded<DeleteAclsResponseMatchingAcl>[] = []
  for (let left = reader.arrayLength(flexible, 10); left > 0; left--) matchingAcls.push(decodeDeleteAclsResponseMatchingAcl(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, matchingAcls, unknownTags }
}

function decodeDeleteAclsResponseMatchingAcl(reader: Reader, version: number): Decoded<DeleteAclsResponseMatchingAcl> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const patternType = reader.int8()
  const principal = reader.string(flexible)
  const host = reader.string(flexible)
  const operation = reader.int8()
  const permissionType = reader.int8()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, resourceType, resourceName, patternType, principal, host, operation, permissionType, unknownTags }
}

/**
 * Removes every ACL that matches one of the filters, and tells which these were. Any broker passes it on to the
 * controller.
 * - 1: Prefix patterns (KIP-290). From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Resource type user (KIP-373).
 */
export const deleteAcls: Api<DeleteAclsRequest, DeleteAclsResponse> = {
  key: 31,
  name: 'DeleteAcls',
  versions: { min: 1, max: 3, latestStable: 3 },
  flexibleFrom: 2,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'DeleteAclsRequest', encode: encodeDeleteAclsRequest, decode: decodeDeleteAclsRequest },
  response: { name: 'DeleteAclsResponse', encode: encodeDeleteAclsResponse, decode: decodeDeleteAclsResponse },
}
