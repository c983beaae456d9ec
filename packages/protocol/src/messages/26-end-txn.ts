/**
 * The EndTxn API (key 26).
 * Generated from schemas/26-end-txn.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface EndTxnRequest {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly committed: boolean
  readonly unknownTags?: UnknownTags
}

function encodeEndTxnRequest(writer: Writer, message: EndTxnRequest, version: number): void {
  const flexible = version >= 3
  writer.string(message.transactionalId, flexible)
  writer.int64(message.producerId)
  writer.int16(message.producerEpoch)
  writer.bool(message.committed)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeEndTxnRequest(reader: Reader, version: number): Decoded<EndTxnRequest> {
  const flexible = version >= 3
  const transactionalId = reader.string(flexible)
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const committed = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { transactionalId, producerId, producerEpoch, committed, unknownTags }
}

export interface EndTxnResponse {
  readonly throttleTimeMs: number
  /**
   * Retry: CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS. Find the coordinator again: NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE. Abort: TRANSACTION_ABORTABLE. Close the producer: PRODUCER_FENCED, INVALID_TXN_STATE,
   * INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  /** To be used from now on; a new one when the epochs of the old id are used up. -1 on error. Versions 5+. */
  readonly producerId?: bigint
  /** To be used from now on, with sequence numbers from 0. -1 on error. Versions 5+. */
  readonly producerEpoch?: number
  readonly unknownTags?: UnknownTags
}

function encodeEndTxnResponse(writer: Writer, message: EndTxnResponse, version: number): void {
  const flexible = version >= 3
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  if (version >= 5) writer.int64(message.producerId ?? -1n)
  if (version >= 5) writer.int16(message.producerEpoch ?? -1)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeEndTxnResponse(reader: Reader, version: number): Decoded<EndTxnResponse> {
  const flexible = version >= 3
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  let producerId: bigint = -1n
  if (version >= 5) producerId = reader.int64()
  let producerEpoch: number = -1
  if (version >= 5) producerEpoch = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, producerId, producerEpoch, unknownTags }
}

/**
 * Ends the transaction of a producer. The answer comes once the decision is safe in the coordinator's log; markers
 * reach the partitions after that, so the next transaction may meet CONCURRENT_TRANSACTIONS for a while.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 2: A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).
 * - 4: TRANSACTION_ABORTABLE may be answered (KIP-890).
 * - 5: Every end raises the epoch, so that nothing late can slip into the next transaction; an abort may come
 *   without anything written (KIP-890). Only under transaction.version 2: others stay at 4.
 */
export const endTxn: Api<EndTxnRequest, EndTxnResponse> = {
  key: 26,
  name: 'EndTxn',
  versions: { min: 0, max: 5, latestStable: 5 },
  flexibleFrom: 3,
  sentTo: 'transaction',
  listeners: ['broker'],
  request: { name: 'EndTxnRequest', encode: encodeEndTxnRequest, decode: decodeEndTxnRequest },
  response: { name: 'EndTxnResponse', encode: encodeEndTxnResponse, decode: decodeEndTxnResponse },
}
