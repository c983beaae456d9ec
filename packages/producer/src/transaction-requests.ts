/**
 * The requests of a transaction, and what their answers say of each part. Pure.
 */
import {
  type AddOffsetsToTxnRequest,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  type Decoded,
  type EndTxnRequest,
  errorOf,
  type InitProducerIdRequest,
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitRequestTopic,
  type TxnOffsetCommitResponse,
} from '@samsa/protocol'
import type { Identity } from './partition-queue.js'
import type { Finding } from './transaction-failures.js'
import type { GroupMetadata } from './transaction-offsets.js'

/** The last versions of a time when brokers added nothing to a transaction by themselves. */
export const LAST_EXPLICIT = { produce: 11, txnOffsetCommit: 4, endTxn: 4, addPartitionsToTxn: 3 } as const

const FIRST_TO_RAISE_EPOCH = 3
const FIRST_TO_KNOW_MEMBERS = 3
const UNSUPPORTED_VERSION = 35

export interface OffsetsToCommit {
  readonly group: GroupMetadata
  readonly topics: readonly TxnOffsetCommitRequestTopic[]
}

/** With an identity, it is the next epoch of it that is asked for. */
export function initProducerIdRequest(
  version: number,
  transactionalId: string,
  transactionTimeoutMs: number,
  identity: Identity | undefined,
): InitProducerIdRequest {
  if (identity === undefined) return { transactionalId, transactionTimeoutMs }
  if (version < FIRST_TO_RAISE_EPOCH) throw errorOf(UNSUPPORTED_VERSION, { api: 'InitProducerId' })
  return { transactionalId, transactionTimeoutMs, ...wireIdentity(identity) }
}

export function addPartitionsRequest(
  transactionalId: string,
  { producerId, producerEpoch }: Identity,
  partitions: Iterable<{ readonly topic: string; readonly partition: number }>,
): AddPartitionsToTxnRequest {
  const byTopic = new Map<string, number[]>()
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition])
  return {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: BigInt(producerId),
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [...byTopic].map(([name, numbers]) => ({ name, partitions: numbers })),
  }
}

export function addPartitionsFindings(response: Decoded<AddPartitionsToTxnResponse>): readonly Finding[] {
  return response.resultsByTopicV3AndBelow.flatMap(({ name, resultsByPartition }) =>
    resultsByPartition.map(({ partitionIndex, partitionErrorCode }) => ({
      code: partitionErrorCode,
      topic: name,
      partition: partitionIndex,
    })),
  )
}

export function addOffsetsRequest(
  transactionalId: string,
  identity: Identity,
  { groupId }: GroupMetadata,
): AddOffsetsToTxnRequest {
  return { transactionalId, ...wireIdentity(identity), groupId }
}

export function txnOffsetCommitRequest(
  version: number,
  transactionalId: string,
  identity: Identity,
  { group, topics }: OffsetsToCommit,
): TxnOffsetCommitRequest {
  const { groupId, generationId = -1, memberId = '', groupInstanceId = null } = group
  const request = { transactionalId, groupId, ...wireIdentity(identity), topics }
  if (version >= FIRST_TO_KNOW_MEMBERS) return { ...request, generationId, memberId, groupInstanceId }
  // Without its generation a member that was replaced would commit all the same.
  if (generationId > 0) throw errorOf(UNSUPPORTED_VERSION, { api: 'TxnOffsetCommit' })
  return request
}

export function txnOffsetCommitFindings(response: Decoded<TxnOffsetCommitResponse>): readonly Finding[] {
  return response.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, errorCode }) => ({ code: errorCode, topic: name, partition: partitionIndex })),
  )
}

export function endTxnRequest(transactionalId: string, identity: Identity, committed: boolean): EndTxnRequest {
  return { transactionalId, ...wireIdentity(identity), committed }
}

function wireIdentity({ producerId, producerEpoch }: Identity): { producerId: bigint; producerEpoch: number } {
  return { producerId: BigInt(producerId), producerEpoch }
}
