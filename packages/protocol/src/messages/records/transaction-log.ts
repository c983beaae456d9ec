/**
 * Records: transaction log.
 * Generated from schemas/records/transaction-log.ts by `npm run generate`: change it there.
 */
import type { Decoded } from '../../wire/decoded.js'
import type { Reader } from '../../wire/reader.js'
import type { UnknownTag, UnknownTags } from '../../wire/tagged.js'
import type { Writer } from '../../wire/writer.js'
import type { RecordType } from '../api.js'

/** Names a transactional id. With a null value it is forgotten: unused for transactional.id.expiration.ms. */
export interface TransactionLogKey {
  readonly transactionalId: string
}

function encodeTransactionLogKey(writer: Writer, message: TransactionLogKey, _version: number): void {
  writer.string(message.transactionalId, false)
}

function decodeTransactionLogKey(reader: Reader, _version: number): Decoded<TransactionLogKey> {
  const transactionalId = reader.string(false)
  return { transactionalId }
}

/** Names a transactional id. With a null value it is forgotten: unused for transactional.id.expiration.ms. */
export const transactionLogKey: RecordType<TransactionLogKey> = {
  name: 'TransactionLogKey',
  kind: 'coordinator-key',
  id: 0,
  versions: { min: 0, max: 0, latestStable: 0 },
  flexibleFrom: -1,
  encode: encodeTransactionLogKey,
  decode: decodeTransactionLogKey,
}

/**
 * A transactional id after a step of its transaction. PrepareCommit and PrepareAbort are decisive: once one of them
 * is in the log the outcome stands, and the next coordinator writes the markers that are missing.
 */
export interface TransactionLogValue {
  /** Handed out by InitProducerId; the same for all transactions until its epochs run out. */
  readonly producerId: bigint
  /**
   * The one before this step. It differs from `producerId` only when a new one was just taken: a repeated EndTxn
   * under the old one is then recognised. Versions 1+.
   */
  readonly previousProducerId?: bigint
  /**
   * With a transaction that is being ended and has used up the epochs: what the producer gets next. -1 otherwise.
   * Versions 1+.
   */
  readonly nextProducerId?: bigint
  /**
   * Rises with InitProducerId, with a transaction that times out and, from transaction.version 2 on, with the end of
   * every transaction. A producer with a lower one is fenced.
   */
  readonly producerEpoch: number
  /** Meant for two-phase commit: Kafka 4.3 leaves it at -1. Versions 1+. */
  readonly nextProducerEpoch?: number
  /** An open transaction that is older is aborted. 2147483647 stands for two-phase commit: never. */
  readonly transactionTimeoutMs: number
  /**
   * 0 Empty, 1 Ongoing, 2 PrepareCommit, 3 PrepareAbort, 4 CompleteCommit, 5 CompleteAbort, 6 Dead, 7
   * PrepareEpochFence.
   */
  readonly transactionStatus: number
  /**
   * The partitions to get a marker, those of `__consumer_offsets` included. Null in Empty; none are left in the
   * Complete states.
   */
  readonly transactionPartitions: readonly TransactionLogValueTransactionPartition[] | null
  readonly transactionLastUpdateTimestampMs: bigint
  /** -1 before the first transaction after InitProducerId. */
  readonly transactionStartTimestampMs: bigint
  /**
   * How the client runs the transaction. 2: Produce itself adds partitions, and the epoch rises at every end
   * (KIP-890). Versions 1+.
   */
  readonly clientTransactionVersion?: number
  readonly unknownTags?: UnknownTags
}

export interface TransactionLogValueTransactionPartition {
  readonly topic: string
  readonly partitionIds: readonly number[]
  readonly unknownTags?: UnknownTags
}

function encodeTransactionLogValue(writer: Writer, message: TransactionLogValue, version: number): void {
  const flexible = version >= 1
  writer.int64(message.producerId)
  if (version < 1 && message.previousProducerId !== undefined && message.previousProducerId !== -1n) throw writer.unsupported('previousProducerId', version)
  if (version < 1 && message.nextProducerId !== undefined && message.nextProducerId !== -1n) throw writer.unsupported('nextProducerId', version)
  writer.int16(message.producerEpoch)
  if (version < 1 && message.nextProducerEpoch !== undefined && message.nextProducerEpoch !== -1) throw writer.unsupported('nextProducerEpoch', version)
  writer.int32(message.transactionTimeoutMs)
  writer.int8(message.transactionStatus)
  const transactionPartitions = message.transactionPartitions
  if (transactionPartitions === null) {
    writer.nullLength(flexible)
  } else {
    writer.arrayLength(transactionPartitions.length, flexible)
    for (const element of transactionPartitions) encodeTransactionLogValueTransactionPartition(writer, element, version)
  }
  writer.int64(message.transactionLastUpdateTimestampMs)
  writer.int64(message.transactionStartTimestampMs)
  if (version < 1 && message.clientTransactionVersion !== undefined && message.clientTransactionVersion !== 0) throw writer.unsupported('clientTransactionVersion', version)
  if (flexible) {
    const previousProducerId = message.previousProducerId
    const hasPreviousProducerId = previousProducerId !== undefined && previousProducerId !== -1n
    const nextProducerId = message.nextProducerId
    const hasNextProducerId = nextProducerId !== undefined && nextProducerId !== -1n
    const clientTransactionVersion = message.clientTransactionVersion
    const hasClientTransactionVersion = clientTransactionVersion !== undefined && clientTransactionVersion !== 0
    const nextProducerEpoch = message.nextProducerEpoch
    const hasNextProducerEpoch = nextProducerEpoch !== undefined && nextProducerEpoch !== -1
    writer.tagCount((hasPreviousProducerId ? 1 : 0) + (hasNextProducerId ? 1 : 0) + (hasClientTransactionVersion ? 1 : 0) + (hasNextProducerEpoch ? 1 : 0), message.unknownTags)
    if (hasPreviousProducerId) {
      const previousProducerIdAt = writer.enterTag(0)
      writer.int64(previousProducerId)
      writer.leaveTag(previousProducerIdAt)
    }
    if (hasNextProducerId) {
      const nextProducerIdAt = writer.enterTag(1)
      writer.int64(nextProducerId)
      writer.leaveTag(nextProducerIdAt)
    }
    if (hasClientTransactionVersion) {
      const clientTransactionVersionAt = writer.enterTag(2)
      writer.int16(clientTransactionVersion)
      writer.leaveTag(clientTransactionVersionAt)
    }
    if (hasNextProducerEpoch) {
      const nextProducerEpochAt = writer.enterTag(3)
      writer.int16(nextProducerEpoch)
      writer.leaveTag(nextProducerEpochAt)
    }
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function encodeTransactionLogValueTransactionPartition(writer: Writer, message: TransactionLogValueTransactionPartition, version: number): void {
  const flexible = version >= 1
  writer.string(message.topic, flexible)
  const partitionIds = message.partitionIds
  writer.arrayLength(partitionIds.length, flexible)
  for (const element of partitionIds) writer.int32(element)
  if (flexible) {
    writer.tagCount(0, message.unknownTags)
    writer.unknownTags(message.unknownTags)
  } else if (message.unknownTags !== undefined && message.unknownTags.length > 0) throw writer.unsupported('unknownTags', version)
}

function decodeTransactionLogValue(reader: Reader, version: number): Decoded<TransactionLogValue> {
  const flexible = version >= 1
  const producerId = reader.int64()
  let previousProducerId: bigint = -1n
  let nextProducerId: bigint = -1n
  const producerEpoch = reader.int16()
  let nextProducerEpoch: number = -1
  const transactionTimeoutMs = reader.int32()
  const transactionStatus = reader.int8()
  let transactionPartitions: Decoded<TransactionLogValueTransactionPartition>[] | null = []
  const transactionPartitionsCount = reader.nullableArrayLength(flexible, 2)
  if (transactionPartitionsCount < 0) {
    transactionPartitions = null
  } else {
    const elements: Decoded<TransactionLogValueTransactionPartition>[] = []
    for (let left = transactionPartitionsCount; left > 0; left--) elements.push(decodeTransactionLogValueTransactionPartition(reader, version))
    transactionPartitions = elements
  }
  const transactionLastUpdateTimestampMs = reader.int64()
  const transactionStartTimestampMs = reader.int64()
  let clientTransactionVersion: number = 0
  let unknownTags: UnknownTag[] | undefined
  if (flexible) {
    for (let left = reader.tagCount(); left > 0; left--) {
      const outerEnd = reader.enterTag()
      switch (reader.tag) {
        case 0: {
          previousProducerId = reader.int64()
          break
        }
        case 1: {
          nextProducerId = reader.int64()
          break
        }
        case 2: {
          clientTransactionVersion = reader.int16()
          break
        }
        case 3: {
          nextProducerEpoch = reader.int16()
          break
        }
        default:
          unknownTags = reader.unknownTag(unknownTags)
      }
      reader.leaveTag(outerEnd)
    }
  }
  return { producerId, previousProducerId, nextProducerId, producerEpoch, nextProducerEpoch, transactionTimeoutMs, transactionStatus, transactionPartitions, transactionLastUpdateTimestampMs, transactionStartTimestampMs, clientTransactionVersion, unknownTags }
}

function decodeTransactionLogValueTransactionPartition(reader: Reader, version: number): Decoded<TransactionLogValueTransactionPartition> {
  const flexible = version >= 1
  const topic = reader.string(flexible)
  const partitionIds: number[] = []
  for (let left = reader.arrayLength(flexible, 4); left > 0; left--) partitionIds.push(reader.int32())
  const unknownTags = flexible ? reader.unknownTags() : undefined
  return { topic, partitionIds, unknownTags }
}

/**
 * A transactional id after a step of its transaction. PrepareCommit and PrepareAbort are decisive: once one of them
 * is in the log the outcome stands, and the next coordinator writes the markers that are missing.
 * - 1: Written from transaction.version 1 on. From here on only tagged fields are added, which older brokers pass
 *   over (KIP-915).
 */
export const transactionLogValue: RecordType<TransactionLogValue> = {
  name: 'TransactionLogValue',
  kind: 'coordinator-value',
  id: 0,
  versions: { min: 0, max: 1, latestStable: 1 },
  flexibleFrom: 1,
  encode: encodeTransactionLogValue,
  decode: decodeTransactionLogValue,
}

/** All of them, in the order of their schemas. */
export const transactionLogTypes: readonly RecordType[] = [
  transactionLogKey,
  transactionLogValue,
]
