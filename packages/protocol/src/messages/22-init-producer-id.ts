/**
 * The InitProducerId API (key 22).
 * Generated from schemas/22-init-producer-id.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../wire/decoded.js'
import type { Reader } from '../wire/reader.js'
import type { UnknownTags } from '../wire/tagged.js'
import type { Writer } from '../wire/writer.js'
import type { Api } from './api.js'

export interface InitProducerIdRequest {
  /** Null for idempotence alone: any broker answers, with an id never used before. Empty is INVALID_REQUEST. */
  readonly transactionalId: string | null
  /**
   * A transaction open for longer is aborted and its producer fenced. Above the broker's transaction.max.timeout.ms
   * (15 min): INVALID_TRANSACTION_TIMEOUT. Without a transactional id it means nothing.
   */
  readonly transactionTimeoutMs: number
  /** -1, except from a producer that wants its own epoch raised. Versions 3+. */
  readonly producerId?: bigint
  /**
   * -1, except from a producer that wants its own epoch raised. If the coordinator knows a newer one:
   * PRODUCER_FENCED. Versions 3+.
   */
  readonly producerEpoch?: number
  /** True: no timeout ends the transaction, an outside coordinator decides. Versions 6+. */
  readonly enable2Pc?: boolean
  /** True: an open transaction is not aborted but described in the answer. Versions 6+. */
  readonly keepPreparedTxn?: boolean
  readonly unknownTags?: UnknownTags
}

function encodeInitProducerIdRequest(writer: Writer, message: InitProducerIdRequest, version: number): void {
  const flexible = version >= 2
  writer.nullableString(message.transactionalId, flexible)
  writer.int32(message.transactionTimeoutMs)
  if (version >= 3) writer.int64(message.producerId ?? -1n)
  else if (message.producerId !== undefined && message.producerId !== -1n) throw writer.unsupported('producerId', version)
  if (version >= 3) writer.int16(message.producerEpoch ?? -1)
  else if (message.producerEpoch !== undefined && message.producerEpoch !== -1) throw writer.unsupported('producerEpoch', version)
  if (version >= 6) writer.bool(message.enable2Pc ?? false)
  else if (message.enable2Pc !== undefined && message.enable2Pc !== false) throw writer.unsupported('enable2Pc', version)
  if (version >= 6) writer.bool(message.keepPreparedTxn ?? false)
  else if (message.keepPreparedTxn !== undefined && message.keepPreparedTxn !== false) throw writer.unsupported('keepPreparedTxn', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeInitProducerIdRequest(reader: Reader, version: number): Decoded<InitProducerIdRequest> {
  const flexible = version >= 2
  const transactionalId = reader.nullableString(flexible)
  const transactionTimeoutMs = reader.int32()
  let producerId: bigint = -1n
  if (version >= 3) producerId = reader.int64()
  let producerEpoch: number = -1
  if (version >= 3) producerEpoch = reader.int16()
  let enable2Pc: boolean = false
  if (version >= 6) enable2Pc = reader.bool()
  let keepPreparedTxn: boolean = false
  if (version >= 6) keepPreparedTxn = reader.bool()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { transactionalId, transactionTimeoutMs, producerId, producerEpoch, enable2Pc, keepPreparedTxn, unknownTags }
}

export interface InitProducerIdResponse {
  readonly throttleTimeMs?: number
  /**
   * CONCURRENT_TRANSACTIONS: an older transaction is being ended, retry. Find the coordinator again: NOT_COORDINATOR,
   * COORDINATOR_NOT_AVAILABLE. Retry: COORDINATOR_LOAD_IN_PROGRESS. Close the producer: PRODUCER_FENCED,
   * INVALID_PRODUCER_EPOCH. Final: INVALID_TRANSACTION_TIMEOUT, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
   * CLUSTER_AUTHORIZATION_FAILED.
   */
  readonly errorCode: number
  /** -1 on error. Changes when the epochs of the old id are used up. */
  readonly producerId?: bigint
  /** Under a new epoch the sequence numbers of every partition begin at 0. */
  readonly producerEpoch: number
  /** -1 when keepPreparedTxn found no open transaction. Versions 6+. */
  readonly ongoingTxnProducerId?: bigint
  /** -1 when keepPreparedTxn found no open transaction. Versions 6+. */
  readonly ongoingTxnProducerEpoch?: number
  readonly unknownTags?: UnknownTags
}

function encodeInitProducerIdResponse(writer: Writer, message: InitProducerIdResponse, version: number): void {
  const flexible = version >= 2
  writer.int32(message.throttleTimeMs ?? 0)
  writer.int16(message.errorCode)
  writer.int64(message.producerId ?? -1n)
  writer.int16(message.producerEpoch)
  if (version >= 6) writer.int64(message.ongoingTxnProducerId ?? -1n)
  else if (message.ongoingTxnProducerId !== undefined && message.ongoingTxnProducerId !== -1n) throw writer.unsupported('ongoingTxnProducerId', version)
  if (version >= 6) writer.int16(message.ongoingTxnProducerEpoch ?? -1)
  else if (message.ongoingTxnProducerEpoch !== undefined && message.ongoingTxnProducerEpoch !== -1) throw writer.unsupported('ongoingTxnProducerEpoch', version)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeInitProducerIdResponse(reader: Reader, version: number): Decoded<InitProducerIdResponse> {
  const flexible = version >= 2
  const throttleTimeMs = reader.int32()
  const errorCode = reader.int16()
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  let ongoingTxnProducerId: bigint = -1n
  if (version >= 6) ongoingTxnProducerId = reader.int64()
  let ongoingTxnProducerEpoch: number = -1
  if (version >= 6) ongoingTxnProducerEpoch = reader.int16()
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { throttleTimeMs, errorCode, producerId, producerEpoch, ongoingTxnProducerId, ongoingTxnProducerEpoch, unknownTags }
}

/**
 * Hands out a producer id and epoch. For a transactional id it also raises the epoch, which fences every older
 * instance, and ends the transaction such an instance left open.
 * - 1: From here the client itself keeps silent for throttleTimeMs (KIP-219).
 * - 3: A producer can bring its id and epoch, to have the epoch raised after an error and go on (KIP-360).
 * - 4: A fenced producer gets PRODUCER_FENCED, before that INVALID_PRODUCER_EPOCH (KIP-588).
 * - 5: TRANSACTION_ABORTABLE may be answered (KIP-890).
 * - 6: Two-phase commit with an outside coordinator (KIP-939). Not final.
 */
export const initProducerId: Api<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  versions: { min: 0, max: 6, latestStable: 5 },
  flexibleFrom: 2,
  sentTo: 'transaction',
  listeners: ['broker'],
  request: { name: 'InitProducerIdRequest', encode: encodeInitProducerIdRequest, decode: decodeInitProducerIdRequest },
  response: { name: 'InitProducerIdResponse', encode: encodeInitProducerIdResponse, decode: decodeInitProducerIdResponse },
}
