/**
 * The DescribeLogDirs API (key 35).
 * Generated from schemas/35-describe-log-dirs.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeLogDirsRequest {
  /** Null for all of them. */
  readonly topics: readonly DescribeLogDirsRequestTopic[] | null
  readonly unknownTags?: UnknownTags
}

export interface DescribeLogDirsRequestTopic {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeDescribeLogDirsRequest(writer: Writer, message: DescribeLogDirsRequest, version: number): void {
  const flexible = version >= 2
  const topics = message.topics
  if (topics === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(topics.length, flexible)
    for (const element of topics) encodeDescribeLogDirsRequestTopic(writer, element, version)
  }
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeLogDirsRequestTopic(writer: Writer, message: DescribeLogDirsRequestTopic, version: number): void {
  const flexible = version >= 2
  writer.string(message.topic, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeLogDirsRequest(reader: Reader, version: number): Decoded<DescribeLogDirsRequest> {
  const flexible = version >= 2
  let topics: Decoded<DescribeLogDirsRequestTopic>[] | null = []
  const topicsCount = reader.nullableArrayLength(flexible, 2)
  if (topicsCount < 0) {
    topics = null
  } else {
    const elements: Decoded<DescribeLogDirsRequestTopic>[] = []
    for (let left = topicsCount; left > 0; left--) elements.push(decodeDescribeLogDirsRequestTopic(reader, version))
    topics = elements
  }
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topics, unknownTags }
}

function decodeDescribeLogDirsRequestTopic(reader: Reader, version: number): Decoded<DescribeLogDirsRequestTopic> {
  const flexible = version >= 2
  const topic = reader.string(flexible)
  const partitions: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, partitions, unknownTags }
}

export interface DescribeLogDirsResponse {
  readonly throttleTimeMs: number
  /** CLUSTER_AUTHORIZATION_FAILED. Versions 3+. */
  readonly errorCode?: number
  readonly results: readonly DescribeLogDirsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeLogDirsResponseResult {
  /** KAFKA_STORAGE_ERROR: the directory has failed. */
  readonly errorCode: number
  readonly logDir: string
  readonly topics: readonly DescribeLogDirsResponseTopic[]
  /** -1 when unknown. Tiered storage does not count. Versions 4+. */
  readonly totalBytes?: bigint
  /** -1 when unknown. Tiered storage does not count. Versions 4+. */
  readonly usableBytes?: bigint
  /** Versions 5+. */
  readonly isCordoned?: boolean
  readonly unknownTags?: UnknownTags
}

export interface DescribeLogDirsResponseTopic {
  readonly name: string
  readonly partitions: readonly DescribeLogDirsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeLogDirsResponsePartition {
  readonly partitionIndex: number
  /** Bytes of its segments on disk. */
  readonly partitionSize: bigint
  /**
   * Offsets still missing. For the replica in use, its end against the high watermark; for one on the move, its end
   * against the old copy's.
   */
  readonly offsetLag: bigint
  /** True for the copy that AlterReplicaLogDirs is making; the same partition then stands in two directories. */
  readonly isFutureKey: boolean
  readonly unknownTags?: UnknownTags
}

function encodeDescribeLogDirsResponse(writer: Writer, message: DescribeLogDirsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  if (version >= 3) writer.int16(message.errorCode ?? 0)
  const results = message.results
  writer.arrayLength(results.length, flexible)
  for (const element of results) encodeDescribeLogDirsResponseResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeLogDirsResponseResult(writer: Writer, message: DescribeLogDirsResponseResult, version: number): void {
  const flexible = version >= 2
  writer.int16(message.errorCode)
  writer.string(message.logDir, flexible)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeDescribeLogDirsResponseTopic(writer, element, version)
  if (version >= 4) writer.int64(message.totalBytes ?? -1n)
  if (version >= 4) writer.int64(message.usableBytes ?? -1n)
  if (version >= 5) writer.bool(message.isCordoned ?? false)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeLogDirsResponseTopic(writer: Writer, message: DescribeLogDirsResponseTopic, version: number): void {
  const flexible = version >= 2
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeDescribeLogDirsResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeDescribeLogDirsResponsePartition(writer: Writer, message: DescribeLogDirsResponsePartition, version: number): void {
  const flexible = version >= 2
  writer.int32(message.partitionIndex)
  writer.int64(message.partitionSize)
  writer.int64(message.offsetLag)
  writer.bool(message.isFutureKey)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeDescribeLogDirsResponse(reader: Reader, version: number): Decoded<DescribeLogDirsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  let errorCode: number = 0
  if (version >= 3) errorCode = reader.int16()
  const results: Decoded<DescribeLogDirsResponseResult>[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) results.push(decodeDescribeLogDirsResponseResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, results, unknownTags }
}

function decodeDescribeLogDirsResponseResult(reader: Reader, version: number): Decoded<DescribeLogDirsResponseResult> {
  const flexible = version >= 2
  const errorCode = reader.int16()
  const logDir = reader.string(flexible)
  const topics: Decoded<DescribeLogDirsResponseTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeDescribeLogDirsResponseTopic(reader, version))
  let totalBytes: bigint = -1n
  if (version >= 4) totalBytes = reader.int64()
  let usableBytes: bigint = -1n
  if (version >= 4) usableBytes = reader.int64()
  let isCordoned: boolean = false
  if (version >= 5) isCordoned = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { errorCode, logDir, topics, totalBytes, usableBytes, isCordoned, unknownTags }
}

function decodeDescribeLogDirsResponseTopic(reader: Reader, version: number): Decoded<DescribeLogDirsResponseTopic> {
  const flexible = version >= 2
  const name = reader.string(flexible)
  const partitions: Decoded<DescribeLogDirsResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 21); left > 0; left--) partitions.push(decodeDescribeLogDirsResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

function decodeDescribeLogDirsResponsePartition(reader: Reader, version: number): Decoded<DescribeLogDirsResponsePartition> {
  const flexible = version >= 2
  const partitionIndex = reader.int32()
  const partitionSize = reader.int64()
  const offsetLag = reader.int64()
  const isFutureKey = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, partitionSize, offsetLag, isFutureKey, unknownTags }
}

/**
 * Tells for each log directory of the asked broker its room and the replicas in it, with their sizes (KIP-113).
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: Lack of rights is an error; before that it looks like a broker without directories.
 * - 4: Size of the volume and room left on it (KIP-827).
 * - 5: Whether new replicas are kept away from a directory (KIP-1066).
 */
export const describeLogDirs: Api<DescribeLogDirsRequest, DescribeLogDirsResponse> = {
  key: 35,
  name: 'DescribeLogDirs',
  versions: { min: 1, max: 5, latestStable: 5 },
  flexibleFrom: 2,
  sentTo: 'broker',
  listeners: ['broker'],
  request: { name: 'DescribeLogDirsRequest', encode: encodeDescribeLogDirsRequest, decode: decodeDescribeLogDirsRequest },
  response: { name: 'DescribeLogDirsResponse', encode: encodeDescribeLogDirsResponse, decode: decodeDescribeLogDirsResponse },
}
