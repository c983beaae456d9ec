/**
 * The DescribeTransactions API (key 65).
 * Generated from schemas/65-describe-transactions.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface DescribeTransactionsRequest {
  readonly transactionalIds: readonly string[]
  readonly unknownTags?: UnknownTags
}

function encodeDescribeTransactionsRequest(writer: Writer, message: DescribeTransactionsRequest, _version: number): void {
  const transactionalIds = message.transactionalIds
  writer.arrayLength(transactionalIds.length, true)
  for (const element of transactionalIds) writer.string(element, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeTransactionsRequest(reader: Reader, _version: number): Decoded<DescribeTransactionsRequest> {
  const transactionalIds: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) transactionalIds.push(reader.string(true))
  const unknownTags = reader.unknownTags()
  return { transactionalIds, unknownTags }
}

export interface DescribeTransactionsResponse {
  readonly throttleTimeMs: number
  readonly transactionStates: readonly DescribeTransactionsResponseTransactionState[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeTransactionsResponseTransactionState {
  /**
   * TRANSACTIONAL_ID_NOT_FOUND: never used or expired. TRANSACTIONAL_ID_AUTHORIZATION_FAILED without DESCRIBE on it.
   * NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again. COORDINATOR_LOAD_IN_PROGRESS: retry.
   */
  readonly errorCode: number
  readonly transactionalId: string
  /**
   * `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort` or `PrepareEpochFence`.
   */
  readonly transactionState: string
  /** The coordinator aborts a transaction that is open for longer. */
  readonly transactionTimeoutMs: number
  /** -1 when no transaction began since InitProducerId. After one has ended, its start is still shown. */
  readonly transactionStartTimeMs: bigint
  readonly producerId: bigint
  readonly producerEpoch: number
  /**
   * Partitions in the transaction, without those of topics that the caller may not describe. While it is being ended:
   * only those whose marker is not written yet.
   */
  readonly topics: readonly DescribeTransactionsResponseTopic[]
  readonly unknownTags?: UnknownTags
}

export interface DescribeTransactionsResponseTopic {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeDescribeTransactionsResponse(writer: Writer, message: DescribeTransactionsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  const transactionStates = message.transactionStates
  writer.arrayLength(transactionStates.length, true)
  for (const element of transactionStates) encodeDescribeTransactionsResponseTransactionState(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeTransactionsResponseTransactionState(writer: Writer, message: DescribeTransactionsResponseTransactionState, version: number): void {
  writer.int16(message.errorCode)
  writer.string(message.transactionalId, true)
  writer.string(message.transactionState, true)
  writer.int32(message.transactionTimeoutMs)
  writer.int64(message.transactionStartTimeMs)
  writer.int64(message.producerId)
  writer.int16(message.producerEpoch)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeDescribeTransactionsResponseTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeDescribeTransactionsResponseTopic(writer: Writer, message: DescribeTransactionsResponseTopic, _version: number): void {
  writer.string(message.topic, true)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, true)
  for (const element of partitions) writer.int32(element)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeDescribeTransactionsResponse(reader: Reader, version: number): Decoded<DescribeTransactionsResponse> {
  const throttleTimeMs = reader.int32()
  const transactionStates: Decoded<DescribeTransactionsResponseTransactionState>[] = []
  for (let left = reader.arrayLength(true, 28); left > 0; left--) transactionStates.push(decodeDescribeTransactionsResponseTransactionState(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, transactionStates, unknownTags }
}

function decodeDescribeTransactionsResponseTransactionState(reader: Reader, version: number): Decoded<DescribeTransactionsResponseTransactionState> {
  const errorCode = reader.int16()
  const transactionalId = reader.string(true)
  const transactionState = reader.string(true)
  const transactionTimeoutMs = reader.int32()
  const transactionStartTimeMs = reader.int64()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const topics: Decoded<DescribeTransactionsResponseTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeDescribeTransactionsResponseTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { errorCode, transactionalId, transactionState, transactionTimeoutMs, transactionStartTimeMs, producerId, producerEpoch, topics, unknownTags }
}

function decodeDescribeTransactionsResponseTopic(reader: Reader, _version: number): Decoded<DescribeTransactionsResponseTopic> {
  const topic = reader.string(true)
  const partitions: number[] = []
  for (let left = reader.arrayLength(true, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = reader.unknownTags()
  return { topic, partitions, unknownTags }
}

/**
 * Shows the state of transactional ids as their coordinator has it (KIP-664). Every id goes to its own coordinator.
 */
export const describeTransactions: Api<DescribeTransactionsRequest, DescribeTransactionsResponse> = {
  key: 65,
  name: 'DescribeTransactions',
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: 0,
  sentTo: 'transaction',
  listeners: ['broker'],
  request: { name: 'DescribeTransactionsRequest', encode: encodeDescribeTransactionsRequest, decode: decodeDescribeTransactionsRequest },
  response: { name: 'DescribeTransactionsResponse', encode: encodeDescribeTransactionsResponse, decode: decodeDescribeTransactionsResponse },
}
