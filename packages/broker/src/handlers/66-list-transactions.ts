/**
 * ListTransactions: the transactional ids that this broker coordinates.
 *
 * Versions 0 to 2; by how long a transaction is open from version 1 on, by a pattern of ids from version 2 on. A state that
 * there is none of is told, and has no transactions.
 */
import {
  type Decoded,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
  listTransactions,
} from '@samsa/protocol'
import { type Clock, KafkaError } from '@samsa/runtime'
import { codeOf } from '../cluster/partitions.js'
import { type PatternProgram, patternProgram, STEPS_AT_ONCE } from '../coordinator/pattern-program.js'
import { type Transaction, transactionStates } from '../coordinator/txn/transaction.js'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { Handler } from '../server/context.js'

interface Deps {
  readonly transactions: TransactionCoordinator
  readonly clock: Clock
}

export function listTransactionsHandler({
  transactions,
  clock,
}: Deps): Handler<ListTransactionsRequest, ListTransactionsResponse> {
  return {
    api: listTransactions,
    versions: { min: 0, max: 2 },
    handle: async (_context, request) => {
      const { transactionalIdPattern: text } = request
      const pattern = text === null || text === '' ? undefined : patternProgram(text)
      const names: readonly string[] = transactionStates
      const unknownStateFilters = request.stateFilters.filter(state => !names.includes(state))
      const nowMs = clock.now()
      const all = await transactions.list(transaction => transaction)
      const asked = all.filter(each => isAsked(each, request, nowMs))
      const listed = pattern === undefined ? asked : await matching(asked, pattern)
      return {
        throttleTimeMs: 0,
        errorCode: 0,
        unknownStateFilters,
        transactionStates: listed.map(({ transactionalId, producerId, state }) => ({
          transactionalId,
          producerId: BigInt(producerId),
          transactionState: state,
        })),
      }
    },
    failure: (_context, _request, error) => (error instanceof KafkaError ? nothing(error.code) : undefined),
  }
}

function isAsked(
  { producerId, state, startMs }: Transaction,
  { producerIdFilters, stateFilters, durationFilter }: Decoded<ListTransactionsRequest>,
  nowMs: number,
): boolean {
  if (producerIdFilters.length > 0 && !producerIdFilters.includes(BigInt(producerId))) return false
  if (stateFilters.length > 0 && !stateFilters.includes(state)) return false
  return durationFilter < 0n || BigInt(nowMs - startMs) > durationFilter
}

/** A part at a time: what a pattern costs for ten thousand ids keeps nobody waiting. */
async function matching(transactions: readonly Transaction[], pattern: PatternProgram): Promise<Transaction[]> {
  const matched: Transaction[] = []
  let left = STEPS_AT_ONCE
  for (const each of transactions) {
    if (left <= 0) {
      await new Promise(resolve => setImmediate(resolve))
      left = STEPS_AT_ONCE
    }
    if (pattern.matches(each.transactionalId)) matched.push(each)
    left -= pattern.stepsFor(each.transactionalId)
  }
  return matched
}

function nothing(code: string): ListTransactionsResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(code), unknownStateFilters: [], transactionStates: [] }
}
