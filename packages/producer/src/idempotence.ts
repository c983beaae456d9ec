/**
 * ProducerIdentity: the id and epoch under which an idempotent producer numbers its batches. Asked of any broker before
 * the first batch goes; moved on without asking when a broker has lost track of us (KIP-360): under a new epoch numbers
 * begin at 0.
 */
import { initProducerId } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import type { ProducerCluster } from './cluster.js'
import type { Identity } from './partition-queue.js'

const HIGHEST_EPOCH = 0x7fff
const NO_TIMEOUT_MS = 0x7fff_ffff

export interface ProducerIdentityOptions {
  readonly cluster: Pick<ProducerCluster, 'call' | 'logger'>
  /** There is an identity now, or it cannot be had: then with the reason. */
  readonly onChange: (failure: KafkaError | undefined) => void
}

export class ProducerIdentity {
  readonly #options: ProducerIdentityOptions
  #current: Identity | undefined
  #isAsking = false

  constructor(options: ProducerIdentityOptions) {
    this.#options = options
  }

  /** Undefined until the broker has given one. The same object as long as it is the same identity. */
  get current(): Identity | undefined {
    return this.#current
  }

  /** Asks for one unless there is one or it is being asked for. */
  ensure(): void {
    if (this.#current !== undefined || this.#isAsking) return
    this.#isAsking = true
    this.#ask().then(
      identity => this.#settled(identity, undefined),
      (error: unknown) => this.#settled(undefined, asKafkaError(error)),
    )
  }

  /** The next epoch, or another id when the epochs are used up or the broker knows a later one. */
  moveOn(mustHaveNewId: boolean): void {
    const current = this.#current
    if (current === undefined) return
    const { producerId, producerEpoch } = current
    const isLast = producerEpoch >= HIGHEST_EPOCH
    this.#current = mustHaveNewId || isLast ? undefined : { producerId, producerEpoch: producerEpoch + 1 }
    this.#options.cluster.logger.info({ producerId, producerEpoch, mustHaveNewId }, 'sequence numbers begin anew')
  }

  async #ask(): Promise<Identity> {
    const request = { transactionalId: null, transactionTimeoutMs: NO_TIMEOUT_MS }
    const answer = await this.#options.cluster.call(initProducerId, request, {
      to: 'any',
      // It is no call of a user that waits: what waits for it has limits of its own.
      timeoutMs: Number.POSITIVE_INFINITY,
      errorCode: ({ errorCode }) => errorCode,
    })
    return { producerId: Number(answer.producerId), producerEpoch: answer.producerEpoch }
  }

  #settled(identity: Identity | undefined, failure: KafkaError | undefined): void {
    this.#isAsking = false
    this.#current = identity
    this.#options.onChange(failure)
  }
}

export function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KafkaError(`Something unexpected went wrong: ${message}`, { code: 'UNKNOWN_SERVER_ERROR', cause: error })
}
