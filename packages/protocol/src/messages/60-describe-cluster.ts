/**
 * The DescribeCluster API (key 60).
 * Generated from schemas/60-describe-cluster.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeClusterRequest {
  readonly includeClusterAuthorizedOperations: boolean
  /** 1: brokers. 2: controllers, which only a controller's listener answers. Versions 1+. */
  readonly endpointType?: number
  /** Fenced brokers are registered but serve no clients. Versions 2+. */
  readonly includeFencedBrokers?: boolean
  readonly unknownTags?: UnknownTags
}

function encodeDescribeClusterRequest(writer: Writer, message: DescribeClusterRequest, version: number): void {
  writer.bool(message.includeClusterAuthorizedOperations)
  if (version >= 1) writer.int8(message.endpointType ?? 1)
  else if (message.endpointType !== undefined && message.endpointType !== 1) throw writer.unsupported('endpointType', version)
  if (version >= 2) writer.bool(message.includeFencedBrokers ?? false)
  else if (message.includeFencedBrokers !== undefined && message.includeFencedBrokers !== false) throw writer.unsupported('includeFencedBrokers', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeClusterRequest(reader: Reader, version: number): Decoded<DescribeClusterRequest> {
  const includeClusterAuthorizedOperations = reader.bool()
  let endpointType: number = 1
  if (version >= 1) endpointType = reader.int8()
  let includeFencedBrokers: boolean = false
  if (version >= 2) includeFencedBrokers = reader.bool()
  const unknownTags = reader.unknownTags()
  return { includeClusterAuthorizedOperations, endpointType, includeFencedBrokers, unknownTags }
}

export interface DescribeClusterResponse {
  readonly throttleTimeMs: number
  /**
   * MISMATCHED_ENDPOINT_TYPE: the other kind of node must be asked. UNSUPPORTED_ENDPOINT_TYPE: neither 1 nor 2. Both
   * are INVALID_REQUEST in version 0.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  /** Versions 1+. */
  readonly endpointType?: number
  readonly clusterId: string
  /**
   * From a broker: some live broker, since any forwards what is meant for the controller. From a controller: the
   * leader of the metadata log, -1 when there is none.
   */
  readonly controllerId?: number
  /** Nodes of the kind asked for, with the address for the listener that the request came in on. */
  readonly brokers: readonly DescribeClusterResponseBroker[]
  /** Bit n stands for ACL operation n. -2147483648 when not asked for, 0 without DESCRIBE on the cluster. */
  readonly clusterAuthorizedOperations?: number
  readonly unknownTags?: UnknownTags
}

export interface DescribeClusterResponseBroker {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null
  /** Versions 2+. */
  readonly isFenced?: boolean
  readonly unknownTags?: UnknownTags
}

function encodeDescribeClusterResponse(writer: Writer, message: DescribeClusterResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage ?? null, true)
  if (version >= 1) writer.int8(message.endpointType ?? 1)
  else if (message.endpointType !== undefined && message.endpointType !== 1) throw writer.unsupported('endpointType', version)
  writer.string(message.clusterId, true)
  writer.int32(message.controllerId ?? -1)
  const brokers = message.brokers
  writer.arrayLength(brokers.length, true)
  for (const element of brokers) encodeDescribeClusterResponseBroker(writer, element, version)
  writer.int32(message.clusterAuthorizedOperations ?? -2147483648)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeClusterResponseBroker(writer: Writer, message: DescribeClusterResponseBroker, version: number): void {
  writer.int32(message.brokerId)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.nullableString(message.rack ?? null, true)
  if (version >= 2) writer.bool(message.isFenced ?? false)
  else if (message.isFenced !== undefined && message.isFenced !== false) throw writer.unsupported('isFenced', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeClusterResponse(reader: Reader, version: number): Decoded<DescribeClusterResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  let endpointType: number = 1
  if (version >= 1) endpointType = reader.int8()
  const clusterId = reader.string(true)
  const controllerId = reader.int32()
  const brokers: Decoded<DescribeClusterResponseBroker>[] = []
  for (let left = reader.arrayLength(true, 11); left > 0; left--) brokers.push(decodeDescribeClusterResponseBroker(reader, version))
  const clusterAuthorizedOperations = reader.int32()
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, endpointType, clusterId, controllerId, brokers, clusterAuthorizedOperations, unknownTags }
}

function decodeDescribeClusterResponseBroker(reader: Reader, version: number): Decoded<DescribeClusterResponseBroker> {
  const brokerId = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const rack = reader.nullableString(true)
  let isFenced: boolean = false
  if (version >= 2) isFenced = reader.bool()
  const unknownTags = reader.unknownTags()
  return { brokerId, host, port, rack, isFenced, unknownTags }
}

/**
 * Asks any broker for the cluster's id and brokers, or a controller for the controllers. Metadata without topics
 * answers nearly the same; this is the one for admin tools.
 * - 1: Says which kind of node is wanted, so that an admin client can start from controllers (KIP-919).
 * - 2: Fenced brokers on request (KIP-1073).
 */
export const describeCluster: Api<DescribeClusterRequest, DescribeClusterResponse> = {
  key: 60,
  name: 'DescribeCluster',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'DescribeClusterRequest', encode: encodeDescribeClusterRequest, decode: decodeDescribeClusterRequest },
  response: { name: 'DescribeClusterResponse', encode: encodeDescribeClusterResponse, decode: decodeDescribeClusterResponse },
}
