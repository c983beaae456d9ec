/**
 * The ListGroups API (key 16).
 * Generated from schemas/16-list-groups.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ListGroupsRequest {
  /** Names of states, in any case; empty for all. Versions 4+. */
  readonly statesFilter?: readonly string[]
  /** classic, consumer, share, streams, in any case; empty for all. Versions 5+. */
  readonly typesFilter?: readonly string[]
  readonly unknownTags?: UnknownTags
}

function encodeListGroupsRequest(writer: Writer, message: ListGroupsRequest, version: number): void {
  const flexible = version >= 3
  if (version >= 4) {
    const statesFilter = message.statesFilter ?? []
    writer.arrayLength(statesFilter.length, true)
    for (const element of statesFilter) writer.string(element, true)
  } else if (message.statesFilter !== undefined && message.statesFilter.length !== 0) throw writer.unsupported('statesFilter', version)
  if (version >= 5) {
    const typesFilter = message.typesFilter ?? []
    writer.arrayLength(typesFilter.length, true)
    for (const element of typesFilter) writer.string(element, true)
  } else if (message.typesFilter !== undefined && message.typesFilter.length !== 0) throw writer.unsupported('typesFilter', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeListGroupsRequest(reader: Reader, version: number): Decoded<ListGroupsRequest> {
  const flexible = version >= 3
  let statesFilter: string[] = []
  if (version >= 4) for (let left = reader.arrayLength(true, 1); left > 0; left--) statesFilter.push(reader.string(true))
  let typesFilter: string[] = []
  if (version >= 5) for (let left = reader.arrayLength(true, 1); left > 0; left--) typesFilter.push(reader.string(true))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { statesFilter, typesFilter, unknownTags }
}

export interface ListGroupsResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number
  /** COORDINATOR_LOAD_IN_PROGRESS or COORDINATOR_NOT_AVAILABLE: the list is not complete, retry. */
  readonly errorCode: number
  /** Without those that the caller may not describe. */
  readonly groups: readonly ListGroupsResponseGroup[]
  readonly unknownTags?: UnknownTags
}

export interface ListGroupsResponseGroup {
  readonly groupId: string
  /** "consumer", "connect", …; empty for a group that only holds offsets. */
  readonly protocolType: string
  /** Versions 4+. */
  readonly groupState?: string
  /** Versions 5+. */
  readonly groupType?: string
  readonly unknownTags?: UnknownTags
}

function encodeListGroupsResponse(writer: Writer, message: ListGroupsResponse, version: number): void {
  const flexible = version >= 3
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0)
  writer.int16(message.errorCode)
  const groups = message.groups
  writer.arrayLength(groups.length, flexible)
  for (const element of groups) encodeListGroupsResponseGroup(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeListGroupsResponseGroup(writer: Writer, message: ListGroupsResponseGroup, version: number): void {
  const flexible = version >= 3
  writer.string(message.groupId, flexible)
  writer.string(message.protocolType, flexible)
  if (version >= 4) writer.string(message.groupState ?? '', true)
  if (version >= 5) writer.string(message.groupType ?? '', true)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeListGroupsResponse(reader: Reader, version: number): Decoded<ListGroupsResponse> {
  const flexible = version >= 3
  let throttleTimeMs: number = 0
  if (version >= 1) throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const groups: Decoded<ListGroupsResponseGroup>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) groups.push(decodeListGroupsResponseGroup(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, groups, unknownTags }
}

function decodeListGroupsResponseGroup(reader: Reader, version: number): Decoded<ListGroupsResponseGroup> {
  const flexible = version >= 3
  const groupId = reader.string(flexible)
  const protocolType = reader.string(flexible)
  let groupState: string = ''
  if (version >= 4) groupState = reader.string(true)
  let groupType: string = ''
  if (version >= 5) groupType = reader.string(true)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, protocolType, groupState, groupType, unknownTags }
}

/**
 * Lists groups of every kind, those of the asked broker only: to see the whole cluster's, ask each broker.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 4: States, shown and filtered by (KIP-518).
 * - 5: Types, shown and filtered by (KIP-848).
 */
export const listGroups: Api<ListGroupsRequest, ListGroupsResponse> = {
  key: 16,
  name: 'ListGroups',
  versions: { min: 0, max: 5, latestStable: 5 },
  flexibleFrom: 3,
  sentTo: 'broker',
  listeners: ['broker'],
  request: { name: 'ListGroupsRequest', encode: encodeListGroupsRequest, decode: decodeListGroupsRequest },
  response: { name: 'ListGroupsResponse', encode: encodeListGroupsResponse, decode: decodeListGroupsResponse },
}
