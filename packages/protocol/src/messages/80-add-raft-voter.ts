/**
 * The AddRaftVoter API (key 80).
 * Generated from schemas/80-add-raft-voter.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AddRaftVoterRequest {
  /** Null skips the check. */
  readonly clusterId: string | null
  readonly timeoutMs: number
  readonly voterId: number
  readonly voterDirectoryId: Uuid
  /** Must have the leader's default controller listener. */
  readonly listeners: readonly AddRaftVoterRequestListener[]
  /** False answers when the leader has written the new set to its own log. Versions 1+. */
  readonly ackWhenCommitted?: boolean
  readonly unknownTags?: UnknownTags
}

export interface AddRaftVoterRequestListener {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeAddRaftVoterRequest(writer: Writer, message: AddRaftVoterRequest, version: number): void {
  writer.nullableString(message.clusterId, true)
  writer.int32(message.timeoutMs)
  writer.int32(message.voterId)
  writer.uuid(message.voterDirectoryId)
  const listeners = message.listeners
  writer.arrayLength(listeners.length, true)
  for (const element of listeners) encodeAddRaftVoterRequestListener(writer, element, version)
  if (version >= 1) writer.bool(message.ackWhenCommitted ?? true)
  else if (message.ackWhenCommitted !== undefined && message.ackWhenCommitted !== true) throw writer.unsupported('ackWhenCommitted', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAddRaftVoterRequestListener(writer: Writer, message: AddRaftVoterRequestListener, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAddRaftVoterRequest(reader: Reader, version: number): Decoded<AddRaftVoterRequest> {
  const clusterId = reader.nullableString(true)
  const timeoutMs = reader.int32()
  const voterId = reader.int32()
  const voterDirectoryId = reader.uuid()
  const listeners: Decoded<AddRaftVoterRequestListener>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) listeners.push(decodeAddRaftVoterRequestListener(reader, version))
  let ackWhenCommitted: boolean = true
  if (version >= 1) ackWhenCommitted = reader.bool()
  const unknownTags = reader.unknownTags()
  return { clusterId, timeoutMs, voterId, voterDirectoryId, listeners, ackWhenCommitted, unknownTags }
}

function decodeAddRaftVoterRequestListener(reader: Reader, _version: number): Decoded<AddRaftVoterRequestListener> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, unknownTags }
}

export interface AddRaftVoterResponse {
  readonly throttleTimeMs: number
  /**
   * DUPLICATE_VOTER: the id votes already. REQUEST_TIMED_OUT: another change is under way, the new voter lags, or the
   * commit takes longer; the voter may still be added. UNSUPPORTED_VERSION: kraft.version is 0. INVALID_REQUEST,
   * INCONSISTENT_CLUSTER_ID, NOT_LEADER_OR_FOLLOWER.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeAddRaftVoterResponse(writer: Writer, message: AddRaftVoterResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeAddRaftVoterResponse(reader: Reader, _version: number): Decoded<AddRaftVoterResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, unknownTags }
}

/**
 * Adds a controller to the voters of the metadata log (KIP-853). It must already follow the log and have nearly
 * caught up. One change of voters at a time.
 * - 1: Lets the caller choose not to wait for the commit, as a controller does that adds itself (KIP-1186).
 */
export const addRaftVoter: Api<AddRaftVoterRequest, AddRaftVoterResponse> = {
  key: 80,
  name: 'AddRaftVoter',
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller', 'broker'],
  request: { name: 'AddRaftVoterRequest', encode: encodeAddRaftVoterRequest, decode: decodeAddRaftVoterRequest },
  response: { name: 'AddRaftVoterResponse', encode: encodeAddRaftVoterResponse, decode: decodeAddRaftVoterResponse },
}
