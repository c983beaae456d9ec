/**
 * The DescribeConfigs API (key 32).
 * Generated from schemas/32-describe-configs.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeConfigsRequest {
  readonly resources: readonly DescribeConfigsRequestResource[]
  readonly includeSynonyms: boolean
  /** Versions 3+. */
  readonly includeDocumentation?: boolean
  readonly unknownTags?: UnknownTags
}

export interface DescribeConfigsRequestResource {
  /** 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group. */
  readonly resourceType: number
  /** For brokers the id in digits, or empty for what is set for all of them. */
  readonly resourceName: string
  /** Null for all settings. */
  readonly configurationKeys: readonly string[] | null
  readonly unknownTags?: UnknownTags
}

function encodeDescribeConfigsRequest(writer: Writer, message: DescribeConfigsRequest, version: number): void {
  const flexible = version >= 4
  const resources = message.resources
  writer.arrayLength(resources.length, flexible)
  for (const element of resources) encodeDescribeConfigsRequestResource(writer, element, version)
  writer.bool(message.includeSynonyms)
  if (version >= 3) writer.bool(message.includeDocumentation ?? false)
  else if (message.includeDocumentation !== undefined && message.includeDocumentation !== false) throw writer.unsupported('includeDocumentation', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeConfigsRequestResource(writer: Writer, message: DescribeConfigsRequestResource, version: number): void {
  const flexible = version >= 4
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  const configurationKeys = message.configurationKeys
  if (configurationKeys === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(configurationKeys.length, flexible)
    for (const element of configurationKeys) writer.string(element, flexible)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeConfigsRequest(reader: Reader, version: number): Decoded<DescribeConfigsRequest> {
  const flexible = version >= 4
  const resources: Decoded<DescribeConfigsRequestResource>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) resources.push(decodeDescribeConfigsRequestResource(reader, version))
  const includeSynonyms = reader.bool()
  let includeDocumentation: boolean = false
  if (version >= 3) includeDocumentation = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resources, includeSynonyms, includeDocumentation, unknownTags }
}

function decodeDescribeConfigsRequestResource(reader: Reader, version: number): Decoded<DescribeConfigsRequestResource> {
  const flexible = version >= 4
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  let configurationKeys: string[] | null = []
  const configurationKeysCount = reader.nullableArrayLength(flexible, 1)
  if (configurationKeysCount < 0) {
    configurationKeys = null
  } else {
    const elements: string[] = []
    for (let left = configurationKeysCount; left > 0; left--) elements.push(reader.string(flexible))
    configurationKeys = elements
  }
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { resourceType, resourceName, configurationKeys, unknownTags }
}

export interface DescribeConfigsResponse {
  readonly throttleTimeMs: number
  readonly results: readonly DescribeConfigsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeConfigsResponseResult {
  /**
   * UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, INVALID_REQUEST (another broker's id),
   * TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: readonly DescribeConfigsResponseConfig[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeConfigsResponseConfig {
  readonly name: string
  /** Null for a secret, or when nothing is set. */
  readonly value: string | null
  /** True: cannot be changed while the broker runs. */
  readonly readOnly: boolean
  /**
   * 1 topic, 2 broker, 3 all brokers, 4 broker's file, 5 built-in default, 6 broker logger, 7 client metrics, 8
   * group.
   */
  readonly configSource?: number
  /** True: a secret, such as a password, whose value is never sent. */
  readonly isSensitive: boolean
  /** Every place that sets it, the one in force first; empty unless asked for. */
  readonly synonyms?: readonly DescribeConfigsResponseSynonym[]
  /** 0 unknown, 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password. Versions 3+. */
  readonly configType?: number
  /** Null unless asked for. Versions 3+. */
  readonly documentation?: string | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeConfigsResponseSynonym {
  /** May differ: log.retention.ms of a broker is behind retention.ms of a topic. */
  readonly name: string
  readonly value: string | null
  /** Numbers as in configSource. */
  readonly source: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeConfigsResponse(writer: Writer, message: DescribeConfigsResponse, version: number): void {
  const flexible = version >= 4
  writer.int32(message.throttleTimeMs)
  const results = message.results
  writer.arrayLength(results.length, flexible)
  for (const element of results) encodeDescribeConfigsResponseResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeConfigsResponseResult(writer: Writer, message: DescribeConfigsResponseResult, version: number): void {
  const flexible = version >= 4
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  writer.int8(message.resourceType)
  writer.string(message.resourceName, flexible)
  const configs = message.configs
  writer.arrayLength(configs.length, flexible)
  for (const element of configs) encodeDescribeConfigsResponseConfig(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeConfigsResponseConfig(writer: Writer, message: DescribeConfigsResponseConfig, version: number): void {
  const flexible = version >= 4
  writer.string(message.name, flexible)
  writer.nullableString(message.value, flexible)
  writer.bool(message.readOnly)
  writer.int8(message.configSource ?? -1)
  writer.bool(message.isSensitive)
  const synonyms = message.synonyms ?? []
  writer.arrayLength(synonyms.length, flexible)
  for (const element of synonyms) encodeDescribeConfigsResponseSynonym(writer, element, version)
  if (version >= 3) writer.int8(message.configType ?? 0)
  if (version >= 3) writer.nullableString(message.documentation === undefined ? '' : message.documentation, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeConfigsResponseSynonym(writer: Writer, message: DescribeConfigsResponseSynonym, version: number): void {
  const flexible = version >= 4
  writer.string(message.name, flexible)
  writer.nullableString(message.value, flexible)
  writer.int8(message.source)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeConfigsResponse(reader: Reader, version: number): Decoded<DescribeConfigsResponse> {
  const flexible = version >= 4
  const throttleTimeMs = reader.int32()
  const results: Decoded<DescribeConfigsResponseResult>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) results.push(decodeDescribeConfigsResponseResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, results, unknownTags }
}

function decodeDescribeConfigsResponseResult(reader: Reader, version: number): Decoded<DescribeConfigsResponseResult> {
  const flexible = version >= 4
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const resourceType = reader.int8()
  const resourceName = reader.string(flexible)
  const configs: Decoded<DescribeConfigsResponseConfig>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) configs.push(decodeDescribeConfigsResponseConfig(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, resourceType, resourceName, configs, unknownTags }
}

function decodeDescribeConfigsResponseConfig(reader: Reader, version: number): Decoded<DescribeConfigsResponseConfig> {
  const flexible = version >= 4
  const name = reader.string(flexible)
  const value = reader.nullableString(flexible)
  const readOnly = reader.bool()
  const configSource = reader.int8()
  const isSensitive = reader.bool()
  const synonyms: Decoded<DescribeConfigsResponseSynonym>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) synonyms.push(decodeDescribeConfigsResponseSynonym(reader, version))
  let configType: number = 0
  if (version >= 3) configType = reader.int8()
  let documentation: string | null = ''
  if (version >= 3) documentation = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, value, readOnly, configSource, isSensitive, synonyms, configType, documentation, unknownTags }
}

function decodeDescribeConfigsResponseSynonym(reader: Reader, version: number): Decoded<DescribeConfigsResponseSynonym> {
  const flexible = version >= 4
  const name = reader.string(flexible)
  const value = reader.nullableString(flexible)
  const source = reader.int8()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, value, source, unknownTags }
}

/**
 * Reads the settings of topics, brokers, broker loggers, groups and client metrics. Any broker answers, except that
 * brokers and loggers must be asked themselves.
 * - 1: Where a value comes from, and the values it stands before (KIP-226).
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Type and description of settings (KIP-569).
 */
export const describeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: 'DescribeConfigs',
  versions: { min: 1, max: 4, latestStable: 4 },
  flexibleFrom: 4,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'DescribeConfigsRequest', encode: encodeDescribeConfigsRequest, decode: decodeDescribeConfigsRequest },
  response: { name: 'DescribeConfigsResponse', encode: encodeDescribeConfigsResponse, decode: decodeDescribeConfigsResponse },
}
