/**
 * TransactionAdmission: what stands between a transactional write and a partition's log: the partition must be part of the
 * producer's open transaction, or nothing would ever end what is written. Asks the coordinator, wherever it is; all nodes
 * share one engine. Owner of the lines of batches that wait for the end of the transaction before theirs.
 *
 * Answers at once where nothing has to wait for a disk, so that batches stay in order.
 */
import { type Clock, KafkaError } from '@samsa/runtime'
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
  /** By transactional id: resolves when nobody waits any more. */
  readonly #lines = new Map<string, Promise<unknown>>()

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /**
   * For batches, one behind the other. A partition that joins by itself finds the transaction before often still ending: that
   * takes less time than it takes a producer to send the batch again.
   */
  admitInLine(request: AdmissionRequest): AdmissionCodes {
    const { transactionalId, support } = request
    const ahead = this.#lines.get(transactionalId)
    const codes = ahead === undefined ? this.admit(request) : ahead.then(() => this.admit(request))
    const mayWait = support === 'joins' && (codes instanceof Promise || codes.includes(CONCURRENT))
    if (!mayWait) return codes
    const outcome = this.#patiently(request, codes)
    const line = outcome.catch(() => undefined)
    this.#lines.set(transactionalId, line)
    void line.then(() => {
      if (this.#lines.get(transactionalId) === line) this.#lines.delete(transactionalId)
    })
    return outcome
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
    const count = request.partitions.reduce((sum, { partitions }) => sum + [...partitions].length, 0)
    const all = (code: number): number[] => new Array<number>(count).fill(code)
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
    if (error.code === 'NOT_COORDINATOR') this.#options.runtime.follow()
    return all(codeOf(error.code))
  }
}

/** What a client of that generation understands. */
function codeFor(code: number, support: AdmissionSupport): number {
  if (code === codeOf('PRODUCER_FENCED')) return codeOf('INVALID_PRODUCER_EPOCH')
  if (code === codeOf('TRANSACTION_ABORTABLE') && support === 'none') return codeOf('INVALID_TXN_STATE')
  return code
}
