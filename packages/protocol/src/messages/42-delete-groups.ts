/**
 * The DeleteGroups API (key 42).
 * Generated from schemas/42-delete-groups.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DeleteGroupsRequest {
  /** All with this broker as their coordinator. */
  readonly groupsNames: readonly string[]
  readonly unknownTags?: UnknownTags
}

function encodeDeleteGroupsRequest(writer: Writer, message: DeleteGroupsRequest, version: number): void {
  const flexible = version >= 2
  const groupsNames = message.groupsNames
  writer.arrayLength(groupsNames.length, flexible)
  for (const element of groupsNames) writer.string(element, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDeleteGroupsRequest(reader: Reader, version: number): Decoded<DeleteGroupsRequest> {
  const flexible = version >= 2
  const groupsNames: string[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) groupsNames.push(reader.string(flexible))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupsNames, unknownTags }
}

export interface DeleteGroupsResponse {
  readonly throttleTimeMs: number
  readonly results: readonly DeleteGroupsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface DeleteGroupsResponseResult {
  readonly groupId: string
  /**
   * NON_EMPTY_GROUP: it has members. GROUP_ID_NOT_FOUND. Find the coordinator again: NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS. Final: GROUP_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeDeleteGroupsResponse(writer: Writer, message: DeleteGroupsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  const results = message.results
  writer.arrayLength(results.length, flexible)
  for (const element of results) encodeDeleteGroupsResponseResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDeleteGroupsResponseResult(writer: Writer, message: DeleteGroupsResponseResult, version: number): void {
  const flexible = version >= 2
  writer.string(message.groupId, flexible)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDeleteGroupsResponse(reader: Reader, version: number): Decoded<DeleteGroupsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const results: Decoded<DeleteGroupsResponseResult>[] = []
  for (let left = reader.arrayLength(flexible, 3); left > 0; left--) results.push(decodeDeleteGroupsResponseResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, results, unknownTags }
}

function decodeDeleteGroupsResponseResult(reader: Reader, version: number): Decoded<DeleteGroupsResponseResult> {
  const flexible = version >= 2
  const groupId = reader.string(flexible)
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, errorCode, unknownTags }
}

/**
 * Deletes groups of any kind, and the offsets they committed, at their coordinator (KIP-229).
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 */
export const deleteGroups: Api<DeleteGroupsRequest, DeleteGroupsResponse> = {
  key: 42,
  name: 'DeleteGroups',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'DeleteGroupsRequest', encode: encodeDeleteGroupsRequest, decode: decodeDeleteGroupsRequest },
  response: { name: 'DeleteGroupsResponse', encode: encodeDeleteGroupsResponse, decode: decodeDeleteGroupsResponse },
}
