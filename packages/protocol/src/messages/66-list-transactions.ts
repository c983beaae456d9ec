/**
 * The ListTransactions API (key 66).
 * Generated from schemas/66-list-transactions.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface ListTransactionsRequest {
  /** Names as in DescribeTransactions. Empty: all. */
  readonly stateFilters: readonly string[]
  /** Empty: all. */
  readonly producerIdFilters: readonly bigint[]
  /** Only transactions that began more than this many milliseconds ago. Negative: all. Versions 1+. */
  readonly durationFilter?: bigint
  /** A regular expression in RE2 syntax that must match the whole id. Null or empty: all. Versions 2+. */
  readonly transactionalIdPattern?: string | null
  readonly unknownTags?: UnknownTags
}

function encodeListTransactionsRequest(writer: Writer, message: ListTransactionsRequest, version: number): void {
  const stateFilters = message.stateFilters
  writer.arrayLength(stateFilters.length, true)
  for (const element of stateFilters) writer.string(element, true)
  const producerIdFilters = message.producerIdFilters
  writer.arrayLength(producerIdFilters.length, true)
  for (const element of producerIdFilters) writer.int64(element)
  if (version >= 1) writer.int64(message.durationFilter ?? -1n)
  else if (message.durationFilter !== undefined && message.durationFilter !== -1n) throw writer.unsupported('durationFilter', version)
  if (version >= 2) writer.nullableString(message.transactionalIdPattern ?? null, true)
  else if (message.transactionalIdPattern !== undefined && message.transactionalIdPattern !== null) throw writer.unsupported('transactionalIdPattern', version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeListTransactionsRequest(reader: Reader, version: number): Decoded<ListTransactionsRequest> {
  const stateFilters: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) stateFilters.push(reader.string(true))
  const producerIdFilters: bigint[] = []
  for (let left = reader.arrayLength(true, 8); left > 0; left--) producerIdFilters.push(reader.int64())
  let durationFilter: bigint = -1n
  if (version >= 1) durationFilter = reader.int64()
  let transactionalIdPattern: string | null = null
  if (version >= 2) transactionalIdPattern = reader.nullableString(true)
  const unknownTags = reader.unknownTags()
  return { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern, unknownTags }
}

export interface ListTransactionsResponse {
  readonly throttleTimeMs: number
  /**
   * COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE: retry, for a partial list is never given.
   * INVALID_REGULAR_EXPRESSION in versions 2 and up.
   */
  readonly errorCode: number
  /** States asked for that the broker has never heard of; they match nothing. */
  readonly unknownStateFilters: readonly string[]
  readonly transactionStates: readonly ListTransactionsResponseTransactionState[]
  readonly unknownTags?: UnknownTags
}

export interface ListTransactionsResponseTransactionState {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly transactionState: string
  readonly unknownTags?: UnknownTags
}

function encodeListTransactionsResponse(writer: Writer, message: ListTransactionsResponse, version: number): void {
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  const unknownStateFilters = message.unknownStateFilters
  writer.arrayLength(unknownStateFilters.length, true)
  for (const element of unknownStateFilters) writer.string(element, true)
  const transactionStates = message.transactionStates
  writer.arrayLength(transactionStates.length, true)
  for (const element of transactionStates) encodeListTransactionsResponseTransactionState(writer, element, version)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function encodeListTransactionsResponseTransactionState(writer: Writer, message: ListTransactionsResponseTransactionState, _version: number): void {
  writer.string(message.transactionalId, true)
  writer.int64(message.producerId)
  writer.string(message.transactionState, true)
  writer.tagCount(0, message.unknownTags)
  writer.unknownTags(message.unknownTags)
}

function decodeListTransactionsResponse(reader: Reader, version: number): Decoded<ListTransactionsResponse> {
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const unknownStateFilters: string[] = []
  for (let left = reader.arrayLength(true, 1); left > 0; left--) unknownStateFilters.push(reader.string(true))
  const transactionStates: Decoded<ListTransactionsResponseTransactionState>[] = []
  for (let left = reader.arrayLength(true, 11); left > 0; left--) transactionStates.push(decodeListTransactionsResponseTransactionState(reader, version))
  const unknownTags = reader.unknownTags()
  return { throttleTimeMs, errorCode, unknownStateFilters, transactionStates, unknownTags }
}

function decodeListTransactionsResponseTransactionState(reader: Reader, _version: number): Decoded<ListTransactionsResponseTransactionState> {
  const transactionalId = reader.string(true)
  const producerId = reader.int64()
  const transactionState = reader.string(true)
  const unknownTags = reader.unknownTags()
  return { transactionalId, producerId, transactionState, unknownTags }
}

/**
 * Lists the transactional ids that one broker coordinates; a list of the whole cluster takes every broker. Filters
 * that are set must all match. Ids that the caller may not describe are left out.
 * - 1: Filter by age (KIP-994).
 * - 2: Filter by pattern (KIP-1152).
 */
export const listTransactions: Api<ListTransactionsRequest, ListTransactionsResponse> = {
  key: 66,
  name: 'ListTransactions',
  versions: { min: 0, max: 2, latestStable: 2 },
  flexibleFrom: 0,
  sentTo: 'broker',
  listeners: ['broker'],
  request: { name: 'ListTransactionsRequest', encode: encodeListTransactionsRequest, decode: decodeListTransactionsRequest },
  response: { name: 'ListTransactionsResponse', encode: encodeListTransactionsResponse, decode: decodeListTransactionsResponse },
}
