/**
 * The AlterConfigs API (key 33).
 * Generated from schemas/33-alter-configs.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AlterConfigsRequest {
  readonly resources: readonly AlterConfigsRequestResource[]
  /** True checks and changes nothing. */
  readonly validateOnly: boolean
  readonly unknownTags?: UnknownTags
}

export interface AlterConfigsRequestResource {
  /** Numbers as in DescribeConfigs. */
  readonly resourceType: number
  /** For brokers the id in digits, or empty for all of them. */
  readonly resourceName: string
  readonly configs: readonly AlterConfigsRequestConfig[]
  readonly unknownTags?: UnknownTags
}

export interface AlterConfigsRequestConfig {
  readonly name: string
  /** As text, whatever the setting's type. */
  readonly value: string | null
  readonly unknownTags?: UnknownTags
}

function encodeAlterConfigsRequest(writer: Writer, message: AlterConfigsRequest, version: number): void {
  const flexible = version >= 2
  const resources = message.resources
  writer.arrayLength(resources.length, flexible)
  for (const element of resources) encodeAlterConfigsRequestResource(writer, element, version)
  writer.bool(message.validateOnly)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterConfigsRequestResource(writer: Writer, message: AlterConfigsRequestResource, version: number): void {
  const flexible = version >= 2
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  const configs = message.configs
  writer.arrayLength(configs.length, flexible)
  for (const element of configs) encodeAlterConfigsRequestConfig(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterConfigsRequestConfig(writer: Writer, message: AlterConfigsRequestConfig, version: number): void {
  const flexible = version >= 2
  writer.string(message.name, flexible)
  writer.nullableString(message.value, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAlterConfigsRequest(reader: Reader, version: number): Decoded<AlterConfigsRequest> {
  const flexible = version >= 2
  const resources: Decoded<AlterConfigsRequestResource>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) resources.push(decodeAlterConfigsRequestResource(reader, version))
  const validateOnly = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resources, validateOnly, unknownTags }
}

function decodeAlterConfigsRequestResource(reader: Reader, version: number): Decoded<AlterConfigsRequestResource> {
  const flexible = version >= 2
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const configs: Decoded<AlterConfigsRequestConfig>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) configs.push(decodeAlterConfigsRequestConfig(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resourceType, resourceName, configs, unknownTags }
}

function decodeAlterConfigsRequestConfig(reader: Reader, version: number): Decoded<AlterConfigsRequestConfig> {
  const flexible = version >= 2
  const name = reader.string(flexible)
  const value = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, value, unknownTags }
}

export interface AlterConfigsResponse {
  readonly throttleTimeMs: number
  readonly responses: readonly AlterConfigsResponseResponse[]
  readonly unknownTags?: UnknownTags
}

export interface AlterConfigsResponseResponse {
  /**
   * INVALID_CONFIG, INVALID_REQUEST, POLICY_VIOLATION, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED,
   * CLUSTER_AUTHORIZATION_FAILED. Retry: NOT_CONTROLLER.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
  readonly unknownTags?: UnknownTags
}

function encodeAlterConfigsResponse(writer: Writer, message: AlterConfigsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  const responses = message.responses
  writer.arrayLength(responses.length, flexible)
  for (const element of responses) encodeAlterConfigsResponseResponse(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterConfigsResponseResponse(writer: Writer, message: AlterConfigsResponseResponse, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAlterConfigsResponse(reader: Reader, version: number): Decoded<AlterConfigsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const responses: Decoded<AlterConfigsResponseResponse>[] = []
  for (let left = reader.arrayLength(flexible, 5); left > 0; left--) responses.push(decodeAlterConfigsResponseResponse(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, responses, unknownTags }
}

function decodeAlterConfigsResponseResponse(reader: Reader, version: number): Decoded<AlterConfigsResponseResponse> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, resourceType, resourceName, unknownTags }
}

/**
 * Sets what is listed and takes everything that is not back to its default, so two writers undo each other:
 * IncrementalAlterConfigs has replaced it. Any broker takes it, for brokers the one meant.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 */
export const alterConfigs: Api<AlterConfigsRequest, AlterConfigsResponse> = {
  key: 33,
  name: 'AlterConfigs',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'AlterConfigsRequest', encode: encodeAlterConfigsRequest, decode: decodeAlterConfigsRequest },
  response: { name: 'AlterConfigsResponse', encode: encodeAlterConfigsResponse, decode: decodeAlterConfigsResponse },
}
