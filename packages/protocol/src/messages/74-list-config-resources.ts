/**
 * The ListConfigResources API (key 74).
 * Generated from schemas/74-list-config-resources.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ListConfigResourcesRequest {
  /** 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group. Empty asks for all of these. Versions 1+. */
  readonly resourceTypes?: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeListConfigResourcesRequest(writer: Writer, message: ListConfigResourcesRequest, version: number): void {
  if (version >= 1) {
    const resourceTypes = message.resourceTypes ?? []
    writer.arrayLength(resourceTypes.length, true)
    for (const element of resourceTypes) writer.int8(element)
  } else if (message.resourceTypes !== undefined && message.resourceTypes.length !== 0) throw writer.unsupported('resourceTypes', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeListConfigResourcesRequest(reader: Reader, version: number): Decoded<ListConfigResourcesRequest> {
  let resourceTypes: number[] = []
  if (version >= 1) for (let left = reader.arrayLength(true, 1); left > 0; left--) resourceTypes.push(reader.int8())
  const unknownTags = reader.unknownTags()
  return { resourceTypes, unknownTags }
}

export interface ListConfigResourcesResponse {
  readonly throttleTimeMs: number
  /**
   * UNSUPPORTED_VERSION: a type beyond these. CLUSTER_AUTHORIZATION_FAILED without DESCRIBE_CONFIGS on the cluster.
   */
  readonly errorCode: number
  readonly configResources: readonly ListConfigResourcesResponseConfigResource[]
  readonly unknownTags?: UnknownTags
}

export interface ListConfigResourcesResponseConfigResource {
  /** Of a broker and its loggers, the broker id as text. */
  readonly resourceName: string
  /** Versions 1+. */
  readonly resourceType?: number
  readonly unknownTags?: UnknownTags
}

function encodeListConfigResourcesResponse(writer: Writer, message: ListConfigResourcesResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  const configResources = message.configResources
  writer.arrayLength(configResources.length, true)
  for (const element of configResources) encodeListConfigResourcesResponseConfigResource(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeListConfigResourcesResponseConfigResource(writer: Writer, message: ListConfigResourcesResponseConfigResource, version: number): void {
  writer.string(message.resourceName, true)
  if (version >= 1) writer.int8(message.resourceType ?? 16)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeListConfigResourcesResponse(reader: Reader, version: number): Decoded<ListConfigResourcesResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const configResources: Decoded<ListConfigResourcesResponseConfigResource>[] = []
  for (let left = reader.arrayLength(true, 2); left > 0; left--) configResources.push(decodeListConfigResourcesResponseConfigResource(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, configResources, unknownTags }
}

function decodeListConfigResourcesResponseConfigResource(reader: Reader, version: number): Decoded<ListConfigResourcesResponseConfigResource> {
  const resourceName = reader.string(true)
  let resourceType: number = 16
  if (version >= 1) resourceType = reader.int8()
  const unknownTags = reader.unknownTags()
  return { resourceName, resourceType, unknownTags }
}

/**
 * Lists the names of resources that have configurations, to be read with DescribeConfigs.
 * - 0: Client metrics subscriptions only (KIP-714), under the name ListClientMetricsResources.
 * - 1: All types of resources (KIP-1142).
 */
export const listConfigResources: Api<ListConfigResourcesRequest, ListConfigResourcesResponse> = {
  key: 74,
  name: 'ListConfigResources',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'any',
  listeners: ['broker'],
  request: { name: 'ListConfigResourcesRequest', encode: encodeListConfigResourcesRequest, decode: decodeListConfigResourcesRequest },
  response: { name: 'ListConfigResourcesResponse', encode: encodeListConfigResourcesResponse, decode: decodeListConfigResourcesResponse },
}
