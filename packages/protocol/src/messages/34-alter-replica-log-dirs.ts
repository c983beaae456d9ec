/**
 * The AlterReplicaLogDirs API (key 34).
 * Generated from schemas/34-alter-replica-log-dirs.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AlterReplicaLogDirsRequest {
  readonly dirs: readonly AlterReplicaLogDirsRequestDir[]
  readonly unknownTags?: UnknownTags
}

export interface AlterReplicaLogDirsRequestDir {
  /** One of the broker's log.dirs, as it is written there. */
  readonly path: string
  readonly topics: readonly AlterReplicaLogDirsRequestTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AlterReplicaLogDirsRequestTopic {
  readonly name: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeAlterReplicaLogDirsRequest(writer: Writer, message: AlterReplicaLogDirsRequest, version: number): void {
  const flexible = version >= 2
  const dirs = message.dirs
  writer.arrayLength(dirs.length, flexible)
  for (const element of dirs) encodeAlterReplicaLogDirsRequestDir(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterReplicaLogDirsRequestDir(writer: Writer, message: AlterReplicaLogDirsRequestDir, version: number): void {
  const flexible = version >= 2
  writer.string(message.path, flexible)
  const topics = message.topics
  writer.arrayLength(topics.length, flexible)
  for (const element of topics) encodeAlterReplicaLogDirsRequestTopic(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterReplicaLogDirsRequestTopic(writer: Writer, message: AlterReplicaLogDirsRequestTopic, version: number): void {
  const flexible = version >= 2
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAlterReplicaLogDirsRequest(reader: Reader, version: number): Decoded<AlterReplicaLogDirsRequest> {
  const flexible = version >= 2
  const dirs: Decoded<AlterReplicaLogDirsRequestDir>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) dirs.push(decodeAlterReplicaLogDirsRequestDir(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { dirs, unknownTags }
}

function decodeAlterReplicaLogDirsRequestDir(reader: Reader, version: number): Decoded<AlterReplicaLogDirsRequestDir> {
  const flexible = version >= 2
  const path = reader.string(flexible)
  const topics: Decoded<AlterReplicaLogDirsRequestTopic>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) topics.push(decodeAlterReplicaLogDirsRequestTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { path, topics, unknownTags }
}

function decodeAlterReplicaLogDirsRequestTopic(reader: Reader, version: number): Decoded<AlterReplicaLogDirsRequestTopic> {
  const flexible = version >= 2
  const name = reader.string(flexible)
  const partitions: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

export interface AlterReplicaLogDirsResponse {
  readonly throttleTimeMs: number
  readonly results: readonly AlterReplicaLogDirsResponseResult[]
  readonly unknownTags?: UnknownTags
}

export interface AlterReplicaLogDirsResponseResult {
  readonly topicName: string
  readonly partitions: readonly AlterReplicaLogDirsResponsePartition[]
  readonly unknownTags?: UnknownTags
}

export interface AlterReplicaLogDirsResponsePartition {
  readonly partitionIndex: number
  /**
   * LOG_DIR_NOT_FOUND: no such directory. KAFKA_STORAGE_ERROR: it has failed. REPLICA_NOT_AVAILABLE: no such replica
   * here yet; it is created in that directory when it comes. CLUSTER_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeAlterReplicaLogDirsResponse(writer: Writer, message: AlterReplicaLogDirsResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs)
  const results = message.results
  writer.arrayLength(results.length, flexible)
  for (const element of results) encodeAlterReplicaLogDirsResponseResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterReplicaLogDirsResponseResult(writer: Writer, message: AlterReplicaLogDirsResponseResult, version: number): void {
  const flexible = version >= 2
  writer.string(message.topicName, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) encodeAlterReplicaLogDirsResponsePartition(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAlterReplicaLogDirsResponsePartition(writer: Writer, message: AlterReplicaLogDirsResponsePartition, version: number): void {
  const flexible = version >= 2
  writer.int32(message.partitionIndex)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAlterReplicaLogDirsResponse(reader: Reader, version: number): Decoded<AlterReplicaLogDirsResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const results: Decoded<AlterReplicaLogDirsResponseResult>[] = []
  for (let left = reader.arrayLength(flexible, 2); left > 0; left--) results.push(decodeAlterReplicaLogDirsResponseResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, results, unknownTags }
}

function decodeAlterReplicaLogDirsResponseResult(reader: Reader, version: number): Decoded<AlterReplicaLogDirsResponseResult> {
  const flexible = version >= 2
  const topicName = reader.string(flexible)
  const partitions: Decoded<AlterReplicaLogDirsResponsePartition>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) partitions.push(decodeAlterReplicaLogDirsResponsePartition(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topicName, partitions, unknownTags }
}

function decodeAlterReplicaLogDirsResponsePartition(reader: Reader, version: number): Decoded<AlterReplicaLogDirsResponsePartition> {
  const flexible = version >= 2
  const partitionIndex = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, errorCode, unknownTags }
}

/**
 * Moves the broker's own replicas to other log directories (KIP-113). It answers when the move has begun;
 * DescribeLogDirs shows how far it got.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 */
export const alterReplicaLogDirs: Api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> = {
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: { min: 1, max: 2, latestStable: 2 },
  flexibleFrom: 2,
  sentTo: 'broker',
  listeners: ['broker'],
  request: { name: 'AlterReplicaLogDirsRequest', encode: encodeAlterReplicaLogDirsRequest, decode: decodeAlterReplicaLogDirsRequest },
  response: { name: 'AlterReplicaLogDirsResponse', encode: encodeAlterReplicaLogDirsResponse, decode: decodeAlterReplicaLogDirsResponse },
}
