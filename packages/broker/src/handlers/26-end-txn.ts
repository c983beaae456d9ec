/**
 * EndTxn: a transaction is committed or aborted. Answered when the outcome stands; markers follow by themselves, and are in
 * their logs already where nothing has to wait for a disk.
 *
 * Versions 0 to 5. In version 5 the producer is told the epoch that it goes on with (KIP-890), and may ask again when it
 * does not know whether it was heard.
 */
import { type EndTxnRequest, type EndTxnResponse, endTxn } from '@samsa/protocol'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { Handler } from '../server/context.js'
import { codeForVersion } from './transactional-codes.js'

const FIRST_VERSION_WITH_EPOCHS = 5

export function endTxnHandler(transactions: TransactionCoordinator): Handler<EndTxnRequest, EndTxnResponse> {
  return {
    api: endTxn,
    versions: { min: 0, max: 5 },
    handle: async ({ version }, { transactionalId, committed, ...request }) => {
      const answer = await transactions.end(transactionalId, {
        producerId: Number(request.producerId),
        producerEpoch: request.producerEpoch,
        isCommit: committed,
        clientVersion: version >= FIRST_VERSION_WITH_EPOCHS ? 2 : 0,
      })
      const errorCode = codeForVersion(answer.errorCode, version)
      if (version < FIRST_VERSION_WITH_EPOCHS) return { throttleTimeMs: 0, errorCode }
      const { producerId, producerEpoch } = answer
      return { throttleTimeMs: 0, errorCode, producerId: BigInt(producerId), producerEpoch }
    },
  }
}
