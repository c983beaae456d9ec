/**
 * The SyncGroup API (key 14).
 * Generated from schemas/14-sync-group.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface SyncGroupRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  /** Null unless the member is static. Versions 3+. */
  readonly groupInstanceId?: string | null
  /** Must be set from 5 on; null counts as a mismatch. Versions 5+. */
  readonly protocolType?: string | null
  /** Must be set from 5 on; null counts as a mismatch. Versions 5+. */
  readonly protocolName?: string | null
  /** From the leader one for each member; from the others empty, and ignored if not. */
  readonly assignments: readonly SyncGroupRequestAssignment[]
  readonly unknownTags?: UnknownTags
}

export interface SyncGroupRequestAssignment {
  readonly memberId: string
  /** Only the member reads it. For consumers an int16 version and a ConsumerProtocolAssignment. */
  readonly assignment: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeSyncGroupRequest(writer: Writer, message: SyncGroupRequest, version: number): void {
  const flexible = version >= 4
  writer.string(message.groupId, flexible)
  writer.int32(message.generationId)
  writer.string(message.memberId, flexible)
  if (version >= 3) writer.nullableString(message.groupInstanceId ?? null, flexible)
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw writer.unsupported('groupInstanceId', version)
  if (version >= 5) writer.nullableString(message.protocolType ?? null, true)
  if (version >= 5) writer.nullableString(message.protocolName ?? null, true)
  const assignments = message.assignments
  writer.arrayLength(assignments.length, flexible)
  for (const element of assignments) encodeSyncGroupRequestAssignment(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeSyncGroupRequestAssignment(writer: Writer, message: SyncGroupRequestAssignment, version: number): void {
  const flexible = version >= 4
  writer.string(message.memberId, flexible)
  writer.bytes(message.assignment, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeSyncGroupRequest(reader: Reader, version: number): Decoded<SyncGroupRequest> {
  const flexible = version >= 4
  const groupId = reader.string(flexible)
  const generationId = reader.int32()
  const memberId = reader.string(flexible)
  let groupInstanceId: string | null = null
  if (version >= 3) groupInstanceId = reader.nullableString(flexible)
  let protocolType: string | null = null
  if (version >= 5) protocolType = reader.nullableString(true)
  let protocolName: string | null = null
  if (version >= 5) protocolName = reader.nullableString(true)
  const assignments: Decoded<SyncGroupRequestAssignment>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) assignments.push(decodeSyncGroupRequestAssignment(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments, unknownTags }
}

function decodeSyncGroupRequestAssignment(reader: Reader, version: number): Decoded<SyncGroupRequestAssignment> {
  const flexible = version >= 4
  const memberId = reader.string(flexible)
  const assignment = reader.bytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { memberId, assignment, unknownTags }
}

export interface SyncGroupResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number
  /**
   * REBALANCE_IN_PROGRESS: the next rebalance has begun, rejoin. ILLEGAL_GENERATION: rejoin with the same id.
   * UNKNOWN_MEMBER_ID: join with an empty id. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE.
   * Final: FENCED_INSTANCE_ID, INCONSISTENT_GROUP_PROTOCOL, GROUP_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  /** Versions 5+. */
  readonly protocolType?: string | null
  /** Versions 5+. */
  readonly protocolName?: string | null
  /** As the leader wrote it. No bytes at all when the leader forgot this member, or on error. */
  readonly assignment: Uint8Array
  readonly unknownTags?: UnknownTags
}

function encodeSyncGroupResponse(writer: Writer, message: SyncGroupResponse, version: number): void {
  const flexible = version >= 4
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0)
  writer.int16(message.errorCode)
  if (version >= 5) writer.nullableString(message.protocolType ?? null, true)
  if (version >= 5) writer.nullableString(message.protocolName ?? null, true)
  writer.bytes(message.assignment, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeSyncGroupResponse(reader: Reader, version: number): Decoded<SyncGroupResponse> {
  const flexible = version >= 4
  let throttleTimeMs: number = 0
  if (version >= 1) throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  let protocolType: string | null = null
  if (version >= 5) protocolType = reader.nullableString(true)
  let protocolName: string | null = null
  if (version >= 5) protocolName = reader.nullableString(true)
  const assignment = reader.bytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, protocolType, protocolName, assignment, unknownTags }
}

/**
 * Second half of a classic rebalance. The leader hands in what each member gets, the others send nothing and wait;
 * everyone is answered with their own share.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Static members (KIP-345): FENCED_INSTANCE_ID.
 * - 5: Protocol type and name are compared with the group's: INCONSISTENT_GROUP_PROTOCOL (KIP-559).
 */
export const syncGroup: Api<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: 'SyncGroup',
  versions: { min: 0, max: 5, latestStable: 5 },
  flexibleFrom: 4,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'SyncGroupRequest', encode: encodeSyncGroupRequest, decode: decodeSyncGroupRequest },
  response: { name: 'SyncGroupResponse', encode: encodeSyncGroupResponse, decode: decodeSyncGroupResponse },
}
