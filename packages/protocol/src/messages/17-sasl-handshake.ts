/**
 * The SaslHandshake API (key 17).
 * Generated from schemas/17-sasl-handshake.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface SaslHandshakeRequest {
  readonly mechanism: string
}

function encodeSaslHandshakeRequest(writer: Writer, message: SaslHandshakeRequest, _version: number): void {
  writer.string(message.mechanism, false)
}

function decodeSaslHandshakeRequest(reader: Reader, _version: number): Decoded<SaslHandshakeRequest> {
  const mechanism = reader.string(false)
  return { mechanism }
}

export interface SaslHandshakeResponse {
  readonly errorCode: number
  readonly mechanisms: readonly string[]
}

function encodeSaslHandshakeResponse(writer: Writer, message: SaslHandshakeResponse, _version: number): void {
  writer.int16(message.errorCode)
  const mechanisms = message.mechanisms
  writer.arrayLength(mechanisms.length, false)
  for (const element of mechanisms) writer.string(element, false)
}

function decodeSaslHandshakeResponse(reader: Reader, _version: number): Decoded<SaslHandshakeResponse> {
  const errorCode = reader.int16()
  let mechanisms: string[] = []
  for (let left = reader.arrayLength(false, 1); left > 0; left--) mechanisms.push(reader.string(false))
  return { errorCode, mechanisms }
}

export const saslHandshake: Api<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: 17,
  name: 'SaslHandshake',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: -1,
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: { name: 'SaslHandshakeRequest', encode: encodeSaslHandshakeRequest, decode: decodeSaslHandshakeRequest },
  response: { name: 'SaslHandshakeResponse', encode: encodeSaslHandshakeResponse, decode: decodeSaslHandshakeResponse },
}
