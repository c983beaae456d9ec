/**
 * The Heartbeat API (key 12).
 * Generated from schemas/12-heartbeat.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface HeartbeatRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  /** Null unless the member is static. Versions 3+. */
  readonly groupInstanceId?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeHeartbeatRequest(writer: Writer, message: HeartbeatRequest, version: number): void {
  const flexible = version >= 4
  writer.string(message.groupId, flexible)
  writer.int32(message.generationId)
  writer.string(message.memberId, flexible)
  if (version >= 3) writer.nullableString(message.groupInstanceId ?? null, flexible)
  else if (message.groupInstanceId !== undefined && message.groupInstanceId !== null) throw writer.unsupported('groupInstanceId', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeHeartbeatRequest(reader: Reader, version: number): Decoded<HeartbeatRequest> {
  const flexible = version >= 4
  const groupId = reader.string(flexible)
  const generationId = reader.int32()
  const memberId = reader.string(flexible)
  let groupInstanceId: string | null = null
  if (version >= 3) groupInstanceId = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { groupId, generationId, memberId, groupInstanceId, unknownTags }
}

export interface HeartbeatResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number
  /**
   * REBALANCE_IN_PROGRESS: still a member, rejoin before the rebalance timeout. ILLEGAL_GENERATION: rejoin with the
   * same id. UNKNOWN_MEMBER_ID: taken out, join with an empty id. FENCED_INSTANCE_ID: another runs under this
   * instance id, final. Find the coordinator again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeHeartbeatResponse(writer: Writer, message: HeartbeatResponse, version: number): void {
  const flexible = version >= 4
  if (version >= 1) writer.int32(message.throttleTimeMs ?? 0)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeHeartbeatResponse(reader: Reader, version: number): Decoded<HeartbeatResponse> {
  const flexible = version >= 4
  let throttleTimeMs: number = 0
  if (version >= 1) throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, unknownTags }
}

/**
 * Keeps the member's session and brings news: the answer is how a member learns that a rebalance has begun. Sent
 * every heartbeat.interval.ms, also while the application works on records.
 * - 2: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Static members (KIP-345): FENCED_INSTANCE_ID.
 */
export const heartbeat: Api<HeartbeatRequest, HeartbeatResponse> = {
  key: 12,
  name: 'Heartbeat',
  versions: { min: 0, max: 4, latestStable: 4 },
  flexibleFrom: 4,
  sentTo: 'group',
  listeners: ['broker'],
  request: { name: 'HeartbeatRequest', encode: encodeHeartbeatRequest, decode: decodeHeartbeatRequest },
  response: { name: 'HeartbeatResponse', encode: encodeHeartbeatResponse, decode: decodeHeartbeatResponse },
}
