/**
 * The Vote API (key 52).
 * Generated from schemas/52-vote.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface VoteRequest {
  /** Null skips the check. */
  readonly clusterId?: string | null
  /**
   * Who is asked; -1 when the sender does not know. Together with `voterDirectoryId` it must fit the receiver.
   * Versions 1+.
   */
  readonly voterId?: number
  /** `__cluster_metadata` alone, with its only partition 0. */
  readonly topics: readonly VoteRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface VoteRequestTopic {
  readonly topicName: string
  readonly partitions: readonly VoteRequestPartition[]
  readonly unknownTags?: UnknownTags
}

export interface VoteRequestPartition {
  readonly partitionIndex: number
  /** The epoch that the candidate stands for; in a pre-vote the epoch it is still in. */
  readonly replicaEpoch: number
  /** The candidate. */
  readonly replicaId: number
  /** Versions 1+. */
  readonly replicaDirectoryId?: Uuid
  /** Versions 1+. */
  readonly voterDirectoryId?: Uuid
  /**
   * Epoch of the candidate's last record. With `lastOffset` it tells whether the candidate's log reaches as far as
   * the voter's: if not, no vote.
   */
  readonly lastOffsetEpoch: number
  /** End of the candidate's log. */
  readonly lastOffset: bigint
  /** True asks without obligation: no epoch rises and no vote is stored. Versions 2+. */
  readonly preVote?: boolean
  readonly unknownTags?: UnknownTags
}

function encodeVoteRequest(writer: Writer, message: VoteRequest, version: number): void {
  writer.nullableString(message.clusterId ?? null, true)
  if (version >= 1) writer.int32(message.voterId ?? -1)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeVoteRequestTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeVoteRequestTopic(writer: Writer, message: VoteRequestTopic, version: number): void {
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeVoteRequestPartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeVoteRequestPartition(writer: Writer, message: VoteRequestPartition, version: number): void {
  writer.int32(message.partitionIndex)
  writer.int32(message.replicaEpoch)
  writer.int32(message.replicaId)
  if (version >= 1) writer.uuid(message.replicaDirectoryId ?? ZERO_UUID)
  if (version >= 1) writer.uuid(message.voterDirectoryId ?? ZERO_UUID)
  writer.int32(message.lastOffsetEpoch)
  writer.int64(message.lastOffset)
  if (version >= 2) writer.bool(message.preVote ?? false)
  else if (message.preVote !== undefined && message.preVote !== false) throw writer.unsupported('preVote', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeVoteRequest(reader: Reader, version: number): Decoded<VoteRequest> {
  const clusterId = reader.nullableString(true)
  let voterId: number = -1
  if (version >= 1) voterId = reader.int32()
  const topics: Decoded<VoteRequestTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeVoteRequestTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { clusterId, voterId, topics, unknownTags }
}

function decodeVoteRequestTopic(reader: Reader, version: number): Decoded<VoteRequestTopic> {
  const topicName = reader.string(true)
  const partitions: Decoded<VoteRequestPartition>[] = []
  for (let left = reader.arrayLength(true, 25); left > 0; left--) partitions.push(decodeVoteRequestPartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicName, partitions, unknownTags }
}

function decodeVoteRequestPartition(reader: Reader, version: number): Decoded<VoteRequestPartition> {
  const partitionIndex = reader.int32()
  const replicaEpoch = reader.int32()
  const replicaId = reader.int32()
  let replicaDirectoryId: Uuid = ZERO_UUID
  if (version >= 1) replicaDirectoryId = reader.uuid()
  let voterDirectoryId: Uuid = ZERO_UUID
  if (version >= 1) voterDirectoryId = reader.uuid()
  const lastOffsetEpoch = reader.int32()
  const lastOffset = reader.int64()
  let preVote: boolean = false
  if (version >= 2) preVote = reader.bool()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, replicaEpoch, replicaId, replicaDirectoryId, voterDirectoryId, lastOffsetEpoch, lastOffset, preVote, unknownTags }
}

export interface VoteResponse {
  /** INCONSISTENT_CLUSTER_ID, INVALID_REQUEST, CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number
  readonly topics: readonly VoteResponseTopic[]
  /** Where the leaders named above can be reached. Versions 1+. */
  readonly nodeEndpoints?: readonly VoteResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface VoteResponseTopic {
  readonly topicName: string
  readonly partitions: readonly VoteResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface VoteResponsePartition {
  readonly partitionIndex: number
  /**
   * FENCED_LEADER_EPOCH: the voter has seen a later epoch. INVALID_VOTER_KEY: the request is for another replica.
   */
  readonly errorCode: number
  /** -1 when the voter knows of none. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly voteGranted: boolean
  readonly unknownTags?: UnknownTags
}

export interface VoteResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly unknownTags?: UnknownTags
}

function encodeVoteResponse(writer: Writer, message: VoteResponse, version: number): void {
  writer.int16(message.errorCode)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeVoteResponseTopic(writer, element, version)
  if (version < 1 && message.nodeEndpoints !== undefined && message.nodeEndpoints.length !== 0) throw writer.unsupported('nodeEndpoints', version)
  const nodeEndpoints = message.nodeEndpoints
  const hasNodeEndpoints = version >= 1 && nodeEndpoints !== undefined && nodeEndpoints.length !== 0
  writer.tagCount(hasNodeEndpoints ? 1 : 0, message.unknownTags)
  if (hasNodeEndpoints) {
    const nodeEndpointsAt = writer.enterTag(0)
    writer.arrayLength(nodeEndpoints.length, true)
    for (const element of nodeEndpoints) encodeVoteResponseNodeEndpoint(writer, element, version)
    writer.leaveTag(nodeEndpointsAt)
  }
  writer.unknownTags(message.unknownTags)
}

function encodeVoteResponseTopic(writer: Writer, message: VoteResponseTopic, version: number): void {
  writer.string(message.topicName, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) encodeVoteResponsePartition(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeVoteResponsePartition(writer: Writer, message: VoteResponsePartition, _version: number): void {
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  writer.int32(message.leaderId)
  writer.int32(message.leaderEpoch)
  writer.bool(message.voteGranted)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeVoteResponseNodeEndpoint(writer: Writer, message: VoteResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.uint16(message.port)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeVoteResponse(reader: Reader, version: number): Decoded<VoteResponse> {
  const errorCode = reader.int16()
  const topics: Decoded<VoteResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeVoteResponseTopic(reader, version))
  let nodeEndpoints: Decoded<VoteResponseNodeEndpoint>[] = []
  let unknownTags: UnknownTag[] | undefined
  for (let left = reader.tagCount(); left > 0; left--) {
    const outerEnd = reader.enterTag()
    switch (reader.tag) {
      case 0: {
        if (version >= 1) {
          nodeEndpoints = []
          for (let left = reader.arrayLength(true, 8); left > 0; left--) nodeEndpoints.push(decodeVoteResponseNodeEndpoint(reader, version))
        } else {
          unknownTags = reader.unknownTag(unknownTags)
        }
        break
      }
      default:
        unknownTags = reader.unknownTag(unknownTags)
    }
    reader.leaveTag(outerEnd)
  }
  return { errorCode, topics, nodeEndpoints, unknownTags }
}

function decodeVoteResponseTopic(reader: Reader, version: number): Decoded<VoteResponseTopic> {
  const topicName = reader.string(true)
  const partitions: Decoded<VoteResponsePartition>[] = []
  for (let left = reader.arrayLength(true, 16); left > 0; left--) partitions.push(decodeVoteResponsePartition(reader, version))
  const unknownTags = reader.unknownTags()
  return { topicName, partitions, unknownTags }
}

function decodeVoteResponsePartition(reader: Reader, _version: number): Decoded<VoteResponsePartition> {
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const voteGranted = reader.bool()
  const unknownTags = reader.unknownTags()
  return { partitionIndex, errorCode, leaderId, leaderEpoch, voteGranted, unknownTags }
}

function decodeVoteResponseNodeEndpoint(reader: Reader, _version: number): Decoded<VoteResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.uint16()
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, unknownTags }
}

/**
 * A controller that wants to lead the metadata log asks each of the other voters for its vote. Whoever gets a
 * majority leads the epoch; a voter gives one vote per epoch and remembers it on disk.
 * - 1: A voter is its id and directory id together (KIP-853), so that a replica with an emptied disk is not taken
 *   for the old one.
 * - 2: Pre-vote (KIP-996): a replica first asks whether it would win, so that one behind a flaky link does not
 *   raise epochs.
 */
export const vote: Api<VoteRequest, VoteResponse> = {
  key: 52,
  name: 'Vote',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'controller',
  listeners: ['controller'],
  request: { name: 'VoteRequest', encode: encodeVoteRequest, decode: decodeVoteRequest },
  response: { name: 'VoteResponse', encode: encodeVoteResponse, decode: decodeVoteResponse },
}
