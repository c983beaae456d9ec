/**
 * The RenewDelegationToken API (key 39).
 * Generated from schemas/39-renew-delegation-token.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface RenewDelegationTokenRequest {
  readonly hmac: Uint8Array
  /** From now on; -1 for the broker's delegation.token.expiry.time.ms. */
  readonly renewPeriodMs: bigint
  readonly unknownTags?: UnknownTags
}

function encodeRenewDelegationTokenRequest(writer: Writer, message: RenewDelegationTokenRequest, version: number): void {
  const flexible = version >= 2
  writer.bytes(message.hmac, flexible)
  writer.int64(message.renewPeriodMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeRenewDelegationTokenRequest(reader: Reader, version: number): Decoded<RenewDelegationTokenRequest> {
  const flexible = version >= 2
  const hmac = reader.bytes(flexible)
  const renewPeriodMs = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { hmac, renewPeriodMs, unknownTags }
}

export interface RenewDelegationTokenResponse {
  /**
   * DELEGATION_TOKEN_NOT_FOUND, DELEGATION_TOKEN_EXPIRED, DELEGATION_TOKEN_OWNER_MISMATCH,
   * DELEGATION_TOKEN_AUTH_DISABLED, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.
   */
  readonly errorCode: number
  readonly expiryTimestampMs: bigint
  readonly throttleTimeMs: number
  readonly unknownTags?: UnknownTags
}

function encodeRenewDelegationTokenResponse(writer: Writer, message: RenewDelegationTokenResponse, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.int64(message.expiryTimestampMs)
  writer.int32(message.throttleTimeMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeRenewDelegationTokenResponse(reader: Reader, version: number): Decoded<RenewDelegationTokenResponse> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const expiryTimestampMs = reader.int64()
  const throttleTimeMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, expiryTimestampMs, throttleTimeMs, unknownTags }
}

/**
 * Puts off the expiry of a token, never past its maximum. Sent by its owner or a renewer.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 */
export const renewDelegationToken: Api<RenewDelegationTokenRequest, RenewDelegationTokenResponse> = {
  key: 39,
  name: 'RenewDelegationToken',
  versions: { min: 1, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'RenewDelegationTokenRequest', encode: encodeRenewDelegationTokenRequest, decode: decodeRenewDelegationTokenRequest },
  response: { name: 'RenewDelegationTokenResponse', encode: encodeRenewDelegationTokenResponse, decode: decodeRenewDelegationTokenResponse },
}
