/**
 * The UnregisterBroker API (key 64).
 * Generated from schemas/64-unregister-broker.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface UnregisterBrokerRequest {
  readonly brokerId: number
  readonly unknownTags?: UnknownTags
}

function encodeUnregisterBrokerRequest(writer: Writer, message: UnregisterBrokerRequest, _version: number): void {
  writer.int32(message.brokerId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUnregisterBrokerRequest(reader: Reader, _version: number): Decoded<UnregisterBrokerRequest> {
  const brokerId = reader.int32()
  const unknownTags = reader.unknownTags()
  return { brokerId, unknownTags }
}

export interface UnregisterBrokerResponse {
  readonly throttleTimeMs: number
  /** BROKER_ID_NOT_REGISTERED. CLUSTER_AUTHORIZATION_FAILED without ALTER on the cluster. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly unknownTags?: UnknownTags
}

function encodeUnregisterBrokerResponse(writer: Writer, message: UnregisterBrokerResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUnregisterBrokerResponse(reader: Reader, _version: number): Decoded<UnregisterBrokerResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, unknownTags }
}

/**
 * Removes the registration of a broker that will not come back. Its replicas stay assigned: move them away first.
 */
export const unregisterBroker: Api<UnregisterBrokerRequest, UnregisterBrokerResponse> = {
  key: 64,
  name: 'UnregisterBroker',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'UnregisterBrokerRequest', encode: encodeUnregisterBrokerRequest, decode: decodeUnregisterBrokerRequest },
  response: { name: 'UnregisterBrokerResponse', encode: encodeUnregisterBrokerResponse, decode: decodeUnregisterBrokerResponse },
}
