/**
 * TransactionAdmission: what stands between a transactional write and a partition's log: the partition must be part of the
 * producer's open transaction, or nothing would ever end what is written. Asks the coordinator, wherever it is; all nodes
 * share one engine. Owner of nothing.
 *
 * Answers at once where nothing has to wait for a disk, so that batches stay in order.
 */
import { type Clock, KafkaError } from '@samsa/runtime'
import type { Coordinators } from '../../cluster/coordinators.js'
import { codeOf } from '../../cluster/partitions.js'
import type { Step } from '../shard.js'
import type { PartitionsOfTopic } from './transaction.js'
import type { ProducerIdentity } from './transaction-rules.js'
import type { TransactionRuntime } from './transaction-runtime.js'
import type { TransactionShard } from './transaction-shard.js'

/** What the client's generation knows: nothing, that a transaction can be aborted, or that partitions join by themselves. */
export type AdmissionSupport = 'none' | 'abortable' | 'joins'

export interface AdmissionRequest extends ProducerIdentity {
  readonly transactionalId: string
  readonly partitions: readonly PartitionsOfTopic[]
  readonly support: AdmissionSupport
}

/** In the order of naming. */
export type AdmissionCodes = readonly number[] | Promise<readonly number[]>

export interface AdmissionSettings {
  /** Whether it is looked at that a partition was added, where that is a request of its own. */
  readonly verifies: () => boolean
  /** How long a batch waits for the end of the transaction before, and how often it is looked whether that has ended. */
  readonly longestWaitMs: number
  readonly pauseMs: number
}

interface AdmissionOptions {
  readonly runtime: TransactionRuntime
  readonly coordinators: Coordinators
  readonly clock: Clock
  readonly settings: AdmissionSettings
}

const CONCURRENT = codeOf('CONCURRENT_TRANSACTIONS')

export class TransactionAdmission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /**
   * For batches. A partition that joins by itself finds the transaction before often still ending: that takes less time than
   * it takes a producer to send the batch again.
   */
  admitPatiently(request: AdmissionRequest): AdmissionCodes {
    const codes = this.admit(request)
    const mayWait = request.support === 'joins' && (codes instanceof Promise || codes.includes(CONCURRENT))
    return mayWait ? this.#patiently(request, codes) : codes
  }

  async #patiently(request: AdmissionRequest, first: AdmissionCodes): Promise<readonly number[]> {
    const { clock, settings } = this.#options
    const latest = clock.monotonic() + settings.longestWaitMs
    let codes = await first
    while (codes.includes(CONCURRENT) && clock.monotonic() < latest) {
      await clock.sleep(settings.pauseMs)
      codes = await this.admit(request)
    }
    return codes
  }

  admit(request: AdmissionRequest): AdmissionCodes {
    const { runtime, coordinators, settings } = this.#options
    const all = (code: number): number[] => allOf(request, code)
    const { transactionalId, support } = request
    if (transactionalId === '') return all(codeOf('INVALID_REQUEST'))
    if (support !== 'joins' && !settings.verifies()) return all(0)
    let codes: readonly number[] | undefined
    const take = (found: readonly number[]): void => {
      codes = found.map(code => (code === 0 ? 0 : codeFor(code, support)))
    }
    const index = coordinators.transactionPartition(transactionalId)
    const asked = runtime.run(index, (shard, at) => {
      if (support === 'joins') {
        const joining = { ...request, clientVersion: 2 } as const
        const reply = ({ errorCode }: { readonly errorCode: number }): void => take(all(errorCode))
        return { step: shard.add(transactionalId, joining, reply, at), result: undefined }
      }
      const found = verifiedBy(shard, request)
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

  /** For who was admitted and had to wait for it: whether that still holds, at once. The transaction may have ended. */
  stillAdmitted(request: AdmissionRequest): readonly number[] {
    const { runtime, coordinators } = this.#options
    let codes: readonly number[] = allOf(request, codeOf('NOT_COORDINATOR'))
    const { transactionalId, support } = request
    const look = (shard: TransactionShard): { readonly step: Step; readonly result: undefined } => {
      codes = verifiedBy(shard, request).map(code => (code === 0 ? 0 : codeFor(code, support)))
      return { step: {}, result: undefined }
    }
    runtime.run(coordinators.transactionPartition(transactionalId), look).catch(() => undefined)
    return codes
  }

  #failed(error: unknown, all: (code: number) => number[]): number[] {
    if (!(error instanceof KafkaError)) throw error
    if (error.code === 'NOT_COORDINATOR') this.#options.runtime.follow()
    return all(codeOf(error.code))
  }
}

function verifiedBy(shard: TransactionShard, request: AdmissionRequest): number[] {
  return shard.verify(request.transactionalId, { ...request, clientVersion: 0 }).flat()
}

function allOf({ partitions: topics }: AdmissionRequest, code: number): number[] {
  const count = topics.reduce((sum, { partitions }) => sum + [...partitions].length, 0)
  return new Array<number>(count).fill(code)
}

/** What a client of that generation understands. */
function codeFor(code: number, support: AdmissionSupport): number {
  if (code === codeOf('PRODUCER_FENCED')) return codeOf('INVALID_PRODUCER_EPOCH')
  if (code === codeOf('TRANSACTION_ABORTABLE') && support === 'none') return codeOf('INVALID_TXN_STATE')
  return code
}
