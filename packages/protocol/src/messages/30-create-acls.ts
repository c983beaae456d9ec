/**
 * The CreateAcls API (key 30).
 * Generated from schemas/30-create-acls.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface CreateAclsRequest {
  readonly creations: readonly CreateAclsRequestCreation[]
  readonly unknownTags?: UnknownTags
}

export interface CreateAclsRequestCreation {
  /** Numbers as in DescribeAcls, without those for any. */
  readonly resourceType: number
  /** * with a literal pattern means all names. Of the cluster: kafka-cluster. */
  readonly resourceName: string
  /** 3 literal, 4 prefix. */
  readonly resourcePatternType?: number
  /** Type and name as in User:alice; User:* is everybody. */
  readonly principal: string
  /** An IP address, or * for all. */
  readonly host: string
  readonly operation: number
  /** 2 deny, 3 allow. A prohibition wins over every permission. */
  readonly permissionType: number
  readonly unknownTags?: UnknownTags
}

function encodeCreateAclsRequest(writer: Writer, message: CreateAclsRequest, version: number): void {
  const flexible = version >= 2
  const creations = message.creations
  writer.arrayLength(creations.length, flexible)
  for (const element of creations) encodeCreateAclsRequestCreation(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateAclsRequestCreation(writer: Writer, message: CreateAclsRequestCreation, version: number): void {
  const flexible = version >= 2
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  writer.int8(message.resourcePatternType ?? 3)
  writer.string(message.principal, flexible)
  writer.string(message.host, flexible)
  writer.int8(message.operation)
  writer.int8(message.permissionType)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeCreateAclsRequest(reader: Reader, version: number): Decoded<CreateAclsRequest> {
  const flexible = version >= 2
  const creations: Decoded<CreateAclsRequestCreation>[] = []
  for (let left = reader.arrayLength(flexible, 7); left > 0; left--) creations.push(decodeCreateAclsRequestCreation(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { creations, unknownTags }
}

function decodeCreateAclsRequestCreation(reader: Reader, version: number): Decoded<CreateAclsRequestCreation> {
  const flexible = version >= 2
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const resourcePatternType = reader.int8()
  const principal = reader.string(flexible)
  const host = reader.string(flexible)
  const operation = reader.int8()
  const permissionType = reader.int8()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType, unknownTags }
}

export interface CreateAclsResponse {
  readonly throttleTimeMs: number
  /** In the order of creations. */
  readonly results: readonly CreateAclsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface CreateAclsResponseResult {
  /** SECURITY_DISABLED, CLUSTER_AUTHORIZATION_FAILED, INVALID_REQUEST. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly unknownTags?: UnknownTags
}

function encodeCreateAclsResponse(writer: Writer, message: CreateAclsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  const results = message.results
  writer.arrayLength(results.length, flexible)
  for (const element of results) encodeCreateAclsResponseResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateAclsResponseResult(writer: Writer, message: CreateAclsResponseResult, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeCreateAclsResponse(reader: Reader, version: number): Decoded<CreateAclsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const results: Decoded<CreateAclsResponseResult>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) results.push(decodeCreateAclsResponseResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, results, unknownTags }
}

function decodeCreateAclsResponseResult(reader: Reader, version: number): Decoded<CreateAclsResponseResult> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, unknownTags }
}

/**
 * Stores ACLs. Any broker passes it on to the controller; one that exists already is a success.
 * - 1: Prefix patterns (KIP-290). From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Resource type user (KIP-373).
 */
export const createAcls: Api<CreateAclsRequest, CreateAclsResponse> = {
  key: 30,
  name: 'CreateAcls',
  versions: { min: 1, max: 3, latestStable: 3 },
  flexibleFrom: 2,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'CreateAclsRequest', encode: encodeCreateAclsRequest, decode: decodeCreateAclsRequest },
  response: { name: 'CreateAclsResponse', encode: encodeCreateAclsResponse, decode: decodeCreateAclsResponse },
}
