/**
 * The LeaveGroup API (key 13).
 * Generated from schemas/13-leave-group.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface LeaveGroupRequest {
  readonly groupId: string
  /** Versions 0-2. */
  readonly memberId?: string
  /** Versions 3+. */
  readonly members?: readonly LeaveGroupRequestMember[]
  readonly unknownTags?: UnknownTags
}

export interface LeaveGroupRequestMember {
  /** May be empty when the instance id names the member. */
  readonly memberId: string
  /** Null for a dynamic member. */
  readonly groupInstanceId?: string | null
  /** Goes to the coordinator's log; at most 255 characters. Versions 5+. */
  readonly reason?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeLeaveGroupRequest(writer: Writer, message: LeaveGroupRequest, version: number): void {
  const flexible = version >= 4
  writer.string(message.groupId, flexible)
  if (version <= 2) writer.string(message.memberId ?? '', false)
  else if (message.memberId !== undefined && message.memberId !== '') throw writer.unsupported('memberId', version)
  if (version >= 3) {
    const members = message.members ?? []
    writer.arrayLength(members.length, flexible)
    for (const element of members) encodeLeaveGroupRequestMember(writer, element, version)
  } else if (message.members !== undefined && message.members.length !== 0) throw writer.unsupported('members', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeLeaveGroupRequestMember(writer: Writer, message: LeaveGroupRequestMember, version: number): void {
  const flexible = version >= 4
  writer.string(message.memberId, flexible)
  writer.nullableString(message.groupInstanceId ?? null, flexible)
  if (version >= 5) writer.nullableString(message.reason ?? null, true)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeLeaveGroupRequest(reader: Reader, version: number): Decoded<LeaveGroupRequest> {
  const flexible = version >= 4
  const groupId = reader.string(flexible)
  let memberId: string = ''
  if (version <= 2) memberId = reader.string(false)
  let members: Decoded<LeaveGroupRequestMember>[] = []
  if (version >= 3) for (let left = reader.arrayLength(flexible, 2); left > 0; left--) members.push(decodeLeaveGroupRequestMember(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, memberId, members, unknownTags }
}

function decodeLeaveGroupRequestMember(reader: Reader, version: number): Decoded<LeaveGroupRequestMember> {
  const flexible = version >= 4
  const memberId = reader.string(flexible)
  const groupInstanceId = reader.nullableString(flexible)
  let reason: string | null = null
  if (version >= 5) reason = reader.nullableString(true)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { memberId, groupInstanceId, reason, unknownTags }
}

export interface LeaveGroupResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number
  /**
   * Of the whole request: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, GROUP_AUTHORIZATION_FAILED. Below 3 also of the
   * one member.
   */
  readonly errorCode: number
  /** Versions 3+. */
  readonly members?: readonly LeaveGroupResponseMember[]
  readonly unknownTags?: UnknownTags
}

export interface LeaveGroupResponseMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** UNKNOWN_MEMBER_ID: was out already. FENCED_INSTANCE_ID: the instance id belongs to another member id by now. */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeLeaveGroupResponse(writer: Writer, message: LeaveGroupResponse, version: number): void {
  const flexible = version >= 4
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0)
  writer.int16(message.errorCode)
  if (version >= 3) {
    const members = message.members ?? []
    writer.arrayLength(members.length, flexible)
    for (const element of members) encodeLeaveGroupResponseMember(writer, element, version)
  } else if (message.members !== undefined && message.members.length !== 0) throw writer.unsupported('members', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeLeaveGroupResponseMember(writer: Writer, message: LeaveGroupResponseMember, version: number): void {
  const flexible = version >= 4
  writer.string(message.memberId, flexible)
  writer.nullableString(message.groupInstanceId, flexible)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeLeaveGroupResponse(reader: Reader, version: number): Decoded<LeaveGroupResponse> {
  const flexible = version >= 4
  let throttleTimeMs: number = 0
  if (version >= 1) throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  let members: Decoded<LeaveGroupResponseMember>[] = []
  if (version >= 3) for (let left = reader.arrayLength(flexible, 4); left > 0; left--) members.push(decodeLeaveGroupResponseMember(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, members, unknownTags }
}

function decodeLeaveGroupResponseMember(reader: Reader, version: number): Decoded<LeaveGroupResponseMember> {
  const flexible = version >= 4
  const memberId = reader.string(flexible)
  const groupInstanceId = reader.nullableString(flexible)
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { memberId, groupInstanceId, errorCode, unknownTags }
}

/**
 * Takes members out at once, instead of when their session ends. A closing member sends it for itself, a tool for
 * others; static members usually do not, to keep their place over a restart.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Several members, each by its id or its instance id, with an error to each (KIP-345).
 * - 5: The member can say why it leaves (KIP-800).
 */
export const leaveGroup: Api<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: 'LeaveGroup',
  versions: { min: 0, max: 5, latestStable: 5 },
  flexibleFrom: 4,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'LeaveGroupRequest', encode: encodeLeaveGroupRequest, decode: decodeLeaveGroupRequest },
  response: { name: 'LeaveGroupResponse', encode: encodeLeaveGroupResponse, decode: decodeLeaveGroupResponse },
}
