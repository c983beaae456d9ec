/**
 * The Produce API (key 0).
 * Generated from schemas/00-produce.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import { type Uuid, ZERO_UUID } from '../wire/uuid.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ProduceRequest {
  readonly transactionalId?: string | null
  readonly acks: number
  readonly timeoutMs: number
  readonly topicData: readonly ProduceRequestTopicData[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceRequestTopicData {
  /** Versions 3-12. */
  readonly name?: string
  /** Versions 13+. */
  readonly topicId?: Uuid
  readonly partitionData: readonly ProduceRequestPartitionData[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceRequestPartitionData {
  readonly index: number
  readonly records: Uint8Array | null
  readonly unknownTags?: UnknownTags
}

function encodeProduceRequest(writer: Writer, message: ProduceRequest, version: number): void {
  const flexible = version >= 9
  writer.nullableString(message.transactionalId ?? null, flexible)
  writer.int16(message.acks)
  writer.int32(message.timeoutMs)
  const topicData = message.topicData
  writer.arrayLength(topicData.length, flexible)
  for (const element of topicData) encodeProduceRequestTopicData(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeProduceRequestTopicData(writer: Writer, message: ProduceRequestTopicData, version: number): void {
  const flexible = version >= 9
  if (version <= 12) writer.string(message.name ?? '', flexible)
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitionData = message.partitionData
  writer.arrayLength(partitionData.length, flexible)
  for (const element of partitionData) encodeProduceRequestPartitionData(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeProduceRequestPartitionData(writer: Writer, message: ProduceRequestPartitionData, version: number): void {
  const flexible = version >= 9
  writer.int32(message.index)
  writer.nullableBytes(message.records, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function decodeProduceRequest(reader: Reader, version: number): Decoded<ProduceRequest> {
  const flexible = version >= 9
  const transactionalId = reader.nullableString(flexible)
  const acks = reader.int16()
  const timeoutMs = reader.int32()
  let topicData: Decoded<ProduceRequestTopicData>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) topicData.push(decodeProduceRequestTopicData(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { transactionalId, acks, timeoutMs, topicData, unknownTags }
}

function decodeProduceRequestTopicData(reader: Reader, version: number): Decoded<ProduceRequestTopicData> {
  const flexible = version >= 9
  let name: string = ''
  if (version <= 12) name = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 13) topicId = reader.uuid()
  let partitionData: Decoded<ProduceRequestPartitionData>[] = []
  for (let left = reader.arrayLength(flexible, 5); left > 0; left--) partitionData.push(decodeProduceRequestPartitionData(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, topicId, partitionData, unknownTags }
}

function decodeProduceRequestPartitionData(reader: Reader, version: number): Decoded<ProduceRequestPartitionData> {
  const flexible = version >= 9
  const index = reader.int32()
  const records = reader.nullableBytes(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { index, records, unknownTags }
}

export interface ProduceResponse {
  readonly responses: readonly ProduceResponseResponse[]
  readonly throttleTimeMs?: number
  /** Versions 10+. */
  readonly nodeEndpoints?: readonly ProduceResponseNodeEndpoint[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseResponse {
  /** Versions 3-12. */
  readonly name?: string
  /** Versions 13+. */
  readonly topicId?: Uuid
  readonly partitionResponses: readonly ProduceResponsePartitionResponse[]
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponsePartitionResponse {
  readonly index: number
  readonly errorCode: number
  readonly baseOffset: bigint
  readonly logAppendTimeMs?: bigint
  /** Versions 5+. */
  readonly logStartOffset?: bigint
  /** Versions 8+. */
  readonly recordErrors?: readonly ProduceResponseRecordError[]
  /** Versions 8+. */
  readonly errorMessage?: string | null
  /** Versions 10+. */
  readonly currentLeader?: ProduceResponseCurrentLeader
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseRecordError {
  readonly batchIndex: number
  readonly batchIndexErrorMessage?: string | null
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseCurrentLeader {
  readonly leaderId?: number
  readonly leaderEpoch?: number
  readonly unknownTags?: UnknownTags
}

export interface ProduceResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeProduceResponse(writer: Writer, message: ProduceResponse, version: number): void {
  const flexible = version >= 9
  const responses = message.responses
  writer.arrayLength(responses.length, flexible)
  for (const element of responses) encodeProduceResponseResponse(writer, element, version)
  writer.int32(message.throttleTimeMs ?? 0)
  if (flexible) {
    const nodeEndpoints = message.nodeEndpoints
    const hasNodeEndpoints = version >= 10 && nodeEndpoints !== undefined && nodeEndpoints.length !== 0
    writer.tagCount(hasNodeEndpoints ? 1 : 0, message.unknownTags)
    if (hasNodeEndpoints) {
      const nodeEndpointsAt = writer.enterTag(0)
      writer.arrayLength(nodeEndpoints.length, true)
      for (const element of nodeEndpoints) encodeProduceResponseNodeEndpoint(writer, element, version)
      writer.leaveTag(nodeEndpointsAt)
    }
    writer.unknownTags(message.unknownTags)
  }
}

function encodeProduceResponseResponse(writer: Writer, message: ProduceResponseResponse, version: number): void {
  const flexible = version >= 9
  if (version <= 12) writer.string(message.name ?? '', flexible)
  if (version >= 13) writer.uuid(message.topicId ?? ZERO_UUID)
  const partitionResponses = message.partitionResponses
  writer.arrayLength(partitionResponses.length, flexible)
  for (const element of partitionResponses) encodeProduceResponsePartitionResponse(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeProduceResponsePartitionResponse(writer: Writer, message: ProduceResponsePartitionResponse, version: number): void {
  const flexible = version >= 9
  writer.int32(message.index)
  writer.int16(message.errorCode)
  writer.int64(message.baseOffset)
  writer.int64(message.logAppendTimeMs ?? -1n)
  if (version >= 5) writer.int64(message.logStartOffset ?? -1n)
  if (version >= 8) {
    const recordErrors = message.recordErrors ?? []
    writer.arrayLength(recordErrors.length, flexible)
    for (const element of recordErrors) encodeProduceResponseRecordError(writer, element, version)
  }
  if (version >= 8) writer.nullableString(message.errorMessage ?? null, flexible)
  if (flexible) {
    const currentLeader = message.currentLeader
    const hasCurrentLeader = version >= 10 && currentLeader !== undefined && !isDefaultProduceResponseCurrentLeader(currentLeader)
    writer.tagCount(hasCurrentLeader ? 1 : 0, message.unknownTags)
    if (hasCurrentLeader) {
      const currentLeaderAt = writer.enterTag(0)
      encodeProduceResponseCurrentLeader(writer, currentLeader, version)
      writer.leaveTag(currentLeaderAt)
    }
    writer.unknownTags(message.unknownTags)
  }
}

function encodeProduceResponseRecordError(writer: Writer, message: ProduceResponseRecordError, version: number): void {
  const flexible = version >= 9
  writer.int32(message.batchIndex)
  writer.nullableString(message.batchIndexErrorMessage ?? null, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  }
}

function encodeProduceResponseCurrentLeader(writer: Writer, message: ProduceResponseCurrentLeader, _version: number): void {
  writer.int32(message.leaderId ?? -1)
  writer.int32(message.leaderEpoch ?? -1)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeProduceResponseNodeEndpoint(writer: Writer, message: ProduceResponseNodeEndpoint, _version: number): void {
  writer.int32(message.nodeId)
  writer.string(message.host, true)
  writer.int32(message.port)
  writer.nullableString(message.rack ?? null, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeProduceResponse(reader: Reader, version: number): Decoded<ProduceResponse> {
  const flexible = version >= 9
  let responses: Decoded<ProduceResponseResponse>[] = []
  for (let left = reader.arrayLength(flexible, 1); left > 0; left--) responses.push(decodeProduceResponseResponse(reader, version))
  const throttleTimeMs = reader.int32()
  let nodeEndpoints: Decoded<ProduceResponseNodeEndpoint>[] = []
  let unknownTags: UnknownTags
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          if (version >= 10) {
            nodeEndpoints = []
            for (let left = reader.arrayLength(true, 11); left > 0; left--) nodeEndpoints.push(decodeProduceResponseNodeEndpoint(reader, version))
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
  }
  return { responses, throttleTimeMs, nodeEndpoints, unknownTags }
}

function decodeProduceResponseResponse(reader: Reader, version: number): Decoded<ProduceResponseResponse> {
  const flexible = version >= 9
  let name: string = ''
  if (version <= 12) name = reader.string(flexible)
  let topicId: Uuid = ZERO_UUID
  if (version >= 13) topicId = reader.uuid()
  let partitionResponses: Decoded<ProduceResponsePartitionResponse>[] = []
  for (let left = reader.arrayLength(flexible, 22); left > 0; left--) partitionResponses.push(decodeProduceResponsePartitionResponse(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, topicId, partitionResponses, unknownTags }
}

function decodeProduceResponsePartitionResponse(reader: Reader, version: number): Decoded<ProduceResponsePartitionResponse> {
  const flexible = version >= 9
  const index = reader.int32()
  const errorCode = reader.int16()
  const baseOffset = reader.int64()
  const logAppendTimeMs = reader.int64()
  let logStartOffset: bigint = -1n
  if (version >= 5) logStartOffset = reader.int64()
  let recordErrors: Decoded<ProduceResponseRecordError>[] = []
  if (version >= 8) {
    for (let left = reader.arrayLength(flexible, 5); left > 0; left--) recordErrors.push(decodeProduceResponseRecordError(reader, version))
  }
  let errorMessage: string | null = null
  if (version >= 8) errorMessage = reader.nullableString(flexible)
  let currentLeader: Decoded<ProduceResponseCurrentLeader> = { leaderId: -1, leaderEpoch: -1, unknownTags: undefined }
  let unknownTags: UnknownTags
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          if (version >= 10) {
            currentLeader = decodeProduceResponseCurrentLeader(reader, version)
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
  }
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, currentLeader, unknownTags }
}

function decodeProduceResponseRecordError(reader: Reader, version: number): Decoded<ProduceResponseRecordError> {
  const flexible = version >= 9
  const batchIndex = reader.int32()
  const batchIndexErrorMessage = reader.nullableString(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { batchIndex, batchIndexErrorMessage, unknownTags }
}

function decodeProduceResponseCurrentLeader(reader: Reader, _version: number): Decoded<ProduceResponseCurrentLeader> {
  const leaderId = reader.int32()
  const leaderEpoch = reader.int32()
  const unknownTags = reader.unknownTags()
  return { leaderId, leaderEpoch, unknownTags }
}

function decodeProduceResponseNodeEndpoint(reader: Reader, _version: number): Decoded<ProduceResponseNodeEndpoint> {
  const nodeId = reader.int32()
  const host = reader.string(true)
  const port = reader.int32()
  const rack = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { nodeId, host, port, rack, unknownTags }
}

function isDefaultProduceResponseCurrentLeader(message: ProduceResponseCurrentLeader): boolean {
  return !(message.leaderId !== undefined && message.leaderId !== -1) &&
    !(message.leaderEpoch !== undefined && message.leaderEpoch !== -1) &&
    message.unknownTags === undefined
}

export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  versions: { min: 3, max: 13, latestStable: 13 },
  flexibleFrom: 9,
  sentTo: 'leader',
  listeners: ['broker'],
  request: { name: 'ProduceRequest', encode: encodeProduceRequest, decode: decodeProduceRequest },
  response: { name: 'ProduceResponse', encode: encodeProduceResponse, decode: decodeProduceResponse },
}
