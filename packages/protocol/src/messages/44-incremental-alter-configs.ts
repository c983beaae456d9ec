/**
 * The IncrementalAlterConfigs API (key 44).
 * Generated from schemas/44-incremental-alter-configs.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface IncrementalAlterConfigsRequest {
  /** The same resource twice is INVALID_REQUEST. */
  readonly resources: readonly IncrementalAlterConfigsRequestResource[]
  /** True checks and changes nothing. */
  readonly validateOnly: boolean
  readonly unknownTags?: UnknownTags
}

export interface IncrementalAlterConfigsRequestResource {
  /** Numbers as in DescribeConfigs. */
  readonly resourceType: number
  /** For brokers the id in digits, or empty for all of them. */
  readonly resourceName: string
  readonly configs: readonly IncrementalAlterConfigsRequestConfig[]
  readonly unknownTags?: UnknownTags
}

export interface IncrementalAlterConfigsRequestConfig {
  readonly name: string
  /** 0 set, 1 back to the default, 2 append to a list, 3 take out of a list. */
  readonly configOperation: number
  /** As text, whatever the setting's type; ignored for operation 1, comma-separated for 2 and 3. */
  readonly value: string | null
  readonly unknownTags?: UnknownTags
}

function encodeIncrementalAlterConfigsRequest(writer: Writer, message: IncrementalAlterConfigsRequest, version: number): void {
  const flexible = version >= 1
  const resources = message.resources
  writer.arrayLength(resources.length, flexible)
  for (const element of resources) encodeIncrementalAlterConfigsRequestResource(writer, element, version)
  writer.bool(message.validateOnly)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeIncrementalAlterConfigsRequestResource(writer: Writer, message: IncrementalAlterConfigsRequestResource, version: number): void {
  const flexible = version >= 1
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  const configs = message.configs
  writer.arrayLength(configs.length, flexible)
  for (const element of configs) encodeIncrementalAlterConfigsRequestConfig(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeIncrementalAlterConfigsRequestConfig(writer: Writer, message: IncrementalAlterConfigsRequestConfig, version: number): void {
  const flexible = version >= 1
  writer.string(message.name, flexible)
  writer.int8(message.configOperation)
  writer.nullableString(message.value, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeIncrementalAlterConfigsRequest(reader: Reader, version: number): Decoded<IncrementalAlterConfigsRequest> {
  const flexible = version >= 1
  const resources: Decoded<IncrementalAlterConfigsRequestResource>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) resources.push(decodeIncrementalAlterConfigsRequestResource(reader, version))
  const validateOnly = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resources, validateOnly, unknownTags }
}

function decodeIncrementalAlterConfigsRequestResource(reader: Reader, version: number): Decoded<IncrementalAlterConfigsRequestResource> {
  const flexible = version >= 1
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const configs: Decoded<IncrementalAlterConfigsRequestConfig>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) configs.push(decodeIncrementalAlterConfigsRequestConfig(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resourceType, resourceName, configs, unknownTags }
}

function decodeIncrementalAlterConfigsRequestConfig(reader: Reader, version: number): Decoded<IncrementalAlterConfigsRequestConfig> {
  const flexible = version >= 1
  const name = reader.string(flexible)
  const configOperation = reader.int8()
  const value = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, configOperation, value, unknownTags }
}

export interface IncrementalAlterConfigsResponse {
  readonly throttleTimeMs: number
  readonly responses: readonly IncrementalAlterConfigsResponseResponse[]
  readonly unknownTags?: UnknownTags
}

export interface IncrementalAlterConfigsResponseResponse {
  /**
   * INVALID_CONFIG (also append on what is no list), INVALID_REQUEST, POLICY_VIOLATION, UNKNOWN_TOPIC_OR_PARTITION,
   * TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED. Retry: NOT_CONTROLLER.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
  readonly unknownTags?: UnknownTags
}

function encodeIncrementalAlterConfigsResponse(writer: Writer, message: IncrementalAlterConfigsResponse, version: number): void {
  const flexible = version >= 1
  writer.int32(message.throttleTimeMs)
  const responses = message.responses
  writer.arrayLength(responses.length, flexible)
  for (const element of responses) encodeIncrementalAlterConfigsResponseResponse(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeIncrementalAlterConfigsResponseResponse(writer: Writer, message: IncrementalAlterConfigsResponseResponse, version: number): void {
  const flexible = version >= 1
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeIncrementalAlterConfigsResponse(reader: Reader, version: number): Decoded<IncrementalAlterConfigsResponse> {
  const flexible = version >= 1
  const throttleTimeMs = reader.int32()
  const responses: Decoded<IncrementalAlterConfigsResponseResponse>[] = []
  for (let left = reader.arrayLength(flexible, 5); left > 0; left--) responses.push(decodeIncrementalAlterConfigsResponseResponse(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, responses, unknownTags }
}

function decodeIncrementalAlterConfigsResponseResponse(reader: Reader, version: number): Decoded<IncrementalAlterConfigsResponseResponse> {
  const flexible = version >= 1
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, resourceType, resourceName, unknownTags }
}

/**
 * Changes the listed settings of topics, brokers, groups and the like, and only these (KIP-339). Any broker takes it;
 * settings of one broker and loggers go to that broker.
 */
export const incrementalAlterConfigs: Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 1,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'IncrementalAlterConfigsRequest', encode: encodeIncrementalAlterConfigsRequest, decode: decodeIncrementalAlterConfigsRequest },
  response: { name: 'IncrementalAlterConfigsResponse', encode: encodeIncrementalAlterConfigsResponse, decode: decodeIncrementalAlterConfigsResponse },
}
