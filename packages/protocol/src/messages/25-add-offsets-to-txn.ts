/**
 * The AddOffsetsToTxn API (key 25).
 * Generated from schemas/25-add-offsets-to-txn.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface AddOffsetsToTxnRequest {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly groupId: string
  readonly unknownTags?: UnknownTags
}

function encodeAddOffsetsToTxnRequest(writer: Writer, message: AddOffsetsToTxnRequest, version: number): void {
  const flexible = version >= 3
  writer.string(message.transactionalId, flexible)
  writer.int64(message.producerId)
  writer.int16(message.producerEpoch)
  writer.string(message.groupId, flexible)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAddOffsetsToTxnRequest(reader: Reader, version: number): Decoded<AddOffsetsToTxnRequest> {
  const flexible = version >= 3
  const transactionalId = reader.string(flexible)
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const groupId = reader.string(flexible)
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { transactionalId, producerId, producerEpoch, groupId, unknownTags }
}

export interface AddOffsetsToTxnResponse {
  readonly throttleTimeMs: number
  /**
   * Retry: CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS. Find the coordinator again: NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE. Abort: TRANSACTION_ABORTABLE, GROUP_AUTHORIZATION_FAILED. Close the producer:
   * PRODUCER_FENCED, INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  readonly unknownTags?: UnknownTags
}

function encodeAddOffsetsToTxnResponse(writer: Writer, message: AddOffsetsToTxnResponse, version: number): void {
  const flexible = version >= 3
  writer.int32(message.throttleTimeMs)
  writer.int16(message.errorCode)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeAddOffsetsToTxnResponse(reader: Reader, version: number): Decoded<AddOffsetsToTxnResponse> {
  const flexible = version >= 3
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, unknownTags }
}

/**
 * Announces to the transaction coordinator that offsets of a group are part of the transaction, before
 * TxnOffsetCommit goes to the group's coordinator. Not needed under transaction.version 2.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 2: A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).
 * - 4: TRANSACTION_ABORTABLE may be answered (KIP-890).
 */
export const addOffsetsToTxn: Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: { min: 0, max: 4, latestStable: 4 },
  flexibleFrom: 3,
  sentTo: 'transaction',
  listeners: ['broker'],
  request: { name: 'AddOffsetsToTxnRequest', encode: encodeAddOffsetsToTxnRequest, decode: decodeAddOffsetsToTxnRequest },
  response: { name: 'AddOffsetsToTxnResponse', encode: encodeAddOffsetsToTxnResponse, decode: decodeAddOffsetsToTxnResponse },
}
