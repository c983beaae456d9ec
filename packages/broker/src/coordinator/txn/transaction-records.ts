/**
 * How transactions are written: Kafka's own records of `__transaction_state`, both ways. Pure.
 */
import {
  coordinatorKeyType,
  decodeVersioned,
  encodeVersioned,
  transactionLogKey,
  transactionLogValue,
} from '@samsa/protocol'
import type { CoordinatorRecord } from '../shard.js'
import {
  NO_EPOCH,
  partitionLists,
  type Transaction,
  type TransactionVersion,
  transactionStates,
} from './transaction.js'

/** Version 0 is what clusters write that have not agreed on `transaction.version` 1 yet. */
export function transactionRecord(transaction: Transaction, serverVersion: TransactionVersion): CoordinatorRecord {
  const version = serverVersion === 0 ? 0 : 1
  const { state, clientVersion } = transaction
  const partitions = partitionLists(transaction.partitions)
  const value = {
    producerId: BigInt(transaction.producerId),
    producerEpoch: transaction.producerEpoch,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStatus: transactionStates.indexOf(state),
    transactionPartitions:
      state === 'Empty' ? null : partitions.map(({ topic, partitions: partitionIds }) => ({ topic, partitionIds })),
    transactionLastUpdateTimestampMs: BigInt(transaction.lastUpdateMs),
    transactionStartTimestampMs: BigInt(transaction.startMs),
    ...(version > 0 && {
      previousProducerId: BigInt(transaction.previousProducerId),
      nextProducerId: BigInt(transaction.nextProducerId),
      clientTransactionVersion: clientVersion,
    }),
  }
  return { key: keyOf(transaction.transactionalId), value: encodeVersioned(transactionLogValue, value, version) }
}

/** The id is forgotten. */
export function transactionTombstone(transactionalId: string): CoordinatorRecord {
  return { key: keyOf(transactionalId), value: null }
}

/** Undefined for records of another kind; `transaction` is undefined where the id is forgotten. */
export function transactionOf({
  key,
  value,
}: CoordinatorRecord): { readonly transactionalId: string; readonly transaction: Transaction | undefined } | undefined {
  if (coordinatorKeyType(key) !== transactionLogKey.id) return undefined
  const { transactionalId } = decodeVersioned(transactionLogKey, key)
  if (value === null) return { transactionalId, transaction: undefined }
  const read = decodeVersioned(transactionLogValue, value)
  const transaction: Transaction = {
    transactionalId,
    producerId: Number(read.producerId),
    previousProducerId: Number(read.previousProducerId),
    nextProducerId: Number(read.nextProducerId),
    producerEpoch: read.producerEpoch,
    lastProducerEpoch: NO_EPOCH,
    timeoutMs: read.transactionTimeoutMs,
    state: transactionStates[read.transactionStatus] ?? 'Dead',
    partitions: new Map((read.transactionPartitions ?? []).map(each => [each.topic, new Set(each.partitionIds)])),
    startMs: Number(read.transactionStartTimestampMs),
    lastUpdateMs: Number(read.transactionLastUpdateTimestampMs),
    clientVersion: read.clientTransactionVersion === 2 ? 2 : 0,
  }
  return { transactionalId, transaction }
}

function keyOf(transactionalId: string): Uint8Array {
  return encodeVersioned(transactionLogKey, { transactionalId }, 0)
}
