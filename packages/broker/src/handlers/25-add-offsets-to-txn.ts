/**
 * AddOffsetsToTxn: the partition that keeps a group's offsets becomes part of a transaction.
 *
 * Versions 0 to 4. Producers of the second generation do not ask: TxnOffsetCommit does it for them.
 */
import { type AddOffsetsToTxnRequest, type AddOffsetsToTxnResponse, addOffsetsToTxn } from '@samsa/protocol'
import { type Coordinators, GROUP_TOPIC } from '../cluster/coordinators.js'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { Handler } from '../server/context.js'
import { codeForVersion } from './transactional-codes.js'

interface Deps {
  readonly transactions: TransactionCoordinator
  readonly coordinators: Coordinators
}

export function addOffsetsToTxnHandler({
  transactions,
  coordinators,
}: Deps): Handler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> {
  return {
    api: addOffsetsToTxn,
    versions: { min: 0, max: 4 },
    handle: async ({ version }, { transactionalId, producerId, producerEpoch, groupId }) => {
      const { errorCode } = await transactions.add(transactionalId, {
        producerId: Number(producerId),
        producerEpoch,
        partitions: [{ topic: GROUP_TOPIC, partitions: [coordinators.groupPartition(groupId)] }],
        clientVersion: 0,
      })
      return { throttleTimeMs: 0, errorCode: codeForVersion(errorCode, version) }
    },
  }
}
