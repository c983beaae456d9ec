/**
 * The RemoveRaftVoter API (key 81).
 * Generated from schemas/81-remove-raft-voter.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface RemoveRaftVoterRequest {
  /** Null skips the check. */
  readonly clusterId: string | null
  readonly voterId: number
  /** Must fit the id: a replica with another directory is another voter. */
  readonly voterDirectoryId: Uuid
  readonly unknownTags?: UnknownTags
}

function encodeRemoveRaftVoterRequest(writer: Writer, message: RemoveRaftVoterRequest, _version: number): void {
  writer.nullableString(message.clusterId, true)
  writer.int32(message.voterId)
  writer.uuid(message.voterDirectoryId)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRemoveRaftVoterRequest(reader: Reader, _version: number): Decoded<RemoveRaftVoterRequest> {
  const clusterId = reader.nullableString(true)
  const voterId = reader.int32()
  const voterDirectoryId = reader.uuid()
  const unknownTags = reader.unknownTags()
  return { clusterId, voterId, voterDirectoryId, unknownTags }
}

export interface RemoveRaftVoterResponse {
  readonly throttleTimeMs: number
  /**
   * VOTER_NOT_FOUND: no such voter, or the only one. REQUEST_TIMED_OUT: another change is under way, or the commit
   * takes longer; the voter may still be removed. UNSUPPORTED_VERSION: kraft.version is 0. INVALID_REQUEST,
   * INCONSISTENT_CLUSTER_ID, NOT_LEADER_OR_FOLLOWER.
   */
  readonly errorCode: number
  readonly errorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeRemoveRaftVoterResponse(writer: Writer, message: RemoveRaftVoterResponse, _version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  writer.nullableString(message.errorMessage === undefined ? '' : message.errorMessage, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeRemoveRaftVoterResponse(reader: Reader, _version: number): Decoded<RemoveRaftVoterResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, errorMessage, unknownTags }
}

/**
 * Takes a controller out of the voters of the metadata log (KIP-853). A leader that removes itself steps down once
 * that is committed.
 */
export const removeRaftVoter: Api<RemoveRaftVoterRequest, RemoveRaftVoterResponse> = {
  key: 81,
  name: 'RemoveRaftVoter',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller', 'broker'],
  request: { name: 'RemoveRaftVoterRequest', encode: encodeRemoveRaftVoterRequest, decode: decodeRemoveRaftVoterRequest },
  response: { name: 'RemoveRaftVoterResponse', encode: encodeRemoveRaftVoterResponse, decode: decodeRemoveRaftVoterResponse },
}
