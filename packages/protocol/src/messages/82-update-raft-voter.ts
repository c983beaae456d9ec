/**
 * The UpdateRaftVoter API (key 82).
 * Generated from schemas/82-update-raft-voter.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import type { Uuid } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface UpdateRaftVoterRequest {
  /** Null skips the check. */
  readonly clusterId: string | null
  /** -1 when unknown. */
  readonly currentLeaderEpoch: number
  readonly voterId: number
  readonly voterDirectoryId: Uuid
  /** Of the voter. */
  readonly listeners: readonly UpdateRaftVoterRequestListener[]
  /** Must hold the finalized kraft.version. */
  readonly kRaftVersionFeature: UpdateRaftVoterRequestKRaftVersionFeature
  readonly unknownTags?: UnknownTags
}

export interface UpdateRaftVoterRequestListener {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

export interface UpdateRaftVoterRequestKRaftVersionFeature {
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
  readonly unknownTags?: UnknownTags
}

function encodeUpdateRaftVoterRequest(writer: Writer, message: UpdateRaftVoterRequest, version: number): void {
  writer.nullableString(message.clusterId, true)
  writer.int32(message.currentLeaderEpoch)
  writer.int32(message.voterId)
  writer.uuid(message.voterDirectoryId)
  const listeners = message.listeners
  writer.arrayLength(listeners.length, true)
  for (const element of listeners) encodeUpdateRaftVoterRequestListener(writer, element, version)
  encodeUpdateRaftVoterRequestKRaftVersionFeature(writer, message.kRaftVersionFeature, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeUpdateRaftVoterRequestListener(writer: Writer, message: UpdateRaftVoterRequestListener, _version: number): void {
  writer.string(message.name, true)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeUpdateRaftVoterRequestKRaftVersionFeature(writer: Writer, message: UpdateRaftVoterRequestKRaftVersionFeature, _version: number): void {
  writer.int16(message.minSupportedVersion)
  writer.int16(message.maxSupportedVersion)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUpdateRaftVoterRequest(reader: Reader, version: number): Decoded<UpdateRaftVoterRequest> {
  const clusterId = reader.nullableString(true)
  const currentLeaderEpoch = reader.int32()
  const voterId = reader.int32()
  const voterDirectoryId = reader.uuid()
  const listeners: Decoded<UpdateRaftVoterRequestListener>[] = []
  for (let left = reader.arrayLength(true, 5); left > 0; left--) listeners.push(decodeUpdateRaftVoterRequestListener(reader, version))
  const kRaftVersionFeature = decodeUpdateRaftVoterRequestKRaftVersionFeature(reader, version)
  const unknownTags = reader.unknownTags()
  return { clusterId, currentLeaderEpoch, voterId, voterDirectoryId, listeners, kRaftVersionFeature, unknownTags }
}

function decodeUpdateRaftVoterRequestListener(reader: Reader, _version: number): Decoded<UpdateRaftVoterRequestListener> {
  const name = reader.string(true)
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { name, host, port, unknownTags }
}

function decodeUpdateRaftVoterRequestKRaftVersionFeature(reader: Reader, _version: number): Decoded<UpdateRaftVoterRequestKRaftVersionFeature> {
  const minSupportedVersion = reader.int16()
  const maxSupportedVersion = reader.int16()
  const unknownTags = reader.unknownTags()
  return { minSupportedVersion, maxSupportedVersion, unknownTags }
}

export interface UpdateRaftVoterResponse {
  readonly throttleTimeMs: number
  /**
   * FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER: see `currentLeader`. VOTER_NOT_FOUND,
   * REQUEST_TIMED_OUT, INVALID_REQUEST, INCONSISTENT_CLUSTER_ID.
   */
  readonly errorCode: number
  readonly currentLeader?: UpdateRaftVoterResponseCurrentLeader
  readonly unknownTags?: UnknownTags
}

export interface UpdateRaftVoterResponseCurrentLeader {
  /** -1 when unknown. */
  readonly leaderId?: number
  readonly leaderEpoch?: number
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeUpdateRaftVoterResponse(writer: Writer, message: UpdateRaftVoterResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  const currentLeader = message.currentLeader
  const hasCurrentLeader = currentLeader !== undefined && !isDefaultUpdateRaftVoterResponseCurrentLeader(currentLeader)
  writer.tagCount(hasCurrentLeader ? 1 : 0, message.unknownTags)
  if (hasCurrentLeader) {
    const currentLeaderAt = writer.enterTag(0)
    encodeUpdateRaftVoterResponseCurrentLeader(writer, currentLeader, version)
    writer.leaveTag(currentLeaderAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeUpdateRaftVoterResponseCurrentLeader(writer: Writer, message: UpdateRaftVoterResponseCurrentLeader, _version: number): void {
  writer.int32(message.leaderId ?? -1)
  writer.int32(message.leaderEpoch ?? -1)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeUpdateRaftVoterResponse(reader: Reader, version: number): Decoded<UpdateRaftVoterResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  let currentLeader: Decoded<UpdateRaftVoterResponseCurrentLeader> = { leaderId: -1, leaderEpoch: -1, host: '', port: 0, unknownTags: undefined }
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        currentLeader = decodeUpdateRaftVoterResponseCurrentLeader(reader, version)
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { throttleTimeMs, errorCode, currentLeader, unknownTags }
}

function decodeUpdateRaftVoterResponseCurrentLeader(reader: Reader, _version: number): Decoded<UpdateRaftVoterResponseCurrentLeader> {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const unknownTags = reader.unknownTags()
  return { leaderId, leaderEpoch, host, port, unknownTags }
}

function isDefaultUpdateRaftVoterResponseCurrentLeader(message: UpdateRaftVoterResponseCurrentLeader): boolean {
  return !(message.leaderId !== undefined && message.leaderId !== -1) &&
    !(message.leaderEpoch !== undefined && message.leaderEpoch !== -1) &&
    !(message.host !== '') &&
    !(message.port !== 0) &&
    message.unknownTags === undefined
}

/**
 * A voter whose listeners or supported kraft.version differ from what the voter set says tells the leader, after a
 * restart as a rule (KIP-853).
 */
export const updateRaftVoter: Api<UpdateRaftVoterRequest, UpdateRaftVoterResponse> = {
  key: 82,
  name: 'UpdateRaftVoter',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'UpdateRaftVoterRequest', encode: encodeUpdateRaftVoterRequest, decode: decodeUpdateRaftVoterRequest },
  response: { name: 'UpdateRaftVoterResponse', encode: encodeUpdateRaftVoterResponse, decode: decodeUpdateRaftVoterResponse },
}
