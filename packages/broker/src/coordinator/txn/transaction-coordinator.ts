/**
 * TransactionCoordinator: transactions as one node serves them. Checks what can be checked without an id's state, and asks
 * the shard that keeps it. Owner of nothing: shards are the runtime's.
 */
import type { Coordinators } from '../../cluster/coordinators.js'
import { codeOf } from '../../cluster/partitions.js'
import { NodeShards } from '../node-shards.js'
import type { CoordinatorRuntime } from '../runtime.js'
import type { Moment, Reply, Step } from '../shard.js'
import type { Transaction } from './transaction.js'
import {
  type AddRequest,
  type EndRequest,
  type InitRequest,
  type ProducerAnswer,
  refusalOf,
} from './transaction-contract.js'
import type { TransactionShard } from './transaction-shard.js'

interface TransactionCoordinatorOptions {
  readonly nodeId: number
  readonly runtime: CoordinatorRuntime<TransactionShard>
  readonly coordinators: Coordinators
  readonly maxTimeoutMs: number
}

export class TransactionCoordinator {
  readonly #shards: NodeShards<TransactionShard>
  readonly #maxTimeoutMs: number

  constructor({ maxTimeoutMs, ...options }: TransactionCoordinatorOptions) {
    const partitionOf = (id: string): number => options.coordinators.transactionPartition(id)
    this.#shards = new NodeShards({ ...options, keyType: 'transaction', partitionOf })
    this.#maxTimeoutMs = maxTimeoutMs
  }

  init(transactionalId: string, request: InitRequest): Promise<ProducerAnswer> {
    if (transactionalId === '') return Promise.resolve(refusalOf(codeOf('INVALID_REQUEST')))
    if (request.timeoutMs <= 0 || request.timeoutMs > this.#maxTimeoutMs) {
      return Promise.resolve(refusalOf(codeOf('INVALID_TRANSACTION_TIMEOUT')))
    }
    return this.#replied(transactionalId, (shard, at, reply) => shard.init(transactionalId, request, reply, at))
  }

  add(transactionalId: string, request: AddRequest): Promise<ProducerAnswer> {
    return this.#replied(transactionalId, (shard, at, reply) => shard.add(transactionalId, request, reply, at))
  }

  end(transactionalId: string, request: EndRequest): Promise<ProducerAnswer> {
    return this.#replied(transactionalId, (shard, at, reply) => shard.end(transactionalId, request, reply, at))
  }

  /** Codes of the partitions in the order of naming, or one for all of them. */
  verify(transactionalId: string, request: AddRequest): Promise<number[][] | number> {
    if (transactionalId === '') return Promise.resolve(codeOf('INVALID_REQUEST'))
    return this.#shards.orCode<number[][] | number>(transactionalId, shard => ({
      step: {},
      result: shard.verify(transactionalId, request),
    }))
  }

  describe<Result>(
    transactionalId: string,
    read: (transaction: Transaction | undefined) => Result,
  ): Promise<Result | number> {
    if (transactionalId === '') return Promise.resolve(codeOf('INVALID_REQUEST'))
    return this.#shards.orCode<Result | number>(transactionalId, shard => ({
      step: {},
      result: read(shard.get(transactionalId)),
    }))
  }

  /** All transactions that this node coordinates, as `read` sees them. Throws while not all of them are loaded. */
  list<Result>(read: (transaction: Transaction) => Result): Promise<Result[]> {
    const shards = this.#shards
    return shards.all(shard =>
      [...shard.transactions()].filter(({ transactionalId }) => shards.isHere(transactionalId)).map(read),
    )
  }

  #replied(
    transactionalId: string,
    decide: (shard: TransactionShard, at: Moment, reply: Reply<ProducerAnswer>) => Step,
  ): Promise<ProducerAnswer> {
    if (transactionalId === '') return Promise.resolve(refusalOf(codeOf('INVALID_REQUEST')))
    return this.#shards.replied(transactionalId, decide, refusalOf)
  }
}
