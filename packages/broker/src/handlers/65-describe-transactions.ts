/**
 * DescribeTransactions: transactional ids, and where their transactions stand.
 *
 * Version 0.
 */
import {
  type DescribeTransactionsRequest,
  type DescribeTransactionsResponse,
  type DescribeTransactionsResponseTransactionState,
  describeTransactions,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import { partitionLists, type Transaction } from '../coordinator/txn/transaction.js'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { Handler } from '../server/context.js'

type State = DescribeTransactionsResponseTransactionState

export function describeTransactionsHandler(
  transactions: TransactionCoordinator,
): Handler<DescribeTransactionsRequest, DescribeTransactionsResponse> {
  return {
    api: describeTransactions,
    versions: { min: 0, max: 0 },
    handle: async (_context, { transactionalIds }) => {
      const states = transactionalIds.map(async transactionalId => {
        const found = await transactions.describe(transactionalId, told)
        return typeof found === 'number' ? stateOfNone(transactionalId, found) : (found ?? unknown(transactionalId))
      })
      return { throttleTimeMs: 0, transactionStates: await Promise.all(states) }
    },
  }
}

function told(transaction: Transaction | undefined): State | undefined {
  if (transaction === undefined) return undefined
  const { transactionalId, state, timeoutMs, startMs, producerId, producerEpoch, partitions } = transaction
  return {
    errorCode: 0,
    transactionalId,
    transactionState: state,
    transactionTimeoutMs: timeoutMs,
    transactionStartTimeMs: BigInt(startMs),
    producerId: BigInt(producerId),
    producerEpoch,
    topics: partitionLists(partitions),
  }
}

function unknown(transactionalId: string): State {
  return stateOfNone(transactionalId, codeOf('TRANSACTIONAL_ID_NOT_FOUND'))
}

/** What is said of an id beside an error. */
export function stateOfNone(transactionalId: string, errorCode: number): State {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0n,
    producerId: 0n,
    producerEpoch: 0,
    topics: [],
  }
}
