/**
 * The AddPartitionsToTxn API (key 24).
 * Generated from schemas/24-add-partitions-to-txn.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AddPartitionsToTxnRequest {
  /** Versions 4+. */
  readonly transactions?: readonly AddPartitionsToTxnRequestTransaction[]
  /** Versions 0-3. */
  readonly v3AndBelowTransactionalId?: string
  /** Versions 0-3. */
  readonly v3AndBelowProducerId?: bigint
  /** Versions 0-3. */
  readonly v3AndBelowProducerEpoch?: number
  /** Versions 0-3. */
  readonly v3AndBelowTopics?: readonly AddPartitionsToTxnRequestAddPartitionsToTxnTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AddPartitionsToTxnRequestTransaction {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  /** True: add nothing, only say whether each partition is in the transaction. */
  readonly verifyOnly: boolean
  readonly topics: readonly AddPartitionsToTxnRequestAddPartitionsToTxnTopic[]
  readonly unknownTags?: UnknownTags
}

export interface AddPartitionsToTxnRequestAddPartitionsToTxnTopic {
  readonly name: string
  readonly partitions: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeAddPartitionsToTxnRequest(writer: Writer, message: AddPartitionsToTxnRequest, version: number): void {
  const flexible = version >= 3
  if (version >= 4) {
    const transactions = message.transactions ?? []
    writer.arrayLength(transactions.length, true)
    for (const element of transactions) encodeAddPartitionsToTxnRequestTransaction(writer, element, version)
  } else if (message.transactions !== undefined && message.transactions.length !== 0) throw writer.unsupported('transactions', version)
  if (version <= 3) writer.string(message.v3AndBelowTransactionalId ?? '', flexible)
  else if (message.v3AndBelowTransactionalId !== undefined && message.v3AndBelowTransactionalId !== '') throw writer.unsupported('v3AndBelowTransactionalId', version)
  if (version <= 3) writer.int64(message.v3AndBelowProducerId ?? 0n)
  else if (message.v3AndBelowProducerId !== undefined && message.v3AndBelowProducerId !== 0n) throw writer.unsupported('v3AndBelowProducerId', version)
  if (version <= 3) writer.int16(message.v3AndBelowProducerEpoch ?? 0)
  else if (message.v3AndBelowProducerEpoch !== undefined && message.v3AndBelowProducerEpoch !== 0) throw writer.unsupported('v3AndBelowProducerEpoch', version)
  if (version <= 3) {
    const v3AndBelowTopics = message.v3AndBelowTopics ?? []
    writer.arrayLength(v3AndBelowTopics.length, flexible)
    for (const element of v3AndBelowTopics) encodeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(writer, element, version)
  } else if (message.v3AndBelowTopics !== undefined && message.v3AndBelowTopics.length !== 0) throw writer.unsupported('v3AndBelowTopics', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAddPartitionsToTxnRequestTransaction(writer: Writer, message: AddPartitionsToTxnRequestTransaction, version: number): void {
  writer.string(message.transactionalId, true)
  writer.int64(message.producerId)
  writer.int16(message.producerEpoch)
  writer.bool(message.verifyOnly)
  const topics = message.topics
  writer.arrayLength(topics.length, true)
  for (const element of topics) encodeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(writer: Writer, message: AddPartitionsToTxnRequestAddPartitionsToTxnTopic, version: number): void {
  const flexible = version >= 3
  writer.string(message.name, flexible)
  const partitions = message.partitions
  writer.arrayLength(partitions.length, flexible)
  for (const element of partitions) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAddPartitionsToTxnRequest(reader: Reader, version: number): Decoded<AddPartitionsToTxnRequest> {
  const flexible = version >= 3
  let transactions: Decoded<AddPartitionsToTxnRequestTransaction>[] = []
  if (version >= 4) for (let left = reader.arrayLength(true, 14); left > 0; left--) transactions.push(decodeAddPartitionsToTxnRequestTransaction(reader, version))
  let v3AndBelowTransactionalId: string = ''
  if (version <= 3) v3AndBelowTransactionalId = reader.string(flexible)
  let v3AndBelowProducerId: bigint = 0n
  if (version <= 3) v3AndBelowProducerId = reader.int64()
  let v3AndBelowProducerEpoch: number = 0
  if (version <= 3) v3AndBelowProducerEpoch = reader.int16()
  let v3AndBelowTopics: Decoded<AddPartitionsToTxnRequestAddPartitionsToTxnTopic>[] = []
  if (version <= 3) for (let left = reader.arrayLength(flexible, 2); left > 0; left--) v3AndBelowTopics.push(decodeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { transactions, v3AndBelowTransactionalId, v3AndBelowProducerId, v3AndBelowProducerEpoch, v3AndBelowTopics, unknownTags }
}

function decodeAddPartitionsToTxnRequestTransaction(reader: Reader, version: number): Decoded<AddPartitionsToTxnRequestTransaction> {
  const transactionalId = reader.string(true)
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const verifyOnly = reader.bool()
  const topics: Decoded<AddPartitionsToTxnRequestAddPartitionsToTxnTopic>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topics.push(decodeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(reader, version))
  const unknownTags = reader.unknownTags()
  return { transactionalId, producerId, producerEpoch, verifyOnly, topics, unknownTags }
}

function decodeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(reader: Reader, version: number): Decoded<AddPartitionsToTxnRequestAddPartitionsToTxnTopic> {
  const flexible = version >= 3
  const name = reader.string(flexible)
  const partitions: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) partitions.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, partitions, unknownTags }
}

export interface AddPartitionsToTxnResponse {
  readonly throttleTimeMs: number
  /** Of the whole request: CLUSTER_AUTHORIZATION_FAILED when the sender is no broker. Versions 4+. */
  readonly errorCode?: number
  /** Versions 4+. */
  readonly resultsByTransaction?: readonly AddPartitionsToTxnResponseResultsByTransaction[]
  /** Versions 0-3. */
  readonly resultsByTopicV3AndBelow?: readonly AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult[]
  readonly unknownTags?: UnknownTags
}

export interface AddPartitionsToTxnResponseResultsByTransaction {
  readonly transactionalId: string
  readonly topicResults: readonly AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult[]
  readonly unknownTags?: UnknownTags
}

export interface AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult {
  readonly name: string
  readonly resultsByPartition: readonly AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult[]
  readonly unknownTags?: UnknownTags
}

export interface AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult {
  readonly partitionIndex: number
  /**
   * CONCURRENT_TRANSACTIONS: the last transaction is still being ended, retry after some 20 ms.
   * OPERATION_NOT_ATTEMPTED: nothing wrong here, but with another partition, and none was added. Find the coordinator
   * again: NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS,
   * UNKNOWN_TOPIC_OR_PARTITION. Abort: TRANSACTION_ABORTABLE, TOPIC_AUTHORIZATION_FAILED. Close the producer:
   * PRODUCER_FENCED, INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.
   */
  readonly partitionErrorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeAddPartitionsToTxnResponse(writer: Writer, message: AddPartitionsToTxnResponse, version: number): void {
  const flexible = version >= 3
  writer.int32(message.throttleTimeMs)
  if (version >= 4) writer.int16(message.errorCode ?? 0)
  if (version >= 4) {
    const resultsByTransaction = message.resultsByTransaction ?? []
    writer.arrayLength(resultsByTransaction.length, true)
    for (const element of resultsByTransaction) encodeAddPartitionsToTxnResponseResultsByTransaction(writer, element, version)
  } else if (message.resultsByTransaction !== undefined && message.resultsByTransaction.length !== 0) throw writer.unsupported('resultsByTransaction', version)
  if (version <= 3) {
    const resultsByTopicV3AndBelow = message.resultsByTopicV3AndBelow ?? []
    writer.arrayLength(resultsByTopicV3AndBelow.length, flexible)
    for (const element of resultsByTopicV3AndBelow) encodeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(writer, element, version)
  } else if (message.resultsByTopicV3AndBelow !== undefined && message.resultsByTopicV3AndBelow.length !== 0) throw writer.unsupported('resultsByTopicV3AndBelow', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAddPartitionsToTxnResponseResultsByTransaction(writer: Writer, message: AddPartitionsToTxnResponseResultsByTransaction, version: number): void {
  writer.string(message.transactionalId, true)
  const topicResults = message.topicResults
  writer.arrayLength(topicResults.length, true)
  for (const element of topicResults) encodeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(writer: Writer, message: AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult, version: number): void {
  const flexible = version >= 3
  writer.string(message.name, flexible)
  const resultsByPartition = message.resultsByPartition
  writer.arrayLength(resultsByPartition.length, flexible)
  for (const element of resultsByPartition) encodeAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(writer, element, version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(writer: Writer, message: AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult, version: number): void {
  const flexible = version >= 3
  writer.int32(message.partitionIndex)
  writer.int16(message.partitionErrorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAddPartitionsToTxnResponse(reader: Reader, version: number): Decoded<AddPartitionsToTxnResponse> {
  const flexible = version >= 3
  const throttleTimeMs = reader.int32()
  let errorCode: number = 0
  if (version >= 4) errorCode = reader.int16()
  let resultsByTransaction: Decoded<AddPartitionsToTxnResponseResultsByTransaction>[] = []
  if (version >= 4) for (let left = reader.arrayLength(true, 3); left > 0; left--) resultsByTransaction.push(decodeAddPartitionsToTxnResponseResultsByTransaction(reader, version))
  let resultsByTopicV3AndBelow: Decoded<AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult>[] = []
  if (version <= 3) for (let left = reader.arrayLength(flexible, 2); left > 0; left--) resultsByTopicV3AndBelow.push(decodeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, resultsByTransaction, resultsByTopicV3AndBelow, unknownTags }
}

function decodeAddPartitionsToTxnResponseResultsByTransaction(reader: Reader, version: number): Decoded<AddPartitionsToTxnResponseResultsByTransaction> {
  const transactionalId = reader.string(true)
  const topicResults: Decoded<AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult>[] = []
  for (let left = reader.arrayLength(true, 3); left > 0; left--) topicResults.push(decodeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(reader, version))
  const unknownTags = reader.unknownTags()
  return { transactionalId, topicResults, unknownTags }
}

function decodeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(reader: Reader, version: number): Decoded<AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult> {
  const flexible = version >= 3
  const name = reader.string(flexible)
  const resultsByPartition: Decoded<AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult>[] = []
  for (let left = reader.arrayLength(flexible, 6); left > 0; left--) resultsByPartition.push(decodeAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(reader, version))
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { name, resultsByPartition, unknownTags }
}

function decodeAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(reader: Reader, version: number): Decoded<AddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult> {
  const flexible = version >= 3
  const partitionIndex = reader.int32()
  const partitionErrorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { partitionIndex, partitionErrorCode, unknownTags }
}

/**
 * Announces partitions to the transaction coordinator before the first record goes there, so that it knows where to
 * put the markers. Producers send it up to 3, and not at all under transaction.version 2; brokers send 4 and above.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 2: A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).
 * - 4: For brokers only: many transactions in one request, and asking without adding (KIP-890).
 * - 5: TRANSACTION_ABORTABLE for a partition that verifyOnly does not find (KIP-890).
 */
export const addPartitionsToTxn: Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: { min: 0, max: 5, latestStable: 5 },
  flexibleFrom: 3,
  sentTo: 'transaction',
  listeners: ['broker'],
  request: { name: 'AddPartitionsToTxnRequest', encode: encodeAddPartitionsToTxnRequest, decode: decodeAddPartitionsToTxnRequest },
  response: { name: 'AddPartitionsToTxnResponse', encode: encodeAddPartitionsToTxnResponse, decode: decodeAddPartitionsToTxnResponse },
}
