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
  /**
   * Silent for longer, the member is taken out. Outside of group.min.session.timeout.ms and
   * group.max.session.timeout.ms (6 s to 30 min): INVALID_SESSION_TIMEOUT.
   */
  readonly sessionTimeoutMs: number
  /**
   * How long a rebalance waits for this member; consumers send max.poll.interval.ms. Version 0 has the session
   * timeout for it. Versions 1+.
   */
  readonly rebalanceTimeoutMs?: number
  /** Empty at first, then the id that the coordinator gave. */
  readonly memberId: string
  /**
   * Null unless the member is static. A second member under the same id displaces the first, which meets
   * FENCED_INSTANCE_ID. Versions 5+.
   */
  readonly groupInstanceId?: string | null
  /** "consumer" or "connect", for example. One per group: INCONSISTENT_GROUP_PROTOCOL. */
  readonly protocolType: string
  /** Preferred first. The coordinator lets the members vote among those that all of them have. */
  readonly protocols: readonly JoinGroupRequestProtocol[]
  /** Goes to the coordinator's log; at most 255 characters. Versions 8+. */
  readonly reason?: string | null
  readonly unknownTags?: UnknownTags
}

export interface JoinGroupRequestProtocol {
  /** For consumers the assignor: range, cooperative-sticky, … */
  readonly name: string
  /** Only the leader reads it. For consumers an int16 version and a ConsumerProtocolSubscription. */
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
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeJoinGroupRequestProtocol(writer: Writer, message: JoinGroupRequestProtocol, version: number): void {
  const flexible = version >= 6
  writer.string(message.name, flexible)
  writer.bytes(message.metadata, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
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
  const protocols: Decoded<JoinGroupRequestProtocol>[] = []
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
  /**
   * MEMBER_ID_REQUIRED: take memberId from this answer, join again at once. UNKNOWN_MEMBER_ID: join again with an
   * empty id. Retry: COORDINATOR_LOAD_IN_PROGRESS, REBALANCE_IN_PROGRESS. Find the coordinator again:
   * NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Final: FENCED_INSTANCE_ID, INCONSISTENT_GROUP_PROTOCOL,
   * INVALID_SESSION_TIMEOUT, INVALID_GROUP_ID, GROUP_MAX_SIZE_REACHED, GROUP_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  /** -1 on error. Every later request of the member carries it. */
  readonly generationId?: number
  /** Versions 7+. */
  readonly protocolType?: string | null
  /** What the vote chose. On error null, below 7 empty. */
  readonly protocolName: string | null
  /** The member that computes the assignment: the one whose memberId equals it. */
  readonly leader: string
  /**
   * True: the leader sends an empty SyncGroup and gets back what was assigned before, yet watches the topics as
   * leaders do. Versions 9+.
   */
  readonly skipAssignment?: boolean
  readonly memberId: string
  /** Filled for the leader, empty for all others. */
  readonly members: readonly JoinGroupResponseMember[]
  readonly unknownTags?: UnknownTags
}

export interface JoinGroupResponseMember {
  readonly memberId: string
  /** Versions 5+. */
  readonly groupInstanceId?: string | null
  /** What the member sent with the chosen protocol. */
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
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeJoinGroupResponseMember(writer: Writer, message: JoinGroupResponseMember, version: number): void {
  const flexible = version >= 6
  writer.string(message.memberId, flexible)
  if (version >= 5) writer.nullableString(message.groupInstanceId ?? null, flexible)
  writer.bytes(message.metadata, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
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
  const members: Decoded<JoinGroupResponseMember>[] = []
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

/**
 * Joins a classic group, or rejoins it in a rebalance. The coordinator holds the answer until all members are in or
 * the rebalance timeout has passed; SyncGroup then hands out the assignment.
 * - 3: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 4: A first join is answered with MEMBER_ID_REQUIRED and an id to join again with, so that lost answers leave no
 *   ghost members (KIP-394).
 * - 5: Static membership: an instance that restarts takes its old place without a rebalance (KIP-345).
 * - 7: The answer names the protocol type, and has null for the protocol name when it failed (KIP-559).
 * - 8: The member can say why it joins (KIP-800).
 * - 9: A static leader that comes back to an unchanged group is told to assign nothing (KIP-814).
 */
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
