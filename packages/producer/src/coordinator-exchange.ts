/**
 * CoordinatorExchange: one request to a coordinator, asked until there is an answer that another try would not change.
 * Connections, coordinators and pauses are the client's; here is what a transaction adds: errors that mean something else
 * than usual, and tries that nobody wants any more. Owns what the coordinator has told of its generation.
 */
import type { BrokerLink } from '@samsa/client'
import { type Api, type Decoded, errorByName } from '@samsa/protocol'
import type { Backoff } from '@samsa/runtime/internal'
import type { ProducerCluster } from './cluster.js'
import { asKafkaError } from './idempotence.js'
import { soonBackoff } from './soon-backoff.js'
import { type Failure, type Finding, failureOf, gravest } from './transaction-failures.js'
import type { Generation, TransactionRequest } from './transaction-states.js'

export interface CoordinatorExchangeOptions {
  readonly cluster: Pick<ProducerCluster, 'call' | 'clock' | 'random'>
  readonly retryBackoffMaxMs: number
  /** Ends every exchange. */
  readonly closing: AbortSignal
}

export interface Exchange<Request, Response> {
  readonly request: TransactionRequest
  readonly body: (version: number) => Request
  readonly to: { readonly transaction: string } | { readonly group: string }
  readonly findings: (response: Decoded<Response>) => readonly Finding[]
  /** Whether it is worth another try. */
  readonly isWanted: () => boolean
  readonly maxVersion?: number | undefined
  /** Ends it, whatever the broker makes of it. */
  readonly signal?: AbortSignal | undefined
}

const FEATURE = 'transaction.version'
const FIRST_IMPLICIT_LEVEL = 2
const NOT_COORDINATOR = 16

export class CoordinatorExchange {
  readonly #options: CoordinatorExchangeOptions
  readonly #soon: Backoff
  #generation: Generation = 1

  constructor(options: CoordinatorExchangeOptions) {
    this.#options = options
    const { retryBackoffMaxMs, cluster } = options
    this.#soon = soonBackoff(cluster.random, retryBackoffMaxMs)
  }

  /** As the coordinator of the transaction told at the last request. */
  get generation(): Generation {
    return this.#generation
  }

  async ask<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    { request, body, to, findings, isWanted, maxVersion, signal }: Exchange<Request, Response>,
  ): Promise<Decoded<Response> | Failure> {
    const { cluster, closing } = this.#options
    const stop = signal === undefined ? closing : AbortSignal.any([signal, closing])
    const forLink = (version: number, link: BrokerLink): Request => {
      if ('transaction' in to) this.#generation = link.feature(FEATURE) >= FIRST_IMPLICIT_LEVEL ? 2 : 1
      return body(version)
    }
    for (let attempt = 1; ; attempt++) {
      const options = {
        to,
        timeoutMs: Number.POSITIVE_INFINITY,
        signal: stop,
        maxVersion,
        errorCode: (response: Decoded<Response>) => clientCode(gravest(request, findings(response)), isWanted()),
      }
      const outcome = await cluster.call(api, forLink, options).then(
        response => gravest(request, findings(response)) ?? { response },
        (error: unknown) => failureOf(request, asKafkaError(error)),
      )
      if ('response' in outcome) return outcome.response
      if (!mayPass(outcome) || !isWanted() || stop.aborted) return outcome
      await cluster.clock.sleep(this.#soon.delayMs(attempt), { signal: stop }).catch(() => {})
      if (stop.aborted) return outcome
    }
  }
}

/** Whether another try may change it. */
function mayPass({ verdict }: Failure): boolean {
  return verdict === 'soon' || verdict === 'retry' || verdict === 'find-coordinator'
}

/** The error for the client, which tries again and finds coordinators; 0 for what is not its business. */
function clientCode(failure: Failure | undefined, isWanted: boolean): number {
  if (failure === undefined || !isWanted) return 0
  if (failure.verdict === 'find-coordinator') return NOT_COORDINATOR
  return failure.verdict === 'retry' ? (errorByName(failure.error.code)?.code ?? 0) : 0
}
