/**
 * The JoinGroup API (key 11).
 * Generated from schemas/11-join-group.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface JoinGroupRequest {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  /** Versions 1+. */
  readonly rebalanceTimeoutMs?: number
  readonly memberId: string
  /** Versions 5+. */
  readonly groupInstanceId?: string | null
  readonly protocolType: string
  readonly protocols: readonly JoinGroupRequestProtocol[]
  /** Versions 8+. */
  readonly reason?: string | null
  readonly unknownTags?: UnknownTags
}

export interface JoinGroupRequestProtocol {
  readonly name: string
  readonly metadata: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeJoinGroupRequest(writer: Writer, message: JoinGroupRequest, version: number): void {
  const flexible = version >= 6
  writer.string(message.groupId, flexible)
  writer.int32(message.sessionTimeoutMs)
  if (version >= 1) writer.int32(message.rebalanceTimeoutMs ?? -1)
  writer.string(message.memberId, flexible)
  if (version >= 5) writer.nullableString(message.groupInstanceId ?? null, flexible)
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw writer.unsupported('groupInstanceId', version)
  writer.string(message.protocolType, flexible)
  const protocols = message.protocols
  writer.arrayLength(protocols.length, flexible)
  for (const element of protocols) encodeJoinGroupRequestProtocol(writer, element, version)
  if (version >= 8) writer.nullableString(message.reason ?? null, true)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeJoinGroupRequestProtocol(writer: Writer, message: JoinGroupRequestProtocol, version: number): void {
  const flexible = version >= 6
  writer.string(message.name, flexible)
  writer.bytes(message.metadata, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function decodeJoinGroupRequest(reader: Reader, version: number): Decoded<JoinGroupRequest> {
  const flexible = version >= 6
  const groupId = reader.string(flexible)
  const sessionTimeoutMs = reader.int32()
  let rebalanceTimeoutMs: number = -1
  if (version >= 1) rebalanceTimeoutMs = reader.int32()
  const memberId = reader.string(flexible)
  let groupInstanceId: string | null = null
  if (version >= 5) groupInstanceId = reader.nullableString(flexible)
  const protocolType = reader.string(flexible)
  let protocols: Decoded<JoinGroupRequestProtocol>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) protocols.push(decodeJoinGroupRequestProtocol(reader, version))
  let reason: string | null = null
  if (version >= 8) reason = reader.nullableString(true)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId, protocolType, protocols, reason, unknownTags }
}

function decodeJoinGroupRequestProtocol(reader: Reader, version: number): Decoded<JoinGroupRequestProtocol> {
  const flexible = version >= 6
  const name = reader.string(flexible)
  const metadata = reader.bytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, metadata, unknownTags }
}

export interface JoinGroupResponse {
  /** Versions 2+. */
  readonly throttleTimeMs?: number
  readonly errorCode: number
  readonly generationId?: number
  /** Versions 7+. */
  readonly protocolType?: string | null
  readonly protocolName: string | null
  readonly leader: string
  /** Versions 9+. */
  readonly skipAssignment?: boolean
  readonly memberId: string
  readonly members: readonly JoinGroupResponseMember[]
  readonly unknownTags?: UnknownTags
}

export interface JoinGroupResponseMember {
  readonly memberId: string
  /** Versions 5+. */
  readonly groupInstanceId?: string | null
  readonly metadata: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeJoinGroupResponse(writer: Writer, message: JoinGroupResponse, version: number): void {
  const flexible = version >= 6
  if (version >= 2) writer.int32(message.throttleTimeMs ?? 0)
  writer.int16(message.errorCode)
  writer.int32(message.generationId ?? -1)
  if (version >= 7) writer.nullableString(message.protocolType ?? null, true)
  const protocolName = message.protocolName
  if (protocolName === null && !(version >= 7)) throw writer.notNullable('protocolName', version)
  writer.nullableString(protocolName, flexible)
  writer.string(message.leader, flexible)
  if (version >= 9) writer.bool(message.skipAssignment ?? false)
  else if (message.skipAssignment !== undefined && message.skipAssignment !== false) throw writer.unsupported('skipAssignment', version)
  writer.string(message.memberId, flexible)
  const members = message.members
  writer.arrayLength(members.length, flexible)
  for (const element of members) encodeJoinGroupResponseMember(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeJoinGroupResponseMember(writer: Writer, message: JoinGroupResponseMember, version: number): void {
  const flexible = version >= 6
  writer.string(message.memberId, flexible)
  if (version >= 5) writer.nullableString(message.groupInstanceId ?? null, flexible)
  writer.bytes(message.metadata, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function decodeJoinGroupResponse(reader: Reader, version: number): Decoded<JoinGroupResponse> {
  const flexible = version >= 6
  let throttleTimeMs: number = 0
  if (version >= 2) throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const generationId = reader.int32()
  let protocolType: string | null = null
  if (version >= 7) protocolType = reader.nullableString(true)
  const protocolName = version >= 7 ? reader.nullableString(flexible) : reader.string(flexible)
  const leader = reader.string(flexible)
  let skipAssignment: boolean = false
  if (version >= 9) skipAssignment = reader.bool()
  const memberId = reader.string(flexible)
  let members: Decoded<JoinGroupResponseMember>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) members.push(decodeJoinGroupResponseMember(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, generationId, protocolType, protocolName, leader, skipAssignment, memberId, members, unknownTags }
}

function decodeJoinGroupResponseMember(reader: Reader, version: number): Decoded<JoinGroupResponseMember> {
  const flexible = version >= 6
  const memberId = reader.string(flexible)
  let groupInstanceId: string | null = null
  if (version >= 5) groupInstanceId = reader.nullableString(flexible)
  const metadata = reader.bytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { memberId, groupInstanceId, metadata, unknownTags }
}

export const joinGroup: Api<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: 'JoinGroup',
  versions: { min: 0, max: 9, latestStable: 9 },
  flexibleFrom: 6,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'JoinGroupRequest', encode: encodeJoinGroupRequest, decode: decodeJoinGroupRequest },
  response: { name: 'JoinGroupResponse', encode: encodeJoinGroupResponse, decode: decodeJoinGroupResponse },
}
