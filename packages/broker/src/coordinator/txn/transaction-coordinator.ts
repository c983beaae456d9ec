/**
 * TransactionCoordinator: transactions as one node serves them. Checks what can be checked without an id's state, finds the
 * shard that keeps it, and turns what goes wrong into codes. Owner of nothing: shards are the runtime's.
 */
import { KafkaError } from '@samsa/runtime'
import { type Coordinators, coordinatorTypes } from '../../cluster/coordinators.js'
import { codeOf } from '../../cluster/partitions.js'
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
  readonly #nodeId: number
  readonly #runtime: CoordinatorRuntime<TransactionShard>
  readonly #coordinators: Coordinators
  readonly #maxTimeoutMs: number

  constructor(options: TransactionCoordinatorOptions) {
    this.#nodeId = options.nodeId
    this.#runtime = options.runtime
    this.#coordinators = options.coordinators
    this.#maxTimeoutMs = options.maxTimeoutMs
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
    return this.#orCode<number[][] | number>(transactionalId, shard => ({
      step: {},
      result: shard.verify(transactionalId, request),
    }))
  }

  describe<Result>(
    transactionalId: string,
    read: (transaction: Transaction | undefined) => Result,
  ): Promise<Result | number> {
    if (transactionalId === '') return Promise.resolve(codeOf('INVALID_REQUEST'))
    return this.#orCode<Result | number>(transactionalId, shard => ({
      step: {},
      result: read(shard.get(transactionalId)),
    }))
  }

  /** All transactions that this node coordinates, as `read` sees them. Throws while not all of them are loaded. */
  async list<Result>(read: (transaction: Transaction) => Result): Promise<Result[]> {
    if (this.#runtime.isLoading) {
      throw new KafkaError('transactions are loading', { code: 'COORDINATOR_LOAD_IN_PROGRESS' })
    }
    const lists = this.#runtime.loaded().map(index =>
      this.#runtime.run(index, shard => ({
        step: {},
        result: [...shard.transactions()].filter(({ transactionalId }) => this.#isHere(transactionalId)).map(read),
      })),
    )
    return (await Promise.all(lists)).flat()
  }

  #isHere(transactionalId: string): boolean {
    return this.#coordinators.nodeOf(coordinatorTypes.transaction, transactionalId) === this.#nodeId
  }

  async #orCode<Result>(
    transactionalId: string,
    decide: (shard: TransactionShard, at: Moment) => { readonly step: Step; readonly result: Result },
  ): Promise<Result | number> {
    if (!this.#isHere(transactionalId)) return codeOf('NOT_COORDINATOR')
    try {
      return await this.#runtime.run(this.#coordinators.transactionPartition(transactionalId), decide)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const code = codeOf(error.code)
      // Its log was not usable when the partition got its leader, and may be by now: the client asks again.
      if (code === codeOf('NOT_COORDINATOR')) this.#runtime.follow()
      return code
    }
  }

  #replied(
    transactionalId: string,
    decide: (shard: TransactionShard, at: Moment, reply: Reply<ProducerAnswer>) => Step,
  ): Promise<ProducerAnswer> {
    if (transactionalId === '') return Promise.resolve(refusalOf(codeOf('INVALID_REQUEST')))
    return new Promise((resolve, reject) => {
      const decided = this.#orCode(transactionalId, (shard, at) => ({
        step: decide(shard, at, resolve),
        result: 0,
      }))
      decided.then(code => {
        if (code !== 0) resolve(refusalOf(code))
      }, reject)
    })
  }
}
