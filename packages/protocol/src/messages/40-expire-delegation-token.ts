/**
 * The ExpireDelegationToken API (key 40).
 * Generated from schemas/40-expire-delegation-token.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ExpireDelegationTokenRequest {
  readonly hmac: Uint8Array
  /** From now on; a negative one revokes the token at once. */
  readonly expiryTimePeriodMs: bigint
  readonly unknownTags?: UnknownTags
}

function encodeExpireDelegationTokenRequest(writer: Writer, message: ExpireDelegationTokenRequest, version: number): void {
  const flexible = version >= 2
  writer.bytes(message.hmac, flexible)
  writer.int64(message.expiryTimePeriodMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeExpireDelegationTokenRequest(reader: Reader, version: number): Decoded<ExpireDelegationTokenRequest> {
  const flexible = version >= 2
  const hmac = reader.bytes(flexible)
  const expiryTimePeriodMs = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { hmac, expiryTimePeriodMs, unknownTags }
}

export interface ExpireDelegationTokenResponse {
  /**
   * DELEGATION_TOKEN_NOT_FOUND, DELEGATION_TOKEN_EXPIRED, DELEGATION_TOKEN_OWNER_MISMATCH,
   * DELEGATION_TOKEN_AUTH_DISABLED, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.
   */
  readonly errorCode: number
  readonly expiryTimestampMs: bigint
  readonly throttleTimeMs: number
  readonly unknownTags?: UnknownTags
}

function encodeExpireDelegationTokenResponse(writer: Writer, message: ExpireDelegationTokenResponse, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.int64(message.expiryTimestampMs)
  writer.int32(message.throttleTimeMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeExpireDelegationTokenResponse(reader: Reader, version: number): Decoded<ExpireDelegationTokenResponse> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const expiryTimestampMs = reader.int64()
  const throttleTimeMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, expiryTimestampMs, throttleTimeMs, unknownTags }
}

/**
 * Brings the expiry of a token forward, or revokes it. Sent by its owner or a renewer.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 */
export const expireDelegationToken: Api<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse> = {
  key: 40,
  name: 'ExpireDelegationToken',
  versions: { min: 1, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'ExpireDelegationTokenRequest', encode: encodeExpireDelegationTokenRequest, decode: decodeExpireDelegationTokenRequest },
  response: { name: 'ExpireDelegationTokenResponse', encode: encodeExpireDelegationTokenResponse, decode: decodeExpireDelegationTokenResponse },
}
