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
import { RE2JS, RE2JSException } from 're2js'
import { codeOf } from '../cluster/partitions.js'
import { type Transaction, transactionStates } from '../coordinator/txn/transaction.js'
import type { TransactionCoordinator } from '../coordinator/txn/transaction-coordinator.js'
import type { Handler } from '../server/context.js'

const MAX_PATTERN_LENGTH = 4096

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
      const pattern = patternOf(request.transactionalIdPattern)
      const names: readonly string[] = transactionStates
      const unknownStateFilters = request.stateFilters.filter(state => !names.includes(state))
      if (pattern === 'invalid') return nothing('INVALID_REGULAR_EXPRESSION')
      const nowMs = clock.now()
      const all = await transactions.list(transaction => transaction)
      return {
        throttleTimeMs: 0,
        errorCode: 0,
        unknownStateFilters,
        transactionStates: all
          .filter(each => isAsked(each, request, nowMs) && (pattern?.matches(each.transactionalId) ?? true))
          .map(({ transactionalId, producerId, state }) => ({
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

/** RE2's syntax: the time that a stranger's pattern takes grows with its length and the text's, whatever it says. */
function patternOf(text: string | null): RE2JS | 'invalid' | undefined {
  if (text === null || text === '') return undefined
  if (text.length > MAX_PATTERN_LENGTH) return 'invalid'
  try {
    return RE2JS.compile(text)
  } catch (error) {
    if (error instanceof RE2JSException) return 'invalid'
    throw error
  }
}

function nothing(code: string): ListTransactionsResponse {
  return { throttleTimeMs: 0, errorCode: codeOf(code), unknownStateFilters: [], transactionStates: [] }
}
