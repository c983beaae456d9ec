/**
 * The DescribeGroups API (key 15).
 * Generated from schemas/15-describe-groups.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeGroupsRequest {
  /** All with this broker as their coordinator. */
  readonly groups: readonly string[]
  /** Versions 3+. */
  readonly includeAuthorizedOperations?: boolean
  readonly unknownTags?: UnknownTags
}

function encodeDescribeGroupsRequest(writer: Writer, message: DescribeGroupsRequest, version: number): void {
  const flexible = version >= 5
  const groups = message.groups
  writer.arrayLength(groups.length, flexible)
  for (const element of groups) writer.string(element, flexible)
  if (version >= 3) writer.bool(message.includeAuthorizedOperations ?? false)
  else if (message.includeAuthorizedOperations !== undefined && message.includeAuthorizedOperations !== false) throw writer.unsupported('includeAuthorizedOperations', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeGroupsRequest(reader: Reader, version: number): Decoded<DescribeGroupsRequest> {
  const flexible = version >= 5
  const groups: string[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) groups.push(reader.string(flexible))
  let includeAuthorizedOperations: boolean = false
  if (version >= 3) includeAuthorizedOperations = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groups, includeAuthorizedOperations, unknownTags }
}

export interface DescribeGroupsResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number
  readonly groups: readonly DescribeGroupsResponseGroup[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeGroupsResponseGroup {
  /**
   * NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, GROUP_ID_NOT_FOUND,
   * GROUP_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  /** Versions 6+. */
  readonly errorMessage?: string | null
  readonly groupId: string
  /** Empty, PreparingRebalance, CompletingRebalance, Stable or Dead; no text on error. */
  readonly groupState: string
  /** No text when the group has only ever held offsets. */
  readonly protocolType: string
  /** The protocol in use, for consumers the assignor; no text unless the group is Stable. */
  readonly protocolData: string
  readonly members: readonly DescribeGroupsResponseMember[]
  /** Bit n for the ACL operation with code n; the lowest int32 when not asked for. Versions 3+. */
  readonly authorizedOperations?: number
  readonly unknownTags?: UnknownTags
}

export interface DescribeGroupsResponseMember {
  readonly memberId: string
  /** Null unless the member is static. Versions 4+. */
  readonly groupInstanceId?: string | null
  readonly clientId: string
  /** The IP address, with a slash before it. */
  readonly clientHost: string
  /** What the member sent in JoinGroup for the protocol in use; no bytes unless the group is Stable. */
  readonly memberMetadata: Uint8Array
  /** What it got in SyncGroup; no bytes unless the group is Stable. */
  readonly memberAssignment: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeDescribeGroupsResponse(writer: Writer, message: DescribeGroupsResponse, version: number): void {
  const flexible = version >= 5
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0)
  const groups = message.groups
  writer.arrayLength(groups.length, flexible)
  for (const element of groups) encodeDescribeGroupsResponseGroup(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeGroupsResponseGroup(writer: Writer, message: DescribeGroupsResponseGroup, version: number): void {
  const flexible = version >= 5
  writer.int16(message.errorCode)
  if (version >= 6) writer.nullableString(message.errorMessage ?? null, true)
  else if (message.errorMessage !== undefined && message.errorMessage !== null) throw writer.unsupported('errorMessage', version)
  writer.string(message.groupId, flexible)
  writer.string(message.groupState, flexible)
  writer.string(message.protocolType, flexible)
  writer.string(message.protocolData, flexible)
  const members = message.members
  writer.arrayLength(members.length, flexible)
  for (const element of members) encodeDescribeGroupsResponseMember(writer, element, version)
  if (version >= 3) writer.int32(message.authorizedOperations ?? -2147483648)
  else if (message.authorizedOperations !== undefined && message.authorizedOperations !== -2147483648) throw writer.unsupported('authorizedOperations', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeGroupsResponseMember(writer: Writer, message: DescribeGroupsResponseMember, version: number): void {
  const flexible = version >= 5
  writer.string(message.memberId, flexible)
  if (version >= 4) writer.nullableString(message.groupInstanceId ?? null, flexible)
  writer.string(message.clientId, flexible)
  writer.string(message.clientHost, flexible)
  writer.bytes(message.memberMetadata, flexible)
  writer.bytes(message.memberAssignment, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeGroupsResponse(reader: Reader, version: number): Decoded<DescribeGroupsResponse> {
  const flexible = version >= 5
  let throttleTimeMs: number = 0
  if (version >= 1) throttleTimeMs = reader.int32()
  const groups: Decoded<DescribeGroupsResponseGroup>[] = []
  for (let left = reader.arrayLength(flexible, 7); left > 0; left--) groups.push(decodeDescribeGroupsResponseGroup(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, groups, unknownTags }
}

function decodeDescribeGroupsResponseGroup(reader: Reader, version: number): Decoded<DescribeGroupsResponseGroup> {
  const flexible = version >= 5
  const errorCode = reader.int16()
  let errorMessage: string | null = null
  if (version >= 6) errorMessage = reader.nullableString(true)
  const groupId = reader.string(flexible)
  const groupState = reader.string(flexible)
  const protocolType = reader.string(flexible)
  const protocolData = reader.string(flexible)
  const members: Decoded<DescribeGroupsResponseMember>[] = []
  for (let left = reader.arrayLength(flexible, 5); left > 0; left--) members.push(decodeDescribeGroupsResponseMember(reader, version))
  let authorizedOperations: number = -2147483648
  if (version >= 3) authorizedOperations = reader.int32()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, errorMessage, groupId, groupState, protocolType, protocolData, members, authorizedOperations, unknownTags }
}

function decodeDescribeGroupsResponseMember(reader: Reader, version: number): Decoded<DescribeGroupsResponseMember> {
  const flexible = version >= 5
  const memberId = reader.string(flexible)
  let groupInstanceId: string | null = null
  if (version >= 4) groupInstanceId = reader.nullableString(flexible)
  const clientId = reader.string(flexible)
  const clientHost = reader.string(flexible)
  const memberMetadata = reader.bytes(flexible)
  const memberAssignment = reader.bytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { memberId, groupInstanceId, clientId, clientHost, memberMetadata, memberAssignment, unknownTags }
}

/**
 * Tells state, protocol, members and assignment of classic groups. Groups of the consumer protocol are for
 * ConsumerGroupDescribe and look unknown here.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: What the caller may do, on request (KIP-430).
 * - 4: Static members show their instance id (KIP-345).
 * - 6: An unknown group is GROUP_ID_NOT_FOUND with a message. Before that it is no error but a group in state Dead
 *   (KIP-1043).
 */
export const describeGroups: Api<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: 'DescribeGroups',
  versions: { min: 0, max: 6, latestStable: 6 },
  flexibleFrom: 5,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'DescribeGroupsRequest', encode: encodeDescribeGroupsRequest, decode: decodeDescribeGroupsRequest },
  response: { name: 'DescribeGroupsResponse', encode: encodeDescribeGroupsResponse, decode: decodeDescribeGroupsResponse },
}
