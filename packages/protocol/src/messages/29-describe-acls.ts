/**
 * The DescribeAcls API (key 29).
 * Generated from schemas/29-describe-acls.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeAclsRequest {
  /** 1 any, 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user. */
  readonly resourceTypeFilter: number
  /** Null for any name. */
  readonly resourceNameFilter: string | null
  /** 1 any, 2 every pattern that applies to the name (literal, prefix, *), 3 literal, 4 prefix. */
  readonly patternTypeFilter?: number
  /** Type and name as in User:alice; null for any. */
  readonly principalFilter: string | null
  /** Null for any. */
  readonly hostFilter: string | null
  /**
   * 1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10 describe configs, 11
   * alter configs, 12 idempotent write, 13 create tokens, 14 describe tokens, 15 two-phase commit.
   */
  readonly operation: number
  /** 1 any, 2 deny, 3 allow. */
  readonly permissionType: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeAclsRequest(writer: Writer, message: DescribeAclsRequest, version: number): void {
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

function decodeDescribeAclsRequest(reader: Reader, version: number): Decoded<DescribeAclsRequest> {
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

export interface DescribeAclsResponse {
  readonly throttleTimeMs: number
  /** SECURITY_DISABLED: the cluster has no authorizer. CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly errorMessage: string | null
  /** By type, name and pattern; numbers as in the request. */
  readonly resources: readonly DescribeAclsResponseResource[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeAclsResponseResource {
  readonly resourceType: number
  /** * stands for all names. */
  readonly resourceName: string
  readonly patternType?: number
  readonly acls: readonly DescribeAclsResponseAcl[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeAclsResponseAcl {
  readonly principal: string
  /** * stands for all hosts. */
  readonly host: string
  readonly operation: number
  readonly permissionType: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeAclsResponse(writer: Writer, message: DescribeAclsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  const resources = message.resources
  writer.arrayLength(resources.length, flexible)
  for (const element of resources) encodeDescribeAclsResponseResource(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeAclsResponseResource(writer: Writer, message: DescribeAclsResponseResource, version: number): void {
  const flexible = version >= 2
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  writer.int8(message.patternType ?? 3)
  const acls = message.acls
  writer.arrayLength(acls.length, flexible)
  for (const element of acls) encodeDescribeAclsResponseAcl(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeAclsResponseAcl(writer: Writer, message: DescribeAclsResponseAcl, version: number): void {
  const flexible = version >= 2
  writer.string(message.principal, flexible)
  writer.string(message.host, flexible)
  writer.int8(message.operation)
  writer.int8(message.permissionType)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeAclsResponse(reader: Reader, version: number): Decoded<DescribeAclsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const resources: Decoded<DescribeAclsResponseResource>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) resources.push(decodeDescribeAclsResponseResource(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, errorMessage, resources, unknownTags }
}

function decodeDescribeAclsResponseResource(reader: Reader, version: number): Decoded<DescribeAclsResponseResource> {
  const flexible = version >= 2
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const patternType = reader.int8()
  const acls: Decoded<DescribeAclsResponseAcl>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) acls.push(decodeDescribeAclsResponseAcl(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resourceType, resourceName, patternType, acls, unknownTags }
}

function decodeDescribeAclsResponseAcl(reader: Reader, version: number): Decoded<DescribeAclsResponseAcl> {
  const flexible = version >= 2
  const principal = reader.string(flexible)
  const host = reader.string(flexible)
  const operation = reader.int8()
  const permissionType = reader.int8()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { principal, host, operation, permissionType, unknownTags }
}

/**
 * Lists the ACLs that match a filter. Any broker answers.
 * - 1: Prefix patterns (KIP-290). From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Resource type user (KIP-373).
 */
export const describeAcls: Api<DescribeAclsRequest, DescribeAclsResponse> = {
  key: 29,
  name: 'DescribeAcls',
  versions: { min: 1, max: 3, latestStable: 3 },
  flexibleFrom: 2,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'DescribeAclsRequest', encode: encodeDescribeAclsRequest, decode: decodeDescribeAclsRequest },
  response: { name: 'DescribeAclsResponse', encode: encodeDescribeAclsResponse, decode: decodeDescribeAclsResponse },
}
