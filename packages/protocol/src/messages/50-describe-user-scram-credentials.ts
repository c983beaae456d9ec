/**
 * The DescribeUserScramCredentials API (key 50).
 * Generated from schemas/50-describe-user-scram-credentials.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeUserScramCredentialsRequest {
  /** Null or empty asks for all users. */
  readonly users: readonly DescribeUserScramCredentialsRequestUser[] | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeUserScramCredentialsRequestUser {
  readonly name: string
  readonly unknownTags?: UnknownTags
}

function encodeDescribeUserScramCredentialsRequest(writer: Writer, message: DescribeUserScramCredentialsRequest, version: number): void {
  const users = message.users
  if (users === null) {
    writer.nullLength(true)
  } else {
    writer.arrayLength(users.length, true)
    for (const element of users) encodeDescribeUserScramCredentialsRequestUser(writer, element, version)
  }
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeUserScramCredentialsRequestUser(writer: Writer, message: DescribeUserScramCredentialsRequestUser, _version: number): void {
  writer.string(message.name, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeUserScramCredentialsRequest(reader: Reader, version: number): Decoded<DescribeUserScramCredentialsRequest> {
  let users: Decoded<DescribeUserScramCredentialsRequestUser>[] | null = []
  const usersCount = reader.nullableArrayLength(true, 2)
  if (usersCount < 0) {
    users = null
  } else {
    const elements: Decoded<DescribeUserScramCredentialsRequestUser>[] = []
    for (let left = usersCount; left > 0; left--) elements.push(decodeDescribeUserScramCredentialsRequestUser(reader, version))
    users = elements
  }
  const unknownTags = reader.unknownTags()
  return { users, unknownTags }
}

function decodeDescribeUserScramCredentialsRequestUser(reader: Reader, _version: number): Decoded<DescribeUserScramCredentialsRequestUser> {
  const name = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { name, unknownTags }
}

export interface DescribeUserScramCredentialsResponse {
  readonly throttleTimeMs: number
  /** For the whole request: CLUSTER_AUTHORIZATION_FAILED without DESCRIBE on the cluster. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly results: readonly DescribeUserScramCredentialsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeUserScramCredentialsResponseResult {
  readonly user: string
  /** RESOURCE_NOT_FOUND when the user has no credentials, DUPLICATE_RESOURCE when the request names it twice. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly credentialInfos: readonly DescribeUserScramCredentialsResponseCredentialInfo[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeUserScramCredentialsResponseCredentialInfo {
  /** 1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512. */
  readonly mechanism: number
  readonly iterations: number
  readonly unknownTags?: UnknownTags
}

function encodeDescribeUserScramCredentialsResponse(writer: Writer, message: DescribeUserScramCredentialsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  const results = message.results
  writer.arrayLength(results.length, true)
  for (const element of results) encodeDescribeUserScramCredentialsResponseResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeUserScramCredentialsResponseResult(writer: Writer, message: DescribeUserScramCredentialsResponseResult, version: number): void {
  writer.string(message.user, true)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  const credentialInfos = message.credentialInfos
  writer.arrayLength(credentialInfos.length, true)
  for (const element of credentialInfos) encodeDescribeUserScramCredentialsResponseCredentialInfo(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeUserScramCredentialsResponseCredentialInfo(writer: Writer, message: DescribeUserScramCredentialsResponseCredentialInfo, _version: number): void {
  writer.int8(message.mechanism)
  writer.int32(message.iterations)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeUserScramCredentialsResponse(reader: Reader, version: number): Decoded<DescribeUserScramCredentialsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const results: Decoded<DescribeUserScramCredentialsResponseResult>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) results.push(decodeDescribeUserScramCredentialsResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, results, unknownTags }
}

function decodeDescribeUserScramCredentialsResponseResult(reader: Reader, version: number): Decoded<DescribeUserScramCredentialsResponseResult> {
  const user = reader.string(true)
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const credentialInfos: Decoded<DescribeUserScramCredentialsResponseCredentialInfo>[] = []
  for (let left = reader.arrayLength(true, 6); left > 0; left--) credentialInfos.push(decodeDescribeUserScramCredentialsResponseCredentialInfo(reader, version))
  const unknownTags = reader.unknownTags()
  return { user, errorCode, errorMessage, credentialInfos, unknownTags }
}

function decodeDescribeUserScramCredentialsResponseCredentialInfo(reader: Reader, _version: number): Decoded<DescribeUserScramCredentialsResponseCredentialInfo> {
  const mechanism = reader.int8()
  const iterations = reader.int32()
  const unknownTags = reader.unknownTags()
  return { mechanism, iterations, unknownTags }
}

/**
 * Lists which SCRAM mechanisms users have credentials for, and how many iterations each takes. Salts and keys are
 * never handed out.
 */
export const describeUserScramCredentials: Api<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> = {
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: { name: 'DescribeUserScramCredentialsRequest', encode: encodeDescribeUserScramCredentialsRequest, decode: decodeDescribeUserScramCredentialsRequest },
  response: { name: 'DescribeUserScramCredentialsResponse', encode: encodeDescribeUserScramCredentialsResponse, decode: decodeDescribeUserScramCredentialsResponse },
}
