/**
 * The CreateDelegationToken API (key 38).
 * Generated from schemas/38-create-delegation-token.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface CreateDelegationTokenRequest {
  /** Null for the caller. Versions 3+. */
  readonly ownerPrincipalType?: string | null
  /** Null for the caller. Versions 3+. */
  readonly ownerPrincipalName?: string | null
  /** Who may renew it besides the owner. */
  readonly renewers: readonly CreateDelegationTokenRequestRenewer[]
  /** -1 for the broker's delegation.token.max.lifetime.ms, which also bounds it. */
  readonly maxLifetimeMs: bigint
  readonly unknownTags?: UnknownTags
}

export interface CreateDelegationTokenRequestRenewer {
  /** "User" is the only type. */
  readonly principalType: string
  readonly principalName: string
  readonly unknownTags?: UnknownTags
}

function encodeCreateDelegationTokenRequest(writer: Writer, message: CreateDelegationTokenRequest, version: number): void {
  const flexible = version >= 2
  if (version >= 3) writer.nullableString(message.ownerPrincipalType === undefined ? '' : message.ownerPrincipalType, true)
  else if (message.ownerPrincipalType !== undefined && message.ownerPrincipalType !== '') throw writer.unsupported('ownerPrincipalType', version)
  if (version >= 3) writer.nullableString(message.ownerPrincipalName === undefined ? '' : message.ownerPrincipalName, true)
  else if (message.ownerPrincipalName !== undefined && message.ownerPrincipalName !== '') throw writer.unsupported('ownerPrincipalName', version)
  const renewers = message.renewers
  writer.arrayLength(renewers.length, flexible)
  for (const element of renewers) encodeCreateDelegationTokenRequestRenewer(writer, element, version)
  writer.int64(message.maxLifetimeMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeCreateDelegationTokenRequestRenewer(writer: Writer, message: CreateDelegationTokenRequestRenewer, version: number): void {
  const flexible = version >= 2
  writer.string(message.principalType, flexible)
  writer.string(message.principalName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeCreateDelegationTokenRequest(reader: Reader, version: number): Decoded<CreateDelegationTokenRequest> {
  const flexible = version >= 2
  let ownerPrincipalType: string | null = ''
  if (version >= 3) ownerPrincipalType = reader.nullableString(true)
  let ownerPrincipalName: string | null = ''
  if (version >= 3) ownerPrincipalName = reader.nullableString(true)
  const renewers: Decoded<CreateDelegationTokenRequestRenewer>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) renewers.push(decodeCreateDelegationTokenRequestRenewer(reader, version))
  const maxLifetimeMs = reader.int64()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { ownerPrincipalType, ownerPrincipalName, renewers, maxLifetimeMs, unknownTags }
}

function decodeCreateDelegationTokenRequestRenewer(reader: Reader, version: number): Decoded<CreateDelegationTokenRequestRenewer> {
  const flexible = version >= 2
  const principalType = reader.string(flexible)
  const principalName = reader.string(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { principalType, principalName, unknownTags }
}

export interface CreateDelegationTokenResponse {
  /**
   * DELEGATION_TOKEN_AUTH_DISABLED, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, DELEGATION_TOKEN_AUTHORIZATION_FAILED,
   * INVALID_PRINCIPAL_TYPE.
   */
  readonly errorCode: number
  readonly principalType: string
  readonly principalName: string
  /** Versions 3+. */
  readonly tokenRequesterPrincipalType?: string
  /** Versions 3+. */
  readonly tokenRequesterPrincipalName?: string
  readonly issueTimestampMs: bigint
  /** When it ends unless it is renewed. */
  readonly expiryTimestampMs: bigint
  /** When it ends even if it is renewed. */
  readonly maxTimestampMs: bigint
  /** The user name under SCRAM. */
  readonly tokenId: string
  /** The secret; in base64 it is the password under SCRAM. */
  readonly hmac: Uint8Array
  readonly throttleTimeMs: number
  readonly unknownTags?: UnknownTags
}

function encodeCreateDelegationTokenResponse(writer: Writer, message: CreateDelegationTokenResponse, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.string(message.principalType, flexible)
  writer.string(message.principalName, flexible)
  if (version >= 3) writer.string(message.tokenRequesterPrincipalType ?? '', true)
  else if (message.tokenRequesterPrincipalType !== undefined && message.tokenRequesterPrincipalType !== '') throw writer.unsupported('tokenRequesterPrincipalType', version)
  if (version >= 3) writer.string(message.tokenRequesterPrincipalName ?? '', true)
  else if (message.tokenRequesterPrincipalName !== undefined && message.tokenRequesterPrincipalName !== '') throw writer.unsupported('tokenRequesterPrincipalName', version)
  writer.int64(message.issueTimestampMs)
  writer.int64(message.expiryTimestampMs)
  writer.int64(message.maxTimestampMs)
  writer.string(message.tokenId, flexible)
  writer.bytes(message.hmac, flexible)
  writer.int32(message.throttleTimeMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeCreateDelegationTokenResponse(reader: Reader, version: number): Decoded<CreateDelegationTokenResponse> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const principalType = reader.string(flexible)
  const principalName = reader.string(flexible)
  let tokenRequesterPrincipalType: string = ''
  if (version >= 3) tokenRequesterPrincipalType = reader.string(true)
  let tokenRequesterPrincipalName: string = ''
  if (version >= 3) tokenRequesterPrincipalName = reader.string(true)
  const issueTimestampMs = reader.int64()
  const expiryTimestampMs = reader.int64()
  const maxTimestampMs = reader.int64()
  const tokenId = reader.string(flexible)
  const hmac = reader.bytes(flexible)
  const throttleTimeMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, principalType, principalName, tokenRequesterPrincipalType, tokenRequesterPrincipalName, issueTimestampMs, expiryTimestampMs, maxTimestampMs, tokenId, hmac, throttleTimeMs, unknownTags }
}

/**
 * Issues a token by which workers authenticate (SCRAM) without the owner's own credentials (KIP-48). Not allowed on a
 * connection that is itself authenticated by a token.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: A token for somebody else (KIP-373).
 */
export const createDelegationToken: Api<CreateDelegationTokenRequest, CreateDelegationTokenResponse> = {
  key: 38,
  name: 'CreateDelegationToken',
  versions: { min: 1, max: 3, latestStable: 3 },
  flexibleFrom: 2,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'CreateDelegationTokenRequest', encode: encodeCreateDelegationTokenRequest, decode: decodeCreateDelegationTokenRequest },
  response: { name: 'CreateDelegationTokenResponse', encode: encodeCreateDelegationTokenResponse, decode: decodeCreateDelegationTokenResponse },
}
