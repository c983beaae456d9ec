/**
 * The Envelope API (key 58).
 * Generated from schemas/58-envelope.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface EnvelopeRequest {
  /** The client's request from its header on, without the frame's length. */
  readonly requestData: Uint8Array
  /** A DefaultPrincipalData record, unless the cluster has its own principal serializer. */
  readonly requestPrincipal: Uint8Array | null
  /** 4 or 16 bytes. */
  readonly clientHostAddress: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeEnvelopeRequest(writer: Writer, message: EnvelopeRequest, _version: number): void {
  writer.bytes(message.requestData, true)
  writer.nullableBytes(message.requestPrincipal, true)
  writer.bytes(message.clientHostAddress, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeEnvelopeRequest(reader: Reader, _version: number): Decoded<EnvelopeRequest> {
  const requestData = reader.bytes(true)
  const requestPrincipal = reader.nullableBytes(true)
  const clientHostAddress = reader.bytes(true)
  const unknownTags = reader.unknownTags()
  return { requestData, requestPrincipal, clientHostAddress, unknownTags }
}

export interface EnvelopeResponse {
  /** The answer from its header on; null when `errorCode` is set. */
  readonly responseData?: Uint8Array | null
  /**
   * Of the forwarding, not of what was forwarded. NOT_CONTROLLER: the broker finds the new one.
   * CLUSTER_AUTHORIZATION_FAILED: the sender is no broker. PRINCIPAL_DESERIALIZATION_FAILURE, INVALID_REQUEST,
   * UNSUPPORTED_VERSION.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeEnvelopeResponse(writer: Writer, message: EnvelopeResponse, _version: number): void {
  writer.nullableBytes(message.responseData ?? null, true)
  writer.int16(message.errorCode)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeEnvelopeResponse(reader: Reader, _version: number): Decoded<EnvelopeResponse> {
  const responseData = reader.nullableBytes(true)
  const errorCode = reader.int16()
  const unknownTags = reader.unknownTags()
  return { responseData, errorCode, unknownTags }
}

/**
 * A broker hands a client's request on to the controller, with who sent it and from where, so that the controller
 * checks the client's rights and not the broker's. The answer goes back to the client as it is.
 */
export const envelope: Api<EnvelopeRequest, EnvelopeResponse> = {
  key: 58,
  name: 'Envelope',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'EnvelopeRequest', encode: encodeEnvelopeRequest, decode: decodeEnvelopeRequest },
  response: { name: 'EnvelopeResponse', encode: encodeEnvelopeResponse, decode: decodeEnvelopeResponse },
}
