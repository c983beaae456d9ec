/**
 * The DescribeDelegationToken API (key 41).
 * Generated from schemas/41-describe-delegation-token.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeDelegationTokenRequest {
  /** Null for all owners; empty finds nothing. */
  readonly owners: readonly DescribeDelegationTokenRequestOwner[] | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeDelegationTokenRequestOwner {
  readonly principalType: string
  readonly principalName: string
  readonly unknownTags?: UnknownTags
}

function encodeDescribeDelegationTokenRequest(writer: Writer, message: DescribeDelegationTokenRequest, version: number): void {
  const flexible = version >= 2
  const owners = message.owners
  if (owners === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(owners.length, flexible)
    for (const element of owners) encodeDescribeDelegationTokenRequestOwner(writer, element, version)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeDelegationTokenRequestOwner(writer: Writer, message: DescribeDelegationTokenRequestOwner, version: number): void {
  const flexible = version >= 2
  writer.string(message.principalType, flexible)
  writer.string(message.principalName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeDelegationTokenRequest(reader: Reader, version: number): Decoded<DescribeDelegationTokenRequest> {
  const flexible = version >= 2
  let owners: Decoded<DescribeDelegationTokenRequestOwner>[] | null = []
  const ownersCount = reader.nullableArrayLength(flexible, 2)
  if (ownersCount < 0) {
    owners = null
  } else {
    const elements: Decoded<DescribeDelegationTokenRequestOwner>[] = []
    for (let left = ownersCount; left > 0; left--) elements.push(decodeDescribeDelegationTokenRequestOwner(reader, version))
    owners = elements
  }
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { owners, unknownTags }
}

function decodeDescribeDelegationTokenRequestOwner(reader: Reader, version: number): Decoded<DescribeDelegationTokenRequestOwner> {
  const flexible = version >= 2
  const principalType = reader.string(flexible)
  const principalName = reader.string(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { principalType, principalName, unknownTags }
}

export interface DescribeDelegationTokenResponse {
  /** DELEGATION_TOKEN_AUTH_DISABLED, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED. */
  readonly errorCode: number
  readonly tokens: readonly DescribeDelegationTokenResponseToken[]
  readonly throttleTimeMs: number
  readonly unknownTags?: UnknownTags
}

export interface DescribeDelegationTokenResponseToken {
  readonly principalType: string
  readonly principalName: string
  /** Versions 3+. */
  readonly tokenRequesterPrincipalType?: string
  /** Versions 3+. */
  readonly tokenRequesterPrincipalName?: string
  readonly issueTimestamp: bigint
  /** In ms: when it ends unless it is renewed. */
  readonly expiryTimestamp: bigint
  /** In ms: when it ends even if it is renewed. */
  readonly maxTimestamp: bigint
  readonly tokenId: string
  /** The secret itself. */
  readonly hmac: Uint8Array
  readonly renewers: readonly DescribeDelegationTokenResponseRenewer[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeDelegationTokenResponseRenewer {
  readonly principalType: string
  readonly principalName: string
  readonly unknownTags?: UnknownTags
}

function encodeDescribeDelegationTokenResponse(writer: Writer, message: DescribeDelegationTokenResponse, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  const tokens = message.tokens
  writer.arrayLength(tokens.length, flexible)
  for (const element of tokens) encodeDescribeDelegationTokenResponseToken(writer, element, version)
  writer.int32(message.throttleTimeMs)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeDelegationTokenResponseToken(writer: Writer, message: DescribeDelegationTokenResponseToken, version: number): void {
  const flexible = version >= 2
  writer.string(message.principalType, flexible)
  writer.string(message.principalName, flexible)
  if (version >= 3) writer.string(message.tokenRequesterPrincipalType ?? '', true)
  else if (message.tokenRequesterPrincipalType !== undefined && message.tokenRequesterPrincipalType !== '') throw writer.unsupported('tokenRequesterPrincipalType', version)
  if (version >= 3) writer.string(message.tokenRequesterPrincipalName ?? '', true)
  else if (message.tokenRequesterPrincipalName !== undefined && message.tokenRequesterPrincipalName !== '') throw writer.unsupported('tokenRequesterPrincipalName', version)
  writer.int64(message.issueTimestamp)
  writer.int64(message.expiryTimestamp)
  writer.int64(message.maxTimestamp)
  writer.string(message.tokenId, flexible)
  writer.bytes(message.hmac, flexible)
  const renewers = message.renewers
  writer.arrayLength(renewers.length, flexible)
  for (const element of renewers) encodeDescribeDelegationTokenResponseRenewer(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeDelegationTokenResponseRenewer(writer: Writer, message: DescribeDelegationTokenResponseRenewer, version: number): void {
  const flexible = version >= 2
  writer.string(message.principalType, flexible)
  writer.string(message.principalName, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeDelegationTokenResponse(reader: Reader, version: number): Decoded<DescribeDelegationTokenResponse> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const tokens: Decoded<DescribeDelegationTokenResponseToken>[] = []
  for (let left = reader.arrayLength(flexible, 29); left > 0; left--) tokens.push(decodeDescribeDelegationTokenResponseToken(reader, version))
  const throttleTimeMs = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, tokens, throttleTimeMs, unknownTags }
}

function decodeDescribeDelegationTokenResponseToken(reader: Reader, version: number): Decoded<DescribeDelegationTokenResponseToken> {
  const flexible = version >= 2
  const principalType = reader.string(flexible)
  const principalName = reader.string(flexible)
  let tokenRequesterPrincipalType: string = ''
  if (version >= 3) tokenRequesterPrincipalType = reader.string(true)
  let tokenRequesterPrincipalName: string = ''
  if (version >= 3) tokenRequesterPrincipalName = reader.string(true)
  const issueTimestamp = reader.int64()
  const expiryTimestamp = reader.int64()
  const maxTimestamp = reader.int64()
  const tokenId = reader.string(flexible)
  const hmac = reader.bytes(flexible)
  const renewers: Decoded<DescribeDelegationTokenResponseRenewer>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) renewers.push(decodeDescribeDelegationTokenResponseRenewer(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { principalType, principalName, tokenRequesterPrincipalType, tokenRequesterPrincipalName, issueTimestamp, expiryTimestamp, maxTimestamp, tokenId, hmac, renewers, unknownTags }
}

function decodeDescribeDelegationTokenResponseRenewer(reader: Reader, version: number): Decoded<DescribeDelegationTokenResponseRenewer> {
  const flexible = version >= 2
  const principalType = reader.string(flexible)
  const principalName = reader.string(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { principalType, principalName, unknownTags }
}

/**
 * Lists tokens that the caller owns, may renew or may describe.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Who requested a token (KIP-373).
 */
export const describeDelegationToken: Api<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse> = {
  key: 41,
  name: 'DescribeDelegationToken',
  versions: { min: 1, max: 3, latestStable: 3 },
  flexibleFrom: 2,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'DescribeDelegationTokenRequest', encode: encodeDescribeDelegationTokenRequest, decode: decodeDescribeDelegationTokenRequest },
  response: { name: 'DescribeDelegationTokenResponse', encode: encodeDescribeDelegationTokenResponse, decode: decodeDescribeDelegationTokenResponse },
}
