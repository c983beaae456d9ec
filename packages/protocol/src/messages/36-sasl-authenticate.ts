/**
 * The SaslAuthenticate API (key 36).
 * Generated from schemas/36-sasl-authenticate.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface SaslAuthenticateRequest {
  /**
   * PLAIN: two zero bytes divide an optional identity, user and password. SCRAM and OAUTHBEARER: the messages of RFC
   * 5802 and RFC 7628.
   */
  readonly authBytes: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeSaslAuthenticateRequest(writer: Writer, message: SaslAuthenticateRequest, version: number): void {
  const flexible = version >= 2
  writer.bytes(message.authBytes, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeSaslAuthenticateRequest(reader: Reader, version: number): Decoded<SaslAuthenticateRequest> {
  const flexible = version >= 2
  const authBytes = reader.bytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { authBytes, unknownTags }
}

export interface SaslAuthenticateResponse {
  /**
   * SASL_AUTHENTICATION_FAILED: final, do not retry with the same credentials. ILLEGAL_SASL_STATE: not in this order.
   * The connection is closed after either.
   */
  readonly errorCode: number
  /** Safe to show to the user. */
  readonly errorMessage: string | null
  /** The server's token; empty when the mechanism has no more to say. SCRAM clients must verify the last one. */
  readonly authBytes: Uint8Array
  /**
   * Repeat SaslHandshake and SaslAuthenticate on this connection within that time, or the broker closes it. 0: never
   * needed. Versions 1+.
   */
  readonly sessionLifetimeMs?: bigint
  readonly unknownTags?: UnknownTags
}

function encodeSaslAuthenticateResponse(writer: Writer, message: SaslAuthenticateResponse, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, flexible)
  writer.bytes(message.authBytes, flexible)
  if (version >= 1) writer.int64(message.sessionLifetimeMs ?? 0n)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeSaslAuthenticateResponse(reader: Reader, version: number): Decoded<SaslAuthenticateResponse> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(flexible)
  const authBytes = reader.bytes(flexible)
  let sessionLifetimeMs: bigint = 0n
  if (version >= 1) sessionLifetimeMs = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, authBytes, sessionLifetimeMs, unknownTags }
}

/**
 * Carries a token of the mechanism each way, as often as the mechanism needs, after SaslHandshake 1. Until it is done
 * the broker serves nothing else on the connection but ApiVersions.
 * - 1: The broker can ask for authentication to be repeated (KIP-368).
 */
export const saslAuthenticate: Api<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  key: 36,
  name: 'SaslAuthenticate',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'broker',
  listeners: ['broker', 'controller'],
  request: { name: 'SaslAuthenticateRequest', encode: encodeSaslAuthenticateRequest, decode: decodeSaslAuthenticateRequest },
  response: { name: 'SaslAuthenticateResponse', encode: encodeSaslAuthenticateResponse, decode: decodeSaslAuthenticateResponse },
}
