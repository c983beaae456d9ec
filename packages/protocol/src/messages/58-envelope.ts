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
  readonly requestData: Uint8Array
  readonly requestPrincipal: Uint8Array | null
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
  readonly responseData?: Uint8Array | null
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
