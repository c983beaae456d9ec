/**
 * The SaslHandshake API (key 17).
 * Generated from schemas/17-sasl-handshake.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface SaslHandshakeRequest {
  /** PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI. Authenticating again must use the first one. */
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
  /**
   * UNSUPPORTED_SASL_MECHANISM: pick one from the list. ILLEGAL_SASL_STATE: this listener does not authenticate by
   * SASL, or not now.
   */
  readonly errorCode: number
  /** Filled on error as well. */
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
  const mechanisms: string[] = []
  for (let left = reader.arrayLength(false, 1); left > 0; left--) mechanisms.push(reader.string(false))
  return { errorCode, mechanisms }
}

/**
 * Opens authentication on a connection, or repeats it when the session is about to end. The answer lists the
 * mechanisms that the listener offers.
 * - 0: The tokens that follow travel bare, each behind an int32 length and outside of any request. Kept for very
 *   old clients.
 * - 1: The tokens that follow travel in SaslAuthenticate requests (KIP-152).
 */
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
