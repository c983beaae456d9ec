/**
 * The AllocateProducerIds API (key 67).
 * Generated from schemas/67-allocate-producer-ids.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AllocateProducerIdsRequest {
  readonly brokerId: number
  readonly brokerEpoch?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeAllocateProducerIdsRequest(writer: Writer, message: AllocateProducerIdsRequest, _version: number): void {
  writer.int32(message.brokerId)
  writer.int64(message.brokerEpoch ?? -1n)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAllocateProducerIdsRequest(reader: Reader, _version: number): Decoded<AllocateProducerIdsRequest> {
  const brokerId = reader.int32()
  const brokerEpoch = reader.int64()
  const unknownTags = reader.unknownTags()
  return { brokerId, brokerEpoch, unknownTags }
}

export interface AllocateProducerIdsResponse {
  readonly throttleTimeMs: number
  /** STALE_BROKER_EPOCH: an earlier life of the broker asks. */
  readonly errorCode: number
  readonly producerIdStart: bigint
  /** 1000 from a Kafka controller. */
  readonly producerIdLen: number
  readonly unknownTags?: UnknownTags
}

function encodeAllocateProducerIdsResponse(writer: Writer, message: AllocateProducerIdsResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.int64(message.producerIdStart)
  writer.int32(message.producerIdLen)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAllocateProducerIdsResponse(reader: Reader, _version: number): Decoded<AllocateProducerIdsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const producerIdStart = reader.int64()
  const producerIdLen = reader.int32()
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, producerIdStart, producerIdLen, unknownTags }
}

/**
 * A broker takes a block of producer ids from the controller, to hand them out to producers one by one through
 * InitProducerId. No id is ever given out twice; what is left of a block when a broker stops is lost.
 */
export const allocateProducerIds: Api<AllocateProducerIdsRequest, AllocateProducerIdsResponse> = {
  key: 67,
  name: 'AllocateProducerIds',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'AllocateProducerIdsRequest', encode: encodeAllocateProducerIdsRequest, decode: decodeAllocateProducerIdsRequest },
  response: { name: 'AllocateProducerIdsResponse', encode: encodeAllocateProducerIdsResponse, decode: decodeAllocateProducerIdsResponse },
}
