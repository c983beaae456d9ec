/**
 * TransactionAdmission: what stands between a transactional write and a partition's log: the partition must be part of the
 * producer's open transaction, or nothing would ever end what is written. Asks the coordinator, wherever it is; all nodes
 * share one engine. Owner of nothing.
 *
 * Answers at once where nothing has to wait for a disk, so that batches stay in order.
 */
import { KafkaError } from '@samsa/runtime'
import type { Coordinators } from '../../cluster/coordinators.js'
import { codeOf } from '../../cluster/partitions.js'
import type { PartitionsOfTopic } from './transaction.js'
import type { ProducerIdentity } from './transaction-rules.js'
import type { TransactionRuntime } from './transaction-runtime.js'

/** What the client's generation knows: nothing, that a transaction can be aborted, or that partitions join by themselves. */
export type AdmissionSupport = 'none' | 'abortable' | 'joins'

export interface AdmissionRequest extends ProducerIdentity {
  readonly transactionalId: string
  readonly partitions: readonly PartitionsOfTopic[]
  readonly support: AdmissionSupport
}

/** In the order of naming. */
export type AdmissionCodes = readonly number[] | Promise<readonly number[]>

export class TransactionAdmission {
  readonly #runtime: TransactionRuntime
  readonly #coordinators: Coordinators

  constructor(runtime: TransactionRuntime, coordinators: Coordinators) {
    this.#runtime = runtime
    this.#coordinators = coordinators
  }

  admit(request: AdmissionRequest): AdmissionCodes {
    const count = request.partitions.reduce((sum, { partitions }) => sum + [...partitions].length, 0)
    const all = (code: number): number[] => new Array<number>(count).fill(code)
    const { transactionalId, support } = request
    if (transactionalId === '') return all(codeOf('INVALID_REQUEST'))
    let codes: readonly number[] | undefined
    const take = (found: readonly number[]): void => {
      codes = found.map(code => (code === 0 ? 0 : codeFor(code, support)))
    }
    const index = this.#coordinators.transactionPartition(transactionalId)
    const asked = this.#runtime.run(index, (shard, at) => {
      if (support === 'joins') {
        const joining = { ...request, clientVersion: 2 } as const
        const reply = ({ errorCode }: { readonly errorCode: number }): void => take(all(errorCode))
        return { step: shard.add(transactionalId, joining, reply, at), result: undefined }
      }
      const found = shard.verify(transactionalId, { ...request, clientVersion: 0 }).flat()
      return {
        step: { answers: [{ give: () => take(found), refuse: code => take(all(code)) }] },
        result: undefined,
      }
    })
    const waiting = asked.then(
      () => codes ?? all(codeOf('COORDINATOR_NOT_AVAILABLE')),
      error => this.#failed(error, all),
    )
    return codes ?? waiting
  }

  #failed(error: unknown, all: (code: number) => number[]): number[] {
    if (!(error instanceof KafkaError)) throw error
    if (error.code === 'NOT_COORDINATOR') this.#runtime.follow()
    return all(codeOf(error.code))
  }
}

/** What a client of that generation understands. */
function codeFor(code: number, support: AdmissionSupport): number {
  if (code === codeOf('PRODUCER_FENCED')) return codeOf('INVALID_PRODUCER_EPOCH')
  if (code === codeOf('TRANSACTION_ABORTABLE') && support === 'none') return codeOf('INVALID_TXN_STATE')
  return code
}
