/**
 * The AlterUserScramCredentials API (key 51).
 * Generated from schemas/51-alter-user-scram-credentials.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AlterUserScramCredentialsRequest {
  readonly deletions: readonly AlterUserScramCredentialsRequestDeletion[]
  /** Replaces the credential of the same user and mechanism, if there is one. */
  readonly upsertions: readonly AlterUserScramCredentialsRequestUpsertion[]
  readonly unknownTags?: UnknownTags
}

export interface AlterUserScramCredentialsRequestDeletion {
  readonly name: string
  /** 1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512. */
  readonly mechanism: number
  readonly unknownTags?: UnknownTags
}

export interface AlterUserScramCredentialsRequestUpsertion {
  readonly name: string
  /** 1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512. */
  readonly mechanism: number
  /** 4096 to 16384. */
  readonly iterations: number
  readonly salt: Uint8Array
  /**
   * PBKDF2 of the password with this salt, these iterations and the mechanism's hash. The controller derives the two
   * keys that it stores from this and drops it.
   */
  readonly saltedPassword: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeAlterUserScramCredentialsRequest(writer: Writer, message: AlterUserScramCredentialsRequest, version: number): void {
  const deletions = message.deletions
  writer.arrayLength(deletions.length, true)
  for (const element of deletions) encodeAlterUserScramCredentialsRequestDeletion(writer, element, version)
  const upsertions = message.upsertions
  writer.arrayLength(upsertions.length, true)
  for (const element of upsertions) encodeAlterUserScramCredentialsRequestUpsertion(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterUserScramCredentialsRequestDeletion(writer: Writer, message: AlterUserScramCredentialsRequestDeletion, _version: number): void {
  writer.string(message.name, true)
  writer.int8(message.mechanism)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterUserScramCredentialsRequestUpsertion(writer: Writer, message: AlterUserScramCredentialsRequestUpsertion, _version: number): void {
  writer.string(message.name, true)
  writer.int8(message.mechanism)
  writer.int32(message.iterations)
  writer.bytes(message.salt, true)
  writer.bytes(message.saltedPassword, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterUserScramCredentialsRequest(reader: Reader, version: number): Decoded<AlterUserScramCredentialsRequest> {
  const deletions: Decoded<AlterUserScramCredentialsRequestDeletion>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) deletions.push(decodeAlterUserScramCredentialsRequestDeletion(reader, version))
  const upsertions: Decoded<AlterUserScramCredentialsRequestUpsertion>[] = []
  for (let left = reader.arrayLength(true, 9); left > 0; left--) upsertions.push(decodeAlterUserScramCredentialsRequestUpsertion(reader, version))
  const unknownTags = reader.unknownTags()
  return { deletions, upsertions, unknownTags }
}

function decodeAlterUserScramCredentialsRequestDeletion(reader: Reader, _version: number): Decoded<AlterUserScramCredentialsRequestDeletion> {
  const name = reader.string(true)
  const mechanism = reader.int8()
  const unknownTags = reader.unknownTags()
  return { name, mechanism, unknownTags }
}

function decodeAlterUserScramCredentialsRequestUpsertion(reader: Reader, _version: number): Decoded<AlterUserScramCredentialsRequestUpsertion> {
  const name = reader.string(true)
  const mechanism = reader.int8()
  const iterations = reader.int32()
  const salt = reader.bytes(true)
  const saltedPassword = reader.bytes(true)
  const unknownTags = reader.unknownTags()
  return { name, mechanism, iterations, salt, saltedPassword, unknownTags }
}

export interface AlterUserScramCredentialsResponse {
  readonly throttleTimeMs: number
  readonly results: readonly AlterUserScramCredentialsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface AlterUserScramCredentialsResponseResult {
  readonly user: string
  /**
   * RESOURCE_NOT_FOUND: nothing to delete. DUPLICATE_RESOURCE: the same user and mechanism twice in a request.
   * UNSUPPORTED_SASL_MECHANISM. UNACCEPTABLE_CREDENTIAL: an empty name, or iterations out of range.
   */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly unknownTags?: UnknownTags
}

function encodeAlterUserScramCredentialsResponse(writer: Writer, message: AlterUserScramCredentialsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  const results = message.results
  writer.arrayLength(results.length, true)
  for (const element of results) encodeAlterUserScramCredentialsResponseResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAlterUserScramCredentialsResponseResult(writer: Writer, message: AlterUserScramCredentialsResponseResult, _version: number): void {
  writer.string(message.user, true)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAlterUserScramCredentialsResponse(reader: Reader, version: number): Decoded<AlterUserScramCredentialsResponse> {
  const throttleTimeMs = reader.int32()
  const results: Decoded<AlterUserScramCredentialsResponseResult>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) results.push(decodeAlterUserScramCredentialsResponseResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, results, unknownTags }
}

function decodeAlterUserScramCredentialsResponseResult(reader: Reader, _version: number): Decoded<AlterUserScramCredentialsResponseResult> {
  const user = reader.string(true)
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { user, errorCode, errorMessage, unknownTags }
}

/**
 * Creates, replaces and deletes SCRAM credentials of users. The admin client salts and hashes: the password itself is
 * never sent.
 */
export const alterUserScramCredentials: Api<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> = {
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: { name: 'AlterUserScramCredentialsRequest', encode: encodeAlterUserScramCredentialsRequest, decode: decodeAlterUserScramCredentialsRequest },
  response: { name: 'AlterUserScramCredentialsResponse', encode: encodeAlterUserScramCredentialsResponse, decode: decodeAlterUserScramCredentialsResponse },
}
